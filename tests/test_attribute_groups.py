"""Measures by groups that attributes make: planted differences are found, none are made."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pipeline.codes import code_list
from pipeline.codes.attributes import FILE, MERGING, Attribute, merging, read_attributes
from pipeline.disclosure import CellKey
from pipeline.errors import SettingsError
from pipeline.model.followups.attribute_groups import (
    FEWEST_IN_GROUP,
    THIRDS,
    attribute_group_frames,
    groups_of,
    welch_p_value,
)
from pipeline.model.national.protection import Protection, Unprotected

PLACES = code_list("municipality")
CODES = list(PLACES["municipality_code"].astype(str))
POPULATION = PLACES["population_2007"].to_numpy(dtype=float)
#: What is planted on the group that a board decides in: log days, log refusals, log odds mental.
PLANTED = {"processing_days": 0.3, "refusals_per_expected": 0.4, "mental_share": 0.5}


def decides(seed: int, n_alone: int = 0) -> Attribute:
    """Return who decides, board or manager, by chance, and in ``n_alone`` nobody."""
    who = np.random.default_rng(100 + seed).choice(["board", "manager"], 98)
    who[:n_alone] = "nobody"
    return Attribute("decides", dict(zip(CODES, map(str, who), strict=True)), is_number=False)


Frames = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]


def measured(seed: int, one: Attribute, planted: float, scale: float = 1.0) -> Frames:
    """Return benchmark, decisions, grants, mental and routes of a drawn country.

    ``planted`` times :data:`PLANTED` is what the board adds.
    """
    rng = np.random.default_rng(seed)
    is_board = np.array([one.by_code.get(code) == "board" for code in CODES])
    expected = 25_000 * scale * POPULATION / POPULATION.sum()
    practice = 0.4 * rng.normal(size=98)
    plus = {name: planted * size * is_board for name, size in PLANTED.items()}
    days = 150 * np.exp(0.15 * rng.normal(size=98) + plus["processing_days"])
    refused = 0.22 * np.exp(0.3 * rng.normal(size=98) + plus["refusals_per_expected"])
    mental = 1 / (1 + np.exp(-(-0.3 + 0.2 * rng.normal(size=98) + plus["mental_share"])))
    rows, grant_rows = [], []
    for half in (0, 1):
        grants = rng.poisson(expected / 2 * np.exp(practice))
        refusals = rng.poisson(expected / 2 * refused)
        n = grants + refusals
        rows.append(
            pd.DataFrame(
                {
                    "case_type": "FP",
                    "municipality_code": CODES,
                    "half": half,
                    "n_decisions": n,
                    "n_grants": grants,
                    "n_refusals": refusals,
                    "n_mental": rng.binomial(grants, mental),
                    "n_timed": n,
                    "processing_days": np.rint(
                        n * days * np.exp(0.5 * rng.normal(size=98) / np.sqrt(np.maximum(n, 1)))
                    ),
                }
            )
        )
        grant_rows.append(
            pd.DataFrame(
                {"outcome": "FP", "municipality_code": CODES, "half": half, "n_events": grants}
            )
        )
    decisions, grants_frame = pd.concat(rows), pd.concat(grant_rows)
    for name in ("decisions_key", "grants_key", "refusals_key", "mental_key"):
        decisions[name] = rng.integers(0, 62**4, len(decisions))
    grants_frame["events_key"] = decisions["grants_key"].to_numpy()
    observed = grants_frame.groupby("municipality_code")["n_events"].sum().reindex(CODES)
    with np.errstate(divide="ignore"):
        effect = np.log(observed.to_numpy() / expected)
    benchmark = pd.DataFrame(
        {
            "outcome": "FP",
            "municipality_code": CODES,
            "expected": expected,
            "ratio": observed.to_numpy() / expected,
            "practice_effect": np.where(np.isfinite(effect), effect, np.nan),
        }
    )
    share = pd.DataFrame({"outcome": "FP", "municipality_code": CODES, "expected": 0.42 * expected})
    return benchmark, decisions, grants_frame, share, pd.DataFrame()


def frame_of(
    seed: int,
    *,
    planted: float,
    protection: Protection | None = None,
    scale: float = 1.0,
    one: Attribute | None = None,
) -> pd.DataFrame:
    one = one or decides(seed)
    made = measured(seed, one, planted, scale)
    frames = attribute_group_frames(*made, (one,), protection or CellKey(), 0.95)
    keys = ["outcome", "attribute", "measure"]
    return frames["attribute_group"].merge(frames["attribute_group_test"], on=keys)


def test_planted_differences_are_found_and_held_by_the_limits() -> None:
    found: dict[str, list[bool]] = {name: [] for name in PLANTED}
    held: list[bool] = []
    for seed in range(30):
        frame = frame_of(seed, planted=1.0)
        for name in PLANTED:
            rows = frame[frame["measure"] == name]
            found[name].append(bool(rows["p_value"].iloc[0] < 0.05))
        # Mean days of the group weigh cases: with spread .15 they are 150 exp(.3 + .15^2 / 2).
        days = frame[(frame["measure"] == "processing_days") & (frame["level"] == "board")]
        truth = 150 * np.exp(0.3 + 0.15**2 / 2)
        held.append(bool((days["low"] <= truth).all() and (truth <= days["high"]).all()))
    for name, told in found.items():
        assert np.mean(told) >= 0.95, name
    assert 0.88 <= np.mean(held) <= 1.0


@pytest.mark.parametrize("scale", [1.0, 0.1])
def test_without_a_difference_one_in_twenty_is_called(scale: float) -> None:
    p_values = []
    for seed in range(50):
        frame = frame_of(1000 + seed, planted=0.0, scale=scale)
        p_values.append(frame.groupby("measure")["p_value"].first())
    called = (pd.DataFrame(p_values) < 0.05).mean()
    # Of 50 at one in twenty more than seven once in 80.
    assert (called <= 0.14).all(), called.to_dict()
    assert 0.02 <= called.mean() <= 0.08


def test_welch_of_two_groups_is_the_unequal_t_test_and_of_more_as_published() -> None:
    """Of two it is scipy's t test with unequal variances; the other is a simulation of the null."""
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 1, 12), rng.normal(0.8, 3, 30)
    p = welch_p_value(
        np.array([a.mean(), b.mean()]),
        np.array([a.var(ddof=1) / 12, b.var(ddof=1) / 30]),
        np.array([12, 30]),
    )
    assert p == pytest.approx(stats.ttest_ind(a, b, equal_var=False).pvalue)
    called = []
    for _ in range(2000):
        groups = [rng.normal(0, s, n) for s, n in ((1, 8), (3, 20), (0.5, 12), (2, 6))]
        called.append(
            welch_p_value(
                np.array([g.mean() for g in groups]),
                np.array([g.var(ddof=1) / len(g) for g in groups]),
                np.array([len(g) for g in groups]),
            )
            < 0.05
        )
    assert np.mean(called) == pytest.approx(0.05, abs=0.015)
    assert np.isnan(welch_p_value(np.array([1.0]), np.array([1.0]), np.array([5])))


def test_a_small_group_has_no_figures_and_no_part_in_the_test() -> None:
    one = decides(3, n_alone=FEWEST_IN_GROUP - 1)
    frame = frame_of(3, planted=0.0, one=one).set_index(["measure", "level"])
    alone = frame.xs("nobody", level="level")
    assert (alone["n_municipalities"] == FEWEST_IN_GROUP - 1).all()
    assert alone[["value", "low", "high"]].isna().all().all()
    known = {code: str(who) for code, who in one.by_code.items() if who != "nobody"}
    without = Attribute("decides", known, is_number=False)
    rest = frame_of(3, planted=0.0, one=without)
    kept = frame.drop("nobody", level="level").reset_index()
    # Who is left out of the attribute is drawn alike.
    pd.testing.assert_frame_equal(
        kept.sort_values(["measure", "level"], ignore_index=True)[rest.columns],
        rest.sort_values(["measure", "level"], ignore_index=True),
    )


def test_figures_are_of_counts_as_they_are_shown() -> None:
    one = decides(4)
    exact = frame_of(4, planted=0.0, protection=Unprotected(), one=one, scale=0.05)
    shown = frame_of(4, planted=0.0, one=one, scale=0.05)
    both = exact.merge(shown, on=["attribute", "level", "measure"])
    counts = both[both["measure"] != "processing_days"]
    assert (counts["value_x"] != counts["value_y"]).any()
    days = shown[shown["measure"] == "processing_days"]
    assert (days["value"] == days["value"].round()).all()


def test_thirds_of_a_number_keep_equal_numbers_together() -> None:
    numbers = [1.0] * 40 + [2.0] * 20 + [float(3 + at) for at in range(30)]
    one = Attribute("case_load", dict(zip(CODES, numbers, strict=False)), is_number=True)
    names, group = groups_of(one, CODES)
    assert names == list(THIRDS)
    assert set(group[:40]) == {0}
    assert set(group[40:60]) == {1}
    assert (group[90:] == -1).all()


def test_the_merging_is_known_without_a_file_and_its_name_is_taken(tmp_path: Path) -> None:
    one = merging()
    sizes = pd.Series(one.by_code).value_counts()
    # 98 municipalities of 270: 33 as they were (Kommunalreformen 2007, Bornholm merged in 2003).
    assert sizes.to_dict() == {"merged_4_more": 34, "not_merged": 33, "merged_2_3": 31}
    assert one.by_code["101"] == "not_merged"
    rows = "\n".join(f"{code},{MERGING},{at % 2}" for at, code in enumerate(CODES))
    (tmp_path / FILE).write_text(f"municipality_code,attribute,value\n{rows}\n")
    with pytest.raises(SettingsError, match="is known already"):
        read_attributes(tmp_path)
