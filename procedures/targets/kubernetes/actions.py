"""What can be done to a workload: command lines for ``kubectl``; pure."""

import re
from dataclasses import dataclass

from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.values import Kind, Workload

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@:-]*\Z")
_ROLL_PATIENCE = "--timeout=120s"
_FIXES = {
    Kind.POD: "Delete it and apply its manifest again, or let a deployment control it",
    Kind.DAEMON_SET: "Restart it, or change the node selector of its pods",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the last look learned of a workload besides what it shows.

    Attributes:
        revisions: How many of its versions the cluster keeps; None where that may not be read.
        paused: Whether its rollouts wait for somebody.
        recreates: Whether all of its units end before new ones begin.
    """

    revisions: int | None = None
    paused: bool = False
    recreates: bool = False


def action_for(
    verb: Verb,
    workload: Workload,
    *,
    kubectl: tuple[str, ...],
    known: Known,
    replicas: int | None = None,
) -> Action | Refusal:
    """Return how to do something to a workload, or why that cannot be done.

    Args:
        verb: What to do.
        workload: As the last look showed it.
        kubectl: The program with context and namespace.
        known: What the last look learned besides.
        replicas: How many units there shall be, where the verb asks for that.
    """
    refusal = _refusal(verb, workload, known)
    if refusal is not None:
        return refusal
    match verb:
        case Verb.RESTART:
            return _restart(workload, kubectl, known)
        case Verb.ROLL_BACK:
            return _roll_back(workload, kubectl, known)
        case Verb.SCALE:
            return _scale(verb, workload, kubectl, replicas)
        case Verb.STOP:
            return _scale(verb, workload, kubectl, 0)
        case Verb.START:
            return _scale(verb, workload, kubectl, replicas or workload.least or 1)


def _refusal(verb: Verb, workload: Workload, known: Known) -> Refusal | None:
    """Return why something cannot be done to such a workload at all."""
    what = f"{workload.kind.value} {workload.name}"
    if not _NAME.match(workload.name):
        return Refusal(
            verb=verb,
            why=f"{workload.name!r} on a command line could be taken for something else",
            fix=f"{verb.value.capitalize()} it by hand",
        )
    if workload.kind is Kind.POD:
        why = f"{what} has no controller that would make another one"
        return Refusal(verb=verb, why=why, fix=_FIXES[Kind.POD])
    if workload.kind is Kind.DAEMON_SET and verb in {Verb.SCALE, Verb.STOP, Verb.START}:
        why = f"{what} runs once on every node that it selects"
        return Refusal(verb=verb, why=why, fix=_FIXES[Kind.DAEMON_SET])
    if known.paused and verb in {Verb.RESTART, Verb.ROLL_BACK}:
        return Refusal(
            verb=verb,
            why=f"the rollouts of {what} are paused",
            fix=f"Find out who paused it; then `kubectl rollout resume {_aim(workload)}`",
        )
    if verb is Verb.ROLL_BACK and known.revisions is not None and known.revisions < 2:
        return Refusal(
            verb=verb,
            why=f"the cluster keeps no earlier revision of {what}",
            fix="Apply the earlier manifest, or set the earlier image",
        )
    if verb is Verb.START and workload.wanted and workload.units:
        return Refusal(
            verb=verb,
            why=f"{what} is started: {workload.wanted} units are wanted",
            fix="Restart or scale it",
        )
    return None


def _restart(workload: Workload, kubectl: tuple[str, ...], known: Known) -> Action:
    aim = _aim(workload)
    cautions = []
    if known.recreates:
        cautions.append("all units end before new ones begin: an outage")
    elif workload.kind is Kind.STATEFUL_SET and workload.wanted == 1:
        cautions.append("it is the only one: nothing serves until it is up again")
    if workload.changing:
        cautions.append(f"a rollout is under way: {workload.changing}")
    return Action(
        verb=Verb.RESTART,
        workload=workload.name,
        commands=((*kubectl, "rollout", "restart", aim),),
        look=_roll_status(kubectl, aim),
        undo=((*kubectl, "rollout", "undo", aim),),
        affects=f"{_units(workload.wanted)} of {aim} are replaced, step by step",
        ready=workload.wanted,
        caution="; ".join(cautions),
    )


def _roll_back(workload: Workload, kubectl: tuple[str, ...], known: Known) -> Action:
    aim = _aim(workload)
    number = workload.revision
    undo = (*kubectl, "rollout", "undo", aim, f"--to-revision={number}")
    return Action(
        verb=Verb.ROLL_BACK,
        workload=workload.name,
        commands=((*kubectl, "rollout", "undo", aim),),
        look=((*kubectl, "rollout", "history", aim), *_roll_status(kubectl, aim)),
        undo=(undo,) if number.isdecimal() else (),
        affects=f"{_units(workload.wanted)} of {aim} are replaced by those of the revision before"
        + (f" {number}" if number else ""),
        ready=workload.wanted,
        caution="all units end before new ones begin: an outage" if known.recreates else "",
    )


def _scale(
    verb: Verb, workload: Workload, kubectl: tuple[str, ...], replicas: int | None
) -> Action | Refusal:
    aim, before = _aim(workload), workload.wanted
    if replicas is None or replicas < 0:
        return Refusal(
            verb=verb, why="no number of units is given", fix="Say how many there shall be"
        )
    scale = (*kubectl, "scale", aim)
    return Action(
        verb=verb,
        workload=workload.name,
        commands=((*scale, f"--replicas={replicas}"),),
        look=((*kubectl, "get", aim), *_roll_status(kubectl, aim)),
        undo=((*scale, f"--replicas={before}"),) if before is not None else (),
        affects=f"{aim} goes from {_units(before)} to {replicas}",
        ready=replicas,
        caution="; ".join(_scale_cautions(workload, replicas)),
    )


def _scale_cautions(workload: Workload, replicas: int) -> list[str]:
    cautions = []
    if replicas == 0:
        cautions.append("nothing of it serves until it is started: an outage")
    least, most, spare = workload.least, workload.most, workload.spare
    if least is not None:
        held = f"{least} to {most}" if most is not None else f"at least {least}"
        if replicas == 0:
            cautions.append("its autoscaler does nothing while there are none")
        elif replicas < least or (most is not None and replicas > most):
            cautions.append(f"its autoscaler holds {held} units and will undo this")
        else:
            cautions.append(f"its autoscaler holds {held} units and may change this again")
    fewer = (workload.wanted or 0) - replicas
    if spare is not None and replicas and fewer > spare:
        cautions.append(f"its disruption budget spares {spare} now, and scaling does not heed it")
    return cautions


def _roll_status(kubectl: tuple[str, ...], aim: str) -> tuple[tuple[str, ...], ...]:
    return ((*kubectl, "rollout", "status", aim, _ROLL_PATIENCE),)


def _aim(workload: Workload) -> str:
    return f"{workload.kind.value}/{workload.name}"


def _units(count: int | None) -> str:
    if count is None:
        return "all units"
    return "1 unit" if count == 1 else f"{count} units"
