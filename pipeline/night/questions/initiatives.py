"""What initiatives did: those declared in the home every night, and any other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from pipeline.initiatives.declaration import Initiative
from pipeline.initiatives.library import initiatives_of
from pipeline.model.initiatives.frames import initiative_frames
from pipeline.model.years.unreported import mask_unreported, unreported_years
from pipeline.night.protection import course_protection
from pipeline.night.reporting import read_reporting
from pipeline.settings import Settings
from pipeline.warehouse.frames.initiatives import read_initiative_panel

Frames = dict[str, pd.DataFrame]


def declared_answers(registers: Path, settings: Settings, reporting: pd.DataFrame) -> Frames:
    """Return ``initiative`` and ``initiative_event`` of what the home declares.

    ``reporting`` says which municipality-years did not report their grants.
    """
    return _answers(registers, settings, initiatives_of(settings.home), reporting)


def answered(registers: Path, settings: Settings, initiative: Initiative) -> Frames:
    """Return ``initiative`` and ``initiative_event`` of one initiative."""
    _, reporting = read_reporting(registers, settings)
    return _answers(registers, settings, [initiative], reporting)


def _answers(
    registers: Path,
    settings: Settings,
    initiatives: Sequence[Initiative],
    reporting: pd.DataFrame,
) -> Frames:
    """Counts have noise under ``disclosure_method = "suppress"`` too, as those of courses."""
    unreported = unreported_years(reporting)
    asked = [
        (
            one,
            mask_unreported(
                read_initiative_panel(registers, settings, one), unreported, ("n_fp", "n_fj")
            ),
        )
        for one in initiatives
    ]
    return initiative_frames(asked, course_protection(settings), settings.level, settings.seed)
