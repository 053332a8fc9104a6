"""The first lines of a document: enough for its line in a list, long before it is parsed."""

import re
from pathlib import Path

from procedures.library.entry import Entry, Kind

HEAD_BYTES = 2048

_FIELD = re.compile(r"^(id|title|theme|summary):[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_HEADING = re.compile(r"^#{1,3}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)


def unread_entry(path: Path) -> Entry:
    """Return what the head of a document tells; of one that cannot be read, only its name."""
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES).decode("utf-8", "replace")
    except OSError:
        head = ""
    fields = {name: value.strip("\"'") for name, value in _FIELD.findall(head)}
    heading = _HEADING.search(head)
    title = fields.get("title") or (heading[1] if heading else path.stem)
    return Entry(
        path=path,
        kind=Kind.UNREAD,
        id=fields.get("id", path.stem),
        title=title,
        theme=fields.get("theme", path.parent.name),
        summary=fields.get("summary", ""),
    )
