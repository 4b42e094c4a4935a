"""Risk over a life in a night: from the mart to counts as they may be shown."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.codes import region_codes
from pipeline.descriptives.completeness import without_unreported
from pipeline.model.lives.life_risk import life_risk_frame
from pipeline.night.protection import course_protection
from pipeline.night.questions.followups import followup_model
from pipeline.settings import Settings
from pipeline.warehouse.frames.courses import read_life_cells


def life_frames(
    registers: Path, settings: Settings, benchmark: pd.DataFrame, reporting: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return ``life_risk``, by fifths of what the ``benchmark`` of the follow-up model expects.

    Counts have noise under ``disclosure_method = "suppress"`` too, as other courses have: bands of
    age are tied to no published total. ``reporting`` says which municipality-years did not report.
    """
    ages = settings.question.ages
    cells = without_unreported(read_life_cells(registers, settings), reporting)
    return {
        "life_risk": life_risk_frame(
            cells,
            benchmark[benchmark["model"] == followup_model(settings.question.models)],
            region_codes(),
            (ages.first, ages.last),
            course_protection(settings),
            settings.level,
        )
    }
