"""What shrinkage takes for granted: that practice is normal, and the same for small and for large.

Effects are drawn towards their mean as if they were normal with one spread. Beside it stand what
needs less: limits that hold on average whatever the shape, given the spread and the kurtosis
(:mod:`pipeline.model.inference.robust_shrinkage`); effects under the most likely distribution of
any shape (:mod:`pipeline.model.numerics.free_prior`), of which only means are told: its few points
make posterior limits that are far too short; and whether practice, or how far it is
spread, goes with size: a prior that depends on precision (Chen, J. (2023). Empirical Bayes when
estimation precision predicts parameters. arXiv 2212.14444).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.catalogue import empty_frame
from pipeline.model.followups.displacement import counts_of, likelihood_of
from pipeline.model.inference.count_likelihood import (
    CountLikelihood,
    EffectLikelihood,
    ShownCountLikelihood,
)
from pipeline.model.inference.count_regression import CountRegression, regress_counts
from pipeline.model.inference.robust_shrinkage import effect_moments, robust_empirical_bayes
from pipeline.model.numerics.free_prior import FreePrior, free_prior
from pipeline.model.numerics.shown_counts import EXACT, ShownCounts, Transitions
from pipeline.model.tables.frames import make_frame
from pipeline.model.tables.validity import LOOKED_AT

Floats = NDArray[np.float64]

#: The grid of effects: this fine in log odds, and this many spreads beyond the outermost estimates.
_GRID_STEP, _BEYOND = 0.02, 3.0
#: Countries drawn from the normal prior to see what chance makes of the likelihood's gain.
DRAWS = 49
#: Critical values worked out exactly, the others between them to the third decimal.
_KNOTS = 25
#: Municipalities that a distribution needs, and halves by size.
_FEWEST, _FEWEST_BY_SIZE = 10, 20


def prior_frames(
    benchmark: pd.DataFrame,
    level: float,
    seed: int,
    transitions: Transitions = EXACT,
    draws: int = DRAWS,
) -> dict[str, pd.DataFrame]:
    """Return ``prior`` and ``prior_effect`` from rows of ``benchmark``, a part per outcome.

    Of model :data:`LOOKED_AT`, of outcomes in which at least ten municipalities differ. What goes
    with size is missing below twenty. ``transitions`` say what noise did to the observed grants;
    ``seed`` is that of the ``draws`` countries that say how much better chance alone lets the free
    distribution fit.
    """
    rows, effects = [], []
    of_model = benchmark[benchmark["model"] == LOOKED_AT]
    for outcome, frame in of_model.groupby("outcome", sort=False):
        if len(frame) < _FEWEST:
            continue
        units = _Units.of(frame, transitions)
        normal = units.regress(level)
        if normal.stage.tau2 <= 0:
            continue
        likelihood = likelihood_of(frame, transitions)
        free = _free(likelihood, normal)
        centre = normal.stage.fitted
        counts_se = np.sqrt(normal.variance)
        moments = effect_moments(normal.estimate - centre, counts_se, 1 / normal.variance)
        robust = robust_empirical_bayes(normal.estimate, counts_se, centre, moments, level, _KNOTS)
        usual = likelihood.moments(centre, normal.stage.tau2)[0]
        moved = np.abs(free.mean - usual)
        gain = free.log_likelihood - normal.log_evidence
        by_chance = _gains_by_chance(units, normal, free.point, seed, draws)
        rows.append(
            make_frame(
                "prior",
                str(outcome),
                LOOKED_AT,
                sd=[float(np.sqrt(normal.stage.tau2))],
                sd_free=[free.sd],
                kurtosis=[moments.kappa],
                miss_share=[float(robust.worst_miss_normal().mean())],
                likelihood_gain=[gain],
                p_value=[float((1 + np.sum(by_chance >= gain)) / (1 + draws))],
                effect_moved=[float(moved.mean())],
                effect_moved_most=[float(moved.max())],
                **_by_size(units, level),
            )
        )
        effects.append(
            make_frame(
                "prior_effect",
                str(outcome),
                LOOKED_AT,
                municipality_code=frame["municipality_code"].to_numpy(),
                effect_robust=robust.shrunk,
                effect_robust_low=robust.low,
                effect_robust_high=robust.high,
                effect_free=free.mean,
            )
        )
    return {
        name: pd.concat(parts, ignore_index=True) if parts else empty_frame(name)
        for name, parts in (("prior", rows), ("prior_effect", effects))
    }


@dataclass(frozen=True)
class _Units:
    """Effects, errors and expected counts (n,) of one outcome, and counts shown with noise."""

    effect: Floats
    se: Floats
    expected: Floats
    counts: ShownCounts | None

    @classmethod
    def of(cls, rows: pd.DataFrame, transitions: Transitions) -> _Units:
        effect, se, expected = (
            rows[name].to_numpy(dtype=float)
            for name in ("practice_effect", "practice_effect_se", "expected")
        )
        return cls(effect, se, expected, counts_of(rows, transitions))

    def of_part(self, kept: NDArray[np.bool_]) -> _Units:
        """Return some of the units."""
        counts = self.counts
        if counts is not None:
            counts = ShownCounts(
                counts.observed[kept], counts.noise_variance[kept], counts.transitions
            )
        return _Units(self.effect[kept], self.se[kept], self.expected[kept], counts)

    def regress(self, level: float, covariates: Floats | None = None) -> CountRegression:
        """Return the regression of the effects on ``covariates`` (n,), of counts as counts."""
        return regress_counts(
            self.effect,
            self.se,
            self.expected,
            covariates,
            level=level,
            knapp_hartung=covariates is not None,
            counts=self.counts,
        )


def _free(likelihood: EffectLikelihood, normal: CountRegression) -> FreePrior:
    """Return the most likely distribution of effects over a grid that holds all estimates."""
    reach = _BEYOND * np.sqrt(normal.stage.tau2)
    centre = float(normal.stage.fitted.mean())
    # Beyond some ten spreads nobody is drawn, whatever an empty unit's estimate is.
    low = max(normal.estimate.min() - reach, centre - 4 * reach)
    high = min(normal.estimate.max() + reach, centre + 4 * reach)
    point = np.arange(np.floor(low / _GRID_STEP), np.ceil(high / _GRID_STEP) + 1) * _GRID_STEP
    return free_prior(point, likelihood.log(point))


def _gains_by_chance(
    units: _Units, normal: CountRegression, point: Floats, seed: int, draws: int
) -> Floats:
    """Return the gains of the free over the normal distribution where the normal one is true.

    The normal one is not fitted again to what is drawn: gains are a little large, p-values too.
    """
    rng = np.random.default_rng(seed)
    mean, tau2 = normal.stage.fitted, normal.stage.tau2
    gains = []
    for _ in range(draws):
        effect = rng.normal(mean, np.sqrt(tau2))
        true = rng.poisson(units.expected * np.exp(effect))
        drawn: EffectLikelihood
        if units.counts is None:
            drawn = CountLikelihood.of_counts(true, units.expected)
        else:
            transitions = units.counts.transitions
            shown = transitions.shown(true, rng.random(len(true)))
            drawn = ShownCountLikelihood.of(shown, units.expected, transitions)
        free = free_prior(point, drawn.log(point)).log_likelihood
        gains.append(free - float(drawn.evidence(mean, tau2)[0].sum()))
    return np.array(gains)


def _by_size(units: _Units, level: float) -> dict[str, list[float]]:
    """Return how practice goes with the expected count: per doubling, and spreads of the halves."""
    names = ("size_effect", "size_effect_low", "size_effect_high", "size_p_value")
    if len(units.effect) < _FEWEST_BY_SIZE:
        return {name: [np.nan] for name in (*names, "sd_small", "sd_large")}
    doublings = np.log2(units.expected)
    stage = units.regress(level, doublings - doublings.mean()).stage
    is_small = units.expected <= np.median(units.expected)
    spreads = [
        np.sqrt(units.of_part(half).regress(level).stage.tau2) for half in (is_small, ~is_small)
    ]
    values = (stage.coefficients[1], stage.low[1], stage.high[1], stage.p_value[1], *spreads)
    return {
        name: [float(value)]
        for name, value in zip((*names, "sd_small", "sd_large"), values, strict=True)
    }
