"""The study's seeds as Markdown tables: means over seeds with their Monte Carlo errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from benchmarks.simulation_study import Study

Seeds = Sequence[Mapping[str, Any]]

#: Measure -> its column's heading, and how it is written: percent, places or decimals.
Measures = Mapping[str, tuple[str, str]]
EFFECTS: Measures = {
    "effect_coverage": ("effect held", "percent"),
    "effect_coverage_of_many": ("as one draw of many", "percent"),
    "effect_bias": ("bias", "decimals"),
    "effect_bias_per_deprivation": ("bias per sd of deprivation", "decimals"),
    "effect_rmse": ("rms error", "decimals"),
    "ratio_coverage": ("O/E held", "percent"),
    "ratio_missed_above": ("O/E above", "percent"),
    "ratio_bias": ("O/E bias", "decimals"),
    "shrunk_coverage": ("shrunken held", "percent"),
    "shrunk_rmse": ("shrunken rms error", "decimals"),
    "shrunk_bias": ("shrunken bias", "decimals"),
    "without_effect": ("no grants", "percent"),
}
RANKS: Measures = {
    "rank_correlation": ("rank correlation", "decimals"),
    "rank_set_coverage": ("marginal held", "percent"),
    "rank_set_width": ("width", "places"),
    "rank_set_simultaneous_coverage": ("all 98 held", "percent"),
    "rank_set_simultaneous_width": ("width", "places"),
    "lowest_set_coverage": ("10 lowest held", "percent"),
    "lowest_set_size": ("size", "places"),
}
POSTERIOR: Measures = {
    "posterior_rank_coverage": ("rank held at 95 %", "percent"),
    "posterior_rank_half_coverage": ("rank held at 50 %", "percent"),
    "posterior_rank_width": ("width at 95 %", "places"),
    "grades": ("grades", "places"),
    "grades_ordered_share": ("pairs ordered", "percent"),
    "grades_wrong_share": ("of these wrong", "percent"),
}
FLAGS: Measures = {
    "flagged": ("flagged at 95 %", "percent"),
    "flagged_far": ("of those 0.3 or more away", "percent"),
    "flagged_wrong_side": ("on the wrong side", "percent"),
    "flagged_adjusted": ("flagged, false discoveries 5 %", "percent"),
    "flagged_adjusted_any": ("any such flag", "percent"),
}
HARDER_TRUTHS: Measures = {
    "effect_coverage": ("effect held", "percent"),
    "lasting_coverage": ("lasting practice held", "percent"),
    "shrunk_coverage": ("shrunken held", "percent"),
    "posterior_rank_coverage": ("rank held at 95 %", "percent"),
    "grades_wrong_share": ("grades: pairs wrong", "percent"),
    "effect_rmse": ("rms error", "decimals"),
    "empirical_bayes_error": ("empirical Bayes: error", "percent"),
    "empirical_bayes_coverage": ("holds it", "percent"),
}
DEPARTURES: Measures = {
    f"{what}_{crossing}": (heading, style)
    for crossing, name in {
        "year": "year",
        "mental_health": "mental health",
        "tenure_band": "tenure",
        "education": "education",
        "age_mental": "age x mental health",
        "risk": "tenths of risk",
    }.items()
    for what, heading, style in (("sd", name, "decimals"), ("told", "told", "percent"))
}
METHODS = {
    "naive": "naive",
    "empirical_bayes": "empirical Bayes",
    "split_year": "split year",
    "conditional": "given the selection",
    "hybrid": "hybrid",
}


def tables(result: Mapping[Study, Seeds]) -> str:
    """Return the tables of every size and outcome, scenarios side by side."""
    parts = []
    for scale, times, outcome in dict.fromkeys((s.scale, s.times, s.outcome) for s in result):
        here = {
            study: seeds
            for study, seeds in result.items()
            if (study.scale, study.times, study.outcome) == (scale, times, outcome)
        }
        usual = {study: seeds for study, seeds in here.items() if not study.is_harder}
        grants = np.mean([seed["grants"] for seeds in usual.values() for seed in seeds])
        n_seeds = min(len(seeds) for seeds in here.values())
        size = f"{scale * times:g} of the country, {grants:,.0f} grants"
        all_models = {study: seeds for study, seeds in here.items() if len(study.models) > 1}
        parts += [
            f"## {outcome}: {size}, {n_seeds} seeds",
            "### Effects and O/E",
            _measures(all_models, EFFECTS),
            "### Confidence sets of ranks, model within",
            _measures(usual, RANKS, ("within",)),
            "### Posterior limits of ranks, and grades, model within",
            _measures(usual, POSTERIOR, ("within",)),
            "### Flags",
            _measures(usual, FLAGS),
            "### If all granted as the 10 lowest: percent fewer grants, model within",
            _counterfactuals(usual),
        ]
        if len(usual) < len(here):
            beside = {
                study: seeds
                for study, seeds in here.items()
                if study.is_harder or study.label == "default"
            }
            parts += [
                "### Where it breaks: harder truths, model within",
                _measures(beside, HARDER_TRUTHS, ("within",)),
                "### What the checks of validity say of them",
                _measures(beside, DEPARTURES, ("within",)),
            ]
    return "\n\n".join(parts)


def _measures(
    here: Mapping[Study, Seeds], measures: Measures, models: Sequence[str] | None = None
) -> str:
    """Return a row per study and model; a model of its own column where there are several."""
    rows = []
    for study, seeds in here.items():
        for model in models or study.models:
            name = [study.label] if models else [study.label, model]
            values = [
                [seed["scores"][model].get(key, np.nan) for seed in seeds] for key in measures
            ]
            styles = [style for _, style in measures.values()]
            rows.append([*name, *map(_shown, values, styles)])
    names = ["scenario"] if models else ["scenario", "model"]
    return _markdown([*names, *(label for label, _ in measures.values())], rows)


def _counterfactuals(here: Mapping[Study, Seeds]) -> str:
    header = ["scenario", "method", "promised", "those 10 truly", "error", "interval holds it"]
    rows = []
    for study, seeds in here.items():
        scores = [seed["scores"]["within"] for seed in seeds]
        for method, label in METHODS.items():
            keys = ("promised", "true", "error", "coverage")
            cells = [
                _shown([s.get(f"{method}_{key}", np.nan) for s in scores], "percent")
                for key in keys
            ]
            rows.append([study.label, label, *cells])
        best = _shown([s["best_possible"] for s in scores], "percent")
        rows.append([study.label, "the 10 truly lowest", "", best, "", ""])
    return _markdown(header, rows)


def _shown(values: Sequence[float], style: str) -> str:
    """Return the mean over seeds and, in brackets, its standard error."""
    known = np.array([value for value in values if np.isfinite(value)])
    if not len(known):
        return "-"
    scale, digits = {"percent": (100, 1), "places": (1, 1), "decimals": (1, 3)}[style]
    mean = f"{round(scale * known.mean(), digits) + 0.0:.{digits}f}"  # no minus before a zero
    if len(known) == 1:
        return mean
    return f"{mean} ({scale * known.std(ddof=1) / np.sqrt(len(known)):.{digits}f})"


def _markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
