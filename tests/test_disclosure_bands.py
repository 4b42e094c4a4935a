"""Disclosure control of years, ages, cases and specifications, and attacks on all of it."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from pipeline.disclosure import (
    summarise_sensitivity,
    suppress_bands,
    suppress_case_processing,
    suppress_completeness,
    suppress_sensitivity,
    suppress_years,
)

YEARS = (2006, 2007, 2008)
OUTCOMES = ("FP", "FJ", "ANY")


def frames(counts: np.ndarray, band: str = "year", bands=YEARS, outcomes=("FP",)):
    """Frame and country from counts by outcome x municipality x band, under two models."""
    rows = [
        {
            "outcome": outcome,
            "model": model,
            "municipality_code": f"{101 + m}",
            band: label,
            "n_at_risk": 900,
            "observed": int(counts[o, m, b]),
            "expected": 8.0,
            "ratio": counts[o, m, b] / 8,
            "ratio_low": 0.1,
            "ratio_high": 9.0,
        }
        for o, outcome in enumerate(outcomes)
        for model in ("pooled", "within")
        for m in range(counts.shape[1])
        for b, label in enumerate(bands)
    ]
    frame = pd.DataFrame(rows)
    key = ["outcome", "model", band]
    country = frame.groupby(key, as_index=False)[["n_at_risk", "observed", "expected"]].sum()
    return frame, country.assign(ratio=1.0, ratio_low=0.9, ratio_high=1.1)


def history_of(frame: pd.DataFrame, earlier: dict[int, list[int]] | None = None) -> pd.DataFrame:
    """The grant history that agrees with ``frame``, with ``earlier`` years beside."""
    history = frame.loc[
        frame["model"] == "pooled", ["outcome", "municipality_code", "year", "observed"]
    ]
    codes = frame["municipality_code"].unique()
    more = [
        pd.DataFrame(
            {"outcome": outcome, "municipality_code": codes, "year": year, "observed": counts}
        )
        for outcome in frame["outcome"].unique()
        for year, counts in (earlier or {}).items()
    ]
    both = pd.concat([*more, history], ignore_index=True)
    return both.assign(residents=1000, observed_share=both["observed"] / 1000)


def matrix(frame: pd.DataFrame, outcome: str = "FP", band: str = "year") -> np.ndarray:
    """Withheld cells, municipality x band."""
    one = frame[frame["outcome"] == outcome]
    if "model" in one:
        one = one[one["model"] == "within"]
    return one.pivot(index="municipality_code", columns=band, values="is_suppressed").to_numpy()


def test_a_small_year_takes_another_year_and_another_municipality_with_it():
    counts = np.full((1, 4, 3), 20)
    counts[0, 0, 0] = 3
    frame, country = suppress_bands(*frames(counts), band="year", main_levels={}, threshold=5)
    hidden = matrix(frame)
    assert hidden[0, 0]
    assert (hidden.sum(axis=0)[hidden.any(axis=0)] >= 2).all()
    assert (hidden.sum(axis=1)[hidden.any(axis=1)] >= 2).all()
    withheld = frame[frame["is_suppressed"]]
    assert withheld[["observed", "ratio", "ratio_low", "ratio_high"]].isna().all(axis=None)
    assert withheld[["expected", "n_at_risk"]].notna().all(axis=None)
    assert not country["is_suppressed"].any()


def test_nothing_is_withheld_where_every_count_may_be_shown():
    counts = np.full((1, 3, 3), 5)
    counts[0, 1, 1] = 0
    frame, country = suppress_bands(*frames(counts), band="year", main_levels={}, threshold=5)
    assert not frame["is_suppressed"].any()
    assert not country["is_suppressed"].any()
    assert frame["observed"].tolist() == frames(counts)[0]["observed"].tolist()


@pytest.mark.parametrize("threshold", [1, 5])
def test_a_band_that_one_outcome_does_not_have_is_decided_for_the_others(threshold):
    """Who is in a flexjob is not at risk of one: that route is of pensions alone."""
    frame, country = frames(np.full((2, 4, 3), 9), outcomes=("ANY", "FP"))
    frame, country = (
        table[(table["outcome"] == "FP") | (table["year"] != 2008)] for table in (frame, country)
    )
    shown, total = suppress_bands(frame, country, band="year", main_levels={}, threshold=threshold)
    assert len(shown) == len(frame)
    assert not shown["is_suppressed"].any()
    assert not total["is_suppressed"].any()


def test_a_known_country_total_does_not_give_the_only_municipality_back():
    """The country's count is known from expected counts even when it is small itself."""
    counts = np.full((1, 4, 3), 20)
    counts[0, :, 0] = (3, 0, 0, 0)
    frame, country = suppress_bands(*frames(counts), band="year", main_levels={}, threshold=5)
    assert country.loc[country["year"] == 2006, "is_suppressed"].all()
    assert matrix(frame)[:, 0].sum() >= 2


def test_a_country_that_is_not_the_sum_is_refused():
    frame, country = frames(np.full((1, 2, 3), 7))
    country["observed"] += 1
    with pytest.raises(ValueError, match="not the sum"):
        suppress_bands(frame, country, band="year", main_levels={}, threshold=5)


def test_history_and_development_withhold_the_same_years_of_the_window():
    counts = np.full((1, 5, 3), 20)
    counts[0, 1, 2] = 2
    frame, country = frames(counts)
    history = history_of(frame, {2004: [20, 3, 20, 20, 20], 2005: [9, 9, 9, 9, 9]})
    differing = (history["municipality_code"] == "104") & (history["year"] == 2006)
    history.loc[differing, "observed"] = 4  # the history counts nearly the same grants
    frame, country, history = suppress_years(frame, country, history, threshold=5)
    of_window = matrix(history)[:, -3:]
    assert (of_window == matrix(frame)).all()
    assert of_window[1, 2]
    assert of_window[3, 0]
    earlier = matrix(history)[:, :2]
    assert earlier[:, 0].sum() == 2
    assert not earlier[:, 1].any()
    hidden = history[history["is_suppressed"]]
    assert hidden[["observed", "observed_share"]].isna().all(axis=None)
    assert hidden["residents"].notna().all()


def _range(position: int, bounds, equations, sides, unequal) -> tuple[float, float]:
    target = np.eye(len(bounds))[position]
    result = [
        linprog(
            sign * target,
            A_eq=np.array(equations),
            b_eq=sides,
            A_ub=np.array(unequal),
            b_ub=np.zeros(len(unequal)),
            bounds=bounds,
        ).fun
        * sign
        for sign in (1, -1)
    ]
    return result[0], result[1]


counts_of_outcomes = st.lists(
    st.lists(st.integers(0, 12), min_size=9, max_size=9), min_size=3, max_size=5
)


@settings(max_examples=25, deadline=None)
@example([[0] * 9, [0] * 9, [0, 0, 0, 0, 0, 0, 0, 5, 0], [0, 0, 0, 0, 5, 0, 0, 1, 0]], False)
@example([[0] * 9, [0, 0, 0, 3, 0, 0, 0, 0, 0], [0, 5, 0, 2, 0, 0, 0, 0, 0]], False)
@given(counts_of_outcomes, st.booleans())
def test_no_small_count_of_any_outcome_can_be_solved_from_all_totals(table, is_disjoint):
    """Attack all outcomes at once: totals by place and year, and FJ <= ANY <= FP + FJ."""
    drawn = np.array(table).reshape(len(table), 3, 3)
    fp, fj = drawn[..., 0], drawn[..., 1]
    overlap = 0 * fp if is_disjoint else np.minimum(drawn[..., 2], fp)
    truth = np.stack([fp, fj, fp + fj - overlap])
    frame, _ = suppress_bands(
        *frames(truth, outcomes=OUTCOMES), band="year", main_levels={}, threshold=5
    )
    hidden = np.stack([matrix(frame, outcome) for outcome in OUTCOMES])
    at = np.arange(truth.size).reshape(truth.shape)
    known = _what_is_known(truth, at)
    for position in at[hidden & (truth > 0) & (truth < 5)][:6]:
        low, high = _range(int(position), _bounds(truth, hidden), *known)
        if high - low <= 0.5:  # then only because it follows with nothing shown at all
            low, high = _range(int(position), _bounds(truth, np.ones_like(hidden)), *known)
            assert high - low <= 0.5, (truth.tolist(), hidden.astype(int).tolist(), int(position))


def _bounds(truth: np.ndarray, hidden: np.ndarray) -> list[tuple[int, int | None]]:
    return [
        (0, None) if shut else (int(count), int(count))
        for shut, count in zip(hidden.ravel(), truth.ravel(), strict=True)
    ]


def _what_is_known(truth: np.ndarray, at: np.ndarray):
    """Totals by outcome and place, by outcome and year, and the bounds of ANY in each cell."""
    equations, sides, unequal = [], [], []
    for o, m in itertools.product(range(3), range(truth.shape[1])):
        equations.append(np.isin(np.arange(truth.size), at[o, m]).astype(float))
        sides.append(truth[o, m].sum())
    for o, y in itertools.product(range(3), range(3)):
        equations.append(np.isin(np.arange(truth.size), at[o, :, y]).astype(float))
        sides.append(truth[o, :, y].sum())
    for m, y in itertools.product(range(truth.shape[1]), range(3)):
        first, second, either = np.eye(truth.size)[at[:, m, y]]
        unequal += [second - either, either - first - second]
    return equations, sides, unequal


def cases_frame(n_grants, n_refusals, mental) -> pd.DataFrame:
    grants, refusals = np.array(n_grants), np.array(n_refusals)
    return pd.DataFrame(
        {
            "outcome": "FP",
            "municipality_code": [f"{101 + m}" for m in range(len(grants))],
            "n_decisions": grants + refusals,
            "median_days": 100.0,
            "median_low": 90.0,
            "median_high": 110.0,
            "n_grants": grants,
            "n_refusals": refusals,
            "grants_per_refusal": grants / np.where(refusals > 0, refusals, 1),
            "grants_per_refusal_low": 1.0,
            "grants_per_refusal_high": 9.0,
            "mental_share": np.array(mental) / np.where(grants > 0, grants, 1),
            "mental_share_low": 0.1,
            "mental_share_high": 0.9,
        }
    )


def of_mental(*hidden: str) -> pd.DataFrame:
    """Practice by level as shown: grants with a mental diagnosis, withheld in ``hidden``."""
    codes = [f"{101 + m}" for m in range(4)]
    return pd.DataFrame(
        {
            "outcome": "FP",
            "municipality_code": codes,
            "dimension": "diagnosis_group",
            "level": "mental",
            "is_suppressed": [code in hidden for code in codes],
        }
    )


def test_a_mental_share_goes_where_its_number_is_withheld():
    cases = cases_frame([40, 50, 60], [20, 20, 20], [10, 10, 10])
    shown = suppress_case_processing(cases, of_mental("102"), threshold=5)
    assert not shown["is_suppressed"].any()
    assert shown["mental_share"].isna().tolist() == [False, True, False]


def test_few_refusals_withhold_all_figures_of_two_municipalities():
    shown = suppress_case_processing(
        cases_frame([40, 50, 60, 30], [2, 20, 20, 9], [10, 10, 10, 10]), of_mental(), threshold=5
    )
    assert shown["is_suppressed"].tolist() == [True, False, False, True]
    figures = shown.columns.difference(["outcome", "municipality_code", "is_suppressed"])
    assert shown.loc[shown["is_suppressed"], figures].isna().all(axis=None)
    assert shown.loc[~shown["is_suppressed"], figures].notna().all(axis=None)


def test_few_mental_grants_withhold_the_share_alone():
    shown = suppress_case_processing(
        cases_frame([40, 50, 60], [20, 20, 20], [3, 47, 0]), of_mental(), threshold=5
    )
    assert not shown["is_suppressed"].any()
    assert shown["mental_share"].isna().tolist() == [True, True, False]
    assert shown["mental_share_low"].isna().tolist() == [True, True, False]


def test_completeness_withholds_what_the_history_withholds():
    counts = np.full((1, 4, 3), 20)
    counts[0, 0, 0] = 3
    frame, country = frames(counts)
    _, _, history = suppress_years(frame, country, history_of(frame), threshold=5)
    completeness = history[["municipality_code", "year"]].assign(
        n_register=20, n_dream=21, coverage=0.95, coverage_low=0.8, coverage_high=1.0
    )
    completeness.loc[completeness.index[5], "n_dream"] = 2
    shown = suppress_completeness(completeness, history, threshold=5)
    assert shown["is_suppressed"].iloc[5]
    assert (shown["is_suppressed"] >= history["is_suppressed"].to_numpy()).all()
    assert (
        shown.loc[shown["is_suppressed"], ["n_register", "n_dream", "coverage"]]
        .isna()
        .all(axis=None)
    )
    per_year = shown.groupby("year")["is_suppressed"].sum()
    assert (per_year != 1).all()


SPECIFICATIONS = ("base", "pooled", "year_2006", "age_18_39", "without_movers")


def grid(observed: dict[str, list[int]]) -> pd.DataFrame:
    return pd.concat(
        pd.DataFrame(
            {
                "specification": name,
                "outcome": "FP",
                "municipality_code": [f"{101 + m}" for m in range(len(counts))],
                "observed": counts,
                "expected": 50.0,
                "ratio": 1.0,
                "practice_effect": 0.1,
                "practice_effect_se": 0.2,
                "rank": range(1, len(counts) + 1),
            }
        )
        for name, counts in observed.items()
    )


def test_a_specification_is_shown_only_where_its_count_follows_from_what_is_shown():
    years = np.full((1, 5, 3), 20)
    years[0, 0, 0] = 3
    ages = np.full((1, 5, 3), 20)
    ages[0, 4, 1] = 2
    development, _ = suppress_bands(*frames(years), band="year", main_levels={}, threshold=5)
    breakdown_age, _ = suppress_bands(
        *frames(ages, "age_band", ("18-24", "30-39", "40-49")),
        band="age_band",
        main_levels={},
        threshold=5,
    )
    total = [60, 60, 60, 60, 60]
    sensitivity = grid(
        {
            "base": total,
            "pooled": total,
            "year_2006": [3, 20, 20, 20, 20],
            "age_18_39": [40, 40, 40, 40, 22],
            "without_movers": [59, 60, 60, 40, 50],
        }
    )
    shown = suppress_sensitivity(sensitivity, development, breakdown_age, threshold=5)
    assert not {"observed", "expected", "ratio"} & set(shown.columns)
    hidden = shown.pivot(index="specification", columns="municipality_code", values="is_suppressed")
    assert not hidden.loc[["base", "pooled"]].any(axis=None)
    assert hidden.loc["year_2006"].tolist() == matrix(development)[:, 0].tolist()
    assert (
        hidden.loc["age_18_39"].tolist()
        == matrix(breakdown_age, band="age_band").any(axis=1).tolist()
    )
    assert hidden.loc["without_movers"].tolist() == [True, False, False, False, True]
    masked = shown.loc[shown["is_suppressed"], ["practice_effect", "practice_effect_se", "rank"]]
    assert masked.isna().all(axis=None)
    summary = summarise_sensitivity(shown, n_municipalities=5)
    assert summary["n_specifications"].tolist() == [
        len(SPECIFICATIONS) - hidden[code].sum() for code in hidden.columns
    ]
    assert (summary["rank_lowest"] <= summary["rank_highest"]).all()


def test_an_unknown_specification_is_refused():
    frame, _ = suppress_bands(
        *frames(np.full((1, 2, 3), 9)), band="year", main_levels={}, threshold=5
    )
    with pytest.raises(ValueError, match="no rule of disclosure"):
        suppress_sensitivity(grid({"base": [9, 9], "men": [5, 5]}), frame, frame, threshold=5)
