"""Fabricated result tables of the follow-up questions, beside ``fabricated_later``."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.cases.library import BY_CHANGE, DEFAULT, read_selection
from pipeline.model.cases.proposal import case_frames

_BENEFITS = ("self_supporting", "unemployment", "cash_benefit", "sickness_benefit")
_DURATIONS = ("none", "up_to_52", "over_52")
_DIMENSIONS = {"last_benefit": _BENEFITS, "sickness_duration": _DURATIONS}
_MEASURES = {
    "practice": (0.8, 0.1),
    "processing_days": (180.0, -10.0),
    "grants_per_refusal": (3.0, 0.8),
    "mental_share": (0.44, 0.02),
    "over_52_weeks_share": (0.12, -0.01),
    "route_sickness_benefit": (0.2, 0.01),
}


def fabricate_followups(within: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Return frames, without run_id, that go with rows ``within`` of the fabricated benchmark."""
    routes = _routes(within, rng)
    return {
        "rank_group": _groups(within),
        "rank_group_trend": _trends(within),
        **_attribute_groups(within),
        "route": routes,
        "route_area": _areas(routes),
        "temporary": _temporary(within),
        "backlog": _backlog(within),
    }


def fabricate_cases(
    frames: Mapping[str, pd.DataFrame], benchmark: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return the tables of the shipped case-study selections from fabricated ones."""
    ranked = benchmark[["outcome", "model", "municipality_code"]].copy()
    effects = benchmark.groupby(["outcome", "model"])["practice_effect"]
    ranked["rank"] = effects.rank(method="min").astype("Int64")
    tables = {**frames, "benchmark": benchmark, "ranking": ranked}
    return {
        name: frame
        for path in (DEFAULT, BY_CHANGE)
        for name, frame in case_frames(tables, read_selection(path)).items()
    }


def _backlog(within: pd.DataFrame) -> pd.DataFrame:
    """Return cases by month: the stock grows, and every third municipality's is withheld."""
    codes = within.loc[within["outcome"] == "ANY", "municipality_code"].tolist()
    rows = [
        ("ANY", code, year, month, 9, 8, 20 + 12 * (year - 2004) + month, 150.0, at % 3 == 0)
        for at, code in enumerate(codes)
        for year in (2004, 2005, 2006, 2007)
        for month in range(1, 13)
    ]
    counts = ["n_applications", "n_decisions", "n_pending"]
    names = ["outcome", "municipality_code", "year", "month", *counts, "mean_days", "is_suppressed"]
    frame = pd.DataFrame(rows, columns=names)
    frame[counts] = frame[counts].astype("Int64").mask(frame["is_suppressed"])
    return frame.assign(mean_days=frame["mean_days"].mask(frame["is_suppressed"]))


def _temporary(within: pd.DataFrame) -> pd.DataFrame:
    rank = within.groupby("outcome")["municipality_code"].rank(method="first").astype(int)
    frame = within[["outcome", "municipality_code"]].assign(practice_effect=0.1, rank=rank)
    for name, middle in (("temporary", -0.08), ("lasting", 0.18), ("earlier", 0.15)):
        limits = {f"{name}_low": middle - 0.05, f"{name}_high": middle + 0.05}
        frame = frame.assign(**{name: middle}, **limits)
    return frame.assign(n_years=6, rank_lasting=rank, is_temporary=rank == 3, is_stock_seen=True)


def _groups(within: pd.DataFrame) -> pd.DataFrame:
    rows = [
        (outcome, group_basis, measure, fifth, first + step * (fifth - 1))
        for outcome in within["outcome"].unique()
        for group_basis in ("cross_fitted", "same_window")
        for measure, (first, step) in _MEASURES.items()
        for fifth in range(1, 6)
    ]
    frame = pd.DataFrame(rows, columns=["outcome", "group_basis", "measure", "fifth", "value"])
    return frame.assign(low=0.9 * frame["value"], high=1.1 * frame["value"])


def _attribute_groups(within: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return figures and tests of the merged and of a file's attribute; one group has none."""
    groups = {
        "merged_2007": {"merged_2_3": 31, "merged_4_more": 34, "not_merged": 33},
        "decides": {"board": 60, "manager": 35, "nobody": 3},
    }
    rows = [
        (outcome, name, level, measure, n, first + step * at, 0.01 if step < 0 else 0.3)
        for outcome in within["outcome"].unique()
        for name, levels in groups.items()
        for measure, (first, step) in _MEASURES.items()
        for at, (level, n) in enumerate(levels.items())
    ]
    names = ["outcome", "attribute", "level", "measure", "n_municipalities", "value", "p_value"]
    frame = pd.DataFrame(rows, columns=names)
    frame["value"] = frame["value"].where(frame["n_municipalities"] > 3)
    figures = frame.assign(low=0.9 * frame["value"], high=1.1 * frame["value"])
    tests = frame.drop_duplicates(["outcome", "attribute", "measure"])
    return {
        "attribute_group": figures.drop(columns="p_value"),
        "attribute_group_test": tests[["outcome", "attribute", "measure", "p_value"]],
    }


def _trends(within: pd.DataFrame) -> pd.DataFrame:
    rows = [
        (outcome, group_basis, measure, 98, -0.3, -0.5, -0.1, 0.004 if step < 0 else 0.4)
        for outcome in within["outcome"].unique()
        for group_basis in ("cross_fitted", "same_window")
        for measure, (_, step) in _MEASURES.items()
        if measure != "practice"
    ]
    names = ["outcome", "group_basis", "measure", "n_municipalities"]
    return pd.DataFrame(rows, columns=[*names, "slope", "slope_low", "slope_high", "p_value"])


def _routes(within: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    parts = []
    for dimension, levels in _DIMENSIONS.items():
        share = rng.dirichlet(np.full(len(levels), 8.0))
        counts = rng.multinomial(within["observed"], share)
        frame = within.loc[within.index.repeat(len(levels)), ["outcome", "municipality_code"]]
        parts.append(
            frame.assign(
                dimension=dimension,
                level=np.tile(levels, len(within)),
                observed=counts.ravel(),
                expected=np.outer(within["expected"], share).ravel(),
            )
        )
    return _with_ratio(pd.concat(parts, ignore_index=True))


def _areas(routes: pd.DataFrame) -> pd.DataFrame:
    key = ["outcome", "dimension", "level"]
    country = routes.groupby(key, sort=False)[["observed", "expected"]].sum().reset_index()
    return _with_ratio(country.assign(area="Danmark"))


def _with_ratio(frame: pd.DataFrame) -> pd.DataFrame:
    frame = frame.astype({"observed": float, "expected": float})
    half = 1.96 * np.sqrt(frame["observed"] + 0.5)
    hidden = frame["observed"].between(1, 4)
    made = frame.assign(
        noise_sd=0.0,
        ratio=frame["observed"] / frame["expected"],
        ratio_low=np.maximum(frame["observed"] + 1 - half, 0) / frame["expected"],
        ratio_high=(frame["observed"] + 2 + half) / frame["expected"],
        is_suppressed=hidden,
    )
    columns = ["observed", "noise_sd", "ratio", "ratio_low", "ratio_high"]
    made[columns] = made[columns].astype(object).where(~hidden, None)
    return made
