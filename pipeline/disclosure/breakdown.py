"""Disclosure control: the only way out for numbers about people.

The breakdown holds counts by main diagnosis and tenure, per municipality and for the country; a
count of one tells something about one person. Four things are done until nothing changes:

1. *Primary suppression*: a count from 1 to ``threshold - 1`` is withheld.
2. *Across outcomes*: ANY is close to FP + FJ, so where FP or FJ is withheld, ANY is too.
3. *Complementary suppression*: the cells of a municipality add up to its published total, and the
   municipalities' cells to the country's. In each such line the withheld cells must be at least
   two and add up to at least ``threshold``; otherwise the smallest published cell of the line is
   withheld as well, a positive one before a zero. Where every cell of a line is withheld nothing
   more can be done: the line's own published total then is the count. The country's cells of one
   diagnosis, and of one tenure, are lines too: expected counts are fitted so that they add up to
   the observed ones there, and thereby publish those totals.
4. *Lines together*: a withheld count that still follows from several totals at once
   (:mod:`pipeline.disclosure_audit`) takes the next cell of its municipality with it.

A municipality's total number of grants is the statistic the benchmark exists to publish and is not
withheld; its split by diagnosis and tenure is what could tell about a person. Expected counts are
model predictions and are always given; everything that would give a withheld count back (the ratio
and its limits) is withheld with it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.disclosure_audit import computable_cells

#: Columns from which a count could be computed back.
_REVEALING = ("observed", "ratio", "ratio_low", "ratio_high")
_COLUMNS = ["diagnosis_group", "tenure_band"]
#: Row that stands for the whole country beside the municipalities; never a municipality code.
_COUNTRY = ""


def suppress_breakdown(
    breakdown: pd.DataFrame, country: pd.DataFrame, *, threshold: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ``breakdown`` and ``country`` with the cells withheld that the rule does not allow.

    ``breakdown`` has one row per outcome, model, municipality, diagnosis group and tenure band;
    ``country`` the same without municipality, its ``observed`` the sums over municipalities.
    ``observed`` counts grants and is the same for every model. The results have the same rows and
    order; ``is_suppressed`` says which were withheld, and their ``observed`` (a nullable integer),
    ``ratio`` and limits are missing. ``threshold`` is the smallest count that may be shown.

    Raises ``ValueError`` when models disagree on ``observed``, a cell is missing, or ``country``
    is not the sum of ``breakdown``.
    """
    counts = _counts(breakdown, country)
    outcomes = list(counts)
    first = counts[outcomes[0]]
    masks = _withheld(
        outcomes,
        np.stack([counts[name].to_numpy() for name in outcomes]),
        threshold,
        country=list(first.index).index(_COUNTRY),
        margins=[first.columns.get_level_values(name).to_numpy() for name in _COLUMNS],
    )
    tables = [
        pd.DataFrame(mask, index=counts[name].index, columns=counts[name].columns)
        for name, mask in zip(outcomes, masks, strict=True)
    ]
    lookup: pd.DataFrame = pd.concat(
        pd.Series(table.stack(_COLUMNS, future_stack=True), name="is_suppressed")
        .reset_index()
        .assign(outcome=name)
        for name, table in zip(outcomes, tables, strict=True)
    )
    inside = _withhold(breakdown, lookup, ["outcome", "municipality_code", *_COLUMNS])
    of_country = lookup[lookup["municipality_code"] == _COUNTRY].drop(columns="municipality_code")
    return inside, _withhold(country, of_country, ["outcome", *_COLUMNS])


def suppress_coefficients(coefficient: pd.DataFrame, *, threshold: int) -> pd.DataFrame:
    """Return ``coefficient`` with ``n_events`` missing where it is from 1 to below ``threshold``.

    Rows and order are kept; ``n_events`` becomes a nullable integer.
    """
    result = coefficient.copy()
    events = result["n_events"].astype("Int64")
    result["n_events"] = events.mask((events > 0) & (events < threshold))
    return result


def _withhold(frame: pd.DataFrame, lookup: pd.DataFrame, on: list[str]) -> pd.DataFrame:
    """Return ``frame`` with ``is_suppressed`` from ``lookup`` and the revealing columns masked."""
    plain = frame.drop(columns="is_suppressed", errors="ignore")
    result = plain.merge(lookup, on=on, how="left", validate="many_to_one")
    result["observed"] = result["observed"].astype("Int64")
    for column in _REVEALING:
        result[column] = result[column].mask(result["is_suppressed"])
    return result[[*plain.columns, "is_suppressed"]]


def _counts(breakdown: pd.DataFrame, country: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return per outcome the counts: municipalities and, last, the country x cells."""
    cell = ["outcome", "municipality_code", *_COLUMNS]
    both = pd.concat([breakdown, country.assign(municipality_code=_COUNTRY)])
    per_cell = both.groupby(cell, sort=True)["observed"]
    if (per_cell.nunique() > 1).any():
        raise ValueError("the models disagree on observed counts; they describe the same grants")
    counts = per_cell.first()
    tables = {}
    for outcome in counts.index.unique("outcome"):
        table = counts.loc[outcome].unstack(_COLUMNS).sort_index(axis=1)
        if table.isna().any(axis=None):
            raise ValueError(f"{outcome}: some municipality lacks a diagnosis x tenure cell")
        table = table.astype("int64")
        if not table.drop(index=_COUNTRY).sum().equals(table.loc[_COUNTRY].rename(None)):
            raise ValueError(f"{outcome}: the country is not the sum of its municipalities")
        tables[str(outcome)] = table
    return tables


def _withheld(
    outcomes: list[str],
    counts: np.ndarray,
    threshold: int,
    *,
    country: int,
    margins: list[np.ndarray],
) -> np.ndarray:
    """Return outcome x place x cell, true where the count is withheld.

    ``country`` is the place of the country; ``margins`` label its cells, by diagnosis and by
    tenure.
    """
    withheld = (counts > 0) & (counts < threshold)
    while True:
        before = withheld.sum()
        if {"FP", "FJ", "ANY"} <= set(outcomes):
            first, second, either = (outcomes.index(name) for name in ("FP", "FJ", "ANY"))
            withheld[either] |= withheld[first] | withheld[second]
        for table, mask in zip(counts, withheld, strict=True):
            _protect_lines(table, mask, threshold)
            _protect_lines(table.T, mask.T, threshold)
            for labels in margins:
                for label in np.unique(labels):
                    line = mask[country, labels == label]
                    _protect_lines(table[country, labels == label][None], line[None], threshold)
                    mask[country, labels == label] = line
        if withheld.sum() == before and not _protect_together(
            counts, withheld, threshold, country, margins[0]
        ):
            return withheld


def _protect_together(
    counts: np.ndarray,
    withheld: np.ndarray,
    threshold: int,
    country: int,
    diagnoses: np.ndarray,
) -> bool:
    """Return whether more cells had to be withheld (in place), one for each computable count."""
    order = [*np.delete(np.arange(counts.shape[1]), country), country]
    before = withheld.sum()
    for table, mask in zip(counts, withheld, strict=True):
        for position, cell in computable_cells(table[order], mask[order], threshold, diagnoses):
            place = order[position]
            if not mask[place].all():
                _withhold_smallest(table[place], mask[place])
            elif not mask[:, cell].all():
                _withhold_smallest(table[:, cell], mask[:, cell])
    return bool(withheld.sum() > before)


def _protect_lines(table: np.ndarray, mask: np.ndarray, threshold: int) -> None:
    """Withhold more cells in ``mask`` (in place) until each row of ``table`` is safe."""
    for counts, withheld in zip(table, mask, strict=True):
        while withheld.any() and not withheld.all():
            if withheld.sum() >= 2 and counts[withheld].sum() >= threshold:
                break
            _withhold_smallest(counts, withheld)


def _withhold_smallest(counts: np.ndarray, withheld: np.ndarray) -> None:
    """Withhold (in place) the smallest published count of a line, a positive one before a zero."""
    open_cells = np.flatnonzero(~withheld)
    positive = open_cells[counts[open_cells] > 0]
    choice = positive if positive.size else open_cells
    withheld[choice[np.argmin(counts[choice])]] = True
