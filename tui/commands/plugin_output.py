"""A snapshot as a monitoring plugin prints it.

Source: the Monitoring Plugins Development Guidelines: one summary line with performance data
behind a bar, then further lines.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from procedures.environment import Environment
from procedures.reference.indicators import Indicator
from procedures.reference.states import State
from procedures.reference.thresholds import Threshold, Worse
from procedures.signals.values import Reading, Snapshot
from procedures.signals.verdict import Finding, verdict
from tui.wording import Wording, threshold_of

UNITS = {"%": "%", "ms": "ms", "s": "s", "bytes": "B"}
"""Units that plugins may write; a value in any other unit is written bare."""

_BAR_STAND_IN = "¦"
"""Printed for a bar in text, for a bar would begin performance data."""


def plugin_output(
    snapshot: Snapshot,
    found: Sequence[Finding],
    environment: Environment,
    indicators: Mapping[str, Indicator],
) -> str:
    """Return the summary line with performance data, and one line a finding."""
    wording = Wording(environment, indicators, snapshot.at)
    measured = " ".join(_performance(found, environment, indicators))
    lines = [f"{_safe(_summary(found, environment))} | {measured}"]
    width = wording.width(found)
    for finding in found:
        muted = "" if finding.counts else " (does not count)"
        name, detail = wording.name(finding.about), wording.detail(finding.about)
        lines.append(_safe(f"{finding.state.name:<8}  {name:<{width}}  {detail}{muted}".rstrip()))
    return "\n".join(lines)


def failure_output(what: str) -> str:
    """Return the line of a plugin that could not look at all."""
    return f"QUARTERDECK {State.UNKNOWN.name} - {_safe(' '.join(what.split()))}"


def performance(reading: Reading, indicator: Indicator, threshold: Threshold | None) -> str:
    """Return one item of performance data: ``'p95-latency'=123ms;100;200``."""
    item = f"'{indicator.id}'={_value(reading, indicator)}"
    if threshold:
        item += f";{_range(threshold.target, threshold)};{_range(threshold.critical, threshold)}"
    return item


def _performance(
    found: Sequence[Finding], environment: Environment, indicators: Mapping[str, Indicator]
) -> Iterator[str]:
    for finding in found:
        if isinstance(finding.about, Reading):
            indicator = indicators[finding.about.indicator]
            yield performance(finding.about, indicator, threshold_of(indicator, environment))


def _value(reading: Reading, indicator: Indicator) -> str:
    if reading.value is None:
        return "U"
    return f"{_number(reading.value)}{UNITS.get(indicator.unit, '')}"


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _range(limit: float, threshold: Threshold) -> str:
    # ``100`` is exceeded above 100; ``80:`` is left below 80.
    return _number(limit) + (":" if threshold.worse is Worse.LOWER else "")


def _summary(found: Sequence[Finding], environment: Environment) -> str:
    counts = Counter(finding.state for finding in found if finding.counts)
    by_concern = sorted(counts, key=lambda state: -state.concern)
    told = ", ".join(f"{counts[state]} {state.value}" for state in by_concern)
    return f"QUARTERDECK {verdict(found).name} - {environment.name}: {told or 'nothing watched'}"


def _safe(line: str) -> str:
    return line.replace("|", _BAR_STAND_IN)
