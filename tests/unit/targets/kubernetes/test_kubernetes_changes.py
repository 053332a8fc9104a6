"""Events, ends of containers and revisions become changes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from procedures.reference.states import State
from procedures.targets.changes import ChangeKind
from procedures.targets.kubernetes.ends import ends_of
from procedures.targets.kubernetes.happenings import change_of
from procedures.targets.kubernetes.history import rollouts
from procedures.targets.kubernetes.revisions import Revision
from procedures.targets.values import Kind
from tests.recorded_cluster import items, pod

AT = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def test_recorded_events_are_told_without_what_every_start_writes() -> None:
    changes = {
        each.text.partition(":")[0]: each
        for event in items("events")
        if (each := change_of(event, "cluster")) is not None
    }
    assert not {"Scheduled", "Pulled", "Created", "SuccessfulCreate"} & changes.keys()
    assert {
        reason: (change.kind, change.state)
        for reason, change in changes.items()
        if reason in {"BackOff", "Unhealthy", "Started", "Killing", "ScalingReplicaSet", "Failed"}
    } == {
        "BackOff": (ChangeKind.FAILED, State.CRITICAL),
        "Unhealthy": (ChangeKind.HEALTH, State.WARNING),
        "Started": (ChangeKind.STARTED, State.OK),
        "Killing": (ChangeKind.STOPPED, State.OK),
        "ScalingReplicaSet": (ChangeKind.SCALE, State.OK),
        "Failed": (ChangeKind.FAILED, State.CRITICAL),
    }
    assert changes["FailedGetResourceMetric"].state is State.WARNING
    assert all(each.source == "cluster" and each.subject for each in changes.values())


def test_an_event_that_came_again_tells_how_often_and_since_when() -> None:
    event = {
        "involvedObject": {"name": "app-1"},
        "reason": "BackOff",
        "type": "Warning",
        "message": "Back-off restarting failed container",
        "firstTimestamp": "2026-11-23T10:00:00Z",
        "lastTimestamp": "2026-11-23T10:05:00Z",
        "count": 7,
    }
    change = change_of(event, "cluster")
    assert change is not None
    assert (change.times, change.since, change.at) == (7, AT, AT + timedelta(minutes=5))


@pytest.mark.parametrize("count", [None, 0, "many"])
def test_an_event_without_a_count_happened_once(count: object) -> None:
    event = {
        "involvedObject": {"name": "app-1"},
        "reason": "FailedScheduling",
        "type": "Warning",
        "firstTimestamp": None,
        "lastTimestamp": None,
        "eventTime": "2026-11-23T10:00:00.905632Z",
        "count": count,
    }
    change = change_of(event, "cluster")
    assert change is not None
    assert (change.times, change.since, change.text) == (1, None, "FailedScheduling")
    assert change.at == AT + timedelta(microseconds=905632)


def test_a_series_of_the_newer_kind_counts_as_well() -> None:
    event = {
        "regarding": {"name": "app-1"},
        "reason": "Unhealthy",
        "note": "Readiness probe failed",
        "eventTime": "2026-11-23T10:00:00.000000Z",
        "series": {"count": 3, "lastObservedTime": "2026-11-23T10:01:00.000000Z"},
    }
    change = change_of(event, "cluster")
    assert change is not None
    assert (change.subject, change.times) == ("app-1", 3)
    assert change.text == "Unhealthy: Readiness probe failed"


def test_an_event_without_any_time_is_left_out() -> None:
    assert change_of({"reason": "Unhealthy", "firstTimestamp": "soon"}, "cluster") is None


def test_a_recorded_crash_is_told_from_the_pods_status() -> None:
    (change,) = ends_of(pod("crash"), "cluster")
    assert (change.kind, change.state) == (ChangeKind.RESTART, State.CRITICAL)
    assert (change.subject, change.text) == ("crash", "c ended with exit code 3: Error")


def with_end(end: dict[str, Any], *, key: str, policy: str = "Always") -> dict[str, Any]:
    status = {"name": "app", key: {"terminated": {"finishedAt": "2026-11-23T10:00:00Z", **end}}}
    return {
        "metadata": {"name": "app-1"},
        "spec": {"restartPolicy": policy},
        "status": {"containerStatuses": [status]},
    }


def test_an_end_is_told_alike_before_and_after_the_restart() -> None:
    end = {"exitCode": 137, "reason": "OOMKilled"}
    (down,) = ends_of(with_end(end, key="state"), "cluster")
    (up,) = ends_of(with_end(end, key="lastState"), "cluster")
    assert down == up
    assert (down.kind, down.state) == (ChangeKind.OUT_OF_MEMORY, State.CRITICAL)


@pytest.mark.parametrize(
    ("code", "policy", "kind", "state"),
    [
        (0, "Always", ChangeKind.RESTART, State.WARNING),
        (1, "Always", ChangeKind.RESTART, State.CRITICAL),
        (1, "OnFailure", ChangeKind.RESTART, State.CRITICAL),
        (0, "OnFailure", ChangeKind.STOPPED, State.OK),
        (0, "Never", ChangeKind.STOPPED, State.OK),
        (2, "Never", ChangeKind.FAILED, State.CRITICAL),
    ],
)
def test_what_an_end_means_depends_on_who_wanted_it(
    code: int, policy: str, kind: ChangeKind, state: State
) -> None:
    (change,) = ends_of(with_end({"exitCode": code}, key="state", policy=policy), "cluster")
    assert (change.kind, change.state) == (kind, state)


def test_a_pod_that_somebody_deletes_ends_in_good_order() -> None:
    given = with_end({"exitCode": 143}, key="state")
    given["metadata"]["deletionTimestamp"] = "2026-11-23T10:00:00Z"
    (change,) = ends_of(given, "cluster")
    assert (change.kind, change.state) == (ChangeKind.STOPPED, State.OK)


def test_an_eviction_is_a_failure() -> None:
    given = {
        "metadata": {"name": "app-1"},
        "status": {
            "reason": "Evicted",
            "message": "The node was low on resource: memory.",
            "startTime": "2026-11-23T10:00:00Z",
        },
    }
    (change,) = ends_of(given, "cluster")
    assert change.text == "Evicted: The node was low on resource: memory."


def revision(
    number: int,
    image: str,
    *,
    minute: int,
    earlier: tuple[int, ...] = (),
    cause: str = "",
    restarted: str = "",
) -> Revision:
    return Revision(
        number=number,
        keeper=f"app-{number}",
        at=AT + timedelta(minutes=minute),
        images={"app": image},
        earlier=earlier,
        cause=cause,
        restarted=restarted,
    )


def told(*revisions: Revision, since: datetime = AT) -> list[tuple[ChangeKind, str]]:
    found = rollouts({(Kind.DEPLOYMENT, "app"): revisions}, "cluster", since)
    return [(each.kind, each.text) for each in found]


def test_a_rollout_tells_its_cause_and_the_images_that_it_replaced() -> None:
    assert told(
        revision(1, "app:1", minute=0),
        revision(2, "app:2", minute=5, cause="release 2"),
    ) == [
        (ChangeKind.ROLLOUT, "revision 1 is rolled out"),
        (ChangeKind.ROLLOUT, "revision 2 is rolled out: release 2"),
        (ChangeKind.IMAGE, "app: app:1 → app:2"),
    ]


def test_a_restart_is_told_from_a_release() -> None:
    assert told(
        revision(1, "app:1", minute=0), revision(2, "app:1", minute=5, restarted="2026-11-23")
    )[1:] == [(ChangeKind.ROLLOUT, "restarted as revision 2")]


def test_a_revision_that_somebody_went_back_to_stands_where_it_was_made() -> None:
    assert told(revision(2, "app:2", minute=5), revision(3, "app:1", minute=0, earlier=(1,))) == [
        (ChangeKind.ROLLOUT, "revision 1 is rolled out, by now revision 3 again"),
        (ChangeKind.ROLLOUT, "revision 2 is rolled out"),
        (ChangeKind.IMAGE, "app: app:1 → app:2"),
    ]


def test_only_what_is_asked_for_is_told() -> None:
    later = AT + timedelta(minutes=1)
    assert told(revision(1, "app:1", minute=0), revision(2, "app:2", minute=5), since=later) == [
        (ChangeKind.ROLLOUT, "revision 2 is rolled out"),
        (ChangeKind.IMAGE, "app: app:1 → app:2"),
    ]
