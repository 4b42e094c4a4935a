"""The 98 municipalities: who lives there, how they decide, how long they take.

Names, codes, regions and population shares are real; deprivation, practice and processing time are
drawn from the seed and mean nothing about the real place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.codes import code_list
from synthetic_data.ground.rng import Floats, Ints, Stream
from synthetic_data.ground.scenario import OUTCOMES, Scenario
from synthetic_data.places.backlog import Backlog, degree_of_merging, run_queues
from synthetic_data.places.conditions import (
    condition_of_year,
    conditions_effect,
    draw_conditions,
    standardise,
    unrelated,
)
from synthetic_data.places.practice import draw_practice
from synthetic_data.places.residence import AGE_GROUPS, age_group, fit_residence
from synthetic_data.places.sickness import runs_on
from synthetic_data.places.tilts import (
    contested_tilt,
    decentral_competence,
    diagnosis_tilt,
    hidden_health,
    recorded_share,
    route_tilt,
    tenure_tilt,
)

_DEPRIVATION_ON_URBANITY = -0.2  # correlation over municipalities


@dataclass(frozen=True)
class Country:
    """The municipalities in internal order: by region, then code.

    ``residence[g]`` is the cumulative share of age group g over municipalities;
    ``practice[m, o, y]`` log odds relative to national practice for outcome o in ``years[y]``, of
    which ``conditions_effect[m, o, y]`` is what the framework conditions add,
    ``backlog_effect[m, y]`` what queues do, and ``consultant_effect[m, o, y]`` the medical
    consultant's; ``lasting_conditions_effect[m, o]`` is that at ``condition_levels[name][m]``.
    ``conditions[name][m, y]`` is a condition in standard deviations, from the year before
    ``years[0]`` on. ``hidden_health[m]`` is what the citizens have in log odds of a grant that no
    register shows, no part of practice; ``recorded_share[m]`` the share of mental disorders met in
    psychiatry that is recorded; ``cash_factor[m, y]`` how much longer a spell on cash benefit lasts
    by practice, ``runs_on[m, y, month]`` the chance that a case on sickness benefit goes on beyond
    its limit. Tilts are (M, 2, groups), (M, 2, labour statuses) and (M, 2, tenure bands),
    ``reported_share[m, y]`` is the share of decisions that reach the register.
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
    condition_levels: Mapping[str, Floats]
    conditions: Mapping[str, Floats]
    lasting_conditions_effect: Floats
    conditions_effect: Floats
    practice: Floats
    consultant_effect: Floats
    backlog: Backlog
    hidden_health: Floats
    recorded_share: Floats
    cash_factor: Floats
    runs_on: Floats
    is_decentral: NDArray[np.bool_]
    diagnosis_tilt: Floats
    contested_tilt: Floats
    route_tilt: Floats
    tenure_tilt: Floats
    reported_share: Floats
    processing_days: Floats

    @property
    def backlog_effect(self) -> Floats:
        """What the queues add to the log odds of a grant, (M, years)."""
        return self.backlog.effect

    def practice_of(self, outcome: str, year: int) -> Floats:
        """Return the practice effect of each municipality in ``year``, log odds."""
        return self.practice[:, OUTCOMES.index(outcome), self.years.index(year)]


def build_country(scenario: Scenario, seed: int, years: tuple[int, ...]) -> Country:
    """Return the country of ``seed`` with practice effects for the risk years ``years``."""
    frame = code_list("municipality").sort_values(
        ["region_code", "municipality_code"], ignore_index=True
    )
    codes = tuple(frame["municipality_code"])
    # A number per code that is the code itself where it is one.
    ids = [int(code) if code.isdigit() else int(code.encode().hex(), 16) for code in codes]
    stream = Stream(seed, np.array(ids, dtype=np.int64))
    population = np.asarray(frame["population_2007"], dtype=np.float64)
    share = population / population.sum()
    urbanity = standardise(standardise(np.log(population)) + stream.normal("urbanity"))
    deprivation = _DEPRIVATION_ON_URBANITY * urbanity + np.sqrt(
        1 - _DEPRIVATION_ON_URBANITY**2
    ) * unrelated(stream.normal("deprivation"), urbanity)
    region = frame["region_code"].astype("category").cat.codes.to_numpy().astype(np.int64)
    levels = draw_conditions(stream, scenario, seed, region, deprivation, urbanity)
    conditions, lasting, yearly = _draw_conditions(stream, scenario, years, levels, share)
    own, consultant = draw_practice(
        stream, scenario, deprivation, share, list(levels.values()), lasting, years
    )
    backlog = run_queues(stream, scenario, degree_of_merging(tuple(frame.iloc[:, 0])), years)
    practice = own + yearly + backlog.effect[:, None, :]
    return Country(
        codes=codes,
        region=region,
        region_first=np.searchsorted(region, np.arange(region.max() + 1), side="left"),
        region_last=np.searchsorted(region, np.arange(region.max() + 1), side="right") - 1,
        share=share,
        deprivation=deprivation,
        urbanity=urbanity,
        residence=fit_residence(
            scenario.population, scenario.families, codes, share, region, urbanity, years[0] - 1
        ),
        years=years,
        condition_levels=levels,
        conditions=conditions,
        lasting_conditions_effect=lasting,
        conditions_effect=yearly,
        practice=practice,
        consultant_effect=consultant,
        backlog=backlog,
        hidden_health=hidden_health(stream, scenario, practice[:, 0].mean(axis=1)),
        recorded_share=recorded_share(stream, scenario),
        cash_factor=np.exp(-scenario.unseen.cash_weeks_on_strictness * practice[:, 0]),
        runs_on=runs_on(stream, scenario, (own + yearly)[:, 0], backlog),
        is_decentral=decentral_competence(stream, scenario) > 0,
        diagnosis_tilt=diagnosis_tilt(stream, scenario, practice[:, 0].mean(axis=1)),
        contested_tilt=contested_tilt(stream, scenario, practice.mean(axis=2)),
        route_tilt=route_tilt(stream, scenario),
        tenure_tilt=tenure_tilt(stream, scenario),
        reported_share=_reported_share(stream, scenario, population, years),
        processing_days=_processing_days(stream, scenario, practice),
    )


def redraw_practice(country: Country, scenario: Scenario, seed: int) -> Floats:
    """Return the practice (municipalities, outcomes, years) that ``seed`` plants in ``country``.

    Who lives where, the framework conditions and the queues stay as they are, and with them all
    that practice goes together with.
    """
    stream = Stream(seed, np.array(country.codes, dtype=np.int64))
    own, _ = draw_practice(
        stream,
        scenario,
        country.deprivation,
        country.share,
        list(country.condition_levels.values()),
        country.lasting_conditions_effect,
        country.years,
    )
    return own + country.conditions_effect + country.backlog_effect[:, None, :]


def settle(country: Country, ages: Ints, uniform: Floats) -> NDArray[np.int16]:
    """Return a municipality for each person, by the residence pattern of the age group."""
    group = age_group(ages)
    municipality = np.empty(ages.size, dtype=np.int16)
    for g in range(AGE_GROUPS.size):
        rows = group == g
        municipality[rows] = np.searchsorted(country.residence[g], uniform[rows], side="right")
    return municipality


def settle_in_region(
    country: Country, ages: Ints, municipality: NDArray[np.int16], uniform: Floats
) -> NDArray[np.int16]:
    """Return a municipality in the same region, by the residence pattern of the age group."""
    group = age_group(ages)
    region = country.region[municipality]
    cumulative = np.concatenate([np.zeros((AGE_GROUPS.size, 1)), country.residence], axis=1)
    low = cumulative[group, country.region_first[region]]
    high = cumulative[group, country.region_last[region] + 1]
    return settle(country, ages, low + uniform * (high - low))


def _draw_conditions(
    stream: Stream,
    scenario: Scenario,
    years: tuple[int, ...],
    levels: Mapping[str, Floats],
    share: Floats,
) -> tuple[dict[str, Floats], Floats, Floats]:
    """Return each condition by year (M, years + 1), and its lasting and yearly effects.

    Conditions begin the year before the first risk year; grants of a year follow those of the year
    before. Effects have the population-weighted mean 0 at the lasting level.
    """
    sizes = scenario.conditions
    by_year = {
        name: np.stack(
            [
                condition_of_year(name, level, sizes[name], year, stream)
                for year in (years[0] - 1, *years)
            ],
            axis=1,
        )
        for name, level in levels.items()
    }
    lasting, yearly = [], []
    for outcome in OUTCOMES:
        effect = conditions_effect(sizes, outcome, levels, np.zeros_like(share))
        centre = share @ effect
        before = {name: values[:, :-1] for name, values in by_year.items()}
        lasting.append(effect - centre)
        yearly.append(
            conditions_effect(sizes, outcome, before, np.full((share.size, len(years)), -centre))
        )
    return by_year, np.stack(lasting, axis=1), np.stack(yearly, axis=1)


def _reported_share(
    stream: Stream, scenario: Scenario, population: Floats, years: tuple[int, ...]
) -> Floats:
    """Return the share of decisions reported, (M, years): 1 but where a year is left out.

    Which of the municipalities large enough leave out a year is drawn for each year.
    """
    sizes = scenario.underreporting
    reported = np.ones((population.size, len(years)))
    for name, n_silent in sizes.municipalities.items():
        if int(name) in years:
            draw = stream.uniform("underreported", int(name))
            draw[population < sizes.smallest_population] = 1.0
            reported[np.argsort(draw)[:n_silent], years.index(int(name))] = sizes.reported_share
    return reported


def _processing_days(stream: Stream, scenario: Scenario, practice: Floats) -> Floats:
    """Return the mean days from application to decision per municipality."""
    sizes = scenario.decisions
    strictness = practice[:, 0, :].mean(axis=1) if practice.shape[2] else 0.0
    return sizes.processing_days * np.exp(
        sizes.processing_days_spread * stream.normal("processing_days")
        + sizes.processing_days_on_practice * strictness
    )
