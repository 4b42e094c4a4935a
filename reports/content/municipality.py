"""What the pages about one municipality say, as typed numbers without any wording.

Shares are 0-1 and ranks from 1, the fewest granted relative to expectation, as in ``content``.
``None`` means that the release withholds the number or does not hold it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Slice:
    """One part of the window's grants: a year or an age band, of a municipality or the country.

    ``code`` is empty for the country, ``part`` the year or band as text.
    """

    outcome: str
    model: str
    code: str
    part: str
    n_at_risk: int
    observed: int | None
    expected: float
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None


@dataclass(frozen=True)
class Level:
    """Grants and practice at one level of one dimension; ``code`` is empty for the country.

    ``ratio`` is actual over expected. ``odds`` is the shrunken practice effect as a factor on what
    is expected, there also where the count is hidden; None in a release without, and for the
    country.
    """

    outcome: str
    model: str
    code: str
    dimension: str
    level: str
    observed: int | None
    expected: float
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None
    odds: float | None
    odds_low: float | None
    odds_high: float | None


@dataclass(frozen=True)
class Component:
    """A part of the difference from the country: ``share`` of persons at risk, and in grants."""

    outcome: str
    component: str
    share: float
    low: float | None
    high: float | None
    grants: float


@dataclass(frozen=True)
class HistoryYear:
    """First grants of a year among residents of 18-64, without any adjustment."""

    outcome: str
    year: int
    residents: int
    observed: int | None
    share: float | None
    share_low: float | None = None
    share_high: float | None = None


@dataclass(frozen=True)
class ConditionValue:
    """One framework condition in its own unit, and in standard deviations over municipalities."""

    condition: str
    value: float
    country: float
    standardised: float


@dataclass(frozen=True)
class Near:
    """Another municipality in a list of them, nearest first."""

    code: str
    name: str


@dataclass(frozen=True)
class SpecificationResult:
    """Odds against the country's and rank under one specification; None where withheld."""

    specification: str
    outcome: str
    odds: float | None
    odds_low: float | None
    odds_high: float | None
    rank: int | None


@dataclass(frozen=True)
class RankRange:
    """How far the rank moves over the specifications; shares are of specifications."""

    outcome: str
    n_specifications: int
    lowest: int
    highest: int
    share_lowest_quintile: float
    share_highest_quintile: float


@dataclass(frozen=True)
class Cases:
    """Case processing of one outcome; every number None where withheld."""

    outcome: str
    n_decisions: int | None
    median_days: float | None
    median_low: float | None
    median_high: float | None
    n_grants: int | None
    n_refusals: int | None
    grants_per_refusal: float | None
    grants_per_refusal_low: float | None
    grants_per_refusal_high: float | None
    mental_share: float | None
    mental_share_low: float | None
    mental_share_high: float | None


@dataclass(frozen=True)
class MiddleCases:
    """The middle municipality of one outcome, over those whose figures are shown."""

    outcome: str
    median_days: float | None
    grants_per_refusal: float | None
    mental_share: float | None


@dataclass(frozen=True)
class ReportedYear:
    """Whether a year's grants reached the register; ``coverage`` against the benefit data."""

    year: int
    n_register: int | None
    n_dream: int | None
    coverage: float | None
    coverage_low: float | None
    coverage_high: float | None
    is_reported: bool
    is_in_quarantine: bool
    first_unreported_month: int | None
    last_unreported_month: int | None


@dataclass(frozen=True)
class Place:
    """One municipality: all that is not in the views and cells of the content."""

    code: str
    name: str
    region: str | None
    components: tuple[Component, ...]
    history: tuple[HistoryYear, ...]
    conditions: tuple[ConditionValue, ...]
    neighbours: tuple[Near, ...]
    similar: tuple[Near, ...]
    specifications: tuple[SpecificationResult, ...]
    ranges: tuple[RankRange, ...]
    cases: tuple[Cases, ...]
    reported: tuple[ReportedYear, ...]
