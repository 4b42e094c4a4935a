"""Decisions of the municipality that made them, how completely they were reported, and events.

Events are the grants of each level of a factor, beside the model's coefficients.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.disclosure.lines import is_small, protect_rows, withhold_smallest

_COUNTS = ("n_decisions", "n_grants", "n_refusals")
_OF_DAYS = ("median_days", "median_low", "median_high")
_OF_REFUSALS = ("grants_per_refusal", "grants_per_refusal_low", "grants_per_refusal_high")
_OF_MENTAL = ("mental_share", "mental_share_low", "mental_share_high")
_OF_COVERAGE = ("n_register", "n_dream", "coverage", "coverage_low", "coverage_high")


def suppress_case_processing(
    cases: pd.DataFrame, levels: pd.DataFrame, *, threshold: int
) -> pd.DataFrame:
    """Return ``cases`` with figures missing where they rest on, or would give back, small counts.

    One row per outcome and municipality, with n_decisions, n_grants, n_refusals, what is computed
    of them, and mental_share of n_grants. A municipality with a small count of any of the three is
    withheld whole (``is_suppressed``); so are others until, per outcome and count, the withheld
    ones are at least two and add up to ``threshold`` (the country's sum may be known). The mental
    share alone is missing where the grants with, or without, a mental diagnosis are few, and where
    their number is withheld in ``levels``, practice by level as it is shown. Rows and order are
    kept.
    """
    result = cases.reset_index(drop=True).drop(columns="is_suppressed", errors="ignore")
    counts = result[list(_COUNTS)].to_numpy(dtype=np.int64)
    mental = np.rint((result["mental_share"].fillna(0) * counts[:, 1]).to_numpy(dtype=float))
    few_mental = is_small(mental, threshold) | is_small(counts[:, 1] - mental, threshold)
    of_mental = levels[
        (levels["dimension"] == "diagnosis_group")
        & (levels["level"] == "mental")
        & levels["is_suppressed"]
    ]
    key = ["outcome", "municipality_code"]
    few_mental |= pd.MultiIndex.from_frame(result[key]).isin(
        pd.MultiIndex.from_frame(of_mental[key])
    )
    withheld: np.ndarray = np.asarray(is_small(counts, threshold).any(axis=1))
    for rows in result.groupby("outcome", sort=False).indices.values():
        mask = withheld[rows]
        while mask.any() and not mask.all():
            hidden = counts[rows][mask]
            if len(hidden) >= 2 and _add_up(hidden, counts[rows], threshold):
                break
            withhold_smallest(counts[rows, 0], mask)
        withheld[rows] = mask
    result["is_suppressed"] = withheld
    for column in _COUNTS:
        result[column] = result[column].astype("Int64")
    for column in (*_COUNTS, *_OF_DAYS, *_OF_REFUSALS):
        result[column] = result[column].mask(withheld)
    for column in _OF_MENTAL:
        result[column] = result[column].mask(withheld | few_mental)
    return result.set_axis(cases.index)


def suppress_completeness(
    completeness: pd.DataFrame, history: pd.DataFrame, *, threshold: int
) -> pd.DataFrame:
    """Return ``completeness`` with counts and coverage missing where a year's grants are withheld.

    One row per municipality and year: n_register, grants of disability pension in the register,
    and n_dream, new codes of it in DREAM. ``history`` is as :func:`suppress_years` returned it;
    both count nearly the grants of its outcome FP, so a year withheld there is withheld here.
    Small counts of the table itself are withheld too, with others of the year until they are two
    and add up to ``threshold``. Rows and order are kept; ``is_suppressed`` is added.
    """
    result = completeness.reset_index(drop=True).drop(columns="is_suppressed", errors="ignore")
    pension = history[(history["outcome"] == "FP") & history["is_suppressed"]]
    hidden = pd.MultiIndex.from_frame(pension[["municipality_code", "year"]])
    counts = result[["n_register", "n_dream"]].to_numpy(dtype=np.int64)
    withheld = np.asarray(
        pd.MultiIndex.from_frame(result[["municipality_code", "year"]]).isin(hidden)
        | is_small(counts, threshold).any(axis=1)
    )
    for rows in result.groupby("year", sort=False).indices.values():
        before = -1
        mask = withheld[rows][None]
        while mask.sum() != before:
            before = mask.sum()
            for numbers in counts[rows].T:
                protect_rows(numbers[None], mask, threshold)
        withheld[rows] = mask[0]
    for column in ("n_register", "n_dream"):
        result[column] = result[column].astype("Int64")
    for column in _OF_COVERAGE:
        result[column] = result[column].mask(withheld)
    result["is_suppressed"] = withheld
    return result.set_axis(completeness.index)


def suppress_coefficients(coefficient: pd.DataFrame, *, threshold: int) -> pd.DataFrame:
    """Return ``coefficient`` with ``n_events`` missing where it, or its neighbours, would be small.

    The levels of a term add up to all grants, so within outcome, model and term the withheld
    levels are at least two and add up to at least ``threshold``. Rows and order are kept;
    ``n_events`` becomes a nullable integer.
    """
    result = coefficient.reset_index(drop=True)
    events = result["n_events"].astype("Int64")
    numbers = events.fillna(0).to_numpy(dtype=np.int64)
    is_counted = events.notna().to_numpy()
    withheld = pd.Series(False, index=result.index)
    for rows in result.groupby(["outcome", "model", "term"], sort=False).indices.values():
        counted = rows[is_counted[rows]]
        counts = numbers[counted][None]
        mask = is_small(counts, threshold)
        protect_rows(counts, mask, threshold)
        withheld.iloc[counted] = mask[0]
    result["n_events"] = events.mask(withheld)
    return result.set_axis(coefficient.index)


def _add_up(hidden: np.ndarray, all_counts: np.ndarray, threshold: int) -> bool:
    """Return whether each column of ``hidden`` sums to ``threshold``, or cannot be made to."""
    total, reachable = hidden.sum(axis=0), all_counts.sum(axis=0)
    return bool(((total >= threshold) | (reachable < threshold)).all())
