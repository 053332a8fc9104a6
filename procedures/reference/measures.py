"""What a number is made of: the few structures that serve PromQL and plain scrapes alike.

A measure says *what* is measured, never *where*: the job label is a parameter of rendering
(:mod:`procedures.signals.promql`) and of evaluation (:mod:`procedures.signals.evaluation`).
"""

from dataclasses import dataclass, replace
from enum import Enum


class MatchOp(Enum):
    """Label matching as Prometheus writes it."""

    EQUAL = "="
    NOT_EQUAL = "!="
    REGEX = "=~"
    NOT_REGEX = "!~"


@dataclass(frozen=True, slots=True)
class Match:
    """One condition on a label; regular expressions are anchored at both ends."""

    label: str
    op: MatchOp
    value: str


@dataclass(frozen=True, slots=True)
class Selector:
    """The series of ``metric`` that satisfy every condition."""

    metric: str
    where: tuple[Match, ...] = ()


class Aggregate(Enum):
    """How the series of several instances become one number."""

    SUM = "sum"
    AVG = "avg"
    MAX = "max"
    MIN = "min"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """Increase per second of counters, times ``scale``, aggregated over all labels but ``by``."""

    of: tuple[Selector, ...]
    window_s: int = 300
    by: tuple[str, ...] = ()
    aggregate: Aggregate = Aggregate.SUM
    scale: float = 1.0
    divisor: str = ""
    """Name of an environment limit (``cpu_cores``, ``memory_bytes``…) to divide by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """Rates over rates, times ``scale``.

    Each selector is summed by itself and counts 0 while it has no series, so that *no errors
    yet* is 0; no traffic at all (a denominator of 0) gives no value.
    """

    over: tuple[Selector, ...]
    under: tuple[Selector, ...]
    window_s: int = 300
    under_window_s: int = 0
    """Window of the denominator where it differs (a rate against its own past); 0: the same."""
    by: tuple[str, ...] = ()
    scale: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantile:
    """A quantile of a histogram, aggregated over everything but ``by`` before it is taken."""

    q: float
    of: Selector
    window_s: int = 300
    by: tuple[str, ...] = ()
    scale: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauge:
    """Present values, aggregated over all labels but ``by``, times ``scale``.

    Attributes:
        of: Names tried in order: the first that has any series counts.
        if_absent: Value when there is no series at all; None means no value.
        divisor: Name of an environment limit to divide by; empty for none.
        since: The gauge holds a Unix time; the measure is the seconds passed since.
    """

    of: tuple[Selector, ...]
    aggregate: Aggregate = Aggregate.SUM
    by: tuple[str, ...] = ()
    scale: float = 1.0
    if_absent: float | None = None
    divisor: str = ""
    since: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Slope per second of gauges (least squares over the window), aggregated, times ``scale``."""

    of: Selector
    window_s: int = 3600
    aggregate: Aggregate = Aggregate.SUM
    scale: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Promql:
    """A raw query; it needs a Prometheus server and cannot be answered from scrapes."""

    query: str


Measure = Rate | Ratio | Quantile | Gauge | Growth | Promql


def selectors_of(measure: Measure) -> tuple[Selector, ...]:
    """Return every selector that ``measure`` reads; none for raw PromQL."""
    match measure:
        case Rate(of=of) | Gauge(of=of):
            return of
        case Ratio(over=over, under=under):
            return over + under
        case Quantile(of=one) | Growth(of=one):
            return (one,)
        case Promql():
            return ()


def metrics_of(measure: Measure) -> tuple[str, ...]:
    """Return the names of the metrics that ``measure`` reads, each once."""
    return tuple(dict.fromkeys(selector.metric for selector in selectors_of(measure)))


def total_of(measure: Measure) -> Measure:
    """Return ``measure`` without its breakdown: the one number behind the parts.

    Cumulative buckets (``by`` holds ``le``) must not be added up: their total is the last one.
    """
    if isinstance(measure, Growth | Promql) or not measure.by:
        return measure
    if isinstance(measure, Rate) and "le" in measure.by:
        last = Match("le", MatchOp.EQUAL, "+Inf")
        of = tuple(Selector(each.metric, (*each.where, last)) for each in measure.of)
        return replace(measure, of=of, by=())
    return replace(measure, by=())
