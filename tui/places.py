"""The places of the console; each is imported and built when it is first visited."""

from typing import TYPE_CHECKING

from textual.screen import Screen

if TYPE_CHECKING:
    from textual.command import Provider

    from tui.services import Services

_NOT_WHERE_ONLY_WATCHED = ("procedures", "service")
"""Places that are about the machines of an environment."""


def palette() -> "type[Provider]":
    """Return what the command palette offers."""
    from tui.palette import ConsoleCommands

    return ConsoleCommands


def alerts_screen() -> Screen[None]:
    """Build the list of alerts."""
    from tui.screens.alerts import AlertsScreen

    return AlertsScreen()


def procedures_screen() -> Screen[None]:
    """Build the list of procedures."""
    from tui.screens.procedures import ProceduresScreen

    return ProceduresScreen()


def service_screen() -> Screen[None]:
    """Build the view of what runs."""
    from tui.screens.service import ServiceScreen

    return ServiceScreen()


def fleet_screen() -> Screen[None]:
    """Build the view of all environments and targets."""
    from tui.screens.fleet import FleetScreen

    return FleetScreen()


def can_go(place: str, services: "Services") -> bool:
    """Return whether there is anything at ``place`` for this console."""
    if place == "fleet":
        return services.has_fleet
    return not (services.environment.watch_only and place in _NOT_WHERE_ONLY_WATCHED)
