"""Change between two windows: who grants more against expected than before, and beyond chance?

Each window is held against its own country. The ratio of O/E now to O/E before has the limits of
its two parts (MOVER: Zou, G. Y. & Donner, A. 2008, Construction of confidence limits about effect
measures, Statistics in Medicine 27, 1693-1702). Ranks, errors and shrinkage are of the difference
between the two windows' practice in log odds, whose errors add: nobody is granted twice.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from pipeline.model.followups.change_split import COMPONENTS, TOTAL, Split, Window, change_split
from pipeline.model.inference import funnel
from pipeline.model.inference.ranks import rank_sets
from pipeline.model.inference.shrinkage import empirical_bayes
from pipeline.model.national.specification import Specification
from pipeline.model.tables.frames import make_frame, ratio_columns

#: Municipalities with grants in both windows that a ranking of change needs.
FEWEST = 10


def change_frames(
    outcome: str, now: Window, before: Window, specification: Specification
) -> dict[str, pd.DataFrame]:
    """Return ``change``, ``change_split`` and ``change_country`` of one outcome.

    A row per municipality with persons at risk in both windows. Without a grant shown in either
    window there is no change but a shrunken one, no limits, and the rank is that of half a grant.
    Rank 1 is the largest fall relative to the country; ties share the lowest. No rows below
    :data:`FEWEST` municipalities with grants in both.
    """
    codes = tuple(
        code for code in now.table.municipality_codes if code in before.table.municipality_codes
    )
    sides = {"": _Side(now, codes, specification), "baseline_": _Side(before, codes, specification)}
    current, earlier = sides.values()
    difference = current.effect - earlier.effect
    if np.isfinite(difference).sum() < FEWEST:
        return {}
    covariance = current.covariance + earlier.covariance
    with np.errstate(invalid="ignore"):
        p_value = 2 * norm.sf(np.abs(difference) / np.sqrt(np.diag(covariance)))
    se = np.where(np.isfinite(difference), np.sqrt(np.diag(covariance)), np.nan)
    shrunk = empirical_bayes(difference, se, specification.level, covariance=covariance)
    draws, seed = specification.rank_draws, specification.draw_seed(outcome, "within")
    ranked = {
        "rank": (current.rank_effect - earlier.rank_effect, covariance),
        "level_rank": (current.rank_effect, current.covariance),
    }
    ranks: dict[str, np.ndarray] = {}
    for name, (estimate, errors) in ranked.items():
        sets = rank_sets(estimate, errors, specification.level, draws, seed)
        ranks |= {name: sets.rank, f"{name}_low": sets.low, f"{name}_high": sets.high}
    low, high = _mover_limits(current.ratio, earlier.ratio)
    change = make_frame(
        "change",
        outcome,
        "",
        municipality_code=list(codes),
        **{
            f"{prefix}{name}": getattr(side, name)
            for prefix, side in sides.items()
            for name in ("observed", "expected")
        },
        ratio=current.ratio["ratio"],
        baseline_ratio=earlier.ratio["ratio"],
        log_ratio_change=_log_change(current.ratio["ratio"], earlier.ratio["ratio"]),
        log_ratio_change_low=low,
        log_ratio_change_high=high,
        change_effect=difference,
        change_effect_se=se,
        change_effect_shrunk=shrunk.shrunk,
        change_effect_shrunk_low=shrunk.low,
        change_effect_shrunk_high=shrunk.high,
        p_value=p_value,
        q_value=funnel.benjamini_hochberg(p_value),
        **ranks,
    )
    whole = change_split(now, before, (), specification.level, country=True)
    return {
        "change": change,
        "change_split": _split_frame(
            "change_split",
            outcome,
            change_split(now, before, codes, specification.level),
            np.repeat(codes, len(COMPONENTS) + 1),
        ),
        "change_country": _split_frame("change_country", outcome, whole),
    }


class _Side:
    """One window's figures of the municipalities ``codes``, in their order."""

    def __init__(
        self, window: Window, codes: tuple[str, ...], specification: Specification
    ) -> None:
        table, expected = window.table, window.fitted.expected
        own = np.array([table.municipality_codes.index(code) for code in codes], dtype=np.int64)
        self.observed = np.rint(table.observed[own]).astype(np.int64)
        self.expected = expected.expected[own]
        self.effect = expected.practice_effect[own]
        self.rank_effect = expected.rank_effect[own]
        self.covariance = expected.rank_covariance[np.ix_(own, own)]
        ratio = ratio_columns(
            table.observed[own],
            self.expected,
            expected.ratio_log_se[own],
            specification,
            is_total=True,
        )
        self.ratio = {name: ratio[name] for name in ("ratio", "ratio_low", "ratio_high")}


def _mover_limits(
    now: dict[str, np.ndarray], before: dict[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return limits of log(now / before) from the limits of each; missing where a ratio is 0."""
    (r1, l1, h1), (r0, l0, h0) = ([_log(of) for of in side.values()] for side in (now, before))
    with np.errstate(invalid="ignore"):
        low = (r1 - r0) - np.hypot(r1 - l1, h0 - r0)
        high = (r1 - r0) + np.hypot(h1 - r1, r0 - l0)
    return _finite(low), _finite(high)


def _log_change(now: np.ndarray, before: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return _finite(_log(now) - _log(before))


def _log(values: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(values)


def _finite(values: np.ndarray) -> np.ndarray:
    return np.where(np.isfinite(values), values, np.nan)


def _split_frame(
    name: str, outcome: str, split: Split, codes: np.ndarray | None = None
) -> pd.DataFrame:
    n_units = len(split.part)
    columns: dict[str, object] = {} if codes is None else {"municipality_code": codes}
    return make_frame(
        name,
        outcome,
        "",
        **columns,
        component=[*COMPONENTS, TOTAL] * n_units,
        change_share=split.part.ravel(),
        low=split.low.ravel(),
        high=split.high.ravel(),
    )
