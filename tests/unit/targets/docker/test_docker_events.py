"""Events of an engine, in the order in which it tells them, become what happened."""

from datetime import UTC, datetime, timedelta

from procedures.reference.states import State
from procedures.targets.changes import Change, ChangeKind
from procedures.targets.docker.ends import End
from procedures.targets.docker.events import Teller, folded
from procedures.targets.docker.remembered import remembered

BEGIN = 1_795_880_500
NAME = "llm_api_1"
OLD, NEW = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def event(
    action: str,
    second: float = 0.0,
    *,
    container: str = "c1",
    number: str = "1",
    once: str = "False",
    **more: str,
) -> object:
    attributes = {
        "name": NAME,
        "image": "api:1",
        "com.docker.compose.service": "api",
        "com.docker.compose.container-number": number,
        "com.docker.compose.oneoff": once,
        **more,
    }
    return {
        "Action": action,
        "Actor": {"ID": container, "Attributes": attributes},
        "timeNano": int((BEGIN + second) * 1e9),
    }


def told(*events: object, teller: Teller | None = None) -> list[Change]:
    teller = teller or Teller("engine")
    changes: list[Change] = []
    for each in events:
        assert isinstance(each, dict)
        changes += teller.tell(each)
    return changes + teller.due()


def said(changes: list[Change]) -> list[tuple[ChangeKind, str, State]]:
    return [(each.kind, each.text, each.state) for each in changes]


def test_a_crash_is_a_failure_and_then_a_restart() -> None:
    teller = Teller("engine")
    changes = told(event("die", exitCode="3"), event("start", 1), teller=teller)
    assert said(changes) == [
        (ChangeKind.FAILED, "ended with exit status 3", State.CRITICAL),
        (
            ChangeKind.RESTART,
            "ended with exit status 3 and was started again",
            State.WARNING,
        ),
    ]
    assert changes[0].subject == NAME
    assert changes[0].source == "engine"
    assert teller.ends == {"c1": End(3, out_of_memory=False)}


def test_a_crash_loop_is_one_change_that_happened_often() -> None:
    loop = [
        e
        for n in range(8)
        for e in (event("die", 10 * n, exitCode="1"), event("start", 10 * n + 1))
    ]
    changes = folded(told(*loop))
    assert [(each.kind, each.times) for each in changes] == [
        (ChangeKind.FAILED, 8),
        (ChangeKind.RESTART, 8),
    ]
    assert changes[0].since == datetime.fromtimestamp(BEGIN, UTC)


def test_the_same_trouble_much_later_is_another_change() -> None:
    changes = told(event("die", exitCode="1"), event("start", 1), event("die", 3600, exitCode="1"))
    assert [each.times for each in changes] == [1, 1, 1]


def test_a_want_of_memory_is_told_once_and_remembered() -> None:
    teller = Teller("engine")
    changes = told(
        event("oom"), event("die", 0.1, exitCode="137"), event("start", 1), teller=teller
    )
    assert [each.kind for each in changes] == [ChangeKind.OUT_OF_MEMORY, ChangeKind.RESTART]
    assert changes[0].state is State.CRITICAL
    assert teller.ends == {"c1": End(137, out_of_memory=True)}


def test_a_restart_by_command_is_one_change_and_no_trouble() -> None:
    changes = told(
        event("kill", signal="15"), event("die", 1, exitCode="143"), event("stop", 1.1),
        event("start", 1.3), event("restart", 1.3),
    )  # fmt: skip
    assert said(changes) == [(ChangeKind.STARTED, "stopped and started again", State.OK)]


def test_a_stop_is_held_back_only_for_a_moment() -> None:
    teller = Teller("engine")
    stop = [event("kill", signal="15"), event("die", exitCode="0"), event("stop")]
    for each in stop:
        assert isinstance(each, dict)
        assert not teller.tell(each)
    assert teller.holds
    now = datetime.fromtimestamp(BEGIN, UTC)
    assert not teller.due(now)
    assert said(teller.due(now + timedelta(seconds=2))) == [
        (ChangeKind.STOPPED, "stopped", State.OK)
    ]
    assert not teller.holds


def test_scaling_down_is_one_change_a_container() -> None:
    changes = told(
        event("kill", signal="15"), event("die", exitCode="0"), event("stop"), event("destroy", 0.2)
    )
    assert [each.text for each in changes] == ["stopped and removed"]


def test_a_kill_by_command_is_told_for_no_stop_follows() -> None:
    changes = told(event("kill", signal="9"), event("die", exitCode="137"))
    assert said(changes) == [(ChangeKind.STOPPED, "killed by command", State.WARNING)]


def test_a_signal_to_read_its_settings_again_excuses_no_crash() -> None:
    changes = told(event("kill", signal="1"), event("die", 1, exitCode="1"))
    assert [each.kind for each in changes] == [ChangeKind.FAILED]


def test_health_is_news_when_it_turns() -> None:
    changes = told(
        event("health_status: healthy"), event("health_status: unhealthy", 1),
        event("health_status: healthy", 2),
    )  # fmt: skip
    assert said(changes) == [
        (ChangeKind.HEALTH, "unhealthy", State.WARNING),
        (ChangeKind.HEALTH, "healthy again", State.OK),
    ]


def test_another_tag_is_another_image() -> None:
    changes = told(event("stop"), event("create", 1, container="c2", image="api:2"))
    assert (ChangeKind.IMAGE, "api:1 → api:2", State.OK) in said(changes)
    assert next(each for each in changes if each.kind is ChangeKind.IMAGE).subject == "api"


def test_the_same_tag_on_another_image_is_told_by_its_id() -> None:
    images = {"c1": OLD, "c2": NEW}
    teller = Teller("engine", lambda container: images.get(container, ""))
    teller.learn("api", "1", "api:1", OLD)
    changes = told(event("create", container="c2"), teller=teller)
    assert [each.text for each in changes] == [f"api:1: {'a' * 12} → {'b' * 12}"]


def test_a_further_container_is_no_change_of_the_image() -> None:
    assert not told(event("pause"), event("create", 0.1, container="c2", number="2"))[1:]


def test_runs_of_compose_are_left_out() -> None:
    assert not told(event("die", once="True", exitCode="1"))


def inspected(**state: object) -> dict[str, object]:
    return {
        "Id": "c1",
        "Name": f"/{NAME}",
        "RestartCount": 2,
        "State": {
            "Status": "running",
            "Running": True,
            "StartedAt": "2026-11-28T15:41:52.672383626Z",
            "FinishedAt": "2026-11-28T15:41:52.285988157Z",
            **state,
        },
    }


SINCE = datetime(2026, 11, 28, 15, 0, tzinfo=UTC)


def test_what_events_forgot_the_container_still_tells() -> None:
    (change,) = remembered([inspected()], SINCE, [], "engine")
    assert (change.kind, change.subject) == (ChangeKind.RESTART, NAME)
    down = inspected(Status="exited", Running=False, ExitCode=3)
    (change,) = remembered([down], SINCE, [], "engine")
    assert (change.kind, change.text) == (ChangeKind.FAILED, "ended with exit status 3")


def test_what_events_tell_is_not_told_twice() -> None:
    at = datetime(2026, 11, 28, 15, 41, 53, tzinfo=UTC)
    event_told = Change(at=at, kind=ChangeKind.STARTED, subject=NAME, text="started")
    assert not remembered([inspected()], SINCE, [event_told], "engine")
    assert not remembered([inspected()], at + timedelta(hours=1), [], "engine")
