"""What of a walk is news, and whoever makes lines of it."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from procedures.execution.cleaning import Cleaner
from procedures.execution.run.run import CheckResult, Run
from procedures.execution.unattended.orders import Halted, TurnTaken
from procedures.execution.walking.progress import (
    CheckJudged,
    OutputArrived,
    Progress,
    StepBegan,
    StepEnded,
    TerminalPrinted,
    WaitTicked,
)

News = StepBegan | OutputArrived | CheckJudged | WaitTicked | StepEnded | TurnTaken

_WAIT_EVERY_S = 60.0
"""How often a wait that goes on is told."""

VERDICTS: Mapping[bool | None, str] = {True: "ok", False: "FAILED", None: "unknown"}


class Lines(Protocol):
    """Makes lines of what is told of a walk."""

    def begun(self, run: Run, *, resumed: bool) -> Iterator[str]:
        """Yield what there is to say of the run as a whole."""

    def told(self, told: News) -> Iterator[str]:
        """Yield the lines of one thing that was told."""

    def halted(self, halted: Halted, run: Run, *, status: int, unshared: int) -> Iterator[str]:
        """Yield why the walk does not go on, and what to add to the command.

        Args:
            halted: Why.
            run: As it is now.
            status: What the command exits with.
            unshared: How many facts only this machine knows, for want of the shared ledger.
        """

    def interrupted(self, run: Run) -> Iterator[str]:
        """Yield what becomes of the run when this process is told to end."""


class Sieve:
    """Lets through what is new: checks are tried again and again, and waits tick every second."""

    def __init__(self) -> None:
        self._verdicts: dict[str, bool | None] = {}
        self._wait: WaitTicked | None = None
        self._cleaner = Cleaner()

    def news(self, told: Progress | TurnTaken) -> News | None:
        """Return what is to be told, as text; None for nothing new."""
        match told:
            case TerminalPrinted(data):
                return OutputArrived(self._cleaner.feed(data))
            case StepBegan():
                self._verdicts.clear()
                self._wait = None
            case CheckJudged(result):
                if self._verdicts.get(result.text, ...) == result.passed:
                    return None
                self._verdicts[result.text] = result.passed
            case WaitTicked():
                if self._ticks_on(told):
                    return None
                self._wait = told
        return told

    def _ticks_on(self, told: WaitTicked) -> bool:
        before = self._wait
        return (
            before is not None
            and before.holding == told.holding
            and before.remaining_s - told.remaining_s < _WAIT_EVERY_S
        )


def check_text(result: CheckResult) -> str:
    """Return a check with its verdict."""
    return f"{VERDICTS[result.passed]}: {result.text}: {result.detail}"


def check_plain(result: CheckResult) -> dict[str, object]:
    """Return a check for programs."""
    return {"check": result.text, "passed": result.passed, "detail": result.detail}
