"""All targets of one server by one query an indicator; pure.

A series that is missing is not a value of 0, and 0/0 is neither: the first is *no data*, the last
*no traffic*, and both are unknown. A target without any series at all is not in the answer.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from procedures.environment import Environment, Limits
from procedures.fleet.fleet import Fleet, FleetSettings
from procedures.reference.indicators import Indicator
from procedures.reference.measures import Gauge, Measure, Rate, total_of
from procedures.reference.states import State, worst
from procedures.signals.evaluation import Evaluation
from procedures.signals.freshness import age_fault
from procedures.signals.promql import divisor_of, matches_of, render, written_matches
from procedures.signals.promql_client import Point
from procedures.signals.readings import doubted, reading_of
from procedures.signals.values import Reading
from procedures.signals.verdict import severity_state

SEEN, FIRING = "fleet/seen", "fleet/firing"
"""Names of the two further queries."""

Points = Mapping[str, list[Point]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What one answer says of one target.

    Attributes:
        readings: The indicators, by id.
        state: The worst of the readings and of the alerts that fire.
        firing: How many alerts fire.
        at: When the newest sample was taken, by this machine's clock.
        fault: Why the readings are not to be trusted; empty if they are.
    """

    readings: Mapping[str, Reading]
    state: State
    firing: int | None
    at: datetime
    fault: str = ""


def grouped_queries(indicators: Iterable[Indicator], settings: FleetSettings) -> dict[str, str]:
    """Return one query an indicator, one for the newest samples, and one for firing alerts.

    Shares of what a target may use are left out: the targets differ in that.
    """
    queries = {
        each.id: render(
            _undivided(total_of(each.measure)),
            job=settings.job,
            window_s=settings.window_s,
            limits=Limits(),
            each=settings.by,
        )
        for each in indicators
    }
    up = written_matches(matches_of(settings.job, {}, settings.by))
    queries[SEEN] = f"max by ({settings.by}) (timestamp(up{{{up}}}))"
    firing = f'alertstate="firing", {settings.by}!=""'
    queries[FIRING] = f"count by ({settings.by}, severity) (ALERTS{{{firing}}})"
    return queries


def targets_of(
    points: Points,
    indicators: Iterable[Indicator],
    fleet: Fleet,
    *,
    now: datetime,
    refused: Mapping[str, str],
) -> Mapping[str, Target]:
    """Return what the answers say, by the value of the label.

    Args:
        points: The answers, by the name of the query.
        indicators: What was asked for.
        fleet: Whose limits and thresholds hold for which target.
        now: When the answers came.
        refused: Why a query was not answered, by its name.
    """
    label = fleet.settings.by
    known = {each.id: each for each in indicators}
    values = {name: _by_label(points.get(name, []), label) for name in known}
    seen = _by_label(points.get(SEEN, []), label)
    firing = _firing(points.get(FIRING, []), label)
    environments = fleet.by_label()
    server_at = max((p.at for found in points.values() for p in found), default=now.timestamp())
    return {
        target: _Judge(
            fleet.settings,
            environments.get(target),
            now=now,
            server_at=server_at,
            refused=refused,
        ).target(
            {name: found.get(target) for name, found in values.items()},
            known,
            newest=seen.get(target),
            firing=None if FIRING in refused else firing.get(target, {}),
        )
        for target in seen.keys() | {name for found in values.values() for name in found}
    }


class _Judge:
    """Holds the values of one target against what is asked of it."""

    def __init__(
        self,
        settings: FleetSettings,
        environment: Environment | None,
        *,
        now: datetime,
        server_at: float,
        refused: Mapping[str, str],
    ) -> None:
        self._settings = settings
        self._environment = environment
        self._now = now
        self._server_at = server_at
        self._refused = refused

    def target(
        self,
        values: Mapping[str, float | None],
        indicators: Mapping[str, Indicator],
        *,
        newest: float | None,
        firing: Mapping[str, int] | None,
    ) -> Target:
        age_s = 0.0 if newest is None else max(0.0, self._server_at - newest)
        at = datetime.fromtimestamp(self._now.timestamp() - age_s, UTC)
        fault = age_fault(age_s, self._settings.interval_s)
        readings = {
            name: self._reading(each, values[name], at, fault) for name, each in indicators.items()
        }
        states = [reading.state for reading in readings.values()]
        states += [State.UNKNOWN] if firing is None else map(severity_state, firing)
        return Target(
            readings=readings,
            state=State.UNKNOWN if fault else worst(states),
            firing=None if firing is None else sum(firing.values()),
            at=at,
            fault=fault,
        )

    def _reading(
        self, indicator: Indicator, value: float | None, at: datetime, fault: str
    ) -> Reading:
        limits, threshold = self._settings.limits, indicator.threshold
        if self._environment is not None:
            limits = self._environment.limits
            threshold = self._environment.thresholds.get(indicator.id, threshold)
        evaluation = self._evaluation(indicator, value, limits)
        reading = reading_of(indicator, evaluation, threshold=threshold, at=at)
        return doubted(reading, fault) if fault else reading

    def _evaluation(self, indicator: Indicator, value: float | None, limits: Limits) -> Evaluation:
        measure = indicator.measure
        if indicator.id in self._refused:
            return Evaluation(value=None, why_not=self._refused[indicator.id])
        if value is None and isinstance(measure, Gauge) and measure.if_absent is not None:
            value = measure.if_absent * measure.scale
        if value is None:
            return Evaluation(value=None, why_not="no data")
        if not math.isfinite(value):
            return Evaluation(value=None, why_not="no traffic")
        divisor = measure.divisor if isinstance(measure, Gauge | Rate) else ""
        return Evaluation(value=value / divisor_of(divisor, limits))


def _undivided(measure: Measure) -> Measure:
    return replace(measure, divisor="") if isinstance(measure, Gauge | Rate) else measure


def _by_label(points: Iterable[Point], label: str) -> dict[str, float]:
    return {point.labels.get(label, ""): point.value for point in points}


def _firing(points: Iterable[Point], label: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for point in points:
        counts = found.setdefault(point.labels.get(label, ""), {})
        severity = point.labels.get("severity", "")
        counts[severity] = counts.get(severity, 0) + round(point.value)
    return found
