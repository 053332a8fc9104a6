"""kubectl describe and logs."""

from procedures.sandbox.shims import container_logs
from procedures.sandbox.shims.kube_look import chosen, chosen_pods
from procedures.sandbox.shims.kube_names import APP, NAMESPACE, app_label, node_name, pod_name, pods
from procedures.sandbox.shims.kube_objects import pod_status, template
from procedures.sandbox.shims.kube_pod_parts import restarts
from procedures.sandbox.shims.kube_request import Request
from procedures.sandbox.shims.observed import Observed, Process, observe
from procedures.sandbox.shims.spans import short
from procedures.sandbox.shims.usage import ToolError, UnknownUsageError, complain, say
from procedures.sandbox.shims.yaml_text import dumped

_DEFAULT_SELECTED_TAIL = 10
_INIT = "db-migration"


def describe(request: Request) -> int:
    """Print what is known of objects."""
    seen = observe(request.control)
    if request.kind == "pod":
        for process in chosen_pods(request, seen):
            say("\n".join(_pod_lines(request, seen, process)))
        return 0
    for each in chosen(request, request.kind, seen):
        parts = {k: v for k, v in each.items() if k not in {"apiVersion", "kind", "metadata"}}
        if request.kind == "secret":
            parts["data"] = {k: f"{len(v)} bytes" for k, v in each["data"].items()}
        say(f"Name:         {each['metadata']['name']}")
        if "namespace" in each["metadata"]:
            say(f"Namespace:    {each['metadata']['namespace']}")
        say(f"Annotations:  {each['metadata'].get('annotations') or '<none>'}")
        say(dumped(parts))
        say("Events:       <none>")
    return 0


def _pod_lines(request: Request, seen: Observed, process: Process) -> list[str]:
    told = [h for h in request.control.get("/events") if h["about"] == process.name]
    limits = template(request.control)["spec"]["containers"][0]["resources"]["limits"]
    return [
        f"Name:             {pod_name(process)}",
        f"Namespace:        {NAMESPACE}",
        f"Node:             {node_name(process)}/10.0.0.11",
        f"Labels:           app={app_label(process)}",
        f"Status:           {pod_status(process)}",
        "Containers:",
        f"  {app_label(process)}:",
        f"    State:          {'Running' if process.running else 'Waiting'}",
        f"    Ready:          {process.ready}",
        f"    Restart Count:  {restarts(process)}",
        f"    Limits:         cpu: {limits['cpu']}, memory: {limits['memory']}",
        f"Ready:            {process.ready}",
        f"Age:              {short(seen.now - process.started_at)}",
        "Events:" if told else "Events:           <none>",
        *(f"  {h['kind']}  {h['reason']}  {short(seen.now - h['at'])}  {h['text']}" for h in told),
    ]


def logs(request: Request) -> int:
    """Print the logs of pods."""
    options = request.options
    seen = observe(request.control)
    chosen_for_logs = _logging_pods(request, seen)
    if options.previous:
        names = ", ".join(map(pod_name, chosen_for_logs))
        if not any(map(restarts, chosen_for_logs)):
            text = f'previous terminated container "{APP}" in pod "{names}" not found'
            raise ToolError(f"Error from server (BadRequest): {text}")
    if options.container == _INIT:
        for process in chosen_for_logs:
            line = "INFO llm_config_server::migrate no migration is pending"
            say(f"[pod/{pod_name(process)}/{_INIT}] {line}" if options.prefix else line)
        return 0
    default = str(_DEFAULT_SELECTED_TAIL) if options.selector else "-1"
    tail = container_logs.tail_count(options.tail or default)
    shown = {process.name: pod_name(process) for process in chosen_for_logs}
    for source, line in container_logs.read(
        request.control, list(shown), since_s=options.since, tail=tail
    ):
        say(f"[pod/{shown[source]}/{_container(source)}] {line}" if options.prefix else line)
    return 0


def _container(source: str) -> str:
    return APP if source.startswith(APP) else source


def _logging_pods(request: Request, seen: Observed) -> list[Process]:
    """Return the pods whose logs are asked for: selected, of a workload, or one by name."""
    words = request.options.resource
    if not words:
        if not request.app:
            raise UnknownUsageError("logs of nothing")
        found = pods(seen, request.app) if request.namespaced else []
        if not found:
            complain(f"No resources found in {request.options.namespace} namespace.")
        return found
    if "/" not in words[0]:
        request.options.resource = ["pod", words[0]]
        return chosen_pods(request, seen)
    if request.kind == "job":
        return []
    if request.kind in {"deployment", "statefulset"}:
        return pods(seen, request.workload())[:1]
    return chosen_pods(request, seen)
