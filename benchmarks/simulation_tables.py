"""The study's seeds as Markdown tables: means over seeds with their Monte Carlo errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from benchmarks.simulation_study import Study

Seeds = Sequence[Mapping[str, Any]]

#: Measure -> its column's heading, and how it is written: percent, places or decimals.
EFFECTS = {
    "effect_coverage": ("effect held", "percent"),
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
RANKS = {
    "rank_correlation": ("rank correlation", "decimals"),
    "rank_set_coverage": ("marginal held", "percent"),
    "rank_set_width": ("width", "places"),
    "rank_set_simultaneous_coverage": ("all 98 held", "percent"),
    "rank_set_simultaneous_width": ("width", "places"),
    "lowest_set_coverage": ("10 lowest held", "percent"),
    "lowest_set_size": ("size", "places"),
}
FLAGS = {
    "flagged": ("flagged at 95 %", "percent"),
    "flagged_far": ("of those 0.3 or more away", "percent"),
    "flagged_wrong_side": ("on the wrong side", "percent"),
    "flagged_adjusted": ("flagged, false discoveries 5 %", "percent"),
    "flagged_adjusted_any": ("any such flag", "percent"),
}
MODELS = ("pooled", "within", "conditions")
METHODS = {"naive": "naive", "empirical_bayes": "empirical Bayes", "split_year": "split year"}


def tables(result: Mapping[Study, Seeds]) -> str:
    """Return the tables of every size and outcome, scenarios side by side."""
    parts = []
    for scale, times, outcome in dict.fromkeys((s.scale, s.times, s.outcome) for s in result):
        here = {
            study.scenario: seeds
            for study, seeds in result.items()
            if (study.scale, study.times, study.outcome) == (scale, times, outcome)
        }
        grants = np.mean([seed["grants"] for seeds in here.values() for seed in seeds])
        n_seeds = min(len(seeds) for seeds in here.values())
        size = f"{scale * times:g} of the country, {grants:,.0f} grants"
        parts += [
            f"## {outcome}: {size}, {n_seeds} seeds",
            "### Effects and O/E",
            _measures(here, EFFECTS),
            "### Ranks",
            _measures(here, RANKS),
            "### Flags",
            _measures(here, FLAGS),
            "### If all granted as the 10 lowest: percent fewer grants, model within",
            _counterfactuals(here),
        ]
    return "\n\n".join(parts)


def _measures(here: Mapping[str, Seeds], measures: Mapping[str, tuple[str, str]]) -> str:
    rows = [
        [
            scenario,
            model,
            *(
                _shown([seed["scores"][model][key] for seed in seeds], style)
                for key, (_, style) in measures.items()
            ),
        ]
        for scenario, seeds in here.items()
        for model in MODELS
    ]
    return _markdown(["scenario", "model", *(label for label, _ in measures.values())], rows)


def _counterfactuals(here: Mapping[str, Seeds]) -> str:
    header = ["scenario", "method", "promised", "those 10 truly", "error", "interval holds it"]
    rows = []
    for scenario, seeds in here.items():
        scores = [seed["scores"]["within"] for seed in seeds]
        for method, label in METHODS.items():
            keys = ("promised", "true", "error", "coverage")
            cells = [_shown([s[f"{method}_{key}"] for s in scores], "percent") for key in keys]
            rows.append([scenario, label, *cells])
        best = _shown([s["best_possible"] for s in scores], "percent")
        rows.append([scenario, "the 10 truly lowest", "", best, "", ""])
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
