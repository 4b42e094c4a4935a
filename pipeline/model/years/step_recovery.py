"""What steps and new decision-makers say of the medical consultants planted in synthetic data."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from pipeline.catalogue import columns

#: A planted change of level from here on, log odds, is one that a step should find.
A_STEP = 0.1
_COLUMNS = [name for name in columns("recovery") if name != "run_id"]


def score_steps(
    steps: pd.DataFrame, planted: pd.DataFrame, model: str, level: float = 0.95
) -> pd.DataFrame:
    """Return ``recovery`` rows of the steps of one run: outcome, model, measure, value, truth.

    ``steps`` is ``practice_step``; ``planted`` has outcome, municipality_code, year and
    ``consultant_effect`` (log odds). A municipality has a planted step in an outcome where its
    largest change from one year of the span to the next is at least :data:`A_STEP`, and none where
    nothing changes; others are not scored, and neither is who is not looked at.
    ``step_found``: share of those with one that are called a step. ``step_false``: of those without
    that are. ``step_year_held``: of those found whose interval holds the planted year, which is
    aimed to be ``level``. A measure of nobody is missing.
    """
    looked_at = steps[steps["step_year"].notna()]
    rows: list[tuple[str, str, str, float, float]] = []
    for outcome, frame in looked_at.groupby("outcome", sort=False):
        own = planted[planted["outcome"] == outcome]
        if own.empty:
            continue
        judged = pd.DataFrame(_judged(frame, own), columns=["size", "year", "called", "held"])
        has_step, has_none = judged["size"] >= A_STEP, judged["size"] == 0
        found = has_step & judged["called"]
        for measure, share, aim in (
            ("step_found", judged.loc[has_step, "called"], 1.0),
            ("step_false", judged.loc[has_none, "called"], 0.0),
            ("step_year_held", judged.loc[found, "held"], level),
        ):
            value = float(share.astype(float).mean()) if len(share) else float("nan")
            rows.append((str(outcome), model, measure, value, aim))
    return pd.DataFrame(rows, columns=_COLUMNS)


def score_spread(
    spreads: pd.DataFrame, moves: pd.DataFrame, outcome: str, model: str
) -> pd.DataFrame:
    """Return the ``recovery`` row of how far consultants differ, none where that is not seen.

    ``spreads`` is ``new_decision_maker`` of the planted dates, ``moves`` has year and move (log
    odds) of each. The truth is the spread that the moves of the years looked at have.
    """
    rows = []
    known = spreads[spreads["outcome"] == outcome].dropna(subset=["decision_maker_spread"])
    for row in known.to_dict("records"):
        inside = moves["year"].between(row["year_from"], row["year_to"])
        truth = float(np.sqrt((moves.loc[inside, "move"] ** 2).mean() / 2))
        spread = float(row["decision_maker_spread"])
        rows.append((outcome, model, "decision_maker_spread", spread, truth))
    return pd.DataFrame(rows, columns=_COLUMNS)


def _judged(steps: pd.DataFrame, planted: pd.DataFrame) -> Iterator[tuple[float, int, bool, bool]]:
    """Yield size and year of the largest planted change of each row, if it is called and held."""
    effect = planted.pivot(index="municipality_code", columns="year", values="consultant_effect")
    for row in steps.to_dict("records"):
        years = [y for y in effect.columns if row["year_from"] <= y <= row["year_to"]]
        if row["municipality_code"] not in effect.index or len(years) < 2:
            continue
        change = np.diff(effect.loc[row["municipality_code"], years].to_numpy(dtype=float))
        at = int(np.argmax(np.abs(change)))
        year = int(years[at + 1])
        held = row["step_year_low"] <= year <= row["step_year_high"]
        yield float(abs(change[at])), year, bool(row["is_step"]), bool(held)
