"""Practices of former municipalities inside those of 2007: apart at first, then merging."""

from __future__ import annotations

import numpy as np

from synthetic_data.ground.rng import Floats, Stream
from synthetic_data.ground.scenario import OUTCOMES, Scenario
from synthetic_data.places.areas import REFORM_YEAR, Areas


def former_practice(areas: Areas, scenario: Scenario, seed: int, years: tuple[int, ...]) -> Floats:
    """Return deviation[area, outcome, year] from the practice of the municipality of 2007.

    The mean over a municipality's areas, weighted by where its people live, is 0. From the reform
    on the deviation halves every so many years.
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
        deviation[:, o] = level[:, None] * fade
    return deviation
