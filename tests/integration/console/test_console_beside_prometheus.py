"""The console, a real Prometheus and a real Alertmanager, all watching the same real service."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import yaml
from aiohttp import web
from textual.pilot import Pilot

from procedures.clock import SystemClock
from procedures.environment import Endpoint, Environment, Method
from procedures.reference.indicators import load_indicators
from procedures.reference.measures import metrics_of
from procedures.reference.thresholds import Worse
from procedures.sandbox.launcher import Sandbox, start
from procedures.signals.build import watch_for
from procedures.signals.evaluation import Evaluator
from procedures.signals.promql import render
from procedures.signals.rules_file import rules_yaml
from procedures.signals.samples import SampleStore, labels_of
from procedures.signals.values import Snapshot
from tests.integration.signals.misbehaving import QUICK, misbehaving_server
from tests.live_console import live_console, panel_text, screen_text, until
from tests.prometheus_stack import JOB, missing_programs, running_servers
from tui.app import ConsoleApp
from tui.screens.alerts import AlertScreen
from tui.screens.walk import WalkScreen
from widgets.alert_line import AlertRow
from widgets.line_list import LineList
from widgets.marks import format_value

pytestmark = pytest.mark.prometheus

WINDOW_S = 15
KEY_INDICATORS = {name: each for name, each in load_indicators().items() if each.key}

ALWAYS = """\
groups:
- name: always
  interval: 1s
  rules:
  - alert: Always
    expr: vector(1)
    labels: {severity: info, component: test}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A running sandbox and the servers that watch it."""

    sandbox: Sandbox
    prometheus: str
    alertmanager: str

    @property
    def environment(self) -> Environment:
        """The sandbox as it is seen through the servers."""
        return replace(
            self.sandbox.environment,
            prometheus=Endpoint(url=self.prometheus),
            alertmanager=Endpoint(url=self.alertmanager),
            metrics=(),
            history_url="",
            intervals=QUICK,
            window_s=WINDOW_S,
        )

    @property
    def scraped(self) -> Environment:
        """The sandbox as it is seen without any server, and without its own past."""
        own = self.sandbox.environment
        return replace(
            own, history_url="", window_s=WINDOW_S, intervals=replace(QUICK, metrics_s=1)
        )


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    """A sandbox under Prometheus, with the shipped rules made impatient."""
    if missing := missing_programs():
        pytest.skip(f"not installed: {', '.join(missing)}; install their Debian packages")
    sandbox = asyncio.run(start(tmp_path_factory.mktemp("sandbox"), method=Method.DOCKER))
    try:
        hosts = [each.url.removeprefix("http://") for each in sandbox.environment.metrics]
        rules = {"shipped": impatient(rules_yaml(job=JOB)), "always": ALWAYS}
        root = tmp_path_factory.mktemp("servers")
        with running_servers(root, hosts, rules) as (prometheus, alertmanager):
            yield Watched(sandbox=sandbox, prometheus=prometheus, alertmanager=alertmanager)
    finally:
        asyncio.run(sandbox.stop())


def impatient(rules: str) -> str:
    """Return the same rules, evaluated every second and holding for two."""
    document = yaml.safe_load(rules)
    for group in document["groups"]:
        group["interval"] = "1s"
        for rule in group["rules"]:
            rule["for"] = "2s"
    return yaml.safe_dump(document)


def promql(environment: Environment) -> Mapping[str, str]:
    """Return the six queries as the console gives them to an operator."""
    return {
        name: render(
            each.measure,
            job=environment.job,
            window_s=environment.window_s,
            limits=environment.limits,
        )
        for name, each in KEY_INDICATORS.items()
    }


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(timeout=10) as client:
        yield client


async def answers(http: httpx.AsyncClient, watched: Watched, moment: float) -> dict[str, float]:
    """Return what the server itself says at a moment, as far as it knows."""
    found = {}
    for name, query in promql(watched.environment).items():
        answer = await http.get(
            f"{watched.prometheus}/api/v1/query", params={"query": query, "time": str(moment)}
        )
        for series in answer.json()["data"]["result"]:
            found[name] = float(series["value"][1])
    return found


async def moment_of_all(http: httpx.AsyncClient, watched: Watched) -> float:
    """Wait for a moment, just past, of which the server knows all six; nothing will change it."""
    async with asyncio.timeout(30):
        while True:
            moment = math.floor(time.time()) - 2.0
            known = await answers(http, watched, moment)
            if len(known) == 6 and all(map(math.isfinite, known.values())):
                return moment
            await asyncio.sleep(0.1)


@asynccontextmanager
async def standing_still(
    http: httpx.AsyncClient, watched: Watched, moment: float
) -> AsyncIterator[Endpoint]:
    """Yield the real Prometheus, whose every instant answer is as of one moment."""

    async def forward(request: web.Request) -> web.Response:
        pinned = {"time": str(moment)} if request.path == "/api/v1/query" else {}
        url = f"{watched.prometheus}{request.path}"
        answer = await http.get(url, params={**request.query, **pinned})
        return web.Response(
            body=answer.content, status=answer.status_code, content_type="application/json"
        )

    paths = ("/api/v1/query", "/api/v1/query_range", "/api/v1/rules")
    async with misbehaving_server() as server:
        server.paths = dict.fromkeys(paths, forward)
        yield server.endpoint


async def test_the_six_key_readings_are_the_servers_own_answers(
    watched: Watched, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    moment = await moment_of_all(http, watched)
    expected = await answers(http, watched, moment)
    async with standing_still(http, watched, moment) as server:
        environment = replace(watched.environment, prometheus=server)
        async with live_console(environment, tmp_path) as pilot:
            await until(
                pilot,
                lambda: all(
                    format_value(value, KEY_INDICATORS[name]) in panel_text(pilot, name)
                    for name, value in expected.items()
                ),
            )
            assert isinstance(pilot.app, ConsoleApp)
            snapshot = pilot.app.snapshot
    assert snapshot is not None
    known = {name: snapshot.readings[name].value for name in KEY_INDICATORS}
    assert known == pytest.approx(expected, rel=1e-9)


async def test_plain_scrapes_agree_with_the_server_over_the_same_window(
    watched: Watched, http: httpx.AsyncClient
) -> None:
    scraped = await _after_a_window(watched.scraped)
    await agree_on_the_servers_own_samples(watched, http, math.floor(scraped.at.timestamp()) - 1.0)
    await agree_on_samples_of_their_own(watched, http, scraped)


async def agree_on_the_servers_own_samples(
    watched: Watched, http: httpx.AsyncClient, moment: float
) -> None:
    expected = await answers(http, watched, moment)
    metrics = {metric for each in KEY_INDICATORS.values() for metric in metrics_of(each.measure)}
    store = SampleStore(wanted=metrics)
    for metric in metrics:
        answer = await http.get(
            f"{watched.prometheus}/api/v1/query",
            params={"query": f'{metric}{{job="{JOB}"}}[2m]', "time": str(moment)},
        )
        for series in answer.json()["data"]["result"]:
            for at, value in series["values"]:
                store.add(metric, labels_of(series["metric"]), float(at), float(value))
    evaluator = Evaluator(
        store, moment, window_s=WINDOW_S, limits=watched.sandbox.environment.limits
    )
    ours = {name: evaluator.evaluate(each.measure).value for name, each in KEY_INDICATORS.items()}
    assert ours == pytest.approx(expected, rel=1e-6)


async def agree_on_samples_of_their_own(
    watched: Watched, http: httpx.AsyncClient, scraped: Snapshot
) -> None:
    for name, query in promql(watched.scraped).items():
        reading, threshold = scraped.readings[name], KEY_INDICATORS[name].threshold
        assert reading.at is not None
        assert reading.value is not None
        assert threshold is not None
        span = {"start": reading.at.timestamp() - 1.5, "end": reading.at.timestamp() + 1.5}
        answer = await http.get(
            f"{watched.prometheus}/api/v1/query_range",
            params={"query": query, **span, "step": "0.1"},
        )
        (series,) = answer.json()["data"]["result"]
        values = [float(value) for _, value in series["values"]]
        nearest = min(values, key=lambda value, ours=reading.value: abs(value - ours))  # type: ignore[misc]
        # The two scrape up to a second apart: where errors are few, one of them weighs a lot.
        slack = 0.05 * threshold.target if threshold.worse is Worse.HIGHER else 0.0
        assert reading.value == pytest.approx(nearest, rel=0.02, abs=slack), name


async def _after_a_window(environment: Environment) -> Snapshot:
    """Watch until the window holds nothing but what was scraped."""
    watch = watch_for(environment, SystemClock())
    first: Snapshot | None = None
    try:
        async with asyncio.timeout(WINDOW_S + 30):
            async for snapshot in watch.snapshots():
                first = first or snapshot
                if snapshot.at - first.at > timedelta(seconds=WINDOW_S + 2):
                    return snapshot
    finally:
        await watch.aclose()
    raise AssertionError("the watch ended by itself")


async def select(pilot: Pilot[int], alert: str) -> AlertRow:
    """Put the cursor on an alert, as an operator does."""
    rows: LineList[AlertRow] = pilot.app.screen.query_one("#alert-list", LineList)
    await pilot.press("home")
    for _ in range(50):
        if rows.row is not None and rows.row.alert.name == alert:
            return rows.row
        await pilot.press("down")
    raise AssertionError(f"no {alert} in the list:\n{screen_text(pilot)}")


def line(pilot: Pilot[int], alert: str) -> str:
    """Return the line of an alert in the list; empty if it is not there."""
    return next((text for text in screen_text(pilot).splitlines() if alert in text), "")


async def silence(http: httpx.AsyncClient, watched: Watched, alert: str, comment: str) -> None:
    answer = await http.post(
        f"{watched.alertmanager}/api/v2/silences",
        json={
            "matchers": [{"name": "alertname", "value": alert, "isRegex": False, "isEqual": True}],
            "startsAt": "2020-01-01T00:00:00Z",
            "endsAt": "2099-01-01T00:00:00Z",
            "createdBy": "kim",
            "comment": comment,
        },
    )
    assert answer.is_success


async def test_a_crashed_replica_fires_leads_to_its_procedure_and_is_acknowledged(
    watched: Watched, http: httpx.AsyncClient, tmp_path: Path
) -> None:
    async with live_console(watched.environment, tmp_path, size=(120, 40)) as pilot:
        await pilot.press("2")
        await until(pilot, lambda: "firing" in line(pilot, "Always"))
        assert "ServiceDown" not in screen_text(pilot)

        await watched.sandbox.inject("replica-crash")
        await until(pilot, lambda: "firing" in line(pilot, "ServiceDown"))
        assert "critical" in line(pilot, "ServiceDown")
        assert "from alertmanager" in screen_text(pilot)

        selected = await select(pilot, "ServiceDown")
        assert (selected.alert.name, selected.alert.source) == ("ServiceDown", "alertmanager")
        await pilot.press("enter")
        await until(pilot, lambda: "Rolling restart" in screen_text(pilot))
        assert isinstance(pilot.app.screen, AlertScreen)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(pilot.app.screen, WalkScreen))
        await pilot.press("escape", "escape")

        await silence(http, watched, "ServiceDown", "ACK! restarting it")
        await silence(http, watched, "Always", "maintenance")
        await until(pilot, lambda: "acknowledged" in line(pilot, "ServiceDown"))
        await until(pilot, lambda: "silenced" in line(pilot, "Always"))
        await select(pilot, "ServiceDown")
        await pilot.press("enter")
        await until(pilot, lambda: "ACK! restarting it — kim" in screen_text(pilot))
        await pilot.press("escape")

        await watched.sandbox.cure("replica-crash")
        await until(pilot, lambda: "ServiceDown" not in screen_text(pilot), seconds=40)
