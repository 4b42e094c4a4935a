"""The benchmark from cells to result tables: orchestration only, numbers come from elsewhere.

Per outcome the pooled fit comes first (its slopes start the fit with municipality dummies), then
expected counts, ranks, breakdown and counterfactuals of each model that was asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from pipeline.errors import ModelError
from pipeline.model.inference.shrinkage import ShrinkageResult
from pipeline.model.national.breakdown import break_down, fit_grants
from pipeline.model.national.cells import CellTable, GrantTable, code_cells, code_grants
from pipeline.model.national.conditions import Conditions, code_conditions
from pipeline.model.national.design import errors_of
from pipeline.model.national.diagnosis import DiagnosisModel
from pipeline.model.national.diagnostics import (
    Diagnostic,
    Finding,
    check_breakdown,
    check_fit,
    check_totals,
    combine_findings,
    conditions_known,
    nobody_at_risk,
)
from pipeline.model.national.expected import Expected
from pipeline.model.national.fitted import FittedModel, FittedOutcome, fit_models, fit_within
from pipeline.model.national.model_shrinkage import shrink_effects, shrink_net_effects
from pipeline.model.national.specification import Specification
from pipeline.model.tables.band_frames import band_frames
from pipeline.model.tables.columns import COLUMNS
from pipeline.model.tables.condition_frames import frames_of_conditions
from pipeline.model.tables.counterfactual_frames import counterfactual_frame
from pipeline.model.tables.forecast import forecast_frame
from pipeline.model.tables.frames import (
    benchmark_frame,
    breakdown_country_frame,
    breakdown_frame,
    coefficient_frame,
)
from pipeline.model.tables.level_counts import (
    breakdown_main_frame,
    check_levels,
    count_levels,
    practice_count_frame,
)
from pipeline.model.tables.overlap import overlap_frame
from pipeline.model.tables.ranking_frames import ranking_frame
from pipeline.model.tables.sensitivity import models_as_specifications, vary
from pipeline.model.tables.validity import validity_frame
from pipeline.model.tables.variants import without_factors

#: Made elsewhere, practice by level after disclosure control
#: (:mod:`pipeline.model.tables.practice_frames`); the sensitivity grid where movers are known.
_ELSEWHERE = (
    "sensitivity",
    "funnel",
    "unobserved",
    *("displacement", "displacement_summary", "prior", "prior_effect", "mover", "what_if"),
    *("change", "change_split", "change_country"),
    "practice_profile",
    "practice_profile_area",
    "practice_spread",
)
#: Tables made here.
TABLES = tuple(name for name in COLUMNS if name not in _ELSEWHERE)
#: More frames of a fit, by name: of its outcome, cells and first stage.
Further = Callable[[str, CellTable, FittedModel], dict[str, pd.DataFrame]]


@dataclass(frozen=True)
class BenchmarkResult:
    """Result tables without ``run_id``, before disclosure control, and what was checked.

    ``frames`` maps each of :data:`TABLES` to its frame: columns of
    ``sql/result`` in order, rows by outcome and model in the specification's order, then by key.
    Tables about framework conditions are empty where none are known.
    """

    frames: dict[str, pd.DataFrame]
    diagnostics: tuple[Diagnostic, ...]


@dataclass(frozen=True)
class _Outcome:
    """What the models of one outcome share."""

    name: str
    table: CellTable
    grants: GrantTable
    municipalities: pd.DataFrame


def run_benchmark(
    cells: pd.DataFrame | Callable[[str], pd.DataFrame],
    grants: pd.DataFrame,
    municipalities: pd.DataFrame,
    specification: Specification,
    conditions: pd.DataFrame | None = None,
    further: Further | None = None,
    movers: pd.DataFrame | None = None,
    short_look_back: Callable[[str], pd.DataFrame] | None = None,
) -> BenchmarkResult:
    """Return all result tables, those that ``further`` makes of each fit, and ``sensitivity``.

    Parameters
    ----------
    cells, grants
        Rows of ``mart.model_cell`` and ``mart.grant_cell`` of the window, in any order; cells
        perhaps by outcome, so that those of one are held at a time.
    municipalities
        ``municipality_code``, ``municipality_name`` and, optionally, ``coverage`` (share of the
        window reported, 0-1, by default 1). A municipality without persons at risk gets no row
        and a diagnostic.
    conditions
        Rows of ``mart.framework_condition``. Without any, model ``conditions`` and the three-way
        split are left out and a diagnostic says so.
    movers
        Rows of ``mart.mover_cell``, for the sensitivity grid; grants then have
        ``decision_municipality_code``. Without them the grid is left out.
    short_look_back
        Cells by outcome as ``cells``, with half the look-backs, for the grid.

    Raises :class:`ModelError` when a model cannot be fitted as asked.
    """
    known = municipalities.set_index("municipality_code").sort_index()
    if not known.index.is_unique:
        raise ModelError("municipalities: a code is listed twice")
    if "coverage" not in known:
        known["coverage"] = 1.0
    has_conditions = conditions is not None and not conditions.empty
    frames: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    findings: list[Finding] = [conditions_known(specification, has_conditions)]
    varied: list[pd.DataFrame] = []
    grid_findings: list[Finding] = []
    for outcome in specification.outcomes:
        own_grants = grants[grants["outcome"] == outcome]
        table = code_cells(_of_outcome(cells, outcome), specification, list(known.index))
        part = _code_outcome(outcome, table, own_grants, known, specification)
        findings.append(nobody_at_risk(table, known.index, outcome))
        worked_under = None
        if conditions is not None and has_conditions:
            worked_under = code_conditions(
                conditions,
                table.municipality_codes,
                table.n_at_risk,
                specification.log_conditions,
            )
        with errors_of(outcome):
            fitted = fit_models(table, specification, worked_under)
        parts = []
        if fitted.models:
            diagnosis = _diagnosis(part, fitted.within or fitted.models[0], specification)
            for model in fitted.models:
                shrunk = _shrink(model, fitted, worked_under, specification)
                parts.append((part, diagnosis, model, shrunk, specification))
        if "no_health" in specification.models:
            reduced = specification.without_health()
            without = _code_outcome(
                outcome, without_factors(table, reduced), own_grants, known, reduced
            )
            with errors_of(f"{outcome}, no_health"):
                model = replace(
                    fit_within(without.table, reduced, fitted.within), model="no_health"
                )
            shrunk = shrink_effects(model.expected, specification.level)
            parts.append((without, _diagnosis(without, model, reduced), model, shrunk, reduced))
        for of_model in parts:
            made, fit_parts = _model_frames(*of_model)
            findings += fit_parts
            if further is not None:
                made |= further(outcome, of_model[0].table, of_model[2])
            for name, frame in made.items():
                frames.setdefault(name, []).append(frame)
        if worked_under is not None:
            of_conditions = frames_of_conditions(
                outcome, table, fitted, worked_under, specification
            )
            for name, frame in of_conditions.items():
                frames[name].append(frame)
        if movers is not None:
            near = fitted.within
            del parts, fitted
            codes = list(known.index)
            short = short_look_back and partial(short_look_back, outcome)
            rows, of_grid = vary(outcome, table, grants, movers, codes, specification, near, short)
            varied += rows
            grid_findings += of_grid
    joined = {
        name: pd.concat(of, ignore_index=True) if of else pd.DataFrame(columns=list(COLUMNS[name]))
        for name, of in frames.items()
    }
    # The conditions are the same for every outcome, weighted by those at risk of the first.
    joined["framework_condition"] = joined["framework_condition"].drop_duplicates(
        ["municipality_code", "condition"], ignore_index=True
    )
    if movers is not None:
        main = models_as_specifications(joined["benchmark"], joined["ranking"])
        joined["sensitivity"] = pd.concat([*main, *varied], ignore_index=True)
    return BenchmarkResult(joined, tuple(combine_findings([*findings, *grid_findings])))


def _diagnosis(part: _Outcome, fitted: FittedModel, specification: Specification) -> DiagnosisModel:
    with errors_of(part.name):
        return fit_grants(part.grants, part.table, fitted.expected.expected_cells, specification)


def _model_frames(
    part: _Outcome,
    diagnosis: DiagnosisModel,
    fitted: FittedModel,
    shrunk: ShrinkageResult,
    specification: Specification,
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """Return every frame of one model, by table, and what was found out about it."""
    model, expected, table = fitted.model, fitted.expected, part.table
    where = f"{part.name} {model}"
    broken = break_down(table, expected.expected_cells, part.grants, diagnosis, specification)
    by_level = count_levels(table, expected, broken, specification)
    findings = [
        *([] if model == "conditions" else check_fit(table, fitted.design, fitted.fit, where)),
        check_totals(table, expected, where),
        check_breakdown(table, expected, broken, where),
        check_levels(table, expected, by_level, where),
    ]
    made = {
        **_ranked_frames(part, model, expected, shrunk, specification),
        **band_frames(part.name, model, table, expected, specification),
        "breakdown": breakdown_frame(part.name, model, table, expected, broken, specification),
        "breakdown_country": breakdown_country_frame(part.name, model, broken, specification),
        "breakdown_main": breakdown_main_frame(
            part.name, model, table, expected, broken, specification
        ),
        "practice_count": practice_count_frame(part.name, model, table, expected, by_level),
        "counterfactual": counterfactual_frame(part.name, model, table, expected, specification),
        "coefficient": coefficient_frame(
            part.name, model, table, fitted.design, fitted.fit, expected, specification
        ),
        "validity": validity_frame(part.name, fitted, table, specification),
        "overlap": overlap_frame(part.name, fitted, table),
        "forecast": forecast_frame(part.name, fitted, table, specification),
    }
    return made, findings


def _shrink(
    model: FittedModel,
    fitted: FittedOutcome,
    conditions: Conditions | None,
    specification: Specification,
) -> ShrinkageResult:
    if model.model == "conditions" and fitted.within and fitted.adjustment and conditions:
        within = fitted.within.expected
        return shrink_net_effects(
            model.expected, within, fitted.adjustment, conditions, specification.level
        )
    return shrink_effects(model.expected, specification.level)


def _of_outcome(cells: pd.DataFrame | Callable[[str], pd.DataFrame], outcome: str) -> pd.DataFrame:
    return cells(outcome) if callable(cells) else cells[cells["outcome"] == outcome]


def _code_outcome(
    outcome: str,
    table: CellTable,
    grants: pd.DataFrame,
    municipalities: pd.DataFrame,
    specification: Specification,
) -> _Outcome:
    coded = code_grants(grants, specification, table.municipality_codes)
    return _Outcome(outcome, table, coded, municipalities)


def _ranked_frames(
    part: _Outcome,
    model: str,
    expected: Expected,
    shrunk: ShrinkageResult,
    specification: Specification,
) -> dict[str, pd.DataFrame]:
    """Return the ``benchmark`` and ``ranking`` frames of one fit."""
    codes = part.table.municipality_codes
    return {
        "benchmark": benchmark_frame(
            part.name, model, part.table, part.municipalities, expected, shrunk, specification
        ),
        "ranking": ranking_frame(part.name, model, codes, expected, shrunk, specification),
    }
