"""One API replica: its process, its metrics and its own cache tier."""

from procedures.sandbox.families import FAMILIES
from procedures.sandbox.lifecycle import Lifecycle, Phase
from procedures.sandbox.metric_store import MetricStore


class Replica:
    """An API server process.

    Attributes:
        ordinal: From 1.
        revision: Revision of the deployment that it runs.
        store: Its metrics; they begin anew with each process.
        warmth: Of its first cache tier, 0 to 1.
        pool_stuck: Whether connections of its database pool hang until it is restarted.
        cpu_cores: Cores in use at present.
        memory_bytes: Resident memory at present.
    """

    def __init__(self, ordinal: int, process: Lifecycle) -> None:
        self.ordinal = ordinal
        self.process = process
        self.revision = 1
        self.warmth = 1.0
        self.pool_stuck = False
        self.cpu_cores = 0.0
        self.memory_bytes = 0.0
        self.store = MetricStore(FAMILIES)
        self._generation = process.generation

    @property
    def name(self) -> str:
        """Name of its container."""
        return f"llm-config-manager-{self.ordinal}"

    @property
    def listening(self) -> bool:
        """Whether its port is open; it is before it is ready, and no longer once it stops."""
        return self.process.phase in {Phase.READY, Phase.STARTING, Phase.HUNG}

    def advance(self, now: float) -> None:
        """Make due changes of its process; a new process begins with nothing in memory."""
        self.process.advance(now)
        if self.process.generation != self._generation:
            self._generation = self.process.generation
            self.store = MetricStore(FAMILIES)
            self.warmth = 0.0
            self.pool_stuck = False
            self.cpu_cores = self.memory_bytes = 0.0
