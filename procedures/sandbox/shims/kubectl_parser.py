"""The command line of kubectl."""

import argparse
from collections.abc import Sequence

from procedures.sandbox.shims.spans import seconds
from procedures.sandbox.shims.usage import Parser

_LISTS = ("file", "from_literal", "from_file", "from_env_file")
DEFAULTS = {
    "namespace": "default",
    "context": None,
    "selector": "",
    "field_selector": "",
    "output": "",
    "dry_run": "",
    "timeout": 600.0,
    "quiet": False,
    "ignore_not_found": False,
}
"""What a request has that its verb does not know."""


def parsed(argv: Sequence[str]) -> argparse.Namespace:
    """Return the options of a command line, which may stand before or after its verb."""
    spill = "values" if "set" in argv[:4] else "resource"
    options = _parser().parse_mixed(argv, spill, argparse.Namespace(**DEFAULTS))
    for name in _LISTS:
        setattr(options, name, getattr(options, name, None) or [])
    return options


def _parser() -> Parser:
    common = Parser()  # its defaults are suppressed: a verb must not undo what came before it
    for flags in (("-n", "--namespace"), ("--context",), ("--kubeconfig",)):
        common.add_argument(*flags, default=argparse.SUPPRESS)
    common.add_argument("--request-timeout", default=argparse.SUPPRESS)
    parser = Parser("kubectl", parents=[common])
    verbs = parser.add_subparsers(dest="verb", required=True, parser_class=Parser)

    def verb(name: str, *, resource: str = "+") -> Parser:
        made: Parser = verbs.add_parser(name, parents=[common])
        if resource:
            made.add_argument("resource", nargs=resource)
        return made

    _looking(verb)
    _changing(verb)
    _small(verb)
    return parser


def _flags(parser: Parser, *names: str) -> None:
    for name in names:
        parser.add_argument(name, action="store_true")


def _select(parser: Parser) -> None:
    parser.add_argument("-l", "--selector", default="")


def _looking(verb: object) -> None:
    assert callable(verb)  # noqa: S101 - ours
    get = verb("get")
    _select(get)
    get.add_argument("--field-selector", default="")
    get.add_argument("-o", "--output", default="")
    get.add_argument("--sort-by")
    _flags(get, "--no-headers", "--ignore-not-found", "--show-labels")
    get.add_argument("-A", "--all-namespaces", action="store_true")
    describe = verb("describe")
    _select(describe)
    top = verb("top")
    _select(top)
    top.add_argument("--sort-by")
    _flags(top, "--no-headers", "--containers")
    logs = verb("logs", resource="*")
    _select(logs)
    logs.add_argument("-c", "--container", default="")
    logs.add_argument("--since", type=seconds, default=0.0)
    logs.add_argument("--tail")
    logs.add_argument("--max-log-requests")
    logs.add_argument("-p", "--previous", action="store_true")
    _flags(logs, "--prefix", "--timestamps", "--all-containers", "--ignore-errors")


def _changing(verb: object) -> None:
    assert callable(verb)  # noqa: S101 - ours
    rollout = verb("rollout", resource="")
    rollout.add_argument(
        "order", choices=("restart", "status", "undo", "history", "pause", "resume")
    )
    rollout.add_argument("resource", nargs="+")
    rollout.add_argument("--timeout", type=seconds, default=600.0)
    rollout.add_argument("--to-revision", type=int)
    rollout.add_argument("--revision", type=int)
    rollout.add_argument("--watch", type=lambda text: text != "false", default=True)
    scale = verb("scale")
    scale.add_argument("--replicas", type=int, required=True)
    scale.add_argument("--current-replicas", type=int)
    scale.add_argument("--timeout", type=seconds, default=600.0)
    set_ = verb("set", resource="")
    set_.add_argument("what", choices=("env", "image", "resources"))
    set_.add_argument("target")
    set_.add_argument("values", nargs="*")
    set_.add_argument("--limits", default="")
    set_.add_argument("--requests", default="")
    set_.add_argument("-c", "--containers", default="")
    _flags(set_, "--list", "--overwrite")
    patch = verb("patch")
    patch.add_argument("--type", default="strategic")
    patch.add_argument("-p", "--patch")
    patch.add_argument("--patch-file")
    patch.add_argument("--dry-run", default="")
    for name in ("annotate", "label"):
        _flags(verb(name), "--overwrite")
    for name in ("cordon", "uncordon"):
        verb(name)
    drain = verb("drain")
    drain.add_argument("--timeout", type=seconds, default=600.0)
    drain.add_argument("--grace-period")
    drain.add_argument("--pod-selector")
    _flags(drain, "--ignore-daemonsets", "--delete-emptydir-data", "--force", "--disable-eviction")
    delete = verb("delete", resource="*")
    _select(delete)
    delete.add_argument("-f", "--filename", dest="file", action="append")
    delete.add_argument("--grace-period")
    delete.add_argument("--timeout", type=seconds, default=600.0)
    delete.add_argument("--wait", default="true")
    _flags(delete, "--force", "--now", "--ignore-not-found")
    _with_files(verb)


def _with_files(verb: object) -> None:
    assert callable(verb)  # noqa: S101 - ours
    for name in ("apply", "diff", "create"):
        made = verb(name, resource="*")
        made.add_argument("-f", "--filename", dest="file", action="append")
        made.add_argument("-k", "--kustomize")
        made.add_argument("--dry-run", default="")
        made.add_argument("-o", "--output", default="")
        _flags(made, "--server-side", "--force-conflicts", "--save-config")
        made.add_argument("--field-manager")
        made.add_argument("--from", dest="from_")
        made.add_argument("--type")
        made.add_argument("--cert", default="")
        made.add_argument("--key", default="")
        for flag in ("--from-literal", "--from-file", "--from-env-file"):
            made.add_argument(flag, action="append")


def _small(verb: object) -> None:
    assert callable(verb)  # noqa: S101 - ours
    execute = verb("exec", resource="")
    _flags(execute, "-i", "-q")
    execute.add_argument("-c", "--container")
    execute.add_argument("pod")
    config = verb("config", resource="")
    config.add_argument("what", choices=("current-context", "get-contexts", "view"))
    _flags(config, "--minify")
    config.add_argument("-o", "--output", default="")
    verb("cluster-info", resource="")
    version = verb("version", resource="")
    _flags(version, "--short", "--client")
    version.add_argument("-o", "--output", default="")
    auth = verb("auth")
    auth.add_argument("-q", "--quiet", action="store_true")
    auth.add_argument("--as")
    wait = verb("wait")
    _select(wait)
    wait.add_argument("--for", dest="for_", required=True)
    wait.add_argument("--timeout", type=seconds, default=30.0)
    copy = verb("cp")
    copy.add_argument("-c", "--container")
