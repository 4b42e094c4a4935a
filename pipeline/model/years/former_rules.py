"""What merged municipalities follow as tables: all of them, and apart by what they granted before.

AKF saw that those granting few tended to tighten together and those granting many to follow their
largest. The two are told apart by their level of before the reform alone; of counts after it
nothing is looked at, so that chance in these makes no change.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.model.numerics.shown_counts import Transitions
from pipeline.model.years.merged import RULES, Rules, rules_of

#: Merged municipalities that anything is told of from.
FEWEST = 10
FEW, MANY = "few", "many"


def rule_frame(rules: Rules, n: int) -> pd.DataFrame:
    """Return a row per rule: its share with limits, and the change that all ``n`` share."""
    made: dict[str, Any] = {
        "rule": RULES,
        "n_municipalities": n,
        "share": rules.share,
        "share_low": rules.low,
        "share_high": rules.high,
        "p_commonest": rules.commonest,
    }
    for name, value in zip(("", "_low", "_high"), rules.shift, strict=True):
        made[f"joint_change{name}"] = value
    return pd.DataFrame(made)


def side_frame(
    targets: np.ndarray,
    shown: np.ndarray,
    expected: np.ndarray,
    transitions: Transitions,
    level: float,
) -> pd.DataFrame:
    """Return :func:`rule_frame` by side: who granted few, or many, before the reform.

    ``targets`` (M, 3, D) are draws of the levels by rule as before, ``shown`` and ``expected`` (M,)
    the counts after, as of :func:`~pipeline.model.years.merged.rules_of`. Few is where the median
    of the mean of the parts, O/E, is below 1. A side of fewer than :data:`FEWEST` has no rows.
    """
    is_few = np.median(targets[:, RULES.index("mean")], axis=1) < 1
    frames = []
    for side, own in ((FEW, is_few), (MANY, ~is_few)):
        if own.sum() >= FEWEST:
            rules = rules_of(targets[own], shown[own], expected[own], transitions, level)
            frames.append(rule_frame(rules, int(own.sum())).assign(side=side))
    return pd.concat(frames, ignore_index=True) if frames else pd.DataFrame()
