"""People's courses in a night: from the marts to tables of counts as they may be shown."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline.codes import region_codes
from pipeline.codes.pathways import WEEKS
from pipeline.descriptives.completeness import without_unreported
from pipeline.model.courses.pathways import Courses, pathway_frames
from pipeline.model.courses.tenure import tenure_exit, tenure_flow, tenure_stock
from pipeline.model.courses.to_date import grant_quarter, pension_stock
from pipeline.model.followups.grant_cost import grant_state
from pipeline.model.national.protection import Protection
from pipeline.night.protection import course_protection
from pipeline.night.questions.followups import followup_model
from pipeline.settings import Settings
from pipeline.warehouse.frames import courses as read

Frames = dict[str, pd.DataFrame]
#: Factors that pathways are described by, as far as the benchmark has them.
_PROFILE = ("age_band", "sex", "origin", "education", "mental_health", "labour_status")


def course_frames(
    registers: Path,
    settings: Settings,
    counts: pd.DataFrame,
    reporting: pd.DataFrame,
    history: pd.DataFrame,
) -> Frames:
    """Return the frames of the result tables about courses, counts as they may be shown.

    ``counts`` is the benchmark's ``practice_count``, ``reporting`` says which municipality-years
    did not report, ``history`` has residents by municipality_code and year. Counts have noise
    under ``disclosure_method = "suppress"`` too: no published totals tie these cells together, so
    there is nothing that withholding some of them would have to be fitted to.
    """
    protection = course_protection(settings)
    of_place = history.groupby("municipality_code")["residents"].mean()
    residents = {str(code): float(persons) for code, persons in of_place.items()}
    return {
        "grant_quarter": grant_quarter(
            read.read_grant_quarters(registers, settings),
            residents,
            region_codes(),
            protection,
            settings.level,
        ),
        "pension_stock": pension_stock(
            read.read_pension_stock(registers, settings), residents, protection
        ),
        "tenure_stock": tenure_stock(
            read.read_tenure_stock(registers, settings), residents, protection
        ),
        "tenure_flow": tenure_flow(
            read.read_tenure_flow(registers, settings), residents, protection
        ),
        "tenure_exit": tenure_exit(
            read.read_tenure_exit(registers, settings), residents, protection, settings.level
        ),
        "grant_state": grant_state(
            read.read_grant_states(registers, settings), protection, settings.level
        ),
        **_pathways(registers, settings, counts, reporting, protection),
    }


def _pathways(
    registers: Path,
    settings: Settings,
    counts: pd.DataFrame,
    reporting: pd.DataFrame,
    protection: Protection,
) -> Frames:
    question = settings.question
    grants, states = read.read_grant_courses(registers, settings, WEEKS)
    kept = without_unreported(grants.assign(row=range(len(grants))), reporting)
    kept = kept[kept["outcome"].isin(question.outcomes)]
    tenure = question.factors.tenure
    model = followup_model(question.models)
    of_tenure = counts[(counts["model"] == model) & (counts["dimension"] == tenure)]
    return pathway_frames(
        Courses(kept.drop(columns="row"), states[kept["row"]], read.course_states()),
        of_tenure[["outcome", "municipality_code", "level", "expected"]],
        region_codes(),
        tenure,
        {name: question.levels()[name] for name in _PROFILE if name in question.factors.names},
        protection,
        level=settings.level,
        seed=settings.seed,
    )
