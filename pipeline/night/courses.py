"""People's courses in a night: from the marts to tables of counts as they may be shown."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline import disclosure
from pipeline.model.courses.tenure import tenure_exit, tenure_flow, tenure_stock
from pipeline.model.national.protection import Protection, Unprotected
from pipeline.settings import Settings
from pipeline.warehouse.frames import courses as read

Frames = dict[str, pd.DataFrame]


def course_frames(registers: Path, settings: Settings) -> Frames:
    """Return the frames of the result tables about courses, counts as they may be shown.

    They have noise under ``disclosure_method = "suppress"`` too: no published totals tie their
    cells together, so there is nothing that withholding some of them would have to be fitted to.
    """
    protection = _protection(settings)
    return {
        "tenure_stock": tenure_stock(read.read_tenure_stock(registers), protection),
        "tenure_flow": tenure_flow(read.read_tenure_flow(registers), protection),
        "tenure_exit": tenure_exit(read.read_tenure_exit(registers), protection, settings.level),
    }


def _protection(settings: Settings) -> Protection:
    if settings.disclosure_method == "none":
        return Unprotected()
    return disclosure.CellKey(
        variance=settings.disclosure_variance,
        reach=settings.disclosure_reach,
        smallest_shown=settings.disclosure_threshold,
        smallest_expected=settings.disclosure_smallest_expected,
    )
