"""Fabricated tables of practice over the years, beside ``fabricated_later``."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.codes import code_list
from pipeline.codes.decision_makers import NewDecisionMakers
from pipeline.disclosure import CellKey
from pipeline.model.years.decision_maker_frames import decision_maker_frame
from pipeline.model.years.former_frames import former_frames
from pipeline.model.years.step_frames import step_frame
from pipeline.model.years.steps import drawn_counts

YEARS = (2006, 2007)
HISTORY = tuple(range(1998, 2008))
VARIATION = 0.05
#: Merged municipalities of which parts are drawn.
N_MERGED = 14
#: Who changes level in the outcome of the report, by place: from when, and how much.
PLANTED = {3: (2003, 1.9), 40: (2005, 0.5), 71: (2002, 1.7)}


def fabricate_years(within: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return steps and merged municipalities of grants drawn around what ``within`` expects."""
    history = drawn_history(within, np.random.default_rng(37))
    unreported = pd.DataFrame({"municipality_code": ["219"], "year": [2007]})
    transitions = CellKey().transitions
    drawn = np.random.default_rng(41)
    rows = within[within["outcome"].isin(["FP", "ANY"])]
    merged = former_frames(*drawn_parts(rows, drawn), history, rows, YEARS, CellKey(), 0.95, 1)
    steps = step_frame(history, within, unreported, YEARS, transitions, 0.95, 1)
    codes = sorted(set(within["municipality_code"]))
    kinds = [
        NewDecisionMakers("consultant", frozenset(drawn_dates(codes, 1))),
        NewDecisionMakers("council", frozenset(drawn_dates(codes[:12], 2))),
    ]
    moved = decision_maker_frame(history, within, unreported, YEARS, kinds, 0.95, 1)
    return {"practice_step": steps, "new_decision_maker": moved, **merged}


def drawn_dates(codes: list[str], every: int) -> set[tuple[str, int]]:
    """Return years of change: of those in ``PLANTED`` when they changed, of others by turns."""
    planted = {(codes[at], year) for at, (year, _) in PLANTED.items() if at < len(codes)}
    others = [code for at, code in enumerate(codes) if at not in PLANTED and at % (3 * every) == 0]
    return planted | {(code, 2002 + at % 4) for at, code in enumerate(others)}


def merged_parts(n_municipalities: int) -> pd.DataFrame:
    """Return former and new codes of the first municipalities merged in 2007."""
    listed = code_list("municipality_history")
    eve = listed[listed["valid_to"] == "2006-12-31"]
    parts = pd.DataFrame(
        {
            "municipality_code": eve["successor_code"].astype(object),
            "former_municipality_code": eve["municipality_code"].astype(object),
        }
    )
    several = parts.groupby("municipality_code")["municipality_code"].transform("size") > 1
    parts = parts[several].sort_values(list(parts)).reset_index(drop=True)
    kept = sorted(set(parts["municipality_code"]))[:n_municipalities]
    return parts[parts["municipality_code"].isin(kept)].reset_index(drop=True)


def drawn_parts(
    rows: pd.DataFrame, rng: np.random.Generator, spread: float = 0.3, grants: float = 30.0
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return rows of ``mart.former_history`` and what is expected of parts in 2006.

    Parts of :data:`N_MERGED` municipalities have levels of their own until 2006, with ``grants`` a
    year in the middle one; the largest one's holds for all from 2007 on.
    """
    parts, years = merged_parts(N_MERGED), [year for year in HISTORY if year >= 2002]
    n = len(parts)
    # The same in every outcome.
    expected = grants * np.exp(0.6 * rng.normal(size=n))
    level = np.exp(spread * rng.normal(size=n))
    largest = parts.assign(expected=expected).groupby("municipality_code")["expected"]
    leader = parts["municipality_code"].map(
        dict(zip(largest.groups, largest.idxmax(), strict=True))
    )
    after = level[leader.to_numpy()]
    history, composition = [], []
    for outcome in dict.fromkeys(rows["outcome"]):
        mean = np.where(np.array(years) < 2007, level[:, None], after[:, None]) * expected[:, None]
        history.append(
            pd.DataFrame(
                {
                    "outcome": outcome,
                    **{name: np.repeat(parts[name], len(years)) for name in parts},
                    "year": np.tile(years, n),
                    "residents": np.repeat(np.rint(100 * expected).astype(int), len(years)),
                    "observed": rng.poisson(mean).ravel(),
                    "observed_key": rng.integers(0, 62**4, n * len(years)),
                }
            )
        )
        composition.append(parts.assign(outcome=outcome, year=2006, expected=expected))
    return pd.concat(history, ignore_index=True), pd.concat(composition, ignore_index=True)


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
