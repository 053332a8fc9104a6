"""What `check` and the plain dashboard tell of a snapshot."""

import json
from dataclasses import replace

import pytest

from procedures.environment import Environment, Method, Tier
from procedures.reference.indicators import load_indicators
from procedures.reference.states import State
from procedures.reference.thresholds import Threshold
from procedures.signals.values import (
    AlertHandling,
    Alerts,
    Component,
    Health,
    Reading,
    Snapshot,
)
from procedures.signals.verdict import findings, verdict
from tests.unit.commands.snapshots import ENVIRONMENT, NOW, alert, snapshot
from tui.commands.plugin_output import failure_output, performance, plugin_output
from tui.commands.snapshot_json import failure_json, snapshot_json
from tui.plain import render
from widgets.marks import GLYPHS

INDICATORS = load_indicators()
HOSTILE = "a|b\x1b[31m\n[/red]\u202egnp"


def printed(shown: Snapshot, environment: Environment = ENVIRONMENT) -> list[str]:
    found = findings(shown, environment, INDICATORS.values())
    return plugin_output(shown, found, environment, INDICATORS).splitlines()


def state(shown: Snapshot, environment: Environment = ENVIRONMENT) -> State:
    return verdict(findings(shown, environment, INDICATORS.values()))


def test_the_first_line_says_verdict_and_counts_and_carries_performance_data() -> None:
    first = printed(snapshot())[0]
    told, _, measured = first.partition(" | ")
    assert told == "QUARTERDECK CRITICAL - prod: 1 critical, 4 warning, 1 unknown, 5 ok"
    assert measured.split(" ") == [
        "'availability'=100%;99.9:;99:",
        "'p95-latency'=212.4ms;100;200",
        "'error-rate'=0.05%;1;5",
        "'cache-hit-rate'=75%;80:;70:",
        "'cpu'=40%;70;85",
        "'memory'=U;70;85",
    ]


def test_every_finding_has_a_line_of_its_own() -> None:
    lines = printed(snapshot())[1:]
    assert [line.split("  ")[0].strip() for line in lines] == [
        *("OK", "CRITICAL", "OK", "WARNING", "OK", "UNKNOWN"),
        *("WARNING", "WARNING", "WARNING", "CRITICAL", "OK", "OK"),
    ]
    text = "\n".join(lines)
    assert "P95 latency        212 ms" in text
    assert "Memory             no answer for 2m" in text
    assert "Component cache    degraded, 12 ms, slow" in text
    assert "Alert HighLatency  for 12m, P95 above 200 ms" in text
    assert "full.tar.gz (2.0KiB), 60m old, 3 in all" in text
    assert "/srv: 60.0GiB free of 100.0GiB" in text
    assert "Waiting" not in text


def test_a_muted_alert_is_told_and_changes_no_verdict() -> None:
    muted = alert("Muted", handling=AlertHandling.INHIBITED)
    calm = snapshot(readings=ok_readings(), health=healthy(), alerts=Alerts(items=(muted,)))
    assert state(calm) is State.OK
    assert "CRITICAL  Alert Muted" in "\n".join(printed(calm))
    seen = alert("Seen", handling=AlertHandling.ACKNOWLEDGED)
    assert state(replace(calm, alerts=Alerts(items=(seen,)))) is State.CRITICAL


def ok_readings() -> dict[str, Reading]:
    good = {"availability": 100.0, "cache-hit-rate": 95.0}
    return {
        each.id: Reading(indicator=each.id, state=State.OK, value=good.get(each.id, 0.0), at=NOW)
        for each in INDICATORS.values()
        if each.key
    }


def healthy() -> Health:
    return Health(state=State.OK, word="healthy", http_status=200)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, State.OK),
        ({"readings": {}}, State.UNKNOWN),
        ({"health": Health(state=State.UNKNOWN, word="no answer")}, State.UNKNOWN),
        ({"health": Health(state=State.CRITICAL, word="unhealthy")}, State.CRITICAL),
        ({"alerts": Alerts(fault="refused")}, State.UNKNOWN),
        ({"alerts": Alerts(items=(alert("A", "info"),))}, State.OK),
        ({"alerts": Alerts(items=(alert("A", "WARNING"),))}, State.WARNING),
        ({"alerts": Alerts(items=(alert("A", "page"),))}, State.WARNING),
    ],
)
def test_the_verdict_is_the_worst_of_what_counts(
    change: dict[str, object], expected: State
) -> None:
    calm = snapshot(readings=ok_readings(), health=healthy(), alerts=Alerts())
    assert state(replace(calm, **change)) is expected  # type: ignore[arg-type]


def test_what_the_environment_does_not_name_is_not_held_against_it() -> None:
    bare = Environment(name="dev", tier=Tier.DEVELOPMENT, method=Method.DOCKER)
    unknown = snapshot(
        readings=ok_readings(),
        health=Health(state=State.UNKNOWN, word="no answer"),
        alerts=Alerts(),
    )
    assert state(unknown, bare) is State.OK


def test_an_indicator_with_a_threshold_of_its_own_counts_too() -> None:
    other = next(each for each in INDICATORS.values() if not each.key)
    strict = replace(ENVIRONMENT, thresholds={other.id: Threshold(target=1, critical=2)})
    reading = Reading(indicator=other.id, state=State.CRITICAL, value=3.0, at=NOW)
    shown = snapshot(readings={**ok_readings(), other.id: reading}, health=healthy())
    assert state(shown) is State.WARNING
    assert state(shown, strict) is State.CRITICAL
    assert ";1;2" in printed(shown, strict)[0]


@pytest.mark.parametrize(
    ("id", "value", "expected"),
    [
        ("p95-latency", 0.00001, "'p95-latency'=0ms;100;200"),
        ("p95-latency", 1e9, "'p95-latency'=1000000000ms;100;200"),
        ("availability", 99.95, "'availability'=99.95%;99.9:;99:"),
        ("cpu", None, "'cpu'=U;70;85"),
    ],
)
def test_performance_data_is_what_plugins_write(
    id: str, value: float | None, expected: str
) -> None:
    reading = Reading(indicator=id, state=State.OK, value=value)
    assert performance(reading, INDICATORS[id], INDICATORS[id].threshold) == expected


def hostile() -> Snapshot:
    component = Component(name=HOSTILE, state=State.OK, word=HOSTILE, message=HOSTILE)
    return snapshot(
        health=Health(state=State.OK, word=HOSTILE, components=(component,), fault=HOSTILE),
        alerts=Alerts(items=(alert(HOSTILE, summary=HOSTILE),)),
    )


def test_text_from_outside_can_forge_neither_lines_nor_performance_data_nor_escapes() -> None:
    lines = printed(hostile())
    assert [line for line in lines[1:] if "|" in line] == []
    assert len(lines) == len(printed(snapshot())) - 1
    for text in ("\n".join(lines), render(hostile(), ENVIRONMENT, INDICATORS.values())):
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_a_look_that_could_not_be_taken_is_unknown_in_one_line() -> None:
    assert failure_output("no file\n  at all | x") == "QUARTERDECK UNKNOWN - no file at all ¦ x"
    assert json.loads(failure_json("no file", "write one"))["state"] == "unknown"


def test_the_json_holds_everything_and_null_for_what_is_not_known() -> None:
    shown = snapshot()
    found = findings(shown, ENVIRONMENT, INDICATORS.values())
    told = json.loads(snapshot_json(shown, found, ENVIRONMENT, INDICATORS))
    assert (told["state"], told["environment"]) == ("critical", "prod")
    assert told["at"] == "2026-03-01T03:00:00+00:00"
    assert [each["id"] for each in told["indicators"]][:2] == ["availability", "p95-latency"]
    assert told["indicators"][5] == {
        **told["indicators"][5],
        "state": "unknown",
        "value": None,
        "at": None,
        "fault": "no answer for 2m",
        "critical": 85.0,
        "worse": "higher",
    }
    assert told["health"]["components"][0]["name"] == "cache"
    assert [each["handling"] for each in told["alerts"]] == ["active", "active", "silenced"]
    assert told["sources"][0]["fault"] == "timed out"


def test_alerts_that_cannot_be_read_are_null_and_not_an_empty_list() -> None:
    shown = snapshot(alerts=Alerts(fault="refused"))
    assert json.loads(snapshot_json(shown, (), ENVIRONMENT, INDICATORS))["alerts"] is None


def test_a_number_that_json_cannot_write_is_null() -> None:
    reading = Reading(indicator="cpu", state=State.UNKNOWN, value=float("nan"))
    shown = snapshot(readings={"cpu": reading})
    found = findings(shown, ENVIRONMENT, INDICATORS.values())
    told = json.loads(snapshot_json(shown, found, ENVIRONMENT, INDICATORS))
    assert {each["value"] for each in told["indicators"]} == {None}


def test_the_plain_dashboard_says_where_it_looked_and_what_it_found() -> None:
    text = render(snapshot(), ENVIRONMENT, INDICATORS.values())
    assert text.startswith("QUARTERDECK  PRODUCTION  prod  kubernetes  2026-03-01 03:00:00 UTC\n")
    assert f"{GLYPHS[State.CRITICAL]} CRITICAL\n" in text
    mark = GLYPHS[State.CRITICAL]
    assert f"{mark} critical  P95 latency        212 ms   (<100 {mark}>200)" in text
    assert "prometheus            last answer never: timed out" in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_health_report_without_components_says_so() -> None:
    text = render(snapshot(health=healthy()), ENVIRONMENT, INDICATORS.values())
    assert "healthy, components not reported" in text
