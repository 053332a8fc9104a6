"""kubectl rollout, scale, delete and set."""

from collections.abc import Callable

from procedures.sandbox.fleet_size import REPLICAS
from procedures.sandbox.kept import Kept
from procedures.sandbox.shims.kube_names import APP, pod_name, pods, ready_count, updated_count
from procedures.sandbox.shims.kube_request import Request
from procedures.sandbox.shims.observed import (
    Observed,
    act_and_wait,
    observe,
    order,
    restart_and_wait,
    wait_until,
)
from procedures.sandbox.shims.usage import ToolError, UnknownUsageError, say, table


def rollout(request: Request) -> int:
    """Restart, undo, follow or list roll-outs."""
    name = request.workload()
    if name != APP:
        return _dependency_rollout(request, name)
    orders: dict[str, Callable[[Request], int]] = {
        "restart": _restart,
        "undo": _undo,
        "status": _status,
        "history": _history,
        "pause": lambda _: _said(f"deployment.apps/{APP} paused"),
        "resume": lambda _: _said(f"deployment.apps/{APP} resumed"),
    }
    return orders[request.options.order](request)


def scale(request: Request) -> int:
    """Change the number of replicas; those beyond the sandbox's own are only wanted."""
    wanted: int = request.options.replicas
    name = request.workload()
    kept = Kept(request.control.state.kept)
    current = observe(request.control).wanted if name == APP else kept.get(f"replicas.{name}", 1)
    expected = request.options.current_replicas
    if expected is not None and expected != current:
        raise ToolError(f"error: Expected replicas to be {expected}, was {current}")
    if name != APP:
        if wanted not in {0, 1}:
            raise UnknownUsageError("scale of a stateful set to more than one")
        kept.set(f"replicas.{name}", wanted)
        order(request.control, name, "start" if wanted else "stop")
        return _said(f"statefulset.apps/{name} scaled")
    if not 0 <= wanted <= REPLICAS:
        raise UnknownUsageError(f"more than {REPLICAS} replicas")
    request.control.post(f"/scale/{wanted}")
    return _said(f"deployment.apps/{APP} scaled")


def delete(request: Request) -> int:
    """Delete pods, whose owners replace them, or jobs and what was applied."""
    kept = Kept(request.control.state.kept)
    if request.options.file:
        from procedures.sandbox.shims.kube_apply import delete_files

        return delete_files(request)
    if request.kind != "pod":
        return _delete_kept(request, kept)
    found = {pod_name(p): p for p in pods(observe(request.control))} if request.here else {}
    names = request.names
    if request.options.selector and not names:
        names = [pod_name(p) for p in pods(observe(request.control), request.app)]
    if not names:
        raise UnknownUsageError("delete of no pod")
    for name in names:
        if kept.get(f"applied.pod/{name}") is not None:
            kept.set(f"applied.pod/{name}", None)
            say(f'pod "{name}" deleted')
            continue
        if name not in found:
            if request.options.ignore_not_found:
                continue
            raise request.not_found(name)
        restart_and_wait(request.control, [found[name].name], ready=False)
        say(f'pod "{name}" deleted')
    return 0


def _delete_kept(request: Request, kept: Kept) -> int:
    kind = request.kind
    for name in request.names:
        key = f"job.{name}" if kind == "job" else f"applied.{kind}/{name}"
        if kept.get(key) is None:
            if request.options.ignore_not_found:
                continue
            if kind not in {"job", "configmap", "secret", "cronjob", "ingress", "networkpolicy"}:
                raise UnknownUsageError(f"delete {kind}")
            raise request.not_found(name)
        kept.set(key, None)
        say(f'{kind} "{name}" deleted')
    return 0


def set_(request: Request) -> int:
    """Change environment variables, images or resources; each begins a roll-out."""
    if request.workload() != APP:
        raise UnknownUsageError(f"set {request.options.what} of {request.names[0]}")
    kept = Kept(request.control.state.kept)
    what = request.options.what
    if what == "env":
        if request.options.list:
            say("\n".join(f"{k}={v}" for k, v in kept.under("env").items()))
            return 0
        changes = [word.partition("=") for word in request.options.values]
        for name, equals, value in changes:
            kept.set(f"env.{name.removesuffix('-')}", value if equals else None)
        word = "env updated"
    elif what == "image":
        for container, _, image in (w.partition("=") for w in request.options.values):
            if container not in {APP, "db-migration"}:
                raise ToolError(f'error: unable to find container named "{container}"')
            kept.set("image" if container == APP else "image.init", image)
        word = "image updated"
    else:
        for part in ("limits", "requests"):
            given = getattr(request.options, part)
            if given:
                pairs = dict(pair.partition("=")[::2] for pair in given.split(","))
                kept.set(f"resources.{part}", {**kept.get(f"resources.{part}", {}), **pairs})
        word = "resource requirements updated"
    begin_rollout(request, f"kubectl set {what}")
    return _said(f"deployment.apps/{APP} {word}")


def begin_rollout(request: Request, cause: str) -> None:
    """Replace the replicas one at a time."""
    request.control.post("/rollout", cause=cause)


def _restart(request: Request) -> int:
    begin_rollout(request, "kubectl rollout restart")
    return _said(f"deployment.apps/{APP} restarted")


def _undo(request: Request) -> int:
    revisions = [number for number, _, _ in observe(request.control).revisions]
    wanted = request.options.to_revision or (revisions[-2] if len(revisions) > 1 else 0)
    if not wanted:
        raise ToolError(f'error: no rollout history found for deployment "{APP}"')
    if wanted not in revisions:
        raise ToolError(f"error: unable to find specified revision {wanted} in history")
    kept = Kept(request.control.state.kept)
    for key in [key for key in kept.all() if key.startswith(("env.", "image", "resources."))]:
        kept.set(key, None)
    begin_rollout(request, f"rollback to revision {wanted}")
    return _said(f"deployment.apps/{APP} rolled back")


def _status(request: Request) -> int:
    said = ""

    def done(seen: Observed) -> bool:
        nonlocal said
        text = _progress(seen)
        if text and text != said:
            say(text)
            said = text
        return not text

    if not request.options.watch and not done(observe(request.control)):
        return 0
    if wait_until(request.control, done, request.options.timeout) is None:
        raise ToolError("error: timed out waiting for the condition")
    return _said(f'deployment "{APP}" successfully rolled out')


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
        act_and_wait(request.control, [name], "restart", {"stopping", "starting", "ready"})
        return _said(f"statefulset.apps/{name} restarted")
    if request.options.order != "status":
        raise UnknownUsageError(f"rollout {request.options.order} of a stateful set")

    def done(seen: Observed) -> bool:
        # Scaled to none it is complete as soon as there is none.
        process = seen.process(name)
        return process is not None and (process.ready or process.phase == "stopped")

    seen = wait_until(request.control, done, request.options.timeout)
    if seen is None:
        raise ToolError("error: timed out waiting for the condition")
    process = seen.process(name)
    updated = int(process is not None and process.ready)
    return _said(f"partitioned roll out complete: {updated} new pods have been updated...")


def _said(text: str) -> int:
    say(text)
    return 0
