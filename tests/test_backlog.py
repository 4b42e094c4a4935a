"""Queue or practice: a queue is told from practice, and what is shown adds up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from benchmarks.backlog_power import A_QUEUE, NO_QUEUE, YEARS, drawn, planted
from pipeline.disclosure import CellKey
from pipeline.model.followups.backlog import (
    CaseMonths,
    Temporary,
    combined,
    seen_part,
    shrunken,
    temporary_part,
)
from pipeline.model.followups.backlog_frames import backlog_frame, temporary_frame
from pipeline.model.national.protection import Unprotected
from synthetic_data.ground.scenario import read_scenario
from synthetic_data.places.backlog import degree_of_merging
from synthetic_data.places.country import build_country

WINDOW = (2006, 2007)


@dataclass(frozen=True)
class Told:
    """What is planted in a generated country, and what its decisions tell of it."""

    is_merged: np.ndarray
    truth: np.ndarray
    lasting: np.ndarray
    effect: np.ndarray
    implied: Temporary
    seen: Temporary


@cache
def told(scenario: str, seed: int) -> Told:
    """Return the country of ``seed``, which several tests look at."""
    sizes, rng = read_scenario(scenario), np.random.default_rng(seed)
    country = build_country(sizes, seed, YEARS)
    made = drawn(country, sizes, rng, 1.0)
    is_merged = degree_of_merging(country.codes) > 0
    return Told(is_merged, *planted(country), made.effect, made.implied(), made.seen(rng))


@pytest.mark.parametrize("is_seen", [False, True], ids=["implied", "seen"])
@pytest.mark.parametrize("scenario", ["backlog", "default", "no_practice"])
def test_queues_of_the_generator_are_found_and_others_are_not(scenario: str, is_seen: bool) -> None:
    """Over 30 countries: power of nine in ten, one false flag in twenty, better ranks without."""
    found, false, held, raw, without = [], [], [], [], []
    for seed in range(30):
        one = told(scenario, seed)
        part, truth = one.seen if is_seen else one.implied, one.truth
        found += list(part.is_flagged[part.is_known & (np.abs(truth) >= A_QUEUE)])
        false += list(part.is_flagged[part.is_known & (np.abs(truth) < NO_QUEUE)])
        held += list((np.abs(part.effect - truth) <= 1.96 * part.se)[part.is_known])
        net = one.effect - shrunken(part.effect, part.se)
        if scenario == "backlog":
            raw.append(spearmanr(one.effect, one.lasting)[0])
            without.append(spearmanr(net, one.lasting)[0])
    assert np.mean(false) <= 0.05
    if scenario == "backlog":
        assert np.mean(found) >= 0.9
        assert np.mean(without) > np.mean(raw) + 0.01
    else:
        assert not found
        assert np.mean(held) >= 0.92


def test_queues_that_have_nothing_to_do_with_the_reform_are_found_too() -> None:
    """Merged ones without a queue are not flagged; unmerged that clear one suddenly are."""
    merged, alone = [], []
    for seed in range(20):
        one = told("backlog", seed)
        part = one.implied
        merged += list(part.is_flagged[part.is_known & one.is_merged & (np.abs(one.truth) < 0.001)])
        alone += list(part.is_flagged[part.is_known & ~one.is_merged & (one.truth >= A_QUEUE)])
    assert len(merged) > 100
    assert np.mean(merged) <= 0.05
    assert len(alone) > 50
    # A small queue: 7 % of the grants of two years.
    assert np.mean(alone) >= 0.5


def test_littles_law_by_hand() -> None:
    """Ten decisions a month of 100 days, then of 160.875 at the end: a stock of two months more."""
    n = np.full((1, 96), 10.0)
    each = np.where(np.arange(96) >= 92, 100 + 2 * 365.25 / 12, 100.0)[None, :]
    part = temporary_part(CaseMonths(2000, n, n * each, n * each**2), WINDOW)
    assert part is not None
    assert part.effect[0] == pytest.approx(np.log(240 / 260))


def test_a_stock_that_is_seen_counts_applications() -> None:
    """240 are decided and 20 more wait in the end: 260 came in."""
    one = np.ones(1)
    part = seen_part(240 * one, 50 * one, 70 * one, 5 * one)
    assert part.effect[0] == pytest.approx(np.log(240 / 260))
    assert part.se[0] == pytest.approx(np.sqrt(50 + 70 + 5) / 260)
    # Nobody waits at either end: no queue, and no certainty of none.
    none = seen_part(240 * one, 0 * one, 0 * one, 0 * one)
    assert (none.effect.item(), none.se.item()) == (0.0, pytest.approx(1 / 240))
    unknown = seen_part(2 * one, 0 * one, 0 * one, 0 * one)
    both = combined(part, unknown)
    assert both.effect[0] == pytest.approx(part.effect[0])
    assert combined(part, part).se[0] == pytest.approx(part.se[0] / np.sqrt(2))
    assert not combined(unknown, unknown).is_known[0]


def test_without_years_before_nothing_is_said() -> None:
    n = np.full((1, 36), 10.0)
    assert temporary_part(CaseMonths(2005, n, 100 * n, 10_000 * n), WINDOW) is None


def case_months() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    rows = [
        (
            *("FP", code, year, month),
            *rng.poisson((12, 11)),
            *(900, 90_000),
            *rng.integers(0, 10**6, 2),
            0,
        )
        for code in ("101", "147")
        for year in (2003, 2004, 2005, 2006, 2007)
        for month in range(1, 13)
    ]
    names = ["case_type", "municipality_code", "year", "month", "n_applications", "n_decisions"]
    sums = ["processing_days", "processing_days_squared", "applications_key", "decisions_key"]
    sums += ["n_undecided"]
    return pd.DataFrame(rows, columns=[*names, *sums])


NO_MONTHS = case_months().head(0)


def test_pending_changes_by_what_comes_in_and_is_decided() -> None:
    frame = backlog_frame(case_months(), ["101", "147"], ["FP"], WINDOW, Unprotected())
    assert sorted(set(frame["year"])) == [2004, 2005, 2006, 2007]
    for _, rows in frame.groupby("municipality_code"):
        change = rows["n_pending"].astype(int).diff().iloc[1:]
        step = (rows["n_applications"] - rows["n_decisions"]).astype(int).iloc[1:]
        assert (change == step).all()


def test_counts_by_month_are_as_disclosure_control_shows_them() -> None:
    protection = CellKey()
    frame = backlog_frame(case_months(), ["101", "147"], ["FP"], WINDOW, protection)
    for name in ("n_applications", "n_decisions", "n_pending"):
        shown = frame[name].dropna()
        assert not shown.between(1, protection.smallest_shown - 1).any()


def test_years_that_were_not_reported_are_no_low_earlier_practice() -> None:
    """A silent year has no grants; taken for a year of none it would halve practice of two."""
    codes, years = ["101", "147", "151"], range(2004, 2008)
    history = pd.DataFrame(
        [("FP", code, year, 10_000, 100, 2.0) for code in codes for year in years],
        columns=["outcome", "municipality_code", "year", "residents", "observed", "noise_sd"],
    )
    silent = (history["municipality_code"] == "147") & (history["year"] == 2005)
    history.loc[silent, "observed"] = 0
    benchmark = pd.DataFrame(
        {
            "outcome": "FP",
            "municipality_code": codes,
            "expected": 200.0,
            "ratio": 1.0,
            "practice_effect": 0.0,
            "practice_effect_se": 0.07,
            "rank": 1,
        }
    )
    unreported = history.loc[silent, ["municipality_code", "year"]]
    told, untold = (
        temporary_frame(
            case_months().head(0), benchmark, history, known, WINDOW, Unprotected(), 0.95
        )
        for known in (unreported, unreported.head(0))
    )
    assert told["earlier"].abs().max() < 0.02
    assert untold["earlier"].min() < -0.3


def test_who_has_no_grants_shown_keeps_the_place_of_the_ranking() -> None:
    """Without an effect a municipality has a rank all the same, with and without the queue."""
    codes = ["101", "147", "151", "153"]
    benchmark = pd.DataFrame(
        {
            "outcome": "FP",
            "municipality_code": codes,
            "expected": 20.0,
            "ratio": [0.0, 1.2, 0.8, 0.0],
            "practice_effect": [np.nan, 0.2, -0.2, np.nan],
            "practice_effect_se": [np.nan, 0.2, 0.2, np.nan],
            "rank": [3, 4, 2, 1],
        }
    )
    nothing = pd.DataFrame({"municipality_code": [], "year": []})
    history = pd.DataFrame(
        {name: [] for name in ("outcome", "municipality_code", "year", "residents", "observed")}
    )
    made = temporary_frame(
        case_months().head(0), benchmark, history, nothing, WINDOW, Unprotected(), 0.95
    )
    assert made["rank"].tolist() == [3, 4, 2, 1]
    assert made["rank_lasting"].tolist() == [3, 4, 2, 1]
