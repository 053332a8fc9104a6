"""Incidents as a fold of the ledger: declared, then resolved; their ages come from stored times."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from procedures.ledger.event import Draft, Event

DECLARED = "incident.declared"
RESOLVED = "incident.resolved"


class Severity(Enum):
    """How bad an incident is; the value is its meaning."""

    P1 = "full outage or data loss"
    P2 = "a major function is degraded"
    P3 = "moderate, with a workaround"
    P4 = "minor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One open incident."""

    id: str
    severity: Severity
    title: str
    declared_at: datetime
    declared_by: str


def declared(severity: Severity, title: str, *, at: datetime, environment: str, by: str) -> Draft:
    """Return the fact that an incident was declared; its id is the time to the second."""
    return Draft(
        kind=DECLARED,
        subject=f"incident-{at:%Y%m%d-%H%M%S}",
        environment=environment,
        operator=by,
        body={"severity": severity.name, "title": title},
    )


def resolved(incident: Incident, how: str, *, environment: str, by: str) -> Draft:
    """Return the fact that ``incident`` was resolved."""
    return Draft(
        kind=RESOLVED,
        subject=incident.id,
        environment=environment,
        operator=by,
        body={"how": how},
    )


def open_incidents(events: Iterable[Event], environment: str) -> tuple[Incident, ...]:
    """Return what is open in ``environment``, the most severe first, then the oldest."""
    found: dict[str, Incident] = {}
    for event in events:
        if event.environment != environment:
            continue
        if event.kind == DECLARED:
            found[event.subject] = Incident(
                id=event.subject,
                severity=Severity[event.body["severity"]],
                title=event.body["title"],
                declared_at=event.at,
                declared_by=event.operator,
            )
        elif event.kind == RESOLVED:
            found.pop(event.subject, None)
    return tuple(sorted(found.values(), key=lambda each: (each.severity.name, each.declared_at)))
