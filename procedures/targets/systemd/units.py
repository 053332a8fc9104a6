"""Units of systemd as workloads; pure."""

from dataclasses import dataclass
from datetime import datetime

from procedures.targets.systemd import reasons
from procedures.targets.systemd.names import shown_name
from procedures.targets.systemd.properties import Properties, moment, number, program, span
from procedures.targets.values import NO_USE, Kind, Phase, Unit, Use, Workload

_UP = frozenset({"active", "reloading", "refreshing"})
_OFF = frozenset({"disabled", "masked", "masked-runtime"})
_PHASES = {
    "active": Phase.RUNNING,
    "reloading": Phase.RUNNING,
    "refreshing": Phase.RUNNING,
    "activating": Phase.STARTING,
    "deactivating": Phase.STOPPING,
    "maintenance": Phase.STOPPING,
    "inactive": Phase.STOPPED,
    "failed": Phase.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a unit's own properties do not tell.

    Attributes:
        booted_at: When the machine's clock of timers was zero.
        name: What the workload is called; empty for the unit's own name.
        use: What it uses.
        started: Of the unit that a timer starts; None if that is not known.
        is_service: Whether it is the service itself, which is always wanted.
    """

    booted_at: datetime
    name: str = ""
    use: Use = NO_USE
    started: Properties | None = None
    is_service: bool = False


def workload_of(properties: Properties, about: Circumstances) -> Workload:
    """Return a unit as a workload of one."""
    name = about.name or shown_name(properties["Id"])
    unit = _unit(properties, name, about)
    return Workload(
        name=name,
        kind=Kind.TIMER if is_timer(properties) else Kind.UNIT,
        units=(unit,),
        wanted=_wanted(properties, unit, about),
        ready=int(unit.serves),
        notes=_notes(properties),
    )


def is_timer(properties: Properties) -> bool:
    """Tell whether a unit only starts another one."""
    return properties["Id"].endswith(".timer")


def is_job(properties: Properties) -> bool:
    """Tell whether a unit does something once and is meant to end."""
    return properties.get("Type") == "oneshot" and properties.get("RemainAfterExit") != "yes"


def _unit(properties: Properties, name: str, about: Circumstances) -> Unit:
    phase = _phase(properties)
    timer = is_timer(properties)
    return Unit(
        id=properties["Id"],
        name=shown_name(properties["Id"]),
        workload=name,
        phase=phase,
        word=_word(properties),
        ready=_ready(properties, phase),
        restarts=number(properties.get("NRestarts")) or 0,
        began_at=_began_at(properties),
        image=program(properties.get("ExecStart")),
        exit_code=reasons.exit_code(properties),
        out_of_memory=properties.get("Result") == "oom-kill",
        reason=_reason(properties, phase, about),
        use=about.use,
        last_run_at=moment(properties.get("LastTriggerUSec")) if timer else None,
        next_run_at=_next_run_at(properties, about.booted_at) if timer else None,
    )


def _phase(properties: Properties) -> Phase:
    active = properties.get("ActiveState", "")
    if properties.get("LoadState") not in {"loaded", "masked"} and active not in _UP:
        return Phase.FAILED
    if is_timer(properties) and active == "active":
        return Phase.RUNNING if properties.get("SubState") == "running" else Phase.WAITING
    if active == "activating" and is_job(properties) and properties.get("SubState") == "start":
        return Phase.RUNNING  # what is meant to end is never more active than this
    return _PHASES.get(active, Phase.UNKNOWN)


def _word(properties: Properties) -> str:
    load, active = properties.get("LoadState", ""), properties.get("ActiveState", "")
    sub = properties.get("SubState", "")
    if load != "loaded" and active in {"inactive", "failed"}:
        return load
    if sub.startswith("auto-restart") or (is_timer(properties) and active == "active"):
        return sub
    return active or "unknown"


def _ready(properties: Properties, phase: Phase) -> bool | None:
    """Only what tells systemd of its readiness is known to be ready or not."""
    if not properties.get("Type", "").startswith("notify"):
        return None
    return phase is Phase.RUNNING


def _began_at(properties: Properties) -> datetime | None:
    active = properties.get("ActiveState", "")
    name = "StateChangeTimestamp"
    if active in _UP:
        name = "ActiveEnterTimestamp"
    elif active in {"inactive", "failed"}:
        name = "InactiveEnterTimestamp"
    found = moment(properties.get(name))
    return found or moment(properties.get("StateChangeTimestamp"))


def _reason(properties: Properties, phase: Phase, about: Circumstances) -> str:
    load, active = properties.get("LoadState"), properties.get("ActiveState")
    if load != "loaded":
        return reasons.why_not_loaded(properties)
    if about.started is not None and about.started.get("ActiveState") == "failed":
        name = shown_name(about.started["Id"])
        return f"the last run of {name} failed: {reasons.why_failed(about.started)}"
    match phase:
        case Phase.FAILED:
            return reasons.why_failed(properties)
        case Phase.STARTING:
            return reasons.why_starting(properties)
        case Phase.STOPPING:
            return "its end goes on"
        case Phase.WAITING if properties.get("SubState") == "elapsed":
            return "it will start nothing any more"
        case Phase.STOPPED if _condition_failed(properties):
            return "its conditions did not hold when it was last started"
    return "it reads its configuration anew" if active in {"reloading", "refreshing"} else ""


def _condition_failed(properties: Properties) -> bool:
    asked = moment(properties.get("ConditionTimestamp")) is not None
    return asked and properties.get("ConditionResult") == "no"


def _next_run_at(properties: Properties, booted_at: datetime) -> datetime | None:
    if properties.get("ActiveState") != "active":
        return None
    after = span(properties.get("NextElapseUSecMonotonic"))
    times = [
        moment(properties.get("NextElapseUSecRealtime")),
        None if after is None else booted_at + after,
    ]
    return min((each for each in times if each is not None), default=None)


def _wanted(properties: Properties, unit: Unit, about: Circumstances) -> int | None:
    """Return 0 for what is down and may be, 1 for what shall be up, None where nobody says."""
    if about.is_service:
        return 1
    if is_timer(properties) or is_job(properties):
        idle = unit.phase is Phase.STOPPED
        return 0 if idle and (is_job(properties) or _is_off(properties)) else None
    return 0 if unit.phase is Phase.STOPPED and _is_off(properties) else 1


def _is_off(properties: Properties) -> bool:
    return properties.get("UnitFileState") in _OFF or properties.get("LoadState") == "masked"


def _notes(properties: Properties) -> tuple[str, ...]:
    described = properties.get("Description", "")
    status, started = properties.get("StatusText", ""), properties.get("Unit", "")
    path, state = properties.get("FragmentPath", ""), properties.get("UnitFileState", "")
    notes = (
        described if described != properties["Id"] else "",
        status,
        f"starts {started}" if started and is_timer(properties) else "",
        f"unit file {path}, {state}" if path and state else "",
        "its unit file was changed: systemctl daemon-reload would read it"
        if properties.get("NeedDaemonReload") == "yes"
        else "",
    )
    return tuple(each for each in notes if each)
