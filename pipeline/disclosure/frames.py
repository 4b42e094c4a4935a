"""Between published frames and arrays of counts."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

#: Row that stands for the whole country beside the municipalities; it sorts before every
#: municipality code and is put last.
COUNTRY = ""
#: Columns from which a count could be computed back.
_REVEALING = (
    *("observed", "observed_share", "observed_share_low", "observed_share_high"),
    *("ratio", "ratio_low", "ratio_high"),
)


def counts_per_outcome(
    frame: pd.DataFrame, country: pd.DataFrame, cells: list[str]
) -> dict[str, pd.DataFrame]:
    """Return per outcome the counts, municipalities and last the country x combinations of cells.

    ``cells`` are the columns that split a municipality's grants. Raises ``ValueError`` when models
    disagree on ``observed``, a combination is missing, or ``country`` is not the sum of ``frame``.
    """
    key = ["outcome", "municipality_code", *cells]
    both = pd.concat([frame, country.assign(municipality_code=COUNTRY)])
    per_cell = both.groupby(key, sort=True)["observed"]
    if (per_cell.nunique() > 1).any():
        raise ValueError("the models disagree on observed counts; they describe the same grants")
    counts = per_cell.first()
    tables = {}
    for outcome in counts.index.unique("outcome"):
        table = counts.loc[outcome].unstack(cells).sort_index(axis=1)
        if table.isna().any(axis=None):
            raise ValueError(f"{outcome}: some municipality lacks a cell of {' x '.join(cells)}")
        table = table.astype("int64")
        inside, total = table.drop(index=COUNTRY), table.loc[[COUNTRY]]
        if not inside.sum().equals(total.iloc[0].rename(None)):
            raise ValueError(f"{outcome}: the country is not the sum of its municipalities")
        tables[str(outcome)] = pd.concat([inside, total])
    return tables


def lookup_of(masks: Mapping[str, pd.DataFrame], cells: list[str]) -> pd.DataFrame:
    """Return outcome, municipality_code, ``cells`` and is_suppressed, long.

    ``masks`` has per outcome a table shaped as those of :func:`counts_per_outcome`.
    """
    long = []
    for outcome, mask in masks.items():
        stacked: pd.Series[bool] = pd.Series(
            mask.to_numpy().ravel(),
            index=pd.MultiIndex.from_tuples(
                [
                    (place, *(cell if isinstance(cell, tuple) else (cell,)))
                    for place in mask.index
                    for cell in mask.columns
                ],
                names=["municipality_code", *cells],
            ),
            name="is_suppressed",
        )
        long.append(stacked.reset_index().assign(outcome=outcome))
    return pd.concat(long, ignore_index=True)


def withhold(frame: pd.DataFrame, lookup: pd.DataFrame, on: list[str]) -> pd.DataFrame:
    """Return ``frame`` with ``is_suppressed`` of ``lookup``, matched by the columns ``on``.

    Where it is true every column is missing from which the count could be computed back. Rows and
    order are kept; ``observed`` becomes a nullable integer. Raises ``ValueError`` when ``lookup``
    lacks a row of ``frame``.
    """
    plain = frame.drop(columns="is_suppressed", errors="ignore")
    result = plain.merge(lookup, on=on, how="left", validate="many_to_one")
    if result["is_suppressed"].isna().any():
        raise ValueError(f"no decision on some rows by {', '.join(on)}")
    result["is_suppressed"] = result["is_suppressed"].astype(bool)
    result["observed"] = result["observed"].astype("Int64")
    for column in set(_REVEALING) & set(result.columns):
        result[column] = result[column].mask(result["is_suppressed"])
    return result[[*plain.columns, "is_suppressed"]]
