"""Every question of a night beside the ranking, in one list: a further one is a line here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline import codes
from pipeline.catalogue import empty_frame
from pipeline.disclosure import summarise_sensitivity
from pipeline.model.followups.choices import specification_frame, with_choices
from pipeline.model.followups.displacement import displacement_frames
from pipeline.model.followups.prior import prior_frames
from pipeline.model.national.protection import Protection
from pipeline.night.questions.activity import activity_frames
from pipeline.night.questions.attributes import attribute_answers, attribute_groups
from pipeline.night.questions.change import CHANGE_TABLES
from pipeline.night.questions.courses import course_frames
from pipeline.night.questions.decision_makers import decision_maker_answers
from pipeline.night.questions.followups import (
    FollowupInputs,
    group_frames,
    queue_frames,
    with_routes,
)
from pipeline.night.questions.former import former_answers
from pipeline.night.questions.initiatives import declared_answers
from pipeline.night.questions.life import life_frames
from pipeline.night.questions.practice import level_counts
from pipeline.night.questions.steps import step_answers
from pipeline.night.questions.subgroups import subgroup_frames
from pipeline.night.questions.what_if import cost_frames, standard_answers
from pipeline.settings import Settings

Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Benchmarked:
    """What a benchmark has come to when the other questions are asked.

    ``made`` are its frames by result table, ``reporting`` says which municipality-years did not
    report, ``history`` is ``grant_history`` as it is shown, ``municipalities`` has
    municipality_code and region_name.
    """

    made: Frames
    inputs: FollowupInputs
    municipalities: pd.DataFrame
    reporting: pd.DataFrame
    history: pd.DataFrame
    protection: Protection


def answers(registers: Path, settings: Settings, benchmarked: Benchmarked) -> Frames:
    """Return the benchmark's frames and those of the questions that are asked of a fit.

    ``practice_count``, ``practice_area`` and ``practice_region`` are counts by level that become
    tables after disclosure control.
    """
    made, protection = dict(benchmarked.made), benchmarked.protection
    inputs, history = benchmarked.inputs, benchmarked.history
    groups = group_frames(made, inputs, protection, settings)
    of_attributes = attribute_groups(made, inputs, settings)
    by_level_and_route = with_routes(made)
    of_subgroups = subgroup_frames(made, inputs.model, inputs.subgroups, settings)
    former = former_answers(registers, settings, made, history, benchmarked.reporting)
    benchmark, level, transitions = made["benchmark"], settings.level, protection.total_transitions
    exclusive = codes.exclusive_outcomes(settings.question.outcomes)
    counts, reporting = made["practice_count"], benchmarked.reporting
    return {
        # There is none where the benchmark does not ask about the cohort's outcome.
        "later_state": empty_frame("later_state"),
        **made,
        **{name: made.get(name, empty_frame(name)) for name in CHANGE_TABLES},
        **course_frames(registers, settings, counts, reporting, history),
        **former,
        **life_frames(registers, settings, benchmark, reporting),
        **activity_frames(registers, settings, benchmark, inputs, reporting),
        **level_counts(by_level_and_route, benchmarked.municipalities, protection),
        **groups,
        **of_attributes,
        **of_subgroups,
        **displacement_frames(benchmark, exclusive, level, transitions),
        **prior_frames(benchmark, level, settings.seed, transitions),
        **queue_frames(made, inputs, history, protection, settings),
        **declared_answers(registers, settings, reporting),
    }


def answers_from_shown(shown: Frames, settings: Settings) -> Frames:
    """Return the tables that are computed from tables as they may be ``shown``, and only those."""
    what_if = standard_answers(shown["benchmark"], shown["temporary"], settings)
    n_municipalities = shown["benchmark"]["municipality_code"].nunique()
    grid = with_choices(shown, settings.question.sensitivity, settings.level)
    return {
        "sensitivity": grid,
        "sensitivity_summary": summarise_sensitivity(grid, n_municipalities=n_municipalities),
        "sensitivity_specification": specification_frame(grid, n_municipalities),
        "what_if": what_if,
        **cost_frames(what_if, shown["grant_state"], settings),
        "municipal_attribute": attribute_answers(
            shown["benchmark"], shown["framework_condition"], settings
        ),
        "practice_step": step_answers(shown, settings),
        "new_decision_maker": decision_maker_answers(shown, settings),
    }
