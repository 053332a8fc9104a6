import pytest

from procedures.clock import SystemClock
from procedures.environment import Endpoint
from procedures.reference.states import State
from procedures.signals.build import look_once
from procedures.signals.values import Health
from tests.integration.signals.misbehaving import (
    HEALTHY,
    Handler,
    MisbehavingServer,
    answering,
    answering_json,
    environment_with,
    truncated,
)

FULL = {
    "status": "healthy",
    "checks": {
        "cache": {"component": "cache", "status": "degraded", "message": None, "duration_ms": 120},
        "storage": {"status": "healthy", "message": "fine", "duration_ms": 3},
    },
    "timestamp": "2026-01-01T00:00:00Z",
    "uptime_seconds": 3600,
}


async def _health(server: MisbehavingServer, handler: Handler) -> Health:
    server.paths = {"/health": handler}
    environment = environment_with(health=Endpoint(url=f"{server.url}/health"))
    return (await look_once(environment, SystemClock())).health


async def test_the_minimal_shape_reports_no_components(server: MisbehavingServer) -> None:
    health = await _health(server, answering_json(HEALTHY))
    assert (health.state, health.word, health.version) == (State.OK, "healthy", "0.5.0")
    assert (health.reports_components, health.components) == (False, ())


async def test_a_report_is_never_better_than_its_worst_component(server: MisbehavingServer) -> None:
    health = await _health(server, answering_json(FULL))
    assert (health.state, health.word, health.uptime_s) == (State.WARNING, "degraded", 3600)
    assert health.fault == "it calls itself healthy, but not all of its components"
    assert [(c.name, c.state, c.duration_ms) for c in health.components] == [
        ("cache", State.WARNING, 120.0),
        ("storage", State.OK, 3.0),
    ]


async def test_an_unhealthy_report_comes_with_503(server: MisbehavingServer) -> None:
    report = {**FULL, "status": "unhealthy"}
    health = await _health(server, answering_json(report, status=503))
    assert (health.state, health.word, health.http_status) == (State.CRITICAL, "unhealthy", 503)


@pytest.mark.parametrize(
    ("handler", "state", "complaint"),
    [
        (answering("", status=503), State.CRITICAL, "not a health report"),
        (answering_json(HEALTHY, status=503), State.CRITICAL, "answers 503"),
        (answering("", status=426), State.UNKNOWN, "X-Forwarded-Proto"),
        (answering("", status=404), State.UNKNOWN, "nothing at this address"),
        (answering("<html>", kind="text/html"), State.UNKNOWN, "web page"),
        (answering("nope"), State.UNKNOWN, "not a health report"),
        (answering_json([]), State.UNKNOWN, "not a health report"),
        (answering_json({"status": "splendid"}), State.UNKNOWN, "'splendid' is no known status"),
        (answering_json({"status": "healthy", "checks": "?"}), State.OK, ""),
        (truncated, State.UNKNOWN, "cannot be reached"),
    ],
)
async def test_whatever_is_no_good_report_is_never_ok(
    server: MisbehavingServer, handler: Handler, state: State, complaint: str
) -> None:
    health = await _health(server, handler)
    assert health.state is state
    assert complaint in health.fault
