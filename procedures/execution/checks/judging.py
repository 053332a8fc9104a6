"""Whether an answer of the world satisfies an assertion; pure.

What is not known is neither true nor false: a verdict of None, which never counts as passed.
"""

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from procedures.execution.cleaning import clean_line
from procedures.reference.states import State
from procedures.runbook.assertions import (
    AlertFiring,
    BackupFresh,
    Comparison,
    HealthComponent,
    HealthStatus,
    HttpStatus,
    IndicatorState,
    IndicatorValue,
    LogsFree,
    MetricIncreasing,
    ServiceReady,
)
from procedures.signals.values import AlertPhase, Alerts, Backups, Health, History, Reading
from procedures.targets.answers import Found

_HOLDS: Mapping[Comparison, Callable[[float, float], bool]] = MappingProxyType(
    {
        Comparison.LESS: operator.lt,
        Comparison.AT_MOST: operator.le,
        Comparison.MORE: operator.gt,
        Comparison.AT_LEAST: operator.ge,
    }
)


class Verdict(NamedTuple):
    """Whether an assertion holds (None: not known), and what was seen."""

    passed: bool | None
    detail: str


class HttpAnswer(NamedTuple):
    """What an HTTP request came to."""

    status: int
    took_ms: float


def judge_health(assertion: HealthStatus, health: Health) -> Verdict:
    """Judge the word of the whole service."""
    if health.state is State.UNKNOWN:
        return Verdict(None, health.fault or "the health endpoint gave no usable answer")
    return Verdict(health.word == assertion.word, f"status is {clean_line(health.word)}")


def judge_component(assertion: HealthComponent, health: Health) -> Verdict:
    """Judge one component; one that the service does not report is not known."""
    if health.state is State.UNKNOWN and not health.components:
        return Verdict(None, health.fault or "the health endpoint gave no usable answer")
    found = next((c for c in health.components if c.name == assertion.component), None)
    if found is None:
        return Verdict(None, f"the service does not report {assertion.component}")
    if found.word != assertion.word:
        return Verdict(False, clean_line(f"it is {found.word}: {found.message}".rstrip(": ")))
    return _within(f"it is {clean_line(found.word)}", found.duration_ms, assertion.within_ms)


def judge_http(assertion: HttpStatus, answer: HttpAnswer) -> Verdict:
    """Judge status and time of an answer."""
    if answer.status not in assertion.statuses:
        return Verdict(False, f"answered {answer.status}")
    return _within(f"answered {answer.status}", answer.took_ms, assertion.within_ms)


def judge_indicator_state(
    assertion: IndicatorState, reading: Reading | None, *, since: datetime | None
) -> Verdict:
    """Judge the state of an indicator, as measured after ``since``."""
    if reading is None:
        return Verdict(None, f"there is no indicator {assertion.indicator}")
    if reason := _why_unknown(reading, since):
        return Verdict(None, reason)
    return Verdict(
        reading.state.value == assertion.word, f"{reading.value:g}, {reading.state.value}"
    )


def judge_indicator_value(
    assertion: IndicatorValue,
    reading: Reading | None,
    history: History | None,
    *,
    now: datetime,
    since: datetime | None,
) -> Verdict:
    """Judge the value of an indicator, and its past if it must have held for a while."""
    if reading is None:
        return Verdict(None, f"there is no indicator {assertion.indicator}")
    if (reason := _why_unknown(reading, since)) or reading.value is None:
        return Verdict(None, reason)
    if not _HOLDS[assertion.comparison](reading.value, assertion.bound):
        return Verdict(False, f"it is {reading.value:g}")
    if not assertion.for_s:
        return Verdict(True, f"it is {reading.value:g}")
    return _judge_past(assertion, history, now)


def judge_alert(assertion: AlertFiring, alerts: Alerts, *, since: datetime | None) -> Verdict:
    """Judge whether an alert fires; a silenced one fires all the same, a pending one not yet."""
    if alerts.fault or alerts.at is None:
        return Verdict(None, alerts.fault or "no alerts have been read yet")
    if since and alerts.at < since:
        return Verdict(None, "the alerts have not been read since")
    firing = sum(
        alert.name == assertion.alert and alert.phase is AlertPhase.FIRING for alert in alerts.items
    )
    return Verdict(bool(firing) is assertion.firing, "firing" if firing else "not firing")


def judge_increase(assertion: MetricIncreasing, before: float, after: float) -> Verdict:
    """Judge two samples of a counter, the second taken later."""
    if math.isnan(before) or math.isnan(after):
        return Verdict(None, f"{assertion.metric} has no value")
    if after < before:
        return Verdict(None, f"it fell from {before:g} to {after:g}: an instance restarted")
    return Verdict(after > before, f"from {before:g} to {after:g}")


def judge_ready(assertion: ServiceReady, ready: int) -> Verdict:
    """Judge the number of ready instances."""
    enough = ready >= assertion.count if assertion.at_least else ready == assertion.count
    return Verdict(enough, f"{ready} ready")


def judge_logs(assertion: LogsFree, lines: Sequence[str]) -> Verdict:
    """Judge log lines: the word may not stand in any of them."""
    bad = [line for line in lines if assertion.word in line]
    if not bad:
        return Verdict(True, f"none in {len(lines)} lines")
    return Verdict(False, f"{len(bad)} lines, the latest: {clean_line(bad[-1])}")


def judge_backup(assertion: BackupFresh, backups: Backups, *, now: datetime) -> Verdict:
    """Judge the age of the newest backup; whether it can be read is judged apart."""
    if backups.newest_at is None:
        return Verdict(None if backups.fault else False, backups.fault or "there is no backup")
    age_s = (now - backups.newest_at).total_seconds()
    # What lies in a place that is not seen can only be younger still.
    if backups.fault and not (backups.partly and age_s < assertion.max_age_s):
        return Verdict(None, backups.fault)
    return Verdict(
        age_s < assertion.max_age_s, f"{clean_line(backups.newest)} is {age_s / 3600:.1f} h old"
    )


def judge_free(needed_bytes: float, free_bytes: Found[float]) -> Verdict:
    """Judge free space or memory."""
    free = free_bytes.value
    return Verdict(free >= needed_bytes, f"{free / 1024**3:.1f} GiB free {free_bytes.where}")


def judge_listening(listening: Found[bool]) -> Verdict:
    """Judge whether a port is open."""
    said = "listening" if listening.value else "nothing listens there,"
    return Verdict(listening.value, f"{said} {listening.where}")


def judge_file(there: Found[bool]) -> Verdict:
    """Judge whether a file exists."""
    said = "it is there," if there.value else "there is no such file"
    return Verdict(there.value, f"{said} {there.where}")


def _within(seen: str, took_ms: float | None, within_ms: float | None) -> Verdict:
    if within_ms is None:
        return Verdict(True, seen)
    if took_ms is None:
        return Verdict(None, f"{seen}, but how long it took is not reported")
    return Verdict(took_ms <= within_ms, f"{seen} in {took_ms:.0f} ms")


def _why_unknown(reading: Reading, since: datetime | None) -> str:
    if reading.fault:
        return reading.fault
    if reading.value is None or reading.state is State.UNKNOWN or reading.at is None:
        return "no value is known"
    if since and reading.at < since:
        return "it has not been measured since"
    return ""


def _judge_past(assertion: IndicatorValue, history: History | None, now: datetime) -> Verdict:
    begin = now - timedelta(seconds=assertion.for_s)
    if history is None or not history.values:
        return Verdict(None, "its past is not known")
    step = timedelta(seconds=history.step_s)
    points = [(history.start + n * step, value) for n, value in enumerate(history.values)]
    window = [value for at, value in points if at >= begin]
    # Two steps of slack: points are evenly spaced and never fall on the very instant.
    if points[0][0] > begin + step or points[-1][0] < now - 2 * step or not window:
        return Verdict(None, f"its past {assertion.for_s:g} s are not wholly known")
    if any(math.isnan(value) for value in window):
        return Verdict(None, f"there are gaps in its past {assertion.for_s:g} s")
    bad = [v for v in window if not _HOLDS[assertion.comparison](v, assertion.bound)]
    if bad:
        return Verdict(False, f"it was {bad[-1]:g} within the past {assertion.for_s:g} s")
    return Verdict(True, f"it held for {assertion.for_s:g} s, now {window[-1]:g}")
