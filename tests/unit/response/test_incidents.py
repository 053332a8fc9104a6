"""What the ledger tells of incidents."""

from datetime import UTC, datetime, timedelta

from procedures.ledger.event import Draft, Event
from procedures.response.incidents import Severity, declared, open_incidents, resolved

START = datetime(2026, 3, 4, 3, 0, tzinfo=UTC)


def recorded(*drafts: Draft) -> list[Event]:
    return [
        Event(
            seq=number,
            at=START + timedelta(minutes=number),
            kind=draft.kind,
            subject=draft.subject,
            environment=draft.environment,
            operator=draft.operator,
            body=draft.body,
            previous_hash="",
            hash="",
        )
        for number, draft in enumerate(drafts, start=1)
    ]


def outage(severity: Severity, minute: int, environment: str = "production") -> Draft:
    at = START + timedelta(minutes=minute)
    return declared(severity, "API down", at=at, environment=environment, by="ada")


def test_a_declared_incident_is_open_until_it_is_resolved() -> None:
    first = outage(Severity.P1, 1)
    (incident,) = open_incidents(recorded(first), "production")
    assert (incident.severity, incident.title) == (Severity.P1, "API down")
    assert (incident.declared_by, incident.declared_at) == ("ada", START + timedelta(minutes=1))
    end = resolved(incident, "restarted", environment="production", by="bob")
    assert open_incidents(recorded(first, end), "production") == ()


def test_the_most_severe_comes_first_and_then_the_oldest() -> None:
    events = recorded(outage(Severity.P2, 1), outage(Severity.P1, 2), outage(Severity.P1, 3))
    found = open_incidents(events, "production")
    assert [each.severity for each in found] == [Severity.P1, Severity.P1, Severity.P2]
    assert found[0].declared_at < found[1].declared_at


def test_an_incident_elsewhere_is_not_ours() -> None:
    assert open_incidents(recorded(outage(Severity.P1, 1, "staging")), "production") == ()


def test_resolving_what_is_not_open_changes_nothing() -> None:
    (incident,) = open_incidents(recorded(outage(Severity.P3, 1)), "production")
    end = resolved(incident, "again", environment="production", by="bob")
    assert open_incidents(recorded(end), "production") == ()
