"""Shrinkage: between estimate and mean, honest on average, defined for units without events."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model.inference.gamma_poisson import check_counts
from pipeline.model.inference.robust_shrinkage import (
    effect_moments,
    robust_critical_value,
    robust_empirical_bayes,
    worst_miss,
)
from pipeline.model.inference.shrinkage import empirical_bayes


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), with_condition=st.booleans())
def test_shrunk_lies_between_the_estimate_and_its_mean(seed, with_condition):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(5, 40))
    effect, se = rng.normal(size=n), rng.uniform(0.1, 2, n)
    shrinkage = empirical_bayes(effect, se, 0.95, rng.normal(size=n) if with_condition else None)
    low, high = np.minimum(effect, shrinkage.mean), np.maximum(effect, shrinkage.mean)
    assert np.all((low - 1e-12 <= shrinkage.shrunk) & (shrinkage.shrunk <= high + 1e-12))
    assert np.all((shrinkage.reliability >= 0) & (shrinkage.reliability < 1))
    assert np.all((shrinkage.low <= shrinkage.shrunk) & (shrinkage.shrunk <= shrinkage.high))
    order = rng.permutation(n)
    if not with_condition:
        other = empirical_bayes(effect[order], se[order])
        assert np.allclose(other.shrunk, shrinkage.shrunk[order], rtol=1e-9, atol=1e-12)


def test_less_certain_units_are_shrunken_more():
    effect = np.array([1.0, 1.0, 1.0, -1.0, -1.0, -1.0])
    se = np.tile([0.1, 0.5, 1.0], 2)
    shrinkage = empirical_bayes(effect, se)
    assert np.all(np.diff(shrinkage.shrunk[:3]) < 0)
    assert np.allclose(shrinkage.reliability, shrinkage.tau2 / (shrinkage.tau2 + se**2))


def test_a_unit_without_an_estimate_gets_its_regression():
    rng = np.random.default_rng(2)
    condition = np.linspace(-1, 1, 30)
    effect, se = condition + 0.3 * rng.standard_normal(30), np.full(30, 0.1)
    effect[4], se[9] = -np.inf, np.nan
    shrinkage = empirical_bayes(effect, se, 0.95, condition)
    assert np.all(shrinkage.reliability[[4, 9]] == 0)
    assert np.array_equal(shrinkage.shrunk[[4, 9]], shrinkage.mean[[4, 9]])
    assert shrinkage.shrunk[4] == pytest.approx(condition[4], abs=0.25)
    assert np.all(shrinkage.shrunk_se[[4, 9]] > np.sqrt(shrinkage.tau2))
    others = np.delete(np.arange(30), [4, 9])
    alone = empirical_bayes(effect[others], se[others], 0.95, condition[others])
    assert np.allclose(alone.shrunk, shrinkage.shrunk[others], rtol=1e-12)


def test_coverage_of_empirical_bayes_intervals():
    """98 units, true spread 0.2: 95 % of all intervals hold their unit's effect."""
    rng = np.random.default_rng(3)
    covered, error, raw = [], [], []
    for _ in range(60):
        se = rng.uniform(0.05, 0.5, 98)
        truth = 0.2 * rng.standard_normal(98)
        estimate = truth + se * rng.standard_normal(98)
        shrinkage = empirical_bayes(estimate, se)
        covered.append(np.mean((shrinkage.low <= truth) & (truth <= shrinkage.high)))
        error.append(np.mean((shrinkage.shrunk - truth) ** 2))
        raw.append(np.mean((estimate - truth) ** 2))
    assert 0.93 < np.mean(covered) < 0.965
    assert np.mean(error) < 0.4 * np.mean(raw)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: check_counts(np.zeros(2), np.array([1.0, 2.0])), "any event"),
        (lambda: check_counts(np.array([1.0, 0.0]), np.array([0.0, 2.0])), "expected count of 0"),
        (lambda: check_counts(np.array([1.0, 0.0]), np.ones(1)), "one length"),
        (lambda: check_counts(np.array([1.0, np.nan]), np.ones(2)), "missing"),
        (lambda: empirical_bayes([1.0, 2.0], [1.0]), "equal vectors"),
        (lambda: robust_critical_value(-1, 3), "at least 0"),
        (lambda: effect_moments([1.0, 2.0], [1.0, 0.0]), "positive"),
    ],
)
def test_impossible_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


@settings(max_examples=40, deadline=None)
@given(
    m2=st.floats(0.01, 50), kappa=st.floats(1, 50), chi=st.floats(1, 10), seed=st.integers(0, 99)
)
def test_worst_miss_is_not_exceeded_by_any_two_point_distribution(m2, kappa, chi, seed):
    """Random distributions on squared biases with these moments miss no more often."""
    rng = np.random.default_rng(seed)
    worst = worst_miss(m2, kappa, chi)
    for first in m2 * rng.uniform(0, 1, 20):
        share = 1 / (1 + (kappa - 1) * m2**2 / (m2 - first) ** 2)
        second = m2 + (kappa - 1) * m2**2 / (m2 - first)
        chance = (1 - share) * worst_miss(first, 1, chi) + share * worst_miss(second, 1, chi)
        assert chance <= worst + 1e-9
    assert worst <= worst_miss(m2, np.inf, chi) + 1e-9


def test_moments_of_effects_are_recovered():
    rng = np.random.default_rng(5)
    se = rng.uniform(0.1, 0.5, 200_000)
    effect = 0.3 * rng.laplace(size=200_000) + se * rng.standard_normal(200_000)
    result = effect_moments(effect, se)
    assert result.mu2 == pytest.approx(0.18, rel=0.03)
    assert result.kappa == pytest.approx(6, rel=0.1)
    none = effect_moments(np.array([0.1, -0.1, 0.05]), np.ones(3))
    assert none.mu2_uncorrected == 0
    assert none.mu2 > 0


def test_robust_intervals_hold_where_normal_ones_fail():
    """Nine in ten effects are zero, the rest far out: usual limits miss too often."""
    rng = np.random.default_rng(6)
    n = 3000
    truth = np.where(rng.uniform(size=n) < 0.1, 2.0 * rng.choice([-1, 1], n), 0.0)
    estimate = truth + rng.standard_normal(n)
    mean = np.full(n, estimate.mean())
    shrinkage = robust_empirical_bayes(
        estimate, np.ones(n), mean, effect_moments(estimate - mean, np.ones(n))
    )
    robust = np.mean((shrinkage.low <= truth) & (truth <= shrinkage.high))
    normal = np.mean((shrinkage.low_normal <= truth) & (truth <= shrinkage.high_normal))
    assert robust >= 0.945
    assert normal < 0.93
    assert np.all(shrinkage.worst_miss_normal() >= 1 - normal - 0.02)
