"""``[environment.NAME.targets.TARGET]``: several deployments in one environment."""

from pathlib import Path

import pytest

from procedures.environment import Method, TargetAddress
from procedures.errors import SettingsError
from procedures.targets.addresses import addresses_of
from tui.settings.load import load

HEAD = """
[environment.prod]
tier = "production"
method = "kubernetes"
health = "http://localhost:8080/health"
"""


def targets(tmp_path: Path, text: str) -> tuple[TargetAddress, ...]:
    path = tmp_path / "settings.toml"
    path.write_text(HEAD + text)
    path.chmod(0o600)
    return addresses_of(load(path).environment("prod"))


def test_without_any_the_method_and_the_facts_say_where(tmp_path: Path) -> None:
    (found,) = targets(
        tmp_path, 'facts = { NAMESPACE = "llm", DEPLOYMENT = "manager", KUBE_CONTEXT = "prod" }'
    )
    assert (found.method, found.context, found.namespace, found.service) == (
        Method.KUBERNETES,
        "prod",
        "llm",
        "manager",
    )


def test_several_are_read_and_the_one_of_the_environment_comes_first(tmp_path: Path) -> None:
    stack, host = (
        '[environment.prod.targets.db]\nmethod = "systemd"\nunits = ["postgresql", "llm-*"]\n',
        '[environment.prod.targets.cluster]\nmethod = "kubernetes"\ncontext = "prod"\n'
        'kubeconfig = "kube"\nnamespace = "llm-config"\nselector = "app=llm"\n',
    )
    first, second = targets(tmp_path, stack + host)
    assert (first.name, first.kubeconfig) == ("cluster", tmp_path / "kube")
    assert second.units == ("postgresql", "llm-*")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('method = "systemd"', "no target that is deployed by kubernetes"),
        ('method = "kubernetes"\nproject = "x"', "says nothing to kubernetes"),
        ('method = "kubernetes"\nnamespace = "Llm Config"', "is no name of a namespace"),
        ('method = "kubernetes"\nservice = "--all"', "is no name"),
        ('method = "kubernetes"\nnamespce = "x"', "namespace"),
        ('method = "systemd"\nunits = ["-x"]', "no name of a unit"),
        ('method = "systemd"\nunits = "x"', "must be an array"),
        ('method = "docker"\nengine = "/run/docker.sock"', "is no address of an engine"),
        ('context = "x"', "is missing"),
    ],
)
def test_what_is_wrong_is_told_with_its_key(tmp_path: Path, wrong: str, said: str) -> None:
    with pytest.raises(SettingsError) as told:
        targets(tmp_path, f"[environment.prod.targets.it]\n{wrong}\n")
    assert said in str(told.value)
