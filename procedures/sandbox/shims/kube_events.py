"""What happened to the sandbox's processes, as events of the cluster."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from procedures.sandbox.shims.kube_made import Object, time_text
from procedures.sandbox.shims.kube_names import (
    NAMESPACE,
    app_label,
    node_name,
    pod_name,
    pod_uid,
    uid,
)
from procedures.sandbox.shims.observed import Observed


def event(happening: Mapping[str, Any], seen: Observed) -> Object | None:
    """Return one event; None if it is about a process that there is no more."""
    process = seen.process(happening["about"])
    if process is None:
        return None
    then = replace(process, generation=happening["generation"], revision=happening["revision"] or 1)
    pod, at = pod_name(then), time_text(happening["at"])
    name = f"{pod}.{happening['number']:016x}"
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "uid": uid("Event", name),
            "creationTimestamp": at,
        },
        "involvedObject": {
            "kind": "Pod",
            "namespace": NAMESPACE,
            "name": pod,
            "uid": pod_uid(then),
            "apiVersion": "v1",
            "fieldPath": f"spec.containers{{{app_label(process)}}}",
        },
        "reason": happening["reason"],
        "message": happening["text"],
        "source": {"component": "kubelet", "host": node_name(process)},
        "firstTimestamp": at,
        "lastTimestamp": at,
        "count": 1,
        "type": happening["kind"],
        "eventTime": None,
        "reportingComponent": "kubelet",
        "reportingInstance": node_name(process),
    }
