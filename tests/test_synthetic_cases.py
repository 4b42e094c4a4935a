"""Queues, consultants, tilts, merging and silence: what municipalities do beside their level."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from synthetic_country import RISK_YEARS, country, read

from synthetic_data.ground.scenario import read_scenario
from synthetic_data.places.areas import areas_of
from synthetic_data.places.backlog import decision_day, degree_of_merging
from synthetic_data.places.country import build_country
from synthetic_data.places.diagnoses import GROUPS, group_mix, tilted_total
from synthetic_data.places.merging import former_practice, practice_before

YEARS = tuple(range(2004, 2011))


@pytest.fixture(scope="module")
def reform():
    """The country of the backlog scenario, 2004-2010."""
    return build_country(read_scenario("backlog"), 3, YEARS)


def test_a_queue_builds_while_municipalities_merge_and_clears_after(reform) -> None:
    queues, merged = reform.backlog, degree_of_merging(reform.codes)
    assert (queues.waiting[:, : YEARS.index(2006)] == 0).all()
    at_worst = queues.waiting[:, YEARS.index(2007), 8]
    assert at_worst[merged == 1].min() > 3 * at_worst[merged == 0].max()
    np.testing.assert_allclose(queues.waiting[:, -1, -1], 0.0, atol=1e-12)
    effect = reform.backlog_effect
    most = merged == 1
    assert (effect[most, YEARS.index(2006)] < -0.1).all()
    assert (effect[most, YEARS.index(2008)] > 0.1).all()
    assert (effect[:, YEARS.index(2005)] == 0).all()


def test_no_case_is_lost_in_a_queue(reform) -> None:
    """Applications come one a month: what was not decided is waiting, and at the end nothing is."""
    queues = reform.backlog
    months = np.arange(1, len(YEARS) * 12 + 1)
    decided = queues.decided.reshape(len(reform.codes), -1).cumsum(axis=1)
    waiting = queues.waiting.reshape(len(reform.codes), -1)
    np.testing.assert_allclose(decided + waiting, np.broadcast_to(months, decided.shape))
    assert (queues.decided <= queues.capacity + 1e-12).all()
    assert (queues.waiting >= 0).all()


def test_decisions_follow_what_each_month_decides() -> None:
    share = np.array([[0.0, *np.cumsum([2, 0.5] + [1] * 10) / 12.5]])
    share[0, -1] = 1.0
    u = (np.arange(20_000) + 0.5) / 20_000
    zero = np.zeros(u.size, dtype=np.int64)
    day = decision_day(u, share, zero, np.full(u.size, 360), 360)
    by_month = np.bincount(day // 30, minlength=12) / u.size
    np.testing.assert_allclose(by_month, np.diff(share[0]), atol=1e-3)
    early = decision_day(u, share, zero, np.full(u.size, 45), 360)
    assert (early.min(), early.max()) == (0, 44)
    assert np.mean(early < 30) == pytest.approx(2 / 2.25, abs=1e-3)


def test_tilts_change_who_is_granted_and_not_how_many() -> None:
    scenario = read_scenario("default")
    planted = build_country(scenario, 4, (2006,))
    for o, outcome in enumerate(("FP", "FJ")):
        shares = scenario.usual_mix[outcome]
        diagnosis = np.array([shares["diagnosis"][group] for group in GROUPS])
        total = np.exp(planted.diagnosis_tilt[:, o]) @ (diagnosis / diagnosis.sum())
        np.testing.assert_allclose(total, 1.0, atol=1e-12)
        tenure = np.array(list(shares["tenure"].values()))
        total = np.exp(planted.tenure_tilt[:, o]) @ (tenure / tenure.sum())
        np.testing.assert_allclose(total, 1.0, atol=1e-12)
    mental = planted.diagnosis_tilt[:, 0, GROUPS.index("mental")]
    others = np.delete(planted.diagnosis_tilt[:, 0], GROUPS.index("mental"), axis=1)
    assert mental.std() > 0.8 * others.std()
    relative = planted.diagnosis_tilt[:, 0] - planted.diagnosis_tilt[:, 0].mean(axis=1)[:, None]
    assert relative[:, GROUPS.index("mental")].std() > 1.5 * others.std(axis=1).mean()
    assert np.corrcoef(relative[:, GROUPS.index("mental")], planted.practice[:, 0, 0])[0, 1] > 0.1


def test_the_total_of_a_tilt_is_the_mean_over_diagnoses() -> None:
    mix = group_mix(read_scenario("default"), "FP")
    np.testing.assert_allclose(mix.sum(axis=1), 1.0)
    tilt = np.zeros((1, len(GROUPS)))
    np.testing.assert_allclose(tilted_total(mix, tilt), 0.0, atol=1e-12)
    tilt[0, GROUPS.index("mental")] = np.log(2.0)
    expected = np.log1p(mix[:, GROUPS.index("mental")])
    np.testing.assert_allclose(tilted_total(mix, tilt)[0], expected)


def test_consultants_come_in_a_year_and_stay() -> None:
    scenario = read_scenario("default")
    long = build_country(scenario, 6, tuple(range(1985, 2008))).consultant_effect
    short = build_country(scenario, 6, (2006, 2007)).consultant_effect
    np.testing.assert_array_equal(long[:, -2:], short)
    steps = np.diff(long, axis=1)
    changed = (steps != 0).mean()
    assert changed == pytest.approx(scenario.practice.consultant_change, abs=0.02)
    assert long.std() == pytest.approx(scenario.practice.consultant_spread, rel=0.2)


def test_decentral_competence_grants_more() -> None:
    scenario = read_scenario("default")
    still = replace(
        scenario, practice=replace(scenario.practice, wobble=0.0, consultant_spread=0.0)
    )
    gaps = []
    for seed in range(5):
        planted = build_country(still, seed, (2004,))
        level = planted.practice[:, 0, 0] - planted.conditions_effect[:, 0, 0]
        # The conditions' own part in the difference is theirs, not the competence's.
        level = level + planted.lasting_conditions_effect[:, 0]
        gaps.append(level[planted.is_decentral].mean() - level[~planted.is_decentral].mean())
        assert planted.is_decentral.sum() == round(scenario.practice.decentral_share * 98)
    np.testing.assert_allclose(gaps, scenario.practice.decentral_effect_fp, atol=1e-9)


def test_former_municipalities_differ_and_merge() -> None:
    scenario = read_scenario("default")
    planted = build_country(scenario, 3, YEARS)
    areas = areas_of(planted)
    former = former_practice(areas, scenario, 3, YEARS, practice_before(planted))
    before, after = former[:, :, YEARS.index(2006)], former[:, :, YEARS.index(2008)]
    np.testing.assert_array_equal(former[:, :, 0], before)
    np.testing.assert_allclose(after, before / 2)
    alone = np.bincount(areas.municipality)[areas.municipality] == 1
    np.testing.assert_allclose(before[alone], 0.0, atol=1e-12)
    assert before[~alone].std() > 0.1


def test_merged_ones_tighten_or_follow_their_largest_as_two_regimes() -> None:
    """Until 2006 as in the default country; then few-granting ones fall, others move as one."""
    scenario, usual = read_scenario("merged_regimes"), read_scenario("default")
    planted = build_country(scenario, 3, YEARS)
    areas, practice = areas_of(planted), practice_before(planted)
    moved, stayed = (former_practice(areas, of, 3, YEARS, practice) for of in (scenario, usual))
    at = YEARS.index(2006)
    np.testing.assert_array_equal(moved[:, :, : at + 1], stayed[:, :, : at + 1])
    # The share of the people of each area, of which the first heaviest is the largest.
    weight = np.diff(np.minimum(areas.cumulative, 1.0), axis=1, prepend=0.0)
    for o in (0, 1):
        for m, is_few in enumerate(practice[:, o] < 0):
            own = areas.municipality == m
            change = (moved - stayed)[own, o, YEARS.index(2007)]
            if own.sum() == 1:
                assert change == 0
                continue
            largest = int(np.argmax(weight[m, : own.sum()]))
            expected = -0.2 if is_few else stayed[own, o, at][largest]
            np.testing.assert_allclose(change, expected, atol=1e-12)


def test_some_fall_silent_in_the_scenario_s_years() -> None:
    assert (build_country(read_scenario("default"), 3, YEARS).reported_share == 1).all()
    scenario = read_scenario("underreporting")
    planted = build_country(scenario, 3, YEARS)
    silent = (planted.reported_share < 1).sum(axis=0)
    expected = scenario.underreporting.municipalities
    assert dict(zip(YEARS, silent, strict=True)) == {
        year: expected.get(str(year), 0) for year in YEARS
    }
    other = build_country(scenario, 4, YEARS)
    assert (planted.reported_share != other.reported_share).any()


def test_days_of_a_case_add_up() -> None:
    """Application to decision, in the register, is clarification, statements and queue."""
    truth = pd.concat([read(country() / "truth", "decision", year) for year in RISK_YEARS])
    register = pd.concat([read(country(), "ankestyrelsen", year) for year in RISK_YEARS])
    assert len(truth) == len(register)
    assert truth["is_reported"].all()
    assert list(truth["person_id"]) == list(register["PNR"])
    days = pd.to_datetime(register["AFGDATO"]) - pd.to_datetime(register["STARTDATO"])
    parts = truth[["clarification_days", "statement_days", "queue_days"]]
    np.testing.assert_array_equal(days.dt.days, parts.sum(axis=1))
    assert (parts["clarification_days"] >= 7).all()
    assert parts["statement_days"].between(0, 180).all()
    asked = truth["statement_days"] > 0
    is_mental = register["HOVEDDIAG"].fillna("").str.startswith("F")
    assert asked[is_mental].mean() > asked[~is_mental].mean()
    reform = truth["year"].isin([2006, 2007])
    assert (truth.loc[~reform, "queue_days"] == 0).all()
