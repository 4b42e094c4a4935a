"""What an office's own attributes of municipalities go with, in a night."""

from __future__ import annotations

import pandas as pd

from pipeline.codes.attributes import read_attributes
from pipeline.model.followups.attributes import attribute_frame
from pipeline.night.questions.followups import followup_model
from pipeline.settings import Settings


def attribute_answers(
    benchmark: pd.DataFrame, conditions: pd.DataFrame, settings: Settings
) -> pd.DataFrame:
    """Return ``municipal_attribute`` of the rows of ``benchmark`` as they are shown.

    The attributes are those of the home; without any there are no rows.
    """
    model = followup_model(settings.question.models)
    rows = benchmark[benchmark["model"] == model]
    return attribute_frame(rows, conditions, read_attributes(settings.home), settings.level)
