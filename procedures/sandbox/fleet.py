"""The replicas together: scaling, restarting and rolling over them."""

import math
from dataclasses import dataclass

from procedures.sandbox.fleet_size import REPLICAS
from procedures.sandbox.lifecycle import Lifecycle, Phase
from procedures.sandbox.pace import Pace
from procedures.sandbox.replica import Replica


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One roll-out of the deployment; ``at`` is a Unix time."""

    number: int
    at: float
    cause: str


class Fleet:
    """All replicas of the deployment, of which the first ``wanted`` shall run."""

    def __init__(self, *, now: float, pace: Pace) -> None:
        self.replicas = tuple(
            Replica(ordinal, Lifecycle(now=now, stop_s=pace.stop_s, start_s=pace.start_s))
            for ordinal in range(1, REPLICAS + 1)
        )
        self.wanted = REPLICAS
        self.revisions = [Revision(number=1, at=now, cause="initial deployment")]
        self._waiting: list[Replica] = []
        self._replacing: Replica | None = None

    @property
    def ready(self) -> tuple[Replica, ...]:
        """The replicas that serve."""
        return tuple(replica for replica in self.replicas if replica.process.ready)

    @property
    def revision(self) -> int:
        """Number of the newest revision."""
        return self.revisions[-1].number

    @property
    def due(self) -> float:
        """Unix time of the next change that comes by itself."""
        return min((replica.process.due for replica in self.replicas), default=math.inf)

    def replica(self, name: str) -> Replica | None:
        """Return the replica of that name, if there is one."""
        return next((replica for replica in self.replicas if replica.name == name), None)

    def scale(self, wanted: int, now: float) -> None:
        """Run the first ``wanted`` replicas and stop the others."""
        self.wanted = wanted
        self._waiting = [replica for replica in self._waiting if replica.ordinal <= wanted]
        if self._replacing is not None and self._replacing.ordinal > wanted:
            self._replacing = None
        for replica in self.replicas:
            if replica.ordinal <= wanted:
                if not replica.process.running:
                    replica.next_revision = self.revision
                replica.process.start(now)
            else:
                replica.process.stop(now)

    def roll(self, now: float, cause: str) -> None:
        """Begin to replace the replicas one at a time, those that are down first."""
        self.revisions.append(Revision(number=self.revision + 1, at=now, cause=cause))
        members = [replica for replica in self.replicas if replica.ordinal <= self.wanted]
        self._waiting = sorted(members, key=lambda replica: replica.process.running)
        self._replacing = None
        self._roll_on(now)

    @property
    def rolling(self) -> bool:
        """Whether a roll-out is under way."""
        return self._replacing is not None

    def advance(self, now: float) -> None:
        """Make due changes, and carry a roll-out on."""
        for replica in self.replicas:
            replica.advance(now)
        self._roll_on(now)

    def _roll_on(self, now: float) -> None:
        """Replace the next replica once the one before is ready again."""
        current = self._replacing
        if current is not None and not (
            current.process.ready and current.revision == self.revision
        ):
            return
        self._replacing = None
        if self._waiting:
            self._replacing = self._waiting.pop(0)
            self._replacing.next_revision = self.revision
            self._replacing.process.restart(now)

    def crashed(self) -> tuple[Replica, ...]:
        """Return the replicas that died."""
        return tuple(r for r in self.replicas if r.process.phase is Phase.CRASHED)
