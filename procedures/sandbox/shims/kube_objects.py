"""The processes as Kubernetes objects."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from procedures.sandbox.shims.observed import Observed, Process

APP = "llm-config-manager"
NAMESPACE = "llm-config"
CONTEXT = "sandbox"
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_STATUS = {"stopping": "Terminating", "crashed": "CrashLoopBackOff"}


def pod_name(process: Process) -> str:
    """Return the name of a pod; a replica gets a new one whenever it is replaced."""
    if not process.ordinal:
        return f"{process.name}-0"
    owner = _letters(f"revision {process.revision}", 10)
    return f"{APP}-{owner}-{_letters(f'{process.ordinal} {process.generation}', 5)}"


def app_label(process: Process) -> str:
    """Return the value of the ``app`` label."""
    return APP if process.ordinal else process.name


def pods(seen: Observed, app: str = "") -> list[Process]:
    """Return the processes that exist as pods, of one app or of all."""
    everything = (*seen.members, *seen.dependencies)
    return [
        process
        for process in everything
        if process.phase != "stopped" and app in {"", app_label(process)}
    ]


def pod_status(process: Process) -> str:
    """Return the STATUS column."""
    return _STATUS.get(process.phase, "Running")


def pod(seen: Observed, process: Process) -> dict[str, Any]:
    """Return a pod as ``-o json`` shows it, as far as scripts look into it."""
    started = _time_text(process.started_at)
    name = app_label(process)
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": pod_name(process),
            "namespace": NAMESPACE,
            "labels": {"app": name},
            "creationTimestamp": started,
        },
        "spec": {"nodeName": "sandbox-node", "containers": [{"name": name}]},
        "status": {
            "phase": "Running",
            "podIP": "127.0.0.1",
            "startTime": started,
            "conditions": [{"type": "Ready", "status": str(process.ready)}],
            "containerStatuses": [
                {"name": name, "ready": process.ready, "restartCount": _restarts(process)}
            ],
        },
    }


def pod_row(seen: Observed, process: Process) -> tuple[str, str, str, str, float]:
    """Return name, READY, STATUS, RESTARTS and age in seconds."""
    ready = f"{int(process.ready)}/1"
    age_s = seen.now - process.started_at
    restarts = str(_restarts(process))
    return pod_name(process), ready, pod_status(process), restarts, age_s


def deployment(seen: Observed) -> dict[str, Any]:
    """Return the deployment as ``-o json`` shows it, as far as scripts look into it."""
    revision = seen.revisions[-1][0]
    ready = ready_count(seen)
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": APP,
            "namespace": NAMESPACE,
            "labels": {"app": APP},
            "annotations": {"deployment.kubernetes.io/revision": str(revision)},
            "creationTimestamp": _time_text(seen.revisions[0][1]),
        },
        "spec": {
            "replicas": seen.wanted,
            "selector": {"matchLabels": {"app": APP, "component": "api"}},
            "template": {"spec": {"containers": [{"name": APP, "image": f"{APP}:latest"}]}},
        },
        "status": {
            "replicas": len(pods(seen, APP)),
            "readyReplicas": ready,
            "availableReplicas": ready,
            "updatedReplicas": updated_count(seen),
        },
    }


def ready_count(seen: Observed) -> int:
    """Return how many replicas serve."""
    return sum(process.ready for process in seen.replicas)


def updated_count(seen: Observed) -> int:
    """Return how many wanted replicas run the newest revision."""
    newest = seen.revisions[-1][0]
    return sum(p.revision == newest and p.running for p in seen.replicas[: seen.wanted])


def listing(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return several objects as one."""
    return {"apiVersion": "v1", "kind": "List", "items": list(items)}


def _restarts(process: Process) -> int:
    return 1 if process.phase == "crashed" else 0


def _letters(text: str, count: int) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:count])


def _time_text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
