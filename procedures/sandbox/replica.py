"""One API replica: its process, its metrics and its own cache tier."""

from procedures.sandbox.families import FAMILIES
from procedures.sandbox.lifecycle import Lifecycle, Phase
from procedures.sandbox.metric_store import MetricStore


class Replica:
    """An API server process.

    Attributes:
        ordinal: From 1.
        next_revision: Revision of the deployment that its next process runs.
        store: Its metrics; they begin anew with each process.
        warmth: Of its first cache tier, 0 to 1.
        pool_stuck: Whether connections of its database pool hang until it is restarted.
        cpu_cores: Cores in use at present.
        memory_bytes: Resident memory at present.
    """

    def __init__(self, ordinal: int, process: Lifecycle) -> None:
        self.ordinal = ordinal
        self.process = process
        self.next_revision = 1
        self.warmth = 1.0
        self.pool_stuck = False
        self.cpu_cores = 0.0
        self.memory_bytes = 0.0
        self.store = MetricStore(FAMILIES)
        self._generation = process.generation
        self._revisions = {process.generation: self.next_revision}

    @property
    def name(self) -> str:
        """Name of its container."""
        return f"llm-config-manager-{self.ordinal}"

    @property
    def listening(self) -> bool:
        """Whether its port is open; it is before it is ready, and no longer once it stops."""
        return self.process.phase in {Phase.READY, Phase.STARTING, Phase.HUNG}

    @property
    def revision(self) -> int:
        """Revision of the deployment that it runs."""
        return self.revision_of(self.process.generation)

    def revision_of(self, generation: int) -> int:
        """Return the revision that a process of it ran."""
        return self._revisions.get(generation, self.next_revision)

    def advance(self, now: float) -> None:
        """Make due changes of its process; a new process begins with nothing in memory."""
        self.process.advance(now)
        if self.process.generation != self._generation:
            self._generation = self.process.generation
            self._revisions[self._generation] = self.next_revision
            self.store = MetricStore(FAMILIES)
            self.warmth = 0.0
            self.pool_stuck = False
            self.cpu_cores = self.memory_bytes = 0.0
