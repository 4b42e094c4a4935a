"""Scenarios: every size of the synthetic country, read from ``scenarios/<name>.toml``.

A scenario file may say ``extends = "<other>"`` and then holds only what differs.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.codes import factor_levels
from pipeline.errors import SettingsError
from synthetic_data.ground.rng import Floats, Ints

FOLDER = Path(__file__).parent / "scenarios"
OUTCOMES = ("FP", "FJ")


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
    consultant_change: float
    consultant_spread: float
    mental_spread: float
    mental_on_practice: float
    diagnosis_spread: float
    contested_spread: float
    contested_on_practice: float
    contested_own_spread: float
    tenure_spread: float
    former_spread: float
    former_halving_years: float
    former_on_largest: float
    former_tightening: float
    is_free: bool


@dataclass(frozen=True)
class BacklogSizes:
    """What the reform of 2007 does to the capacity to decide."""

    dip_from: str
    dip_to: str
    dip_merged: float
    dip_unmerged: float
    dip_spread: float
    dip_largest: float
    extra_capacity: float


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


@dataclass(frozen=True)
class Scenario:
    """All sizes of one synthetic country.

    ``coefficients[outcome][factor]`` holds log odds in the level order of ``factor.csv``;
    ``benefits`` the weekly histories, ``diagnoses`` the weights of main diagnosis groups, and
    ``usual_mix[outcome]`` the country's grants by diagnosis group and tenure band, as shares.
    """

    name: str
    population: PopulationSizes
    families: FamilySizes
    conditions: Mapping[str, ConditionSizes]
    practice: PracticeSizes
    decisions: DecisionSizes
    backlog: BacklogSizes
    underreporting: UnderreportingSizes
    unseen: UnseenSizes
    sickness: SicknessSizes
    activity: Mapping[str, ActivitySizes]
    interactions: tuple[Interaction, ...]
    intercepts: Mapping[str, float]
    coefficients: Mapping[str, Mapping[str, Floats]]
    benefits: Mapping[str, Any]
    diagnoses: Mapping[str, Mapping[str, Mapping[str, float]]]
    usual_mix: Mapping[str, Mapping[str, Mapping[str, float]]]


def known_scenarios() -> tuple[str, ...]:
    """Return the names of the scenarios that ship, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def read_scenario(name: str) -> Scenario:
    """Return the scenario ``name``; raises :class:`SettingsError` when there is none."""
    if name not in known_scenarios():
        raise SettingsError(
            f"there is no scenario {name!r}",
            expected=", ".join(known_scenarios()),
            next_step="choose a known scenario.",
        )
    values = _read(name)
    return Scenario(
        name=name,
        population=PopulationSizes(**values["population"]),
        families=FamilySizes(**values["families"]),
        conditions={name: ConditionSizes(**sizes) for name, sizes in values["conditions"].items()},
        practice=PracticeSizes(**values["practice"]),
        decisions=DecisionSizes(**values["decisions"]),
        backlog=BacklogSizes(**values["backlog"]),
        underreporting=UnderreportingSizes(**values["underreporting"]),
        unseen=UnseenSizes(**values["unseen"]),
        sickness=SicknessSizes(**values["sickness"]),
        activity={name: ActivitySizes(**sizes) for name, sizes in values["activity"].items()},
        interactions=tuple(_interaction(item) for item in values["interactions"]),
        intercepts={outcome: values["grants"][outcome]["intercept"] for outcome in OUTCOMES},
        coefficients={outcome: _coefficients(values["grants"][outcome]) for outcome in OUTCOMES},
        benefits=values["benefits"],
        diagnoses=values["diagnoses"],
        usual_mix=values["usual_mix"],
    )


def _read(name: str) -> dict[str, Any]:
    with (FOLDER / f"{name}.toml").open("rb") as file:
        values = tomllib.load(file)
    base = values.pop("extends", None)
    return _merge(_read(base), values) if base else values


def _merge(base: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in changes.items():
        nested = isinstance(value, Mapping) and isinstance(base.get(key), Mapping)
        merged[key] = _merge(base[key], value) if nested else value
    return merged


def _interaction(values: Mapping[str, Any]) -> Interaction:
    """Return one row of ``interactions``: ``levels`` by factor, ``log_odds`` by outcome."""
    known = factor_levels()
    levels = {
        factor: tuple(known[factor].index(level) for level in names)
        for factor, names in values["levels"].items()
    }
    return Interaction(levels, values["log_odds"])


def _coefficients(values: Mapping[str, Any]) -> dict[str, Floats]:
    """Return log odds per factor in level order; a level that is not named has 0."""
    coefficients = {}
    for factor, levels in factor_levels().items():
        named = values.get(factor, {})
        unknown = sorted(set(named) - set(levels))
        if unknown:
            raise SettingsError(f"scenario: {factor} has no level {', '.join(unknown)}")
        coefficients[factor] = np.array([float(named.get(level, 0.0)) for level in levels])
    return coefficients
