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
    """Print the log lines of a unit."""
    parser = Parser("journalctl")
    parser.add_argument("-u", "--unit", required=True)
    parser.add_argument("-S", "--since", type=seconds_ago, default=0.0)
    parser.add_argument("-n", "--lines", type=int)
    parser.add_argument("-p", "--priority", choices=_NAMES, default="debug")
    parser.add_argument("-o", "--output", choices=("short", "json", "cat"), default="short")
    parser.add_argument("--no-pager", action="store_true")
    parser.add_argument("-q", "--quiet", action="store_true")
    options = parser.parse_args(argv)
    sources = [process.name for process in processes_of(observe(control), options.unit)]
    worst = _NAMES.index(options.priority)
    lines = [
        line
        for _, line in container_logs.read(control, sources, since_s=options.since)
        if _priority(line) <= worst
    ]
    if options.lines is not None:
        lines = lines[-options.lines :] if options.lines else []
    if not lines and not options.quiet and options.output == "short":
        say("-- No entries --")
    for line in lines:
        say(_rendered(line, options.unit, options.output))
    return 0


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
    return f"{at.astimezone(UTC):%b %d %H:%M:%S} {_HOST} {unit.removesuffix('.service')}: {line}"
