"""Tables that split a municipality's grants by year.

The country's counts per year are taken as known even where they are withheld: expected counts are
fitted so that they add up to them.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.disclosure.frames import COUNTRY, counts_per_outcome, lookup_of, withhold
from pipeline.disclosure.lines import is_small, protect_rows, settle

_PLACE = ["outcome", "municipality_code"]


def suppress_years(
    development: pd.DataFrame,
    country: pd.DataFrame,
    history: pd.DataFrame,
    *,
    threshold: int,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return ``development``, its ``country`` and ``history``, a year withheld in both or in none.

    ``development`` has one row per outcome, model, municipality and year; ``country`` the same
    without municipality, its ``observed`` the sums over municipalities. ``history`` has one
    row per outcome, municipality and year, with ``observed`` and ``observed_share``, for the years
    of ``development`` and others; in those it counts nearly the same grants. Beside its own small
    counts it withholds all that would give a year's withheld count back from the country's total.

    Raises ``ValueError`` when models disagree on ``observed``, a year is missing, ``country`` is
    not the sum of ``development``, and when ``history`` lacks a municipality or
    year of ``development``.
    """
    tables = counts_per_outcome(development, country, ["year"])
    of_history = _with_total(history, list(tables))
    masks = _masks(tables, of_history, threshold)
    inside, total = _suppressed(development, country, "year", masks)
    others = {
        outcome: table.drop(columns=masks[outcome].columns) for outcome, table in of_history.items()
    }
    outside = _masks(others, others, threshold, has_totals=False)
    both = {
        outcome: pd.concat([masks[outcome], outside[outcome]], axis=1).rename_axis(columns="year")
        for outcome in masks
    }
    return inside, total, withhold(history, lookup_of(both, ["year"]), [*_PLACE, "year"])


def _masks(
    tables: Mapping[str, pd.DataFrame],
    twins: Mapping[str, pd.DataFrame],
    threshold: int,
    *,
    has_totals: bool = True,
) -> dict[str, pd.DataFrame]:
    """Return per outcome where a count of ``tables`` is withheld, municipalities and country last.

    ``twins`` are other counts of nearly the same grants, withheld alike. Without ``has_totals`` a
    municipality's sum over bands is not known. The country's small counts are withheld, which
    hides them only from the eye.
    """
    outcomes = list(tables)
    first = tables[outcomes[0]]
    if first.shape[1] == 0:
        return {outcome: table.astype(bool) for outcome, table in tables.items()}
    # A band that nobody of an outcome can be in, as flexjob before a flexjob, holds none of it.
    bands = list(dict.fromkeys(band for table in tables.values() for band in table.columns))
    counts, twin_counts = (
        np.stack(
            [
                some[outcome].reindex(first.index, columns=bands, fill_value=0)
                for outcome in outcomes
            ]
        )
        for some in (tables, twins)
    )
    withheld = is_small(counts, threshold) | is_small(twin_counts, threshold)
    withheld[:, -1] = False

    def lines(table: np.ndarray, mask: np.ndarray) -> None:
        if has_totals:
            protect_rows(table[:-1], mask[:-1], threshold)
        protect_rows(table[:-1].T, mask[:-1].T, threshold)

    withheld = settle(
        outcomes,
        counts,
        withheld,
        lines,
        (lambda _: (None, None)) if has_totals else None,
        threshold,
        country_is_known=True,
    )
    country = counts[:, -1]
    for_eye = is_small(country, threshold)
    if has_totals:
        protect_rows(country, for_eye, threshold)
    withheld[:, -1] = for_eye
    return {
        outcome: pd.DataFrame(
            mask, index=first.index, columns=pd.Index(bands, name=first.columns.name)
        )
        for outcome, mask in zip(outcomes, withheld, strict=True)
    }


def _with_total(history: pd.DataFrame, outcomes: list[str]) -> dict[str, pd.DataFrame]:
    """Return per outcome of ``history`` the counts by year, municipalities and country last."""
    of_country = history.groupby(["outcome", "year"])[["observed"]].sum().reset_index()
    tables = counts_per_outcome(history, of_country, ["year"])
    lacking = sorted(set(outcomes) ^ set(tables))
    if lacking:
        raise ValueError(f"grant history and development differ in outcomes: {lacking}")
    return tables


def _suppressed(
    frame: pd.DataFrame, country: pd.DataFrame, band: str, masks: Mapping[str, pd.DataFrame]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    lookup = lookup_of(masks, [band])
    of_country = lookup[lookup["municipality_code"] == COUNTRY].drop(columns="municipality_code")
    return withhold(frame, lookup, [*_PLACE, band]), withhold(
        country, of_country, ["outcome", band]
    )
