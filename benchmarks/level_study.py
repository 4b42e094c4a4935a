"""Practice by level over many seeds: do the limits hold, and is a planted tilt found again.

    python -m benchmarks.level_study --seeds 100 [--scale 0.01] [--times 100 10] [--outcome FP]

One synthetic country is made at ``--scale`` and every person of it counts ``--times`` times, so
that 0.01 and 100 give the size of the whole country. Every seed draws municipal practice, its tilts
towards diagnoses and tenures, the grants and their main diagnoses by the generator's own rules.
Expected grants are those of the generator at national practice, so that what is measured is the
two-level model alone. Per dimension: the percentage of levels of municipalities whose 95 % interval
holds the truth, for effects and for deviations; the rank correlation of the shrunken deviation of
mental disorders, and of tenure over 5 years, with the planted tilt; and beside it the ceiling: that
of an estimate from the same counts by somebody who knows how far all levels differ.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr

from benchmarks.drawn_grants import draw_grants
from benchmarks.simulation_population import Population, make_population
from pipeline.codes import main_levels
from pipeline.model.levels.level_model import fit_levels
from synthetic_data.ground.scenario import OUTCOMES
from synthetic_data.places.diagnoses import GROUPS

TENURE = "tenure_band"
REACH = 1.959963984540054


@dataclass(frozen=True)
class Drawn:
    """(M, L) grants, expected grants and true log ratios of one dimension; (M, L) planted tilts."""

    observed: np.ndarray
    expected: np.ndarray
    effect: np.ndarray
    tilt: np.ndarray


def main() -> None:
    options = _arguments()
    for times in options.times:
        population = make_population(options.scenario, options.scale, times, (options.outcome,))
        result: dict[str, list[tuple[float, ...]]] = {}
        for seed in range(1, options.seeds + 1):
            for dimension, drawn in draw(population, options.outcome, seed).items():
                result.setdefault(dimension, []).append(score(dimension, drawn))
        print(
            f"\n{options.scale * times:g} of the country, {options.outcome}, {options.seeds} seeds"
        )
        print("| dimension | effect held | deviation held | rank correlation | ceiling |")
        print("| --- | --- | --- | --- | --- |")
        for dimension, rows in result.items():
            mean = np.nanmean(rows, axis=0)
            error = np.nanstd(rows, axis=0) / np.sqrt(len(rows))
            cells = [f"{100 * m:.1f} ({100 * e:.1f})" for m, e in zip(mean, error, strict=True)]
            print(f"| {dimension} | {' | '.join(cells)} |", flush=True)


def draw(population: Population, outcome: str, seed: int) -> dict[str, Drawn]:
    """Return grants by diagnosis and by tenure of one seed, in ten, five and three levels."""
    table = population.cells[outcome].table
    rng = np.random.default_rng([seed, OUTCOMES.index(outcome)])
    drawn = draw_grants(population, outcome, seed, rng)

    def summed(values: np.ndarray) -> np.ndarray:
        return np.stack([table.by_municipality(column) for column in values.T], axis=1)

    bands = np.eye(len(table.levels[TENURE]))[table.codes(TENURE)]
    totals = (drawn.events, drawn.expected, drawn.actual)
    fine = {
        "diagnosis_group": (
            GROUPS,
            summed(drawn.diagnoses),
            summed(drawn.expected[:, None] * drawn.national_share),
            summed(drawn.actual[:, None] * drawn.actual_share),
            drawn.by_group,
        ),
        TENURE: (
            table.levels[TENURE],
            *(summed(values[:, None] * bands) for values in totals),
            drawn.by_tenure,
        ),
    }
    result = {}
    for main_dimension, (name, parts) in main_levels().items():
        if name not in fine:
            continue
        names, observed, expects, true, planted = fine[name]
        result[name] = _drawn(observed, expects, true, planted)
        mains = list(dict.fromkeys(parts.values()))
        member = np.array([[parts[level] == main for main in mains] for level in names], float)
        share_of = true.sum(axis=0)[:, None] * member
        together = planted @ (share_of / share_of.sum(axis=0))
        result[main_dimension] = _drawn(*(v @ member for v in (observed, expects, true)), together)
    return result


def score(dimension: str, drawn: Drawn) -> tuple[float, ...]:
    """Return shares held of effects and deviations, rank correlation with the tilt, its ceiling."""
    fit = fit_levels(drawn.observed, drawn.expected)
    share = drawn.expected / drawn.expected.sum(axis=1, keepdims=True)
    away = drawn.effect - np.nansum(share * drawn.effect, axis=1, keepdims=True)
    known = np.isfinite(drawn.effect)
    level = 0 if dimension.startswith("diagnosis") else -1
    if dimension == "diagnosis_group":
        level = GROUPS.index("mental")
    return (
        float(np.mean((np.abs(fit.effect - drawn.effect) <= REACH * fit.effect_se)[known])),
        float(np.mean((np.abs(fit.deviation - away) <= REACH * fit.deviation_se)[known])),
        float(spearmanr(fit.deviation[:, level], drawn.tilt[:, level])[0]),
        float(spearmanr(_knowing(drawn)[:, level], drawn.tilt[:, level])[0]),
    )


def _knowing(drawn: Drawn) -> np.ndarray:
    """Return deviations by spreads that are found from very many counts with the same truth."""
    many = 3e3 * drawn.expected / drawn.expected.mean()
    truth = fit_levels(many * np.exp(np.nan_to_num(drawn.effect)), many)
    return fit_levels(drawn.observed, drawn.expected, parameters=truth.parameters).deviation


def _drawn(observed: np.ndarray, expected: np.ndarray, true: np.ndarray, tilt: np.ndarray) -> Drawn:
    # Nobody lives there: the level says nothing of the municipality, and it is not scored.
    some = expected > 0
    effect = np.log(np.where(some, true, np.nan) / np.where(some, expected, 1.0))
    return Drawn(observed, expected, effect, tilt)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--scenario", default="default")
    parser.add_argument("--scale", type=float, default=0.01)
    parser.add_argument("--times", type=int, nargs="+", default=[100, 10])
    parser.add_argument("--outcome", default="FP", choices=OUTCOMES)
    return parser.parse_args()


if __name__ == "__main__":
    main()
