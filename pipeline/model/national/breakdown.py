"""Observed and expected grants by municipality, main diagnosis and cash-benefit tenure.

Expected in a cell is the sum over its residents of risk times P(diagnosis | grant, x); the shares
of one resident add to 1, so cells add up to the municipality's expected grants.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.model.national.cells import CellTable, GrantTable
from pipeline.model.national.diagnosis import (
    DiagnosisModel,
    diagnosis_shares,
    fit_diagnosis,
    fit_shown_diagnosis,
)
from pipeline.model.national.protection import LEAST_SHOWN
from pipeline.model.national.specification import Specification, has_mains
from pipeline.model.numerics.pattern_keys import pack_codes


@dataclass(frozen=True)
class Breakdown:
    """(M, D, T) observed (integers, as counted) and expected grants, and the record keys' sums.

    By municipality, diagnosis, tenure.
    """

    observed: np.ndarray
    expected: np.ndarray
    keys: np.ndarray


def fit_grants(
    grants: GrantTable,
    table: CellTable,
    expected_cells: np.ndarray,
    specification: Specification,
) -> DiagnosisModel:
    """Return the model of main diagnosis among the grants of one outcome.

    Where counts are protected it is fitted to those that are shown, and ``expected_cells`` (n,),
    expected grants per cell of ``table``, stand for the grants of a pattern.
    """
    factors = specification.diagnosis_factors
    if specification.is_protected:
        return _fit_shown(grants, table, expected_cells, specification)
    codes = grants.factor_codes[:, [grants.factors.index(name) for name in factors]]
    sizes = tuple(len(specification.levels[name]) for name in factors)
    distinct, first, place = np.unique(
        pack_codes(codes, sizes), return_index=True, return_inverse=True
    )
    n_groups = len(specification.diagnosis_groups)
    counts = np.bincount(
        place * n_groups + grants.diagnosis, grants.n_events, len(distinct) * n_groups
    )
    return fit_diagnosis(
        codes[first], counts.reshape(-1, n_groups), sizes, specification.diagnosis_ridge
    )


def _fit_shown(
    grants: GrantTable,
    table: CellTable,
    expected_cells: np.ndarray,
    specification: Specification,
) -> DiagnosisModel:
    n_groups = len(specification.diagnosis_groups)

    def shown(place: np.ndarray, size: int) -> np.ndarray:
        return specification.protection.shown(
            np.bincount(place, grants.n_events, size), np.bincount(place, grants.events_key, size)
        )

    by_factor = []
    for name in specification.diagnosis_factors:
        size = len(specification.levels[name])
        level = grants.factor_codes[:, grants.factors.index(name)]
        place = level * n_groups + grants.diagnosis
        by_factor.append(shown(place, size * n_groups).reshape(size, n_groups))
    totals = _agreeing_with_mains(shown(grants.diagnosis, n_groups), grants, specification)
    codes, kind = table.kinds(specification.diagnosis_factors)
    return fit_shown_diagnosis(
        codes,
        np.bincount(kind, expected_cells, len(codes)),
        by_factor,
        totals,
        specification.diagnosis_ridge,
    )


def _agreeing_with_mains(
    totals: np.ndarray, grants: GrantTable, specification: Specification
) -> np.ndarray:
    """Return (D,) shown grants by diagnosis, within each main diagnosis scaled to what it shows.

    Of many diagnoses shown with noise, or as 0, the sum would be far off.
    """
    result = np.maximum(totals.astype(float), LEAST_SHOWN)
    for fine, parts in specification.main_levels.values():
        if fine != "diagnosis_group" or not has_mains(specification.diagnosis_groups, parts):
            continue
        main = np.array([parts[group] for group in specification.diagnosis_groups])
        for name in np.unique(main):
            inside = main == name
            own = inside[grants.diagnosis]
            shown = specification.protection.shown(
                np.array([grants.n_events[own].sum()]), np.array([grants.events_key[own].sum()])
            )
            result[inside] *= max(float(shown[0]), LEAST_SHOWN) / result[inside].sum()
    return result


def observe_breakdown(
    grants: GrantTable, n_municipalities: int, specification: Specification
) -> tuple[np.ndarray, np.ndarray]:
    """Return (M, D, T) grants as counted and the sums of their record keys, integers."""
    shape = _shape(n_municipalities, specification)
    tenure = grants.factor_codes[:, grants.factors.index(specification.tenure_factor)]
    place = np.ravel_multi_index((grants.municipality, grants.diagnosis, tenure), shape)

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(place, values, int(np.prod(shape))).reshape(shape).astype(np.int64)

    return summed(grants.n_events), summed(grants.events_key)


def break_down(
    table: CellTable,
    expected_cells: np.ndarray,
    grants: GrantTable,
    diagnosis: DiagnosisModel,
    specification: Specification,
) -> Breakdown:
    """Return observed and expected grants of every municipality x diagnosis x tenure.

    ``expected_cells`` (n,) expected grants per cell of ``table``. Combinations without grants or
    residents are there with 0.
    """
    shape = _shape(len(table.municipality_codes), specification)
    codes, kind_of_cell = table.kinds(specification.diagnosis_factors)
    shares = diagnosis_shares(
        diagnosis, codes, np.bincount(kind_of_cell, expected_cells, len(codes))
    )
    # Residents of a municipality and tenure are few kinds, so they are counted before they split.
    group = table.codes(specification.tenure_factor) * np.int64(len(codes)) + kind_of_cell
    of_kinds = table.by_unit_and(group, expected_cells, shape[2] * len(codes))
    expected = of_kinds.reshape(-1, len(codes)) @ shares
    observed, keys = observe_breakdown(grants, shape[0], specification)
    return Breakdown(
        observed=observed,
        expected=expected.reshape(shape[0], shape[2], shape[1]).transpose(0, 2, 1),
        keys=keys,
    )


def _shape(n_municipalities: int, specification: Specification) -> tuple[int, int, int]:
    return (
        n_municipalities,
        len(specification.diagnosis_groups),
        len(specification.levels[specification.tenure_factor]),
    )
