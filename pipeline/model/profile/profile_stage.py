"""The first stage of a profile: unit dummies and slopes, by the factor logit or Poisson model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from pipeline.errors import ModelError
from pipeline.model.logit.factor_design import PER_UNIT
from pipeline.model.logit.factor_logit import fit_factor_logit, fit_factor_poisson
from pipeline.model.logit.factor_packing import Factor
from pipeline.model.logit.factor_rows import RowBlock
from pipeline.model.profile.profile_cells import Cells


@dataclass(frozen=True)
class FirstStage:
    """A fit with one dummy per unit; M units, K columns, the dummies first.

    Attributes
    ----------
    own
        (M,) intercepts; nan for a unit left out because it has none.
    estimates, covariance
        (K,) and (K, K).
    base
        (M,) number of each unit's column, K for none.
    column_of
        Column of each (factor, level) and (covariate, per unit); references have none.
    """

    own: np.ndarray
    estimates: np.ndarray
    covariance: np.ndarray
    base: np.ndarray
    column_of: dict[tuple[str, str], int]


def fit_first_stage(cells: Cells, is_estimated: np.ndarray) -> FirstStage:
    """Return the fit on the units that have an effect of their own: (M,) ``is_estimated``.

    The reference of a factor is its largest level. Raises :class:`ModelError` naming levels in
    which nobody or everybody has the event, columns that depend on each other, or what keeps the
    fit from converging.
    """
    inside = is_estimated[cells.unit]
    if not inside.any():
        raise ModelError("in every unit nobody or everybody has the event: nothing to compare.")
    base = np.where(is_estimated, np.cumsum(is_estimated) - 1, int(is_estimated.sum()))
    if not (cells.codes or cells.numeric):
        return _one_intercept_each(cells, is_estimated, base)
    factors = [Factor("unit", cells.units)]
    faults: list[str] = []
    for (name, levels), codes in zip(cells.levels.items(), cells.codes, strict=True):
        size = np.bincount(codes[inside], cells.size[inside], len(levels))
        events = np.bincount(codes[inside], cells.events[inside], len(levels))
        separated = (events == 0) | ((events == size) & cells.is_binomial)
        faults += [f"{name} = {levels[level]}" for level in np.flatnonzero(separated)]
        factors.append(Factor(f"factor {name}", levels, levels[int(np.argmax(size))]))
    if faults:
        raise ModelError(
            f"levels in which nobody or everybody has the event: {', '.join(faults[:12])}"
            + (f" and {len(faults) - 12} more" if len(faults) > 12 else ""),
            expected="both people with and without the event at each level of a factor, not "
            "counting units without events",
            next_step="merge the levels with others, or leave the factor out.",
        )
    block = RowBlock(
        codes=[cells.unit[inside], *(codes[inside] for codes in cells.codes)],
        events=cells.events[inside].astype(np.int64),
        trials=cells.size[inside].astype(np.int64) if cells.is_binomial else None,
        offset=None if cells.is_binomial else np.log(cells.size[inside]),
        numeric=[values[inside] for values in cells.numeric.values()],
    )
    fit_rows = fit_factor_logit if cells.is_binomial else fit_factor_poisson
    numeric = tuple(f"numeric {name}" for name in cells.numeric)
    fit = fit_rows([block], factors, numeric, separation="refuse")
    return FirstStage(
        own=np.append(fit.coefficients, np.nan)[np.where(is_estimated, base, -1)],
        estimates=fit.coefficients,
        covariance=fit.covariance,
        base=np.where(is_estimated, base, len(fit.coefficients)),
        column_of={
            (term.split(" ", 1)[1], level): position
            for position, (term, level) in enumerate(fit.design.columns)
            if term != "unit"
        },
    )


def _one_intercept_each(cells: Cells, is_estimated: np.ndarray, base: np.ndarray) -> FirstStage:
    """Return the fit without slopes, which needs no search."""
    events, size = cells.by_unit(cells.events), cells.by_unit(cells.size)
    with np.errstate(divide="ignore"):
        own = logit(events / size) if cells.is_binomial else np.log(events / size)
    information = events * (1 - events / size) if cells.is_binomial else events
    return FirstStage(
        own=np.where(is_estimated, own, np.nan),
        estimates=own[is_estimated],
        covariance=np.diag(1 / information[is_estimated]),
        base=base,
        column_of={},
    )


def slope_predictors(cells: Cells, stage: FirstStage) -> np.ndarray:
    """Return (n,) linear predictors from factors and covariates alone."""
    total = np.zeros(len(cells.unit))
    for (name, levels), codes in zip(cells.levels.items(), cells.codes, strict=True):
        columns = [stage.column_of.get((name, level), -1) for level in levels]
        total += np.append(stage.estimates, 0.0)[columns][codes]
    for name, values in cells.numeric.items():
        total += stage.estimates[stage.column_of[name, PER_UNIT]] * values
    return total


def list_coefficients(cells: Cells, stage: FirstStage) -> list[tuple[str, str, float, float]]:
    """Return (term, level, estimate, se) of every slope; references have 0 and nan."""
    rows = []
    columns = [(name, level) for name, levels in cells.levels.items() for level in levels]
    for key in (*columns, *((name, PER_UNIT) for name in cells.numeric)):
        column = stage.column_of.get(key)
        if column is None:
            rows.append((*key, 0.0, np.nan))
        else:
            se = float(np.sqrt(stage.covariance[column, column]))
            rows.append((*key, float(stage.estimates[column]), se))
    return rows
