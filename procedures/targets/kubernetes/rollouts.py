"""What a rollout waits for, as ``kubectl rollout status`` words it; pure.

Source: ``k8s.io/kubectl/pkg/polymorphichelpers/rollout_status.go``.
"""

from procedures.targets.kubernetes.fields import Json, condition, count, name_of, number, text
from procedures.targets.values import Kind


def waits_for(kind: Kind, workload: Json) -> str:
    """Return what the rollout waits for; empty when it is complete."""
    match kind:
        case Kind.DEPLOYMENT:
            return _deployment(workload)
        case Kind.STATEFUL_SET:
            return _stateful_set(workload)
        case Kind.DAEMON_SET:
            return _daemon_set(workload)
        case _:
            return ""


def _is_unobserved(workload: Json) -> bool:
    observed = count(workload, "status", "observedGeneration")
    return count(workload, "metadata", "generation") > observed


def _deployment(workload: Json) -> str:
    name = name_of(workload)
    if _is_unobserved(workload):
        return "Waiting for deployment spec update to be observed..."
    if condition(workload, "Progressing").get("reason") == "ProgressDeadlineExceeded":
        return f'deployment "{name}" exceeded its progress deadline'
    wanted = number(workload, "spec", "replicas")
    updated = count(workload, "status", "updatedReplicas")
    every = count(workload, "status", "replicas")
    available = count(workload, "status", "availableReplicas")
    waiting = f'Waiting for deployment "{name}" rollout to finish: '
    if wanted is not None and updated < wanted:
        return f"{waiting}{updated} out of {wanted} new replicas have been updated..."
    if every > updated:
        return f"{waiting}{every - updated} old replicas are pending termination..."
    if available < updated:
        return f"{waiting}{available} of {updated} updated replicas are available..."
    return ""


def _stateful_set(workload: Json) -> str:
    if text(workload, "spec", "updateStrategy", "type") != "RollingUpdate":
        return ""
    if _is_unobserved(workload):
        return "Waiting for statefulset spec update to be observed..."
    wanted = number(workload, "spec", "replicas")
    ready = count(workload, "status", "readyReplicas")
    updated = count(workload, "status", "updatedReplicas")
    if wanted is not None and ready < wanted:
        return f"Waiting for {wanted - ready} pods to be ready..."
    held_back = count(workload, "spec", "updateStrategy", "rollingUpdate", "partition")
    newest = text(workload, "status", "updateRevision")
    if held_back and wanted is not None:
        due = wanted - held_back
        return (
            "Waiting for partitioned roll out to finish: "
            f"{updated} out of {due} new pods have been updated..."
            if updated < due
            else ""
        )
    if newest != text(workload, "status", "currentRevision"):
        return (
            "waiting for statefulset rolling update to complete "
            f"{updated} pods at revision {newest}..."
        )
    return ""


def _daemon_set(workload: Json) -> str:
    name = name_of(workload)
    if text(workload, "spec", "updateStrategy", "type") == "OnDelete":
        return ""
    if _is_unobserved(workload):
        return "Waiting for daemon set spec update to be observed..."
    wanted = count(workload, "status", "desiredNumberScheduled")
    updated = count(workload, "status", "updatedNumberScheduled")
    available = count(workload, "status", "numberAvailable")
    waiting = f'Waiting for daemon set "{name}" rollout to finish: '
    if updated < wanted:
        return f"{waiting}{updated} out of {wanted} new pods have been updated..."
    if available < wanted:
        return f"{waiting}{available} of {wanted} updated pods are available..."
    return ""
