"""``quarterdeck service``: what runs, its logs, what changed recently, and quick actions on it."""

import argparse

from tui.commands.answers import add_answer_options
from tui.commands.arguments import Parser, add_settings_options
from tui.commands.places import add_place_options
from tui.commands.run import add_walk_options
from tui.commands.spans import span_s
from tui.commands.statuses import statuses_text

_EPILOG = """\
A target is a compose project, a namespace of a cluster or a machine; a workload is what is scaled
and restarted as one: a compose service, a deployment, a systemd unit.

examples:
  quarterdeck service list                            what runs, and how well it is
  quarterdeck service logs llm-config-manager -f      its log, followed until Ctrl+C
  quarterdeck service logs redis --since 10m --least warning
  quarterdeck service changes --since 2h              what changed recently
  quarterdeck service restart llm-config-manager      confirmed by calling it, and recorded
  quarterdeck service scale llm-config-manager 4 --dry-run
"""
_LIST_STATUSES = """\
exit status:
  0  all of it is well
  1  something is not as it should be
  2  a workload does not serve at all
  3  it is not known
"""
_LOOK_STATUSES = """\
exit status:
  0  it is told
  2  it cannot be: standard error says why
"""


def add_parser(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command and its verbs to the program."""
    parser = commands.add_parser(
        "service",
        help="what runs: units, logs, recent changes, quick actions",
        description="Look at the targets of an environment and act on them.",
        epilog=_EPILOG,
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    _add_looks(verbs)
    _add_acts(verbs)


def _add_looks(verbs: "argparse._SubParsersAction[Parser]") -> None:
    listing = verbs.add_parser(
        "list", help="list workloads and units", description="List what runs.",
        epilog=_LIST_STATUSES,
    )  # fmt: skip
    listing.set_defaults(run=run_list, parser=listing, failure_status=3)
    logs = verbs.add_parser(
        "logs", help="print or follow a log", description="Print the log of a workload.",
        epilog=_LOOK_STATUSES,
    )  # fmt: skip
    logs.add_argument("workload", nargs="?", default="", help="else the service itself")
    logs.add_argument("-f", "--follow", action="store_true", help="go on with what is written")
    logs.add_argument("-n", "--tail", type=int, default=200, metavar="N", help="of each unit (200)")
    logs.add_argument("--since", type=span_s, metavar="SPAN", help="as 30s, 10m, 2h or 1d")
    logs.add_argument("--unit", default="", metavar="NAME", help="only this unit of it")
    logs.add_argument("--previous", action="store_true", help="of the life before the last restart")
    logs.add_argument(
        "--least",
        choices=("debug", "info", "warning", "error"),
        help="only lines that say they are as severe",
    )
    logs.set_defaults(run=run_logs, parser=logs)
    changes = verbs.add_parser(
        "changes", help="what changed recently", description="List what changed recently.",
        epilog=_LOOK_STATUSES,
    )  # fmt: skip
    changes.add_argument(
        "--since", type=span_s, default=86400.0, metavar="SPAN", help="as 10m, 2h or 1d (1d)"
    )
    changes.set_defaults(run=run_changes, parser=changes)
    for verb in (listing, logs, changes):
        verb.add_argument("--json", action="store_true", help="print JSON instead, a line each")
        verb.add_argument("--target", default="", metavar="NAME", help="only this target")
        add_place_options(verb)
        add_settings_options(verb)


def _add_acts(verbs: "argparse._SubParsersAction[Parser]") -> None:
    for name, about in (
        ("restart", "replace what runs, one unit after another where that is possible"),
        ("scale", "change the number of units"),
        ("stop", "end all units; destructive"),
        ("start", "start what is stopped"),
        ("roll-back", "go back to the revision before"),
    ):
        verb = verbs.add_parser(name, help=about, description=about, epilog=statuses_text())
        verb.add_argument("workload")
        if name == "scale":
            verb.add_argument("replicas", type=int, metavar="N")
        else:
            verb.set_defaults(replicas=None)
        if name == "start":
            verb.add_argument("--replicas", type=int, metavar="N", help="how many units")
        verb.add_argument("--target", default="", metavar="NAME", help="on this target")
        verb.add_argument(
            "--dry-run", action="store_true", help="show what would happen; nothing is changed"
        )
        verb.add_argument(
            "--insist", action="store_true", help="begin a run although one is open here"
        )
        add_answer_options(verb)
        add_walk_options(verb)
        verb.set_defaults(
            run=run_act, parser=verb, verb=name, begin_at="", reason="", rolls_back="",
            inputs=[], secrets=[],
        )  # fmt: skip


def run_list(arguments: argparse.Namespace) -> int:
    """Print what runs; return how well it is."""
    from tui.commands.service_looking import run_list

    return run_list(arguments)


def run_logs(arguments: argparse.Namespace) -> int:
    """Print the log of a workload."""
    from tui.commands.service_looking import run_logs

    return run_logs(arguments)


def run_changes(arguments: argparse.Namespace) -> int:
    """Print what changed recently, the newest last."""
    from tui.commands.service_looking import run_changes

    return run_changes(arguments)


def run_act(arguments: argparse.Namespace) -> int:
    """Walk the quick action as far as possible; return why it ended there."""
    from tui.commands.service_acting import run_act

    return run_act(arguments)
