"""A short list to choose one thing from."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static

from procedures.execution.cleaning import clean_line, clean_text
from widgets.line_list import LineList
from widgets.strips import Line


class ChoiceDialog(ModalScreen[int | None]):
    """Answers with the number of the chosen row; None when nothing was chosen.

    Args:
        title: A few words for the frame.
        choices: The rows.
        about: What there is to know first, as long as it takes.
    """

    DEFAULT_CSS = """
    ChoiceDialog { align: center middle; background: $background 60%; }
    ChoiceDialog Vertical {
        width: 90%; max-width: 90; height: auto; max-height: 90%; padding: 0 1;
        background: $surface; border: round $primary;
    }
    ChoiceDialog .about { margin: 0 1 1 1; }
    ChoiceDialog LineList { height: auto; max-height: 20; background: $surface; }
    """
    BINDINGS = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, title: str, choices: Sequence[str], *, about: str = "") -> None:
        super().__init__()
        self._title = title
        self._about = about
        self._choices = tuple(choices)

    def compose(self) -> ComposeResult:
        """Build the list."""
        box = Vertical()
        box.border_title = f"{clean_line(self._title)} · Esc cancels".replace("[", "(")
        with box:
            if self._about:
                yield Static(clean_text(self._about), markup=False, classes="about")
            choices = LineList[str](_draw)
            choices.styles.height = len(self._choices)
            yield choices

    def on_mount(self) -> None:
        """Fill the list."""
        choices = self.query_one(LineList)
        choices.show(self._choices)
        choices.focus()

    def on_line_list_opened(self, event: LineList.Opened) -> None:
        """Answer."""
        self.dismiss(event.index)


def _draw(row: str, width: int, at_cursor: bool) -> Line:
    text = row if len(row) < width else f"{row[: width - 2]}…"
    return [(f" {text}" + " " * width, "cursor")] if at_cursor else [(f" {text}", "text")]
