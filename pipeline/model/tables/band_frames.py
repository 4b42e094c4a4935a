"""Result frames of observed and expected grants along one factor: development by year, ages."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.benchmarks.bands import AGE
from pipeline.model.national.cells import YEAR, CellTable
from pipeline.model.national.expected import Expected
from pipeline.model.national.specification import Specification
from pipeline.model.tables.frames import make_frame, shown_columns


def band_frames(
    outcome: str, model: str, table: CellTable, expected: Expected, specification: Specification
) -> dict[str, pd.DataFrame]:
    """Return ``development``, ``breakdown_age`` and both for the country, of one fit.

    Every municipality x level is there, with 0 where nobody is at risk; observed and expected add
    up to the municipality's. Limits as in ``breakdown``. A specification without age bands gives
    empty age frames.
    """
    frames = _along(YEAR, "development", outcome, model, table, expected, specification)
    for frame in frames.values():
        frame["year"] = frame["year"].astype("int64")
    if AGE in table.levels:
        frames |= _along(AGE, "breakdown_age", outcome, model, table, expected, specification)
    return frames


def _along(
    factor: str,
    name: str,
    outcome: str,
    model: str,
    table: CellTable,
    expected: Expected,
    specification: Specification,
) -> dict[str, pd.DataFrame]:
    levels = table.levels[factor]
    n_units, n_levels = len(table.municipality_codes), len(levels)
    persons, persons_key, expects = (
        of.ravel()
        for of in table.by_level(
            factor, table.n_persons, table.persons_key, expected.expected_cells
        )
    )
    events, events_key = (of.ravel() for of in table.grants_by_level(factor))
    shown = specification.protection.shown
    log_se = np.repeat(expected.ratio_log_se, n_levels)

    def country(values: np.ndarray) -> np.ndarray:
        return values.reshape(n_units, n_levels).sum(axis=0)

    return {
        name: make_frame(
            name,
            outcome,
            model,
            municipality_code=np.repeat(list(table.municipality_codes), n_levels),
            **{factor: np.tile(levels, n_units)},
            n_at_risk=shown(persons, persons_key),
            **shown_columns(events, events_key, expects, log_se, specification),
        ),
        f"{name}_country": make_frame(
            f"{name}_country",
            outcome,
            model,
            **{factor: list(levels)},
            n_at_risk=shown(country(persons), country(persons_key)),
            **shown_columns(
                country(events),
                country(events_key),
                country(expects),
                np.zeros(n_levels),
                specification,
                is_country=True,
            ),
        ),
    }
