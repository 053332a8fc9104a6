"""The journal of the sandbox: what its units wrote, and what systemd told of them."""

import re
from datetime import datetime

from procedures.sandbox.control_client import Control
from procedures.sandbox.shims import container_logs
from procedures.sandbox.shims.observed import observe
from procedures.sandbox.shims.unit_doings import Entry, doings
from procedures.sandbox.shims.units import processes_of
from procedures.sandbox.shims.usage import UnknownUsageError

_PRIORITIES = {"ERROR": 3, "WARN": 4, "INFO": 6}
_LINE = re.compile(r"(?P<time>\S+) (?P<level>\S+) (?P<rest>.*)")


def written_by(control: Control, units: list[str], since_s: float) -> list[Entry]:
    """Return what units wrote in the last seconds; 0 means all, and less a time to come."""
    seen = observe(control)
    unit_of = {
        process.name: unit for unit in units for process in processes_of(seen, control, unit)
    }
    lines = container_logs.read(control, list(unit_of), since_s=since_s) if unit_of else []
    return [_entry(line, unit_of[source]) for source, line in lines]


def told_of(control: Control, matches: list[str]) -> list[Entry]:
    """Return what process 1 told, of the units that ``UNIT=`` matches name, or of all."""
    names = {each.removeprefix("UNIT=") for each in matches if each.startswith("UNIT=")}
    others = [each for each in matches if each != "_PID=1" and not each.startswith("UNIT=")]
    if others or "_PID=1" not in matches:
        raise UnknownUsageError(f"journalctl {' '.join(matches)}")
    entries = doings(control.get("/events"), observe(control))
    return [each for each in entries if not names or each.unit in names]


def _entry(line: str, unit: str) -> Entry:
    match = _LINE.fullmatch(line)
    if match is None:
        raise UnknownUsageError(f"a log line that is not the sandbox's: {line}")
    full = f"{unit.removesuffix('.service')}.service"
    return Entry(
        at_us=round(datetime.fromisoformat(match["time"]).timestamp() * 1e6),
        unit=full,
        priority=_PRIORITIES.get(match["level"], 6),
        message=line,
        fields={"_SYSTEMD_UNIT": full},
    )
