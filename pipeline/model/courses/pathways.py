"""Pathways to a grant: types of the five years before it, by area, with who is on them.

The types are clusters of the courses before disability pensions, named by the rules of the code
list ``pathway``; the rules stand in where there are too few grants to cluster. Referrals to a
flexjob are placed at the nearest type. Expected grants by type are the benchmark's by tenure on
cash benefit times the type's share among the country's grants with that tenure, so that they add up
to the benchmark's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.catalogue import columns, empty_frame
from pipeline.codes import state_groups
from pipeline.codes.pathways import WEEKS, pathway_names, pathways_by_rule
from pipeline.model.courses.areas import completed, shown_counts, summed, with_regions
from pipeline.model.courses.sequences import substitution_costs
from pipeline.model.courses.tenure import noisy_share
from pipeline.model.courses.typology import Typology, find_types, place
from pipeline.model.national.protection import Protection
from pipeline.model.tables.practice_frames import ratio_estimates

#: Pensions from which on courses are clustered.
FEWEST = 200
CLUSTERS, RULES = "clusters", "rules"
#: States between which a change costs half.
FAMILIES = (
    ("flexjob", "flexjob_unemployment"),
    ("sickness", "rehabilitation", "resource_programme"),
    ("self_support", "education", "other"),
)
#: Weeks before the grant at which the types' states are told, a quarter of a year apart.
TOLD = tuple(range(WEEKS, 0, -13))
TABLES = ("pathway", "pathway_state", "pathway_profile", "pathway_quality")


@dataclass(frozen=True)
class Courses:
    """Grants with their courses.

    ``grants`` has outcome, municipality_code, record_key and factors, one row a grant; ``states``
    (n, 260) places in ``names``, benefit states.
    """

    grants: pd.DataFrame
    states: np.ndarray
    names: Sequence[str]


def pathway_frames(
    courses: Courses,
    expected: pd.DataFrame,
    regions: Mapping[str, str],
    tenure: str,
    profile: Mapping[str, Sequence[str]],
    protection: Protection,
    *,
    level: float,
    seed: int,
) -> dict[str, pd.DataFrame]:
    """Return ``pathway``, ``pathway_state``, ``pathway_profile`` and ``pathway_quality``.

    ``expected`` has outcome, municipality_code, level (of the factor ``tenure``) and expected, the
    benchmark's; ``regions`` maps municipality_code to the region's code. ``profile`` are the
    factors that types are described by, each with its levels. Limits are at ``level``, noise
    included; without grants all are empty.
    """
    if courses.grants.empty:
        return {name: empty_frame(name) for name in TABLES}
    groups = list(state_groups())
    grouped = _grouped(courses.states, courses.names, groups)
    by_rule = pathways_by_rule(courses.states, courses.names)
    is_pension = (courses.grants["outcome"] == "FP").to_numpy()
    label, types = by_rule, None
    if is_pension.sum() >= FEWEST:
        costs = substitution_costs(groups, FAMILIES)
        types = find_types(
            grouped[is_pension], by_rule[is_pension], costs, len(pathway_names()), seed
        )
        label = place(grouped, types, costs)
    grants = courses.grants.reset_index(drop=True).assign(
        pathway=np.array(pathway_names())[label],
        method=RULES if types is None else CLUSTERS,
        n_persons=1,
        persons_key=courses.grants["record_key"].to_numpy(),
    )
    ruled = grants.assign(pathway=np.array(pathway_names())[by_rule], method=RULES)
    both = grants if types is None else pd.concat([grants, ruled], ignore_index=True)
    return {
        "pathway": pd.concat(
            [
                _by_area(of, expected, regions, tenure, protection, level).assign(method=method)
                for method, of in both.groupby("method", sort=True)
            ],
            ignore_index=True,
        )[list(columns("pathway"))],
        "pathway_state": _states(grants, grouped, groups, protection),
        "pathway_profile": _profile(grants, profile, protection),
        "pathway_quality": _quality(types),
    }


def _grouped(states: np.ndarray, names: Sequence[str], groups: Sequence[str]) -> np.ndarray:
    of = {state: group for group, listed in state_groups().items() for state in listed}
    return np.array([groups.index(of[name]) for name in names], dtype=np.int16)[states]


def _by_area(
    grants: pd.DataFrame,
    expected: pd.DataFrame,
    regions: Mapping[str, str],
    tenure: str,
    protection: Protection,
    level: float,
) -> pd.DataFrame:
    """Return grants and expected grants by outcome, area and pathway."""
    counts = ["n_persons", "persons_key"]
    key = ["outcome", "area_code", "pathway"]
    own = grants[["outcome", "municipality_code", "pathway", *counts]]
    observed = summed(with_regions(own, regions), key, counts)
    of_tenure = shown_counts(
        summed(grants, ["outcome", tenure, "pathway"], counts), protection
    ).rename(columns={tenure: "level"})
    in_all = of_tenure.groupby(["outcome", "level"], observed=True)["n_persons"].transform("sum")
    share = of_tenure.assign(share=of_tenure["n_persons"] / in_all.where(in_all > 0))
    share = share.loc[share["share"] > 0, ["outcome", "level", "pathway", "share"]]
    share = share.astype({"level": "str"})
    asked = expected[expected["outcome"].isin(grants["outcome"])].astype({"level": "str"})
    parts = asked.merge(share, on=["outcome", "level"], how="inner")
    parts["expected"] *= parts["share"]
    # Grants without five years before them are not typed: expected ones shrink alike.
    of_outcome = shown_counts(summed(grants, ["outcome"], counts), protection)
    typed = of_outcome.set_index("outcome")["n_persons"]
    total = parts.groupby("outcome")["expected"].sum()
    parts["expected"] *= parts["outcome"].map(typed / total)
    parts = with_regions(parts[["outcome", "municipality_code", "pathway", "expected"]], regions)
    expects = parts.groupby(key, sort=True)["expected"].sum().reset_index()
    made = expects.merge(observed, on=key, how="left")
    made[counts] = made[counts].fillna(0).astype("int64")
    shown = shown_counts(made, protection)
    n = shown["n_persons"].to_numpy(dtype=float)
    n = np.where(protection.is_hidden(made["expected"].to_numpy()), np.nan, n)
    noise = pd.Series(np.nan_to_num(protection.noise_variance(n)), shown.index)
    count = pd.Series(n, shown.index)
    none = pd.Series(0.0, shown.index)
    total_shown = count.groupby([shown["outcome"], shown["area_code"]]).transform("sum")
    share_of, low, high = noisy_share(
        np.nan_to_num(n), total_shown.to_numpy(dtype=float), np.sqrt(noise.to_numpy()), level
    )
    hidden = np.isnan(n)
    return shown.assign(
        **ratio_estimates(count, shown["expected"], none, level, protection.transitions),
        n_grants=pd.array(n, dtype="Float64").astype("Int64"),
        share=np.where(hidden, np.nan, share_of),
        share_low=np.where(hidden, np.nan, low),
        share_high=np.where(hidden, np.nan, high),
        is_suppressed=hidden,
    )


def _states(
    grants: pd.DataFrame, grouped: np.ndarray, groups: Sequence[str], protection: Protection
) -> pd.DataFrame:
    """Return of each type the persons in each state, at each of :data:`TOLD` weeks before."""
    counts = ["n_persons", "persons_key"]
    base = grants[["outcome", "pathway", *counts]]
    made = [
        summed(
            base.assign(state_group=np.array(groups)[grouped[:, WEEKS - week]], weeks_before=week),
            ["outcome", "pathway", "weeks_before", "state_group"],
            counts,
        )
        for week in TOLD
    ]
    every = [
        *_types(grants),
        pd.DataFrame({"weeks_before": TOLD}),
        pd.DataFrame({"state_group": groups}),
    ]
    whole = completed(pd.concat(made, ignore_index=True), every, counts)
    shown = shown_counts(whole, protection)
    total = shown.groupby(["outcome", "pathway", "weeks_before"])["n_persons"].transform("sum")
    share = (shown["n_persons"] / total.where(total > 0)).astype(float)
    return shown.assign(share=share)[list(columns("pathway_state"))]


def _types(grants: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the outcomes of ``grants`` and all types, those that nobody is of too."""
    return (
        grants[["outcome"]].drop_duplicates().sort_values("outcome"),
        pd.DataFrame({"pathway": pathway_names()}),
    )


def _profile(
    grants: pd.DataFrame, factors: Mapping[str, Sequence[str]], protection: Protection
) -> pd.DataFrame:
    """Return each type's grants by one factor at a time, beside the shares of all types."""
    made = []
    counts = ["n_persons", "persons_key"]
    for factor, levels in factors.items():
        own = grants.assign(level=grants[factor].astype("str"))
        every = [*_types(grants), pd.DataFrame({"level": [str(level) for level in levels]})]
        of_factor = completed(summed(own, ["outcome", "pathway", "level"], counts), every, counts)
        made.append(of_factor.assign(dimension=factor))
    shown = shown_counts(pd.concat(made, ignore_index=True), protection)
    of_type = shown.groupby(["outcome", "pathway", "dimension"])["n_persons"].transform("sum")
    of_level = shown.groupby(["outcome", "dimension", "level"])["n_persons"].transform("sum")
    of_all = shown.groupby(["outcome", "dimension"])["n_persons"].transform("sum")
    share = (shown["n_persons"] / of_type.where(of_type > 0)).astype(float)
    of_everyone = (of_level / of_all.where(of_all > 0)).astype(float)
    return shown.assign(n_grants=shown["n_persons"], share=share, share_of_all=of_everyone)[
        list(columns("pathway_profile"))
    ]


def _quality(types: Typology | None) -> pd.DataFrame:
    if types is None:
        return empty_frame("pathway_quality")
    n_used = len(types.medoids)
    rows = [
        {
            "n_types": one.n_types,
            "silhouette": one.silhouette,
            "stability": one.stability,
            "is_used": one.n_types == n_used,
            "agreement": types.agreement if one.n_types == n_used else np.nan,
            "agreement_rand": types.agreement_rand if one.n_types == n_used else np.nan,
        }
        for one in types.qualities
    ]
    return pd.DataFrame(rows)[list(columns("pathway_quality"))]
