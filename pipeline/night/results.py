"""The result tables of a run: made from the registers, then put through disclosure control."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipeline import disclosure
from pipeline.catalogue import columns, empty_frame
from pipeline.errors import ModelError
from pipeline.followup.case_processing import case_processing
from pipeline.followup.completeness import (
    judge_completeness,
    quality_row,
    reported_share,
    without_unreported,
)
from pipeline.model.national.diagnostics import Diagnostic, quality_rows
from pipeline.model.national.specification import Specification
from pipeline.model.tables.benchmark import run_benchmark
from pipeline.model.tables.sensitivity import move_to_decision, run_sensitivity
from pipeline.settings import Settings
from pipeline.warehouse.frames import read

Frames = dict[str, pd.DataFrame]


def make_results(registers: Path, settings: Settings) -> Frames:
    """Return the frame of every result table but ``run`` and ``setting``, nothing withheld.

    ``sensitivity`` still has the counts that :func:`withhold_small_counts` judges it by, and its
    summary is made there. Raises :class:`ModelError` when nobody is at risk or a model cannot be
    fitted, :class:`StorageError` when the registers were loaded for other years.
    """
    cells = read.read_model_cells(registers, settings)
    if cells.empty:
        raise ModelError(
            f"nobody is at risk in {registers} for the window {settings.window}.",
            expected=f"register files that cover {min(settings.years) - 1}-{max(settings.years)}",
            next_step="load extracts that cover the window, or choose another --window.",
        )
    reporting = judge_completeness(
        read.read_completeness(registers),
        level=settings.completeness_level,
        smallest_coverage=settings.smallest_coverage,
    )
    municipalities = read.read_municipalities(registers)
    coverage = reported_share(cells, reporting).rename_axis("municipality_code").reset_index()
    municipalities = municipalities.merge(coverage, on="municipality_code", how="left")
    municipalities["coverage"] = municipalities["coverage"].fillna(1.0)
    cells = without_unreported(cells, reporting)
    grants = without_unreported(read.read_grant_cells(registers, settings), reporting)
    movers = without_unreported(read.read_mover_cells(registers, settings), reporting)
    settings, left_out = _with_grants(settings, grants)
    specification = _specification(settings)
    cells = cells[cells["outcome"].isin(settings.outcomes)].reset_index(drop=True)
    if settings.municipality_of == "decision":
        cells = move_to_decision(cells, grants)
        grants = grants.assign(municipality_code=grants["decision_municipality_code"])
        # Who moved is known by residence; by decision the grid does without that specification.
        movers = movers.iloc[:0]
    conditions = read.read_framework_conditions(registers, settings)
    result = run_benchmark(cells, grants, municipalities, specification, conditions)
    grid = run_sensitivity(
        cells,
        grants,
        movers,
        list(municipalities["municipality_code"]),
        specification,
        result.frames["benchmark"],
        result.frames["ranking"],
    )
    diagnostics: tuple[Diagnostic, ...] = (*result.diagnostics, *grid.diagnostics)
    return {
        **result.frames,
        "sensitivity": grid.sensitivity,
        "grant_history": read.read_grant_history(registers, settings),
        "case_processing": case_processing(
            read.read_decisions(registers, settings), settings.level
        ),
        "completeness": reporting,
        "data_quality": pd.concat(
            [
                read.read_data_quality(registers),
                quality_row(reporting, settings.years, read.read_quarantined_decisions(registers)),
                _outcome_rows(left_out),
                _severities(quality_rows(diagnostics)),
            ],
            ignore_index=True,
        ),
        "calibration": calibration_table(None),
        "recovery": empty_frame("recovery"),
    }


def _with_grants(settings: Settings, grants: pd.DataFrame) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings with the outcomes that have grants, and the outcomes left out.

    A register of pensions alone says nothing of flexjobs: nobody is compared on those. Raises
    :class:`ModelError` when no outcome has a grant.
    """
    granted = set(grants.loc[grants["n_events"] > 0, "outcome"])
    kept = tuple(outcome for outcome in settings.outcomes if outcome in granted)
    if not kept:
        raise ModelError(
            f"no grant of {', '.join(settings.outcomes)} in the window {settings.window}.",
            expected="decisions with AFGOERELSE TILKENDELSE in "
            f"{min(settings.years)}-{max(settings.years)}",
            next_step="`tildeling check --extracts DIR` counts decisions by case type.",
        )
    left_out = tuple(outcome for outcome in settings.outcomes if outcome not in granted)
    return settings.model_copy(update={"outcomes": kept}), left_out


def _outcome_rows(left_out: tuple[str, ...]) -> pd.DataFrame:
    """Return the row of ``data_quality`` that names the outcomes without a grant."""
    named = ", ".join(left_out)
    return pd.DataFrame(
        {
            "register": ["ankestyrelsen"],
            "check": ["outcome_has_grants"],
            "n_rows": [1],
            "n_quarantined": [0],
            "status": ["warn" if left_out else "ok"],
            "detail": [f"no grant in the window, left out: {named}" if left_out else None],
        }
    ).pipe(_severities)


def calibration_table(frame: pd.DataFrame | None) -> pd.DataFrame:
    """Return the result table ``calibration`` from the generator's comparison; None gives no rows.

    A missing limit says that there is none. The figures are of the invented country as a whole.
    """
    if frame is None:
        return empty_frame("calibration")
    table = frame.assign(figure_order=range(1, len(frame) + 1))[list(columns("calibration"))]
    return table.replace([float("inf"), float("-inf")], float("nan"))


def withhold_small_counts(frames: Frames, settings: Settings) -> Frames:
    """Return ``frames`` as they may be published, with a ``data_quality`` row that says how.

    With ``settings.disclosure_control`` off small counts are shown, and the row is a warning.
    """
    threshold = settings.disclosure_threshold if settings.disclosure_control else 1
    breakdown, country = disclosure.suppress_breakdown(
        frames["breakdown"], frames["breakdown_country"], threshold=threshold
    )
    ages, ages_country = frames["breakdown_age"], frames["breakdown_age_country"]
    ages, ages_country = disclosure.suppress_bands(
        ages, ages_country, band="age_band", threshold=threshold
    )
    development, development_country, history = disclosure.suppress_years(
        frames["development"],
        frames["development_country"],
        frames["grant_history"],
        threshold=threshold,
    )
    sensitivity = disclosure.suppress_sensitivity(
        frames["sensitivity"], development, ages, threshold=threshold
    )
    withheld = {
        "breakdown": breakdown,
        "breakdown_country": country,
        "breakdown_age": ages,
        "breakdown_age_country": ages_country,
        "development": development,
        "development_country": development_country,
        "grant_history": history,
        "case_processing": disclosure.suppress_case_processing(
            frames["case_processing"], threshold=threshold
        ),
        "completeness": disclosure.suppress_completeness(
            frames["completeness"], history, threshold=threshold
        ),
        "sensitivity": sensitivity,
        "sensitivity_summary": disclosure.summarise_sensitivity(sensitivity),
        "coefficient": disclosure.suppress_coefficients(frames["coefficient"], threshold=threshold),
    }
    quality = pd.concat(
        [frames["data_quality"], _disclosure_row(withheld, settings)], ignore_index=True
    )
    return {**frames, **withheld, "data_quality": quality}


def _specification(settings: Settings) -> Specification:
    return Specification(
        outcomes=settings.outcomes,
        models=settings.models,
        level=settings.level,
        seed=settings.seed,
        rank_draws=settings.rank_draws,
        lowest_k=settings.lowest_k,
        further_standards=settings.standards,
    )


def _disclosure_row(withheld: Frames, settings: Settings) -> pd.DataFrame:
    marked = [frame for frame in withheld.values() if "is_suppressed" in frame]
    n_withheld = sum(int(frame["is_suppressed"].sum()) for frame in marked)
    if settings.disclosure_control:
        rule = f"counts of 1 to {settings.disclosure_threshold - 1} and what would reveal them"
        status, detail = "ok", f"{n_withheld} cells suppressed; {rule} are withheld"
    else:
        status, detail = "warn", "disclosure control is off: small counts are shown"
    return pd.DataFrame(
        {
            "register": ["result"],
            "check": ["disclosure_control"],
            "n_rows": [sum(len(frame) for frame in marked)],
            "n_quarantined": [0],
            "status": [status],
            "detail": [detail],
        }
    ).pipe(_severities)


def _severities(findings: pd.DataFrame) -> pd.DataFrame:
    """Return rows of ``data_quality`` that the load did not write, with what a failing one does.

    A finding that does not stop the run warns; it fails as one, and has no rows to show.
    """
    is_stop = findings["status"] == "stop"
    return findings.assign(
        severity=is_stop.map({True: "stop", False: "warn"}),
        n_failing=(findings["status"] != "ok").astype("int64"),
        sample_keys=pd.Series(None, index=findings.index, dtype="str"),
    )
