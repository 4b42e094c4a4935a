"""Diagnoses inside the main groups: they add up, what is planted is found, nothing small shown."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from fabricated_cells import make_cells, make_specification, spread
from fabricated_subgroups import (
    CODES,
    IS_CONTESTED,
    REGIONS,
    SUBGROUPS,
    benchmark_of,
    fabricate_grants,
    shares,
)

from pipeline.codes import code_rows
from pipeline.disclosure import CellKey
from pipeline.model.national.cells import code_cells
from pipeline.model.national.fitted import fit_within
from pipeline.model.national.protection import Protection, Unprotected
from pipeline.model.subgroups.counts import SubgroupCounts, count_subgroups
from pipeline.model.subgroups.expected import expected_by_subgroup, scaled_to_groups
from pipeline.model.subgroups.frames import spread_frame, subgroup_frame
from synthetic_data.ground.rng import Stream
from synthetic_data.ground.scenario import read_scenario
from synthetic_data.places.country import build_country
from synthetic_data.places.diagnoses import CONTESTED, GROUPS, N_STATES, draw_diagnosis

NOISE = CellKey()


def counts_of(
    seed: int, slope: float = 0.0, own: float = 0.0, size: float = 170.0
) -> SubgroupCounts:
    """Return the grants of a country of 98 in which contested lean on practice by ``slope``."""
    rng = np.random.default_rng([seed, 3])
    expected = np.exp(rng.normal(np.log(size), 0.7, len(CODES)))
    practice = rng.normal(0, 0.35, len(CODES))
    contested = slope * practice + rng.normal(0, 1, len(CODES)) * own
    grants, of_parts = fabricate_grants(rng, expected, practice, contested)
    return count_subgroups(grants, of_parts, SUBGROUPS)


def spread_of(counts: SubgroupCounts, protection: Protection = NOISE) -> pd.DataFrame:
    frame = spread_frame("FP", counts, benchmark_of(counts), protection, 0.95)
    return frame.set_index(["diagnosis_kind", "diagnosis_subgroup"])


def test_the_list_parts_every_group_once_and_ranges_are_of_their_group() -> None:
    rows = code_rows("diagnosis_subgroup")
    ranges = code_rows("diagnosis_range")
    groups = [row["diagnosis_group"] for row in code_rows("diagnosis_group")]
    for group in groups:
        own = [row for row in rows if row["diagnosis_group"] == group]
        assert [row["diagnosis_subgroup"] for row in own if not row["icd10_first"]] == [
            f"{group}_rest"
        ]
        listed = sorted((r["icd10_first"], r["icd10_last"]) for r in own if r["icd10_first"])
        for (_, last), (first, _) in pairwise(listed):
            assert last < first
        for first, last in listed:
            held = [r for r in ranges if r["icd10_first"] <= first and last <= r["icd10_last"]]
            assert [r["diagnosis_group"] for r in held] == [group], (first, last)
    assert {row["diagnosis_group"] for row in rows} == set(groups)


def test_parts_add_up_to_their_group_and_the_municipality() -> None:
    """Expected by the model of the parts, then scaled to what is expected of the group."""
    cells = make_cells(spread(6)).assign(events_key=lambda frame: 7 * frame["n_events"])
    specification = replace(make_specification(), diagnosis_factors=("age_band",))
    table = code_cells(cells, specification, sorted(set(cells["municipality_code"])))
    expected = fit_within(table, specification).expected
    rng = np.random.default_rng(5)
    with_grants = cells[cells["n_events"] > 0]
    parts = rng.multinomial(with_grants["n_events"], shares())
    grants = with_grants.loc[with_grants.index.repeat(len(SUBGROUPS.names))].assign(
        diagnosis_subgroup=np.tile(SUBGROUPS.names, len(with_grants)),
        n_events=parts.ravel(),
        events_key=0,
        half=0,
    )
    grants = grants[grants["n_events"] > 0]
    for name in specification.levels:
        grants[name] = pd.Categorical(grants[name], categories=specification.levels[name])
    made = expected_by_subgroup("FP", table, expected, grants, SUBGROUPS, specification)
    by_place = made.groupby("municipality_code")["expected"].sum()
    np.testing.assert_allclose(by_place.to_numpy(), expected.expected, rtol=1e-9)
    by_part = made.groupby("diagnosis_subgroup")["expected"].sum()[list(SUBGROUPS.names)]
    observed = grants.groupby("diagnosis_subgroup")["n_events"].sum()
    observed = observed.reindex(SUBGROUPS.names, fill_value=0)
    total = observed.sum()
    np.testing.assert_allclose(by_part / by_part.sum(), observed.to_numpy() / total, atol=1e-6)
    groups = made.assign(diagnosis_group=made["diagnosis_subgroup"].map(SUBGROUPS.group))
    key = ["outcome", "municipality_code", "diagnosis_group"]
    breakdown = groups.groupby(key)["expected"].sum().mul(rng.uniform(0.5, 2)).reset_index()
    breakdown.loc[0, "expected"] = 0.0
    scaled = scaled_to_groups(made, breakdown, SUBGROUPS)
    sums = scaled.assign(diagnosis_group=groups["diagnosis_group"]).groupby(key)["expected"].sum()
    np.testing.assert_allclose(sums.to_numpy(), breakdown["expected"], rtol=1e-12)


def test_areas_and_kinds_add_up_before_noise() -> None:
    frame = subgroup_frame("FP", counts_of(1), REGIONS, Unprotected(), 0.95)
    frame["observed"] = frame["observed"].astype(int)
    kind = frame["area_code"].map(lambda code: "fifth" if code[0] == "f" else code[:2])
    is_country = frame["area_code"] == "000"
    kind[is_country] = "country"
    values = ["observed", "expected"]
    key = ["diagnosis_kind", "diagnosis_subgroup"]
    sums = frame.groupby([kind, *key])[values].sum()
    for areas in ("fifth", "08"):
        np.testing.assert_allclose(sums.loc[areas], sums.loc["country"], rtol=1e-9)
    parts = frame[frame["diagnosis_subgroup"] != "all"]
    whole = frame[frame["diagnosis_subgroup"] == "all"].set_index(["area_code", "diagnosis_kind"])
    by_kind = parts.groupby(["area_code", "diagnosis_kind"])[values].sum()
    np.testing.assert_allclose(by_kind, whole.loc[by_kind.index, values], rtol=1e-9)


@pytest.mark.parametrize("size", [4.0, 170.0])
def test_no_small_count_is_shown_and_what_is_hidden_says_nothing(size: float) -> None:
    frame = subgroup_frame("FP", counts_of(2, size=size), REGIONS, NOISE, 0.95)
    assert not frame["observed"].dropna().between(1, 4).any()
    hidden = frame[frame["is_suppressed"]]
    assert len(hidden) > 0 or size > 100
    assert (
        hidden[["observed", "noise_sd", "ratio", "ratio_low", "ratio_high"]].isna().all(axis=None)
    )
    shown = frame[~frame["is_suppressed"] & (frame["expected"] > 0)]
    np.testing.assert_allclose(
        shown["ratio"], shown["observed"].astype(float) / shown["expected"], atol=1e-4
    )


def test_what_contested_diagnoses_lean_on_practice_is_found_and_nothing_else_is() -> None:
    """Of 14 countries; a share that leans by .5 on practice has a slope of .43 on all of it."""
    planted = [spread_of(counts_of(seed, 0.5, 0.1)).loc[("contested", "all")] for seed in range(14)]
    slope = np.array([row["slope"] for row in planted], dtype=float)
    error = slope.std() / np.sqrt(14)
    assert abs(slope.mean() - 0.43) < 3 * error + 0.02
    held = [row["slope_low"] <= 0.43 <= row["slope_high"] for row in planted]
    assert np.mean(held) >= 0.85
    assert np.mean([row["p_value"] < 0.05 for row in planted]) >= 0.9
    assert np.mean([row["p_more"] < 0.05 for row in planted]) >= 0.9
    none = [spread_of(counts_of(seed)).loc[("contested", "all")] for seed in range(14)]
    assert np.mean([row["p_value"] < 0.05 for row in none]) <= 0.15
    assert np.mean([row["p_more"] < 0.025 for row in none]) <= 0.15
    # 1.5 times a practice of .35, and .1 of their own.
    assert np.mean([row["sd"] for row in planted]) == pytest.approx(0.534, abs=0.03)
    assert np.mean([row["sd"] for row in none]) == pytest.approx(0.35, abs=0.02)


def test_few_grants_have_no_spread_and_parts_never_have() -> None:
    few = spread_of(counts_of(3, size=2.0))
    assert few.loc[("contested", "all"), ["sd", "p_more"]].isna().all()
    many = spread_of(counts_of(3))
    assert many.loc[("contested", "whiplash"), ["sd", "p_more"]].isna().all()
    assert many.loc[("contested", "all"), ["sd", "p_more", "slope"]].notna().all()


def test_the_order_of_rows_says_nothing() -> None:
    rng = np.random.default_rng(4)
    expected = np.full(len(CODES), 30.0)
    grants, of_parts = fabricate_grants(rng, expected, np.zeros(98), np.zeros(98))
    first = count_subgroups(grants, of_parts, SUBGROUPS)
    turned = count_subgroups(
        grants.sample(frac=1, random_state=1), of_parts.sample(frac=1, random_state=2), SUBGROUPS
    )
    for one, other in ((first.observed, turned.observed), (first.keys, turned.keys)):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_allclose(first.expected, turned.expected)


def _drawn(contested: np.ndarray, n: int) -> np.ndarray:
    """Return the codes of ``n`` decisions, all with the tilts ``contested``."""
    persons = np.arange(n)
    stream = Stream(1, persons)
    return draw_diagnosis(
        "FP",
        2006,
        persons,
        persons % N_STATES,
        np.zeros((n, len(GROUPS))),
        np.tile(contested, (n, 1)),
        read_scenario("default"),
        stream,
    )


def test_the_generator_plants_odds_inside_the_group_and_leaves_the_group() -> None:
    n = 60_000
    none, tilted = _drawn(np.zeros(len(CONTESTED)), n), _drawn(np.full(len(CONTESTED), 0.7), n)
    # The same groups whatever the tilt; injuries are of two chapters.
    groups = [
        np.where(codes.astype("U1") == "T", "S", codes.astype("U1")) for codes in (none, tilted)
    ]
    np.testing.assert_array_equal(*groups)
    mental = np.array([code[:2] in ("F3", "F4", "F2", "F6", "F1", "F9", "F8") for code in none])
    is_contested = [np.isin(codes.astype("U2"), ["F1", "F4"]) for codes in (none, tilted)]
    share = [float(of[mental].mean()) for of in is_contested]
    assert share[0] == pytest.approx(5 / 12, abs=0.01)
    odds = share[1] / (1 - share[1]) / (share[0] / (1 - share[0]))
    assert np.log(odds) == pytest.approx(0.7, abs=0.05)


def test_the_planted_tilt_goes_with_practice_and_no_practice_has_none() -> None:
    country = build_country(read_scenario("default"), 4, (2006, 2007))
    assert country.contested_tilt.shape == (98, 2, IS_CONTESTED.sum())
    for outcome in range(2):
        shared = country.contested_tilt[:, outcome].mean(axis=1)
        practice = country.practice[:, outcome].mean(axis=1)
        assert np.corrcoef(shared, practice)[0, 1] == pytest.approx(0.5, abs=0.1)
        assert shared.std() == pytest.approx(0.3, abs=0.05)
    assert not build_country(read_scenario("no_practice"), 4, (2006,)).contested_tilt.any()
