"""Small countries for tests of the model: known risks, counts drawn from a seed."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit

from pipeline.model.national.specification import Specification

LEVELS = {
    "age_band": ("young", "middle", "old"),
    "mental_health": ("none", "some"),
    "tenure_band": ("none", "short", "long"),
}
SLOPES = {
    "age_band": (0.0, 0.4, 0.9),
    "mental_health": (0.0, 1.1),
    "tenure_band": (0.0, 0.5, 1.0),
}
GROUPS = ("mental", "musculoskeletal", "other")
COUNTS = ["n_persons", "n_events"]


def make_specification(**options: object) -> Specification:
    """Return a specification over the three small factors."""
    fields: dict = {
        "levels": LEVELS,
        "references": {name: levels[0] for name, levels in LEVELS.items()},
        "diagnosis_factors": ("mental_health", "tenure_band"),
        "diagnosis_groups": GROUPS,
        "outcomes": ("FP",),
        "rank_draws": 2_000,
        "lowest_k": 3,
    }
    return Specification(**{**fields, **options})


def make_cells(
    effects: np.ndarray,
    seed: int = 1,
    persons: int = 400,
    base: float = -3.0,
    confounded: float = 0.0,
    outcome: str = "FP",
) -> pd.DataFrame:
    """Return model cells of ``len(effects)`` municipalities over 2006 and 2007.

    Each municipality-year has about ``persons`` people; ``effects`` are practices in log odds.
    ``confounded`` moves the composition with the effect (log odds of the later levels).
    """
    rng = np.random.default_rng(seed)
    grid = pd.MultiIndex.from_product(
        [[f"{100 + m}" for m in range(len(effects))], [2006, 2007], *LEVELS.values()],
        names=["municipality_code", "year", *LEVELS],
    ).to_frame(index=False)
    unit = grid["municipality_code"].astype(int).to_numpy() - 100
    score = sum(
        grid[name].map(dict(zip(levels, SLOPES[name], strict=True)))
        for name, levels in LEVELS.items()
    ).to_numpy(float)
    place = rng.dirichlet(np.full(18, 3.0), size=(len(effects), 2)).ravel()
    place = place * np.exp(confounded * effects[unit] * score)
    place /= place.reshape(-1, 18).sum(axis=1).repeat(18)
    grid["outcome"] = outcome
    grid["n_persons"] = rng.poisson(persons * place)
    risk = expit(base + score + 0.1 * (grid["year"] == 2007) + effects[unit])
    grid["n_events"] = rng.binomial(grid["n_persons"], risk)
    return grid


def make_grants(cells: pd.DataFrame, seed: int = 2) -> pd.DataFrame:
    """Return grant cells whose counts add up to those of ``cells``."""
    rng = np.random.default_rng(seed)
    some = (cells["mental_health"] == "some").to_numpy()
    shares = np.where(some[:, None], [0.6, 0.2, 0.2], [0.3, 0.4, 0.3])
    split = rng.multinomial(cells["n_events"].to_numpy(), shares)
    parts = [
        cells.drop(columns=COUNTS).assign(diagnosis_group=group, n_events=split[:, d])
        for d, group in enumerate(GROUPS)
    ]
    grants = pd.concat(parts, ignore_index=True)
    return grants[grants["n_events"] > 0]


def make_municipalities(cells: pd.DataFrame) -> pd.DataFrame:
    """Return the municipality frame of ``cells``."""
    codes = sorted(set(cells["municipality_code"]))
    return pd.DataFrame(
        {"municipality_code": codes, "municipality_name": [f"By {c}" for c in codes]}
    )


def make_conditions(cells: pd.DataFrame, effect: np.ndarray | None = None) -> pd.DataFrame:
    """Return one framework condition per municipality of ``cells``.

    ``effect`` (M,) is what the condition goes with; by default it has a pattern of its own.
    """
    codes = sorted(set(cells["municipality_code"]))
    level = np.cos(3.0 * np.arange(len(codes))) if effect is None else effect
    return pd.DataFrame(
        {"municipality_code": codes, "condition": "area_unemployment_share", "value": level}
    )


def spread(n: int, sd: float = 0.4) -> np.ndarray:
    """Return ``n`` evenly spread effects with standard deviation about ``sd``."""
    return np.linspace(-1.7, 1.7, n) * sd
