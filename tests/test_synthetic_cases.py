"""Queues, consultants, tilts, merging and silence: what municipalities do beside their level."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic_country import RISK_YEARS, country, read

from synthetic_data.files.generate import generate
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
    # Those that clear a queue of another cause, and those that merge without one, come below.
    clears = queues.waiting[:, YEARS.index(2005), -1] > 0
    at_worst = queues.waiting[:, YEARS.index(2007), 8]
    has_queue = (merged == 1) & (at_worst > 0)
    assert at_worst[has_queue].min() > 3 * at_worst[(merged == 0) & ~clears].max()
    np.testing.assert_allclose(queues.waiting[:, -1, -1], 0.0, atol=1e-12)
    effect = reform.backlog_effect
    assert (effect[has_queue, YEARS.index(2006)] < -0.1).all()
    assert (effect[has_queue, YEARS.index(2008)] > 0.1).all()
    assert (effect[~clears, YEARS.index(2005)] == 0).all()


def test_queues_are_not_only_of_merging(reform) -> None:
    sizes = read_scenario("backlog").backlog
    merged, waiting = degree_of_merging(reform.codes), reform.backlog.waiting
    never = (waiting == 0).all(axis=(1, 2))
    assert never[merged > 0].mean() == pytest.approx(sizes.skipped_share, abs=0.12)
    clears = waiting[:, YEARS.index(2005), -1] > 0
    assert not clears[merged > 0].any()
    assert clears[merged == 0].mean() == pytest.approx(sizes.clearing_share, abs=0.15)
    assert clears.any()
    months = waiting[clears].reshape(clears.sum(), -1)
    for queue in months:
        last = int(np.argmax(queue))
        assert "2006-03" <= f"{YEARS[0] + (last + 1) // 12}-{(last + 1) % 12 + 1:02d}" <= "2007-09"
        # What grew for up to 33 months is gone within nine.
        assert queue[last + 9] == 0
    assert (build_country(read_scenario("default"), 3, YEARS).backlog.waiting[:, :2] == 0).all()


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
        route = np.array(list(shares["route"].values()))
        total = np.exp(planted.route_tilt[:, o]) @ (route / route.sum())
        np.testing.assert_allclose(total, 1.0, atol=1e-12)
        spread = planted.route_tilt[:, o].std(axis=0)
        assert spread.mean() == pytest.approx(scenario.practice.route_spread, rel=0.2)
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
    np.testing.assert_array_equal(long[:, :, -2:], short)
    sizes = scenario.practice
    for o, spread in enumerate((sizes.consultant_spread_fp, sizes.consultant_spread_fj)):
        changed = (np.diff(long[:, o], axis=1) != 0).mean()
        assert changed == pytest.approx(sizes.consultant_change, abs=0.02)
        assert long[:, o].std() == pytest.approx(spread, rel=0.2)
    # Those of flexjobs are others, who come at other times.
    moved = np.diff(long, axis=2) != 0
    assert (moved[:, 0] & moved[:, 1]).mean() < 0.03


def test_decentral_competence_grants_more() -> None:
    scenario = read_scenario("default")
    still = replace(
        scenario,
        practice=replace(
            scenario.practice, wobble=0.0, consultant_spread_fp=0.0, consultant_spread_fj=0.0
        ),
    )
    gaps = []
    for seed in range(5):
        planted = build_country(still, seed, (2004,))
        level = planted.practice[:, :, 0] - planted.conditions_effect[:, :, 0]
        # The conditions' own part in the difference is theirs, not the competence's.
        level = level + planted.lasting_conditions_effect
        decentral = planted.is_decentral
        gaps.append(level[decentral].mean(axis=0) - level[~decentral].mean(axis=0))
        assert planted.is_decentral.sum() == round(scenario.practice.decentral_share * 98)
    sizes = scenario.practice
    effects = [sizes.decentral_effect_fp, sizes.decentral_effect_fj]
    np.testing.assert_allclose(gaps, np.tile(effects, (5, 1)), atol=1e-9)


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


def test_what_waits_in_the_end_is_decided_the_year_after(tmp_path: Path) -> None:
    """Of a country that goes on, the decisions of the year after on applications from before."""
    sizes = {"scale": 0.004, "seed": 5, "first_year": 2000, "workers": 1}
    generate(tmp_path / "short", last_year=2005, **sizes)
    generate(tmp_path / "long", last_year=2006, **sizes)
    waits = read(tmp_path / "short", "ansoegning", 2005)
    assert not waits.duplicated(["PNR", "SAGSART"]).any()
    assert (waits["STARTDATO"] <= "2005-12-31").all()
    decided = read(tmp_path / "long", "ankestyrelsen", 2006)
    decided = decided[decided["STARTDATO"] <= "2005-12-31"]
    both = waits.merge(decided, on=["PNR", "SAGSART"])
    # Lives, tilts and days are those of the period, which is a year longer.
    assert len(both) >= 0.5 * len(waits)
    assert len(waits) == pytest.approx(len(decided), rel=0.35)
    # About as many as come in while a case takes its days.
    a_year = len(read(tmp_path / "long", "ankestyrelsen", 2005))
    assert 0.25 * a_year < len(waits) < 0.65 * a_year
    before = read(tmp_path / "short", "ankestyrelsen", 2005)
    assert before.merge(waits, on=["PNR", "SAGSART", "STARTDATO"]).empty
    assert not (tmp_path / "short" / "ansoegning_2004.csv").exists()
