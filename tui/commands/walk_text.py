"""A walk as lines of text, one for each turn: for a pipe or a log."""

from collections.abc import Iterator

from procedures.clock import Clock
from procedures.execution.cleaning import clean_line
from procedures.execution.run.run import Run
from procedures.execution.unattended.orders import Halted, TurnTaken
from procedures.execution.walking.progress import (
    CheckJudged,
    OutputArrived,
    StepBegan,
    StepEnded,
    WaitTicked,
)
from tui.commands.walk_lines import News, check_text

_OUTPUT = "  | "
_LONGEST = 8192
"""Characters of output without an end of line that are held back."""


class TextLines:
    """Lines for people; nothing in them steers a terminal."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rest = ""

    def begun(self, run: Run, *, resumed: bool) -> Iterator[str]:
        """Yield one line on the run, and one on what it was given."""
        verb = "taken up" if resumed else "begun"
        place = f"{run.environment} ({run.method.value})"
        yield self._line("run", f"{run.id} {verb} by {run.driver.operator} in {place}: {run.title}")
        if run.inputs:
            inputs = ", ".join(f"{name}={value}" for name, value in run.inputs.items())
            yield self._line("inputs", inputs)

    def told(self, told: News) -> Iterator[str]:
        """Yield the lines of one thing that was told."""
        match told:
            case OutputArrived():
                yield from self._output(told.text)
            case StepBegan(record):
                level = f" ({record.level.value})" if record.level else ""
                yield self._line("began", f"{record.id}{level}: {record.title}")
            case StepEnded(record):
                yield from self._output_end()
                reason = f": {record.reason}" if record.reason else ""
                yield self._line(record.status.value, f"{record.id}{reason}")
            case CheckJudged(result):
                yield from self._output_end()
                yield self._line("check", check_text(result))
            case WaitTicked():
                state = "" if told.holding else ", the condition is broken"
                yield self._line("wait", f"{told.remaining_s:.0f} s left{state}")
            case TurnTaken():
                detail = f": {told.detail}" if told.detail else ""
                yield self._line(told.turn, f"{told.step_id}{detail}")

    def halted(self, halted: Halted, run: Run, *, status: int, unshared: int) -> Iterator[str]:
        """Yield why the walk does not go on, and what to do."""
        yield from self._output_end()
        word = run.outcome.value if not run.is_open else "stopped"
        yield self._line(word, halted.what)
        if halted.option:
            yield f"  add: {one_line(halted.option)}"
        if halted.fix:
            yield f"  {one_line(halted.fix)}"
        if unshared:
            yield f"  {unshared} facts are known to this machine only: call again to share them"
        if run.is_open and status:
            yield f"  then: call again, or `quarterdeck runs resume {run.id}`"

    def interrupted(self, run: Run) -> Iterator[str]:
        """Yield what becomes of the run."""
        yield from self._output_end()
        current = run.current
        going = current is not None and current.command_runs
        what = f"; the command of step {current.id} goes on" if current and going else ""
        yield self._line("left", f"{run.id} stays open{what}")
        yield f"  take it up: call again, or `quarterdeck runs resume {run.id}`"
        if going:
            yield f"  stop the command: `quarterdeck runs cancel {run.id}`"

    def _output(self, text: str) -> Iterator[str]:
        *lines, self._rest = (self._rest + text).split("\n")
        yield from (_OUTPUT + line for line in lines)
        if len(self._rest) > _LONGEST:
            yield from self._output_end()

    def _output_end(self) -> Iterator[str]:
        rest, self._rest = self._rest, ""
        if rest:
            yield _OUTPUT + rest

    def _line(self, word: str, text: str) -> str:
        return f"{self._clock.now():%H:%M:%S} {word:<11} {one_line(text)}"


def one_line(text: str) -> str:
    """Return ``text`` clean and on one line."""
    return clean_line(text, limit=2000)
