"""kubectl: which module answers a command line."""

from importlib import import_module

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims.kube_names import CONTEXT, NAMESPACE
from procedures.sandbox.shims.kube_request import Request
from procedures.sandbox.shims.kubectl_parser import parsed
from procedures.sandbox.shims.usage import ToolError, UnknownUsageError, say

_ANSWERS = {
    "get": ("kube_look", "get"),
    "top": ("kube_look", "top"),
    "describe": ("kube_describe", "describe"),
    "logs": ("kube_describe", "logs"),
    "rollout": ("kube_change", "rollout"),
    "scale": ("kube_change", "scale"),
    "delete": ("kube_change", "delete"),
    "set": ("kube_change", "set_"),
    "patch": ("kube_patch", "patch"),
    "annotate": ("kube_patch", "annotate"),
    "label": ("kube_patch", "annotate"),
    "cordon": ("kube_nodes", "cordon"),
    "uncordon": ("kube_nodes", "cordon"),
    "drain": ("kube_nodes", "drain"),
    "apply": ("kube_apply", "apply"),
    "diff": ("kube_apply", "diff"),
    "create": ("kube_apply", "create"),
    "cluster-info": ("kube_misc", "cluster_info"),
    "version": ("kube_misc", "version"),
    "auth": ("kube_misc", "auth"),
    "wait": ("kube_misc", "wait"),
    "cp": ("kube_misc", "copy"),
}


def run(control: Control, argv: list[str]) -> int:
    """Answer one kubectl command line."""
    argv, command = _split(argv)
    options = parsed(argv)
    if options.context not in {None, CONTEXT}:
        raise ToolError(f'error: context "{options.context}" does not exist')
    if options.verb == "config":
        if options.what != "current-context":
            raise UnknownUsageError(f"config {options.what}")
        say(CONTEXT)
        return 0
    if options.verb == "set":
        options.resource = [options.target]
        if "=" not in "".join(options.values[:1]) and "/" not in options.target and options.values:
            options.resource.append(options.values.pop(0))
    everywhere = getattr(options, "all_namespaces", False)
    request = Request(control, options, namespaced=everywhere or options.namespace == NAMESPACE)
    if options.verb == "exec":
        from procedures.sandbox.shims.kube_exec import execute

        return execute(request, command)
    module, function = _ANSWERS[options.verb]
    answer = getattr(import_module(f"procedures.sandbox.shims.{module}"), function)
    return int(answer(request))


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """Return the words before and after ``--``."""
    if "--" not in argv:
        return argv, []
    cut = argv.index("--")
    return argv[:cut], argv[cut + 1 :]
