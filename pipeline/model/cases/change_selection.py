"""Which municipalities to visit because their grants changed: the table of a selection by change.

VIVE's study of young people's pensions (2024) took four of the ten municipalities whose grants rose
most against the years before the reform of 2013, two of the ten at the other end and one where
nothing changed. Which of the ten it did not say: here the set that lies in most regions, and of
such sets the one whose changes are told best, by a mixed-integer program (HiGHS, as SciPy has it,
with no gap left). A pure function of what a release publishes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import LinearConstraint

from pipeline.cases.declaration import Change, ChangeSelection
from pipeline.catalogue import columns, empty_frame
from pipeline.model.cases.clusters import solved
from pipeline.model.cases.places import has_reported, outcome_of

TABLE = "case_study_change"
RISING, FALLING, UNCHANGED = "rising", "falling", "unchanged"


@dataclass(frozen=True)
class _Places:
    """M municipalities with a change, in the order of their codes; ``frame`` has their rows.

    ``failed`` by criterion and ``side`` are (M,); ``sureness`` (M,) is the larger, the better a
    municipality's change, or that it has none, is told.
    """

    frame: pd.DataFrame
    failed: dict[str, np.ndarray]
    side: np.ndarray
    sureness: np.ndarray


def case_change_frames(
    tables: Mapping[str, pd.DataFrame], asked: ChangeSelection
) -> dict[str, pd.DataFrame]:
    """Return ``case_study_change`` of one run: by municipality whether it is chosen, or why not.

    ``tables`` are ``benchmark``, ``change``, ``completeness`` and ``municipality`` as published.
    Empty where no change of the outcome is told. Fewer than asked for are chosen of a kind that has
    fewer. Ties are broken by the code. Raises :class:`ModelError` where the release does not answer
    the outcome asked for.
    """
    outcome = outcome_of(tables["benchmark"], asked)
    own = tables["change"][tables["change"]["outcome"] == outcome]
    if own.empty:
        return {TABLE: empty_frame(TABLE)}
    places = _places(own, tables, asked.change)
    is_chosen = _best(places, asked.change)
    n_failed = np.sum(list(places.failed.values()), axis=0)
    standing = np.select(
        [is_chosen, n_failed > 1, n_failed == 1, places.side != ""],
        ["chosen", "out", "near", "not_best"],
        "between",
    )
    made = places.frame.assign(
        selection=asked.name,
        side=pd.Series(places.side, dtype=object).replace("", None).to_numpy(),
        standing=standing,
        failed=pd.Series(
            [
                ", ".join(name for name, out in places.failed.items() if out[at]) or None
                for at in range(len(standing))
            ],
            dtype=object,
        ),
    )
    return {TABLE: made[list(columns(TABLE))]}


def _places(own: pd.DataFrame, tables: Mapping[str, pd.DataFrame], asked: Change) -> _Places:
    """Return the municipalities of ``own``, rows of ``change`` of one outcome."""
    facts = tables["municipality"][["municipality_code", "region_name", "population_2007"]]
    frame = own.merge(facts, on="municipality_code", how="left", validate="one_to_one")
    frame = frame.sort_values("municipality_code", ignore_index=True)
    frame["population_2007"] = frame["population_2007"].fillna(0).astype("int64")
    frame["is_reported"] = has_reported(tables["completeness"], list(frame["municipality_code"]))
    least = frame[["expected", "baseline_expected"]].min(axis=1).to_numpy(dtype=float)
    failed = {
        "residents": (frame["population_2007"] < asked.least_residents).to_numpy(),
        "expected": least < asked.least_expected,
        "reported": ~frame["is_reported"].to_numpy(dtype=bool) & asked.is_reported,
    }
    effect, low, high = (
        frame[name].to_numpy(dtype=float)
        for name in (f"change_effect_shrunk{end}" for end in ("", "_low", "_high"))
    )
    widest = np.maximum(np.abs(low), np.abs(high))
    able = ~np.any(list(failed.values()), axis=0)
    side = np.full(len(frame), "", dtype=object)
    rank = frame["rank"].to_numpy(dtype=float)
    # A municipality that is at an end is not unchanged.
    for name, order in ((RISING, -rank), (FALLING, rank), (UNCHANGED, widest)):
        free = np.flatnonzero(able & (side == ""))
        if name == UNCHANGED:
            free = free[(low[free] <= 0) & (high[free] >= 0)]
        else:
            free = free[(effect[free] > 0) == (name == RISING)]
        side[free[np.argsort(order[free], kind="stable")[: asked.among]]] = name
    return _Places(frame, failed, side, np.where(side == UNCHANGED, -widest, np.abs(effect)))


def _best(places: _Places, asked: Change) -> np.ndarray:
    """Return (M,) which municipalities make the best set: most regions, then sureness."""
    at = np.flatnonzero(places.side != "")
    is_chosen = np.zeros(len(places.side), dtype=bool)
    if not len(at):
        return is_chosen
    side, region = places.side[at], places.frame["region_name"].fillna("").to_numpy()[at]
    regions = np.unique(region)
    n, n_regions = len(at), len(regions)
    # Whole regions count first: the gains of all municipalities together are less than one.
    gain = np.zeros(n)
    for name in (RISING, FALLING, UNCHANGED):
        own = side == name
        gain[own] = 1 + np.argsort(np.argsort(places.sureness[at][own], kind="stable"))
    gain /= gain.sum() + 1
    constraints = []
    for name, number in (
        (RISING, asked.rising),
        (FALLING, asked.falling),
        (UNCHANGED, asked.unchanged),
    ):
        own = (side == name).astype(float)
        size = min(number, int(own.sum()))
        row = np.concatenate([own, np.zeros(n_regions)])
        constraints.append(LinearConstraint(row[None, :], lb=size, ub=size))
    covered = np.hstack([-(region[None, :] == regions[:, None]).astype(float), np.eye(n_regions)])
    constraints.append(LinearConstraint(covered, ub=0))
    best = solved(np.concatenate([gain, np.ones(n_regions)]), constraints)
    if best is not None:  # pragma: no branch - so many of each kind are there
        is_chosen[at[best[:n] > 0]] = True
    return is_chosen
