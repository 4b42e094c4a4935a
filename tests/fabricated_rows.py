"""Small tables of rows for tests of the factor logit: known slopes, draws from a seed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.model.logit.factor_packing import Factor
from pipeline.model.logit.factor_rows import RowBlock

UNIT = Factor("municipality", tuple(f"{100 + m}" for m in range(7)))
CITIZEN = (
    Factor("age_band", ("young", "middle", "old"), "middle"),
    Factor("mental_health", ("none", "some"), "none"),
    Factor("tenure_band", ("none", "short", "long", "longer"), "none"),
)
WITHIN = (UNIT, *CITIZEN)
POOLED = CITIZEN


def make_rows(n: int = 4_000, seed: int = 1, base: float = -2.5) -> dict[str, np.ndarray]:
    """Return columns of level numbers, ``income`` (numeric), ``offset`` and a 0/1 ``event``."""
    rng = np.random.default_rng(seed)
    rows = {factor.name: rng.integers(0, len(factor.levels), n) for factor in WITHIN}
    rows["income"] = rng.gamma(3.0, 90_000.0, n)
    rows["offset"] = rng.normal(0.0, 0.5, n)
    log_odds = (
        base
        + 0.1 * rows["municipality"]
        + 0.4 * rows["age_band"]
        + 1.1 * rows["mental_health"]
        + 0.3 * rows["tenure_band"]
        - 2e-6 * rows["income"]
        + rows["offset"]
    )
    rows["event"] = (rng.random(n) < 1 / (1 + np.exp(-log_odds))).astype(np.int64)
    return rows


def block(rows: dict[str, np.ndarray], factors: tuple[Factor, ...], *extras: str) -> RowBlock:
    """Return the rows as one block; ``extras`` among trials, offset, income and cluster."""
    return RowBlock(
        codes=[rows[factor.name] for factor in factors],
        events=rows["event"],
        trials=rows["trials"] if "trials" in extras else None,
        offset=rows["offset"] if "offset" in extras else None,
        numeric=[rows["income"]] if "income" in extras else [],
        cluster=rows["cluster"] if "cluster" in extras else None,
    )


def collapse(rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the rows summed to cells of the factors, with ``trials`` and ``event``."""
    names = [factor.name for factor in WITHIN]
    frame = pd.DataFrame({name: rows[name] for name in (*names, "event")})
    cells = frame.groupby(names)["event"].agg(["size", "sum"]).reset_index()
    cells = cells.rename(columns={"size": "trials", "sum": "event"})
    return {str(name): cells[name].to_numpy() for name in cells.columns}


def matrix(
    rows: dict[str, np.ndarray],
    factors: tuple[Factor, ...],
    columns: tuple[tuple[str, str], ...],
) -> np.ndarray:
    """Return the dense model matrix, made from names, not from the packed design."""
    levels = {factor.name: factor.levels for factor in factors}
    made = []
    for term, level in columns:
        if term == "intercept":
            made.append(np.ones(len(rows["event"])))
        elif term in levels:
            made.append((rows[term] == levels[term].index(level)).astype(float))
        else:
            made.append(rows[term])
    return np.column_stack(made)


def take(rows: dict[str, np.ndarray], which: np.ndarray) -> dict[str, np.ndarray]:
    """Return some of the rows, in that order."""
    return {name: values[which] for name, values in rows.items()}
