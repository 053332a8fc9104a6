"""journalctl, for the units of the sandbox."""

import json
import re
from datetime import UTC, datetime

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims import container_logs
from procedures.sandbox.shims.observed import observe
from procedures.sandbox.shims.spans import seconds_ago
from procedures.sandbox.shims.units import processes_of
from procedures.sandbox.shims.usage import Parser, UnknownUsageError, say

_PRIORITIES = {"ERROR": 3, "WARN": 4, "INFO": 6}
_NAMES = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
_LINE = re.compile(r"(?P<time>\S+) (?P<level>\S+) (?P<rest>.*)")
_HOST = "sandbox"


def run(control: Control, argv: list[str]) -> int:
    """Print the log lines of units; the kernel has nothing to say here."""
    parser = Parser("journalctl")
    parser.add_argument("-u", "--unit", action="append", default=[])
    parser.add_argument("-S", "--since", type=seconds_ago, default=0.0)
    parser.add_argument("-U", "--until", type=seconds_ago)
    parser.add_argument("-n", "--lines", type=int)
    parser.add_argument("-p", "--priority", default="debug")
    parser.add_argument("-g", "--grep")
    parser.add_argument("-b", "--boot", nargs="?", const="0")
    parser.add_argument(
        "-o", "--output", choices=("short", "short-iso", "json", "cat"), default="short"
    )
    for flags in (
        *(("-k", "--dmesg"), ("--no-pager",), ("-q", "--quiet"), ("-r", "--reverse")),
        *(("-x", "--catalog"), ("-e", "--pager-end"), ("--disk-usage",), ("--utc",)),
        ("--no-hostname",),
    ):
        parser.add_argument(*flags, action="store_true")
    options = parser.parse_args(argv)
    if options.disk_usage:
        say("Archived and active journals take up 48.0M in the file system.")
        return 0
    if not options.unit and not options.dmesg:
        raise UnknownUsageError("journalctl without a unit")
    lines = _lines(control, options.unit, options.since, options.until)
    worst = _worst(options.priority)
    shown = [
        (unit, line)
        for unit, line in lines
        if _priority(line) <= worst and (not options.grep or re.search(options.grep, line))
    ]
    if options.lines is not None:
        shown = shown[-options.lines :] if options.lines else []
    if options.reverse:
        shown.reverse()
    if not shown and not options.quiet and options.output.startswith("short"):
        say("-- No entries --")
    for unit, line in shown:
        say(_rendered(line, unit, options.output))
    return 0


def _lines(
    control: Control, units: list[str], since_s: float, until_s: float | None
) -> list[tuple[str, str]]:
    seen = observe(control)
    unit_of = {
        process.name: unit for unit in units for process in processes_of(seen, control, unit)
    }
    lines = container_logs.read(control, list(unit_of), since_s=since_s) if unit_of else []
    last = seen.now - (until_s or 0.0)
    return [
        (unit_of[source], line)
        for source, line in lines
        if until_s is None or datetime.fromisoformat(line.split()[0]).timestamp() <= last
    ]


def _worst(text: str) -> int:
    text = text.rpartition("..")[2]
    if text.isdecimal():
        return int(text)
    if text not in _NAMES:
        raise UnknownUsageError(f"-p {text}")
    return _NAMES.index(text)


def _priority(line: str) -> int:
    return _PRIORITIES.get(_parts(line)["level"], 6)


def _parts(line: str) -> re.Match[str]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise UnknownUsageError(f"a log line that is not the sandbox's: {line}")
    return match


def _rendered(line: str, unit: str, output: str) -> str:
    if output == "cat":
        return line
    parts = _parts(line)
    at = datetime.fromisoformat(parts["time"])
    if output == "json":
        fields = {
            "__REALTIME_TIMESTAMP": str(int(at.timestamp() * 1e6)),
            "PRIORITY": str(_priority(line)),
            "_HOSTNAME": _HOST,
            "_SYSTEMD_UNIT": f"{unit.removesuffix('.service')}.service",
            "MESSAGE": line,
        }
        return json.dumps(fields)
    time = parts["time"] if output == "short-iso" else f"{at.astimezone(UTC):%b %d %H:%M:%S}"
    return f"{time} {_HOST} {unit.removesuffix('.service')}: {line}"
