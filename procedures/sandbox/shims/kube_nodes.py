"""kubectl cordon, uncordon and drain."""

from procedures.sandbox.kept import Kept
from procedures.sandbox.shims.kube_names import NODES, node_name, pod_name, pods
from procedures.sandbox.shims.kube_request import Request
from procedures.sandbox.shims.observed import observe, restart_and_wait
from procedures.sandbox.shims.usage import ToolError, complain, say


def cordon(request: Request) -> int:
    """Let no further pods onto a node, or let them again."""
    kept = Kept(request.control.state.kept)
    verb = request.options.verb
    for word in request.options.resource:
        name = _node(word)
        already = bool(kept.get(f"cordoned.{name}")) == (verb == "cordon")
        kept.set(f"cordoned.{name}", True if verb == "cordon" else None)
        say(f"node/{name} {'already ' if already else ''}{verb}ed")
    return 0


def drain(request: Request) -> int:
    """Cordon a node and move its pods away; the budget is kept by doing so one at a time."""
    kept = Kept(request.control.state.kept)
    for word in request.options.resource:
        name = _node(word)
        kept.set(f"cordoned.{name}", True)
        say(f"node/{name} cordoned")
        for process in pods(observe(request.control)):
            if node_name(process) == name:
                say(f"evicting pod llm-config/{pod_name(process)}")
                restart_and_wait(request.control, [process.name], ready=True)
        complain("Warning: ignoring DaemonSet-managed Pods: kube-system/kube-proxy")
        say(f"node/{name} drained")
    return 0


def _node(word: str) -> str:
    name = word.removeprefix("node/")
    if name not in NODES:
        raise ToolError(f'Error from server (NotFound): nodes "{name}" not found')
    return name
