"""What a night does to counts, from its settings."""

from __future__ import annotations

from pipeline.disclosure import CellKey
from pipeline.model.national.protection import Protection, Unprotected
from pipeline.settings import Settings


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
