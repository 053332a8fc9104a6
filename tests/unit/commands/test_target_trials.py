"""What a try of a target says."""

from dataclasses import replace

import pytest

from procedures.errors import SourceError
from procedures.targets.values import Holdings, Missing, Phase
from tests.scripted_target import NOW, SERVICE, ScriptedTarget, deployment, unit
from tui.commands.trial import _try_target


async def test_what_runs_is_counted_and_what_is_not_known_is_told() -> None:
    target = ScriptedTarget(deployment(unit("a"), unit("b", ready=False)), deployment(name="redis"))
    missing = (Missing(part="resource use", fault="ada may not list pods"),)
    target.holdings = replace(target.holdings, missing=missing)
    trial = await _try_target("prod", target)
    assert (trial.environment, trial.key) == ("prod", f"targets.{target.place.name}")
    assert trial.tried == target.place.where
    assert trial.passed
    assert trial.said == (
        f"shows {SERVICE}, 1 of 2 ready, 1 beside it; resource use: ada may not list pods"
    )


async def test_a_service_scaled_to_none_is_there() -> None:
    trial = await _try_target("prod", ScriptedTarget(deployment()))
    assert trial.passed
    assert trial.said == f"shows {SERVICE}, 0 of 0 ready"


@pytest.mark.parametrize(
    "holdings",
    [
        Holdings(at=NOW),
        Holdings(at=NOW, workloads=(deployment(name="redis"),)),
        Holdings(
            at=NOW,
            workloads=(deployment(unit("a", word="not-found", phase=Phase.UNKNOWN)),),
        ),
        Holdings(at=NOW, missing=(Missing(part=SERVICE, fault="project x has no such service"),)),
    ],
)
async def test_without_the_service_it_fails(holdings: Holdings) -> None:
    target = ScriptedTarget()
    target.holdings = holdings
    trial = await _try_target("prod", target)
    assert not trial.passed
    assert trial.said.startswith(f"{SERVICE}: ")
    assert trial.fix


async def test_a_target_that_is_silent_fails_with_its_reason() -> None:
    target = ScriptedTarget()
    target.fault = SourceError("nothing listens", fix="Start it")
    trial = await _try_target("prod", target)
    assert (trial.passed, trial.said, trial.fix) == (False, "nothing listens", "Start it")
    assert target.closed
