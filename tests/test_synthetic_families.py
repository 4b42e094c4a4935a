"""Families in the registers: parents exist, live with their children, and matter as they should."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from synthetic_country import FIRST_YEAR, LAST_YEAR, country, read

from pipeline.codes import code_list
from synthetic_data.people.births import MOTHER_AGE_FIRST, MOTHER_AGE_LAST

SHOWN = (FIRST_YEAR, 2003, LAST_YEAR)


@cache
def residents(year: int) -> pd.DataFrame:
    """Return BEF of ``year`` by person, with age and year of birth."""
    bef = read(country(), "bef", year).set_index("PNR")
    born = pd.to_datetime(bef["FOED_DAG"]).dt.year
    return bef.assign(KOM=bef["KOM"].astype(str), born=born, age=year - born)


@cache
def births() -> pd.Series:
    """Return the year of birth of everybody who is resident at some year-end."""
    years = pd.concat([residents(year)["born"] for year in range(FIRST_YEAR, LAST_YEAR + 1)])
    return years[~years.index.duplicated()]


@cache
def pensioned() -> set[str]:
    """Return who is on FP in any week of DREAM."""
    dream = read(country(), "dream").set_index("PNR")
    return set(dream.index[(dream == "783").any(axis=1)])


@pytest.mark.parametrize("year", SHOWN)
def test_children_have_parents_of_plausible_age(year: int) -> None:
    bef = residents(year)
    children = bef[bef["age"] < 18]
    assert children["MOR_ID"].notna().all()
    assert children["FAR_ID"].notna().mean() > 0.75
    mothers = bef.reindex(children["MOR_ID"])
    assert set(mothers["KOEN"].dropna()) == {"2"}
    assert mothers["age"].notna().mean() > 0.98  # the others have died
    at_birth = (children["born"] - births().reindex(children["MOR_ID"]).to_numpy()).dropna()
    assert at_birth.between(MOTHER_AGE_FIRST, MOTHER_AGE_LAST).all()
    assert 27 < at_birth.mean() < 33
    fathers = bef.reindex(children["FAR_ID"].dropna())
    assert set(fathers["KOEN"].dropna()) == {"1"}
    father_at_birth = children["born"] - births().reindex(children["FAR_ID"]).to_numpy()
    assert father_at_birth.dropna().between(16, 70).all()
    assert 0 < (father_at_birth - at_birth).mean() < 4


@pytest.mark.parametrize("year", SHOWN)
def test_children_live_with_a_parent(year: int) -> None:
    bef = residents(year)
    children = bef[bef["age"] < 18]
    with_parent = [
        bef["FAMILIE_ID"].reindex(children[parent]).to_numpy() == children["FAMILIE_ID"].to_numpy()
        for parent in ("MOR_ID", "FAR_ID")
    ]
    has_parent = children["MOR_ID"].isin(bef.index) | children["FAR_ID"].isin(bef.index)
    # Who has a child has left home, at any age.
    is_parent = children.index.isin(set(bef["MOR_ID"]) | set(bef["FAR_ID"]))
    assert (with_parent[0] | with_parent[1])[has_parent & ~is_parent].all()
    assert is_parent.mean() < 0.01
    both = (with_parent[0] & with_parent[1]).mean()
    assert 0.55 < both < with_parent[0].mean()
    alone = ~has_parent.to_numpy()
    assert alone.mean() < 0.005


@pytest.mark.parametrize("year", SHOWN)
def test_families_are_couples_and_children_in_one_place(year: int) -> None:
    bef = residents(year)
    families = bef.groupby("FAMILIE_ID")
    assert (families["KOM"].nunique() == 1).all()
    minors = (bef["age"] < 18).groupby(bef["FAMILIE_ID"]).sum()
    assert (bef["ANTBOERNF"] == bef["FAMILIE_ID"].map(minors)).all()
    # All but the children are one person, or two who may be married.
    parents = set(bef["MOR_ID"].dropna()) | set(bef["FAR_ID"].dropna())
    mother_here = (
        bef["FAMILIE_ID"].reindex(bef["MOR_ID"].fillna("")).to_numpy() == bef["FAMILIE_ID"]
    )
    father_here = (
        bef["FAMILIE_ID"].reindex(bef["FAR_ID"].fillna("")).to_numpy() == bef["FAMILIE_ID"]
    )
    heads = bef[~(mother_here | father_here)]
    sizes = heads.groupby("FAMILIE_ID").size()
    assert set(sizes) == {1, 2}
    grown_children = bef[mother_here | father_here]
    assert (grown_children["age"] <= 25).all()
    assert not grown_children.index.isin(parents).any()
    couples = heads[heads["FAMILIE_ID"].map(sizes) == 2]
    gap = couples.groupby("FAMILIE_ID")["born"].agg(np.ptp)
    assert gap.median() <= 4
    married = couples["CIVST"].isin(["G", "P"])
    assert 0.6 < married.mean() < 0.95
    # Two who live together are both married, or neither is, to each other.
    assert (married.groupby(couples["FAMILIE_ID"]).nunique() == 1).all()
    assert (couples["age"] >= 18).all()


def test_parents_and_birth_stay_the_same_over_the_years() -> None:
    columns = ["MOR_ID", "FAR_ID", "KOEN", "born", "IE_TYPE"]
    for year in range(FIRST_YEAR + 1, LAST_YEAR + 1):
        before, after = residents(year - 1), residents(year)
        both = before.index.intersection(after.index)
        pd.testing.assert_frame_equal(
            before.loc[both, columns].astype(str), after.loc[both, columns].astype(str)
        )


def test_the_young_are_on_pension_more_often_when_a_parent_is() -> None:
    bef = residents(LAST_YEAR)
    young = bef[bef["age"].between(18, 34) & bef["MOR_ID"].notna()]
    of_parent = young["MOR_ID"].isin(pensioned()) | young["FAR_ID"].isin(pensioned())
    assert 0.05 < of_parent.mean() < 0.30
    own = young.index.isin(pensioned())
    assert own[of_parent].mean() > 1.3 * own[~of_parent].mean()
    education = read(country(), "udda", LAST_YEAR).set_index("PNR")["HFAUDD"]
    basic = education.reindex(young.index[young["age"] >= 22]).str[0] == "1"
    assert basic[of_parent[basic.index]].mean() > 1.05 * basic[~of_parent[basic.index]].mean()


def test_psychotropics_are_used_most_by_those_who_shift_between_work_and_benefits() -> None:
    year = 2006
    dream = read(country(), "dream").set_index("PNR")
    weeks = dream.loc[:, [name for name in dream if name[2:4] in ("04", "05", "06")]]
    bef = residents(year)
    weeks = weeks.reindex(bef.index[bef["age"].between(25, 59)])
    on_benefit = weeks.notna().to_numpy()
    pension = (weeks == "783").to_numpy().any(axis=1)
    returns = (on_benefit[:, :-1] & ~on_benefit[:, 1:]).sum(axis=1)
    share = on_benefit.mean(axis=1)
    pattern = np.select(
        [pension, share == 0, returns >= 2, share >= 0.75],
        ["pension", "none", "shifts", "mostly"],
        "one_spell",
    )
    drugs = read(country(), "lmdb", year)
    users = drugs.loc[drugs["ATC"].astype(str).str[:3].isin(["N05", "N06"]), "PNR"]
    uses = pd.Series(weeks.index.isin(set(users)), index=weeks.index).groupby(pattern).mean()
    assert uses.idxmax() == "shifts"
    assert uses["none"] == uses.min()


def test_people_move_together_and_between_former_municipalities() -> None:
    successor = code_list("municipality_history")
    whole = successor[successor["successor_share"].astype(float) == 1.0]
    now = dict(zip(whole["municipality_code"], whole["successor_code"], strict=True))
    before, after = residents(2002), residents(2003)
    both = before.index.intersection(after.index)
    old, new = before.loc[both, "KOM"], after.loc[both, "KOM"]
    moved = old != new
    assert 0.02 < moved.mean() < 0.06
    within = moved & (old.map(now) == new.map(now)) & old.map(now).notna()
    assert 0.15 < within.sum() / moved.sum() < 0.5
    # A child that lives with the same parent as a year ago moved if the parent did.
    mother = before.loc[both, "MOR_ID"]
    stays = (
        mother.isin(both)
        & (before["FAMILIE_ID"].reindex(mother).to_numpy() == before.loc[both, "FAMILIE_ID"])
        & (after["FAMILIE_ID"].reindex(mother).to_numpy() == after.loc[both, "FAMILIE_ID"])
    )
    children = both[stays]
    assert len(children) > 1000
    assert (moved[children].to_numpy() == moved[mother[children]].to_numpy()).all()


def test_decisions_name_the_municipality_of_residence() -> None:
    """The former municipality of the year-end before, by the code of the year's end."""
    history = code_list("municipality_history")
    for year in (2000, 2004, 2006):
        register = read(country(), "ankestyrelsen", year)
        home = residents(year - 1)["KOM"].reindex(register["PNR"]).to_numpy()
        changed = register[register["KOM"].to_numpy() != home]
        # Codes change when municipalities merge: Bornholm in 2003, Ærø in 2006.
        merged = set(history.loc[history["valid_to"] == f"{year - 1}-12-31", "municipality_code"])
        assert set(home[register["KOM"].to_numpy() != home]) <= merged
        assert len(changed) < 0.05 * len(register)
