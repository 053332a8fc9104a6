"""Targets, workloads and units as lines of one table."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from procedures.reference.states import State
from procedures.targets.seen import Seen
from procedures.targets.standing import target_state, unit_state, workload_state
from procedures.targets.values import NO_USE, Kind, Phase, Unit, Use, Workload
from widgets.marks import GLYPHS, age, duration, size
from widgets.strips import Line

_WIDE = 116
"""Cells from which on image, version and reason have columns of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitRow:
    """A row of the table as it will be written, so that equal rows need no repaint.

    Attributes:
        target: Name of the target.
        workload: Name of the workload; empty in the heading of a target.
        unit: Id of the unit; empty for the workload as a whole.
        depth: 0 for a heading or a workload, 1 for a unit below its workload.
        state: UNKNOWN also for what was seen too long ago.
    """

    target: str
    workload: str = ""
    unit: str = ""
    depth: int = 0
    state: State = State.UNKNOWN
    name: str = ""
    word: str = ""
    ready: str = ""
    restarts: str = ""
    age: str = ""
    cpu: str = ""
    memory: str = ""
    image: str = ""
    note: str = ""
    is_whole: bool = False
    """Whether its word is only the kind of a workload, and says nothing of its state."""

    @property
    def key(self) -> tuple[str, str, str]:
        """Identity across looks."""
        return self.target, self.workload, self.unit


def unit_rows(
    seen: Iterable[Seen], now: datetime, *, whole_names: bool = False
) -> tuple[UnitRow, ...]:
    """Return the rows of the table; a target has a heading if there are several.

    Args:
        seen: What is known of each target.
        now: Gives the ages.
        whole_names: Write a unit's name in full where its workload's stands above it already.
    """
    every = tuple(seen)
    rows: list[UnitRow] = []
    for each in every:
        name = each.place.name
        if len(every) > 1:
            rows.append(_heading(each))
        if each.holdings is None:
            continue
        doubtful = bool(each.doubt)
        for workload in each.holdings.workloads:
            rows += _workload_rows(name, workload, now, doubtful=doubtful)
    if whole_names:
        names = {unit.id: unit.name for unit in _units(every)}
        rows = [replace(r, name=names[r.unit]) if r.depth and r.unit else r for r in rows]
    return tuple(rows)


def _units(seen: Iterable[Seen]) -> Iterator[Unit]:
    for each in seen:
        for workload in each.holdings.workloads if each.holdings else ():
            yield from workload.units


def column_line(width: int) -> Line:
    """Draw the names of the columns."""
    row = UnitRow(
        target="", name="NAME", word="STATE", ready="READY", restarts="RST", age="AGE",
        cpu="CPU", memory="MEM", image="IMAGE", note="NOTE",
    )  # fmt: skip
    return [(text, "fill-title") for text, _ in _cells(row, width)] + [(" " * width, "fill-title")]


def unit_line(row: UnitRow, width: int, at_cursor: bool) -> Line:
    """Draw a row; what has no room at the right is left out, never squeezed."""
    if row.workload:
        cells = _cells(row, width)[1:]
    else:
        cells = [(f" {row.name}  ", "title"), (row.word, "dim")]
    line = [(" ", ""), (GLYPHS[row.state], row.state.value), *cells]
    if at_cursor:
        return [*((text, "cursor") for text, _ in line), (" " * width, "cursor")]
    return line


def _cells(row: UnitRow, width: int) -> list[tuple[str, str]]:
    wide = width >= _WIDE
    name_width = min(44, width // 3) if wide else max(16, width - 53)
    name = "  " * row.depth + row.name
    word_style = row.state.value if row.state is not State.OK else "text"
    if row.is_whole:
        word_style = "dim"
    cells = [
        ("  ", ""),
        (f" {_cut(name, name_width):<{name_width}} ", "text" if row.depth else "strong"),
        (f"{_cut(row.word, 17):<17} ", word_style),
        (f"{row.ready:>5} ", "text"),
        (f"{row.restarts:>4} ", "warning" if row.restarts.strip("0RST") else "dim"),
        (f"{row.age:>4} ", "dim"),
        (f"{row.cpu:>5} ", "text"),
        (f"{row.memory:>6}", "text"),
    ]
    if wide:
        note_style = row.state.value if row.depth and row.state is not State.OK else "text"
        cells += [(f"  {_cut(row.image, 34):<34} ", "dim"), (row.note, note_style)]
    return cells


def _heading(seen: Seen) -> UnitRow:
    place = seen.place
    state = State.UNKNOWN
    if seen.holdings is not None and not seen.doubt:
        state = target_state(seen.holdings)
    return UnitRow(
        target=place.name,
        state=state,
        name=f"{place.name} · {place.method.value}",
        word=place.where,
    )


def _workload_rows(
    target: str, workload: Workload, now: datetime, *, doubtful: bool
) -> list[UnitRow]:
    units = workload.units
    alone = workload.wanted in {None, 1} or workload.kind in {Kind.UNIT, Kind.TIMER}
    if len(units) == 1 and alone and not workload.changing:
        row = _unit_row(target, workload, units[0], now, depth=0, doubtful=doubtful)
        return [row]
    wanted = workload.wanted if workload.wanted is not None else len(units)
    use = _sum(unit.use for unit in units)
    restarts = [unit.restarts for unit in units if unit.restarts is not None]
    whole = UnitRow(
        target=target,
        workload=workload.name,
        state=State.UNKNOWN if doubtful else workload_state(workload),
        name=workload.name,
        word=workload.changing or workload.kind.value,
        ready=f"{workload.ready}/{wanted}",
        restarts=str(sum(restarts)) if restarts else "",
        cpu=_cores(use),
        memory=_memory(use),
        image=units[0].image if units else "",
        note=" · ".join(workload.notes),
        is_whole=not workload.changing,
    )
    below = [_unit_row(target, workload, unit, now, depth=1, doubtful=doubtful) for unit in units]
    return [whole, *below]


def _unit_row(
    target: str, workload: Workload, unit: Unit, now: datetime, *, depth: int, doubtful: bool
) -> UnitRow:
    down = unit.phase in {Phase.STOPPED, Phase.FAILED}
    notes = [unit.reason, *(workload.notes if not depth else ())]
    if unit.exit_code and (down or not unit.ready):
        notes.insert(0, f"exit {unit.exit_code}")
    word = unit.word
    if workload.kind is Kind.TIMER:
        word = _timer_word(unit, now)
    return UnitRow(
        target=target,
        workload=workload.name,
        unit=unit.id,
        depth=depth,
        state=State.UNKNOWN if doubtful else unit_state(unit, workload),
        name=_without(workload.name, unit.name) if depth else workload.name,
        word=word,
        ready={True: "yes", False: "no", None: ""}[unit.ready],
        restarts="" if unit.restarts is None else str(unit.restarts),
        age=age(unit.began_at, now) if unit.began_at else "",
        cpu=_cores(unit.use),
        memory=_memory(unit.use),
        image=f"{unit.image} {_short(unit.version)}".strip(),
        note=" · ".join(each for each in notes if each),
    )


def _timer_word(unit: Unit, now: datetime) -> str:
    if unit.next_run_at is None:
        return unit.word
    return f"next in {duration((unit.next_run_at - now).total_seconds())}"


def _sum(uses: Iterable[Use]) -> Use:
    """Return what several units use together; None as soon as one of them is not known."""
    every = list(uses)
    if not every:
        return NO_USE
    cores = [use.cpu_cores for use in every]
    memory = [use.memory_bytes for use in every]
    return Use(
        cpu_cores=None if None in cores else sum(each or 0.0 for each in cores),
        memory_bytes=None if None in memory else sum(each or 0.0 for each in memory),
    )


def _cores(use: Use) -> str:
    return "" if use.cpu_cores is None else f"{use.cpu_cores:.2f}"


def _memory(use: Use) -> str:
    if use.memory_bytes is None:
        return ""
    whole, point, rest = size(use.memory_bytes).partition(".")
    # Of three digits before the point nobody reads the one behind it.
    return (whole + rest[1:] if point and len(whole) > 2 else whole + point + rest).rstrip("iB")


def _without(workload: str, name: str) -> str:
    """Return a unit's name without that of its workload, which stands above it."""
    _, found, rest = name.partition(workload)
    return f"…{rest}" if found and rest else name


def _short(version: str) -> str:
    return version.removeprefix("sha256:")[:12]


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1] + "…"
