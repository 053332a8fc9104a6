"""Deployments of a cluster that look like the service's; pure."""

from collections.abc import Iterable
from pathlib import Path
from types import MappingProxyType

from procedures.environment import Method, TargetAddress
from procedures.targets.detection.likeness import (
    SERVICE,
    is_certain,
    is_namespace,
    is_usable,
    rank,
    sign,
)
from procedures.targets.detection.values import Deployment, Sureness
from procedures.targets.kubernetes.fields import Json, name_of, part, parts, text

LABELS = ("app", "app.kubernetes.io/name")
SELECTORS = tuple(("labelSelector", f"{label}={SERVICE}") for label in LABELS)
"""What an API server is asked for first: it answers at once, however large the cluster is."""


def deployments_of(
    items: Iterable[Json], context: str, *, kubeconfig: Path | None, is_current: bool, note: str
) -> tuple[Deployment, ...]:
    """Return one deployment for each namespace that has one which looks like the service.

    Args:
        items: Deployments, as the API server lists them; some may be listed twice.
        context: By which they were found; empty within the cluster.
        kubeconfig: The file that the settings must name to find the context again.
        is_current: Whether ``kubectl`` uses the context when none is named.
        note: What an operator has to see to.
    """
    best: dict[str, tuple[int, str]] = {}
    names: dict[str, set[str]] = {}
    for item in items:
        name, namespace = name_of(item), text(item, "metadata", "namespace")
        labels = part(item, "metadata", "labels")
        containers = parts(item, "spec", "template", "spec", "containers")
        images = [text(each, "image") for each in containers]
        fit = rank(name, images, [text(labels, key) for key in LABELS])
        names.setdefault(namespace, set()).add(name)
        if fit is None or not is_usable(name) or not is_namespace(namespace):
            continue
        best[namespace] = min(best.get(namespace, (fit, name)), (fit, name))
    return tuple(
        Deployment(
            address=TargetAddress(
                name="cluster",
                method=Method.KUBERNETES,
                service=best[namespace][1],
                context=context,
                kubeconfig=kubeconfig,
                namespace=namespace,
            ),
            sureness=Sureness.CERTAIN if is_certain(best[namespace][0]) else Sureness.LIKELY,
            place=f"context {context}" if context else "this cluster",
            sign=sign(best[namespace][0], "deployment"),
            is_current=is_current,
            beside=tuple(sorted(names[namespace] - {best[namespace][1]})),
            facts=MappingProxyType({"NAMESPACE": namespace, "DEPLOYMENT": best[namespace][1]}),
            note=note,
        )
        for namespace in sorted(best)
    )
