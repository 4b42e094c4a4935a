"""Rows of result tables that pages show as they are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Coefficient:
    """One level of one factor under both models."""

    term: str
    level: str
    n_events: int | None
    estimates: tuple[tuple[str, float, float | None], ...]


@dataclass(frozen=True)
class SecondStage:
    """One term of the second stage under one estimator of the variance left, in log odds."""

    outcome: str
    method: str
    term: str
    estimate: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class QualityRow:
    """One check of one register or stage."""

    register: str
    check: str
    n_rows: int
    n_quarantined: int
    status: str
    detail: str


@dataclass(frozen=True)
class RegisterQuality:
    """The checks of one register or stage taken together; ``status`` is the worst of them."""

    register: str
    n_checks: int
    n_rows: int
    n_quarantined: int
    status: str


@dataclass(frozen=True)
class RecoveryRow:
    """One recovery measure of one outcome and model, beside the value aimed at."""

    outcome: str
    model: str
    measure: str
    value: float | None
    truth: float | None


@dataclass(frozen=True)
class CalibrationRow:
    """A figure of the sources beside what the synthetic country shows; None: no limit, no figure.

    ``verdict`` is inside, outside, other_years or not_compared.
    """

    figure: str
    label: str
    unit: str
    target: float | None
    generated: float | None
    allowed_low: float | None
    allowed_high: float | None
    verdict: str
    source: str
    note: str


@dataclass(frozen=True)
class Unobserved:
    """How many log odds nobody sees would undo a departure, beside what health moves."""

    outcome: str
    municipality_code: str
    undone_by: float | None
    health_shift_typical: float | None


@dataclass(frozen=True)
class Validity:
    """How far the grants of one crossing lie from the fit; ``sd`` in log odds beyond chance."""

    outcome: str
    across: str
    dimension: str
    n_cells: int
    chi2_per_df: float
    q_value: float
    sd: float
    sd_low: float | None
    sd_high: float | None


@dataclass(frozen=True)
class Overlap:
    """How far a municipality's people are like the country's: shares of expected grants."""

    outcome: str
    municipality_code: str
    overlap_share: float
    rare_share: float


@dataclass(frozen=True)
class Forecast:
    """What came of the year forecast from those before; ``slope`` 1 where practice lasts."""

    outcome: str
    year: int
    slope: float
    slope_low: float
    slope_high: float


@dataclass(frozen=True)
class Mover:
    """What movers' grants follow: the practice of where they live, of where they came from."""

    outcome: str
    destination_slope: float
    destination_slope_low: float
    destination_slope_high: float
    origin_slope: float
    origin_slope_low: float
    origin_slope_high: float


@dataclass(frozen=True)
class Prior:
    """What shrinkage takes for granted of an outcome's practice, beside what needs less."""

    outcome: str
    sd: float
    sd_free: float
    kurtosis: float
    miss_share: float
    p_value: float
    effect_moved: float
    effect_moved_most: float
    size_effect: float | None
    size_effect_low: float | None
    size_effect_high: float | None
    size_p_value: float | None
    sd_small: float | None
    sd_large: float | None


@dataclass(frozen=True)
class FunnelLimit:
    """What chance alone lets O/E be at an expected number: one point of a funnel's curves."""

    chance_share: float
    expected: float
    ratio_low: float
    ratio_high: float
