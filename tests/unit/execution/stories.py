"""Runs told event by event: what the tests of the fold share."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from procedures.execution.run.bodies import outline_body, untouched
from procedures.execution.run.fold import evolve, fold
from procedures.execution.run.run import Run, Stage, StepRecord
from procedures.ledger.event import Event

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
STEPS = (
    untouched(id="look", title="Look", stages=(Stage.COMMAND,)),
    untouched(id="flush", title="Flush", stages=(Stage.COMMAND, Stage.CHECKS, Stage.WAIT)),
    untouched(id="tell", title="Tell", stages=(Stage.ITEMS, Stage.CHOICE), items=2, choices=2),
)


def started_body(*steps: StepRecord) -> dict[str, Any]:
    """Return what ``run.started`` says of a run of ``steps``."""
    return {
        "procedure": "cache-flush",
        "title": "Cache flush",
        "digest": "d",
        "method": "docker",
        "inputs": {"n": "1"},
        "console": "h/1/1",
        "steps": [outline_body(step) for step in steps or STEPS],
    }


class Story:
    """Events told one after the other, each tried on the run as it is by then."""

    def __init__(self, *steps: StepRecord) -> None:
        self.events = [event(1, "run.started", started_body(*steps))]
        self.run = fold(self.events)

    def tell(self, kind: str, step: str = "", *, by: str = "ada", **body: object) -> Run:
        """Let ``kind`` happen; RunError, and nothing has happened, if it cannot."""
        told = self.foreseen(kind, step, by=by, **body)
        self.run = evolve(self.run, told)
        self.events.append(told)
        return self.run

    def foreseen(self, kind: str, step: str = "", *, by: str = "ada", **body: object) -> Event:
        if step:
            body["step"] = step
        return event(len(self.events) + 1, kind, usual_body(self.run, kind) | body, by=by)

    def step(self, step_id: str) -> StepRecord:
        record = self.run.step(step_id)
        assert record
        return record

    @property
    def current(self) -> StepRecord:
        assert self.run.current
        return self.run.current


def event(seq: int, kind: str, body: Mapping[str, Any], *, by: str = "ada") -> Event:
    return Event(
        seq=seq,
        at=at(seq),
        kind=kind,
        subject="run-1",
        environment="staging",
        operator=by,
        body=body,
        previous_hash="",
        hash="",
    )


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def result(passed: bool | None) -> dict[str, Any]:
    return {"text": "t", "passed": passed, "detail": "d", "at": START.isoformat()}


def usual_body(run: Run, kind: str) -> dict[str, Any]:
    """Return what an event of that kind mostly says, as the run stands."""
    if kind == "rollback.begun":
        return {"reason": "wrong", "goes_on": False, "steps": undoing(run)}
    if kind == "approval.requested":
        soon = at(run.last_seq + 4).isoformat()
        return {"binding": "b", "level": "change", "script": "x", "expires_at": soon}
    if kind in ("step.finished", "background.finished"):
        return BODIES[kind] | {"ended_at": at(run.last_seq).isoformat()}
    return BODIES.get(kind, {})


def undoing(run: Run, *only: str) -> list[dict[str, Any]]:
    """Return the steps of a way back: two for each that has been executed."""
    turn = len(run.rollbacks)
    done = [step for step in reversed(run.steps) if step.reached_level]
    return [
        outline_body(
            untouched(
                id=f"undo:{step.id}:{turn}.{part}",
                title="Undo",
                stages=(Stage.COMMAND,),
                undoes=step.id,
                part=part,
            )
        )
        for step in done
        if not only or step.id in only
        for part in range(2)
    ]


BODIES: dict[str, dict[str, Any]] = {
    "step.confirmed": {"level": "change", "binding": "b", "needs_approval": False},
    "step.started": {
        "level": "change",
        "binding": "b",
        "folder": "/f",
        "host": "h",
        "background": False,
    },
    "step.finished": {"exit_code": 0, "ended_at": START.isoformat(), "reason": ""},
    "step.checked": {"stage": "checks", "results": [result(True)]},
    "step.in-doubt": {"reason": "lost"},
    "step.doubt-resolved": {"passed": True, "note": "looked"},
    "step.ticked": {"item": 0, "on": True},
    "step.chosen": {"choice": 0},
    "step.skipped": {"reason": "not needed"},
    "step.retried": {"recheck": False},
    "step.overridden": {"reason": "known", "results": [result(False)]},
    "approval.granted": {"binding": "b", "reason": ""},
    "approval.refused": {"binding": "b", "reason": "not now"},
    "background.finished": {"exit_code": 0, "ended_at": START.isoformat(), "reason": ""},
    "run.noted": {"text": "hm", "step": "", "evidence": "", "sha256": ""},
    "run.paused": {"reason": "wait"},
    "run.handed-over": {"to": "grace"},
    "run.taken": {"console": "h/2/2", "reason": "urgent"},
    "run.aborted": {"reason": "enough"},
    "run.undone": {"by": "run-2"},
}
