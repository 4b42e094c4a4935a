"""The most likely distribution of any shape, and what stands beside shrinkage towards a normal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.special import softmax

from pipeline.disclosure import CellKey
from pipeline.model.followups.prior import prior_frames
from pipeline.model.inference.count_likelihood import CountLikelihood
from pipeline.model.inference.robust_shrinkage import robust_critical_values
from pipeline.model.numerics.free_prior import free_prior

GRID = np.arange(-2.5, 2.5, 0.05)


def counts(effect: np.ndarray, expected: np.ndarray, seed: int) -> np.ndarray:
    return np.random.default_rng([seed, 1]).poisson(expected * np.exp(effect))


def benchmark(observed: np.ndarray, expected: np.ndarray) -> pd.DataFrame:
    """Return rows of ``benchmark`` of one outcome whose counts are Poisson."""
    seen = observed > 0
    effect = np.where(seen, np.log(np.where(seen, observed, 1) / expected), np.nan)
    return pd.DataFrame(
        {
            "outcome": "FP",
            "model": "within",
            "municipality_code": [f"{number:03d}" for number in range(len(observed))],
            "practice_effect": effect,
            "practice_effect_se": np.where(seen, 1 / np.sqrt(np.maximum(observed, 1)), np.nan),
            "expected": expected,
            "noise_sd": 0.0,
        }
    )


@pytest.mark.parametrize("scale", [2.0, 20.0, 200.0])
def test_no_other_distribution_is_more_likely(scale: float) -> None:
    """Lindsay's bound holds, and a general optimiser of the same weights gets no further."""
    rng = np.random.default_rng(5)
    expected = scale * np.exp(rng.normal(0, 0.7, 60))
    log = CountLikelihood.of_counts(counts(rng.normal(0, 0.4, 60), expected, 1), expected).log(GRID)
    prior = free_prior(GRID, log)
    assert prior.gap < 1e-5
    assert prior.weight.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(prior.share.sum(axis=1), 1.0)
    top = log.max(axis=1, keepdims=True)
    likelihood = np.exp(log - top)

    def deviance(free: np.ndarray) -> float:
        return -float(np.log(likelihood @ softmax(free)).sum())

    for start in (np.zeros(len(GRID)), np.log(prior.weight + 1e-4)):
        other = minimize(deviance, start, method="L-BFGS-B", options={"maxiter": 400})
        assert top.sum() - other.fun <= prior.log_likelihood + 1e-5


def test_two_kinds_of_unit_are_told_apart() -> None:
    """Where a fifth of the units lie far below the rest the mass is at the two places."""
    is_low = np.arange(200) % 5 == 0
    effect = np.where(is_low, -1.0, 0.25)
    expected = np.full(200, 150.0)
    prior = free_prior(
        GRID, CountLikelihood.of_counts(counts(effect, expected, 3), expected).log(GRID)
    )
    below = prior.point < -0.5
    assert prior.weight[below].sum() == pytest.approx(0.2, abs=0.01)
    assert prior.weight[below] @ prior.point[below] / 0.2 == pytest.approx(-1.0, abs=0.05)
    assert np.abs(prior.mean - effect).mean() < 0.02


def test_a_unit_without_a_possible_point_is_refused() -> None:
    with pytest.raises(ValueError, match="every unit"):
        free_prior(GRID, np.full((3, len(GRID)), -np.inf))


def normal_benchmark(seed: int, *, on_size: float = 0.0) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    expected = 60 * np.exp(rng.normal(0, 1, 98))
    size = np.log2(expected) - np.log2(expected).mean()
    effect = rng.normal(0, 0.4, 98) + on_size * size
    return benchmark(counts(effect, expected, seed), expected), effect


def test_a_normal_distribution_passes_and_its_intervals_hold() -> None:
    p_values, held, moved = [], [], []
    for seed in range(6):
        rows, effect = normal_benchmark(seed)
        frames = prior_frames(rows, 0.95, seed)
        summary, each = frames["prior"].iloc[0], frames["prior_effect"]
        p_values.append(summary["p_value"])
        moved.append(summary["effect_moved"])
        low, high = each["effect_robust_low"], each["effect_robust_high"]
        held.append(np.mean((low <= effect) & (effect <= high)))
    assert sum(p <= 0.05 for p in p_values) <= 1
    assert np.mean(held) > 0.94
    assert np.mean(moved) < 0.06


def test_a_distribution_in_two_parts_does_not() -> None:
    rng = np.random.default_rng(2)
    expected = 200 * np.exp(rng.normal(0, 0.7, 98))
    effect = np.where(np.arange(98) % 6 == 0, -1.0, 0.2)
    summary = prior_frames(benchmark(counts(effect, expected, 4), expected), 0.95, 1)["prior"]
    assert summary["p_value"].item() == pytest.approx(0.02)
    assert summary["likelihood_gain"].item() > 30


def test_practice_that_goes_with_size_is_told() -> None:
    """A prior that depends on precision: planted per doubling, found with its interval."""
    told, planted = [], []
    for seed in range(6):
        rows, effect = normal_benchmark(seed, on_size=0.1)
        told.append(prior_frames(rows, 0.95, 1, draws=1)["prior"].iloc[0])
        planted.append(np.polyfit(np.log2(rows["expected"]), effect, 1)[0])
    slopes = np.array([row["size_effect"] for row in told])
    assert np.mean(slopes - planted) == pytest.approx(0.0, abs=0.02)
    low, high = ([row[f"size_effect_{end}"] for row in told] for end in ("low", "high"))
    assert np.mean((np.array(low) < planted) & (planted < np.array(high))) == 1.0
    assert sum(row["size_p_value"] < 0.05 for row in told) >= 5


def test_critical_values_between_few_knots_are_right_to_the_third_decimal() -> None:
    m2 = np.geomspace(0.02, 8.0, 60)
    for kappa in (1.5, 3.0, 12.0):
        exact = robust_critical_values(m2, kappa)
        np.testing.assert_allclose(robust_critical_values(m2, kappa, knots=25), exact, atol=1e-3)


def test_equal_practice_has_no_distribution_to_look_at() -> None:
    expected = np.full(40, 50.0)
    frames = prior_frames(benchmark(np.full(40, 50), expected), 0.95, 1)
    assert frames["prior"].empty
    assert frames["prior_effect"].empty


def test_counts_shown_with_noise_have_the_distribution_of_what_is_behind_them() -> None:
    """Spread and its forms come back through the noise of protection, small counts included."""
    transitions = CellKey().transitions
    rng = np.random.default_rng(8)
    spreads, p_values = [], []
    for seed in range(4):
        expected = 8 * np.exp(rng.normal(0, 0.7, 98))
        true = counts(rng.normal(0, 0.4, 98), expected, seed)
        shown = transitions.shown(true, rng.random(len(true)))
        assert not np.isin(shown, (1, 2, 3, 4)).any()
        rows = benchmark(shown, expected)
        noise = CellKey().noise_variance(shown)
        seen = shown > 0
        rows["observed"], rows["noise_sd"] = shown, np.sqrt(noise)
        own = 1 / np.maximum(shown, 1) + noise / np.maximum(shown, expected) ** 2
        rows["practice_effect_se"] = np.where(seen, np.sqrt(own), np.nan)
        summary = prior_frames(rows, 0.95, seed, transitions, draws=9)["prior"].iloc[0]
        spreads.append(summary["sd"])
        p_values.append(summary["p_value"])
    assert np.mean(spreads) == pytest.approx(0.4, abs=0.08)
    assert max(p_values) > 0.1
