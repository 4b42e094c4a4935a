"""The sizes of a scenario, a class for each part of its file; units stand in the file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synthetic_data.ground.rng import Floats, Ints


@dataclass(frozen=True)
class PopulationSizes:
    """Persons, migration and composition; see the scenario file for units."""

    persons_2007: int
    births_thousand: Mapping[str, float]
    immigrants_per_person: float
    emigration: float
    emigration_immigrant: float
    emigration_young: float
    move_by_age: Mapping[str, float]
    move_within_region: float
    immigrant_share: float
    descendant_share: float
    deprivation_on_education: float
    deprivation_on_mental: float
    deprivation_on_somatic: float
    urbanity_on_education: float

    def births(self, years: Ints) -> Floats:
        """Return the births of each year in thousands, between the anchors on a line."""
        known = sorted((int(year), births) for year, births in self.births_thousand.items())
        return np.interp(years, [year for year, _ in known], [births for _, births in known])


@dataclass(frozen=True)
class FamilySizes:
    """Couples, homes and what goes from parents to children; see the scenario file for units."""

    couple_share: float
    couple_age: float
    couple_age_spread: float
    couple_years: float
    wedding_share: float
    wedding_years: float
    same_sex_share: float
    immigrants_mix: float
    years_at_home: float
    with_father_share: float
    moves_leaving_home: float
    moves_within: float
    heritability: float
    parents_pension: Mapping[str, float]
    parents_pension_until_age: int


@dataclass(frozen=True)
class ConditionSizes:
    """One framework condition and what a standard deviation of it adds to the log odds."""

    mean: float
    spread: float
    trend: float
    is_log: bool
    on_deprivation: float
    on_urbanity: float
    local: float
    drift: float
    effect: Mapping[str, float]


@dataclass(frozen=True)
class PracticeSizes:
    """How municipal practice is spread, on the log-odds scale, conditions included."""

    spread_fp: float
    spread_fj: float
    wobble: float
    correlation_fp_fj: float
    correlation_fp_deprivation: float
    decentral_share: float
    decentral_effect_fp: float
    decentral_effect_fj: float
    consultant_change: float
    consultant_spread_fp: float
    consultant_spread_fj: float
    mental_spread: float
    mental_on_practice: float
    diagnosis_spread: float
    contested_spread: float
    contested_on_practice: float
    contested_own_spread: float
    route_spread: float
    tenure_spread: float
    former_spread: float
    former_halving_years: float
    former_on_largest: float
    former_tightening: float
    is_free: bool


@dataclass(frozen=True)
class BacklogSizes:
    """What the reform of 2007 does to the capacity to decide, and queues of another cause."""

    dip_from: str
    dip_to: str
    dip_merged: float
    dip_unmerged: float
    dip_spread: float
    dip_largest: float
    extra_capacity: float
    skipped_share: float
    clearing_share: float
    clearing_from: str
    clearing_dip: float
    clearing_earliest: str
    clearing_latest: str
    clearing_capacity: float


@dataclass(frozen=True)
class UnderreportingSizes:
    """Who leaves out a year: ``municipalities`` is the number of them by year."""

    municipalities: Mapping[str, int]
    reported_share: float
    smallest_population: int


@dataclass(frozen=True)
class UnseenSizes:
    """What no register shows of the citizens, or shows otherwise from place to place."""

    health_spread: float
    health_on_practice: float
    recorded_share: float
    recorded_spread: float
    cash_weeks_on_strictness: float

    @property
    def is_free_of_practice(self) -> bool:
        """Whether nothing of it goes with municipal practice, or is drawn beside it."""
        return not (self.health_spread or self.recorded_spread or self.cash_weeks_on_strictness)


@dataclass(frozen=True)
class SicknessSizes:
    """Which cases on sickness benefit run on at the limit, on the log odds of it."""

    runs_on: float
    on_practice: float
    on_month_waited: float
    spread: float


@dataclass(frozen=True)
class ActivitySizes:
    """How much one kind of municipality activates; see the scenario file for units."""

    turn_weeks: int
    first: float
    middle: float
    last: float
    otherwise: float
    placement_share: float


@dataclass(frozen=True)
class Interaction:
    """What people with one of the levels of every factor named have beside their factors' sums.

    ``levels`` are level numbers by factor, ``log_odds`` what is added for each outcome.
    """

    levels: Mapping[str, tuple[int, ...]]
    log_odds: Mapping[str, float]


@dataclass(frozen=True)
class DecisionSizes:
    """What surrounds the grants in the register of decisions."""

    refusals_per_grant: float
    others_per_grant: float
    refusal_on_practice: float
    processing_days: float
    processing_days_spread: float
    processing_days_on_practice: float
    processing_days_case_spread: float
    blank_diagnosis: float
    statement_share: float
    statement_share_mental: float
    statement_longest_days: float
