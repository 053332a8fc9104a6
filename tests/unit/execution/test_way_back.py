"""Which undo commands take back what a run did: those of what may stand, the last first."""

from dataclasses import replace
from pathlib import Path

import pytest

from procedures.environment import Method
from procedures.errors import RunError
from procedures.execution.run.run import Rollback, Run, StepRecord, StepStatus
from procedures.execution.run.way_back import not_undoable, undo_records, undo_step
from procedures.reference.levels import Level
from procedures.runbook.model import Command, Phase, Procedure, Step
from tests.unit.execution.test_effects import done, run

ANYWHERE = Command(script="undo-anywhere", line=1, level=Level.CHANGE)
DOCKER = Command(script="undo-docker", line=2, methods=(Method.DOCKER,))
SYSTEMD = Command(script="undo-systemd", line=3, methods=(Method.SYSTEMD,))


def document(**undos: tuple[Command, ...]) -> Procedure:
    steps = tuple(
        Step(id=name, title=name.title(), line=1, undo=undo) for name, undo in undos.items()
    )
    return Procedure(
        id="p",
        title="P",
        path=Path("p.md"),
        digest="d",
        source="",
        phases=(Phase(title="Phase", line=1, steps=steps),),
    )


def back(walked: Run, procedure: Procedure, *only: str) -> list[tuple[str, str, int]]:
    records = undo_records(walked, procedure, only=only)
    return [(each.id, each.undoes, each.part) for each in records]


def test_the_last_effect_is_undone_first_and_the_commands_of_one_step_in_their_order() -> None:
    procedure = document(one=(ANYWHERE,), two=(ANYWHERE, SYSTEMD, DOCKER), three=(ANYWHERE,))
    assert back(run(done("one"), done("two"), done("three")), procedure) == [
        ("undo:three:1.1", "three", 0),
        ("undo:two:1.1", "two", 0),
        ("undo:two:1.2", "two", 1),
        ("undo:one:1.1", "one", 0),
    ]


def test_only_what_may_stand_is_undone() -> None:
    procedure = document(one=(ANYWHERE,), two=(ANYWHERE,), three=(ANYWHERE,))
    steps: tuple[StepRecord, ...] = (
        done("one", status=StepStatus.UNDONE),
        done("two", Level.READ),
        done("three", status=StepStatus.IN_DOUBT),
    )
    assert back(run(*steps), procedure) == [("undo:three:1.1", "three", 0)]


def test_only_what_is_asked_for_is_undone_if_anything_is() -> None:
    procedure = document(one=(ANYWHERE,), two=(ANYWHERE,), three=(ANYWHERE,))
    walked = run(done("one"), done("two"), done("three"))
    found = [undone for _, undone, _ in back(walked, procedure, "one", "three", "four")]
    assert found == ["three", "one"]


def test_a_second_way_back_has_steps_of_its_own() -> None:
    procedure = document(one=(ANYWHERE,))
    walked = replace(run(done("one")), rollbacks=(Rollback(reason="r", steps=(), is_over=True),))
    assert back(walked, procedure) == [("undo:one:2.1", "one", 0)]


def test_what_no_command_undoes_is_told() -> None:
    procedure = document(one=(ANYWHERE,), two=(), three=(SYSTEMD,))
    walked = run(done("one"), done("two"), done("three"), done("gone"))
    assert not_undoable(walked, procedure) == ("two", "three", "gone")


def test_a_step_of_the_way_back_is_walked_like_any_other_and_is_never_left_behind() -> None:
    procedure = document(one=(ANYWHERE, SYSTEMD, replace(DOCKER, background=True)))
    walked = run(done("one"))
    for record, script in zip(
        undo_records(walked, procedure), ("undo-anywhere", "undo-docker"), strict=True
    ):
        step = undo_step(record, procedure, Method.DOCKER)
        assert (step.id, step.title) == (record.id, "Undo: One")
        command = step.command_for(Method.DOCKER)
        assert command
        assert (command.script, command.background) == (script, False)


@pytest.mark.parametrize("changed", [document(one=()), document(one=(SYSTEMD,)), document()])
def test_a_command_that_the_document_does_not_hold_any_more_is_an_error(
    changed: Procedure,
) -> None:
    (record,) = undo_records(run(done("one")), document(one=(ANYWHERE,)))
    with pytest.raises(RunError, match="p holds no undo command 1 for step one"):
        undo_step(record, changed, Method.DOCKER)
