"""What attributes of municipalities go with, in a night: merged in 2007, and the office's own."""

from __future__ import annotations

import pandas as pd

from pipeline.codes.attributes import Attribute, merging, read_attributes
from pipeline.model.followups.attribute_groups import attribute_group_frames
from pipeline.model.followups.attributes import attribute_frame
from pipeline.model.years.former_frames import REFORM_YEAR, YEARS_AFTER
from pipeline.night.protection import protection_of
from pipeline.night.questions.followups import FollowupInputs, followup_model, measured
from pipeline.settings import Settings

Frames = dict[str, pd.DataFrame]


def attribute_answers(
    benchmark: pd.DataFrame, conditions: pd.DataFrame, settings: Settings
) -> pd.DataFrame:
    """Return ``municipal_attribute`` of the rows of ``benchmark`` as they are shown."""
    model = followup_model(settings.question.models)
    rows = benchmark[benchmark["model"] == model]
    noise = protection_of(settings).total_transitions
    return attribute_frame(rows, conditions, _attributes(settings), settings.level, noise)


def attribute_groups(made: Frames, inputs: FollowupInputs, settings: Settings) -> Frames:
    """Return ``attribute_group`` and its test of what the benchmark ``made``.

    Counts have noise under ``disclosure_method = "suppress"`` too: groups that differ by one
    municipality would tell its counts.
    """
    return attribute_group_frames(
        *measured(made, inputs), _attributes(settings), inputs.course_protection, settings.level
    )


def _attributes(settings: Settings) -> tuple[Attribute, ...]:
    """Return the attributes of the home, after the merging where the years are near the reform."""
    is_near = min(settings.question.years) < REFORM_YEAR + YEARS_AFTER
    return (*((merging(),) if is_near else ()), *read_attributes(settings.home))
