"""Walks that nobody attends: they go as far as the orders allow, and say what is missing."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from procedures.clock import SystemClock
from procedures.environment import Tier
from procedures.errors import RunError
from procedures.execution.policy.policy import Operator, Policy, Rule
from procedures.execution.record import approvals
from procedures.execution.record.runs import run_of
from procedures.execution.run.run import RunOutcome, StepStatus
from procedures.execution.unattended.orders import Halt, Halted, Orders, Resolution, TurnTaken
from procedures.execution.unattended.unattended import Unattended
from procedures.execution.walking import closing
from procedures.execution.walking.progress import OutputArrived
from procedures.execution.walking.walk import Walk
from procedures.reference.levels import Level
from procedures.runbook.model import Choice, Item, Wait
from tests.integration.execution.desk import (
    ENVIRONMENT,
    HEALTHY,
    Desk,
    ScriptedChecks,
    command,
    elsewhere,
    procedure,
    step,
    until_output,
)

SECOND = Policy(rules=(Rule(second_person=True, levels=(Level.DESTRUCTIVE,)),))
WITH_ONE = Orders(allow_destructive=frozenset({"one"}))


async def go(walk: Walk, orders: Orders | None = None) -> tuple[Halted, list[str], str]:
    """Walk; return why it stopped, the turns that were taken, and the output."""
    turns, output, halted = [], "", None
    async with asyncio.timeout(60):
        async for told in Unattended(walk, orders or Orders(), SystemClock()).go():
            assert halted is None, "something was told after the end"
            match told:
                case Halted():
                    halted = told
                case TurnTaken():
                    turns.append(f"{told.turn} {told.step_id}")
                case OutputArrived():
                    output += told.text
    assert halted is not None
    return halted, turns, output


def destroy(path: Path) -> str:
    return f"rm {path}"


async def test_reads_and_changes_run_to_the_end_without_an_order(
    desk: Desk, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    walk = await desk.start(
        procedure(
            step("look", commands=command("echo here"), checks=(HEALTHY,)),
            step("change", commands=command(f"touch {marker}", Level.CHANGE)),
            step("soak", wait=Wait(duration=timedelta(seconds=0.05), condition=None, line=1)),
        )
    )
    halted, turns, output = await go(walk)
    assert halted.halt is Halt.COMPLETED
    assert turns == ["confirmed change"]
    assert output == "here\n"
    assert marker.exists()
    assert walk.run.outcome is RunOutcome.COMPLETED


async def test_a_destructive_step_that_is_not_named_is_refused_and_named_runs(
    desk: Desk, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.touch()
    document = procedure(step(commands=command(destroy(precious), affects="the precious")))
    walk = await desk.start(document)
    halted, turns, _ = await go(walk)
    assert halted.halt is Halt.DESTRUCTIVE
    assert halted.option == "--allow-destructive one"
    assert "the precious" in halted.what
    assert turns == []
    assert precious.exists()
    again = await desk.resume(walk.run.id, document)
    halted, turns, _ = await go(again, WITH_ONE)
    assert halted.halt is Halt.COMPLETED
    assert turns == ["confirmed one"]
    assert not precious.exists()


async def test_production_wants_even_a_change_to_be_named(desk: Desk, tmp_path: Path) -> None:
    production = replace(ENVIRONMENT, tier=Tier.PRODUCTION)
    document = procedure(step(commands=command(f"touch {tmp_path / 'x'}", Level.CHANGE)))
    walk = await desk.start(document, environment=production)
    assert (await go(walk))[0].halt is Halt.DESTRUCTIVE
    assert (await go(walk, WITH_ONE))[0].halt is Halt.COMPLETED


async def test_what_nobody_may_run_is_refused_whatever_is_named(desk: Desk) -> None:
    policy = Policy(rules=(Rule(operators=("grace",), because="ask her"),))
    walk = await desk.start(procedure(step(commands=command("touch x", Level.CHANGE))),
                            policy=policy)  # fmt: skip
    halted, _, _ = await go(walk, WITH_ONE)
    assert halted.halt is Halt.REFUSED
    assert "ask her" in halted.what


async def test_items_and_choices_wait_for_their_answers(desk: Desk) -> None:
    walk = await desk.start(
        procedure(
            step("hand", items=(Item(text="plug in", line=1), Item(text="call", line=2))),
            step(
                "way",
                choices=(
                    Choice(label="All well", target="", line=1),
                    Choice(label="Worse", target="escalate", line=2),
                ),
            ),
            step("last", commands=command("echo last")),
        )
    )
    halted, _, _ = await go(walk)
    assert (halted.halt, halted.option) == (Halt.ITEMS, "--tick hand")
    assert halted.what.endswith("plug in; call")
    await walk.tick("hand", 0)
    halted, turns, _ = await go(walk, Orders(ticked=frozenset({"hand"})))
    assert turns == ["ticked hand"]
    assert (halted.halt, halted.option) == (Halt.CHOICE, "--choose way=N")
    assert "1: All well; 2: Worse" in halted.what
    halted, _, _ = await go(walk, Orders(chosen={"way": "3"}))
    assert halted.halt is Halt.BLOCKED
    halted, _, _ = await go(walk, Orders(chosen={"way": "Worse"}))
    assert halted.halt is Halt.ELSEWHERE
    assert "quarterdeck run escalate" in halted.fix
    assert (await go(walk))[0].halt is Halt.COMPLETED


async def test_a_choice_that_leads_nowhere_else_goes_on_by_number(desk: Desk) -> None:
    choices = (Choice(label="a", target="", line=1), Choice(label="b", target="", line=2))
    walk = await desk.start(procedure(step(choices=choices)))
    halted, turns, _ = await go(walk, Orders(chosen={"one": "2"}))
    assert (halted.halt, turns) == (Halt.COMPLETED, ["chosen one"])
    assert walk.run.steps[0].chosen == 1


async def test_a_failed_step_is_retried_once_a_call(desk: Desk, tmp_path: Path) -> None:
    count = tmp_path / "count"
    walk = await desk.start(procedure(step(commands=command(f"echo x >> {count}; false"))))
    retry = Orders(retried=frozenset({"one"}))
    halted, _, _ = await go(walk, retry)
    assert halted.halt is Halt.FAILED
    assert halted.option == "--retry one or --skip one=REASON"
    assert count.read_text().count("x") == 2
    halted, turns, _ = await go(walk, Orders(skipped={"one": "not needed"}))
    assert (halted.halt, turns) == (Halt.COMPLETED, ["skipped one"])
    assert walk.run.steps[0].reason == "not needed"


async def test_failed_checks_are_judged_again_without_the_command(
    desk: Desk, tmp_path: Path
) -> None:
    count = tmp_path / "count"
    checks = ScriptedChecks(False)
    document = procedure(step(commands=command(f"echo x >> {count}"), checks=(HEALTHY,)))
    walk = await desk.start(document, checks=checks)
    halted, _, _ = await go(walk)
    assert halted.halt is Halt.FAILED
    assert "--recheck one" in halted.option
    checks.answers = [True]
    halted, turns, _ = await go(walk, Orders(rechecked=frozenset({"one"})))
    assert (halted.halt, turns) == (Halt.COMPLETED, ["retried one"])
    assert count.read_text() == "x\n"


async def test_a_precondition_stops_until_it_holds_or_is_overridden(
    desk: Desk, tmp_path: Path
) -> None:
    document = procedure(
        step(
            commands=command(f"touch {tmp_path / 'x'}", Level.CHANGE),
            preconditions=(HEALTHY,),
        )
    )
    walk = await desk.start(document, checks=ScriptedChecks(False))
    halted, _, _ = await go(walk)
    assert (halted.halt, halted.option) == (Halt.PRECONDITION, "--override one=REASON")
    assert not (tmp_path / "x").exists()
    halted, _, _ = await go(walk, Orders(overridden={"one": "known"}))
    assert halted.halt is Halt.COMPLETED
    assert "step.overridden" in desk.kinds(walk)


async def test_a_precondition_of_a_reading_step_is_asked_once(desk: Desk) -> None:
    checks = ScriptedChecks(True)
    walk = await desk.start(
        procedure(step(commands=command("true"), preconditions=(HEALTHY,))), checks=checks
    )
    assert (await go(walk))[0].halt is Halt.COMPLETED
    assert len(checks.since) == 1


async def test_production_lets_nobody_override(desk: Desk) -> None:
    production = replace(ENVIRONMENT, tier=Tier.PRODUCTION)
    walk = await desk.start(
        procedure(step(commands=command("touch x", Level.CHANGE), preconditions=(HEALTHY,))),
        environment=production,
        checks=ScriptedChecks(False),
    )
    orders = replace(WITH_ONE, overridden={"one": "I know better"})
    halted, _, _ = await go(walk, orders)
    assert (halted.halt, halted.option) == (Halt.PRECONDITION, "")


async def test_a_second_person_is_asked_once_and_the_next_call_goes_on(
    desk: Desk, tmp_path: Path
) -> None:
    precious = tmp_path / "precious"
    precious.touch()
    document = procedure(step(commands=command(destroy(precious))))
    walk = await desk.start(document, policy=SECOND)
    halted, turns, _ = await go(walk, WITH_ONE)
    assert (halted.halt, turns) == (Halt.SECOND_PERSON, ["approval-requested one"])
    halted, turns, _ = await go(walk, WITH_ONE)
    assert (halted.halt, turns) == (Halt.SECOND_PERSON, [])
    assert f"quarterdeck approve {walk.run.id}" in halted.fix
    decide(desk, walk, granted=True)
    await walk.refresh()
    halted, turns, _ = await go(walk, WITH_ONE)
    assert (halted.halt, turns) == (Halt.COMPLETED, ["confirmed one"])
    assert not precious.exists()


async def test_a_step_that_is_not_named_asks_nobody(desk: Desk) -> None:
    walk = await desk.start(procedure(step(commands=command("rm -rf /srv/x"))), policy=SECOND)
    assert (await go(walk))[0].halt is Halt.DESTRUCTIVE
    assert "approval.requested" not in desk.kinds(walk)


async def test_a_refusal_stays_one_until_somebody_is_asked_again(desk: Desk) -> None:
    walk = await desk.start(procedure(step(commands=command("rm -rf /srv/x"))), policy=SECOND)
    await go(walk, WITH_ONE)
    decide(desk, walk, granted=False)
    await walk.refresh()
    halted, turns, _ = await go(walk, WITH_ONE)
    assert (halted.halt, turns) == (Halt.REFUSED, [])
    assert "grace refused step one: not now" in halted.what
    again = replace(WITH_ONE, asked_again=frozenset({"one"}))
    halted, turns, _ = await go(walk, again)
    assert (halted.halt, turns) == (Halt.SECOND_PERSON, ["approval-requested one"])


def decide(desk: Desk, walk: Walk, *, granted: bool) -> None:
    request = approvals.request_of(desk.ledger.events(subject=walk.run.id))
    assert request is not None
    approvals.decide(
        request,
        granted=granted,
        reason="" if granted else "not now",
        operator=Operator(name="grace"),
        policy=SECOND,
        ledger=desk.ledger,
        clock=SystemClock(),
    )


async def test_a_doubt_is_resolved_only_by_words_on_it(desk: Desk) -> None:
    document = procedure(step(commands=command("sleep 60")))
    walk = await desk.start(document)
    async with asyncio.timeout(60):
        progress = walk.execute("one")
        await anext(progress)
        await progress.aclose()
    await walk._journal.note_fact("step.in-doubt", {"step": "one", "reason": "gone"})
    halted, _, _ = await go(walk)
    assert halted.halt is Halt.DOUBT
    assert "--resolve one=passed:NOTE" in halted.option
    resolved = Orders(resolved={"one": Resolution(passed=True, note="looked")})
    halted, turns, _ = await go(walk, resolved)
    assert (halted.halt, turns) == (Halt.COMPLETED, ["resolved one"])
    await walk.cancel("one")


async def test_a_paused_run_and_one_that_somebody_else_drives_are_left_alone(desk: Desk) -> None:
    document = procedure(step(commands=command("true")))
    walk = await desk.start(document)
    await walk.course.pause("lunch")
    halted, _, _ = await go(walk)
    assert (halted.halt, halted.option) == (Halt.PAUSED, "--go-on")
    other = await desk.resume(walk.run.id, document, operator="grace", console=elsewhere("7"))
    halted, _, _ = await go(other)
    assert (halted.halt, halted.option) == (Halt.FOLLOWS, "--take-over REASON")
    await other.course.take_over("ada is at lunch")
    await other.course.go_on()
    assert (await go(other))[0].halt is Halt.COMPLETED
    halted, _, _ = await go(walk)
    assert halted.halt is Halt.COMPLETED


async def test_a_command_with_questions_of_its_own_is_left_to_the_console(desk: Desk) -> None:
    walk = await desk.start(procedure(step(commands=command("read x", interactive=True))))
    assert (await go(walk))[0].halt is Halt.INTERACTIVE


async def test_a_command_behind_the_last_step_is_waited_for(desk: Desk, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    wait = f"while ! test -e {gate}; do sleep 0.05; done"
    walk = await desk.start(
        procedure(
            step(commands=command(wait, background=True)),
            step("two", commands=command(f"touch {gate}", Level.CHANGE)),
        )
    )
    assert (await go(walk))[0].halt is Halt.COMPLETED
    assert walk.run.steps[0].exit_code == 0


async def test_a_note_from_another_console_does_not_stop_the_walk(desk: Desk) -> None:
    item = Item(text="a", line=1)
    document = procedure(step(items=(item,)), step("two", items=(item,)))
    walk = await desk.start(document)
    other = await desk.resume(walk.run.id, document, operator="grace", console=elsewhere("7"))
    await other.course.note("I am watching")
    halted, _, _ = await go(walk, Orders(ticked=frozenset({"one", "two"})))
    assert halted.halt is Halt.COMPLETED


async def test_the_way_back_is_walked_by_the_names_of_what_is_undone(
    desk: Desk, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    walk = await desk.start(
        procedure(
            step(
                commands=command(f"touch {marker}", Level.CHANGE),
                undo=command(f"rm {marker}", Level.DESTRUCTIVE),
            )
        )
    )
    assert (await go(walk))[0].halt is Halt.COMPLETED
    await walk.course.go_back("no gain")
    assert (await go(walk))[0].halt is Halt.DESTRUCTIVE
    assert (await go(walk, WITH_ONE))[0].halt is Halt.ROLLED_BACK
    assert not marker.exists()
    assert walk.run.steps[0].status is StepStatus.UNDONE


async def test_leaving_the_walk_leaves_the_command_and_the_next_one_follows_it(
    desk: Desk, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    script = f"echo begun; while ! test -e {gate}; do sleep 0.05; done; echo ended"
    document = procedure(step(commands=command(script)))
    walk = await desk.start(document)
    told = Unattended(walk, Orders(), SystemClock()).go()
    async with asyncio.timeout(60):
        async for each in told:
            if isinstance(each, OutputArrived):
                break
    await told.aclose()
    again = await desk.resume(walk.run.id, document)
    gate.touch()
    halted, _, output = await go(again)
    assert (halted.halt, output) == (Halt.COMPLETED, "begun\nended\n")
    assert desk.kinds(again).count("step.started") == 1


async def test_a_run_is_aborted_and_its_command_cancelled_without_the_document(
    desk: Desk,
) -> None:
    walk = await desk.start(procedure(step(commands=command("echo begun; sleep 600"))))
    await until_output(walk)
    run = run_of(desk.ledger, walk.run.id)
    with pytest.raises(RunError, match="still runs"):
        await closing.abort_run(run, desk.station(), "obsolete")
    async with asyncio.timeout(60):
        (cancelled,) = await closing.cancel_commands(run, desk.station())
    assert (cancelled.status, cancelled.reason) == (StepStatus.FAILED, "it was cancelled")
    run = run_of(desk.ledger, walk.run.id)
    with pytest.raises(RunError, match="no command"):
        await closing.cancel_commands(run, desk.station())
    grace = desk.station(operator="grace", console=elsewhere("7"))
    with pytest.raises(RunError, match="ada drives"):
        await closing.abort_run(run, grace, "obsolete")
    ended = await closing.abort_run(run, grace, "obsolete", take_over="ada left")
    assert (ended.outcome, ended.reason) == (RunOutcome.ABORTED, "obsolete")
