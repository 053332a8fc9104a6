"""A namespace with all that the catalogue's lines for Kubernetes name, in a real control plane."""

import json
import subprocess
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.control_plane import ControlPlane
from tests.integration.targets.kubernetes_stand import SERVICE, rolled, variables_of

IMAGE = "llm-config-manager:1.4.2"
STORES = ("postgres", "redis")
DATABASE = {"DATABASE": "llm_config", "DATABASE_USER": "llmconfig"}
TLS = {"tls.crt": "certificate of before", "tls.key": "key of before"}

Manifest = dict[str, Any]


@dataclass(frozen=True)
class Room:
    """The namespace; what an operator's step has of it.

    Attributes:
        folder: Where steps keep files.
    """

    plane: ControlPlane
    name: str
    folder: Path

    def run(self, script: str, *words: str, **variables: str) -> str:
        """Run a script as a step is run, and return what it prints; it must succeed."""
        status, output, complaint = self.attempt(script, *words, **variables)
        assert status == 0, f"{script}\n{output}{complaint}"
        return output

    def attempt(self, script: str, *words: str, **variables: str) -> tuple[int, str, str]:
        """Run a script as a step is run; return its status, output and complaints."""
        room = {"NAMESPACE": self.name, "DEPLOYMENT": SERVICE, "BACKUP_DIR": str(self.folder)}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script, "step", *words],
            env=variables_of(self.plane.kubeconfig()) | room | DATABASE | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def get(self, *words: str) -> Manifest:
        """Return an object, or a list of them, as the API server has it."""
        found: Manifest = json.loads(self.kubectl("get", *words, "-o", "json"))
        return found

    def deployment(self) -> Manifest:
        return self.get("deployment", SERVICE)

    def container(self) -> Manifest:
        found: Manifest = self.deployment()["spec"]["template"]["spec"]["containers"][0]
        return found

    def pods(self) -> list[str]:
        """Return the names of the service's pods that nobody has deleted."""
        found = self.get("pods", "-l", f"app={SERVICE}")["items"]
        return [
            each["metadata"]["name"]
            for each in found
            if "deletionTimestamp" not in each["metadata"]
        ]

    def rolled(self) -> None:
        """Wait until service and stores are as they shall be."""
        for aim in (f"deployment/{SERVICE}", *(f"statefulset/{each}" for each in STORES)):
            rolled(self.plane, self.name, aim)

    def apply(self, *manifests: Manifest) -> None:
        """Let objects be as the manifests say."""
        self.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(manifests))

    def kubectl(self, *words: str, stdin: str = "") -> str:
        """Do what a test does besides what it tests."""
        return self.plane.kubectl("-n", self.name, *words, stdin=stdin)

    def write(self, path: str, *manifests: Manifest) -> Path:
        """Write manifests into a file of the folder."""
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(yaml.safe_dump_all(manifests))
        return place


def furnished(plane: ControlPlane, folder: Path) -> Room:
    """Return a new room in which service, cache and database are up."""
    room = Room(plane, plane.namespace(), folder)
    room.apply(*settings(), *workloads(), *surroundings())
    room.rolled()
    return room


def workloads() -> list[Manifest]:
    """Return the service with its migration, database and cache."""
    key = {"name": "DATABASE_URL", "value": "postgres://postgres-service/llm_config"}
    mount = {"name": "configuration", "mountPath": "/etc/llm-config"}
    container = {
        "name": SERVICE,
        "image": IMAGE,
        "env": [key],
        "ports": [{"containerPort": 8080}],
        "resources": {"limits": {"memory": "2Gi"}, "requests": {"memory": "512Mi"}},
        "volumeMounts": [mount],
    }
    volume = {"name": "configuration", "configMap": {"name": f"{SERVICE}-config"}}
    pod = {
        "securityContext": {"fsGroup": 1000},
        "initContainers": [{"name": "db-migration", "image": IMAGE}],
        "containers": [container],
        "volumes": [volume],
    }
    at_once = {"rollingUpdate": {"maxSurge": 3}}
    service = _workload("Deployment", SERVICE, pod, replicas=3, strategy=at_once)
    stores = [
        _workload(
            "StatefulSet",
            each,
            {"containers": [{"name": each, "image": f"{each}:7"}]},
            replicas=1,
            serviceName=f"{each}-service",
        )
        for each in STORES
    ]
    return [service, *stores]


def settings() -> list[Manifest]:
    """Return the config map and the secrets."""
    keys = ("ENCRYPTION_KEY", "API_TOKEN_SECRET", "DATABASE_PASSWORD", "REDIS_PASSWORD")
    return [
        config_map(),
        _secret(f"{SERVICE}-secrets", dict.fromkeys(keys, "a value")),
        _secret("postgres-secrets", {"POSTGRES_PASSWORD": "a value"}),
        _secret("redis-secrets", {"REDIS_PASSWORD": "a value"}),
        _secret("llm-config-tls-cert", TLS) | {"type": "kubernetes.io/tls"},
        _secret("llm-config-tls-cert-previous", TLS) | {"type": "kubernetes.io/tls"},
    ]


def config_map() -> Manifest:
    return _object("v1", "ConfigMap", f"{SERVICE}-config") | {"data": {"DATABASE_POOL_SIZE": "20"}}


def surroundings() -> list[Manifest]:
    """Return services, claim, ingress, autoscaler, budget, policy and the nightly backup."""
    aims = {SERVICE: SERVICE} | {f"{each}-service": each for each in STORES}
    services = [
        _object("v1", "Service", name)
        | {"spec": {"selector": {"app": aim}, "ports": [{"port": 8080}]}}
        for name, aim in aims.items()
    ]
    backend = {"service": {"name": SERVICE, "port": {"number": 8080}}}
    aim = {"apiVersion": "apps/v1", "kind": "Deployment", "name": SERVICE}
    room = {"resources": {"requests": {"storage": "1Gi"}}}
    limits = {"minReplicas": 3, "maxReplicas": 10}
    chosen = {"matchLabels": {"app": SERVICE}}
    specs: list[tuple[str, str, str, Manifest]] = [
        (
            "v1",
            "PersistentVolumeClaim",
            "llm-config-data",
            {"accessModes": ["ReadWriteOnce"]} | room,
        ),
        ("networking.k8s.io/v1", "Ingress", SERVICE, {"defaultBackend": backend}),
        ("autoscaling/v1", "HorizontalPodAutoscaler", SERVICE, {"scaleTargetRef": aim} | limits),
        ("policy/v1beta1", "PodDisruptionBudget", SERVICE, {"minAvailable": 1, "selector": chosen}),
        ("networking.k8s.io/v1", "NetworkPolicy", SERVICE, {"podSelector": chosen}),
    ]
    made = [_object(version, kind, name) | {"spec": spec} for version, kind, name, spec in specs]
    return [*services, *made, cron_job()]


def cron_job(schedule: str = "0 2 * * *") -> Manifest:
    """Return the nightly backup, in the version of the group that this server has."""
    container = {"name": "backup", "image": "postgres:7"}
    pod = {"spec": {"restartPolicy": "Never", "containers": [container]}}
    spec = {"schedule": schedule, "jobTemplate": {"spec": {"template": pod}}}
    return _object("batch/v1beta1", "CronJob", "llm-config-backup") | {"spec": spec}


def helper_pod(name: str) -> Manifest:
    """Return a pod that does nothing for an hour."""
    container = {"name": "files", "image": IMAGE, "command": ["sleep", "3600"]}
    return _object("v1", "Pod", name) | {"spec": {"containers": [container]}}


def _workload(kind: str, name: str, pod: Manifest, **spec: object) -> Manifest:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": pod}
    wanted = {"selector": {"matchLabels": labels}, "template": template}
    return _object("apps/v1", kind, name) | {"spec": wanted | spec}


def _secret(name: str, values: Mapping[str, str]) -> Manifest:
    data = {key: b64encode(value.encode()).decode() for key, value in values.items()}
    return _object("v1", "Secret", name) | {"data": data}


def _object(version: str, kind: str, name: str) -> Manifest:
    return {"apiVersion": version, "kind": kind, "metadata": {"name": name}}
