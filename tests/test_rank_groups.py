"""What goes with practice: planted slopes are found, chance makes no gradient, figures add up."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipeline.codes import code_list
from pipeline.disclosure import CellKey
from pipeline.model.followups.rank_frames import rank_group_frames
from pipeline.model.followups.rank_groups import (
    CROSS_FITTED,
    SAME_WINDOW,
    Measure,
    Trend,
    fifths,
    group_figures,
    memberships,
    trend,
)
from pipeline.model.followups.ratio_limits import fieller_limits
from pipeline.model.national.protection import Protection, Unprotected

POPULATION = code_list("municipality")["population_2007"].to_numpy(dtype=float)
SEEDS = 60
#: Slopes on practice: log refusals and log days (the generator's), log grants per refusal.
PLANTED = {"processing_days": -0.25, "refusals_per_expected": -0.8, "grants_per_refusal": 1.8}
MENTAL = 0.2


def drawn(seed: int, *, spread: float, scale: float = 1.0) -> tuple[list[Measure], dict]:
    """Return measures and memberships of a country of the reform's 98 at ``scale``, by seed."""
    rng = np.random.default_rng(seed)
    expected = 25_000 * scale * POPULATION / POPULATION.sum()
    practice = rng.normal(0, spread, len(POPULATION))

    def halves(mean: np.ndarray) -> np.ndarray:
        return rng.poisson(np.repeat(mean[:, None] / 2, 2, axis=1)).astype(float)

    grants = halves(expected * np.exp(practice))
    refusals = halves(expected * 0.22 * np.exp(PLANTED["refusals_per_expected"] * practice))
    decided = grants + refusals
    days = 150 * np.exp(0.15 * rng.normal(size=98) + PLANTED["processing_days"] * practice)
    chance = np.exp(0.5 * rng.normal(size=(98, 2)) / np.sqrt(np.maximum(decided, 1)))
    tilt = 0.23 * rng.normal(size=98) + MENTAL * practice
    mental = rng.binomial(grants.astype(int), 1 / (1 + np.exp(-tilt))[:, None]).astype(float)

    def keys() -> np.ndarray:
        return rng.integers(0, 62**4, (98, 2))

    half = np.repeat(expected[:, None] / 2, 2, axis=1)
    of_grants = keys()
    total = grants.sum(axis=1)
    effect = np.log((total + 0.5) / expected)
    measures = [
        Measure("practice", grants, half, of_grants),
        Measure("processing_days", days[:, None] * decided * chance, decided),
        Measure("grants_per_refusal", grants, refusals, of_grants, keys()),
        Measure("refusals_per_expected", refusals, half, keys()),
        Measure("mental_share", mental, grants, keys(), of_grants, is_share=True),
    ]
    return measures, memberships(effect, grants, expected)


def trends(
    grouping: str, *, spread: float, protection: Protection | None = None, scale: float = 1.0
) -> dict[str, list[Trend]]:
    result: dict[str, list[Trend]] = {}
    for seed in range(SEEDS):
        measures, member = drawn(seed, spread=spread, scale=scale)
        for measure in measures[1:]:
            line = trend(
                measure, measures[0], member[grouping], protection or Unprotected(), level=0.95
            )
            result.setdefault(measure.name, []).append(line)
    return result


def test_planted_slopes_are_inside_their_limits_about_as_often_as_promised() -> None:
    for name, lines in trends(CROSS_FITTED, spread=0.44).items():
        planted = PLANTED.get(name, MENTAL)
        inside = np.mean([line.low <= planted <= line.high for line in lines])
        # 60 draws of .95: below .87 once in 160 tests, and then something is wrong.
        assert inside >= 0.87, (name, inside)
        middle = np.median([line.slope for line in lines])
        assert middle == pytest.approx(planted, abs=0.05), name


def test_noise_of_counts_and_a_tenth_of_the_country_keep_the_limits_true() -> None:
    lines = trends(CROSS_FITTED, spread=0.44, protection=CellKey(), scale=0.1)
    for name, result in lines.items():
        planted = PLANTED.get(name, MENTAL)
        assert np.mean([line.low <= planted <= line.high for line in result]) >= 0.87, name


def test_without_practice_chance_makes_a_trend_on_the_same_window_and_none_crossed() -> None:
    crossed, same = (trends(name, spread=0.0) for name in (CROSS_FITTED, SAME_WINDOW))
    for name, lines in crossed.items():
        assert np.mean([line.p_value < 0.05 for line in lines]) <= 0.12, name
        assert np.mean([np.isnan(line.low) for line in lines]) >= 0.8, name
    false = np.mean([line.p_value < 0.05 for line in same["grants_per_refusal"]])
    assert false > 0.5


@pytest.mark.parametrize("grouping", [CROSS_FITTED, SAME_WINDOW])
def test_every_case_is_counted_once(grouping: str) -> None:
    measures, member = drawn(3, spread=0.44)
    figures = group_figures(measures[2], member[grouping], Unprotected(), 0.95)
    assert figures.n_top.sum() == measures[2].top.sum()
    assert figures.n_bottom.sum() == measures[2].bottom.sum()
    assert np.allclose(figures.value, figures.n_top / figures.n_bottom)
    assert (figures.low < figures.value).all()
    assert (figures.value < figures.high).all()


def test_fifths_are_as_even_as_can_be_and_leave_out_what_is_not_known() -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(size=98)
    values[5] = np.nan
    groups = fifths(values)
    assert groups[5] == -1
    assert np.bincount(groups[groups >= 0]).tolist() == [20, 19, 20, 19, 19]
    assert values[groups == 0].max() < values[groups == 1].min()


def test_a_count_is_shown_as_disclosure_control_shows_it() -> None:
    measures, member = drawn(4, spread=0.44, scale=0.005)
    protection = CellKey()
    figures = group_figures(measures[3], member[CROSS_FITTED], protection, 0.95)
    assert ((figures.n_top == 0) | (figures.n_top >= protection.smallest_shown)).all()


def test_fiellers_limits_are_where_the_difference_is_at_its_reach() -> None:
    low, high = fieller_limits(2.0, 4.0, 0.09, 0.16, 0.03, 1.96)
    for ratio in (low, high):
        variance = 0.09 - 2 * ratio * 0.03 + ratio**2 * 0.16
        assert abs(2.0 - ratio * 4.0) == pytest.approx(1.96 * np.sqrt(variance))
    assert np.isnan(fieller_limits(2.0, 0.1, 0.09, 0.16, 0.0, 1.96)).all()


def _small_country(seed: int, mean: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a benchmark without practice, ``mean`` grants a half, and its grants by half."""
    rng = np.random.default_rng(seed)
    codes = [f"{code:03d}" for code in range(101, 199)]
    granted = rng.poisson(mean, (98, 2))
    total = granted.sum(axis=1)
    with np.errstate(divide="ignore"):
        effect = np.where(total > 0, np.log(total / (2 * mean)), np.nan)
    benchmark = pd.DataFrame(
        {
            "outcome": "FP",
            "municipality_code": codes,
            "expected": 2 * mean,
            "ratio": total / (2 * mean),
            "practice_effect": effect,
        }
    )
    halves = pd.DataFrame(
        {
            "outcome": "FP",
            "municipality_code": np.repeat(codes, 2),
            "half": np.tile([0, 1], 98),
            "n_events": granted.ravel(),
            "events_key": rng.integers(0, 62**4, 196),
        }
    )
    return benchmark, halves


@pytest.mark.parametrize("mean", [0.4, 1.0, 4.0])
def test_who_granted_nobody_is_in_a_fifth_so_that_chance_makes_no_gradient(mean: float) -> None:
    none = pd.DataFrame(columns=["case_type", "municipality_code", "half"])
    nothing = pd.DataFrame()
    slopes = []
    for seed in range(40):
        benchmark, halves = _small_country(seed, mean)
        figures, _ = rank_group_frames(
            benchmark, none, halves, nothing, nothing, Unprotected(), 0.95
        )
        own = figures[figures["group_basis"] == CROSS_FITTED].set_index("fifth")["value"]
        slopes.append(np.log(own[5] / own[1]))
    assert abs(np.mean(slopes)) < 3 * np.std(slopes) / np.sqrt(len(slopes))
