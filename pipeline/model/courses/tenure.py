"""Tenure on cash and education benefit: who is on it, who comes and goes, and how fast they leave.

Tenure is cumulative, across breaks and moves. A band 2 to 5 years would hide that exits are most
frequent between one and two years and turn at three, so there is an edge at 3.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pipeline.catalogue import columns
from pipeline.codes import state_groups
from pipeline.model.courses.areas import (
    COUNTRY,
    all_areas,
    completed,
    hide,
    is_rare,
    protected_series,
    shown_counts,
    summed,
    with_country,
)
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
_BENEFIT = "cash_benefit"
_COUNTS = ("n_persons", "persons_key")
_TIME = ("year", "quarter")


def tenure_stock(
    stock: pd.DataFrame, residents: Mapping[str, float], protection: Protection
) -> pd.DataFrame:
    """Return ``result.tenure_stock``: persons on benefit at the end of each quarter.

    ``stock`` is ``mart.tenure_stock``: year, quarter, municipality_code, benefit_state, age_group,
    tenure_year, n_persons, persons_key; ``residents`` municipality_code -> persons. One dimension
    at a time: ``all``, ``tenure_band``, ``benefit_state`` and ``benefit_age``; every area has every
    level in every quarter. Counts are as ``protection`` shows them, each for itself: levels add up
    to ``all`` but for the noise; they are missing where too few are expected
    (:func:`~pipeline.model.courses.areas.is_rare`).
    """
    rows = with_country(stock)
    benefits = sorted(state_groups()[_BENEFIT])
    made = []
    for dimension, levels, level in (
        (ALL, [ALL], pd.Series(ALL, rows.index)),
        ("tenure_band", list(TENURE_BANDS), rows["tenure_year"].map(_BAND_OF)),
        ("benefit_state", benefits, rows["benefit_state"]),
        (
            "benefit_age",
            [f"{benefit}_{age}" for benefit in benefits for age in ("30_and_over", "under_30")],
            rows["benefit_state"] + "_" + rows["age_group"],
        ),
    ):
        counts = summed(rows.assign(level=level), ["area_code", *_TIME, "level"], _COUNTS)
        every = [all_areas(residents), _quarters(stock), pd.DataFrame({"level": levels})]
        made.append(completed(counts, every, _COUNTS).assign(dimension=dimension))
    counts = pd.concat(made, ignore_index=True)
    shown = protected_series(counts, residents, ["dimension", "level"], _TIME, protection)
    return shown[list(columns("tenure_stock"))]


def tenure_flow(
    flow: pd.DataFrame, residents: Mapping[str, float], protection: Protection
) -> pd.DataFrame:
    """Return ``result.tenure_flow``: who came on benefit in each quarter, and who left it.

    ``flow`` is ``mart.tenure_flow``: year, quarter, municipality_code, direction, state_group,
    n_persons, persons_key. The sum over the states has state_group ``all``; every area has every
    state in every quarter. Moves between municipalities are none of the country's. The rest as in
    :func:`tenure_stock`.
    """
    rows = with_country(flow)
    rows = rows[(rows["area_code"] != COUNTRY) | (rows["state_group"] != MOVED)]
    both = pd.concat([rows.assign(state_group=ALL), rows], ignore_index=True)
    by = ["direction", "state_group"]
    counts = summed(both, ["area_code", *_TIME, *by], _COUNTS)
    states = [ALL, MOVED, *(group for group in state_groups() if group != _BENEFIT)]
    every = [
        all_areas(residents),
        _quarters(flow),
        pd.DataFrame({"direction": ["in", "out"]}),
        pd.DataFrame({"state_group": sorted(states)}),
    ]
    whole = completed(counts, every, _COUNTS)
    whole = whole[(whole["area_code"] != COUNTRY) | (whole["state_group"] != MOVED)]
    shown = protected_series(whole.reset_index(drop=True), residents, by, _TIME, protection)
    return shown[list(columns("tenure_flow"))]


def tenure_exit(
    exits: pd.DataFrame, residents: Mapping[str, float], protection: Protection, level: float
) -> pd.DataFrame:
    """Return ``result.tenure_exit``: the share who leave within a year, by year of tenure.

    ``exits`` is ``mart.tenure_exit``: year, municipality_code, tenure_year, n_persons, persons_key,
    n_exits, exits_key. The share is of counts as shown, with Wilson limits at ``level`` that count
    the noise in; it is missing where nobody is shown to be on benefit. Every area has every year of
    tenure; all is missing where too few are expected to leave or to be on benefit, as in
    :func:`tenure_stock`.
    """
    counts = ["n_persons", "persons_key", "n_exits", "exits_key"]
    made = summed(with_country(exits), ["area_code", "year", "tenure_year"], counts)
    years = exits[["year"]].drop_duplicates().sort_values("year")
    of_tenure = pd.DataFrame({"tenure_year": sorted(_BAND_OF)})
    made = completed(made, [all_areas(residents), years, of_tenure], counts)
    leaving = shown_counts(made, protection, "n_exits", "exits_key")
    shown = shown_counts(made, protection)
    hidden = np.zeros(len(made), dtype=bool)
    for name, of in (("n_persons", shown), ("n_exits", leaving)):
        hidden |= is_rare(made, of[name], residents, ["tenure_year"], ["year"], protection, name)
    n = shown["n_persons"].to_numpy(dtype=float)
    n_exits = np.minimum(leaving["n_exits"].to_numpy(), shown["n_persons"].to_numpy())
    limits = noisy_share(n_exits.astype(float), n, leaving["noise_sd"].to_numpy(dtype=float), level)
    names = ("exit_share", "exit_share_low", "exit_share_high")
    whole = shown.assign(n_exits=n_exits, **dict(zip(names, limits, strict=True)))
    return hide(whole, hidden)[list(columns("tenure_exit"))]


def _quarters(counts: pd.DataFrame) -> pd.DataFrame:
    return counts[list(_TIME)].drop_duplicates().sort_values(list(_TIME))


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
