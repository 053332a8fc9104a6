"""The columns in which kubectl prints objects of each kind."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from procedures.sandbox.shims.spans import short

Object = dict[str, Any]
Cells = tuple[str, ...]
_Row = Callable[[Object], Cells]


def rows(kind: str, found: list[Object], now: float) -> list[Cells]:
    """Return the heading and a row for each object; the last column is the age."""
    head, row = _TABLES.get(kind, ((), lambda _: ()))
    return [
        ("NAME", *head, "AGE"),
        *(
            (each["metadata"]["name"], *_cells(row, each, len(head)), age(each, now))
            for each in found
        ),
    ]


def _cells(row: _Row, each: Object, count: int) -> Cells:
    """Return the cells between name and age; an object that was only applied has few."""
    try:
        return row(each)
    except (KeyError, IndexError):
        return ("<none>",) * count


def age(found: Object, now: float) -> str:
    """Return how long an object exists."""
    made = datetime.fromisoformat(found["metadata"]["creationTimestamp"].replace("Z", "+00:00"))
    return short(now - made.timestamp())


def _node(each: Object) -> Cells:
    ready = "Ready,SchedulingDisabled" if each["spec"].get("unschedulable") else "Ready"
    return ready, "worker", each["status"]["nodeInfo"]["kubeletVersion"]


def _deployment(each: Object) -> Cells:
    status, wanted = each["status"], each["spec"]["replicas"]
    ready = status.get("readyReplicas", 0)
    return f"{ready}/{wanted}", str(status["updatedReplicas"]), str(status["availableReplicas"])


def _ready(each: Object) -> Cells:
    return (f"{each['status'].get('readyReplicas', 0)}/{each['spec']['replicas']}",)


def _replica_set(each: Object) -> Cells:
    status = each["status"]
    return str(each["spec"]["replicas"]), str(status["replicas"]), str(status["readyReplicas"])


def _service(each: Object) -> Cells:
    spec = each["spec"]
    ports = ",".join(f"{port['port']}/TCP" for port in spec["ports"])
    outside = "203.0.113.10" if spec["type"] == "LoadBalancer" else "<none>"
    return spec["type"], spec["clusterIP"], outside, ports


def _endpoints(each: Object) -> Cells:
    found = [
        f"{address['ip']}:{port['port']}"
        for subset in each["subsets"]
        for address in subset["addresses"]
        for port in subset["ports"]
    ]
    return (",".join(found) or "<none>",)


def _claim(each: Object) -> Cells:
    spec, size = each["spec"], each["status"]["capacity"]["storage"]
    return each["status"]["phase"], spec["volumeName"], size, "RWO", spec["storageClassName"]


def _volume(each: Object) -> Cells:
    spec = each["spec"]
    claim = f"{spec['claimRef']['namespace']}/{spec['claimRef']['name']}"
    policy = spec["persistentVolumeReclaimPolicy"]
    return spec["capacity"]["storage"], "RWO", policy, "Bound", claim, spec["storageClassName"]


def _autoscaler(each: Object) -> Cells:
    spec = each["spec"]
    bounds = (str(spec["minReplicas"]), str(spec["maxReplicas"]))
    target = f"Deployment/{spec['scaleTargetRef']['name']}"
    return target, "28%/70%", *bounds, str(each["status"]["currentReplicas"])


def _budget(each: Object) -> Cells:
    allowed = str(each["status"]["disruptionsAllowed"])
    return str(each["spec"]["minAvailable"]), "N/A", allowed


def _ingress(each: Object) -> Cells:
    hosts = ",".join(rule["host"] for rule in each["spec"]["rules"])
    return each["spec"]["ingressClassName"], hosts, "203.0.113.10", "80, 443"


def _config_map(each: Object) -> Cells:
    return (str(len(each.get("data", {}))),)


def _secret(each: Object) -> Cells:
    return each.get("type", "Opaque"), str(len(each.get("data", {})))


def _cron_job(each: Object) -> Cells:
    spec = each["spec"]
    return spec.get("schedule", ""), str(spec.get("suspend", False)), "0", "60m"


_TABLES: Mapping[str, tuple[Cells, _Row]] = {
    "node": (("STATUS", "ROLES", "VERSION"), _node),
    "deployment": (("READY", "UP-TO-DATE", "AVAILABLE"), _deployment),
    "statefulset": (("READY",), _ready),
    "replicaset": (("DESIRED", "CURRENT", "READY"), _replica_set),
    "service": (("TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)"), _service),
    "endpoints": (("ENDPOINTS",), _endpoints),
    "persistentvolumeclaim": (
        ("STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS"),
        _claim,
    ),
    "persistentvolume": (
        ("CAPACITY", "ACCESS MODES", "RECLAIM POLICY", "STATUS", "CLAIM", "STORAGECLASS"),
        _volume,
    ),
    "horizontalpodautoscaler": (
        ("REFERENCE", "TARGETS", "MINPODS", "MAXPODS", "REPLICAS"),
        _autoscaler,
    ),
    "poddisruptionbudget": (("MIN AVAILABLE", "MAX UNAVAILABLE", "ALLOWED DISRUPTIONS"), _budget),
    "ingress": (("CLASS", "HOSTS", "ADDRESS", "PORTS"), _ingress),
    "networkpolicy": (("POD-SELECTOR",), lambda _: ("<none>",)),
    "configmap": (("DATA",), _config_map),
    "secret": (("TYPE", "DATA"), _secret),
    "job": (("COMPLETIONS", "DURATION"), lambda _: ("1/1", "4s")),
    "cronjob": (("SCHEDULE", "SUSPEND", "ACTIVE", "LAST SCHEDULE"), _cron_job),
    "namespace": (("STATUS",), lambda _: ("Active",)),
    "serviceaccount": (("SECRETS",), lambda _: ("0",)),
    "storageclass": (("PROVISIONER",), lambda each: (each["provisioner"],)),
}
