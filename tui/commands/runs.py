"""``quarterdeck runs``: the runs of the record; looked at, gone on with, undone, ended."""

import argparse

from tui.commands.answers import add_answer_options
from tui.commands.arguments import Parser, add_settings_options
from tui.commands.inputs import add_input_options
from tui.commands.places import add_sandbox_option
from tui.commands.run import add_walk_options
from tui.commands.runs_verbs import (
    run_abort,
    run_cancel,
    run_list,
    run_resume,
    run_show,
    run_undo,
)
from tui.commands.statuses import statuses_text

LIMIT = 50
"""Runs that are listed unless the operator wants more."""

_EPILOG = """\
A run is one walk of one procedure. It stays open until it is completed, undone or aborted, whatever
becomes of the console that walked it.

examples:
  quarterdeck runs list                          what is open, in every environment
  quarterdeck runs show RUN                      its steps, and which of its effects stand
  quarterdeck runs resume RUN --retry STEP       go on where it stopped
  quarterdeck runs undo RUN --reason 'no gain'   take back what it did, the last first
  quarterdeck runs abort RUN --reason 'obsolete'
"""
_LOOK_STATUSES = """\
exit status:
  0  it is told
  2  there is no such run, or no ledger that can be read
"""
_END_STATUSES = """\
exit status:
  0  it is recorded
  2  it cannot be done, or the ledger cannot be written
"""


def add_parser(commands: "argparse._SubParsersAction[Parser]") -> None:
    """Add the command and its verbs to the program."""
    parser = commands.add_parser(
        "runs",
        help="list, show, resume, undo or abort runs",
        description="Look at the runs of the record, and go on with them.",
        epilog=_EPILOG,
    )
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", required=True)
    _add_looks(verbs)
    _add_walks(verbs)
    _add_ends(verbs)


def _add_looks(verbs: "argparse._SubParsersAction[Parser]") -> None:
    listing = verbs.add_parser(
        "list",
        help="list open runs, or all",
        description="List open runs, the last begun first.",
        epilog=_LOOK_STATUSES,
    )
    listing.add_argument("--all", action="store_true", help="also those that have ended")
    listing.add_argument(
        "--limit", type=int, default=LIMIT, metavar="N", help="at most (default: %(default)s)"
    )
    listing.set_defaults(run=run_list, parser=listing)
    show = verbs.add_parser(
        "show",
        help="show one with its steps and effects",
        description="Show everything that is known of one run.",
        epilog=_LOOK_STATUSES,
    )
    show.add_argument("run_id", metavar="RUN")
    show.set_defaults(run=run_show, parser=show)
    for verb in (listing, show):
        add_sandbox_option(verb)
        verb.add_argument("--json", action="store_true", help="print one JSON object instead")
        add_settings_options(verb)


def _add_walks(verbs: "argparse._SubParsersAction[Parser]") -> None:
    resume = verbs.add_parser(
        "resume",
        help="go on with one",
        description="Go on with a run, as `quarterdeck run` does.",
        epilog=statuses_text(),
    )
    undo = verbs.add_parser(
        "undo",
        help="take back what one did",
        description="Run the undo commands of a run, the last step first; each is recorded as a "
        "step of its own. The same command goes on with a way back that has stopped.",
        epilog=statuses_text(),
    )
    for verb, run in ((resume, run_resume), (undo, run_undo)):
        verb.add_argument("run_id", metavar="RUN")
        add_input_options(verb)
        add_answer_options(verb)
        add_walk_options(verb)
        verb.set_defaults(run=run, parser=verb)
    undo.add_argument("--reason", required=True, metavar="TEXT", help="why; it is recorded")
    undo.add_argument(
        "--only",
        action="append",
        default=[],
        metavar="STEP",
        help="undo this step only; may be repeated",
    )
    undo.add_argument(
        "--then-again",
        action="store_true",
        help="afterwards do what was undone once more, instead of ending the run",
    )


def _add_ends(verbs: "argparse._SubParsersAction[Parser]") -> None:
    abort = verbs.add_parser(
        "abort",
        help="end one; what it did stands",
        description="End a run before its last step, also one whose document is gone. What it did "
        "stands; it can still be undone.",
        epilog=_END_STATUSES,
    )
    abort.add_argument("--reason", required=True, metavar="TEXT", help="why; it is recorded")
    abort.add_argument(
        "--take-over", metavar="REASON", default="", help="end a run that somebody else drives"
    )
    cancel = verbs.add_parser(
        "cancel",
        help="stop the command that runs",
        description="Stop the commands of a run: INT, then TERM, then KILL. The run stays open.",
        epilog=_END_STATUSES,
    )
    for verb, run in ((abort, run_abort), (cancel, run_cancel)):
        add_sandbox_option(verb)
        verb.add_argument("run_id", metavar="RUN")
        add_settings_options(verb)
        verb.set_defaults(run=run, parser=verb)
