"""Tenure on cash and education benefit: who is on it, who comes and goes, and how fast they leave.

Tenure is cumulative, across breaks and moves. A band 2 to 5 years would hide that exits are most
frequent between one and two years and turn at three, so there is an edge at 3.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.catalogue import columns
from pipeline.model.courses.areas import COUNTRY, shown_counts, summed, with_country
from pipeline.model.national.protection import Protection
from pipeline.model.numerics.intervals import proportion_wilson_limits

#: Tenure bands in order, each by its whole years passed (10 is ten or more).
TENURE_BANDS: Mapping[str, tuple[int, ...]] = {
    "up_to_1": (0,),
    "1_to_2": (1,),
    "2_to_3": (2,),
    "3_to_5": (3, 4),
    "5_to_10": (5, 6, 7, 8, 9),
    "over_10": (10,),
}
#: A direction's flow over all states.
ALL = "all"
MOVED = "moved"
_BAND_OF = {year: band for band, years in TENURE_BANDS.items() for year in years}
_COUNTS = ("n_persons", "persons_key")


def tenure_stock(stock: pd.DataFrame, protection: Protection) -> pd.DataFrame:
    """Return ``result.tenure_stock``: persons on benefit at the end of each quarter.

    ``stock`` is ``mart.tenure_stock``: year, quarter, municipality_code, benefit_state, age_group,
    tenure_year, n_persons, persons_key. One dimension at a time: ``all``, ``tenure_band``,
    ``benefit_state`` and ``benefit_age``; every area has every level in every quarter, 0 where
    nobody is. Counts are as ``protection`` shows them, each for itself: levels add up to ``all``
    but for the noise.
    """
    rows = with_country(stock)
    made = []
    for dimension, level in (
        (ALL, pd.Series(ALL, rows.index)),
        ("tenure_band", rows["tenure_year"].map(_BAND_OF)),
        ("benefit_state", rows["benefit_state"]),
        ("benefit_age", rows["benefit_state"] + "_" + rows["age_group"]),
    ):
        key = ["area_code", "year", "quarter", "level"]
        counts = summed(rows.assign(level=level), key, _COUNTS)
        levels = list(TENURE_BANDS) if dimension == "tenure_band" else sorted(set(level))
        made.append(_completed(counts, levels).assign(dimension=dimension))
    whole = shown_counts(pd.concat(made, ignore_index=True), protection)
    return whole[list(columns("tenure_stock"))]


def tenure_flow(flow: pd.DataFrame, protection: Protection) -> pd.DataFrame:
    """Return ``result.tenure_flow``: who came on benefit in each quarter, and who left it.

    ``flow`` is ``mart.tenure_flow``: year, quarter, municipality_code, direction, state_group,
    n_persons, persons_key. The sum over the states has state_group ``all``; states that nobody came
    from or went to have no row. Moves between municipalities are none of the country's.
    """
    rows = with_country(flow)
    rows = rows[(rows["area_code"] != COUNTRY) | (rows["state_group"] != MOVED)]
    both = pd.concat([rows.assign(state_group=ALL), rows], ignore_index=True)
    key = ["area_code", "year", "quarter", "direction", "state_group"]
    shown = shown_counts(summed(both, key, _COUNTS), protection)
    return shown[list(columns("tenure_flow"))]


def tenure_exit(exits: pd.DataFrame, protection: Protection, level: float) -> pd.DataFrame:
    """Return ``result.tenure_exit``: the share who leave within a year, by year of tenure.

    ``exits`` is ``mart.tenure_exit``: year, municipality_code, tenure_year, n_persons, persons_key,
    n_exits, exits_key. The share is of counts as shown, with Wilson limits at ``level`` that count
    the noise in; it is missing where nobody is shown to be on benefit.
    """
    counts = ["n_persons", "persons_key", "n_exits", "exits_key"]
    made = summed(with_country(exits), ["area_code", "year", "tenure_year"], counts)
    made = shown_counts(made, protection, "n_exits", "exits_key").rename(
        columns={"noise_sd": "exits_sd"}
    )
    made = shown_counts(made, protection)
    n = made["n_persons"].to_numpy(dtype=float)
    made["n_exits"] = np.minimum(made["n_exits"], made["n_persons"])
    share, low, high = noisy_share(
        made["n_exits"].to_numpy(dtype=float), n, made["exits_sd"].to_numpy(dtype=float), level
    )
    made = made.assign(exit_share=share, exit_share_low=low, exit_share_high=high)
    return made[list(columns("tenure_exit"))]


def noisy_share(
    part: np.ndarray, whole: np.ndarray, noise_sd: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return ``part`` over ``whole`` with Wilson limits at ``level``, all nan where whole is 0.

    Noise in the part, of ``noise_sd``, widens the limits as fewer persons would: its variance is
    added to the binomial one, and the limits are those of the number of persons with that variance.
    """
    known = whole > 0
    n = np.where(known, whole, 1.0)
    share = np.clip(part / n, 0.0, 1.0)
    # Agresti-Coull's middle keeps the variance of a share of 0 or 1 above 0.
    middle = (share * n + 2) / (n + 4)
    binomial = middle * (1 - middle) / n
    fewer = n * binomial / (binomial + (np.nan_to_num(noise_sd) / n) ** 2)
    low, high = proportion_wilson_limits(share * fewer, fewer, level)
    return tuple(np.where(known, values, np.nan) for values in (share, low, high))  # type: ignore[return-value]


def _completed(counts: pd.DataFrame, levels: list[str]) -> pd.DataFrame:
    """Return ``counts`` with every area, quarter and level, 0 where there was no row."""
    quarters = counts[["year", "quarter"]].drop_duplicates()
    areas = pd.DataFrame({"area_code": sorted(set(counts["area_code"]))})
    whole = areas.merge(quarters, how="cross").merge(pd.DataFrame({"level": levels}), how="cross")
    merged = whole.merge(counts, on=["area_code", "year", "quarter", "level"], how="left")
    merged[list(_COUNTS)] = merged[list(_COUNTS)].fillna(0).astype("int64")
    order = {level: place for place, level in enumerate(levels)}
    merged["place"] = merged["level"].map(order)
    ordered = merged.sort_values(["area_code", "year", "quarter", "place"], ignore_index=True)
    return ordered.drop(columns="place")
