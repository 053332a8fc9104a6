"""The terminal of a command that asks questions: who gets the keys, and in which order."""

from collections.abc import Awaitable
from typing import TYPE_CHECKING

from textual import work

from procedures.errors import ProcedureError
from procedures.execution.run.run import StepRecord
from procedures.runbook.model import Procedure
from tui.screens.walk_view import WalkView
from widgets.line_list import LineList
from widgets.terminal_view import TerminalView

if TYPE_CHECKING:
    from procedures.execution.walking.walk import Walk


class TerminalWalk(WalkView):
    """Gives the keys to a command that asks questions while it runs."""

    def __init__(self, procedure: Procedure) -> None:
        super().__init__(procedure)
        self._typed = b""
        self._is_typing = False

    def _begin_terminal(self, record: StepRecord) -> None:
        """Give the keys to a command that asks questions, as soon as it runs."""
        if self._walk is None or not record.command_runs:
            return
        command = self._walk.prepare(record.id).command
        if command is not None and command.interactive:
            self._pane.begin(record.title, terminal=True)
            self.add_class("-terminal")
            self.set_focus(self._pane.terminal)
            self._resize_terminal()

    def _leave_terminal(self) -> None:
        """Give the keys back to the console."""
        if self._pane.terminal.has_focus:
            self.set_focus(self.query_one("#checklist", LineList))

    def on_terminal_view_typed(self, event: TerminalView.Typed) -> None:
        """Hand the keys to the command, in order; those who only follow cannot type."""
        if self._walk is None or not self._walk.drives:
            return
        self._typed += event.data
        if not self._is_typing:
            self._is_typing = True
            self._type(self._walk)

    @work(name="type")
    async def _type(self, walk: "Walk") -> None:
        try:
            while self._typed:
                data, self._typed = self._typed, b""
                current = walk.run.current
                if current is not None and current.command_runs:
                    await self._guarded(walk.type_keys(current.id, data))
        finally:
            self._is_typing = False

    def on_terminal_view_resized(self) -> None:
        """Tell the command how large its terminal is now."""
        self._resize_terminal()

    def on_terminal_view_left(self) -> None:
        """Give the keys back to the console; the command goes on."""
        self._leave_terminal()
        self.refresh_bindings()

    @work(name="resize", group="resize", exclusive=True)
    async def _resize_terminal(self) -> None:
        walk = self._walk
        current = walk.run.current if walk else None
        if walk and current and walk.drives and current.command_runs and self._pane.shows_terminal:
            shown = self._pane.terminal.screen_shown
            await self._guarded(walk.resize(current.id, shown.rows, shown.cols))

    async def _guarded(self, turn: Awaitable[None]) -> None:
        try:
            await turn
        except ProcedureError as error:
            self.console.tell(error)
        if self.is_looking:
            self._paint()
