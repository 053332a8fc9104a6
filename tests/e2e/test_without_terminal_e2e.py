"""The same command where there is no terminal: in a pipe, in a monitoring system."""

import json
import os
import shlex
import signal
import subprocess
from contextlib import suppress

import pytest

from tests.e2e.home import Home

pytestmark = pytest.mark.e2e

COMPONENTS = {"storage", "cache", "database", "disk", "memory"}


def test_a_piped_demo_is_one_plain_dashboard(home: Home) -> None:
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{shlex.join(home.argv('demo'))} | cat"],
        env=home.variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("QUARTERDECK  SANDBOX  sandbox  docker")
    assert "● ok        Availability" in done.stdout
    assert "\x1b" not in done.stdout
    assert home.processes() == {}


def test_a_demo_without_a_keyboard_is_one_plain_dashboard_too(home: Home) -> None:
    """Nobody could leave a console that has a screen and no keys."""
    screen, terminal = os.openpty()
    with subprocess.Popen(
        home.argv("demo"), env=home.variables, stdin=subprocess.DEVNULL, stdout=terminal
    ) as demo:
        os.close(terminal)
        shown = read_to_the_end(screen)
    assert demo.returncode == 0
    assert shown.startswith("QUARTERDECK  SANDBOX  sandbox  docker")
    assert home.processes() == {}


def read_to_the_end(screen: int) -> str:
    """Return what a program wrote to its terminal until it ended."""
    shown = b""
    with open(screen, "rb", buffering=0) as stream, suppress(OSError):
        while part := stream.read(4096):
            shown += part
    return shown.decode()


def test_a_check_of_a_kept_sandbox_is_a_json_object_with_its_verdict(home: Home) -> None:
    assert home.run("demo", "--keep").returncode == 0
    sandbox = home.sandbox_record
    settings = home.path / "settings.toml"
    settings.write_text(
        '[environment.kept]\ntier = "development"\nmethod = "docker"\n'
        f'health = "{sandbox["front"]}/health"\n'
        f"metrics = {json.dumps(sandbox['replicas'])}\n"
    )
    done = home.run("check", "--json", "--config", str(settings))
    os.kill(sandbox["pid"], signal.SIGTERM)
    told = json.loads(done.stdout)
    # Of a service that it never saw before, a check has two scrapes: few enough to be unlucky.
    assert told["state"] in ("ok", "warning")
    assert done.returncode == ("ok", "warning").index(told["state"])
    assert {each["name"] for each in told["health"]["components"]} >= COMPONENTS
    values = {each["id"]: each["value"] for each in told["indicators"]}
    assert values["availability"] == 100
    assert None not in values.values()
