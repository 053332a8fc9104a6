"""What all whole-terminal views share: header on top, keys at the foot, the snapshot in between."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from procedures.signals.values import Snapshot
from widgets.header_bar import HeaderBar, Heading
from widgets.key_bar import KeyBar

if TYPE_CHECKING:
    from tui.app import ConsoleApp


class ConsoleScreen(Screen[None]):
    """A view between the header and the keys; the app hands it each new snapshot."""

    DEFAULT_CSS = "ConsoleScreen { layout: vertical; overflow: hidden; }"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (70, "-normal"), (130, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (18, "-medium"), (36, "-tall")]

    is_ready = False
    """Whether the widgets are there; a screen is in the stack before it is."""

    @property
    def console(self) -> "ConsoleApp":
        """The app, as what it is."""
        from tui.app import ConsoleApp

        if not isinstance(self.app, ConsoleApp):
            raise TypeError("a console screen belongs to the console")
        return self.app

    def compose(self) -> ComposeResult:
        """Build header, body and keys."""
        yield HeaderBar()
        yield from self.body()
        yield KeyBar()

    def body(self) -> Iterable[Widget]:
        """Return the widgets between header and keys."""
        raise NotImplementedError

    def show(self, snapshot: Snapshot) -> None:
        """Take over a new snapshot; called for every screen of the present stack."""

    def show_heading(self, heading: Heading) -> None:
        """Take over a new heading, once a second."""
        self.query_one(HeaderBar).show(heading)

    def on_mount(self) -> None:
        """Show what is already known, and the keys whenever they change."""
        self.is_ready = True
        self.bindings_updated_signal.subscribe(self, lambda _: self.show_keys())
        self._catch_up()

    def on_screen_resume(self) -> None:
        """Catch up with what happened while another screen was on top."""
        if self.is_ready:
            self._catch_up()

    def _catch_up(self) -> None:
        self.show_heading(self.console.heading())
        if self.console.snapshot is not None:
            self.show(self.console.snapshot)
        self.show_keys()

    def show_keys(self) -> None:
        """Write the keys that work here into the key bar."""
        if not self.is_attached:
            return
        shown = [each.binding for each in self.active_bindings.values() if each.enabled]
        keys = {
            binding.description: self.app.get_key_display(binding)
            for binding in reversed(shown)
            if binding.show and binding.description
        }
        self.query_one(KeyBar).show([(key, words) for words, key in reversed(keys.items())])
