"""Rank sets: what must hold for any estimates, and that they hold the truth often enough."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model.inference import pairwise
from pipeline.model.inference.ranks import point_ranks, posterior_ranks, rank_sets

FIELDS = ("rank", "low", "high", "low_simultaneous", "high_simultaneous")


@st.composite
def estimates(draw):
    """Units with a full joint covariance, ties among the estimates included."""
    n = draw(st.integers(1, 9))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    root = rng.normal(size=(n, n + 2)) * draw(st.floats(0.01, 2))
    effect = rng.normal(size=n) * draw(st.floats(0.1, 5))
    if draw(st.booleans()):
        effect = np.round(effect)
    return effect, root @ root.T


@settings(max_examples=60, deadline=None)
@given(case=estimates(), level=st.floats(0.5, 0.99))
def test_sets_hold_the_point_rank_and_simultaneous_ones_the_marginal(case, level):
    effect, covariance = case
    sets = rank_sets(effect, covariance, level, 2000, 3)
    n = len(effect)
    assert np.all((sets.low >= 1) & (sets.high <= n))
    assert np.all((sets.low <= sets.rank) & (sets.rank <= sets.high))
    assert np.all(sets.low_simultaneous <= sets.low)
    assert np.all(sets.high_simultaneous >= sets.high)


@settings(max_examples=60, deadline=None)
@given(case=estimates(), seed=st.integers(0, 1000))
def test_sets_do_not_depend_on_the_order_or_level_of_the_units(case, seed):
    effect, covariance = case
    if len(np.unique(effect)) < len(effect):
        effect = effect + 0.01 * np.arange(len(effect))
    order = np.random.default_rng(seed).permutation(len(effect))
    sets = rank_sets(effect, covariance, 0.9, 2000, seed)
    other = rank_sets(effect[order], covariance[np.ix_(order, order)], 0.9, 2000, seed)
    shifted = rank_sets(effect + 8.0, covariance, 0.9, 2000, seed)
    for field in FIELDS:
        assert np.array_equal(getattr(other, field), getattr(sets, field)[order])
        assert np.array_equal(getattr(shifted, field), getattr(sets, field))


def test_errors_shared_by_all_units_do_not_blur_ranks():
    """A common error of the national level cancels in every difference."""
    effect, own = np.linspace(-1, 1, 12), np.eye(12) * 0.01
    alone = rank_sets(effect, own, 0.95)
    shared = rank_sets(effect, own + 5.0, 0.95)
    blurred = rank_sets(effect, own + 5.0 * np.eye(12), 0.95)
    assert np.array_equal(alone.high - alone.low, shared.high - shared.low)
    assert (blurred.high - blurred.low).mean() > 3 * (shared.high - shared.low).mean()


def test_effects_that_sum_to_zero_have_a_singular_covariance():
    centre = np.eye(10) - 0.1
    effect = np.linspace(-1, 1, 10)
    sets = rank_sets(effect, centre @ (0.02 * np.eye(10)) @ centre, 0.95)
    independent = rank_sets(effect, 0.02 * np.eye(10), 0.95)
    assert np.abs(sets.low - independent.low).max() <= 1
    assert np.abs(sets.high - independent.high).max() <= 1


def test_clear_and_hopeless_cases():
    effect = np.array([3.0, 1.0, 2.0])
    clear = rank_sets(effect, np.full(3, 1e-6), 0.95)
    for field in FIELDS:
        assert list(getattr(clear, field)) == [3, 1, 2]
    hopeless = rank_sets(effect, np.full(3, 1e6), 0.95)
    assert list(hopeless.low) == [1, 1, 1]
    assert list(hopeless.high) == [3, 3, 3]
    exact = rank_sets(effect, np.zeros((3, 3)), 0.95)
    assert list(exact.low_simultaneous) == list(exact.high_simultaneous) == [3, 1, 2]


def test_ties_share_the_lowest_rank():
    assert list(point_ranks([2.0, 1.0, 2.0, 3.0])) == [2, 1, 2, 4]


def test_a_unit_without_events_ranks_lowest_and_decides_nothing():
    effect = np.array([-np.inf, -1.0, 0.0, 1.0])
    sets = rank_sets(effect, np.diag([np.nan, 1e-4, 1e-4, 1e-4]), 0.95)
    assert list(sets.rank) == [1, 2, 3, 4]
    assert (sets.low[0], sets.high[0]) == (1, 4)
    assert list(sets.low[1:]) == [1, 2, 3]
    assert list(sets.high[1:]) == [2, 3, 4]


def test_a_single_unit_is_first():
    sets = rank_sets([0.4], [0.1])
    assert [list(getattr(sets, field)) for field in FIELDS] == [[1]] * 5


def test_same_seed_same_sets():
    rng = np.random.default_rng(6)
    effect, se = rng.normal(size=40), rng.uniform(0.1, 0.6, 40)
    one, two = rank_sets(effect, se, seed=9), rank_sets(effect, se, seed=9)
    assert all(np.array_equal(getattr(one, field), getattr(two, field)) for field in FIELDS)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([np.nan, 1.0], [1.0, 1.0]), "nan"),
        (([0.0, 1.0], [1.0, 1.0, 1.0]), "shape"),
        (([0.0, 1.0], [[1.0, 3.0], [3.0, 1.0]]), "semi-definite"),
        (([0.0, 1.0], [[1.0, np.nan], [0.0, 1.0]]), "missing"),
    ],
)
def test_impossible_input_is_refused(arguments, words):
    with pytest.raises(ValueError, match=words):
        rank_sets(*arguments)


def test_coverage_of_rank_sets():
    """300 draws of 12 close units: each set holds the true rank at least at its level."""
    rng = np.random.default_rng(14)
    truth = np.sort(rng.normal(0, 0.3, 12))
    root = rng.normal(size=(12, 30)) * 0.05
    covariance = root @ root.T
    true_rank = np.arange(1, 13)
    marginal, together, lowest = np.zeros(12), 0, 0
    repetitions = 300
    for repetition in range(repetitions):
        effect = rng.multivariate_normal(truth, covariance)
        sets = rank_sets(effect, covariance, 0.9, 1500, repetition)
        marginal += (sets.low <= true_rank) & (true_rank <= sets.high)
        together += np.all(
            (sets.low_simultaneous <= true_rank) & (true_rank <= sets.high_simultaneous)
        )
        lowest += np.all((sets.low_simultaneous <= 3)[:3])
    # 3 Monte-Carlo errors of a share of 0.9 in 300 are 0.05.
    assert np.all(marginal / repetitions > 0.85)
    assert together / repetitions > 0.85
    assert lowest / repetitions > 0.85


@settings(max_examples=40, deadline=None)
@given(case=estimates(), k=st.integers(1, 4))
def test_posterior_ranks_are_probabilities_that_add_up(case, k):
    effect, covariance = case
    n = len(effect)
    ranks = posterior_ranks(effect, covariance, 1000, 5, k)
    assert ranks.expected_rank.sum() == pytest.approx(n * (n + 1) / 2)
    assert np.all((ranks.expected_rank >= 1 - 1e-9) & (ranks.expected_rank <= n + 1e-9))
    assert ranks.p_lowest_k.sum() == pytest.approx(min(k, n))
    assert np.allclose(ranks.p_quintile.sum(axis=1), 1)
    assert np.all((ranks.p_lowest_k >= 0) & (ranks.p_lowest_k <= 1))


def test_posterior_ranks_of_98_units():
    """Fifths of 98 hold 19, 20, 19, 20 and 20 units; expected ranks equal those of the draws."""
    rng = np.random.default_rng(15)
    mean, se = rng.normal(0, 0.2, 98), rng.uniform(0.05, 0.3, 98)
    ranks = posterior_ranks(mean, se, 20_000, 1, 10)
    assert np.allclose(ranks.p_quintile.sum(axis=0), [19, 20, 19, 20, 20])
    drawn = mean + se * np.random.default_rng(3).standard_normal((20_000, 98))
    simulated = 1 + drawn.argsort(axis=1).argsort(axis=1).mean(axis=0)
    assert np.abs(simulated - ranks.expected_rank).max() < 0.8
    order = rng.permutation(98)
    other = posterior_ranks(mean[order], se[order], 20_000, 1, 10)
    assert np.array_equal(other.p_lowest_k, ranks.p_lowest_k[order])


def test_exchangeable_units_have_equal_chances():
    ranks = posterior_ranks(np.zeros(20), np.full(20, 0.3), 20_000, 1, 5)
    assert np.allclose(ranks.expected_rank, 10.5)
    assert np.allclose(ranks.p_lowest_k, 0.25, atol=0.015)


def _decided_plainly(i, contrast, inverse_se, normal, level):
    """Return what is decided for unit i when every step looks at every draw of every open pair."""
    n = len(contrast)
    below, above = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    other = np.arange(n) != i
    while True:
        difference = (normal[i] - normal) * inverse_se[i].astype(np.float32)[:, None]
        up, down = difference[other & ~below], -difference[other & ~above]
        critical = np.quantile(np.vstack([up, down]).max(axis=0), level)
        new_below = other & ~below & (contrast[i] > critical)
        new_above = other & ~above & (contrast[:, i] > critical)
        if not (new_below.any() or new_above.any()):
            return below, above
        below |= new_below
        above |= new_above


@pytest.mark.parametrize("spread", [0.3, 1.0, 4.0])
def test_looking_again_at_the_draws_that_matter_decides_the_same(spread: float) -> None:
    rng = np.random.default_rng(11)
    n = 40
    root = rng.normal(size=(n, n)) * 0.03
    covariance = root @ root.T + np.diag(rng.gamma(2.0, 0.02, n))
    _, contrast, inverse_se, normal = pairwise.setting(
        rng.normal(size=n) * spread, covariance, 2_000, 1
    )
    largest = pairwise.largest_differences(inverse_se, normal)
    n_decided = 0
    for i in range(n):
        result = pairwise.decided_for(i, contrast, inverse_se, normal, 0.95, largest[i])
        plainly = _decided_plainly(i, contrast, inverse_se, normal, 0.95)
        assert np.array_equal(result[0], plainly[0])
        assert np.array_equal(result[1], plainly[1])
        n_decided += int(result[0].sum() + result[1].sum())
    assert n_decided > 0 or spread < 1
