"""Levels withheld with exact numbers: enough that none is known, and the fewest grants."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.disclosure.families import Family, one_way
from pipeline.disclosure.lines import is_small
from pipeline.disclosure.margins import prices, withhold_levels
from pipeline.disclosure.programme import known

OUTCOMES = ("ANY", "FJ", "FP")
LEVELS = ("18-29", "30-39", "40-49", "50-59", "60-64")
MAINS = {
    "age_main": (
        "age_band",
        dict(zip(LEVELS, ("18-39", "18-39", "40-49", "50-64", "50-64"), strict=True)),
    )
}


def choice(family: Family, atoms: np.ndarray) -> np.ndarray:
    """Return (O, M, S) what is withheld of ``atoms`` (O, M, A)."""
    counts = family.values(atoms)
    hidden = is_small(counts, 5)
    hidden[hidden[:, :, family.total]] = True
    hidden[:, :, family.total] = False
    all_counts = np.concatenate([counts, counts.sum(axis=1, keepdims=True)], axis=1)
    withhold_levels(family, OUTCOMES, counts, hidden, prices(family, all_counts)[:, :-1], 5)
    return hidden


def unsure(family: Family, atoms: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """Return the small counts that are known of municipalities, each looked at on its own."""
    alone = replace(family, is_margin=np.zeros_like(family.is_margin))
    country = np.ones((len(OUTCOMES), 1, hidden.shape[2]), dtype=bool)
    asked = hidden & is_small(family.values(atoms), 5)
    shown = np.concatenate([hidden, country], axis=1)
    return known(alone, OUTCOMES, atoms, shown, asked, is_exact=True)


def counts_of(rng: np.random.Generator, n: int) -> np.ndarray:
    """Return the levels of FP, FJ and ANY in ``n`` municipalities; few have both."""
    size = rng.uniform(5, 150, (n, 1))
    pensions = rng.poisson(size * [0.08, 0.15, 0.25, 0.35, 0.17])
    flexjobs = rng.poisson(size / 3 * [0.08, 0.3, 0.3, 0.27, 0.05])
    both = np.minimum(rng.binomial(pensions, 0.04), flexjobs)
    return np.stack([pensions + flexjobs - both, flexjobs, pensions])


@pytest.mark.parametrize("mains", [MAINS, {}])
def test_no_small_level_is_known_that_would_not_be_in_any_case(mains) -> None:
    family = one_way("age_band", LEVELS, mains)
    atoms = counts_of(np.random.default_rng(5), 24)
    hidden = choice(family, atoms)
    everything = np.ones_like(hidden)
    everything[:, :, family.total] = False
    assert (hidden & is_small(family.values(atoms), 5)).sum() > 40
    assert not (unsure(family, atoms, hidden) & ~unsure(family, atoms, everything)).any()
    # The smallest beside each alone would not do.
    few = is_small(family.values(atoms), 5)
    few[:, :, family.total] = False
    assert unsure(family, atoms, few).any()


def test_the_level_where_somebody_has_both_goes_with_it_not_the_smallest() -> None:
    """Pensions are ANY less flexjobs in each level but one; only there anything can be moved."""
    family = one_way("age_band", LEVELS, {})
    pensions, flexjobs = np.array([3, 9, 12, 30, 8]), np.array([6, 7, 9, 11, 6])
    both = np.array([0, 0, 1, 0, 0])
    atoms = np.stack([pensions + flexjobs - both, flexjobs, pensions])[:, None]
    (of_any,), (of_flexjob,), (of_pension,) = choice(family, atoms)
    assert not of_any.any()
    assert not of_flexjob.any()
    named = [level for level in LEVELS if of_pension[family.place["age_band", level]]]
    assert named == ["18-29", "40-49"]


def test_a_main_level_is_kept_where_its_levels_can_be_withheld() -> None:
    family = one_way("age_band", LEVELS, MAINS)
    counts = np.array([4, 9, 40, 50, 30])
    atoms = np.stack([counts, counts * 0, counts])[:, None]
    hidden = choice(family, atoms)[[0, 2], 0]
    assert hidden[:, family.place["age_band", "18-29"]].all()
    assert hidden[:, family.place["age_band", "30-39"]].all()
    assert hidden.sum() == 4


def test_nothing_is_withheld_beside_nothing_small() -> None:
    family = one_way("age_band", LEVELS, MAINS)
    counts = np.array([14, 9, 40, 50, 30])
    assert not choice(family, np.stack([counts, counts * 0, counts])[:, None]).any()


def test_of_a_small_total_every_level_is_withheld() -> None:
    family = one_way("age_band", LEVELS, MAINS)
    counts = np.array([1, 0, 2, 0, 0])
    hidden = choice(family, np.stack([counts, counts * 0, counts])[:, None])
    assert (hidden[[0, 2], 0].sum(axis=1) == len(family.members) - 1).all()
    assert not hidden[1].any()
