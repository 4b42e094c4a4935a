"""Two benefits against each other: does who grants little of one grant much of the other?

A municipality's effects on two outcomes are drawn from a normal distribution of both, with a
correlation (:mod:`pipeline.model.numerics.joint_spread`). Below 0 it says displacement: one benefit
stands in for the other. Each municipality's estimates are those of counts (normal equivalents,
refitted until nothing moves, as in :mod:`pipeline.model.inference.count_likelihood`); their errors
go together because whoever gets one benefit cannot get the other in the same years. The logits of
the two outcomes are separate: with risks of a percent their coefficients are those of one
multinomial logit but for the third digit (Begg, C. B. & Gray, R. (1984). Biometrika 71, 11-18).
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import multivariate_normal

from pipeline.catalogue import empty_frame
from pipeline.model.inference.count_likelihood import EffectLikelihood, effect_likelihood
from pipeline.model.numerics.intervals import normal_quantile
from pipeline.model.numerics.joint_spread import START, JointSpread, joint_spread, most_likely
from pipeline.model.numerics.shown_counts import EXACT, ShownCounts, Transitions
from pipeline.model.tables.frames import make_frame

Floats = NDArray[np.float64]

_ROUNDS, _TOLERANCE = 60, 1e-9
#: Opposite practice is counted where it is this probable.
SURE = 0.9


def joint_spread_of_counts(
    first: EffectLikelihood, second: EffectLikelihood, error_correlation: Floats, level: float
) -> JointSpread:
    """Return the joint distribution of effects of counts of the same n units.

    ``error_correlation`` (n,) is that of the errors of a unit's two estimates.
    """
    mean, parameters = np.zeros(2), START
    for _ in range(_ROUNDS):
        spread = np.exp(parameters[:2])
        parts = [
            likelihood.normal_equivalent(mean[at], float(spread[at]) ** 2)
            for at, likelihood in enumerate((first, second))
        ]
        estimate = np.column_stack([part[0] for part in parts])
        variance = np.column_stack([part[1] for part in parts])
        between = error_correlation * np.sqrt(variance.prod(axis=1))
        covariance = np.empty((len(estimate), 2, 2))
        covariance[:, 0, 0], covariance[:, 1, 1] = variance.T
        covariance[:, 0, 1] = covariance[:, 1, 0] = between
        best, new = most_likely(estimate, covariance, parameters)
        moved = max(np.abs(new - mean).max(), np.abs(best - parameters).max())
        mean, parameters = new, best
        if moved < _TOLERANCE:
            break
    return joint_spread(estimate, covariance, level)


def displacement_frames(
    benchmark: pd.DataFrame,
    outcomes: tuple[str, ...],
    level: float,
    transitions: Transitions = EXACT,
) -> dict[str, pd.DataFrame]:
    """Return ``displacement`` and ``displacement_summary`` from rows of ``benchmark``.

    ``outcomes`` exclude each other in a year; each two of them and each model make a part, of the
    municipalities with persons at risk of both. ``p_low_high`` is the probability that practice is
    below the country's in the first and above it in the other, ``p_high_low`` the reverse.
    ``transitions`` say what noise did to the observed grants.
    """
    rows, summaries = [], []
    for (model, frame), (one, other) in (
        (of_model, pair)
        for of_model in benchmark.groupby("model", sort=False)
        for pair in combinations(outcomes, 2)
    ):
        halves = [
            frame[frame["outcome"] == name].set_index("municipality_code") for name in (one, other)
        ]
        codes = halves[0].index.intersection(halves[1].index)
        if len(codes) < 3:
            continue
        first, second = (half.loc[codes] for half in halves)
        errors = _error_correlation(first, second)
        joint = joint_spread_of_counts(
            likelihood_of(first, transitions), likelihood_of(second, transitions), errors, level
        )
        rows.append(_frame(str(model), one, other, codes, joint, level))
        opposite = rows[-1][["p_low_high", "p_high_low"]].to_numpy() >= SURE
        summaries.append(
            make_frame(
                "displacement_summary",
                one,
                str(model),
                other_outcome=[other],
                correlation=[joint.correlation],
                correlation_low=[joint.low],
                correlation_high=[joint.high],
                p_value=[joint.p_value],
                error_correlation=[float(errors.mean())],
                n_low_high=[int(opposite[:, 0].sum())],
                n_high_low=[int(opposite[:, 1].sum())],
            )
        )
    return {
        name: pd.concat(parts, ignore_index=True) if parts else empty_frame(name)
        for name, parts in (("displacement", rows), ("displacement_summary", summaries))
    }


def _frame(
    model: str, one: str, other: str, codes: pd.Index, joint: JointSpread, level: float
) -> pd.DataFrame:
    z = normal_quantile(level)
    se = np.sqrt(np.diagonal(joint.covariance, axis1=1, axis2=2))
    apart = joint.effect[:, 0] - joint.effect[:, 1]
    apart_se = np.sqrt(se[:, 0] ** 2 + se[:, 1] ** 2 - 2 * joint.covariance[:, 0, 1])
    opposite = joint.covariance * [[1, -1], [-1, 1]]
    low_high, high_low = (
        [
            _both_below(effect * sign, cov)
            for effect, cov in zip(joint.effect, opposite, strict=True)
        ]
        for sign in ((1, -1), (-1, 1))
    )
    return make_frame(
        "displacement",
        one,
        model,
        other_outcome=[other] * len(codes),
        municipality_code=codes.to_numpy(),
        practice_effect_shrunk=joint.effect[:, 0],
        practice_effect_shrunk_low=joint.effect[:, 0] - z * se[:, 0],
        practice_effect_shrunk_high=joint.effect[:, 0] + z * se[:, 0],
        other_effect_shrunk=joint.effect[:, 1],
        other_effect_shrunk_low=joint.effect[:, 1] - z * se[:, 1],
        other_effect_shrunk_high=joint.effect[:, 1] + z * se[:, 1],
        effect_difference=apart,
        effect_difference_low=apart - z * apart_se,
        effect_difference_high=apart + z * apart_se,
        p_low_high=low_high,
        p_high_low=high_low,
    )


def _both_below(mean: Floats, covariance: Floats) -> float:
    """Return the probability that two normal values are both below 0."""
    return float(multivariate_normal.cdf([0.0, 0.0], mean, covariance, allow_singular=True))


def likelihood_of(rows: pd.DataFrame, transitions: Transitions) -> EffectLikelihood:
    """Return what the counts of ``benchmark`` rows say of the effects; shown as 0, no event."""
    effect = rows["practice_effect"].to_numpy(dtype=float)
    se = rows["practice_effect_se"].to_numpy(dtype=float)
    known = np.isfinite(effect) & (se > 0)
    return effect_likelihood(
        np.where(known, effect, np.nan),
        np.where(known, se, 1.0) ** 2,
        rows["expected"].to_numpy(dtype=float),
        counts_of(rows, transitions),
    )


def counts_of(rows: pd.DataFrame, transitions: Transitions) -> ShownCounts | None:
    """Return the observed grants of ``benchmark`` rows shown with noise, None without."""
    if not transitions.reach:
        return None
    observed = rows["observed"].to_numpy(dtype=float)
    return ShownCounts(observed, rows["noise_sd"].to_numpy(dtype=float) ** 2, transitions)


def _error_correlation(first: pd.DataFrame, second: pd.DataFrame) -> Floats:
    """Return (n,) how the errors of two counts go together: who got one did not get the other.

    Of a person with risks p and q the two counts have covariance -p q. With everybody's risk the
    municipality's mean that is -E1 E2 / N over N person-years, by the root of E1 E2: never below
    -1/2, as p + q is at most 1. With noise N may be 0 where two or three persons live.
    """
    n, one, other = (
        values.to_numpy(dtype=float)
        for values in (first["n_at_risk"], first["expected"], second["expected"])
    )
    return np.maximum(-np.sqrt(one * other) / np.maximum(n, 1.0), -0.5)
