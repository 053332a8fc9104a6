"""What systemd would have told its journal about the units of the sandbox."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from procedures.sandbox.shims.observed import Observed
from procedures.sandbox.shims.units import APP, unit_of_process

_STARTED = "39f53479d3a045ac8e11786248231fbf"
_STOPPED = "9d1aaa27d60140bd96365438aad20286"
_PROCESS_EXITED = "98e322203f7a4ed290d09fe03c09fe15"
_UNIT_FAILED = "d9b373ed55a64feb8242e02dbe79a49c"
_UP_BEFORE = frozenset({"Killing", "Stopped", "BackOff", "Unhealthy"})
_EXIT = {"COMMAND": "ExecStart", "EXIT_CODE": "dumped", "EXIT_STATUS": "6"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the journal.

    Attributes:
        at_us: Microseconds since 1970.
        unit: Whom it is about, with its suffix.
        fields: What else it has beside these.
    """

    at_us: int
    unit: str
    priority: int
    message: str
    fields: Mapping[str, str] = field(default_factory=dict)


def doings(happenings: Iterable[Mapping[str, Any]], seen: Observed) -> list[Entry]:
    """Return the entries of process 1, the oldest first.

    Replicas are workers of one unit: it starts with the first of them and ends with the last.
    """
    told = [each for each in happenings if unit_of_process(each["about"])]
    up = _up_at_first(told, seen)
    found = []
    for each in told:
        name, reason = each["about"], each["reason"]
        unit = f"{unit_of_process(name)}.service"
        workers = up.setdefault(unit, set())
        if reason == "Ready":
            if not workers:
                found.append(_job(each, unit, "start", _STARTED, "Started"))
            workers.add(name)
        elif reason in {"Stopped", "BackOff"} and name in workers:
            workers.discard(name)
            if reason == "BackOff":
                found += _exit(each, unit, was_last=not workers)
            elif not workers:
                found.append(_job(each, unit, "stop", _STOPPED, "Stopped"))
    return found


def _up_at_first(told: list[Mapping[str, Any]], seen: Observed) -> dict[str, set[str]]:
    """Return the processes of each unit that were up before anything was told."""
    first: dict[str, str] = {}
    for each in told:
        first.setdefault(each["about"], each["reason"])
    up: dict[str, set[str]] = {}
    for process in (*seen.replicas, *seen.dependencies):
        unit = unit_of_process(process.name)
        if unit and (
            first[process.name] in _UP_BEFORE if process.name in first else process.running
        ):
            up.setdefault(f"{unit}.service", set()).add(process.name)
    return up


def _job(happening: Mapping[str, Any], unit: str, job: str, identity: str, word: str) -> Entry:
    fields = {"MESSAGE_ID": identity, "JOB_TYPE": job, "JOB_RESULT": "done"}
    return _entry(happening, unit, 6, f"{word} {unit}.", fields)


def _exit(happening: Mapping[str, Any], unit: str, *, was_last: bool) -> list[Entry]:
    worker = happening["about"].removeprefix(APP).lstrip("-")
    what = "Main process" if was_last else f"Worker process {worker}"
    text = f"{unit}: {what} exited, code=dumped, status=6/ABRT"
    found = [_entry(happening, unit, 5, text, {"MESSAGE_ID": _PROCESS_EXITED, **_EXIT})]
    if was_last:
        fields = {"MESSAGE_ID": _UNIT_FAILED, "UNIT_RESULT": "core-dump"}
        text = f"{unit}: Failed with result 'core-dump'."
        found.append(_entry(happening, unit, 4, text, fields))
    return found


def _entry(
    happening: Mapping[str, Any], unit: str, priority: int, message: str, fields: dict[str, str]
) -> Entry:
    return Entry(
        at_us=round(happening["at"] * 1e6),
        unit=unit,
        priority=priority,
        message=message,
        fields={"_PID": "1", "UNIT": unit, **fields},
    )
