"""Rows of level numbers as one integer each, and others found among them."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.model.numerics.pattern_keys import PatternKeys


@pytest.mark.parametrize("n_factors", [3, 45])
def test_rows_are_numbered_in_their_order_and_found_again(n_factors: int) -> None:
    # 45 factors of 5 levels have more combinations than an integer has room for.
    rng = np.random.default_rng(1)
    rows = np.unique(rng.integers(0, 5, (500, n_factors)), axis=0).astype(np.int8)
    kept = rng.random(len(rows)) < 0.6
    keys = PatternKeys.of(rows[kept], [5] * n_factors)
    assert bool(keys.distinct) == (n_factors == 45)
    assert (np.diff(keys.keys) > 0).all()
    order = rng.permutation(len(rows))
    place = np.where(kept, np.cumsum(kept) - 1, -1)
    np.testing.assert_array_equal(keys.find(rows[order]), place[order])
