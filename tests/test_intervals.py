"""What must hold for any count: limits in order, exact distributions, honest coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from published_methods import poisson_byar_limits
from scipy import stats

from pipeline.model.numerics.intervals import (
    poisson_exact_limits,
    poisson_midp,
    poisson_midp_limits,
    proportion_wilson_limits,
    ratio_limits,
)
from pipeline.model.numerics.poisson_binomial import (
    poisson_binomial_distribution,
    poisson_binomial_midp,
)
from pipeline.model.numerics.shift_limits import shifted_count_limits

METHODS = [poisson_exact_limits, poisson_midp_limits, poisson_byar_limits]
LEVELS = st.floats(0.5, 0.999)


@pytest.mark.parametrize("method", METHODS)
@given(count=st.integers(0, 5000), level=LEVELS)
def test_limits_surround_the_count_and_grow_with_it(method, count, level):
    low, high = method(np.array([count, count + 1]), level)
    assert low[0] <= count <= high[0]
    assert low[0] <= low[1]
    assert high[0] < high[1]


@given(count=st.integers(0, 5000), level=LEVELS)
def test_midp_limits_lie_inside_the_exact_ones(count, level):
    exact, midp = poisson_exact_limits(count, level), poisson_midp_limits(count, level)
    assert exact[0] <= midp[0] * (1 + 1e-12)
    assert midp[1] <= exact[1] * (1 + 1e-12)


@given(count=st.integers(1, 2000), level=st.floats(0.5, 0.999))
def test_a_mean_at_a_midp_limit_has_the_midp_value_alpha(count, level):
    limits = np.array(poisson_midp_limits(count, level))
    assert poisson_midp(count, limits) == pytest.approx(1 - level, rel=1e-6)


def test_coverage_of_poisson_limits():
    """Exactly, over means 0.5-60: exact limits never below 95 %, mid-p limits 95 % on average."""
    mean = np.linspace(0.5, 60, 1200)[:, None]
    count = np.arange(0, 160)
    mass = stats.poisson.pmf(count, mean)

    def coverage(method):
        low, high = method(count, 0.95)
        return np.sum(mass * ((low <= mean) & (mean <= high)), axis=1)

    assert coverage(poisson_exact_limits).min() >= 0.95
    midp = coverage(poisson_midp_limits)
    assert 0.947 < midp.mean() < 0.96
    assert midp.min() > 0.91


@pytest.mark.parametrize("expected_log_se", [0.0, 0.05, 0.2])
@pytest.mark.parametrize("mean", [3.0, 20.0, 300.0])
def test_coverage_of_ratio_limits(mean, expected_log_se):
    """O Poisson, log E estimated with known error: 95 % limits of the true ratio.

    True means vary, since at a single small mean the coverage of a count steps up and down.
    """
    rng = np.random.default_rng(7)
    means = mean * rng.uniform(0.7, 1.4, 40_000)
    observed = rng.poisson(means)
    expected = means / 1.3 * np.exp(expected_log_se * rng.standard_normal(40_000))
    low, high = ratio_limits(observed, expected, expected_log_se, 0.95)
    covered = np.mean((low <= 1.3) & (high >= 1.3))
    assert 0.94 < covered < 0.965


@given(count=st.integers(0, 500), se=st.floats(0, 0.5), more=st.floats(0.01, 0.5), level=LEVELS)
def test_ratio_limits_widen_with_the_uncertainty_of_the_expected_count(count, se, more, level):
    low, high = ratio_limits(count, 10.0, np.array([se, se + more]), level)
    assert low[1] <= low[0]
    assert high[1] > high[0]
    assert np.all((low <= count / 10) & (count / 10 <= high))


def test_nothing_observed_and_nothing_expected():
    low, high = ratio_limits([0, 3], [4.0, 0.0], [0.1, 0.1], 0.95)
    assert low[0] == 0
    assert high[0] > poisson_midp_limits(0, 0.95)[1] / 4
    assert np.isnan(low[1])
    assert np.isnan(high[1])


@given(n=st.integers(1, 10_000), share=st.floats(0, 1), level=LEVELS)
def test_wilson_limits_stay_within_zero_and_one(n, share, level):
    x = round(n * share)
    low, high = proportion_wilson_limits(x, n, level)
    assert -1e-12 <= low <= x / n + 1e-12
    assert x / n - 1e-12 <= high <= 1 + 1e-12


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: poisson_exact_limits(-1, 0.95), "negative"),
        (lambda: poisson_midp_limits(1, 1.0), "level"),
        (lambda: proportion_wilson_limits(3, 2, 0.95), "above its denominator"),
        (lambda: poisson_binomial_midp(1, [1.2], [1]), "between 0 and 1"),
        (lambda: poisson_binomial_midp(1, [0.2], [1.5]), "whole"),
        (lambda: poisson_binomial_midp(1, [np.nan], [1]), "between 0 and 1"),
    ],
)
def test_impossible_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()


RISKS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6)), min_size=1, max_size=25)


def by_convolution(cells):
    """Return the distribution of the sum, one person at a time."""
    mass = np.array([1.0])
    for risk, people in cells:
        for _ in range(people):
            mass = np.convolve(mass, [1 - risk, risk])
    return mass


@settings(max_examples=200)
@given(cells=RISKS)
def test_poisson_binomial_distribution_is_exact(cells):
    risk, people = np.array(cells).T
    first, mass = poisson_binomial_distribution(risk, people)
    truth = by_convolution(cells)
    assert np.allclose(truth[first : first + len(mass)], mass, rtol=0, atol=1e-13)
    assert mass.sum() == pytest.approx(1, abs=1e-12)


def test_poisson_binomial_of_a_whole_municipality():
    """4,000 people of many risks: probabilities equal convolution, tails equal its sums."""
    rng = np.random.default_rng(3)
    cells = list(zip(np.exp(rng.normal(-4, 1.5, 2000)).clip(0, 0.95), [2] * 2000, strict=True))
    truth = by_convolution(cells)
    risk, people = np.array(cells).T
    first, mass = poisson_binomial_distribution(risk, people)
    assert np.abs(truth[first : first + len(mass)] - mass).max() < 1e-14
    for observed in (60, 150, 200, 240):
        below = truth[:observed].sum() + truth[observed] / 2
        p_value = poisson_binomial_midp(observed, risk, people)
        assert p_value == pytest.approx(2 * min(below, 1 - below), abs=1e-12)


def test_poisson_binomial_with_equal_risks_is_binomial():
    for n, p, o in ((50, 0.3, 22), (200_000, 0.004, 870), (12, 1.0, 12), (7, 0.0, 0)):
        below = stats.binom.cdf(o, n, p) - stats.binom.pmf(o, n, p) / 2
        expected = min(1.0, 2 * min(below, 1 - below))
        assert poisson_binomial_midp(o, [p], [n]) == pytest.approx(expected, abs=1e-12)


def test_order_and_grouping_of_cells_do_not_matter():
    rng = np.random.default_rng(11)
    risk, people = rng.beta(1, 30, 500), rng.integers(1, 9, 500)
    shuffled = rng.permutation(500)
    one = poisson_binomial_midp(90, risk, people)
    assert poisson_binomial_midp(90, risk[shuffled], people[shuffled]) == pytest.approx(one, 1e-10)
    single = np.repeat(risk, people)
    assert poisson_binomial_midp(90, single, np.ones_like(single)) == pytest.approx(one, 1e-10)


@pytest.mark.parametrize("level", [0.3, 0.5, 0.95])
def test_limits_of_a_single_person_are_the_probabilities_the_test_leaves(level: float) -> None:
    """Mid-p of no event is 1 - p for one person, so the upper limit of p is the level itself."""
    one, log_odds = np.ones((1, 2)), np.full((1, 2), -1.0)
    low, high = shifted_count_limits(np.array([0.0, 1.0]), log_odds, one, level)
    assert low == pytest.approx([0, 1 - level], abs=1e-8)
    assert high == pytest.approx([level, 1], abs=1e-8)
