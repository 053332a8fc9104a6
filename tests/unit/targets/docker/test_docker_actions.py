"""Command lines for a compose service name their engine and project, and are refused in time."""

from dataclasses import replace

import pytest

from procedures.reference.levels import Level
from procedures.risk.assessment import assess
from procedures.targets.actions import Action, Refusal, Verb
from procedures.targets.docker.actions import Known, action_for
from procedures.targets.values import Kind, Phase, Unit, Workload

ENGINE = ("-H", "unix:///run/docker.sock")
FILES = Known(files=("/srv/llm/docker-compose.yml",), directory="/srv/llm")


def unit(number: int, *, phase: Phase = Phase.RUNNING, ready: bool | None = True) -> Unit:
    name = f"llm_api_{number}"
    return Unit(id=f"id{number}", name=name, workload="api", phase=phase, word="-", ready=ready)


def service(*units: Unit) -> Workload:
    return Workload(name="api", kind=Kind.COMPOSE_SERVICE, units=units, wanted=len(units))


TWO = service(unit(1), unit(2))


def way(
    verb: Verb,
    workload: Workload = TWO,
    *,
    known: Known = FILES,
    compose: tuple[str, ...] = ("docker-compose",),
    replicas: int | None = None,
) -> Action | Refusal:
    return action_for(
        verb, workload, engine=ENGINE, compose=compose, project="llm", known=known,
        replicas=replicas,
    )  # fmt: skip


def done(verb: Verb, workload: Workload = TWO, *, replicas: int | None = None) -> Action:
    found = way(verb, workload, replicas=replicas)
    assert isinstance(found, Action)
    return found


def test_a_restart_waits_until_a_container_is_healthy_before_the_next_one() -> None:
    first, wait, second = done(Verb.RESTART).commands
    assert first == ("docker", *ENGINE, "restart", "llm_api_1")
    assert wait[:3] == ("timeout", "120", "sh")
    assert wait[-4:] == ("wait", *ENGINE, "llm_api_1")
    assert second == ("docker", *ENGINE, "restart", "llm_api_2")


def test_a_restart_without_health_checks_says_that_it_waits_for_nothing() -> None:
    action = done(Verb.RESTART, service(unit(1, ready=None), unit(2, ready=None)))
    assert [argv[-2] for argv in action.commands] == ["restart", "restart"]
    assert "no health check" in action.caution


def test_a_stop_is_as_dangerous_as_the_command_is_judged() -> None:
    action = done(Verb.STOP)
    assert action.commands == (("docker", *ENGINE, "stop", "llm_api_1", "llm_api_2"),)
    assert action.undo == (("docker", *ENGINE, "start", "llm_api_1", "llm_api_2"),)
    assert action.level is Level.DESTRUCTIVE
    assert assess("docker stop a").level is Level.DESTRUCTIVE


def test_only_what_is_down_is_started() -> None:
    action = done(Verb.START, service(unit(1), unit(2, phase=Phase.STOPPED)))
    assert action.commands == (("docker", *ENGINE, "start", "llm_api_2"),)
    assert action.ready == 2
    assert isinstance(way(Verb.START), Refusal)


def test_a_service_without_containers_is_made_anew_from_the_file_that_was_seen() -> None:
    action = done(Verb.START, service(), replicas=2)
    assert action.commands[0][-4:] == ("--no-recreate", "--scale", "api=2", "api")
    refusal = way(Verb.START, service(), known=Known())
    assert isinstance(refusal, Refusal)
    assert "compose file" in refusal.why


@pytest.mark.parametrize(
    ("compose", "begin"),
    [
        (("docker-compose",), ("docker-compose", *ENGINE)),
        (("docker", "compose"), ("docker", *ENGINE, "compose")),
    ],
)
def test_scaling_names_engine_project_files_and_directory(
    compose: tuple[str, ...], begin: tuple[str, ...]
) -> None:
    action = way(Verb.SCALE, compose=compose, replicas=3)
    assert isinstance(action, Action)
    rest = ("-p", "llm", "-f", "/srv/llm/docker-compose.yml", "--project-directory", "/srv/llm")
    up = ("up", "-d", "--no-deps", "--no-recreate", "--scale")
    assert action.commands == ((*begin, *rest, *up, "api=3", "api"),)
    assert action.undo == ((*begin, *rest, *up, "api=2", "api"),)
    assert action.ready == 3


def test_scaling_to_nothing_is_destructive() -> None:
    assert done(Verb.SCALE, replicas=0).level is Level.DESTRUCTIVE


@pytest.mark.parametrize(
    ("known", "replicas", "why"),
    [
        (FILES, None, "no number"),
        (FILES, -1, "no number"),
        (Known(), 3, "do not say which compose file"),
        (replace(FILES, missing=FILES.files), 3, "is not on this machine"),
        (replace(FILES, fixed="port 80/tcp is published as 80"), 2, "one container only"),
    ],
)
def test_scaling_is_refused_with_the_reason(known: Known, replicas: int | None, why: str) -> None:
    refusal = way(Verb.SCALE, known=known, replicas=replicas)
    assert isinstance(refusal, Refusal)
    assert why in refusal.why
    assert refusal.fix


@pytest.mark.parametrize("name", ["--privileged", "a b", "$(reboot)", "", "a\nb"])
@pytest.mark.parametrize("verb", list(Verb))
def test_a_name_that_could_be_an_option_is_on_no_command_line(name: str, verb: Verb) -> None:
    odd = service(replace(unit(1), name=name))
    assert isinstance(way(verb, odd, replicas=2), Refusal)


def test_there_is_no_rolling_back_but_a_procedure_for_it() -> None:
    refusal = way(Verb.ROLL_BACK)
    assert isinstance(refusal, Refusal)
    assert "startup-rollback" in refusal.fix
