"""What pods and nodes use, as the metrics server tells it."""

from typing import Any

from procedures.sandbox.shims.kube_made import time_text
from procedures.sandbox.shims.kube_names import NAMESPACE, NODES, app_label, pod_name, pods
from procedures.sandbox.shims.observed import Observed

Object = dict[str, Any]
_WINDOW = "10s"


def measures(made: str, seen: Observed) -> list[Object]:
    """Return the measures of all pods that run, or of all nodes."""
    at = {"timestamp": time_text(seen.now), "window": _WINDOW}
    if made == "nodemetrics":
        usage = _usage(0.64, 4_812 * 1024**2)
        return [{"metadata": {"name": name}, **at, "usage": usage} for name in NODES]
    return [
        {
            "metadata": {
                "name": pod_name(process),
                "namespace": NAMESPACE,
                "labels": {"app": app_label(process)},
                "creationTimestamp": time_text(seen.now),
            },
            **at,
            "containers": [
                {
                    "name": app_label(process),
                    "usage": _usage(process.cpu_cores, process.memory_bytes),
                }
            ],
        }
        for process in sorted(pods(seen), key=pod_name)
        if process.running
    ]


def _usage(cores: float, memory_bytes: float) -> dict[str, str]:
    return {"cpu": f"{round(cores * 1e9)}n", "memory": f"{round(memory_bytes / 1024)}Ki"}
