"""Invented cells of life tables, with known yearly risks."""

from __future__ import annotations

import numpy as np
import pandas as pd

MUNICIPALITIES = ("101", "147", "151", "210", "253", "306", "461", "561", "751", "851")
OUTCOMES = ("FP", "FJ")
AGES = np.arange(18, 65)


def yearly_risk(outcome: str) -> np.ndarray:
    """Return (47,) the risk of each age from 18 to 64."""
    return (0.002 if outcome == "FP" else 0.001) * (1 + (AGES - 18) / 15)


def life_cells(
    rng: np.random.Generator,
    persons: float = 40.0,
    spread: float = 0.0,
    outcomes: tuple[str, ...] = OUTCOMES,
) -> pd.DataFrame:
    """Return cells of ``mart.life_cell`` of ten municipalities with ``persons`` in each on average.

    ``spread`` is that of the municipalities' practice, log of risk. A pension ends the risk of a
    flexjob.
    """
    parts = []
    effect = rng.normal(0, spread, len(MUNICIPALITIES)) if spread else np.zeros(10)
    for outcome in outcomes:
        grid = pd.MultiIndex.from_product(
            [(2006, 2007), MUNICIPALITIES, (0, 1), AGES],
            names=["year", "municipality_code", "half", "age_years"],
        ).to_frame(index=False)
        place = pd.Index(MUNICIPALITIES).get_indexer(grid["municipality_code"])
        at = grid["age_years"].to_numpy() - AGES[0]
        n = rng.poisson(persons, len(grid))
        ends = yearly_risk("FP")[at] if outcome == "FJ" else np.zeros(len(grid))
        own = yearly_risk(outcome)[at] * np.exp(effect[place])
        events = rng.binomial(n, own)
        ended = rng.binomial(n - events, ends / (1 - own))
        frame = grid.assign(outcome=outcome, n_persons=n, n_events=events, n_ended=ended)
        on_benefit = np.where(rng.random(len(frame)) < 0.2, rng.integers(0, 11, len(frame)), np.nan)
        parts.append(frame.assign(benefit_years=on_benefit))
    cells = pd.concat(parts, ignore_index=True)
    for key, count in (
        *(("persons_key", "n_persons"), ("events_key", "n_events"), ("ended_key", "n_ended")),
    ):
        cells[key] = rng.integers(0, 62**4, len(cells)) * (cells[count] > 0)
    return cells[cells["n_persons"] > 0].reset_index(drop=True)


def expected_of(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the grants expected in each municipality at the known risks, model within."""
    risk = np.zeros(len(cells))
    for outcome in cells["outcome"].unique():
        own = (cells["outcome"] == outcome).to_numpy()
        risk[own] = yearly_risk(outcome)[cells["age_years"].to_numpy()[own] - AGES[0]]
    expected = cells.assign(expected=risk * cells["n_persons"], model="within")
    key = ["outcome", "model", "municipality_code"]
    return expected.groupby(key, sort=False)["expected"].sum().reset_index()
