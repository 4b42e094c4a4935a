"""The audit of withheld counts against every other table that has the same totals."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pipeline.disclosure.audit import Network

PLACES, CELLS = 4, 3
SHAPE = (PLACES, CELLS)
MOST = 9  # withheld cells: 3^9 tables are looked through
FLAGS = arrays(bool, SHAPE)


def changes(withheld: np.ndarray) -> np.ndarray:
    """All tables of changes by one, none where a count is shown: (N, P, C)."""
    steps = np.array(list(itertools.product((0, 1, -1), repeat=int(withheld.sum()))))
    tables = np.zeros((len(steps), *SHAPE), dtype=int)
    tables[:, withheld] = steps
    return tables


def keeps_lines(tables: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Which of ``tables`` (N, C) leave the sum of the cells of each label as it was."""
    return np.all([tables[:, labels == name].sum(axis=1) == 0 for name in set(labels)], axis=0)


@given(
    FLAGS,
    arrays(bool, SHAPE),
    arrays(bool, SHAPE),
    arrays(bool, (PLACES - 1, CELLS)),
    arrays(bool, CELLS),
    st.integers(0, 2**32 - 1),
)
def test_a_count_can_shift_exactly_if_another_table_has_the_same_totals(
    withheld, may_add, may_take, place_lines, country_lines, seed
):
    many = np.random.default_rng(seed).permutation(np.argwhere(withheld))[MOST:]
    withheld[tuple(many.T)] = False
    tables = changes(withheld)
    possible = ((tables <= 0) | may_add).all(axis=(1, 2)) & ((tables >= 0) | may_take).all(
        axis=(1, 2)
    )
    possible &= (tables[:, :-1].sum(axis=1) == tables[:, -1]).all(axis=1)
    for place, labels in enumerate(place_lines):
        possible &= keeps_lines(tables[:, place], labels)
    possible &= keeps_lines(tables[:, -1], country_lines)
    network = Network(
        withheld,
        may_add=may_add,
        may_take=may_take,
        place_lines=place_lines,
        country_lines=country_lines,
    )
    everything = np.ones(SHAPE, dtype=bool)
    assert (network.can_shift(everything) == (tables[possible] != 0).any(axis=0)).all()
    asked = np.random.default_rng(seed).random(SHAPE) < 0.5
    assert (network.can_shift(asked) == (network.can_shift(everything) & asked)).all()
