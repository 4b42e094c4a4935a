"""The same benchmark under other reasonable choices: how far does a municipality's place move?

A declared grid: everything as in the base specification but one choice. AKF picked its case
municipalities among those that were high, or low, in several such analyses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.errors import ModelError
from pipeline.model.inference.ranks import point_ranks
from pipeline.model.national.cells import code_cells
from pipeline.model.national.diagnostics import Diagnostic, Finding, combine_findings
from pipeline.model.national.fitted import fit_within
from pipeline.model.national.specification import Specification
from pipeline.model.tables.columns import COLUMNS
from pipeline.model.tables.frames import make_frame

BASE = "base"
AGE = "age_band"
#: Below this age the law differs since 2013, years.
YOUNG_UNTIL = 40
_BAND = re.compile(r"\d+-\d+")
#: Columns that are added, the record keys' sums where there are any.
_COUNTS = ("n_persons", "n_events", "persons_key", "events_key")
#: Specifications that are models of the main run.
_MODELS = {
    BASE: "within",
    "pooled": "pooled",
    "conditions": "conditions",
    "no_health": "no_health",
}
_KEYS = ["outcome", "municipality_code"]
_CHECK = "sensitivity_fitted"


@dataclass(frozen=True)
class SensitivityResult:
    """The grid's rows, and one diagnostic on what was fitted.

    ``sensitivity`` has the columns of the published table and ``observed``, by which disclosure
    control judges a row.
    """

    sensitivity: pd.DataFrame
    diagnostics: tuple[Diagnostic, ...]


def run_sensitivity(
    cells: pd.DataFrame,
    grants: pd.DataFrame,
    movers: pd.DataFrame,
    municipality_codes: Sequence[str],
    specification: Specification,
    benchmark: pd.DataFrame,
    ranking: pd.DataFrame,
) -> SensitivityResult:
    """Return the grid's rows, and which specifications could not be fitted and why.

    ``cells`` and ``grants`` as for ``run_benchmark``, grants with ``decision_municipality_code``;
    ``movers`` are the cells of those who changed municipality in the year before. ``benchmark``
    and ``ranking`` are the main run's: its models are specifications too. A municipality without
    persons at risk under a specification has no row there. Ranks: 1 grants fewest relative to
    expectation, ties share the lowest.
    """
    keys = [*_KEYS, "model"]
    main = benchmark.merge(ranking[[*keys, "rank"]], on=keys, validate="one_to_one")
    frames = [
        main[main["model"] == model].assign(specification=name)[list(COLUMNS["sensitivity"])]
        for name, model in _MODELS.items()
        if (main["model"] == model).any()
    ]
    findings = []
    for outcome in specification.outcomes:
        own_cells, own_grants, own_movers = (
            frame[frame["outcome"] == outcome] for frame in (cells, grants, movers)
        )
        chosen_models = set(main["model"])
        for name, specification_cells, varied in (
            *_unasked_models(own_cells, chosen_models, specification),
            *_variants(own_cells, own_grants, own_movers, specification),
        ):
            where = f"{outcome} {name}"
            try:
                frames.append(_fit(name, outcome, specification_cells, varied, municipality_codes))
            except ModelError as error:
                findings.append(Finding(_CHECK, where, "warn", f"left out: {error}", 0))
            else:
                findings.append(Finding(_CHECK, where, "ok", "", 1))
    sensitivity = pd.concat(frames, ignore_index=True)
    return SensitivityResult(sensitivity, tuple(combine_findings(findings)))


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


def leave_out(cells: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Return ``cells`` without the persons and grants of ``others``, a part of them."""
    keys = [name for name in cells.columns if name not in _COUNTS]
    return _added([cells, _negative(others[list(cells.columns)])], keys)


def _unasked_models(
    cells: pd.DataFrame, made: set[str], base: Specification
) -> Iterator[tuple[str, pd.DataFrame, Specification]]:
    """Yield the base, which the others vary, and ``no_health`` where the main run left them out."""
    if "within" not in made:
        yield BASE, cells, base
    without_health = base.without_health()
    if "no_health" not in made and without_health.levels != base.levels:
        yield "no_health", cells, without_health


def _variants(
    cells: pd.DataFrame, grants: pd.DataFrame, movers: pd.DataFrame, base: Specification
) -> Iterator[tuple[str, pd.DataFrame, Specification]]:
    """Yield name, cells and specification of every fit of the grid but the main run's."""
    if "decision_municipality" in base.grid:
        yield "decision_municipality", move_to_decision(cells, grants), base
    years = sorted(set(cells["year"]))
    if "each_year" in base.grid and len(years) > 1:
        for year in years:
            yield f"year_{year}", cells[cells["year"] == year], base
    young, old = young_and_old(base.levels.get(AGE, ()))
    if "ages" in base.grid and young and old:
        is_young = cells[AGE].isin(young)
        if is_young.any() and not is_young.all():
            yield _ages(young), cells[is_young], base
            yield _ages(old), cells[~is_young], base
    if "without_movers" in base.grid and not movers.empty:
        yield "without_movers", leave_out(cells, movers), base


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
    cells: pd.DataFrame,
    specification: Specification,
    municipality_codes: Sequence[str],
) -> pd.DataFrame:
    table = code_cells(cells, specification, list(municipality_codes))
    expected = fit_within(table, specification).expected
    return make_frame(
        "sensitivity",
        outcome,
        specification=name,
        municipality_code=list(table.municipality_codes),
        observed=table.observed.astype(np.int64),
        practice_effect=expected.practice_effect,
        practice_effect_se=np.sqrt(np.diag(expected.effect_covariance)),
        rank=point_ranks(expected.rank_effect),
    )


def _negative(cells: pd.DataFrame) -> pd.DataFrame:
    return cells.assign(**{name: -cells[name] for name in _COUNTS if name in cells})


def _added(frames: list[pd.DataFrame], keys: list[str]) -> pd.DataFrame:
    counts = [name for name in _COUNTS if name in frames[0]]
    added = pd.concat(frames).groupby(keys, observed=True, sort=True)[counts].sum().reset_index()
    return added[added["n_persons"] > 0]
