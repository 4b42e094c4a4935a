"""Municipalities merged in 2007 in a night: what their parts were like and what they follow."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.catalogue import empty_frame
from pipeline.descriptives.completeness import without_unreported
from pipeline.model.years.former_frames import TABLES, former_frames
from pipeline.night.protection import course_protection
from pipeline.night.questions.followups import FORMER, followup_model
from pipeline.settings import Settings
from pipeline.warehouse.frames.followup_frames import read_former_history

Frames = dict[str, pd.DataFrame]


def former_answers(
    registers: Path,
    settings: Settings,
    made: Frames,
    history: pd.DataFrame,
    reporting: pd.DataFrame,
) -> Frames:
    """Return the tables of merged municipalities, without rows for windows far from the reform.

    ``made`` are the benchmark's frames, of which what is expected of parts is taken out;
    ``history`` is ``grant_history`` as it is shown; ``reporting`` says which municipality-years did
    not report.
    Counts have noise under ``disclosure_method = "suppress"`` too: those of parts are tied to no
    published total that they would have to be fitted to.
    """
    composition = made.pop(FORMER, pd.DataFrame())
    if composition.empty:
        return {name: empty_frame(name) for name in TABLES}
    benchmark = made["benchmark"]
    return former_frames(
        without_unreported(read_former_history(registers, settings), reporting),
        composition,
        history,
        benchmark[benchmark["model"] == followup_model(settings.question.models)],
        settings.question.years,
        course_protection(settings),
        settings.level,
        settings.seed,
    )
