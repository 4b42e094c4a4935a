"""From which year municipalities grant at another level, in a night."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pipeline.model.years.step_frames import step_frame
from pipeline.model.years.unreported import unreported_years
from pipeline.night.protection import protection_of
from pipeline.night.questions.followups import followup_model
from pipeline.settings import Settings


def step_answers(shown: Mapping[str, pd.DataFrame], settings: Settings) -> pd.DataFrame:
    """Return ``practice_step`` from the tables of a run as they are ``shown``."""
    benchmark = shown["benchmark"]
    return step_frame(
        shown["grant_history"],
        benchmark[benchmark["model"] == followup_model(settings.question.models)],
        unreported_years(shown["completeness"]),
        settings.question.years,
        protection_of(settings).transitions,
        settings.level,
        settings.seed,
    )
