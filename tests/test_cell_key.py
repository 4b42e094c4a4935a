"""The cell-key method: the table is as designed, noise is the persons', and guesses are bounded."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from pipeline.disclosure import CellKey, protect
from pipeline.disclosure.cell_key import MODULUS
from pipeline.errors import PublishError

METHOD = CellKey()
#: A best guess of a count of 1-4 from that count alone is right no more often than this, and from
#: all parts of a split and the total together no more often than the second.
BOUND, BOUND_OF_SPLIT = 2 / 3, 3 / 4


def test_rows_have_mean_variance_reach_and_no_small_result() -> None:
    table = METHOD.table
    results = np.arange(table.shape[1])
    for count, row in enumerate(table):
        assert row.sum() == pytest.approx(1, abs=1e-9)
        assert row @ results == pytest.approx(count, abs=1e-6)
        variance = row @ (results - count) ** 2
        smallest = count * (5 - count) if count < 5 else 0
        assert variance == pytest.approx(0 if count == 0 else max(4.0, smallest), abs=1e-4)
        assert not row[1:5].any()
        assert not row[np.abs(results - count) > METHOD.reach].any()


def test_noise_is_decided_by_the_persons_alone() -> None:
    keys = np.random.default_rng(1).integers(0, MODULUS, 60)
    rng = np.random.default_rng(2)
    shuffled = rng.permutation(keys)
    parts = [shuffled[:20], shuffled[20:]]
    assert METHOD.shown(np.array(60), np.array(keys.sum())) == METHOD.shown(
        np.array(60), np.array(sum(part.sum() for part in parts))
    )


def test_shown_counts_follow_the_table_and_average_to_the_count() -> None:
    rng = np.random.default_rng(3)
    for count in (1, 3, 7, 40):
        keys = rng.integers(0, MODULUS, (20_000, count)).sum(axis=1)
        shown = METHOD.shown(np.full(20_000, count), keys)
        assert shown.mean() == pytest.approx(count, abs=5 * 2.5 / np.sqrt(20_000))
        chances = METHOD.chances(count, count + 12)
        counted = np.bincount(shown, minlength=count + 12)[: count + 12] / 20_000
        assert np.abs(counted - chances).max() < 0.02


def posterior(expected: np.ndarray, shown: np.ndarray, method: CellKey = METHOD) -> np.ndarray:
    """Return (n, 60) chances of each true count, for who knows what is expected and shown."""
    counts = np.arange(60)
    log_prior = counts * np.log(expected)[:, None] - np.cumsum(np.log(np.maximum(counts, 1)))
    likelihood = np.array([method.chances(count, 80) for count in counts])
    weight = np.exp(log_prior - log_prior.max(axis=1, keepdims=True)) * likelihood[:, shown].T
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


@pytest.mark.parametrize("shown", [0, *range(5, 30)])
def test_no_count_of_one_to_four_is_guessed_more_often_than_the_bound(shown: int) -> None:
    expected = np.geomspace(METHOD.smallest_expected, 40, 300)
    chances = posterior(expected, np.full(300, shown))
    assert chances[:, 1:5].max() <= BOUND


def test_the_attack_succeeds_where_cells_that_expect_nobody_are_shown() -> None:
    """The broken variant: a count where a tenth of a grant is expected."""
    assert posterior(np.array([0.1]), np.array([5]))[:, 1:5].max() > BOUND


@pytest.mark.parametrize("method", [METHOD, CellKey(variance=8.0, reach=15, smallest_shown=4)])
@pytest.mark.parametrize("expected", [0.05, 0.2, 0.3, 0.405])
def test_no_table_of_mean_0_does_better_than_the_limit_on_what_is_expected(
    method: CellKey, expected: float
) -> None:
    """Some count is shown that is of 1 with a chance of exp(-expected) or more, in every table.

    The chances of results, weighted by the results, are i of a true count i: so of all that is
    shown, so weighted, the share P(1) / expected is of 1.
    """
    shown = np.array([0, *range(method.smallest_shown, 40)])
    chances = posterior(np.full(len(shown), expected), shown, method)[:, 1]
    assert chances.max() >= np.exp(-expected) - 1e-9


def attack_totals(shown: np.ndarray, total: int, expected: np.ndarray, method: CellKey) -> float:
    """Return the best guess's chance of the first part's count, from parts and total together.

    ``shown`` and ``expected`` (P,) of parts that add up to what is shown as ``total``.
    """
    each = [posterior(expected[[n]], shown[[n]], method)[0] for n in range(len(shown))]
    rest = each[1]
    for other in each[2:]:
        rest = np.convolve(rest, other)
    likelihood = np.array([method.chances(count, total + 1)[total] for count in range(400)])
    joint = [
        each[0][count] * (rest * likelihood[count : count + len(rest)]).sum() for count in range(60)
    ]
    return float(np.max((np.array(joint) / sum(joint))[1:5]))


def test_parts_and_total_together_do_not_pass_the_bound() -> None:
    """Every small count of random one-way splits, guessed from all parts and the total at once."""
    rng = np.random.default_rng(4)
    chances = []
    for n_parts, mean in itertools.product((2, 3, 5), (1.0, 3.0, 8.0)):
        for _ in range(40):
            expected = rng.uniform(0.6, 1.4, n_parts) * mean
            true = rng.poisson(expected)
            keys = np.array([rng.integers(0, MODULUS, n).sum() for n in true], dtype=np.int64)
            shown = METHOD.shown(true, keys)
            total = METHOD.shown(true.sum(), keys.sum())
            if 1 <= true[0] <= 4:
                chances.append(attack_totals(shown, int(total), expected, METHOD))
    assert len(chances) > 50
    assert max(chances) <= BOUND_OF_SPLIT


def small_frame() -> pd.DataFrame:
    return pd.DataFrame({"outcome": ["FP"], "observed": [7], "expected": [6.1234567]})


def test_a_table_that_nobody_declared_is_refused() -> None:
    with pytest.raises(PublishError, match="breakdown_sex: nothing says what protects it"):
        protect({"breakdown_sex": small_frame()}, {}, smallest_shown=5)


def test_a_small_count_and_an_undeclared_column_are_refused_together() -> None:
    frame = small_frame().assign(observed=3, leak=0.123456789)
    with pytest.raises(PublishError) as refused:
        protect({"breakdown": frame}, {"breakdown": "counts"}, smallest_shown=5)
    assert "breakdown.observed: 1 counts from 1 to 4" in str(refused.value)
    assert "breakdown.leak: decimals that are not declared" in str(refused.value)


def test_numbers_leave_rounded() -> None:
    shown = protect({"breakdown": small_frame()}, {"breakdown": "counts"}, smallest_shown=5)
    assert shown["breakdown"]["expected"].tolist() == [6.12]
