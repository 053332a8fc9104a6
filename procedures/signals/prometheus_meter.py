"""Measures answered by a Prometheus server, or anything that speaks its query API."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from time import monotonic

from procedures.clock import Clock
from procedures.environment import Endpoint, Limits
from procedures.reference.measures import Gauge, Measure, total_of
from procedures.signals.evaluation import Evaluation, Group, explain_absence
from procedures.signals.freshness import age_fault, skew_note
from procedures.signals.meter import Answers, Measures, Tracks
from procedures.signals.promql import matches_of, render, window_over, written_matches
from procedures.signals.promql_client import Point, PromqlClient, Track
from procedures.signals.values import NO_LABELS

NAMES_KEPT_S = 60.0
"""How long the list of exported metric names is believed."""


class PrometheusMeter:
    """Asks a few large queries instead of many small ones: a refresh is a handful of requests."""

    name = "prometheus"
    remembers = True

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        job: str,
        window_s: int,
        limits: Limits,
        interval_s: float,
        timeout_s: float,
        clock: Clock,
        labels: Mapping[str, str] = NO_LABELS,
    ) -> None:
        self.address = endpoint.url
        self.timeout_s = timeout_s
        self._client = PromqlClient(endpoint, timeout_s=timeout_s)
        self._job = job
        self._labels = labels
        self._matches = written_matches(matches_of(job, labels))
        self._window_s = window_s
        self._limits = limits
        self._interval_s = interval_s
        self._clock = clock
        self._ahead_s: float | None = None
        self._names: frozenset[str] = frozenset()
        self._names_until = -math.inf

    async def now(self) -> float:
        """Return the server's time, as its last answer showed it; asks if there was none yet."""
        if self._ahead_s is None:
            points, _ = await self._client.query({"now": "vector(time())"})
            self._note_time(_newest_time(points))
        return self._clock.now().timestamp() + (self._ahead_s or 0.0)

    async def refresh(self) -> None:
        """Do nothing: the server scrapes."""

    async def ask(self, measures: Measures) -> Answers:
        """Answer each measure by the server's own present."""
        wholes = {name: total_of(measure) for name, measure in measures.items()}
        parts = {f"{name}/parts": each for name, each in measures.items() if each != wholes[name]}
        newest = f"max(timestamp(up{{{self._matches}}}))"
        asked = {
            **self._queries(wholes, self._window_s),
            **self._queries(parts, self._window_s),
            "newest": newest,
        }
        points, refused = await self._client.query(asked)
        evaluations = {}
        exported = await self._exported() if _any_missing(wholes, points) else frozenset()
        for name, measure in measures.items():
            groups = _groups(measure, points.get(f"{name}/parts", []))
            why_not = refused.get(name) or _why_not(measure, points.get(name, []), exported)
            value = None if why_not else points[name][0].value
            evaluations[name] = Evaluation(value=value, why_not=why_not, groups=groups)
        return self._dated(points, evaluations)

    async def ask_past(
        self, measures: Measures, *, start: float, end: float, step_s: int
    ) -> Mapping[str, Tracks]:
        """Answer each measure at past instants.

        A value for absent series is not assumed there: that nothing was recorded does not say
        that nothing ran.
        """
        window_s = window_over(step_s, self._window_s)
        known = {name: _without_assumption(measure) for name, measure in measures.items()}
        tracks, _ = await self._client.query_range(
            self._queries(known, window_s), start=start, end=end, step_s=step_s
        )
        count = int((end - start) // step_s) + 1
        return {
            name: _placed(measure, tracks.get(name, []), start, step_s, count)
            for name, measure in known.items()
        }

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    def _queries(self, measures: Measures, window_s: int) -> dict[str, str]:
        return {
            name: render(
                each,
                job=self._job,
                window_s=window_s,
                limits=self._limits,
                labels=self._labels,
            )
            for name, each in measures.items()
        }

    def _dated(
        self, points: Mapping[str, list[Point]], evaluations: Mapping[str, Evaluation]
    ) -> Answers:
        now = self._clock.now()
        server_at = _newest_time(points) or now.timestamp()
        self._note_time(server_at)
        newest = points.get("newest", [])
        age_s = server_at - newest[0].value if newest else 0.0
        return Answers(
            at=now - timedelta(seconds=max(0.0, age_s)),
            server_at=server_at,
            evaluations=evaluations,
            note=skew_note(server_at, now.timestamp(), self.address),
            too_old=age_fault(age_s, self._interval_s),
        )

    def _note_time(self, server_at: float | None) -> None:
        if server_at is not None:
            self._ahead_s = server_at - self._clock.now().timestamp()

    async def _exported(self) -> frozenset[str]:
        """Return the names of the metrics that the job exports."""
        if monotonic() >= self._names_until:
            query = f"count by (__name__) ({{{self._matches}}})"
            points, _ = await self._client.query({"names": query})
            self._names = frozenset(p.labels.get("__name__", "") for p in points.get("names", []))
            self._names_until = monotonic() + NAMES_KEPT_S
        return self._names


def _newest_time(points: Mapping[str, list[Point]]) -> float | None:
    return max((point.at for found in points.values() for point in found), default=None)


def _any_missing(measures: Measures, points: Mapping[str, list[Point]]) -> bool:
    return any(_value(points.get(name, [])) is None for name in measures)


def _value(points: list[Point]) -> float | None:
    """Return the one finite value; no traffic shows as NaN, errors without traffic as infinity."""
    if len(points) != 1 or not math.isfinite(points[0].value):
        return None
    return points[0].value


def _why_not(measure: Measure, points: list[Point], exported: frozenset[str]) -> str:
    if _value(points) is not None:
        return ""
    if len(points) > 1:
        return f"the query gives {len(points)} series instead of one"
    return explain_absence(measure, exported=exported, nan=bool(points))


def _group(measure: Measure, labels: Mapping[str, str]) -> Group:
    return tuple(labels.get(label, "") for label in getattr(measure, "by", ()))


def _groups(measure: Measure, points: list[Point]) -> Mapping[Group, float]:
    return {_group(measure, p.labels): p.value for p in points if math.isfinite(p.value)}


def _without_assumption(measure: Measure) -> Measure:
    return replace(measure, if_absent=None) if isinstance(measure, Gauge) else measure


def _placed(
    measure: Measure, tracks: list[Track], start: float, step_s: int, count: int
) -> dict[Group, list[float]]:
    """Put the values of each series at their instants."""
    placed = {}
    for track in tracks:
        values = placed[_group(measure, track.labels)] = [math.nan] * count
        for at, value in track.points:
            position = round((at - start) / step_s)
            if 0 <= position < count and math.isfinite(value):
                values[position] = value
    return placed
