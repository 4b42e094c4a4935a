"""Suppression of the result tables: all that show the same grants are withheld together."""

from __future__ import annotations

import pandas as pd

from pipeline import codes, disclosure
from pipeline.settings import Settings

Frames = dict[str, pd.DataFrame]
_OF_LEVELS = (
    *("breakdown", "breakdown_country", "breakdown_main", "breakdown_age"),
    *("breakdown_age_country", "practice_count", "practice_area", "practice_region"),
)


def withhold(frames: Frames, settings: Settings) -> Frames:
    """Return ``frames`` with the counts withheld that are small or would open a small one.

    With ``disclosure_method = "none"`` no count is, and every frame says so.
    """
    threshold = settings.disclosure_threshold if settings.disclosure_method == "suppress" else 1
    of_levels = disclosure.suppress_breakdowns(
        {name: _undecided(frames[name]) for name in _OF_LEVELS},
        codes.main_levels(),
        threshold=threshold,
    )
    ages = of_levels["breakdown_age"]
    development, development_country, history = disclosure.suppress_years(
        frames["development"],
        frames["development_country"],
        frames["grant_history"],
        threshold=threshold,
    )
    sensitivity = disclosure.suppress_sensitivity(
        frames["sensitivity"], development, ages, threshold=threshold
    )
    withheld = {
        "development": development,
        "development_country": development_country,
        "grant_history": history,
        "case_processing": disclosure.suppress_case_processing(
            frames["case_processing"], of_levels["practice_count"], threshold=threshold
        ),
        "completeness": disclosure.suppress_completeness(
            frames["completeness"], history, threshold=threshold
        ),
        "sensitivity": sensitivity,
        "coefficient": disclosure.suppress_coefficients(frames["coefficient"], threshold=threshold),
    }
    return {**frames, **withheld, **of_levels}


def _undecided(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(columns="is_suppressed", errors="ignore")
