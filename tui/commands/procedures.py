"""``quarterdeck procedures``: find, read and export procedures and reference pages."""

import argparse
import json
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tui.commands.arguments import Parser, add_procedures_option, add_settings_options
from tui.commands.shelf import entry_named, library_of

if TYPE_CHECKING:
    from procedures.library.entry import Entry

_EPILOG = """\
examples:
  quarterdeck procedures list                          everything, by theme
  quarterdeck procedures list flush cache              by words of titles, texts and commands
  quarterdeck procedures list alert:CacheDown          by alert; also theme: severity: role:
                                                       method: level:
  quarterdeck procedures show rolling-restart | less   the whole document
  quarterdeck procedures show contacts                 a reference page
  quarterdeck procedures export rolling-restart restart.html
"""
_LIST_EPILOG = """\
exit status:
  0  something is found
  1  nothing is found
  2  a directory cannot be read
"""


def add_parser(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command and its verbs to the program."""
    parser = commands.add_parser(
        "procedures",
        help="find, read and export procedures",
        description="Find, read and export procedures and reference pages.",
        epilog=_EPILOG,
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    listing = verbs.add_parser(
        "list", help="list or search", description="List or search.", epilog=_LIST_EPILOG
    )
    listing.add_argument("query", nargs="*", metavar="WORD", help="word or filter")
    listing.add_argument("--json", action="store_true", help="print one JSON object instead")
    listing.set_defaults(run=_list, parser=listing)
    show = verbs.add_parser("show", help="print one", description="Print one document.")
    show.add_argument("id", metavar="ID")
    show.add_argument("--method", choices=("docker", "kubernetes", "systemd"), default="")
    show.set_defaults(run=_show, parser=show)
    export = verbs.add_parser(
        "export", help="write one as a file", description="Write one document to a new file."
    )
    export.add_argument("id", metavar="ID")
    export.add_argument("file", type=Path, metavar="FILE", help="ends in .md or .html")
    export.set_defaults(run=_export, parser=export)
    contents = verbs.add_parser(
        "contents",
        help="print the shipped catalogue's table of contents",
        description="Print the shipped catalogue's table of contents as Markdown.",
    )
    contents.set_defaults(run=_contents, parser=contents)
    for verb in (listing, show, export):
        add_settings_options(verb)
        add_procedures_option(verb)


def _list(arguments: argparse.Namespace) -> int:
    from procedures.library.query import parse_query

    with library_of(arguments) as library:
        library.read_all()
        found = library.search(parse_query(" ".join(arguments.query)))
    if arguments.json:
        print(json.dumps({"procedures": [_plain(entry) for entry in found]}, indent=2))
        return 0 if found else 1
    width = max((len(entry.id) for entry in found), default=0)
    for entry in found:
        word = entry.kind.value if entry.kind.value != "procedure" else entry.level.value
        about = entry.problem or f"{entry.title}. {entry.summary}"
        print(f"{word:<11}  {entry.id:<{width}}  {about}")
    return 0 if found else 1


def _plain(entry: "Entry") -> dict[str, object]:
    from procedures.library.entry import dump

    fields: dict[str, object] = json.loads(dump(entry))
    return fields


def _show(arguments: argparse.Namespace) -> int:
    from widgets.document_lines import render_document

    _, markdown = _document(arguments)
    width = shutil.get_terminal_size((100, 24)).columns if sys.stdout.isatty() else 100
    rendered = render_document(markdown, min(width, 120), method=arguments.method)
    for line in rendered.lines:
        print("".join(text for text, _ in line).rstrip())
    return 0


def _export(arguments: argparse.Namespace) -> int:
    from procedures.library.export import rendered, write_new

    title, markdown = _document(arguments)
    write_new(arguments.file, rendered(title, markdown, arguments.file.suffix))
    print(f"Written: {arguments.file}")
    return 0


def _contents(arguments: argparse.Namespace) -> int:
    from procedures.library.contents import contents

    print(contents(), end="")
    return 0


def _document(arguments: argparse.Namespace) -> tuple[str, str]:
    """Return title and Markdown of the document that is asked for."""
    from procedures.library.export import markdown_of

    with library_of(arguments) as library:
        entry = entry_named(library, arguments.id)
        if page := library.page(entry):
            return entry.title, page.markdown
        return entry.title, markdown_of(library.open(entry).procedure)
