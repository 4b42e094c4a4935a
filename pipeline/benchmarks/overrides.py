"""Settings that take the place of what a benchmark declares, and its values as settings."""

from __future__ import annotations

from typing import Any

from pipeline.benchmarks.bands import band_factors
from pipeline.benchmarks.declaration import Benchmark
from pipeline.benchmarks.library import benchmark_of

#: Settings by name, and where in the declaration their value goes.
OVERRIDES: dict[str, tuple[str, ...]] = {
    "outcomes": ("outcomes",),
    "models": ("models",),
    "municipality_of": ("counted_in",),
    "age_first": ("ages", "first"),
    "age_last": ("ages", "last"),
    "tenure_lookback_years": ("lookback", "tenure_years"),
    "health_lookback_years": ("lookback", "health_years"),
    "lowest_k": ("standards",),
    "standards": ("standards",),
}
#: What a benchmark declares beside them, as a release tells it.
OF_QUESTION: dict[str, str] = {
    "years": "Years at risk.",
    "baseline_years": "Years that change is measured against.",
    "unit": "Unit of comparison.",
    "factors": "Factors persons are compared on.",
    "health_factors": "Factors that say a diagnosis, drug or contact was recorded.",
    "diagnosis_factors": "Factors that may tell the main diagnosis of a grant apart.",
    "tenure_factor": "Factor whose bands the breakdown by tenure has.",
    "diagnosis_grouping": "Grouping of main diagnoses.",
    "band_edges": "Edges of the factors in bands.",
    "conditions": "Framework conditions of the second stage.",
    "sensitivity": "Specifications of the sensitivity grid.",
    "excluded_outcomes": "Outcomes after which nobody is at risk.",
    "excluded_states": "Benefit states in the last week before in which nobody is at risk.",
}


def benchmark_with(benchmark: Benchmark, **overrides: Any) -> Benchmark:
    """Return ``benchmark`` with the values of ``overrides`` (names of :data:`OVERRIDES`) not None.

    Raises :class:`SettingsError` where the two do not fit together.
    """
    values = benchmark.model_dump(mode="json")
    changes = {name: value for name, value in overrides.items() if value is not None}
    if not changes:
        return benchmark
    lowest, *others = values["standards"]
    if "lowest_k" in changes:
        lowest = f"lowest_{changes['lowest_k']}"
    if "standards" in changes:
        others = [name for name in changes["standards"] if name != lowest]
    for name, value in changes.items():
        *tables, key = OVERRIDES[name]
        table = values
        for part in tables:
            table = table[part]
        table[key] = list(value) if isinstance(value, tuple) else value
    values["standards"] = [lowest, *others]
    if "age_first" in changes or "age_last" in changes:
        first, last = values["ages"]["first"], values["ages"]["last"]
        for name, edges in values["factors"]["bands"].items():
            if name == "age_band" and first <= last:
                values["factors"]["bands"][name] = [edge for edge in edges if first < edge <= last]
    where = f"benchmark {benchmark.name} with settings {', '.join(changes)}"
    changed = benchmark_of(values, where)
    changed._outcomes_of_file = benchmark.outcomes
    return changed


def question_values(benchmark: Benchmark) -> dict[str, Any]:
    """Return what ``benchmark`` asks, by name of setting: JSON values, texts left out."""
    return {
        "outcomes": list(benchmark.outcomes),
        "models": list(benchmark.models),
        "municipality_of": benchmark.counted_in,
        "age_first": benchmark.ages.first,
        "age_last": benchmark.ages.last,
        "tenure_lookback_years": benchmark.lookback.tenure_years,
        "health_lookback_years": benchmark.lookback.health_years,
        "lowest_k": benchmark.lowest_k,
        "standards": list(benchmark.standards),
        "years": list(benchmark.years),
        "baseline_years": list(benchmark.baseline_years),
        "unit": benchmark.unit,
        "factors": list(benchmark.factors.names),
        "health_factors": list(benchmark.factors.health),
        "diagnosis_factors": list(benchmark.factors.diagnosis),
        "tenure_factor": benchmark.factors.tenure,
        "diagnosis_grouping": benchmark.diagnosis_grouping,
        "band_edges": [
            f"{name}: {' '.join(map(str, benchmark.edges(name)))}"
            for name in band_factors()
            if name in benchmark.factors.names
        ],
        "conditions": list(benchmark.conditions),
        "sensitivity": list(benchmark.sensitivity),
        "excluded_outcomes": list(benchmark.exclusions.after_outcomes),
        "excluded_states": list(benchmark.exclusions.states),
    }
