"""What is shown of each source: its answer, or UNKNOWN with the reason once it is too old."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from procedures.reference.states import State
from procedures.signals.health_report import NO_ANSWER
from procedures.signals.poller import Held
from procedures.signals.readings import doubted
from procedures.signals.source import Indications
from procedures.signals.values import Backups, Disk, Health, Reading

Kept = TypeVar("Kept")
Name = TypeVar("Name")

NOT_CONFIGURED = "not configured"


def kept(old: Kept, new: Kept) -> Kept:
    """Return ``old`` if both are equal, so that whoever shows it sees that nothing changed."""
    return old if old == new else new


def kept_each(old: Mapping[Name, Kept], new: Mapping[Name, Kept]) -> Mapping[Name, Kept]:
    """Return ``new`` with the unchanged values of ``old``, or ``old`` itself if all are."""
    merged = {name: kept(old.get(name, value), value) for name, value in new.items()}
    same = len(old) == len(merged) and all(old.get(n) is value for n, value in merged.items())
    return old if same else merged


def shown_readings(
    held: Held[Indications] | None, indicators: Iterable[str], now: datetime
) -> Mapping[str, Reading]:
    """Return one reading for every indicator."""
    doubt = held.doubt(now) if held else NOT_CONFIGURED
    if held and held.part:
        readings = held.part.readings
        return {n: doubted(r, doubt) for n, r in readings.items()} if doubt else readings
    return {name: Reading(indicator=name, state=State.UNKNOWN, fault=doubt) for name in indicators}


def shown_health(held: Held[Health] | None, now: datetime) -> Health:
    """Return the health report; once it is too old, all that it said is the past."""
    doubt = held.doubt(now) if held else NOT_CONFIGURED
    if held is None or held.part is None:
        return Health(state=State.UNKNOWN, word=NO_ANSWER, fault=doubt)
    if not doubt:
        return held.part
    past = tuple(
        replace(each, state=State.UNKNOWN, word=f"was {each.word}") for each in held.part.components
    )
    word = f"was {held.part.word}"
    return replace(held.part, state=State.UNKNOWN, word=word, components=past, fault=doubt)


def shown_backups(held: Held[Backups] | None, now: datetime) -> Backups:
    """Return what is known of the backups."""
    doubt = held.doubt(now) if held else NOT_CONFIGURED
    part = held.part if held and held.part else Backups(state=State.UNKNOWN)
    if not doubt:
        return part
    # What could be brought back is not known any more; how old it is at least still is.
    return replace(
        part, state=State.UNKNOWN, fault=doubt, partly=False, schedules=(), recovery=None
    )


def shown_disk(held: Held[Disk] | None, now: datetime) -> Disk:
    """Return the fill level."""
    doubt = held.doubt(now) if held else NOT_CONFIGURED
    part = held.part if held and held.part else Disk(state=State.UNKNOWN)
    return replace(part, state=State.UNKNOWN, fault=doubt) if doubt else part
