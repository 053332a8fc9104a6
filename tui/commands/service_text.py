"""What runs and what changed, as lines of text and as plain values for JSON."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from typing import Any

from procedures.execution.cleaning import clean_line
from procedures.targets.changes import Change
from procedures.targets.seen import Seen
from procedures.targets.standing import unit_state, workload_state
from widgets.unit_line import UnitRow, unit_rows

_HEADS = UnitRow(
    target="", name="NAME", word="STATE", ready="READY", restarts="RESTARTS", age="AGE", cpu="CPU",
    memory="MEMORY", image="IMAGE", note="NOTE",
)  # fmt: skip


def seen_text(seen: Iterable[Seen], now: datetime) -> Iterator[str]:
    """Yield a table for each target, under a line that says where it is."""
    for number, each in enumerate(seen):
        if number:
            yield ""
        place = each.place
        yield clean_line(f"{place.name}: {place.method.value}, {place.where}")
        if each.holdings is None:
            yield f"  not known: {clean_line(each.doubt)}"
            continue
        rows = unit_rows([each], now, whole_names=True)
        yield from _table(rows)
        for part in each.holdings.missing:
            yield clean_line(f"  not known: {part.part}: {part.fault}")


def _table(rows: Iterable[UnitRow]) -> Iterator[str]:
    cells = [_cells(_HEADS, "STATUS")]
    cells += [_cells(row, row.state.value) for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        padded = (text.ljust(width) for text, width in zip(line, widths, strict=True))
        yield "  " + "  ".join(padded).rstrip()


def _cells(row: UnitRow, status: str) -> list[str]:
    name = "  " * row.depth + row.name
    told = (name, status, row.word, row.ready, row.restarts, row.age, row.cpu, row.memory)
    return [clean_line(text) for text in (*told, row.image, row.note)]


def seen_plain(seen: Seen) -> dict[str, Any]:
    """Return what is known of a target as JSON can say it."""
    place = seen.place
    told: dict[str, Any] = {
        "target": place.name,
        "method": place.method.value,
        "where": place.where,
        "fault": seen.doubt,
    }
    if seen.holdings is None:
        return told
    workloads = []
    for workload in seen.holdings.workloads:
        units = [
            {**_plain(asdict(unit)), "state": unit_state(unit, workload).value}
            for unit in workload.units
        ]
        whole = {**_plain(asdict(workload)), "state": workload_state(workload).value}
        workloads.append({**whole, "units": units})
    missing = [asdict(each) for each in seen.holdings.missing]
    return {**told, "workloads": workloads, "missing": missing}


def change_text(change: Change) -> str:
    """Return one line on a change."""
    times = f" ({change.times} times)" if change.times > 1 else ""
    what = f"{change.kind.value}: {change.subject}: {change.text}{times}"
    return clean_line(f"{change.at:%Y-%m-%dT%H:%M:%SZ} {change.state.value:<8} {what}")


def change_plain(change: Change) -> dict[str, Any]:
    """Return a change as JSON can say it."""
    return _plain(asdict(change))


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: _value(value) for name, value in values.items()}


def _value(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, dict):
        return _plain(value)
    return list(value) if isinstance(value, tuple) else value
