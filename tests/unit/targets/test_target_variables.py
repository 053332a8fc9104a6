"""A command finds its target in its environment, and nothing that it should not."""

from pathlib import Path

from procedures.environment import Endpoint, Environment, Method, TargetAddress, Tier
from procedures.targets.variables import step_variables

ENVIRONMENT = Environment(
    name="staging",
    tier=Tier.STAGING,
    method=Method.KUBERNETES,
    api=Endpoint(url="http://api:8080"),
    metrics=(Endpoint(url="http://one:9090"), Endpoint(url="http://two:9090")),
    facts={"NAMESPACE": "other"},
    step_path=(Path("/sandbox/bin"),),
)


def test_the_target_is_described_by_variables() -> None:
    variables = step_variables(ENVIRONMENT, {"replicas": "3"}, inherited={"PATH": "/bin"})
    assert variables["API"] == "http://api:8080"
    assert variables["METRICS"] == "http://one:9090"
    assert variables["DEPLOYMENT"] == "llm-config-manager"
    assert variables["NAMESPACE"] == "other"
    assert variables["replicas"] == "3"
    assert variables["PATH"] == "/sandbox/bin:/bin"


def test_an_address_that_the_settings_do_not_give_is_absent() -> None:
    assert "PROMETHEUS" not in step_variables(ENVIRONMENT, {}, inherited={})


def test_a_step_does_not_inherit_the_operators_secrets() -> None:
    variables = step_variables(
        ENVIRONMENT, {}, inherited={"AWS_SECRET_ACCESS_KEY": "x", "HOME": "/home/ada"}
    )
    assert "AWS_SECRET_ACCESS_KEY" not in variables
    assert variables["HOME"] == "/home/ada"


def test_what_the_settings_say_of_the_first_target_reaches_the_steps() -> None:
    stack = TargetAddress(
        name="stack",
        method=Method.DOCKER,
        project="llm",
        engine="unix:///run/d.sock",
        service="app",
    )
    other = TargetAddress(name="db", method=Method.SYSTEMD, service="postgresql")
    here = Environment(
        name="here",
        tier=Tier.STAGING,
        method=Method.DOCKER,
        targets=(other, stack),
        facts={"COMPOSE_PROJECT_NAME": "by-hand"},
    )
    variables = step_variables(here, {}, inherited={})
    assert variables["DOCKER_HOST"] == "unix:///run/d.sock"
    assert variables["SERVICE"] == "app"
    assert variables["COMPOSE_PROJECT_NAME"] == "by-hand", "what is written there counts more"
    assert variables["UNIT"] == "llm-config-manager"
