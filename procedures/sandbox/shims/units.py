"""The processes as systemd units; the replicas are workers of one unit."""

from dataclasses import dataclass

from procedures.sandbox.shims.observed import Observed, Process
from procedures.sandbox.shims.usage import ToolError

APP = "llm-config-manager"
_DEPENDENCIES = {"redis": "redis", "redis-server": "redis", "postgresql": "postgres"}
_DESCRIPTIONS = {
    APP: "LLM Config Manager",
    "redis": "Advanced key-value store",
    "redis-server": "Advanced key-value store",
    "postgresql": "PostgreSQL RDBMS",
}
_LIMIT_BYTES = 2 * 1024**3


@dataclass(frozen=True, slots=True)
class Unit:
    """A service unit with its processes."""

    name: str
    processes: tuple[Process, ...]

    @property
    def active(self) -> str:
        """ActiveState."""
        phases = {process.phase for process in self.processes}
        if phases & {"ready", "hung"}:
            return "active"
        if "starting" in phases:
            return "activating"
        if "stopping" in phases:
            return "deactivating"
        return "failed" if "crashed" in phases else "inactive"

    @property
    def sub(self) -> str:
        """SubState."""
        words = {"active": "running", "activating": "start", "deactivating": "stop-sigterm"}
        return words.get(self.active, "failed" if self.active == "failed" else "dead")

    @property
    def description(self) -> str:
        """What the unit file calls it."""
        return _DESCRIPTIONS[self.name]

    @property
    def started_at(self) -> float:
        """Unix time since which it has been up."""
        return min(process.started_at for process in self.processes)

    @property
    def main_pid(self) -> int:
        """A number like a process id; 0 while it is down."""
        running = [process for process in self.processes if process.running]
        return 1000 + 10 * running[0].generation + running[0].ordinal if running else 0

    @property
    def status_text(self) -> str:
        """What the service tells systemd."""
        ready = sum(process.ready for process in self.processes)
        return f"{ready} of {len(self.processes)} workers ready"

    @property
    def memory_bytes(self) -> int:
        """Memory of all its processes."""
        return int(sum(p.memory_bytes for p in self.processes if p.running))

    @property
    def cpu_s(self) -> float:
        """Processor time that its processes have used."""
        return sum(process.cpu_s for process in self.processes)

    @property
    def restarts(self) -> int:
        """NRestarts: restarts by systemd itself, of which the sandbox makes none."""
        return 0

    @property
    def memory_max(self) -> int | None:
        """MemoryMax in bytes; None without a limit."""
        return _LIMIT_BYTES * len(self.processes) if self.name == APP else None


def unit(seen: Observed, name: str) -> Unit:
    """Return the unit called ``name``, with or without ``.service``."""
    short = name.removesuffix(".service")
    if short == APP:
        return Unit(short, seen.members)
    process = seen.process(_DEPENDENCIES.get(short, ""))
    if process is None:
        raise ToolError(f"Unit {short}.service could not be found.", 4)
    return Unit(short, (process,))


def processes_of(seen: Observed, name: str) -> tuple[Process, ...]:
    """Return the processes of a unit."""
    return unit(seen, name).processes
