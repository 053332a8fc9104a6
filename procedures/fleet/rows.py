"""From what is known of targets and environments to one row each; pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from procedures.environment import Environment, Tier
from procedures.fleet.grouping import Target
from procedures.fleet.values import FleetRow
from procedures.reference.indicators import Indicator
from procedures.reference.states import State
from procedures.signals.readings import doubted
from procedures.signals.values import AlertPhase, Reading, Snapshot
from procedures.signals.verdict import MUTED, findings, verdict


def target_row(target: Target, label: str, environment: Environment | None, tier: Tier) -> FleetRow:
    """Return the row of a target that the server knows."""
    return FleetRow(
        name=environment.name if environment else label,
        is_environment=environment is not None,
        tier=environment.tier if environment else tier,
        label=label,
        readings=target.readings,
        state=target.state,
        firing=target.firing,
        at=target.at,
        fault=target.fault,
    )


def doubted_row(row: FleetRow, fault: str) -> FleetRow:
    """Return a row as UNKNOWN for the reason ``fault``; its last values stay visible."""
    return FleetRow(
        name=row.name,
        is_environment=row.is_environment,
        tier=row.tier,
        label=row.label,
        readings={name: doubted(each, fault) for name, each in row.readings.items()},
        state=State.UNKNOWN,
        firing=None,
        at=row.at,
        fault=fault,
    )


def unknown_row(
    environment: Environment, indicators: Iterable[str], fault: str, *, label: str = ""
) -> FleetRow:
    """Return the row of an environment of which nothing is known."""
    readings = {
        name: Reading(indicator=name, state=State.UNKNOWN, fault=fault) for name in indicators
    }
    return FleetRow(
        name=environment.name,
        is_environment=True,
        tier=environment.tier,
        label=label,
        readings=readings,
        state=State.UNKNOWN,
        fault=fault,
    )


def member_row(
    snapshot: Snapshot, environment: Environment, indicators: Mapping[str, Indicator]
) -> FleetRow:
    """Return the row of an environment that was asked by its own sources.

    Its state is what ``quarterdeck check`` says of it: health, backups and disk count as well.
    """
    found = findings(snapshot, environment, indicators.values())
    readings = {name: snapshot.readings[name] for name, each in indicators.items() if each.key}
    firing = None
    if not snapshot.alerts.fault:
        firing = sum(
            each.phase is AlertPhase.FIRING and each.handling not in MUTED
            for each in snapshot.alerts.items
        )
    return FleetRow(
        name=environment.name,
        is_environment=True,
        tier=environment.tier,
        readings=readings,
        state=verdict(found),
        firing=firing,
        at=_newest(readings.values()),
        fault=next((source.fault for source in snapshot.sources if source.fault), ""),
    )


def _newest(readings: Iterable[Reading]) -> datetime | None:
    return max((reading.at for reading in readings if reading.at), default=None)
