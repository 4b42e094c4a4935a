"""Counts of municipalities and of the whole country in one table, as they may be shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pipeline.model.national.protection import Protection

#: The whole country among the areas, as Statistics Denmark codes it.
COUNTRY = "000"


def with_country(counts: pd.DataFrame) -> pd.DataFrame:
    """Return ``counts`` twice, by ``area_code``: of the country, then of each municipality."""
    own = counts.rename(columns={"municipality_code": "area_code"})
    return pd.concat([own.assign(area_code=COUNTRY), own], ignore_index=True)


def with_regions(counts: pd.DataFrame, regions: Mapping[str, str]) -> pd.DataFrame:
    """Return :func:`with_country`, and ``counts`` once more by region.

    ``regions`` maps municipality_code to the region's code.
    """
    of_region = counts.rename(columns={"municipality_code": "area_code"})
    of_region = of_region.assign(area_code=of_region["area_code"].astype(str).map(regions))
    both = with_country(counts)
    return pd.concat([both, of_region], ignore_index=True).astype({"area_code": "str"})


def summed(counts: pd.DataFrame, by: Sequence[str], values: Sequence[str]) -> pd.DataFrame:
    """Return the int64 sums of ``values`` by ``by``, ordered by them."""
    sums = counts.groupby(list(by), sort=True, observed=True)[list(values)].sum()
    return sums.astype("int64").reset_index()


def completed(
    counts: pd.DataFrame, rows: Sequence[pd.DataFrame], values: Sequence[str]
) -> pd.DataFrame:
    """Return ``counts`` with every combination of ``rows``, in their order, ``values`` 0 where new.

    A row that is there only where somebody is counted would tell so, whatever is shown in it.
    Raises ``ValueError`` where ``counts`` have another combination.
    """
    whole = rows[0]
    for other in rows[1:]:
        whole = whole.merge(other, how="cross")
    key = [str(name) for name in whole]
    merged = whole.merge(counts, on=key, how="left", validate="one_to_one", indicator=True)
    if (merged["_merge"] == "both").sum() != len(counts):
        raise ValueError(f"counts outside every combination of {', '.join(key)}")
    merged[list(values)] = merged[list(values)].fillna(0).astype("int64")
    return merged.drop(columns="_merge")


def shown_counts(
    counts: pd.DataFrame, protection: Protection, n: str = "n_persons", key: str = "persons_key"
) -> pd.DataFrame:
    """Return ``counts`` with ``n`` as ``protection`` shows it, and noise_sd in place of ``key``."""
    shown = protection.shown(counts[n].to_numpy(), counts[key].to_numpy())
    noise = np.sqrt(protection.noise_variance(shown.astype(float)))
    return counts.drop(columns=key).assign(**{n: shown, "noise_sd": noise})


def is_rare(
    counts: pd.DataFrame,
    shown: pd.Series,
    residents: Mapping[str, float],
    by: Sequence[str],
    time: Sequence[str],
    protection: Protection,
    n: str = "n_persons",
) -> np.ndarray:
    """Return where too few are expected for a count of a series to be shown, (len(counts),) bool.

    ``counts`` have area_code, the columns ``by`` of a series, those of ``time`` along it and ``n``,
    as counted; ``shown`` are the same with noise. A municipality is expected to have its share of
    the ``residents`` (area_code -> persons) of what is shown of the country at the time; and of a
    series as many as are typical of it: the median of what is shown at the times at which enough
    are expected, the largest left out, so that one time on its own never shows itself. A series
    with less is hidden whole. Of the country a count is hidden only if it is also small.
    """
    is_country = (counts["area_code"] == COUNTRY).to_numpy()
    country = counts.loc[is_country, [*by, *time]].assign(of_country=shown[is_country])
    share = pd.Series(residents, dtype=float) / sum(residents.values())
    share.loc[COUNTRY] = 1.0
    of_country = counts[[*by, *time]].merge(country, how="left")["of_country"].fillna(0.0)
    weight = counts["area_code"].map(share).fillna(0.0)
    few = protection.is_hidden(of_country.to_numpy() * weight.to_numpy())
    looked_at = np.where(few & ~is_country, np.nan, shown.to_numpy(dtype=float))
    series = counts.groupby(["area_code", *by], observed=True).ngroup().to_numpy()
    usual = np.nan_to_num(_usual(looked_at, series), nan=np.inf)
    rare = protection.is_hidden(usual)
    # What the country shows at the time is no expectation of itself.
    rare[is_country] = protection.is_hidden(usual[is_country], counts.loc[is_country, n].to_numpy())
    return np.asarray(rare | (few & ~is_country))


def protected_series(
    counts: pd.DataFrame,
    residents: Mapping[str, float],
    by: Sequence[str],
    time: Sequence[str],
    protection: Protection,
) -> pd.DataFrame:
    """Return ``counts`` as ``protection`` shows them, missing where too few are expected.

    Arguments as in :func:`is_rare`; ``is_suppressed`` says which are missing.
    """
    shown = shown_counts(counts, protection)
    hidden = is_rare(counts, shown["n_persons"], residents, by, time, protection)
    return hide(shown, hidden)


def hide(shown: pd.DataFrame, hidden: np.ndarray) -> pd.DataFrame:
    """Return ``shown`` with counts and what is computed of them missing where ``hidden``."""
    result = shown.assign(is_suppressed=hidden)
    for name in result.columns.intersection(["n_persons", "n_exits"]):
        result[name] = result[name].astype("Int64")
    for name in result.columns.intersection(
        ["n_persons", "noise_sd", "n_exits", "exit_share", "exit_share_low", "exit_share_high"]
    ):
        result[name] = result[name].mask(hidden)
    return result


def all_areas(residents: Mapping[str, float]) -> pd.DataFrame:
    """Return the country and the areas of ``residents``, by ``area_code``."""
    return pd.DataFrame({"area_code": [COUNTRY, *sorted(residents)]})


def _usual(shown: np.ndarray, series: np.ndarray) -> np.ndarray:
    """Return (n,) the median of ``shown`` in each one's ``series``, numbers from 0 on.

    Without the largest; nan where none is left. Missing ones do not count.
    """
    ordered = shown[np.lexsort((shown, series))]
    size = np.bincount(series)
    first = np.cumsum(size) - size
    left = np.bincount(series, np.isfinite(shown)).astype(np.int64) - 1
    last = len(shown) - 1
    two = [np.minimum(first + np.maximum(at, 0), last) for at in ((left - 1) // 2, left // 2)]
    median = (ordered[two[0]] + ordered[two[1]]) / 2
    return np.asarray(np.where(left > 0, median, np.nan)[series])
