"""Disclosure control: what may not be shown is withheld, and cannot be computed back."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from pipeline.disclosure import suppress_breakdown, suppress_coefficients

DIAGNOSES = ("mental", "musculoskeletal", "other")
TENURES = ("none", "up_to_1", "over_5")


def frames(counts: np.ndarray, outcomes=("FP",), models=("pooled", "within")):
    """Breakdown and country frames from counts by outcome x municipality x cell."""
    cells = list(itertools.product(DIAGNOSES, TENURES))
    rows = [
        {
            "outcome": outcome,
            "model": model,
            "municipality_code": f"{101 + m}",
            "diagnosis_group": diagnosis,
            "tenure_band": tenure,
            "observed": int(counts[o, m, c]),
            "expected": 3.0,
            "ratio": counts[o, m, c] / 3,
            "ratio_low": 0.1,
            "ratio_high": 9.0,
        }
        for o, outcome in enumerate(outcomes)
        for model in models
        for m in range(counts.shape[1])
        for c, (diagnosis, tenure) in enumerate(cells)
    ]
    breakdown = pd.DataFrame(rows)
    key = ["outcome", "model", "diagnosis_group", "tenure_band"]
    country = breakdown.groupby(key, sort=False, as_index=False)[["observed", "expected"]].sum()
    country = country.assign(ratio=1.0, ratio_low=0.9, ratio_high=1.1)
    return breakdown, country


def matrix(frame: pd.DataFrame) -> np.ndarray:
    """Withheld cells of the first model, municipality x cell."""
    one = frame[frame["model"] == "pooled"]
    return one["is_suppressed"].to_numpy().reshape(-1, len(DIAGNOSES) * len(TENURES))


def test_small_counts_are_withheld_with_everything_that_gives_them_back():
    counts = np.full((1, 4, 9), 20)
    counts[0, 0, 0] = 3
    breakdown, country = suppress_breakdown(*frames(counts), threshold=5)
    cell = breakdown[
        (breakdown["municipality_code"] == "101")
        & (breakdown["diagnosis_group"] == "mental")
        & (breakdown["tenure_band"] == "none")
    ]
    assert len(cell) == 2
    assert cell["is_suppressed"].all()
    assert cell[["observed", "ratio", "ratio_low", "ratio_high"]].isna().all(axis=None)
    assert (cell["expected"] == 3.0).all()
    assert not country["is_suppressed"].any()


def test_the_country_s_margins_do_not_give_a_withheld_cell_back():
    """Expected counts publish the totals of a diagnosis and of a tenure; see the model."""
    counts = np.full((1, 4, 9), 20)
    counts[0, :, 4] = (3, 0, 0, 0)
    _, country = suppress_breakdown(*frames(counts), threshold=5)
    hidden = matrix(country)[0].reshape(len(DIAGNOSES), len(TENURES))
    observed = counts[0].sum(axis=0).reshape(hidden.shape)
    assert hidden[1, 1]
    for mask, line in [
        *zip(hidden, observed, strict=True),
        *zip(hidden.T, observed.T, strict=True),
    ]:
        assert not mask.any() or (mask.sum() >= 2 and line[mask].sum() >= 5)


def test_a_single_withheld_cell_takes_others_with_it_in_its_row_and_column():
    counts = np.full((1, 4, 9), 20)
    counts[0, 0, 0] = 3
    withheld = matrix(suppress_breakdown(*frames(counts), threshold=5)[0])
    assert withheld[0].sum() >= 2
    assert withheld[:, 0].sum() >= 2


def test_nothing_is_withheld_when_every_count_may_be_shown():
    counts = np.full((1, 3, 9), 5)
    counts[0, 1, 4] = 0
    breakdown, country = suppress_breakdown(*frames(counts), threshold=5)
    assert not breakdown["is_suppressed"].any()
    assert breakdown["observed"].tolist() == frames(counts)[0]["observed"].tolist()
    assert not country["is_suppressed"].any()


def test_any_is_withheld_where_one_of_its_parts_is():
    counts = np.full((3, 4, 9), 30)
    counts[0, 2, 5] = 2  # FP
    breakdown, _ = suppress_breakdown(*frames(counts, outcomes=("FP", "FJ", "ANY")), threshold=5)
    any_cells = breakdown[(breakdown["outcome"] == "ANY")]
    assert matrix(any_cells)[2, 5]


def test_models_that_disagree_on_counts_are_refused():
    breakdown, country = frames(np.full((1, 2, 9), 7))
    breakdown.loc[0, "observed"] = 8
    with pytest.raises(ValueError, match="models disagree"):
        suppress_breakdown(breakdown, country, threshold=5)


def test_a_country_that_is_not_the_sum_is_refused():
    breakdown, country = frames(np.full((1, 2, 9), 7))
    country["observed"] += 1
    with pytest.raises(ValueError, match="not the sum"):
        suppress_breakdown(breakdown, country, threshold=5)


@settings(max_examples=30, deadline=None)
@example(
    [
        [0, 0, 0, 0, 0, 0, 0, 0, 0],
        [0, 0, 0, 0, 0, 0, 5, 0, 0],
        [0, 0, 0, 1, 4, 0, 0, 0, 0],
        [1, 0, 0, 4, 1, 0, 0, 0, 0],
        [4, 0, 0, 0, 0, 0, 1, 0, 0],
    ]
)
@given(st.lists(st.lists(st.integers(0, 12), min_size=9, max_size=9), min_size=3, max_size=6))
def test_no_withheld_small_count_can_be_solved_from_the_totals(table):
    """Attack: the published cells and totals as linear equations, each hidden cell min and max."""
    counts = np.array([table])
    breakdown, country = suppress_breakdown(*frames(counts), threshold=5)
    hidden, hidden_country = matrix(breakdown), matrix(country)[0]
    truth = counts[0]
    cells = np.argwhere(hidden)
    country_cells = np.flatnonzero(hidden_country)
    unknowns = len(cells) + len(country_cells)
    if not unknowns:
        return
    equations, sides = [], []
    mental = np.arange(truth.shape[1]) < len(TENURES)
    for m in range(truth.shape[0]):  # municipality total is published, and its mental share
        totals = [truth[m, mental].sum(), truth[m, ~mental].sum()]
        parts = [np.ones(9, dtype=bool)]
        if not any(0 < total < 5 for total in totals):
            parts = [mental, ~mental]
        for part in parts:
            row = np.zeros(unknowns)
            row[: len(cells)] = (cells[:, 0] == m) & part[cells[:, 1]]
            equations.append(row)
            sides.append(truth[m, hidden[m] & part].sum())
    for c in range(truth.shape[1]):  # municipalities add up to the country
        row = np.zeros(unknowns)
        row[: len(cells)] = cells[:, 1] == c
        if hidden_country[c]:
            row[len(cells) + np.flatnonzero(country_cells == c)] = -1
            sides.append(-truth[~hidden[:, c], c].sum())
        else:
            sides.append(truth[hidden[:, c], c].sum())
        equations.append(row)
    row = np.zeros(unknowns)
    row[len(cells) :] = 1
    equations.append(row)
    sides.append(truth.sum(axis=0)[hidden_country].sum())
    for position, (m, c) in enumerate(cells):
        small = 0 < truth[m, c] < 5
        alone = hidden[m].all() and truth[m].sum() < 5  # the published total itself is the count
        if not small or alone:
            continue
        low, high = (
            linprog(sign * np.eye(unknowns)[position], A_eq=equations, b_eq=sides).fun * sign
            for sign in (1, -1)
        )
        assert high - low > 0.5, (m, c, truth.tolist(), hidden.astype(int).tolist())


def test_few_grants_at_a_coefficient_level_are_not_shown_nor_left_to_subtraction():
    frame = pd.DataFrame(
        {
            "outcome": "FP",
            "model": "within",
            "term": ["sex"] * 2 + ["age_band"] * 4,
            "level": ["female", "male", "a", "b", "c", "d"],
            "n_events": [40, 24, 0, 4, 20, 40],
        }
    )
    shown = suppress_coefficients(frame, threshold=5)["n_events"]
    assert shown.isna().tolist() == [False, False, False, True, True, False]


def test_a_published_share_of_mental_diagnoses_does_not_give_a_cell_back():
    counts = np.full((1, 4, 9), 20)
    counts[0, 0, 0] = 3  # mental, alone in its line; 20 of the others would do for the row
    withheld = matrix(suppress_breakdown(*frames(counts), threshold=5)[0])
    assert withheld[0, :3].sum() >= 2
