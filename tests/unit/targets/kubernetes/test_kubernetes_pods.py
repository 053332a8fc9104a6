"""A pod is shown in the words of ``kubectl get pods``, and told why it is not well."""

from datetime import UTC, datetime
from typing import Any

import pytest

from procedures.targets.kubernetes.pods import unit_of
from procedures.targets.kubernetes.words import phase_of, status_word
from procedures.targets.values import Phase, Use
from tests.recorded_cluster import items, pod


def made(
    *containers: dict[str, Any],
    phase: str = "Running",
    init: tuple[dict[str, Any], ...] = (),
    conditions: dict[str, str] | None = None,
    deleted: bool = False,
    **status: str,
) -> dict[str, Any]:
    """Return a pod whose containers are in these states."""
    metadata: dict[str, Any] = {"name": "app-1", "uid": "u1"}
    if deleted:
        metadata["deletionTimestamp"] = "2026-11-23T10:00:00Z"
    return {
        "metadata": metadata,
        "spec": {
            "containers": [{"name": f"c{n}"} for n in range(len(containers))],
            "initContainers": [{"name": f"i{n}"} for n in range(len(init))],
        },
        "status": {
            "phase": phase,
            "containerStatuses": [{"name": f"c{n}", **each} for n, each in enumerate(containers)],
            "initContainerStatuses": [{"name": f"i{n}", **each} for n, each in enumerate(init)],
            "conditions": [
                {"type": kind, "status": word} for kind, word in (conditions or {}).items()
            ],
            **status,
        },
    }


def waiting(reason: str) -> dict[str, Any]:
    return {"state": {"waiting": {"reason": reason}}}


def ended(code: int, reason: str = "", **more: int | str) -> dict[str, Any]:
    return {"state": {"terminated": {"exitCode": code, "reason": reason, **more}}}


RUNS: dict[str, Any] = {"ready": True, "state": {"running": {"startedAt": "2026-11-23T10:00:00Z"}}}


@pytest.mark.parametrize(
    ("given", "word", "phase"),
    [
        (made(RUNS), "Running", Phase.RUNNING),
        (made(waiting("CrashLoopBackOff")), "CrashLoopBackOff", Phase.FAILED),
        (made(RUNS, waiting("CrashLoopBackOff")), "CrashLoopBackOff", Phase.FAILED),
        (made(waiting("ImagePullBackOff")), "ImagePullBackOff", Phase.FAILED),
        (made(waiting("ContainerCreating"), phase="Pending"), "ContainerCreating", Phase.STARTING),
        (made(waiting("CreateContainerConfigError")), "CreateContainerConfigError", Phase.FAILED),
        (made(phase="Pending"), "Pending", Phase.WAITING),
        (made(ended(0, "Completed"), phase="Succeeded"), "Completed", Phase.STOPPED),
        (made(ended(1, "Error"), phase="Failed"), "Error", Phase.FAILED),
        (made(ended(137, "OOMKilled")), "OOMKilled", Phase.FAILED),
        (made(ended(3)), "ExitCode:3", Phase.FAILED),
        (made(ended(137, signal=9)), "Signal:9", Phase.FAILED),
        (made(phase="Failed", reason="Evicted"), "Evicted", Phase.FAILED),
        (made(RUNS, deleted=True), "Terminating", Phase.STOPPING),
        (made(RUNS, deleted=True, reason="NodeLost"), "Unknown", Phase.UNKNOWN),
        (made(RUNS, ended(0, "Completed")), "NotReady", Phase.RUNNING),
        (
            made(RUNS, ended(0, "Completed"), conditions={"Ready": "True"}),
            "Running",
            Phase.RUNNING,
        ),
        (
            made(init=(ended(0), waiting("PodInitializing")), phase="Pending"),
            "Init:1/2",
            Phase.STARTING,
        ),
        (made(init=(waiting("CrashLoopBackOff"),)), "Init:CrashLoopBackOff", Phase.FAILED),
        (made(init=(ended(1, "Error"),)), "Init:Error", Phase.FAILED),
        (made(init=(ended(2),)), "Init:ExitCode:2", Phase.FAILED),
        ({}, "Unknown", Phase.UNKNOWN),
    ],
)
def test_the_word_is_that_of_kubectl(given: dict[str, Any], word: str, phase: Phase) -> None:
    assert status_word(given) == word
    assert phase_of(word) is phase


def test_a_crashing_pod_tells_how_it_ended_and_why_it_waits() -> None:
    unit = unit_of(pod("crash"), "crash")
    assert (unit.word, unit.phase, unit.ready) == ("CrashLoopBackOff", Phase.FAILED, False)
    assert (unit.exit_code, unit.out_of_memory, unit.restarts) == (3, False, 2)
    assert unit.began_at == datetime(2026, 11, 23, 10, 4, 31, tzinfo=UTC)
    assert unit.reason.startswith("back-off 20s restarting failed container=c")
    assert (unit.image, unit.version, unit.host) == ("t-busybox:latest", "5dd6c17ced4c", "node-1")


def test_a_pod_without_its_image_tells_so() -> None:
    unit = unit_of(pod("noimage"), "noimage")
    assert unit.phase is Phase.FAILED
    assert unit.word == "ErrImageNeverPull"
    assert "is not present" in unit.reason
    assert unit.exit_code is None


def test_recorded_pods_that_serve_have_no_reason() -> None:
    units = [unit_of(each, "x") for each in items("pods")]
    assert [unit.reason for unit in units if unit.serves] == [""] * 4
    assert len({unit.id for unit in units}) == len(units)


def test_the_reason_of_a_pod_that_nobody_can_take_is_the_schedulers() -> None:
    given = made(phase="Pending")
    given["status"]["conditions"] = [
        {
            "type": "PodScheduled",
            "status": "False",
            "reason": "Unschedulable",
            "message": "0/3 nodes are available: 3 Insufficient memory.",
        }
    ]
    unit = unit_of(given, "app")
    assert (unit.phase, unit.reason) == (
        Phase.WAITING,
        "0/3 nodes are available: 3 Insufficient memory.",
    )


def test_a_pod_killed_for_want_of_memory_says_so_also_when_it_runs_again() -> None:
    before = {"lastState": ended(137, "OOMKilled", finishedAt="2026-11-23T09:59:59Z")["state"]}
    unit = unit_of(made({**RUNS, **before, "restartCount": 4}), "app")
    assert unit.phase is Phase.RUNNING
    assert (unit.out_of_memory, unit.exit_code, unit.restarts) == (True, 137, 4)


def test_restarts_of_all_containers_count_and_the_last_end_is_told() -> None:
    early = {"lastState": ended(1, "Error", finishedAt="2026-11-23T09:00:00Z")["state"]}
    late = {"lastState": ended(7, "Error", finishedAt="2026-11-23T09:30:00Z")["state"]}
    unit = unit_of(
        made({**RUNS, **early, "restartCount": 1}, {**RUNS, **late, "restartCount": 2}), "app"
    )
    assert (unit.restarts, unit.exit_code) == (3, 7)


def test_the_container_named_like_the_workload_is_the_main_one() -> None:
    given = made(RUNS, RUNS)
    given["spec"]["containers"] = [
        {"name": "proxy", "image": "proxy:1"},
        {"name": "app", "image": "app:2"},
    ]
    assert unit_of(given, "app").image == "app:2"
    assert unit_of(given, "another").image == "proxy:1"


def test_the_limit_of_memory_is_that_of_all_containers_or_there_is_none() -> None:
    given = made(RUNS, RUNS)
    limited = {"resources": {"limits": {"memory": "64Mi"}}}
    given["spec"]["containers"] = [{"name": "a", **limited}, {"name": "b", **limited}]
    assert unit_of(given, "a", Use(memory_bytes=1.0)).use == Use(
        memory_bytes=1.0, memory_limit_bytes=128.0 * 1024**2
    )
    given["spec"]["containers"][1] = {"name": "b"}
    assert unit_of(given, "a").use.memory_limit_bytes is None


@pytest.mark.parametrize("broken", [None, 7, "text", [1, None], {"containerStatuses": "none"}])
def test_a_pod_of_another_shape_is_unknown_and_breaks_nothing(broken: object) -> None:
    unit = unit_of({"metadata": {"name": "odd"}, "spec": broken, "status": broken}, "odd")
    assert unit.phase is Phase.UNKNOWN
