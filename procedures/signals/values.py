"""What a watch yields: immutable values that every screen, check and report shares."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from types import MappingProxyType

from procedures.backups.values import LastVerified, RecoveryPoint, ScheduleState
from procedures.reference.states import State

NO_LABELS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The latest answer for one indicator or panel.

    Attributes:
        indicator: Its id in the reference data.
        state: UNKNOWN whenever ``value`` is None; indicators without thresholds are OK.
        value: In the indicator's own unit; None when not known.
        at: When it was measured, not when it was asked; None before the first answer.
        fault: Why there is no value or why it is not to be trusted, for the operator.
        parts: Breakdown by label, largest first, for panels that show one.
    """

    indicator: str
    state: State
    value: float | None = None
    at: datetime | None = None
    fault: str = ""
    parts: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Evenly spaced past values of one indicator.

    Attributes:
        indicator: Its id.
        start: Time of the first value.
        step_s: Seconds between values.
        values: Oldest first; NaN where nothing is known.
    """

    indicator: str
    start: datetime
    step_s: float
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One component of the health report; ``word`` is the service's own term."""

    name: str
    state: State
    word: str
    message: str = ""
    duration_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The answer of the health endpoint.

    Attributes:
        state: Of the whole service; UNKNOWN when there is no usable answer.
        word: The service's own term where it agrees with the state, or else one that does.
        reports_components: False for the minimal shape, whose components are *not reported*.
        http_status: 0 when there was no HTTP answer.
    """

    state: State
    word: str
    components: tuple[Component, ...] = ()
    reports_components: bool = False
    version: str = ""
    uptime_s: float | None = None
    http_status: int = 0
    at: datetime | None = None
    fault: str = ""


class AlertPhase(Enum):
    """Whether an alert already fires or its ``for`` duration still runs."""

    FIRING = "firing"
    PENDING = "pending"


class AlertHandling(Enum):
    """What has been done about an alert; acknowledged is a silence whose comment says ACK!."""

    ACTIVE = "active"
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    INHIBITED = "inhibited"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert as its source tells it; every text here is from outside and not cleaned."""

    name: str
    severity: str
    phase: AlertPhase
    since: datetime | None
    handling: AlertHandling = AlertHandling.ACTIVE
    component: str = ""
    summary: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)
    annotations: Mapping[str, str] = field(default_factory=lambda: NO_LABELS)
    source: str = ""
    """alertmanager, prometheus or console."""
    comment: str = ""
    """Comment and author of the silence, or the name of the inhibiting alert."""

    @property
    def key(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Identity across refreshes: the name and all labels."""
        return self.name, tuple(sorted(self.labels.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """All alerts, most urgent first, with the source they come from."""

    items: tuple[Alert, ...] = ()
    source: str = ""
    at: datetime | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backups:
    """The backups of the places that the settings name.

    Attributes:
        state: CRITICAL when none is found, or the newest is too old, or a schedule or a recovery
            point that the settings ask for is not kept; WARNING when another schedule is late.
        newest: The newest one that holds data, below the directory or the bucket's prefix.
        size_bytes: Of the newest.
        count: Of all backups.
        fault: What is wrong with the newest, or with a place that cannot be looked into.
        partly: Whether ``fault`` is only about places that cannot be looked into: there may be
            younger backups than ``newest``, and none of what is told here is wrong.
        schedules: How those are kept up that are expected or found, the most frequent first.
        recovery: To what moment all could be brought back; None when that is not known.
        verified: Which backup was verified last.
        verified_at: When the newest backup was made that was found to be whole.
    """

    state: State
    newest: str = ""
    newest_at: datetime | None = None
    size_bytes: int = 0
    count: int = 0
    fault: str = ""
    partly: bool = False
    schedules: tuple[ScheduleState, ...] = ()
    recovery: RecoveryPoint | None = None
    verified: LastVerified | None = None
    verified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """Fill level of the file system that holds the service's data."""

    state: State
    path: str = ""
    total_bytes: int = 0
    free_bytes: int = 0
    at: datetime | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """How a source of the watch is doing; ``fault`` is empty while it answers."""

    name: str
    address: str
    last_ok: datetime | None = None
    took_ms: float | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """Everything known at one moment; parts that did not change are the same objects as before."""

    at: datetime
    readings: Mapping[str, Reading]
    histories: Mapping[str, History]
    health: Health
    alerts: Alerts
    backups: Backups
    disk: Disk
    sources: tuple[SourceStatus, ...] = ()
