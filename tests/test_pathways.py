"""Pathways: dissimilarities, medoids and agreement are right; planted types are found again."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from fabricated_courses import _pathways
from hypothesis import given, settings
from hypothesis import strategies as st
from planted_courses import STATES, planted_courses

from pipeline.codes import benefit_states
from pipeline.codes.pathways import pathway_names, pathways_by_rule
from pipeline.disclosure import CellKey
from pipeline.model.courses.medoids import adjusted_rand, partition, silhouette
from pipeline.model.courses.pathways import TABLES, Courses, pathway_frames
from pipeline.model.courses.sequences import INDEL, distances, matrix_of, steps_of
from pipeline.model.courses.sequences import substitution_costs as costs_of
from pipeline.model.courses.typology import find_types, place
from pipeline.model.national.protection import Unprotected
from synthetic_data.events.benefits import DREAM_CODES
from synthetic_data.events.benefits import STATES as GENERATED

COSTS = costs_of(STATES, [("flexjob", "flexjob_unemployment")])


def plainly(one: np.ndarray, other: np.ndarray, costs: np.ndarray) -> float:
    """Return the optimal matching distance by the textbook's table, cell by cell."""
    table = np.zeros((len(one) + 1, len(other) + 1))
    table[:, 0] = INDEL * np.arange(len(one) + 1)
    table[0] = INDEL * np.arange(len(other) + 1)
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            table[i + 1, j + 1] = min(
                table[i, j] + costs[a, b], table[i, j + 1] + INDEL, table[i + 1, j] + INDEL
            )
    return float(table[-1, -1])


@settings(max_examples=25)
@given(st.integers(0, 2**32 - 1))
def test_distances_are_those_of_the_table(seed: int) -> None:
    random = np.random.default_rng(seed)
    sequences = random.integers(0, len(STATES), (6, 9)).astype(np.int16)
    cost = distances(sequences, sequences[:4], COSTS)
    expected = [[plainly(a, b, COSTS) for b in sequences[:4]] for a in sequences]
    assert cost == pytest.approx(np.array(expected))
    assert matrix_of(sequences, COSTS)[:, :4] == pytest.approx(cost)


def test_four_weeks_are_the_state_that_most_of_them_have() -> None:
    weeks = np.array([[1, 1, 1, 2, 2, 3, 3, 3, 1, 1, 2, 2, 1, 2, 3, 4, 5, 2, 5, 1]])
    assert steps_of(weeks).tolist() == [[1, 3, 2, 4, 5]]


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_medoids_are_the_best_there_are_of_small_sets(seed: int) -> None:
    random = np.random.default_rng(seed)
    centres = np.repeat([[0.0, 0], [10, 0], [0, 10]], 5, axis=0)
    points = centres + random.normal(size=(15, 2))
    distance = np.linalg.norm(points[:, None] - points[None], axis=2)

    def cost(medoids: tuple[int, ...]) -> float:
        return float(distance[:, list(medoids)].min(axis=1).sum())

    best = min(cost(medoids) for medoids in combinations(range(15), 3))
    assert cost(tuple(partition(distance, 3))) == pytest.approx(best)


def test_agreement_and_width_of_known_partitions() -> None:
    # Hubert & Arabie's index of two groups against two others: worked out by hand.
    assert adjusted_rand(np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 2, 2])) == (
        pytest.approx((2 - 6 * 3 / 15) / ((6 + 3) / 2 - 6 * 3 / 15))
    )
    assert adjusted_rand(np.array([0, 0, 1, 1]), np.array([5, 5, 2, 2])) == 1
    line = np.array([0.0, 1, 10, 11])
    distance = np.abs(line[:, None] - line[None])
    own, other = 1.0, np.array([10.5, 9.5, 9.5, 10.5])
    expected = ((other - own) / other).mean()
    assert silhouette(distance, np.array([0, 0, 1, 1])) == pytest.approx(expected)


@pytest.mark.parametrize("seed", [1])
def test_planted_types_are_found_with_their_shares(seed: int) -> None:
    weeks, kind = planted_courses(500, seed)
    by_rule = pathways_by_rule(weeks, STATES)
    types = find_types(weeks, by_rule, COSTS, 5, seed)
    label = place(weeks, types, COSTS)
    assert adjusted_rand(label, kind) > 0.8
    order = ("ill_employee", "long_cash_benefit", "commuter", "short_cash_benefit", "flexjob")
    truth = np.array([pathway_names().index(name) for name in order])[kind]
    shares = [np.bincount(of, minlength=5) / len(kind) for of in (label, truth)]
    assert np.abs(shares[0] - shares[1]).max() < 0.02
    assert types.agreement > 0.9
    again = find_types(weeks, by_rule, COSTS, 5, seed)
    assert (again.medoids == types.medoids).all()


def test_names_of_rules_are_benefit_states() -> None:
    known = {*benefit_states(), "none"}
    assert set(STATES) <= known
    assert len(GENERATED) <= len(DREAM_CODES)


def test_expected_grants_add_up_to_those_typed() -> None:
    every = _pathways()["pathway"]
    for _, made in every.groupby("method"):
        _check_expected(made)


def _check_expected(made: pd.DataFrame) -> None:
    of_outcome = made[made["area_code"] == "000"].groupby("outcome")["expected"].sum()
    # As they are shown: with noise.
    assert of_outcome.to_dict() == pytest.approx({"FP": 190.0, "FJ": 190.0}, abs=CellKey().reach)
    municipal = made[made["area_code"].isin(["101", "751"])].groupby("outcome")["expected"].sum()
    assert municipal.to_dict() == pytest.approx(of_outcome.to_dict())


def test_without_grants_there_are_no_pathways() -> None:
    nobody = pd.DataFrame({"outcome": pd.Series(dtype="str")})
    frames = pathway_frames(
        Courses(nobody, np.zeros((0, 260), dtype=np.int8), STATES),
        nobody,
        {},
        "tenure_band",
        {},
        Unprotected(),
        level=0.95,
        seed=1,
    )
    assert set(frames) == set(TABLES)
    assert all(frame.empty for frame in frames.values())
