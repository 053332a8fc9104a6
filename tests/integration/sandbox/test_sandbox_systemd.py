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


def test_a_masked_unit_stays_down_until_it_is_unmasked(shell: Shell) -> None:
    done = shell("""
        sudo systemctl stop llm-config-healthcheck.timer llm-config-manager
        sudo systemctl mask --runtime llm-config-manager
        sudo systemctl start llm-config-manager || echo "refused with $?"
        systemctl show -p LoadState,ActiveState --value llm-config-manager
        curl -sS --max-time 2 "$API/health" || echo "curl $?"
        sudo systemctl unmask llm-config-manager
        sudo systemctl start llm-config-manager llm-config-healthcheck.timer
        systemctl is-active llm-config-manager
    """)
    assert done.stdout.split("\n")[:5] == [
        *("refused with 1", "masked", "inactive", "curl 7", "active"),
    ]


def test_the_main_process_is_a_real_one_of_that_name(shell: Shell) -> None:
    done = shell("ps -o args= -p $(systemctl show -p MainPID --value llm-config-manager)")
    assert done.stdout.startswith("/usr/local/bin/llm-config-server")


def test_a_drop_in_changes_the_limits(shell: Shell) -> None:
    done = shell("""
        place=/etc/systemd/system/llm-config-manager.service.d/limits.conf
        printf '[Service]\\nMemoryMax=4G\\n' | sudo install -D -m 644 /dev/stdin "$place"
        sudo systemctl daemon-reload
        systemctl show -p MemoryMax --value llm-config-manager
        sudo rm "$place"
    """)
    assert done.stdout == f"{4 * 1024**3}\n", done.stderr


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
        ("systemctl list-timers --no-pager", "llm-config-backup.timer"),
        ("systemctl cat llm-config-manager", "ExecStart="),
        ("systemctl show -p ExecStart,User llm-config-manager", "User=llmconfig"),
        ("sudo systemctl daemon-reload; sudo systemctl enable llm-config-manager; echo ok", "ok"),
        ("sudo systemctl start llm-config-backup.service && ls $BACKUP_DIR", "backup-daily-"),
        ("sudo -u postgres psql -d llm_config -Atc 'SELECT current_user'", "postgres"),
        ("sudo -u postgres pg_dump -Fc llm_config | sudo -u postgres pg_restore -l", "TABLE DATA"),
        ("pg_isready", "accepting connections"),
        ("sudo chown llmconfig:llmconfig /etc/llm-config/config.yaml && echo ok", "ok"),
        ("sudo cat /etc/llm-config/config.yaml", "server:"),
        ("ss -ltnp 'sport = :8080'", "llm-config-serv"),
        ("redis-cli SET operations:x 1 EX 60 && redis-cli TTL operations:x", "60"),
        ("redis-cli CONFIG SET maxmemory 512mb; redis-cli CONFIG GET maxmemory", "536870912"),
        ("redis-cli CLIENT LIST", "cmd="),
        ("redis-cli --scan --pattern 'operations:*'; redis-cli UNLINK operations:x", ""),
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
