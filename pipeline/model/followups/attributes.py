"""What an office's own attributes of municipalities go with: a second stage for each of them.

Practice effects as they are shown are regressed on one attribute at a time, alone and beside the
framework conditions (:mod:`pipeline.model.inference.count_regression`: REML, Knapp-Hartung). Every
count enters as such: a municipality of which none are shown has no effect, and to leave it out
would be to select by practice. A number tells by its slope for a standard deviation; groups tell by
their mean practice less that of all taking part, and by a test of all groups at once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from pipeline.catalogue import columns, empty_frame
from pipeline.codes.attributes import FEWEST, Attribute
from pipeline.model.inference.count_regression import UnsettledMeanError, regress_counts
from pipeline.model.inference.second_stage import SecondStage
from pipeline.model.numerics.shown_counts import EXACT, ShownCounts, Transitions

ALONE, WITH_CONDITIONS = "nothing", "conditions"
#: Level of a number: its slope.
SLOPE = "standard_deviation"
_COLUMNS = ("practice_effect", "practice_effect_se", "observed", "expected", "noise_sd")


def attribute_frame(
    benchmark: pd.DataFrame,
    conditions: pd.DataFrame,
    attributes: Sequence[Attribute],
    level: float,
    transitions: Transitions = EXACT,
) -> pd.DataFrame:
    """Return ``municipal_attribute``: by outcome, attribute and what else is in the regression.

    ``benchmark`` has rows of one model as shown: outcome, municipality_code, observed, expected,
    noise_sd, practice_effect and practice_effect_se, the last two missing where no grant is shown;
    ``transitions`` say what noise did to observed. ``conditions`` has municipality_code, condition
    and standardised. Municipalities of which nothing is expected, or without the attribute or a
    condition, do not take part. With fewer than :data:`~pipeline.codes.attributes.FEWEST` more of
    them than columns, all of one kind, or counts that tell no spread, the estimates are missing.
    """
    wide = conditions.pivot_table(
        index="municipality_code", columns="condition", values="standardised"
    )
    frames = []
    for outcome, rows in benchmark.groupby("outcome", sort=False):
        effects = rows.set_index("municipality_code").reindex(columns=_COLUMNS).astype(float)
        effects = effects[effects["expected"] > 0].dropna(subset=["observed"])
        for one in attributes:
            for adjusted_for, beside in ((ALONE, wide.iloc[:, :0]), (WITH_CONDITIONS, wide)):
                if adjusted_for == WITH_CONDITIONS and wide.empty:
                    continue
                made = _estimates(effects, one, beside, level, transitions)
                frames.append(
                    made.assign(outcome=str(outcome), attribute=one.name, adjusted_for=adjusted_for)
                )
    if not frames:
        return empty_frame("municipal_attribute")
    return pd.concat(frames, ignore_index=True)[list(columns("municipal_attribute"))]


def _estimates(
    effects: pd.DataFrame,
    one: Attribute,
    beside: pd.DataFrame,
    level: float,
    transitions: Transitions,
) -> pd.DataFrame:
    """Return a row per level of an attribute, ``beside`` other columns by municipality."""
    value = pd.Series(one.by_code).reindex(effects.index)
    known = value.notna()
    if beside.shape[1]:
        known &= beside.reindex(effects.index).notna().all(axis=1)
    effects, value = effects[known], value[known]
    levels, own = _columns(value, is_number=one.is_number)
    x = np.column_stack([own, beside.reindex(effects.index).to_numpy(dtype=float)])
    n = len(effects)
    told = pd.DataFrame(
        {
            "level": levels,
            "n_municipalities": n if one.is_number else [int((value == v).sum()) for v in levels],
            **dict.fromkeys(("estimate", "se", "low", "high", "p_value"), np.nan),
        }
    )
    whole = np.column_stack([np.ones(n), x])
    if n < FEWEST + whole.shape[1] or np.linalg.matrix_rank(whole) < whole.shape[1]:
        return told
    fit = _regression(effects, x, transitions)
    if fit is None:
        return told
    contrasts = np.zeros((len(levels), whole.shape[1]))
    if one.is_number:
        contrasts[0, 1] = 1.0
    else:
        # A level's mean less that of all: the first level is the constant's.
        member = np.column_stack([value == v for v in levels]).astype(float)
        contrasts[:, 1 : len(levels)] = (np.eye(len(levels)) - member.mean(axis=0))[:, 1:]
    estimate = contrasts @ fit.coefficients
    # A perfect fit leaves a variance that is rounding.
    variance = np.einsum("ij,jk,ik->i", contrasts, fit.covariance, contrasts)
    se = np.sqrt(np.maximum(variance, 0.0))
    reach = stats.t.ppf((1 + level) / 2, fit.df) * se
    return told.assign(
        estimate=estimate,
        se=se,
        low=estimate - reach,
        high=estimate + reach,
        p_value=_p_value(fit, own.shape[1]),
    )


def _regression(
    effects: pd.DataFrame, x: np.ndarray, transitions: Transitions
) -> SecondStage | None:
    """Return the regression of ``effects`` on ``x`` (n, p); None where counts tell no spread."""
    effect, se, observed, expected, noise_sd = effects.to_numpy().T
    counts = ShownCounts(observed, np.nan_to_num(noise_sd) ** 2, transitions)
    try:
        return regress_counts(effect, se, expected, x, knapp_hartung=True, counts=counts).stage
    except UnsettledMeanError:
        return None


def _columns(value: pd.Series, *, is_number: bool) -> tuple[list[str], np.ndarray]:
    """Return the levels that are told, and the columns of the regression: one, or levels less one.

    Numbers are in standard deviations of the municipalities taking part.
    """
    if is_number:
        numbers = value.to_numpy(dtype=float)
        spread = numbers.std() if len(numbers) else 0.0
        return [SLOPE], ((numbers - numbers.mean()) / (spread or 1.0))[:, None]
    levels = sorted(map(str, set(value)))
    member = value.to_numpy(dtype=str)[:, None] == np.array(levels)[1:]
    return levels, member.astype(float)


def _p_value(fit: SecondStage, n_columns: int) -> float:
    """Return the p-value of the F test that the first columns after the constant say nothing."""
    own = slice(1, 1 + n_columns)
    b, covariance = fit.coefficients[own], fit.covariance[own, own]
    statistic = float(b @ np.linalg.solve(covariance, b)) / n_columns
    return float(stats.f.sf(statistic, n_columns, fit.df))
