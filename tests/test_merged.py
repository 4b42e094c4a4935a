"""Municipalities merged in 2007: parts' levels, their spread, and what the new one follows."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from fabricated_years import N_MERGED, drawn_history, drawn_parts

from pipeline.disclosure import CellKey
from pipeline.model.national.protection import Unprotected
from pipeline.model.numerics.shown_counts import EXACT
from pipeline.model.years.former_frames import TABLES, WHOLE, former_frames
from pipeline.model.years.former_rules import FEWEST, side_frame
from pipeline.model.years.merged import (
    RULES,
    Parts,
    levels_of,
    log_chance,
    rules_of,
    spread_limits,
    spread_share,
    targets_of,
)

KEY = CellKey()
N, SPREAD, SHIFT = 60, 0.25, -0.1
#: What few-granting merged municipalities change by where they tighten, log.
TIGHTER = -0.2
MEAN, LARGEST, STRICTEST = (np.eye(3)[rule] for rule in range(3))


class Country:
    """Merged municipalities drawn: parts with levels, what each follows, and counts as shown."""

    def __init__(
        self,
        seed: int,
        grants: float,
        share: np.ndarray,
        spread: float = SPREAD,
        *,
        has_regimes: bool = False,
    ) -> None:
        rng = np.random.default_rng(seed)
        n_parts = rng.choice([2, 3, 4, 5, 6, 7], N, p=[0.2, 0.25, 0.25, 0.15, 0.1, 0.05])
        of = np.repeat(np.arange(N), n_parts)
        expected = grants * np.exp(0.8 * rng.normal(size=len(of)))
        self.level = np.exp(0.35 * rng.normal(size=N))[of] * np.exp(
            spread * rng.normal(size=len(of))
        )
        is_largest = np.zeros(len(of), dtype=bool)
        for place in range(N):
            own = np.flatnonzero(of == place)
            is_largest[own[np.argmax(expected[own])]] = True
        whole = np.bincount(of, expected)
        levels = np.column_stack(
            [
                np.bincount(of, expected * self.level) / whole,
                self.level[is_largest],
                [self.level[of == place].min() for place in range(N)],
            ]
        )
        self.rule = rng.choice(3, N, p=share)
        moved = np.exp(SHIFT + 0.05 * rng.normal(size=N))
        if has_regimes:
            is_few = levels[:, 0] < 1
            self.rule = np.where(is_few, 0, 1)
            moved = np.exp(np.where(is_few, TIGHTER, 0.0) + 0.05 * rng.normal(size=N))
        now = levels[np.arange(N), self.rule] * moved
        self.expected = whole / 2
        self.shown = self._shown(self.expected * now, rng)
        shown = self._shown(expected * self.level, rng)
        self.parts = Parts(
            of, np.where(KEY.is_hidden(expected), np.nan, shown), expected, is_largest
        )

    @staticmethod
    def _shown(mean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        counts = rng.poisson(mean)
        return np.asarray(KEY.transitions.shown(counts, rng.random(len(counts))), dtype=float)


@pytest.mark.slow
@pytest.mark.parametrize(("grants", "right"), [(25.0, 1.0), (12.0, 0.8)])
def test_following_the_largest_is_told_from_following_the_mean(grants: float, right: float) -> None:
    """In all of 20 countries of 25 grants a part, in 17 of 20 of 12."""
    named = []
    for seed in range(10):
        for rule, share in enumerate((MEAN, LARGEST)):
            country = Country(seed, grants, share)
            levels = levels_of(country.parts, KEY.transitions, seed)
            targets = targets_of(country.parts, levels)
            rules = rules_of(targets, country.shown, country.expected, KEY.transitions, 0.95)
            named.append(int(np.argmax(rules.commonest)) == rule)
    assert np.mean(named) >= right


@pytest.mark.slow
def test_planted_shares_levels_spread_and_joint_change_are_within_their_limits() -> None:
    shares, changes, levels_held, spreads, own = [], [], [], [], []
    for seed in range(14):
        share = np.array([(0.3, 0.5, 0.2), (0.0, 0.0, 1.0), (0.6, 0.4, 0.0)][seed % 3])
        country = Country(100 + seed, 40.0, share)
        levels = levels_of(country.parts, KEY.transitions, seed)
        low, high = np.quantile(levels.draws, [0.025, 0.975], axis=1)
        levels_held.append(np.mean((low <= country.level) & (country.level <= high)))
        _, low_spread, high_spread = spread_limits(levels.spread_share, 0.95)
        spreads.append(low_spread <= SPREAD <= high_spread)
        targets = targets_of(country.parts, levels)
        rules = rules_of(targets, country.shown, country.expected, KEY.transitions, 0.95)
        true = np.bincount(country.rule, minlength=3) / N
        shares += list((rules.low <= true + 1e-9) & (true <= rules.high + 1e-9))
        _, low_change, high_change = rules.shift
        changes.append(low_change <= np.exp(SHIFT) <= high_change)
        own.append(rules.own[np.arange(N), country.rule].mean())
        assert rules.own.sum(axis=1) == pytest.approx(1.0)
    assert np.mean(levels_held) == pytest.approx(0.95, abs=0.02)
    assert np.mean(shares) >= 0.9
    assert np.mean(changes) >= 0.85
    assert np.mean(spreads) >= 0.85
    assert np.mean(own) > 0.5


@pytest.mark.slow
def test_few_granting_that_tighten_are_told_from_many_granting_that_follow_their_largest() -> None:
    """AKF's two regimes, in 6 countries; and the joint change of all where there is one.

    That few are told by their level before draws their change a little towards more.
    """
    few, many, largest, tightened, alike = [], [], [], [], []
    for seed in range(6):
        for has_regimes in (True, False):
            country = Country(200 + seed, 60.0, MEAN, has_regimes=has_regimes)
            levels = levels_of(country.parts, KEY.transitions, seed)
            targets = targets_of(country.parts, levels)
            made = side_frame(targets, country.shown, country.expected, KEY.transitions, 0.95)
            change = made.groupby("side")[["joint_change", "joint_change_high"]].first()
            assert made.groupby("side")["n_municipalities"].first().sum() == N
            if has_regimes:
                few.append(change.loc["few", "joint_change"])
                many.append(change.loc["many", "joint_change"])
                tightened.append(change.loc["few", "joint_change_high"] < 1)
                of_many = made[made["side"] == "many"].set_index("rule")["p_commonest"]
                largest.append(of_many.idxmax() == "largest")
            else:
                alike += list(change["joint_change"])
    assert np.mean(tightened) >= 0.8
    assert np.mean(largest) >= 0.8
    assert np.mean(few) == pytest.approx(np.exp(TIGHTER), abs=0.06)
    assert np.mean(many) == pytest.approx(1.0, abs=0.04)
    assert np.mean(alike) == pytest.approx(np.exp(SHIFT), abs=0.04)


def test_without_grants_nothing_is_told() -> None:
    """No shown count leaves every share at a third with a wide interval."""
    of = np.repeat(np.arange(20), 2)
    nothing = np.full(40, np.nan)
    parts = Parts(of, nothing, np.full(40, 1.0), np.tile([True, False], 20))
    levels = levels_of(parts, KEY.transitions, 1)
    rules = rules_of(
        targets_of(parts, levels), np.full(20, np.nan), np.full(20, 2.0), KEY.transitions, 0.95
    )
    assert rules.share == pytest.approx(1 / 3, abs=1e-6)
    assert rules.low == pytest.approx(0.0)
    assert (rules.high > 0.7).all()
    assert rules.own == pytest.approx(1 / 3, abs=1e-6)


def test_chance_of_a_count_is_that_of_a_negative_binomial_shown_with_noise() -> None:
    from scipy import stats

    spread, mean = 0.4, np.array([[6.0, 30.0]])
    shape = spread**-2
    exact = log_chance(np.array([9.0]), mean, spread, EXACT)
    known = stats.nbinom.logpmf(9, shape, shape / (shape + mean))
    assert exact == pytest.approx(known)
    noisy = log_chance(np.array([9.0]), mean, spread, KEY.transitions)
    counts = np.arange(200)
    chance = np.array([KEY.chances(int(count), 300)[9] for count in counts])
    by_hand = [chance @ stats.nbinom.pmf(counts, shape, shape / (shape + m)) for m in mean[0]]
    assert np.exp(noisy[0]) == pytest.approx(by_hand)


def test_larger_spread_of_parts_is_told_from_a_smaller() -> None:
    medians = [
        spread_limits(spread_share(Country(7, 60.0, MEAN, spread).parts, KEY.transitions), 0.95)
        for spread in (0.05, 0.6)
    ]
    assert medians[0][2] < 0.3 < medians[1][1]


def benchmark_rows() -> pd.DataFrame:
    """Return rows of a benchmark of two outcomes."""
    codes = [str(code) for code in range(101, 199)]
    frame = pd.DataFrame({"municipality_code": codes, "expected": 80.0, "n_at_risk": 8000})
    return pd.concat([frame.assign(outcome="FP"), frame.assign(outcome="FJ")], ignore_index=True)


def tables(
    history: pd.DataFrame, composition: pd.DataFrame, protection: object = KEY
) -> dict[str, pd.DataFrame]:
    """Return the tables of drawn parts."""
    rows = benchmark_rows()
    country = drawn_history(rows, np.random.default_rng(1))
    # Every year has the country's level of the others.
    country = country.assign(observed=40, noise_sd=0.0)
    window = (2006, 2007)
    return former_frames(history, composition, country, rows, window, protection, 0.95, 1)  # type: ignore[arg-type]


def test_tables_hold_planted_levels_and_who_is_followed() -> None:
    history, composition = drawn_parts(benchmark_rows(), np.random.default_rng(3), 0.5, 150.0)
    made = tables(history, composition)
    assert set(made) == set(TABLES)
    rows = made["former_municipality"]
    # The fabricated new municipalities follow the largest of their parts.
    country = made["former_follow_country"].set_index(["outcome", "rule"])
    for outcome in ("FP", "FJ"):
        assert country.loc[(outcome, "largest"), "share"] > 0.6
        assert country.loc[(outcome, "largest"), "p_commonest"] > 0.9
    parts = rows[(rows["former_municipality_code"] != WHOLE) & (rows["period"] == "before")]
    assert set(parts["year_from"]) == {2002}
    assert set(parts["year_to"]) == {2006}
    # Five years are expected at the country's level of each; levels are around the planted ratios.
    keys = ["outcome", "municipality_code", "former_municipality_code"]
    counted = history[history["year"] < 2007].groupby(keys)["observed"].sum()
    shown = parts.set_index(keys)["observed"].astype(float)
    assert (shown - counted).abs().max() <= KEY.reach
    is_held = parts["ratio_low"].le(parts["ratio"]) & parts["ratio"].le(parts["ratio_high"])
    assert is_held.all()
    assert parts.groupby(["outcome", "municipality_code"])["is_largest"].sum().eq(1).all()
    # Parts differ by their own levels until 2006 and are alike after.
    spreads = made["former_spread"].set_index(["outcome", "year"])["spread"]
    assert spreads["FP"][2007] < spreads["FP"].drop(2007).min()
    assert len(made["former_follow"]) == 2 * N_MERGED


def test_whole_municipality_is_the_sum_of_its_parts() -> None:
    history, composition = drawn_parts(benchmark_rows(), np.random.default_rng(4))
    rows = tables(history, composition, Unprotected())["former_municipality"]
    keys = ["outcome", "municipality_code", "period"]
    is_whole = rows["former_municipality_code"] == WHOLE
    for column in ("observed", "expected"):
        parts = rows[~is_whole].groupby(keys)[column].sum().astype(float)
        whole = rows[is_whole].set_index(keys)[column].astype(float)
        assert parts.sort_index().to_numpy() == pytest.approx(whole.sort_index().to_numpy())


def test_small_counts_of_parts_are_not_shown() -> None:
    history, composition = drawn_parts(benchmark_rows(), np.random.default_rng(5), 0.3, 1.0)
    rows = tables(history, composition)["former_municipality"]
    is_hidden = rows["is_suppressed"]
    assert is_hidden.any()
    assert rows.loc[is_hidden, "observed"].isna().all()
    assert rows.loc[is_hidden, "expected"].lt(KEY.smallest_expected_part).all()
    shown = rows.loc[~is_hidden, "observed"].astype(int)
    assert ((shown == 0) | (shown >= KEY.smallest_shown)).all()


def test_window_far_from_the_reform_and_few_municipalities_have_no_rows() -> None:
    history, composition = drawn_parts(benchmark_rows(), np.random.default_rng(6))
    made = tables(history[history["year"] < 2007], composition)
    assert all(frame.empty for frame in made.values())
    few = sorted(set(history["municipality_code"]))[: FEWEST - 1]
    made = tables(history[history["municipality_code"].isin(few)], composition)
    assert all(frame.empty for frame in made.values())
    assert tuple(RULES) == ("mean", "largest", "strictest")


def test_year_that_did_not_reach_the_register_takes_no_part() -> None:
    """A silent year of a municipality has nobody, and no grants are expected of it."""
    history, composition = drawn_parts(benchmark_rows(), np.random.default_rng(7))
    code = history["municipality_code"].iloc[0]
    silent = (history["municipality_code"] == code) & (history["year"] == 2004)
    whole, less = (
        tables(frame, composition)["former_municipality"].set_index(
            ["outcome", "municipality_code", "period", "former_municipality_code"]
        )
        for frame in (history, history[~silent])
    )
    place = ("FP", code, "before", WHOLE)
    assert less.loc[place, "expected"] == pytest.approx(0.8 * whole.loc[place, "expected"])


def test_year_of_which_no_grants_are_shown_takes_no_part() -> None:
    """Not even that of every municipality with grants: nothing is expected of such a year."""
    history, composition = drawn_parts(benchmark_rows(), np.random.default_rng(8))
    rows = benchmark_rows()
    country = drawn_history(rows, np.random.default_rng(1)).assign(observed=40.0, noise_sd=0.0)
    hidden = country.assign(observed=country["observed"].mask(country["year"] == 2004))
    made, without = (
        former_frames(history, composition, shown, rows, (2006, 2007), KEY, 0.95, 1)
        for shown in (hidden, country[country["year"] != 2004])
    )
    assert len(made["former_municipality"])
    for name in TABLES:
        pd.testing.assert_frame_equal(made[name], without[name])


def test_year_of_the_composition_may_be_one_of_which_no_grants_are_shown() -> None:
    """As in three thousandths of the country: parts are weighed by its residents all the same."""
    history, composition = drawn_parts(benchmark_rows(), np.random.default_rng(8))
    rows = benchmark_rows()
    (year,) = set(composition["year"])
    country = drawn_history(rows, np.random.default_rng(1)).assign(observed=40.0, noise_sd=0.0)
    hidden = country.assign(observed=country["observed"].mask(country["year"] == year))
    made = former_frames(history, composition, hidden, rows, (2006, 2007), KEY, 0.95, 1)
    whole = former_frames(history, composition, country, rows, (2006, 2007), KEY, 0.95, 1)
    keys = ["outcome", "municipality_code", "period", "former_municipality_code"]
    left, all_years = (
        frames["former_municipality"].set_index(keys)["expected"].dropna()
        for frames in (made, whole)
    )
    place = (
        "FP",
        history["municipality_code"].iloc[0],
        "before" if year < 2007 else "after",
        WHOLE,
    )
    assert 0 < left[place] < all_years[place]
