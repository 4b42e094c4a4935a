"""One synthetic country's person-years as cells, and grants drawn on them again and again.

Who lives where, and how likely each person is to be granted at national practice, comes from the
generator once per scenario; municipal practice and the grants are drawn anew for every seed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from scipy.special import expit, logit

from pipeline.model.cells import YEAR, CellTable, pack_codes
from pipeline.model.shift import solve_shift
from synthetic_data.blocks import Plan, generate_block
from synthetic_data.country import Country, redraw_practice
from synthetic_data.factors import LEVELS
from synthetic_data.scenario import OUTCOMES, Scenario, read_scenario

#: The window of the study; the registers before it fill the look-backs.
YEARS = (2006, 2007)
FIRST_YEAR = 1998
BLOCK_PERSONS = 50_000
#: Seed of the country: its composition is the same for every drawn practice.
COUNTRY_SEED = 1


@dataclass(frozen=True)
class Cells:
    """Person-years of one outcome: cells without grants, and (n, registers) national log odds.

    ``registers`` are the numbers of the outcomes whose grants count: FP, FJ or both for ANY.
    """

    table: CellTable
    log_odds: np.ndarray
    registers: tuple[int, ...]


@dataclass(frozen=True)
class Population:
    """The person-years at risk of one country by outcome."""

    scenario: Scenario
    country: Country
    cells: Mapping[str, Cells]


@dataclass(frozen=True)
class Truth:
    """What is true of M municipalities, in the terms of the estimates.

    ``effect`` log odds against the practice at which the country as a whole expects what it
    expects; ``observed`` and ``expected`` grants expected at own and at that practice;
    ``deprivation`` standardised.
    """

    effect: np.ndarray
    observed: np.ndarray
    expected: np.ndarray
    deprivation: np.ndarray

    @property
    def ratio(self) -> np.ndarray:
        """(M,) true O/E."""
        return self.observed / self.expected


def make_population(
    scenario_name: str, scale: float, times: int, outcomes: tuple[str, ...]
) -> Population:
    """Return the cells of a country of ``scale``, every person counted ``times``."""
    scenario = read_scenario(scenario_name)
    plan = Plan(scenario, scale, COUNTRY_SEED, FIRST_YEAR, YEARS[-1])
    parts = [_coded(table) for table in _person_years(plan)]
    codes = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    cells = {}
    for outcome in outcomes:
        registers = (0, 1) if outcome == "ANY" else (OUTCOMES.index(outcome),)
        at_risk = np.all([codes[f"is_at_risk_{OUTCOMES[r].lower()}"] for r in registers], axis=0)
        kept = {name: values[at_risk] for name, values in codes.items()}
        cells[outcome] = _cells(kept, registers, plan.country, times)
    return Population(scenario, plan.country, cells)


def draw_grants(population: Population, outcome: str, seed: int) -> tuple[CellTable, Truth]:
    """Return the cells with the grants of ``seed``, and the truth behind them."""
    cells = population.cells[outcome]
    country, table = population.country, cells.table
    order = np.argsort(np.array(country.codes))
    practice = redraw_practice(country, population.scenario, seed)[order]
    years = np.array([country.years.index(int(year)) for year in table.levels[YEAR]])
    year = years[table.codes(YEAR)]
    neither_actual, neither_national = np.ones(len(year)), np.ones(len(year))
    for log_odds, register in zip(cells.log_odds.T, cells.registers, strict=True):
        own = practice[table.municipality, register, year]
        neither_actual *= expit(-(log_odds + own))
        neither_national *= expit(-log_odds)
    actual, national = 1 - neither_actual, logit(1 - neither_national)
    rng = np.random.default_rng([seed, OUTCOMES.index(outcome) if outcome in OUTCOMES else 2])
    events = rng.binomial(table.n_persons, actual)

    expected_actual = table.by_municipality(table.n_persons * actual)
    common = solve_shift(national, table.n_persons, np.array([expected_actual.sum()]))[0]
    effect = solve_shift(national + common, table.n_persons, expected_actual, table.municipality)
    expected = table.by_municipality(table.n_persons * expit(national + common))
    truth = Truth(effect, expected_actual, expected, country.deprivation[order])
    return replace(table, n_events=events.astype(np.int64)), truth


def _person_years(plan: Plan) -> Iterator[pa.Table]:
    for first in range(0, plan.layout.n_persons, BLOCK_PERSONS):
        last = min(first + BLOCK_PERSONS, plan.layout.n_persons)
        for (name, year), table in generate_block(plan, first, last):
            if name == "truth/person_year" and year in YEARS:
                yield table


def _coded(table: pa.Table) -> dict[str, np.ndarray]:
    """Return level numbers, risk sets and national probabilities of person-years."""
    coded = {
        name: table[name].combine_chunks().indices.to_numpy()
        for name in ("municipality_code", *LEVELS)
    }
    for outcome in ("fp", "fj"):
        for column in (f"is_at_risk_{outcome}", f"p_national_{outcome}"):
            coded[column] = table[column].to_numpy()
    return {YEAR: table[YEAR].to_numpy() - YEARS[0], **coded}


def _cells(
    coded: Mapping[str, np.ndarray], registers: tuple[int, ...], country: Country, times: int
) -> Cells:
    names = tuple(sorted(country.codes))
    municipality = np.array([names.index(code) for code in country.codes])
    levels = {YEAR: tuple(str(year) for year in YEARS), **LEVELS}
    factors = np.column_stack([coded[name] for name in levels]).astype(np.int64)
    key = pack_codes(factors, [len(known) for known in levels.values()])
    _, first, pattern = np.unique(key, return_index=True, return_inverse=True)
    place = municipality[coded["municipality_code"]] * len(first) + pattern
    cell, one, n_persons = np.unique(place, return_index=True, return_counts=True)
    national = [coded[f"p_national_{OUTCOMES[r].lower()}"][one] for r in registers]
    table = CellTable(
        municipality_codes=names,
        levels=levels,
        pattern_codes=factors[first],
        pattern=cell % len(first),
        municipality=cell // len(first),
        n_persons=n_persons * times,
        n_events=np.zeros(len(cell), dtype=np.int64),
    )
    if len(np.unique(table.municipality)) < len(names):
        raise ValueError("a municipality has nobody at risk; use a larger scale")
    return Cells(table, logit(np.column_stack(national)), registers)
