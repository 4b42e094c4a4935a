"""Fabricated tables of change between two windows, beside ``fabricated_release``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.catalogue import columns
from pipeline.model.followups.change_split import COMPONENTS, TOTAL


def fabricate_change(within: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Return ``change``, ``change_split`` and ``change_country`` that go with ``within``."""
    frames = [_of_outcome(frame, rng) for _, frame in within.groupby("outcome", sort=False)]
    change = pd.concat(frames, ignore_index=True)
    parts = _parts(change[["outcome", "municipality_code"]], rng)
    country = _parts(change[["outcome"]].drop_duplicates(ignore_index=True), rng)
    made = {"change": change, "change_split": parts, "change_country": country}
    return {name: frame[list(columns(name))] for name, frame in made.items()}


def _of_outcome(rows: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    effect = rng.normal(0, 0.3, len(rows))
    expected = rows["expected"].to_numpy() * rng.uniform(0.8, 1.1, len(rows))
    frame = rows[["outcome", "municipality_code", "observed", "expected", "ratio"]].assign(
        baseline_observed=np.rint(expected / 5).astype(np.int64) * 5,
        baseline_expected=expected.round(2),
        baseline_ratio=1.0,
        log_ratio_change=effect.round(3),
        log_ratio_change_low=(effect - 0.4).round(3),
        log_ratio_change_high=(effect + 0.4).round(3),
        change_effect=effect.round(3),
        change_effect_se=0.2,
        change_effect_shrunk=(effect / 2).round(3),
        change_effect_shrunk_low=(effect / 2 - 0.2).round(3),
        change_effect_shrunk_high=(effect / 2 + 0.2).round(3),
        p_value=0.2,
        q_value=np.where(np.abs(effect) > 0.4, 0.01, 0.5),
    )
    rank = pd.Series(effect).rank(method="min").astype(int).to_numpy()
    for name, place in (("rank", rank), ("level_rank", rng.permutation(rank))):
        frame[name] = place
        frame[f"{name}_low"] = np.maximum(place - 5, 1)
        frame[f"{name}_high"] = np.minimum(place + 5, len(rows))
    return frame


def _parts(units: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    parts = rng.normal(0, 0.0005, (len(units), len(COMPONENTS))).round(6)
    parts = np.column_stack([parts, parts.sum(axis=1)])
    return (
        units.loc[units.index.repeat(4)]
        .reset_index(drop=True)
        .assign(
            component=[*COMPONENTS, TOTAL] * len(units),
            change_share=parts.ravel().round(6),
            low=(parts.ravel() - 0.0004).round(6),
            high=(parts.ravel() + 0.0004).round(6),
        )
    )
