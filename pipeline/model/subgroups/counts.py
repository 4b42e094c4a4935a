"""Grants by diagnosis inside the main groups as arrays, and added over areas and kinds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.model.courses.areas import COUNTRY
from pipeline.model.followups.rank_groups import FIFTH_AREAS, fifths_of_halves
from pipeline.model.subgroups.expected import KINDS, Subgroups

#: Stands for all diagnoses of a kind.
ALL = "all"


@dataclass(frozen=True)
class SubgroupCounts:
    """Grants of one outcome in M municipalities by S parts and two halves of the persons.

    Attributes
    ----------
    codes
        The M municipalities.
    kind, name
        The S + 3 rows of the tables: kind and part, the last three :data:`ALL` of a kind.
    observed, keys
        (M, S + 3, 2) grants as counted and the sums of their record keys, integers.
    expected
        (M, S + 3) expected grants of both halves together.
    n_parts
        S.
    """

    codes: tuple[str, ...]
    kind: tuple[str, ...]
    name: tuple[str, ...]
    observed: np.ndarray
    keys: np.ndarray
    expected: np.ndarray
    n_parts: int

    def total(self, values: np.ndarray) -> np.ndarray:
        """Return the sums of (M, S + 3, ...) ``values`` over the parts, kinds not counted again."""
        return np.asarray(values[:, : self.n_parts].sum(axis=1))

    def of_kinds(self, values: np.ndarray) -> np.ndarray:
        """Return the (M, 3, ...) ``values`` of the kinds."""
        return np.asarray(values[:, self.n_parts :])


def count_subgroups(
    grants: pd.DataFrame, expected: pd.DataFrame, subgroups: Subgroups
) -> SubgroupCounts:
    """Return the counts of one outcome.

    ``grants`` are rows of ``mart.grant_subgroup``; ``expected`` has municipality_code,
    diagnosis_subgroup and expected. Grants outside the municipalities of ``expected`` have no part.
    """
    names = list(subgroups.names)
    codes = tuple(sorted(set(expected["municipality_code"].astype(str))))
    place, part = (
        pd.Index(known).get_indexer(pd.Index(grants[column].astype(str)))
        for known, column in ((codes, "municipality_code"), (names, "diagnosis_subgroup"))
    )
    known = (place >= 0) & (part >= 0)
    shape = (len(codes), len(names), 2)
    half = grants["half"].to_numpy(dtype=np.int64)
    at = np.ravel_multi_index((place[known], part[known], half[known]), shape)
    member = np.array([[subgroups.kind[name] == kind for kind in KINDS] for name in names])

    def summed(column: str) -> np.ndarray:
        sums = np.zeros(int(np.prod(shape)), dtype=np.int64)
        np.add.at(sums, at, grants[column].to_numpy(dtype=np.int64)[known])
        parts = sums.reshape(shape)
        return np.concatenate([parts, np.einsum("msh,sk->mkh", parts, member)], axis=1)

    of_parts = expected.pivot(
        index="municipality_code", columns="diagnosis_subgroup", values="expected"
    )
    expects = of_parts.loc[list(codes), names].to_numpy(dtype=float)
    return SubgroupCounts(
        codes,
        (*(subgroups.kind[name] for name in names), *KINDS),
        (*names, *[ALL] * len(KINDS)),
        summed("n_events"),
        summed("events_key"),
        np.concatenate([expects, expects @ member], axis=1),
        len(names),
    )


def area_members(
    counts: SubgroupCounts, regions: Mapping[str, str]
) -> tuple[tuple[str, ...], np.ndarray]:
    """Return the A areas and (A, M, 2) whether a half of a municipality is counted in each.

    The country, the regions and the fifths of municipalities by practice, each half in the fifth
    that the grants of the other half make. ``regions`` maps municipality_code to the region's code.
    """
    of_place = np.array([regions[code] for code in counts.codes])
    codes = sorted(set(of_place))
    fifth = fifths_of_halves(counts.total(counts.observed), counts.total(counts.expected))
    members = [np.ones(fifth.shape, dtype=bool)]
    members += [np.repeat((of_place == code)[:, None], 2, axis=1) for code in codes]
    members += [fifth == number for number in range(len(FIFTH_AREAS))]
    return (COUNTRY, *codes, *FIFTH_AREAS), np.stack(members)
