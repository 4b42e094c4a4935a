"""How far a municipality's people are like the country's: the ground a comparison stands on.

A municipality is compared with what the country would do with its people. Where its people are of
kinds that hardly live elsewhere, that is an extrapolation of the model. Two shares say how far:
how much of its expected grants falls into tenths of risk as the country's does (the overlap
coefficient: Inman, H. F. & Bradley, E. L. (1989). Communications in Statistics A18, 3851-3874),
and how much is expected of people with the same levels of every factor as people in few others.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.catalogue import empty_frame
from pipeline.model.national.cells import CellTable
from pipeline.model.national.fitted import FittedModel
from pipeline.model.tables.frames import make_frame
from pipeline.model.tables.validity import LOOKED_AT, N_RISK_GROUPS, risk_groups

#: Fewer other municipalities than this with people of a kind make the kind rare.
FEW_OTHERS = 5


def overlap_frame(outcome: str, fitted: FittedModel, table: CellTable) -> pd.DataFrame:
    """Return ``overlap`` of one fit: a row per municipality; empty but for :data:`LOOKED_AT`.

    Both shares are of expected grants at national practice and say nothing of who was granted.
    """
    if fitted.model != LOOKED_AT:
        return empty_frame("overlap")
    expected = fitted.expected.expected_cells
    n_units, n_patterns = len(table.municipality_codes), len(table.pattern_codes)
    tenth = risk_groups(fitted.expected.log_odds, table.by_pattern(expected))[table.pattern]
    by_tenth = np.bincount(
        table.municipality * N_RISK_GROUPS + tenth, expected, n_units * N_RISK_GROUPS
    ).reshape(n_units, N_RISK_GROUPS)
    of_unit = by_tenth.sum(axis=1)
    shares = by_tenth / of_unit[:, None]
    country = by_tenth.sum(axis=0) / of_unit.sum()
    # Cells are distinct pairs of municipality and pattern.
    n_places = np.bincount(table.pattern, minlength=n_patterns)
    is_rare = n_places[table.pattern] - 1 < FEW_OTHERS
    rare = np.bincount(table.municipality, expected * is_rare, n_units) / of_unit
    return make_frame(
        "overlap",
        outcome,
        fitted.model,
        municipality_code=list(table.municipality_codes),
        overlap_share=np.minimum(shares, country).sum(axis=1),
        rare_share=rare,
    )
