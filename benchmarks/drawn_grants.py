"""Grants of one seed on a country's cells, with their main diagnoses, by the generator's rules."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from benchmarks.simulation_population import YEARS, Population
from pipeline.model.national.cells import YEAR
from pipeline.model.numerics.shift import solve_shift
from synthetic_data.ground.rng import Stream
from synthetic_data.ground.scenario import OUTCOMES
from synthetic_data.places.country import redraw_practice
from synthetic_data.places.diagnoses import group_mix, state_of, tilted_total
from synthetic_data.places.tilts import diagnosis_tilt, route_tilt, tenure_tilt


@dataclass(frozen=True)
class DrawnGrants:
    """Grants of n cells, of M municipalities and D diagnosis groups.

    Attributes
    ----------
    events, diagnoses
        (n,) grants and (n, D) the same by main diagnosis, whole numbers.
    expected, actual
        (n,) grants expected at national practice, shifted to the number drawn, and at the
        municipality's own.
    national_share, actual_share
        (n, D) shares of diagnoses among grants, at national and at the municipality's practice.
    by_group, by_tenure
        (M, D) and (M, L) planted tilts towards diagnoses and tenures, log odds.
    """

    events: np.ndarray
    diagnoses: np.ndarray
    expected: np.ndarray
    actual: np.ndarray
    national_share: np.ndarray
    actual_share: np.ndarray
    by_group: np.ndarray
    by_tenure: np.ndarray


def draw_grants(
    population: Population, outcome: str, seed: int, rng: np.random.Generator
) -> DrawnGrants:
    """Return the grants of ``outcome``: practice and tilts by ``seed``, the rest by ``rng``."""
    country, scenario, cells = population.country, population.scenario, population.cells[outcome]
    table, o = cells.table, OUTCOMES.index(outcome)
    order = np.argsort(np.array(country.codes))
    practice = redraw_practice(country, scenario, seed)
    stream = Stream(seed, np.array(country.codes, dtype=np.int64))
    by_group = diagnosis_tilt(stream, scenario, practice[:, 0].mean(axis=1))[order, o]
    by_tenure = tenure_tilt(stream, scenario)[order, o]
    years = np.array([country.years.index(year) for year in YEARS])[table.codes(YEAR)]
    place, levels = table.municipality, {name: table.codes(name) for name in table.factors}
    state, mix = state_of(levels), group_mix(scenario, outcome)
    tilt = tilted_total(mix, by_group)[place, state] + by_tenure[place, levels["tenure_band"]]
    tilt += route_tilt(stream, scenario)[order, o][place, levels["labour_status"]]
    national = cells.log_odds[:, 0]
    actual = expit(national + practice[order][place, o, years] + tilt)
    events = rng.binomial(table.n_persons, actual)
    weights = mix[state] * np.exp(by_group[place])
    share = weights / weights.sum(axis=1, keepdims=True)
    granted = np.flatnonzero(events)
    diagnoses = np.zeros(share.shape, dtype=np.int64)
    diagnoses[granted] = rng.multinomial(events[granted], share[granted])
    common = solve_shift(national, table.n_persons, np.array([float(events.sum())]))[0]
    return DrawnGrants(
        events=events,
        diagnoses=diagnoses,
        expected=table.n_persons * expit(national + common),
        actual=table.n_persons * actual,
        national_share=mix[state],
        actual_share=share,
        by_group=by_group,
        by_tenure=by_tenure,
    )
