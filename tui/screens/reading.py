"""A whole document to read: its links lead on, and it can be exported."""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.binding import Binding
from textual.widget import Widget

from procedures.errors import ProcedureError
from procedures.library.entry import Entry
from tui.screens.base import ConsoleScreen
from widgets.banner import Banner
from widgets.document_view import DocumentView
from widgets.step_page import document_head
from widgets.strips import Line
from widgets.text_dialog import TextDialog

if TYPE_CHECKING:
    from procedures.library.commit import Commit
    from procedures.runbook.documents import Document

LOOK_EVERY_S = 2.0


class ReadingScreen(ConsoleScreen):
    """One document, kept as it is on disk while it is open."""

    DEFAULT_CSS = "ReadingScreen DocumentView { height: 1fr; padding: 0 1; }"
    BINDINGS = [
        Binding("w", "walk", "Walk", tooltip="Go through it step by step"),
        Binding("m", "method", "Methods", tooltip="Commands of this deployment method, or of all"),
        Binding("e", "export", "Export", tooltip="Write it as Markdown or HTML"),
        Binding("escape", "app.pop_screen", "Back"),
    ]

    def __init__(self, entry: Entry) -> None:
        super().__init__()
        self._entry = entry
        self._document: Document | None = None
        self._commit: Commit | None = None
        self._seen: tuple[int, int] | None = None
        self._all_methods = False

    def body(self) -> Iterable[Widget]:
        """Build the page."""
        yield Banner(self._entry.title)
        yield DocumentView(id="document")

    def on_mount(self) -> None:
        """Read the document, and again whenever its file changes."""
        self.query_one(DocumentView).focus()
        self._read()
        self.set_interval(LOOK_EVERY_S, self._look_again)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to walk what can be walked."""
        if action == "walk":
            watched = self.console.services.environment.watch_only
            return self._document is not None and not watched
        if action == "export":
            return self._document is not None or self._entry.kind.value == "page"
        if action == "method":
            return self._document is not None
        return super().check_action(action, parameters)

    def _look_again(self) -> None:
        if self.is_current:
            self._look()

    @work(name="look", group="look", exclusive=True)
    async def _look(self) -> None:
        if await asyncio.to_thread(_look_of, self._entry.path) != self._seen:
            self._read()

    @work(name="document", exclusive=True)
    async def _read(self) -> None:
        services = self.console.services
        self._seen = await asyncio.to_thread(_look_of, self._entry.path)
        if page := services.page(self._entry):
            self.query_one(DocumentView).show_document(page)
            return
        try:
            self._document = await services.document(self._entry)
        except ProcedureError as error:
            self._document = None
            self._show_error(error)
            return
        self._show()
        self._commit = await services.last_commit(self._entry.path)
        if self._commit is not None:
            self._show()

    def _show(self) -> None:
        if self._document is None:
            return
        from procedures.library.export import body_of

        document = self._document
        method = self.console.services.environment.method.value
        self.query_one(Banner).show(
            document.procedure.title,
            "all deployment methods" if self._all_methods else f"commands of {method}",
        )
        _title, *head = document_head(document.procedure, commit=self._commit, notes=document.notes)
        self.query_one(DocumentView).show_document(
            body_of(document.procedure),
            head=[*head, []],
            method="" if self._all_methods else method,
        )
        self.refresh_bindings()

    def _show_error(self, error: ProcedureError) -> None:
        lines: list[Line] = [[("× This document cannot be used as it is.", "critical")], []]
        problems = getattr(error, "problems", ())
        lines += [
            [(f"line {each.line}: ", "key"), (f"{each.text}. ", "text"), (each.fix, "dim")]
            for each in problems
        ]
        if not problems:
            lines += [[(error.what, "text")], [(error.fix, "dim")]]
        lines += [[], [(str(self._entry.path), "dim")]]
        self.query_one(DocumentView).show_document("", head=lines)
        self.query_one(Banner).show(self._entry.title, "broken", True)
        self.refresh_bindings()

    def action_method(self) -> None:
        """Show the commands of all deployment methods, or only of this environment's."""
        self._all_methods = not self._all_methods
        self._show()

    async def action_walk(self) -> None:
        """Walk the document."""
        await self.console.open_entry(self._entry)

    async def on_document_view_followed(self, event: DocumentView.Followed) -> None:
        """Open what a link leads to; the address of another site can only be copied."""
        from procedures.runbook.links import Link

        link = Link(event.address, 0)
        if link.path:
            entry = await self.console.entry_named(Path(link.path).stem)
            if entry is not None:
                await self.console.read_entry(entry)
        elif event.address.startswith("#"):
            self.query_one(DocumentView).go_to(event.address[1:])
        else:
            self.app.copy_to_clipboard(event.address)
            self.notify(f"Copied: {event.address}", markup=False, timeout=4)

    @work(name="export")
    async def action_export(self) -> None:
        """Write the document to a file whose suffix says how."""
        from procedures.library.export import rendered, write_new

        path = await self.app.push_screen_wait(
            TextDialog(
                "Export",
                "Where to: a name that ends in .md or .html",
                value=str(Path.home() / f"{self._entry.id}.html"),
            )
        )
        if path is None:
            return
        target = Path(os.path.expanduser(path))  # noqa: PTH111, ASYNC240 - reads no disk
        try:
            text = rendered(self._entry.title, self._markdown(), target.suffix)
            await asyncio.to_thread(write_new, target, text)
        except ProcedureError as error:
            self.console.tell(error)
        else:
            self.notify(f"Written: {target}", markup=False)

    def _markdown(self) -> str:
        from procedures.library.export import markdown_of

        page = self.console.services.page(self._entry)
        return markdown_of(self._document.procedure) if self._document else page


def _look_of(path: Path) -> tuple[int, int] | None:
    """Return what changes with a file; None if it is not there; blocks."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
