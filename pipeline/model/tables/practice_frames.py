"""Practice by level from the counts that are shown: nothing here knows what they were before.

Shrunken effects, their limits and how far municipalities differ would give a count back if they
were computed from it. So they are computed after disclosure control, from counts that are withheld
(missing) or carry noise of a known variance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from scipy import special

from pipeline.model.levels.evidence import NotSettledError
from pipeline.model.levels.level_model import LevelFit, fit_levels
from pipeline.model.levels.prior import Parameters
from pipeline.model.levels.spread import spread_by_level
from pipeline.model.national.diagnostics import Diagnostic
from pipeline.model.national.protection import Protection
from pipeline.model.numerics.intervals import normal_quantile, ratio_limits
from pipeline.model.numerics.shown_counts import EXACT, Transitions
from pipeline.model.tables.columns import COLUMNS

#: The whole country among the areas.
COUNTRY = "Danmark"
#: Dimensions that are shown first, where few are expected.
FIRST_DIMENSIONS = ("diagnosis_main", "tenure_main")
#: Municipalities whose count must be known at a level before practice by level is estimated.
LEAST_KNOWN = 20
#: Decimals of what is estimated by level: log odds, probabilities, ratios.
_DIGITS = 4
_FIT = ["outcome", "model", "dimension"]
Key = tuple[str, str, str]


def practice_frames(
    counts: pd.DataFrame,
    tau2: Mapping[tuple[str, str], float],
    level: float,
    transitions: Transitions = EXACT,
) -> tuple[dict[str, pd.DataFrame], Diagnostic]:
    """Return ``practice_profile`` and ``practice_spread`` from counts as they are shown.

    And which dimensions have no variances that can be found: they have no effects and no spread.

    ``counts`` has outcome, model, municipality_code, dimension, level, observed (missing where
    withheld), expected, expected_log_se, is_suppressed and, where noise was added, noise_variance;
    every municipality has every level of a dimension. ``transitions`` say what noise does to
    counts. ``tau2`` is the variance of municipal effects
    of each outcome and model. A dimension with fewer than :data:`LEAST_KNOWN` known counts at a
    level has no effects and no spread.
    """
    rows = counts.reset_index(drop=True)
    noise = rows["noise_variance"] if "noise_variance" in rows else pd.Series(0.0, rows.index)
    profile = rows.drop(columns=["expected_log_se", "noise_variance"], errors="ignore")
    profile = profile.assign(
        noise_sd=noise_sd(rows["observed"], noise),
        **ratio_estimates(
            rows["observed"], rows["expected"], rows["expected_log_se"], level, transitions
        ),
    )
    estimates = {name: np.full(len(rows), np.nan) for name in _ESTIMATES}
    spreads: list[pd.DataFrame] = []
    failures: list[str] = []
    for key, place, fit in _fits(rows, tau2, transitions, failures):
        for name, values in _estimates(fit, level).items():
            estimates[name][place] = values
        spreads.append(_spread_frame(key, rows["level"].to_numpy()[place[0]], fit, level))
    profile = profile.assign(**estimates)
    columns = {name: list(COLUMNS[name]) for name in ("practice_profile", "practice_spread")}
    spread = (
        pd.concat(spreads, ignore_index=True)
        if spreads
        else pd.DataFrame({name: pd.Series(dtype="str") for name in columns["practice_spread"]})
    )
    return {
        "practice_profile": profile[columns["practice_profile"]],
        "practice_spread": spread[columns["practice_spread"]],
    }, Diagnostic(
        "practice_by_level_settled",
        "warn" if failures else "ok",
        "; ".join(failures),
        len(spreads) + len(failures),
    )


def shown_counts(counts: pd.DataFrame, protection: Protection) -> pd.DataFrame:
    """Return ``counts`` as disclosure control shows them, without ``observed_key``.

    observed is missing where too few are expected for a count to be shown; ``noise_variance`` and
    ``is_suppressed`` are added.
    """
    expected = counts["expected"].to_numpy(dtype=float)
    # Of areas, made of many, no large count need be hidden.
    large = counts["observed"].to_numpy() if "area" in counts else None
    is_first = counts["dimension"].isin(FIRST_DIMENSIONS).to_numpy()
    hidden = protection.is_hidden(expected, large, is_first=is_first)
    shown = protection.shown(counts["observed"].to_numpy(), counts["observed_key"].to_numpy())
    observed = np.where(hidden, np.nan, shown)
    return counts.drop(columns="observed_key").assign(
        observed=pd.array(observed, dtype="Float64").astype("Int64"),
        noise_variance=protection.noise_variance(observed),
        is_suppressed=hidden,
    )


def area_counts(counts: pd.DataFrame, regions: Mapping[str, str]) -> pd.DataFrame:
    """Return ``counts`` added over the municipalities of each region and of the country.

    ``regions`` maps municipality_code to the region's name. Columns outcome, model, area,
    dimension, level, observed, observed_key and expected; areas in order, :data:`COUNTRY` first.
    """
    of_region = counts.assign(area=counts["municipality_code"].map(regions))
    if of_region["area"].isna().any():
        raise ValueError("a municipality is in no region")
    both = pd.concat([counts.assign(area=COUNTRY), of_region], ignore_index=True)
    key = ["outcome", "model", "area", "dimension", "level"]
    return (
        both.groupby(key, sort=False)[["observed", "observed_key", "expected"]].sum().reset_index()
    )


def area_frame(areas: pd.DataFrame, level: float, transitions: Transitions = EXACT) -> pd.DataFrame:
    """Return ``practice_profile_area`` from counts of areas as they are shown, ratios added."""
    noise = areas["noise_variance"] if "noise_variance" in areas else pd.Series(0.0, areas.index)
    none = pd.Series(0.0, areas.index)
    made = areas.assign(
        noise_sd=noise_sd(areas["observed"], noise),
        **ratio_estimates(areas["observed"], areas["expected"], none, level, transitions),
    )
    return made[list(COLUMNS["practice_profile_area"])]


def ratio_estimates(
    observed: pd.Series,
    expected: pd.Series,
    log_se: pd.Series,
    level: float,
    transitions: Transitions,
) -> dict[str, np.ndarray]:
    """Return ratio and its limits; missing where the count is or nothing is expected.

    Limits are those of the mean of a count that noise, by ``transitions``, shows as it is shown.
    """
    o = observed.to_numpy(dtype=float, na_value=np.nan)
    e = expected.to_numpy(dtype=float)
    known = np.isfinite(o) & (e > 0)
    shown, expects = np.where(known, o, 0.0), np.where(known, e, 1.0)
    low, high = ratio_limits(
        shown, expects, log_se.to_numpy(dtype=float), level, transitions.mean_limits
    )
    return {
        name: np.where(known, np.round(values, _DIGITS), np.nan)
        for name, values in (
            ("ratio", shown / expects),
            ("ratio_low", low),
            ("ratio_high", high),
        )
    }


def noise_sd(observed: pd.Series, variance: pd.Series) -> np.ndarray:
    """Return the standard deviation of the noise of counts; missing where the count is."""
    o = observed.to_numpy(dtype=float, na_value=np.nan)
    sd = np.sqrt(np.nan_to_num(variance.to_numpy(dtype=float)))
    return np.where(np.isfinite(o), sd, np.nan)


#: What a fit says of each municipality and level.
_ESTIMATES = (
    "practice_effect_shrunk",
    "practice_effect_low",
    "practice_effect_high",
    "practice_deviation",
    "practice_deviation_low",
    "practice_deviation_high",
    "p_below",
    "p_above",
)


def _estimates(fit: LevelFit, level: float) -> dict[str, np.ndarray]:
    """Return (M, L) values by name of :data:`_ESTIMATES`."""
    reach = normal_quantile(level)
    below = special.ndtr(-fit.effect / fit.effect_se)
    values = (
        fit.effect,
        fit.effect - reach * fit.effect_se,
        fit.effect + reach * fit.effect_se,
        fit.deviation,
        fit.deviation - reach * fit.deviation_se,
        fit.deviation + reach * fit.deviation_se,
        below,
        1 - below,
    )
    return {name: np.round(value, _DIGITS) for name, value in zip(_ESTIMATES, values, strict=True)}


def _fits(
    rows: pd.DataFrame,
    tau2: Mapping[tuple[str, str], float],
    transitions: Transitions,
    failures: list[str],
) -> Iterator[tuple[Key, np.ndarray, LevelFit]]:
    """Yield outcome, model and dimension, (M, L) places of its rows, and its fit.

    ``failures`` gets a line for each that has none.
    """
    observed = rows["observed"].to_numpy(dtype=float, na_value=np.nan)
    expected = rows["expected"].to_numpy(dtype=float)
    start: dict[tuple[str, str], Parameters] = {}
    for key, group in rows.groupby(_FIT, sort=False):
        outcome, model, dimension = (str(part) for part in key)
        index = group.index.to_numpy()
        n_levels = rows["level"].iloc[index].nunique()
        place = index.reshape(-1, n_levels)
        known = np.isfinite(observed[place]) & (expected[place] > 0)
        if n_levels < 2 or known.sum(axis=0).min() < LEAST_KNOWN:
            continue
        try:
            fit = fit_levels(
                observed[place],
                expected[place],
                transitions,
                tau2=tau2[outcome, model],
                start=start.get((outcome, dimension)),
            )
        except (NotSettledError, np.linalg.LinAlgError) as error:
            failures.append(f"{outcome} {model} {dimension}: {error}")
            continue
        # The next model of the outcome has the same counts and nearly the same expected ones.
        start[outcome, dimension] = fit.parameters
        yield (outcome, model, dimension), place, fit


def _spread_frame(key: Key, levels: np.ndarray, fit: LevelFit, level: float) -> pd.DataFrame:
    spread = spread_by_level(fit, level)
    outcome, model, dimension = key
    return pd.DataFrame(
        {
            "outcome": outcome,
            "model": model,
            "dimension": dimension,
            "level": levels,
            **{
                name: np.round(getattr(spread, name), _DIGITS)
                for name in COLUMNS["practice_spread"][4:]
            },
        }
    )
