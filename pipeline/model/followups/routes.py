"""Routes to the grant: observed and expected by what people came from, beside the model's factors.

The benefit before the year, weeks on sickness benefit and programmes ever tried are no factors of
the model, or finer than its factors. What is expected of a route is the sum over its persons of
what the model expects of each, as it is for every part of a municipality. Everybody without a
benefit in five years is at the first level of every dimension, where the rest of the total is.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.errors import ModelError
from pipeline.model.national.cells import CellTable
from pipeline.model.national.expected import Expected
from pipeline.model.numerics.pattern_keys import level_numbers
from pipeline.model.tables.variants import place_rows

#: Dimensions of routes and their levels; the first is where those are who came by no benefit.
DIMENSIONS: dict[str, tuple[str, ...]] = {
    "last_benefit": (
        *("self_supporting", "unemployment", "cash_benefit", "education_benefit"),
        *("sickness_benefit", "rehabilitation", "resource_programme", "job_clarification"),
        *("flexjob", "other"),
    ),
    "sickness_duration": ("none", "up_to_52", "over_52"),
    "ever_rehabilitation": ("no", "yes"),
    "ever_resource_programme": ("no", "yes"),
}
#: What is left of a difference of sums where nothing is expected.
_NOTHING = 1e-6
#: The columns of :func:`route_counts`.
COLUMNS = (
    *("outcome", "model", "municipality_code", "dimension", "level"),
    *("observed", "observed_key", "expected", "expected_log_se"),
)


def route_counts(
    outcome: str, model: str, table: CellTable, expected: Expected, routes: pd.DataFrame
) -> pd.DataFrame:
    """Return :data:`COLUMNS` of one fit: every municipality, dimension and level, as counted.

    ``routes`` are rows of ``mart.route_cell`` of the outcome: persons of ``table`` by its factors
    (text or categories) and the dimensions. Levels of a dimension add up to the municipality's
    observed and expected grants; a level that nobody in the country came by is left out. Raises
    :class:`ModelError` for persons that ``table`` lacks.
    """
    rows = place_rows(table, routes, table.municipality_codes)
    if (rows.unit < 0).any():
        raise ModelError(f"{outcome}: routes of persons who are in no municipality of the model")
    p = np.zeros(len(table.pattern_codes))
    p[table.pattern] = expected.expected_cells / table.n_persons
    values_of_rows = (
        rows.counts["n_events"],
        rows.counts["n_persons"] * p[rows.pattern],
        rows.counts["events_key"],
    )
    whole = (
        table.by_municipality(table.n_events),
        expected.expected,
        table.by_municipality(table.events_key),
    )
    n = len(table.municipality_codes)
    parts = []
    for dimension, levels in DIMENSIONS.items():
        level = level_numbers(routes[dimension], levels)
        if (level < 0).any():
            raise ModelError(f"routes: {dimension} has a level that is not {', '.join(levels)}")
        place = rows.unit * len(levels) + level
        sums = []
        for values, total in zip(values_of_rows, whole, strict=True):
            of_levels = np.bincount(place, values, n * len(levels)).reshape(n, len(levels))
            of_levels[:, 0] += total - of_levels.sum(axis=1)
            sums.append(of_levels)
        observed, expect, key = sums
        # A programme that did not exist yet has no row: nobody came by it, nobody is expected to.
        is_there = (expect.sum(axis=0) > _NOTHING) | (observed.sum(axis=0) > 0)
        observed, expect, key = (values[:, is_there] for values in (observed, expect, key))
        levels = tuple(name for name, kept in zip(levels, is_there, strict=True) if kept)
        if len(levels) < 2:
            continue
        parts.append(
            pd.DataFrame(
                {
                    "outcome": outcome,
                    "model": model,
                    "municipality_code": np.repeat(list(table.municipality_codes), len(levels)),
                    "dimension": dimension,
                    "level": np.tile(levels, n),
                    "observed": np.rint(observed).astype(np.int64).ravel(),
                    "observed_key": np.rint(key).astype(np.int64).ravel(),
                    # What is left of a difference of sums is not below nothing.
                    "expected": np.maximum(expect, 0.0).ravel(),
                    "expected_log_se": np.repeat(expected.ratio_log_se, len(levels)),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]
