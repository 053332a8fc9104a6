"""One kubectl request, after its command line was read."""

import argparse
from dataclasses import dataclass

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims.kube_names import APP
from procedures.sandbox.shims.usage import ToolError, UnknownUsageError

_NAMES = {
    "pod": ("pods", "po"),
    "deployment": ("deployments", "deploy", "deployment.apps", "deployments.apps"),
    "statefulset": ("statefulsets", "sts", "statefulset.apps", "statefulsets.apps"),
    "replicaset": ("replicasets", "rs"),
    "event": ("events", "ev"),
    "node": ("nodes", "no"),
    "service": ("services", "svc"),
    "endpoints": ("ep", "endpoint"),
    "persistentvolumeclaim": ("persistentvolumeclaims", "pvc"),
    "persistentvolume": ("persistentvolumes", "pv"),
    "horizontalpodautoscaler": ("horizontalpodautoscalers", "hpa"),
    "poddisruptionbudget": ("poddisruptionbudgets", "pdb"),
    "ingress": ("ingresses", "ing"),
    "networkpolicy": ("networkpolicies", "netpol"),
    "configmap": ("configmaps", "cm"),
    "secret": ("secrets",),
    "job": ("jobs",),
    "cronjob": ("cronjobs", "cj"),
    "namespace": ("namespaces", "ns"),
    "serviceaccount": ("serviceaccounts", "sa"),
    "role": ("roles",),
    "rolebinding": ("rolebindings",),
    "resourcequota": ("resourcequotas", "quota"),
    "limitrange": ("limitranges", "limits"),
    "storageclass": ("storageclasses", "sc"),
    "certificate": ("certificates", "cert"),
    "clusterissuer": ("clusterissuers",),
}
KINDS = {spelling: kind for kind, others in _NAMES.items() for spelling in (kind, *others)}
_GROUPS = {
    **dict.fromkeys(("deployment", "statefulset", "replicaset"), "apps"),
    **dict.fromkeys(("job", "cronjob"), "batch"),
    **dict.fromkeys(("ingress", "networkpolicy"), "networking.k8s.io"),
    "poddisruptionbudget": "policy",
    "horizontalpodautoscaler": "autoscaling",
}
_PLURALS = {"ingress": "ingresses", "networkpolicy": "networkpolicies", "endpoints": "endpoints"}
_CLUSTER_WIDE = frozenset({"node", "namespace", "persistentvolume", "storageclass"})
_DEPENDENCIES = ("redis", "postgres")


def qualified(kind: str, *, plural: bool = False) -> str:
    """Return a kind as kubectl names it with its group: ``deployment.apps``."""
    name = _PLURALS.get(kind, f"{kind}s") if plural else kind
    group = _GROUPS.get(kind)
    return f"{name}.{group}" if group else name


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked for.

    Attributes:
        namespaced: Whether the namespace is the one that the service lives in.
    """

    control: Control
    options: argparse.Namespace
    namespaced: bool

    @property
    def here(self) -> bool:
        """Whether what was asked for is where the service lives."""
        return self.namespaced or self.kind in _CLUSTER_WIDE

    @property
    def kind(self) -> str:
        """The kind of the resource."""
        return self.kinds[0]

    @property
    def kinds(self) -> list[str]:
        """All kinds that are asked for: ``get pods,svc``."""
        first = self.options.resource[0].partition("/")[0]
        found = [KINDS.get(word.lower(), "") for word in first.split(",")]
        if first == "all":
            found = ["pod", "service", "deployment", "statefulset", "horizontalpodautoscaler"]
        if "" in found:
            raise UnknownUsageError(f"resource {first}")
        return found

    @property
    def names(self) -> list[str]:
        """The names after the kind, in either spelling."""
        first, *others = self.options.resource
        if "/" in first:
            return [word.partition("/")[2] for word in (first, *others)]
        return list(others)

    @property
    def app(self) -> str:
        """The app that the selector chooses; empty for all."""
        selector: str = self.options.selector
        if not selector:
            return ""
        terms = dict(term.replace("==", "=").partition("=")[::2] for term in selector.split(","))
        if set(terms) - {"app", "component", "app.kubernetes.io/name", "job-name"}:
            raise UnknownUsageError(f"selector {selector}")
        return terms.get("app", APP if "component" in terms else "none")

    def workload(self) -> str:
        """Return the one deployment or stateful set that is named; the tool's error if none."""
        kind, names = self.kind, self.names
        if kind not in {"deployment", "statefulset"} or len(names) != 1:
            raise UnknownUsageError(" ".join(self.options.resource))
        known = (APP,) if kind == "deployment" else _DEPENDENCIES
        if not self.here or names[0] not in known:
            raise self.not_found(names[0])
        return names[0]

    def not_found(self, name: str) -> ToolError:
        """Return the error for a name that does not exist."""
        kind = qualified(self.kind, plural=True)
        return ToolError(f'Error from server (NotFound): {kind} "{name}" not found')
