"""The console in front of sources that die, stall and talk nonsense, over real connections."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, start_http_server
from textual.pilot import Pilot

from procedures.environment import Endpoint, Environment
from tests.integration.signals.misbehaving import (
    HEALTHY,
    Handler,
    MisbehavingServer,
    answering,
    answering_json,
    environment_with,
    misbehaving_server,
    prometheus_saying,
)
from tests.live_console import live_console, panel_text, screen_text, text_of, until
from tests.prometheus_stack import free_port
from tui.screens.alerts import AlertsScreen
from tui.screens.chart import ChartScreen
from tui.screens.dashboard import DashboardScreen
from tui.screens.help import HelpScreen
from tui.screens.procedures import ProceduresScreen
from widgets.header_bar import HeaderBar
from widgets.summaries import AlertSummary, HealthSummary

QUERY = "/api/v1/query"
RANGE = "/api/v1/query_range"

FULL = {
    "status": "healthy",
    "checks": {"cache": {"status": "degraded"}, "storage": {"status": "healthy"}},
}


@pytest.fixture
async def server() -> AsyncIterator[MisbehavingServer]:
    """A Prometheus, an Alertmanager and a health endpoint that are well to begin with."""
    async with misbehaving_server() as running:
        running.paths = {
            QUERY: prometheus_saying("42"),
            RANGE: prometheus_saying("42"),
            "/api/v1/rules": answering_json({"data": {"groups": []}}),
            "/health": answering_json(HEALTHY),
            "/api/v2/alerts": answering_json([]),
            "/api/v2/silences": answering_json([]),
        }
        yield running


@pytest.fixture
def environment(server: MisbehavingServer) -> Environment:
    """The environment whose sources are all on that server."""
    return environment_with(
        prometheus=server.endpoint,
        alertmanager=server.endpoint,
        health=Endpoint(url=f"{server.url}/health"),
    )


def header(pilot: Pilot[int]) -> str:
    return text_of(pilot.app.screen.query_one(HeaderBar))


def health(pilot: Pilot[int]) -> str:
    return text_of(pilot.app.screen.query_one(HealthSummary))


def alerts(pilot: Pilot[int]) -> str:
    return text_of(pilot.app.screen.query_one(AlertSummary))


async def test_a_source_that_dies_is_unknown_and_named_while_the_rest_lives_until_it_is_back(
    server: MisbehavingServer, environment: Environment, tmp_path: Path
) -> None:
    async with live_console(environment, tmp_path) as pilot:
        await until(pilot, lambda: "OK" in panel_text(pilot, "cpu"))
        assert "42" in panel_text(pilot, "cpu")

        server.paths |= {QUERY: answering("", status=500), "/health": answering_json(FULL)}
        await until(pilot, lambda: "UNKNOWN" in panel_text(pilot, "cpu"))
        for indicator in ("availability", "p95-latency", "error-rate", "cpu", "memory"):
            assert "UNKNOWN" in panel_text(pilot, indicator)
            assert "no fresh data since" in panel_text(pilot, indicator)
        await until(pilot, lambda: "trouble: metrics" in header(pilot))
        await until(pilot, lambda: "degraded" in health(pilot))
        assert "none · from alertmanager" in alerts(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: "answered 500" in panel_text(pilot, "availability"))
        await pilot.press("escape")

        server.paths[QUERY] = prometheus_saying("43")
        await until(pilot, lambda: "OK" in panel_text(pilot, "cpu"))
        assert "43" in panel_text(pilot, "cpu")
        await until(pilot, lambda: "no answer" not in header(pilot))


@pytest.mark.parametrize(
    ("handler", "complaint"),
    [
        (answering("", status=401), "did not accept the credentials"),
        (answering("<html>[/red]", kind="text/html"), "answered with a web page"),
        (answering("\x1b[2J{]"), "answered with something"),
        (answering_json({"data": {"result": []}}), "not exported by the service"),
        (answering(b" " * (33 * 1024**2)), "more than 32 MiB"),
    ],
)
async def test_each_kind_of_nonsense_is_unknown_with_its_reason(
    server: MisbehavingServer,
    environment: Environment,
    tmp_path: Path,
    handler: Handler,
    complaint: str,
) -> None:
    server.paths |= {QUERY: handler, RANGE: handler}
    async with live_console(environment, tmp_path) as pilot:
        await until(pilot, lambda: complaint in panel_text(pilot, "cpu"))
        assert "UNKNOWN" in panel_text(pilot, "cpu")
        await until(pilot, lambda: "HEALTHY" in health(pilot))
        assert "\x1b" not in screen_text(pilot)


async def test_no_traffic_is_said_and_is_not_green(
    server: MisbehavingServer, environment: Environment, tmp_path: Path
) -> None:
    silent = prometheus_saying("NaN")

    async def idle(request: web.Request) -> web.StreamResponse:
        if "__name__" not in request.query["query"]:
            return await silent(request)
        name = {"quarterdeck_query": "names", "__name__": "config_errors_total"}
        exported = {"metric": name, "value": [time.time(), "1"]}
        return web.json_response({"status": "success", "data": {"result": [exported]}})

    server.paths |= {QUERY: idle, RANGE: silent}
    async with live_console(environment, tmp_path) as pilot:
        await until(pilot, lambda: "no traffic" in panel_text(pilot, "error-rate"))
        assert "UNKNOWN" in panel_text(pilot, "error-rate")


async def test_keys_work_while_a_request_hangs(
    server: MisbehavingServer, environment: Environment, tmp_path: Path
) -> None:
    asked, released = asyncio.Event(), asyncio.Event()

    async def hanging(_: web.Request) -> web.Response:
        asked.set()
        await released.wait()
        return web.Response(status=500)

    server.paths |= dict.fromkeys([QUERY, RANGE, "/api/v1/rules", "/api/v2/alerts"], hanging)
    async with live_console(environment, tmp_path) as pilot:
        await asyncio.wait_for(asked.wait(), 20)
        for key, screen in (
            ("2", AlertsScreen),
            ("3", ProceduresScreen),
            ("1", DashboardScreen),
            ("question_mark", HelpScreen),
        ):
            await pilot.press(key)
            assert isinstance(pilot.app.screen, screen)
        await pilot.press("escape")
        await until(pilot, lambda: "HEALTHY" in health(pilot))
        await until(pilot, lambda: "did not answer within 1 s" in panel_text(pilot, "cpu"))
        await pilot.press("enter")
        assert isinstance(pilot.app.screen, ChartScreen)
        await pilot.press("f5", "escape")
        assert not released.is_set()
        released.set()
        server.paths |= {QUERY: prometheus_saying("42"), RANGE: prometheus_saying("42")}
        await until(pilot, lambda: "OK" in panel_text(pilot, "cpu"))


async def test_ten_thousand_series_are_shown_as_one_number_and_its_largest_parts(
    server: MisbehavingServer, tmp_path: Path
) -> None:
    rounds = iter(range(1, 10_000))

    async def large(_: web.Request) -> web.Response:
        seconds = next(rounds)
        names = (f'config_operations_total{{operation="o{i}"}}' for i in range(10_000))
        return web.Response(text="\n".join(f"{n} {i * seconds}" for i, n in enumerate(names)))

    server.paths["/metrics"] = large
    async with live_console(environment_with(metrics=(server.endpoint,)), tmp_path) as pilot:
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: "o9999" in panel_text(pilot, "operations"), seconds=60)
        assert "o5000" not in panel_text(pilot, "operations")
        await pilot.press("2")
        assert isinstance(pilot.app.screen, AlertsScreen)


@pytest.mark.parametrize(
    ("handler", "shown"),
    [
        (answering("", status=426), ("? Health", "NO ANSWER", "demands TLS (426)")),
        (
            answering_json({**FULL, "status": "unhealthy"}, status=503),
            ("■ Health", "UNHEALTHY", "▲ cache     degraded", "? disk      not reported"),
        ),
        (answering("", status=503), ("■ Health", "NO ANSWER", "answered with something")),
        (answering_json(FULL), ("▲ Health", "DEGRADED", "it calls itself healthy")),
        (answering_json(HEALTHY, status=503), ("■ Health", "UNHEALTHY", "answers 503")),
        (answering_json({"status": "ok"}), ("? Health", "NOT UNDERSTOOD", "'ok' is no known")),
        (
            answering_json(HEALTHY),
            ("● Health", "HEALTHY", "? storage   not reported", "? cache     not reported"),
        ),
    ],
)
async def test_whatever_the_health_endpoint_answers_is_told_as_it_is(
    server: MisbehavingServer,
    environment: Environment,
    tmp_path: Path,
    handler: Handler,
    shown: tuple[str, ...],
) -> None:
    server.paths["/health"] = handler
    async with live_console(environment, tmp_path) as pilot:
        await until(pilot, lambda: all(words in health(pilot) for words in shown))


class Exporter:
    """A real exporter of one gauge, which can be stopped and started at the same address."""

    def __init__(self) -> None:
        self._port = free_port()
        self._registry = CollectorRegistry()
        memory = Gauge("process_resident_memory_bytes", "", registry=self._registry)
        memory.set(1024.0**3)
        self.endpoint = Endpoint(url=f"http://127.0.0.1:{self._port}")
        self.start()

    def start(self) -> None:
        self._server, self._thread = start_http_server(
            self._port, addr="127.0.0.1", registry=self._registry
        )

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def exporter() -> Iterator[Exporter]:
    running = Exporter()
    yield running
    running.stop()


async def test_a_service_that_is_gone_is_down_and_up_again_when_it_returns(
    server: MisbehavingServer, exporter: Exporter, tmp_path: Path
) -> None:
    environment = environment_with(
        metrics=(exporter.endpoint,), health=Endpoint(url=f"{server.url}/health")
    )
    async with live_console(environment, tmp_path) as pilot:
        await until(pilot, lambda: "OK" in panel_text(pilot, "memory"))
        await asyncio.to_thread(exporter.stop)
        await until(pilot, lambda: "CRITICAL" in panel_text(pilot, "availability"))
        await until(pilot, lambda: "UNKNOWN" in panel_text(pilot, "memory"))
        await until(pilot, lambda: "trouble: metrics" in header(pilot))
        await until(pilot, lambda: "ServiceDown" in alerts(pilot))
        assert "HEALTHY" in health(pilot)
        exporter.start()
        await until(pilot, lambda: "OK" in panel_text(pilot, "memory"))
        await until(pilot, lambda: "no answer" not in header(pilot))
