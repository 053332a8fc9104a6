"""A second person's side in the console: what waits for a word, what would run, and giving it."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from procedures.environment import Environment
from procedures.errors import ProcedureError
from widgets.choice_dialog import ChoiceDialog
from widgets.confirm_dialog import ConfirmDialog, Question
from widgets.marks import duration
from widgets.text_dialog import TextDialog

if TYPE_CHECKING:
    from procedures.execution.record.approvals import Request
    from procedures.execution.record.station import Station
    from tui.app import ConsoleApp


async def decide(console: "ConsoleApp") -> None:
    """Ask which request, show exactly what would run, and record the answer."""
    requests = console.requests
    now = console.services.clock.now()
    if not requests:
        console.notify("Nothing waits for a second person.", markup=False)
        return
    rows = [_row(request, now) for request in requests]
    chosen = await console.push_screen_wait(ChoiceDialog("Waiting for a second person", rows))
    if chosen is None:
        return
    request = requests[chosen]
    ways = ("Look at it, and approve it", "Refuse it, with a reason")
    way = await console.push_screen_wait(ChoiceDialog(request.title, ways))
    if way is None:
        return
    try:
        station = await console.services.station()
        await (_approve if way == 0 else _refuse)(console, request, station)
    except ProcedureError as error:
        console.tell(error)
    console.look_for_requests()


async def _approve(console: "ConsoleApp", request: "Request", station: "Station") -> None:
    from procedures.execution.record.approvals import decide as record

    now = console.services.clock.now()
    question = question_of(request, console.services.environment, now)
    decision = await console.push_screen_wait(ConfirmDialog(question))
    if decision.confirmed:
        await asyncio.to_thread(
            record,
            request,
            granted=True,
            operator=station.operator,
            policy=station.policy,
            ledger=station.ledger,
            clock=station.clock,
        )


async def _refuse(console: "ConsoleApp", request: "Request", station: "Station") -> None:
    from procedures.execution.record.approvals import decide as record

    reason = await console.push_screen_wait(TextDialog(f"Refuse {request.title}", "Why?"))
    if reason:
        await asyncio.to_thread(
            record,
            request,
            granted=False,
            reason=reason,
            operator=station.operator,
            policy=station.policy,
            ledger=station.ledger,
            clock=station.clock,
        )


def question_of(request: "Request", environment: Environment, now: datetime) -> Question:
    """Return what a second person must see before saying yes."""
    approval, run = request.approval, request.run
    facts = [
        ("Asked by", f"{approval.asked_by}, {approval.asked_at:%H:%M:%S} UTC"),
        ("Where", f"{environment.name} ({environment.tier.value}), {run.method.value}"),
        ("Procedure and step", f"{run.title}: {request.title}"),
        ("Run", run.id),
        ("Command", request.script.rstrip("\n")),
        ("Fingerprint", approval.binding),
        ("Expires", _expiry(approval.expires_at, now)),
    ]
    if request.affects:
        facts.insert(5, ("Affects, and what will be lost", request.affects))
    if request.variables:
        values = "\n".join(f"{name}={v}" for name, v in sorted(request.variables.items()))
        facts.insert(5, ("With", values))
    return Question(
        title=f"Approve: {request.title}",
        level=request.level,
        facts=tuple(facts),
        typed=environment.name,
        yes="Approve",
    )


def _row(request: "Request", now: datetime) -> str:
    left = duration((request.approval.expires_at - now).total_seconds())
    return f"{request.approval.asked_by} asks: {request.title} ({request.run.title}), {left} left"


def _expiry(at: datetime, now: datetime) -> str:
    return f"{at:%H:%M:%S} UTC, in {duration((at - now).total_seconds())}"
