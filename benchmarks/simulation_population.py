"""One synthetic country's person-years as cells, and grants drawn on them again and again.

Who lives where, under which framework conditions, how likely each person is to be granted at
national practice, and how practice tilts towards diagnoses and tenures come from the generator; the
level of municipal practice and the grants are drawn anew for every seed. Where practice shapes who
lives where, or what is recorded of them, it stays as the country has it, and the country is another
one every :data:`SEEDS_PER_COUNTRY` seeds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
from scipy.special import expit, logit

from pipeline.disclosure.cell_key import MODULUS
from pipeline.model.national.cells import YEAR, CellTable
from pipeline.model.national.conditions import Conditions
from pipeline.model.numerics.pattern_keys import pack_codes
from pipeline.model.numerics.shift import solve_shift
from synthetic_data.events.factors import LEVELS
from synthetic_data.files.blocks import generate_block
from synthetic_data.files.plan import Plan
from synthetic_data.ground.scenario import OUTCOMES, Scenario, read_scenario
from synthetic_data.places.country import Country, redraw_practice

#: The window of the study; the registers before it fill the look-backs.
YEARS = (2006, 2007)
FIRST_YEAR = 1998
BLOCK_PERSONS = 50_000
#: The country whose practice is drawn anew for every seed: its composition is the same for all.
COUNTRY_SEED = 1
#: Seeds of grants that share one country where practice stays as the country has it.
SEEDS_PER_COUNTRY = 20


@dataclass(frozen=True)
class Cells:
    """Person-years of one outcome: n cells without grants, and what they are granted at.

    ``registers`` are the numbers of the outcomes whose grants count: FP, FJ or both for ANY. Per
    cell and register: ``log_odds`` at national practice, ``tilt`` of the municipality's practice
    towards such people beside its level.
    """

    table: CellTable
    log_odds: np.ndarray
    tilt: np.ndarray
    registers: tuple[int, ...]


@dataclass(frozen=True)
class Population:
    """The person-years at risk of the country ``seed`` by outcome."""

    seed: int
    scenario: Scenario
    country: Country
    conditions: Conditions
    cells: Mapping[str, Cells]


@dataclass(frozen=True)
class Truth:
    """What is true of M municipalities, in the terms of one model's estimates.

    ``effect`` log odds against the practice at which the country as a whole expects what it
    expects, net of framework conditions for model ``conditions``; ``observed`` and ``expected``
    grants expected at own and at that practice; ``deprivation`` standardised.
    """

    effect: np.ndarray
    observed: np.ndarray
    expected: np.ndarray
    deprivation: np.ndarray

    @property
    def ratio(self) -> np.ndarray:
        """(M,) true O/E."""
        return self.observed / self.expected


@dataclass(frozen=True)
class Drawn:
    """Grants of one seed and what is behind them.

    ``table`` holds the grants; ``actual`` (n,) are the risks they were drawn from, ``lasting``
    those without what practice is off in single years, ``bases`` those at national practice by
    model, ``deprivation`` (M,).
    """

    table: CellTable
    actual: np.ndarray
    lasting: np.ndarray
    bases: Mapping[str, np.ndarray]
    deprivation: np.ndarray

    def truth(self, model: str) -> Truth:
        """Return what is true in the terms of ``model``."""
        return _truth(self.table, self.actual, self.bases[model], self.deprivation)

    def lasting_truth(self, model: str) -> Truth:
        """Return what is true in the terms of ``model`` of practice that lasts."""
        return _truth(self.table, self.lasting, self.bases[model], self.deprivation)

    def truth_net_of(self, explained: np.ndarray) -> Truth:
        """Return what is true when ``explained`` (M,) log odds are no part of practice."""
        log_odds = logit(self.bases["within"]) + explained[self.table.municipality]
        return _truth(self.table, self.actual, expit(log_odds), self.deprivation)


def country_seed(scenario_name: str, seed: int) -> int:
    """Return the seed of the country that ``seed`` draws grants in."""
    if read_scenario(scenario_name).unseen.is_free_of_practice:
        return COUNTRY_SEED
    return 1 + (seed - 1) // SEEDS_PER_COUNTRY


def make_population(
    scenario_name: str,
    scale: float,
    times: int,
    outcomes: tuple[str, ...],
    seed: int = COUNTRY_SEED,
) -> Population:
    """Return the cells of the country ``seed`` of ``scale``, every person counted ``times``."""
    scenario = read_scenario(scenario_name)
    plan = Plan(scenario, scale, seed, FIRST_YEAR, YEARS[-1])
    parts = [_coded(table) for table in _person_years(plan)]
    codes = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    cells = {}
    for outcome in outcomes:
        registers = (0, 1) if outcome == "ANY" else (OUTCOMES.index(outcome),)
        at_risk = np.all([codes[f"is_at_risk_{OUTCOMES[r].lower()}"] for r in registers], axis=0)
        kept = {name: values[at_risk] for name, values in codes.items()}
        cells[outcome] = _cells(kept, registers, plan.country, times)
    return Population(seed, scenario, plan.country, _conditions(plan.country), cells)


def draw_grants(population: Population, outcome: str, seed: int) -> Drawn:
    """Return the cells with the grants of ``seed``, and what is behind them."""
    cells, scenario = population.cells[outcome], population.scenario
    country, table = population.country, cells.table
    order = _order(country)
    years = _years(country, table)[table.codes(YEAR)]
    of_practice = seed if scenario.unseen.is_free_of_practice else population.seed
    steady = replace(scenario, practice=replace(scenario.practice, wobble=0.0))

    def risks(drawn: Scenario) -> np.ndarray:
        practice = redraw_practice(country, drawn, of_practice)[order]
        practice = practice[table.municipality, :, years][:, cells.registers]
        return _either(cells.log_odds + cells.tilt + practice)

    actual = risks(scenario)
    conditions = country.conditions_effect[order][table.municipality, :, years]
    national = _either(cells.log_odds)
    rng = np.random.default_rng([seed, OUTCOMES.index(outcome) if outcome in OUTCOMES else 2])
    events = rng.binomial(table.n_persons, actual).astype(np.int64)
    return Drawn(
        table=replace(table, n_events=events),
        actual=actual,
        lasting=risks(steady),
        bases={
            "pooled": national,
            "within": national,
            "conditions": _either(cells.log_odds + conditions[:, cells.registers]),
        },
        deprivation=country.deprivation[order],
    )


def with_keys(table: CellTable, seed: int) -> CellTable:
    """Return ``table`` with sums of record keys of its grants, drawn by ``seed``."""
    keys = np.random.default_rng([seed, 7]).integers(0, MODULUS, len(table.n_events))
    return replace(table, events_key=np.where(table.n_events > 0, keys, 0))


def _truth(
    table: CellTable, actual: np.ndarray, base: np.ndarray, deprivation: np.ndarray
) -> Truth:
    """Return the truth against the risks ``base`` (n,), moved to the country's total."""
    log_odds, persons = logit(base), table.n_persons
    observed = table.by_municipality(persons * actual)
    common = solve_shift(log_odds, persons, np.array([observed.sum()]))[0]
    effect = solve_shift(log_odds + common, persons, observed, table.municipality)
    expected = table.by_municipality(persons * expit(log_odds + common))
    return Truth(effect, observed, expected, deprivation)


def _either(log_odds: np.ndarray) -> np.ndarray:
    """Return the (n,) risks of any of the independent grants in the columns."""
    return 1 - np.prod(expit(-log_odds), axis=1)


def _order(country: Country) -> np.ndarray:
    """Return the municipalities of ``country`` in the order of their codes."""
    return np.argsort(np.array(country.codes))


def _years(country: Country, table: CellTable) -> np.ndarray:
    return np.array([country.years.index(int(year)) for year in table.levels[YEAR]])


def _conditions(country: Country) -> Conditions:
    """Return the framework conditions behind the window, in standard deviations."""
    names = tuple(sorted(country.conditions))
    # Grants of a year follow the conditions of the year before; the first column is that year's.
    first = country.years.index(YEARS[0])
    behind = slice(first, first + len(YEARS))
    level = np.column_stack([country.conditions[name][:, behind].mean(axis=1) for name in names])
    level, share = level[_order(country)], country.share[_order(country)]
    centre = share @ level
    return Conditions(names, level, centre, (level - centre) / level.std(axis=0, ddof=1))


def _person_years(plan: Plan) -> Iterator[pa.Table]:
    for first, last in plan.layout.blocks(BLOCK_PERSONS):
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
        for column in (f"is_at_risk_{outcome}", f"p_national_{outcome}", f"p_actual_{outcome}"):
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
    _, cell, n_persons = np.unique(place, return_inverse=True, return_counts=True)
    places = np.unique(place)
    table = CellTable(
        municipality_codes=names,
        levels=levels,
        pattern_codes=factors[first],
        pattern=places % len(first),
        municipality=places // len(first),
        n_persons=n_persons * times,
        n_events=np.zeros(len(places), dtype=np.int64),
    )
    if len(np.unique(table.municipality)) < len(names):
        raise ValueError("a municipality has nobody at risk; use a larger scale")

    def mean(values: np.ndarray) -> np.ndarray:
        return np.bincount(cell, values) / n_persons

    risks = [
        [mean(logit(coded[f"p_{kind}_{OUTCOMES[r].lower()}"])) for r in registers]
        for kind in ("national", "actual")
    ]
    log_odds, actual = (np.column_stack(columns) for columns in risks)
    years = _years(country, table)[table.codes(YEAR)]
    planted = country.practice[_order(country)][table.municipality, :, years][:, registers]
    return Cells(table, log_odds, actual - log_odds - planted, registers)
