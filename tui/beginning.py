"""How a walk begins, or is taken up: what it needs is asked for, and which run it shall be."""

import asyncio
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from procedures.environment import Environment
from procedures.runbook.model import Input, Procedure
from widgets.choice_dialog import ChoiceDialog
from widgets.text_dialog import TextDialog

if TYPE_CHECKING:
    from procedures.execution.record.station import Station
    from procedures.execution.run.run import Run
    from procedures.execution.walking.walk import Walk
    from tui.turns import Desk


async def begin(
    procedure: Procedure,
    desk: "Desk",
    *,
    environment: Environment,
    station: "Station",
    begin_at: str = "",
    rolls_back: str = "",
) -> "Walk | None":
    """Ask for what the procedure needs and begin a run; None if the operator thought better.

    Args:
        procedure: What to walk.
        desk: Where to ask.
        environment: Where to walk it.
        station: Who walks, and with what.
        begin_at: Id of the step to begin at; empty for the first.
        rolls_back: Id of the run whose effects this one takes back.
    """
    from procedures.execution.walking.walk import Walk

    others = await asyncio.to_thread(_open_runs, procedure, environment, station)
    if others:
        ways = ("Take that run up", "Begin a second one all the same")
        chosen = await desk.ask(ChoiceDialog("A run is open", ways, about=_open_since(others[0])))
        if chosen == 0:
            run_id = others[0].id
            return await resume(run_id, procedure, desk, environment=environment, station=station)
        if chosen is None:
            return None
    begins_later = bool(begin_at) and begin_at != procedure.steps[0].id
    reason = ""
    if begins_later:
        said = await desk.ask(TextDialog("Begin here", "Why not at the first step?"))
        if not said:
            return None
        reason = said
    inputs = await asked(procedure.inputs.values(), desk)
    if inputs is None:
        return None
    return await Walk.start(
        procedure,
        environment,
        inputs,
        station=station,
        insist=bool(others),
        begin_at=begin_at if begins_later else "",
        reason=reason,
        rolls_back=rolls_back,
    )


def _open_runs(
    procedure: Procedure, environment: Environment, station: "Station"
) -> tuple["Run", ...]:
    from procedures.execution.record.runs import open_runs

    runs = open_runs(station.ledger, environment.name)
    return tuple(run for run in runs if run.procedure_id == procedure.id)


def _open_since(run: "Run") -> str:
    done = sum(step.is_over for step in run.steps)
    since = f"{run.started_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"{run.driver.operator} has a run open since {since}, {done} of {len(run.steps)} done"


async def resume(
    run_id: str,
    procedure: Procedure,
    desk: "Desk",
    *,
    environment: Environment,
    station: "Station",
) -> "Walk":
    """Take up a run where it stands; secrets, which no run keeps, are asked for again."""
    from procedures.execution.walking.walk import Walk

    secret = [each for each in procedure.inputs.values() if each.secret]
    secrets = await asked(secret, desk) or {}
    walk = await Walk.resume(run_id, procedure, environment, station=station, secrets=secrets)
    if walk.run.is_open and walk.secrets_missing:
        desk.say(f"Steps that need {', '.join(walk.secrets_missing)} cannot be executed.")
    return walk


async def asked(inputs: Iterable[Input], desk: "Desk") -> Mapping[str, str] | None:
    """Ask for values, of secrets behind dots; None if the operator thought better."""
    values: dict[str, str] = {}
    for each in inputs:
        prompt = each.help or f"A value of type {each.type}"
        dialog = TextDialog(each.name, prompt, value=each.default or "", secret=each.secret)
        value = await desk.ask(dialog)
        if value is None:
            return None
        values[each.name] = value
    return values
