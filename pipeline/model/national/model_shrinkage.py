"""What the practice effects of each model are drawn towards, and their joint posterior.

``pooled`` and ``within`` effects are drawn towards the municipalities' average. Model
``conditions`` is about what framework conditions do not explain: its posterior is that of the
second stage on the effects of ``within``, less the part explained, because the error that the
regression brings into net effects is not independent of the practice that is left.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.model.inference.shrinkage import ShrinkageResult, empirical_bayes
from pipeline.model.national.conditions import Adjustment, Conditions
from pipeline.model.national.expected import Expected


def shrink_effects(expected: Expected, level: float) -> ShrinkageResult:
    """Return the practice effects of one model drawn towards their average, M municipalities."""
    return empirical_bayes(
        expected.practice_effect,
        np.sqrt(np.diag(expected.rank_covariance)),
        level,
        covariance=expected.rank_covariance,
        expected=expected.expected,
        counts=expected.shown_counts,
    )


def shrink_net_effects(
    net: Expected, within: Expected, adjustment: Adjustment, conditions: Conditions, level: float
) -> ShrinkageResult:
    """Return the practice of model ``conditions`` drawn towards its average, M municipalities.

    ``net`` is the expectation given conditions, ``within`` that without, ``adjustment`` what they
    explain of it. Effects are against the national practice of ``net``.
    """
    shrinkage = empirical_bayes(
        within.practice_effect,
        np.sqrt(np.diag(within.rank_covariance)),
        level,
        conditions.centred,
        covariance=within.rank_covariance,
        tau2=adjustment.tau2,
        expected=within.expected,
        counts=within.shown_counts,
        net=True,
    )
    moved = float(np.mean(within.rank_effect - adjustment.explained - net.rank_effect))
    return replace(
        shrinkage,
        mean=shrinkage.mean - moved,
        shrunk=shrinkage.shrunk - moved,
        low=shrinkage.low - moved,
        high=shrinkage.high - moved,
    )
