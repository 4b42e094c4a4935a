"""What instead of a grant: sums, what is planted is found and not mistaken, protection."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fabricated_cells import LEVELS, SLOPES, make_specification
from planted_states import planted_states
from scipy.special import expit

from pipeline.codes import state_groups
from pipeline.disclosure import CellKey
from pipeline.model.lives.later_counts import (
    COHORT_SHARE,
    KINDS,
    STATES,
    LaterCounts,
    expected_states,
    later_counts,
)
from pipeline.model.lives.later_state import instead, later_state_frame
from pipeline.model.national.cells import CellTable, code_cells
from pipeline.model.national.expected import Expected
from pipeline.model.national.fitted import fit_within
from pipeline.model.national.protection import Protection, Unprotected

NOISE = CellKey()
YEARS = 3


def frame_of(seed: int, goes_to: str = "", protection: Protection = NOISE, **size: float):
    of, granted, expected, is_low = planted_states(seed, goes_to, **size)
    return later_state_frame({YEARS: of}, granted, expected, protection, 0.95, 1), is_low, of


def told(frame: pd.DataFrame, of: LaterCounts) -> np.ndarray:
    """Return what is said of each municipality in place of grants."""
    rows = frame[(frame["dimension"] == "state_kind") & (frame["level"] == "granted")]
    rows = rows.set_index("area_code").loc[list(of.municipality_codes)]
    return rows["instead"].to_numpy()


def test_every_state_is_of_one_kind() -> None:
    assert len(STATES) == len(set(STATES))
    assert {*state_groups(), "work"} == set(STATES)
    assert tuple(KINDS) == ("granted", "waiting", "self_supporting", "elsewhere")


def test_states_add_up_to_the_cohort() -> None:
    frame, _, _ = frame_of(1, "waiting", Unprotected())
    key = ["area_code", "dimension"]
    shown = frame[~frame["is_suppressed"]]
    assert len(shown) == len(frame)
    sums = frame.groupby(key, sort=False)[["n_persons", "expected"]].sum()
    cohort = frame.groupby(key, sort=False)["n_cohort"].first()
    assert (sums["n_persons"] == cohort).all()
    np.testing.assert_allclose(sums["expected"].astype(float), cohort.astype(float))
    np.testing.assert_allclose(frame.groupby(key)["share"].sum(), 1.0)
    # Municipalities, and fifths, add up to the country; what is expected to what is observed there.
    area = frame["area_code"].map(
        lambda code: "fifth" if code.startswith("fifth") else "all" if code == "000" else "place"
    )
    by = frame.groupby([area, "dimension", "level"])[["n_persons", "expected"]].sum()
    for kind in ("fifth", "place"):
        np.testing.assert_allclose(by.loc[kind].astype(float), by.loc["all"].astype(float))
    country = by.loc["all"].astype(float)
    np.testing.assert_allclose(country["n_persons"], country["expected"], atol=1e-6)


def test_expected_persons_follow_from_who_is_there_alone() -> None:
    """Of one factor without a ridge every level has its own states; with one they draw nearer."""
    persons = np.zeros((2, 2, len(STATES)), dtype=np.int64)
    persons[0, :, [0, 3, 7]], persons[1, :, [3, 7]] = [[7, 8], [25, 25], [8, 7]], [[25, 25]] * 2
    by_level = np.zeros((2, len(STATES)), dtype=np.int64)
    by_level[0, [0, 3]], by_level[1, [3, 7]] = [15, 45], [55, 65]
    of = LaterCounts(
        municipality_codes=("101", "147"),
        persons=persons,
        keys=persons,
        codes=np.array([[0], [1]]),
        place=np.array([0, 0, 1, 1, 2, 3]),
        pattern=np.array([0, 1, 0, 1, 1, 1]),
        cohort=np.array([30, 10, 30, 10, 50, 50]),
        by_level=(by_level,),
        by_level_keys=(by_level,),
    )
    expected = expected_states(of, Unprotected(), ridge=1e-6).sum(axis=1)[:, [0, 3, 7]]
    # A quarter of the first level is granted; of the second 55 of 120 wait.
    np.testing.assert_allclose(expected[0], [15, 45 + 20 * 55 / 120, 20 * 65 / 120], atol=1e-2)
    np.testing.assert_allclose(expected[1], [0, 100 * 55 / 120, 100 * 65 / 120], atol=1e-2)
    drawn = expected_states(of, Unprotected()).sum(axis=1)[:, [0, 3, 7]]
    np.testing.assert_allclose(drawn.sum(axis=0), [15, 100, 65])
    assert (drawn[1, 0], drawn[0, 2]) > (expected[1, 0], expected[0, 2])


@pytest.mark.parametrize("kind", ["waiting", "self_supporting"])
def test_where_those_not_granted_went_is_found_and_not_taken_for_the_other(kind: str) -> None:
    """Twenty countries: 20 of 98 municipalities grant two fifths fewer, all of whom wait (work)."""
    other = {"waiting": "self_supporting", "self_supporting": "waiting"}[kind]
    found, wrong, falsely, n_others = 0, 0, 0, 0
    for seed in range(20):
        frame, is_low, of = frame_of(seed, kind)
        said = told(frame, of)
        found += int((said[is_low] == kind).sum())
        wrong += int((said[is_low] == other).sum())
        falsely += int((said[~is_low] == other).sum())
        n_others += int((~is_low).sum())
    assert found / 400 >= 0.85
    assert wrong / 400 <= 0.005
    assert falsely / n_others <= 0.05


def test_where_nobody_differs_next_to_nobody_is_told_of() -> None:
    said = []
    for seed in range(20):
        frame, _, of = frame_of(seed, spread=0.0)
        said += told(frame, of).tolist()
    assert np.isin(said, ["waiting", "self_supporting", "both"]).mean() <= 0.02


def test_small_municipalities_cannot_be_told() -> None:
    said = []
    for seed in range(5):
        frame, is_low, of = frame_of(seed, "waiting", persons=60.0)
        said += told(frame, of)[is_low].tolist()
    assert np.isin(said, ["not_low", "unknown"]).mean() >= 0.95


@pytest.mark.parametrize("protection", [Unprotected(), NOISE])
def test_limits_hold_what_is_true_of_a_municipality(protection: Protection) -> None:
    """Without differences every true ratio is 1: limits are Wilson's, noise included."""
    held, n = 0, 0
    for seed in range(5):
        frame, _, of = frame_of(seed, protection=protection, spread=0.0)
        rows = frame[frame["area_code"].isin(of.municipality_codes) & ~frame["is_suppressed"]]
        rows = rows[rows["expected"] >= 20]
        held += int(((rows["ratio_low"] <= 1) & (rows["ratio_high"] >= 1)).sum())
        n += len(rows)
    assert 0.93 <= held / n <= 0.97


def test_no_small_count_is_shown_and_rare_states_are_hidden() -> None:
    frame, _, _ = frame_of(2, persons=150.0)
    for name in ("n_persons", "n_cohort"):
        assert not frame[name].dropna().between(1, 4).any()
    hidden = frame["is_suppressed"]
    assert hidden.any()
    own = frame[frame["area_code"] != "000"]
    assert (own["is_suppressed"] == (own["expected"] < NOISE.smallest_expected_part)).all()
    of_counts = ["n_persons", "noise_sd", "share", "share_low", "ratio", "ratio_high"]
    assert frame.loc[hidden, of_counts].isna().all(axis=None)


def test_expected_persons_come_from_counts_as_they_are_shown() -> None:
    """Whatever was counted, what is shown alike gives the same to the last digit."""

    class Alike(CellKey):
        def shown(self, counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
            return 50 + 10 * (np.arange(np.size(counts)) % 7).reshape(np.shape(counts))

    of, granted, expected, _ = planted_states(3)
    (moved,), persons = (level.copy() for level in of.by_level), of.persons.copy()
    # Ten persons of a level in another state; who is there stays.
    for counts, place in ((moved, (0,)), (persons, (0, 0))):
        counts[(*place, 3)] -= 10
        counts[(*place, 8)] += 10
    first, second = (
        later_state_frame({YEARS: one}, granted, expected, Alike(), 0.95, 1)
        for one in (of, replace(of, by_level=(moved,), persons=persons))
    )
    pd.testing.assert_frame_equal(first, second, check_exact=True)


def test_what_stands_in_place_of_grants_by_hand() -> None:
    one = np.ones((6, 100))
    expected = {kind: np.full(6, 100.0) for kind in ("granted", "waiting", "self_supporting")}
    low, more, most = 0.7 * one, 1.1 * one, 1.3 * one
    drawn = {
        "granted": np.vstack([one[:1], low[:5]]),
        "waiting": np.vstack([most[:1], most[:1], one[:1], more[:1], one[:1], more[:1]]),
        "self_supporting": np.vstack([one[:1], more[:1], most[:1], one[:1], one[:1], more[:1]]),
    }
    # Equal excesses: neither is surely the larger.
    drawn["self_supporting"][5, ::2] += 0.01
    drawn["self_supporting"][5, 1::2] -= 0.01
    assert instead(drawn, expected).tolist() == [
        *("not_low", "waiting", "self_supporting", "waiting", "unknown", "both"),
    ]


@pytest.fixture(scope="module")
def fitted() -> tuple[CellTable, Expected, pd.DataFrame]:
    """Return a fit, and cells of its persons with a later state each."""
    rng = np.random.default_rng(5)
    keys = ["municipality_code", "year", *LEVELS]
    grid = pd.MultiIndex.from_product(
        [["101", "147", "151", "153"], [2006, 2007], *LEVELS.values()], names=keys
    ).to_frame(index=False)
    score = sum(
        grid[name].map(dict(zip(levels, SLOPES[name], strict=True)))
        for name, levels in LEVELS.items()
    ).to_numpy(float)
    n = rng.poisson(40, len(grid))
    grid = grid.assign(n_persons=n, n_events=rng.binomial(n, expit(-3.0 + score)))
    grid = grid.assign(events_key=0, persons_key=rng.integers(0, 62**4, len(grid)))
    specification = make_specification()
    table = code_cells(grid, specification, sorted(set(grid["municipality_code"])))
    first = grid[(grid["year"] == 2006) & (grid["n_persons"] > 0)].drop(columns="n_events")
    states = rng.choice(["cash_benefit", "work", "disability_pension"], len(first))
    cells = first.assign(
        half=rng.integers(0, 2, len(first)),
        **{f"state_after_{years}": None for years in (2, 3, 5)},
        state_after_1=states,
    )
    return table, fit_within(table, specification).expected, cells


def test_the_cohort_is_the_tenth_with_the_largest_expected_risk(
    fitted: tuple[CellTable, Expected, pd.DataFrame],
) -> None:
    table, expected, cells = fitted
    made = later_counts(table, expected, cells)
    assert list(made) == [1]
    of = made[1]
    n, every = int(of.persons.sum()), int(cells["n_persons"].sum())
    largest = cells.groupby(list(LEVELS))["n_persons"].sum().max()
    assert COHORT_SHARE * every <= n <= COHORT_SHARE * every + largest
    by_place = np.bincount(of.place, of.cohort, of.persons.shape[0] * 2)
    assert (of.persons.sum(axis=2).ravel() == by_place).all()
    assert len(of.by_level) == of.codes.shape[1] == len(table.levels)
    for place, counts in enumerate(of.by_level):
        assert (counts.sum(axis=0) == of.persons.sum(axis=(0, 1))).all()
        in_cohort = np.bincount(of.codes[of.pattern, place], of.cohort, len(counts))
        assert (counts.sum(axis=1) == in_cohort).all()
    np.testing.assert_allclose(expected_states(of, NOISE).sum(axis=2).ravel(), by_place)
    # By hand: patterns from the largest risk down.
    key = pd.DataFrame(table.pattern_codes, columns=list(table.factors))
    for factor, levels in table.levels.items():
        key[factor] = key[factor].map(dict(enumerate(levels)))
    key = key.assign(year=key["year"].astype(int), risk=expected.log_odds)
    persons = cells.merge(key, on=["year", *LEVELS]).sort_values("risk", ascending=False)
    least = persons.loc[persons["n_persons"].cumsum() >= COHORT_SHARE * every, "risk"].iloc[0]
    kept = persons[persons["risk"] >= least]
    assert n == kept["n_persons"].sum()
    by_state = kept.groupby("state_after_1")["n_persons"].sum()
    assert dict(zip(STATES, of.persons.sum(axis=(0, 1)), strict=True)) == {
        state: int(by_state.get(state, 0)) for state in STATES
    }


def test_horizons_that_are_not_reached_have_no_rows_and_unknown_states_are_refused(
    fitted: tuple[CellTable, Expected, pd.DataFrame],
) -> None:
    table, expected, cells = fitted
    assert later_counts(table, expected, cells.iloc[:0]) == {}
    with pytest.raises(ValueError, match="no kind: unheard"):
        later_counts(table, expected, cells.assign(state_after_1="unheard"))
    empty = later_state_frame({}, np.zeros((4, 2)), np.ones(4), NOISE, 0.95, 1)
    assert empty.empty


def test_kinds_are_told_of_all_states() -> None:
    frame, _, _ = frame_of(4)
    for dimension, levels in (("state", STATES), ("state_kind", tuple(KINDS))):
        rows = frame[frame["dimension"] == dimension]
        assert (rows.groupby("area_code").size() == len(levels)).all()
