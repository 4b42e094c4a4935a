"""What a night does to counts, from its settings."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from pipeline.cases.library import BY_CHANGE, DEFAULT, read_selection
from pipeline.disclosure import CellKey, ProtectedFrames, protect
from pipeline.model.cases.proposal import case_frames
from pipeline.model.national.protection import Protection, Unprotected
from pipeline.settings import Settings
from pipeline.warehouse.publication.release_file import DISCLOSURE

#: Tables with municipalities' totals, which may be exact where other counts are not.
OF_TOTALS = ("benchmark", "change")


def protection_of(settings: Settings) -> Protection:
    """Return what is done to counts before anything is estimated from them."""
    return cell_key(settings) if settings.disclosure_method == "cell_key" else Unprotected()


def course_protection(settings: Settings) -> Protection:
    """Return what is done to counts of courses, which have noise where others are withheld too."""
    return Unprotected() if settings.disclosure_method == "none" else cell_key(settings)


def cell_key(settings: Settings) -> CellKey:
    """Return the noise that ``settings`` ask for."""
    return CellKey(
        variance=settings.disclosure_variance,
        reach=settings.disclosure_reach,
        smallest_shown=settings.disclosure_threshold,
        smallest_expected=settings.disclosure_smallest_expected,
        smallest_expected_part=settings.disclosure_smallest_expected_part,
        has_exact_totals=settings.disclosure_totals == "exact",
    )


def published(frames: Mapping[str, pd.DataFrame], settings: Settings) -> ProtectedFrames:
    """Return ``frames`` as they may be published, and the case-study selections made of them.

    Whoever has the release can choose the case municipalities again: from what is published.
    """
    is_checked = settings.disclosure_method == "cell_key"

    def protected(made: Mapping[str, pd.DataFrame]) -> ProtectedFrames:
        return protect(
            made,
            DISCLOSURE,
            smallest_shown=settings.disclosure_threshold if is_checked else 1,
            exact=OF_TOTALS if settings.disclosure_totals == "exact" else (),
        )

    shown = protected(frames)
    for path in (DEFAULT, BY_CHANGE):
        shown = shown.joined(protected(case_frames(shown, read_selection(path))))
    return shown
