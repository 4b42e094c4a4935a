"""Outcomes of an initiative by municipality and period, from counts as they are shown."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.initiatives.declaration import PERIODS, Initiative
from pipeline.model.initiatives.group_time import Panel
from pipeline.model.initiatives.study import Design
from pipeline.model.national.protection import Protection

#: Outcomes that are grants, per 1,000 persons and year; the others are weeks, per cent.
GRANTS = ("FP", "FJ")
_WEEKS = {
    "benefit_weeks": ("n_benefit", "benefit_key"),
    "support_weeks": ("n_support", "support_key"),
}
_PER_PERSONS, _PERCENT = 1000.0, 100.0
_LEAST_SHARE = 1e-6


@dataclass(frozen=True)
class Question:
    """An outcome ready to be studied: the panel, who began when, and who its units are."""

    panel: Panel
    design: Design
    codes: tuple[str, ...]


def question_of(
    rows: pd.DataFrame, initiative: Initiative, outcome: str, protection: Protection
) -> Question | None:
    """Return the panel of ``outcome``, or None where the periods or an adopter's data do not do.

    ``rows`` (``sql/initiative/panel.sql``): municipality_code, year, period, residents,
    person_weeks and the counts with sums of record keys. Counts of persons are as ``protection``
    shows them, and weeks in proportion; per cent of weeks, or grants per 1,000 persons and year.
    Municipalities that lack a period (nobody of the ages, or grants not reported) are left out.
    What a municipality counts are its residents of the ages, mean over the periods.
    """
    shown, value = _shown_values(rows, initiative, outcome, protection)
    values = rows.assign(value=value)
    known = values[values["value"].notna()]
    times = sorted(set(zip(known["year"], known["period"], strict=True)))
    place = {time: at for at, time in enumerate(times)}
    grid = known.pivot(index="municipality_code", columns=["year", "period"], values="value")
    grid = grid.reindex(columns=pd.MultiIndex.from_tuples(times)) if times else grid
    whole = grid.dropna()
    persons = rows.groupby("municipality_code")["residents"].mean()
    sizes = _sizes(rows, shown, persons, protection)
    codes = tuple(map(str, whole.index))
    adopters = [adopter.municipality for adopter in initiative.adopters]
    starts = [place.get(initiative.period_of(adopter.starts)) for adopter in initiative.adopters]
    least = max(initiative.base_periods, 2)
    if (
        not set(adopters) <= set(codes)
        or any(start is None or start < least for start in starts)
        or len(codes) < len(adopters) + 2
        or not _is_unbroken(times, initiative)
    ):
        return None
    return Question(
        Panel(
            whole.to_numpy(float),
            persons[whole.index].to_numpy(float),
            sizes[whole.index].to_numpy(float),
        ),
        Design(
            np.array([codes.index(code) for code in adopters]),
            np.array(starts, dtype=np.int64),
            initiative.base_periods,
        ),
        codes,
    )


def _shown_values(
    rows: pd.DataFrame, initiative: Initiative, outcome: str, protection: Protection
) -> tuple[np.ndarray, np.ndarray]:
    """Return counts of persons as shown and the outcome of them, nan where not known."""
    residents = rows["residents"].to_numpy(float)
    if outcome in GRANTS:
        name = outcome.lower()
        counted = rows[f"n_{name}"].to_numpy(float)
        known = ~np.isnan(counted)
        shown = np.full(len(rows), np.nan)
        keys = rows[f"{name}_key"].to_numpy()
        shown[known] = protection.shown(counted[known].astype(np.int64), keys[known])
        a_year = _PER_PERSONS * PERIODS[initiative.period]
        return shown, _ratio(a_year * shown, residents)
    n, key = _WEEKS[outcome]
    persons = rows[n].to_numpy()
    shown = protection.shown(persons, rows[key].to_numpy()).astype(float)
    each = _ratio(rows[outcome].to_numpy(float), persons.astype(float))
    weeks = shown * np.nan_to_num(each)
    return shown, _ratio(_PERCENT * weeks, rows["person_weeks"].to_numpy(float))


def _sizes(
    rows: pd.DataFrame, shown: np.ndarray, persons: pd.Series, protection: Protection
) -> pd.Series:
    """Return how many persons give the same error without noise, by municipality.

    The variance of a count is as its mean, by the country's share of ``persons``, and that of its
    noise: relative to the mean, noise matters most where there are few.
    """
    noise = pd.Series(protection.noise_variance(shown)).groupby(rows["municipality_code"]).mean()
    known = ~np.isnan(shown)
    share = shown[known].sum() / max(rows["residents"].to_numpy(float)[known].sum(), 1.0)
    counted = persons * max(share, _LEAST_SHARE)
    return persons * counted / (counted + noise.reindex(persons.index).fillna(0.0))


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    return np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)


def _is_unbroken(times: list[tuple[int, int]], initiative: Initiative) -> bool:
    """Return whether ``times`` follow each other without a gap."""
    a_year = PERIODS[initiative.period]
    number = [a_year * year + period for year, period in times]
    return all(after - before == 1 for before, after in itertools.pairwise(number))
