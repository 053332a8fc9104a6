"""kubectl's smaller verbs: wait, cp, auth, cluster-info, version."""

from pathlib import Path

from procedures.sandbox.kept import Kept
from procedures.sandbox.shims.container_commands import in_container, mapped
from procedures.sandbox.shims.kube_names import pod_name, pods, ready_count
from procedures.sandbox.shims.kube_request import Request
from procedures.sandbox.shims.observed import Observed, Process, observe, wait_until
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
    if request.names and _applied(request):
        return 0
    for_deletion = request.options.for_ == "delete"

    def chosen(seen: Observed) -> list[Process]:
        found = pods(seen, request.app) if request.here else []
        return [p for p in found if not request.names or pod_name(p) in request.names]

    def holds(seen: Observed) -> bool:
        if request.kind == "deployment":
            return ready_count(seen) >= seen.wanted
        if request.kind != "pod":
            return True
        found = chosen(seen)
        return not found if for_deletion else bool(found) and all(p.ready for p in found)

    first = chosen(observe(request.control))
    if not request.here or (request.kind == "pod" and not first and not for_deletion):
        raise ToolError("error: no matching resources found")
    if wait_until(request.control, holds, request.options.timeout) is None:
        what = request.names[0] if request.names else request.app
        raise ToolError(f"error: timed out waiting for the condition on {request.kind}s/{what}")
    done = "deleted" if for_deletion else "condition met"
    for name in request.names or [pod_name(p) for p in first]:
        say(f"{request.kind}/{name} {done}")
    return 0


def _applied(request: Request) -> bool:
    """Say that objects which were only applied are as they should be; False for others."""
    applied = Kept(request.control.state.kept).under("applied")
    found = [f"{request.kind}/{name}" for name in request.names]
    if not all(each in applied for each in found):
        return False
    for each in found:
        say(f"{each} condition met")
    return True


def copy(request: Request) -> int:
    """Copy files from a pod or to one."""
    source, target = request.options.resource
    where = in_container(request.control.state)
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
