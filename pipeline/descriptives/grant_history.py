"""First grants to residents by municipality and year, without adjustment."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.model.national.protection import Protection


def grant_history(history: pd.DataFrame, protection: Protection, level: float) -> pd.DataFrame:
    """Return outcome, municipality_code, year, residents, observed and its share as shown.

    ``history`` has one row per outcome, municipality and year with ``residents``, ``observed`` and
    ``observed_key``, the sum of the record keys of those granted. A count is missing, and
    ``is_suppressed``, where at the country's rate of the year too few are expected for it to be
    shown. ``noise_sd`` is the standard deviation of its noise. The share's limits at ``level`` hold
    chance, a Poisson count, and the noise.
    """
    shown = protection.shown(history["observed"].to_numpy(), history["observed_key"].to_numpy())
    of_year = [history["outcome"], history["year"]]
    rate = pd.Series(shown).groupby(of_year).transform("sum") / history["residents"].groupby(
        of_year
    ).transform("sum")
    hidden = protection.is_hidden((rate * history["residents"]).to_numpy(dtype=float))
    observed = np.where(hidden, np.nan, shown)
    residents = history["residents"].where(history["residents"] > 0)
    low, high = protection.transitions.mean_limits(observed, level)
    return history[["outcome", "municipality_code", "year", "residents"]].assign(
        observed=pd.array(observed, dtype="Float64").astype("Int64"),
        noise_sd=np.sqrt(protection.noise_variance(observed)),
        observed_share=observed / residents,
        observed_share_low=low / residents,
        observed_share_high=high / residents,
        is_suppressed=hidden,
    )
