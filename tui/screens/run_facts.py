"""What concerns a run as a whole: its effects that stand, who drives it, ways back, notes."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen

from widgets.run_page import run_page
from widgets.text_view import TextView

if TYPE_CHECKING:
    from procedures.execution.walking.walk import Walk


class RunFactsScreen(ModalScreen[None]):
    """One page over the walk; it stays true while the run moves on."""

    DEFAULT_CSS = """
    RunFactsScreen { align: center middle; background: $background 60%; }
    RunFactsScreen Vertical {
        width: 92%; max-width: 110; height: 85%; background: $surface; border: round $primary;
    }
    """
    BINDINGS = [Binding("escape,e,q", "dismiss", "Back")]

    def __init__(self, walk: "Walk") -> None:
        super().__init__()
        self._walk = walk

    def compose(self) -> ComposeResult:
        """Build the page."""
        box = Vertical()
        box.border_title = "The run · Esc closes"
        with box:
            yield TextView(id="facts")

    def on_mount(self) -> None:
        """Show the facts now and once a second."""
        self.query_one(TextView).focus()
        self.set_interval(1.0, self._show)
        self._show()

    def _show(self) -> None:
        walk = self._walk
        page = run_page(walk.run, no_undo=walk.course.without_undo())
        self.query_one(TextView).show(page)
