"""All keys of the screen beneath, and what the signs mean."""

from collections.abc import Callable, Iterable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen

from procedures.reference.states import State
from widgets.marks import GLYPHS
from widgets.strips import Line
from widgets.text_view import TextView

KeyRow = tuple[str, str, str]
"""The keys that do one thing, what they do, and more about it."""


def key_rows(bindings: Iterable[Binding], display: Callable[[Binding], str]) -> list[KeyRow]:
    """Return a row for each thing that keys do; what the key bar shows comes first."""
    rows: dict[str, KeyRow] = {}
    for binding in sorted(bindings, key=lambda each: not each.show):
        what = binding.description
        if what and not binding.system:
            keys, _, more = rows.get(what, ("", what, binding.tooltip))
            rows[what] = f"{keys} {display(binding)}".strip(), what, more
    return list(rows.values())


class HelpScreen(ModalScreen[None]):
    """A list of keys with what each does, read from the bindings themselves."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen TextView {
        width: 90%; max-width: 90; height: 90%; background: $surface; border: round $primary;
        padding: 0 1;
    }
    """
    BINDINGS = [Binding("escape,question_mark,q", "dismiss(None)", "Close")]

    def __init__(self, keys: list[KeyRow]) -> None:
        super().__init__()
        self._keys = keys

    def compose(self) -> ComposeResult:
        """Build the page."""
        page = TextView()
        page.border_title = "Help · Esc closes"
        yield page

    def on_mount(self) -> None:
        """Write the page."""
        lines: list[Line] = [[("Keys here", "title")]]
        for key, description, tooltip in self._keys:
            more = f" – {tooltip}" if tooltip else ""
            lines.append([(f"  {key:<14} ", "key"), (description, "strong"), (more, "dim")])
        lines += [[], [("Signs", "title")]]
        lines += [
            [(f"  {GLYPHS[state]} {state.value:<12} ", state.value), (meaning, "text")]
            for state, meaning in _MEANINGS.items()
        ]
        lines += [[(f"  {sign:<14} ", style), (meaning, "text")] for sign, style, meaning in _SIGNS]
        page = self.query_one(TextView)
        page.show(lines)
        page.focus()


_MEANINGS = {
    State.OK: "within target",
    State.WARNING: "between target and critical limit; the limits themselves belong here",
    State.CRITICAL: "beyond the critical limit",
    State.UNKNOWN: "not known, too old, or no traffic: never taken for good",
}
_SIGNS = (
    ("☐ ▶ ✓ ×", "text", "a step to do, running, passed, failed"),
    ("» ← ? &", "text", "skipped, undone, in doubt; its command runs in the background"),
    ("░ ▒ ▓  ◆", "text", "ok, warning and critical band; where the value lies"),
    ("┄ ─", "text", "target and critical limit in a chart"),
    ("↗ → ↘", "text", "trend: the last minutes against those before"),
)
