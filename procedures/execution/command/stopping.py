"""Stopping a command with all that it started: INT, then TERM, then KILL; standard library only."""

import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from procedures.execution.command.descendants import descendants, signal_all, signal_group

_ESCALATION = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


@dataclass(slots=True, kw_only=True)
class Stop:
    """Ends a command step by step, with time in between.

    INT goes where Ctrl+C would go; TERM and KILL go to every descendant, also to those that left
    the command's process group.

    Attributes:
        mark: Notes each step among the output.
        reason: Why the command is stopped; empty while it is not.
    """

    grace_s: float
    mark: Callable[[str], None]
    reason: str = ""
    next_at: float = 0.0
    is_out_of_means: bool = False
    """KILL was sent, and the time after it is over."""
    signals: Iterator[signal.Signals] = field(default_factory=lambda: iter(_ESCALATION))

    def begin(self, reason: str) -> None:
        """Stop the command; the first reason counts."""
        self.reason = self.reason or reason

    def advance(self, group: int, foreground: int | None, *, has_ended: bool) -> None:
        """Take the next step if it is due.

        Args:
            group: The command's own process group.
            foreground: The group that has the command's terminal, if it has one.
            has_ended: Only what it started is left of the command.
        """
        if not self.reason or time.monotonic() < self.next_at:
            return
        number = next(self.signals, None)
        if number is None:
            # What was forked while the list was made.
            signal_all(descendants(), signal.SIGKILL)
            self.is_out_of_means = True
            return
        left = descendants()
        whom = f" to {_counted(len(left))} it left behind" if has_ended else ""
        self.mark(f"{self.reason}: sending {number.name}{whom}")
        if number is signal.SIGINT:
            for each in {group, foreground or group}:
                signal_group(each, number)
        else:
            signal_group(group, number)
            signal_all(left, number)
        self.next_at = time.monotonic() + self.grace_s


def _counted(number: int) -> str:
    return "1 process" if number == 1 else f"{number} processes"
