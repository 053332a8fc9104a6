"""From an evaluation to what an operator reads: state, fault and the largest parts."""

import math
from dataclasses import replace
from datetime import datetime

from procedures.reference.indicators import Indicator
from procedures.reference.states import State
from procedures.reference.thresholds import Threshold
from procedures.signals.evaluation import Evaluation, Groups
from procedures.signals.values import Reading

MOST_PARTS = 12


def reading_of(
    indicator: Indicator,
    evaluation: Evaluation,
    *,
    threshold: Threshold | None,
    at: datetime,
    note: str = "",
) -> Reading:
    """Hold an evaluation against the threshold; ``note`` is a doubt that does not void it."""
    value = evaluation.value
    if value is None:
        state, fault = State.UNKNOWN, evaluation.why_not
    else:
        state, fault = (threshold.state(value) if threshold else State.OK), note
    return Reading(
        indicator=indicator.id,
        state=state,
        value=value,
        at=at,
        fault=fault,
        parts=_parts(indicator, evaluation.groups),
    )


def doubted(reading: Reading, fault: str) -> Reading:
    """Return ``reading`` as UNKNOWN for the reason ``fault``, its last value still visible."""
    return replace(reading, state=State.UNKNOWN, fault=fault)


def _parts(indicator: Indicator, groups: Groups) -> tuple[tuple[str, float], ...]:
    if getattr(indicator.measure, "by", ()) == ("le",):
        return _buckets(groups)
    largest = sorted(groups.items(), key=lambda item: (-item[1], item[0]))[:MOST_PARTS]
    return tuple((" ".join(group), value) for group, value in largest if any(group))


def _buckets(groups: Groups) -> tuple[tuple[str, float], ...]:
    """Return what falls into each bucket by itself, the fastest first."""
    bounds = sorted((float(group[0]), count) for group, count in groups.items())
    parts = []
    below = (0.0, 0.0)
    for bound, count in bounds:
        name = f"> {below[0] * 1000:g} ms" if math.isinf(bound) else f"≤ {bound * 1000:g} ms"
        parts.append((name, max(0.0, count - below[1])))
        below = (bound, count)
    return tuple(parts)
