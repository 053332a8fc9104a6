"""The versions of workloads that a cluster keeps: replica sets and controller revisions; pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from procedures.targets.kubernetes.fields import (
    Json,
    controller_of,
    instant,
    name_of,
    number,
    part,
    parts,
    text,
)
from procedures.targets.values import Kind

_NUMBER = "deployment.kubernetes.io/revision"
_HISTORY = "deployment.kubernetes.io/revision-history"
_CAUSE = "kubernetes.io/change-cause"
_RESTARTED = "kubectl.kubernetes.io/restartedAt"
KINDS = MappingProxyType(
    {
        "Deployment": Kind.DEPLOYMENT,
        "StatefulSet": Kind.STATEFUL_SET,
        "DaemonSet": Kind.DAEMON_SET,
    }
)
Owner = tuple[Kind, str]
"""Kind and name of a workload: a deployment and a stateful set may share a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One version of a workload's pods.

    Attributes:
        keeper: Name of the object that keeps it.
        at: When the cluster first made it.
        earlier: Numbers that it had before somebody went back to it.
        images: Of each container, by its name.
        cause: What the one who made it noted; mostly nothing.
        restarted: When a rollout was restarted to make it; empty if it was made otherwise.
    """

    number: int
    keeper: str
    at: datetime | None = None
    earlier: tuple[int, ...] = ()
    images: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    cause: str = ""
    restarted: str = ""


Revisions = Mapping[Owner, tuple[Revision, ...]]


def revisions_of(keepers: Iterable[Json]) -> dict[Owner, tuple[Revision, ...]]:
    """Return the revisions of each workload, the oldest first, that these objects keep."""
    found: defaultdict[Owner, list[Revision]] = defaultdict(list)
    for keeper in keepers:
        kind, name = controller_of(keeper)
        revision = _revision(keeper)
        if kind in KINDS and revision is not None:
            found[KINDS[kind], name].append(revision)
    return {
        owner: tuple(sorted(each, key=lambda revision: revision.number))
        for owner, each in found.items()
    }


def _revision(keeper: Json) -> Revision | None:
    """Return the version that a replica set or a controller revision keeps."""
    notes = part(keeper, "metadata", "annotations")
    number_ = number(keeper, "revision") or _whole(text(notes, _NUMBER))
    if number_ is None:
        return None
    template = part(keeper, "spec", "template") or part(keeper, "data", "spec", "template")
    containers = parts(template, "spec", "containers")
    history = [_whole(each) for each in text(notes, _HISTORY).split(",")]
    return Revision(
        number=number_,
        keeper=name_of(keeper),
        at=instant(keeper, "metadata", "creationTimestamp"),
        earlier=tuple(each for each in history if each is not None),
        images={text(each, "name"): text(each, "image") for each in containers},
        cause=text(notes, _CAUSE),
        restarted=text(template, "metadata", "annotations", _RESTARTED),
    )


def _whole(digits: str) -> int | None:
    return int(digits) if digits.isdecimal() else None
