"""A measure as PromQL, in the forms that stay true when series are missing.

- A quantile is taken of the summed buckets, never of one series at a time.
- A numerator without series counts 0: no error yet is no error, not no answer.
- The job is named on every series: another job's ``process_*`` is not the service's.

The same measure is written for one deployment, or for each value of a label at once.
"""

import math
from collections.abc import Iterable, Mapping

from procedures.environment import Limits
from procedures.errors import SourceError
from procedures.reference.measures import (
    Aggregate,
    Gauge,
    Growth,
    Match,
    MatchOp,
    Measure,
    Promql,
    Quantile,
    Rate,
    Ratio,
    Selector,
)
from procedures.signals.values import NO_LABELS

STANDARD_WINDOW_S = 300
"""The window that an environment's own ``window_s`` takes the place of."""


def window_of(measure_s: int, environment_s: int) -> int:
    """Return the window to use; one that a measure chose on purpose is left alone."""
    return environment_s if measure_s == STANDARD_WINDOW_S else measure_s


def window_over(step_s: float, environment_s: int) -> int:
    """Return the window of a query that is asked every ``step_s``; a shorter one leaves gaps."""
    return max(environment_s, math.ceil(step_s))


def divisor_of(name: str, limits: Limits) -> float:
    """Return the limit of that name; 1 for none."""
    if not name:
        return 1.0
    return {
        "cpu_cores": limits.cpu_cores,
        "memory_bytes": limits.memory_bytes,
        "storage_bytes": limits.storage_bytes,
    }[name]


def render(
    measure: Measure,
    *,
    job: str,
    window_s: int,
    limits: Limits,
    labels: Mapping[str, str] = NO_LABELS,
    each: str = "",
) -> str:
    """Write ``measure`` as one PromQL expression for the series of ``job``.

    Args:
        measure: What is measured.
        job: Whose series are meant.
        window_s: The environment's own window.
        limits: The denominators.
        labels: What those series are labelled with besides, where a server has those of several.
        each: A label by whose values the answer is parted; each part is what ``labels`` with that
            value would give. A value for absent series is left out: an absent part has no name.

    Raises:
        SourceError: A raw query can be neither narrowed nor parted.
    """
    return _Writer(matches_of(job, labels, each), window_s, limits, each).write(measure)


def matches_of(job: str, labels: Mapping[str, str], each: str = "") -> tuple[Match, ...]:
    """Return the conditions on every series."""
    named = (Match(name, MatchOp.EQUAL, value) for name, value in labels.items())
    parted = (Match(each, MatchOp.NOT_EQUAL, ""),) if each else ()
    return (Match("job", MatchOp.EQUAL, job), *named, *parted)


def written_matches(matches: Iterable[Match]) -> str:
    """Write conditions as they stand between the braces of a selector."""
    return ", ".join(f'{m.label}{m.op.value}"{_escaped(m.value)}"' for m in matches)


class _Writer:
    def __init__(
        self, matches: tuple[Match, ...], window_s: int, limits: Limits, each: str
    ) -> None:
        self._matches = matches
        self._window_s = window_s
        self._limits = limits
        self._each = (each,) if each else ()

    def write(self, measure: Measure) -> str:
        match measure:
            case Rate():
                return self._rate(measure)
            case Ratio():
                return self._ratio(measure)
            case Quantile():
                return self._quantile(measure)
            case Gauge():
                return self._gauge(measure)
            case Growth():
                slope = f"deriv({self._range(measure.of, measure.window_s)})"
                return _scaled(_aggregated(measure.aggregate, self._each, slope), measure.scale)
            case Promql(query=query):
                if self._each or len(self._matches) > 1:
                    raise SourceError(
                        f"the query {query} cannot be asked for a part of a server's series",
                        fix="Describe it by metrics and labels instead",
                    )
                return query

    def _rate(self, rate: Rate) -> str:
        terms = []
        for selector in rate.of:
            term = self._increase(selector, rate.window_s, rate.by, rate.aggregate)
            if selector.where and not rate.by:
                whole = Selector(selector.metric)
                any_of_it = self._increase(whole, rate.window_s, (), rate.aggregate)
                term = f"({term} or {any_of_it} * 0)"
            terms.append(term)
        return _scaled(_sum_of(terms), rate.scale, divisor_of(rate.divisor, self._limits))

    def _ratio(self, ratio: Ratio) -> str:
        over = [self._increase(each, ratio.window_s, ratio.by) for each in ratio.over]
        under_s = ratio.under_window_s or ratio.window_s
        under = [self._increase(each, under_s, ratio.by) for each in ratio.under]
        if ratio.by or self._each:
            bottom = _union(under)
            top = f"({_union(over)} or {bottom} * 0)"
        else:
            top = _sum_of([f"({term} or vector(0))" for term in over])
            zeroed = [f"({term} or vector(0))" for term in under] if len(under) > 1 else under
            bottom = _sum_of(zeroed)
        return _scaled(f"{top} / {bottom}", ratio.scale)

    def _quantile(self, quantile: Quantile) -> str:
        buckets = self._increase(quantile.of, quantile.window_s, ("le", *quantile.by))
        return _scaled(f"histogram_quantile({quantile.q:g}, {buckets})", quantile.scale)

    def _gauge(self, gauge: Gauge) -> str:
        terms = []
        for selector in gauge.of:
            series = self._series(selector)
            inside = f"time() - {series}" if gauge.since else series
            terms.append(_aggregated(gauge.aggregate, (*self._each, *gauge.by), inside))
        if gauge.if_absent is not None and not self._each:
            constant = f"vector({gauge.if_absent:g})"
            terms.append(f"on() {constant}" if gauge.by else constant)
        text = " or ".join(terms)
        divisor = divisor_of(gauge.divisor, self._limits)
        scaled = (gauge.scale, divisor) != (1.0, 1.0)
        whole = f"({text})" if len(terms) > 1 and scaled else text
        return _scaled(whole, gauge.scale, divisor)

    def _increase(
        self,
        selector: Selector,
        window_s: int,
        by: tuple[str, ...],
        aggregate: Aggregate = Aggregate.SUM,
    ) -> str:
        window_s = window_of(window_s, self._window_s)
        inside = f"rate({self._range(selector, window_s)})"
        return _aggregated(aggregate, (*self._each, *by), inside)

    def _range(self, selector: Selector, window_s: int) -> str:
        return f"{self._series(selector)}[{_duration(window_s)}]"

    def _series(self, selector: Selector) -> str:
        return f"{selector.metric}{{{written_matches((*selector.where, *self._matches))}}}"


def _aggregated(aggregate: Aggregate, by: tuple[str, ...], inside: str) -> str:
    grouping = f" by ({', '.join(by)}) " if by else ""
    return f"{aggregate.value}{grouping}({inside})"


def _sum_of(terms: list[str]) -> str:
    return f"({' + '.join(terms)})" if len(terms) > 1 else terms[0]


def _union(terms: list[str]) -> str:
    """Add the terms where both have a group; where only one has it, that one counts."""
    whole = terms[0]
    for term in terms[1:]:
        whole = f"({whole} + {term} or {whole} or {term})"
    return whole


def _scaled(text: str, factor: float, divisor: float = 1.0) -> str:
    text = text if factor == 1 else f"{text} * {factor:.15g}"
    return text if divisor == 1 else f"{text} / {divisor:.15g}"


def _duration(seconds: int) -> str:
    for unit, name in ((3600, "h"), (60, "m")):
        if seconds % unit == 0:
            return f"{seconds // unit}{name}"
    return f"{seconds}s"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
