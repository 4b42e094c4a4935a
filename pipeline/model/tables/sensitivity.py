"""The same benchmark under other reasonable choices: how far does a municipality's place move?

A declared grid: everything as in the base specification but one choice. AKF picked its case
municipalities among those that were high, or low, in several such analyses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pandas as pd

from pipeline.benchmarks.bands import AGE
from pipeline.errors import ModelError
from pipeline.model.inference.ranks import point_ranks
from pipeline.model.national.cells import COUNTS as _COUNTS
from pipeline.model.national.cells import YEAR, CellTable, code_cells
from pipeline.model.national.diagnostics import Finding
from pipeline.model.national.fitted import FittedModel, fit_within
from pipeline.model.national.specification import Specification
from pipeline.model.tables.columns import COLUMNS
from pipeline.model.tables.frames import make_frame
from pipeline.model.tables.variants import part_of, place_rows, units_of, with_rows, without_factors

BASE, DECIDED, SHORT_LOOK_BACK = "base", "decision_municipality", "short_look_back"
#: Below this age the law differs since 2013, years.
YOUNG_UNTIL = 40
_BAND = re.compile(r"\d+-\d+")
#: Specifications that are models of the main run.
_MODELS = {
    BASE: "within",
    "pooled": "pooled",
    "conditions": "conditions",
    "no_health": "no_health",
}
CHECK = "sensitivity_fitted"
#: Name, specification, and what makes its cells, which may not be possible.
_Variant = tuple[str, Specification, Callable[[], CellTable]]


def vary(
    outcome: str,
    table: CellTable,
    grants: pd.DataFrame,
    movers: pd.DataFrame,
    municipality_codes: Sequence[str],
    specification: Specification,
    near: FittedModel | None = None,
    short: Callable[[], pd.DataFrame] | None = None,
) -> tuple[list[pd.DataFrame], list[Finding]]:
    """Return the rows of ``sensitivity`` of each specification that is no model of the run.

    And which could be fitted, or why not. ``table`` has the cells of the outcome, ``grants`` its
    grants with ``decision_municipality_code``, ``movers`` those of ``mart.mover_cell``, of
    which those who moved in the year before are left out once; fits start from ``near``, that of
    ``table``. ``short`` makes the cells with half the look-backs, None for none. A municipality
    without persons at risk under a specification has no row there. Ranks: 1 grants fewest relative
    to expectation, ties share the lowest. Rows have ``observed``, ``expected`` and ``share_apart``
    besides, by which disclosure control judges them: the last is the share of the country's grants,
    as shown, that are counted elsewhere than in the base; missing where the specification leaves
    grants out.
    """
    frames, findings = [], []
    own_grants, own_movers = (frame[frame["outcome"] == outcome] for frame in (grants, movers))
    for name, varied, cells_of in (
        *_unasked_models(table, specification),
        *_variants(table, own_grants, own_movers, municipality_codes, specification),
        *_short_look_back(short, municipality_codes, specification),
    ):
        where = f"{outcome} {name}"
        try:
            made = _fit(name, outcome, cells_of(), varied, near)
            if name == DECIDED:
                made = made.assign(share_apart=_elsewhere(table, own_grants, varied))
            frames.append(made)
        except ModelError as error:
            findings.append(Finding(CHECK, where, "warn", f"left out: {error}", 0))
        else:
            findings.append(Finding(CHECK, where, "ok", "", 1))
    return frames, findings


def models_as_specifications(benchmark: pd.DataFrame, ranking: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the rows of ``sensitivity`` of the models of the run, which are specifications too."""
    keys = ["outcome", "municipality_code", "model"]
    main = benchmark.merge(ranking[[*keys, "rank"]], on=keys, validate="one_to_one")
    return [
        main[main["model"] == model].assign(specification=name, share_apart=np.nan)[
            list(COLUMNS["sensitivity"])
        ]
        for name, model in _MODELS.items()
        if (main["model"] == model).any()
    ]


def move_to_decision(cells: pd.DataFrame, grants: pd.DataFrame) -> pd.DataFrame:
    """Return ``cells`` with each person granted counted in the municipality that decided.

    Those not granted stay where they live; the country's totals do not change.
    """
    elsewhere = grants[grants["decision_municipality_code"] != grants["municipality_code"]]
    if elsewhere.empty:
        return cells
    keys = [name for name in cells.columns if name not in _COUNTS]
    moved = elsewhere[keys].assign(
        **{
            name: elsewhere["events_key" if name.endswith("key") else "n_events"]
            for name in _COUNTS
            if name in cells
        }
    )
    to_decision = moved.assign(municipality_code=elsewhere["decision_municipality_code"])
    return _added([cells, _negative(moved), to_decision], keys)


def _unasked_models(table: CellTable, base: Specification) -> Iterator[_Variant]:
    """Yield the base, which the others vary, and ``no_health`` where the run has them not."""
    if "within" not in base.models:
        yield BASE, base, lambda: table
    without_health = base.without_health()
    if "no_health" not in base.models and without_health.levels != base.levels:
        yield "no_health", without_health, lambda: without_factors(table, without_health)


def _variants(
    table: CellTable,
    grants: pd.DataFrame,
    movers: pd.DataFrame,
    municipality_codes: Sequence[str],
    base: Specification,
) -> Iterator[_Variant]:
    """Yield name, specification and cells of every fit of the grid but the main run's."""

    def part(is_kept: np.ndarray) -> Callable[[], CellTable]:
        return lambda: part_of(table, is_kept, base)

    if DECIDED in base.grid:
        yield (
            DECIDED,
            base,
            lambda: decided(table, grants, municipality_codes, base),
        )
    years = table.levels[YEAR]
    if "each_year" in base.grid and len(years) > 1:
        for number, year in enumerate(years):
            yield f"year_{year}", base, part(table.pattern_codes[:, 0] == number)
    young, old = young_and_old(base.levels.get(AGE, ()))
    if "ages" in base.grid and young and old:
        age = table.pattern_codes[:, table.factors.index(AGE)]
        is_young = np.isin(age, [base.levels[AGE].index(band) for band in young])
        if is_young.any() and not is_young.all():
            yield _ages(young), base, part(is_young)
            yield _ages(old), base, part(~is_young)
    recent = movers[movers["years_since_move"] == 1] if len(movers) else movers
    if "without_movers" in base.grid and not recent.empty:
        yield "without_movers", base, lambda: _stayed(table, recent, municipality_codes, base)


def _short_look_back(
    short: Callable[[], pd.DataFrame] | None, codes: Sequence[str], base: Specification
) -> Iterator[_Variant]:
    """Yield the specification with half the look-backs; its cells are read when they are fitted."""
    if short is not None:
        yield SHORT_LOOK_BACK, base, lambda: code_cells(short(), base, codes)


def decided(
    table: CellTable,
    grants: pd.DataFrame,
    municipality_codes: Sequence[str],
    specification: Specification,
) -> CellTable:
    """Return ``table`` as :func:`move_to_decision` changes its rows."""
    elsewhere = grants[grants["decision_municipality_code"] != grants["municipality_code"]]
    if elsewhere.empty:
        return table
    persons = {
        name: elsewhere["events_key" if name.endswith("key") else "n_events"]
        for name in _COUNTS
        if "events_key" in elsewhere or not name.endswith("key")
    }
    rows = place_rows(table, elsewhere.assign(**persons), municipality_codes)
    unit = units_of(elsewhere["decision_municipality_code"], municipality_codes)
    return with_rows(
        table, [rows.moved(rows.unit, -1), rows.moved(unit)], municipality_codes, specification
    )


def _stayed(
    table: CellTable,
    movers: pd.DataFrame,
    municipality_codes: Sequence[str],
    specification: Specification,
) -> CellTable:
    """Return ``table`` without the persons and grants of ``movers``, a part of them."""
    rows = place_rows(table, movers, municipality_codes)
    return with_rows(table, [rows.moved(rows.unit, -1)], municipality_codes, specification)


def young_and_old(bands: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the age bands that end before 40, and the others; none where bands say no ages."""
    if not all(_BAND.fullmatch(band) for band in bands):
        return [], []
    young = [band for band in bands if int(band.split("-")[1]) < YOUNG_UNTIL]
    return young, [band for band in bands if band not in young]


def _ages(bands: Sequence[str]) -> str:
    return f"age_{bands[0].split('-')[0]}_{bands[-1].split('-')[1]}"


def _fit(
    name: str,
    outcome: str,
    table: CellTable,
    specification: Specification,
    near: FittedModel | None,
) -> pd.DataFrame:
    expected = fit_within(table, specification, near).expected
    return make_frame(
        "sensitivity",
        outcome,
        specification=name,
        municipality_code=list(table.municipality_codes),
        observed=table.observed.astype(np.int64),
        expected=expected.expected,
        share_apart=np.full(len(table.municipality_codes), np.nan),
        practice_effect=expected.practice_effect,
        practice_effect_se=np.sqrt(np.diag(expected.effect_covariance)),
        rank=point_ranks(expected.rank_effect),
    )


def _elsewhere(table: CellTable, grants: pd.DataFrame, specification: Specification) -> float:
    """Return the share of the country's grants, as shown, that another municipality decided."""
    elsewhere = grants[grants["decision_municipality_code"] != grants["municipality_code"]]
    keys = elsewhere["events_key"] if "events_key" in elsewhere else pd.Series(dtype="int64")
    shown = specification.protection.shown(
        np.array([elsewhere["n_events"].sum()]), np.array([keys.sum()])
    )
    return float(shown[0] / table.observed.sum())


def _negative(cells: pd.DataFrame) -> pd.DataFrame:
    return cells.assign(**{name: -cells[name] for name in _COUNTS if name in cells})


def _added(frames: list[pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    counts = [name for name in _COUNTS if name in frames[0]]
    added = pd.concat(frames).groupby(keys, observed=True, sort=True)[counts].sum().reset_index()
    return added[added["n_persons"] > 0]
