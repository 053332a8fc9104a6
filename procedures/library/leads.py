"""From an alert to what to do about it: its own annotation first, then the catalogue."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from procedures.library.entry import Entry, Kind
from procedures.library.library import Shelf

ANNOTATIONS = ("runbook", "runbook_url")
"""Names under which rules say where to read on."""


def leads_of(name: str, annotations: Mapping[str, str], shelf: Shelf) -> tuple[Entry, ...]:
    """Return the documents that an alert leads to, the one that it names itself first.

    An annotation names a document by an address or a path that ends in its id
    (``https://wiki/runbooks/cache-flush``, ``…/common-issues.md#cache-flush``) or in its path
    (``startup-shutdown/rolling-restart.md``).
    """
    named = (_named(annotations.get(each, ""), shelf.entries) for each in ANNOTATIONS)
    leads = [entry for entry in named if entry is not None]
    return tuple(dict.fromkeys([*leads, *shelf.for_alert(name)]))


def _named(address: str, entries: Sequence[Entry]) -> Entry | None:
    usable = [entry for entry in entries if entry.kind is not Kind.BROKEN]
    for candidate in _candidates(address.strip()):
        wanted = candidate.with_suffix("").parts
        for entry in usable:
            if wanted and entry.path.with_suffix("").parts[-len(wanted) :] == wanted:
                return entry
            if wanted[-1:] == (entry.id,):
                return entry
    return None


def _candidates(address: str) -> Iterator[PurePosixPath]:
    """Yield what an address may name: its fragment, its path and ever shorter ends of that."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return
    if parts.fragment:
        yield PurePosixPath(unquote(parts.fragment))
    names = [each for each in unquote(parts.path).split("/") if each not in ("", ".", "..")]
    for start in range(len(names)):
        yield PurePosixPath(*names[start:])
