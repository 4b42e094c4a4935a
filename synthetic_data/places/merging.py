"""Practices of former municipalities inside those of 2007: apart at first, then merging."""

from __future__ import annotations

import numpy as np

from synthetic_data.ground.rng import Floats, Stream
from synthetic_data.ground.scenario import OUTCOMES, Scenario
from synthetic_data.places.areas import REFORM_YEAR, Areas
from synthetic_data.places.country import Country


def practice_before(country: Country) -> Floats:
    """Return (M, 2) practice until the reform of 2007, or of all years where none is before."""
    before = np.array([year < REFORM_YEAR for year in country.years])
    kept = before if before.any() else np.ones(len(country.years), dtype=bool)
    return np.asarray(country.practice[:, :, kept].mean(axis=2))


def former_practice(
    areas: Areas, scenario: Scenario, seed: int, years: tuple[int, ...], practice: Floats
) -> Floats:
    """Return deviation[area, outcome, year] from the practice of the municipality of 2007.

    ``practice`` (M, 2) is what the municipality's people met before the reform. Until the reform
    the mean over a municipality's areas, weighted by where its people live, is 0. From then on the
    deviation from what they move to together halves every so many years: in the default country
    their mean; in others a merged municipality that granted few grants fewer still, and one that
    granted many moves towards the largest of its areas (:func:`common_move`).
    """
    sizes = scenario.practice
    weight = np.diff(np.minimum(areas.cumulative, 1.0), axis=1, prepend=0.0)
    place = np.arange(areas.municipality.size) - areas.first[areas.municipality]
    weights = weight[areas.municipality, place]
    stream = Stream(seed, np.arange(areas.municipality.size))
    since = np.maximum(np.array(years) - (REFORM_YEAR - 1), 0)
    fade = 0.5 ** (since / sizes.former_halving_years)
    deviation = np.empty((areas.municipality.size, len(OUTCOMES), len(years)))
    for o, outcome in enumerate(OUTCOMES):
        own = stream.normal(f"former_practice_{outcome}")
        mean = np.bincount(areas.municipality, weights * own)
        level = sizes.former_spread * (own - mean[areas.municipality])
        move = common_move(areas, scenario, level, weights, practice[:, o])
        deviation[:, o] = level[:, None] * fade + move[areas.municipality, None] * (since > 0)
    return deviation


def common_move(
    areas: Areas, scenario: Scenario, level: Floats, weights: Floats, practice: Floats
) -> Floats:
    """Return (M,) what the areas of a municipality move by together from the reform on, log odds.

    ``level`` and ``weights`` (A,) are the areas' deviations before and where people live;
    ``practice`` (M,) says who granted few (below 0) and many. Nothing where nobody was merged.
    """
    sizes = scenario.practice
    order = np.lexsort((-weights, areas.municipality))
    _, first = np.unique(areas.municipality[order], return_index=True)
    to_largest = sizes.former_on_largest * level[order[first]]
    is_merged = np.bincount(areas.municipality) > 1
    return np.where(is_merged, np.where(practice < 0, -sizes.former_tightening, to_largest), 0.0)
