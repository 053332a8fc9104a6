"""Walking procedures with a real ledger, a real shell and real supervisors."""

import asyncio
import os
import signal
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from procedures.environment import Tier
from procedures.errors import LedgerError, RunError
from procedures.execution.command import supervision
from procedures.execution.policy.policy import Confirmation
from procedures.execution.record.runs import open_runs
from procedures.execution.run.run import RunOutcome, StepStatus
from procedures.execution.walking.progress import (
    CheckJudged,
    OutputArrived,
    StepBegan,
    StepEnded,
    WaitTicked,
)
from procedures.execution.walking.walk import Walk
from procedures.ledger.event import Draft, Event
from procedures.reference.levels import Level
from procedures.runbook.model import Choice, Input, Item, Wait
from tests.integration.execution.desk import (
    ENVIRONMENT,
    FAST,
    HEALTHY,
    Desk,
    ScriptedChecks,
    command,
    execute,
    procedure,
    step,
    told_first,
    until_output,
)


async def test_a_reading_step_runs_on_enter_and_ends_the_run(desk: Desk) -> None:
    walk = await desk.start(
        procedure(step(commands=command('echo "flush $db"')), db=Input(name="db")), {"db": "3; $x"}
    )
    output, record = await execute(walk)
    assert output == "flush 3; $x\n"
    assert (record.status, record.exit_code) == (StepStatus.PASSED, 0)
    assert walk.run.outcome is RunOutcome.COMPLETED
    assert desk.kinds(walk) == ["run.started", "step.started", "step.finished", "run.completed"]
    assert open_runs(desk.ledger, "staging-eu") == ()


async def test_what_is_told_begins_and_ends_with_the_record_of_the_step(desk: Desk) -> None:
    walk = await desk.start(procedure(step(commands=command("false"))))
    began, *told = [progress async for progress in walk.execute("one")]
    assert isinstance(began, StepBegan)
    assert began.record.status is StepStatus.RUNNING
    assert told == [StepEnded(walk.run.steps[0])]
    assert walk.run.steps[0].status is StepStatus.FAILED
    assert walk.run.steps[0].reason == "it ended with exit status 1"


async def test_a_step_is_shown_with_all_that_the_decision_needs(desk: Desk) -> None:
    environment = replace(ENVIRONMENT, facts={"DB_PASSWORD": "hunter2", "UNUSED": "x"})
    script = 'rm -rf "$DATA_DIR/$replicas" $DB_PASSWORD'
    walk = await desk.start(
        procedure(
            step(commands=command(script, affects="all files")),
            replicas=Input(name="replicas", default="3"),
        ),
        environment=environment,
    )
    shown = walk.prepare("one")
    assert shown.script == script
    assert (shown.declared, shown.level) == (Level.READ, Level.DESTRUCTIVE)
    assert shown.confirmation is Confirmation.TYPED
    assert (shown.confirm_word, shown.affects) == ("staging-eu", "all files")
    assert shown.variables == {
        "DATA_DIR": "/var/lib/llm-config",
        "replicas": "3",
        "DB_PASSWORD": "••••",
    }
    assert shown.findings


async def test_a_destructive_step_runs_only_after_its_name_was_typed(
    desk: Desk, tmp_path: Path
) -> None:
    script = f"rm -r {tmp_path / 'precious'}"
    (tmp_path / "precious").mkdir()
    walk = await desk.start(procedure(step(commands=command(script, Level.DESTRUCTIVE))))
    with pytest.raises(RunError, match="not confirmed"):
        await execute(walk)
    for typed in ("", "y", "staging", "STAGING-EU"):
        with pytest.raises(RunError, match="Type staging-eu"):
            await walk.confirm("one", typed)
    assert desk.kinds(walk) == ["run.started"]
    await walk.confirm("one", "staging-eu")
    assert (tmp_path / "precious").exists()
    await execute(walk)
    assert not (tmp_path / "precious").exists()


async def test_a_read_only_console_confirms_nothing_that_changes(desk: Desk) -> None:
    walk = await desk.start(
        procedure(step(commands=command("touch x", Level.CHANGE))),
        environment=replace(ENVIRONMENT, read_only=True),
    )
    with pytest.raises(RunError, match="read-only"):
        await walk.confirm("one")


async def test_production_asks_for_the_name_even_for_a_change(desk: Desk) -> None:
    walk = await desk.start(
        procedure(step(commands=command("touch x", Level.CHANGE))),
        environment=replace(ENVIRONMENT, name="prod", tier=Tier.PRODUCTION),
    )
    with pytest.raises(RunError, match="Type prod"):
        await walk.confirm("one")


async def test_a_failed_precondition_stops_unless_a_reason_is_given(desk: Desk) -> None:
    walk = await desk.start(
        procedure(step(preconditions=(HEALTHY,), commands=command("true", Level.CHANGE))),
        checks=ScriptedChecks(None),
    )
    with pytest.raises(RunError, match="health status is healthy: None"):
        await walk.confirm("one")
    await walk.confirm("one", override="it is down, that is why")
    await execute(walk)
    events = desk.ledger.events(subject=walk.run.id, kind_prefix="step.overridden")
    assert [event.body["reason"] for event in events] == ["it is down, that is why"]


async def test_a_reading_step_heeds_its_preconditions_too(desk: Desk) -> None:
    walk = await desk.start(
        procedure(step(preconditions=(HEALTHY,), commands=command("true"))),
        checks=ScriptedChecks(False),
    )
    with pytest.raises(RunError, match="regardless"):
        await execute(walk)
    assert walk.run.steps[0].status is StepStatus.PENDING


COUNT_STARTS = """
import sqlite3, sys
ledger = sqlite3.connect(sys.argv[1])
print(*ledger.execute("SELECT count(*) FROM event WHERE kind = 'step.started'").fetchone())
"""


async def test_a_step_is_recorded_before_its_command_exists(desk: Desk, tmp_path: Path) -> None:
    """The command reads the ledger itself: its own start must already stand there."""
    (tmp_path / "count.py").write_text(COUNT_STARTS)
    script = f"{sys.executable} {tmp_path / 'count.py'} {desk.state_dir / 'ledger.db'}"
    walk = await desk.start(procedure(step(commands=command(script, Level.DESTRUCTIVE))))
    await walk.confirm("one", "staging-eu")
    output, _ = await execute(walk)
    assert output == "1\n"


async def test_nothing_runs_when_the_ledger_cannot_take_it(desk: Desk, tmp_path: Path) -> None:
    touched = tmp_path / "ran"
    walk = await desk.start(procedure(step(commands=command(f"touch {touched}", Level.CHANGE))))
    await walk.confirm("one")
    before = walk.run
    desk.ledger._connection.execute("PRAGMA query_only = ON")
    with pytest.raises(LedgerError, match="cannot be written"):
        await execute(walk)
    assert walk.run == before
    assert not touched.exists()
    desk.ledger._connection.execute("PRAGMA query_only = OFF")
    await execute(walk)
    assert touched.exists()


async def test_output_arrives_clean_and_without_secrets(desk: Desk) -> None:
    script = r"printf '\033[31mred\033[0m \033]0;t\007hunter2 DB_PASSWORD=x\n\xff'"
    walk = await desk.start(procedure(step(commands=command(script))), secrets=["hunter2"])
    output, _ = await execute(walk)
    assert output == "red •••• DB_PASSWORD=••••\n�"


async def test_output_must_show_what_the_document_expects(desk: Desk) -> None:
    expect = ("cache …", "…", "done")
    shown = procedure(step(commands=command("echo cache ok; echo x; echo done"), expect=expect))
    walk = await desk.start(shown)
    assert (await execute(walk))[1].status is StepStatus.PASSED
    missing = procedure(step(commands=command("echo done; echo cache ok"), expect=expect))
    walk = await desk.start(missing)
    _, record = await execute(walk)
    assert record.status is StepStatus.FAILED
    assert record.reason == "the output is as expected: “done” is not there, or not in its order"


async def test_after_a_change_failing_checks_get_time_to_settle(desk: Desk) -> None:
    checks = ScriptedChecks(False, None, True)
    walk = await desk.start(
        procedure(step(commands=command("touch /dev/null", Level.CHANGE), checks=(HEALTHY,))),
        checks=checks,
        pace=replace(FAST, settle_s=60),
    )
    await walk.confirm("one")
    judged = [p.result.passed async for p in walk.execute("one") if isinstance(p, CheckJudged)]
    assert judged == [False, None, True]
    record = walk.run.steps[0]
    assert record.status is StepStatus.PASSED
    assert checks.since == [record.command_ended_at] * 3, "older readings say nothing of the effect"


async def test_checks_that_stay_unknown_fail_the_step(desk: Desk) -> None:
    walk = await desk.start(
        procedure(step(commands=command("touch /dev/null", Level.CHANGE), checks=(HEALTHY,))),
        checks=ScriptedChecks(None),
    )
    await walk.confirm("one")
    _, record = await execute(walk)
    assert record.status is StepStatus.FAILED
    await walk.retry("one", recheck=True)
    _, record = await execute(walk)
    assert desk.kinds(walk).count("step.started") == 1


async def test_where_nothing_was_changed_a_failing_check_fails_at_once(desk: Desk) -> None:
    walk = await desk.start(
        procedure(step(checks=(HEALTHY,))),
        checks=ScriptedChecks(False),
        pace=replace(FAST, settle_s=3600),
    )
    assert (await execute(walk))[1].status is StepStatus.FAILED


async def test_a_soak_begins_anew_when_its_condition_breaks(desk: Desk) -> None:
    wait = Wait(duration=timedelta(seconds=0.1), condition=HEALTHY, line=1)
    walk = await desk.start(
        procedure(step(wait=wait)), checks=ScriptedChecks(True, False, False, True)
    )
    ticks = [p async for p in walk.execute("one") if isinstance(p, WaitTicked)]
    assert [tick.holding for tick in ticks[:4]] == [True, False, False, True]
    assert desk.kinds(walk).count("step.waiting") == 2
    assert walk.run.steps[0].status is StepStatus.PASSED


async def test_a_soak_goes_on_where_it_was_when_the_console_is_reopened(desk: Desk) -> None:
    soaking = procedure(step(wait=Wait(duration=timedelta(hours=1), condition=None, line=1)))
    walk = await desk.start(soaking)
    progress = walk.execute("one")
    await told_first(progress)
    await progress.aclose()
    again = await desk.resume(walk.run.id, soaking)
    progress = again.execute("one")
    await told_first(progress)
    assert again.run.steps[0].waiting_since == walk.run.steps[0].waiting_since
    assert desk.kinds(walk).count("step.waiting") == 1
    await again.cancel("one")
    async for _ in progress:
        pass
    assert again.run.steps[0].status is StepStatus.FAILED
    assert "given up" in again.run.steps[0].reason


async def test_items_and_a_choice_are_answered_by_hand(desk: Desk) -> None:
    asked = procedure(
        step(
            items=(Item(text="Tell them", line=1),),
            choices=(Choice(label="On", target="", line=2),),
        ),
        step("two", prose="Read this."),
    )
    walk = await desk.start(asked)
    with pytest.raises(RunError, match="nothing to execute"):
        await execute(walk)
    await walk.tick("one", 0)
    await walk.untick("one", 0)
    await walk.tick("one", 0)
    with pytest.raises(RunError, match="no choice 2"):
        await walk.choose("one", 1)
    await walk.choose("one", 0)
    assert walk.run.steps[0].status is StepStatus.PASSED
    await execute(walk, "two")
    assert walk.run.outcome is RunOutcome.COMPLETED


async def test_skipping_and_aborting_need_a_reason(desk: Desk) -> None:
    walk = await desk.start(procedure(step(commands=command("true")), step("two", prose="p")))
    with pytest.raises(RunError, match="needs a reason"):
        await walk.skip("one", " ")
    await walk.skip("one", "done by hand")
    with pytest.raises(RunError, match="needs a reason"):
        await walk.course.abort("")
    await walk.course.note("token=abcdef was leaked")
    await walk.course.abort("enough")
    assert walk.run.outcome is RunOutcome.ABORTED
    assert walk.run.notes[0].text == "token=•••• was leaked"


async def test_cancelling_stops_the_command(desk: Desk) -> None:
    walk = await desk.start(procedure(step(commands=command("echo on; sleep 600"))))
    progress = walk.execute("one")
    assert await told_first(progress) == OutputArrived("on\n")
    with pytest.raises(RunError, match="still runs"):
        await walk.course.abort("no")
    await walk.cancel("one")
    async with asyncio.timeout(60):
        async for _ in progress:
            pass
    assert walk.run.steps[0].status is StepStatus.FAILED
    assert walk.run.steps[0].reason == "it was cancelled"


async def test_a_step_is_not_executed_twice_at_once(desk: Desk) -> None:
    walk = await desk.start(procedure(step(commands=command("echo on; sleep 600"))))
    progress = walk.execute("one")
    await told_first(progress)
    with pytest.raises(RunError, match="being executed"):
        await execute(walk)
    await walk.cancel("one")
    async for _ in progress:
        pass
    assert desk.kinds(walk).count("step.started") == 1


async def test_one_open_run_of_a_procedure_in_an_environment(desk: Desk) -> None:
    document = procedure(step(prose="p"))
    first = await desk.start(document)
    with pytest.raises(RunError, match="ada has a run of cache-flush open"):
        await desk.start(document)
    await desk.start(document, environment=replace(ENVIRONMENT, name="other"))
    second = await desk.start(document, insist=True)
    runs = open_runs(desk.ledger, "staging-eu")
    assert [run.id for run in runs] == [second.run.id, first.run.id]


async def test_of_two_runs_begun_at_the_same_moment_the_earlier_stays(desk: Desk) -> None:
    document = procedure(step(prose="p"))
    outcomes = await asyncio.gather(
        *(desk.start(document) for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Walk) for outcome in outcomes) == 1
    assert len(open_runs(desk.ledger, "staging-eu")) == 1


async def test_two_consoles_cannot_start_the_same_step(desk: Desk) -> None:
    document = procedure(step(commands=command("touch /dev/null", Level.CHANGE)))
    walk = await desk.start(document)
    await walk.confirm("one")
    other = await desk.resume(walk.run.id, document)
    assert other.run.steps[0].status is StepStatus.PENDING, "its own operator has to confirm"
    with pytest.raises(RunError, match="another console"):
        await execute(walk)
    assert "step.started" not in desk.kinds(walk)
    await other.confirm("one")
    await execute(other)
    await walk.refresh()
    assert walk.run == other.run


async def test_a_note_of_another_console_does_not_lose_the_end_of_a_step(desk: Desk) -> None:
    document = procedure(step(commands=command("echo on; sleep 0.1")))
    walk = await desk.start(document)
    progress = walk.execute("one")
    await told_first(progress)
    other = await desk.resume(walk.run.id, document, operator="grace")
    await other.course.note("I am watching too")
    async for _ in progress:
        pass
    assert walk.run.outcome is RunOutcome.COMPLETED
    assert walk.run.notes[0].operator == "grace"


async def test_both_consoles_that_follow_a_step_see_its_end(desk: Desk) -> None:
    document = procedure(step(commands=command("echo on; sleep 0.3; echo off")))
    walk = await desk.start(document)
    await until_output(walk)
    other = await desk.resume(walk.run.id, document)
    ended = await asyncio.gather(execute(walk), execute(other))
    assert [output for output, _ in ended] == ["on\noff\n"] * 2
    assert desk.kinds(walk).count("step.finished") == 1
    assert walk.run.outcome is RunOutcome.COMPLETED


async def test_a_run_of_a_document_that_changed_can_only_end(desk: Desk) -> None:
    walk = await desk.start(procedure(step(commands=command("true"))))
    changed = replace(procedure(step(commands=command("false"))), digest="d2")
    again = await desk.resume(walk.run.id, changed)
    assert again.document_changed
    with pytest.raises(RunError, match="has changed"):
        await execute(again)
    await again.course.abort("the document changed")


async def test_a_run_is_resumed_only_where_it_belongs(desk: Desk) -> None:
    document = procedure(step(prose="p"))
    walk = await desk.start(document)
    with pytest.raises(RunError, match="walks cache-flush on staging-eu"):
        await desk.resume(walk.run.id, replace(document, id="other"))
    with pytest.raises(RunError, match="no such run"):
        await desk.resume("nothing", document)


async def test_a_supervisor_that_was_killed_leaves_the_step_in_doubt(desk: Desk) -> None:
    document = procedure(step(commands=command("echo $PPID; sleep 600"), checks=(HEALTHY,)))
    walk = await desk.start(document)
    progress = walk.execute("one")
    supervisor = await told_first(progress)
    assert isinstance(supervisor, OutputArrived)
    os.kill(int(supervisor.text), signal.SIGKILL)
    async for _ in progress:
        pass
    record = walk.run.steps[0]
    assert record.status is StepStatus.IN_DOUBT
    group = int(record.reason.rsplit(" ", 3)[1])
    os.killpg(group, signal.SIGKILL)
    again = await desk.resume(walk.run.id, document)
    with pytest.raises(RunError):
        await execute(again)
    await again.resolve_doubt("one", passed=True, note="the key count is 0")
    _, record = await execute(again)
    assert record.status is StepStatus.PASSED
    assert record.results[0].text == HEALTHY.text
    assert desk.kinds(walk).count("step.started") == 1


async def test_a_start_that_was_recorded_but_never_happened_is_known_as_such(desk: Desk) -> None:
    document = procedure(step(commands=command("true")))
    walk = await desk.start(document)
    prepared = walk.prepare("one")
    folder = desk.state_dir / "runs" / "one"
    folder.mkdir(parents=True)
    record_start(desk, walk, folder, prepared.binding)
    again = await desk.resume(walk.run.id, document)
    assert again.run.steps[0].status is StepStatus.FAILED
    assert again.run.steps[0].reason == "nothing was run: it never began"


def record_start(desk: Desk, walk: Walk, folder: Path, binding: str) -> Event:
    """Record what a console records just before it starts a command, and dies."""
    body = {
        "step": "one",
        "level": "read",
        "binding": binding,
        "folder": str(folder),
        "host": os.uname().nodename,
    }
    return desk.ledger.append(
        Draft(
            kind="step.started",
            subject=walk.run.id,
            environment="staging-eu",
            operator="ada",
            body=body,
        )
    )


CONSOLE = """
import asyncio, sys
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.integration.execution.desk import Desk, command, procedure, step

async def main():
    desk = Desk(Path({state!r}))
    walk = await desk.start(procedure(step(commands=command({script!r}))))
    print(walk.run.id, flush=True)
    async for progress in walk.execute("one"):
        print("progress", flush=True)

asyncio.run(main())
"""


async def test_a_step_outlives_its_killed_console_and_is_found_ended(
    desk: Desk, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    script = f"echo begun; while [ ! -e {gate} ]; do sleep 0.02; done; echo ended"
    run_id = await _kill_a_console_within(script, desk)
    (open_run,) = open_runs(desk.ledger, "staging-eu")
    assert open_run.id == run_id
    document = procedure(step(commands=command(script)))

    following = await desk.resume(run_id, document)
    assert following.run.steps[0].command_runs, "the step goes on without its console"
    progress = following.execute("one")
    assert await told_first(progress) == OutputArrived("begun\n")
    gate.touch()
    async with asyncio.timeout(60):
        rest = [each async for each in progress]
    assert rest[0] == OutputArrived("ended\n")
    assert following.run.outcome is RunOutcome.COMPLETED
    assert desk.kinds(following).count("step.started") == 1


async def test_a_step_that_ended_while_no_console_was_open_is_recorded_on_resuming(
    desk: Desk, tmp_path: Path
) -> None:
    gate = tmp_path / "gate"
    script = f"echo begun; while [ ! -e {gate} ]; do sleep 0.02; done; exit 7"
    run_id = await _kill_a_console_within(script, desk)
    gate.touch()
    (run,) = open_runs(desk.ledger, "staging-eu")
    await _supervisor_gone(Path(run.steps[0].folder))
    resumed = await desk.resume(run_id, procedure(step(commands=command(script))))
    record = resumed.run.steps[0]
    assert (record.status, record.exit_code) == (StepStatus.FAILED, 7)
    assert record.command_ended_at
    assert record.ended_at == record.command_ended_at


async def _kill_a_console_within(script: str, desk: Desk) -> str:
    program = CONSOLE.format(
        root=str(Path(__file__).parents[3]), state=str(desk.state_dir), script=script
    )
    console = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    assert console.stdout
    async with asyncio.timeout(60):
        run_id = (await console.stdout.readline()).decode().strip()
        assert await console.stdout.readline() == b"progress\n"
    os.killpg(console.pid, signal.SIGKILL)
    await console.wait()
    return run_id


async def _supervisor_gone(folder: Path) -> None:
    async with asyncio.timeout(60):
        async for _ in supervision.tail(folder):
            pass


async def test_the_shell_grammar_is_loaded_beside_the_event_loop(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes longer than a key should wait, and the first page of a step needs it."""
    loaded_in: list[threading.Thread] = []
    monkeypatch.setattr(
        "procedures.execution.walking.walk.load_analysis",
        lambda: loaded_in.append(threading.current_thread()),
    )
    document = procedure(step(commands=command("true")))
    walk = await desk.start(document)
    await desk.resume(walk.run.id, document)
    assert len(loaded_in) == 2
    assert threading.main_thread() not in loaded_in
