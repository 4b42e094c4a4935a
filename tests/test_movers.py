"""Movers: practice stays behind, health comes along."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fabricated_cells import LEVELS, SLOPES, make_specification
from scipy.special import expit
from test_validity import NOISE

from pipeline.disclosure import CellKey
from pipeline.model.followups.movers import mover_frame
from pipeline.model.national.cells import code_cells
from pipeline.model.national.fitted import fit_within
from pipeline.model.national.protection import Unprotected

N_UNITS, SPREAD = 40, 0.4
KEYS = ["municipality_code", "year", *LEVELS]


def country(seed: int, health_share: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return cells and movers; of practice ``health_share`` is health that moves with citizens."""
    rng = np.random.default_rng([11, seed])
    effect = rng.normal(0, SPREAD, N_UNITS)
    grid = pd.MultiIndex.from_product(
        [range(N_UNITS), [2006, 2007], *LEVELS.values()], names=KEYS
    ).to_frame(index=False)
    score = sum(
        grid[name].map(dict(zip(levels, SLOPES[name], strict=True)))
        for name, levels in LEVELS.items()
    ).to_numpy(float)
    unit = grid["municipality_code"].to_numpy()
    stayers = grid.assign(
        n_persons=rng.poisson(60, len(grid)),
        log_odds=-3.0 + score + effect[unit],
    )
    # Each cell has movers from three other municipalities.
    parts = []
    for _ in range(3):
        origin = (unit + rng.integers(1, N_UNITS, len(unit))) % N_UNITS
        of_both = (1 - health_share) * effect[unit] + health_share * effect[origin]
        parts.append(
            grid.assign(
                origin_municipality_code=origin,
                n_persons=rng.poisson(2, len(grid)),
                log_odds=-3.0 + score + of_both,
            )
        )
    movers = pd.concat(parts, ignore_index=True)
    for frame in (stayers, movers):
        frame["n_events"] = rng.binomial(frame["n_persons"], expit(frame["log_odds"]))
        frame["events_key"] = rng.integers(0, 62**4, len(frame)) * frame["n_events"]
        frame["persons_key"] = 0
    movers = movers[movers["n_persons"] > 0].drop(columns="log_odds")
    cells = (
        pd.concat([stayers, movers])
        .groupby(KEYS, as_index=False)[["n_persons", "n_events", "persons_key", "events_key"]]
        .sum()
    )
    for frame in (cells, movers):
        for name in frame.columns.intersection(["municipality_code", "origin_municipality_code"]):
            frame[name] = (100 + frame[name]).astype(str)
    return cells, movers


def slopes(cells: pd.DataFrame, movers: pd.DataFrame, protection: CellKey | None = None):
    known = {} if protection is None else {"protection": protection}
    specification = make_specification(**known)
    table = code_cells(cells, specification, sorted(set(cells["municipality_code"])))
    expected = fit_within(table, specification).expected
    used = protection or Unprotected()
    return mover_frame("FP", "within", table, expected, movers, used, 0.95)


@pytest.mark.parametrize(
    ("protection", "health_share"), [(None, 0.0), (None, 1.0), (None, 0.4), (NOISE, 0.4)]
)
def test_what_movers_take_along_and_what_they_meet_is_told(
    protection: CellKey | None, health_share: float
) -> None:
    frame = pd.concat(slopes(*country(seed, health_share), protection) for seed in range(14))
    assert len(frame) == 14
    for name, truth in (("destination", 1 - health_share), ("origin", health_share)):
        slope = frame[f"{name}_slope"]
        # Groups of municipalities stand for each of them, which costs some 2 %.
        error = 0.03 + 3 * slope.std() / np.sqrt(len(slope))
        assert slope.mean() == pytest.approx(truth, abs=error)
        assert slope.std() < 0.2
        held = (frame[f"{name}_slope_low"] <= truth) & (truth <= frame[f"{name}_slope_high"])
        assert held.mean() >= 0.8


def test_grants_of_movers_are_not_in_what_they_are_held_against() -> None:
    """With movers in the practice their own chance would come back as practice of the new place."""
    cells, movers = country(1, 0.0)
    changed = movers.assign(n_events=0, events_key=0)
    gone = movers[["n_events", "events_key"]].sum()
    assert gone["n_events"] > 0
    without = cells.merge(
        movers.groupby(KEYS, as_index=False)[["n_events", "events_key"]].sum(),
        on=KEYS,
        how="left",
        suffixes=("", "_moved"),
    ).fillna(0)
    for name in ("n_events", "events_key"):
        without[name] = (without[name] - without[f"{name}_moved"]).astype(int)
    assert slopes(without[cells.columns], changed).empty


def test_few_movers_and_other_models_say_nothing() -> None:
    cells, movers = country(2, 0.0)
    assert slopes(cells, movers.iloc[:0]).empty
    assert slopes(cells, movers.iloc[:30]).empty


def test_slopes_come_from_counts_as_they_are_shown() -> None:
    """Whatever was counted, what is shown alike gives the same slopes to the last digit."""

    class Alike(CellKey):
        def shown(self, counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
            return 40 + 30 * (np.arange(np.size(counts)) % 7)

        shown_totals = shown

    cells, movers = country(4, 0.3)
    told = slopes(cells, movers, Alike())
    assert len(told) == 1
    moved, grown = movers.copy(), cells.copy()
    few = movers.index[movers["n_events"] < movers["n_persons"]][:50]
    for key, row in movers.loc[few].iterrows():
        moved.loc[key, "n_events"] += 1
        grown.loc[(grown[KEYS] == row[KEYS]).all(axis=1), "n_events"] += 1
    assert grown["n_events"].sum() == cells["n_events"].sum() + 50
    pd.testing.assert_frame_equal(slopes(grown, moved, Alike()), told, check_exact=True)


def test_rows_in_another_order_say_the_same() -> None:
    cells, movers = country(3, 0.2)
    turned = movers.sample(frac=1, random_state=1)
    pd.testing.assert_frame_equal(slopes(cells, movers), slopes(cells, turned))
