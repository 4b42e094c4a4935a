"""Result frames of the ranking and of the funnel plot's limits."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.model.inference.grades import grade_units
from pipeline.model.inference.ranks import posterior_ranks, rank_sets
from pipeline.model.inference.shrinkage import ShrinkageResult
from pipeline.model.national.expected import Expected
from pipeline.model.national.specification import Specification
from pipeline.model.numerics.predictive_limits import poisson_predictive_limits
from pipeline.model.tables.frames import make_frame

#: ``ranking.p_lowest_10`` is about 10 whatever the counterfactual's standard is.
N_LOWEST = 10
#: Of pairs of municipalities in different grades at most this share is expected the wrong way.
WRONG_SHARE = 0.05
#: Shares of counts within the limits of a funnel plot, and points of a curve.
FUNNEL_SHARES, FUNNEL_POINTS = (0.95, 0.998), 120


def ranking_frame(
    outcome: str,
    model: str,
    municipality_codes: tuple[str, ...],
    expected: Expected,
    shrunk: ShrinkageResult,
    specification: Specification,
) -> pd.DataFrame:
    """Return ``ranking`` of one fit; rank 1 grants fewest relative to expectation."""
    level, draws = specification.level, specification.rank_draws
    seed = specification.draw_seed(outcome, model)
    sets = rank_sets(expected.rank_effect, expected.rank_covariance, level, draws, seed)
    posterior = posterior_ranks(shrunk.shrunk, shrunk.covariance, draws, seed, N_LOWEST, level)
    grades = grade_units(posterior.expected_rank, posterior.is_lower, WRONG_SHARE)
    quintiles = {f"p_quintile_{q + 1}": posterior.p_quintile[:, q] for q in range(5)}
    return make_frame(
        "ranking",
        outcome,
        model,
        municipality_code=list(municipality_codes),
        rank=sets.rank,
        rank_low=sets.low,
        rank_high=sets.high,
        rank_low_simultaneous=sets.low_simultaneous,
        rank_high_simultaneous=sets.high_simultaneous,
        expected_rank=posterior.expected_rank,
        rank_posterior_low=posterior.low,
        rank_posterior_high=posterior.high,
        rank_posterior_half_low=posterior.low_half,
        rank_posterior_half_high=posterior.high_half,
        grade=grades.grade,
        p_lowest_10=posterior.p_lowest_k,
        **quintiles,
    )


def funnel_frame(expected: np.ndarray) -> pd.DataFrame:
    """Return ``funnel``: limits of chance on a grid that reaches beyond all of ``expected``.

    The grid ends at the next of 1.25, 2.5, 5 and 10 times a power of ten, which tells of no one
    municipality.
    """
    largest = max(float(np.max(expected, initial=0.0)), 10.0)
    power = 10.0 ** np.floor(np.log10(largest))
    end = next(step * power for step in (1.25, 2.5, 5.0, 10.0, 12.5) if step * power > largest)
    # Near 0.1 the points of a short grid are the same when rounded.
    grid = np.unique(np.geomspace(0.1, end, FUNNEL_POINTS).round(2))
    curves = []
    for share in FUNNEL_SHARES:
        low, high = poisson_predictive_limits(grid, share, interpolate=True)
        curves.append(
            make_frame(
                "funnel",
                chance_share=np.full(len(grid), share),
                expected=grid,
                ratio_low=low / grid,
                ratio_high=high / grid,
            )
        )
    return pd.concat(curves, ignore_index=True)
