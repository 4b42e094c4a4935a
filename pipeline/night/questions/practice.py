"""Practice by level in a night: counts as they are shown, and after them what they say."""

from __future__ import annotations

import pandas as pd

from pipeline.model.followups import routes
from pipeline.model.national.diagnostics import Diagnostic
from pipeline.model.national.protection import Protection
from pipeline.model.numerics.shown_counts import Transitions
from pipeline.model.tables.practice_frames import (
    area_counts,
    area_frame,
    practice_frames,
    shown_counts,
)
from pipeline.night.questions.followups import route_frames

Frames = dict[str, pd.DataFrame]

#: Frames that go no further than disclosure control.
_COUNTS = ("practice_count", "practice_area", "practice_region")


def level_counts(
    counts: pd.DataFrame, municipalities: pd.DataFrame, protection: Protection
) -> Frames:
    """Return the counts by level of municipalities and areas, and each municipality's region.

    ``municipalities`` has municipality_code and region_name. The three frames are what
    :func:`by_level` makes the published tables of.
    """
    regions = municipalities[["municipality_code", "region_name"]]
    of_areas = area_counts(counts, dict(regions.to_numpy()))
    return {
        "practice_count": shown_counts(counts, protection),
        "practice_area": shown_counts(of_areas, protection),
        "practice_region": regions.rename(columns={"region_name": "area"}),
    }


def by_level(frames: Frames, level: float, transitions: Transitions) -> tuple[Frames, Diagnostic]:
    """Return ``frames`` with the tables of practice by level in place of the counts behind them.

    And what could not be estimated. ``transitions`` say what noise did to the counts.
    """
    rows = frames["benchmark"][["outcome", "model", "tau2"]].drop_duplicates(["outcome", "model"])
    tau2 = {(str(outcome), str(model)): float(value) for outcome, model, value in rows.to_numpy()}
    (counts, of_routes), (areas, areas_of_routes) = (
        _without_routes(frames[name]) for name in ("practice_count", "practice_area")
    )
    made, diagnostic = practice_frames(counts, tau2, level, transitions)
    return {
        **{name: frame for name, frame in frames.items() if name not in _COUNTS},
        **made,
        "practice_profile_area": area_frame(areas, level, transitions),
        **route_frames(of_routes, areas_of_routes, level, transitions),
    }, diagnostic


def _without_routes(counts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of ``counts`` that are not of routes, and those that are."""
    is_route = counts["dimension"].isin(routes.DIMENSIONS)
    return counts[~is_route].reset_index(drop=True), counts[is_route].reset_index(drop=True)
