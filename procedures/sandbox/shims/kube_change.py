"""kubectl rollout, scale and delete."""

from procedures.sandbox.fleet import REPLICAS
from procedures.sandbox.shims.kube_objects import APP, pod_name, pods, ready_count, updated_count
from procedures.sandbox.shims.kube_request import Request
from procedures.sandbox.shims.observed import Observed, observe, order, restart_and_wait, wait_until
from procedures.sandbox.shims.usage import ToolError, UnknownUsageError, say, table


def rollout(request: Request) -> int:
    """Restart, undo, follow or list roll-outs."""
    name = request.workload()
    if name != APP:
        return _dependency_rollout(request, name)
    orders = {"restart": _restart, "undo": _undo, "status": _status, "history": _history}
    return orders[request.options.order](request)


def scale(request: Request) -> int:
    """Change the number of replicas."""
    wanted: int = request.options.replicas
    if request.workload() != APP:
        raise UnknownUsageError("scale of a stateful set")
    if not 0 <= wanted <= REPLICAS:
        raise UnknownUsageError(f"more than {REPLICAS} replicas")
    request.control.post(f"/scale/{wanted}")
    say(f"deployment.apps/{APP} scaled")
    return 0


def delete(request: Request) -> int:
    """Delete pods; their owners replace them."""
    if request.kind != "pod" or not request.names:
        raise UnknownUsageError(f"delete {request.kind}")
    found = {pod_name(p): p for p in pods(observe(request.control))} if request.here else {}
    for name in request.names:
        if name not in found:
            raise request.not_found(name)
        restart_and_wait(request.control, [found[name].name], ready=False)
        say(f'pod "{name}" deleted')
    return 0


def _restart(request: Request) -> int:
    request.control.post("/rollout", cause="kubectl rollout restart")
    say(f"deployment.apps/{APP} restarted")
    return 0


def _undo(request: Request) -> int:
    revisions = [number for number, _, _ in observe(request.control).revisions]
    wanted = request.options.to_revision or (revisions[-2] if len(revisions) > 1 else 0)
    if not wanted:
        raise ToolError(f'error: no rollout history found for deployment "{APP}"')
    if wanted not in revisions:
        raise ToolError(f"error: unable to find specified revision {wanted} in history")
    request.control.post("/rollout", cause=f"rollback to revision {wanted}")
    say(f"deployment.apps/{APP} rolled back")
    return 0


def _status(request: Request) -> int:
    said = ""

    def done(seen: Observed) -> bool:
        nonlocal said
        text = _progress(seen)
        if text and text != said:
            say(text)
            said = text
        return not text

    if wait_until(request.control, done, request.options.timeout) is None:
        raise ToolError("error: timed out waiting for the condition")
    say(f'deployment "{APP}" successfully rolled out')
    return 0


def _progress(seen: Observed) -> str:
    """Return what a roll-out still waits for; empty when it is complete."""
    updated, ready, wanted = updated_count(seen), ready_count(seen), seen.wanted
    waiting = f'Waiting for deployment "{APP}" rollout to finish:'
    if seen.rolling and updated < wanted:
        return f"{waiting} {updated} out of {wanted} new replicas have been updated..."
    if ready < wanted:
        return f"{waiting} {ready} of {wanted} updated replicas are available..."
    return ""


def _history(request: Request) -> int:
    rows = [(str(number), cause) for number, _, cause in observe(request.control).revisions]
    say(f"deployment.apps/{APP}")
    say(table([("REVISION", "CHANGE-CAUSE"), *rows], gap=2))
    return 0


def _dependency_rollout(request: Request, name: str) -> int:
    if request.options.order == "restart":
        order(request.control, name, "restart")
        say(f"statefulset.apps/{name} restarted")
        return 0
    if request.options.order != "status":
        raise UnknownUsageError(f"rollout {request.options.order} of a stateful set")

    def done(seen: Observed) -> bool:
        process = seen.process(name)
        return process is not None and process.ready

    if wait_until(request.control, done, request.options.timeout) is None:
        raise ToolError("error: timed out waiting for the condition")
    say("partitioned roll out complete: 1 new pods have been updated...")
    return 0
