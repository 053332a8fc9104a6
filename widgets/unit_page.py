"""All that is known of a workload or a unit, as lines of a page."""

from collections.abc import Iterable
from datetime import datetime

from procedures.execution.cleaning import clean_line
from procedures.targets.standing import unit_state, workload_state
from procedures.targets.values import Missing, Place, Unit, Workload
from widgets.marks import GLYPHS, age, size
from widgets.strips import Line


def target_page(place: Place, fault: str, missing: Iterable[Missing]) -> list[Line]:
    """Return where a target is, and what of it is not known."""
    lines = [_title("Where"), _fact("target", place.name), _fact("method", place.method.value)]
    lines.append(_fact("at", place.where))
    if fault:
        lines.append(_fact("trouble", fault, "unknown"))
    lines += [_fact("not known", f"{each.part}: {each.fault}", "unknown") for each in missing]
    return lines


def workload_page(workload: Workload, now: datetime) -> list[Line]:
    """Return everything that is known of a workload, without its units."""
    state = workload_state(workload)
    lines: list[Line] = [
        [
            (f" {GLYPHS[state]} ", state.value),
            (clean_line(workload.name), "strong"),
            (f"  {workload.kind.value}", "dim"),
        ],
        _fact("ready", f"{workload.ready} of {_or(workload.wanted, len(workload.units))}"),
    ]
    if workload.updated is not None:
        lines.append(_fact("up to date", str(workload.updated)))
    if workload.revision:
        lines.append(_fact("revision", workload.revision))
    if workload.changing:
        lines.append(_fact("changing", workload.changing, "warning"))
    lines += [_fact("note", note) for note in workload.notes]
    return lines


def unit_page(unit: Unit, workload: Workload, now: datetime) -> list[Line]:
    """Return everything that is known of a unit."""
    state = unit_state(unit, workload)
    lines: list[Line] = [
        [
            (f" {GLYPHS[state]} ", state.value),
            (clean_line(unit.name), "strong"),
            (f"  {clean_line(unit.word)}", state.value),
        ]
    ]
    if unit.reason:
        lines.append(_fact("reason", unit.reason, state.value))
    ready = {True: "yes", False: "no", None: "nothing checks that"}[unit.ready]
    lines += [_fact("ready", ready), _fact("restarts", _or(unit.restarts, "not counted"))]
    since = "up since" if unit.serves else "so since"
    lines.append(_fact(since, _at(unit.began_at, now)))
    if unit.exit_code is not None:
        memory = ", for want of memory" if unit.out_of_memory else ""
        lines.append(_fact("last exit", f"status {unit.exit_code}{memory}"))
    if unit.last_run_at or unit.next_run_at:
        lines.append(_fact("last run", _at(unit.last_run_at, now)))
        lines.append(_fact("next run", _coming(unit.next_run_at)))
    lines += [
        _fact("image", unit.image or "none"),
        *([_fact("version", unit.version)] if unit.version else []),
        *([_fact("on", unit.host)] if unit.host else []),
        _fact("processors", _cores(unit)),
        _fact("memory", _memory(unit)),
        _fact("id", unit.id),
    ]
    return lines


def _title(text: str) -> Line:
    return [(f" {text}", "title")]


def _fact(name: str, value: object, style: str = "text") -> Line:
    return [(f"  {name:<11} ", "dim"), (clean_line(str(value), limit=2000), style)]


def _at(at: datetime | None, now: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC ({age(at, now)} ago)" if at else "not known"


def _coming(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else "not planned"


def _cores(unit: Unit) -> str:
    cores = unit.use.cpu_cores
    return "not measured" if cores is None else f"{cores:.2f} cores"


def _memory(unit: Unit) -> str:
    use = unit.use
    if use.memory_bytes is None:
        return "not measured"
    if not use.memory_limit_bytes:
        return f"{size(use.memory_bytes)}, without a limit"
    share = 100 * use.memory_bytes / use.memory_limit_bytes
    return f"{size(use.memory_bytes)} of {size(use.memory_limit_bytes)} ({share:.0f}%)"


def _or(value: object, otherwise: object) -> str:
    return str(otherwise if value is None else value)
