"""Initiatives as rows of the result tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.catalogue import columns, empty_frame
from pipeline.initiatives.declaration import PERIODS, Initiative
from pipeline.model.initiatives.panels import GRANTS, Question, question_of
from pipeline.model.initiatives.participants import PARTICIPANTS, Participants, took_part
from pipeline.model.initiatives.study import GROUP_TIME, Study, studies
from pipeline.model.national.protection import Protection

Frames = dict[str, pd.DataFrame]
FALL, RISE, NO_CHANGE, CANNOT_TELL = "fall", "rise", "no_change", "cannot_tell"
NOT_COVERED, TOO_FEW = "not_covered", "too_few"
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
    participants: Mapping[str, Participants] | None = None,
) -> Frames:
    """Return ``initiative`` and ``initiative_event`` of each initiative with its rows of counts.

    Of an outcome that the rows do not cover there is one row that says so. ``participants`` are
    those of initiatives, by name, whose files say who took part; outcomes of these have a row more.
    """
    answers: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for initiative, rows in asked:
        named = (participants or {}).get(initiative.name)
        counted = _counted(initiative, named, protection)
        n_named = None if named is None else _n_named(named, protection)
        for outcome in initiative.outcomes:
            question = question_of(rows, initiative, outcome, protection)
            if question is None:
                answers.append(_said(initiative, outcome, GROUP_TIME) | _UNKNOWN)
            else:
                largest = _largest(initiative, outcome, question, counted)
                for study in studies(question.panel, question.design, level, seed):
                    said = _said(initiative, outcome, study.method)
                    answer = _answer(initiative, outcome, question, study, level)
                    answers.append(said | answer | {"largest_possible": largest})
                    events += _events(said, study)
            if named is not None:
                said = _said(initiative, outcome, PARTICIPANTS) | {"n_participants": n_named}
                answer = _of_participants(initiative, outcome, named, protection, level)
                answers.append(said | answer)
    return {
        "initiative": _frame("initiative", answers),
        "initiative_event": _frame("initiative_event", events),
    }


def _events(said: Mapping[str, Any], study: Study) -> list[dict[str, Any]]:
    key = {name: said[name] for name in ("initiative", "measure", "method")}
    return [
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
        "placebo_effect": study.placebo,
        "placebo_p_value": study.placebo_p,
        "n_assignments": study.n_assignments,
        "is_exact": study.is_exact,
        "verdict": verdict(study, change, level),
    }


def _counted(
    initiative: Initiative, named: Participants | None, protection: Protection
) -> float | None:
    """Return how many took part, as declared or as counted and shown; None where not known."""
    shown: dict[str, int] = {}
    if named is not None:
        n, key = (named.counts[name].to_numpy() for name in ("n", "n_key"))
        codes = named.counts["municipality_code"]
        shown = dict(zip(codes, protection.shown(n, key).tolist(), strict=True))
    numbers = [
        shown.get(adopter.municipality, adopter.participants) for adopter in initiative.adopters
    ]
    known = [number for number in numbers if number is not None]
    return float(sum(known)) if len(known) == len(numbers) else None


def _n_named(named: Participants, protection: Protection) -> int:
    """Return how many took part in all as shown."""
    sums = (np.array([named.counts[name].sum()]) for name in ("n", "n_key"))
    return int(protection.shown(*sums)[0])


def _of_participants(
    initiative: Initiative,
    outcome: str,
    named: Participants,
    protection: Protection,
    level: float,
) -> dict[str, Any]:
    """Return what became of those who took part, against people like them elsewhere."""
    found = took_part(named, outcome, protection, level)
    if found is None:
        return _UNKNOWN
    followed = 0 if np.isnan(found.years) else round(found.years * PERIODS[initiative.period])
    made = _UNKNOWN | {
        "n_compared": found.n_compared,
        "n_units": found.n_units,
        "n_after": followed,
        "verdict": TOO_FEW,
    }
    study = found.study
    if study is None:
        return made
    change = relevant(study, outcome, initiative.relevant_change)
    return made | {
        "level_observed": found.observed,
        "level_expected": study.before,
        "effect": study.estimate,
        "effect_low": study.low,
        "effect_high": study.high,
        "p_value": study.p_value,
        "detectable": study.detectable,
        "relevant_change": change,
        "verdict": verdict(study, change, level),
    }


def _largest(
    initiative: Initiative, outcome: str, question: Question, n_participants: float | None
) -> float | None:
    """Return the effect if the outcome came out otherwise for every participant, where known.

    Per cent of weeks if each had it all the time or not at all; grants per 1,000 and year if each
    was spared one in the years after.
    """
    if n_participants is None:
        return None
    share = n_participants / float(question.panel.weights[question.design.adopters].sum())
    if outcome not in GRANTS:
        return 100 * min(share, 1.0)
    n_after = question.panel.outcome.shape[1] - question.design.starts.min()
    return float(1000 * share / (n_after / PERIODS[initiative.period]))


def _frame(table: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    if not rows:
        return empty_frame(table)
    empty = empty_frame(table)
    made = pd.DataFrame(rows).reindex(columns=list(columns(table)))
    kinds = {name: kind for name, kind in empty.dtypes.items() if kind != "str"}
    # Where no file names who took part there is no number of them.
    kinds |= {name: "Int64" for name in ("n_participants", "n_compared") if name in kinds}
    return made.astype(kinds)
