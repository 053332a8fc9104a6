"""The processes as systemd units, and the units beside them; replicas are workers of one unit."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from procedures.sandbox.control_client import Control
from procedures.sandbox.kept import Kept
from procedures.sandbox.shims.observed import Observed, Process
from procedures.sandbox.shims.usage import ToolError
from procedures.sandbox.state_dir import StateDir

APP = "llm-config-manager"
_DEPENDENCIES = {"redis": "redis", "postgresql": "postgres"}
_ALIASES = {
    **{"llm-config": APP, "redis-server": "redis"},
    **{"postgresql@16-main": "postgresql", "postgres": "postgresql"},
}
_DESCRIPTIONS = {
    APP: "LLM Config Manager",
    "redis": "Advanced key-value store",
    "postgresql": "PostgreSQL RDBMS",
}
JOBS: Mapping[str, str] = MappingProxyType(
    {
        "llm-config-healthcheck": "LLM Config Manager health check",
        "llm-config-backup": "LLM Config Manager backup",
        "llm-config-cleanup": "LLM Config Manager clean-up",
    }
)
"""Jobs that timers start."""
_LIMIT_BYTES = 2 * 1024**3
_SIZES = {"K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A unit with its processes; a job or a timer has none.

    Attributes:
        name: Without ``.service``; a timer keeps its suffix.
        idle: What a unit without processes is: active, inactive or failed.
        masked: Whether it cannot be started.
        enabled: Whether it starts with the machine.
    """

    name: str
    processes: tuple[Process, ...] = ()
    idle: str = "inactive"
    masked: str = ""
    enabled: bool = True
    began: float = 0.0
    limits: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def full_name(self) -> str:
        """The name with its suffix."""
        return self.name if self.name.endswith(".timer") else f"{self.name}.service"

    @property
    def is_timer(self) -> bool:
        """Whether it only starts another unit."""
        return self.name.endswith(".timer")

    @property
    def active(self) -> str:
        """ActiveState."""
        if not self.processes:
            return self.idle
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
        if self.is_timer and self.idle == "active":
            return "waiting"
        words = {"active": "running", "activating": "start", "deactivating": "stop-sigterm"}
        return words.get(self.active, "failed" if self.active == "failed" else "dead")

    @property
    def load_state(self) -> str:
        """LoadState."""
        return "masked" if self.masked else "loaded"

    @property
    def file_state(self) -> str:
        """UnitFileState."""
        if self.masked:
            return self.masked
        if self.name in JOBS:
            return "static"
        return "enabled" if self.enabled else "disabled"

    @property
    def description(self) -> str:
        """What the unit file calls it."""
        return _DESCRIPTIONS.get(self.name) or JOBS.get(self.name.removesuffix(".timer"), self.name)

    @property
    def started_at(self) -> float:
        """Unix time since which it has been up."""
        return min((process.started_at for process in self.processes), default=self.began)

    @property
    def ended_at(self) -> float:
        """Unix time since which it has been down; 0 while it is up."""
        if self.active not in {"inactive", "failed"}:
            return 0.0
        return max((process.ended_at for process in self.processes), default=self.began)

    @property
    def main_pid(self) -> int:
        """Process id of its first process; 0 while it is down."""
        running = [process for process in self.processes if process.running]
        if not running:
            return 0
        return running[0].pid or 1000 + 10 * running[0].generation + running[0].ordinal

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
    def memory_max(self) -> int | None:
        """MemoryMax in bytes; None without a limit."""
        if written := self.limits.get("MemoryMax"):
            return _bytes(written)
        return _LIMIT_BYTES * len(self.processes) if self.name == APP else None


def unit(seen: Observed, control: Control, name: str) -> Unit:
    """Return the unit called ``name``, with or without ``.service``."""
    short = name.removesuffix(".service")
    short = _ALIASES.get(short, short)
    kept = Kept(control.state.kept).under("unit")
    masked = kept.get(f"masked.{short}", "")
    enabled = kept.get(f"enabled.{short}", True)
    if short.removesuffix(".timer") in JOBS:
        began = seen.revisions[0][1]
        idle = "inactive"
        if short.endswith(".timer"):
            idle = "inactive" if kept.get(f"stopped.{short}") else "active"
        return Unit(name=short, idle=idle, masked=masked, enabled=enabled, began=began)
    limits = drop_ins(control.state, short)
    if short == APP:
        return Unit(
            name=short,
            processes=seen.members or seen.replicas[:1],
            masked=masked,
            enabled=enabled,
            limits=limits,
        )
    process = seen.process(_DEPENDENCIES.get(short, ""))
    if process is None:
        full = name if "." in name else f"{name}.service"
        raise ToolError(f"Unit {full} could not be found.", 4)
    return Unit(name=short, processes=(process,), masked=masked, enabled=enabled, limits=limits)


def drop_ins(state: StateDir, name: str) -> dict[str, str]:
    """Return the settings of a unit's own file and its drop-ins, later ones first."""
    files = [state.units / f"{name}.service"]
    files += sorted((state.units / f"{name}.service.d").glob("*.conf"))
    found: dict[str, str] = {}
    for path in files[1:]:
        for line in path.read_text().splitlines():
            key, equals, value = line.strip().partition("=")
            if equals and not key.startswith("#"):
                found[key] = value.strip()
    return found


def unit_of_process(name: str) -> str:
    """Return the unit of a process, without its suffix; empty if it has none."""
    if name.startswith(APP):
        return APP
    return next((unit for unit, process in _DEPENDENCIES.items() if process == name), "")


def processes_of(seen: Observed, control: Control, name: str) -> tuple[Process, ...]:
    """Return the processes of a unit."""
    return unit(seen, control, name).processes


def _bytes(text: str) -> int | None:
    if text == "infinity":
        return None
    number, factor = (text[:-1], _SIZES[text[-1]]) if text[-1:] in _SIZES else (text, 1)
    return int(float(number) * factor)
