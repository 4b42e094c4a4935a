"""What initiatives did: size, power, recovery, and what is said where nothing can be told."""

from __future__ import annotations

import datetime as dt
import itertools
import math

import numpy as np
import pandas as pd
import pytest
from planted_initiatives import N_PERIODS, counted, country, held, panel_rows

from pipeline.catalogue import columns
from pipeline.codes import code_rows
from pipeline.disclosure import CellKey
from pipeline.initiatives.declaration import Initiative
from pipeline.model.initiatives.chance import MOST_EXACT, N_DRAWN, Scaled, assignments
from pipeline.model.initiatives.frames import initiative_frames
from pipeline.model.initiatives.group_time import (
    Panel,
    after_weights,
    group_time_effects,
    summed,
)
from pipeline.model.initiatives.panels import question_of
from pipeline.model.initiatives.study import Design, studies
from pipeline.model.national.protection import Unprotected
from reports import initiative_texts
from reports.charts.events import ticks_around
from reports.content.followups.initiatives import initiatives_from
from reports.language.formatting import Numbers
from reports.language.words import Words
from reports.told.blocks import Figure
from reports.told.followups.initiatives import initiatives

N_DRAWS = 200
#: Of 200 draws at 5 %, all but one in a thousand lie within.
WITHIN = (0.01, 0.105)


def design_of(rng: np.random.Generator, starts: list[int], n: int = 98) -> Design:
    return Design(rng.choice(n, len(starts), replace=False), np.array(starts), 4)


@pytest.mark.parametrize(
    ("starts", "n", "by_mixture"),
    [([12], 98, False), ([10, 14], 98, False), ([12], 40, True)],
    ids=["one", "two", "one against its mixture"],
)
def test_the_size_is_five_per_cent_under_no_effect(
    starts: list[int], n: int, by_mixture: bool
) -> None:
    refused = 0
    for seed in range(N_DRAWS):
        rng = np.random.default_rng(seed)
        panel = counted(rng, *country(rng, n))
        found = held(panel, design_of(rng, starts, n), by_mixture=by_mixture)
        refused += found.p_value() <= 0.05
    assert WITHIN[0] <= refused / N_DRAWS <= WITHIN[1]


def found_of_fall(sizes: list[int], starts: list[int]) -> tuple[float, float, float]:
    """Return share found, and mean detectable and estimated share, of a planted fall of 20 %."""
    shares, detectable, estimates = [], [], []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        persons, rate = country(rng)
        design = design_of(rng, starts)
        persons[design.adopters] = sizes
        for unit, start in zip(design.adopters, starts, strict=True):
            rate[unit, start:] *= 0.8
        panel = counted(rng, persons, rate)
        found = held(panel, design)
        without = panel.outcome.copy()
        for unit, start in zip(design.adopters, starts, strict=True):
            without[unit, start:] -= found.effects[0]
        expected = [
            rate[unit, start - 4 : start].mean() * 2000
            for unit, start in zip(design.adopters, starts, strict=True)
        ]
        before = np.average(expected, weights=sizes)
        shares.append(found.p_value() <= 0.05)
        detectable.append(held(Panel(without, persons), design).detectable(0.95) / before)
        estimates.append(found.effects[0] / before)
    return float(np.mean(shares)), float(np.mean(detectable)), float(np.mean(estimates))


def test_the_power_at_a_fall_of_a_fifth_is_as_stated() -> None:
    large, detectable, estimate = found_of_fall([60_000, 80_000], [10, 14])
    assert detectable < 0.15
    assert large > 0.9
    assert estimate == pytest.approx(-0.2, abs=0.02)
    # Two of middling size would find a fall of a quarter in four of five cases, not one of a fifth.
    middling, detectable, estimate = found_of_fall([6_000, 8_000], [10, 14])
    assert 0.2 < detectable < 0.28
    assert 0.45 < middling < 0.85
    assert estimate == pytest.approx(-0.2, abs=0.03)
    alone, detectable, _ = found_of_fall([6_000], [12])
    assert detectable > 0.28
    assert alone < 0.6


def test_effects_that_grow_are_recovered_with_dates_apart() -> None:
    """Where effects grow, a comparison with those that had begun before would be wrong."""
    rng = np.random.default_rng(3)
    persons, rate = country(rng)
    adopters, starts = np.array([3, 20, 51, 77]), np.array([6, 6, 10, 15])
    outcome = 2000 * rate + 50.0
    common = outcome.mean(axis=0)
    outcome = outcome.mean(axis=1, keepdims=True) + (common - common.mean())
    for unit, start in zip(adopters, starts, strict=True):
        since = np.arange(N_PERIODS) - start
        outcome[unit] += np.where(since >= 0, -1.0 - 0.25 * since, 0.0)
    panel = Panel(outcome, persons)
    effects = group_time_effects(panel, starts, adopters[None], base_periods=4)
    for slot, start in enumerate(starts):
        since = np.arange(N_PERIODS) - start
        planted = np.where(since >= 0, -1.0 - 0.25 * since, 0.0)
        if start == starts.min():
            # The periods averaged before are compared with; what is planted shows exactly.
            assert effects[0, slot] == pytest.approx(planted, abs=1e-9)
        assert effects[0, slot, start:] == pytest.approx(planted[start:], abs=1e-9)
    mean = summed(effects, persons[adopters][None], after_weights(starts, N_PERIODS))[0]
    by_hand = [-1 - 0.25 * np.arange(N_PERIODS - start).mean() for start in starts]
    assert mean == pytest.approx(np.average(by_hand, weights=persons[adopters]), abs=1e-9)


def test_one_effect_by_hand() -> None:
    outcome = np.array([[4.0, 6.0, 9.0], [1.0, 1.0, 2.0], [2.0, 4.0, 3.0], [0.0, 0.0, 7.0]])
    panel = Panel(outcome, np.array([1.0, 1.0, 3.0, 1.0]))
    # 0 begins in period 2, 3 as well: 1 and 2 are left, from the mean of the periods before.
    effects = group_time_effects(panel, np.array([2, 2]), np.array([[0, 3]]), base_periods=2)
    of_others = (1 * (2 - 1) + 3 * (3 - 3)) / 4
    assert effects[0, :, 2] == pytest.approx([9 - 5 - of_others, 7 - 0 - of_others])


def test_every_assignment_is_looked_at_once_where_they_are_few() -> None:
    for adopters, starts, n in (
        ([2], [3], math.comb(98, 1)),
        ([5, 2], [3, 3], math.comb(98, 2)),
        ([5, 2], [3, 4], math.perm(98, 2)),
    ):
        assigned, is_exact = assignments(np.array(adopters), np.array(starts), 98, 1)
        assert is_exact
        assert len(assigned) == n <= MOST_EXACT
        assert assigned[0].tolist() == adopters
        as_counted = {tuple(sorted(row)) if len(set(starts)) == 1 else tuple(row)
                      for row in assigned.tolist()}  # fmt: skip
        assert len(as_counted) == n
    drawn, is_exact = assignments(np.arange(5), np.arange(5), 98, 1)
    assert (len(drawn), is_exact) == (N_DRAWN + 1, False)
    assert all(len(set(row)) == 5 for row in drawn.tolist())


def test_chance_by_hand() -> None:
    found = Scaled(np.array([3.0, -4.0, 1.0, 2.0]), np.array([1.0, 2.0, 1.0, 0.5]))
    # Ratios 3, -2, 1, 4: two of four are as large as the first.
    assert found.p_value() == 0.5
    assert found.critical(0.5) == 3.0
    assert found.critical(0.95) == 4.0
    spread = np.quantile([3, -2, 1, 4, -3, 2, -1, -4], 0.8)
    assert found.detectable(0.5) == pytest.approx(3.0 + spread)


CODES = [row["municipality_code"] for row in code_rows("municipality")]
YEARS = range(2000, 2012)


def initiative(codes: list[str], **changed: object) -> Initiative:
    values = {
        "name": "trial",
        "title": {"da": "Forsøg", "en": "Trial"},
        "adopters": [
            {"municipality": code, "starts": dt.date(2006, 1, 1), "participants": 40}
            for code in codes
        ],
    }
    return Initiative(**{**values, **changed})


def rows_of(fall: dict[str, float], seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    persons = {code: int(np.exp(rng.normal(9, 0.7))) for code in CODES}
    persons[CODES[1]] = persons[CODES[2]] = 40_000
    persons[CODES[3]] = 700
    return panel_rows(persons, YEARS, rng, fall)


@pytest.mark.parametrize("codes", [CODES[1:2], CODES[1:3]], ids=["one", "two"])
def test_a_large_fall_is_found_in_what_fell_and_nothing_else(codes: list[str]) -> None:
    rows = rows_of(dict.fromkeys(codes, 0.4))
    frames = initiative_frames([(initiative(codes), rows)], CellKey(), 0.95, 1)
    answers = frames["initiative"].set_index(["measure", "method"])
    methods = ["group_time", "synthetic"] if len(codes) == 1 else ["group_time"]
    for method in methods:
        assert answers.loc[("benefit_weeks", method), "verdict"] == "fall"
        assert answers.loc[("FP", method), "verdict"] == "fall"
        assert answers.loc[("FJ", method), "verdict"] in ("cannot_tell", "no_change")
        one = answers.loc[("benefit_weeks", method)]
        assert one["effect"] == pytest.approx(-0.4 * one["level_before"], rel=0.15)
        assert one["effect_low"] < one["effect"] < one["effect_high"] < 0
    assert len(answers) == 4 * len(methods)
    assert set(frames["initiative"]) == set(columns("initiative"))
    events = frames["initiative_event"]
    since = events[(events["measure"] == "benefit_weeks") & (events["method"] == "group_time")]
    assert since["periods_since"].tolist() == list(range(-12, 12))
    after = since[since["periods_since"] >= 0]
    assert (after["effect_high"] < 0).mean() > 0.8


def test_one_small_municipality_cannot_tell_and_it_is_said() -> None:
    asked = initiative([CODES[3]])
    frames = initiative_frames([(asked, rows_of({}, seed=2))], CellKey(), 0.95, 1)
    answers = frames["initiative"]
    assert set(answers.loc[answers["measure"] == "FP", "verdict"]) == {"cannot_tell"}
    # 40 of 700 took part.
    share = answers.loc[answers["measure"] == "benefit_weeks", "largest_possible"]
    assert share.tolist() == pytest.approx([100 * 40 / 700] * 2)
    danish, english = initiative_texts(frames, languages=("da", "en"))
    assert "én kommune kan ikke afgøre det" in danish
    assert "one municipality cannot tell" in english
    assert "fra 1.1.2006" in danish
    for text in (danish, english):
        assert "{" not in text


def test_what_came_before_and_after_is_drawn_on_the_page_and_only_there() -> None:
    frames = initiative_frames([(initiative(CODES[1:3]), rows_of({}))], CellKey(), 0.95, 1)
    held = initiatives_from(*frames.values())
    blocks = initiatives(Words("da"), Numbers("da"), held, "SYNTETISKE DATA").blocks
    figures = [block for block in blocks if isinstance(block, Figure)]
    assert len(figures) == 4
    assert len({figure.name for figure in figures}) == 4
    for figure, effect in zip(figures, held[0].main(), strict=True):
        assert figure.drawing.count("<circle") == len(effect.events) == 24
        # Before it began dots are empty.
        assert figure.drawing.count('fill="#fff"') == 12
        assert "SYNTETISKE DATA" in figure.label
    assert "<svg" not in initiative_texts(frames, languages=("da",))[0]


@pytest.mark.parametrize(("low", "high"), [(-0.3, 1.2), (0.0, 0.004), (-17.0, 0.0), (0.0, 0.0)])
def test_ticks_hold_zero_and_what_is_drawn(low: float, high: float) -> None:
    ticks = ticks_around(low, high)
    assert 2 <= len(ticks) <= 9
    assert any(abs(tick) < 1e-12 for tick in ticks)
    assert ticks[0] <= low + 1e-9
    assert ticks[-1] >= high - 1e-9


def test_an_initiative_that_the_registers_do_not_cover_is_answered_so() -> None:
    late = initiative([CODES[1]], adopters=[{"municipality": CODES[1], "starts": "2018-07-01"}])
    frames = initiative_frames([(late, rows_of({}))], Unprotected(), 0.95, 1)
    assert set(frames["initiative"]["verdict"]) == {"not_covered"}
    assert frames["initiative"]["effect"].isna().all()
    assert frames["initiative_event"].empty
    text = initiative_texts(frames, languages=("en",))[0]
    assert text.count("the registers do not cover") == 4


def test_a_municipality_that_lacks_a_period_takes_no_part() -> None:
    rows = rows_of({})
    rows["n_fp"] = rows["n_fp"].astype(float)
    gone = (rows["municipality_code"] == CODES[5]) & (rows["year"] == 2003)
    rows.loc[gone, "n_fp"] = np.nan
    asked = initiative([CODES[1]])
    question = question_of(rows, asked, "FP", Unprotected())
    assert question is not None
    assert CODES[5] not in question.codes
    assert len(question.codes) == len(CODES) - 1
    assert len(question_of(rows, asked, "FJ", Unprotected()).codes) == len(CODES)
    assert question_of(rows, initiative([CODES[5]]), "FP", Unprotected()) is None


def test_figures_are_of_counts_as_they_are_shown() -> None:
    """Small counts are shown as 0 or 5 and above; no other figure of them leaves."""
    rows = rows_of({})
    small = rows["municipality_code"] == CODES[3]
    shown = question_of(rows, initiative([CODES[1]]), "FP", CellKey())
    assert shown is not None
    own = shown.panel.outcome[shown.codes.index(CODES[3])]
    grants = own * rows.loc[small, "residents"].iloc[0] / 2000
    assert np.abs(grants - grants.round()).max() < 1e-9
    assert not ((grants > 0.5) & (grants < 4.5)).any()
    true = rows.loc[small, "n_fp"].to_numpy()
    assert ((true > 0) & (true < 5)).any()


def test_what_is_compared_and_when_follows_from_the_file() -> None:
    question = question_of(rows_of({}), initiative(CODES[1:3]), "benefit_weeks", Unprotected())
    assert question is not None
    assert question.design.starts.tolist() == [12, 12]
    assert question.design.base_periods == 4
    assert [question.codes[at] for at in question.design.adopters] == CODES[1:3]
    row = rows_of({}).iloc[0]
    value = 100 * row["benefit_weeks"] / row["person_weeks"]
    assert question.panel.outcome[0, 0] == pytest.approx(value)


def test_a_clustered_error_is_given_from_ten_adopters_on() -> None:
    rng = np.random.default_rng(5)
    panel = counted(rng, *country(rng))
    few, many = (
        studies(panel, design_of(rng, starts), 0.95, 1)[0] for starts in ([12, 12], [10, 14] * 5)
    )
    assert few.clustered_se is None
    assert many.clustered_se is not None
    assert not many.is_exact
    # Of many adopters it and the distance to what chance would do agree.
    assert many.clustered_se == pytest.approx((many.high - many.low) / 2 / 1.96, rel=0.5)


def test_an_earlier_date_shows_what_went_apart_before() -> None:
    rng = np.random.default_rng(8)
    persons, rate = country(rng)
    persons[4] = 60_000
    panel = counted(rng, persons, rate)
    design = Design(np.array([4]), np.array([12]), 4)
    calm = studies(panel, design, 0.95, 1)
    drifting = panel.outcome.copy()
    drifting[4] -= 0.6 * np.arange(N_PERIODS)
    apart = studies(Panel(drifting, persons), design, 0.95, 1)
    for one, other in zip(calm, apart, strict=True):
        assert one.placebo_p > 0.05
        assert other.placebo_p <= 0.05
        assert other.placebo < 0
    held_apart = initiatives_from(
        *initiative_frames([(initiative([CODES[1]]), rows_of({}))], CellKey(), 0.95, 1).values()
    )
    assert [one.method for one in held_apart[0].main()] == ["synthetic"] * 4
    assert list(itertools.chain(one.method for one in held_apart[0].others())) == ["group_time"] * 4
