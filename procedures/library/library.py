"""The procedures at hand: a list at once, each document read when its turn comes; blocks."""

import hashlib
import sqlite3
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import procedures
from procedures.errors import DocumentError
from procedures.library.entry import Entry, Kind, broken_entry, entry_of
from procedures.library.head import unread_entry
from procedures.library.index import Index, Known
from procedures.library.pages import Page
from procedures.library.query import Query
from procedures.library.search import Names
from procedures.library.texts import Texts, texts_of
from procedures.runbook.documents import SHIPPED, Document, read_document
from procedures.runbook.scan import Found, documents

MOST_HITS = 300
ENOUGH_HITS = 12
"""As many exact matches make similar titles a distraction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """What stands on the shelf at one moment.

    Attributes:
        entries: All documents, by theme and title; of those with one id only the first can be used.
        unread: How many of them have yet to be read.
    """

    entries: tuple[Entry, ...] = ()
    unread: int = 0

    def get(self, id: str) -> Entry | None:
        """Return the document called ``id`` that can be used, or is yet to be read."""
        return next((e for e in self.entries if e.id == id and e.kind is not Kind.BROKEN), None)

    def for_alert(self, name: str) -> tuple[Entry, ...]:
        """Return the procedures that an alert leads to, those made for fewest alerts first."""
        leads = (each for each in self.entries if name in each.when)
        return tuple(sorted(leads, key=lambda each: len(each.when)))


class Library:
    """Documents of several directories, those of an earlier one before those of a later.

    Every method may be called from any thread; each takes its turn.

    Args:
        places: Directories or single documents; what a team wrote replaces what is shipped.
        index: File of the index; None keeps it in memory.
        pages: Reference pages that stand beside the documents.
    """

    def __init__(
        self,
        places: Sequence[Path] = (SHIPPED,),
        *,
        index: Path | None = None,
        pages: Iterable[Page] = (),
    ) -> None:
        self._places = tuple(places)
        self._pages = {page.source: page for page in pages}
        self._index_path = index
        self._index: Index | None = None
        self._turn = threading.RLock()
        self._known: dict[Path, Known] = {}
        self._heads: dict[Path, Known] = {}
        self._found: dict[Path, Found] = {}
        self._unreadable: dict[Path, Entry] = {}
        self._names = Names(())
        self.shelf = Shelf()

    def look(self) -> Shelf:
        """Look at the directories and return what stands there; nothing is parsed."""
        with self._turn:
            index = self._opened()
            found: dict[Path, Found] = {}
            self._unreadable = {}
            for place in (*self._places, *self._pages):
                found |= self._look_at(place, found)
            if found != self._found or not self.shelf.entries:
                gone = [path for path in self._known if self._is_ours(path) and path not in found]
                if gone:
                    index.forget(gone)
                    for path in gone:
                        del self._known[path]
                self._found = found
                self._arrange()
            return self.shelf

    def _look_at(self, place: Path, before: dict[Path, Found]) -> dict[Path, Found]:
        try:
            return {each.path: each for each in documents(place) if each.path not in before}
        except OSError as error:
            what = f"{place}: cannot be read: {error.strerror}"
            problem = DocumentError(what, fix="Check path and rights, or correct the settings")
            self._unreadable[place] = broken_entry(place, problem)
            return {}

    def _is_ours(self, path: Path) -> bool:
        return any(path == place or place in path.parents for place in self._places)

    def read(self, *, for_s: float) -> Shelf:
        """Read documents that are new or changed for about ``for_s`` seconds, at least one."""
        with self._turn:
            self._opened()
            until = time.monotonic() + for_s
            batch = []
            for found in self._unread():
                entry, texts = self._read(found)
                batch.append((found, entry, texts))
                self._known[found.path] = Known(found, entry)
                if time.monotonic() >= until:
                    break
            if batch:
                self._keep(batch)
                self._arrange()
            return self.shelf

    def _keep(self, batch: Sequence[tuple[Found, Entry, Texts]]) -> None:
        """Store what was read; where the disk does not take it, begin anew in memory."""
        try:
            self._opened().keep(batch)
        except sqlite3.Error:
            self._opened().close()
            self._index = Index(None, version=_version())
            self._known = {}

    def read_all(self) -> Shelf:
        """Look, and read whatever has changed."""
        shelf = self.look()
        while shelf.unread:
            shelf = self.read(for_s=1.0)
        return shelf

    def _unread(self) -> list[Found]:
        known = self._known
        return [f for f in self._found.values() if (k := known.get(f.path)) is None or k.found != f]

    def _read(self, found: Found) -> tuple[Entry, Texts]:
        if page := self._pages.get(found.path):
            return page.entry, texts_of(page.entry, None, page.markdown)
        try:
            document = read_document(found.path)
        except DocumentError as error:
            entry = broken_entry(found.path, error)
            return entry, texts_of(entry, None)
        entry = entry_of(document.procedure, notes=len(document.notes), foreign=document.foreign)
        return entry, texts_of(entry, document.procedure)

    def _arrange(self) -> None:
        unread = {found.path for found in self._unread()}
        entries = [
            self._head(found) if path in unread else self._known[path].entry
            for path, found in self._found.items()
        ]
        settled = [*_settled(entries), *self._unreadable.values()]
        self.shelf = Shelf(
            entries=tuple(sorted(settled, key=lambda e: (e.theme, e.title.lower(), e.path))),
            unread=len(unread),
        )
        self._names = Names(self.shelf.entries)

    def _head(self, found: Found) -> Entry:
        """Return what an unread document's head tells, read once for each state of its file."""
        if page := self._pages.get(found.path):
            return page.entry
        known = self._heads.get(found.path)
        if known is None or known.found != found:
            known = self._heads[found.path] = Known(found, unread_entry(found.path))
        return known.entry

    def search(self, query: Query) -> tuple[Entry, ...]:
        """Return the documents that a query asks for, best first; all of them without words.

        A document whose name holds the words goes before one whose text does, and that before one
        whose name only resembles them.
        """
        with self._turn:
            names = self._names if not query.filters else self._names_of(query)
            if not query.words:
                return tuple(names.entries)
            hits = dict.fromkeys(names.holding(query.words)[:MOST_HITS])
            if len(hits) < MOST_HITS:
                by_path = {entry.path: entry for entry in names.entries}
                paths = self._opened().search(query.words, limit=MOST_HITS)
                hits |= dict.fromkeys(by_path[path] for path in paths if path in by_path)
            if len(hits) < ENOUGH_HITS:
                hits |= dict.fromkeys(names.resembling(query.text))
            return tuple(hits)[:MOST_HITS]

    def _names_of(self, query: Query) -> Names:
        return Names([entry for entry in self.shelf.entries if query.admits(entry)])

    def page(self, entry: Entry) -> Page | None:
        """Return the reference page that an entry stands for, if it does."""
        return self._pages.get(entry.path)

    def open(self, entry: Entry) -> Document:
        """Read the document of an entry as it is at this moment.

        Raises:
            DocumentError: It has gone, or cannot be used as it is now.
        """
        document = read_document(entry.path)
        if not document.foreign:
            return document
        return replace(document, procedure=replace(document.procedure, id=entry.id))

    def close(self) -> None:
        """Close the index."""
        with self._turn:
            if self._index is not None:
                self._index.close()
                self._index = None

    def _opened(self) -> Index:
        if self._index is None:
            self._index = Index(self._index_path, version=_version())
            self._known = self._index.known()
        return self._index


def _settled(entries: Iterable[Entry]) -> Iterable[Entry]:
    """Let the first of several documents with one id stand.

    A shipped one that a team's own replaces is put away; any other is shown as broken.
    """
    first: dict[str, Entry] = {}
    for entry in entries:
        taken = None if entry.kind is Kind.BROKEN else first.setdefault(entry.id, entry)
        if taken is None or taken is entry:
            yield entry
        elif (other := f"{entry.theme}-{entry.id}") not in first and entry.foreign:
            first[other] = renamed = replace(entry, id=other)
            yield renamed
        elif SHIPPED not in entry.path.parents or SHIPPED in taken.path.parents:
            yield entry.broken_by(
                f"{entry.path}:1: id '{entry.id}' is taken by {taken.path}",
                "Give one of them another id and file name",
            )


def _version() -> str:
    """Return what changes with the code that reads documents: what it read is then read again."""
    root = Path(procedures.__file__).parent
    marks = []
    for room in ("runbook", "library", "risk"):
        for found in sorted((root / room).rglob("*.py")):
            status = found.stat()
            marks.append(f"{found}:{status.st_mtime_ns}:{status.st_size}")
    return hashlib.sha256("\n".join(marks).encode()).hexdigest()
