"""The multinomial logit on sums: against statsmodels on persons, and what it is given alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import softmax

from pipeline.errors import ModelError
from pipeline.model.logit import multinomial
from pipeline.model.logit.multinomial import multinomial_shares
from pipeline.model.numerics.pattern_keys import pack_codes

SIZES = (4, 3, 2)
#: Next to no ridge: the maximum is that of the likelihood alone, to six digits.
NONE = 1e-7


def drawn(
    n: int = 4_000, n_outcomes: int = 4, sizes: tuple[int, ...] = SIZES
) -> tuple[np.ndarray, np.ndarray]:
    """Return (n, F) levels of persons, and the outcome of each."""
    rng = np.random.default_rng(7)
    levels = np.column_stack([rng.integers(0, size, n) for size in sizes])
    score = sum(
        rng.normal(0, 0.7, (size, n_outcomes))[of] for size, of in zip(sizes, levels.T, strict=True)
    )
    shares = softmax(score + np.linspace(0, -2, n_outcomes), axis=1)
    return levels, (shares.cumsum(axis=1) > rng.random(n)[:, None]).argmax(axis=1)


def sums_of(
    levels: np.ndarray, outcome: np.ndarray, n_outcomes: int, sizes: tuple[int, ...] = SIZES
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, list[np.ndarray]]:
    """Return patterns, their persons, the pattern of each, totals, and sums by level."""
    key = pack_codes(levels, list(sizes))
    _, first, pattern = np.unique(key, return_index=True, return_inverse=True)
    ends = np.eye(n_outcomes)[outcome]
    sums = [np.eye(size)[of].T @ ends for size, of in zip(sizes, levels.T, strict=True)]
    return levels[first], np.bincount(pattern), pattern, ends.sum(axis=0), sums


def test_it_says_what_statsmodels_says_of_persons() -> None:
    levels, outcome = drawn()
    codes, persons, pattern, totals, sums = sums_of(levels, outcome, 4)
    shares = multinomial_shares(codes, persons, totals, sums, NONE)
    dummies = pd.get_dummies(pd.DataFrame(levels).astype(str), drop_first=True, dtype=float)
    fit = sm.MNLogit(outcome, sm.add_constant(dummies.to_numpy())).fit(
        method="newton", disp=0, maxiter=50
    )
    np.testing.assert_allclose(shares[pattern], fit.predict(), atol=1e-6)


def test_fitted_sums_are_those_given() -> None:
    """In total whatever the ridge; by level and outcome but for what it draws together."""
    levels, outcome = drawn()
    codes, persons, _, totals, sums = sums_of(levels, outcome, 4)
    for ridge, apart in ((NONE, 1e-4), (1.0, 3.0)):
        fitted = persons[:, None] * multinomial_shares(codes, persons, totals, sums, ridge)
        np.testing.assert_allclose(fitted.sum(axis=0), totals, rtol=1e-8)
        for place, of in enumerate(sums):
            by_level = np.eye(len(of))[codes[:, place]].T @ fitted
            np.testing.assert_allclose(by_level, of, atol=apart)


def test_levels_without_an_outcome_and_outcomes_without_persons_stay_finite() -> None:
    levels, outcome = drawn()
    outcome[(levels[:, 0] == 3) & (outcome == 2)] = 0
    codes, persons, _, totals, sums = sums_of(levels, outcome, 5)
    shares = multinomial_shares(codes, persons, totals, sums, 1.0)
    assert (shares[:, 4] == 0).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    never = shares[codes[:, 0] == 3, 2]
    assert ((never > 0) & (never < 0.01)).all()


def test_the_order_of_patterns_and_levels_is_nothing_to_it() -> None:
    """Other sums of the same numbers end at the same digits: what is published has two."""
    sizes = (8, 7, 6, 5, 4, 3, 3, 2, 2)
    levels, outcome = drawn(20_000, 8, sizes)
    codes, persons, _, totals, sums = sums_of(levels, outcome, 8, sizes)
    shares = multinomial_shares(codes, persons, totals, sums, 1.0)
    order = np.random.default_rng(2).permutation(len(codes))
    turned = np.array(sizes) - 1 - codes[order]
    others = multinomial_shares(
        turned[:, ::-1], persons[order], totals, [of[::-1] for of in sums[::-1]], 1.0
    )
    np.testing.assert_allclose(others, shares[order], atol=1e-9)


def test_without_a_maximum_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multinomial, "MAX_STEPS", 1)
    levels, outcome = drawn()
    codes, persons, _, totals, sums = sums_of(levels, outcome, 4)
    with pytest.raises(ModelError, match="did not converge"):
        multinomial_shares(codes, persons, totals, sums, 1.0)
