"""What the report says, as numbers: one typed, frozen object without any wording.

Shares are 0-1, effects log odds unless named ``odds``, ranks from 1, the fewest granted relative to
expectation. ``None`` means the release does not hold the number.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from reports.content.cells import Axes, MunicipalCells, NationalTable
from reports.content.courses import Courses
from reports.content.followups.figures import Followups
from reports.content.municipality import HistoryYear, Level, MiddleCases, Place, Slice
from reports.content.rows import (
    CalibrationRow,
    Coefficient,
    Forecast,
    FunnelLimit,
    Mover,
    Overlap,
    Prior,
    QualityRow,
    RecoveryRow,
    RegisterQuality,
    SecondStage,
    Unobserved,
    Validity,
)
from reports.content.run import Choices, Question, Run, Setting, SettingChange

MAIN_OUTCOME = "ANY"
MAIN_MODEL = "within"
#: Order in which outcomes and models are shown, the main one first.
OUTCOME_ORDER = ("ANY", "FP", "FJ")
#: The ways to work out "as the lowest", in the order they are told.
COUNTERFACTUAL_METHODS = ("naive", "empirical_bayes", "split_year", "conditional", "hybrid")
MODEL_ORDER = ("within", "conditions", "no_health", "pooled")
#: k of "as the k lowest" where the release names none.
LOWEST_K = 10


@dataclass(frozen=True)
class MunicipalityResult:
    """One municipality under one outcome and model."""

    code: str
    name: str
    region: str | None
    alphabetical: int
    n_at_risk: int
    observed: int
    expected: float
    #: Standard deviation of the noise in ``observed``, None or 0 without.
    noise_sd: float | None
    difference: float
    ratio: float
    ratio_low: float | None
    ratio_high: float | None
    odds: float | None
    odds_low: float | None
    odds_high: float | None
    odds_shrunk: float | None
    reliability: float | None
    flag_95: str | None
    flag_998: str | None
    flag_overdispersed: str | None
    coverage: float
    rank: int | None
    rank_low: int | None
    rank_high: int | None
    rank_low_simultaneous: int | None
    rank_high_simultaneous: int | None
    #: Posterior limits of the rank, and those that hold it as likely as not.
    rank_posterior: tuple[int, int] | None
    rank_posterior_half: tuple[int, int] | None
    #: 1 grants fewest; few pairs of different grades are expected the wrong way round.
    grade: int | None
    #: Probability of each fifth, fewest granted first.
    p_fifths: tuple[float, ...] | None
    #: ``low`` or ``high`` outside limits widened for the spread the model leaves, also after all
    #: municipalities are tested at once; else None.
    stands_out: str | None


@dataclass(frozen=True)
class Sureness:
    """How much one outcome and model can tell municipalities apart."""

    n_municipalities: int
    reliability: float | None
    n_unreliable: int | None
    rank_width: float | None
    rank_width_simultaneous: float | None
    n_maybe_lowest: int | None
    n_outside_95: int | None
    n_outside_998: int | None
    n_outside_overdispersed: int | None
    n_by_chance: float


@dataclass(frozen=True)
class View:
    """All municipalities under one outcome and model, ordered by rank.

    ``own_count`` is the country's count and the standard deviation of its noise, which is less than
    that of the rows added up; None where the release has none.
    """

    outcome: str
    model: str
    rows: tuple[MunicipalityResult, ...]
    n_at_risk: int
    own_count: tuple[int, float] | None
    expected: float
    sureness: Sureness

    @property
    def observed(self) -> int:
        """The country's own count, the rows' added up where the release has none."""
        return self.own_count[0] if self.own_count else self.observed_of_rows

    @property
    def noise_sd(self) -> float:
        """Standard deviation of the noise in ``observed``, 0 without."""
        return self.own_count[1] if self.own_count else self.noise_sd_of_rows

    @property
    def observed_of_rows(self) -> int:
        """The municipalities' counts added up, their noise with them."""
        return sum(row.observed for row in self.rows)

    @property
    def noise_sd_of_rows(self) -> float:
        """Standard deviation of the noise in the municipalities' counts added up."""
        return math.hypot(*(row.noise_sd or 0.0 for row in self.rows))

    @property
    def key(self) -> str:
        """Short name of the view, e.g. ``ANY-within``."""
        return f"{self.outcome}-{self.model}"


@dataclass(frozen=True)
class Counterfactual:
    """Fewer grants if all granted as the standard does."""

    outcome: str
    model: str
    method: str
    standard: str
    fewer: float
    low: float | None
    high: float | None
    share: float
    observed: int


@dataclass(frozen=True)
class LevelSpread:
    """How far municipalities differ at one level and at the others, log odds, chance apart.

    ``p_more`` is the one-sided p-value of "no more at this level than at the others".
    """

    sd: float
    sd_low: float
    sd_high: float
    sd_others: float
    p_more: float


@dataclass(frozen=True)
class Findings:
    """Every number of the three sentences on top of the report, for the main view."""

    n_at_risk: int
    rate_per_1000: float | None
    #: A tenth of the municipalities that have an effect; the highest effect of the lowest tenth
    #: and the lowest of the highest.
    n_tenth: int
    odds_10: float | None
    odds_90: float | None
    true_odds_10: float | None
    true_odds_90: float | None
    noise_share: float | None
    rank_width: float | None
    lowest_k: int | None
    naive: Counterfactual | None
    honest: Counterfactual | None
    split: Counterfactual | None
    conditions_odds_10: float | None = None
    conditions_odds_90: float | None = None
    mental: LevelSpread | None = None
    akf_fewer: int = 14_750
    akf_share: float = 0.44
    akf_year: int = 2009


@dataclass(frozen=True)
class Move:
    """A municipality's rank with its interval in this release and in the one before."""

    code: str
    name: str
    rank: int
    rank_low: int
    rank_high: int
    earlier: int
    earlier_low: int
    earlier_high: int

    @property
    def is_beyond_chance(self) -> bool:
        """Whether the two intervals have no place in common."""
        return self.rank_low > self.earlier_high or self.rank_high < self.earlier_low


@dataclass(frozen=True)
class Changes:
    """The release against the one before it, under the main outcome and model.

    ``ranked`` are the municipalities with a rank and its interval in both, ``typical_step`` is the
    median number of places they moved. ``stood_out`` has the direction in which each municipality
    stood out in the release before, None for one that did not; it is empty where that release has
    no such outcome and model. The counts are the municipalities' added up, in both releases.
    """

    earlier: Run
    is_new_data: bool
    is_new_settings: bool
    is_new_code: bool
    settings: tuple[SettingChange, ...]
    ranked: tuple[Move, ...]
    typical_step: float | None
    stood_out: Mapping[str, str | None]
    observed: int
    observed_noise_sd: float
    earlier_observed: int | None
    earlier_noise_sd: float

    @property
    def moves(self) -> tuple[Move, ...]:
        """Who moved beyond chance, the longest way first."""
        moves_beyond = [move for move in self.ranked if move.is_beyond_chance]
        return tuple(
            sorted(moves_beyond, key=lambda move: (-abs(move.rank - move.earlier), move.rank))
        )


@dataclass(frozen=True)
class Content:
    """Everything the report prints."""

    run: Run
    main: View
    views: tuple[View, ...]
    findings: Findings
    counterfactuals: tuple[Counterfactual, ...]
    national: tuple[NationalTable, ...]
    #: Of municipalities, and of the country under the code "".
    municipal: tuple[MunicipalCells, ...]
    axes: Axes
    #: By three main diagnoses and three main tenures.
    municipal_main: tuple[MunicipalCells, ...]
    main_axes: Axes
    quality: tuple[QualityRow, ...]
    registers: tuple[RegisterQuality, ...]
    recovery: tuple[RecoveryRow, ...]
    coefficients: tuple[tuple[str, tuple[Coefficient, ...]], ...]
    choices: Choices
    settings: tuple[Setting, ...]
    lowest_k: int
    #: Regions of the municipalities in alphabetical order.
    regions: tuple[str, ...]
    places: tuple[Place, ...]
    #: Of municipalities, and of the country under the code "".
    years: tuple[Slice, ...]
    ages: tuple[Slice, ...]
    shown_country: tuple[HistoryYear, ...]
    middle_cases: tuple[MiddleCases, ...]
    changes: Changes | None
    second_stage: tuple[SecondStage, ...]
    calibration: tuple[CalibrationRow, ...]
    funnel: tuple[FunnelLimit, ...]
    unobserved: tuple[Unobserved, ...]
    validity: tuple[Validity, ...]
    overlaps: tuple[Overlap, ...]
    forecasts: tuple[Forecast, ...]
    movers: tuple[Mover, ...]
    priors: tuple[Prior, ...]
    levels: tuple[Level, ...]
    courses: Courses = field(default_factory=Courses)
    followups: Followups = field(default_factory=Followups)
    #: The questions of the release, of which this is one, in their order.
    questions: tuple[Question, ...] = ()
