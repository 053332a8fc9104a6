"""kubectl get, describe, top and logs."""

import json
from typing import Any

from procedures.sandbox.shims import container_logs, jsonpath
from procedures.sandbox.shims.kube_objects import (
    APP,
    NAMESPACE,
    app_label,
    deployment,
    listing,
    pod,
    pod_name,
    pod_row,
    pod_status,
    pods,
    ready_count,
    updated_count,
)
from procedures.sandbox.shims.kube_request import Request
from procedures.sandbox.shims.observed import Observed, Process, observe
from procedures.sandbox.shims.spans import short
from procedures.sandbox.shims.usage import UnknownUsageError, complain, say, table

_DEFAULT_SELECTED_TAIL = 10


def get(request: Request) -> int:
    """Print resources as a table, as JSON or through a JSONPath template."""
    if request.kind == "event":
        return _events(request)
    if request.kind == "statefulset":
        raise UnknownUsageError("get statefulset")
    seen = observe(request.control)
    if request.kind == "deployment":
        if request.names:
            request.workload()
        found = [deployment(seen)] if request.here else []
        rows = [_deployment_row(seen)] if request.here else []
        head = ("NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE")
    else:
        chosen = _chosen_pods(request, seen)
        found = [pod(seen, process) for process in chosen]
        wide = request.options.output == "wide"
        rows = [_pod_cells(seen, process, wide=wide) for process in chosen]
        head = ("NAME", "READY", "STATUS", "RESTARTS", "AGE", *(("IP", "NODE") if wide else ()))
    return _print(request, found, [head, *rows])


def describe(request: Request) -> int:
    """Print what is known of pods."""
    if request.kind != "pod":
        raise UnknownUsageError(f"describe {request.kind}")
    seen = observe(request.control)
    happenings = request.control.get("/events")
    for process in _chosen_pods(request, seen):
        told = [h for h in happenings if h["about"] == process.name]
        lines = [
            f"Name:             {pod_name(process)}",
            f"Namespace:        {NAMESPACE}",
            f"Labels:           app={app_label(process)}",
            f"Status:           {pod_status(process)}",
            f"Ready:            {process.ready}",
            f"Age:              {short(seen.now - process.started_at)}",
            "Events:" if told else "Events:           <none>",
            *(
                f"  {h['kind']}  {h['reason']}  {short(seen.now - h['at'])}  {h['text']}"
                for h in told
            ),
        ]
        say("\n".join(lines))
    return 0


def top(request: Request) -> int:
    """Print what pods use."""
    if request.kind != "pod":
        raise UnknownUsageError(f"top {request.kind}")
    seen = observe(request.control)
    head = [] if request.options.no_headers else [("NAME", "CPU(cores)", "MEMORY(bytes)")]
    rows = [
        (pod_name(p), f"{round(1000 * p.cpu_cores)}m", f"{round(p.memory_bytes / 1024**2)}Mi")
        for p in _chosen_pods(request, seen)
        if p.running
    ]
    say(table([*head, *rows]))
    return 0


def logs(request: Request) -> int:
    """Print the logs of pods."""
    options = request.options
    seen = observe(request.control)
    chosen = _logging_pods(request, seen)
    default = str(_DEFAULT_SELECTED_TAIL) if options.selector else "-1"
    tail = container_logs.tail_count(options.tail or default)
    names = {process.name: pod_name(process) for process in chosen}
    for source, line in container_logs.read(
        request.control, list(names), since_s=options.since, tail=tail
    ):
        say(f"[pod/{names[source]}/{APP}] {line}" if options.prefix else line)
    return 0


def _logging_pods(request: Request, seen: Observed) -> list[Process]:
    """Return the pods whose logs are asked for: selected, of a deployment, or one by name."""
    words = request.options.resource
    if not words:
        if not request.app:
            raise UnknownUsageError("logs of nothing")
        return pods(seen, request.app) if request.here else []
    if "/" not in words[0]:
        request.options.resource = ["pod", words[0]]
        return _chosen_pods(request, seen)
    if request.kind == "deployment":
        request.workload()
        return pods(seen, APP)[:1]
    return _chosen_pods(request, seen)


def _chosen_pods(request: Request, seen: Observed) -> list[Process]:
    found = pods(seen, request.app) if request.here else []
    for name in request.names:
        if name not in map(pod_name, found):
            raise request.not_found(name)
    return [process for process in found if not request.names or pod_name(process) in request.names]


def _pod_cells(seen: Observed, process: Process, *, wide: bool) -> tuple[str, ...]:
    name, ready, status, restarts, age_s = pod_row(seen, process)
    cells = (name, ready, status, restarts, short(age_s))
    return (*cells, "127.0.0.1", "sandbox-node") if wide else cells


def _deployment_row(seen: Observed) -> tuple[str, ...]:
    ready = ready_count(seen)
    age = short(seen.now - seen.revisions[0][1])
    return APP, f"{ready}/{seen.wanted}", str(updated_count(seen)), str(ready), age


def _print(request: Request, found: list[dict[str, Any]], rows: list[tuple[str, ...]]) -> int:
    options = request.options
    one = bool(request.names) and len(found) == 1
    value = found[0] if one else listing(found)
    if options.output == "json":
        say(json.dumps(value, indent=4))
    elif options.output == "name":
        say("\n".join(f"{o['kind'].lower()}/{o['metadata']['name']}" for o in found))
    elif options.output.startswith("jsonpath="):
        say(jsonpath.render(options.output.removeprefix("jsonpath="), value))
    elif options.output not in {"", "wide"}:
        raise UnknownUsageError(f"-o {options.output}")
    elif not found:
        complain(f"No resources found in {options.namespace} namespace.")
    else:
        say(table(rows[1:] if options.no_headers else rows))
    return 0


def _events(request: Request) -> int:
    now = observe(request.control).now
    happenings = request.control.get("/events") if request.here else []
    if not happenings:
        complain(f"No resources found in {request.options.namespace} namespace.")
        return 0
    head = ("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE")
    rows = [
        (short(now - h["at"]), h["kind"], h["reason"], f"pod/{h['about']}", h["text"])
        for h in happenings
    ]
    say(table([head, *rows]))
    return 0
