"""kubectl: its command line, and which module answers it."""

import argparse
from collections.abc import Callable

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims import inside, kube_change, kube_look
from procedures.sandbox.shims.kube_objects import CONTEXT, NAMESPACE
from procedures.sandbox.shims.kube_request import Request
from procedures.sandbox.shims.observed import observe
from procedures.sandbox.shims.spans import seconds
from procedures.sandbox.shims.usage import Parser, ToolError, UnknownUsageError, say

_ANSWERS = {
    "get": kube_look.get,
    "describe": kube_look.describe,
    "top": kube_look.top,
    "logs": kube_look.logs,
    "rollout": kube_change.rollout,
    "scale": kube_change.scale,
    "delete": kube_change.delete,
}


def run(control: Control, argv: list[str]) -> int:
    """Answer one kubectl command line."""
    argv, command = _split(argv)
    options = _parser().parse_args(argv, argparse.Namespace(namespace="default", context=None))
    if options.context not in {None, CONTEXT}:
        raise ToolError(f'error: context "{options.context}" does not exist')
    if options.verb == "config":
        say(CONTEXT)
        return 0
    request = Request(control, options, here=options.namespace == NAMESPACE)
    if options.verb == "exec":
        return _exec(request, command)
    return _ANSWERS[options.verb](request)


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """Return the words before and after ``--``."""
    if "--" not in argv:
        return argv, []
    cut = argv.index("--")
    return argv[:cut], argv[cut + 1 :]


def _exec(request: Request, command: list[str]) -> int:
    dependency = request.options.pod.removesuffix("-0").removeprefix("pod/")
    process = observe(request.control).process(dependency)
    if not request.here or process is None or process.ordinal:
        raise ToolError(f'Error from server (NotFound): pods "{request.options.pod}" not found')
    if not process.running:
        raise ToolError(
            f'error: unable to upgrade connection: container not found ("{dependency}")'
        )
    if not command:
        raise UnknownUsageError("exec without `-- command`")
    return inside.run(request.control, dependency, command)


def _parser() -> Parser:
    common = Parser()  # its defaults are suppressed: a verb must not undo what came before it
    common.add_argument("-n", "--namespace", default=argparse.SUPPRESS)
    common.add_argument("--context", default=argparse.SUPPRESS)
    parser = Parser("kubectl", parents=[common])
    verbs = parser.add_subparsers(dest="verb", required=True, parser_class=Parser)
    _looking(verbs.add_parser, common)
    rollout = verbs.add_parser("rollout", parents=[common])
    rollout.add_argument("order", choices=("restart", "status", "undo", "history"))
    rollout.add_argument("resource", nargs="+")
    rollout.add_argument("--timeout", type=seconds, default=600.0)
    rollout.add_argument("--to-revision", type=int)
    scale = verbs.add_parser("scale", parents=[common])
    scale.add_argument("resource", nargs="+")
    scale.add_argument("--replicas", type=int, required=True)
    delete = verbs.add_parser("delete", parents=[common])
    delete.add_argument("resource", nargs="+")
    execute = verbs.add_parser("exec", parents=[common])
    execute.add_argument("-i", action="store_true")
    execute.add_argument("-c", "--container")
    execute.add_argument("pod")
    return parser


def _looking(add_verb: Callable[..., Parser], common: Parser) -> None:
    config = add_verb("config", parents=[common])
    config.add_argument("what", choices=("current-context",))
    get = add_verb("get", parents=[common])
    get.add_argument("resource", nargs="+")
    get.add_argument("-l", "--selector", default="")
    get.add_argument("-o", "--output", default="")
    get.add_argument("--no-headers", action="store_true")
    get.add_argument("--sort-by")
    describe = add_verb("describe", parents=[common])
    describe.add_argument("resource", nargs="+")
    describe.add_argument("-l", "--selector", default="")
    top = add_verb("top", parents=[common])
    top.add_argument("resource", nargs="+")
    top.add_argument("-l", "--selector", default="")
    top.add_argument("--no-headers", action="store_true")
    logs = add_verb("logs", parents=[common])
    logs.add_argument("resource", nargs="*")
    logs.add_argument("-l", "--selector", default="")
    logs.add_argument("-c", "--container")
    logs.add_argument("--since", type=seconds, default=0.0)
    logs.add_argument("--tail")
    logs.add_argument("--prefix", action="store_true")
    logs.add_argument("--timestamps", action="store_true")
