"""What runs in a deployment: workloads and their units, as immutable values; pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from procedures.environment import Method


class Phase(Enum):
    """Where a unit is in its life; the target's own word for it stands beside it."""

    RUNNING = "running"
    STARTING = "starting"
    STOPPING = "stopping"
    STOPPED = "stopped"
    """It ended, or was ended, in good order."""
    FAILED = "failed"
    """It ended with an error, is started again and again, or cannot be started."""
    WAITING = "waiting"
    """It has yet to begin: an unscheduled pod, a timer between two runs."""
    UNKNOWN = "unknown"


class Kind(Enum):
    """What sort of workload it is, in the target's own words."""

    COMPOSE_SERVICE = "service"
    CONTAINER = "container"
    DEPLOYMENT = "deployment"
    STATEFUL_SET = "statefulset"
    DAEMON_SET = "daemonset"
    POD = "pod"
    UNIT = "unit"
    TIMER = "timer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """What a unit uses of its machine; None for what is not measured.

    Attributes:
        cpu_cores: Processors in use, averaged over the last seconds: 0.5 is half of one.
        memory_bytes: Resident memory without the page cache, as far as the target tells it apart.
        memory_limit_bytes: At which it would be killed.
    """

    cpu_cores: float | None = None
    memory_bytes: float | None = None
    memory_limit_bytes: float | None = None


NO_USE = Use()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The smallest thing that runs by itself: a container, a pod, a systemd unit.

    Every text is from outside and not cleaned.

    Attributes:
        id: What the target knows it by; never reused for another one.
        name: What people call it.
        workload: Name of the workload that it belongs to.
        word: The target's own word for its phase: ``CrashLoopBackOff``, ``exited``, ``active``.
        ready: Whether it may be given work; None where nothing checks that.
        restarts: How often it was started again by itself.
        began_at: Since when it has been up, or since when it has been down.
        image: Image with tag, or the path of the program; empty where there is neither.
        version: What tells two builds of the same image apart: digest, revision, package version.
        exit_code: Of its last end; None if it never ended.
        out_of_memory: Whether its last end was for want of memory.
        reason: Why it is not well, one sentence or one word; empty while it is.
        host: Node or machine that it runs on, where that may differ.
        last_run_at: When a timer last started its unit.
        next_run_at: When it will do so next.
    """

    id: str
    name: str
    workload: str
    phase: Phase
    word: str
    ready: bool | None = None
    restarts: int | None = None
    began_at: datetime | None = None
    image: str = ""
    version: str = ""
    exit_code: int | None = None
    out_of_memory: bool = False
    reason: str = ""
    host: str = ""
    use: Use = NO_USE
    last_run_at: datetime | None = None
    next_run_at: datetime | None = None

    @property
    def serves(self) -> bool:
        """Whether it does its work: it runs, and what checks its readiness, if anything, agrees."""
        return self.phase is Phase.RUNNING and self.ready is not False


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload:
    """What is restarted, scaled and rolled back as one.

    Attributes:
        name: As commands name it, without its kind.
        wanted: How many units there should be; None where nobody says.
        ready: How many of them serve.
        updated: How many run the newest version; None where the target does not roll.
        revision: Number of the present version; empty where the target keeps none.
        changing: What a roll waits for, in the target's words; empty when none is under way.
        notes: What else an operator should know: bounds of an autoscaler, a disruption budget.
        least, most: Bounds within which an autoscaler will change ``wanted``; None without one.
        spare: How many units may be missing before a disruption budget says no; None without one.
    """

    name: str
    kind: Kind
    units: tuple[Unit, ...] = ()
    wanted: int | None = None
    ready: int = 0
    updated: int | None = None
    revision: str = ""
    changing: str = ""
    notes: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    spare: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A part of the answer that could not be had.

    Attributes:
        part: What it is about: ``resource use``, ``autoscalers``.
        fault: Why: ``viewer may not list horizontalpodautoscalers``.
    """

    part: str
    fault: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """All that runs in one target at one moment.

    Attributes:
        workloads: The service itself first, then by name.
        missing: What is not known, and so is absent above.
    """

    at: datetime
    workloads: tuple[Workload, ...] = ()
    missing: tuple[Missing, ...] = ()

    def workload(self, name: str) -> Workload | None:
        """Return the workload of that name."""
        return next((each for each in self.workloads if each.name == name), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which deployment a target is.

    Attributes:
        name: As the settings call it.
        where: What tells it from another one: ``context prod · namespace llm-config``.
        service: Name of the workload that is the service itself.
    """

    name: str
    method: Method
    where: str
    service: str
