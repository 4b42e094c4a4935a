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
from synthetic_data.ground.rng import Floats
from synthetic_data.ground.sizes import (
    ActivitySizes,
    BacklogSizes,
    ConditionSizes,
    DecisionSizes,
    FamilySizes,
    Interaction,
    PopulationSizes,
    PracticeSizes,
    SicknessSizes,
    UnderreportingSizes,
    UnseenSizes,
)

FOLDER = Path(__file__).parent / "scenarios"
OUTCOMES = ("FP", "FJ")


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
