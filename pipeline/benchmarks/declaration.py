"""The declaration of a benchmark: what is asked of whom, when, and in which units.

A benchmark is one TOML file. Everything that makes the question is in it; how it is computed
(seed, level of intervals, draws) and what may be shown is in the settings.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    model_validator,
)

from pipeline import codes
from pipeline.benchmarks.bands import AGE, band_factors, band_levels, typed
from pipeline.benchmarks.grid import LOOK_BACK, SENSITIVITY
from pipeline.benchmarks.validators import among, distinct, increasing, refuse_baseline, year_range
from pipeline.codes.factors import factors

MODELS = ("pooled", "within", "conditions", "no_health")
#: What a standard of the counterfactual may be called.
STANDARD = r"^(lowest_[1-9]\d*|quantile_[1-9]\d?|municipality_\w+)$"
FIRST_YEAR, LAST_YEAR = 1985, 2099
_LARGEST_LOOKBACK = 40

_FACTORS = tuple(codes.factor_levels())
#: The factors of a benchmark that names none.
ORDINARY = (
    *("age_band", "sex", "education", "origin", "family", "labour_status", "tenure_band"),
    *("sickness_weeks_band", "mental_health", "somatic_health", "gp_contacts_band"),
)
#: Factors that tell the main diagnosis of a grant apart in a benchmark that does not say.
_DIAGNOSTIC = (
    *("mental_health", "somatic_health", "age_band", "sex"),
    *("labour_status", "tenure_band"),
)
Edges = Annotated[tuple[Annotated[int, Field(ge=0)], ...], AfterValidator(increasing)]
Years = Annotated[
    tuple[Annotated[int, Field(ge=FIRST_YEAR, le=LAST_YEAR)], ...],
    BeforeValidator(year_range),
    AfterValidator(lambda years: tuple(sorted(distinct(years)))),
]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Outcomes = Annotated[tuple[str, ...], among("outcome", codes.outcomes())]
States = Annotated[tuple[str, ...], among("benefit state", codes.benefit_states())]
Conditions = Annotated[tuple[str, ...], among("condition", codes.conditions())]
FactorNames = Annotated[tuple[str, ...], among("factor", _FACTORS)]
OneOrMore = Field(min_length=1)


def _recording(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of ``names`` that say a diagnosis, drug or contact was recorded."""
    return tuple(name for name in names if factors()[name].is_health)


def _diagnostic(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of ``names`` that ordinarily tell diagnoses apart, or all where none does."""
    return tuple(name for name in _DIAGNOSTIC if name in names) or names


class Declaration(BaseModel):
    """A part of a declaration: no key but those declared, and nothing changes."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Declaration):
    """A text in both languages of the report."""

    da: Label
    en: Label


class Ages(Declaration):
    """Ages at risk on 31 December before, full years, both ends included."""

    first: int = Field(default=18, ge=0, le=110)
    last: int = Field(default=64, ge=0, le=110)

    @model_validator(mode="after")
    def _in_order(self) -> Ages:
        if self.first > self.last:
            raise ValueError(
                f"first {self.first} is above last {self.last}; allowed: first <= last"
            )
        return self


class Exclusions(Declaration):
    """Who is not at risk: after an outcome, or in a benefit state in the last week before."""

    after_outcomes: Outcomes = ("FP",)
    states: States = ("early_retirement", "old_age_pension")


class Lookback(Declaration):
    """Years looked back on before the year at risk."""

    tenure_years: int = Field(default=10, ge=1, le=_LARGEST_LOOKBACK)
    health_years: int = Field(default=5, ge=1, le=_LARGEST_LOOKBACK)


class Factors(Declaration):
    """What persons are compared on: names in order, which of them record health, and edges.

    ``diagnosis`` are those that may tell the main diagnosis of a grant apart; ``bands`` has the
    edges of factors in bands where they are not the ordinary ones.
    """

    names: Annotated[FactorNames, OneOrMore] = ORDINARY
    health: FactorNames = Field(default_factory=lambda said: _recording(said.get("names", ())))
    diagnosis: Annotated[FactorNames, OneOrMore] = Field(
        default_factory=lambda said: _diagnostic(said.get("names", ORDINARY))
    )
    tenure: str = "tenure_band"
    bands: dict[str, Edges] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _of_the_list(self) -> Factors:
        for key, values in (("health", self.health), ("diagnosis", self.diagnosis)):
            beside = [name for name in values if name not in self.names]
            if beside:
                raise ValueError(
                    f"{key} has {', '.join(beside)}, which names does not; "
                    f"allowed: {', '.join(self.names)}"
                )
        if self.tenure not in self.names:
            raise ValueError(
                f"tenure {self.tenure!r} is not in names; allowed: {', '.join(self.names)}"
            )
        known = band_factors()
        for name, edges in self.bands.items():
            if name not in known:
                raise ValueError(f"bands has {name!r}; allowed: {', '.join(known)}")
            if known[name].style == "above" and (len(edges) < 2 or edges[0] != 0):
                raise ValueError(
                    f"bands.{name}: {list(edges)}; allowed: 0 and an edge or more above"
                )
        return self

    def edges(self, factor: str) -> tuple[int, ...]:
        """Return the edges of a factor in bands."""
        return self.bands.get(factor, band_factors()[factor].edges)


class Benchmark(Declaration):
    """One question. Lists keep their order; years are sorted."""

    name: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    title: Text
    description: Text
    years: Annotated[Years, OneOrMore]
    baseline_years: Years = ()
    #: Whether every year is benchmarked on its own, for a series.
    each_year: bool = False
    outcomes: Annotated[Outcomes, OneOrMore]
    models: Annotated[tuple[str, ...], OneOrMore, among("model", MODELS)] = MODELS
    unit: Literal["municipality"] = "municipality"
    counted_in: Literal["residence", "decision"] = "residence"
    diagnosis_grouping: str = "main"
    conditions: Conditions = codes.conditions()
    standards: Annotated[
        tuple[Annotated[str, StringConstraints(pattern=STANDARD)], ...],
        Field(min_length=1),
        AfterValidator(distinct),
    ] = ("lowest_10",)
    sensitivity: Annotated[tuple[str, ...], among("specification", SENSITIVITY)] = SENSITIVITY
    ages: Ages = Ages()
    exclusions: Exclusions = Exclusions()
    lookback: Lookback = Lookback()
    factors: Factors = Factors()

    #: Outcomes of the file, where a setting asks for fewer: their cells are made all the same.
    _outcomes_of_file: tuple[str, ...] = PrivateAttr(default=())

    @model_validator(mode="after")
    def _fits_together(self) -> Benchmark:
        if self.diagnosis_grouping not in codes.diagnosis_groupings():
            raise ValueError(
                f"diagnosis_grouping {self.diagnosis_grouping!r}; "
                f"allowed: {', '.join(codes.diagnosis_groupings())}"
            )
        outside = [
            edge
            for edge in self.factors.bands.get(AGE, ())
            if not self.ages.first < edge <= self.ages.last
        ]
        if outside:
            raise ValueError(
                f"factors.bands.{AGE} has {outside[0]}; "
                f"allowed: above ages.first {self.ages.first}, up to ages.last {self.ages.last}"
            )
        refuse_baseline(self.baseline_years, self.years, self.each_year)
        if "conditions" in self.models and not self.conditions:
            raise ValueError(
                "models has conditions and no condition is listed; "
                f"allowed: one or more of {', '.join(codes.conditions())}"
            )
        return self

    def baseline(self) -> Benchmark | None:
        """Return the same question of the years that change is measured against, if any."""
        name, years = f"{self.name}_baseline", self.baseline_years
        asked = {"name": name, "years": years, "baseline_years": ()}
        return self.model_copy(update=asked) if years else None

    def short_look_back(self) -> Benchmark | None:
        """Return the same question with half the look-backs, where the grid asks for it."""
        tenure, health = self.lookback.tenure_years // 2, self.lookback.health_years // 2
        if LOOK_BACK not in self.sensitivity or max(tenure, health) < 1:
            return None
        half = Lookback(tenure_years=max(1, tenure), health_years=max(1, health))
        name = f"{self.name}_short_look_back"
        return self.model_copy(update={"name": name, "lookback": half, "baseline_years": ()})

    def runs(self) -> tuple[Benchmark, ...]:
        """Return what is fitted: this, or each year on its own, the last first."""
        if not self.each_year:
            return (self,)
        return tuple(
            self.model_copy(update={"years": (year,), "each_year": False})
            for year in reversed(self.years)
        )

    @property
    def lowest_k(self) -> int:
        """How many municipalities make the leading standard; 1 where it is another kind."""
        kind, _, value = self.standards[0].partition("_")
        return int(value) if kind == "lowest" else 1

    def edges(self, factor: str) -> tuple[int, ...]:
        """Return the edges of a factor in bands; ages outside those at risk have none."""
        edges = self.factors.edges(factor)
        if factor != AGE:
            return edges
        return tuple(edge for edge in edges if self.ages.first < edge <= self.ages.last)

    def factor_rows(self) -> list[dict[str, Any]]:
        """Return the rows of ``codes.factor`` for every factor there is, in order.

        factor, level, position (from 1), is_reference, description_da and description_en.
        """
        rows: list[dict[str, Any]] = []
        bands = band_factors()
        for factor in codes.factor_levels():
            if factor in bands:
                ends = (self.ages.first, self.ages.last) if factor == AGE else (0, None)
                rows += band_levels(bands[factor], self.edges(factor), *ends)
            else:
                rows += [typed(row) for row in codes.code_rows("factor") if row["factor"] == factor]
        return rows

    def levels(self) -> dict[str, tuple[str, ...]]:
        """Return the levels in order of each factor of the benchmark, in its order."""
        rows = self.factor_rows()
        return {
            name: tuple(row["level"] for row in rows if row["factor"] == name)
            for name in self.factors.names
        }

    def references(self) -> dict[str, str]:
        """Return the reference level of each factor of the benchmark."""
        return {row["factor"]: row["level"] for row in self.factor_rows() if row["is_reference"]}

    def diagnosis_groups(self) -> dict[str, str]:
        """Return the group that each main diagnosis group of the registers is counted in."""
        return codes.diagnosis_grouping(self.diagnosis_grouping)

    def variables(self) -> dict[str, Any]:
        """Return what the SQL of ``mart`` and ``checks`` reads with ``getvariable``, by name."""
        of_bands: dict[str, Any] = {}
        rows = self.factor_rows()
        for factor in band_factors():
            of_bands[f"{factor}_edges"] = list(self.edges(factor))
            of_bands[f"{factor}_levels"] = [r["level"] for r in rows if r["factor"] == factor]
        return {
            "years_at_risk": list(self.years),
            "age_first": self.ages.first,
            "age_last": self.ages.last,
            "tenure_lookback_years": self.lookback.tenure_years,
            "health_lookback_years": self.lookback.health_years,
            "factors": list(self.factors.names),
            "outcomes": [
                outcome
                for outcome in codes.outcomes()
                if outcome in (*self.outcomes, *self._outcomes_of_file)
            ],
            "excluded_states": list(self.exclusions.states),
            "excluded_outcomes": list(self.exclusions.after_outcomes),
            "factor_levels": [row for row in rows if row["factor"] in self.factors.names],
            **of_bands,
        }
