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
from pipeline.model.national.cells import YEAR, CellTable, pack_codes
from pipeline.model.national.expected import Expected

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
    codes = np.column_stack(
        [
            _positions(routes[name].astype(str) if name == YEAR else routes[name], levels)
            for name, levels in table.levels.items()
        ]
    )
    places = _positions(routes["municipality_code"], table.municipality_codes)
    sizes = [len(levels) for levels in table.levels.values()]
    # Both in one: they are numbered together where the numbers have to be made smaller.
    numbers = codes.astype(table.pattern_codes.dtype)
    keys = pack_codes(np.concatenate([table.pattern_codes, numbers]), sizes)
    of_table, of_routes = keys[: len(table.pattern_codes)], keys[len(table.pattern_codes) :]
    pattern = np.searchsorted(of_table, of_routes)
    is_known = (codes >= 0).all(axis=1) & (places >= 0) & (pattern < len(of_table))
    if not is_known.all() or (of_table[pattern] != of_routes).any():
        raise ModelError(f"{outcome}: routes of persons who are in no cell of the model")
    p = np.zeros(len(of_table))
    p[table.pattern] = expected.expected_cells / table.n_persons
    expects = routes["n_persons"].to_numpy(dtype=float) * p[pattern]
    events, events_key = (routes[name].to_numpy(dtype=float) for name in ("n_events", "events_key"))
    whole = (
        table.by_municipality(table.n_events),
        expected.expected,
        table.by_municipality(table.events_key),
    )
    n = len(table.municipality_codes)
    parts = []
    for dimension, levels in DIMENSIONS.items():
        level = _positions(routes[dimension], levels)
        if (level < 0).any():
            raise ModelError(f"routes: {dimension} has a level that is not {', '.join(levels)}")
        place = places * len(levels) + level
        sums = []
        for values, total in zip((events, expects, events_key), whole, strict=True):
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


def _positions(column: pd.Series, levels: tuple[str, ...]) -> np.ndarray:
    """Return (n,) the position of each value among ``levels``, -1 for others."""
    position = pd.Index(list(levels), dtype=object)
    if isinstance(column.dtype, pd.CategoricalDtype):
        of_category = position.get_indexer(column.cat.categories.astype(object))
        return np.asarray(np.append(of_category, -1)[column.cat.codes])
    return np.asarray(position.get_indexer(pd.Index(column.astype(object))))
