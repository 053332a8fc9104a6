"""From a workload to a confirmed run: what can be done to it, and the walk that does it."""

from typing import TYPE_CHECKING

from procedures.errors import RunError
from procedures.targets.actions import Action, Refusal, Verb
from widgets.choice_dialog import ChoiceDialog
from widgets.text_dialog import TextDialog

if TYPE_CHECKING:
    from procedures.targets.target import Target
    from procedures.targets.values import Workload
    from tui.app import ConsoleApp

_MOST = 1000
"""No console should ask for more units by a slip of the finger."""


async def act(target: "Target", workload: "Workload", console: "ConsoleApp", *, doubt: str) -> None:
    """Let the operator choose, then open the walk; nothing is executed before it is confirmed.

    Args:
        target: Where the workload is.
        workload: As it was seen last.
        console: Where to ask.
        doubt: Why that is not the present; empty if it is.
    """
    if doubt:
        raise RunError(
            f"what runs on {target.place.name} is not known: {doubt}",
            fix="Wait until it answers, or walk a procedure of the catalogue",
        )
    ways = {verb: target.action(verb, workload, replicas=_guess(verb, workload)) for verb in Verb}
    lines = [_told(verb, way, workload) for verb, way in ways.items()]
    chosen = await console.push_screen_wait(
        ChoiceDialog(f"{workload.name} on {target.place.name}", lines, about=target.place.where)
    )
    if chosen is None:
        return
    verb = list(Verb)[chosen]
    way = ways[verb]
    if verb in {Verb.SCALE, Verb.START} and (verb is Verb.SCALE or _counts(workload)):
        if isinstance(way, Refusal):
            raise RunError(way.why, fix=way.fix)
        replicas = await _how_many(workload, console)
        if replicas is None:
            return
        way = target.action(verb, workload, replicas=replicas)
    if isinstance(way, Refusal):
        raise RunError(way.why, fix=way.fix)
    _walk(way, target, console)


def _walk(action: Action, target: "Target", console: "ConsoleApp") -> None:
    from procedures.execution.quick_actions import quick_procedure
    from tui.screens.walk import WalkScreen

    console.push_screen(WalkScreen(quick_procedure(action, target.place)))


def _guess(verb: Verb, workload: "Workload") -> int | None:
    """Return how many units there will probably be, to tell whether the verb is possible."""
    if verb not in {Verb.SCALE, Verb.START}:
        return None
    return max(1, workload.wanted or workload.least or len(workload.units))


def _counts(workload: "Workload") -> bool:
    """Tell whether somebody says how many units there should be."""
    return workload.wanted is not None


def _told(verb: Verb, way: Action | Refusal, workload: "Workload") -> str:
    if isinstance(way, Refusal):
        return f"{verb.value:<10} not here: {way.why}"
    if verb is Verb.SCALE:
        return f"{verb.value:<10} to another number of units than {workload.wanted}"
    return f"{verb.value:<10} {way.affects}"


async def _how_many(workload: "Workload", console: "ConsoleApp") -> int | None:
    bounds = ""
    if workload.least is not None or workload.most is not None:
        bounds = f"; an autoscaler keeps {workload.least or 1} to {workload.most or 'any'}"
    prompt = f"How many units of {workload.name}{bounds}"
    present = max(1, workload.wanted or workload.least or 1)
    said = await console.push_screen_wait(TextDialog("Scale", prompt, value=str(present)))
    if said is None:
        return None
    if not said.strip().isdecimal() or int(said) > _MOST:
        raise RunError(f"'{said}' is no number of units", fix=f"Give a number up to {_MOST}")
    return int(said)
