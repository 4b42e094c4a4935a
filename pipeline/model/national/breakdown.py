"""Observed and expected grants by municipality, main diagnosis and cash-benefit tenure.

Expected in a cell is the sum over its residents of risk times P(diagnosis | grant, x); the shares
of one resident add to 1, so cells add up to the municipality's expected grants.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.model.national.cells import CellTable, GrantTable, pack_codes
from pipeline.model.national.diagnosis import DiagnosisModel, diagnosis_shares, fit_diagnosis
from pipeline.model.national.specification import Specification


@dataclass(frozen=True)
class Breakdown:
    """(M, D, T) observed (integers, as counted) and expected grants, and the record keys' sums.

    By municipality, diagnosis, tenure.
    """

    observed: np.ndarray
    expected: np.ndarray
    keys: np.ndarray


def fit_grants(grants: GrantTable, specification: Specification) -> DiagnosisModel:
    """Return the model of main diagnosis among the grants of one outcome."""
    factors = specification.diagnosis_factors
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


def observe_breakdown(
    grants: GrantTable, n_municipalities: int, specification: Specification
) -> tuple[np.ndarray, np.ndarray]:
    """Return (M, D, T) grants as counted and the sums of their record keys, integers."""
    shape = _shape(n_municipalities, specification)
    tenure = grants.factor_codes[:, grants.factors.index(specification.tenure_factor)]
    place = np.ravel_multi_index((grants.municipality, grants.diagnosis, tenure), shape)

    def summed(values: np.ndarray) -> np.ndarray:
        return np.bincount(place, values, int(np.prod(shape))).reshape(shape).astype(np.int64)

    return summed(grants.true_events), summed(grants.events_key)


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
    positions = [table.factors.index(name) for name in specification.diagnosis_factors]
    codes = table.pattern_codes[:, positions]
    _, first, kind = np.unique(
        pack_codes(codes, diagnosis.sizes), return_index=True, return_inverse=True
    )
    kind_of_cell = kind[table.pattern]
    n_kinds = len(first)
    shares = diagnosis_shares(
        diagnosis, codes[first], np.bincount(kind_of_cell, expected_cells, n_kinds)
    )
    group = table.municipality * shape[2] + table.codes(specification.tenure_factor)
    groups = shape[0] * shape[2]
    expected = np.empty((groups, shape[1]))
    for d in range(shape[1]):
        expected[:, d] = np.bincount(group, expected_cells * shares[kind_of_cell, d], groups)
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
