"""The variances by level that the counts make most plausible: one objective, one minimiser.

The objective is the counts' evidence by expectation propagation times the parameters' prior. Its
slope at sites that have settled is that of the normal likelihood with the sites kept as they are:
a change of sites changes the evidence to the second order only (Seeger, M. (2005). Expectation
propagation for exponential families). So a quasi-Newton method with line search can go up, and
cannot swing as rounds of sites and variances that answer each other do.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize

from pipeline.model.levels.likelihood import Likelihood
from pipeline.model.levels.prior import Parameters, covariance, log_prior
from pipeline.model.levels.sites import Counts, Sites, first_sites, refine

Floats = NDArray[np.float64]

_MOST_ROUNDS = 400
#: Sites have settled when none moves further, in posterior standard deviations.
_SITE_TOLERANCE = 1e-6
#: Slope of the objective per standard error of the parameters: aimed at, and still taken for a top.
_SLOPE, _LARGEST_SLOPE = 1e-3, 0.02
_MOST_STEPS = 200


class NotSettledError(ValueError):
    """The counts of a dimension have no variances that this module can find."""


@dataclass(frozen=True)
class Settled:
    """Sites that have settled at parameters, the likelihood there, and the counts' log evidence."""

    sites: Sites
    likelihood: Likelihood
    log_evidence: float


def settle(counts: Counts, parameters: Parameters, shares: Floats, sites: Sites) -> Settled:
    """Return where sites settle at ``parameters``, from ``sites`` on.

    Raises :class:`NotSettledError` where they do not.
    """
    prior = covariance(parameters, shares)
    part, before = 1.0, np.inf
    for _ in range(_MOST_ROUNDS):
        there = Likelihood.of(parameters, shares, sites, prior)
        new, moved, log_ratio = refine(counts, sites, there.centre(), there.variance())
        if moved < _SITE_TOLERANCE:
            return Settled(sites, there, there.log_value + log_ratio)
        # All sites move at once and may overshoot together: moves that grow are taken in part.
        if not moved < before:
            part = max(part / 2, 0.1)
        before = moved
        sites = Sites(
            sites.shift + part * (new.shift - sites.shift),
            sites.precision + part * (new.precision - sites.precision),
        )
    raise NotSettledError(f"sites still move by {moved:.1e} after {_MOST_ROUNDS} rounds")


def best_parameters(
    counts: Counts, shares: Floats, start: Parameters, *, is_tau2_known: bool
) -> tuple[Parameters, Settled]:
    """Return the parameters of largest evidence times prior, and the sites there.

    The units' variance stays that of ``start`` where it is known. Raises :class:`NotSettledError`
    where no top is found.
    """
    place = settle(counts, start, shares, first_sites(counts))
    free = np.arange(1 if is_tau2_known else 0, len(start.vector))
    information = place.likelihood.information() + log_prior(start)[2]
    # In units of standard errors the directions are alike, as the minimiser takes them to be.
    unit = np.sqrt(np.diag(np.linalg.inv(information[np.ix_(free, free)])))
    smallest, largest = ((bound - start.vector)[free] / unit for bound in start.bounds())

    def parameters_at(steps: Floats) -> Parameters:
        vector = start.vector.copy()
        vector[free] += unit * steps
        return Parameters(vector)

    def objective(steps: Floats) -> tuple[float, Floats]:
        nonlocal place
        parameters = parameters_at(steps)
        place = settle(counts, parameters, shares, place.sites)
        by_prior, slope, _ = log_prior(parameters)
        return -place.log_evidence - by_prior, -unit * (place.likelihood.score() + slope)[free]

    top = optimize.minimize(
        objective,
        np.zeros(len(free)),
        jac=True,
        method="L-BFGS-B",
        bounds=optimize.Bounds(smallest, largest),
        options={"gtol": _SLOPE, "ftol": 0.0, "maxiter": _MOST_STEPS, "maxfun": 2 * _MOST_STEPS},
    )
    # At a bound only the way back inside counts.
    away = np.clip(top.x - top.jac, smallest, largest) - top.x
    slope = float(np.abs(away).max())
    if not slope < _LARGEST_SLOPE:
        raise NotSettledError(f"slope {slope:.1e} where no step leads further up ({top.message})")
    parameters = parameters_at(top.x)
    return parameters, settle(counts, parameters, shares, place.sites)
