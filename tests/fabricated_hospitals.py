"""A small table of hospital stays in the style of a public data set: case mix and a 0/1 outcome."""

from __future__ import annotations

import numpy as np
import pandas as pd

AGES = ("18-49", "50-64", "65-74", "75-84", "85+")
ADMISSIONS = ("planned", "emergency")


def make_hospitals(seed: int = 2026, n_hospitals: int = 24) -> pd.DataFrame:
    """Return one row per stay: hospital, age, admission, comorbidity, n_earlier, died (0/1).

    Hospitals have 40 to 900 stays and differ in case mix; their log odds of death differ with a
    standard deviation of 0.3. Hospital 7 (or the last)
    is in truth at twice the common odds.
    """
    rng = np.random.default_rng(seed)
    sizes = np.geomspace(40, 900, n_hospitals).astype(int)
    hospital = np.repeat(rng.permutation(n_hospitals) + 1, sizes)
    effect = rng.normal(0.0, 0.3, n_hospitals + 1)
    effect[min(7, n_hospitals)] = np.log(2.0)
    older = rng.normal(0.0, 0.6, n_hospitals + 1)
    n = len(hospital)
    age = np.clip(np.rint(rng.normal(2.0 + older[hospital], 1.2, n)), 0, 4).astype(int)
    emergency = rng.random(n) < 0.35 + 0.1 * (age - 2)
    comorbidity = np.clip(rng.poisson(0.4 + 0.25 * age, n), 0, 3)
    n_earlier = rng.poisson(0.8, n)
    log_odds = (
        -4.6 + 0.55 * age + 0.8 * emergency + 0.35 * comorbidity + 0.08 * n_earlier
    ) + effect[hospital]
    return pd.DataFrame(
        {
            "hospital": [f"Hospital {number}" for number in hospital],
            "age": np.array(AGES)[age],
            "admission": np.array(ADMISSIONS)[emergency.astype(int)],
            "comorbidity": comorbidity.astype(str),
            "n_earlier": n_earlier,
            "died": (rng.random(n) < 1 / (1 + np.exp(-log_odds))).astype(int),
        }
    )
