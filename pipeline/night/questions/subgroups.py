"""Diagnoses inside the main groups in a night: what is read, expected and shown."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.catalogue import empty_frame
from pipeline.codes import code_rows, region_codes
from pipeline.descriptives.completeness import without_unreported
from pipeline.model.national.cells import CellTable
from pipeline.model.national.expected import Expected
from pipeline.model.national.specification import Specification
from pipeline.model.subgroups.counts import count_subgroups
from pipeline.model.subgroups.expected import Subgroups, expected_by_subgroup, scaled_to_groups
from pipeline.model.subgroups.frames import spread_frame, subgroup_frame
from pipeline.night.protection import course_protection
from pipeline.settings import Settings
from pipeline.warehouse.frames.followup_frames import read_grant_subgroups

Frames = dict[str, pd.DataFrame]
#: The frame of expected grants by diagnosis, which goes no further than here.
EXPECTED = "subgroup_expected"
TABLES = ("diagnosis_subgroup", "diagnosis_subgroup_spread")
#: What an outcome that DREAM tells has in place of a diagnosis.
_NONE_TOLD = "other_rest"


@dataclass(frozen=True)
class SubgroupInputs:
    """Rows of ``mart.grant_subgroup`` that were reported, and the parts of the benchmark's groups.

    ``municipality_code`` is the one that grants are counted in.
    """

    grants: pd.DataFrame
    subgroups: Subgroups
    specification: Specification

    def of(self, outcome: str) -> pd.DataFrame:
        """Return the grants of one outcome."""
        return self.grants[self.grants["outcome"] == outcome]

    def of_fit(self, outcome: str, table: CellTable, expected: Expected) -> Frames:
        """Return the expected grants by diagnosis of a fit; nothing where no diagnosis is told."""
        own = self.of(outcome)
        if not (own["diagnosis_subgroup"] != _NONE_TOLD).any():
            return {}
        made = expected_by_subgroup(
            outcome, table, expected, own, self.subgroups, self.specification
        )
        return {EXPECTED: made}


def read_subgroups(
    registers: Path, settings: Settings, reporting: pd.DataFrame, specification: Specification
) -> SubgroupInputs:
    """Return what the question needs, without municipality-years that did not report."""
    grants = without_unreported(read_grant_subgroups(registers, settings), reporting)
    if settings.question.counted_in == "decision":
        grants = grants.assign(municipality_code=grants["decision_municipality_code"])
    rows = code_rows("diagnosis_subgroup")
    grouped = settings.question.diagnosis_groups()
    return SubgroupInputs(
        grants,
        Subgroups(
            {row["diagnosis_subgroup"]: grouped[row["diagnosis_group"]] for row in rows},
            {row["diagnosis_subgroup"]: row["kind"] for row in rows},
        ),
        specification,
    )


def subgroup_frames(made: Frames, model: str, inputs: SubgroupInputs, settings: Settings) -> Frames:
    """Return ``diagnosis_subgroup`` and ``diagnosis_subgroup_spread`` of what a benchmark ``made``.

    Counts have noise under ``disclosure_method = "suppress"`` too, as those of courses have: areas
    by diagnosis are tied to no published total.
    """
    expected = made.pop(EXPECTED, None)
    if expected is None:
        return {name: empty_frame(name) for name in TABLES}
    benchmark, breakdown = (
        made[name][made[name]["model"] == model] for name in ("benchmark", "breakdown")
    )
    expected = scaled_to_groups(expected, breakdown, inputs.subgroups)
    regions = region_codes()
    protection = course_protection(settings)
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    for name, rows in expected.groupby("outcome", sort=False):
        outcome = str(name)
        counts = count_subgroups(inputs.of(outcome), rows, inputs.subgroups)
        own = benchmark[benchmark["outcome"] == outcome]
        for table, frame in zip(
            TABLES,
            (
                subgroup_frame(outcome, counts, regions, protection, settings.level),
                spread_frame(outcome, counts, own, protection, settings.level),
            ),
            strict=True,
        ):
            parts[table].append(frame)
    return {name: pd.concat(frames, ignore_index=True) for name, frames in parts.items()}
