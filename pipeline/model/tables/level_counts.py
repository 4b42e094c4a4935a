"""Observed and expected grants of every municipality by level of one dimension after another.

Dimensions are the main diagnosis, factors of the persons at risk, and both put together to a few
main levels. Each adds up to the municipality's observed and expected grants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.model.national.breakdown import Breakdown
from pipeline.model.national.cells import CellTable
from pipeline.model.national.diagnostics import TOLERANCE, Finding
from pipeline.model.national.expected import Expected
from pipeline.model.national.specification import Specification, has_mains
from pipeline.model.tables.columns import COLUMNS
from pipeline.model.tables.frames import make_frame, shown_columns

DIAGNOSIS = "diagnosis_group"
#: Factors that practice is shown by, beside the specification's tenure factor.
FACTORS = ("age_band", "sex", "origin", "labour_status")


@dataclass(frozen=True)
class LevelCounts:
    """(M, L) grants by the L levels of one dimension.

    observed (integers, as counted), expected, and the sums of the record keys of those counted.
    """

    levels: tuple[str, ...]
    observed: np.ndarray
    expected: np.ndarray
    keys: np.ndarray


def count_levels(
    table: CellTable, expected: Expected, broken: Breakdown, specification: Specification
) -> dict[str, LevelCounts]:
    """Return dimension -> counts: each fine dimension, and its main levels after it."""
    tenure = specification.tenure_factor
    fine = {
        DIAGNOSIS: LevelCounts(
            specification.diagnosis_groups,
            broken.observed.sum(axis=2),
            broken.expected.sum(axis=2),
            broken.keys.sum(axis=2),
        )
    }
    for factor in (tenure, *FACTORS):
        if factor in table.levels:
            fine[factor] = _of_factor(factor, table, expected)
    dimensions = {}
    for name, counts in fine.items():
        dimensions[name] = counts
        for main, (factor, parts) in specification.main_levels.items():
            if factor == name and has_mains(counts.levels, parts):
                dimensions[main] = _put_together(counts, parts)
    return dimensions


def count_main_cells(
    broken: Breakdown, specification: Specification
) -> tuple[tuple[str, ...], tuple[str, ...], Breakdown] | None:
    """Return main diagnoses, main tenures and the (M, 3, 3) breakdown by both, or None."""
    by_factor = {
        factor: parts
        for factor, parts in specification.main_levels.values()
        if factor in (DIAGNOSIS, specification.tenure_factor)
    }
    known = {
        DIAGNOSIS: specification.diagnosis_groups,
        specification.tenure_factor: specification.levels[specification.tenure_factor],
    }
    if not all(has_mains(levels, by_factor.get(name, {})) for name, levels in known.items()):
        return None
    (groups, by_group), (bands, by_band) = (
        _membership(levels, by_factor[name]) for name, levels in known.items()
    )
    observed, expected, keys = (
        np.einsum("mdt,dg,tb->mgb", values, by_group, by_band)
        for values in (broken.observed, broken.expected, broken.keys)
    )
    observed, keys = (np.rint(values).astype(np.int64) for values in (observed, keys))
    return groups, bands, Breakdown(observed, expected, keys)


def practice_count_frame(
    outcome: str,
    model: str,
    table: CellTable,
    expected: Expected,
    by_dimension: Mapping[str, LevelCounts],
) -> pd.DataFrame:
    """Return ``practice_count`` of one fit: every municipality x dimension x level, as counted.

    ``expected_log_se`` is the relative uncertainty of the municipality's expected count.
    """
    codes = list(table.municipality_codes)
    return pd.concat(
        [
            make_frame(
                "practice_count",
                outcome,
                model,
                municipality_code=np.repeat(codes, len(counts.levels)),
                dimension=[dimension] * counts.observed.size,
                level=np.tile(counts.levels, len(codes)),
                observed=counts.observed.ravel(),
                observed_key=counts.keys.ravel(),
                expected=counts.expected.ravel(),
                expected_log_se=np.repeat(expected.ratio_log_se, len(counts.levels)),
            )
            for dimension, counts in by_dimension.items()
        ],
        ignore_index=True,
    )


def breakdown_main_frame(
    outcome: str,
    model: str,
    table: CellTable,
    expected: Expected,
    broken: Breakdown,
    specification: Specification,
) -> pd.DataFrame:
    """Return ``breakdown_main`` of one fit: every municipality x main diagnosis x main tenure."""
    main = count_main_cells(broken, specification)
    if main is None:
        return pd.DataFrame(columns=list(COLUMNS["breakdown_main"]))
    groups, bands, cells = main
    n_units = len(table.municipality_codes)
    log_se = np.repeat(expected.ratio_log_se, len(groups) * len(bands))
    return make_frame(
        "breakdown_main",
        outcome,
        model,
        municipality_code=np.repeat(list(table.municipality_codes), len(groups) * len(bands)),
        diagnosis_main=np.tile(np.repeat(groups, len(bands)), n_units),
        tenure_main=np.tile(bands, n_units * len(groups)),
        **shown_columns(
            cells.observed.ravel(),
            cells.keys.ravel(),
            cells.expected.ravel(),
            log_se,
            specification,
        ),
    )


def check_levels(
    table: CellTable, expected: Expected, by_dimension: Mapping[str, LevelCounts], where: str
) -> Finding:
    """Return whether the levels of every dimension add up to observed and expected grants."""
    counted = table.by_municipality(table.n_events)
    observed_gap = max(
        int(np.abs(counts.observed.sum(axis=1) - counted).max()) for counts in by_dimension.values()
    )
    gap = max(
        float(np.abs(counts.expected.sum(axis=1) / expected.expected - 1).max())
        for counts in by_dimension.values()
    )
    return Finding(
        "practice_profile_additive",
        where,
        "stop" if observed_gap or not gap <= TOLERANCE else "ok",
        f"observed off by at most {observed_gap} grants, expected by {gap:.1e} relative",
        sum(counts.observed.size for counts in by_dimension.values()),
    )


def _of_factor(factor: str, table: CellTable, expected: Expected) -> LevelCounts:
    observed, keys = (of.astype(np.int64) for of in table.grants_by_level(factor))
    (expects,) = table.by_level(factor, expected.expected_cells)
    return LevelCounts(table.levels[factor], observed, expects, keys)


def _put_together(counts: LevelCounts, parts: Mapping[str, str]) -> LevelCounts:
    mains, member = _membership(counts.levels, parts)
    observed, keys = (
        np.rint(values @ member).astype(np.int64) for values in (counts.observed, counts.keys)
    )
    return LevelCounts(mains, observed, counts.expected @ member, keys)


def _membership(
    levels: tuple[str, ...], parts: Mapping[str, str]
) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the main levels in order of appearance and (L, G) which level is part of which."""
    mains = tuple(dict.fromkeys(parts[level] for level in levels))
    member = np.array([[parts[level] == main for main in mains] for level in levels], dtype=float)
    return mains, member
