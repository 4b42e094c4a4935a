"""The table of new decision-makers: how far levels move with them, by outcome and kind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from pipeline.catalogue import columns, empty_frame
from pipeline.codes.decision_makers import NewDecisionMakers
from pipeline.model.years.adjusted import AdjustedYears
from pipeline.model.years.decision_makers import decision_maker_spread
from pipeline.model.years.step_frames import adjusted_spans

Frame = pd.DataFrame


def decision_maker_frame(
    history: Frame,
    benchmark: Frame,
    unreported: Frame,
    window: Sequence[int],
    kinds: Sequence[NewDecisionMakers],
    level: float,
    seed: int,
) -> Frame:
    """Return ``new_decision_maker``: one row per outcome and kind, none without enough years.

    The frames are those of :func:`~pipeline.model.years.step_frames.step_frame`. Dates outside the
    years looked at take no part.
    """
    rows = []
    for outcome, codes, adjusted in adjusted_spans(history, benchmark, unreported, window):
        for one in kinds:
            spread = decision_maker_spread(adjusted, dated(adjusted, codes, one), level, seed)
            rows.append(
                {
                    "outcome": outcome,
                    "kind": one.kind,
                    "year_from": adjusted.years[0],
                    "year_to": adjusted.years[-1],
                    "n_dates": spread.n_dates,
                    "n_elsewhere": spread.n_elsewhere,
                    "spread_at_date": spread.at_date,
                    "spread_elsewhere": spread.elsewhere,
                    "decision_maker_spread": spread.between,
                    "decision_maker_spread_low": spread.between_low,
                    "decision_maker_spread_high": spread.between_high,
                    "p_value": spread.p_value,
                }
            )
    if not rows:
        return empty_frame("new_decision_maker")
    return pd.DataFrame(rows)[list(columns("new_decision_maker"))]


def dated(adjusted: AdjustedYears, codes: Sequence[str], one: NewDecisionMakers) -> np.ndarray:
    """Return (M, T) whether somebody was new in the municipalities ``codes`` in each year."""
    return np.array([[(code, year) in one.dates for year in adjusted.years] for code in codes])


def planted_dates(planted: Frame) -> Iterator[tuple[str, NewDecisionMakers, Frame]]:
    """Yield outcome, dates and moves of the consultants planted in a synthetic country.

    ``planted`` has outcome, municipality_code, year and ``consultant_effect``; moves have
    municipality_code, year and move (log odds), a row per date.
    """
    for outcome, rows in planted.groupby("outcome", sort=False):
        ordered = rows.sort_values(["municipality_code", "year"])
        move = ordered.groupby("municipality_code")["consultant_effect"].diff()
        moves = ordered.assign(move=move)[move.fillna(0.0) != 0.0]
        keys = zip(moves["municipality_code"], moves["year"], strict=True)
        dates = frozenset((str(code), int(year)) for code, year in keys)
        yield str(outcome), NewDecisionMakers("consultant", dates), moves
