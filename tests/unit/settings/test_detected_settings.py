"""The file that is written for what was found can be read, and says just that."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from procedures.environment import Environment, Method, TargetAddress, Tier
from procedures.targets.detection.proposals import Proposal, proposals_of
from procedures.targets.detection.values import Deployment, Door, Found, Sureness
from tests.unit.targets.detection.places import HOST, STACK, answer, cluster, directory, stack
from tui.settings.detected import detected_settings
from tui.settings.document import Settings, parse
from tui.settings.toml_text import array, key, quoted

PATH = Path("/etc/quarterdeck/settings.toml")
ANSWERING = (
    answer(Door.HEALTH, "http://localhost:8080/health"),
    answer(Door.API, "http://localhost:8080"),
    answer(Door.METRICS, "http://localhost:9090"),
    answer(Door.PROMETHEUS, "http://localhost:9091"),
    answer(Door.ALERTMANAGER, "http://localhost:9093"),
)
DIRECTORIES = (
    directory("backup_dir", "/var/lib/llm-config/backups"),
    directory("data_dir", "/var/lib/llm-config/data"),
)
COMBINATIONS = {
    "a project": Found(deployments=(STACK,)),
    "units": Found(deployments=(HOST,)),
    "a namespace": Found(deployments=(cluster("prod"),)),
    "both methods of a machine": Found(deployments=(STACK, HOST)),
    "projects and units": Found(deployments=(STACK, stack("two"), HOST)),
    "many contexts": Found(deployments=(cluster("prod"), cluster("a.b"), cluster("a", "b"))),
    "everything": Found(deployments=(STACK, HOST, cluster("prod"), cluster("dev"))),
    "within a cluster": Found(deployments=(cluster(""),)),
    "addresses alone": Found(),
}


def read(text: str) -> Settings:
    return parse(text, PATH, known={})


def written(found: Found) -> tuple[tuple[Proposal, ...], str]:
    proposals = proposals_of(found)
    return proposals, detected_settings(proposals, found.machine)


@pytest.mark.parametrize("answers", [ANSWERING, ANSWERING[:1], ()], ids=["all", "one", "none"])
@pytest.mark.parametrize("combination", COMBINATIONS)
def test_what_is_written_is_what_was_found(combination: str, answers: tuple[object, ...]) -> None:
    found = replace(
        COMBINATIONS[combination],
        machine="blue",
        answering=answers,  # type: ignore[arg-type]
        directories=DIRECTORIES,
    )
    if not found.deployments and not answers:
        return
    proposals, text = written(found)
    settings = read(text)
    assert settings.default == proposals[0].environment.name
    assert list(settings.environments.values()) == [each.environment for each in proposals]


def test_what_did_not_answer_stays_a_comment() -> None:
    _, text = written(Found(deployments=(STACK,), machine="blue", answering=ANSWERING[:1]))
    assert re.search(r'^health = "http://localhost:8080/health" +# answered', text, re.MULTILINE)
    assert re.search(r'^# prometheus = "http://localhost:9091"$', text, re.MULTILINE)
    assert "[environment.llm-config.targets.stack]" in text
    assert "# [environment.llm-config.targets.cluster]" in text
    assert "# [environment.llm-config.backups]" in text
    assert "local" not in text.replace("localhost", "")


def test_a_guess_is_told_as_one() -> None:
    _, text = written(Found(deployments=(cluster("dev"), cluster("blue")), machine="m"))
    assert 'tier = "development"                   # a guess, from "dev" in a name' in text
    assert "# a guess: no name tells, and this one guards most" in text


def test_an_environment_without_any_address_says_what_it_lacks() -> None:
    _, text = written(Found(deployments=(cluster("dev"), cluster("blue")), machine="m"))
    assert text.count("# Nothing answered that could be watched.") == 2


NASTY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(NASTY)
def test_any_text_survives_as_a_string_and_as_a_key(text: str) -> None:
    source = f"a = {quoted(text)}\nb = {array([text, text])}\n[c.{key(text)}]\n"
    assert tomllib.loads(source) == {"a": text, "b": [text, text], "c": {text: {}}}


@given(context=NASTY, machine=st.text(), sign=st.text(), folder=NASTY, fact=NASTY)
def test_names_from_outside_cannot_break_the_file(
    context: str, machine: str, sign: str, folder: str, fact: str
) -> None:
    kubeconfig = Path("/", folder.replace("\0", ""))
    address = TargetAddress(
        name="cluster", method=Method.KUBERNETES, context=context, kubeconfig=kubeconfig
    )
    deployment = Deployment(
        address=replace(address, namespace="llm-config"),
        sureness=Sureness.LIKELY,
        place=sign,
        sign=sign,
        facts=MappingProxyType({"FACT": fact}),
        note=sign,
    )
    found = Found(machine=machine, deployments=(deployment, replace(deployment, is_current=True)))
    proposals, text = written(found)
    text.encode()
    assert list(read(text).environments.values()) == [each.environment for each in proposals]


@given(st.text())
def test_an_environment_can_bear_any_name_that_the_settings_accept(name: str) -> None:
    found = Found(machine=name, deployments=(HOST,))
    ((name_found, environment),) = read(written(found)[1]).environments.items()
    assert name_found == environment.name == proposals_of(found)[0].environment.name


def test_a_configured_target_is_enough_to_watch() -> None:
    head = '[environment.prod]\ntier = "production"\nmethod = "docker"\n'
    (prod,) = read(
        f'{head}[environment.prod.targets.stack]\nmethod = "docker"\n'
    ).environments.values()
    assert prod == Environment(
        name="prod",
        tier=Tier.PRODUCTION,
        method=Method.DOCKER,
        targets=(TargetAddress(name="stack", method=Method.DOCKER),),
    )
