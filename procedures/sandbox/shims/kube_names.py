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
    owner = _letters(f"revision {process.revision}", 10)
    return f"{APP}-{owner}-{_letters(f'{process.ordinal} {process.generation}', 5)}"


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
