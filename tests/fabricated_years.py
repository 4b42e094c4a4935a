"""Fabricated tables of practice over the years, beside ``fabricated_later``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.disclosure import CellKey
from pipeline.model.years.step_frames import step_frame
from pipeline.model.years.steps import drawn_counts

YEARS = (2006, 2007)
HISTORY = tuple(range(1998, 2008))
VARIATION = 0.05
#: Who changes level in the outcome of the report, by place: from when, and how much.
PLANTED = {3: (2003, 1.9), 40: (2005, 0.5), 71: (2002, 1.7)}


def fabricate_years(within: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return steps of grants drawn around what ``within`` expects, with :data:`PLANTED`."""
    history = drawn_history(within, np.random.default_rng(37))
    unreported = pd.DataFrame({"municipality_code": ["219"], "year": [2007]})
    transitions = CellKey().transitions
    return {"practice_step": step_frame(history, within, unreported, YEARS, transitions, 0.95, 1)}


def drawn_history(within: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return rows of ``grant_history`` as shown, of municipalities large enough to be seen."""
    key, parts, outcomes = CellKey(), [], list(dict.fromkeys(within["outcome"]))
    planted = "ANY" if "ANY" in outcomes else outcomes[0]
    for outcome, rows in within.groupby("outcome", sort=False):
        mean = np.repeat(rows["expected"].to_numpy(float)[:, None] / 2 + 40, len(HISTORY), axis=1)
        if outcome == planted:
            for place, (year, factor) in PLANTED.items():
                mean[place, HISTORY.index(year) :] *= factor
        counts = drawn_counts(mean, VARIATION, rng)
        shown = key.transitions.shown(counts, rng.random(counts.shape)).ravel()
        parts.append(
            pd.DataFrame(
                {
                    "outcome": outcome,
                    "municipality_code": np.repeat(rows["municipality_code"], len(HISTORY)),
                    "year": np.tile(HISTORY, len(rows)),
                    "residents": np.repeat(rows["n_at_risk"].to_numpy() // 2 + 10, len(HISTORY)),
                    "observed": shown,
                    "noise_sd": np.sqrt(key.noise_variance(shown)),
                    "is_suppressed": False,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)
