"""What the console asks of a deployment, whatever its method."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.changes import Change
from procedures.targets.log_lines import LogLine
from procedures.targets.values import Holdings, Place, Unit, Use, Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuery:
    """Which part of a unit's log.

    Attributes:
        since: Lines written at that time or later; None for all that there are.
        tail: Of these, only so many of the last; None for all.
        follow: Go on with what is written from now on, until the unit ends.
        previous: Of the life before the last restart, where the target keeps it.
    """

    since: datetime | None = None
    tail: int | None = 1000
    follow: bool = False
    previous: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a program inside a unit printed, and its exit status."""

    status: int
    output: str
    complaint: str = ""


class Target(Protocol):
    """A deployment.

    Nothing is connected before the first question. Every question may raise SourceError, which says
    what is wrong and what to do; the next one tries again, so that a target recovers by itself when
    the cause goes. Every question ends within the target's own time limit, and none blocks the
    event loop.
    """

    @property
    def place(self) -> Place:
        """Which deployment it is; known without asking."""

    async def look(self) -> Holdings:
        """Return all that runs, as it is now.

        What may not be read, or is not there, is told in ``missing``; SourceError only if nothing
        is known at all.
        """

    def log(self, unit: Unit, query: LogQuery) -> AsyncGenerator[Sequence[LogLine], None]:
        """Yield batches of log lines of one unit, the oldest first.

        Whoever reads slowly slows down the source: nothing piles up. With ``follow`` an empty batch
        may come, and the end means that the unit ended or its connection broke.
        """

    async def changes(self, since: datetime) -> Sequence[Change]:
        """Return what happened since, as far as the target remembers, the oldest first."""

    def news(self) -> AsyncGenerator[Change, None]:
        """Yield what happens from now on; connects again by itself, and ends with the reader.

        Only while the target does not answer at all, SourceError.
        """

    def action(
        self, verb: Verb, workload: Workload, *, replicas: int | None = None
    ) -> Action | Refusal:
        """Return how to do something to a workload, or why that cannot be done; asks nobody.

        Args:
            verb: What to do.
            workload: As the last look showed it.
            replicas: With SCALE, how many units there shall be.
        """

    async def inside(self, unit: Unit, argv: Sequence[str]) -> Answer:
        """Run a program where the unit lives, without a shell, and return what it says.

        It must only read: nobody confirms it, and nothing records it. A program that is not there
        answers with status 126 or 127.
        """

    async def use(self, unit: Unit) -> Use:
        """Return what one unit uses at this moment."""

    async def aclose(self) -> None:
        """Release connections."""
