"""Starting, stopping and failing of one process, as a function of time."""

import math
from enum import Enum


class Phase(Enum):
    """What a process is doing."""

    READY = "ready"
    STARTING = "starting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    CRASHED = "crashed"
    HUNG = "hung"


class Lifecycle:
    """One process; every order takes the present Unix time.

    Attributes:
        generation: Counts starts; a new one has lost all that was in memory.
        started_at: Unix time of the last start.
        ended_at: Unix time of the last end.
        since: Unix time at which the present phase began.
    """

    def __init__(self, *, now: float, stop_s: float, start_s: float) -> None:
        self.phase = Phase.READY
        self.generation = 1
        self.started_at = now
        self.ended_at = now
        self.since = now
        self._stop_s = stop_s
        self._start_s = start_s
        self._entered: list[tuple[float, Phase, int]] = []
        self._due = math.inf
        self._start_again = False

    @property
    def ready(self) -> bool:
        """Whether it serves."""
        return self.phase is Phase.READY

    @property
    def running(self) -> bool:
        """Whether there is a process at all."""
        return self.phase not in {Phase.STOPPED, Phase.CRASHED}

    @property
    def due(self) -> float:
        """Unix time of the next change that comes by itself; infinity for none."""
        return self._due

    def start(self, now: float) -> None:
        """Start it unless it runs; one that is stopping starts again afterwards."""
        if self.phase is Phase.STOPPING:
            self._start_again = True
        elif not self.running:
            self._begin(now)

    def stop(self, now: float) -> None:
        """Stop it; one that is down already stays down."""
        self._start_again = False
        if self.phase is Phase.STOPPING:
            return
        if self.running:
            self._enter(Phase.STOPPING, now, due=now + self._stop_s)
        elif self.phase is not Phase.STOPPED:
            self._enter(Phase.STOPPED, now)

    def restart(self, now: float) -> None:
        """Stop it if it runs, then start it."""
        if self.running:
            self.stop(now)
            self._start_again = True
        else:
            self._begin(now)

    def crash(self, now: float) -> None:
        """End it at once; it stays down until it is started."""
        self._enter(Phase.CRASHED, now)
        self.ended_at = now

    def hang(self, now: float) -> None:
        """Let it run without answering until it is restarted."""
        self._enter(Phase.HUNG, now)

    def advance(self, now: float) -> None:
        """Make the changes that are due at ``now``."""
        while self._due <= now:
            due = self._due
            if self.phase is Phase.STARTING:
                self._enter(Phase.READY, due)
            else:
                self._enter(Phase.STOPPED, due)
                self.ended_at = due
                if self._start_again:
                    self._begin(due)

    def take_entered(self) -> list[tuple[float, Phase, int]]:
        """Return the phases entered since the last call, with their times and generations."""
        entered, self._entered = self._entered, []
        return entered

    def _enter(self, phase: Phase, now: float, *, due: float = math.inf) -> None:
        self.phase, self.since, self._due = phase, now, due
        self._entered.append((now, phase, self.generation))

    def _begin(self, now: float) -> None:
        self._start_again = False
        self.generation += 1
        self.started_at = now
        self._enter(Phase.STARTING, now, due=now + self._start_s)
