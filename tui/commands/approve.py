"""``quarterdeck approve``: a second person's word, from their own account."""

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from tui.commands.arguments import Parser, UsageError, add_settings_options
from tui.commands.places import add_sandbox_option

if TYPE_CHECKING:
    from datetime import datetime

    from procedures.execution.record.approvals import Request
    from procedures.ledger.event import Ledger

_EPILOG = """\
Without RUN the open requests are listed. With RUN it is shown exactly what would run, and a typed
yes approves it. Whoever asked cannot approve; who may is said by the policy. An approval is bound
to the command, its inputs and its environment, and expires.

exit status:
  0  recorded, or listed
  1  not approved: anything else than yes was typed
  2  nothing waits there, it is not yours to give, it has expired, or there is no ledger

examples:
  quarterdeck approve                             what waits for a second person?
  quarterdeck approve RUN                         look at it, then type yes
  quarterdeck approve RUN --refuse 'not before 22:00'
  quarterdeck approve RUN --yes                   where nobody can type
"""
YES = "yes"
NOT_APPROVED = 1


def add_parser(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command to the program."""
    parser = commands.add_parser(
        "approve",
        help="approve or refuse what another operator asks for",
        description="Give a second person's word on a step that another operator wants to run.",
        epilog=_EPILOG,
    )
    parser.add_argument("run_id", nargs="?", default="", metavar="RUN")
    words = parser.add_mutually_exclusive_group()
    words.add_argument("--yes", action="store_true", help="approve without being asked")
    words.add_argument("--refuse", default="", metavar="REASON", help="refuse, and say why")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead")
    add_sandbox_option(parser)
    add_settings_options(parser)
    parser.set_defaults(run=run, parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """List what waits, or decide on one request."""
    if arguments.run_id:
        return _decide(arguments)
    if arguments.yes or arguments.refuse:
        raise UsageError(
            "it is not said what to decide on",
            fix="Name the run; `quarterdeck approve` lists them",
            status=arguments.failure_status,
        )
    return _list(arguments)


def _list(arguments: argparse.Namespace) -> int:
    from procedures.clock import SystemClock
    from procedures.execution.record.approvals import open_requests
    from procedures.execution.record.run_list import places
    from tui.commands.record import reading

    now = SystemClock().now()
    asked = getattr(arguments, "environment", "")
    with reading(arguments) as ledger:
        here = [asked] if asked else sorted(places(ledger))
        requests = [each for place in here for each in open_requests(ledger, place, now)]
    if arguments.json:
        print(json.dumps({"requests": [_plain(each) for each in requests]}, indent=2))
    else:
        for each in requests:
            print(_row(each, now))
    return 0


def _decide(arguments: argparse.Namespace) -> int:
    from procedures.execution.policy.identity import operator_here
    from procedures.execution.policy.policy_file import load_policy
    from procedures.execution.record import approvals
    from tui.commands.chosen import chosen_policy
    from tui.commands.record import record_of

    policy = load_policy(chosen_policy(arguments))
    record = record_of(arguments)
    try:
        request = _request(record.ledger, arguments.run_id)
        if not arguments.json:
            print(_text(request))
        granted = not arguments.refuse
        if granted and not arguments.yes and not _typed_yes(arguments):
            print("Not approved; nothing is recorded.")
            return NOT_APPROVED
        approvals.decide(
            request,
            granted=granted,
            reason=arguments.refuse,
            operator=operator_here(),
            policy=policy,
            ledger=record.ledger,
            clock=record.clock,
        )
    finally:
        record.close()
    word = "approved" if granted else "refused"
    print(json.dumps({**_plain(request), "decision": word}, indent=2) if arguments.json else word)
    return 0


def _request(ledger: "Ledger", run_id: str) -> "Request":
    from procedures.errors import RunError
    from procedures.execution.record.approvals import request_of
    from tui.commands.runs_verbs import find_run

    run = find_run(ledger, run_id)
    request = request_of(ledger.events(subject=run.id))
    if request is None or not run.is_open:
        raise RunError(
            f"run {run.id} waits for no second person",
            fix="List what does: `quarterdeck approve`",
        )
    return request


def _typed_yes(arguments: argparse.Namespace) -> bool:
    if arguments.json or not sys.stdin.isatty():
        raise UsageError(
            "there is no terminal to type yes on",
            fix="Say --yes or --refuse REASON",
            status=arguments.failure_status,
        )
    return input(f"Type {YES} to approve exactly this: ").strip() == YES


def _row(request: "Request", now: "datetime") -> str:
    from procedures.execution.cleaning import clean_line

    approval = request.approval
    left_s = (approval.expires_at - now).total_seconds()
    left = f"{left_s // 60:.0f} min" if left_s >= 60 else f"{left_s:.0f} s"
    return clean_line(
        f"{request.run.id}  {request.run.environment}  {request.step_id} ({request.level.value}), "
        f"asked by {approval.asked_by}, {left} left",
        limit=400,
    )


def _text(request: "Request") -> str:
    from procedures.execution.cleaning import Cleaner, clean_line

    approval, run_ = request.approval, request.run
    cleaner = Cleaner()
    script = (cleaner.feed_text(request.script) + cleaner.close()).rstrip("\n")
    facts = [
        ("run", f"{run_.id}: {run_.title}"),
        ("step", f"{request.step_id}: {request.title}"),
        ("where", f"{run_.environment} ({run_.method.value})"),
        ("level", request.level.value),
        ("asked by", f"{approval.asked_by}, {approval.asked_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("expires", f"{approval.expires_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("bound to", approval.binding),
        *(("with", f"{name}={value}") for name, value in request.variables.items()),
        *([("affects", request.affects)] if request.affects else []),
    ]
    lines = [f"{name:<9} {clean_line(text, limit=1000)}" for name, text in facts]
    return "\n".join([*lines, "command", *(f"  | {line}" for line in script.split("\n"))])


def _plain(request: "Request") -> dict[str, Any]:
    approval, run_ = request.approval, request.run
    return {
        "run": run_.id,
        "procedure": run_.procedure_id,
        "environment": run_.environment,
        "step": request.step_id,
        "title": request.title,
        "level": request.level.value,
        "script": request.script,
        "variables": dict(request.variables),
        "affects": request.affects,
        "inputs": dict(run_.inputs),
        "binding": approval.binding,
        "asked_by": approval.asked_by,
        "asked_at": approval.asked_at.isoformat(),
        "expires_at": approval.expires_at.isoformat(),
    }
