"""The result tables of a run: made from the registers, then put through disclosure control."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pandas as pd

from pipeline import disclosure
from pipeline.catalogue import columns, empty_frame
from pipeline.descriptives.case_processing import case_processing
from pipeline.descriptives.completeness import (
    quality_row,
    reported_share,
    shown_completeness,
    without_unreported,
)
from pipeline.descriptives.grant_history import grant_history
from pipeline.descriptives.municipality import municipality_table
from pipeline.disclosure import ProtectedFrames
from pipeline.errors import ModelError
from pipeline.model.national.diagnostics import quality_rows
from pipeline.model.national.specification import Specification
from pipeline.model.tables.benchmark import run_benchmark
from pipeline.model.tables.ranking_frames import funnel_frame
from pipeline.model.tables.sensitivity import move_to_decision
from pipeline.model.tables.unobserved_frames import unobserved_frame
from pipeline.night.planted import with_planted_scored
from pipeline.night.protection import cell_key, protection_of, published
from pipeline.night.questions.answers import Benchmarked, answers, answers_from_shown
from pipeline.night.questions.change import read_baseline
from pipeline.night.questions.followups import read_inputs
from pipeline.night.questions.practice import by_level
from pipeline.night.reporting import read_reporting
from pipeline.night.withholding import withhold
from pipeline.settings import Settings
from pipeline.warehouse.frames import read

Frames = dict[str, pd.DataFrame]


def make_results(registers: Path, settings: Settings) -> Frames:
    """Return the frame of every result table but ``run`` and ``setting``.

    With ``disclosure_method = "cell_key"`` every count has its noise, and what is estimated is
    estimated from such counts. Otherwise counts are as they are. ``sensitivity`` still has its
    own, and its summary is made by :func:`protect`. Raises :class:`ModelError` when nobody is at
    risk or a model cannot be fitted, :class:`StorageError` when the registers were loaded for other
    years.
    ``practice_count``, ``practice_area`` and ``practice_region`` are what :func:`protect` makes the
    tables of practice by level of.
    """
    question = settings.question
    at_risk = read.read_persons_at_risk(registers, settings)
    if at_risk.empty:
        raise ModelError(
            f"nobody is at risk in {registers} for benchmark {question.name}.",
            expected=f"register files that cover {min(question.years) - 1}-{max(question.years)}",
            next_step="load extracts that cover its years, or choose another --benchmark.",
        )
    counts, reporting = read_reporting(registers, settings)
    municipalities = read.read_municipalities(registers)
    coverage = reported_share(at_risk, reporting).rename_axis("municipality_code").reset_index()
    municipalities = municipalities.merge(coverage, on="municipality_code", how="left")
    municipalities["coverage"] = municipalities["coverage"].fillna(1.0)
    grants = without_unreported(read.read_grant_cells(registers, settings), reporting)
    grants["diagnosis_group"] = (
        grants["diagnosis_group"].astype("str").map(question.diagnosis_groups())
    )
    movers = without_unreported(read.read_mover_cells(registers, settings), reporting)
    settings, left_out = _with_grants(settings, grants)
    specification = _specification(settings)
    by_residence = grants

    def cells_of(outcome: str, of: Settings = settings) -> pd.DataFrame:
        """Return the cells of one outcome: those of all at once would not fit."""
        cells = read.read_model_cells(registers, of, outcome=outcome)
        cells = without_unreported(cells, reporting)
        if question.counted_in == "decision":
            own = by_residence[by_residence["outcome"] == outcome]
            return move_to_decision(cells, own)
        return cells

    if question.counted_in == "decision":
        grants = grants.assign(municipality_code=grants["decision_municipality_code"])
        # Who moved is known by residence; by decision the grid does without that specification.
        movers = movers.iloc[:0]
    shorter = None if question.counted_in == "decision" else settings.short_look_back()
    conditions = read.read_framework_conditions(registers, settings)
    conditions = conditions[conditions["condition"].isin(question.conditions)]
    baseline = read_baseline(registers, settings, reporting, municipalities, specification)
    inputs = read_inputs(registers, settings, reporting, movers, specification, baseline)
    result = run_benchmark(
        cells_of,
        grants,
        municipalities,
        specification,
        conditions,
        inputs.of_fit,
        movers,
        None if shorter is None else partial(cells_of, of=shorter),
    )
    history = grant_history(
        read.read_grant_history(registers, settings), specification.protection, settings.level
    )
    benchmarked = Benchmarked(
        made=result.frames,
        inputs=inputs,
        municipalities=municipalities,
        reporting=reporting,
        history=history,
        protection=specification.protection,
    )
    return {
        **answers(registers, settings, benchmarked),
        "municipality": municipality_table(
            sorted(set(result.frames["benchmark"]["municipality_code"])),
            result.frames["framework_condition"],
        ),
        "grant_history": history,
        "case_processing": case_processing(
            read.read_decisions(registers, settings), settings.level, specification.protection
        ),
        "completeness": shown_completeness(
            reporting, counts, specification.protection, level=settings.completeness_level
        ),
        "data_quality": pd.concat(
            [
                read.read_data_quality(registers, settings),
                quality_row(reporting, question.years),
                _outcome_rows(left_out),
                *([_severities(baseline.quality_row())] if baseline else []),
                _severities(quality_rows(result.diagnostics)),
            ],
            ignore_index=True,
        ),
        "calibration": calibration_table(None),
        "unobserved": unobserved_frame(result.frames["benchmark"], settings.level),
        "funnel": funnel_frame(result.frames["benchmark"]["expected"].to_numpy(float)),
        "recovery": empty_frame("recovery"),
    }


def _with_grants(settings: Settings, grants: pd.DataFrame) -> tuple[Settings, tuple[str, ...]]:
    """Return the settings with the outcomes that have grants, and the outcomes left out.

    A register of pensions alone says nothing of flexjobs: nobody is compared on those. Raises
    :class:`ModelError` when no outcome has a grant.
    """
    granted = set(grants.loc[grants["n_events"] > 0, "outcome"])
    question = settings.question
    kept = tuple(outcome for outcome in question.outcomes if outcome in granted)
    if not kept:
        raise ModelError(
            f"no grant of {', '.join(question.outcomes)} in the years of {question.name}.",
            expected="decisions with AFGOERELSE TILKENDELSE in "
            f"{min(question.years)}-{max(question.years)}",
            next_step="`tildeling check --extracts DIR` counts decisions by case type.",
        )
    left_out = tuple(outcome for outcome in question.outcomes if outcome not in granted)
    return settings.asking(question.model_copy(update={"outcomes": kept})), left_out


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
            "detail": [f"no grant in the years, left out: {named}" if left_out else None],
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


def protect(frames: Frames, settings: Settings) -> ProtectedFrames:
    """Return ``frames`` as they may be published, with a ``data_quality`` row that says how.

    With ``disclosure_method = "none"`` small counts are shown, and the row is a warning.
    """
    if settings.disclosure_method == "cell_key":
        shown = disclosure.hide_sensitivity(frames["sensitivity"], cell_key(settings))
        made = {**frames, "sensitivity": shown}
    else:
        made = withhold(frames, settings)
    made, practice = by_level(made, settings.level, protection_of(settings).transitions)
    made |= answers_from_shown(made, settings)
    made = with_planted_scored(made, settings)
    quality = pd.concat(
        [
            frames["data_quality"],
            _severities(quality_rows((practice,))),
            _disclosure_row(made, settings),
        ],
        ignore_index=True,
    )
    if settings.disclosure_method != "none":
        quality = disclosure.shown_quality(quality, smallest_shown=settings.disclosure_threshold)
    return published({**made, "data_quality": quality}, settings)


def _specification(settings: Settings) -> Specification:
    question = settings.question
    return Specification(
        levels=question.levels(),
        references=question.references(),
        outcomes=question.outcomes,
        models=question.models,
        level=settings.level,
        seed=settings.seed,
        rank_draws=settings.rank_draws,
        lowest_k=question.lowest_k,
        further_standards=question.standards,
        diagnosis_factors=question.factors.diagnosis,
        diagnosis_groups=tuple(dict.fromkeys(question.diagnosis_groups().values())),
        tenure_factor=question.factors.tenure,
        health_factors=question.factors.health,
        grid=question.sensitivity,
        protection=protection_of(settings),
    )


def _disclosure_row(made: Frames, settings: Settings) -> pd.DataFrame:
    marked = [frame for frame in made.values() if "is_suppressed" in frame]
    n_withheld = sum(int(frame["is_suppressed"].sum()) for frame in marked)
    small = f"counts of 1 to {settings.disclosure_threshold - 1}"
    if settings.disclosure_method == "cell_key":
        status = "ok"
        detail = (
            f"counts have noise of variance {settings.disclosure_variance:g}, {small} do not occur;"
            f" {n_withheld} cells are not shown, where fewer than"
            f" {settings.disclosure_smallest_expected_part:g} are expected"
            f" (main diagnoses and tenures: {settings.disclosure_smallest_expected:g})"
        )
    elif settings.disclosure_method == "suppress":
        status = "ok"
        detail = f"{n_withheld} cells suppressed; {small} and what would reveal them are withheld"
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
