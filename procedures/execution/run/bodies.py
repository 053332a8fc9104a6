"""Event bodies of a run: values to JSON and back; a reader raises what an unreadable body does.

That is KeyError, TypeError or ValueError. A value of another type than expected is an error and
not taken for what it looks like: ``"false"`` is no truth, and ``"3"`` is no position.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from procedures.execution.run.run import CheckResult, Stage, StepRecord
from procedures.ledger.event import Event


def word(body: Mapping[str, Any], key: str, otherwise: str | None = None) -> str:
    """Return the text at ``key``; ``otherwise`` if there is none and one is not needed."""
    value = body[key] if otherwise is None else body.get(key, otherwise)
    if not isinstance(value, str):
        raise TypeError(f"{key} is no text")
    return value


def flag(body: Mapping[str, Any], key: str, otherwise: bool | None = None) -> bool:
    """Return whether ``key`` is true."""
    value = body[key] if otherwise is None else body.get(key, otherwise)
    if not isinstance(value, bool):
        raise TypeError(f"{key} is neither true nor false")
    return value


def whole(body: Mapping[str, Any], key: str, otherwise: int | None = None) -> int:
    """Return the whole number at ``key``."""
    value = body[key] if otherwise is None else body.get(key, otherwise)
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{key} is no whole number")
    return value


def moment(body: Mapping[str, Any], key: str) -> datetime:
    """Return the time at ``key``, which must say its zone, so that it can be compared."""
    at = datetime.fromisoformat(body[key])
    if at.tzinfo is None:
        raise ValueError(f"{key} says no time zone")
    return at


def decided_at(event: Event) -> datetime:
    """Return when the operator decided what ``event`` tells of.

    The ledger writes it down a moment later, by a clock that may be another one. What was in time
    must not become impossible by being recorded.
    """
    return moment(event.body, "decided_at") if "decided_at" in event.body else event.at


def results_body(results: Iterable[CheckResult]) -> list[dict[str, Any]]:
    """Return ``results`` as JSON."""
    return [
        {
            "text": result.text,
            "passed": result.passed,
            "detail": result.detail,
            "at": result.at.isoformat(),
        }
        for result in results
    ]


def read_results(body: Iterable[Mapping[str, Any]]) -> tuple[CheckResult, ...]:
    """Return what :func:`results_body` wrote."""
    return tuple(
        CheckResult(
            text=word(item, "text"),
            passed=None if item["passed"] is None else flag(item, "passed"),
            detail=word(item, "detail"),
            at=moment(item, "at"),
        )
        for item in body
    )


def outline_body(step: StepRecord) -> dict[str, Any]:
    """Return the shape of a step as JSON, without what has happened to it."""
    body: dict[str, Any] = {
        "id": step.id,
        "title": step.title,
        "stages": [stage.value for stage in step.stages],
        "items": step.items,
        "choices": step.choices,
    }
    return body | ({"undoes": step.undoes, "part": step.part} if step.undoes else {})


def read_outline(body: Mapping[str, Any]) -> StepRecord:
    """Return the untouched step of the shape that :func:`outline_body` wrote."""
    stages = tuple(map(Stage, body["stages"]))
    items, choices = whole(body, "items"), whole(body, "choices")
    asked = (Stage.ITEMS in stages, Stage.CHOICE in stages)
    if not stages or len(set(stages)) < len(stages) or asked != (items > 0, choices > 0):
        raise ValueError("it has no stages, or not those of its items and choices")
    return untouched(
        id=word(body, "id"),
        title=word(body, "title"),
        stages=stages,
        items=items,
        choices=choices,
        undoes=word(body, "undoes", ""),
        part=whole(body, "part", 0),
    )


def untouched(
    *,
    id: str,
    title: str,
    stages: tuple[Stage, ...],
    items: int = 0,
    choices: int = 0,
    undoes: str = "",
    part: int = 0,
) -> StepRecord:
    """Return the record of a step to which nothing has happened yet."""
    return StepRecord(
        id=id,
        title=title,
        stages=stages,
        items=items,
        choices=choices,
        remaining=stages,
        undoes=undoes,
        part=part,
    )
