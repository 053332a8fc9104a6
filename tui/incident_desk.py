"""Declaring and resolving an incident: a few questions, one fact in the ledger each."""

from typing import TYPE_CHECKING

from procedures.errors import ProcedureError
from procedures.ledger.event import Draft
from procedures.response.incidents import Incident, Severity, declared, resolved
from widgets.choice_dialog import ChoiceDialog
from widgets.text_dialog import TextDialog

if TYPE_CHECKING:
    from tui.app import ConsoleApp


async def declare(console: "ConsoleApp") -> None:
    """Ask how bad it is and what it is; the header shows it until it is resolved."""
    severities = [f"{each.name}  {each.value}" for each in Severity]
    chosen = await console.push_screen_wait(ChoiceDialog("How bad is it?", severities))
    if chosen is None:
        return
    title = await console.push_screen_wait(TextDialog("What is it?", "In a few words"))
    if title:
        services = console.services
        fact = declared(
            list(Severity)[chosen],
            title,
            at=services.clock.now(),
            environment=services.environment.name,
            by=services.operator.name,
        )
        await _record(console, fact)


async def resolve(console: "ConsoleApp", incident: Incident) -> None:
    """Ask how it was resolved."""
    how = await console.push_screen_wait(TextDialog(f"Resolve {incident.title}", "How?"))
    if how:
        services = console.services
        fact = resolved(
            incident, how, environment=services.environment.name, by=services.operator.name
        )
        await _record(console, fact)


async def _record(console: "ConsoleApp", fact: Draft) -> None:
    try:
        await console.services.record(fact)
    except ProcedureError as error:
        console.tell(error)
    console.look_for_incidents()
