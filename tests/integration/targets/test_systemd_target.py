"""The systemd adapter against a real systemd: units in every state, and actions."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from procedures.environment import Method, TargetAddress
from procedures.errors import SourceError
from procedures.reference.states import State
from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.standing import workload_state
from procedures.targets.values import Kind, Phase
from tests.integration.targets.contract import TargetContract, run, until
from tests.integration.targets.systemd_stand import (
    BoxStand,
    eventually,
    target_with,
    unit,
    workload,
)
from tests.systemd_box import SystemdBox, wait_for

pytestmark = pytest.mark.systemd


@pytest.fixture
def stand(systemd_box: SystemdBox) -> BoxStand:
    return BoxStand(systemd_box)


class TestSystemdTarget(TargetContract):
    pass


async def test_what_the_documents_name_is_shown_where_it_is_there(stand: BoxStand) -> None:
    holdings = await stand.target.look()
    assert [each.name for each in holdings.workloads] == [
        *("llm-config-manager", "llm-config-backup", "llm-config-backup.timer"),
        *("llm-config-cleanup", "llm-config-cleanup.timer"),
        *("llm-config-healthcheck", "llm-config-healthcheck.timer"),
        *("postgresql", "redis-server"),
    ]
    assert not holdings.missing


async def test_a_service_tells_of_its_program_and_its_readiness(stand: BoxStand) -> None:
    service = await workload(stand.target, "llm-config-manager")
    only = service.units[0]
    assert (only.image, only.word, only.ready) == ("/bin/sh", "active", True)
    assert "1 of 1 workers ready" in service.notes
    assert (await unit(stand.target, "redis-server")).ready is None


async def test_a_timer_tells_when_it_ran_and_when_it_will(stand: BoxStand) -> None:
    now = datetime.now(UTC)
    backup = await workload(stand.target, "llm-config-backup.timer")
    assert backup.kind is Kind.TIMER
    daily = backup.units[0]
    assert (daily.phase, daily.word, daily.last_run_at) == (Phase.WAITING, "waiting", None)
    assert daily.next_run_at
    assert (daily.next_run_at.hour, daily.next_run_at.minute) == (2, 0)
    assert now < daily.next_run_at < now + timedelta(days=1)
    often = await unit(stand.target, "llm-config-healthcheck.timer")
    assert often.last_run_at
    assert often.next_run_at
    assert often.last_run_at <= now
    pause = often.next_run_at - often.last_run_at
    assert abs(pause - timedelta(minutes=5)) < timedelta(seconds=5)


async def test_a_timer_whose_job_failed_says_so(stand: BoxStand) -> None:
    stand.box.run("systemctl", "start", "llm-config-backup", check=False)
    job = await workload(stand.target, "llm-config-backup")
    assert (job.units[0].phase, job.units[0].exit_code) == (Phase.FAILED, 3)
    timer = await workload(stand.target, "llm-config-backup.timer")
    assert "exit status 3" in timer.units[0].reason
    assert workload_state(timer) is State.WARNING
    stand.box.run("systemctl", "reset-failed", "llm-config-backup")
    assert (await unit(stand.target, "llm-config-backup.timer")).reason == ""


async def test_a_timer_is_stopped_and_started(stand: BoxStand) -> None:
    name = "llm-config-healthcheck.timer"
    before = await workload(stand.target, name)
    for verb, phase in ((Verb.STOP, Phase.STOPPED), (Verb.START, Phase.WAITING)):
        action = stand.target.action(verb, before)
        assert isinstance(action, Action)
        await run(action, stand)
        assert (await unit(stand.target, name)).phase is phase


@pytest.mark.parametrize(
    ("name", "phase", "word", "reason"),
    [
        (
            "looping",
            Phase.FAILED,
            "failed",
            "gave it up after 3 restarts: it needs systemctl reset",
        ),
        ("again", Phase.STARTING, "auto-restart", "exit status 9; it is started again by itself"),
        ("slow", Phase.STARTING, "activating", "it has not yet said that it is ready"),
        ("absent", Phase.FAILED, "failed", "exit status 203 (its program cannot be executed)"),
        ("broken", Phase.FAILED, "bad-setting", "has a bad unit file setting"),
        ("hidden", Phase.STOPPED, "masked", "it is masked"),
        ("nowhere", Phase.FAILED, "not-found", "systemd knows no unit of this name"),
    ],
)
async def test_a_unit_that_is_not_well_says_why(
    systemd_box: SystemdBox, name: str, phase: Phase, word: str, reason: str
) -> None:
    target = target_with(systemd_box.tools, name)
    systemd_box.run("systemctl", "start", "--no-block", name, check=False)

    found = await eventually(
        lambda: unit(target, name), lambda now: (now.phase, now.word) == (phase, word)
    )
    assert reason in found.reason
    systemd_box.run("systemctl", "stop", name, check=False)


async def test_what_was_started_too_often_starts_after_its_failures_are_forgotten(
    systemd_box: SystemdBox,
) -> None:
    stand = BoxStand(systemd_box)
    stand.target = target_with(systemd_box.tools, "looping")
    systemd_box.run("systemctl", "start", "looping", check=False)
    wait_for(lambda: "failed" in systemd_box.run("systemctl", "is-active", "looping", check=False))
    action = stand.target.action(Verb.START, await workload(stand.target, "looping"))
    assert isinstance(action, Action)
    assert [each[-2] for each in action.commands] == ["reset-failed", "start"]
    await run(action, stand)
    systemd_box.run("systemctl", "stop", "looping")


async def test_what_is_masked_or_nowhere_is_not_started(systemd_box: SystemdBox) -> None:
    target = target_with(systemd_box.tools, "hidden", "nowhere")
    for name, fix in (("hidden", "unmask"), ("nowhere", "list-unit-files")):
        refusal = target.action(Verb.START, await workload(target, name))
        assert isinstance(refusal, Refusal)
        assert fix in refusal.fix


async def test_units_with_odd_names_are_shown_and_only_safe_ones_acted_on(
    systemd_box: SystemdBox,
) -> None:
    stand = BoxStand(systemd_box)
    odd = r"foo@bar\x2dbaz.service"
    stand.target = target_with(systemd_box.tools, odd, "-dash.service")
    systemd_box.run("systemctl", "start", "--", odd, "-dash.service")
    before = await workload(stand.target, odd.removesuffix(".service"))
    action = stand.target.action(Verb.RESTART, before)
    assert isinstance(action, Action)
    await run(action, stand)
    after = await workload(stand.target, before.name)
    assert after.units[0].began_at != before.units[0].began_at
    dashed = await workload(stand.target, "-dash")
    assert dashed.units[0].phase is Phase.RUNNING
    assert isinstance(stand.target.action(Verb.STOP, dashed), Refusal)
    systemd_box.run("systemctl", "stop", "--", odd, "-dash.service")


async def test_what_no_unit_can_be_called_is_told_apart(systemd_box: SystemdBox) -> None:
    target = target_with(systemd_box.tools, "redis", "a b", "x;reboot", "new\nline")
    holdings = await target.look()
    assert [each.name for each in holdings.workloads] == ["llm-config-manager", "redis-server"]
    assert len(holdings.missing) == 3


async def test_a_pattern_finds_what_runs_and_what_could(systemd_box: SystemdBox) -> None:
    target = target_with(systemd_box.tools, "llm-config-*", "foo@*")
    systemd_box.run("systemctl", "start", "foo@1")
    names = [each.name for each in (await target.look()).workloads]
    assert "foo@1" in names
    assert "foo@" not in names
    # Neither loaded nor enabled, it is only a file, but must not be lost when it is down.
    assert "llm-config-cleanup" in names
    assert len(names) == len(set(names)) == 8
    systemd_box.run("systemctl", "stop", "foo@1")


async def test_the_service_may_be_named_by_an_alias(systemd_box: SystemdBox) -> None:
    target = target_with(systemd_box.tools, "llm-config-manager", "redis", service="llm-config")
    holdings = await target.look()
    assert [each.name for each in holdings.workloads] == ["llm-config", "redis-server"]
    assert holdings.workloads[0].units[0].id == "llm-config-manager.service"


async def test_without_systemctl_the_fault_says_so(tmp_path: Path) -> None:
    target = target_with(tmp_path)
    target._asking["PATH"] = str(tmp_path)
    with pytest.raises(SourceError, match="systemctl is not installed here"):
        await target.look()


@pytest.mark.skipif(Path("/run/systemd/system").exists(), reason="booted with systemd")
async def test_a_machine_without_systemd_is_told_apart(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="not booted with systemd") as told:
        await target_with(tmp_path).look()
    assert "another method" in told.value.fix


async def test_an_old_systemctl_is_asked_without_precision(
    systemd_box: SystemdBox, tmp_path: Path
) -> None:
    old = tmp_path / "systemctl"
    old.write_text(
        '#!/bin/sh\ncase "$*" in *--timestamp*)'
        " echo \"systemctl: unrecognized option '--timestamp=us+utc'\" >&2; exit 1;; esac\n"
        f'exec {systemd_box.tools}/systemctl "$@"\n'
    )
    old.chmod(0o755)
    found = await unit(target_with(tmp_path), "llm-config-manager")
    assert found.began_at
    assert found.began_at.microsecond == 0


async def test_a_machine_that_went_down_and_came_back_is_known_again(
    systemd_box: SystemdBox,
) -> None:
    stand = BoxStand(systemd_box)
    await stand.target.look()
    systemd_box.stop()
    with pytest.raises(SourceError) as told:
        await stand.target.look()
    assert told.value.fix
    systemd_box.boot()
    await until(stand, lambda now: now.ready == 1)


async def test_programs_run_without_a_shell_and_end_in_time(systemd_box: SystemdBox) -> None:
    target = target_with(systemd_box.tools)
    some = await unit(target, "llm-config-manager")
    answer = await target.inside(some, ["printf", "%s", "$HOME; id"])
    assert (answer.status, answer.output) == (0, "$HOME; id")
    assert (await target.inside(some, ["sh", "-c", "kill -9 $$"])).status == 137


def test_the_method_builds_this_target() -> None:
    from procedures.clock import SystemClock
    from procedures.environment import Environment, Tier
    from procedures.targets.build import target_for

    address = TargetAddress(name="here", method=Method.SYSTEMD, service="app.service")
    environment = Environment(name="e", tier=Tier.STAGING, method=Method.SYSTEMD)
    place = target_for(address, environment, SystemClock()).place
    assert (place.service, place.method) == ("app", Method.SYSTEMD)
    assert "unit app" in place.where
