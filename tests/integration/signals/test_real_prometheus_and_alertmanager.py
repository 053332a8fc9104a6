import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from procedures.clock import SystemClock
from procedures.environment import Endpoint, Environment
from procedures.reference.states import State
from procedures.signals.build import look_once, watch_for
from procedures.signals.rules_file import rules_yaml
from procedures.signals.values import Alert, AlertHandling, AlertPhase, Snapshot
from tests.integration.signals.misbehaving import environment_with, seen
from tests.prometheus_stack import PrometheusStack

pytestmark = pytest.mark.prometheus


@pytest.fixture
def environment(prometheus_stack: PrometheusStack) -> Environment:
    """The environment that the stack watches."""
    return environment_with(
        prometheus=Endpoint(url=prometheus_stack.prometheus),
        alertmanager=Endpoint(url=prometheus_stack.alertmanager),
        window_s=10,
    )


@pytest.fixture
async def tripped(prometheus_stack: PrometheusStack) -> AsyncIterator[None]:
    """The service's test metric is over its rule's bound."""
    prometheus_stack.service.tripped = 1.0
    yield
    prometheus_stack.service.tripped = 0.0


async def test_the_readings_are_the_servers_answers(environment: Environment) -> None:
    snapshot = await seen(
        environment, lambda s: s.readings["cpu"].value == pytest.approx(20, rel=0.02)
    )
    values = {name: reading.value for name, reading in snapshot.readings.items()}
    assert values["availability"] == 100
    assert values["error-rate"] == pytest.approx(3, rel=0.02)
    assert values["cache-hit-rate"] == pytest.approx(75, rel=0.02)
    assert values["memory"] == pytest.approx(50)
    parts = dict(snapshot.readings["operations"].parts)
    assert parts["get"] == pytest.approx(80, rel=0.02)
    assert snapshot.readings["storage"].fault == (
        "not exported by the service (storage_size_bytes)"
    )


async def test_plain_scrapes_say_the_same_as_the_server(
    prometheus_stack: PrometheusStack,
) -> None:
    environment = environment_with(
        metrics=(Endpoint(url=f"http://{prometheus_stack.instance}"),), window_s=10
    )
    snapshot = await look_once(environment, SystemClock())
    values = {name: reading.value for name, reading in snapshot.readings.items()}
    assert values["error-rate"] == pytest.approx(3, rel=0.02)
    assert values["cpu"] == pytest.approx(20, rel=0.02)
    assert values["operations"] == pytest.approx(100, rel=0.02)


def _of(snapshot: Snapshot, name: str) -> Alert | None:
    return next((alert for alert in snapshot.alerts.items if alert.name == name), None)


@pytest.mark.usefixtures("tripped")
async def test_an_alert_of_a_real_rule_fires_beside_a_pending_one(
    environment: Environment,
) -> None:
    snapshot = await seen(environment, lambda s: bool(_of(s, "Tripped") and _of(s, "Brewing")))
    fired, pending = _of(snapshot, "Tripped"), _of(snapshot, "Brewing")
    assert fired is not None
    assert pending is not None
    assert (fired.phase, fired.source) == (AlertPhase.FIRING, "alertmanager")
    assert (fired.severity, fired.summary) == ("critical", "Tripped by a test [/red]")
    assert (pending.phase, pending.source) == (AlertPhase.PENDING, "prometheus")


@pytest.mark.usefixtures("tripped")
async def test_a_silence_whose_comment_says_ack_is_an_acknowledgement(
    environment: Environment, prometheus_stack: PrometheusStack
) -> None:
    silence = {
        "matchers": [{"name": "alertname", "value": "Tripped", "isRegex": False, "isEqual": True}],
        "startsAt": "2020-01-01T00:00:00Z",
        "endsAt": "2099-01-01T00:00:00Z",
        "createdBy": "kim",
        "comment": "ACK! looking",
    }
    api = f"{prometheus_stack.alertmanager}/api/v2"
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{api}/silences", json=silence)
        snapshot = await seen(
            environment,
            lambda s: (
                (a := _of(s, "Tripped")) is not None and a.handling is AlertHandling.ACKNOWLEDGED
            ),
        )
        await client.delete(f"{api}/silence/{answer.json()['silenceID']}")
    alert = _of(snapshot, "Tripped")
    assert alert is not None
    assert alert.comment == "ACK! looking — kim"


async def test_a_week_of_history_comes_in_few_points(environment: Environment) -> None:
    watch = watch_for(environment, SystemClock())
    week = await watch.range("cpu", 7 * 86_400)
    hour = await watch.range("cpu", 3600)
    await watch.aclose()
    assert len(week.values) <= 400
    assert 7 * 86_400 - week.step_s <= week.step_s * (len(week.values) - 1) <= 7 * 86_400
    assert (len(hour.values), hour.step_s) == (241, 15)


async def test_the_shipped_rules_are_accepted_by_promtool(
    prometheus_stack: PrometheusStack, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("rules") / "rules.yml"
    path.write_text(rules_yaml())
    process = await asyncio.create_subprocess_exec(
        "promtool", "check", "rules", str(path), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0
    assert b"23 rules found" in output


async def test_a_job_without_targets_has_no_availability(environment: Environment) -> None:
    snapshot = await look_once(
        environment_with(prometheus=environment.prometheus, job="ghost"), SystemClock()
    )
    assert snapshot.readings["availability"].value == 0
    assert snapshot.readings["availability"].state is State.CRITICAL
    assert snapshot.readings["cpu"].state is State.UNKNOWN
