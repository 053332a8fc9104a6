"""The parts of a pod that tell of its process."""

from typing import Any

from procedures.sandbox.shims.kube_made import time_text
from procedures.sandbox.shims.kube_names import (
    NAMESPACE,
    app_label,
    pod_name,
    pod_uid,
    replica_set_name,
    template_hash,
    uid,
)
from procedures.sandbox.shims.observed import Process

_GRACE_S = 30
_CRASHED = 134


def pod_metadata(process: Process, started: str) -> dict[str, Any]:
    """Return what names a pod and its owner."""
    app, name = app_label(process), pod_name(process)
    if process.ordinal:
        kind, owner = "ReplicaSet", replica_set_name(process.revision)
        own = {"component": "api", "pod-template-hash": template_hash(process.revision)}
    else:
        kind, owner = "StatefulSet", app
        own = {"statefulset.kubernetes.io/pod-name": name}
    deletion = {
        "deletionTimestamp": time_text(process.since + _GRACE_S),
        "deletionGracePeriodSeconds": _GRACE_S,
    }
    return {
        "name": name,
        "generateName": f"{owner}-",
        "namespace": NAMESPACE,
        "uid": pod_uid(process),
        "labels": {"app": app, **own},
        "annotations": {},
        "creationTimestamp": started,
        "ownerReferences": [
            {
                "apiVersion": "apps/v1",
                "kind": kind,
                "name": owner,
                "uid": uid(kind, owner),
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
        **(deletion if process.phase == "stopping" else {}),
    }


def conditions(process: Process) -> list[dict[str, Any]]:
    """Return how far a pod has come."""
    since, started = time_text(process.since or process.started_at), time_text(process.started_at)
    unready = {
        "reason": "ContainersNotReady",
        "message": f"containers with unready status: [{app_label(process)}]",
    }
    ready = {
        "status": str(process.ready),
        "lastProbeTime": None,
        "lastTransitionTime": since,
        **({} if process.ready else unready),
    }
    done = {"status": "True", "lastProbeTime": None, "lastTransitionTime": started}
    return [
        {"type": "Initialized", **done},
        {"type": "Ready", **ready},
        {"type": "ContainersReady", **ready},
        {"type": "PodScheduled", **done},
    ]


def states(process: Process, started: str) -> dict[str, Any]:
    """Return the state of a pod's container and the one before its last start."""
    if process.phase != "crashed":
        return {"state": {"running": {"startedAt": started}}, "lastState": {}}
    message = f"back-off 10s restarting failed container={app_label(process)}"
    ended = {
        "exitCode": _CRASHED,
        "reason": "Error",
        "startedAt": started,
        "finishedAt": time_text(process.ended_at),
    }
    return {
        "state": {"waiting": {"reason": "CrashLoopBackOff", "message": message}},
        "lastState": {"terminated": ended},
    }


def restarts(process: Process) -> int:
    """Return how often the container was restarted in its pod."""
    return 1 if process.phase == "crashed" else 0
