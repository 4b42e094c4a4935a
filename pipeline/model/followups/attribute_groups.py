"""Days, refusals, diagnoses and routes by groups that an office's own attributes make.

The figures are those of rank groups (:mod:`pipeline.model.followups.rank_groups`), over groups of
municipalities that nothing of the window has formed. Groups of an attribute of numbers are thirds.
That all groups are alike is tested by Welch's analysis of variance: each group has its own
variance, which carries the differences between its municipalities, chance and noise.

Welch, B. L. (1951). On the comparison of several mean values: an alternative approach. Biometrika
38, 330-336.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from pipeline.catalogue import columns, empty_frame
from pipeline.codes.attributes import Attribute
from pipeline.model.followups.rank_frames import measures_by_outcome
from pipeline.model.followups.rank_groups import GroupFigures, Measure, group_figures
from pipeline.model.national.protection import Protection

TABLES = ("attribute_group", "attribute_group_test")
#: Names of the groups of a number, from the lowest.
THIRDS = ("lowest_third", "middle_third", "highest_third")
#: Municipalities that a group needs for its figures to be shown and compared.
FEWEST_IN_GROUP = 5
#: Decimals: days are counted exactly, so that finer ones would tell how many cases there were.
_DIGITS, _DIGITS_OF_DAYS = 3, 0


def attribute_group_frames(
    benchmark: pd.DataFrame,
    decisions: pd.DataFrame,
    grants: pd.DataFrame,
    mental: pd.DataFrame,
    routes: pd.DataFrame,
    attributes: Sequence[Attribute],
    protection: Protection,
    level: float,
) -> dict[str, pd.DataFrame]:
    """Return ``attribute_group`` and ``attribute_group_test``, by outcome, attribute and measure.

    Frames as in :func:`~pipeline.model.followups.rank_frames.rank_group_frames`. Municipalities
    without the attribute or without expected grants are in no group. Equal numbers are in the same
    third. A group of fewer than :data:`FEWEST_IN_GROUP` has no figures, and neither has one of
    which too little is expected to be shown; it takes no part in the test. ``p_value`` is of all
    groups of an attribute at once, missing with fewer than two; of shares it is net of what
    composition lets expect.
    """
    frames, tests = [], []
    if attributes:
        of_outcomes = measures_by_outcome(benchmark, decisions, grants, mental, routes)
        for outcome, rows, measures in of_outcomes:
            places = list(rows["municipality_code"])
            expected = rows["expected"].to_numpy(dtype=float)
            for one in attributes:
                names, group = groups_of(one, places)
                group = np.where(expected > 0, group, -1)
                is_known = _is_shown(group, expected, len(names), protection)
                for measure in measures:
                    key = {"outcome": outcome, "attribute": one.name, "measure": measure.name}
                    member = np.repeat(group[:, None], 2, axis=1)
                    figures = group_figures(measure, member, protection, level, len(names))
                    frames.append(_figures(measure, figures, is_known, names).assign(**key))
                    tests.append({**key, "p_value": _p_value(figures, is_known)})
    if not frames:
        return {name: empty_frame(name) for name in TABLES}
    made = (pd.concat(frames, ignore_index=True), pd.DataFrame(tests))
    return {name: frame[list(columns(name))] for name, frame in zip(TABLES, made, strict=True)}


def groups_of(one: Attribute, places: Sequence[str]) -> tuple[list[str], np.ndarray]:
    """Return the names of the groups of an attribute, and (M,) the group of each place, -1 none."""
    value = pd.Series(one.by_code).reindex(list(places))
    known = value.notna().to_numpy()
    group = np.full(len(places), -1)
    if one.is_number:
        numbers = value[known].to_numpy(dtype=float)
        if len(numbers):
            ends = np.quantile(numbers, [1 / 3, 2 / 3])
            group[known] = np.searchsorted(ends, numbers, side="left")
        return list(THIRDS), group
    names = sorted(map(str, set(value[known])))
    group[known] = pd.Index(names).get_indexer(pd.Index(value[known].astype(str)))
    return names, group


def welch_p_value(mean: np.ndarray, variance: np.ndarray, n: np.ndarray) -> float:
    """Return the p value that (G,) means with ``variance`` of ``n`` municipalities are alike.

    Groups whose mean or variance is not known take no part; nan with fewer than two.
    """
    known = np.isfinite(mean) & np.isfinite(variance) & (variance > 0) & (n > 1)
    mean, variance, n = mean[known], variance[known], n[known]
    groups = len(mean)
    if groups < 2:
        return float("nan")
    weight = 1 / variance
    between = float(weight @ (mean - weight @ mean / weight.sum()) ** 2) / (groups - 1)
    small = float((((1 - weight / weight.sum()) ** 2) / (n - 1)).sum())
    statistic = between / (1 + 2 * (groups - 2) * small / (groups**2 - 1))
    return float(stats.f.sf(statistic, groups - 1, (groups**2 - 1) / (3 * small)))


def _is_shown(
    group: np.ndarray, expected: np.ndarray, n_groups: int, protection: Protection
) -> np.ndarray:
    """Return (G,) which groups are large enough, in municipalities and in expected grants."""
    kept = group >= 0
    n = np.bincount(group[kept], minlength=n_groups)
    grants = np.bincount(group[kept], expected[kept], minlength=n_groups)
    return (n >= FEWEST_IN_GROUP) & ~protection.is_hidden(grants)


def _figures(
    measure: Measure, made: GroupFigures, is_shown: np.ndarray, names: list[str]
) -> pd.DataFrame:
    is_days = measure.top_key is None
    digits = _DIGITS_OF_DAYS if is_days else _DIGITS
    return pd.DataFrame(
        {
            "level": names,
            "n_municipalities": made.n_members.astype(np.int64),
            **{
                name: np.round(np.where(is_shown, getattr(made, name), np.nan), digits)
                for name in ("value", "low", "high")
            },
        }
    )


def _p_value(made: GroupFigures, is_shown: np.ndarray) -> float:
    p_value = welch_p_value(np.where(is_shown, made.net, np.nan), made.variance, made.n_members)
    return round(p_value, _DIGITS)
