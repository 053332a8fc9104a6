"""The turns of a run as a whole as an operator takes them: its pauses, hands and ways back."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from procedures.errors import RunError
from procedures.execution.record.console_names import where
from procedures.execution.run.effects import standing_effects
from widgets.choice_dialog import ChoiceDialog
from widgets.marks import counted
from widgets.text_dialog import TextDialog

if TYPE_CHECKING:
    from procedures.execution.walking.walk import Walk
    from tui.turns import Desk

_EFFECTS = 6
"""As many effects are named in a dialog."""


async def note(walk: "Walk", desk: "Desk") -> None:
    """Write words into the record."""
    if text := await desk.ask(TextDialog("Note", "For the record")):
        await walk.course.note(text, step_id=_present(walk))


async def evidence(walk: "Walk", desk: "Desk") -> None:
    """Keep a copy of a file with the run, and say what it shows."""
    named = await desk.ask(TextDialog("Evidence", "A file: a log, a screenshot, a report"))
    if not named:
        return
    if text := await desk.ask(TextDialog("Evidence", "What does it show?")):
        path = await asyncio.to_thread(Path(named).expanduser)
        await walk.course.note(text, step_id=_present(walk), evidence=path)


async def pause(walk: "Walk", desk: "Desk") -> None:
    """Let the run stand still, or go on."""
    if present := walk.run.pause:
        about = f"{present.operator}, {present.at:%H:%M:%S} UTC: {present.reason}"
        if await desk.ask(ChoiceDialog("Paused", ("Go on", "Stay"), about=about)) == 0:
            await walk.course.go_on()
    elif reason := await desk.ask(TextDialog("Pause", "Why? A running command goes on")):
        await walk.course.pause(reason)


async def hand_over(walk: "Walk", desk: "Desk") -> None:
    """Give the run to another operator."""
    prompt = "Their name, as the operating system knows it; they take it up at their console"
    if to := await desk.ask(TextDialog("Hand over to", prompt)):
        await walk.course.hand_over(to)


async def take_over(walk: "Walk", desk: "Desk") -> None:
    """Drive the run from this console."""
    driver = walk.run.driver
    held = f" at {where(driver.console)}" if driver.console else ", who has not taken it up"
    title = f"Take over from {driver.operator}{held}"
    if reason := await desk.ask(TextDialog(title, "Why? They can only follow from then on")):
        await walk.course.take_over(reason)


async def abort(walk: "Walk", desk: "Desk") -> None:
    """End the run before its last step; then offer the way back."""
    if reason := await desk.ask(TextDialog("Abort the run", "Reason, for the record")):
        await walk.course.abort(reason)
        if can_go_back(walk):
            await go_back(walk, desk)


def can_go_back(walk: "Walk") -> bool:
    """Whether something that the run did may stand, and there is a way to undo it."""
    run = walk.run
    if run.rolling_back or not standing_effects(run):
        return False
    return bool(walk.course.way_back() or walk.procedure.rollback)


async def go_back(walk: "Walk", desk: "Desk") -> None:
    """Undo what the run did: by the undo commands of its steps, or by a rollback procedure."""
    steps, rollback, is_open = walk.course.way_back(), walk.procedure.rollback, walk.run.is_open
    ways: dict[str, str] = {}
    commands = counted(len(steps), "undo command")
    if steps:
        ways["all"] = f"Undo everything ({commands}), then end the run"
    if steps and is_open:
        ways["again"] = f"Undo everything ({commands}), then do it again"
    if steps and is_open and len({step.undoes for step in steps}) > 1:
        ways["last"] = f"{steps[0].title} only, then do it again"
    if rollback:
        ways["other"] = f"Walk {rollback}, the procedure that undoes this one"
    if not ways:
        raise RunError(
            "no undo command is written for what this run did", fix="Undo it by hand; note how"
        )
    chosen = await desk.ask(
        ChoiceDialog("The way back", tuple(ways.values()), about=_standing(walk))
    )
    if chosen is None:
        return
    way = list(ways)[chosen]
    if way == "other":
        await _walk_other(walk, desk, rollback)
    elif reason := await desk.ask(TextDialog("Go back", "Reason, for the record")):
        only = (steps[0].undoes,) if way == "last" else ()
        await walk.course.go_back(reason, only=only, goes_on=way != "all")


async def _walk_other(walk: "Walk", desk: "Desk", rollback: str) -> None:
    if walk.run.is_open:
        reason = await desk.ask(TextDialog(f"Abort, then walk {rollback}", "Reason"))
        if not reason:
            return
        await walk.course.abort(reason)
    await desk.open(rollback, rolls_back=walk.run.id)


def _standing(walk: "Walk") -> str:
    without = walk.course.without_undo()
    lines = [
        f"{effect.standing.value}: {effect.title}"
        + (" (no undo command is written)" if effect.step_id in without else "")
        for effect in standing_effects(walk.run)
    ]
    more = [f"and {len(lines) - _EFFECTS} more; e shows all"] if len(lines) > _EFFECTS else []
    return "\n".join([*lines[:_EFFECTS], *more])


def _present(walk: "Walk") -> str:
    return walk.run.current.id if walk.run.current else ""
