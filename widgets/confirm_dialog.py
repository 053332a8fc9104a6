"""The question before anything is changed: what, where, at what cost; Cancel has the focus."""

from collections.abc import Iterable
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

from procedures.execution.cleaning import clean_line, clean_text
from procedures.reference.levels import Level

GRACE_S = 0.5
"""Keys pressed this soon after the dialog appeared were meant for what was there before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an operator must see before saying yes.

    Attributes:
        facts: Pairs of a heading and its text: environment, target, command, what it affects…
        typed: The word to type; empty when a button is enough.
        blocked: Why it cannot be confirmed now (a failed precondition); empty if it can.
        may_override: A blocked step may still be confirmed, with a written reason.
        yes: What the button says that means it.
    """

    title: str
    level: Level
    facts: tuple[tuple[str, str], ...]
    typed: str = ""
    blocked: str = ""
    may_override: bool = False
    yes: str = "Go on"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The operator's answer."""

    confirmed: bool
    typed: str = ""
    reason: str = ""


class ConfirmDialog(ModalScreen[Decision]):
    """Asks one question; Escape and Cancel mean no, and so does anything unclear."""

    DEFAULT_CSS = """
    ConfirmDialog { align: center middle; background: $background 60%; }
    ConfirmDialog #box {
        width: 90%; max-width: 100; height: auto; max-height: 95%; padding: 0 1;
        background: $surface; border: heavy $warning;
    }
    ConfirmDialog.-destructive #box { border: heavy $error; }
    ConfirmDialog #facts { height: auto; max-height: 60vh; }
    ConfirmDialog .heading { color: $primary; text-style: bold; }
    ConfirmDialog .fact { padding: 0 0 0 2; }
    ConfirmDialog .blocked { color: $error; text-style: bold; }
    ConfirmDialog Input { margin: 1 0 0 0; background: $panel; }
    ConfirmDialog #buttons { height: 1; margin: 1 0 0 0; align-horizontal: right; }
    ConfirmDialog Button { margin: 0 0 0 2; min-width: 12; }
    """
    BINDINGS = [
        Binding("escape", "cancel", "Cancel"),
        Binding("up", "scroll_facts(-1)", "Up", show=False),
        Binding("down", "scroll_facts(1)", "Down", show=False),
        Binding("pageup", "scroll_facts(-8)", "Page up", show=False),
        Binding("pagedown", "scroll_facts(8)", "Page down", show=False),
    ]
    AUTO_FOCUS = ""

    def __init__(self, question: Question, *, grace_s: float = GRACE_S) -> None:
        super().__init__(classes=f"-{question.level.value}")
        self.question = question
        self._grace_s = grace_s

    def compose(self) -> ComposeResult:
        """Lay out facts, the word to type, the reason for an override, and the buttons."""
        question = self.question
        allowed = not question.typed and not question.blocked
        box = Vertical(id="box", disabled=True)
        box.border_subtitle = "↑ ↓ scroll · Tab · Esc cancels"
        title = clean_line(question.title)
        box.border_title = f"{question.level.value.upper()} · {title}".replace("[", "(")
        with box:
            with VerticalScroll(id="facts", can_focus=False):
                yield from self._facts()
            if question.blocked:
                yield Static(f"× {clean_text(question.blocked)}", markup=False, classes="blocked")
            if question.blocked and question.may_override:
                yield Input(
                    placeholder="Reason for going on all the same", id="reason", compact=True
                )
            if question.typed and (not question.blocked or question.may_override):
                yield Input(
                    placeholder=f"Type {question.typed} to confirm", id="typed", compact=True
                )
            with Horizontal(id="buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button(
                    Content(question.yes),
                    id="confirm",
                    variant="error",
                    disabled=not allowed,
                    compact=True,
                )

    def _facts(self) -> Iterable[Static]:
        for heading, text in self.question.facts:
            yield Static(clean_line(heading), markup=False, classes="heading")
            yield Static(clean_text(text), markup=False, classes="fact")

    def on_mount(self) -> None:
        """Listen only after a moment: what is disabled takes no focus, key or click."""
        self.set_timer(self._grace_s, self._listen)

    def _listen(self) -> None:
        self.query_one("#box").disabled = False
        # Widget.focus() waits its turn; a Tab that came before it would be undone by it.
        self.set_focus(self.query_one("#cancel"))

    @property
    def is_listening(self) -> bool:
        """Whether the dialog has been visible long enough to be answered."""
        return not self.query_one("#box").disabled

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let Escape wait as the buttons do."""
        return action != "cancel" or self.is_listening

    def _allowed(self) -> bool:
        question = self.question
        overridden = question.may_override and bool(self._text("#reason").strip())
        if question.blocked and not overridden:
            return False
        return not question.typed or self._text("#typed") == question.typed

    def _text(self, selector: str) -> str:
        found = self.query(selector).results(Input)
        return next((each.value for each in found), "")

    def on_input_changed(self) -> None:
        """Open the way once everything asked for is there."""
        self.query_one("#confirm", Button).disabled = not self._allowed()

    def on_input_submitted(self) -> None:
        """Enter in a field confirms when everything is there."""
        if self._allowed():
            self._answer(confirmed=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer."""
        self._answer(confirmed=event.button.id == "confirm" and self._allowed())

    def action_scroll_facts(self, lines: int) -> None:
        """Bring what did not fit into view."""
        self.query_one("#facts").scroll_relative(y=lines, animate=False)

    def action_cancel(self) -> None:
        """Answer no."""
        self._answer(confirmed=False)

    def _answer(self, *, confirmed: bool) -> None:
        self.dismiss(
            Decision(
                confirmed=confirmed,
                typed=self._text("#typed"),
                reason=self._text("#reason").strip(),
            )
        )
