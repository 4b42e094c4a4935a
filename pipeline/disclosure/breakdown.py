"""The breakdown by main diagnosis and cash-benefit tenure.

Lines with a published total, beside those of every table: each municipality's mental and other
diagnoses (``result.case_processing`` has the share of mental ones), each cell over municipalities,
and the country's cells of one diagnosis and of one tenure, because expected counts are fitted so
that they add up to the observed ones there.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.disclosure.frames import COUNTRY, counts_per_outcome, lookup_of, withhold
from pipeline.disclosure.lines import (
    is_small,
    protect_row_parts,
    protect_rows,
    settle,
)

#: The diagnosis group whose share of grants ``result.case_processing`` publishes.
MENTAL = "mental"
_COLUMNS = ["diagnosis_group", "tenure_band"]


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
    tables = counts_per_outcome(breakdown, country, _COLUMNS)
    first = next(iter(tables.values()))
    masks = _withheld(
        list(tables),
        np.stack([table.to_numpy() for table in tables.values()]),
        threshold,
        diagnosis=first.columns.get_level_values("diagnosis_group").to_numpy(),
        tenure=first.columns.get_level_values("tenure_band").to_numpy(),
    )
    lookup = lookup_of(
        {
            outcome: pd.DataFrame(mask, index=table.index, columns=table.columns)
            for (outcome, table), mask in zip(tables.items(), masks, strict=True)
        },
        _COLUMNS,
    )
    inside = withhold(breakdown, lookup, ["outcome", "municipality_code", *_COLUMNS])
    of_country = lookup[lookup["municipality_code"] == COUNTRY].drop(columns="municipality_code")
    return inside, withhold(country, of_country, ["outcome", *_COLUMNS])


def _withheld(
    outcomes: list[str],
    counts: np.ndarray,
    threshold: int,
    *,
    diagnosis: np.ndarray,
    tenure: np.ndarray,
) -> np.ndarray:
    """Return outcome x place x cell, true where the count is withheld; the country is last."""
    mental = diagnosis == MENTAL

    def lines(table: np.ndarray, mask: np.ndarray) -> None:
        protect_rows(table, mask, threshold)
        protect_row_parts(table[:-1], mask[:-1], threshold, mental)
        protect_rows(table.T, mask.T, threshold)
        for labels in (diagnosis, tenure):
            protect_row_parts(table[-1:], mask[-1:], threshold, labels)

    def lines_of(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return _place_lines(table[:-1], mental, threshold), diagnosis

    return settle(
        outcomes,
        counts,
        is_small(counts, threshold),
        lines,
        lines_of,
        threshold,
        country_is_known=False,
    )


def _place_lines(counts: np.ndarray, mental: np.ndarray, threshold: int) -> np.ndarray:
    """Return per municipality and cell its line: mental apart where the share of it is shown."""
    of_mental = counts[:, mental].sum(axis=1)
    of_others = counts[:, ~mental].sum(axis=1)
    is_shown = ~is_small(of_mental, threshold) & ~is_small(of_others, threshold)
    return np.asarray(is_shown[:, None] & mental)
