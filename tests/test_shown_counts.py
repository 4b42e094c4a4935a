"""Limits of means from counts with noise: exact, bounded, and hardly wider where many are shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipeline.disclosure import CellKey
from pipeline.model.numerics.intervals import poisson_midp_limits
from pipeline.model.numerics.shown_counts import EXACT, Transitions
from pipeline.model.tables.practice_frames import ratio_estimates

METHOD = CellKey()
SIZE = 160
SHOWN = np.array([0, *range(5, SIZE)])


def chances(method: CellKey = METHOD) -> np.ndarray:
    """Return (SIZE, SIZE) the chance of what is shown, by the true count."""
    return np.array([method.chances(count, SIZE) for count in range(SIZE)])


def test_limits_without_noise_are_the_exact_ones() -> None:
    """By the sum over true counts, and where there is nothing to sum over."""
    no_noise = Transitions(np.eye(16, 26))
    for of in (no_noise, EXACT):
        for level in (0.5, 0.95, 0.998):
            np.testing.assert_allclose(
                of.mean_limits(np.arange(80), level),
                poisson_midp_limits(np.arange(80), level),
                rtol=1e-10,
                atol=1e-12,
            )


@pytest.mark.parametrize("method", [METHOD, CellKey(variance=2.0, reach=6, smallest_shown=3)])
@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
def test_limits_are_where_the_tails_of_what_is_shown_are_equal(
    method: CellKey, level: float
) -> None:
    """The tails by summing all true counts, from another statement of the table."""
    shown = np.array([0, *range(method.smallest_shown, 40)])
    low, high = method.transitions.mean_limits(shown, level)
    assert np.isfinite(high).all()
    assert low[0] == 0
    assert (np.diff(low) > 0).all()
    assert (np.diff(high) > 0).all()
    by_true = chances(method)
    for at, one in enumerate(shown):
        below = by_true[:, :one].sum(axis=1) + by_true[:, one] / 2
        at_high = stats.poisson.pmf(np.arange(SIZE), high[at]) @ below
        assert at_high == pytest.approx((1 - level) / 2, abs=1e-9)
        if one:
            at_low = stats.poisson.pmf(np.arange(SIZE), low[at]) @ below
            assert at_low == pytest.approx(1 - (1 - level) / 2, abs=1e-9)


def test_larger_counts_are_shown_as_larger_ones() -> None:
    """Each result's chance to be passed grows with the true count: tails turn at one mean only."""
    upto = np.cumsum(chances(), axis=1)
    assert (np.diff(upto, axis=0) <= 1e-12).all()


def test_coverage_by_summing_what_may_be_shown() -> None:
    """95 % on average over any five means on, as the exact limits without noise have it."""
    mean = np.linspace(0.05, 60, 2400)
    shown = stats.poisson.pmf(np.arange(SIZE), mean[:, None]) @ chances()
    low, high = METHOD.transitions.mean_limits(np.arange(SIZE), 0.95)
    held = (shown * ((low <= mean[:, None]) & (mean[:, None] <= high))).sum(axis=1)
    by_five = [held[(mean > first) & (mean <= first + 5)].mean() for first in range(0, 60, 5)]
    assert min(by_five) >= 0.95
    assert held.min() > 0.925


@pytest.mark.parametrize("expected", [20, 21, 25, 50])
def test_noise_widens_intervals_by_at_most_a_tenth_from_twenty_expected(expected: int) -> None:
    """Of the count that is expected, and on average over all that may be shown instead."""
    low, high = METHOD.transitions.mean_limits(np.arange(SIZE), 0.95)
    exact_low, exact_high = poisson_midp_limits(np.arange(SIZE), 0.95)
    width, exact = high - low, exact_high - exact_low
    assert width[expected] <= 1.1 * exact[expected]
    likely = stats.poisson.pmf(np.arange(SIZE), expected)
    assert likely @ chances() @ width <= 1.1 * (likely @ exact)


def test_a_count_shown_as_0_has_a_bounded_interval_however_few_are_expected() -> None:
    observed = pd.Series([0, 0, 5, pd.NA], dtype="Int64")
    expected = pd.Series([0.3, 3.0, 0.3, 4.0])
    none = pd.Series(0.0, observed.index)
    made = ratio_estimates(observed, expected, none, 0.95, METHOD.transitions)
    assert made["ratio_low"][:2].tolist() == [0, 0]
    np.testing.assert_allclose(made["ratio_high"][:2], [8.0805 / 0.3, 8.0805 / 3], atol=2e-3)
    assert 0 < made["ratio_low"][2] < 1
    assert all(np.isnan(values[3]) for values in made.values())


def test_what_stands_behind_a_shown_count_has_its_chances() -> None:
    true, chance = METHOD.transitions.behind([0, 5, 30])
    by_true = chances()
    for of, row, shown in zip(true, chance, (0, 5, 30), strict=True):
        known = of >= 0
        np.testing.assert_allclose(row[known], by_true[of[known], shown])
        assert not row[~known].any()


def test_pooled_limits_of_one_count_are_those_of_its_mean() -> None:
    for shown in (0, 5, 17, 60):
        pooled = METHOD.transitions.pooled_limits(shown, [8.0], 0.95)
        of_one = METHOD.transitions.mean_limits([shown], 0.95)
        np.testing.assert_allclose(pooled, [limit[0] / 8.0 for limit in of_one], rtol=1e-8)
    without = EXACT.pooled_limits(12, [3.0, 0.0, 5.0], 0.95)
    np.testing.assert_allclose(without, [limit / 8 for limit in poisson_midp_limits(12, 0.95)])
    with pytest.raises(ValueError, match="nothing is expected"):
        METHOD.transitions.pooled_limits(5, [0.0], 0.95)


def test_pooled_limits_hold_the_ratio_of_many_small_counts() -> None:
    """Where limits that take the sum for a plain count miss twice and more of what they allow."""
    rng = np.random.default_rng(4)
    expected = rng.uniform(0.5, 6.0, 20)
    held, plain = [], []
    for _ in range(400):
        true = rng.poisson(0.8 * expected)
        shown = float(METHOD.transitions.shown(true, rng.random(len(true))).sum())
        for transitions, hits in ((METHOD.transitions, held), (EXACT, plain)):
            low, high = transitions.pooled_limits(shown, expected, 0.95)
            hits.append(low <= 0.8 <= high)
    assert np.mean(held) == pytest.approx(0.95, abs=0.03)
    assert np.mean(plain) < 0.90
