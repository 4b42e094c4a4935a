"""Each municipality's difference from the country, split three ways and exactly additive.

A municipality's share of persons granted differs from the country's because other people live
there (composition), because it works under other conditions, and because of how it decides
(practice). Changing the three from the country's to the municipality's one after another gives
parts that depend on the order; they are averaged over the six orders
(:mod:`pipeline.model.numerics.decomposition`), which is right for a logit.

With all three the country's, the share is the country's observed one, because expected counts add
up to observed ones; with all three the municipality's own, it is the municipality's, because of
its own term in the first stage. So the parts add up to the raw difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.chebyshev import Chebyshev
from scipy.special import expit
from scipy.stats import norm

from pipeline.model.national.cells import CellTable
from pipeline.model.national.column_sums import ColumnSums, sum_columns_by_municipality
from pipeline.model.national.conditions import Adjustment
from pipeline.model.national.design import Design
from pipeline.model.national.effects import slope_log_odds
from pipeline.model.national.expected import Expected
from pipeline.model.national.first_stage import FitResult
from pipeline.model.numerics.decomposition import order_averaged_parts
from pipeline.model.numerics.delta import quadratic

COMPONENTS = ("composition", "framework_conditions", "practice")
TOTAL = "total"
#: Nodes at which the country's mix is evaluated; log shares are smooth, the rest is interpolation.
_NODES = 24
#: Patterns worked on at a time, at all nodes: arrays that stay in the processor's cache.
_BLOCK_PATTERNS = 2_048


@dataclass(frozen=True)
class ThreeWay:
    """(M, 4) parts in the order of :data:`COMPONENTS`, then the total, as shares 0-1, and limits.

    A municipality without grants shown has no limits: those of half a grant would leave out the
    noise of what is shown.
    """

    part: np.ndarray
    low: np.ndarray
    high: np.ndarray


@dataclass(frozen=True)
class _Figure:
    """A share per municipality with its derivatives by coefficients and by practice."""

    share: np.ndarray
    by_coefficient: np.ndarray
    by_effect: np.ndarray


def three_way(
    table: CellTable,
    design: Design,
    fit: FitResult,
    within: Expected,
    adjustment: Adjustment,
    level: float,
) -> ThreeWay:
    """Return the split of each municipality's observed share less the country's.

    Limits are normal at ``level`` by the delta method from the first stage's joint covariance. What
    conditions explain is what the best linear fit of these municipalities does; see
    :mod:`pipeline.model.national.conditions` for the other question.
    """
    log_odds = within.intercept + slope_log_odds(design, fit)
    explained = adjustment.explained
    left = within.rank_effect - explained
    national = _NationalMix(table, design, log_odds, within.rank_effect, explained, left)
    of_cells = log_odds[table.pattern]
    gaps = np.isnan(within.practice_effect)
    cache: dict[tuple[bool, bool, bool], _Figure] = {}

    def figure(values: dict[str, bool]) -> _Figure:
        own_mix, conditions, practice = (values[name] for name in COMPONENTS)
        key = (own_mix, conditions, practice)
        if key not in cache:
            effect = explained * conditions + left * practice
            made = _own_mix(table, design, of_cells, effect) if own_mix else national(effect)
            # Without grants the own practice is minus infinity, and the share under it 0.
            share = np.where(gaps, 0.0, made.share) if practice else made.share
            cache[key] = _Figure(share, made.by_coefficient, made.by_effect)
        return cache[key]

    def averaged(of: Callable[[_Figure, dict[str, bool]], np.ndarray]) -> list[np.ndarray]:
        parts = order_averaged_parts(
            lambda values: of(figure(values), values),
            dict.fromkeys(COMPONENTS, False),
            dict.fromkeys(COMPONENTS, True),
        )
        return [parts[name] for name in COMPONENTS]

    k, size = len(fit.coefficients), len(adjustment.parameter_covariance)
    explained_gradient = adjustment.hat @ adjustment.gradient
    left_gradient = adjustment.gradient - explained_gradient
    common = within.effects.intercept_gradient

    def gradient(of: _Figure, values: dict[str, bool]) -> np.ndarray:
        moved = explained_gradient * values[COMPONENTS[1]] + left_gradient * values[COMPONENTS[2]]
        total = of.by_effect[:, None] * moved
        total[:, :k] += of.by_coefficient + of.by_effect[:, None] * common
        return total[:, :size]

    part = np.column_stack(_with_total(averaged(lambda of, _: of.share)))
    gradients = _with_total(averaged(gradient))
    variance = np.column_stack([quadratic(g, adjustment.parameter_covariance) for g in gradients])
    reach = norm.ppf((1 + level) / 2) * np.sqrt(variance)
    reach[gaps] = np.nan
    return ThreeWay(part, part - reach, part + reach)


def _with_total(parts: list[np.ndarray]) -> list[np.ndarray]:
    return [*parts, np.sum(parts, axis=0)]


def _own_mix(table: CellTable, design: Design, of_cells: np.ndarray, effect: np.ndarray) -> _Figure:
    """Return the share of each municipality's own residents at (M,) practice ``effect``.

    ``of_cells`` (n,) are log odds at national practice.
    """
    p = expit(of_cells + effect[table.municipality])
    granted = table.n_persons * p
    weights = granted * (1 - p)
    at_risk = table.n_at_risk
    return _Figure(
        table.by_municipality(granted) / at_risk,
        sum_columns_by_municipality(table, design, weights) / at_risk[:, None],
        table.by_municipality(weights) / at_risk,
    )


class _NationalMix:
    """The share of the country's residents at any practice, interpolated over the effects.

    The log share is analytic in the effect; at 24 Chebyshev nodes over a few log odds it is exact
    to rounding, and hundreds of municipalities cost no more than the nodes.
    """

    def __init__(
        self, table: CellTable, design: Design, log_odds: np.ndarray, *effects: np.ndarray
    ) -> None:
        reach = [0.0, *(float(v) for effect in effects for v in (effect.min(), effect.max()))]
        domain = (min(reach) - 0.1, max(reach) + 0.1)
        nodes = Chebyshev.basis(_NODES, domain=domain).roots()
        persons = table.by_pattern(table.n_persons)
        share = persons / persons.sum()
        k = len(design.columns)
        values = np.zeros((_NODES, k + 2))
        shares = np.zeros(_NODES)
        sums = ColumnSums(design, _NODES)
        for first in range(0, len(log_odds), _BLOCK_PATTERNS):
            patterns = slice(first, first + _BLOCK_PATTERNS)
            # expit(x + d) = e^x e^d / (1 + e^x e^d): one exponential per pattern, not per node.
            odds = np.exp(log_odds[patterns, None]) * np.exp(nodes)
            p = odds / (1 + odds)
            weights = share[patterns, None] * p / (1 + odds)
            shares += share[patterns] @ p
            values[:, k] += weights.sum(axis=0)
            sums.add(patterns, weights)
        values[:, :k], values[:, k + 1] = sums.total, np.log(shares)
        fitted = np.polynomial.chebyshev.chebfit(_scaled(nodes, domain), values, deg=_NODES - 1)
        self._domain, self._fitted = domain, fitted
        self._exact = share @ expit(log_odds)

    def __call__(self, effect: np.ndarray) -> _Figure:
        values = np.polynomial.chebyshev.chebval(_scaled(effect, self._domain), self._fitted)
        share = np.where(effect == 0.0, self._exact, np.exp(values[-1]))
        return _Figure(share, values[:-2].T, values[-2])


def _scaled(values: np.ndarray, domain: tuple[float, float]) -> np.ndarray:
    low, high = domain
    return (2 * values - low - high) / (high - low)
