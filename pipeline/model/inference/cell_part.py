"""Some of a country's cells, held against national practice on their own; slopes of their O/E."""

from __future__ import annotations

import numpy as np
from scipy.special import expit
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.tools.tools import add_constant

from pipeline.model.inference.count_regression import UnsettledMeanError
from pipeline.model.inference.shrinkage import empirical_bayes
from pipeline.model.numerics.shift import solve_shift
from pipeline.model.numerics.shown_counts import ShownCounts, Transitions


class CellPart:
    """Cells of M units, with risks known up to their level: all that was observed is expected.

    ``unit`` (n,) numbers the units; ``persons`` and ``log_odds`` (n,) are of the cells,
    ``observed`` (M,) events of the units, and ``expected`` (M,) those under common practice.
    """

    def __init__(
        self, unit: np.ndarray, persons: np.ndarray, log_odds: np.ndarray, observed: np.ndarray
    ) -> None:
        self._unit, self._persons, self._n = unit, persons, len(observed)
        self.observed = observed
        self._log_odds = log_odds + solve_shift(log_odds, persons, np.array([observed.sum()]))[0]
        self.expected = self.at(np.zeros(self._n))

    def at(self, effect: np.ndarray) -> np.ndarray:
        """Return the (M,) events expected under practice of ``effect`` (M,) log odds."""
        return self.at_cells(effect[self._unit])

    def at_cells(self, effect: np.ndarray) -> np.ndarray:
        """Return the (M,) events expected under ``effect`` (n,) log odds, one of each cell."""
        risk = expit(self._log_odds + effect)
        return np.bincount(self._unit, self._persons * risk, self._n)

    def effects(self, noise_variance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the (M,) effects in log odds and their errors; ``noise_variance`` of the events.

        nan without an event, and with one for everybody.
        """
        persons = np.bincount(self._unit, self._persons, self._n)
        known = (self.observed > 0) & (self.observed < persons)
        wanted = np.where(known, self.observed, self.expected)
        effect = solve_shift(self._log_odds, self._persons, wanted, self._unit)
        risk = expit(self._log_odds + effect[self._unit])
        variance = np.bincount(self._unit, self._persons * risk * (1 - risk), self._n)
        with np.errstate(divide="ignore", invalid="ignore"):
            se = np.sqrt(variance + noise_variance) / variance
        return np.where(known, effect, np.nan), np.where(known, se, np.nan)

    def practice(
        self, noise_variance: np.ndarray, used: np.ndarray, transitions: Transitions | None
    ) -> np.ndarray | None:
        """Return the shrunken effects (M,) of the units ``used`` (M,), nan of the others.

        ``transitions`` where each unit's events are one count with noise, whose likelihood is then
        known. None where units do not differ beyond chance or their counts are too small to say:
        what is checked with them is then left out, and no night ends for it.
        """
        effect, se = self.effects(noise_variance)
        counts = None
        if transitions is not None:
            counts = ShownCounts(self.observed[used], noise_variance[used], transitions)
        try:
            shrunken = empirical_bayes(
                effect[used], se[used], expected=self.expected[used], counts=counts
            )
        except UnsettledMeanError:
            return None
        if shrunken.tau2 <= 0 or np.ptp(shrunken.shrunk) == 0:
            return None
        practice = np.full(self._n, np.nan)
        practice[used] = shrunken.shrunk
        return practice


def ratio_slopes(
    observed: np.ndarray, expected: np.ndarray, regressors: np.ndarray, noise_variance: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return the slopes (p,) of log O/E on ``regressors`` (g, p), their errors and the dispersion.

    Quasi-likelihood: the variance of a count is its mean and the noise's, which the errors are for,
    times the dispersion, Pearson's chi-square per degree of freedom.
    """
    model = GLM(
        observed,
        add_constant(regressors),
        family=families.Poisson(),
        offset=np.log(expected),
        var_weights=1 / (1 + np.nan_to_num(noise_variance) / expected),
    )
    fit = model.fit()
    dispersion = float(fit.pearson_chi2) / max(float(fit.df_resid), 1.0)
    return np.asarray(fit.params[1:]), np.asarray(fit.bse[1:]), dispersion
