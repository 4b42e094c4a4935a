"""What initiatives did: those declared in the home every night, and any other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline.initiatives.declaration import Initiative
from pipeline.initiatives.library import FOLDER, initiatives_of
from pipeline.model.initiatives.frames import initiative_frames
from pipeline.model.initiatives.participants import Participants
from pipeline.model.years.unreported import is_unreported, mask_unreported, unreported_years
from pipeline.night.protection import course_protection
from pipeline.night.reporting import read_reporting
from pipeline.settings import Settings
from pipeline.warehouse.frames.initiatives import read_initiative_panel
from pipeline.warehouse.frames.participants import read_participants

Frames = dict[str, pd.DataFrame]


def declared_answers(registers: Path, settings: Settings, reporting: pd.DataFrame) -> Frames:
    """Return ``initiative`` and ``initiative_event`` of what the home declares.

    ``reporting`` says which municipality-years did not report their grants.
    """
    asked = initiatives_of(settings.home)
    return _answers(registers, settings, asked, settings.home / FOLDER, reporting)


def answered(registers: Path, settings: Settings, initiative: Initiative, folder: Path) -> Frames:
    """Return ``initiative`` and ``initiative_event`` of one initiative, declared in ``folder``."""
    _, reporting = read_reporting(registers, settings)
    return _answers(registers, settings, [initiative], folder, reporting)


def _answers(
    registers: Path,
    settings: Settings,
    initiatives: Sequence[Initiative],
    folder: Path,
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
    named = {
        one.name: _reported(found, unreported)
        for one in initiatives
        if (found := read_participants(registers, settings, one, folder)) is not None
    }
    protection = course_protection(settings)
    return initiative_frames(asked, protection, settings.level, settings.seed, named)


def _reported(found: Participants, unreported: pd.DataFrame) -> Participants:
    """Return ``found`` without grants where a year that they are followed in was not reported."""
    cells = found.cells
    for name in ("fp_years", "fj_years"):
        followed = cells[name].astype(float)
        last = (cells["year"] + followed).fillna(0)
        is_silent = np.zeros(len(cells), dtype=bool)
        for year in sorted(set(unreported["year"])):
            among = (cells["year"] <= year) & (year <= last)
            is_silent |= among & is_unreported(cells.assign(year=year), unreported)
        cells = cells.assign(**{name: followed.mask(is_silent)})
    return replace(found, cells=cells)
