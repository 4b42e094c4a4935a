"""Where people of each age settle, so that 2007 finds as many, and as old, in each municipality.

People settle by age group when the period begins, when they immigrate and when they move; in
between they grow older where they are. Children are born where their mothers live and go with their
parents until they leave home. The shares they settle by are found by following
expected numbers of persons to the end of 2006 and correcting what came out, until the residents
of each municipality and their share aged 65 or more are those of Statistics Denmark.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd

from synthetic_data.ground.rng import Floats, Ints
from synthetic_data.ground.sizes import FamilySizes, PopulationSizes
from synthetic_data.places.mortality import hazard, share_of_women, survival

#: First age of each group with its own municipal distribution, and how much it leans to cities.
AGE_GROUPS = np.array([16, 20, 30, 50, 65])
_URBAN_LEANING = np.array([-0.05, 0.35, 0.0, -0.12, -0.12])
#: How much each group follows the municipality's share of old people.
_OLD_LEANING = np.array([0.0, 0.0, 0.25, 1.0, 1.0])
#: Children without parents live and move as people of this age do.
PARENT_AGE = 35
OWN_AGE_FIRST = 16
#: Parents are about so many years older than their children.
_OLDER, _OLDER_SPREAD = 30, 4.6
_MAY_LEAVE_HOME, _HAS_LEFT_HOME = 18, 25
_OLD = 65
_TARGET_YEAR = 2006
_AGES = np.arange(106)
_ROUNDS = 10


def residence_age(age: Ints) -> Ints:
    """Return the age whose pattern of residence and moving each person follows."""
    return np.where(age < OWN_AGE_FIRST, PARENT_AGE, age)


def age_group(age: Ints) -> Ints:
    """Return the position in ``AGE_GROUPS`` of each age, 16 or more."""
    return np.searchsorted(AGE_GROUPS, age, side="right") - 1


def move_rate(sizes: PopulationSizes, age: Ints) -> Floats:
    """Return the share of people of each age that moves in a year."""
    first_ages = np.array([int(first) for first in sizes.move_by_age])
    rates = np.array(list(sizes.move_by_age.values()))
    return rates[np.searchsorted(first_ages, residence_age(age), side="right") - 1]


def share_at_home(families: FamilySizes, age: Ints) -> Floats:
    """Return the share of each age that lives with the parents."""
    years = np.clip(age - _MAY_LEAVE_HOME + 1, 0, None)
    return np.where(age < _HAS_LEFT_HOME, np.exp(-years / families.years_at_home), 0.0)


def fit_residence(
    sizes: PopulationSizes,
    families: FamilySizes,
    codes: Sequence[str],
    share: Floats,
    region: Ints,
    urbanity: Floats,
    first_year: int,
) -> Floats:
    """Return the cumulative share of each age group over municipalities, (groups, M).

    ``codes``, ``share`` of the country's residents, ``region`` (sorted) and ``urbanity`` are per
    municipality. People settle by it in a period that begins with ``first_year``; one that begins
    after 2006 starts from the residents of 2007.
    """
    old_target = old_share(codes)
    flows = ResidentFlows(sizes, families, region, first_year)
    size, old = share.copy(), np.ones_like(share)
    lean = np.exp(_URBAN_LEANING[:, None] * urbanity)
    for _ in range(_ROUNDS):
        weights = size * lean * old ** _OLD_LEANING[:, None]
        weights /= weights.sum(axis=1, keepdims=True)
        residents = flows.residents(weights)
        total, aged = residents.sum(axis=0), residents[_OLD:].sum(axis=0)
        size *= share / (total / total.sum())
        wanted = old_target * aged.sum() / (old_target * total).sum()
        old *= wanted / (aged / total)
    cumulative = np.cumsum(weights, axis=1)
    cumulative[:, -1] = 1.0
    return cumulative


@cache
def _old_shares() -> dict[str, float]:
    frame = pd.read_csv(
        Path(__file__).with_name("age_65_2007.csv"), dtype={"municipality_code": "string"}
    )
    return dict(zip(frame["municipality_code"], frame["age_65_percent"] / 100, strict=True))


def old_share(codes: Sequence[str]) -> Floats:
    """Return the share of residents aged 65 or more on 1 January 2007, by municipality.

    Units that are not Denmark's have the mean of hers.
    """
    shares = _old_shares()
    mean = float(np.mean(list(shares.values())))
    return np.array([shares.get(code, mean) for code in codes])


class ResidentFlows:
    """Expected numbers of persons by age and municipality, from the first year to 2006."""

    def __init__(
        self, sizes: PopulationSizes, families: FamilySizes, region: Ints, first_year: int
    ) -> None:
        self._sizes = sizes
        self._region = region
        self._region_first = np.searchsorted(region, np.arange(region.max() + 1))
        parents = np.minimum(_AGES + _OLDER, _AGES[-1])
        self._groups = age_group(residence_age(_AGES)), age_group(parents)
        self._at_home = share_at_home(families, _AGES)[:, None]
        before = share_at_home(families, _AGES - 1)[:, None]
        leaves = (before - self._at_home) * families.moves_leaving_home
        # Households of their own, and those of their parents.
        self._moves = (
            leaves + (1 - before) * move_rate(sizes, _AGES)[:, None],
            self._at_home * move_rate(sizes, parents)[:, None],
        )
        self._fertile = np.exp(-0.5 * ((_AGES - _OLDER) / _OLDER_SPREAD) ** 2)
        # Ages 16-67 at the end of 2007, from the start or born since; as the layout sizes them.
        ages = np.arange(16, 68)
        alive = sizes.births(2007 - ages) * survival(2007 - ages, ages)
        self._births_scale = sizes.persons_2007 / alive.sum()
        self._first_year = min(first_year, _TARGET_YEAR + 1)

    def residents(self, weights: Floats) -> Floats:
        """Return the residents at the end of 2006, (ages, M), if people settle by ``weights``."""
        settle, with_parents = (weights[group] for group in self._groups)
        first = self._first_year - 1
        persons = self._at_home * with_parents + (1 - self._at_home) * settle
        persons *= self._births_scale * self._alive(first)[:, None]
        for year in range(self._first_year, _TARGET_YEAR + 1):
            stays = persons * (1 - self._leaves(year - 1 - _AGES, year))[:, None]
            aged = np.vstack([np.zeros_like(stays[:1]), stays[:-1]])
            own, parents = self._moves
            aged = (
                aged + self._moving(aged * own, settle) + self._moving(aged * parents, with_parents)
            )
            born = float(self._sizes.births(np.array([year]))[0]) * self._births_scale
            mothers = self._fertile @ aged
            aged[0] = born * mothers / mothers.sum()
            persons = aged + self._arrivals()[:, None] * settle
        return persons

    def _alive(self, year: int) -> Floats:
        births = year - _AGES
        return self._sizes.births(births) * survival(births, _AGES)

    def _leaves(self, birth_year: Ints, year: int) -> Floats:
        """Return the share of those of each age, a year before, that dies or emigrates."""
        women = share_of_women(birth_year, _AGES)
        death = women * hazard(_AGES, year, np.ones(_AGES.size, dtype=bool))
        death += (1 - women) * hazard(_AGES, year, np.zeros(_AGES.size, dtype=bool))
        emigration = np.where(_AGES < 35, self._sizes.emigration_young, self._sizes.emigration)
        return np.minimum(death, 0.5) + emigration

    def _arrivals(self) -> Floats:
        """Return a year's immigrants by age: exponential from 20, mean 29, to 60."""
        n = self._sizes.immigrants_per_person * self._sizes.persons_2007
        density = np.where((_AGES >= 20) & (_AGES < 60), np.exp(-(_AGES - 20) / 9), 0.0)
        return n * density / density.sum()

    def _moving(self, leaving: Floats, settle: Floats) -> Floats:
        """Return what the moves of those ``leaving``, within the region or anywhere, add."""
        in_region = np.add.reduceat(settle, self._region_first, axis=1)
        from_region = np.add.reduceat(leaving, self._region_first, axis=1)
        near = settle * (from_region / in_region)[:, self._region]
        far = settle * leaving.sum(axis=1, keepdims=True)
        share = self._sizes.move_within_region
        return share * near + (1 - share) * far - leaving
