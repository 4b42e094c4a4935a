"""Grades: the best cuts, the bound on wrong orderings, and what they say of planted units."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model.inference.grades import _cut, grade_units
from pipeline.model.inference.ranks import posterior_ranks


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 8))
def test_cuts_are_the_best_of_all_that_can_be_made(seed: int, n: int) -> None:
    worth = np.triu(np.random.default_rng(seed).normal(0.2, 1, (n, n)), k=1)

    def value(grade: np.ndarray) -> float:
        return float(worth[np.triu(grade[:, None] < grade[None, :], k=1)].sum())

    every = [np.concatenate([[1], 1 + np.cumsum(cuts)]) for cuts in product((0, 1), repeat=n - 1)]
    assert value(_cut(worth)) == pytest.approx(max(map(value, every)), abs=1e-12)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), bound=st.sampled_from([0.0, 0.02, 0.05, 0.2]))
def test_the_bound_is_kept_and_grades_follow_the_order(seed: int, bound: float) -> None:
    rng = np.random.default_rng(seed)
    posterior = posterior_ranks(rng.normal(0, 0.3, 30), rng.uniform(0.05, 0.5, 30), 2000, 1)
    grades = grade_units(posterior.expected_rank, posterior.is_lower, bound)
    assert grades.wrong_share <= bound
    in_order = grades.grade[np.argsort(posterior.expected_rank, kind="stable")]
    assert in_order[0] == 1
    assert set(np.diff(in_order)) <= {0, 1}
    looser = grade_units(posterior.expected_rank, posterior.is_lower, min(0.5, 2 * bound + 0.01))
    assert looser.ordered_share >= grades.ordered_share - 1e-12


def test_units_that_do_not_differ_are_of_one_grade() -> None:
    posterior = posterior_ranks(np.zeros(20), np.full(20, 0.3), 2000, 1)
    grades = grade_units(posterior.expected_rank, posterior.is_lower)
    assert set(grades.grade) == {1}
    assert (grades.wrong_share, grades.ordered_share) == (0.0, 0.0)


def test_units_far_apart_have_each_their_own() -> None:
    posterior = posterior_ranks(np.arange(6.0), np.full(6, 0.01), 2000, 1)
    grades = grade_units(posterior.expected_rank, posterior.is_lower)
    assert list(grades.grade) == [1, 2, 3, 4, 5, 6]


def test_over_drawn_truths_wrong_orderings_keep_their_share() -> None:
    """98 units, true sd .3, errors .05-.5, prior known: wrong share at 5 % in all drawings."""
    rng = np.random.default_rng(4)
    wrong = pairs = covered = 0
    widths = []
    for _ in range(40):
        truth, se = rng.normal(0, 0.3, 98), rng.uniform(0.05, 0.5, 98)
        weight = 0.09 / (0.09 + se**2)
        mean = weight * (truth + se * rng.standard_normal(98))
        posterior = posterior_ranks(mean, np.sqrt(0.09 * (1 - weight)), 4000, 1)
        grade = grade_units(posterior.expected_rank, posterior.is_lower, 0.05).grade
        apart = grade[:, None] < grade[None, :]
        wrong += int((apart & (truth[:, None] > truth[None, :])).sum())
        pairs += int(apart.sum())
        place = 1 + np.argsort(np.argsort(truth))
        covered += int(((posterior.low <= place) & (place <= posterior.high)).sum())
        widths.append(posterior.high - posterior.low + 1)
    assert 0.035 < wrong / pairs < 0.055
    assert 0.94 < covered / (40 * 98) < 0.975
    assert np.mean(widths) < 70


@pytest.mark.parametrize(
    ("rank", "below", "bound", "said"),
    [
        ([1.0, 2.0], np.full((3, 3), 0.5), 0.05, "do not fit"),
        ([1.0, np.nan], np.full((2, 2), 0.5), 0.05, "missing"),
        ([1.0, 2.0], np.full((2, 2), 0.5), 0.6, "0 and 0.5"),
    ],
)
def test_what_cannot_be_graded_is_refused(rank, below, bound: float, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        grade_units(rank, below, bound)
