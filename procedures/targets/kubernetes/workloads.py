"""Workloads with their units, from the lists of a namespace; pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from procedures.targets.kubernetes.actions import Known
from procedures.targets.kubernetes.bounds import bounds_of
from procedures.targets.kubernetes.fields import (
    Json,
    controller_of,
    count,
    name_of,
    number,
    part,
    text,
)
from procedures.targets.kubernetes.measured import uses_of
from procedures.targets.kubernetes.pods import unit_of
from procedures.targets.kubernetes.revisions import KINDS, Owner, Revisions, revisions_of
from procedures.targets.kubernetes.rollouts import waits_for
from procedures.targets.values import NO_USE, Kind, Phase, Unit, Use, Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """What the API server lists of a namespace; empty where it does not say.

    Attributes:
        controllers: Deployments, stateful sets and daemon sets, by their kind in the API.
        keepers: Replica sets and controller revisions.
        knows_pods: Whether ``pods`` are all; if not, counts are those of the workloads.
    """

    pods: Sequence[Json] = ()
    controllers: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    keepers: Sequence[Json] = ()
    autoscalers: Sequence[Json] = ()
    budgets: Sequence[Json] = ()
    metrics: Sequence[Json] = ()
    knows_pods: bool = True


def workloads_of(lists: Lists, service: str) -> tuple[Workload, ...]:
    """Return all that runs, the service itself first, then by name."""
    revisions = revisions_of(lists.keepers)
    uses = uses_of(list(lists.metrics))
    owned = _by_owner(lists)
    found = [
        _controlled(kind, each, lists, owned, revisions, uses)
        for kind, listed in lists.controllers.items()
        for each in listed
    ]
    known = {(each.kind, each.name) for each in found}
    for owner, pods in owned.items():
        if owner[0] is Kind.POD:
            found += [_alone(pod, uses) for pod in pods if not _is_done(pod)]
        elif owner not in known:
            found.append(_unlisted(owner, pods, uses))
    return tuple(sorted(found, key=lambda each: (each.name != service, each.name, each.kind.value)))


def known_of(lists: Lists) -> dict[Owner, Known]:
    """Return what actions must know of each workload besides what it shows."""
    revisions = revisions_of(lists.keepers)
    return {
        (KINDS[kind], name_of(each)): Known(
            revisions=len(revisions.get((KINDS[kind], name_of(each)), ())) or None,
            paused=part(each, "spec").get("paused") is True,
            recreates=text(each, "spec", "strategy", "type") == "Recreate",
        )
        for kind, listed in lists.controllers.items()
        for each in listed
    }


def owner_of(pod: Json, parents: Mapping[str, Owner]) -> Owner:
    """Return the workload that a pod belongs to; one without any is its own.

    Args:
        pod: The pod.
        parents: The deployment of each replica set, by the replica set's name.
    """
    kind, name = controller_of(pod)
    if kind == "ReplicaSet":
        if name in parents:
            return parents[name]
        # Without a look at replica sets: their name is the deployment's and the template's hash.
        template = text(pod, "metadata", "labels", "pod-template-hash")
        if template and name.endswith(f"-{template}"):
            return Kind.DEPLOYMENT, name.removesuffix(f"-{template}")
    if kind in KINDS:
        return KINDS[kind], name
    return Kind.POD, name_of(pod)


def parents_of(keepers: Sequence[Json]) -> dict[str, Owner]:
    """Return the deployment of each replica set, by the replica set's name."""
    owners = {name_of(each): controller_of(each) for each in keepers}
    return {name: (KINDS[kind], owner) for name, (kind, owner) in owners.items() if kind in KINDS}


def _by_owner(lists: Lists) -> Mapping[Owner, list[Json]]:
    parents = parents_of(lists.keepers)
    owned: defaultdict[Owner, list[Json]] = defaultdict(list)
    for pod in sorted(lists.pods, key=name_of):
        owned[owner_of(pod, parents)].append(pod)
    return owned


def _controlled(
    api_kind: str,
    each: Json,
    lists: Lists,
    owned: Mapping[Owner, list[Json]],
    revisions: Revisions,
    uses: Mapping[str, Use],
) -> Workload:
    kind, name = KINDS[api_kind], name_of(each)
    pods = owned.get((kind, name), [])
    units = tuple(unit_of(pod, name, uses.get(name_of(pod), NO_USE)) for pod in pods)
    bounds = bounds_of(api_kind, each, lists.autoscalers, lists.budgets)
    kept = revisions.get((kind, name), ())
    return Workload(
        name=name,
        kind=kind,
        units=units,
        wanted=wanted_of(kind, each),
        ready=_ready(kind, each, units, lists),
        updated=_updated(kind, each),
        revision=text(each, "metadata", "annotations", "deployment.kubernetes.io/revision")
        or (str(kept[-1].number) if kept else ""),
        changing=waits_for(kind, each),
        notes=(*_notes(each), *bounds.notes),
        least=bounds.least,
        most=bounds.most,
        spare=bounds.spare,
    )


def wanted_of(kind: Kind, each: Json) -> int:
    """Return how many pods there should be; a workload that does not say wants one."""
    if kind is Kind.DAEMON_SET:
        return count(each, "status", "desiredNumberScheduled")
    given = number(each, "spec", "replicas")
    return 1 if given is None else given


def _ready(kind: Kind, each: Json, units: tuple[Unit, ...], lists: Lists) -> int:
    if lists.knows_pods:
        return sum(unit.serves for unit in units)
    return count(each, "status", "numberReady" if kind is Kind.DAEMON_SET else "readyReplicas")


def _updated(kind: Kind, each: Json) -> int:
    updated = "updatedNumberScheduled" if kind is Kind.DAEMON_SET else "updatedReplicas"
    return count(each, "status", updated)


def _notes(each: Json) -> tuple[str, ...]:
    notes = []
    if part(each, "spec").get("paused") is True:
        notes.append("paused: nothing rolls until `kubectl rollout resume`")
    if text(each, "spec", "strategy", "type") == "Recreate":
        notes.append("strategy Recreate: all units end before new ones begin")
    if text(each, "spec", "updateStrategy", "type") == "OnDelete":
        notes.append("strategy OnDelete: a unit becomes new only when somebody deletes it")
    return tuple(notes)


def _unlisted(owner: Owner, pods: Sequence[Json], uses: Mapping[str, Use]) -> Workload:
    """Return a workload that may not be read, as far as its pods tell of it."""
    kind, name = owner
    units = tuple(unit_of(pod, name, uses.get(name_of(pod), NO_USE)) for pod in pods)
    return Workload(name=name, kind=kind, units=units, ready=sum(unit.serves for unit in units))


def _alone(pod: Json, uses: Mapping[str, Use]) -> Workload:
    """Return a pod that no workload of the list controls."""
    name = name_of(pod)
    unit = unit_of(pod, name, uses.get(name, NO_USE))
    kind, owner = controller_of(pod)
    return Workload(
        name=name,
        kind=Kind.POD,
        units=(unit,),
        wanted=0 if unit.phase is Phase.STOPPED else 1,
        ready=int(unit.serves),
        notes=(f"of {kind.lower()} {owner}",) if owner else (),
    )


def _is_done(pod: Json) -> bool:
    """Tell whether it is a job's pod that did its work: a schedule would heap them up."""
    return bool(controller_of(pod)[0]) and text(pod, "status", "phase") == "Succeeded"
