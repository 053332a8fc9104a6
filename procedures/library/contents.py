"""The table of contents of the shipped catalogue: its README, made from the documents."""

from collections.abc import Iterator

from procedures.library.entry import Entry
from procedures.library.library import Library
from procedures.library.pages import THEME, pages
from procedures.reference.coverage import load_coverage
from procedures.runbook.catalogue import SHIPPED

README = SHIPPED / "README.md"

_HEAD = """\
# The catalogue

Every procedure that comes with the console. This page is made from the documents:
`quarterdeck procedures contents` prints it.
"""


def contents() -> str:
    """Return the README of the shipped catalogue; blocks."""
    library = Library(pages=pages())
    entries = {entry.id: entry for entry in library.read_all().entries}
    library.close()
    return "\n".join((_HEAD, *_coverage(entries), *_themes(list(entries.values())))).rstrip() + "\n"


def _coverage(entries: dict[str, Entry]) -> Iterator[str]:
    yield "## What serves each section of the operations README\n"
    yield "| Part | Section | Documents |"
    yield "|---|---|---|"
    for section in load_coverage():
        served = (entries.get(name) for name in section.served_by)
        links = ", ".join(_link(entry) for entry in served if entry is not None)
        yield f"| {section.part} | {section.name} | {links} |"
    yield ""


def _themes(entries: list[Entry]) -> Iterator[str]:
    for theme in dict.fromkeys(entry.theme for entry in entries):
        if theme == THEME:
            continue
        yield f"## {theme.replace('-', ' ').capitalize()}\n"
        yield "| Procedure | Level | Methods | What for |"
        yield "|---|---|---|---|"
        for entry in entries:
            if entry.theme == theme:
                methods = ", ".join(method.value for method in entry.methods)
                yield f"| {_link(entry)} | {entry.level.value} | {methods} | {entry.summary} |"
        yield ""


def _link(entry: Entry) -> str:
    """Return a link from the catalogue's folder; a reference page is read in the console."""
    if entry.theme == THEME:
        return f"{entry.title} (reference page)"
    return f"[{entry.title}]({entry.theme}/{entry.path.name})"
