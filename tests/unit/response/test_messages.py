"""Messages begin with what the console knows."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from procedures.response.incidents import Incident, Severity
from procedures.response.messages import fields_of, filled, open_fields

NOW = datetime(2026, 3, 4, 3, 12, tzinfo=UTC)
INCIDENT = Incident(
    id="incident-20260304-030000",
    severity=Severity.P1,
    title="The API is down",
    declared_at=datetime(2026, 3, 4, 3, 0, tzinfo=UTC),
    declared_by="ada",
)


def test_place_time_and_incident_are_filled_in_and_the_rest_is_left() -> None:
    fields = fields_of(environment="production", operator="bob", now=NOW, incident=INCIDENT)
    template = "{severity} {title} in {environment} since {started}, by {operator}: {impact}"
    assert filled(template, fields) == (
        "P1 The API is down in production since 2026-03-04 03:00 UTC, by bob: {impact}"
    )
    assert filled("every {update_every}", fields) == "every 1 h"


def test_without_an_incident_its_fields_stay_open() -> None:
    fields = fields_of(environment="staging", operator="bob", now=NOW, incident=None)
    assert open_fields(filled("{severity} {environment} {impact} {severity}", fields)) == (
        "severity",
        "impact",
    )


@given(st.text(), st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), st.text()))
def test_what_is_filled_in_is_never_filled_again(template: str, fields: dict[str, str]) -> None:
    braced = {name: f"{{{name}}}" for name in fields}
    assert filled(template, braced) == template
