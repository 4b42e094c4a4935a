"""What a municipality is: region, population, the reform of 2007, and who lies or works like it.

*Neighbours* are the municipalities whose tiles touch on the schematic map (at least three, then the
nearest tiles): a list to look around with, not a list of borders. *Similar* are the five with the
smallest distance over all framework conditions, each in standard deviations; the distance is the
root mean square.
"""

from __future__ import annotations

import math

import pandas as pd

from pipeline.codes import code_list, code_rows

N_SIMILAR = 5
_AT_LEAST_NEIGHBOURS = 3
_TOUCHING = 1.5
_REFORM = "2006-12-31"


def municipality_table(codes: list[str], conditions: pd.DataFrame) -> pd.DataFrame:
    """Return one row per municipality of ``codes``, columns as in ``result.municipality``.

    ``conditions`` has municipality_code, condition and ``standardised``, in standard deviations; a
    municipality without all of them has no similar ones. Lists are codes with commas between,
    nearest first; empty where there are none.
    """
    frame = code_list("municipality").set_index("municipality_code")
    former = {code: former_municipalities(code) for code in codes}
    known = frame.reindex(codes)
    wide = conditions_wide(conditions)
    return pd.DataFrame(
        {
            "municipality_code": codes,
            "municipality_name": known["municipality_name"].to_numpy(),
            "region_code": known["region_code"].to_numpy(),
            "region_name": known["region_name"].to_numpy(),
            "population_2007": known["population_2007"].astype("int64").to_numpy(),
            "is_merged": [len(former[code]) > 1 for code in codes],
            "former_municipalities": [", ".join(former[code]) for code in codes],
            "neighbours": [", ".join(neighbours(code, codes)) for code in codes],
            "similar_municipalities": [", ".join(similar(code, codes, wide)) for code in codes],
        }
    )


def former_municipalities(code: str) -> tuple[str, ...]:
    """Return the names of the municipalities of 2006 that went into ``code``, in part or whole."""
    return tuple(
        sorted(
            row["municipality_name"]
            for row in code_rows("municipality_history")
            if row["successor_code"] == code and row["valid_to"] == _REFORM
        )
    )


def neighbours(code: str, codes: list[str]) -> tuple[str, ...]:
    """Return those of ``codes`` whose tiles touch that of ``code``, nearest first, ties by code.

    Where fewer than three touch, the nearest tiles make up three. A code without a tile has none.
    """
    tiles = {
        row["municipality_code"]: (int(row["tile_column"]), int(row["tile_row"]))
        for row in code_rows("municipality_tile")
    }
    if code not in tiles:
        return ()
    codes_nearby = sorted(
        (math.dist(tiles[code], tiles[other]), other)
        for other in codes
        if other != code and other in tiles
    )
    n_touching = sum(distance < _TOUCHING for distance, _ in codes_nearby)
    return tuple(other for _, other in codes_nearby[: max(n_touching, _AT_LEAST_NEIGHBOURS)])


def conditions_wide(conditions: pd.DataFrame) -> pd.DataFrame:
    """Return a row per municipality with all conditions, standardised; no rows without any."""
    if conditions.empty:
        return pd.DataFrame()
    return conditions.pivot(
        index="municipality_code", columns="condition", values="standardised"
    ).dropna()


def similar(code: str, codes: list[str], wide: pd.DataFrame) -> tuple[str, ...]:
    """Return the five of ``codes`` nearest in framework conditions, nearest first, ties by code.

    ``wide`` is :func:`conditions_wide`; none are similar to a municipality that it lacks.
    """
    if code not in wide.index:
        return ()
    distance = ((wide - wide.loc[code]) ** 2).mean(axis=1) ** 0.5
    by_distance = sorted((value, other) for other, value in distance.items() if other in codes)
    return tuple(str(other) for _, other in by_distance if other != code)[:N_SIMILAR]
