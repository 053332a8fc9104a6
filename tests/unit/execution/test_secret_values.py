"""Whatever secret the settings hold is known before anything is shown."""

from dataclasses import replace
from pathlib import Path

import pytest

from procedures.environment import Endpoint, Environment, Method, Secret, Tier
from procedures.execution.secrets.values import secret_values

PLAIN = Environment(name="here", tier=Tier.SANDBOX, method=Method.DOCKER)


def test_an_environment_without_secrets_has_none() -> None:
    facts = {"NAMESPACE": "prod", "DATABASE_USER": "ada", "DB_PASSWORD_FILE": "/run/x", "KEYS": "3"}
    here = replace(PLAIN, api=Endpoint(url="http://api:8080"), facts=facts)
    assert secret_values(here) == ()


def test_every_place_of_a_secret_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    file.write_text("from-file\n")
    monkeypatch.setenv("A_TOKEN", "from-env")
    here = replace(
        PLAIN,
        prometheus=Endpoint(url="http://p", bearer=Secret(file=file)),
        alertmanager=Endpoint(url="http://a", bearer=Secret(env="A_TOKEN")),
        metrics=(Endpoint(url="http://m", username="ada", password=Secret(inline="inline-it")),),
        health=Endpoint(url="http://h", headers={"X-Api-Key": "in-header", "X-Forwarded": "https"}),
        api=Endpoint(
            url="http://x",
            bearer=Secret(command=("printf", "from-command")),
            headers={"Authorization": "Basic aW4taGVhZGVy"},
        ),
        facts={
            "REDIS_PASSWORD": "in-fact",
            "DATABASE_URL": "postgres://ada:in-url@db/x",
            "NAMESPACE": "prod",
        },
    )
    assert set(secret_values(here)) == {
        "from-file", "from-env", "inline-it", "in-header", "from-command", "Basic aW4taGVhZGVy",
        "aW4taGVhZGVy", "in-fact", "in-url",
    }  # fmt: skip


def test_what_cannot_be_resolved_is_left_out_and_hides_no_other(tmp_path: Path) -> None:
    lost = Endpoint(url="http://a", bearer=Secret(file=tmp_path / "none"))
    kept = Endpoint(url="http://b", bearer=Secret(inline="kept-one"))
    assert secret_values(replace(PLAIN, prometheus=lost, api=kept)) == ("kept-one",)


def test_the_same_secret_is_given_once() -> None:
    one = Endpoint(url="http://a", bearer=Secret(inline="kept-one"))
    assert secret_values(replace(PLAIN, prometheus=one, api=one)) == ("kept-one",)
