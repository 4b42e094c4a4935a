"""Result frames: arrays of one fit laid out as the columns of the published tables.

Numbers are rounded to 12 decimals, of the leading digit's unit above 1: what lies beyond is
rounding that varies with the number of threads, and results must not.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.model.inference import funnel
from pipeline.model.inference.shrinkage import ShrinkageResult
from pipeline.model.logit.factor_design import INTERCEPT
from pipeline.model.national.breakdown import Breakdown
from pipeline.model.national.cells import CellTable
from pipeline.model.national.design import Design
from pipeline.model.national.expected import Expected
from pipeline.model.national.first_stage import FitResult
from pipeline.model.national.specification import Specification
from pipeline.model.numerics.intervals import ratio_limits
from pipeline.model.tables.columns import COLUMNS

DIGITS = 12


def make_frame(name: str, outcome: str = "", model: str = "", **columns: object) -> pd.DataFrame:
    """Return the frame of table ``name`` for one fit, columns in the table's order.

    ``outcome`` and ``model`` fill their columns; leave them out for a table that has none. Raises
    ``ValueError`` when a column is missing or not the table's.
    """
    fit = {key: value for key, value in (("outcome", outcome), ("model", model)) if value}
    names = {*fit, *columns}
    if names != set(COLUMNS[name]):
        raise ValueError(f"{name}: {sorted(names.symmetric_difference(COLUMNS[name]))}")
    frame = pd.DataFrame({**columns, **fit})
    return pd.DataFrame({column: _without_noise(frame[column]) for column in COLUMNS[name]})


def _without_noise(column: pd.Series) -> pd.Series | np.ndarray:
    return round_noise(column.to_numpy()) if column.dtype == "float64" else column


def round_noise(values: np.ndarray) -> np.ndarray:
    """Return ``values`` to 13 significant digits, and to 12 decimals below 1; nan stays."""
    size = np.abs(np.where(np.isfinite(values), values, 0.0))
    unit = 10.0 ** np.floor(np.log10(np.maximum(size, 1.0)))
    return np.round(values / unit, DIGITS) * unit


def benchmark_frame(
    outcome: str,
    model: str,
    table: CellTable,
    municipalities: pd.DataFrame,
    expected: Expected,
    shrunk: ShrinkageResult,
    specification: Specification,
) -> pd.DataFrame:
    """Return ``benchmark`` of one fit, a row per municipality of ``table``.

    ``municipalities`` is indexed by code and has ``municipality_name`` and ``coverage``.
    """
    codes = list(table.municipality_codes)
    observed = table.observed
    n_at_risk = shown_at_risk(table, specification)
    ratios = ratio_columns(
        observed, expected.expected, expected.ratio_log_se, specification, is_total=True
    )
    safe = np.maximum(n_at_risk, 1)
    return make_frame(
        "benchmark",
        outcome,
        model,
        municipality_code=codes,
        municipality_name=municipalities.loc[codes, "municipality_name"].to_numpy(),
        n_at_risk=n_at_risk.astype(np.int64),
        observed=np.rint(observed).astype(np.int64),
        difference=observed - expected.expected,
        observed_share=observed / safe,
        expected_share=expected.expected / safe,
        difference_share=(observed - expected.expected) / safe,
        **ratios,
        practice_effect=expected.practice_effect,
        practice_effect_se=np.sqrt(np.diag(expected.effect_covariance)),
        practice_effect_superpopulation_se=(
            np.full(len(codes), np.nan)
            if expected.superpopulation_se is None
            else expected.superpopulation_se
        ),
        practice_effect_shrunk=shrunk.shrunk,
        practice_effect_shrunk_se=shrunk.shrunk_se,
        practice_effect_shrunk_low=shrunk.low,
        practice_effect_shrunk_high=shrunk.high,
        tau2=np.full(len(codes), shrunk.tau2),
        tau2_low=np.full(len(codes), shrunk.tau2_low),
        tau2_high=np.full(len(codes), shrunk.tau2_high),
        direct_rate=expected.direct_rate,
        reliability=shrunk.reliability,
        p_value=expected.p_value,
        flag_95=funnel.flag_units(expected.p_value, observed, expected.expected, 0.95),
        flag_998=funnel.flag_units(expected.p_value, observed, expected.expected, 0.998),
        flag_overdispersed=_widened(table, expected).flags(0.95),
        q_value=funnel.benjamini_hochberg(expected.p_value),
        flag_discovery=funnel.flag_discoveries(expected.p_value, observed, expected.expected),
        coverage=municipalities.loc[codes, "coverage"].to_numpy(dtype=float),
    )


def _widened(table: CellTable, expected: Expected) -> funnel.WidenedFunnel:
    """Return the funnel widened by the spread between municipalities, noise of counts in it."""
    # The variance of counts whose effects are as uncertain as those of counts with noise.
    variance = expected.variance**2 / (expected.variance + table.noise_variance)
    return funnel.widened(
        expected.p_value,
        table.observed,
        expected.expected,
        expected.practice_effect * np.sqrt(variance),
        variance,
    )


def shown_at_risk(table: CellTable, specification: Specification) -> np.ndarray:
    """Return (M,) person-years at risk as disclosure control shows them, int64."""
    keys = table.by_municipality(table.persons_key)
    return specification.protection.shown(table.n_at_risk, keys)


def breakdown_frame(
    outcome: str,
    model: str,
    table: CellTable,
    expected: Expected,
    cells: Breakdown,
    specification: Specification,
) -> pd.DataFrame:
    """Return ``breakdown`` of one fit: every municipality x diagnosis group x tenure band.

    Limits are exact for the observed count; the relative uncertainty of a cell's expected count
    is taken to be its municipality's. Ratio and limits are missing where nothing is expected.
    """
    n_units, n_groups, n_bands = cells.expected.shape
    bands = specification.levels[specification.tenure_factor]
    log_se = np.repeat(expected.ratio_log_se, n_groups * n_bands)
    return make_frame(
        "breakdown",
        outcome,
        model,
        municipality_code=np.repeat(list(table.municipality_codes), n_groups * n_bands),
        diagnosis_group=np.tile(np.repeat(specification.diagnosis_groups, n_bands), n_units),
        tenure_band=np.tile(bands, n_units * n_groups),
        **shown_columns(
            cells.observed.ravel(),
            cells.keys.ravel(),
            cells.expected.ravel(),
            log_se,
            specification,
        ),
    )


def breakdown_country_frame(
    outcome: str, model: str, cells: Breakdown, specification: Specification
) -> pd.DataFrame:
    """Return ``breakdown_country`` of one fit: the breakdown added over municipalities."""
    observed, expects, keys = (
        part.sum(axis=0) for part in (cells.observed, cells.expected, cells.keys)
    )
    n_groups, n_bands = observed.shape
    return make_frame(
        "breakdown_country",
        outcome,
        model,
        diagnosis_group=np.repeat(specification.diagnosis_groups, n_bands),
        tenure_band=np.tile(specification.levels[specification.tenure_factor], n_groups),
        **shown_columns(
            observed.ravel(),
            keys.ravel(),
            expects.ravel(),
            np.zeros(observed.size),
            specification,
            is_country=True,
        ),
    )


def shown_columns(
    counts: np.ndarray,
    keys: np.ndarray,
    expected: np.ndarray,
    log_se: np.ndarray,
    specification: Specification,
    *,
    is_country: bool = False,
) -> dict[str, object]:
    """Return the columns of one cell each that ``counts`` (n,), as counted, may be shown by.

    ``keys`` (n,) are the sums of the record keys of those counted. observed as disclosure control
    shows it (a nullable integer), expected, noise_sd (the standard deviation of its noise), ratio
    and limits, and is_suppressed where too few are expected for a count to be shown; in the
    country only where it is small too.
    """
    protection = specification.protection
    hidden = protection.is_hidden(expected, counts if is_country else None)
    observed = np.where(hidden, np.nan, protection.shown(counts, keys))
    columns = ratio_columns(observed, expected, log_se, specification)
    return {
        "observed": pd.array(observed, dtype="Float64").astype("Int64"),
        **columns,
        "is_suppressed": hidden,
    }


def ratio_columns(
    observed: np.ndarray,
    expected: np.ndarray,
    log_se: np.ndarray,
    specification: Specification,
    *,
    is_total: bool = False,
) -> dict[str, np.ndarray]:
    """Return expected, noise_sd, ratio and limits of counts as shown; nan where ``observed`` is.

    Limits are those of the mean of a count that is shown as ``observed``, noise included;
    ``is_total`` for municipalities' totals, which may be exact where other counts are not.
    """
    protection = specification.protection
    noise = (protection.total_variance if is_total else protection.noise_variance)(observed)
    transitions = protection.total_transitions if is_total else protection.transitions
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(expected > 0, observed / expected, np.nan)
    low, high = ratio_limits(
        observed, expected, log_se, specification.level, transitions.mean_limits
    )
    is_known = (expected > 0) & ~np.isnan(observed)
    return {
        "expected": expected,
        "noise_sd": np.sqrt(noise),
        "ratio": ratio,
        "ratio_low": np.where(is_known, low, np.nan),
        "ratio_high": np.where(is_known, high, np.nan),
    }


def coefficient_frame(
    outcome: str,
    model: str,
    table: CellTable,
    design: Design,
    fit: FitResult,
    expected: Expected,
    specification: Specification,
) -> pd.DataFrame:
    """Return ``coefficient`` of one fit: the common intercept and every factor level.

    Reference levels have estimate 0 and no standard error, and so have levels merged into them;
    levels without persons are not listed. Municipalities are in ``benchmark``.
    """
    estimate = dict(zip(design.columns, fit.coefficients, strict=True))
    se = dict(zip(design.columns, fit.se, strict=True))
    protection = specification.protection
    total = protection.shown(table.n_events.sum(), table.events_key.sum())
    terms, levels, n_events = [INTERCEPT[0]], [INTERCEPT[1]], [int(total)]
    estimates, errors = [expected.intercept], [expected.intercept_se]
    for factor, known in table.levels.items():
        events, keys = (of.sum(axis=0) for of in table.grants_by_level(factor))
        by_level = protection.shown(events, keys)
        for number, level in enumerate(known):
            if (factor, level) in design.absent:
                continue
            terms.append(factor)
            levels.append(level)
            n_events.append(int(by_level[number]))
            estimates.append(float(estimate.get((factor, level), 0.0)))
            errors.append(float(se.get((factor, level), np.nan)))
    return make_frame(
        "coefficient",
        outcome,
        model,
        term=terms,
        level=levels,
        estimate=estimates,
        se=errors,
        n_events=n_events,
    )
