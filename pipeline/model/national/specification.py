"""What to fit: outcomes, models, factors and the choices that are open in the statistics.

A :class:`Specification` is the only thing besides data that the model needs. Every open choice is
a named field with a default, so that a run can say which was used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pipeline.benchmarks.grid import SENSITIVITY
from pipeline.codes import (
    diagnosis_groups,
    factor_levels,
    log_conditions,
    main_levels,
    outcomes,
    reference_levels,
)
from pipeline.errors import ModelError
from pipeline.model.national.protection import Protection, Unprotected

#: All outcomes and models, in the order that result tables use. Seeds depend on this order.
OUTCOMES = outcomes()
MODELS = ("pooled", "within", "conditions", "no_health")
HEALTH_FACTORS = ("mental_health", "somatic_health", "gp_contacts_band")

#: Factors that may tell the main diagnosis of a grant apart; crossed, they stay a few thousand.
DIAGNOSIS_FACTORS = (
    "mental_health",
    "somatic_health",
    "age_band",
    "sex",
    "labour_status",
    "tenure_band",
)


@dataclass(frozen=True)
class Specification:
    """One specification of the benchmark.

    Attributes
    ----------
    levels
        Factor -> its levels in order. ``year`` is added by the data and is not listed here.
    references
        Factor -> reference level.
    outcomes, models
        What to fit, a subset of ``OUTCOMES`` and ``MODELS``.
    level
        Level of intervals and rank sets, 0-1.
    seed, rank_draws
        Seed of all draws, and how many draws the rank sets take.
    lowest_k
        How many municipalities make the "lowest" standard.
    further_standards
        Standards of the counterfactual beside it, see :mod:`pipeline.model.inference.standards`.
    separation
        A level where nobody, or everybody, has the event has no finite coefficient. ``merge``
        gives it the reference level's coefficient and reports it; ``refuse`` is an error.
    diagnosis_factors, diagnosis_ridge
        Factors of P(main diagnosis | grant), and the ridge penalty on its slopes: half the
        penalty times the squared slope, i.e. a prior variance of 1 / penalty.
    diagnosis_groups, tenure_factor
        The two dimensions of the breakdown.
    main_levels
        Dimensions of few levels: dimension -> (factor or ``diagnosis_group``, level -> main level).
        One whose factor has other levels is left out.
    log_conditions
        Framework conditions that act on a log scale.
    protection
        What disclosure control does to counts before anything is estimated from them.
    health_factors
        Factors that say "diagnosis or drug recorded", which is itself partly practice: model
        ``no_health`` is ``within`` without them.
    grid
        Specifications of the sensitivity grid besides the models, names of
        :data:`~pipeline.benchmarks.grid.SENSITIVITY`.
    """

    levels: Mapping[str, tuple[str, ...]] = field(default_factory=factor_levels)
    references: Mapping[str, str] = field(default_factory=reference_levels)
    outcomes: tuple[str, ...] = ("FP", "FJ", "ANY")
    models: tuple[str, ...] = MODELS
    level: float = 0.95
    seed: int = 1
    rank_draws: int = 20_000
    lowest_k: int = 10
    further_standards: tuple[str, ...] = ()
    separation: str = "merge"
    diagnosis_factors: tuple[str, ...] = DIAGNOSIS_FACTORS
    diagnosis_ridge: float = 1.0
    diagnosis_groups: tuple[str, ...] = field(default_factory=diagnosis_groups)
    tenure_factor: str = "tenure_band"
    main_levels: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=main_levels)
    log_conditions: tuple[str, ...] = field(default_factory=log_conditions)
    protection: Protection = field(default_factory=Unprotected)
    health_factors: tuple[str, ...] = HEALTH_FACTORS
    grid: tuple[str, ...] = SENSITIVITY

    def __post_init__(self) -> None:
        """Refuse a specification that contradicts itself, with one message for all faults."""
        faults = [
            *_unknown("outcome", self.outcomes, OUTCOMES),
            *_unknown("model", self.models, MODELS),
            *_unknown("separation rule", (self.separation,), ("merge", "refuse")),
            *_unknown("diagnosis factor", self.diagnosis_factors, tuple(self.levels)),
            *_unknown("tenure factor", (self.tenure_factor,), tuple(self.levels)),
        ]
        for factor, levels in self.levels.items():
            if self.references.get(factor) not in levels:
                faults.append(
                    f"{factor}: its reference {self.references.get(factor)!r} is no level"
                )
            if len(set(levels)) != len(levels):
                faults.append(f"{factor}: a level is listed twice")
        if not 0.5 < self.level < 1:
            faults.append(f"level {self.level} is outside 0.5-1")
        if self.lowest_k < 1:
            faults.append(f"lowest_k {self.lowest_k} is below 1")
        if not self.diagnosis_ridge > 0:
            faults.append(f"diagnosis_ridge {self.diagnosis_ridge} is not positive")
        if faults:
            raise ModelError("the specification cannot be used: " + "; ".join(faults))

    @property
    def factors(self) -> tuple[str, ...]:
        """The factors in order, without ``year``."""
        return tuple(self.levels)

    @property
    def is_protected(self) -> bool:
        """Whether counts are shown otherwise than they are."""
        return not isinstance(self.protection, Unprotected)

    @property
    def standards(self) -> tuple[str, ...]:
        """The names of the counterfactual's standards, ``lowest_<k>`` first, each once."""
        return tuple(dict.fromkeys((f"lowest_{self.lowest_k}", *self.further_standards)))

    def without_health(self) -> Specification:
        """Return this specification without the health factors, for model ``no_health``.

        Diagnosis factors that remain none are replaced by all factors that are left.
        """
        levels = {name: of for name, of in self.levels.items() if name not in self.health_factors}
        kept = tuple(name for name in self.diagnosis_factors if name in levels)
        return replace(self, levels=levels, diagnosis_factors=kept or tuple(levels))

    def draw_seed(self, outcome: str, model: str) -> int:
        """Return the seed of one fit's draws; it does not depend on what else is fitted."""
        return (self.seed * 64 + OUTCOMES.index(outcome) * 8 + MODELS.index(model)) % 2**63


def has_mains(levels: tuple[str, ...], parts: Mapping[str, str]) -> bool:
    """Return whether every level is part of a main level, of which there are two or more.

    A benchmark that cuts a factor where main levels have no edge has none of them.
    """
    mains = {parts.get(level) for level in levels}
    return len(mains) > 1 and None not in mains


def _unknown(what: str, values: tuple[str, ...], known: tuple[str, ...]) -> list[str]:
    """Return one fault per name of ``values`` that is not ``known``, or one if there is none."""
    if not values:
        return [f"no {what} is chosen"]
    return [
        f"{what} {name!r} is not one of {', '.join(known)}" for name in values if name not in known
    ]
