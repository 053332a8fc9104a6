"""How the cluster names things, and which processes are pods."""

import hashlib

from procedures.sandbox.shims.observed import Observed, Process

APP = "llm-config-manager"
NAMESPACE = "llm-config"
CONTEXT = "sandbox"
NODES = ("sandbox-node-1", "sandbox-node-2", "sandbox-node-3")
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"


def pod_name(process: Process) -> str:
    """Return the name of a pod; a replica gets a new one whenever it is replaced."""
    if not process.ordinal:
        return f"{process.name}-0"
    own = _letters(f"{process.ordinal} {process.generation}", 5)
    return f"{replica_set_name(process.revision)}-{own}"


def replica_set_name(revision: int) -> str:
    """Return the name of the replica set of a revision."""
    return f"{APP}-{template_hash(revision)}"


def template_hash(revision: int) -> str:
    """Return the label by which a replica set knows its pods."""
    return _letters(f"revision {revision}", 10)


def uid(kind: str, name: str) -> str:
    """Return the identity of an object, which no later one of another name has."""
    digest = hashlib.sha256(f"{kind} {name}".encode()).hexdigest()
    return "-".join(
        (digest[:8], digest[8:12], f"4{digest[13:16]}", f"8{digest[17:20]}", digest[20:32])
    )


def pod_uid(process: Process) -> str:
    """Return the identity of a pod; one of a stateful set keeps its name when it is replaced."""
    name = pod_name(process)
    return uid("Pod", name if process.ordinal else f"{name} {process.generation}")


def app_label(process: Process) -> str:
    """Return the value of the ``app`` label."""
    return APP if process.ordinal else process.name


def node_name(process: Process) -> str:
    """Return the node that a pod runs on."""
    return NODES[(process.ordinal or len(process.name)) % len(NODES)]


def pods(seen: Observed, app: str = "") -> list[Process]:
    """Return the processes that exist as pods, of one app or of all."""
    everything = (*seen.members, *seen.dependencies)
    return [
        process
        for process in everything
        if process.phase != "stopped" and app in {"", app_label(process)}
    ]


def ready_count(seen: Observed) -> int:
    """Return how many replicas serve."""
    return sum(process.ready for process in seen.replicas)


def updated_count(seen: Observed) -> int:
    """Return how many wanted replicas run the newest revision."""
    newest = seen.revisions[-1][0]
    return sum(p.revision == newest and p.running for p in seen.replicas[: seen.wanted])


def _letters(text: str, count: int) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "".join(_LETTERS[byte % len(_LETTERS)] for byte in digest[:count])
