"""What a generation is about: all that a block of persons needs beside its ids."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import pyarrow as pa

from synthetic_data.files import truth_tables
from synthetic_data.ground.rng import Floats
from synthetic_data.ground.scenario import Scenario
from synthetic_data.ground.weeks import Calendar
from synthetic_data.people.population import Layout
from synthetic_data.places.activity import Activity, activity_of
from synthetic_data.places.areas import Areas, areas_of
from synthetic_data.places.country import Country, build_country
from synthetic_data.places.merging import former_practice, practice_before


@dataclass(frozen=True)
class Plan:
    """What a generation is about; every block is a function of this and its ids."""

    scenario: Scenario
    scale: float
    seed: int
    first_year: int
    last_year: int
    #: Registers that are made where they are asked for: ind, akm.
    further: tuple[str, ...] = ()

    @property
    def risk_years(self) -> tuple[int, ...]:
        """The years with decisions: all but the first, which only fills the look-backs."""
        return tuple(range(self.first_year + 1, self.last_year + 1))

    @cached_property
    def ahead(self) -> Plan:
        """The same with one year more: what is applied for at the end is decided in it."""
        return replace(self, last_year=self.last_year + 1)

    @cached_property
    def calendar(self) -> Calendar:
        """The weeks of the period."""
        return Calendar(self.first_year, self.last_year)

    @cached_property
    def country(self) -> Country:
        """The municipalities of the seed."""
        return build_country(self.scenario, self.seed, self.risk_years)

    @cached_property
    def areas(self) -> Areas:
        """The former municipalities within those of 2007."""
        return areas_of(self.country)

    @cached_property
    def former_practice(self) -> Floats:
        """How former municipalities deviate from those of 2007, (areas, 2, risk years)."""
        practice = practice_before(self.country)
        return former_practice(self.areas, self.scenario, self.seed, self.risk_years, practice)

    @cached_property
    def activity(self) -> Activity:
        """How municipalities use measures, by their FP practice over the period."""
        return activity_of(self.scenario, self.country.practice[:, 0].mean(axis=1))

    @cached_property
    def truth(self) -> dict[str, pa.Table]:
        """The planted truth that is not about persons, by name."""
        return truth_tables.country_truth(
            self.country, self.areas, self.former_practice, self.activity, self.scenario
        )

    @cached_property
    def layout(self) -> Layout:
        """The persons of the period."""
        return Layout(self.scenario, self.scale, self.first_year, self.last_year)
