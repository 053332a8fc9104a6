"""kubectl get and top."""

import json
import sys
from typing import Any

from procedures.sandbox.kept import Kept
from procedures.sandbox.shims import jsonpath, kube_cluster, kube_tables
from procedures.sandbox.shims.kube_events import event
from procedures.sandbox.shims.kube_names import NODES, app_label, node_name, pod_name, pods
from procedures.sandbox.shims.kube_objects import deployment, listing, pod, pod_row
from procedures.sandbox.shims.kube_request import Request, qualified
from procedures.sandbox.shims.observed import Observed, Process, observe
from procedures.sandbox.shims.spans import short
from procedures.sandbox.shims.usage import UnknownUsageError, complain, say, table

Rows = list[tuple[str, ...]]


def get(request: Request) -> int:
    """Print resources as a table, as JSON or YAML, or through a template."""
    seen = observe(request.control)
    kinds = request.kinds
    for kind in kinds:
        if kind == "event":
            _events(request, seen)
            continue
        found = chosen(request, kind, seen)
        _print(request, kind, found, _rows(request, kind, found, seen))
        if len(kinds) > 1 and not request.options.output:
            say(" ")
    return 0


def chosen(request: Request, kind: str, seen: Observed) -> list[dict[str, Any]]:
    """Return the objects that are asked for; the server's error for a name that is not there."""
    found = every(request, kind, seen) if request.here else []
    names = request.names
    for name in names:
        if name not in [each["metadata"]["name"] for each in found]:
            if request.options.ignore_not_found:
                continue
            raise request.not_found(name)
    app = request.app
    return [
        each
        for each in found
        if (not names or each["metadata"]["name"] in names)
        and (not app or each["metadata"].get("labels", {}).get("app") == app)
        and _fields_match(request, each)
    ]


def every(request: Request, kind: str, seen: Observed) -> list[dict[str, Any]]:
    """Return all objects of a kind."""
    if kind == "pod":
        applied = Kept(request.control.state.kept).under("applied")
        return [
            *(pod(seen, process, request.control) for process in pods(seen)),
            *(each for each in applied.values() if each["kind"] == "pod"),
        ]
    if kind == "deployment":
        return [deployment(seen, request.control)]
    return kube_cluster.objects(kind, seen, request.control)


def chosen_pods(request: Request, seen: Observed) -> list[Process]:
    """Return the processes of the pods that are asked for."""
    found = pods(seen, request.app) if request.here else []
    for name in request.names:
        if name not in map(pod_name, found):
            raise request.not_found(name)
    return [process for process in found if not request.names or pod_name(process) in request.names]


def top(request: Request) -> int:
    """Print what pods or nodes use."""
    seen = observe(request.control)
    if request.kind == "node":
        head: Rows = [("NAME", "CPU(cores)", "CPU%", "MEMORY(bytes)", "MEMORY%")]
        rows: Rows = [(name, "640m", "16%", "4812Mi", "31%") for name in NODES]
        say(table([*([] if request.options.no_headers else head), *rows]))
        return 0
    if request.kind != "pod":
        raise UnknownUsageError(f"top {request.kind}")
    by_container = request.options.containers
    columns = ("POD", "NAME") if by_container else ("NAME",)
    rows = [
        (
            *((pod_name(p), app_label(p)) if by_container else (pod_name(p),)),
            f"{round(1000 * p.cpu_cores)}m",
            f"{round(p.memory_bytes / 1024**2)}Mi",
        )
        for p in chosen_pods(request, seen)
        if p.running
    ]
    heading = [] if request.options.no_headers else [(*columns, "CPU(cores)", "MEMORY(bytes)")]
    say(table([*heading, *rows]))
    return 0


def _fields_match(request: Request, each: dict[str, Any]) -> bool:
    selector = request.options.field_selector
    for term in selector.split(",") if selector else ():
        path, negated, wanted = term.partition("!=")
        if not negated:
            path, _, wanted = term.partition("=")
        values = [jsonpath.text(value) for value in jsonpath.found(f".{path}", each)]
        if (wanted.lstrip("=") in values) == bool(negated):
            return False
    return True


def _rows(request: Request, kind: str, found: list[dict[str, Any]], seen: Observed) -> Rows:
    if kind == "pod":
        wide = request.options.output == "wide"
        names = {each["metadata"]["name"] for each in found}
        cells = [
            _pod_cells(seen, process, wide=wide)
            for process in pods(seen)
            if pod_name(process) in names
        ]
        more = ("IP", "NODE") if wide else ()
        known = {row[0] for row in cells}
        cells += [(n, "1/1", "Running", "0", "5s", *("" for _ in more)) for n in names - known]
        rows: Rows = [("NAME", "READY", "STATUS", "RESTARTS", "AGE", *more), *cells]
    else:
        rows = kube_tables.rows(kind, found, seen.now)
        if request.options.output == "wide" and kind == "deployment":
            containers = [each["spec"]["template"]["spec"]["containers"][0] for each in found]
            rows = [
                (*rows[0], "CONTAINERS", "IMAGES"),
                *((*r, c["name"], c["image"]) for r, c in zip(rows[1:], containers, strict=True)),
            ]
    if request.options.show_labels:
        labels = [
            ",".join(f"{k}={v}" for k, v in each["metadata"]["labels"].items()) for each in found
        ]
        rows = [(*rows[0], "LABELS"), *((*r, t) for r, t in zip(rows[1:], labels, strict=True))]
    return rows


def _pod_cells(seen: Observed, process: Process, *, wide: bool) -> tuple[str, ...]:
    name, ready, status, restarts, age_s = pod_row(seen, process)
    cells = (name, ready, status, restarts, short(age_s))
    address = f"10.244.0.{10 + process.ordinal}"
    return (*cells, address, node_name(process)) if wide else cells


def _print(request: Request, kind: str, found: list[dict[str, Any]], rows: Rows) -> None:
    options = request.options
    one = len(request.names) == 1 and len(found) == 1
    value = found[0] if one else listing(found)
    form, _, template = options.output.partition("=")
    if form == "json":
        say(json.dumps(value, indent=4))
    elif form == "yaml":
        from procedures.sandbox.shims.yaml_text import dumped

        say(dumped(value))
    elif form == "name":
        say("\n".join(f"{qualified(kind)}/{o['metadata']['name']}" for o in found))
    elif form == "jsonpath":
        sys.stdout.write(jsonpath.render(template, value))
    elif form == "custom-columns":
        _custom_columns(request, template, found)
    elif form not in {"", "wide"}:
        raise UnknownUsageError(f"-o {options.output}")
    elif not found:
        if not options.ignore_not_found:
            complain(f"No resources found in {options.namespace} namespace.")
    else:
        say(table(rows[1:] if options.no_headers else rows))


def _custom_columns(request: Request, template: str, found: list[dict[str, Any]]) -> None:
    columns = [column.partition(":")[::2] for column in template.split(",")]
    rows: Rows = [tuple(name for name, _ in columns)]
    for each in found:
        cells = []
        for _, path in columns:
            values = jsonpath.found(path, each)
            cells.append(",".join(map(jsonpath.text, values)) or "<none>")
        rows.append(tuple(cells))
    say(table(rows[1:] if request.options.no_headers else rows))


def _events(request: Request, seen: Observed) -> None:
    happenings = request.control.get("/events") if request.here else []
    selector = request.options.field_selector
    for term in selector.split(",") if selector else ():
        field, _, wanted = term.partition("=")
        key = {"type": "kind", "reason": "reason"}.get(field)
        if key is not None:
            happenings = [h for h in happenings if h[key] == wanted.lstrip("=")]
    if not happenings:
        complain(f"No resources found in {request.options.namespace} namespace.")
        return
    if request.options.output not in {"", "wide"}:
        items = [found for h in happenings if (found := event(h, seen)) is not None]
        _print(request, "event", items, [])
        return
    head = ("LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE")
    rows: Rows = [
        (short(seen.now - h["at"]), h["kind"], h["reason"], f"pod/{h['about']}", h["text"])
        for h in happenings
    ]
    say(table(rows if request.options.no_headers else [head, *rows]))
