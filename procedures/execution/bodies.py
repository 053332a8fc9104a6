"""Event bodies of a run: values to JSON and back; a reader raises what an unreadable body does."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from procedures.execution.run import CheckResult, Stage, StepRecord


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
            text=item["text"],
            passed=item["passed"],
            detail=item["detail"],
            at=datetime.fromisoformat(item["at"]),
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
    return untouched(
        id=body["id"],
        title=body["title"],
        stages=tuple(Stage(word) for word in body["stages"]),
        items=body["items"],
        choices=body["choices"],
        undoes=body.get("undoes", ""),
        part=body.get("part", 0),
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
