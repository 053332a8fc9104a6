"""kubectl exec."""

from procedures.sandbox.kept import Kept
from procedures.sandbox.shims import inside
from procedures.sandbox.shims.kube_names import APP, app_label, pod_name, pods
from procedures.sandbox.shims.kube_request import KINDS, Request
from procedures.sandbox.shims.observed import Observed, Process, observe
from procedures.sandbox.shims.usage import ToolError, UnknownUsageError


def execute(request: Request, command: list[str]) -> int:
    """Run a command in a pod, or in one pod of a workload."""
    status = _in_applied_pod(request, request.options.pod.removeprefix("pod/"), command)
    if status is not None:
        return status
    seen = observe(request.control)
    process = _process(request, seen)
    if not process.running:
        text = f'container not found ("{app_label(process)}")'
        raise ToolError(f"error: unable to upgrade connection: {text}")
    if not command:
        raise UnknownUsageError("exec without `-- command`")
    return inside.run(request.control, app_label(process), command)


def _in_applied_pod(request: Request, name: str, command: list[str]) -> int | None:
    """Run a command in a pod that was only applied; None if there is none of that name."""
    kept = Kept(request.control.state.kept)
    if kept.get(f"applied.pod/{name}") is None or not request.namespaced:
        return None
    from procedures.sandbox.shims import container_commands  # few pods are such

    claims = kept.get(f"mounts.pod/{name}", {})
    mounts = {
        place: str(container_commands.volume(request.control.state, claim))
        for place, claim in claims.items()
    }
    return container_commands.run(request.control, APP, command, extra={}, mounts=mounts)


def _process(request: Request, seen: Observed) -> Process:
    kind, slash, name = request.options.pod.partition("/")
    if not slash:
        kind, name = "pod", kind
    found = pods(seen) if request.namespaced else []
    kind = KINDS.get(kind, kind)
    if kind == "pod":
        for process in found:
            if pod_name(process) == name:
                return process
        raise ToolError(f'Error from server (NotFound): pods "{name}" not found')
    apps = {"deployment": (APP,), "statefulset": ("redis", "postgres")}.get(kind, ())
    if name not in apps:
        raise ToolError(f'Error from server (NotFound): {kind}s.apps "{name}" not found')
    for process in found:
        if app_label(process) == name and process.running:
            return process
    text = f"timed out waiting for the condition: no pods of {kind}/{name}"
    raise ToolError(f"error: {text}")
