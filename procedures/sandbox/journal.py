"""What the sandbox has to say: log lines for files, events for the cluster's history."""

from collections import deque
from dataclasses import dataclass

_KEPT_EVENTS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of a log; ``at`` is a Unix time, ``source`` the container it comes from."""

    at: float
    source: str
    level: str
    target: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One event as an orchestrator would list it; ``at`` is a Unix time.

    Attributes:
        number: Counts the events.
        about: Name of a process.
        generation, revision: Which of the processes of that name, and what it ran.
    """

    number: int
    at: float
    about: str
    kind: str
    reason: str
    text: str
    generation: int = 1
    revision: int = 0


class Journal:
    """Lines that wait to be written, and the last events.

    Attributes:
        happenings: The last events, oldest first.
        told: How many events there ever were.
    """

    def __init__(self) -> None:
        self._lines: list[LogLine] = []
        self.told = 0
        self.happenings: deque[Happening] = deque(maxlen=_KEPT_EVENTS)

    def log(self, at: float, source: str, level: str, target: str, text: str) -> None:
        """Add one line."""
        self._lines.append(LogLine(at=at, source=source, level=level, target=target, text=text))

    def happened(
        self,
        at: float,
        about: str,
        kind: str,
        reason: str,
        text: str,
        *,
        generation: int = 1,
        revision: int = 0,
    ) -> None:
        """Add one event; ``kind`` is Normal or Warning."""
        self.told += 1
        self.happenings.append(
            Happening(
                number=self.told,
                at=at,
                about=about,
                kind=kind,
                reason=reason,
                text=text,
                generation=generation,
                revision=revision,
            )
        )

    def take(self) -> list[LogLine]:
        """Return the lines that are not written yet, once."""
        lines, self._lines = self._lines, []
        return lines
