"""The closed check vocabulary: each line of a ``check`` fence is one of these."""

from dataclasses import dataclass
from enum import Enum


class Comparison(Enum):
    """How a measured value is held against a bound."""

    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    text: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthStatus(_Line):
    """``health status is healthy``."""

    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthComponent(_Line):
    """``health component cache is healthy [within 5ms]``."""

    component: str
    word: str
    within_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpStatus(_Line):
    """``http GET $API/health is 200 [within 100ms]``; several statuses: ``is 200 or 404``."""

    verb: str
    url: str
    statuses: tuple[int, ...]
    within_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorState(_Line):
    """``indicator p95-latency is ok``."""

    indicator: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorValue(_Line):
    """``indicator error-rate < 1% [for 5m]``; ``unit`` is as written: %, ms or nothing."""

    indicator: str
    comparison: Comparison
    bound: float
    for_s: float = 0.0
    unit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFiring(_Line):
    """``alert ServiceDown is [not] firing``."""

    alert: str
    firing: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricIncreasing(_Line):
    """``metric config_operations_total is increasing``."""

    metric: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceReady(_Line):
    """``service has [at least] 3 ready``, ``workload redis has [at least] 1 ready``.

    ``workload`` is empty for the service itself.
    """

    count: int
    at_least: bool = False
    workload: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsFree(_Line):
    """``logs have no ERROR in 5m``."""

    word: str
    window_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFresh(_Line):
    """``backup is younger than 25h [and verified]``."""

    max_age_s: float
    verified: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskFree(_Line):
    """``disk /var/lib/llm-config has 10GiB free``."""

    path: str
    free_bytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryFree(_Line):
    """``memory has 2GiB free``."""

    free_bytes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PortListening(_Line):
    """``port 8080 is listening``."""

    port: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileExists(_Line):
    """``file /etc/llm-config/config.yaml exists``."""

    path: str


Assertion = (
    HealthStatus
    | HealthComponent
    | HttpStatus
    | IndicatorState
    | IndicatorValue
    | AlertFiring
    | MetricIncreasing
    | ServiceReady
    | LogsFree
    | BackupFresh
    | DiskFree
    | MemoryFree
    | PortListening
    | FileExists
)
