"""The objects of the cluster beside pods and the deployment, as its manifests describe them."""

from collections.abc import Callable, Mapping

from procedures.sandbox.control_client import Control
from procedures.sandbox.kept import Kept
from procedures.sandbox.shims import kube_holdings, kube_workloads
from procedures.sandbox.shims.kube_made import Object, made
from procedures.sandbox.shims.kube_names import APP, NAMESPACE, NODES, pod_name, pods, ready_count
from procedures.sandbox.shims.observed import Observed

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


def _nodes(seen: Observed, _: Control, kept: Kept) -> list[Object]:
    cordoned = kept.under("cordoned")
    found = []
    for name in NODES:
        node = made(
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


def _services(seen: Observed, _: Control, __: Kept) -> list[Object]:
    return [
        made(
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
        found.append(made("Endpoints", name, seen, subsets=[subset] if addresses else []))
    return found


def _autoscalers(seen: Observed, _: Control, kept: Kept) -> list[Object]:
    bounds = kept.under("hpa")
    return [
        made(
            "HorizontalPodAutoscaler",
            APP,
            seen,
            spec={
                "minReplicas": bounds.get("minReplicas", 3),
                "maxReplicas": bounds.get("maxReplicas", 10),
                "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": APP},
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
    spec = {"minAvailable": 2, "selector": {"matchLabels": {"app": APP}}}
    return [made("PodDisruptionBudget", APP, seen, spec=spec, status=status)]


def _ingresses(seen: Observed, _: Control, __: Kept) -> list[Object]:
    hosts = {
        APP: ["api.llm-config.example.com", "llm-config.example.com"],
        "grafana": ["grafana.llm-config.example.com"],
        "prometheus": ["prometheus.llm-config.example.com"],
    }
    return [
        made(
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
    return [made("NetworkPolicy", name, seen, spec={"podSelector": {}}) for name in _POLICIES]


def _namespaces(seen: Observed, _: Control, __: Kept) -> list[Object]:
    found = []
    for name in ("default", "kube-system", NAMESPACE):
        spec = {"finalizers": ["kubernetes"]}
        namespace = made("Namespace", name, seen, spec=spec, status={"phase": "Active"})
        del namespace["metadata"]["namespace"]
        found.append(namespace)
    return found


def _accounts(seen: Observed, _: Control, __: Kept) -> list[Object]:
    return [made("ServiceAccount", name, seen) for name in ("default", APP)]


def _nothing(_: Observed, __: Control, ___: Kept) -> list[Object]:
    return []


def _storage_classes(seen: Observed, _: Control, __: Kept) -> list[Object]:
    return [made("StorageClass", "standard", seen, provisioner="sandbox.example.com/local")]


_MAKERS: Mapping[str, Callable[[Observed, Control, Kept], list[Object]]] = {
    "node": _nodes,
    "statefulset": kube_workloads.stateful_sets,
    "service": _services,
    "endpoints": _endpoints,
    "persistentvolumeclaim": kube_holdings.claims,
    "persistentvolume": kube_holdings.volumes,
    "horizontalpodautoscaler": _autoscalers,
    "poddisruptionbudget": _budgets,
    "ingress": _ingresses,
    "networkpolicy": _policies,
    "configmap": kube_holdings.config_maps,
    "secret": kube_holdings.secrets,
    "job": kube_holdings.jobs,
    "cronjob": kube_holdings.cron_jobs,
    "namespace": _namespaces,
    "controllerrevision": kube_workloads.controller_revisions,
    "replicaset": kube_workloads.replica_sets,
    "serviceaccount": _accounts,
    "role": _nothing,
    "rolebinding": _nothing,
    "resourcequota": _nothing,
    "limitrange": _nothing,
    "storageclass": _storage_classes,
    "certificate": _nothing,
    "clusterissuer": _nothing,
}
