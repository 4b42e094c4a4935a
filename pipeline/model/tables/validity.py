"""Whether a fit describes its country: fitted against observed grants where it was not made to.

A logit on main effects and municipalities meets the grants of every level and of every municipality
exactly. What it was not made to meet are their crossings: a factor's levels in each municipality
(practice that differs by level, or a level that is recorded otherwise from place to place), years
in each municipality (practice that does not last), two factors in the country (an interaction left
out) and tenths of risk. A Pearson statistic per crossing says whether they lie further apart than
chance and the noise of protection explain, and how far: the standard deviation of log odds that is
left. Everything is computed from counts as they are shown.

Cells in which fewer than :data:`LEAST_EXPECTED` grants are expected are left out. The margins that
were fitted take up part of a cell's variance V: of V remain 1 - V/V. (row) - V/V. (column) + V/V..,
the shares of residuals under independence. The statistic is held against a scaled chi-square with
the degrees of freedom that remain (Satterthwaite 1946, Biometrics Bulletin 2, 110-114).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats
from scipy.special import expit

from pipeline.catalogue import empty_frame
from pipeline.model.inference.funnel import benjamini_hochberg
from pipeline.model.national.cells import CellTable
from pipeline.model.national.column_sums import Crossing, Crossings
from pipeline.model.national.effects import fitted_log_odds, slope_log_odds
from pipeline.model.national.fitted import FittedModel
from pipeline.model.national.protection import Protection
from pipeline.model.national.specification import Specification
from pipeline.model.tables.frames import make_frame

#: Grants expected in a cell that is looked at: below, the chi-square is a poor approximation and
#: counts are not shown one by one.
LEAST_EXPECTED = 5.0
#: Degrees of freedom below which a spread has no limits worth saying.
LEAST_FREEDOM = 3.0
#: Groups of patterns by risk, with about the same number of expected grants each.
N_RISK_GROUPS = 10
RISK, MUNICIPALITY, COUNTRY = "risk_tenth", "municipality", "country"
#: The model whose fit, composition and effects are looked at.
LOOKED_AT = "within"


@dataclass(frozen=True)
class Departure:
    """How far one crossing lies from what was fitted.

    ``n_cells`` looked at, ``degrees_of_freedom`` that remain, ``chi2_per_df`` about 1 under chance,
    its ``p_value``, and ``sd`` with limits: what is left in log odds, 0 where nothing is. The
    limits are nan below :data:`LEAST_FREEDOM` degrees of freedom.
    """

    n_cells: int
    degrees_of_freedom: float
    chi2_per_df: float
    p_value: float
    sd: float
    sd_low: float
    sd_high: float


def departure(
    observed: np.ndarray,
    expected: np.ndarray,
    variance: np.ndarray,
    noise_variance: np.ndarray,
    remaining: np.ndarray,
    level: float = 0.95,
) -> Departure | None:
    """Return how far ``observed`` lies from ``expected``; arrays of one shape.

    ``variance`` of the grants under the fit, ``noise_variance`` of how they are shown, and
    ``remaining`` the share (0-1) of the variance that fitting left. None with fewer than two cells
    of at least :data:`LEAST_EXPECTED`, or less than one degree of freedom.
    """
    used = (expected >= LEAST_EXPECTED) & (remaining > 0)
    n = int(used.sum())
    if n < 2:
        return None
    o, e, v, noise, left = (
        values[used] for values in (observed, expected, variance, noise_variance, remaining)
    )
    null = v * left + noise
    freedom = float((null / (v + noise)).sum())
    if round(freedom, 6) < 1:
        return None
    ratio = float(((o - e) ** 2 / null).mean())
    # A spread s of log odds adds s^2 V^2 to the variance of a cell: chi-square grows with s^2.
    growth = float((v**2 * left / null).mean())

    def spread(quantile: float) -> float:
        if freedom < LEAST_FREEDOM:
            return float("nan")
        of_chance = stats.chi2.ppf(quantile, freedom) / freedom
        return float(np.sqrt(max(0.0, (ratio / of_chance - 1) / growth)))

    tail = (1 - level) / 2
    return Departure(
        n_cells=n,
        degrees_of_freedom=freedom,
        chi2_per_df=ratio,
        p_value=float(stats.chi2.sf(ratio * freedom, freedom)),
        sd=float(np.sqrt(max(0.0, (ratio - 1) / growth))),
        sd_low=spread(1 - tail),
        sd_high=spread(tail),
    )


def _departure(crossing: Crossing, protection: Protection, level: float) -> Departure | None:
    """Return how far the grants of a crossing, as shown, lie from the fit."""
    shown = protection.shown(crossing.events.astype(np.int64), crossing.keys.astype(np.int64))
    return departure(
        np.asarray(shown, dtype=float),
        crossing.expected,
        crossing.variance,
        protection.noise_variance(np.rint(crossing.expected)),
        _remaining(crossing.variance),
        level,
    )


def _remaining(variance: np.ndarray) -> np.ndarray:
    """Return the share of each cell's ``variance`` (R, C) that its fitted margins left, 0-1.

    Of a single row, tenths of a risk that was itself fitted, the total and a slope were met: two
    degrees of freedom (Hosmer & Lemeshow 1980, Communications in Statistics A9, 1043-1069).
    """
    of_all = variance.sum()
    if len(variance) == 1:
        n = variance.size
        return (1 - variance / of_all) * (n - 2) / (n - 1)
    of_row, of_column = variance.sum(axis=1, keepdims=True), variance.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(1 - variance / of_row - variance / of_column + variance / of_all)


def validity_frame(
    outcome: str, fitted: FittedModel, table: CellTable, specification: Specification
) -> pd.DataFrame:
    """Return ``validity`` of one fit: a row per crossing, those of municipalities first.

    Empty for models other than :data:`LOOKED_AT`, whose fit is not made to meet municipalities.
    Crossings with fewer than two cells that are looked at have no row. ``q_value`` adjusts for
    looking at all rows of the outcome.
    """
    if fitted.model != LOOKED_AT:
        return empty_frame("validity")
    risk = expit(fitted_log_odds(table, fitted.design, fitted.fit))
    expected = table.n_persons * risk
    crossings = Crossings(table, fitted.design, expected, expected * (1 - risk))
    tenth = risk_groups(slope_log_odds(fitted.design, fitted.fit), table.by_pattern(expected))
    rows = []
    for across, dimension, crossing in _looked_at(table, crossings, tenth):
        one = _departure(crossing, specification.protection, specification.level)
        if one is not None:
            rows.append({"across": across, "dimension": dimension, **vars(one)})
    if not rows:
        return empty_frame("validity")
    frame = pd.DataFrame(rows)
    frame["q_value"] = benjamini_hochberg(frame["p_value"].to_numpy(float))
    values = {str(name): frame[name].to_numpy() for name in frame}
    return make_frame("validity", outcome, fitted.model, **values)


def _looked_at(
    table: CellTable, crossings: Crossings, tenth: np.ndarray
) -> Iterator[tuple[str, str, Crossing]]:
    """Yield across, dimension and sums of every crossing; ``tenth`` (P,) the risk groups."""
    names = table.factors
    for factor, by_unit in zip(names, crossings.by_factor(), strict=True):
        yield MUNICIPALITY, factor, by_unit
    n_units, one_row = len(table.municipality_codes), np.zeros(len(table.pattern), dtype=np.int64)
    by_risk = crossings.by_group(table.municipality, n_units, tenth, N_RISK_GROUPS)
    yield MUNICIPALITY, RISK, by_risk
    for first, second, pair in crossings.by_pair():
        yield names[first], names[second], pair
    yield COUNTRY, RISK, crossings.by_group(one_row, 1, tenth, N_RISK_GROUPS)


def risk_groups(score: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return (P,) groups of patterns from low risk to high, about equal in expected grants."""
    order = np.argsort(score, kind="stable")
    before = np.cumsum(expected[order]) - expected[order] / 2
    group = np.minimum(
        (before / expected.sum() * N_RISK_GROUPS).astype(np.int64), N_RISK_GROUPS - 1
    )
    result = np.empty(len(score), dtype=np.int64)
    result[order] = group
    return result
