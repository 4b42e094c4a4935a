"""What goes with practice: planted slopes recovered over many countries, and none without practice.

Grants, refusals, days and mental diagnoses of disability pension of the 98 municipalities are drawn
by half of the citizens from the generator's own practice, days and tilts, at a share of the
country's size, and shown as disclosure control shows them; persons are not drawn. Prints per
scale and measure the planted slope, the mean of the slopes found, the share of 95 % limits that
hold the planted one, the share of countries in which the trend is called at 5 %, and the last two
for fifths formed and measured on the same cases (``same``), which chance gives a gradient.

    python -m benchmarks.rank_group_study [--seeds 200]
"""

from __future__ import annotations

import argparse

import numpy as np

from pipeline.disclosure import CellKey
from pipeline.model.followups.rank_groups import (
    CROSS_FITTED,
    SAME_WINDOW,
    Measure,
    Trend,
    memberships,
    trend,
)
from pipeline.model.national.protection import Protection
from synthetic_data.ground.scenario import Scenario, read_scenario
from synthetic_data.places.country import build_country
from synthetic_data.places.diagnoses import GROUPS

YEARS = tuple(range(1999, 2008))
WINDOW = (2006, 2007)
SCENARIOS = ("default", "no_practice")
SCALES = (1.0, 0.1)
#: Grants of disability pension in the window at full size under national practice.
GRANTS = 28_000
MEASURES = ("processing_days", "refusals_per_expected", "mental_share")


def planted(scenario: Scenario) -> dict[str, float]:
    """Return the slope of each measure on practice that the scenario plants."""
    sizes, practice = scenario.decisions, scenario.practice
    of_mental = practice.mental_on_practice * practice.mental_spread
    return {
        "processing_days": sizes.processing_days_on_practice,
        "refusals_per_expected": sizes.refusal_on_practice,
        "mental_share": of_mental / practice.spread_fp if practice.spread_fp else 0.0,
    }


def drawn(
    scenario: Scenario, seed: int, scale: float
) -> tuple[list[Measure], dict[str, np.ndarray]]:
    """Return the measures of a drawn country, practice first, and who is in which fifth."""
    country = build_country(scenario, seed, YEARS)
    rng = np.random.default_rng(seed)
    sizes = scenario.decisions
    at = [YEARS.index(year) for year in WINDOW]
    practice = (country.practice[:, 0] - country.backlog_effect)[:, at].mean(axis=1)
    expected = GRANTS * scale * country.share
    half = np.repeat(expected[:, None] / 2, 2, axis=1)
    grants = rng.poisson(half * np.exp(practice)[:, None]).astype(float)
    refused = sizes.refusals_per_grant * np.exp(sizes.refusal_on_practice * practice)
    refusals = rng.poisson(half * refused[:, None]).astype(float)
    decided = grants + refusals
    spread = sizes.processing_days_case_spread
    with np.errstate(divide="ignore"):
        chance = 1 + spread * rng.normal(size=decided.shape) / np.sqrt(np.maximum(decided, 1))
    days = np.rint(decided * country.processing_days[:, None] * chance)
    share = scenario.usual_mix["FP"]["diagnosis"]
    weight = np.array([share[name] for name in GROUPS]) * np.exp(country.diagnosis_tilt[:, 0])
    p_mental = weight[:, GROUPS.index("mental")] / weight.sum(axis=1)
    mental = rng.binomial(grants.astype(int), p_mental[:, None]).astype(float)

    def keys() -> np.ndarray:
        return rng.integers(0, 62**4, half.shape)

    of_grants = keys()
    measures = [
        Measure("practice", grants, half, of_grants),
        Measure("processing_days", days, decided),
        Measure("refusals_per_expected", refusals, half, keys()),
        Measure("mental_share", mental, grants, keys(), of_grants, is_share=True),
    ]
    effect = np.log((grants.sum(axis=1) + 0.5) / (expected + 0.5))
    return measures, memberships(effect, grants, expected)


def trends(
    scenario: Scenario, scale: float, seeds: range, protection: Protection | None = None
) -> dict[tuple[str, str], list[Trend]]:
    """Return the trends of each measure and way of grouping, one per seed."""
    made: dict[tuple[str, str], list[Trend]] = {}
    for seed in seeds:
        measures, member = drawn(scenario, seed, scale)
        for measure in measures[1:]:
            for basis in (CROSS_FITTED, SAME_WINDOW):
                line = trend(measure, measures[0], member[basis], protection or CellKey(), 0.95)
                made.setdefault((measure.name, basis), []).append(line)
    return made


def held(lines: list[Trend], truth: float) -> float:
    """Return the share of limits, among those there are, that hold ``truth``."""
    known = [line for line in lines if np.isfinite(line.low)]
    return float(np.mean([line.low <= truth <= line.high for line in known])) if known else np.nan


def called(lines: list[Trend]) -> float:
    """Return the share of trends that are called at 5 %."""
    return float(np.mean([line.p_value < 0.05 for line in lines]))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    arguments = parser.parse_args()
    head = ("truth", "mean", "held", "called", "same held", "same called")
    print(f"{'scenario':<12} {'scale':>5}  {'measure':<22} " + "  ".join(f"{h:>11}" for h in head))
    for name in SCENARIOS:
        scenario = read_scenario(name)
        truth = planted(scenario)
        for scale in SCALES:
            made = trends(scenario, scale, range(arguments.seeds))
            for measure in MEASURES:
                crossed, same = (made[measure, basis] for basis in (CROSS_FITTED, SAME_WINDOW))
                slope = np.nanmedian([line.slope for line in crossed])
                told = (truth[measure], slope, held(crossed, truth[measure]), called(crossed))
                told += (held(same, truth[measure]), called(same))
                print(
                    f"{name:<12} {scale:>5}  {measure:<22} "
                    + "  ".join(f"{value:>11.3f}" for value in told),
                    flush=True,
                )


if __name__ == "__main__":
    main()
