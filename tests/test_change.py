"""Change between two windows: planted changes are found, none is where nothing changed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fabricated_cells import LEVELS, SLOPES, make_cells, make_specification, spread
from scipy.special import expit

from pipeline.benchmarks.library import SHIPPED, benchmark_of, described, read_benchmark
from pipeline.errors import SettingsError
from pipeline.model.followups.change import change_frames
from pipeline.model.followups.change_split import COMPONENTS, TOTAL, Window, change_split
from pipeline.model.national.cells import code_cells
from pipeline.model.national.fitted import fit_within

N_UNITS, SEEDS = 24, 30
SPECIFICATION = make_specification()
LEVEL = spread(N_UNITS, 0.3)
MOVED = np.where(np.arange(N_UNITS) % 3 == 0, 0.5, 0.0)


def window(effects: np.ndarray, seed: int, first_year: int = 2006, **options: float) -> Window:
    """Return the fitted window of a country drawn with ``effects``."""
    cells = make_cells(effects, seed, **{"persons": 1500, **options})
    cells["year"] += first_year - 2006
    table = code_cells(cells, SPECIFICATION, sorted(set(cells["municipality_code"])))
    return Window(table, fit_within(table, SPECIFICATION))


def drawn(seed: int, moved: np.ndarray, **options: float) -> dict[str, pd.DataFrame]:
    """Return the tables of change of a country whose practice ``moved`` between windows."""
    before = window(LEVEL, 2 * seed, 2004, **options)
    now = window(LEVEL + moved, 2 * seed + 1, **options)
    return change_frames("FP", now, before, SPECIFICATION)


def test_components_add_up_to_the_observed_change() -> None:
    before, now = window(LEVEL, 1, 2004), window(LEVEL + MOVED, 2, base=-2.6, confounded=0.5)
    codes = now.table.municipality_codes
    split = change_split(now, before, codes, 0.95)
    observed = [side.table.observed / side.table.n_at_risk for side in (now, before)]
    assert split.part[:, -1] == pytest.approx(observed[0] - observed[1], abs=1e-12)
    assert split.part[:, :-1].sum(axis=1) == pytest.approx(split.part[:, -1], abs=1e-15)
    whole = change_split(now, before, (), 0.95, country=True)
    shares = [side.table.observed.sum() / side.table.n_at_risk.sum() for side in (now, before)]
    assert whole.part[0, -1] == pytest.approx(shares[0] - shares[1], abs=1e-12)
    assert whole.part[0, COMPONENTS.index("own_practice")] == 0


def test_country_s_level_is_national_practice_and_not_composition() -> None:
    split = change_split(
        window(LEVEL, 3, base=-2.5), window(LEVEL, 4, 2004), (), 0.95, country=True
    )
    composition, national, _, total = split.part[0]
    assert national > 0.9 * total > 0
    assert abs(composition) < 0.1 * total


def test_total_has_the_variance_of_two_shares() -> None:
    before, now = window(LEVEL, 5, 2004), window(LEVEL + MOVED, 6)
    split = change_split(now, before, now.table.municipality_codes, 0.95)
    se = (split.high - split.low)[:, -1] / 2 / 1.959964
    variance = 0.0
    for side in (now, before):
        share = side.table.observed / side.table.n_at_risk
        variance = variance + share * (1 - share) / side.table.n_at_risk
    assert se == pytest.approx(np.sqrt(variance), rel=0.06)


def test_planted_change_is_recovered() -> None:
    covered = []
    for seed in range(SEEDS):
        frame = drawn(seed + 100, MOVED)["change"]
        # Practice is against the country's, which the planted change moves as well.
        error = frame["change_effect"] - MOVED
        error -= np.mean(error)
        covered += list(np.abs(error) <= 1.96 * frame["change_effect_se"])
    assert 0.93 <= np.mean(covered) <= 0.97


def test_nobody_changes_beyond_chance_where_nothing_changed() -> None:
    """Grants are rare as they are: limits of O/E take their number as Poisson."""
    covered, found, called = [], [], []
    for seed in range(SEEDS):
        frame = drawn(seed + 400, MOVED * 0, persons=15_000, base=-5.5)["change"]
        low, high = frame["log_ratio_change_low"], frame["log_ratio_change_high"]
        covered += list((low <= 0) & (high >= 0))
        found += list(frame["p_value"] < 0.05)
        called.append((frame["q_value"] < 0.05).any())
    assert 0.93 <= np.mean(covered) <= 0.97
    assert 0.03 <= np.mean(found) <= 0.065
    # A false finding in one country of twenty: of 30 countries at most 5 but for one time in 300.
    assert np.sum(called) <= 5


def risk(cells: pd.DataFrame, base: float) -> np.ndarray:
    """Return the planted risk of cells where every municipality does as the country."""
    score = sum(
        cells[name].map(dict(zip(levels, SLOPES[name], strict=True)))
        for name, levels in LEVELS.items()
    ).to_numpy(float)
    return expit(base + score + 0.1 * (cells["year"] == 2007).to_numpy())


def test_planted_regime_is_recovered_for_the_country() -> None:
    """A law lowers the odds of everybody, and fewer have a long tenure than before."""
    bases, covered = (-3.0, -3.5), []
    for seed in range(50):
        rng = np.random.default_rng([5, seed])
        drawn_cells, sides = [], []
        for base, kept in zip(bases, (1.0, 0.5), strict=True):
            cells = make_cells(np.zeros(N_UNITS), 2 * seed + 1200 + (kept < 1), persons=1500)
            is_long = (cells["tenure_band"] == "long").to_numpy()
            cells["n_persons"] = rng.binomial(cells["n_persons"], np.where(is_long, kept, 1.0))
            cells["n_events"] = rng.binomial(cells["n_persons"], risk(cells, base))
            table = code_cells(cells, SPECIFICATION, sorted(set(cells["municipality_code"])))
            drawn_cells.append(cells)
            sides.append(Window(table, fit_within(table, SPECIFICATION)))
        share = {
            (at, by): np.average(risk(cells, base), weights=cells["n_persons"])
            for at, cells in enumerate(drawn_cells)
            for by, base in enumerate(bases)
        }
        practice = (share[0, 1] - share[0, 0] + share[1, 1] - share[1, 0]) / 2
        total = share[1, 1] - share[0, 0]
        split = change_split(sides[1], sides[0], (), 0.95, country=True)
        truth = np.array([total - practice, practice, 0.0, total])
        covered.append((split.low[0] <= truth) & (truth <= split.high[0]))
    own = COMPONENTS.index("own_practice")
    assert np.all(np.array(covered)[:, own])
    assert 0.93 <= np.mean(np.delete(covered, own, axis=1)) <= 0.97


def test_own_practice_is_within_its_limits() -> None:
    covered = []
    for seed in range(SEEDS):
        before, now = window(LEVEL, 2 * seed + 800, 2004), window(LEVEL, 2 * seed + 801)
        split = change_split(now, before, now.table.municipality_codes, 0.95)
        own = COMPONENTS.index("own_practice")
        covered += list((split.low[:, own] <= 0) & (split.high[:, own] >= 0))
    assert 0.93 <= np.mean(covered) <= 0.97


def test_rank_of_change_stands_beside_rank_of_level() -> None:
    frame = drawn(7, np.linspace(-1, 1, N_UNITS)[::-1])["change"]
    assert frame["rank"].corr(pd.Series(np.arange(N_UNITS)), method="spearman") < -0.8
    assert (frame["rank_low"] <= frame["rank"]).all()
    assert (frame["rank"] <= frame["rank_high"]).all()
    assert frame["level_rank"].between(1, N_UNITS).all()


def test_municipality_of_one_window_only_has_no_change() -> None:
    before = window(LEVEL[1:], 9, 2004)
    frames = change_frames("FP", window(LEVEL, 10), before, SPECIFICATION)
    assert len(frames["change"]) == N_UNITS - 1
    assert set(frames["change_split"]["component"]) == {*COMPONENTS, TOTAL}


def test_shown_counts_with_noise_are_taken_for_what_they_are() -> None:
    from test_validity import NOISE

    specification = make_specification(protection=NOISE)
    sides = []
    for seed, year in ((11, 2006), (12, 2004)):
        cells = make_cells(LEVEL, seed, persons=1500)
        rng = np.random.default_rng(seed)
        cells["year"] += year - 2006
        for name in ("persons", "events"):
            cells[f"{name}_key"] = rng.integers(0, 62**4, len(cells)) * cells[f"n_{name}"]
        table = code_cells(cells, specification, sorted(set(cells["municipality_code"])))
        sides.append(Window(table, fit_within(table, specification)))
    frames = change_frames("FP", *sides, specification)
    assert (frames["change"]["observed"] == sides[0].table.observed).all()
    exact = drawn(6, MOVED * 0)["change"]
    assert frames["change"]["change_effect_se"].mean() > exact["change_effect_se"].mean()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"baseline_years": [2006]}, "baseline_years has 2006; allowed: years before the first"),
        ({"baseline_years": [2003, 2003]}, "2003 is listed twice"),
        ({"baseline_years": "2003 to 2005"}, "allowed: a list"),
        ({"baseline_years": [2004], "each_year": True}, "baseline_years and each_year"),
    ],
)
def test_a_wrong_baseline_says_what_is_allowed(change: dict, message: str) -> None:
    values = read_benchmark(SHIPPED / "akf_2006_2007.toml").model_dump(mode="json")
    with pytest.raises(SettingsError, match=message):
        benchmark_of({**values, **change}, "here")


def test_baseline_is_listed_and_is_the_same_question_of_other_years() -> None:
    youth = read_benchmark(SHIPPED / "youth_2021_2023.toml")
    assert "baseline    2010, 2011, 2012" in described(youth)
    earlier = youth.baseline()
    assert earlier is not None
    assert (earlier.years, earlier.ages, earlier.baseline()) == (
        (2010, 2011, 2012),
        youth.ages,
        None,
    )
