"""Years, age bands and levels of a municipality, and the country beside them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import median

import pandas as pd

from reports.content.content import View
from reports.content.municipality import Cases, HistoryYear, Level, MiddleCases, Place, Slice
from reports.content.read import ResultTables
from reports.content.values import real, records, whole

#: Share of the residents that shown municipalities must hold to stand in for the country.
_SHOWN_SHARE = 0.9


def slices_from(frame: pd.DataFrame, part: str) -> tuple[Slice, ...]:
    """Return the rows of a table by outcome, model, perhaps municipality, and column ``part``.

    A withheld count never goes further, nor what would give it back.
    """
    found = []
    for row in records(frame):
        known = not row["is_suppressed"] and real(row["observed"]) is not None
        found.append(
            Slice(
                outcome=str(row["outcome"]),
                model=str(row["model"]),
                code=str(row.get("municipality_code", "")),
                part=str(row[part]),
                n_at_risk=int(row["n_at_risk"]),
                observed=whole(row["observed"]) if known else None,
                expected=float(row["expected"]),
                ratio=real(row["ratio"]) if known else None,
                ratio_low=real(row["ratio_low"]) if known else None,
                ratio_high=real(row["ratio_high"]) if known else None,
            )
        )
    return tuple(found)


def levels_from(tables: ResultTables, main: View) -> tuple[Level, ...]:
    """Return practice by level under the outcome and model of ``main``.

    From ``practice_profile``; a release without it has the age bands of ``breakdown_age`` only,
    and no probabilities.
    """
    frame = tables.practice_profile
    if frame.empty:
        frame = tables.breakdown_age
        if frame.empty:
            return ()
        frame = frame.rename(columns={"age_band": "level"}).assign(dimension="age_band")
    chosen = frame[(frame["outcome"] == main.outcome) & (frame["model"] == main.model)]
    found = []
    for row in records(chosen):
        known = not row["is_suppressed"] and real(row["observed"]) is not None
        columns = ("practice_effect_shrunk", "practice_effect_low", "practice_effect_high")
        effects = [real(row.get(name)) for name in columns]
        is_shrunken = effects[0] is not None
        ratios = [None if effect is None else math.exp(effect) for effect in effects]
        if not is_shrunken and known:
            ratios = [real(row[name]) for name in ("ratio", "ratio_low", "ratio_high")]
        found.append(
            Level(
                code=str(row["municipality_code"]),
                dimension=str(row["dimension"]),
                level=str(row["level"]),
                observed=whole(row["observed"]) if known else None,
                expected=float(row["expected"]),
                ratio=ratios[0],
                ratio_low=ratios[1],
                ratio_high=ratios[2],
                p_below=real(row.get("p_below")),
                p_above=real(row.get("p_above")),
                is_shrunken=is_shrunken,
            )
        )
    return tuple(found)


def shown_country(places: Iterable[Place]) -> tuple[HistoryYear, ...]:
    """Return the grants and residents of the municipalities whose count of the year is shown.

    It stands in for the country, whose yearly totals the release does not hold: a municipality
    whose count is withheld is left out of both sums. Counts withheld are the small ones, so a year
    whose shown municipalities hold less than nine tenths of the residents is left out.
    """
    sums: dict[tuple[str, int], list[int]] = {}
    for place in places:
        for year in place.history:
            total = sums.setdefault((year.outcome, year.year), [0, 0, 0])
            total[0] += year.residents
            if year.observed is not None:
                total[1] += year.residents
                total[2] += year.observed
    return tuple(
        HistoryYear(outcome, year, shown, observed, observed / shown)
        for (outcome, year), (residents, shown, observed) in sorted(sums.items())
        if shown and shown >= _SHOWN_SHARE * residents
    )


def middle_cases(places: Iterable[Place]) -> tuple[MiddleCases, ...]:
    """Return the median municipality's case processing for each outcome."""
    by_outcome: dict[str, list[Cases]] = {}
    for place in places:
        for cases in place.cases:
            by_outcome.setdefault(cases.outcome, []).append(cases)

    def middle(values: Iterable[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return median(known) if known else None

    return tuple(
        MiddleCases(
            outcome,
            middle(case.median_days for case in listed),
            middle(case.grants_per_refusal for case in listed),
            middle(case.mental_share for case in listed),
        )
        for outcome, listed in by_outcome.items()
    )
