"""What units are, by their properties."""

from datetime import UTC, datetime, timedelta

import pytest

from procedures.reference.states import State
from procedures.targets.standing import workload_state
from procedures.targets.systemd.properties import Properties, blocks
from procedures.targets.systemd.units import Circumstances, workload_of
from procedures.targets.values import Kind, Phase, Unit, Workload
from tests.unit.targets.systemd.recorded import MASKED, service, timer

BOOTED = datetime(2026, 11, 28, 11, 50, tzinfo=UTC)
JOB = {"Id": "job.service", "Type": "oneshot", "ActiveState": "inactive", "SubState": "dead"}


def workload(
    properties: Properties, *, is_service: bool = False, started: Properties | None = None
) -> Workload:
    about = Circumstances(booted_at=BOOTED, is_service=is_service, started=started)
    return workload_of(properties, about)


def unit(properties: Properties, *, started: Properties | None = None) -> Unit:
    return workload(properties, started=started).units[0]


def test_a_service_that_runs() -> None:
    found = workload(service())
    (only,) = found.units
    assert (found.name, found.kind, found.ready) == ("llm-config-manager", Kind.UNIT, 1)
    assert (only.id, only.name) == ("llm-config-manager.service", "llm-config-manager")
    assert (only.phase, only.word, only.ready, only.restarts) == (Phase.RUNNING, "active", True, 2)
    assert only.began_at == datetime(2026, 11, 28, 15, 34, 39, 830318, tzinfo=UTC)
    assert only.image == "/usr/local/bin/llm-config-server"
    assert (only.exit_code, only.reason) == (None, "")
    assert found.notes[:2] == ("LLM Config Manager", "3 of 3 workers ready")


@pytest.mark.parametrize(
    ("changed", "phase", "word", "ready"),
    [
        ({"Type": "simple"}, Phase.RUNNING, "active", None),
        ({"ActiveState": "reloading", "SubState": "reload"}, Phase.RUNNING, "reloading", True),
        ({"ActiveState": "activating", "SubState": "start"}, Phase.STARTING, "activating", False),
        (
            {"ActiveState": "activating", "SubState": "auto-restart"},
            *(Phase.STARTING, "auto-restart", False),
        ),
        (
            {"ActiveState": "deactivating", "SubState": "stop-sigterm"},
            *(Phase.STOPPING, "deactivating", False),
        ),
        ({"ActiveState": "inactive", "SubState": "dead"}, Phase.STOPPED, "inactive", False),
        ({"ActiveState": "failed", "SubState": "failed"}, Phase.FAILED, "failed", False),
        ({"ActiveState": "of-tomorrow"}, Phase.UNKNOWN, "of-tomorrow", False),
    ],
)
def test_states_of_systemd_are_phases(
    changed: dict[str, str], phase: Phase, word: str, ready: bool | None
) -> None:
    found = unit(service(**changed))
    assert (found.phase, found.word, found.ready) == (phase, word, ready)


@pytest.mark.parametrize(
    ("result", "code", "status", "reason", "exit_code"),
    [
        ("exit-code", "1", "7", "it ended with exit status 7", 7),
        (
            *("exit-code", "1", "203"),
            *("it ended with exit status 203 (its program cannot be executed)", 203),
        ),
        ("exit-code", "1", "0", "a command before or after its own ended with an error", 0),
        ("signal", "2", "9", "it was ended by SIGKILL", 137),
        ("core-dump", "3", "6", "it was ended by SIGABRT and dumped core", 134),
        ("signal", "2", "99", "it was ended by signal 99", 227),
        ("oom-kill", "2", "9", "it was killed for want of memory", 137),
        ("timeout", "2", "15", "it did not start or stop in time", 143),
        ("watchdog", "3", "6", "it gave no sign of life within its watchdog's time", 134),
        ("of-tomorrow", "0", "0", "its result is of-tomorrow", None),
    ],
)
def test_a_failure_says_how_it_came(
    result: str, code: str, status: str, reason: str, exit_code: int | None
) -> None:
    found = unit(
        service(
            ActiveState="failed",
            SubState="failed",
            Result=result,
            ExecMainCode=code,
            ExecMainStatus=status,
            Restart="no",
        )
    )
    assert (found.reason, found.exit_code) == (reason, exit_code)
    assert found.out_of_memory is (result == "oom-kill")


def test_what_was_started_too_often_needs_its_failures_forgotten() -> None:
    failed = {"ActiveState": "failed", "SubState": "failed"}
    found = unit(service(**failed, Result="start-limit-hit", NRestarts="0"))
    assert found.reason == (
        "it was started too often in a short time; systemd gave it up: it needs "
        "systemctl reset-failed"
    )
    ended = {"Result": "exit-code", "ExecMainCode": "1", "ExecMainStatus": "9"}
    assert "gave it up after 2 restarts" in unit(service(**failed, **ended)).reason


def test_what_is_started_again_says_how_often() -> None:
    found = unit(
        service(
            ActiveState="activating",
            SubState="auto-restart",
            Result="exit-code",
            ExecMainCode="1",
            ExecMainStatus="9",
        )
    )
    assert found.reason == (
        "it ended with exit status 9; it is started again by itself, 2 times so far"
    )


def test_a_masked_unit_is_down_on_purpose() -> None:
    found = workload(blocks(MASKED)[0])
    assert (found.units[0].phase, found.units[0].word) == (Phase.STOPPED, "masked")
    assert "systemctl unmask" in found.units[0].reason
    assert workload_state(found) is State.OK
    assert found.units[0].use.memory_bytes is None


def test_a_unit_that_is_masked_while_it_runs_still_runs() -> None:
    found = unit(service(LoadState="masked"))
    assert (found.phase, found.word) == (Phase.RUNNING, "active")
    assert "masked" in found.reason


def test_the_service_itself_is_wanted_even_if_nothing_starts_it() -> None:
    stopped = service(ActiveState="inactive", SubState="dead", UnitFileState="disabled")
    assert workload_state(workload(stopped, is_service=True)) is State.CRITICAL
    assert workload_state(workload(stopped)) is State.OK
    assert workload_state(workload(service(ActiveState="inactive"))) is State.CRITICAL


def test_a_job_may_be_idle_but_not_fail() -> None:
    idle = workload(service(**JOB))
    assert (idle.wanted, workload_state(idle)) == (0, State.OK)
    running = workload(service(**JOB | {"ActiveState": "activating", "SubState": "start"}))
    assert (running.units[0].phase, workload_state(running)) == (Phase.RUNNING, State.OK)
    failed = workload(service(**JOB | {"ActiveState": "failed"}))
    assert workload_state(failed) is State.CRITICAL


def test_a_job_that_remains_is_up_when_it_is_done() -> None:
    found = workload(service(Type="oneshot", RemainAfterExit="yes", SubState="exited"))
    assert (found.units[0].phase, found.wanted, found.ready) == (Phase.RUNNING, 1, 1)


def test_a_timer_waits_between_two_runs() -> None:
    found = workload(timer())
    (only,) = found.units
    assert (found.name, found.kind, only.phase) == ("mono.timer", Kind.TIMER, Phase.WAITING)
    assert only.word == "waiting"
    assert only.last_run_at == datetime(2026, 11, 28, 15, 34, 39, tzinfo=UTC)
    assert only.next_run_at == BOOTED + timedelta(hours=3, minutes=50, seconds=48.733991)
    assert workload_state(found) is State.OK
    assert "starts once.service" in found.notes


def test_a_timer_elapses_at_the_earlier_of_its_times() -> None:
    found = unit(timer(NextElapseUSecRealtime="Sat 2026-11-28 15:00:00 UTC"))
    assert found.next_run_at == datetime(2026, 11, 28, 15, tzinfo=UTC)


def test_a_timer_that_is_stopped_has_no_next_run() -> None:
    stopped = {"ActiveState": "inactive", "SubState": "dead"}
    assert unit(timer(**stopped)).next_run_at is None
    assert workload_state(workload(timer(**stopped, UnitFileState="disabled"))) is State.OK
    assert workload_state(workload(timer(**stopped))) is State.WARNING


def test_a_timer_tells_of_the_failure_of_what_it_starts() -> None:
    failed = service(
        **JOB
        | {"ActiveState": "failed", "Result": "exit-code", "Restart": "no"}
        | {"ExecMainCode": "1", "ExecMainStatus": "3"}
    )
    found = unit(timer(), started=failed)
    assert found.reason == "the last run of job failed: it ended with exit status 3"
    assert unit(timer(), started=service(**JOB)).reason == ""


def test_conditions_that_did_not_hold_are_told() -> None:
    found = unit(service(ActiveState="inactive", SubState="dead", ConditionResult="no"))
    assert "conditions did not hold" in found.reason
    never = service(ActiveState="inactive", ConditionResult="no", ConditionTimestamp="")
    assert unit(never).reason == ""


def test_a_changed_unit_file_is_noted() -> None:
    assert any("daemon-reload" in each for each in workload(service(NeedDaemonReload="yes")).notes)
