"""Commands inside the app's container: the real tools on the sandbox's files, and nothing more."""

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from procedures.environment import Method
from procedures.sandbox.launcher import Sandbox

Shell = Callable[[str], CompletedProcess[str]]

METHOD = Method.DOCKER
APP = "docker-compose exec -T llm-config-manager"


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ("find /var/lib/llm-config/data -maxdepth 1", "/var/lib/llm-config/data/configs\n"),
        ("sh -c 'test -n \"$LLM_CONFIG_ENCRYPTION_KEY\" && echo set'", "set"),
        ("sh -c 'cat /etc/llm-config/config.yaml | grep -c port'", "3"),
        ("printenv LLM_CONFIG_ENVIRONMENT", "production"),
        ("getent hosts postgres redis", "172.28.0.3"),
        ("df -h /var/lib/llm-config", "Mounted on"),
        ("/usr/local/bin/llm-config-server --version", "0.5.0"),
    ],
)
def test_the_containers_paths_and_variables_are_the_sandboxs(
    shell: Shell, sandbox: Sandbox, command: str, part: str
) -> None:
    done = shell(f"{APP} {command}")
    assert done.returncode == 0, done.stderr
    assert part in done.stdout
    assert str(sandbox.environment.data_dir) not in done.stdout


def test_the_data_leave_as_an_archive(shell: Shell) -> None:
    done = shell(f"{APP} tar -cf - -C /var/lib/llm-config/data . | tar -tf - | grep -c json")
    assert int(done.stdout) > 3


@pytest.mark.parametrize(
    ("command", "status"),
    [("curl http://localhost", 127), ("reboot", 127), ("rm -rf /usr/share", 64), ("rm -rf .", 64)],
)
def test_what_the_image_lacks_or_would_reach_the_host_is_refused(
    shell: Shell, command: str, status: int
) -> None:
    assert shell(f"{APP} {command}").returncode == status


def test_what_a_command_changes_is_seen_by_the_next(shell: Shell) -> None:
    done = shell("""
        docker-compose stop prometheus 2> /dev/null
        docker-compose ps --services | grep -c prometheus || true
        docker-compose up -d prometheus 2> /dev/null
        docker-compose ps --services | grep -c prometheus
        docker tag llm-config-manager:latest llm-config-manager:kept
        docker image ls llm-config-manager | grep -c kept
        printf 'services:\\n  llm-config-manager:\\n    environment:\\n' > x.yml
        printf '      RUST_LOG: debug\\n' >> x.yml
        docker-compose -f "$PROJECT_DIR/docker-compose.yml" -f x.yml up -d llm-config-manager
        docker-compose exec -T llm-config-manager printenv RUST_LOG
        docker-compose up -d llm-config-manager
        docker-compose exec -T llm-config-manager printenv RUST_LOG
    """)
    assert done.stdout.split() == ["0", "1", "1", "debug", "info"], done.stderr


def test_the_files_of_the_installation_are_there_and_secrets_are_the_owners_alone(
    shell: Shell,
) -> None:
    done = shell("""
        test -s "$CONFIG_DIR/config.yaml" && test -s "$PROJECT_DIR/config/production.yaml"
        test -x "$BINARY" && test -x "$BINARY.backup" && test -d "$LOG_DIR/audit"
        stat -c %a "$PROJECT_DIR/.env" "$SECRETS_FILE"
        sed -n 's/^ENCRYPTION_KEY=//p' "$PROJECT_DIR/.env" | base64 -d | wc -c
        ! command -v openssl > /dev/null || openssl x509 -noout -in "$CONFIG_DIR/certs/server.crt"
        tail -n 1 "$LOG_DIR/application.log" | grep -o '"level": "[A-Z]*"'
    """)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[:3] == ["600", "600", "32"]
