"""A step that needs a second person: bound to what was asked for, in time, and never one's own."""

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from procedures.errors import RunError
from procedures.execution.policy.policy import Operator, Policy, Rule
from procedures.execution.record.approvals import Request as ApprovalRequest
from procedures.execution.record.approvals import decide, open_requests, request_of
from procedures.execution.run.run import StepStatus
from procedures.execution.walking.walk import Walk
from procedures.ledger.event import Draft, Event
from procedures.reference.levels import Level
from procedures.runbook.model import Input, Procedure
from tests.integration.execution.desk import (
    ENVIRONMENT,
    Desk,
    Diary,
    LateClock,
    command,
    elsewhere,
    execute,
    procedure,
    step,
    take,
)

TWO = Policy(rules=(Rule(second_person=True),), approval_expires_s=900)
ROOT = str(Path(__file__).parents[3])


@pytest.fixture
def diary(tmp_path: Path) -> Diary:
    return Diary(tmp_path / "diary")


@pytest.fixture
def clock() -> LateClock:
    return LateClock()


def waiting(desk: Desk, walk: Walk) -> ApprovalRequest:
    request = request_of(desk.ledger.events(subject=walk.run.id))
    assert request
    return request


def say(
    desk: Desk,
    request: ApprovalRequest,
    *,
    granted: bool = True,
    reason: str = "",
    operator: str = "grace",
    policy: Policy = TWO,
    clock: LateClock | None = None,
) -> None:
    decide(
        request,
        granted=granted,
        reason=reason,
        operator=Operator(name=operator),
        policy=policy,
        ledger=desk.ledger,
        clock=clock or LateClock(),
    )


async def asked(
    desk: Desk,
    document: Procedure,
    inputs: Mapping[str, str] | None = None,
    clock: LateClock | None = None,
) -> Walk:
    walk = await desk.start(document, inputs, policy=TWO, clock=clock)
    await walk.request_approval("one")
    return walk


async def test_nothing_runs_before_another_operator_has_agreed(desk: Desk, diary: Diary) -> None:
    walk = await desk.start(procedure(diary.change("one")), policy=TWO)
    with pytest.raises(RunError, match="step one needs a second person"):
        await walk.confirm("one")
    await walk.request_approval("one")
    with pytest.raises(RunError, match="nobody has approved step one yet"):
        await walk.confirm("one")
    say(desk, waiting(desk, walk))
    await walk.refresh()
    await take(walk, "one")
    assert diary.lines == ["one"]
    events = desk.ledger.events(subject=walk.run.id)
    assert [(event.kind, event.operator) for event in events] == [
        ("run.started", "ada"),
        ("approval.requested", "ada"),
        ("approval.granted", "grace"),
        ("step.confirmed", "ada"),
        ("step.started", "ada"),
        ("step.finished", "ada"),
        ("run.completed", "ada"),
    ]


async def test_a_request_names_run_step_command_fingerprint_and_expiry(desk: Desk) -> None:
    document = procedure(
        step(
            commands=command("rm -r /srv/$what; curl -H 'Authorization: Bearer abcdef0123456789'")
        ),
        what=Input(name="what"),
    )
    before = datetime.now(UTC)
    walk = await asked(desk, document, {"what": "cache"})
    request = waiting(desk, walk)
    assert open_requests(desk.ledger, "staging-eu", datetime.now(UTC)) == (request,)
    assert open_requests(desk.ledger, "prod-eu", datetime.now(UTC)) == ()
    assert (request.run.id, request.step_id, request.title) == (walk.run.id, "one", "One")
    assert request.run.inputs == {"what": "cache"}
    assert request.level is Level.DESTRUCTIVE
    assert "rm -r /srv/$what" in request.script
    assert "abcdef0123456789" not in request.script
    assert request.approval.binding == walk.prepare("one").binding
    assert request.approval.asked_by == "ada"
    assert timedelta(0) <= request.approval.expires_at - before - timedelta(minutes=15)
    assert request.approval.expires_at - before < timedelta(minutes=16)


async def test_nobody_approves_their_own_request_from_whichever_console(
    desk: Desk, diary: Diary
) -> None:
    walk = await asked(desk, procedure(diary.change("one")))
    with pytest.raises(RunError, match="ada asked for this approval and cannot give it"):
        say(desk, waiting(desk, walk), operator="ada")
    assert "approval.granted" not in desk.kinds(walk)


async def test_who_approved_a_step_does_not_execute_it_as_well(desk: Desk, diary: Diary) -> None:
    """Else one person could approve what another asked for, take the run over, and be alone."""
    walk = await asked(desk, procedure(diary.change("one")))
    say(desk, waiting(desk, walk))
    taken = await desk.resume(
        walk.run.id, walk.procedure, operator="grace", console=elsewhere("grace"), policy=TWO
    )
    await taken.course.take_over("ada went home")
    with pytest.raises(RunError, match="step one needs a second person"):
        await taken.confirm("one")
    await taken.request_approval("one")
    say(desk, waiting(desk, walk), operator="ada")
    await taken.refresh()
    await take(taken, "one")
    assert diary.lines == ["one"]


async def test_a_request_ends_with_the_hands_of_who_asked(desk: Desk, diary: Diary) -> None:
    walk = await asked(desk, procedure(diary.change("one")))
    await walk.course.hand_over("grace")
    there = await desk.resume(
        walk.run.id, walk.procedure, operator="grace", console=elsewhere("g"), policy=TWO
    )
    assert request_of(desk.ledger.events(subject=walk.run.id)) is None
    await there.request_approval("one")
    with pytest.raises(RunError, match="grace asked"):
        say(desk, waiting(desk, walk), operator="grace")
    say(desk, waiting(desk, walk), operator="ada")
    await there.refresh()
    await take(there, "one")
    assert diary.lines == ["one"]


async def test_a_request_does_not_end_with_the_console_of_who_asked(
    desk: Desk, diary: Diary
) -> None:
    walk = await asked(desk, procedure(diary.change("one")))
    say(desk, waiting(desk, walk))
    there = await desk.resume(walk.run.id, walk.procedure, console=elsewhere("ada"), policy=TWO)
    await there.course.take_over("the other terminal hangs")
    await take(there, "one")
    assert diary.lines == ["one"]


@pytest.mark.parametrize(
    "change",
    [
        {"document": "another script"},
        {"facts": {"WHERE": "elsewhere"}},
    ],
    ids=["script", "target"],
)
async def test_an_approval_is_void_once_the_command_is_another_one(
    desk: Desk, diary: Diary, change: dict[str, object]
) -> None:
    """The folder of the run keeps the old document; a console may have loaded another one."""
    script = f"{diary.writes('one')} # $WHERE"
    document = procedure(step(commands=command(script, Level.CHANGE)))
    walk = await asked(desk, document)
    say(desk, waiting(desk, walk))
    environment = replace(ENVIRONMENT, facts={"WHERE": "elsewhere"} if "facts" in change else {})
    if "document" in change:
        more = f"{script}; {diary.writes('more')}"
        document = procedure(step(commands=command(more, Level.CHANGE)))
    again = await desk.resume(walk.run.id, document, environment=environment, policy=TWO)
    with pytest.raises(RunError, match="step one is not what the approval was asked for"):
        await again.confirm("one")
    await again.request_approval("one")
    with pytest.raises(RunError, match="nobody has approved"):
        await again.confirm("one")
    assert diary.lines == []


async def test_other_inputs_are_another_run_and_need_an_approval_of_their_own(
    desk: Desk, diary: Diary
) -> None:
    document = procedure(
        step(commands=command(diary.writes("$n"), Level.CHANGE)), n=Input(name="n")
    )
    walk = await asked(desk, document, {"n": "1"})
    say(desk, waiting(desk, walk))
    await walk.refresh()
    await walk.course.abort("wrong number")
    other = await desk.start(document, {"n": "2"}, policy=TWO)
    with pytest.raises(RunError, match="needs a second person"):
        await other.confirm("one")
    assert other.prepare("one").binding != walk.prepare("one").binding


async def test_what_expired_is_neither_given_nor_used(
    desk: Desk, diary: Diary, clock: LateClock
) -> None:
    walk = await asked(desk, procedure(diary.change("one")), clock=clock)
    request = waiting(desk, walk)
    clock.ahead = timedelta(minutes=16)
    assert open_requests(desk.ledger, "staging-eu", clock.now()) == ()
    with pytest.raises(RunError, match="expired at"):
        say(desk, request, clock=clock)
    assert "approval.granted" not in desk.kinds(walk)
    with pytest.raises(RunError, match="the approval of step one expired"):
        await walk.confirm("one")
    await walk.request_approval("one")
    say(desk, waiting(desk, walk), clock=clock)
    await walk.refresh()
    clock.ahead = timedelta(minutes=32)
    with pytest.raises(RunError, match="the approval of step one expired"):
        await walk.confirm("one")
    assert diary.lines == []


async def test_a_confirmed_step_does_not_start_after_its_approval_expired(
    desk: Desk, diary: Diary, clock: LateClock
) -> None:
    walk = await asked(desk, procedure(diary.change("one")), clock=clock)
    say(desk, waiting(desk, walk), clock=clock)
    await walk.refresh()
    await walk.confirm("one")
    clock.ahead = timedelta(minutes=15)
    with pytest.raises(RunError, match="the approval of step one expired"):
        await execute(walk)
    assert diary.lines == []
    assert walk.run.steps[0].status is StepStatus.PENDING, "so that it can be asked for once more"
    await walk.request_approval("one")
    say(desk, waiting(desk, walk), clock=clock)
    await walk.refresh()
    await take(walk, "one")
    assert diary.lines == ["one"]


async def test_an_approval_in_the_last_moment_does_not_make_the_run_unreadable(
    desk: Desk, diary: Diary, clock: LateClock
) -> None:
    """The ledger dates an event a little later, by a clock that may be ahead of this one."""
    clock.ahead = timedelta(minutes=-20)
    walk = await asked(desk, procedure(diary.change("one")), clock=clock)
    say(desk, waiting(desk, walk), clock=clock)
    await walk.refresh()
    await take(walk, "one")
    granted, confirmed = (
        event
        for event in desk.ledger.events(subject=walk.run.id)
        if event.kind in ("approval.granted", "step.confirmed")
    )
    (request,) = desk.ledger.events(subject=walk.run.id, kind_prefix="approval.requested")
    for event in (granted, confirmed):
        assert event.at > datetime.fromisoformat(request.body["expires_at"])
    assert diary.lines == ["one"]


async def test_a_refusal_says_why_and_stands_until_it_is_asked_for_once_more(
    desk: Desk, diary: Diary
) -> None:
    walk = await asked(desk, procedure(diary.change("one")))
    request = waiting(desk, walk)
    with pytest.raises(RunError, match="nothing was said"):
        say(desk, request, granted=False)
    say(desk, request, granted=False, reason="not with password=hunter2 in it")
    await walk.refresh()
    with pytest.raises(RunError, match=r"grace refused step one: not with password=•••• in it"):
        await walk.confirm("one")
    for granted in (True, False):
        with pytest.raises(RunError, match="grace has decided on step one already"):
            say(desk, waiting(desk, walk), granted=granted, reason="r")
    assert open_requests(desk.ledger, "staging-eu", datetime.now(UTC)) == ()
    await walk.request_approval("one")
    assert len(open_requests(desk.ledger, "staging-eu", datetime.now(UTC))) == 1
    assert diary.lines == []


async def test_a_decision_on_a_request_that_was_replaced_is_refused(
    desk: Desk, diary: Diary
) -> None:
    walk = await asked(desk, procedure(diary.change("one")))
    old = waiting(desk, walk)
    await walk.request_approval("one")
    with pytest.raises(RunError, match="has moved on"):
        say(desk, old)
    assert "approval.granted" not in desk.kinds(walk)


async def test_only_whom_the_policy_names_approves(desk: Desk, diary: Diary) -> None:
    leads = Policy(rules=(Rule(second_person=True, approvers=("%leads",)),))
    walk = await desk.start(procedure(diary.change("one")), policy=leads)
    await walk.request_approval("one")
    with pytest.raises(RunError, match="only %leads approve"):
        say(desk, waiting(desk, walk), policy=leads)


async def test_a_retry_needs_another_approval(desk: Desk, diary: Diary) -> None:
    document = procedure(step(commands=command(f"{diary.writes('one')}; false", Level.CHANGE)))
    walk = await asked(desk, document)
    say(desk, waiting(desk, walk))
    await walk.refresh()
    await take(walk, "one")
    await walk.retry("one")
    with pytest.raises(RunError, match="needs a second person"):
        await walk.confirm("one")
    assert diary.lines == ["one"]


async def test_the_second_person_is_shown_the_command_of_the_step_that_waits(
    desk: Desk, diary: Diary
) -> None:
    """A way back may have asked for steps of its own in between."""
    document = procedure(diary.change("one", "undo-one"), diary.change("two"))
    walk = await asked(desk, document)
    say(desk, waiting(desk, walk))
    await walk.refresh()
    await take(walk, "one")
    await walk.request_approval("two")
    await walk.course.go_back("wrong way", goes_on=True)
    (undo,) = walk.run.path
    await walk.request_approval(undo.id)
    assert "undo-one" in waiting(desk, walk).script
    await walk.skip(undo.id, "not needed")
    request = waiting(desk, walk)
    assert request.step_id == "two"
    assert request.script == diary.writes("two")


APPROVE = """
import sys
sys.path.insert(0, {root!r})
from datetime import UTC, datetime
from pathlib import Path
from procedures.clock import SystemClock
from procedures.execution.record.approvals import decide, open_requests
from procedures.execution.policy.policy import Operator, Policy, Rule
from procedures.ledger.sqlite_ledger import SqliteLedger

ledger = SqliteLedger(Path({state!r}) / "ledger.db", clock=SystemClock())
(request,) = open_requests(ledger, "staging-eu", datetime.now(UTC))
decide(
    request,
    granted=True,
    operator=Operator(name="grace"),
    policy=Policy(rules=(Rule(second_person=True),)),
    ledger=ledger,
    clock=SystemClock(),
)
print(request.script)
"""


async def test_the_word_of_another_process_arrives_at_the_console_that_waits(
    desk: Desk, diary: Diary
) -> None:
    walk = await asked(desk, procedure(diary.change("one")))
    async with asyncio.timeout(60):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            APPROVE.format(root=ROOT, state=str(desk.state_dir)),
            stdout=asyncio.subprocess.PIPE,
        )
        while not (walk.run.steps[0].approval and walk.run.steps[0].approval.granted_by):
            await walk.follow(timeout_s=30)
        printed, _ = await process.communicate()
    assert printed.decode().strip() == diary.writes("one")
    await take(walk, "one")
    assert diary.lines == ["one"]


async def test_where_no_second_person_is_needed_none_is_asked(desk: Desk, diary: Diary) -> None:
    walk = await desk.start(procedure(diary.change("one")))
    with pytest.raises(RunError, match="asks for no second person"):
        await walk.request_approval("one")


async def test_a_reading_step_waits_for_the_second_person_if_the_policy_says_so(
    desk: Desk, diary: Diary
) -> None:
    policy = Policy(rules=(Rule(second_person=True, levels=(Level.READ,)),))
    walk = await desk.start(procedure(step(commands=command("true"))), policy=policy)
    with pytest.raises(RunError, match="not confirmed"):
        await execute(walk)
    await walk.request_approval("one")
    say(desk, waiting(desk, walk), policy=policy)
    await walk.refresh()
    await take(walk, "one")


async def test_a_forged_grant_of_the_requester_is_refused_by_the_story_itself(
    desk: Desk, diary: Diary
) -> None:
    walk = await asked(desk, procedure(diary.change("one")))

    def forged() -> Event:
        return desk.ledger.append(
            Draft(
                kind="approval.granted",
                subject=walk.run.id,
                environment="staging-eu",
                operator="ada",
                body={"step": "one", "binding": walk.prepare("one").binding},
            )
        )

    forged()
    with pytest.raises(RunError, match="cannot give it"):
        await walk.refresh()
