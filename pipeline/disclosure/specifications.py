"""The sensitivity grid: the same municipality under other definitions, never to be subtracted.

A specification gives its count away even without showing it: an effect and its standard error hold
observed and expected between them, and a rank lies between two ratios that are shown. So effect,
error and rank are shown together or not at all, and only where the count may be:

- the grants are the base's (``pooled``, ``conditions``, ``no_health``): always, the total is
  published;
- one year's grants: where ``result.development`` shows the year;
- an age range's grants: where ``result.breakdown_age`` shows every band of the municipality;
- other grants (by the municipality that decided, or without those who moved): where neither their
  number nor its difference from the base's is small, and at least two municipalities with at least
  ``threshold`` grants and as large a difference are withheld if one is, since both sums over
  municipalities are known.

What the first three show follows from other tables, so that nothing new can be computed.

Where counts have noise, effect and error give the total back that is shown under the specification,
and the same persons have the same noise: it is another one than the base's where a grant is
counted in one of them alone. So a place is shown where enough grants are expected under the
specification, and enough that only one of both counts.
"""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from pipeline.disclosure.cell_key import CellKey
from pipeline.disclosure.lines import is_small, withhold_smallest

#: The specification that others vary, as pipeline.model.tables.sensitivity names it.
BASE = "base"

#: Specifications that describe the base's own grants with other expected counts.
SAME_GRANTS = (BASE, "pooled", "conditions", "no_health", "short_look_back")
_SHOWN = ("practice_effect", "practice_effect_se", "rank")
_PLACE = ["outcome", "municipality_code"]
#: What is judged by, and never published.
_JUDGED = ("observed", "expected", "share_apart")


def suppress_sensitivity(
    sensitivity: pd.DataFrame,
    development: pd.DataFrame,
    breakdown_age: pd.DataFrame,
    *,
    threshold: int,
) -> pd.DataFrame:
    """Return ``sensitivity`` with effect, error and rank missing where they would tell a count.

    ``sensitivity`` has one row per specification, outcome and municipality, with ``observed``, the
    grants it describes; ``development`` and ``breakdown_age`` are as :func:`suppress_years` and
    :func:`suppress_bands` returned them. Rows and order are kept, ``is_suppressed`` is added and
    the columns of counts (observed, expected, ratio) are taken away; ``rank`` becomes a nullable
    integer. Raises ``ValueError`` on an unknown specification or one that lacks its base row.
    """
    result = sensitivity.reset_index(drop=True)
    base = result[result["specification"] == BASE].set_index(_PLACE)["observed"]
    hidden = pd.Series(False, index=result.index)
    for name, rows in result.groupby("specification", sort=False):
        specification = str(name)
        if specification in SAME_GRANTS:
            continue
        places = pd.MultiIndex.from_frame(rows[_PLACE])
        if not places.isin(base.index).all():
            raise ValueError(f"{specification}: some municipality has no row in {BASE}")
        if year := re.fullmatch(r"year_(\d{4})", specification):
            decided = _hidden_places(development[development["year"] == int(year[1])])
            hidden[rows.index] = places.isin(decided)
        elif re.fullmatch(r"age_\d+_\d+", specification):
            hidden[rows.index] = places.isin(_hidden_places(breakdown_age))
        elif specification in ("decision_municipality", "without_movers"):
            hidden[rows.index] = _hidden_others(rows, base.loc[places].to_numpy(), threshold)
        else:
            raise ValueError(f"no rule of disclosure for the specification {specification}")
    result["is_suppressed"] = hidden
    result["rank"] = result["rank"].astype("Int64")
    for column in _SHOWN:
        result[column] = result[column].mask(hidden)
    shown = result.drop(columns=[*_JUDGED, "ratio"], errors="ignore")
    return shown.set_axis(sensitivity.index)


def hide_sensitivity(sensitivity: pd.DataFrame, method: CellKey) -> pd.DataFrame:
    """Return the grid of protected counts as it may be published: without its counts.

    ``sensitivity`` has ``expected`` and ``share_apart``, the share of all grants that the
    specification counts in another municipality (missing where it leaves some out) besides. What
    other specifications count than the base is expected to be that share of the base's, or what
    the base expects more. Rows and order are kept; ``is_suppressed`` says where effect, error and
    rank are missing.
    """
    base = sensitivity[sensitivity["specification"] == BASE].set_index(_PLACE)["expected"]
    of_base = base.reindex(pd.MultiIndex.from_frame(sensitivity[_PLACE])).to_numpy()
    expected = sensitivity["expected"].to_numpy(dtype=float)
    share = sensitivity["share_apart"].to_numpy(dtype=float)
    apart = np.nan_to_num(np.where(np.isnan(share), of_base - expected, of_base * share))
    hidden = method.is_hidden(apart) | method.is_hidden(expected)
    hidden &= ~sensitivity["specification"].isin(SAME_GRANTS).to_numpy()
    shown = sensitivity.drop(columns=list(_JUDGED)).astype({"rank": "Int64"})
    for column in _SHOWN:
        shown[column] = shown[column].mask(hidden)
    return shown.assign(is_suppressed=hidden)


def summarise_sensitivity(shown: pd.DataFrame, *, n_municipalities: int) -> pd.DataFrame:
    """Return ``result.sensitivity_summary`` of the rows that :func:`suppress_sensitivity` shows.

    One row per outcome and municipality: n_specifications with a rank, the lowest and highest of
    them, and the shares (0-1) of specifications with it among the fifth of ``n_municipalities``
    that grants fewest (share_lowest_quintile) and most (share_highest_quintile).
    """
    ranked = shown[shown["rank"].notna()].astype({"rank": "int64"})
    fifth = np.ceil(5 * ranked["rank"] / n_municipalities)
    return (
        ranked.assign(first=(fifth == 1).astype(float), last=(fifth == 5).astype(float))
        .groupby(_PLACE, sort=False)
        .agg(
            n_specifications=("rank", "size"),
            rank_lowest=("rank", "min"),
            rank_highest=("rank", "max"),
            share_lowest_quintile=("first", "mean"),
            share_highest_quintile=("last", "mean"),
        )
        .reset_index()
    )


def _hidden_places(table: pd.DataFrame) -> pd.MultiIndex:
    """Return outcome and municipality of the withheld rows of ``table``."""
    return pd.MultiIndex.from_frame(table.loc[table["is_suppressed"], _PLACE].drop_duplicates())


def _hidden_others(rows: pd.DataFrame, base: np.ndarray, threshold: int) -> np.ndarray:
    """Return where ``rows`` are withheld: grants other than the ``base``'s of the same places."""
    observed = rows["observed"].to_numpy(dtype=np.int64)
    difference = np.abs(observed - base.astype(np.int64))
    mask = is_small(observed, threshold) | is_small(difference, threshold)
    for places in rows.groupby("outcome", sort=False).indices.values():
        counts, moved, withheld = observed[places], difference[places], mask[places]
        while withheld.any() and not withheld.all():
            enough = min(counts[withheld].sum(), moved[withheld].sum()) >= threshold
            if withheld.sum() >= 2 and enough:
                break
            withhold_smallest(np.where(moved > 0, moved, counts + moved.max() + 1), withheld)
        mask[places] = withheld
    return mask
