"""Years, age bands and levels of a municipality and of the country."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from pipeline.codes import diagnosis_groups, factor_levels, main_levels
from reports.content.municipality import Cases, HistoryYear, Level, MiddleCases, Place, Slice
from reports.content.read import ResultTables
from reports.content.values import in_order_of, real, records, whole

#: The country among the areas of the release.
COUNTRY = "Danmark"
#: Dimensions that are shown, each with the one of few levels that its levels are parts of.
DIMENSIONS = {
    "diagnosis_group": "diagnosis_main",
    "tenure_band": "tenure_main",
    "age_band": "age_main",
}
_KEYS = ("outcome", "model", "municipality_code", "dimension", "level")
_EFFECTS = ("practice_effect_shrunk", "practice_effect_low", "practice_effect_high")
#: Share of the residents that shown municipalities must hold to stand in for the country.
_SHOWN_SHARE = 0.9


def slices_from(frame: pd.DataFrame, part: str) -> tuple[Slice, ...]:
    """Return the rows of a table by outcome, model, perhaps municipality, and column ``part``.

    A withheld count never goes further, nor what would give it back.
    """
    slices = []
    for row in records(frame):
        known = not row["is_suppressed"] and real(row["observed"]) is not None
        slices.append(
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
    return tuple(slices)


def levels_from(tables: ResultTables) -> tuple[Level, ...]:
    """Return every level of every municipality, and of the country under the code "".

    From ``practice_profile`` and ``practice_profile_area``; a release without the first has the age
    bands of ``breakdown_age`` only, and no practice by level. In reporting order.
    """
    profile = tables.practice_profile
    if profile.empty:
        profile = tables.breakdown_age
        if profile.empty:
            return ()
        profile = profile.rename(columns={"age_band": "level"}).assign(dimension="age_band")
    areas = tables.practice_profile_area
    if not areas.empty:
        country = areas[areas["area"] == COUNTRY].assign(municipality_code="")
        profile = pd.concat([profile, country], ignore_index=True)
    names = {*DIMENSIONS, *DIMENSIONS.values()}
    shown = profile[profile["dimension"].isin(names)]
    return _ordered(_levels(shown))


def main_parts(dimension: str, levels: Iterable[str]) -> list[tuple[str, list[str]]]:
    """Return the main levels of ``dimension``, each with the levels of ``levels`` that it has.

    Where the question has bands of its own, that no main level has, each stands for itself.
    """
    names = list(levels)
    factor, main_of = main_levels().get(DIMENSIONS[dimension], ("", {}))
    if factor != dimension or set(names) - set(main_of):
        return [(name, [name]) for name in names]
    inside: dict[str, list[str]] = {}
    for name in names:
        inside.setdefault(main_of[name], []).append(name)
    return list(inside.items())


def _levels(frame: pd.DataFrame) -> Iterator[Level]:
    # A withheld count never goes further, nor what would give it back.
    shown = frame.mask(frame["is_suppressed"].astype(bool) | frame["observed"].isna())
    columns: list[list[Any]] = [
        *(frame[name].astype(str).tolist() for name in _KEYS),
        [None if count is None else round(count) for count in _reals(shown["observed"])],
        frame["expected"].fillna(0.0).astype(float).tolist(),
        *(_reals(shown[name]) for name in ("ratio", "ratio_low", "ratio_high")),
        *(_reals(column.astype(float).map(np.exp)) for column in _held(frame, _EFFECTS)),
    ]
    return (Level(*values) for values in zip(*columns, strict=True))


def _held(frame: pd.DataFrame, names: Iterable[str]) -> Iterator[pd.Series]:
    """Yield the columns ``names``, empty ones for those an earlier release does not have."""
    for name in names:
        yield frame[name] if name in frame else pd.Series(np.nan, index=frame.index)


def _reals(column: pd.Series) -> list[float | None]:
    """Return a column as finite numbers, None elsewhere."""
    values = column.astype(object).where(column.notna(), np.nan).astype(float)
    return [value if math.isfinite(value) else None for value in values.tolist()]


def _ordered(levels: Iterable[Level]) -> tuple[Level, ...]:
    # A level of one dimension may have the name of another's: none, musculoskeletal.
    of_main = {
        dimension: tuple(dict.fromkeys(main_of.values()))
        for dimension, (_, main_of) in main_levels().items()
    }
    dimensions = {"diagnosis_group": diagnosis_groups(), **factor_levels(), **of_main}
    order = tuple(f"{name}.{level}" for name, of in dimensions.items() for level in of)
    return in_order_of(tuple(levels), order, lambda one: f"{one.dimension}.{one.level}")


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
