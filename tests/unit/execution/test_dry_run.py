"""Dry runs: everything is shown, the checks are asked, and nothing is executed or recorded."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from procedures.environment import Environment, Method, Tier
from procedures.errors import RunError
from procedures.execution.policy.policy import Confirmation, Operator, Policy, Rule
from procedures.execution.rehearsal.dry_run import DryRun, Obstacle
from procedures.execution.rehearsal.rehearsal import rehearse
from procedures.execution.run.run import CheckResult
from procedures.reference.levels import Level
from procedures.runbook.assertions import Assertion, FileExists, HealthStatus, HttpStatus
from procedures.runbook.catalogue import load
from procedures.runbook.model import (
    Choice,
    Command,
    Input,
    Item,
    Phase,
    Procedure,
    Step,
    Wait,
)

HEALTHY = HealthStatus(text="health status is healthy", line=1, word="healthy")
STAGING = Environment(name="staging-eu", tier=Tier.STAGING, method=Method.DOCKER)
ADA = Operator(name="ada")
NOW = datetime(2026, 3, 4, 3, 12, tzinfo=UTC)
WITHOUT = ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty")
"""Audit events of Python that begin a process."""

seen: list[str] | None = None


def _listen(event: str, _: tuple[object, ...]) -> None:
    if seen is not None and (event in WITHOUT or event == "sqlite3.connect"):
        seen.append(event)


sys.addaudithook(_listen)


@contextmanager
def audited() -> Iterator[list[str]]:
    """Yield what this process begins and opens meanwhile."""
    global seen
    seen = []
    try:
        yield seen
    finally:
        seen = None


class Clock:
    def now(self) -> datetime:
        return NOW


class Answers:
    """Answers every question alike, and remembers what was asked."""

    def __init__(self, passed: bool | None = True, **by_word: bool | None) -> None:
        self._passed = passed
        self._by_word = by_word
        self.asked: list[str] = []

    async def check(
        self,
        assertion: Assertion,
        variables: Mapping[str, str],
        *,
        since: datetime | None = None,
    ) -> CheckResult:
        self.asked.append(assertion.text)
        passed = next(
            (is_so for word, is_so in self._by_word.items() if word in assertion.text), self._passed
        )
        return CheckResult(text=assertion.text, passed=passed, detail="seen", at=NOW)

    async def aclose(self) -> None:
        pass


def command(script: str, level: Level = Level.READ, **more: object) -> tuple[Command, ...]:
    return (replace(Command(script=script, line=1, level=level), **more),)  # type: ignore[arg-type]


def step(id: str, **parts: object) -> Step:
    return replace(Step(id=id, title=id.title(), line=1), **parts)  # type: ignore[arg-type]


def procedure(*steps: Step, **inputs: Input) -> Procedure:
    return Procedure(
        id="cache-flush",
        title="Cache flush",
        path=Path("cache-flush.md"),
        digest="d1",
        source="",
        inputs=inputs,
        phases=(Phase(title="Phase", line=1, steps=steps),),
    )


async def dry(
    document: Procedure,
    inputs: Mapping[str, str] | None = None,
    *,
    environment: Environment = STAGING,
    checks: Answers | None = None,
    policy: Policy | None = None,
    secrets: tuple[str, ...] = (),
    begin_at: str = "",
) -> DryRun:
    return await rehearse(
        document,
        environment,
        inputs or {},
        operator=ADA,
        policy=policy or Policy(),
        checks=checks or Answers(),
        clock=Clock(),
        secrets=secrets,
        begin_at=begin_at,
    )


@pytest.mark.parametrize("method", list(Method))
async def test_no_document_of_the_catalogue_executes_or_records_anything(method: Method) -> None:
    environment = replace(STAGING, method=method)
    documents = [each for each in load().procedures if method in each.methods]
    checks = Answers()
    with audited() as begun:
        runs = [await dry(each, environment=environment, checks=checks) for each in documents]
    assert begun == []
    assert len(runs) > 100
    commands = [each.command for run in runs for each in run.steps if each.command]
    assert len(commands) > 500
    assert all(each.script and each.ruling.confirmation for each in commands)
    for run, document in zip(runs, documents, strict=True):
        assert [each.id for each in run.steps] == [each.id for each in document.steps]
        assert all(check.evaluated for each in run.steps for check in each.checks)
        assert run.stop is None or run.stop.obstacle is Obstacle.INPUTS, run.stop


async def test_a_command_is_shown_with_all_that_would_be_asked() -> None:
    script = 'rm -rf "$DATA_DIR/$db" $TOKEN'
    shown = await dry(
        procedure(
            step(
                "drop",
                commands=command(script, affects="all of it", confirm="the data"),
                undo=command("restore hunter2"),
            ),
            db=Input(name="db"),
            TOKEN=Input(name="TOKEN", secret=True),
        ),
        {"db": "x"},
        secrets=("hunter2",),
        policy=Policy(rules=(Rule(second_person=True),)),
    )
    one = shown.steps[0].command
    assert one is not None
    assert one.script == script
    assert one.variables == {"DATA_DIR": "/var/lib/llm-config", "db": "x", "TOKEN": "••••"}
    assert (one.declared, one.ruling.level) == (Level.READ, Level.DESTRUCTIVE)
    assert (one.ruling.confirmation, one.confirm_word) == (Confirmation.TYPED, "the data")
    assert one.ruling.second_person
    assert one.findings
    assert one.undo == ("restore ••••",)
    assert shown.inputs == {"db": "x"}
    assert shown.stop is None


async def test_parts_that_nobody_executes_are_shown_too() -> None:
    shown = await dry(
        procedure(
            step(
                "one",
                expect=("done",),
                checks=(HEALTHY,),
                wait=Wait(duration=timedelta(minutes=5), condition=HEALTHY, line=1),
                items=(Item(text="call", line=1),),
                choices=(Choice(label="well", target="", line=1),),
            )
        )
    )
    one = shown.steps[0]
    assert [check.text for check in one.checks] == [HEALTHY.text, HEALTHY.text]
    assert (one.wait, one.items, one.choices) == (timedelta(minutes=5), ("call",), ("well",))
    assert one.command is None


async def test_each_assertion_is_asked_once() -> None:
    checks = Answers()
    await dry(procedure(step("a", checks=(HEALTHY,)), step("b", preconditions=(HEALTHY,))),
              checks=checks)  # fmt: skip
    assert checks.asked == [HEALTHY.text]


async def test_a_check_that_needs_a_secret_is_not_evaluated_and_stops_nothing() -> None:
    asks = HttpStatus(text="http GET $API/$key is 200", line=1, verb="GET", url="$API/$key",
                      statuses=(200,))  # fmt: skip
    checks = Answers()
    shown = await dry(
        procedure(step("a", checks=(asks,)), key=Input(name="key", secret=True)), checks=checks
    )
    assert checks.asked == []
    assert not shown.steps[0].checks[0].evaluated
    assert shown.stop is None


async def test_a_failed_precondition_would_stop_the_run_first() -> None:
    document = procedure(
        step("look", commands=command("true")),
        step("act", commands=command("touch x", Level.CHANGE), preconditions=(HEALTHY,)),
    )
    shown = await dry(document, checks=Answers(passed=False))
    assert shown.stop is not None
    assert (shown.stop.obstacle, shown.stop.step_id) == (Obstacle.PRECONDITION, "act")
    assert shown.stop.what == "health status is healthy: seen"
    assert shown.stop.may_override
    production = replace(STAGING, tier=Tier.PRODUCTION)
    shown = await dry(document, checks=Answers(passed=None), environment=production)
    assert shown.stop is not None
    assert not shown.stop.may_override


async def test_what_a_change_may_mend_does_not_count_as_a_stop() -> None:
    there = FileExists(text="file x exists", line=1, path="x")
    shown = await dry(
        procedure(
            step("act", commands=command("touch x", Level.CHANGE), checks=(there,)),
            step("look", checks=(there,)),
            step("on", commands=command("true"), preconditions=(there,)),
        ),
        checks=Answers(passed=False),
    )
    assert [each.changed_before for each in shown.steps] == [False, True, True]
    assert shown.stop is None


async def test_work_by_hand_may_mend_as_much_as_a_command() -> None:
    shown = await dry(
        procedure(step("hand", items=(Item(text="plug", line=1),)), step("b", checks=(HEALTHY,))),
        checks=Answers(passed=False),
    )
    assert shown.stop is None


async def test_a_check_that_fails_before_any_change_would_fail_its_step() -> None:
    shown = await dry(
        procedure(step("look", commands=command("true"), checks=(HEALTHY,))),
        checks=Answers(passed=False),
    )
    assert shown.stop is not None
    assert (shown.stop.obstacle, shown.stop.step_id) == (Obstacle.CHECK, "look")


async def test_a_step_that_the_policy_forbids_would_stop_the_run_even_after_a_change() -> None:
    shown = await dry(
        procedure(
            step("a", commands=command("touch x", Level.CHANGE)),
            step("b", commands=command("rm -rf /srv/x", Level.DESTRUCTIVE)),
        ),
        policy=Policy(rules=(Rule(levels=(Level.DESTRUCTIVE,), operators=("grace",)),)),
    )
    assert shown.stop is not None
    assert (shown.stop.obstacle, shown.stop.step_id) == (Obstacle.REFUSED, "b")
    assert "only grace" in shown.stop.what


async def test_missing_inputs_would_stop_it_before_the_first_step_and_hide_nothing() -> None:
    shown = await dry(
        procedure(
            step("a", commands=command("echo $db $n")),
            db=Input(name="db"),
            n=Input(name="n", default="3"),
        ),
    )
    assert shown.stop is not None
    assert (shown.stop.obstacle, shown.stop.step_id) == (Obstacle.INPUTS, "")
    assert "db: a value is needed" in shown.stop.what
    assert shown.steps[0].command is not None
    assert shown.steps[0].command.variables == {"n": "3"}


async def test_steps_before_the_chosen_one_are_skipped_and_neither_change_nor_stop() -> None:
    document = procedure(
        step("a", commands=command("touch x", Level.CHANGE), preconditions=(HEALTHY,)),
        step("b", checks=(HEALTHY,)),
    )
    shown = await dry(document, checks=Answers(passed=False), begin_at="b")
    assert [each.skipped for each in shown.steps] == [True, False]
    assert shown.stop is not None
    assert shown.stop.step_id == "b"
    with pytest.raises(RunError, match="no step c"):
        await dry(document, begin_at="c")


async def test_a_document_for_another_deployment_is_no_dry_run() -> None:
    document = replace(procedure(step("a")), methods=(Method.SYSTEMD,))
    with pytest.raises(RunError, match="not written for docker"):
        await dry(document)
