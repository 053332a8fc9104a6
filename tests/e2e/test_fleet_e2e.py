"""From the fleet into an environment and back: two consoles, one after the other, never mixed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import OpenConsole
from tests.e2e.home import Home
from tests.fleet_server import running_fleet
from tests.prometheus_stack import missing_programs

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(bool(missing_programs()), reason=f"not installed: {missing_programs()}"),
]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_fleet(tmp_path_factory.mktemp("fleet"), 14) as address:
        yield address


@pytest.fixture
def settings(home: Home, server: str) -> Path:
    path = home.path / "settings.toml"
    path.write_text(
        f"""\
default = "production"
[fleet]
prometheus = "{server}"
window = "1m"
[environment.production]
tier = "production"
method = "docker"
prometheus = "{server}"
labels = {{ environment = "env-001" }}
[environment.trial]
tier = "staging"
method = "systemd"
prometheus = "{server}"
labels = {{ environment = "env-002" }}
"""
    )
    return path


def test_the_fleet_leads_into_an_environment_a_target_and_back(
    open_console: OpenConsole, settings: Path
) -> None:
    console = open_console("--config", str(settings), "fleet")
    terminal = console.terminal
    terminal.wait_for(r"Fleet +14 rows: ")
    terminal.wait_for(r"^ PRODUCTION  production · docker")
    terminal.wait_for(r"^ ■ env-011 +■ +0\.0")

    terminal.press("/")
    terminal.type("trial")
    terminal.wait_for("Fleet +1 of 14")
    terminal.press("Enter")
    terminal.wait_for("⏎ Open")
    terminal.press("Enter")
    terminal.wait_for(r"^ STAGING  trial · systemd")
    console.wait_for_dashboard()

    terminal.press("5")
    terminal.wait_for(r"Fleet +14 rows: ")
    terminal.wait_for(r"^ STAGING  trial · systemd")
    terminal.press("/")
    terminal.type("env-011")
    terminal.wait_for("Fleet +1 of 14")
    terminal.press("Enter")
    terminal.wait_for("⏎ Open")
    terminal.press("Enter")
    terminal.wait_for(r"^ PRODUCTION  env-011 · metrics only · READ-ONLY")
    console.wait_for_dashboard()
    assert console.indicator("Availability") == "0.0"

    terminal.press("5")
    terminal.wait_for(r"Fleet +14 rows: ")
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert terminal.is_restored
