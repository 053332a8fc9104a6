"""What holds a workload's size: autoscalers and disruption budgets; pure."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from procedures.targets.kubernetes.fields import Json, count, name_of, number, part, parts, text
from procedures.targets.kubernetes.selectors import selects

_OLD_CONDITIONS = "autoscaling.alpha.kubernetes.io/conditions"
"""Where ``autoscaling/v1`` keeps what later versions have in the status."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Bounds of an autoscaler and of disruption budgets, with notes on them."""

    least: int | None = None
    most: int | None = None
    spare: int | None = None
    notes: tuple[str, ...] = ()


def bounds_of(
    kind: str, workload: Json, autoscalers: Sequence[Json], budgets: Sequence[Json]
) -> Bounds:
    """Return what holds the size of one workload.

    Args:
        kind: As the API names it: ``Deployment``.
        workload: The object itself.
        autoscalers: All that the namespace has.
        budgets: All that the namespace has.
    """
    least = most = spare = None
    notes = []
    for each in autoscalers:
        aim = part(each, "spec", "scaleTargetRef")
        if (text(aim, "kind"), text(aim, "name")) == (kind, name_of(workload)):
            given = number(each, "spec", "minReplicas")
            least = 1 if given is None else given
            most = number(each, "spec", "maxReplicas")
            notes.append(_scaler_note(each, least, most))
    labels = part(workload, "spec", "template", "metadata", "labels")
    for each in budgets:
        if selects(part(each, "spec", "selector"), labels):
            allowed = count(each, "status", "disruptionsAllowed")
            spare = allowed if spare is None else min(spare, allowed)
            notes.append(f"disruption budget {name_of(each)}: {allowed} may be missing now")
    return Bounds(least=least, most=most, spare=spare, notes=tuple(notes))


def _scaler_note(scaler: Json, least: int, most: int | None) -> str:
    note = f"autoscaler {name_of(scaler)}: {least} to {most} replicas"
    for each in _conditions(scaler):
        doubts = each.get("type") in {"AbleToScale", "ScalingActive"}
        if doubts and each.get("status") == "False":
            reason = text(each, "message") or text(each, "reason")
            return f"{note}; it does not scale now: {reason}"
    return note


def _conditions(scaler: Json) -> list[Json]:
    if found := parts(scaler, "status", "conditions"):
        return found
    try:
        old = json.loads(text(scaler, "metadata", "annotations", _OLD_CONDITIONS) or "[]")
    except ValueError:
        return []
    return parts({"conditions": old}, "conditions")
