"""metrics.k8s.io as two kinds of custom resources: a test writes what a metrics server would."""

from typing import Any

import httpx

from procedures.clock import SystemClock

PLACE = "/apis/metrics.k8s.io/v1beta1"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"

_KINDS = {"pods": ("PodMetrics", "Namespaced"), "nodes": ("NodeMetrics", "Cluster")}


def define(admin: httpx.Client) -> None:
    """Let the API serve measurements of pods and of nodes."""
    for plural, (kind, scope) in _KINDS.items():
        anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
        version = {"name": "v1beta1", "served": True, "storage": True}
        definition = {
            "metadata": {
                "name": f"{plural}.metrics.k8s.io",
                "annotations": {"api-approved.kubernetes.io": "unapproved, for tests"},
            },
            "spec": {
                "group": "metrics.k8s.io",
                "scope": scope,
                "names": {"plural": plural, "kind": kind},
                "versions": [version | {"schema": {"openAPIV3Schema": anything}}],
            },
        }
        admin.post(DEFINITIONS, json=definition).raise_for_status()


def are_served(admin: httpx.Client) -> bool:
    """Tell whether the API knows both kinds by now."""
    return all(admin.get(f"{PLACE}/{plural}").is_success for plural in _KINDS)


def measure(admin: httpx.Client, namespace: str, pod: str, cpu: str, memory: str) -> None:
    """Say what a pod uses, each of its containers so much, in the units of Kubernetes."""
    found = admin.get(f"/api/v1/namespaces/{namespace}/pods/{pod}").raise_for_status().json()
    use = {"cpu": cpu, "memory": memory}
    containers = [{"name": each["name"], "usage": use} for each in found["spec"]["containers"]]
    labels = found["metadata"].get("labels", {})
    _write(admin, f"namespaces/{namespace}/pods", pod, labels, {"containers": containers})


def measure_node(admin: httpx.Client, node: str, cpu: str, memory: str) -> None:
    """Say what a node uses."""
    _write(admin, "nodes", node, {}, {"usage": {"cpu": cpu, "memory": memory}})


def _write(
    admin: httpx.Client, place: str, name: str, labels: dict[str, str], use: dict[str, Any]
) -> None:
    measured = {
        "apiVersion": "metrics.k8s.io/v1beta1",
        "kind": "NodeMetrics" if place == "nodes" else "PodMetrics",
        "metadata": {"name": name, "labels": labels},
        "timestamp": SystemClock().now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "window": "15s",
        **use,
    }
    old = admin.get(f"{PLACE}/{place}/{name}")
    if old.is_success:
        measured["metadata"] = old.json()["metadata"]
        admin.put(f"{PLACE}/{place}/{name}", json=measured).raise_for_status()
    else:
        admin.post(f"{PLACE}/{place}", json=measured).raise_for_status()
