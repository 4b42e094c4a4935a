"""Profile units on anyone's table: hospitals, schools, courts; frame in, frame out.

The same engine as the benchmark's: expected counts at the common intercept, effects with their
joint errors, shrinkage, rank confidence sets and funnel flags.

Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics in
Medicine 24, 1185-1202. NHS Digital, Summary Hospital-level Mortality Indicator, methodology.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pipeline.model.inference import funnel
from pipeline.model.inference.random_effects import RandomEffects, fit_random_effects
from pipeline.model.inference.ranks import RankSets
from pipeline.model.inference.robust_shrinkage import (
    RobustShrinkage,
    effect_moments,
    robust_empirical_bayes,
)
from pipeline.model.numerics.intervals import normal_quantile, poisson_midp, ratio_limits
from pipeline.model.numerics.shift_limits import shifted_count_limits, unit_midp
from pipeline.model.numerics.unit_likelihood import BinomialUnits
from pipeline.model.profile.profile_cells import (
    EXPECTED,
    PROPORTION,
    RATE,
    Cells,
    Columns,
    make_cells,
)
from pipeline.model.profile.profile_effects import UnitEffects, unit_effects
from pipeline.model.profile.profile_ranks import profile_rank_sets
from pipeline.model.tables.frames import round_noise

#: On average this share of the units flagged as discoveries differs from expectation by chance.
FALSE_DISCOVERIES = 0.05

_MODELS = {
    "outcome": "logit of 0/1 rows; expected at the common intercept",
    EXPECTED: "Poisson counts against ready-made expected counts",
    PROPORTION: "logit of counts out of a denominator (every denominator is whole and not below "
    "its count); expected at the common intercept",
    RATE: "Poisson counts per denominator (a denominator is below its count or not whole); "
    "expected at the common intercept",
}
#: Columns around 0, in which rounding would leave noise of the last digits.
_AROUND_ZERO = ("z", "p_value", "effect", "effect_shrunk", "reliability")


@dataclass(frozen=True)
class Profile:
    """A profile of M units.

    Attributes
    ----------
    table
        One row per unit in natural order, columns as in ``docs/profile.md``. Effect and its error
        are missing for a unit in which nobody, or everybody, has the event.
    summary
        What holds for all units, as plain values: see ``docs/profile.md``.
    effects
        What the table is made of.
    """

    table: pd.DataFrame
    summary: dict[str, Any]
    effects: UnitEffects

    @property
    def effect_covariance(self) -> np.ndarray:
        """(M, M) joint covariance of the effects, units as in ``table``; made when asked for.

        A unit in which nobody (or everybody) has the event counts as if half an event had happened
        (or not).
        """
        return self.effects.errors.dense()


def profile_units(
    frame: pd.DataFrame,
    *,
    unit: str,
    outcome: str | None = None,
    observed: str | None = None,
    expected: str | None = None,
    denominator: str | None = None,
    factors: Sequence[str] = (),
    numeric: Sequence[str] = (),
    level: float = 0.95,
    seed: int = 1,
    rank_draws: int = 20_000,
) -> Profile:
    """Return the profile of the units of a table; the arguments but the last three name columns.

    Give ``outcome`` (0/1 per row), or counts ``observed`` with either ``expected`` counts or a
    ``denominator`` (rows of a unit are added). ``factors`` and ``numeric`` are adjusted for by
    their slopes within units. ``level`` is that of limits and rank sets; flags are at 95 and
    99.8 %. Rank 1 is the lowest effect. The numbers do not depend on the order of the rows.

    Raises :class:`~pipeline.errors.TildelingError` for columns, values or models that cannot be
    used, saying which; no row is ever dropped.
    """
    columns = Columns(
        unit, outcome, observed, expected, denominator, tuple(factors), tuple(numeric)
    )
    cells = make_cells(frame, columns)
    effects = unit_effects(cells)
    errors = effects.errors
    # Against the fitted level of the effects, which is apart, the common intercept has no error.
    se = np.sqrt(errors.own + errors.of_slopes)
    shrunk = fit_random_effects(effects.likelihood, level, errors.of_slopes)
    robust = robust_empirical_bayes(
        effects.effect, se, shrunk.mean, effect_moments(effects.effect - shrunk.mean, se), level
    )
    sets = profile_rank_sets(effects.effect, errors, level, rank_draws, seed)
    p_value = _p_values(effects)
    z = effects.effect * np.sqrt(effects.variance)
    wide = funnel.widened(p_value, effects.likelihood.events, effects.expected, z, effects.variance)
    table = _table(cells, effects, level, p_value, z, wide, shrunk, robust, sets)
    settings = {"level": level, "seed": seed, "rank_draws": rank_draws}
    summary = _summary(cells, columns, effects, wide, shrunk, z) | settings
    return Profile(table, summary, effects)


def _table(
    cells: Cells,
    effects: UnitEffects,
    level: float,
    p_value: np.ndarray,
    z: np.ndarray,
    wide: funnel.WidenedFunnel,
    shrunk: RandomEffects,
    robust: RobustShrinkage,
    sets: RankSets,
) -> pd.DataFrame:
    observed, expected = effects.likelihood.events, effects.expected
    low, high = _ratio_limits(effects, level)
    estimated = effects.is_estimated
    table = pd.DataFrame(
        {
            "unit": pd.Series(cells.units, dtype="str"),
            "observed": observed.astype(np.int64),
            "expected": expected,
            "ratio": observed / expected,
            "ratio_low": low,
            "ratio_high": high,
            "z": z,
            "p_value": p_value,
            "effect": np.where(estimated, effects.effect, np.nan),
            "effect_se": np.where(estimated, np.sqrt(effects.errors.variance), np.nan),
            "effect_shrunk": shrunk.shrunk,
            "effect_shrunk_se": shrunk.shrunk_se,
            "effect_shrunk_low": shrunk.low,
            "effect_shrunk_high": shrunk.high,
            "effect_robust_low": robust.low,
            "effect_robust_high": robust.high,
            "reliability": shrunk.reliability,
            "rank": sets.rank,
            "rank_low": sets.low,
            "rank_high": sets.high,
            "rank_low_simultaneous": sets.low_simultaneous,
            "rank_high_simultaneous": sets.high_simultaneous,
            "flag_95": funnel.flag_units(p_value, observed, expected, 0.95),
            "flag_998": funnel.flag_units(p_value, observed, expected, 0.998),
            "flag_95_overdispersed": wide.flags(0.95),
            "flag_998_overdispersed": wide.flags(0.998),
            "flag_discovery": funnel.flag_discoveries(
                p_value, observed, expected, FALSE_DISCOVERIES
            ),
        }
    )
    for column in table.select_dtypes("float64"):
        table[column] = _tidy(table[column].to_numpy(), around_zero=column in _AROUND_ZERO)
    return table


def _tidy(values: np.ndarray, *, around_zero: bool = False) -> np.ndarray:
    """Return values to 12 digits, each the double nearest to what it prints as.

    ``around_zero``: to 12 decimals as well.
    """
    rounded = round_noise(values) if around_zero else values
    return np.array([float(f"{value:.12g}") for value in rounded])


def _p_values(effects: UnitEffects) -> np.ndarray:
    """Return (M,) exact two-sided mid-p values of O against E."""
    likelihood = effects.likelihood
    if isinstance(likelihood, BinomialUnits):
        return unit_midp(likelihood.events, likelihood.log_odds, likelihood.people)
    return poisson_midp(likelihood.events, effects.expected)


def _ratio_limits(effects: UnitEffects, level: float) -> tuple[np.ndarray, np.ndarray]:
    """Return limits of O/E: mid-p for the count, joined with what E adds to the uncertainty."""
    likelihood, observed = effects.likelihood, effects.likelihood.events
    log_se = np.sqrt(np.maximum(effects.log_variance, 0.0))
    if not isinstance(likelihood, BinomialUnits):
        return ratio_limits(observed, effects.expected, log_se, level)
    low_count, high_count = shifted_count_limits(
        observed, likelihood.log_odds, likelihood.people, level
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, spread = observed / effects.expected, normal_quantile(level) * log_se
        low = ratio * np.exp(-np.hypot(np.log(observed / low_count), spread))
        high = ratio * np.exp(np.hypot(np.log(high_count / observed), spread))
    none = observed == 0
    return np.where(none, 0.0, low), np.where(none, high_count / effects.expected, high)


def _summary(
    cells: Cells,
    columns: Columns,
    effects: UnitEffects,
    wide: funnel.WidenedFunnel,
    shrunk: RandomEffects,
    z: np.ndarray,
) -> dict[str, Any]:
    observed = effects.likelihood.events

    def number(value: float) -> float | None:
        return float(_tidy(np.array([value]))[0]) if np.isfinite(value) else None

    gaps = {"nobody": observed == 0, "everybody": ~effects.is_estimated & (observed > 0)}
    null_centre, null_spread = funnel.empirical_null(z)
    return {
        "mode": cells.mode,
        "model": _MODELS[cells.mode],
        "unit": columns.unit,
        "factors": list(columns.factors),
        "numeric": list(columns.numeric),
        "n_units": len(cells.units),
        "n_rows": cells.n_rows,
        "n_rows_dropped": 0,
        "n_cells": len(cells.unit),
        "observed": int(observed.sum()),
        "expected": number(effects.expected.sum()),
        "phi": number(wide.spread.phi),
        "phi_method": f"mean z^2, outer {funnel.WINSORISED:.0%} of units at each end pulled in",
        "phi_all_units": number(float(np.mean(z**2))),
        "funnel_tau2": number(wide.spread.tau2),
        "null_centre": number(null_centre),
        "null_spread": number(null_spread),
        "tau2": number(shrunk.tau2),
        "tau2_low": number(shrunk.tau2_low),
        "tau2_high": number(shrunk.tau2_high),
        "tau2_method": shrunk.method,
        "tau2_likelihood": "binomial" if cells.is_binomial else "Poisson",
        "tau2_ml": number(shrunk.tau2_ml),
        "effect_mean": number(shrunk.mean),
        "effect_mean_se": number(shrunk.mean_se),
        "units_without_events": [cells.units[m] for m in np.flatnonzero(gaps["nobody"])],
        "units_with_events_in_all": [cells.units[m] for m in np.flatnonzero(gaps["everybody"])],
        "coefficients": [
            {"term": term, "level": name, "estimate": number(estimate), "se": number(se)}
            for term, name, estimate, se in effects.coefficients
        ],
    }
