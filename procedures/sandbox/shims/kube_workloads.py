"""What owns the pods: stateful sets, and a replica set for each revision of the deployment."""

from procedures.sandbox.control_client import Control
from procedures.sandbox.kept import Kept
from procedures.sandbox.shims.kube_made import Object, made, time_text
from procedures.sandbox.shims.kube_names import APP, pods, replica_set_name, template_hash, uid
from procedures.sandbox.shims.kube_objects import template
from procedures.sandbox.shims.observed import Observed


def stateful_sets(seen: Observed, _: Control, kept: Kept) -> list[Object]:
    """Return one for each process beside the replicas."""
    found = []
    for process in seen.dependencies:
        wanted = kept.get(f"replicas.{process.name}", 1)
        ready = int(process.ready)
        image = {"redis": "redis:7-alpine", "postgres": "postgres:16-alpine"}[process.name]
        labels = {"app": process.name}
        container = {"name": process.name, "image": image, "resources": {}}
        revision = f"{process.name}-{template_hash(1)}"
        made_set = made(
            "StatefulSet",
            process.name,
            seen,
            spec={
                "replicas": wanted,
                "serviceName": f"{process.name}-headless",
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
                "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"partition": 0}},
            },
            status={
                "observedGeneration": 1,
                "replicas": wanted,
                "readyReplicas": ready,
                "currentReplicas": ready,
                "updatedReplicas": ready,
                "availableReplicas": ready,
                "currentRevision": revision,
                "updateRevision": revision,
                "collisionCount": 0,
            },
        )
        made_set["metadata"] |= {"generation": 1, "labels": labels}
        found.append(made_set)
    return found


def controller_revisions(seen: Observed, control: Control, kept: Kept) -> list[Object]:
    """Return the one version that each stateful set has had."""
    found = []
    for owner in stateful_sets(seen, control, kept):
        name = owner["metadata"]["name"]
        reference = {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": name}
        revision = made(
            "ControllerRevision",
            f"{name}-{template_hash(1)}",
            seen,
            data={"spec": {"template": owner["spec"]["template"]}},
            revision=1,
        )
        revision["metadata"] |= {
            "labels": owner["metadata"]["labels"],
            "ownerReferences": [{**reference, "uid": uid("StatefulSet", name), "controller": True}],
        }
        found.append(revision)
    return found


def replica_sets(seen: Observed, control: Control, __: Kept) -> list[Object]:
    """Return one for each revision; only those that have pods still want any."""
    own = template(control)
    newest = seen.revisions[-1][0]
    found = []
    for number, at, cause in seen.revisions:
        members = [p for p in pods(seen, APP) if p.revision == number]
        old = sum(p.phase != "stopping" for p in members)
        wanted = seen.wanted - _others(seen, number) if number == newest else old
        labels = {**own["metadata"]["labels"], "pod-template-hash": template_hash(number)}
        made_set = made(
            "ReplicaSet",
            replica_set_name(number),
            seen,
            spec={
                "replicas": max(0, wanted),
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": own["spec"]},
            },
            status={
                "observedGeneration": 1,
                "replicas": len(members),
                "fullyLabeledReplicas": len(members),
                "readyReplicas": sum(p.ready for p in members),
                "availableReplicas": sum(p.ready for p in members),
            },
        )
        owner = {"apiVersion": "apps/v1", "kind": "Deployment", "name": APP}
        made_set["metadata"] |= {
            "generation": 1,
            "creationTimestamp": time_text(at),
            "labels": labels,
            "annotations": {
                "deployment.kubernetes.io/revision": str(number),
                "deployment.kubernetes.io/desired-replicas": str(seen.wanted),
                "kubernetes.io/change-cause": cause,
            },
            "ownerReferences": [{**owner, "uid": uid("Deployment", APP), "controller": True}],
        }
        found.append(made_set)
    return found


def _others(seen: Observed, revision: int) -> int:
    """Return how many pods of other revisions have yet to be replaced."""
    return sum(p.revision != revision and p.phase != "stopping" for p in pods(seen, APP))
