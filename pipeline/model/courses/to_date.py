"""Grants of a year so far against the same quarters of the year before, and who is on benefit."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.catalogue import columns
from pipeline.model.courses.areas import (
    COUNTRY,
    all_areas,
    completed,
    protected_series,
    summed,
    with_country,
    with_regions,
)
from pipeline.model.courses.tenure import noisy_share
from pipeline.model.national.protection import Protection

_COUNTS = ("n_persons", "persons_key")


def grant_quarter(
    grants: pd.DataFrame,
    residents: Mapping[str, float],
    regions: Mapping[str, str],
    protection: Protection,
    level: float,
) -> pd.DataFrame:
    """Return ``result.grant_quarter``: first grants of each quarter, and of its year until its end.

    ``grants`` is ``mart.grant_quarter``: outcome, municipality_code, year, quarter, n_persons,
    persons_key; ``residents`` municipality_code -> persons, ``regions`` municipality_code ->
    region_code. Of the country and of each region, every outcome in every quarter from the first to
    the last with a grant. A count of a year to date is protected for itself, with the noise of its
    own persons. Its change is from the same quarters of the year before, as a share of them, with
    limits at ``level`` of the ratio of two Poisson counts (Wilson's of the later one's share of
    both, noise counted in); missing in the first year and where a count is not shown. A row of
    which one count is not shown shows none.
    """
    names = [COUNTRY, *sorted(set(regions.values()))]
    every = [
        pd.DataFrame({"outcome": sorted(set(grants["outcome"]))}),
        pd.DataFrame({"area_code": names}),
    ]
    every.append(_quarters(grants))
    rows = with_regions(grants, regions)
    rows = rows[rows["area_code"].isin(names)]
    own = summed(rows, ["outcome", "area_code", "year", "quarter"], _COUNTS)
    own = completed(own, every, _COUNTS)
    until = own.copy()
    until[list(_COUNTS)] = own.groupby(["outcome", "area_code", "year"])[list(_COUNTS)].cumsum()
    listed = dict.fromkeys(regions.values(), 0.0)
    for code, persons in residents.items():
        listed[regions[code]] += persons
    shown = protected_series(own, listed, ["outcome"], ["year", "quarter"], protection)
    to_date = protected_series(until, listed, ["outcome", "quarter"], ["year"], protection)
    hidden = (shown["is_suppressed"] | to_date["is_suppressed"]).to_numpy()
    until_end = {"n_to_date": to_date["n_persons"], "to_date_noise_sd": to_date["noise_sd"]}
    result = shown.assign(**until_end, is_suppressed=hidden)
    counted = ["n_persons", "noise_sd", *until_end]
    result.loc[hidden, counted] = np.nan
    return with_change(result, level)[list(columns("grant_quarter"))]


def pension_stock(
    stock: pd.DataFrame, residents: Mapping[str, float], protection: Protection
) -> pd.DataFrame:
    """Return ``result.pension_stock``: persons on pension and in flexjob at the end of each year.

    ``stock`` is ``mart.pension_stock``: year, municipality_code, benefit_state, n_persons,
    persons_key; ``residents`` municipality_code -> persons. Of the country and each municipality,
    every benefit in every year; missing where too few are expected
    (:func:`~pipeline.model.courses.areas.is_rare`).
    """
    rows = with_country(stock.rename(columns={"benefit_state": "state_group"}))
    counts = summed(rows, ["area_code", "year", "state_group"], _COUNTS)
    every = [
        all_areas(residents),
        stock[["year"]].drop_duplicates().sort_values("year"),
        pd.DataFrame({"state_group": ["disability_pension", "flexjob"]}),
    ]
    whole = completed(counts, every, _COUNTS)
    shown = protected_series(whole, residents, ["state_group"], ["year"], protection)
    return shown[list(columns("pension_stock"))]


def _quarters(grants: pd.DataFrame) -> pd.DataFrame:
    """Return every quarter from the first to the last with a grant: year and quarter."""
    numbers = 4 * grants["year"].astype(int) + grants["quarter"].astype(int) - 1
    every = np.arange(numbers.min(), numbers.max() + 1) if len(numbers) else np.array([], dtype=int)
    return pd.DataFrame({"year": every // 4, "quarter": 1 + every % 4})


def with_change(result: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return ``result`` with change_share and its limits, of n_to_date against the year before."""
    key = ["outcome", "area_code", "year", "quarter"]
    names = ["n_to_date", "to_date_noise_sd"]
    before = result[[*key, *names]].assign(year=result["year"] + 1)
    both = result[key].merge(before, how="left", on=key)
    now, was = (
        frame["n_to_date"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        for frame in (result, both)
    )
    noise, noise_before = (
        frame["to_date_noise_sd"].to_numpy(dtype=float) for frame in (result, both)
    )
    # Of two Poisson counts of one rate each is half of their sum, by a binomial draw.
    whole = now + was
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(was > 0, now / was - 1, np.nan)
        noise_of_share = np.hypot(noise * was, noise_before * now) / whole
    _, low, high = noisy_share(now, whole, noise_of_share, level)
    is_known = np.isfinite(change)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = [np.where(is_known, share / (1 - share) - 1, np.nan) for share in (low, high)]
    return result.assign(
        to_date_change=change, to_date_change_low=ends[0], to_date_change_high=ends[1]
    )
