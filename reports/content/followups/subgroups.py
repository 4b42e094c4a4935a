"""Diagnoses inside the main groups in a release: grants of areas, and who differs more."""

from __future__ import annotations

from dataclasses import dataclass

#: Stands for all diagnoses of a kind.
ALL = "all"
#: Kinds of diagnoses as they are listed, the contested first.
KINDS = ("contested", "mental", "somatic")


@dataclass(frozen=True)
class SubgroupArea:
    """Actual and expected grants of a diagnosis in an area; None is not shown."""

    outcome: str
    diagnosis_kind: str
    diagnosis_subgroup: str
    area_code: str
    observed: int | None
    expected: float
    ratio: float | None
    ratio_low: float | None
    ratio_high: float | None


@dataclass(frozen=True)
class SubgroupSpread:
    """How a diagnosis' share of grants moves with practice; spread of whole kinds alone."""

    outcome: str
    diagnosis_kind: str
    diagnosis_subgroup: str
    slope: float | None
    slope_low: float | None
    slope_high: float | None
    p_value: float | None
    sd: float | None
    sd_low: float | None
    sd_high: float | None
    sd_others: float | None
    p_more: float | None
