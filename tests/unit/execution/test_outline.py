"""Which parts of a step apply in an environment."""

import pytest

from procedures.environment import Environment, Method, Tier
from procedures.execution.run.preparation import outline
from procedures.execution.run.run import Stage
from procedures.runbook.model import Command, Item, Step

KUBERNETES_ONLY = Command(script="kubectl get pods", line=1, methods=(Method.KUBERNETES,))


def environment(method: Method) -> Environment:
    return Environment(name="here", tier=Tier.STAGING, method=method)


@pytest.mark.parametrize(
    ("method", "stages"),
    [
        (Method.KUBERNETES, (Stage.COMMAND, Stage.CHECKS, Stage.ITEMS)),
        (Method.DOCKER, (Stage.ITEMS,)),
    ],
)
def test_no_output_is_expected_of_a_command_that_does_not_run(
    method: Method, stages: tuple[Stage, ...]
) -> None:
    step = Step(
        id="look",
        title="Look",
        line=1,
        commands=(KUBERNETES_ONLY,),
        expect=("Running",),
        items=(Item(text="seen", line=2),),
    )
    assert outline(step, environment(method)).stages == stages
