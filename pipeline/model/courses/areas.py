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


def shown_counts(
    counts: pd.DataFrame, protection: Protection, n: str = "n_persons", key: str = "persons_key"
) -> pd.DataFrame:
    """Return ``counts`` with ``n`` as ``protection`` shows it, and noise_sd in place of ``key``."""
    shown = protection.shown(counts[n].to_numpy(), counts[key].to_numpy())
    noise = np.sqrt(protection.noise_variance(shown.astype(float)))
    return counts.drop(columns=key).assign(**{n: shown, "noise_sd": noise})
