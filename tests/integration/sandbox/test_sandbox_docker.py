"""docker and docker compose, as the steps call them."""

import json
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from procedures.environment import Method
from procedures.sandbox.launcher import Sandbox

Shell = Callable[[str], CompletedProcess[str]]

METHOD = Method.DOCKER
COMPOSE = 'docker compose -p "$COMPOSE_PROJECT_NAME" -f "$COMPOSE_FILE"'


def test_the_containers_of_the_service_are_listed_and_restarted_one_by_one(shell: Shell) -> None:
    done = shell(f"""
        for id in $({COMPOSE} ps -q llm-config-manager); do
            docker restart "$id" > /dev/null
            until [ "$(docker inspect --format '{{{{.State.Health.Status}}}}' "$id")" = healthy ]
            do :; done
        done
        {COMPOSE} ps -a --format json llm-config-manager
    """)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row["Name"] for row in rows] == [f"llm-config-manager-{n}" for n in (1, 2, 3)]
    assert {row["Health"] for row in rows} == {"healthy"}


def test_a_flush_empties_the_cache(shell: Shell) -> None:
    done = shell("""
        docker compose exec -T redis redis-cli SET health_check_key test_value
        docker compose exec -T redis redis-cli GET health_check_key
        docker compose exec -T redis sh -c 'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli FLUSHALL'
        docker compose exec -T redis redis-cli DEL health_check_key
    """)
    assert done.stdout.split() == ["OK", "test_value", "OK", "0"]


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("docker-compose ps", "llm-config-redis"),
        ("docker ps -a --filter label=com.docker.compose.service=redis", "llm-config-redis"),
        ("docker compose ps redis", "(healthy)"),
        ("docker ps", "CONTAINER ID"),
        ("docker stats --no-stream", "MiB / 2GiB"),
        ("docker stats --no-stream llm-config-manager-1", "llm-config-manager-1"),
        ("docker compose logs --since 1h --tail=3 --no-color llm-config-manager", " | "),
        ("docker compose exec -T redis redis-cli ping", "PONG"),
        ("docker compose exec -T redis redis-cli DBSIZE", ""),
        ("docker compose exec -T redis redis-cli INFO memory", "used_memory_human:"),
        ("docker compose exec -T redis redis-cli INFO stats", "keyspace_hits:"),
        ("docker compose exec -T redis redis-cli CONFIG GET maxmemory", "maxmemory\n"),
        ("docker compose exec -T postgres pg_isready -U llm_config_user", "accepting connections"),
        ("docker compose restart -t 10 redis 2>&1", "Started"),
        ("docker-compose stop redis 2>&1 && docker-compose start redis 2>&1", "Stopped"),
        ("docker compose stop redis 2> /dev/null; docker compose up -d 2>&1", "Started"),
    ],
)
def test_a_command_that_the_real_tool_takes_succeeds(shell: Shell, line: str, part: str) -> None:
    done = shell(line)
    assert done.returncode == 0, done.stderr
    assert part in done.stdout


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("docker compose -f missing.yml ps", 14),
        ("docker compose -p other ps", 1),
        ("docker compose restart nothing", 1),
        ("docker restart nothing", 1),
        ("docker swarm init", 64),
        ("docker compose exec -T redis rm -rf /", 64),
        ("docker compose exec -T redis sh -c 'redis-cli ping; reboot'", 127),
        ("docker compose exec -T redis redis-cli SHUTDOWN", 64),
        ("docker compose ps --fancy", 64),
        ("docker inspect --format '{{.NoSuchField}}' llm-config-manager-1", 64),
    ],
)
def test_a_command_that_cannot_be_carried_out_fails_loudly(
    shell: Shell, line: str, status: int
) -> None:
    done = shell(line)
    assert done.returncode == status
    assert done.stderr
    assert "Traceback" not in done.stderr
    assert status != 64 or "the sandbox does not know" in done.stderr


def test_a_stopped_service_is_gone_from_ps_and_back_after_up(shell: Shell) -> None:
    done = shell("""
        docker compose stop -t 1 llm-config-manager 2> /dev/null
        docker compose ps -q llm-config-manager | wc -l
        docker compose ps -a llm-config-manager | grep -c 'Exited (0)'
        docker compose up -d llm-config-manager 2> /dev/null
        docker compose ps -q llm-config-manager | wc -l
    """)
    assert done.stdout.split() == ["0", "3", "3"]


def test_a_service_is_scaled_and_only_its_own_containers_change(shell: Shell) -> None:
    up = f'{COMPOSE} --project-directory "$PROJECT_DIR" up -d --no-deps --no-recreate'
    names = "docker ps -a --filter label=com.docker.compose.service=llm-config-manager -q | wc -l"
    done = shell(f"""
        {up} --scale llm-config-manager=2 llm-config-manager
        {names}
        {up} --scale llm-config-manager=3 llm-config-manager
        {names}
    """)
    assert done.stdout.split() == ["2", "3"]


def test_a_command_for_another_engine_does_not_reach_this_one(
    shell: Shell, sandbox: Sandbox
) -> None:
    engine = sandbox.environment.targets[0].engine
    assert shell(f"docker -H {engine} ps && docker-compose -H {engine} ps").returncode == 0
    assert shell(f"docker --host={engine} compose version").returncode == 0
    for line in ("docker -H tcp://other:2375 ps", "docker-compose -H unix:///run/other.sock ps"):
        done = shell(line)
        assert (done.returncode, "Cannot connect to the Docker daemon" in done.stderr) == (1, True)
