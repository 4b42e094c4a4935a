"""The release gate: what a new release, beside all that were ever published, would single out.

Noise that persons decide stays the same in a cell that nobody enters or leaves and is drawn anew in
one that somebody does. So the set of cells that change between two releases is the record of those
who came or went; where they are few, it is the record of a person. The ledger keeps, for every
release ever published in the home, who was counted where, as counts and sums of record keys; it
is about single persons and stays with the registers. A candidate is held against each of them,
whatever its window, ages or settings, in the years that both count.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

#: Columns of an entry: what is counted, where, in which cell, how many and their keys' sum.
ENTRY = ("kind", "municipality_code", "year", "cell", "n", "key")
#: Cells with other keys than before, of those with the same count, from which the key is another.
_OTHER_KEY_SHARE = 0.9


def entry(parts: Mapping[str, tuple[pd.DataFrame, str, str]]) -> pd.DataFrame:
    """Return a release's entry in the ledger, columns :data:`ENTRY`, cells with a count only.

    ``parts`` maps what is counted to a frame with municipality_code, any cell columns and perhaps
    ``year``, and the names of its columns of counts and of sums of record keys.
    """
    made = []
    for kind, (frame, count, key) in parts.items():
        others = [name for name in frame if name not in (count, key, "municipality_code", "year")]
        cell = pd.Series("", index=frame.index)
        for name in others:
            cell = cell + frame[name].astype(str) + "|"
        made.append(
            pd.DataFrame(
                {
                    "kind": kind,
                    "municipality_code": frame["municipality_code"].astype(str),
                    "year": frame["year"].astype("int64") if "year" in frame else 0,
                    "cell": cell,
                    "n": frame[count].astype("int64"),
                    "key": frame[key].astype("int64"),
                }
            )
        )
    whole = pd.concat(made, ignore_index=True)
    whole = whole.groupby(list(ENTRY[:4]), sort=True, as_index=False)[["n", "key"]].sum()
    return whole[whole["n"] > 0].reset_index(drop=True)


def changed_persons(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return kind, municipality_code and n_changed: how many were counted in one entry alone.

    Only years and kinds of counts that both have: a release of fewer outcomes tells of nobody. A
    cell with as many as before but another key has one who came and one who went. Places without
    change are left out.
    """
    years = set(before["year"]) & set(after["year"])
    kinds = set(before["kind"]) & set(after["kind"])
    old, new = (
        part[part["year"].isin(years) & part["kind"].isin(kinds)] for part in (before, after)
    )
    both = old.merge(new, on=list(ENTRY[:4]), how="outer", suffixes=("_old", "_new")).fillna(0)
    moved = (both["n_new"] - both["n_old"]).abs()
    n_changed = np.where((moved == 0) & (both["key_new"] != both["key_old"]), 2, moved)
    return (
        both.assign(n_changed=n_changed.astype("int64"))
        .groupby(["kind", "municipality_code"], as_index=False)["n_changed"]
        .sum()
        .query("n_changed > 0")
        .reset_index(drop=True)
    )


def refusals(
    ledger: Mapping[str, pd.DataFrame], candidate: pd.DataFrame, *, smallest: int, batch: int
) -> list[str]:
    """Return why ``candidate`` may not be published beside the releases of ``ledger``; else none.

    Refused is a release against which, of what is counted, 1 to ``smallest - 1`` persons change in
    a municipality, unless ``batch`` or more change in the country: among so many changes none
    stands out by being there; and one whose record keys are others, since two draws of the same
    noise could be averaged.
    """
    found = []
    for name, before in ledger.items():
        if _has_other_keys(before, candidate):
            found.append(f"{name}: the record keys are others, so all noise would be drawn again")
            continue
        changed = changed_persons(before, candidate)
        for kind, places in changed.groupby("kind"):
            few = places[places["n_changed"] < smallest]
            total = int(places["n_changed"].sum())
            if len(few) and total < batch:
                found.append(
                    f"{name}: fewer than {smallest} {kind} differ in {len(few)} municipalities"
                    f" (in all fewer than {batch})"
                )
    return found


def _has_other_keys(before: pd.DataFrame, after: pd.DataFrame) -> bool:
    both = before.merge(after, on=[*ENTRY[:4], "n"], suffixes=("_old", "_new"))
    return bool(len(both)) and bool((both["key_old"] != both["key_new"]).mean() >= _OTHER_KEY_SHARE)
