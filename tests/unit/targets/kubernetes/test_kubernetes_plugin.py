"""Credential plugins give a token or tell why not; none of them gets a terminal."""

import json
import os
import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from procedures.errors import SourceError
from procedures.targets.kubernetes.access import Access
from procedures.targets.kubernetes.kubeconfig import Entry
from procedures.targets.kubernetes.plugin import Granted, granted

_SYSTEM_PATH = "/usr/bin:/bin"
_GIVEN = "t0"


class Plugins:
    """A folder of programs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def made(self, script: str, **settings: Any) -> Access:  # noqa: ANN401
        """Return a user whose plugin is a shell script."""
        program = self.folder / "plugin"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        plugin = {"command": "./plugin", "apiVersion": "client.authentication.k8s.io/v1"}
        return Access(
            context="prod",
            namespace="llm-config",
            server="https://k8s.example",
            cluster=Entry(folder=self.folder, value={"server": "https://k8s.example"}),
            user=Entry(folder=self.folder, value={"exec": plugin | settings}),
            who="ada",
        )

    async def fault(self, script: str, **settings: Any) -> SourceError:  # noqa: ANN401
        with pytest.raises(SourceError) as told:
            await self.run(script, **settings)
        assert told.value.fix
        return told.value

    async def run(self, script: str, **settings: Any) -> Granted:  # noqa: ANN401
        access = self.made(script, **settings)
        return await granted(access, {"PATH": _SYSTEM_PATH, "REGION": "north"}, 1.0)


@pytest.fixture
def plugins(tmp_path: Path) -> Plugins:
    return Plugins(tmp_path)


def printing(**status: str) -> str:
    answer = {"kind": "ExecCredential", "status": status}
    return f"cat <<'END'\n{json.dumps(answer)}\nEND"


async def test_a_token_is_taken_with_its_end(plugins: Plugins) -> None:
    given = await plugins.run(printing(token=_GIVEN, expirationTimestamp="2026-11-23T10:00:00Z"))
    assert given.token == _GIVEN
    assert given.expires_at == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert _GIVEN not in repr(given)


async def test_a_certificate_is_taken_as_well(plugins: Plugins) -> None:
    given = await plugins.run(printing(clientCertificateData="c", clientKeyData="k"))
    assert (given.certificate, given.key, given.expires_at) == ("c", "k", None)


async def test_it_runs_with_the_environment_of_the_steps_and_its_own(plugins: Plugins) -> None:
    script = 'printf \'{"status":{"token":"%s"}}\' "$REGION-$ZONE-$#-$1"'
    env = [{"name": "ZONE", "value": "a"}]
    given = await plugins.run(script, env=env, args=["one", "two"])
    assert given == Granted(token="north-a-2-one")  # noqa: S106


async def test_it_is_told_that_nobody_is_there_to_be_asked(plugins: Plugins) -> None:
    script = (
        'printf \'{"status":{"token":"%s"}}\' "$(printf %s "$KUBERNETES_EXEC_INFO" | tr -d \'"\')"'
    )
    info = (await plugins.run(script, provideClusterInfo=True)).token
    assert "interactive: false" in info
    assert "server: https://k8s.example" in info


async def test_a_plugin_that_asks_reads_nothing_and_finds_no_terminal(plugins: Plugins) -> None:
    script = (
        'read -r answer || echo "no input" >&2\n'
        '(exec 3</dev/tty) 2>/dev/null || echo "no terminal" >&2\n'
        "exit 1"
    )
    assert (await plugins.fault(script)).what.endswith("no input⏎no terminal")


async def test_a_plugin_that_waits_for_somebody_is_ended_with_what_it_started(
    plugins: Plugins,
) -> None:
    script = "echo 'Open https://login.example and type ABCD' >&2\nsleep 60 & sleep 60"
    told = await plugins.fault(script)
    assert "gave no answer within 1 s" in told.what
    assert "type ABCD" in told.what
    assert "in a terminal" in told.fix


async def test_a_plugin_that_fails_says_why_and_steers_no_terminal(plugins: Plugins) -> None:
    told = await plugins.fault("printf '\\033[31mtoken expired\\033[0m\\n' >&2; exit 3")
    assert told.what.endswith("ended with exit status 3 and said: token expired")
    assert "\x1b" not in str(told)


@pytest.mark.parametrize("printed", ["", "hello", "[]", '{"status": null}', '{"status": {}}'])
async def test_a_plugin_that_gives_nothing_is_told(plugins: Plugins, printed: str) -> None:
    told = await plugins.fault(f"printf '%s' '{printed}'; echo odd >&2")
    assert "printed no credential" in told.what or "neither token nor" in told.what
    assert told.what.endswith("it said: odd")


async def test_a_plugin_that_is_not_there_is_told_with_its_own_hint(plugins: Plugins) -> None:
    told = await plugins.fault("", command="no-such-plugin", installHint="Install it from example")
    assert "no-such-plugin of user ada is not installed here" in told.what
    assert told.fix == "Install it from example"
    assert "Install no-such-plugin" in (await plugins.fault("", command="no-such-plugin")).fix


async def test_a_plugin_that_must_have_a_terminal_is_not_even_run(plugins: Plugins) -> None:
    marker = plugins.folder / "ran"
    told = await plugins.fault(f"touch {marker}", interactiveMode="Always")
    assert "must have a terminal" in told.what
    assert not marker.exists()


async def test_what_a_plugin_leaves_running_is_not_waited_for(plugins: Plugins) -> None:
    pid = plugins.folder / "pid"
    given = await plugins.run(f"sleep 5 & echo $! > {pid}\n{printing(token=_GIVEN)}")
    assert given.token == _GIVEN
    os.kill(int(pid.read_text()), signal.SIGKILL)
