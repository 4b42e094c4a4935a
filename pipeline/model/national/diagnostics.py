"""What a run found out about its own models: one line per check, whole run together.

Checks look at results from another side than the code that made them: the score equations of a
logit say that expected equals observed in total and within each level of each factor.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import expit

from pipeline.model.national.breakdown import Breakdown
from pipeline.model.national.cells import CellTable
from pipeline.model.national.column_sums import sum_levels
from pipeline.model.national.design import Design
from pipeline.model.national.effects import fitted_log_odds
from pipeline.model.national.expected import Expected
from pipeline.model.national.first_stage import FitResult
from pipeline.model.national.specification import Specification
from pipeline.model.national.statsmodels_check import agreement_with_statsmodels

#: Largest relative gap between two sums that should be equal.
TOLERANCE = 1e-9
#: Largest distance of coefficients (log odds) and covariance (relative) from statsmodels' own.
COEFFICIENT_TOLERANCE = 1e-8
COVARIANCE_TOLERANCE = 1e-6
STATUSES = ("ok", "warn", "stop")


class Diagnostic(NamedTuple):
    """One check of a run: its name, ``ok`` / ``warn`` / ``stop``, words, and n looked at."""

    check: str
    status: str
    detail: str
    n: int


@dataclass(frozen=True)
class Finding:
    """One check of one fit; an empty ``detail`` means nothing to tell."""

    check: str
    where: str
    status: str
    detail: str
    n: int


def combine_findings(findings: Iterable[Finding]) -> list[Diagnostic]:
    """Return one diagnostic per check, in order of first appearance: worst status, all details."""
    grouped: dict[str, list[Finding]] = {}
    for finding in findings:
        grouped.setdefault(finding.check, []).append(finding)
    return [
        Diagnostic(
            check,
            max((item.status for item in items), key=STATUSES.index),
            "; ".join(f"{item.where}: {item.detail}" for item in items if item.detail),
            sum(item.n for item in items),
        )
        for check, items in grouped.items()
    ]


def quality_rows(diagnostics: Iterable[Diagnostic]) -> pd.DataFrame:
    """Return the diagnostics as rows of ``data_quality``, register ``model``."""
    return pd.DataFrame(
        [("model", item.check, item.n, 0, item.status, item.detail) for item in diagnostics],
        columns=["register", "check", "n_rows", "n_quarantined", "status", "detail"],
    )


def check_fit(table: CellTable, design: Design, fit: FitResult, where: str) -> list[Finding]:
    """Return what the design left out and whether the fit meets its score equations."""
    absent = ", ".join(f"{factor} = {level}" for factor, level in design.absent)
    merged = ", ".join(f"{factor} = {level}" for factor, level in design.merged)
    gap = score_gap(table, design, fit)
    n_levels = sum(len(levels) for levels in table.levels.values())
    n_units = len(table.municipality_codes)
    return [
        Finding("convergence", where, "ok", f"{fit.n_steps} Newton steps", len(design.rows)),
        Finding("score_equations", where, _status(gap), f"largest gap {gap:.1e}", n_levels),
        check_against_statsmodels(table, design, fit, where),
        Finding("levels_without_persons", where, "ok", absent, n_levels),
        Finding("levels_merged", where, "warn" if merged else "ok", merged, n_levels),
        Finding(
            "municipalities_without_grants",
            where,
            "warn" if (table.observed == 0).any() else "ok",
            ", ".join(np.array(table.municipality_codes)[table.observed == 0].tolist()),
            n_units,
        ),
    ]


def check_against_statsmodels(
    table: CellTable, design: Design, fit: FitResult, where: str
) -> Finding:
    """Return whether statsmodels' GLM has its maximum and covariance where the fit has them."""
    agreement = agreement_with_statsmodels(table, design, fit)
    agrees = (
        agreement.largest_step <= COEFFICIENT_TOLERANCE
        and agreement.covariance_gap <= COVARIANCE_TOLERANCE
    )
    detail = (
        f"its next step is at most {agreement.largest_step:.1e} log odds, "
        f"covariance off by {agreement.covariance_gap:.1e}"
    )
    return Finding(
        "statsmodels_agrees", where, "ok" if agrees else "stop", detail, agreement.n_rows
    )


def score_gap(table: CellTable, design: Design, fit: FitResult) -> float:
    """Return the largest |expected - observed| / max(observed, 1) over the levels of all factors.

    Expected is at the fitted log odds, own intercepts included; merged levels count with their
    reference. For ``within`` the municipalities are levels too.
    """
    fitted = table.n_persons * expit(fitted_log_odds(table, design, fit))
    size, expected_by_level = len(design.columns) + 1, sum_levels(design, table.by_pattern(fitted))
    sums = [
        (
            np.bincount(design.base_columns, table.observed, size),
            np.bincount(design.base_columns, table.by_municipality(fitted), size),
        )
    ]
    for position, of_level in enumerate(design.level_columns):
        observed = np.bincount(of_level, table.events_by_level(position), size)
        sums.append((observed, np.bincount(of_level, expected_by_level[position], size)))
    return float(
        max(
            (np.abs(expected - observed) / np.maximum(observed, 1.0)).max()
            for observed, expected in sums
        )
    )


def check_totals(table: CellTable, expected: Expected, where: str) -> Finding:
    """Return whether expected grants add up to the observed ones in the country."""
    observed = int(table.observed.sum())
    gap = abs(expected.expected.sum() / observed - 1)
    detail = f"{observed} observed as shown, relative gap {gap:.1e}"
    return Finding("expected_equals_observed", where, _status(gap), detail, observed)


def check_breakdown(table: CellTable, expected: Expected, cells: Breakdown, where: str) -> Finding:
    """Return whether the cells add up to each municipality's observed and expected grants."""
    counted = table.by_municipality(table.n_events)
    observed_gap = int(np.abs(cells.observed.sum(axis=(1, 2)) - counted).max())
    gap = float(np.abs(cells.expected.sum(axis=(1, 2)) / expected.expected - 1).max())
    detail = f"observed off by at most {observed_gap} grants, expected by {gap:.1e} relative"
    status = "stop" if observed_gap else _status(gap)
    return Finding("breakdown_additive", where, status, detail, cells.expected.size)


def _status(gap: float) -> str:
    return "ok" if gap <= TOLERANCE else "stop"


def nobody_at_risk(table: CellTable, known: pd.Index, outcome: str) -> Finding:
    """Return which of the ``known`` municipalities have nobody at risk."""
    absent = sorted(set(known) - set(table.municipality_codes))
    return Finding(
        "municipalities_without_persons",
        outcome,
        "warn" if absent else "ok",
        ", ".join(absent),
        len(known),
    )


def conditions_known(specification: Specification, has_conditions: bool) -> Finding:
    """Return whether model ``conditions`` was left out for want of framework conditions."""
    missing = "conditions" in specification.models and not has_conditions
    return Finding(
        "framework_conditions_known",
        "model conditions",
        "warn" if missing else "ok",
        "left out: no register of framework conditions was delivered" if missing else "",
        int(has_conditions),
    )
