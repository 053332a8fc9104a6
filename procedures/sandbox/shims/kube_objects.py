"""The processes as Kubernetes objects: pods and the deployment."""

import copy
from collections.abc import Sequence
from typing import Any

from procedures.sandbox.control_client import Control
from procedures.sandbox.kept import Kept
from procedures.sandbox.shims.kube_made import time_text
from procedures.sandbox.shims.kube_names import (
    APP,
    NAMESPACE,
    app_label,
    node_name,
    pod_name,
    pods,
    ready_count,
    uid,
    updated_count,
)
from procedures.sandbox.shims.kube_pod_parts import conditions, pod_metadata, restarts, states
from procedures.sandbox.shims.observed import Observed, Process

_STATUS = {"stopping": "Terminating", "crashed": "CrashLoopBackOff"}
IMAGE = f"{APP}:latest"
_MOUNTS = {
    "config": "/etc/llm-config",
    "data": "/var/lib/llm-config/data",
    "cache": "/var/lib/llm-config/cache",
    "backups": "/var/lib/llm-config/backups",
    "logs": "/var/log/llm-config",
}


def pod_status(process: Process) -> str:
    """Return the STATUS column."""
    return _STATUS.get(process.phase, "Running")


def pod(seen: Observed, process: Process, control: Control) -> dict[str, Any]:
    """Return a pod as ``-o json`` shows it, as far as scripts and clients look into it."""
    started = time_text(process.started_at)
    name = app_label(process)
    spec = copy.deepcopy(template(control)["spec"]) if process.ordinal else {}
    image = spec["containers"][0]["image"] if spec else f"{name}:sandbox"
    address = f"10.244.0.{10 + process.ordinal}"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": pod_metadata(process, started),
        "spec": {
            "containers": [{"name": name, "image": image}],
            "restartPolicy": "Always",
            **spec,
            "nodeName": node_name(process),
        },
        "status": {
            "phase": "Running",
            "podIP": address,
            "podIPs": [{"ip": address}],
            "hostIP": "10.0.0.11",
            "startTime": started,
            "qosClass": "Burstable",
            "conditions": conditions(process),
            "containerStatuses": [
                {
                    "name": name,
                    "image": image,
                    "imageID": f"sandbox/{image}",
                    "containerID": f"containerd://{uid('Container', pod_name(process))}",
                    "ready": process.ready,
                    "started": process.running,
                    "restartCount": restarts(process),
                    **states(process, started),
                }
            ],
        },
    }


def pod_row(seen: Observed, process: Process) -> tuple[str, str, str, str, float]:
    """Return name, READY, STATUS, RESTARTS and age in seconds."""
    ready = f"{int(process.ready)}/1"
    age_s = seen.now - process.started_at
    return pod_name(process), ready, pod_status(process), str(restarts(process)), age_s


def template(control: Control) -> dict[str, Any]:
    """Return the deployment's pod template, with what commands have changed in it."""
    kept = Kept(control.state.kept)
    env = [{"name": name, "value": value} for name, value in kept.under("env").items()]
    resources = {
        "requests": {"cpu": "500m", "memory": "512Mi"},
        "limits": {"cpu": "2", "memory": "2Gi"},
    }
    resources = {k: {**v, **kept.get(f"resources.{k}", {})} for k, v in resources.items()}
    image = kept.get("image", IMAGE)
    container = {
        "name": APP,
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "ports": [
            {"name": "http", "containerPort": 8080, "protocol": "TCP"},
            {"name": "metrics", "containerPort": 9090, "protocol": "TCP"},
        ],
        "env": env,
        "envFrom": [
            {"configMapRef": {"name": f"{APP}-config"}},
            {"secretRef": {"name": f"{APP}-secrets"}},
        ],
        "resources": resources,
        "volumeMounts": [{"name": n, "mountPath": path} for n, path in _MOUNTS.items()],
        "livenessProbe": {"httpGet": {"path": "/health", "port": 8080}, "periodSeconds": 10},
        "readinessProbe": {"httpGet": {"path": "/health/ready", "port": 8080}, "periodSeconds": 5},
        "startupProbe": {"httpGet": {"path": "/health", "port": 8080}, "failureThreshold": 30},
    }
    return {
        "metadata": {"labels": {"app": APP, "component": "api"}},
        "spec": {
            "serviceAccountName": APP,
            "securityContext": {"runAsUser": 1000, "runAsNonRoot": True, "fsGroup": 1000},
            "terminationGracePeriodSeconds": 30,
            "initContainers": [{"name": "db-migration", "image": kept.get("image.init", image)}],
            "containers": [container],
            "volumes": [_volume(name) for name in _MOUNTS],
        },
    }


def _volume(name: str) -> dict[str, Any]:
    if name == "config":
        return {"name": name, "configMap": {"name": f"{APP}-config"}}
    return {"name": name, "persistentVolumeClaim": {"claimName": f"llm-config-{name}"}}


def deployment(seen: Observed, control: Control) -> dict[str, Any]:
    """Return the deployment as ``-o json`` shows it, as far as scripts look into it."""
    kept = Kept(control.state.kept)
    revision = seen.revisions[-1][0]
    ready = ready_count(seen)
    settled = not seen.rolling and ready >= seen.wanted
    at = time_text(seen.revisions[-1][1])
    pod_template = template(control)
    found = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {
            "name": APP,
            "namespace": NAMESPACE,
            "labels": {"app": APP},
            "generation": revision,
            "annotations": {
                "deployment.kubernetes.io/revision": str(revision),
                **kept.under("annotation"),
            },
            "creationTimestamp": time_text(seen.revisions[0][1]),
        },
        "spec": {
            "replicas": seen.wanted,
            "selector": {"matchLabels": {"app": APP, "component": "api"}},
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0},
            },
            "template": pod_template,
        },
        "status": {
            "observedGeneration": revision,
            "replicas": len(pods(seen, APP)),
            "availableReplicas": ready,
            "updatedReplicas": updated_count(seen),
            **({"unavailableReplicas": seen.wanted - ready} if ready < seen.wanted else {}),
            "conditions": [
                {
                    "type": "Available",
                    "status": str(ready > 0),
                    "reason": f"MinimumReplicas{'A' if ready else 'Una'}vailable",
                    "lastUpdateTime": at,
                    "lastTransitionTime": at,
                },
                {
                    "type": "Progressing",
                    "status": "True",
                    "reason": "NewReplicaSetAvailable" if settled else "ReplicaSetUpdated",
                    "lastUpdateTime": at,
                    "lastTransitionTime": at,
                },
            ],
        },
    }
    if ready:
        found["status"]["readyReplicas"] = ready  # type: ignore[index]
    return found


def listing(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return several objects as one."""
    return {"apiVersion": "v1", "kind": "List", "items": list(items)}
