"""The release gate: what a new release, beside all that were ever published, would single out.

Noise that persons decide stays the same in a cell that nobody enters or leaves and is drawn anew in
one that somebody does. So the set of cells that change between two releases is the record of those
who came or went; where they are few, it is the record of a person. The ledger keeps, for every
release ever published in the home, who was counted where, as counts and sums of record keys; it
is about single persons and stays with the registers. A candidate is held against each of them,
whatever its window, ages or settings, in the years that both count. Two questions cut the same
people into other cells; they are compared in what both cut alike, and without any cells. Two
questions about other people say who is asked about in one of them alone: their difference is a cell
that nobody has decided to show. So it is of two lists of those who took part in something.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd

#: Columns of an entry: what is counted, where, in which cell, how many and their keys' sum.
ENTRY = ("kind", "municipality_code", "year", "cell", "n", "key")
#: The kind whose years are those of the question.
AT_RISK = "persons at risk"
#: Beginning of a kind that is a list of persons, each a cell, of no year. A list is held against
#: all others, since two may differ by one person.
LIST = "participants in "
#: Column of an entry with what its cells are of: names with ``|`` between, each with its levels.
CUT = "cut"
#: Column of an entry with whom the question is about.
ASKED = "asked"
#: Cells with other keys than before, of those with the same count, from which the key is another.
_OTHER_KEY_SHARE = 0.9


def entry(
    parts: Mapping[str, tuple[pd.DataFrame, str, str]],
    levels: Mapping[str, Sequence[str]] | None = None,
    asked: str = "",
) -> pd.DataFrame:
    """Return a release's entry in the ledger: :data:`ENTRY`, ``cut`` and ``asked``, no empty cells.

    ``parts`` maps what is counted to a frame with municipality_code, any cell columns and perhaps
    ``year``, and the names of its columns of counts and of sums of record keys. ``levels`` are all
    levels of those cell columns that another release may cut otherwise, ``asked`` says whom the
    question is about, years apart.
    """
    made = []
    known = levels or {}
    for kind, (frame, count, key) in parts.items():
        others = [str(c) for c in frame if c not in (count, key, "municipality_code", "year")]
        cell = pd.Series("", index=frame.index)
        for name in others:
            cell = cell + frame[name].astype(str) + "|"
        part = pd.DataFrame(
            {
                "kind": kind,
                "municipality_code": frame["municipality_code"].astype(str),
                "year": frame["year"].astype("int64") if "year" in frame else 0,
                "cell": cell,
                "n": frame[count].astype("int64"),
                "key": frame[key].astype("int64"),
            }
        )
        part = part.groupby(list(ENTRY[:4]), sort=True, as_index=False)[["n", "key"]].sum()
        cuts = [f"{name}={','.join(known.get(name, ()))}" for name in others]
        made.append(part.assign(**{CUT: "|".join(cuts)}))
    whole = pd.concat(made, ignore_index=True)
    return whole[whole["n"] > 0].reset_index(drop=True).assign(**{ASKED: asked})


def changed_persons(before: pd.DataFrame, after: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return kinds, each with municipality_code and n_changed: who was counted in one entry alone.

    Only kinds of counts that both have, and of each the years that both look at: a release of fewer
    outcomes tells of nobody, and two years on their own have only what spans them in common. A
    cell with as many as before but another key has one who came and one who went. Places without
    change are left out. A kind whose cells are cut otherwise is there for each way in which the two
    can be compared. Two lists are compared in municipalities that both have.
    """
    changes: list[tuple[str, pd.DataFrame]] = []
    kinds = [part["kind"].unique() for part in (before, after)]
    for kind in sorted(set(kinds[0]) & set(kinds[1])):
        old, new = (part[part["kind"] == kind].reset_index(drop=True) for part in (before, after))
        if old.equals(new):
            continue
        years = _years(before, old) & _years(after, new)
        both = [part[part["year"].isin(years)] for part in (old, new)]
        changes += [(kind, _changed(*pair)) for pair in _comparable(both[0], both[1])]
    return changes + list(_of_two_lists(before, after))


def _of_two_lists(before: pd.DataFrame, after: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield who is in one of two lists alone, of other names, in municipalities that both have."""
    lists = [
        {
            kind: part[part["kind"] == kind]
            for kind in sorted(part["kind"].unique())
            if kind.startswith(LIST)
        }
        for part in (before, after)
    ]
    for first, second in product(*lists):
        if first == second:
            continue
        pair = lists[0][first], lists[1][second]
        both = set(pair[0]["municipality_code"]) & set(pair[1]["municipality_code"])
        if both:
            names = sorted(name.removeprefix(LIST) for name in (first, second))
            kind = f"{LIST}{' or '.join(names)} alone"
            old, new = (of[of["municipality_code"].isin(both)].assign(kind=kind) for of in pair)
            yield kind, _changed(old, new)


def _years(whole: pd.DataFrame, part: pd.DataFrame) -> set[int]:
    """Return the years that an entry looks at for the kind of ``part``, none counted included.

    Those of the persons at risk, so that a year's only grant is missed when it goes; a kind that
    reaches further, as a look-back does, has its own.
    """
    own, at_risk = set(part["year"]), set(whole.loc[whole["kind"] == AT_RISK, "year"])
    return at_risk if own <= at_risk else own


def _changed(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    both = old.merge(new, on=list(ENTRY[:4]), how="outer", suffixes=("_old", "_new"))
    counts = ["n_old", "n_new", "key_old", "key_new"]
    both[counts] = both[counts].fillna(0).astype("int64")
    moved = (both["n_new"] - both["n_old"]).abs()
    n_changed = np.where((moved == 0) & (both["key_new"] != both["key_old"]), 2, moved)
    return (
        both.assign(n_changed=n_changed.astype("int64"))
        .groupby("municipality_code", as_index=False)["n_changed"]
        .sum()
        .query("n_changed > 0")
        .reset_index(drop=True)
    )


def _comparable(old: pd.DataFrame, new: pd.DataFrame) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Return ``old`` and ``new``, of one kind, in each form in which their cells are the same.

    As they are where both are cut alike, and where an entry of an earlier version does not say.
    Else in the levels that both have of the names that both have, and without cells.
    """
    if old.empty or new.empty or CUT not in old or CUT not in new:
        return [(old, new)]
    cuts = [_cut_of(part) for part in (old, new)]
    if cuts[0] == cuts[1]:
        return [(old, new)]
    shared = {
        name: levels & cuts[1][name]
        for name, levels in cuts[0].items()
        if name in cuts[1] and (levels == cuts[1][name] or levels & cuts[1][name])
    }
    alike = [_in_common(part, cut, shared) for part, cut in zip((old, new), cuts, strict=True)]
    whole = [_in_common(part, cut, {}) for part, cut in zip((old, new), cuts, strict=True)]
    return [(alike[0], alike[1]), (whole[0], whole[1])]


def _cut_of(part: pd.DataFrame) -> dict[str, frozenset[str]]:
    """Return the names that the cells of ``part`` are of in order, each with its levels."""
    said = str(part[CUT].iloc[0])
    pairs = (name.partition("=") for name in said.split("|")) if said else ()
    return {name: frozenset(levels.split(",")) - {""} for name, _, levels in pairs}


def _in_common(
    part: pd.DataFrame, cut: Mapping[str, frozenset[str]], shared: Mapping[str, frozenset[str]]
) -> pd.DataFrame:
    """Return ``part`` by the names ``shared`` alone, cells at their levels where they have any."""
    values = part["cell"].str.split("|", expand=True)
    places = {name: values[number] for number, name in enumerate(cut)}
    is_kept = pd.Series(True, index=part.index)
    cell = pd.Series("", index=part.index)
    for name in sorted(shared):
        if shared[name]:
            is_kept &= places[name].isin(shared[name])
        cell = cell + places[name] + "|"
    kept = part.assign(cell=cell)[is_kept]
    return kept.groupby(list(ENTRY[:4]), as_index=False)[["n", "key"]].sum()


def refusals(
    ledger: Mapping[str, pd.DataFrame],
    candidate: pd.DataFrame,
    *,
    smallest: int,
    batch: int,
    least: float,
) -> list[str]:
    """Return why ``candidate`` may not be published beside the releases of ``ledger``; else none.

    Refused is a release against which, of what is counted, 1 to ``smallest - 1`` persons change in
    a municipality, unless ``batch`` or more change in the country: among so many changes none
    stands out by being there. Beside a question about other people that holds only where ``least``
    are expected to differ in the municipality, by its share of the persons at risk: of who is in
    one of two questions alone it is known who they are. And one whose record keys are others, since
    two draws of the same noise could be averaged. Lists of persons are held against each other too.
    """
    messages = []
    lists = candidate[candidate["kind"].str.startswith(LIST)]
    for name, before in {**ledger, "this release": lists}.items():
        if _has_other_keys(before, candidate):
            messages.append(
                f"{name}: the record keys are others, so all noise would be drawn again"
            )
            continue
        for kind, places in changed_persons(before, candidate):
            few = places[places["n_changed"] < smallest]
            total = int(places["n_changed"].sum())
            said = f"{name}: fewer than {smallest} {kind} differ in"
            if len(few) and total < batch:
                messages.append(f"{said} {len(few)} municipalities (in all fewer than {batch})")
            elif _asks_others(before, candidate):
                expected = total * _share_of_risk(candidate).reindex(few["municipality_code"])
                n_rare = int((expected.fillna(0.0) < least).sum())
                if n_rare:
                    messages.append(
                        f"{said} {n_rare} municipalities where fewer than {least:g} were to be"
                        " expected: the question is about other people"
                    )
    return list(dict.fromkeys(messages))


def _asks_others(before: pd.DataFrame, after: pd.DataFrame) -> bool:
    """Return whether two entries are about other people; an entry that does not say is not."""
    asked = [
        set(entry[ASKED].unique()) - {""} if ASKED in entry else set() for entry in (before, after)
    ]
    return bool(asked[0] and asked[1] and asked[0] != asked[1])


def _share_of_risk(whole: pd.DataFrame) -> pd.Series[float]:
    """Return each municipality's share of the persons at risk of an entry, or of all it counts."""
    at_risk = whole[whole["kind"] == AT_RISK]
    of_place = (whole if at_risk.empty else at_risk).groupby("municipality_code")["n"].sum()
    return of_place / of_place.sum()


def _has_other_keys(before: pd.DataFrame, after: pd.DataFrame) -> bool:
    both = before.merge(after, on=[*ENTRY[:4], "n"], suffixes=("_old", "_new"))
    return bool(len(both)) and bool((both["key_old"] != both["key_new"]).mean() >= _OTHER_KEY_SHARE)
