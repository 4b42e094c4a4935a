"""The declaration of an initiative: who did something other than before, from when, for whom."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from pipeline import codes
from pipeline.benchmarks.declaration import Ages, Declaration, OneOrMore, Text
from pipeline.benchmarks.validators import among

#: Outcomes of an initiative: weeks on education or cash benefit, weeks self-supporting or in
#: education, and first grants.
OUTCOMES = ("benefit_weeks", "support_weeks", "FP", "FJ")
#: Periods a year, by their name.
PERIODS = {"quarter": 4, "half_year": 2, "year": 1}
_MOST_ADOPTERS = 20
_EARLIEST, _LATEST = dt.date(1990, 1, 1), dt.date(2099, 12, 31)


def _known_municipality(code: str) -> str:
    known = [row["municipality_code"] for row in codes.code_rows("municipality")]
    if code not in known:
        raise ValueError(f"unknown municipality {code}; allowed: {', '.join(known)}")
    return code


class Adopter(Declaration):
    """A municipality and the day from which it does something other than before.

    ``participants`` is how many took part, where that is known; or ``persons`` names a file beside
    the declaration that says who they are.
    """

    municipality: Annotated[str, AfterValidator(_known_municipality)]
    starts: Annotated[dt.date, Field(ge=_EARLIEST, le=_LATEST)]
    participants: Annotated[int, Field(ge=5)] | None = None
    persons: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*\.csv$")] | None = None

    @model_validator(mode="after")
    def _counts_once(self) -> Adopter:
        if self.participants is not None and self.persons is not None:
            raise ValueError("participants and persons; allowed: one of them, persons are counted")
        return self


class Initiative(Declaration):
    """An initiative; the period that holds ``starts`` is the first one after.

    ``base_years`` before it are what is compared with, ``years_before`` are looked at in all and
    ``years_after`` at most. ``relevant_change`` is the smallest share of the level before that one
    would want to see.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
    title: Text
    ages: Ages = Ages()
    outcomes: Annotated[tuple[str, ...], OneOrMore, among("outcome", OUTCOMES)] = OUTCOMES
    period: Literal["quarter", "half_year", "year"] = "half_year"
    base_years: Annotated[int, Field(ge=1, le=5)] = 2
    years_before: Annotated[int, Field(ge=2, le=20)] = 6
    years_after: Annotated[int, Field(ge=1, le=20)] = 5
    relevant_change: Annotated[float, Field(gt=0, le=1)] = 0.2
    adopters: Annotated[tuple[Adopter, ...], Field(min_length=1, max_length=_MOST_ADOPTERS)]

    @model_validator(mode="after")
    def _fits_together(self) -> Initiative:
        listed = [adopter.municipality for adopter in self.adopters]
        twice = sorted({code for code in listed if listed.count(code) > 1})
        if twice:
            raise ValueError(f"adopters has {', '.join(twice)} twice; allowed: each once")
        if self.years_before <= self.base_years:
            raise ValueError(
                f"years_before {self.years_before}; allowed: above base_years {self.base_years}, "
                "so that years are left to try a date before on"
            )
        first, last = (
            pick(adopter.starts.year for adopter in self.adopters) for pick in (min, max)
        )
        if last - first > self.years_after + self.years_before:
            raise ValueError(
                f"adopters begin in {first} and in {last}; allowed: within years_before and "
                f"years_after of each other, {self.years_before + self.years_after} years"
            )
        return self

    @property
    def base_periods(self) -> int:
        """Periods before the first one that are compared with."""
        return self.base_years * PERIODS[self.period]

    @property
    def years(self) -> tuple[int, int]:
        """First and last year that are looked at, where the registers have them."""
        starts = [adopter.starts.year for adopter in self.adopters]
        return min(starts) - self.years_before, max(starts) + self.years_after

    def period_of(self, day: dt.date) -> tuple[int, int]:
        """Return year and number (from 1) of the period that holds ``day``."""
        months = 12 // PERIODS[self.period]
        return day.year, (day.month - 1) // months + 1
