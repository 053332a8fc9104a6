"""One line of text: a reason, a note, a value, a secret."""

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from procedures.execution.cleaning import clean_line, clean_text


class TextDialog(ModalScreen[str | None]):
    """Answers with the text; None when it was cancelled. Empty text is not accepted.

    A secret shows as dots, and is given back exactly as it was typed.
    """

    DEFAULT_CSS = """
    TextDialog { align: center middle; background: $background 60%; }
    TextDialog Vertical {
        width: 90%; max-width: 80; height: auto; padding: 0 1;
        background: $surface; border: round $primary;
    }
    """
    BINDINGS = [Binding("escape", "dismiss(None)", "Cancel")]

    def __init__(self, title: str, prompt: str, *, value: str = "", secret: bool = False) -> None:
        super().__init__()
        self._title = title
        self._prompt = prompt
        self._value = value
        self._secret = secret

    def compose(self) -> ComposeResult:
        """Build the field."""
        box = Vertical()
        box.border_title = f"{clean_line(self._title)} · Enter accepts, Esc cancels".replace(
            "[", "("
        )
        with box:
            yield Static(clean_text(self._prompt), markup=False)
            yield Input(clean_line(self._value, limit=10_000), password=self._secret)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the text."""
        event.stop()
        if event.value.strip():
            # A blank may be part of a secret; around other text nobody means it.
            self.dismiss(event.value if self._secret else event.value.strip())
