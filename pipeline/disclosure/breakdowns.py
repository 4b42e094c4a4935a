"""Breakdowns with exact counts: margins, their crosses and the country withheld together.

All tables that split a municipality's grants the same way are one family: levels of main diagnosis
and of tenure with their crosses, and levels of any other dimension. A municipality's total is
published (``result.benchmark``) and so are the country's sums.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.benchmarks.bands import AGE
from pipeline.disclosure.families import TOTAL, Family, MainLevels, crossed, one_way
from pipeline.disclosure.frames import COUNTRY, counts_per_outcome, withhold
from pipeline.disclosure.rule import withheld

Frames = dict[str, pd.DataFrame]
CROSSED = ("diagnosis_group", "tenure_band")
_TABLES = ("breakdown", "breakdown_main")
_PLACE = ["outcome", "municipality_code"]


def suppress_breakdowns(
    frames: Mapping[str, pd.DataFrame],
    main_levels: MainLevels,
    *,
    threshold: int,
    is_attacked: bool = True,
) -> Frames:
    """Return the tables of levels and cells with the counts withheld that may not be shown.

    ``frames`` has breakdown, breakdown_country, breakdown_main, breakdown_age,
    breakdown_age_country, and practice_count (every dimension of municipalities), practice_area
    (of the country and regions) and practice_region (municipality_code, area). ``main_levels`` is
    dimension -> (fine dimension, level -> main level), ``threshold`` the smallest count that may
    be shown. A region's level is shown where all its municipalities' are. Rows and order are kept;
    ``is_suppressed`` says which were withheld: their counts, ratios and limits are missing.
    ``is_attacked``: see :func:`~pipeline.disclosure.rule.withheld`.

    Raises ``ValueError`` when models disagree on ``observed``, a cell is missing, or a country is
    not the sum of its municipalities.
    """
    counts = frames["practice_count"]
    keys = ["outcome", "model", "level"]
    lookup = _of_cells(frames, main_levels, threshold, is_attacked=is_attacked)
    mains = {main for main, (fine, _) in main_levels.items() if fine in set(counts["dimension"])}
    for name, rows in counts.groupby("dimension", sort=False):
        if name in (*CROSSED, *mains):
            continue
        country = rows.groupby(keys, sort=False)[["observed"]].sum().reset_index()
        tables = counts_per_outcome(rows, country, ["level"])
        tables = _alike(tables)
        levels = [str(level) for level in next(iter(tables.values())).columns]
        family = one_way(str(name), levels, main_levels)
        lookup.append(_decided(family, tables, threshold, is_attacked=is_attacked))
    hidden = pd.concat(lookup, ignore_index=True)
    shown = {
        "breakdown": _cells(frames["breakdown"], hidden, "breakdown", CROSSED),
        "breakdown_country": _cells(frames["breakdown_country"], hidden, "breakdown", CROSSED),
        "practice_count": _levels(counts, hidden),
        "breakdown_main": _cells(
            frames["breakdown_main"], hidden, "breakdown_main", ("diagnosis_main", "tenure_main")
        ),
    }
    ages, ages_country = frames["breakdown_age"], frames["breakdown_age_country"]
    # The same counts as those of the dimension: decided once.
    decided = hidden[hidden["name"] == AGE]
    shown["breakdown_age"], shown["breakdown_age_country"] = (
        suppress_bands(
            *(ages, ages_country),
            band=AGE,
            main_levels=main_levels,
            threshold=threshold,
            is_attacked=is_attacked,
        )
        if decided.empty
        else (_bands(ages, decided, AGE), _bands(ages_country, decided, AGE))
    )
    areas = frames["practice_area"]
    parts = shown["practice_count"].merge(frames["practice_region"], on="municipality_code")
    key = ["outcome", "area", "dimension", "level"]
    regions = parts.groupby(key, sort=False)["is_suppressed"].any().reset_index()
    of_country = _named(hidden[hidden["municipality_code"] == COUNTRY])
    country_area = areas.loc[~areas["area"].isin(set(parts["area"])), "area"].unique()
    of_area = [of_country.assign(area=area)[[*key, "is_suppressed"]] for area in country_area]
    shown["practice_area"] = withhold(areas, pd.concat([regions, *of_area]), key)
    return shown


def suppress_bands(
    frame: pd.DataFrame,
    country: pd.DataFrame,
    *,
    band: str,
    main_levels: MainLevels,
    threshold: int,
    is_attacked: bool = True,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ``frame`` and ``country``, split by ``band`` alone, with some counts withheld.

    ``frame`` has one row per outcome, model, municipality and band; ``country`` the same without
    municipality, its ``observed`` the sums over municipalities. The rest as in
    :func:`suppress_breakdowns`.
    """
    tables = _alike(counts_per_outcome(frame, country, [band]))
    levels = [str(level) for level in next(iter(tables.values())).columns]
    family = one_way(band, levels, main_levels)
    hidden = _decided(family, tables, threshold, is_attacked=is_attacked)
    return _bands(frame, hidden, band), _bands(country, hidden, band)


def _bands(frame: pd.DataFrame, hidden: pd.DataFrame, band: str) -> pd.DataFrame:
    """Return ``frame``, split by ``band``, with what ``hidden`` withholds."""
    kind = frame[band].dtype
    rows = hidden[hidden["name"] == band].assign(level=lambda of: of["level"].astype(kind))
    return _cells(frame, rows, band, (band,))


def _alike(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return ``tables`` with the same columns.

    A level that nobody of an outcome can be in, as a flexjob before a flexjob, holds none of it.
    """
    levels = list(dict.fromkeys(level for table in tables.values() for level in table.columns))
    return {
        outcome: table.reindex(columns=pd.Index(levels), fill_value=0)
        for outcome, table in tables.items()
    }


def _of_cells(
    frames: Mapping[str, pd.DataFrame],
    main_levels: MainLevels,
    threshold: int,
    *,
    is_attacked: bool,
) -> list[pd.DataFrame]:
    tables = counts_per_outcome(frames["breakdown"], frames["breakdown_country"], list(CROSSED))
    first = next(iter(tables.values()))
    groups, bands = (list(first.columns.unique(name)) for name in CROSSED)
    family = crossed((CROSSED[0], groups), (CROSSED[1], bands), _TABLES, main_levels)
    order = pd.MultiIndex.from_product([groups, bands], names=CROSSED)
    sorted_tables = {outcome: table[order] for outcome, table in tables.items()}
    return [_decided(family, sorted_tables, threshold, is_attacked=is_attacked)]


def _decided(
    family: Family, tables: Mapping[str, pd.DataFrame], threshold: int, *, is_attacked: bool
) -> pd.DataFrame:
    """Return outcome, municipality_code, name, level, second and is_suppressed of every count.

    ``second`` is empty for a level of one dimension; ``tables`` has the atoms per outcome,
    municipalities and last the country.
    """
    outcomes = list(tables)
    atoms = np.stack([table.to_numpy(dtype=np.int64)[:-1] for table in tables.values()])
    hidden = withheld(family, outcomes, atoms, threshold, is_attacked=is_attacked)
    codes = list(next(iter(tables.values())).index)
    names = [name for name in family.place if name != TOTAL]
    masks = hidden[:, :, [family.place[name] for name in names]]
    index = pd.MultiIndex.from_product([outcomes, codes], names=_PLACE)
    return pd.DataFrame(
        {
            **{key: np.repeat(index.get_level_values(key), len(names)) for key in _PLACE},
            "name": np.tile([name[0] for name in names], len(index)),
            "level": np.tile([name[1] for name in names], len(index)),
            "second": np.tile([(*name, "")[2] for name in names], len(index)),
            "is_suppressed": masks.ravel(),
        }
    )


def _cells(
    frame: pd.DataFrame, hidden: pd.DataFrame, name: str, columns: tuple[str, ...]
) -> pd.DataFrame:
    """Return ``frame``, of municipalities or of the country, with what ``hidden`` withholds."""
    has_places = "municipality_code" in frame
    rows = hidden[
        (hidden["name"] == name) & ((hidden["municipality_code"] == COUNTRY) ^ has_places)
    ]
    on = ["outcome", *(["municipality_code"] if has_places else []), *columns]
    lookup = rows.rename(columns=dict(zip(("level", "second"), columns, strict=False)))
    return withhold(frame, lookup[[*on, "is_suppressed"]], on)


def _levels(counts: pd.DataFrame, hidden: pd.DataFrame) -> pd.DataFrame:
    on = [*_PLACE, "dimension", "level"]
    rows = _named(hidden[hidden["municipality_code"] != COUNTRY])
    return withhold(counts, rows[[*on, "is_suppressed"]], on)


def _named(hidden: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of levels of one dimension."""
    return hidden[hidden["second"] == ""].rename(columns={"name": "dimension"})
