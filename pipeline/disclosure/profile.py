"""Which counts of practice by level may be shown beside the other tables of a release.

Dimensions that another table crosses (main diagnosis, tenure) show a level where that table shows
every cell of it: nothing new can be computed. The others are tables of one split each, as ages
are. Main levels are shown where all their parts are, regions where all their municipalities are.
The country's levels are known to whoever adds expected counts and are hidden only from the eye.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.disclosure.bands import suppress_bands
from pipeline.disclosure.frames import withhold
from pipeline.disclosure.lines import is_small, protect_rows

_PLACE = ["outcome", "municipality_code"]
#: Dimensions that a cross table or another table of ages decides.
_CROSSED = ("diagnosis_group", "tenure_band")
_OF_TABLE = (*_CROSSED, "age_band")


def suppress_profile(
    counts: pd.DataFrame,
    breakdown: pd.DataFrame,
    breakdown_age: pd.DataFrame,
    main_levels: Mapping[str, tuple[str, Mapping[str, str]]],
    *,
    threshold: int,
) -> pd.DataFrame:
    """Return ``counts`` with the counts withheld that would say more than the other tables do.

    ``counts`` has one row per outcome, model, municipality, dimension and level; ``breakdown`` and
    ``breakdown_age`` are as :func:`suppress_breakdown` and :func:`suppress_bands` returned them;
    ``main_levels`` is dimension -> (fine dimension, level -> main level). Rows and order are kept,
    ``is_suppressed`` is added. Raises ``ValueError`` when models disagree on ``observed``.
    """
    key = [*_PLACE, "level"]
    hidden = {
        "age_band": _any_hidden(breakdown_age.rename(columns={"age_band": "level"}), key),
        **{name: _any_hidden(breakdown.rename(columns={name: "level"}), key) for name in _CROSSED},
    }
    for name, rows in counts.groupby("dimension", sort=False):
        dimension = str(name)
        if dimension in _OF_TABLE or dimension in main_levels:
            continue
        country = rows.groupby(["outcome", "model", "level"], sort=False)[["observed"]].sum()
        shown, _ = suppress_bands(rows, country.reset_index(), band="level", threshold=threshold)
        hidden[dimension] = _any_hidden(shown, key)
    for dimension, (fine, parts) in main_levels.items():
        if fine in hidden:
            of_parts = hidden[fine].assign(level=hidden[fine]["level"].map(parts))
            hidden[dimension] = _any_hidden(of_parts, key)
    lookup = pd.concat([table.assign(dimension=name) for name, table in hidden.items()])
    return withhold(counts, lookup, [*_PLACE, "dimension", "level"])


def suppress_areas(areas: pd.DataFrame, parts: pd.DataFrame, *, threshold: int) -> pd.DataFrame:
    """Return ``areas`` with the counts withheld that would open a municipality's.

    ``areas`` has observed and expected per outcome, model, area, dimension and level; ``parts``
    the shown municipalities: area, the same keys and ``is_suppressed``. The country is what
    ``parts`` has no rows of.
    """
    key = ["outcome", "area", "dimension", "level"]
    lookup = _any_hidden(parts, key)
    country = areas[~areas["area"].isin(set(parts["area"]))]
    for _, rows in country.groupby(["outcome", "area", "dimension"], sort=False):
        first = rows[rows["model"] == rows["model"].iloc[0]]
        observed = first["observed"].to_numpy(dtype=np.int64)[None, :]
        mask = is_small(observed, threshold)
        protect_rows(observed, mask, threshold)
        lookup = pd.concat([lookup, first[key].assign(is_suppressed=mask[0])])
    return withhold(areas, lookup, key)


def suppress_main_cells(
    cells: pd.DataFrame,
    breakdown: pd.DataFrame,
    main_levels: Mapping[str, tuple[str, Mapping[str, str]]],
) -> pd.DataFrame:
    """Return ``cells`` by main diagnosis and main tenure, shown where ``breakdown`` shows all."""
    mains = {"diagnosis_main": "diagnosis_group", "tenure_main": "tenure_band"}
    of_cells = breakdown.assign(
        **{main: breakdown[fine].map(main_levels[main][1]) for main, fine in mains.items()}
    )
    key = [*_PLACE, *mains]
    return withhold(cells, _any_hidden(of_cells, key), key)


def _any_hidden(table: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """Return one row per ``key`` with whether any row of ``table`` there is withheld."""
    return table.groupby(key, sort=False)["is_suppressed"].any().reset_index()
