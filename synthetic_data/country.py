"""The 98 municipalities: who lives there, how they decide, how long they take.

Names, codes, regions and population shares are real; deprivation, practice and processing time are
drawn from the seed and mean nothing about the real place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.codes import code_list
from synthetic_data.rng import Floats, Ints, Stream
from synthetic_data.scenario import OUTCOMES, Scenario

#: First age of each group with its own municipal distribution, and how much it leans to cities.
AGE_GROUPS = np.array([16, 20, 30, 50])
_URBAN_LEANING = np.array([-0.05, 0.35, 0.0, -0.12])
_AGE_GROUP_SHARES = np.array([0.07, 0.19, 0.42, 0.32])


@dataclass(frozen=True)
class Country:
    """The municipalities in internal order: by region, then code.

    ``residence[g]`` is the cumulative share of age group g over municipalities;
    ``practice[m, o, y]`` log odds relative to national practice for outcome o in ``years[y]``.
    """

    codes: tuple[str, ...]
    region: Ints
    region_first: Ints
    region_last: Ints
    share: Floats
    deprivation: Floats
    urbanity: Floats
    residence: Floats
    years: tuple[int, ...]
    practice: Floats
    processing_days: Floats

    def practice_of(self, outcome: str, year: int) -> Floats:
        """Return the practice effect of each municipality in ``year``, log odds."""
        return self.practice[:, OUTCOMES.index(outcome), self.years.index(year)]


def build_country(scenario: Scenario, seed: int, years: tuple[int, ...]) -> Country:
    """Return the country of ``seed`` with practice effects for the risk years ``years``."""
    frame = code_list("municipality").sort_values(
        ["region_code", "municipality_code"], ignore_index=True
    )
    codes = frame["municipality_code"].to_numpy().astype(np.int64)
    stream = Stream(seed, codes)
    population = frame["population_2007"].astype(float).to_numpy()
    share = population / population.sum()
    urbanity = _standardise(_standardise(np.log(population)) + stream.normal("urbanity"))
    deprivation = _standardise(stream.normal("deprivation") - 0.2 * urbanity)
    region = frame["region_code"].astype("category").cat.codes.to_numpy().astype(np.int64)
    practice = _draw_practice(stream, scenario, deprivation, share, years)
    return Country(
        codes=tuple(frame["municipality_code"]),
        region=region,
        region_first=np.searchsorted(region, np.arange(region.max() + 1), side="left"),
        region_last=np.searchsorted(region, np.arange(region.max() + 1), side="right") - 1,
        share=share,
        deprivation=deprivation,
        urbanity=urbanity,
        residence=_residence(share, urbanity),
        years=years,
        practice=practice,
        processing_days=_processing_days(stream, scenario, practice),
    )


def redraw_practice(country: Country, scenario: Scenario, seed: int) -> Floats:
    """Return the practice (municipalities, outcomes, years) that ``seed`` plants in ``country``.

    Who lives where stays as it is, and with it all that practice goes together with.
    """
    stream = Stream(seed, np.array(country.codes, dtype=np.int64))
    return _draw_practice(stream, scenario, country.deprivation, country.share, country.years)


def settle(country: Country, ages: Ints, uniform: Floats) -> NDArray[np.int16]:
    """Return a municipality for each person, by the residence pattern of the age group."""
    group = np.searchsorted(AGE_GROUPS, ages, side="right") - 1
    chosen = np.empty(ages.size, dtype=np.int16)
    for g in range(AGE_GROUPS.size):
        rows = group == g
        chosen[rows] = np.searchsorted(country.residence[g], uniform[rows], side="right")
    return chosen


def settle_in_region(
    country: Country, ages: Ints, municipality: NDArray[np.int16], uniform: Floats
) -> NDArray[np.int16]:
    """Return a municipality in the same region, by the residence pattern of the age group."""
    group = np.searchsorted(AGE_GROUPS, ages, side="right") - 1
    region = country.region[municipality]
    cumulative = np.concatenate([np.zeros((AGE_GROUPS.size, 1)), country.residence], axis=1)
    low = cumulative[group, country.region_first[region]]
    high = cumulative[group, country.region_last[region] + 1]
    return settle(country, ages, low + uniform * (high - low))


def _standardise(values: Floats) -> Floats:
    return (values - values.mean()) / values.std()


def _unrelated(values: Floats, *others: Floats) -> Floats:
    """Return ``values`` with mean 0, standard deviation 1 and no correlation with ``others``."""
    design = np.stack([np.ones_like(values), *others], axis=1)
    return _standardise(values - design @ np.linalg.lstsq(design, values, rcond=None)[0])


def _residence(share: Floats, urbanity: Floats) -> Floats:
    """Return cumulative residence shares per age group that keep the municipalities' shares."""
    weights = _AGE_GROUP_SHARES[:, None] * share * np.exp(_URBAN_LEANING[:, None] * urbanity)
    for _ in range(200):  # iterative proportional fitting; converges in a few dozen rounds
        weights *= (_AGE_GROUP_SHARES / weights.sum(axis=1))[:, None]
        weights *= share / weights.sum(axis=0)
    cumulative = np.cumsum(weights, axis=1) / weights.sum(axis=1, keepdims=True)
    cumulative[:, -1] = 1.0
    return cumulative


def _draw_practice(
    stream: Stream,
    scenario: Scenario,
    deprivation: Floats,
    share: Floats,
    years: tuple[int, ...],
) -> Floats:
    """Return practice[m, outcome, year], its population-weighted mean 0 for each outcome.

    The spreads and correlations over the municipalities are exactly the scenario's (but for the
    yearly wobble), whatever the seed: only who is where is chance.
    """
    sizes = scenario.practice
    with_deprivation, with_fp = sizes.correlation_fp_deprivation, sizes.correlation_fp_fj
    fp = with_deprivation * deprivation
    own_fp = _unrelated(stream.normal("practice_fp"), deprivation)
    fp = fp + np.sqrt(1 - with_deprivation**2) * own_fp
    own_fj = _unrelated(stream.normal("practice_fj"), fp, deprivation)
    fj = with_fp * fp + np.sqrt(1 - with_fp**2) * own_fj
    practice = np.empty((share.size, 2, len(years)))
    for o, (outcome, level) in enumerate(
        (("FP", sizes.spread_fp * fp), ("FJ", sizes.spread_fj * fj))
    ):
        level = level - share @ level
        for y, year in enumerate(years):
            wobble = stream.normal(f"practice_wobble_{outcome}", year)
            practice[:, o, y] = level + sizes.wobble * wobble
    return practice


def _processing_days(stream: Stream, scenario: Scenario, practice: Floats) -> Floats:
    """Return the mean days from application to decision per municipality."""
    sizes = scenario.decisions
    strictness = practice[:, 0, :].mean(axis=1) if practice.shape[2] else 0.0
    return sizes.processing_days * np.exp(
        sizes.processing_days_spread * stream.normal("processing_days")
        + sizes.processing_days_on_practice * strictness
    )
