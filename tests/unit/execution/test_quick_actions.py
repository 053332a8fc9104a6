"""A quick action is a document like any other, whatever its names and texts hold."""

import shlex

from hypothesis import given
from hypothesis import strategies as st

from procedures.environment import Method
from procedures.execution.quick_actions import quick_procedure
from procedures.reference.levels import Level
from procedures.runbook.assertions import ServiceReady
from procedures.targets.actions import Action, Verb
from procedures.targets.values import Place

CLUSTER = Place(
    name="cluster",
    method=Method.KUBERNETES,
    where="context prod · namespace llm-config",
    service="llm-config-manager",
)
KUBECTL = ("kubectl", "--context", "prod", "-n", "llm-config")


def scaled(replicas: int) -> Action:
    return Action(
        verb=Verb.SCALE,
        workload="llm-config-manager",
        commands=((*KUBECTL, "scale", "deployment/llm-config-manager", f"--replicas={replicas}"),),
        look=((*KUBECTL, "rollout", "status", "deployment/llm-config-manager"),),
        undo=((*KUBECTL, "scale", "deployment/llm-config-manager", "--replicas=3"),),
        affects="4 units instead of 3",
        ready=replicas,
        caution="an autoscaler [3 to 10] will change it back",
    )


def test_its_command_line_its_way_back_and_its_check_stand_in_the_document() -> None:
    act, look = quick_procedure(scaled(4), CLUSTER).steps
    (command,) = act.commands
    assert command.script == (
        "kubectl --context prod -n llm-config scale deployment/llm-config-manager --replicas=4"
    )
    assert command.level is Level.CHANGE
    assert command.affects == "4 units instead of 3"
    assert [each.script for each in act.undo] == [
        "kubectl --context prod -n llm-config scale deployment/llm-config-manager --replicas=3"
    ]
    assert act.notices[0].text == "Mind: an autoscaler (3 to 10) will change it back"
    assert look.commands[0].level is Level.READ
    (check,) = look.checks
    assert isinstance(check, ServiceReady)
    assert (check.workload, check.count) == ("llm-config-manager", 4)


def test_the_same_action_is_the_same_document_and_another_number_another_one() -> None:
    first, again, other = (quick_procedure(scaled(number), CLUSTER) for number in (4, 4, 5))
    assert (first.id, first.digest) == (again.id, again.digest)
    assert other.id != first.id


@given(
    argument=st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=30),
    said=st.text(st.characters(codec="utf-8"), max_size=80),
)
def test_no_argument_and_no_text_becomes_another_command(argument: str, said: str) -> None:
    action = Action(
        verb=Verb.RESTART,
        workload="redis",
        commands=(("docker", "restart", argument),),
        affects=said,
        caution=said,
    )
    place = Place(name="stack", method=Method.DOCKER, where=said, service="redis")
    procedure = quick_procedure(action, place)
    (step,) = procedure.steps
    (command,) = step.commands
    assert shlex.split(command.script) == ["docker", "restart", argument]
    assert command.level is Level.CHANGE
    assert not step.checks
    assert not step.undo
