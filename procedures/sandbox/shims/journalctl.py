"""journalctl, for the units of the sandbox."""

import argparse
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims.journal_entries import told_of, written_by
from procedures.sandbox.shims.spans import seconds_ago
from procedures.sandbox.shims.unit_doings import Entry
from procedures.sandbox.shims.usage import Parser, UnknownUsageError, say

_NAMES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
_HOST = "sandbox"
_FOLLOW_S = 0.1
_TAIL_OF_FOLLOWING = 10
_LATE_S = 3.0
"""How much later than it says a line may be written."""


def run(control: Control, argv: list[str]) -> int:
    """Print the log lines of units; the kernel has nothing to say here."""
    options = _parser().parse_args(argv)
    if options.disk_usage:
        say("Archived and active journals take up 48.0M in the file system.")
        return 0
    if not options.unit and not options.dmesg and not options.matches:
        raise UnknownUsageError("journalctl without a unit")
    ask = _question(control, options)
    first_us = _ago_us(options.since) if options.since else 0
    found = ask(first_us)
    shown = found if options.lines is None else found[max(0, len(found) - options.lines) :]
    if options.reverse:
        shown = shown[::-1]
    if not shown and not options.quiet and options.output.startswith("short"):
        say("-- No entries --")
    for entry in shown:
        say(_rendered(entry, options))
    return _follow(ask, options, first_us, found) if options.follow else 0


def _parser() -> Parser:
    parser = Parser("journalctl")
    parser.add_argument("matches", nargs="*")
    parser.add_argument("-u", "--unit", action="append", default=[])
    parser.add_argument("-S", "--since", type=seconds_ago, default=0.0)
    parser.add_argument("-U", "--until", type=seconds_ago)
    parser.add_argument("-n", "--lines", type=int)
    parser.add_argument("-p", "--priority", default="debug")
    parser.add_argument("-g", "--grep")
    parser.add_argument("-b", "--boot", nargs="?", const="0")
    parser.add_argument("--output-fields", default="")
    parser.add_argument(
        "-o", "--output", choices=("short", "short-iso", "json", "cat"), default="short"
    )
    for flags in (
        *(("-k", "--dmesg"), ("--no-pager",), ("-q", "--quiet"), ("-r", "--reverse")),
        *(("-x", "--catalog"), ("-e", "--pager-end"), ("--disk-usage",), ("--utc",)),
        *(("--no-hostname",), ("-f", "--follow"), ("--no-tail",), ("-a", "--all")),
    ):
        parser.add_argument(*flags, action="store_true")
    return parser


def _question(control: Control, options: argparse.Namespace) -> Callable[[int], list[Entry]]:
    """Return what asks for all entries, from a moment on, that the options let through."""
    if options.follow and options.lines is None and not options.no_tail:
        options.lines = _TAIL_OF_FOLLOWING
    worst = _worst(options.priority)
    until_us = None if options.until is None else _ago_us(options.until)

    def ask(first_us: int) -> list[Entry]:
        if options.matches:
            found = told_of(control, options.matches)
        else:
            found = written_by(control, options.unit, (_ago_us(0) - first_us) / 1e6)
        return [
            each
            for each in found
            if each.at_us >= first_us
            and (until_us is None or each.at_us <= until_us)
            and each.priority <= worst
            and (not options.grep or re.search(options.grep, each.message))
        ]

    return ask


def _follow(
    ask: Callable[[int], list[Entry]],
    options: argparse.Namespace,
    first_us: int,
    found: list[Entry],
) -> int:
    """Print what comes from now on, until it is ended."""
    while True:
        time.sleep(_FOLLOW_S)  # noqa: TID251 - a program of its own, without an event loop
        seen = {(each.at_us, each.message) for each in found}
        found = ask(max(first_us, _ago_us(_LATE_S)))
        for entry in found:
            if (entry.at_us, entry.message) not in seen:
                say(_rendered(entry, options))


def _ago_us(span_s: float) -> int:
    return round((time.time() - span_s) * 1e6)


def _worst(text: str) -> int:
    text = text.rpartition("..")[2]
    if text.isdecimal():
        return int(text)
    if text not in _NAMES:
        raise UnknownUsageError(f"-p {text}")
    return _NAMES.index(text)


def _rendered(entry: Entry, options: argparse.Namespace) -> str:
    if options.output == "cat":
        return entry.message
    if options.output == "json":
        own = {
            "PRIORITY": str(entry.priority),
            "_HOSTNAME": _HOST,
            **entry.fields,
            "MESSAGE": entry.message,
        }
        wanted = options.output_fields.split(",") if options.output_fields else own
        fields = {name: value for name, value in own.items() if name in wanted}
        return json.dumps({"__REALTIME_TIMESTAMP": str(entry.at_us), **fields})
    at = datetime.fromtimestamp(entry.at_us / 1e6, UTC)
    iso = at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    moment = iso if options.output == "short-iso" else f"{at:%b %d %H:%M:%S}"
    teller = "systemd[1]" if "_PID" in entry.fields else entry.unit.removesuffix(".service")
    return f"{moment} {_HOST} {teller}: {entry.message}"
