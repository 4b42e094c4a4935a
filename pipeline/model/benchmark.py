"""The benchmark from cells to result tables: orchestration only, numbers come from elsewhere.

Per outcome the pooled fit comes first (its slopes start the fit with municipality dummies), then
expected counts, ranks, breakdown and counterfactuals of each model that was asked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.errors import ModelError
from pipeline.model import counterfactual, ranks
from pipeline.model.breakdown import break_down, fit_grants
from pipeline.model.cells import YEAR, CellTable, code_cells, code_grants
from pipeline.model.columns import COLUMNS
from pipeline.model.design import Design, build_design
from pipeline.model.diagnosis import DiagnosisModel
from pipeline.model.diagnostics import (
    Diagnostic,
    Finding,
    check_breakdown,
    check_fit,
    check_totals,
    combine_findings,
)
from pipeline.model.expected import Expected, expect
from pipeline.model.frames import (
    benchmark_frame,
    breakdown_country_frame,
    breakdown_frame,
    coefficient_frame,
    make_frame,
    ranking_frame,
)
from pipeline.model.logit import FitResult, fit_logit, start_within
from pipeline.model.shrinkage import empirical_bayes
from pipeline.model.specification import Specification

#: ``ranking.p_lowest_10`` is about 10 whatever the counterfactual's standard is.
N_LOWEST = 10


@dataclass(frozen=True)
class BenchmarkResult:
    """Result tables without ``run_id``, before disclosure control, and what was checked.

    Frames have the columns of ``sql/result`` in order, rows by outcome and model in the
    specification's order, then by key.
    """

    benchmark: pd.DataFrame
    ranking: pd.DataFrame
    breakdown: pd.DataFrame
    breakdown_country: pd.DataFrame
    counterfactual: pd.DataFrame
    coefficient: pd.DataFrame
    diagnostics: tuple[Diagnostic, ...]

    @property
    def data_quality(self) -> pd.DataFrame:
        """The diagnostics as rows of ``data_quality``, register ``model``."""
        return pd.DataFrame(
            [
                ("model", item.check, item.n, 0, item.status, item.detail)
                for item in self.diagnostics
            ],
            columns=["register", "check", "n_rows", "n_quarantined", "status", "detail"],
        )


@dataclass(frozen=True)
class _Outcome:
    """What the models of one outcome share."""

    name: str
    table: CellTable
    diagnosis: DiagnosisModel
    municipalities: pd.DataFrame


def run_benchmark(
    cells: pd.DataFrame,
    grants: pd.DataFrame,
    municipalities: pd.DataFrame,
    specification: Specification,
) -> BenchmarkResult:
    """Return all result tables.

    Parameters
    ----------
    cells, grants
        Rows of ``mart.model_cell`` and ``mart.grant_cell`` of the window, in any order.
    municipalities
        ``municipality_code``, ``municipality_name`` and, optionally, ``coverage`` (share of the
        window reported, 0-1, by default 1). A municipality without persons at risk gets no row
        and a diagnostic.

    Raises :class:`ModelError` when a model cannot be fitted as asked.
    """
    known = municipalities.set_index("municipality_code").sort_index()
    if not known.index.is_unique:
        raise ModelError("municipalities: a code is listed twice")
    if "coverage" not in known:
        known["coverage"] = 1.0
    frames: dict[str, list[pd.DataFrame]] = {name: [] for name in COLUMNS}
    findings: list[Finding] = []
    for outcome in specification.outcomes:
        table = code_cells(cells[cells["outcome"] == outcome], specification, list(known.index))
        coded = code_grants(
            grants[grants["outcome"] == outcome], specification, table.municipality_codes
        )
        findings.append(_nobody_at_risk(table, known.index, outcome))
        _check_standard(table, specification)
        part = _Outcome(outcome, table, fit_grants(coded, specification), known)
        for design, fit, expected in _fit_models(table, specification):
            where = f"{outcome} {design.model}"
            findings += check_fit(table, design, fit, where)
            findings.append(check_totals(table, expected, where))
            broken = break_down(
                table, expected.expected_cells, coded, part.diagnosis, specification
            )
            findings.append(check_breakdown(table, expected, broken, where))
            made = {
                **_ranked_frames(part, design.model, expected, specification),
                "breakdown": breakdown_frame(
                    outcome, design.model, table, expected, broken, specification
                ),
                "breakdown_country": breakdown_country_frame(
                    outcome, design.model, broken, specification
                ),
                "counterfactual": _counterfactual_frame(
                    part, design.model, expected, specification
                ),
                "coefficient": coefficient_frame(outcome, table, design, fit, expected),
            }
            for name, frame in made.items():
                frames[name].append(frame)
    joined = {name: pd.concat(parts, ignore_index=True) for name, parts in frames.items()}
    return BenchmarkResult(**joined, diagnostics=tuple(combine_findings(findings)))


def _fit_models(
    table: CellTable, specification: Specification
) -> list[tuple[Design, FitResult, Expected]]:
    """Return design, fit and expectation of each model asked for; ``pooled`` starts ``within``."""
    pooled = build_design(table, "pooled", specification)
    pooled_fit = fit_logit(pooled)
    pooled_expected = expect(table, pooled, pooled_fit)
    fitted = []
    for model in specification.models:
        if model == "pooled":
            fitted.append((pooled, pooled_fit, pooled_expected))
            continue
        design = build_design(table, model, specification)
        start = start_within(design, pooled, pooled_fit, table.observed, pooled_expected.expected)
        fit = fit_logit(design, start)
        fitted.append((design, fit, expect(table, design, fit)))
    return fitted


def _ranked_frames(
    part: _Outcome, model: str, expected: Expected, specification: Specification
) -> dict[str, pd.DataFrame]:
    """Return the ``benchmark`` and ``ranking`` frames of one fit."""
    seed = specification.draw_seed(part.name, model)
    shrunk = empirical_bayes(
        expected.rank_effect, np.sqrt(np.diag(expected.rank_covariance)), specification.level
    )
    sets = ranks.rank_sets(
        expected.rank_effect,
        expected.rank_covariance,
        specification.level,
        specification.rank_draws,
        seed,
    )
    posterior = ranks.posterior_ranks(
        shrunk.shrunk, shrunk.shrunk_se, specification.rank_draws, seed, N_LOWEST
    )
    codes = part.table.municipality_codes
    return {
        "benchmark": benchmark_frame(
            part.name, model, part.table, part.municipalities, expected, shrunk, specification
        ),
        "ranking": ranking_frame(part.name, model, codes, sets, posterior),
    }


def _counterfactual_frame(
    part: _Outcome, model: str, expected: Expected, specification: Specification
) -> pd.DataFrame:
    """Return ``counterfactual`` of one fit; no split-year unless both halves have grants."""
    observed, expects = part.table.observed, expected.expected
    k, level = specification.lowest_k, specification.level
    seed = specification.draw_seed(part.name, model)
    found = [
        counterfactual.naive(observed, expects, k, level),
        counterfactual.empirical_bayes(observed, expects, k, level, seed=seed),
    ]
    halves = _halves(part.table, expected)
    if all(half.sum() > 0 for half in halves):
        found.append(counterfactual.split_year(*halves, k=k, level=level))
    return make_frame(
        "counterfactual",
        part.name,
        model,
        method=[item.method for item in found],
        standard=specification.standard,
        municipality_codes=[
            ",".join(part.table.municipality_codes[unit] for unit in item.chosen) for item in found
        ],
        fewer_grants=[item.fewer_grants for item in found],
        fewer_low=[item.low for item in found],
        fewer_high=[item.high for item in found],
        fewer_share=[item.fewer_share for item in found],
    )


def _check_standard(table: CellTable, specification: Specification) -> None:
    n_units = len(table.municipality_codes)
    if specification.lowest_k > n_units:
        raise ModelError(
            f"lowest_k is {specification.lowest_k}, but only {n_units} municipalities have persons "
            "at risk"
        )


def _halves(
    table: CellTable, expected: Expected
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return (M,) observed and expected of the window's first half of years, then of the rest.

    The first half of one year is empty; of three years it is the first.
    """
    late = table.codes(YEAR) >= len(table.levels[YEAR]) // 2
    events, expects = table.n_events, expected.expected_cells
    return (
        table.by_municipality(np.where(late, 0, events)),
        table.by_municipality(np.where(late, 0.0, expects)),
        table.by_municipality(np.where(late, events, 0)),
        table.by_municipality(np.where(late, expects, 0.0)),
    )


def _nobody_at_risk(table: CellTable, known: pd.Index, outcome: str) -> Finding:
    absent = sorted(set(known) - set(table.municipality_codes))
    return Finding(
        "municipalities_without_persons",
        outcome,
        "warn" if absent else "ok",
        ", ".join(absent),
        len(known),
    )
