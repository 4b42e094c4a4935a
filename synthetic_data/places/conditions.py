"""Framework conditions of the municipalities: labour market and urbanity, year by year.

A condition is a number of standard deviations per municipality that goes together with deprivation
and urbanity as the scenario says, and is otherwise shared by neighbours: municipalities that follow
each other in a region's codes make up a commuting area. It moves a little from year to year.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pipeline.errors import SettingsError
from synthetic_data.ground.rng import Floats, Ints, Stream
from synthetic_data.ground.scenario import Scenario
from synthetic_data.ground.sizes import ConditionSizes

_AREA_MUNICIPALITIES = 4
#: Shares keep away from 0 and 1, densities from empty land.
_SHARE_RANGE = (0.005, 0.95)
_CYCLE_YEARS = 12


def draw_conditions(
    stream: Stream,
    scenario: Scenario,
    seed: int,
    region: Ints,
    deprivation: Floats,
    urbanity: Floats,
) -> dict[str, Floats]:
    """Return the lasting level of each condition, in standard deviations over municipalities.

    Correlations with ``deprivation`` and ``urbanity`` and between conditions are the same for every
    seed. Raises :class:`SettingsError` when the scenario's weights are impossible.
    """
    area = _commuting_areas(region)
    areas = Stream(seed, np.arange(area.max() + 1))
    known = [deprivation, urbanity]
    levels = {}
    for name, sizes in scenario.conditions.items():
        together = sizes.on_deprivation * deprivation + sizes.on_urbanity * urbanity
        rest = 1 - together.var()
        if rest < 0:
            raise SettingsError(
                f"scenario {scenario.name}: {name} follows deprivation and urbanity too closely",
                expected="on_deprivation and on_urbanity that explain at most all of it",
            )
        own = areas.normal(name)[area] + sizes.local * stream.normal(name)
        own = unrelated(own, *known)
        known.append(own)
        levels[name] = together + np.sqrt(rest) * own
    return levels


def condition_of_year(
    name: str, level: Floats, sizes: ConditionSizes, year: int, stream: Stream
) -> Floats:
    """Return a condition of ``year``, in standard deviations of its lasting level.

    It swings around the level in a slow wave of the municipality's own phase.
    """
    phase = stream.uniform(f"{name}_phase") + year / _CYCLE_YEARS
    return level + sizes.drift * np.sqrt(2) * np.sin(2 * np.pi * phase)


def register_value(sizes: ConditionSizes, standard: Floats, year: int) -> Floats:
    """Return the value that ``standard`` deviations stand for in ``year``, in the condition's unit.

    Shares move along the trend; on the log scale the mean is that of the logarithms.
    """
    centre = sizes.mean + sizes.trend * (year - 2007)
    if sizes.is_log:
        return np.exp(np.log(centre) + sizes.spread * standard)
    return np.clip(centre + sizes.spread * standard, *_SHARE_RANGE)


def conditions_effect(
    sizes: Mapping[str, ConditionSizes], outcome: str, standard: Mapping[str, Floats], base: Floats
) -> Floats:
    """Return what the conditions add to the log odds, added to ``base``."""
    effect = base
    for name, values in standard.items():
        effect = effect + sizes[name].effect[outcome] * values
    return effect


def standardise(values: Floats) -> Floats:
    """Return ``values`` with mean 0 and standard deviation 1 over the municipalities."""
    return (values - values.mean()) / values.std()


def unrelated(values: Floats, *others: Floats) -> Floats:
    """Return ``values`` with mean 0, standard deviation 1 and no correlation with ``others``."""
    return standardise(residual(values, *others))


def residual(values: Floats, *others: Floats) -> Floats:
    """Return what is left of ``values`` when a mean and ``others`` are taken out."""
    design = np.stack([np.ones_like(values), *others], axis=1)
    return values - design @ np.linalg.lstsq(design, values, rcond=None)[0]


def _commuting_areas(region: Ints) -> Ints:
    """Return an area number per municipality: runs of neighbours within a region."""
    place = np.arange(region.size) - np.searchsorted(region, region, side="left")
    areas = region * region.size + place // _AREA_MUNICIPALITIES
    return np.unique(areas, return_inverse=True)[1]
