"""What systemd tells of its units in the journal, as changes; pure.

Source: ``sd-messages.h``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from procedures.reference.states import State
from procedures.targets.changes import Change, ChangeKind
from procedures.targets.systemd.entries import Entry, message, microseconds
from procedures.targets.systemd.names import shown_name

_STARTED = "39f53479d3a045ac8e11786248231fbf"
_STOPPED = "9d1aaa27d60140bd96365438aad20286"
_NOT_STARTED = "be02cf6855d2428ba40df7e9d022f03d"
_PROCESS_EXITED = "98e322203f7a4ed290d09fe03c09fe15"
_UNIT_FAILED = "d9b373ed55a64feb8242e02dbe79a49c"
_AUTO_RESTART = "5eb03494b6584870a536b337290809b3"
_OUT_OF_MEMORY = "fe6faa94e7774663a0da52717891d8ef"
_RELOADED = "7b05ebc668384222baa8881179cfda54"
_TOLD_BY_ITS_PROCESS = frozenset({"exit-code", "signal", "core-dump", "oom-kill"})
"""Results of which another message has told already, and told more."""
_MOST_ALIKE = 5
"""More alike changes of one unit become one, for a job of every minute would hide all others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sort:
    kind: ChangeKind
    state: State = State.OK


_SORTS = {
    _STARTED: _Sort(kind=ChangeKind.STARTED),
    _STOPPED: _Sort(kind=ChangeKind.STOPPED),
    _RELOADED: _Sort(kind=ChangeKind.CONFIGURATION),
    _AUTO_RESTART: _Sort(kind=ChangeKind.RESTART, state=State.WARNING),
    _NOT_STARTED: _Sort(kind=ChangeKind.FAILED, state=State.CRITICAL),
    _PROCESS_EXITED: _Sort(kind=ChangeKind.FAILED, state=State.CRITICAL),
    _UNIT_FAILED: _Sort(kind=ChangeKind.FAILED, state=State.CRITICAL),
    _OUT_OF_MEMORY: _Sort(kind=ChangeKind.OUT_OF_MEMORY, state=State.CRITICAL),
}


def change_of(entry: Entry, source: str) -> Change | None:
    """Return the change that an entry of systemd tells; None for what is of no interest."""
    unit, at = entry.get("UNIT"), microseconds(entry)
    sort = _sort(entry)
    if sort is None or at is None or not isinstance(unit, str):
        return None
    text = " ".join(message(entry).removeprefix(f"{unit}: ").split())
    return Change(
        at=datetime.fromtimestamp(at // 1_000_000, UTC).replace(microsecond=at % 1_000_000),
        kind=sort.kind,
        subject=shown_name(unit),
        text=text,
        state=sort.state,
        source=source,
    )


def folded(changes: Iterable[Change]) -> list[Change]:
    """Return changes, the oldest first, with many alike told once."""
    groups: dict[tuple[str, ChangeKind, str], list[Change]] = {}
    for each in changes:
        groups.setdefault((each.subject, each.kind, _without_counter(each)), []).append(each)
    found: list[Change] = []
    for group in groups.values():
        group.sort(key=lambda each: each.at)
        found.extend(group if len(group) <= _MOST_ALIKE else [_one(group)])
    return sorted(found, key=lambda each: each.at)


def _one(group: list[Change]) -> Change:
    last = group[-1]
    return Change(
        at=last.at,
        kind=last.kind,
        subject=last.subject,
        text=last.text,
        state=last.state,
        times=len(group),
        since=group[0].at,
        source=last.source,
    )


def _without_counter(change: Change) -> str:
    """Return the text without the number of the restart, which differs each time."""
    return change.text.rstrip("0123456789.")


def _sort(entry: Entry) -> _Sort | None:
    identity = entry.get("MESSAGE_ID")
    if not isinstance(identity, str) or _is_told_elsewhere(identity, entry):
        return None
    return _SORTS.get(identity)


def _is_told_elsewhere(identity: str, entry: Entry) -> bool:
    """Tell whether another message says the same, or nothing happened after all."""
    if identity == _STOPPED:  # as a part of a restart it is followed by a start
        return entry.get("JOB_TYPE") == "restart"
    if identity == _PROCESS_EXITED:
        return entry.get("EXIT_CODE") == "exited" and entry.get("EXIT_STATUS") == "0"
    if identity == _UNIT_FAILED:
        return entry.get("UNIT_RESULT") in _TOLD_BY_ITS_PROCESS
    return identity == _STARTED and "skipped because" in message(entry)
