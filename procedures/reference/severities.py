"""What the severities of incidents mean, and who is called when."""

from dataclasses import dataclass
from functools import cache

from procedures.reference.contacts import load_contacts
from procedures.reference.tables import DIRECTORY, Table, read_tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """Who is called after how many minutes from the declaration."""

    to: str
    after_m: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityPolicy:
    """One row of the escalation matrix; a time of None is best effort.

    Attributes:
        id: P1 to P4.
        first: Contact who answers first.
        response_m: Minutes until somebody works on it.
        stakeholders_every_m: Minutes between two messages to those who wait.
        channel_every_m: Minutes between two messages to those who help.
    """

    id: str
    word: str
    means: str
    signs: tuple[str, ...]
    first: str
    first_after_m: int | None
    response_m: int | None
    escalations: tuple[Escalation, ...]
    stakeholders_every_m: int | None
    channel_every_m: int | None


@cache
def load_severities() -> tuple[SeverityPolicy, ...]:
    """Return the severities, the worst first; PolicyDataError names what is wrong."""
    known = {contact.name for contact in load_contacts()}
    severities = []
    for table in read_tables(DIRECTORY / "severities.toml", "severity"):
        severity = _severity(table)
        table.finish()
        for name in (severity.first, *(each.to for each in severity.escalations)):
            if name not in known:
                raise table.error("first", f"{name!r} is no contact", fix="See contacts.toml")
        severities.append(severity)
    return tuple(severities)


def _severity(table: Table) -> SeverityPolicy:
    return SeverityPolicy(
        id=table.text("id"),
        word=table.text("word"),
        means=table.text("means"),
        signs=table.texts("signs"),
        first=table.text("first"),
        first_after_m=_minutes(table, "first_after_m"),
        response_m=_minutes(table, "response_m"),
        escalations=tuple(
            Escalation(to=each.text("to"), after_m=each.whole("after_m"))
            for each in (table.tables("escalations") if table.has("escalations") else ())
        ),
        stakeholders_every_m=_minutes(table, "stakeholders_every_m"),
        channel_every_m=_minutes(table, "channel_every_m"),
    )


def _minutes(table: Table, key: str) -> int | None:
    return table.whole(key) if table.has(key) else None
