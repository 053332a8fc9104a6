"""A fleet at a real Prometheus that scrapes: watched, told on the command line, led into."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from procedures.clock import SystemClock
from procedures.environment import Endpoint, Environment, Method, Tier
from procedures.fleet.fleet import Fleet, FleetSettings, fleet_of
from procedures.fleet.watch import FleetWatch
from procedures.reference.states import State
from procedures.signals.build import look_once, watch_for
from procedures.signals.values import AlertPhase
from tests.fleet_server import running_fleet
from tests.live_console import live_console, panel_text, screen_text, until
from tests.prometheus_stack import missing_programs
from tui.app import ConsoleApp
from tui.screens.fleet import FleetScreen

pytestmark = [
    pytest.mark.prometheus,
    pytest.mark.skipif(bool(missing_programs()), reason=f"not installed: {missing_programs()}"),
]

TARGETS = 24
KEY = ("availability", "p95-latency", "error-rate", "cache-hit-rate", "cpu", "memory")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_fleet(tmp_path_factory.mktemp("fleet"), TARGETS) as address:
        yield address


def environments(server: str) -> dict[str, Environment]:
    """Return one that the server knows, one that it should know, and one with its own sources."""
    known = Endpoint(url=server)
    return {
        each.name: each
        for each in (
            Environment(
                name="production",
                tier=Tier.PRODUCTION,
                method=Method.KUBERNETES,
                labels={"environment": "env-001"},
                prometheus=known,
            ),
            Environment(
                name="lost", tier=Tier.STAGING, method=Method.DOCKER, fleet_label="env-999"
            ),
            Environment(
                name="alone",
                tier=Tier.STAGING,
                method=Method.DOCKER,
                health=Endpoint(url="http://127.0.0.1:1/health"),
            ),
        )
    }


def the_fleet(server: str) -> Fleet:
    settings = FleetSettings(prometheus=Endpoint(url=server), window_s=60)
    return fleet_of(settings, environments(server))


async def test_all_targets_and_environments_are_rows_worst_first(server: str) -> None:
    watch = FleetWatch(the_fleet(server), SystemClock())
    view = await watch.look(patience_s=10)
    await watch.aclose()
    rows = {each.name: each for each in view.rows}
    assert len(rows) == TARGETS - 1 + 3
    assert not view.fault
    down = rows["env-011"]
    assert (down.state, down.firing) == (State.CRITICAL, 1)
    assert down.readings["availability"].value == 0
    assert rows["env-007"].readings["error-rate"].state is State.CRITICAL
    assert rows["env-003"].readings["p95-latency"].state is State.CRITICAL
    assert rows["env-004"].readings["error-rate"].value == 0  # no error yet is no error
    assert rows["production"].is_environment
    assert rows["production"].label == "env-001"
    assert rows["production"].state is State.OK
    assert rows["lost"].fault == "the server knows no series with environment=env-999"
    assert "127.0.0.1:1" in rows["alone"].fault
    assert [each.score for each in view.rows] == sorted(
        (each.score for each in view.rows), reverse=True
    )


async def test_what_one_is_led_into_says_what_its_row_said(server: str) -> None:
    fleet = the_fleet(server)
    watch = FleetWatch(fleet, SystemClock())
    view = await watch.look(patience_s=10)
    await watch.aclose()
    rows = {each.name: each for each in view.rows}
    for name in ("env-003", "env-007", "env-011"):
        inside = await look_once(fleet.target(name), SystemClock())
        for indicator in KEY:
            one, other = rows[name].readings[indicator], inside.readings[indicator]
            assert one.state is other.state, (name, indicator)
            assert one.value == pytest.approx(other.value, rel=0.1), (name, indicator)
        firing = [a for a in inside.alerts.items if a.phase is AlertPhase.FIRING]
        assert [a.labels["environment"] for a in firing] == [name] * (rows[name].firing or 0)


async def test_the_past_of_a_target_is_its_own(server: str) -> None:
    watch = watch_for(the_fleet(server).target("env-011"), SystemClock())
    history = await watch.range("availability", 3600)
    await watch.aclose()
    known = {value for value in history.values if value == value}
    assert known <= {0.0}


async def test_the_console_shows_the_fleet_and_leads_into_a_target(
    server: str, tmp_path: Path
) -> None:
    fleet = the_fleet(server)
    async with live_console(fleet.environments["production"], tmp_path) as pilot:
        app = pilot.app
        assert isinstance(app, ConsoleApp)
        app.services.fleet = fleet
        await pilot.press("5")
        await until(pilot, lambda: "env-011" in screen_text(pilot))
        screen = app.screen
        assert isinstance(screen, FleetScreen)
        await pilot.press("slash", *"env-011", "enter", "enter")
        await until(pilot, lambda: app.goes_to is not None)
    assert app.goes_to is not None
    async with live_console(app.goes_to, tmp_path) as pilot:
        await until(pilot, lambda: "0.0%" in panel_text(pilot, "availability"))
        assert "env-011 · metrics only · READ-ONLY" in screen_text(pilot)


@pytest.fixture
def settings(tmp_path: Path, server: str) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(
        f"""\
[fleet]
prometheus = "{server}"
window = "1m"
environments = ["production"]
[environment.production]
tier = "production"
method = "kubernetes"
prometheus = "{server}"
labels = {{ environment = "env-001" }}
"""
    )
    return path


def told(settings: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tui", "--config", str(settings), "fleet", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_pipe_gets_a_table_and_the_state_of_the_worst_row(settings: Path) -> None:
    found = told(settings)
    assert found.returncode == 2, found.stderr
    lines = found.stdout.splitlines()
    assert lines[0].startswith(f"■ CRITICAL  {TARGETS} rows: ")
    assert lines[2].split()[:3] == ["NAME", "TIER", "AVAIL"]
    assert lines[3].startswith(" ■ ")
    assert [line.split()[1] for line in lines[3:]].count("production") == 1
    assert "\x1b" not in found.stdout


def test_a_program_gets_json(settings: Path) -> None:
    found = told(settings, "--json")
    content = json.loads(found.stdout)
    assert (found.returncode, content["state"], content["fault"]) == (2, "critical", "")
    rows = {row["name"]: row for row in content["rows"]}
    assert rows["production"]["environment"] == "production"
    assert rows["production"]["label"] == "env-001"
    assert rows["env-011"]["environment"] is None
    assert rows["env-011"]["firing"] == 1
    assert [each["id"] for each in rows["env-011"]["indicators"]] == list(KEY)


def test_a_server_that_does_not_answer_is_unknown_for_all(settings: Path, server: str) -> None:
    text = settings.read_text().replace(f'[fleet]\nprometheus = "{server}"', '[fleet]\n'
                                        'prometheus = "http://127.0.0.1:1"')  # fmt: skip
    settings.write_text(text)
    found = told(settings, "--once")
    assert found.returncode == 3, found.stdout
    assert found.stdout.startswith("? UNKNOWN  1 row: 1 unknown\n? http://127.0.0.1:1")


def test_settings_that_cannot_be_used_are_unknown(settings: Path) -> None:
    settings.write_text('[fleet]\nby = "a-b"\n')
    found = told(settings, "--json")
    assert found.returncode == 3
    assert json.loads(found.stdout)["state"] == "unknown"
    assert "is no name of a label" in found.stderr
