"""kubectl's smaller verbs: wait, cp, auth, cluster-info, version."""

from pathlib import Path

from procedures.sandbox.shims.container_commands import in_container, mapped
from procedures.sandbox.shims.kube_names import APP, pod_name, pods, ready_count
from procedures.sandbox.shims.kube_request import Request
from procedures.sandbox.shims.observed import Observed, observe, wait_until
from procedures.sandbox.shims.usage import ToolError, UnknownUsageError, say


def cluster_info(_: Request) -> int:
    """Say where the control plane is."""
    say("Kubernetes control plane is running at https://127.0.0.1:6443")
    return 0


def version(_: Request) -> int:
    """Print the versions of client and server."""
    say("Client Version: v1.29.4\nServer Version: v1.29.4")
    return 0


def auth(request: Request) -> int:
    """Answer that the operator may do it."""
    if request.options.resource[:1] not in (["can-i"], ["whoami"]):
        raise UnknownUsageError(f"auth {request.options.resource}")
    if not request.options.quiet:
        say("yes" if request.options.resource[0] == "can-i" else "Username   sandbox")
    return 0


def wait(request: Request) -> int:
    """Return when a condition holds."""
    condition = request.options.for_
    kind = request.kind
    names = request.names
    app = request.app

    def holds(seen: Observed) -> bool:
        if kind in {"job", "certificate", "namespace", "persistentvolumeclaim", "node"}:
            return True
        if condition == "delete":
            gone = [p for p in pods(seen, app) if not names or pod_name(p) in names]
            return not gone
        if kind == "deployment":
            return ready_count(seen) >= seen.wanted
        found = [p for p in pods(seen, app) if not names or pod_name(p) in names]
        return bool(found) and all(p.ready for p in found)

    if not request.here:
        raise ToolError("error: no matching resources found")
    if condition != "delete" and kind == "pod" and not pods(observe(request.control), app):
        raise ToolError("error: no matching resources found")
    if wait_until(request.control, holds, request.options.timeout) is None:
        what = names[0] if names else app
        raise ToolError(f"error: timed out waiting for the condition on {kind}s/{what}")
    done = "deleted" if condition == "delete" else "condition met"
    shown = names or [pod_name(p) for p in pods(observe(request.control), app)]
    if kind == "deployment":
        shown = [APP]
    for name in shown:
        say(f"{kind}/{name} {done}")
    return 0


def copy(request: Request) -> int:
    """Copy files from a pod or to one."""
    source, target = request.options.resource
    where = in_container(request.control.state, APP)
    inward = ":" in target
    place = (target if inward else source).partition(":")
    pod = place[0].rpartition("/")[2]
    if pod not in map(pod_name, pods(observe(request.control))):
        raise ToolError(f'Error from server (NotFound): pods "{pod}" not found')
    inside = Path(mapped(place[2], where))
    if str(inside) == place[2] and inside.is_absolute():
        raise UnknownUsageError(f"cp of {place[2]}, which is not the sandbox's")
    outside = Path(source if inward else target)
    begin, end = (outside, inside) if inward else (inside, outside)
    if not begin.exists():
        raise ToolError(
            f"error: {begin} doesn't exist in local filesystem"
            if inward
            else f"tar: {place[2]}: Cannot stat: No such file or directory"
        )
    if begin.is_dir():
        from shutil import copytree

        copytree(begin, end, dirs_exist_ok=True)
    else:
        end.parent.mkdir(parents=True, exist_ok=True)
        end.write_bytes(begin.read_bytes())
    return 0
