"""The objects of the cluster beside pods and the deployment, as its manifests describe them."""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from procedures.sandbox.control_client import Control
from procedures.sandbox.kept import Kept
from procedures.sandbox.premises import secrets_of
from procedures.sandbox.shims.kube_names import APP, NAMESPACE, NODES, pod_name, pods, ready_count
from procedures.sandbox.shims.observed import Observed

Object = dict[str, Any]
_CLAIMS = {
    "llm-config-data": "50Gi",
    "llm-config-cache": "20Gi",
    "llm-config-backups": "100Gi",
    "llm-config-logs": "10Gi",
    "postgres-data": "50Gi",
    "redis-data": "10Gi",
    "prometheus-data": "30Gi",
    "grafana-data": "5Gi",
}
_SERVICES = {
    APP: ("ClusterIP", "10.96.12.3", [8080, 9090]),
    f"{APP}-external": ("LoadBalancer", "10.96.12.6", [443, 80]),
    f"{APP}-headless": ("ClusterIP", "None", [8080]),
    "postgres-service": ("ClusterIP", "10.96.12.4", [5432]),
    "postgres-headless": ("ClusterIP", "None", [5432]),
    "redis-service": ("ClusterIP", "10.96.12.5", [6379]),
    "redis-headless": ("ClusterIP", "None", [6379]),
}
_POLICIES = (
    "default-deny-ingress",
    "llm-config-manager-ingress",
    "llm-config-manager-to-postgres",
    "prometheus-metrics-scrape",
)


def objects(kind: str, seen: Observed, control: Control) -> list[Object]:
    """Return every object of a kind."""
    kept = Kept(control.state.kept)
    found = _MAKERS[kind](seen, control, kept)
    applied = [o for o in kept.under("applied").values() if o["kind"].lower() == kind]
    names = {each["metadata"]["name"] for each in found}
    return [*found, *(o for o in applied if o["metadata"]["name"] not in names)]


def known(kind: str) -> bool:
    """Whether objects of that kind are described here."""
    return kind in _MAKERS


def _made(kind: str, name: str, seen: Observed, **parts: Any) -> Object:  # noqa: ANN401 - JSON
    metadata = {
        "name": name,
        "namespace": NAMESPACE,
        "labels": {"app": APP},
        "annotations": {},
        "creationTimestamp": time_text(seen.revisions[0][1]),
    }
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata, **parts}


def _nodes(seen: Observed, _: Control, kept: Kept) -> list[Object]:
    cordoned = kept.under("cordoned")
    found = []
    for name in NODES:
        node = _made(
            "Node",
            name,
            seen,
            spec={"unschedulable": True} if name in cordoned else {},
            status={
                "conditions": [
                    {"type": "MemoryPressure", "status": "False"},
                    {"type": "DiskPressure", "status": "False"},
                    {"type": "PIDPressure", "status": "False"},
                    {"type": "Ready", "status": "True"},
                ],
                "addresses": [{"type": "InternalIP", "address": "10.0.0.11"}],
                "capacity": {"cpu": "4", "memory": "16Gi"},
                "allocatable": {"cpu": "4", "memory": "15Gi"},
                "nodeInfo": {"kubeletVersion": "v1.29.4"},
            },
        )
        del node["metadata"]["namespace"]
        found.append(node)
    return found


def _statefulsets(seen: Observed, _: Control, kept: Kept) -> list[Object]:
    found = []
    for process in seen.dependencies:
        wanted = kept.get(f"replicas.{process.name}", 1)
        ready = int(process.ready)
        image = {"redis": "redis:7-alpine", "postgres": "postgres:16-alpine"}[process.name]
        found.append(
            _made(
                "StatefulSet",
                process.name,
                seen,
                spec={
                    "replicas": wanted,
                    "selector": {"matchLabels": {"app": process.name}},
                    "template": {
                        "spec": {
                            "containers": [{"name": process.name, "image": image, "resources": {}}]
                        }
                    },
                },
                status={"replicas": wanted, "readyReplicas": ready, "currentReplicas": ready},
            )
        )
    return found


def _services(seen: Observed, _: Control, __: Kept) -> list[Object]:
    return [
        _made(
            "Service",
            name,
            seen,
            spec={
                "type": kind,
                "clusterIP": address,
                "selector": {"app": _selected(name)},
                "ports": [{"port": port, "protocol": "TCP"} for port in ports],
            },
            status={"loadBalancer": {"ingress": [{"ip": "203.0.113.10"}]}}
            if kind == "LoadBalancer"
            else {"loadBalancer": {}},
        )
        for name, (kind, address, ports) in _SERVICES.items()
    ]


def _selected(service: str) -> str:
    return service.partition("-")[0] if not service.startswith(APP) else APP


def _endpoints(seen: Observed, _: Control, __: Kept) -> list[Object]:
    found = []
    for name, (_kind, _address, ports) in _SERVICES.items():
        ready = [p for p in pods(seen, _selected(name)) if p.ready]
        addresses = [
            {"ip": f"10.244.0.{10 + n}", "targetRef": {"kind": "Pod", "name": pod_name(p)}}
            for n, p in enumerate(ready)
        ]
        subset = {"addresses": addresses, "ports": [{"port": port} for port in ports]}
        found.append(_made("Endpoints", name, seen, subsets=[subset] if addresses else []))
    return found


def _claims(seen: Observed, _: Control, __: Kept) -> list[Object]:
    return [
        _made(
            "PersistentVolumeClaim",
            name,
            seen,
            spec={
                "volumeName": f"pvc-{name}",
                "storageClassName": "standard",
                "accessModes": ["ReadWriteOnce"],
                "resources": {"requests": {"storage": size}},
            },
            status={"phase": "Bound", "capacity": {"storage": size}},
        )
        for name, size in _CLAIMS.items()
    ]


def _volumes(seen: Observed, control: Control, kept: Kept) -> list[Object]:
    return [
        _made(
            "PersistentVolume",
            claim["spec"]["volumeName"],
            seen,
            spec={
                "capacity": claim["status"]["capacity"],
                "storageClassName": "standard",
                "accessModes": ["ReadWriteOnce"],
                "persistentVolumeReclaimPolicy": "Retain",
                "claimRef": {"name": claim["metadata"]["name"], "namespace": NAMESPACE},
            },
            status={"phase": "Bound"},
        )
        for claim in _claims(seen, control, kept)
    ]


def _autoscalers(seen: Observed, _: Control, kept: Kept) -> list[Object]:
    bounds = kept.under("hpa")
    return [
        _made(
            "HorizontalPodAutoscaler",
            APP,
            seen,
            spec={
                "minReplicas": bounds.get("minReplicas", 3),
                "maxReplicas": bounds.get("maxReplicas", 10),
                "scaleTargetRef": {"kind": "Deployment", "name": APP},
            },
            status={
                "currentReplicas": len(pods(seen, APP)),
                "desiredReplicas": seen.wanted,
                "conditions": [{"type": "ScalingActive", "status": str(seen.wanted > 0)}],
            },
        )
    ]


def _budgets(seen: Observed, _: Control, __: Kept) -> list[Object]:
    allowed = max(0, ready_count(seen) - 2)
    status = {
        "currentHealthy": ready_count(seen),
        "desiredHealthy": 2,
        "disruptionsAllowed": allowed,
        "expectedPods": seen.wanted,
    }
    return [_made("PodDisruptionBudget", APP, seen, spec={"minAvailable": 2}, status=status)]


def _ingresses(seen: Observed, _: Control, __: Kept) -> list[Object]:
    hosts = {
        APP: ["api.llm-config.example.com", "llm-config.example.com"],
        "grafana": ["grafana.llm-config.example.com"],
        "prometheus": ["prometheus.llm-config.example.com"],
    }
    return [
        _made(
            "Ingress",
            name,
            seen,
            spec={
                "ingressClassName": "nginx",
                "rules": [{"host": host} for host in found],
                "tls": [{"hosts": found, "secretName": "llm-config-tls-cert"}],
            },
            status={"loadBalancer": {"ingress": [{"ip": "203.0.113.10"}]}},
        )
        for name, found in hosts.items()
    ]


def _policies(seen: Observed, _: Control, __: Kept) -> list[Object]:
    return [_made("NetworkPolicy", name, seen, spec={"podSelector": {}}) for name in _POLICIES]


def _config_maps(seen: Observed, control: Control, kept: Kept) -> list[Object]:
    data = {
        "LLM_CONFIG_ENVIRONMENT": "production",
        "RUST_LOG": "info",
        "CACHE_L1_SIZE": "10000",
        "CACHE_L1_TTL_SECONDS": "3600",
        "CACHE_L2_ENABLED": "true",
        "SERVER_WORKERS": "4",
        "STORAGE_TYPE": "postgres",
        "DATABASE_HOST": "postgres-service",
        "DATABASE_MAX_CONNECTIONS": "20",
        "REDIS_HOST": "redis-service",
        "AUDIT_RETENTION_DAYS": "365",
        "config.yaml": (control.state.config / "config.yaml").read_text(),
        **kept.under("configmap"),
    }
    return [
        _made("ConfigMap", f"{APP}-config", seen, data=data),
        _made("ConfigMap", "kube-root-ca.crt", seen, data={"ca.crt": "sandbox"}),
    ]


def _secrets(seen: Observed, control: Control, _: Kept) -> list[Object]:
    known_secrets = secrets_of(control.state)
    database = known_secrets.get("DB_PASSWORD", "")
    values: dict[str, dict[str, str]] = {
        f"{APP}-secrets": {
            "ENCRYPTION_KEY": known_secrets.get("ENCRYPTION_KEY", ""),
            "DATABASE_PASSWORD": database,
            "REDIS_PASSWORD": known_secrets.get("REDIS_PASSWORD", ""),
            "API_TOKEN_SECRET": known_secrets.get("GRAFANA_ADMIN_PASSWORD", ""),
        },
        "postgres-secrets": {
            "POSTGRES_PASSWORD": database,
            "POSTGRES_USER": "llm_config_user",
            "POSTGRES_DB": "llm_config",
        },
        "redis-secrets": {"REDIS_PASSWORD": known_secrets.get("REDIS_PASSWORD", "")},
        "llm-config-tls-cert": {
            "tls.crt": _file(control, "server.crt"),
            "tls.key": _file(control, "server.key"),
        },
    }
    found = []
    for name, fields in values.items():
        kind = "kubernetes.io/tls" if "tls" in name else "Opaque"
        data = {k: base64.b64encode(v.encode()).decode() for k, v in fields.items()}
        found.append(_made("Secret", name, seen, type=kind, data=data))
    return found


def _file(control: Control, name: str) -> str:
    path = control.state.config / "certs" / name
    return path.read_text() if path.exists() else ""


def _jobs(seen: Observed, _: Control, kept: Kept) -> list[Object]:
    return [
        _made(
            "Job",
            name,
            seen,
            spec={"completions": 1},
            status={
                "succeeded": 1,
                "startTime": time_text(at),
                "completionTime": time_text(at),
                "conditions": [{"type": "Complete", "status": "True"}],
            },
        )
        for name, at in kept.under("job").items()
    ]


def _cron_jobs(seen: Observed, _: Control, kept: Kept) -> list[Object]:
    return [
        _made(
            "CronJob",
            "llm-config-backup",
            seen,
            spec={
                "schedule": "0 2 * * *",
                "suspend": bool(kept.get("cronjob.suspend", False)),
                "concurrencyPolicy": "Forbid",
            },
            status={"lastScheduleTime": time_text(seen.now - 3_600)},
        )
    ]


def _namespaces(seen: Observed, _: Control, __: Kept) -> list[Object]:
    found = []
    for name in ("default", "kube-system", NAMESPACE):
        namespace = _made("Namespace", name, seen, status={"phase": "Active"})
        del namespace["metadata"]["namespace"]
        found.append(namespace)
    return found


def _replica_sets(seen: Observed, _: Control, __: Kept) -> list[Object]:
    names = sorted({pod_name(p).rpartition("-")[0] for p in pods(seen, APP)})
    return [
        _made(
            "ReplicaSet",
            name,
            seen,
            spec={"replicas": seen.wanted},
            status={"replicas": len(pods(seen, APP)), "readyReplicas": ready_count(seen)},
        )
        for name in names
    ]


def _accounts(seen: Observed, _: Control, __: Kept) -> list[Object]:
    return [_made("ServiceAccount", name, seen) for name in ("default", APP)]


def _nothing(_: Observed, __: Control, ___: Kept) -> list[Object]:
    return []


def _storage_classes(seen: Observed, _: Control, __: Kept) -> list[Object]:
    return [_made("StorageClass", "standard", seen, provisioner="sandbox.example.com/local")]


_MAKERS: Mapping[str, Callable[[Observed, Control, Kept], list[Object]]] = {
    "node": _nodes,
    "statefulset": _statefulsets,
    "service": _services,
    "endpoints": _endpoints,
    "persistentvolumeclaim": _claims,
    "persistentvolume": _volumes,
    "horizontalpodautoscaler": _autoscalers,
    "poddisruptionbudget": _budgets,
    "ingress": _ingresses,
    "networkpolicy": _policies,
    "configmap": _config_maps,
    "secret": _secrets,
    "job": _jobs,
    "cronjob": _cron_jobs,
    "namespace": _namespaces,
    "replicaset": _replica_sets,
    "serviceaccount": _accounts,
    "role": _nothing,
    "rolebinding": _nothing,
    "resourcequota": _nothing,
    "limitrange": _nothing,
    "storageclass": _storage_classes,
    "certificate": _nothing,
    "clusterissuer": _nothing,
}


def time_text(at: float) -> str:
    """Return a Unix time as the API server writes it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
