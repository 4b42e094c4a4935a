"""Measures before the grant in a night: from the mart to counts as they may be shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.catalogue import empty_frame
from pipeline.descriptives.completeness import without_unreported
from pipeline.model.followups.rank_frames import halves_of
from pipeline.model.followups.rank_groups import N_FIFTHS, fifths_of_halves
from pipeline.model.lives.activity import activity_frame, areas_of
from pipeline.model.lives.activity_traits import N_WEEKS, traits_of
from pipeline.night.questions.followups import FollowupInputs
from pipeline.settings import Settings
from pipeline.warehouse.frames.courses import read_grant_measures


def activity_frames(
    registers: Path,
    settings: Settings,
    benchmark: pd.DataFrame,
    inputs: FollowupInputs,
    reporting: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Return ``activity``, by fifths of what the ``benchmark`` of the follow-up model expects.

    ``reporting`` says which municipality-years did not report. Counts have noise as those of other
    courses: no published total is the sum of any of them.
    """
    events, weeks = read_grant_measures(registers, settings, N_WEEKS)
    events = without_unreported(events.assign(row=np.arange(len(events))), reporting)
    made = [
        _of_outcome(str(outcome), events[events["outcome"] == outcome], weeks, rows, inputs)
        for outcome, rows in benchmark[benchmark["model"] == inputs.model].groupby(
            "outcome", sort=False
        )
    ]
    made = [frame for frame in made if len(frame)]
    return {"activity": pd.concat(made, ignore_index=True) if made else empty_frame("activity")}


def _of_outcome(
    outcome: str,
    events: pd.DataFrame,
    weeks: np.ndarray,
    benchmark: pd.DataFrame,
    inputs: FollowupInputs,
) -> pd.DataFrame:
    codes = benchmark["municipality_code"].astype(str).tolist()
    expected = benchmark["expected"].to_numpy(dtype=float)
    grants = inputs.grants[inputs.grants["outcome"] == outcome]
    (granted,) = halves_of(grants, codes, ["n_events"])
    member = fifths_of_halves(granted, expected)
    place = pd.Index(codes).get_indexer(pd.Index(events["municipality_code"].astype(str)))
    own = events[place >= 0]
    row = own["row"].to_numpy()
    return activity_frame(
        outcome,
        traits_of(weeks[row], own["had_rehabilitation"].to_numpy()),
        own["record_key"].to_numpy(),
        areas_of(place[place >= 0], own["half"].to_numpy(), codes, member),
        np.concatenate(
            [
                [expected.sum()],
                [(expected[:, None] / 2 * (member == fifth)).sum() for fifth in range(N_FIFTHS)],
                expected,
            ]
        ),
        inputs.course_protection,
        inputs.level,
    )
