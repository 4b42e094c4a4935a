"""Initiatives as rows of the result tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from pipeline.catalogue import columns, empty_frame
from pipeline.initiatives.declaration import PERIODS, Initiative
from pipeline.model.initiatives.panels import GRANTS, Question, question_of
from pipeline.model.initiatives.study import GROUP_TIME, Study, studies
from pipeline.model.national.protection import Protection

Frames = dict[str, pd.DataFrame]
FALL, RISE, NO_CHANGE, CANNOT_TELL = "fall", "rise", "no_change", "cannot_tell"
NOT_COVERED = "not_covered"
_UNKNOWN = {
    "verdict": NOT_COVERED,
    **dict.fromkeys(("n_units", "n_before", "n_after", "n_assignments"), 0),
    "is_exact": False,
}


def initiative_frames(
    asked: Sequence[tuple[Initiative, pd.DataFrame]],
    protection: Protection,
    level: float,
    seed: int,
) -> Frames:
    """Return ``initiative`` and ``initiative_event`` of each initiative with its rows of counts.

    Of an outcome that the rows do not cover there is one row that says so.
    """
    answers: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for initiative, rows in asked:
        for outcome in initiative.outcomes:
            question = question_of(rows, initiative, outcome, protection)
            if question is None:
                answers.append(_said(initiative, outcome, GROUP_TIME) | _UNKNOWN)
                continue
            for study in studies(question.panel, question.design, level, seed):
                said = _said(initiative, outcome, study.method)
                answers.append(said | _answer(initiative, outcome, question, study, level))
                key = {name: said[name] for name in ("initiative", "measure", "method")}
                events += [
                    key
                    | {
                        "periods_since": one.since,
                        "n_adopters": one.n_adopters,
                        "effect": one.estimate,
                        "effect_low": one.low,
                        "effect_high": one.high,
                    }
                    for one in study.events
                ]
    return {
        "initiative": _frame("initiative", answers),
        "initiative_event": _frame("initiative_event", events),
    }


def relevant(study: Study, outcome: str, share: float) -> float:
    """Return the smallest change one would want to see: a ``share`` of the level before.

    Of per cent of weeks a share of the rest to 100 where that is less.
    """
    level = study.before if outcome in GRANTS else min(study.before, 100 - study.before)
    return share * level


def verdict(study: Study, change: float, level: float) -> str:
    """Return what can be said: a fall or rise beyond chance, no such change, or nothing.

    No ``change`` as large as that is said only where one would have been found in four of five
    cases.
    """
    if study.p_value <= 1 - level:
        return FALL if study.estimate < 0 else RISE
    return NO_CHANGE if study.detectable <= change else CANNOT_TELL


def _said(initiative: Initiative, outcome: str, method: str) -> dict[str, Any]:
    return {
        "initiative": initiative.name,
        "title_da": initiative.title.da,
        "title_en": initiative.title.en,
        "measure": outcome,
        "method": method,
        "adopters": ", ".join(adopter.municipality for adopter in initiative.adopters),
        "starts": ", ".join(adopter.starts.isoformat() for adopter in initiative.adopters),
        "age_range": f"{initiative.ages.first}-{initiative.ages.last}",
        "period": initiative.period,
        "relevant_share": initiative.relevant_change,
    }


def _answer(
    initiative: Initiative, outcome: str, question: Question, study: Study, level: float
) -> dict[str, Any]:
    n_periods = question.panel.outcome.shape[1]
    change = relevant(study, outcome, initiative.relevant_change)
    return {
        "n_units": len(question.codes),
        "n_before": int(question.design.starts.min()),
        "n_after": int(n_periods - question.design.starts.min()),
        "level_before": study.before,
        "effect": study.estimate,
        "effect_low": study.low,
        "effect_high": study.high,
        "clustered_se": study.clustered_se,
        "p_value": study.p_value,
        "detectable": study.detectable,
        "relevant_change": change,
        "largest_possible": _largest(initiative, outcome, question),
        "placebo_effect": study.placebo,
        "placebo_p_value": study.placebo_p,
        "n_assignments": study.n_assignments,
        "is_exact": study.is_exact,
        "verdict": verdict(study, change, level),
    }


def _largest(initiative: Initiative, outcome: str, question: Question) -> float | None:
    """Return the effect if the outcome came out otherwise for every participant, where known.

    Per cent of weeks if each had it all the time or not at all; grants per 1,000 and year if each
    was spared one in the years after.
    """
    took_part = [adopter.participants for adopter in initiative.adopters]
    known = [number for number in took_part if number is not None]
    if len(known) < len(took_part):
        return None
    share = sum(known) / float(question.panel.weights[question.design.adopters].sum())
    if outcome not in GRANTS:
        return 100 * min(share, 1.0)
    n_after = question.panel.outcome.shape[1] - question.design.starts.min()
    return float(1000 * share / (n_after / PERIODS[initiative.period]))


def _frame(table: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    if not rows:
        return empty_frame(table)
    empty = empty_frame(table)
    made = pd.DataFrame(rows).reindex(columns=list(columns(table)))
    return made.astype({name: kind for name, kind in empty.dtypes.items() if kind != "str"})
