"""Targets ask their tools as an operator would, and say plainly when those fail."""

from collections.abc import Callable
from pathlib import Path

import pytest

from procedures.environment import Environment, Method, Tier
from procedures.errors import SourceError
from procedures.targets.command_target import target_for
from procedures.targets.target import Target
from procedures.targets.tool import ask

Tools = Callable[..., Path]


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    """Real executables on the PATH; each also notes how it was called."""

    def write(**scripts: str) -> Path:
        for name, script in scripts.items():
            tool = tmp_path / name.replace("_", "-")
            tool.write_text(
                f'#!/bin/sh\necho "$(basename "$0") $*" >> {tmp_path}/calls\n{script}\n'
            )
            tool.chmod(0o755)
        return tmp_path

    return write


def target(method: Method, path: Path) -> Target:
    return target_for(Environment(name="e", tier=Tier.SANDBOX, method=method, step_path=(path,)))


def calls(path: Path) -> list[str]:
    return sorted((path / "calls").read_text().splitlines())


async def test_compose_counts_its_healthy_containers(tools: Tools) -> None:
    path = tools(
        docker_compose="echo a1; echo b2; echo c3",
        docker='case "$*" in *b2) echo starting;; *) echo healthy;; esac',
    )
    assert await target(Method.DOCKER, path).ready() == 2
    assert calls(path) == [
        "docker inspect --format {{.State.Health.Status}} a1",
        "docker inspect --format {{.State.Health.Status}} b2",
        "docker inspect --format {{.State.Health.Status}} c3",
        "docker-compose ps -q llm-config-manager",
    ]


async def test_compose_as_a_plugin_serves_as_well(
    tools: Tools, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tools(docker="echo line 1; echo line 2")
    (path / "basename").symlink_to("/usr/bin/basename")
    monkeypatch.setenv("PATH", str(path))  # nothing else, so surely no docker-compose
    assert await target(Method.DOCKER, path).logs(299.5) == ["line 1", "line 2"]
    assert calls(path) == ["docker compose logs --no-color --since 300s llm-config-manager"]


@pytest.mark.parametrize(("printed", "ready"), [("3", 3), ("", 0)])
async def test_kubernetes_counts_ready_replicas(tools: Tools, printed: str, ready: int) -> None:
    path = tools(kubectl=f"printf '{printed}'")
    assert await target(Method.KUBERNETES, path).ready() == ready
    assert calls(path) == [
        "kubectl -n llm-config get deployment llm-config-manager "
        "-o jsonpath={.status.readyReplicas}"
    ]


@pytest.mark.parametrize(
    ("script", "ready"),
    [("echo active", 1), ("echo inactive; exit 3", 0), ("echo failed; exit 3", 0)],
)
async def test_a_unit_is_one_instance(tools: Tools, script: str, ready: int) -> None:
    path = tools(systemctl=script)
    assert await target(Method.SYSTEMD, path).ready() == ready


@pytest.mark.parametrize(
    ("method", "tool", "call"),
    [
        (
            Method.KUBERNETES,
            "kubectl",
            "kubectl -n llm-config logs -l app=llm-config-manager --since=300s --tail=-1",
        ),
        (
            Method.SYSTEMD,
            "journalctl",
            "journalctl -u llm-config-manager --no-pager --since 300 seconds ago",
        ),
    ],
)
async def test_logs_are_asked_for_their_window(
    tools: Tools, method: Method, tool: str, call: str
) -> None:
    path = tools(**{tool: "printf 'one\\ntwo\\377\\n'"})
    assert await target(method, path).logs(300) == ["one", "two�"]
    assert calls(path) == [call]


async def test_what_a_failing_tool_says_is_passed_on_clean(tools: Tools) -> None:
    path = tools(kubectl="printf '\\033[31mForbidden\\033[0m: no\\nreally' >&2; exit 1")
    with pytest.raises(SourceError, match="exit status 1 and said: Forbidden: no⏎really"):
        await target(Method.KUBERNETES, path).ready()


async def test_an_answer_that_is_no_number_is_an_error(tools: Tools) -> None:
    path = tools(kubectl="echo '<html>'")
    with pytest.raises(SourceError, match="no number of ready replicas"):
        await target(Method.KUBERNETES, path).ready()


async def test_a_tool_that_hangs_is_given_up_and_killed(tools: Tools) -> None:
    path = tools(hang="exec sleep 600")
    with pytest.raises(SourceError, match=r"no answer within 0\.1 s"):
        await ask("hang", variables={"PATH": f"{path}:/usr/bin:/bin"}, timeout_s=0.1)


async def test_a_tool_that_is_missing_is_named() -> None:
    with pytest.raises(SourceError, match="nope is not installed"):
        await ask("nope", variables={"PATH": "/usr/bin"})
