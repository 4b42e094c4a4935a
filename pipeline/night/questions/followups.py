"""The follow-up questions in a night: what is read for them, and the tables that come of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.catalogue import columns, empty_frame
from pipeline.descriptives.completeness import without_unreported
from pipeline.model.followups.backlog_frames import backlog_frame, temporary_frame
from pipeline.model.followups.movers import mover_frame
from pipeline.model.followups.rank_frames import (
    halves_of,
    measures_by_outcome,
    rank_group_frames,
)
from pipeline.model.followups.routes import COLUMNS as ROUTE_COLUMNS
from pipeline.model.followups.routes import route_counts
from pipeline.model.lives.later_counts import later_counts
from pipeline.model.lives.later_state import later_state_frame
from pipeline.model.lives.waits import wait_frames
from pipeline.model.national.cells import CellTable
from pipeline.model.national.expected import Expected
from pipeline.model.national.fitted import FittedModel
from pipeline.model.national.protection import Protection
from pipeline.model.national.specification import Specification
from pipeline.model.numerics.shown_counts import Transitions
from pipeline.model.tables.practice_frames import area_frame, noise_sd, ratio_estimates
from pipeline.model.years.former_frames import former_expected
from pipeline.model.years.unreported import unreported_years
from pipeline.night.protection import course_protection
from pipeline.night.questions.change import Baseline
from pipeline.night.questions.subgroups import SubgroupInputs, read_subgroups
from pipeline.settings import Settings
from pipeline.warehouse.frames import followup_frames

Frames = dict[str, pd.DataFrame]
#: The frame of counts by route, which goes no further than disclosure control.
ROUTES = "route_count"
#: The frame of what is expected of parts of merged municipalities, which goes no further either.
FORMER = "former_expected"
_MENTAL = "mental"
#: The outcome whose expected risk makes the cohort of ``later_state``.
COHORT_OUTCOME = "ANY"


@dataclass(frozen=True)
class FollowupInputs:
    """What the follow-up questions need beside the benchmark, of the years that were reported.

    ``model`` is the one whose expectation and practice they take.
    """

    model: str
    routes: pd.DataFrame
    decisions: pd.DataFrame
    grants: pd.DataFrame
    case_months: pd.DataFrame
    case_waits: pd.DataFrame
    unreported: pd.DataFrame
    movers: pd.DataFrame
    later: pd.DataFrame
    former: pd.DataFrame
    protection: Protection
    course_protection: Protection
    level: float
    seed: int
    baseline: Baseline | None
    subgroups: SubgroupInputs

    def of_fit(self, outcome: str, table: CellTable, fitted: FittedModel) -> Frames:
        """Return counts by route, ``mover``, change and later states of a fit, as far as it has."""
        model, expected = fitted.model, fitted.expected
        movers = self.movers[self.movers["outcome"] == outcome]
        made = {
            "mover": mover_frame(
                outcome, model, table, expected, movers, self.protection, self.level
            )
        }
        if model == self.model and not self.routes.empty:
            own = self.routes[self.routes["outcome"] == outcome]
            made[ROUTES] = route_counts(outcome, model, table, expected, own)
        if model == self.model:
            made |= self.subgroups.of_fit(outcome, table, expected)
        if model == self.model and not self.former.empty:
            cells = self.former[self.former["outcome"] == outcome]
            made[FORMER] = former_expected(outcome, table, expected, cells)
        if model == "within" and self.baseline is not None:
            made |= self.baseline.change(outcome, table, fitted)
        if model == self.model and outcome == COHORT_OUTCOME:
            made["later_state"] = self._later(table, expected)
        return made

    def _later(self, table: CellTable, expected: Expected) -> pd.DataFrame:
        grants = self.grants[self.grants["outcome"] == COHORT_OUTCOME]
        (granted,) = halves_of(grants, list(table.municipality_codes), ["n_events"])
        return later_state_frame(
            later_counts(table, expected, self.later),
            granted,
            expected.expected,
            self.course_protection,
            self.level,
            self.seed,
        )


def followup_model(models: Sequence[str]) -> str:
    """Return which of ``models`` the follow-up questions take expectation and practice from."""
    return "within" if "within" in models else models[0]


def read_inputs(
    registers: Path,
    settings: Settings,
    reporting: pd.DataFrame,
    movers: pd.DataFrame,
    specification: Specification,
    baseline: Baseline | None = None,
) -> FollowupInputs:
    """Return what the follow-up questions need, without municipality-years that did not report.

    ``movers`` are rows of ``mart.mover_cell``. Where grants are counted by the municipality that
    decided there are no routes and no former municipalities: both are known by residence.
    """
    routes = without_unreported(followup_frames.read_route_cells(registers, settings), reporting)
    is_by_decision = settings.question.counted_in == "decision"
    former = without_unreported(followup_frames.read_former_cells(registers, settings), reporting)
    return FollowupInputs(
        model=followup_model(settings.question.models),
        routes=routes.iloc[:0] if is_by_decision else routes,
        former=former.iloc[:0] if is_by_decision else former,
        decisions=without_unreported(
            followup_frames.read_decision_halves(registers, settings), reporting
        ),
        grants=without_unreported(
            followup_frames.read_grant_halves(registers, settings), reporting
        ),
        case_months=followup_frames.read_case_months(registers, settings),
        case_waits=without_unreported(
            followup_frames.read_case_waits(registers, settings), reporting
        ),
        unreported=unreported_years(reporting),
        movers=movers,
        later=without_unreported(followup_frames.read_later_cells(registers, settings), reporting),
        protection=specification.protection,
        course_protection=course_protection(settings),
        level=settings.level,
        baseline=baseline,
        seed=settings.seed,
        subgroups=read_subgroups(registers, settings, reporting, specification),
    )


def with_routes(made: Frames) -> pd.DataFrame:
    """Return the counts behind practice by level with those of routes under them."""
    routes = made.pop(ROUTES, pd.DataFrame(columns=list(ROUTE_COLUMNS)))
    counts = made["practice_count"]
    return pd.concat([counts, routes], ignore_index=True) if len(routes) else counts


def measured(
    made: Frames, inputs: FollowupInputs
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return benchmark, decisions, grants, mental and routes that groups are measured on."""
    breakdown = made["breakdown"]
    mental = breakdown[
        (breakdown["model"] == inputs.model) & (breakdown["diagnosis_group"] == _MENTAL)
    ]
    benchmark = made["benchmark"][made["benchmark"]["model"] == inputs.model]
    return benchmark, inputs.decisions, inputs.grants, mental, made.get(ROUTES, pd.DataFrame())


def group_frames(
    made: Frames, inputs: FollowupInputs, protection: Protection, settings: Settings
) -> Frames:
    """Return ``rank_group`` and ``rank_group_trend`` of what the benchmark ``made``."""
    of_groups = measured(made, inputs)
    figures, trends = rank_group_frames(*of_groups, protection, settings.level)
    waits = wait_frames(
        measures_by_outcome(*of_groups),
        inputs.case_waits,
        settings.question.years,
        protection,
        settings.level,
    )
    figures, trends = (
        pd.concat([frame, further], ignore_index=True) if len(further) else frame
        for frame, further in zip((figures, trends), waits, strict=True)
    )
    return {
        "rank_group": figures[list(columns("rank_group"))],
        "rank_group_trend": trends[list(columns("rank_group_trend"))],
    }


def queue_frames(
    made: Frames,
    inputs: FollowupInputs,
    history: pd.DataFrame,
    protection: Protection,
    settings: Settings,
) -> Frames:
    """Return ``backlog`` and ``temporary``; ``history`` is ``grant_history`` as it is shown."""
    benchmark = made["benchmark"][made["benchmark"]["model"] == inputs.model]
    place = ["outcome", "model", "municipality_code"]
    ranks = made["ranking"][[*place, "rank"]]
    codes = sorted(set(benchmark["municipality_code"]))
    years = settings.question.years
    outcomes = list(dict.fromkeys(benchmark["outcome"]))
    months = backlog_frame(inputs.case_months, codes, outcomes, years, protection)
    if settings.disclosure_method == "suppress":
        # A month's count is nearly always small, and twelve of them add up to a year's.
        counts = ["n_applications", "n_decisions", "n_pending", "mean_days"]
        months = months.assign(**dict.fromkeys(counts), is_suppressed=True)
    parts = temporary_frame(
        inputs.case_months,
        benchmark.merge(ranks, on=place, validate="one_to_one"),
        history,
        inputs.unreported,
        years,
        protection,
        settings.level,
    )
    return {
        "backlog": months[list(columns("backlog"))] if len(months) else empty_frame("backlog"),
        "temporary": parts[list(columns("temporary"))],
    }


def route_frames(
    counts: pd.DataFrame, areas: pd.DataFrame, level: float, transitions: Transitions
) -> Frames:
    """Return ``route`` and ``route_area`` from counts as they are shown, by ``transitions``."""
    noise = counts["noise_variance"] if "noise_variance" in counts else counts["expected"] * 0.0
    of_places = counts.assign(
        noise_sd=noise_sd(counts["observed"], noise),
        **ratio_estimates(
            counts["observed"], counts["expected"], counts["expected_log_se"], level, transitions
        ),
    )
    of_areas = area_frame(areas, level, transitions).drop(columns="model")
    return {
        "route": of_places[list(columns("route"))],
        "route_area": of_areas[list(columns("route_area"))],
    }
