"""systemctl, journalctl, sudo and redis-cli, as the steps call them."""

import json
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from procedures.environment import Method

Shell = Callable[[str], CompletedProcess[str]]

METHOD = Method.SYSTEMD


def test_a_restart_returns_when_the_service_is_ready(shell: Shell) -> None:
    show = "systemctl show -p MainPID --value llm-config-manager"
    before = shell(show).stdout
    done = shell(
        "sudo systemctl restart llm-config-manager && systemctl is-active llm-config-manager"
    )
    assert (done.returncode, done.stdout) == (0, "active\n")
    assert shell(show).stdout != before


def test_the_journal_speaks_json(shell: Shell) -> None:
    done = shell("journalctl -u llm-config-manager -o json -n 2 --since '2 hours ago' --no-pager")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(lines) == 2
    assert {line["_SYSTEMD_UNIT"] for line in lines} == {"llm-config-manager.service"}


def test_without_redis_its_client_is_refused(shell: Shell) -> None:
    done = shell("sudo systemctl stop redis; systemctl is-active redis || echo $?; redis-cli ping")
    assert (done.stdout, done.returncode) == ("inactive\n3\n", 1)
    assert "Connection refused" in done.stderr
    assert shell("sudo systemctl start redis && redis-cli ping").stdout == "PONG\n"


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("systemctl status llm-config-manager --no-pager", "Active: active (running)"),
        ("systemctl is-enabled redis", "enabled"),
        ("systemctl show -p MemoryCurrent,CPUUsageNSec llm-config-manager", "CPUUsageNSec="),
        ("systemctl show -p ActiveState,SubState postgresql", "ActiveState=active\nSubState=run"),
        ("journalctl -u llm-config-manager --since '5 minutes ago' -n 5 --no-pager", "sandbox"),
        ("journalctl -u postgresql -p err --no-pager", "-- No entries --"),
        ("redis-cli -h localhost -p 6379 ping", "PONG"),
        ("redis-cli INFO memory | grep used_memory_human", "M"),
        ("redis-cli FLUSHALL", "OK"),
        ("sudo -n journalctl -u redis -n 1", "redis"),
    ],
)
def test_a_command_that_the_real_tool_takes_succeeds(shell: Shell, line: str, part: str) -> None:
    done = shell(line)
    assert done.returncode == 0, done.stderr
    assert part in done.stdout


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("systemctl status nothing", 4),
        ("systemctl is-active nothing", 3),
        ("sudo systemctl start nothing", 5),
        ("sudo nothing", 1),
        ("systemctl reload llm-config-manager", 64),
        ("journalctl -f", 64),
        ("redis-cli DEBUG SLEEP 100", 64),
    ],
)
def test_a_command_that_cannot_be_carried_out_fails_loudly(
    shell: Shell, line: str, status: int
) -> None:
    done = shell(line)
    assert done.returncode == status
    assert done.stderr or done.stdout
    assert "Traceback" not in done.stderr
