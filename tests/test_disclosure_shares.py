"""Exact numbers: how much of what the counts allow is shown, and what is taken along for it."""

from __future__ import annotations

from itertools import chain, combinations

import numpy as np
import pytest
from scipy.optimize import OptimizeResult

from pipeline.codes import main_levels
from pipeline.disclosure import margins
from pipeline.disclosure.families import Family, Name, crossed, one_way
from pipeline.disclosure.lines import is_small
from pipeline.disclosure.programme import Companions, known
from pipeline.disclosure.rule import withheld

OUTCOMES = ("ANY", "FJ", "FP")
THRESHOLD = 5
#: Level -> shares of pensions and of flexjobs (in thousandths), about those of the whole country.
SHARES: dict[str, dict[str, tuple[int, int]]] = {
    "age_band": {
        "18-24": (69, 30),
        "25-29": (51, 50),
        "30-39": (187, 215),
        "40-49": (243, 289),
        "50-59": (373, 405),
        "60-64": (77, 11),
    },
    "tenure_band": {
        "none": (486, 614),
        "up_to_1": (147, 173),
        "1_to_2": (80, 78),
        "2_to_5": (182, 101),
        "over_5": (105, 34),
    },
    "diagnosis_group": {
        "mental": (550, 260),
        "musculoskeletal": (182, 423),
        "circulatory": (49, 42),
        "nervous": (53, 60),
        "neoplasm": (38, 31),
        "injury": (29, 72),
        "respiratory": (27, 32),
        "endocrine": (22, 19),
        "congenital": (14, 14),
        "other": (36, 47),
    },
}


def drawn(rng: np.random.Generator, shares: np.ndarray, n: int) -> np.ndarray:
    """Return (O, n, A) grants of ``n`` municipalities by ``shares`` (A, 2) of FP and of FJ."""
    size = rng.lognormal(5.2, 0.7, (n, 1))
    pensions = rng.poisson(size * shares[:, 0])
    flexjobs = rng.poisson(size * 0.36 * shares[:, 1])
    both = np.minimum(rng.binomial(pensions, 0.035), flexjobs)
    return np.stack([pensions + flexjobs - both, flexjobs, pensions])


def of_levels(dimension: str, n: int, seed: int = 1) -> tuple[Family, np.ndarray]:
    """Return the family of one dimension and grants of ``n`` municipalities."""
    levels = SHARES[dimension]
    family = one_way(dimension, tuple(levels), main_levels())
    shares = np.array(list(levels.values())) / 1000
    return family, drawn(np.random.default_rng(seed), shares, n)


def shown_of_allowed(
    family: Family, atoms: np.ndarray, hidden: np.ndarray, table: str
) -> np.ndarray:
    """Return (O,) of the grants in counts of 5 and more of ``table``, the share that is shown."""
    at = [place for name, place in family.place.items() if name[0] == table]
    counts = family.values(atoms)[:, :, at]
    allowed = np.where(counts >= THRESHOLD, counts, 0)
    return np.asarray(
        np.where(hidden[:, :-1, at], 0, allowed).sum(axis=(1, 2)) / allowed.sum(axis=(1, 2))
    )


@pytest.mark.parametrize(
    ("dimension", "tables"),
    [
        ("age_band", ("age_band",)),
        ("tenure_band", ("tenure_band",)),
        ("diagnosis_group", ("diagnosis_group", "diagnosis_main")),
    ],
)
def test_nine_tenths_of_what_counts_allow_are_shown_by_one_dimension(dimension, tables) -> None:
    family, atoms = of_levels(dimension, 60)
    hidden = withheld(family, OUTCOMES, atoms, THRESHOLD)
    counts = family.values(atoms)
    assert not (is_small(counts, THRESHOLD) & ~hidden[:, :-1])[:, :, 1:].any()
    for table in tables:
        assert (shown_of_allowed(family, atoms, hidden, table) > 0.9).all(), table
    asked = hidden[:, :-1] & is_small(counts, THRESHOLD)
    everything = np.ones_like(hidden)
    everything[:, :, family.total] = False
    left = known(family, OUTCOMES, atoms, hidden, asked, is_exact=True)
    assert not (left & ~known(family, OUTCOMES, atoms, everything, left, is_exact=True)).any()


def test_they_would_not_be_if_main_ages_came_first(monkeypatch) -> None:
    monkeypatch.setitem(margins.WORTH, "age_main", 1.5)
    family, atoms = of_levels("age_band", 60)
    hidden = withheld(family, OUTCOMES, atoms, THRESHOLD)
    assert shown_of_allowed(family, atoms, hidden, "age_band").min() < 0.9


def test_crosses_cost_levels_nothing() -> None:
    groups, bands = SHARES["diagnosis_group"], SHARES["tenure_band"]
    family = crossed(
        ("diagnosis_group", tuple(groups)),
        ("tenure_band", tuple(bands)),
        ("breakdown", "breakdown_main"),
        main_levels(),
    )
    shares = np.array([np.multiply(a, b) for a in groups.values() for b in bands.values()]) / 1e6
    atoms = drawn(np.random.default_rng(2), shares, 6)
    hidden = withheld(family, OUTCOMES, atoms, THRESHOLD)
    for dimension, axis in (("diagnosis_group", 3), ("tenure_band", 2)):
        alone = one_way(dimension, tuple(SHARES[dimension]), main_levels())
        sums = atoms.reshape(*atoms.shape[:2], len(groups), len(bands)).sum(axis=axis)
        of_levels_alone = withheld(alone, OUTCOMES, sums, THRESHOLD)
        for name, place in alone.place.items():
            assert (hidden[:, :, family.place[name]] == of_levels_alone[:, :, place]).all(), name


def ages(counts: list[int]) -> dict[Name, bool]:
    """Return which levels are withheld of pensions by age where nobody has a flexjob."""
    family = one_way("age_band", tuple(SHARES["age_band"]), main_levels())
    pensions = np.array(counts)
    atoms = np.repeat(np.stack([pensions, pensions * 0, pensions])[:, None], 2, axis=1)
    hidden = withheld(family, OUTCOMES, atoms, THRESHOLD)
    return {name: bool(hidden[2, 0, place]) for name, place in family.place.items()}


def test_the_small_ages_at_both_ends_go_together_and_those_between_stand() -> None:
    hidden = ages([3, 20, 40, 60, 80, 4])
    assert {name for name, is_hidden in hidden.items() if is_hidden} == {
        *(("age_band", "18-24"), ("age_band", "60-64")),
        *(("age_main", "18-39"), ("age_main", "50_and_over")),
    }
    # One level that is a main level by itself stands in both tables.
    assert not hidden["age_main", "40-49"]


def test_the_cheapest_counts_are_taken_along_that_free_the_known_one() -> None:
    """Beside every set of shown counts of a small municipality, whose levels the country knows."""
    family = one_way("age_band", ("a", "b", "c", "d"), {})
    pensions, flexjobs, both = np.array([[3, 9, 12, 30], [6, 7, 9, 11], [0, 0, 1, 0]])
    municipality = np.stack([pensions + flexjobs - both, flexjobs, pensions])
    atoms = np.stack([municipality, municipality + 40], axis=1)
    counts = family.values(atoms)
    all_counts = np.concatenate([counts, counts.sum(axis=1, keepdims=True)], axis=1)
    hidden = np.zeros(all_counts.shape, dtype=bool)
    at = (2, 0, family.place["age_band", "a"])
    hidden[at] = True
    hidden[:, 1, 1:] = True
    price = margins.prices(family, all_counts)
    (further, moved) = Companions(family, OUTCOMES, atoms, hidden, price).of(at, hidden) or ((), ())
    assert moved[at]

    def is_free(more: np.ndarray) -> bool:
        trial, asked = hidden.copy(), np.zeros(counts.shape, dtype=bool)
        trial[tuple(more.T)] = asked[at] = True
        return not known(family, OUTCOMES, atoms, trial, asked, is_exact=True).any()

    shown = np.argwhere(~hidden[:, :1] & (np.arange(hidden.shape[2]) != family.total))
    sets = chain.from_iterable(combinations(range(len(shown)), size) for size in range(4))
    costs = {of: price[tuple(shown[list(of)].T)].sum() for of in sets}
    cheapest = next(of for of in sorted(costs, key=costs.__getitem__) if is_free(shown[list(of)]))
    assert sorted(map(tuple, further)) == sorted(map(tuple, shown[list(cheapest)]))
    assert len(further)


def test_nothing_is_taken_along_for_a_count_that_is_known_in_any_case() -> None:
    family = one_way("age_band", ("a", "b"), {})
    atoms = np.array([[[3, 40]]])
    hidden = np.zeros((1, 2, 3), dtype=bool)
    at = (0, 0, family.place["age_band", "a"])
    hidden[at] = True
    price = np.ones(hidden.shape)
    assert Companions(family, ("FP",), atoms, hidden, price).of(at, hidden) is None


def test_all_of_a_municipality_is_withheld_where_no_answer_is_found(monkeypatch) -> None:
    family = one_way("age_band", ("a", "b", "c"), {})
    atoms = np.array([[[3, 40, 9], [30, 20, 50]]])
    hidden = np.zeros((1, 3, 4), dtype=bool)
    at = (0, 0, family.place["age_band", "a"])
    hidden[at] = True
    companions = Companions(family, ("FP",), atoms, hidden, np.ones(hidden.shape))
    gave_up = OptimizeResult(x=None, status=4)
    monkeypatch.setattr("pipeline.disclosure.programme.linprog", lambda *_, **__: gave_up)
    further, moved = companions.of(at, hidden)
    assert {tuple(of) for of in further} == {(0, 0, family.place["age_band", of]) for of in "bc"}
    assert not moved.any()
