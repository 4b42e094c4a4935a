"""Fits to sums as they are shown: the sums are met, and noise does not stop a night."""

from __future__ import annotations

import numpy as np
import pytest
from fabricated_cells import (
    make_cells,
    make_grants,
    make_municipalities,
    make_specification,
    spread,
)

from pipeline.disclosure import CellKey
from pipeline.disclosure.cell_key import MODULUS
from pipeline.model.national.cells import code_cells
from pipeline.model.national.protection import Unprotected, agreeing, shown_sums
from pipeline.model.tables.benchmark import run_benchmark


class Doubled(Unprotected):
    """Shows each count as itself and its key."""

    def shown(self, counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
        return np.asarray(counts + keys).astype(np.int64)

    shown_totals = shown


def test_rows_have_the_shown_totals_and_levels_in_proportion() -> None:
    rng = np.random.default_rng(1)
    sizes = (7, 2, 4, 3)
    groups = [rng.integers(0, size, 200) for size in sizes]
    counts, keys = rng.integers(0, 3, 200), rng.integers(0, 2, 200)
    keys[groups[2] == 1], counts[groups[2] == 1] = 0, 0
    persons = [
        np.bincount(group, minlength=size) * 50 for group, size in zip(groups, sizes, strict=True)
    ]
    sums = shown_sums(counts, keys, groups, persons, Doubled())
    both = counts + keys
    total = both.sum()
    assert np.allclose(np.bincount(sums.municipality, sums.events, 7), np.bincount(groups[0], both))
    for column, (group, size) in enumerate(zip(groups[1:], sizes[1:], strict=True)):
        shown = np.bincount(group, both, size)
        result = np.bincount(sums.codes[:, column], sums.events, size)
        assert np.allclose(result, shown * total / shown.sum())
    assert sums.by_year.sum() == total
    assert len(sums.events) <= sum(sizes)


def test_shown_counts_are_brought_to_agree_with_their_margins() -> None:
    table = np.array([[5.0, 0, 9], [0, 0, 0], [12, 0, 20]])
    rows, columns = np.array([10.0, 3, 37]), np.array([15.0, 5, 30])
    made = agreeing(table, rows, columns)
    assert np.allclose(made.sum(axis=1), rows)
    assert np.allclose(made.sum(axis=0), columns, rtol=1e-6)
    assert (made >= 0).all()


@pytest.mark.parametrize(("seed", "persons"), [*((n, 14) for n in range(4)), (4, 6), (10, 3)])
def test_noise_does_not_stop_a_tiny_country(seed: int, persons: int) -> None:
    """Of some hundred persons, with levels of few: what no finite coefficients fit is merged."""
    rng = np.random.default_rng(seed)
    cells = make_cells(spread(20), seed=seed, persons=persons)
    grants = make_grants(cells)
    grants["events_key"] = [int(rng.integers(0, MODULUS, n).sum()) for n in grants["n_events"]]
    keys = [name for name in grants if name not in ("diagnosis_group", "n_events", "events_key")]
    of_cells = grants.groupby(keys)["events_key"].sum().reset_index()
    cells = cells.merge(of_cells, on=keys, how="left").fillna({"events_key": 0})
    cells["persons_key"] = rng.integers(0, MODULUS, len(cells))
    specification = make_specification(
        models=("pooled", "within", "no_health"), health_factors=("mental_health",),
        protection=CellKey(),
    )  # fmt: skip
    made = run_benchmark(cells, grants, make_municipalities(cells), specification)
    assert {item.status for item in made.diagnostics} <= {"ok", "warn"}
    shown = made.frames["benchmark"].query("model == 'within'")
    table = code_cells(cells, specification, sorted(set(cells["municipality_code"])))
    assert (shown["observed"].to_numpy() == table.observed).all()
    assert shown["expected"].sum() == pytest.approx(shown["observed"].sum())
    country = made.frames["breakdown_country"].query("model == 'within'")
    assert (country["expected"] > 0).all()
