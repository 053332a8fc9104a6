"""What the Kubernetes API serves, and how it tells clients of it; pure."""

from dataclasses import dataclass
from typing import Any

_LOOKING = ["get", "list", "watch"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One kind of objects.

    Attributes:
        plural: As it stands in paths.
        kind: As it stands in objects.
        made: What the sandbox's own makers call it.
        parts: Subresources.
    """

    plural: str
    kind: str
    group: str = ""
    version: str = "v1"
    made: str = ""
    namespaced: bool = True
    short: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()

    @property
    def api_version(self) -> str:
        """``apps/v1``, or ``v1`` of the core group."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """As errors name it: ``deployments.apps``."""
        return f"{self.plural}.{self.group}" if self.group else self.plural


def _resource(
    group: str,
    version: str,
    kind: str,
    *short: str,
    plural: str = "",
    namespaced: bool = True,
    parts: tuple[str, ...] = (),
    made: str = "",
) -> Resource:
    return Resource(
        plural=plural or f"{kind.lower()}s",
        kind=kind,
        group=group,
        version=version,
        made=made or kind.lower(),
        namespaced=namespaced,
        short=short,
        parts=parts,
    )


_METRICS, _NETWORK = "metrics.k8s.io", "networking.k8s.io"
_SCALED = ("status", "scale")
RESOURCES = (
    _resource("", "v1", "ConfigMap", "cm"),
    _resource("", "v1", "Endpoints", "ep", plural="endpoints"),
    _resource("", "v1", "Event", "ev"),
    _resource("", "v1", "Namespace", "ns", namespaced=False),
    _resource("", "v1", "Node", "no", namespaced=False),
    _resource("", "v1", "PersistentVolumeClaim", "pvc"),
    _resource("", "v1", "PersistentVolume", "pv", namespaced=False),
    _resource("", "v1", "Pod", "po", parts=("log", "exec", "status")),
    _resource("", "v1", "Secret"),
    _resource("", "v1", "Service", "svc"),
    _resource("", "v1", "ServiceAccount", "sa"),
    _resource("apps", "v1", "ControllerRevision"),
    _resource("apps", "v1", "DaemonSet", "ds"),
    _resource("apps", "v1", "Deployment", "deploy", parts=_SCALED),
    _resource("apps", "v1", "ReplicaSet", "rs", parts=_SCALED),
    _resource("apps", "v1", "StatefulSet", "sts", parts=_SCALED),
    _resource("autoscaling", "v2", "HorizontalPodAutoscaler", "hpa"),
    _resource("autoscaling", "v1", "HorizontalPodAutoscaler", "hpa"),
    _resource("batch", "v1", "CronJob", "cj"),
    _resource("batch", "v1", "Job"),
    _resource(_NETWORK, "v1", "Ingress", "ing", plural="ingresses"),
    _resource(_NETWORK, "v1", "NetworkPolicy", "netpol", plural="networkpolicies"),
    _resource("policy", "v1", "PodDisruptionBudget", "pdb"),
    _resource(_METRICS, "v1beta1", "PodMetrics", plural="pods"),
    _resource(_METRICS, "v1beta1", "NodeMetrics", plural="nodes", namespaced=False),
)
MEASURED = frozenset({"podmetrics", "nodemetrics"})
"""What is measured anew for every question, and cannot be watched."""
REVIEWS = "authorization.k8s.io"
"""The group in which a client asks what it may do."""


def find(group: str, version: str, plural: str) -> Resource | None:
    """Return the resource of a path."""
    for each in RESOURCES:
        if (each.group, each.version, each.plural) == (group, version, plural):
            return each
    return None


def serves(group: str, version: str) -> bool:
    """Tell whether there is such a version of a group."""
    return (group, version) in _versions()


def _versions() -> list[tuple[str, str]]:
    found = [(each.group, each.version) for each in RESOURCES] + [(REVIEWS, "v1")]
    return list(dict.fromkeys(found))


def discovery(path: str) -> dict[str, Any] | None:
    """Return what stands at ``/api``, ``/apis`` or below, down to the resources of a version."""
    words = path.strip("/").split("/")
    if path == "/api":
        addresses = [{"clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1"}]
        return {
            "kind": "APIVersions",
            "versions": ["v1"],
            "serverAddressByClientCIDRs": addresses,
        }
    if path == "/apis":
        groups = [_group(name) for name in dict.fromkeys(g for g, _ in _versions() if g)]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    if path == "/api/v1":
        return _resource_list("", "v1")
    if words[0] == "apis" and len(words) == 2 and any(g == words[1] for g, _ in _versions()):
        return {"kind": "APIGroup", "apiVersion": "v1", **_group(words[1])}
    if words[0] == "apis" and len(words) == 3 and serves(words[1], words[2]):
        return _resource_list(words[1], words[2])
    return None


def _group(name: str) -> dict[str, Any]:
    versions = [
        {"groupVersion": f"{name}/{version}", "version": version}
        for group, version in _versions()
        if group == name
    ]
    return {"name": name, "versions": versions, "preferredVersion": versions[0]}


def _resource_list(group: str, version: str) -> dict[str, Any]:
    name = f"{group}/{version}" if group else version
    found = []
    for each in RESOURCES:
        if (each.group, each.version) != (group, version):
            continue
        shown = {"singularName": "", "namespaced": each.namespaced, "kind": each.kind}
        verbs = ["get", "list"] if each.made in MEASURED else _LOOKING
        entry: dict[str, Any] = {"name": each.plural, **shown, "verbs": verbs}
        if each.short:
            entry["shortNames"] = list(each.short)
        found.append(entry)
        found += [
            {"name": f"{each.plural}/{part}", **shown, "verbs": ["get"]} for part in each.parts
        ]
    if group == REVIEWS:
        kind = "SelfSubjectAccessReview"
        shown = {"singularName": "", "namespaced": False, "kind": kind, "verbs": ["create"]}
        found.append({"name": "selfsubjectaccessreviews", **shown})
    typed = {"apiVersion": "v1"} if group else {}  # the core group says less
    return {"kind": "APIResourceList", **typed, "groupVersion": name, "resources": found}
