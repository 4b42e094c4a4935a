"""How far levels move where who decides changed, in a night: the office's own dates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from pipeline.codes.decision_makers import NewDecisionMakers, read_decision_makers
from pipeline.model.years.decision_maker_frames import decision_maker_frame
from pipeline.model.years.unreported import unreported_years
from pipeline.night.questions.followups import followup_model
from pipeline.settings import Settings


def decision_maker_answers(shown: Mapping[str, pd.DataFrame], settings: Settings) -> pd.DataFrame:
    """Return ``new_decision_maker`` from the tables of a run as they are ``shown``."""
    return moved_with(shown, read_decision_makers(settings.home), settings)


def moved_with(
    shown: Mapping[str, pd.DataFrame], kinds: Sequence[NewDecisionMakers], settings: Settings
) -> pd.DataFrame:
    """Return the same of any dates."""
    benchmark = shown["benchmark"]
    return decision_maker_frame(
        shown["grant_history"],
        benchmark[benchmark["model"] == followup_model(settings.question.models)],
        unreported_years(shown["completeness"]),
        settings.question.years,
        kinds,
        settings.level,
        settings.seed,
    )
