"""What a kubelet would say of a pod, computed from what it said before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What keeps a pod from being ready.

    Attributes:
        waits: Why its containers wait; None when they run, yet are not ready.
        ended: How they ended before; None when they never ran.
        exit_code: What they ended with.
    """

    waits: str | None = None
    ended: str | None = None
    exit_code: int = 0


UNREADY = Fate()
CRASHING = Fate(waits="CrashLoopBackOff", ended="Error", exit_code=1)
OUT_OF_MEMORY = Fate(waits="CrashLoopBackOff", ended="OOMKilled", exit_code=137)
NO_IMAGE = Fate(waits="ImagePullBackOff")


def is_going(pod: Json) -> bool:
    """Tell whether somebody deleted the pod."""
    return "deletionTimestamp" in pod["metadata"]


def is_over(pod: Json) -> bool:
    """Tell whether nothing of the pod will ever run again."""
    return pod["status"].get("phase") in {"Succeeded", "Failed"}


def is_ready(pod: Json) -> bool:
    return any(
        each["type"] == "Ready" and each["status"] == "True"
        for each in pod["status"].get("conditions", [])
    )


def has_met(pod: Json, fate: Fate) -> bool:
    """Tell whether the pod's status shows its fate already."""
    states = [each["state"] for each in pod["status"].get("containerStatuses", [])]
    if not states or is_ready(pod):
        return False
    if fate.waits is None:
        return all("running" in state for state in states)
    return all(state.get("waiting", {}).get("reason") == fate.waits for state in states)


def running(pod: Json, ip: str, at: datetime) -> Json:
    """Return the status after every container was started, once more where it had ended."""
    containers = [
        _status(each, pod, {"running": {"startedAt": stamp(at)}}, ready=True)
        for each in pod["spec"]["containers"]
    ]
    return _pod(pod, ip, at, containers, ready=True)


def succeeded(pod: Json, ip: str, at: datetime) -> Json:
    """Return the status of a pod whose work is done, as a job's."""
    done = {"terminated": _end("Completed", 0, at)}
    containers = [_status(each, pod, done, ready=False) for each in pod["spec"]["containers"]]
    return _pod(pod, ip, at, containers, ready=False) | {"phase": "Succeeded"}


def ended(pod: Json, ip: str, at: datetime, fate: Fate) -> Json:
    """Return the status at the moment that the containers end as their fate says."""
    state = {"terminated": _end(fate.ended or "Error", fate.exit_code, at)}
    containers = [_status(each, pod, state, ready=False) for each in pod["spec"]["containers"]]
    return _pod(pod, ip, at, containers, ready=False)


def fated(pod: Json, ip: str, at: datetime, fate: Fate) -> Json:
    """Return the status after the containers met their fate."""
    if fate.waits is None:
        state: Json = {"running": {"startedAt": stamp(at)}}
    else:
        state = {"waiting": {"reason": fate.waits, "message": f"played: {fate.waits}"}}
    containers = [_status(each, pod, state, ready=False) for each in pod["spec"]["containers"]]
    if fate.ended is not None:
        for each in containers:
            each["lastState"] = {"terminated": _end(fate.ended, fate.exit_code, at)}
            each["restartCount"] += 1
    phase = "Running" if fate.ended or fate.waits is None else "Pending"
    return _pod(pod, ip, at, containers, ready=False) | {"phase": phase}


def stamp(at: datetime) -> str:
    """Return an instant as Kubernetes writes it."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _status(container: Json, pod: Json, state: Json, *, ready: bool) -> Json:
    """Return a container's status in ``state``, which counts and keeps how it ended before."""
    name = container["name"]
    before: Mapping[str, Any] = next(
        (old for old in pod["status"].get("containerStatuses", []) if old["name"] == name), {}
    )
    was = before.get("state", {})
    starts_again = "running" in state and ("terminated" in was or before.get("lastState"))
    if "running" in state and "running" in was:
        state, starts_again = was, False
    restarts = before.get("restartCount", 0) + bool(starts_again)
    return {
        "name": name,
        "image": container["image"],
        "imageID": f"played://{container['image']}",
        "containerID": f"played://{pod['metadata']['uid']}/{name}/{restarts}",
        "ready": ready,
        "started": "running" in state,
        "restartCount": restarts,
        "state": state,
        "lastState": was if "terminated" in was else before.get("lastState", {}),
    }


def _pod(pod: Json, ip: str, at: datetime, containers: list[Json], *, ready: bool) -> Json:
    truth = {"Initialized": True, "Ready": ready, "ContainersReady": ready, "PodScheduled": True}
    return {
        "phase": "Running",
        "conditions": [_condition(pod, kind, at, holds=holds) for kind, holds in truth.items()],
        "containerStatuses": containers,
        "hostIP": "127.0.0.1",
        "podIP": pod["status"].get("podIP", ip),
        "podIPs": [{"ip": pod["status"].get("podIP", ip)}],
        "startTime": pod["status"].get("startTime", stamp(at)),
    }


def _condition(pod: Json, kind: str, at: datetime, *, holds: bool) -> Json:
    """Return a condition, with the time of before where it held then as now."""
    word = str(holds)
    for old in pod["status"].get("conditions", []):
        if old["type"] == kind and old["status"] == word:
            return {"type": kind, "status": word, "lastTransitionTime": old["lastTransitionTime"]}
    return {"type": kind, "status": word, "lastTransitionTime": stamp(at)}


def _end(reason: str, exit_code: int, at: datetime) -> Json:
    return {
        "reason": reason,
        "exitCode": exit_code,
        "startedAt": stamp(at),
        "finishedAt": stamp(at),
    }
