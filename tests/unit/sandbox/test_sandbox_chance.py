"""Draws whose mean is what it should be, however few or many are drawn at once."""

from random import Random

import pytest

from procedures.sandbox.chance import binomial, poisson

DRAWS = 20_000


@pytest.mark.parametrize("share", [0.002, 0.1, 0.5, 0.905, 1.0])
@pytest.mark.parametrize("trials", [1, 3, 12, 41, 60, 500])
def test_a_share_of_trials_succeeds_on_average(trials: int, share: float) -> None:
    rng = Random(7)
    drawn = [binomial(rng, trials, share) for _ in range(DRAWS)]
    assert all(0 <= each <= trials for each in drawn)
    error = (trials * share * (1 - share) / DRAWS) ** 0.5
    assert sum(drawn) / DRAWS == pytest.approx(trials * share, abs=5 * error + 1e-9)


@pytest.mark.parametrize("mean", [0.01, 0.8, 11.9, 12.1, 300.0])
def test_events_arrive_at_their_mean(mean: float) -> None:
    rng = Random(7)
    drawn = [poisson(rng, mean) for _ in range(DRAWS)]
    assert sum(drawn) / DRAWS == pytest.approx(mean, abs=5 * (mean / DRAWS) ** 0.5)


@pytest.mark.parametrize("share", [-0.5, 0.0])
def test_nothing_succeeds_without_a_chance(share: float) -> None:
    assert binomial(Random(7), 100, share) == 0
    assert poisson(Random(7), share) == 0
