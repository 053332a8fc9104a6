"""A procedure never shows a secret on the screen, or on a command line for all to see."""

import pytest

from procedures.runbook.secrecy import shown_secrets

SHOWS = {
    "prints a secret": [
        'echo "$REDIS_PASSWORD"',
        "printf '%s' \"${API_TOKEN}\"",
        "bash -c 'echo \"$DB_PASSWORD\"'",
    ],
    "prints the whole environment": [
        "env",
        "printenv",
        "export",
        "sudo -u postgres printenv",
        "docker-compose exec -T app env",
        "kubectl exec pod -- printenv",
        "ssh db1 printenv",
    ],
    "prints a file of secrets": [
        "cat .env",
        "sudo cat /etc/default/llm-config-manager",
        "timeout 5 cat .env",
        "grep PASSWORD .env",
        "ssh db1 'cat /srv/.env.production'",
        "find . -name .env -exec cat secrets/key {} +",
    ],
    "prints the values of a Secret": [
        "kubectl get secret x -o yaml",
        "kubectl -n y get secrets/x -o json",
        "sudo kubectl get secret x --output=yaml",
    ],
    "puts a password on the command line": [
        'redis-cli -a "$REDIS_PASSWORD" ping',
        'docker-compose exec -T redis redis-cli -a "$REDIS_PASSWORD" ping',
    ],
    "puts a secret on the command line": [
        'tool --password="$DB_PASSWORD"',
        'kubectl create secret generic x --from-literal=key="$API_TOKEN"',
    ],
}
KEEPS = [
    "echo done",
    "export REPORT=x",
    "env LANG=C date",
    "printenv HOME",
    "cat .env.example/readme",
    "grep -q PASSWORD .env",
    "grep -c PASSWORD .env",
    'REDISCLI_AUTH="$REDIS_PASSWORD" redis-cli ping',
    "kubectl get secret x",
    "kubectl get pods -o yaml",
    "kubectl exec pod -- sh -c 'REDISCLI_AUTH=\"$REDIS_PASSWORD\" redis-cli ping'",
    "echo 'unclosed",
]


@pytest.mark.parametrize(
    ("script", "why"), [(script, why) for why, scripts in SHOWS.items() for script in scripts]
)
def test_a_command_that_shows_a_secret_is_found(script: str, why: str) -> None:
    assert why in [shown.why for shown in shown_secrets(script)]


@pytest.mark.parametrize("script", KEEPS)
def test_a_command_that_keeps_its_secrets_is_let_pass(script: str) -> None:
    assert list(shown_secrets(script)) == []


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ('echo "$pin"', "prints a secret"),
        ("bash -c 'echo ${pin}'", "prints a secret"),
        ('vault login "$pin"', "puts a secret on the command line"),
        ('sudo tool --with="${pin:-x}" --more', "puts a secret on the command line"),
        ('sudo env PIN="$pin" tool', "puts a secret on the command line"),
        ('ssh db1 "unlock $pin"', "puts a secret on the command line"),
        ("A=1 tool it's$pin'", ""),
        ('A=1 tool "it\'s $pin"', "puts a secret on the command line"),
    ],
)
def test_an_input_that_is_declared_secret_is_one_whatever_its_name(script: str, why: str) -> None:
    assert [shown.why for shown in shown_secrets(script, ["pin"])] == ([why] if why else [])
    assert list(shown_secrets(script)) == []


@pytest.mark.parametrize(
    "script",
    [
        'PIN="$pin" tool --quiet',
        'tool <<< "$pin"',
        "tool << END\n$pin\nEND",
        '[ -n "$pin" ]',
        'test "${#pin}" -gt 8',
        'tool "${#pin}" "${pin:+given}" "$pinned"',
        "bash -c 'PIN=\"$pin\" tool'",
        'tool \'$pin\' "\\$pin" "$other"',
        'export PIN="$pin"',
    ],
)
def test_a_declared_secret_may_be_tested_and_passed_by_environment_or_input(script: str) -> None:
    assert list(shown_secrets(script, ["pin"])) == []


def test_the_same_is_said_once() -> None:
    assert len(list(shown_secrets("sudo env tool --password=$DB_PASSWORD"))) == 1
