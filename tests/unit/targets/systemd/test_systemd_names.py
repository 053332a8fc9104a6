"""Which units are asked for, by which command lines; and what may be done to them."""

import os
from datetime import UTC, datetime

import pytest

from procedures.environment import Method, TargetAddress
from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.systemd import questions
from procedures.targets.systemd.actions import action_for
from procedures.targets.systemd.names import found_names, full_name, may_be_acted_on, wanted_by
from procedures.targets.values import Kind, Phase, Unit, Workload

AT = datetime(2026, 11, 28, 2, 0, 0, 5, tzinfo=UTC)


def address(*units: str, service: str = "app") -> TargetAddress:
    return TargetAddress(name="here", method=Method.SYSTEMD, service=service, units=units)


def workload(
    unit_id: str, *, kind: Kind = Kind.UNIT, phase: Phase = Phase.RUNNING, word: str = "active"
) -> Workload:
    only = Unit(id=unit_id, name=unit_id, workload="app", phase=phase, word=word)
    return Workload(name="app", kind=kind, units=(only,), wanted=1, ready=1)


def test_without_units_the_usual_ones_are_asked_for() -> None:
    wanted = wanted_by(address())
    assert wanted.names[0] == "app.service"
    assert {"postgresql.service", "llm-config-backup.timer"} < set(wanted.names)
    assert wanted.only_loaded


def test_given_units_are_names_or_patterns_beside_the_service() -> None:
    wanted = wanted_by(address("app", "db.service", "app-*", "x.timer", "a b", "-n\n"))
    assert wanted.names == ("app.service", "db.service", "x.timer")
    assert wanted.patterns == ("app-*",)
    assert set(wanted.refused) == {"a b", "-n\n"}
    assert not wanted.only_loaded


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("app", "app.service"),
        ("app.timer", "app.timer"),
        ("app.v2", "app.v2.service"),
        (r"foo@bar\x2dbaz", r"foo@bar\x2dbaz.service"),
    ],
)
def test_a_name_without_a_suffix_is_a_service(name: str, full: str) -> None:
    assert full_name(name) == full


@pytest.mark.parametrize(
    ("name", "may"),
    [
        ("app.service", True),
        (r"foo@bar\x2dbaz.service", True),
        ("_x.timer", True),
        ("-dash.service", False),
        ("@x.service", False),
        ("a b.service", False),
        ("a;reboot", False),
        ("a\n", False),
        ("", False),
    ],
)
def test_only_a_safe_name_is_acted_on(name: str, may: bool) -> None:
    assert may_be_acted_on(name) is may


def test_a_list_is_read_without_templates_and_other_sorts_of_units() -> None:
    listed = "app.service  static -\nfoo@.service static -\napp.timer enabled\napp.slice loaded\n"
    assert found_names(listed, ["app*"]) == ["app.service", "app.timer"]
    assert found_names("app.slice loaded\n", ["*.slice"]) == ["app.slice"]


def test_names_follow_the_end_of_the_options() -> None:
    argv = questions.show(["-dash.service"], precise=True)
    assert argv[-2:] == ("--", "-dash.service")
    assert "--timestamp=us+utc" in argv
    assert "--timestamp=us+utc" not in questions.show(["x.service"], precise=False)


def test_a_log_is_asked_for_by_moment_and_number() -> None:
    argv = questions.log(["-dash.service"], AT, 3)
    assert "--since=@1795831200.000005" in argv
    assert {"--lines=3", "--reverse", "--unit=-dash.service", "--all"} < set(argv)
    assert "--reverse" not in questions.log(["x.service"], None, 3)
    assert "--since=@1795831200.000006" in questions.follow(["x.service"], 1795831200000005)


def test_times_are_asked_for_in_utc() -> None:
    found = questions.variables_for({"TZ": "Asia/Tokyo", "PATH": os.defpath})
    assert (found["TZ"], found["PATH"]) == ("UTC", os.defpath)


@pytest.mark.parametrize("verb", [Verb.RESTART, Verb.STOP, Verb.START])
def test_an_action_names_one_unit_in_full(verb: Verb) -> None:
    action = action_for(verb, workload("app.service"), as_root=False)
    assert isinstance(action, Action)
    assert action.commands == (("sudo", "-n", "systemctl", verb.value, "app.service"),)
    as_root = action_for(verb, workload("app.service"), as_root=True)
    assert isinstance(as_root, Action)
    assert as_root.commands == (("systemctl", verb.value, "app.service"),)


def test_a_stop_is_taken_back_by_a_start() -> None:
    action = action_for(Verb.STOP, workload("app.service"), as_root=True, is_service=True)
    assert isinstance(action, Action)
    assert action.undo == (("systemctl", "start", "app.service"),)
    assert (action.ready, action.look[0][:2]) == (0, ("systemctl", "show"))
    assert "outage" in action.caution


@pytest.mark.parametrize("verb", [Verb.START, Verb.RESTART])
def test_what_failed_is_started_after_its_failures_are_forgotten(verb: Verb) -> None:
    failed = workload("app.service", phase=Phase.FAILED, word="failed")
    action = action_for(verb, failed, as_root=True)
    assert isinstance(action, Action)
    assert [argv[1] for argv in action.commands] == ["reset-failed", verb.value]


def test_a_stopped_timer_warns_of_what_will_not_happen() -> None:
    action = action_for(Verb.STOP, workload("b.timer", kind=Kind.TIMER), as_root=True)
    assert isinstance(action, Action)
    assert "backup" in action.caution


@pytest.mark.parametrize(
    ("verb", "unit_id", "word"),
    [
        (Verb.SCALE, "app.service", "active"),
        (Verb.ROLL_BACK, "app.service", "active"),
        (Verb.STOP, "-dash.service", "active"),
        (Verb.START, "app.service", "masked"),
        (Verb.RESTART, "app.service", "not-found"),
    ],
)
def test_what_cannot_be_done_says_why_and_what_can(verb: Verb, unit_id: str, word: str) -> None:
    refusal = action_for(verb, workload(unit_id, word=word), as_root=True)
    assert isinstance(refusal, Refusal)
    assert refusal.why
    assert refusal.fix


def test_a_masked_unit_may_still_be_stopped() -> None:
    masked = workload("app.service", word="masked")
    assert isinstance(action_for(Verb.STOP, masked, as_root=True), Action)
