"""Checks against the real machine and a real service on loopback."""

import io
import socket
import tarfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web

from procedures.clock import SystemClock
from procedures.environment import Endpoint, Environment, Method, Secret, Tier
from procedures.errors import SourceError
from procedures.execution.checks.checks import CheckRunner
from procedures.execution.checks.world import LiveWorld
from procedures.reference.states import State
from procedures.runbook.assertion_parser import parse_assertion
from procedures.signals.values import Alerts, Backups, Disk, Health, Reading, Snapshot
from procedures.targets.answers import Answers
from procedures.targets.log_lines import LogLine, Severity
from procedures.targets.target import Answer
from tests.scripted_target import ScriptedTarget, deployment, unit

NOW = datetime.now(UTC)
UNKNOWN = Health(state=State.UNKNOWN, word="no answer")


def three_pods() -> ScriptedTarget:
    pods = deployment(*(unit(f"pod-{number}") for number in (1, 2, 3)))
    return ScriptedTarget(pods, deployment(unit("redis-0", "redis"), name="redis"))


class Service:
    """A small HTTP service whose counter grows by one each scrape while it is busy."""

    def __init__(self) -> None:
        self.counted = 0
        self.busy = True
        self.metrics = "config_operations_total"
        self.word = "healthy"

    async def health(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer t":
            return web.Response(status=401)
        return web.json_response({"status": self.word, "service": "x", "version": "1"})

    async def scrape(self, _request: web.Request) -> web.Response:
        self.counted += self.busy
        return web.Response(text=f'{self.metrics}{{operation="get"}} {self.counted}\n')

    async def query(self, request: web.Request) -> web.Response:
        assert request.query["query"] == 'sum(config_operations_total{job="llm-config-manager"})'
        self.counted += self.busy
        return web.json_response({"data": {"result": [{"value": [0, str(self.counted)]}]}})


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
async def base(service: Service) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_get("/health", service.health)
    app.router.add_get("/metrics", service.scrape)
    app.router.add_get("/api/v1/query", service.query)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield f"http://127.0.0.1:{port}"
    await runner.cleanup()


@pytest.fixture
def environment(base: str, tmp_path: Path) -> Environment:
    endpoint = Endpoint(url=base, bearer=Secret(inline="t"))
    return Environment(
        name="e",
        tier=Tier.SANDBOX,
        method=Method.DOCKER,
        api=endpoint,
        health=replace(endpoint, url=f"{base}/health"),
        metrics=(endpoint,),
        backup_dir=tmp_path,
    )


async def judge(
    line: str,
    environment: Environment,
    *,
    target: ScriptedTarget | None = None,
    backups: Backups | None = None,
    readings: Sequence[Reading] = (),
    variables: dict[str, str] | None = None,
) -> tuple[bool | None, str]:
    async def no_pause(_seconds: float) -> None:
        return None

    def snapshot() -> Snapshot:
        return Snapshot(
            at=NOW,
            readings={reading.indicator: reading for reading in readings},
            histories={},
            health=UNKNOWN,
            alerts=Alerts(at=NOW),
            backups=backups or Backups(state=State.CRITICAL),
            disk=Disk(state=State.UNKNOWN),
        )

    world = LiveWorld(
        environment,
        snapshot=snapshot,
        answers=Answers(
            environment, targets=lambda: (target or three_pods(),), clock=SystemClock()
        ),
        clock=SystemClock(),
    )
    runner = CheckRunner(world, clock=SystemClock(), pause=no_pause)
    result = await runner.check(parse_assertion(line, 1), variables or {})
    assert result.text == line
    return result.passed, result.detail


async def test_http_is_asked_with_the_credentials_of_its_own_address_only(
    environment: Environment, base: str
) -> None:
    line = "http GET $API/health is 200"
    assert (await judge(line, environment, variables={"API": base}))[0] is True
    elsewhere = replace(environment, api=None, health=None, metrics=())
    assert await judge(line, elsewhere, variables={"API": base}) == (False, "answered 401")


async def test_an_address_that_cannot_be_reached_is_unknown_with_the_reason(
    environment: Environment,
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    passed, detail = await judge("http GET $X is 200", environment, variables={"X": url})
    assert passed is None
    assert url in detail


async def test_a_variable_that_is_not_known_fails_the_check(environment: Environment) -> None:
    passed, detail = await judge("http GET $NOPE/health is 200", environment)
    assert (passed, detail) == (None, "$NOPE is not known here")


async def test_a_counter_is_sampled_twice(environment: Environment, service: Service) -> None:
    line = "metric config_operations_total is increasing"
    assert await judge(line, environment) == (True, "from 1 to 2")
    service.busy = False
    assert await judge(line, environment) == (False, "from 2 to 2")
    service.metrics = "something_else"
    assert (await judge(line, environment))[0] is None
    service.metrics = 'broken{label="'
    passed, detail = await judge(line, environment)
    assert passed is None
    assert "did not answer with metrics" in detail


async def test_a_counter_is_asked_of_prometheus_where_nothing_is_scraped(
    environment: Environment,
) -> None:
    served = replace(environment, metrics=(), prometheus=environment.api)
    line = "metric config_operations_total is increasing"
    assert await judge(line, served) == (True, "from 1 to 2")
    passed, detail = await judge(line, replace(environment, metrics=()))
    assert (passed, detail) == (None, "no source of metrics is configured")


async def test_readiness_and_logs_are_the_targets_answer(environment: Environment) -> None:
    target = three_pods()
    line = "service has at least 1 ready"
    assert (await judge("service has 3 ready", environment, target=target))[0] is True
    assert (await judge("workload redis has 1 ready", environment, target=target))[0] is True
    assert (await judge("workload redis has 2 ready", environment, target=target))[0] is False
    target.logs["pod-1"] = [LogLine("2026-11-23T14:25:00Z", "pod-1", Severity.ERROR, "ERROR x")]
    assert (await judge("logs have no ERROR in 5m", environment, target=target))[0] is False
    target.fault = SourceError("kubectl is not installed here")
    assert await judge(line, environment, target=target) == (None, "kubectl is not installed here")


async def test_a_file_is_looked_for_in_the_service_and_it_is_said_where(
    environment: Environment,
) -> None:
    target = three_pods()
    target.answers[("test", "-e", "/etc/llm-config/config.yaml")] = Answer(status=1, output="")
    line = "file /etc/llm-config/config.yaml exists"
    found = await judge(line, environment, target=target)
    assert found == (False, "there is no such file in pod-1")


async def test_health_is_asked_afresh_and_not_taken_from_the_watch(
    environment: Environment, service: Service
) -> None:
    line = "health status is healthy"
    assert (await judge(line, environment))[0] is True
    service.word = "degraded"
    assert await judge(line, environment) == (False, "status is degraded")
    passed, detail = await judge(line, replace(environment, health=None))
    assert (passed, detail) == (None, "no health endpoint is configured")


async def test_indicators_and_alerts_are_the_watchs_knowledge(environment: Environment) -> None:
    reading = Reading(indicator="p95-latency", state=State.OK, value=80.0, at=NOW)
    line = "indicator p95-latency is ok"
    assert (await judge(line, environment, readings=[reading]))[0] is True
    assert (await judge(line, environment))[0] is None
    assert (await judge("alert ServiceDown is not firing", environment))[0] is True


async def test_a_verified_backup_has_been_read_to_its_last_byte(
    environment: Environment, tmp_path: Path
) -> None:
    archive = tmp_path / "backup.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        member = tarfile.TarInfo("data")
        member.size = 200_000
        tar.addfile(member, io.BytesIO(bytes(range(256)) * 782))
    backups = Backups(state=State.OK, newest=archive.name, newest_at=datetime.now(UTC))
    line = "backup is younger than 25h and verified"
    assert (await judge(line, environment, backups=backups))[0] is True
    archive.write_bytes(archive.read_bytes()[:-300])
    passed, detail = await judge(line, environment, backups=backups)
    assert passed is False
    assert "backup.tar.gz is damaged" in detail
    assert (await judge(line, environment))[0] is False


async def test_this_machine_is_asked_directly(environment: Environment, tmp_path: Path) -> None:
    environment = replace(environment, method=Method.SYSTEMD)
    variables = {"DATA_DIR": str(tmp_path)}
    for line, expected in {
        "disk $DATA_DIR has 1MiB free": True,
        "disk $DATA_DIR has 900000GiB free": False,
        "memory has 1MiB free": True,
        "memory has 900000GiB free": False,
        "file /etc/passwd exists": True,
        "file /etc/no-such-file exists": False,
        "disk /no/such/place has 1MiB free": None,
    }.items():
        assert (await judge(line, environment, variables=variables))[0] is expected, line


async def test_a_port_is_listening_when_it_accepts(environment: Environment, base: str) -> None:
    environment = replace(environment, method=Method.SYSTEMD)
    port = base.rpartition(":")[2]
    assert (await judge(f"port {port} is listening", environment))[0] is True
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    assert (await judge(f"port {number} is listening", environment))[0] is False
