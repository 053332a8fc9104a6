"""What can be done to a unit: command lines for systemctl; pure."""

from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.systemd.names import full_name, may_be_acted_on
from procedures.targets.values import Kind, Phase, Workload

_SHOWN = "ActiveState,SubState,Result,NRestarts,ExecMainStatus,StateChangeTimestamp"
_NOT_HERE = {
    Verb.SCALE: (
        "systemd runs one of each unit",
        "Give the unit more processors or memory with `systemctl edit`, or add a machine",
    ),
    Verb.ROLL_BACK: (
        "systemd keeps no earlier version of a unit",
        "Install the earlier package, then restart the unit",
    ),
}


def action_for(
    verb: Verb, workload: Workload, *, as_root: bool, is_service: bool = False
) -> Action | Refusal:
    """Return how to do something to a unit, or why that cannot be done.

    Args:
        verb: What to do.
        workload: As the last look showed it.
        as_root: Whether the commands need no ``sudo``.
        is_service: Whether it is the service itself, so that its stop is an outage.
    """
    if verb in _NOT_HERE:
        why, fix = _NOT_HERE[verb]
        return Refusal(verb=verb, why=why, fix=fix)
    unit = _unit_of(workload)
    refusal = _refusal(verb, workload, unit)
    if refusal is not None:
        return refusal
    # There is no terminal, so sudo must fail where it would ask for a password.
    systemctl = ("systemctl",) if as_root else ("sudo", "-n", "systemctl")
    done = (*systemctl, verb.value, unit)
    forgive = ((*systemctl, "reset-failed", unit),) if _failed(workload) else ()
    undo = {Verb.STOP: (*systemctl, "start", unit), Verb.START: (*systemctl, "stop", unit)}
    return Action(
        verb=verb,
        workload=workload.name,
        commands=(done,) if verb is Verb.STOP else (*forgive, done),
        look=(("systemctl", "show", f"--property={_SHOWN}", unit),),
        undo=(undo[verb],) if verb in undo else (),
        affects=_affects(verb, workload, unit),
        ready=_ready(verb, workload),
        caution=_caution(verb, workload, is_service=is_service),
    )


def _unit_of(workload: Workload) -> str:
    return workload.units[0].id if workload.units else full_name(workload.name)


def _refusal(verb: Verb, workload: Workload, unit: str) -> Refusal | None:
    if not may_be_acted_on(unit):
        return Refusal(
            verb=verb,
            why=f"{unit!r} on a command line could be taken for something else than a name",
            fix=f"{verb.value.capitalize()} it by hand, with -- before its name",
        )
    word = workload.units[0].word if workload.units else ""
    if word == "not-found":
        return Refusal(
            verb=verb,
            why=f"systemd knows no unit {unit}",
            fix=f"Look for it with `systemctl list-unit-files '*{workload.name}*'`",
        )
    if word.startswith("masked") and verb is not Verb.STOP:
        return Refusal(
            verb=verb,
            why=f"{unit} is masked, so that nothing can start it",
            fix=f"Find out who masked it and why; then `systemctl unmask {unit}`",
        )
    return None


def _failed(workload: Workload) -> bool:
    """Tell whether systemd might refuse a start because there were too many."""
    return any(unit.phase is Phase.FAILED for unit in workload.units)


def _affects(verb: Verb, workload: Workload, unit: str) -> str:
    if workload.kind is Kind.TIMER:
        what = {
            Verb.START: f"{unit} will start its unit again when it is time",
            Verb.STOP: f"{unit} will start nothing until it is started",
            Verb.RESTART: f"{unit} computes anew when it elapses",
        }
        return what[verb]
    what = {
        Verb.START: f"{unit} is started, with the units that it needs",
        Verb.STOP: f"{unit} is stopped, with the units that need it",
        Verb.RESTART: f"{unit} is stopped and started, with the units that need it",
    }
    return what[verb]


def _ready(verb: Verb, workload: Workload) -> int | None:
    if verb is Verb.STOP:
        return 0
    return 1 if workload.kind is Kind.UNIT and workload.wanted == 1 else None


def _caution(verb: Verb, workload: Workload, *, is_service: bool) -> str:
    if is_service and verb is Verb.STOP:
        return "nothing serves until it is started: an outage"
    if is_service and verb is Verb.RESTART:
        return "it is the only one: nothing serves until it is up again"
    if workload.kind is Kind.TIMER and verb is Verb.STOP:
        return "what it starts, a backup perhaps, does not happen meanwhile"
    return ""
