"""Suppression of the result tables: all that show the same grants are withheld together."""

from __future__ import annotations

import pandas as pd

from pipeline import codes, disclosure
from pipeline.settings import Settings

Frames = dict[str, pd.DataFrame]


def withhold(frames: Frames, settings: Settings) -> Frames:
    """Return ``frames`` with the counts withheld that are small or would open a small one.

    With ``disclosure_method = "none"`` no count is, and every frame says so.
    """
    threshold = settings.disclosure_threshold if settings.disclosure_method == "suppress" else 1
    breakdown, country = disclosure.suppress_breakdown(
        frames["breakdown"], frames["breakdown_country"], threshold=threshold
    )
    ages, ages_country = frames["breakdown_age"], frames["breakdown_age_country"]
    ages, ages_country = disclosure.suppress_bands(
        ages, ages_country, band="age_band", threshold=threshold
    )
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
        "breakdown": breakdown,
        "breakdown_country": country,
        "breakdown_age": ages,
        "breakdown_age_country": ages_country,
        "development": development,
        "development_country": development_country,
        "grant_history": history,
        "case_processing": disclosure.suppress_case_processing(
            frames["case_processing"], threshold=threshold
        ),
        "completeness": disclosure.suppress_completeness(
            frames["completeness"], history, threshold=threshold
        ),
        "sensitivity": sensitivity,
        "sensitivity_summary": disclosure.summarise_sensitivity(sensitivity),
        "coefficient": disclosure.suppress_coefficients(frames["coefficient"], threshold=threshold),
    }
    mains = codes.main_levels()
    counts = disclosure.suppress_profile(
        frames["practice_count"].drop(columns="is_suppressed"),
        breakdown,
        ages,
        mains,
        threshold=threshold,
    )
    areas = disclosure.suppress_areas(
        frames["practice_area"].drop(columns="is_suppressed"),
        counts.merge(frames["practice_region"], on="municipality_code"),
        threshold=threshold,
    )
    cells = disclosure.suppress_main_cells(
        frames["breakdown_main"].drop(columns="is_suppressed"), breakdown, mains
    )
    of_levels = {"practice_count": counts, "practice_area": areas, "breakdown_main": cells}
    return {**frames, **withheld, **of_levels}
