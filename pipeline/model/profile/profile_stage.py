"""The first stage of a profile: an intercept for each unit and slopes from within units.

Newton's method on intercepts and slopes together. The information of the intercepts is diagonal,
so each step solves for the slopes alone, after what the intercepts explain is taken out: work and
memory grow with the rows and the units, not with their square, and what stops a fit is said of the
covariates, never of the units. Numbers are centred and scaled inside.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import expit, log_expit, logit

from pipeline.errors import ModelError
from pipeline.model.logit.factor_checks import LARGEST_COEFFICIENT, LARGEST_SE, RANK_TOLERANCE
from pipeline.model.numerics.exact_sums import invert_information
from pipeline.model.profile.profile_cells import Cells
from pipeline.model.profile.profile_slopes import Slopes, listed, make_slopes, refuse_empty_levels

_MOST_STEPS = 100
_MOST_HALVINGS = 30
_LARGEST_STEP = 4.0
_STEP_TOLERANCE = 1e-9
#: A loss of log likelihood within rounding, relative, is no loss.
_LOSS_TOLERANCE = 1e-11
#: Rounds of bringing each intercept to its unit's events between the steps.
_LEVELLING = 5


@dataclass(frozen=True)
class FirstStage:
    """A fit on the units that have an intercept; M units, K slopes.

    Attributes
    ----------
    slopes: the columns.
    own: (M,) intercepts at the covariates' centre; nan for a unit left out because it has none.
    estimates, covariance: (K,) and (K, K), of centred and scaled columns.
    information: (M,) of each intercept alone; 0 for a unit left out.
    column_sums: (M, K) sums of the columns over the unit, weighted as the information.
    """

    slopes: Slopes
    own: np.ndarray
    estimates: np.ndarray
    covariance: np.ndarray
    information: np.ndarray
    column_sums: np.ndarray

    @property
    def predictors(self) -> np.ndarray:
        """(n,) linear predictors of all cells from the covariates alone."""
        return np.asarray(self.slopes.columns @ self.estimates)


def fit_first_stage(cells: Cells, is_estimated: np.ndarray) -> FirstStage:
    """Return the fit on the units that have an effect of their own: (M,) ``is_estimated``.

    Raises :class:`ModelError` naming the levels in which nobody or everybody has the event, the
    covariates that depend on the units or on each other, those that separate the events, or what
    keeps the fit from converging.
    """
    inside = is_estimated[cells.unit]
    if not inside.any():
        raise ModelError("in every unit nobody or everybody has the event: nothing to compare.")
    slopes = make_slopes(cells, inside)
    if slopes.keys:
        refuse_empty_levels(cells, inside)
    unit = np.where(is_estimated, np.cumsum(is_estimated) - 1, 0)[cells.unit[inside]]
    fit = _Fit(
        columns=sparse.csr_array(slopes.columns[inside]),
        unit=unit,
        units=sparse.csr_array(
            (np.ones(len(unit)), (unit, np.arange(len(unit)))), shape=(unit.max() + 1, len(unit))
        ),
        events=cells.events[inside],
        size=cells.size[inside],
        is_binomial=cells.is_binomial,
        names=slopes.names,
    )
    own, estimates, covariance, information, sums = fit.maximise()
    everyone = len(cells.units)
    return FirstStage(
        slopes=slopes,
        own=_spread(own, is_estimated, np.full(everyone, np.nan)),
        estimates=estimates,
        covariance=covariance,
        information=_spread(information, is_estimated, np.zeros(everyone)),
        column_sums=_spread(sums, is_estimated, np.zeros((everyone, len(estimates)))),
    )


@dataclass(frozen=True)
class _Fit:
    """The likelihood of the units that have an intercept, and its maximum."""

    columns: sparse.csr_array
    unit: np.ndarray
    units: sparse.csr_array
    events: np.ndarray
    size: np.ndarray
    is_binomial: bool
    names: tuple[str, ...]

    def maximise(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Return intercepts, slopes, their covariance, information and column sums of units."""
        by_unit = self.units @ self.events, self.units @ self.size
        own = (
            logit(by_unit[0] / by_unit[1]) if self.is_binomial else np.log(by_unit[0] / by_unit[1])
        )
        slopes = np.zeros(len(self.names))
        likelihood = self._likelihood(own, slopes)
        for number in range(_MOST_STEPS):
            fitted, weight = self._fitted(own, slopes)
            information = self.units @ weight
            weighted = self.columns.multiply(weight[:, None]).tocsr()
            sums = np.asarray((self.units @ weighted).todense())
            within = np.asarray((self.columns.T @ weighted).todense())
            total, means = np.diag(within).copy(), sums / information[:, None]
            within = within - sums.T @ means
            if number == 0:
                self._refuse_dependent(within, total)
            covariance, dependences = invert_information(within, 1e-13)
            if dependences:
                self._refuse_separation(slopes, LARGEST_COEFFICIENT / 4)
                raise ModelError("the covariates tell too little of the events for a slope each.")
            residual = self.events - fitted
            score = self.units @ residual
            step = covariance @ (self.columns.T @ residual - means.T @ score)
            step_own = score / information - means @ step
            moved = max(np.abs(step).max(initial=0.0), np.abs(step_own).max())
            if moved < _STEP_TOLERANCE * (1 + np.abs(own).max()):
                self._refuse_absurd(slopes, covariance)
                return own + step_own, slopes + step, covariance, information, sums
            shorter = _LARGEST_STEP / max(float(np.abs(step).max(initial=0.0)), _LARGEST_STEP)
            own, slopes, likelihood = self._damped(
                own, slopes, step_own * shorter, step * shorter, likelihood
            )
            self._refuse_separation(slopes, LARGEST_COEFFICIENT)
        self._refuse_separation(slopes, LARGEST_COEFFICIENT / 2)
        mover = self.names[int(np.abs(step).argmax())] if self.names else "a unit's intercept"
        raise ModelError(f"no convergence in {_MOST_STEPS} steps; {mover} moves most.")

    def _predictor(self, own: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        return np.asarray(self.columns @ slopes) + own[self.unit]

    def _fitted(self, own: np.ndarray, slopes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        predictor = self._predictor(own, slopes)
        if self.is_binomial:
            p = expit(predictor)
            return self.size * p, np.maximum(self.size * p * expit(-predictor), 1e-290)
        fitted = self.size * np.exp(predictor)
        return fitted, np.maximum(fitted, 1e-290)

    def _likelihood(self, own: np.ndarray, slopes: np.ndarray) -> float:
        predictor = self._predictor(own, slopes)
        if self.is_binomial:
            return float(self.events @ predictor + self.size @ log_expit(-predictor))
        with np.errstate(over="ignore"):
            return float(self.events @ predictor - self.size @ np.exp(predictor))

    def _damped(
        self,
        own: np.ndarray,
        slopes: np.ndarray,
        step_own: np.ndarray,
        step: np.ndarray,
        reached: float,
    ) -> tuple[np.ndarray, np.ndarray, float]:
        """Return the point after the step, halved until no likelihood is lost, and that."""
        for halving in range(_MOST_HALVINGS):
            part = 0.5**halving
            new = slopes + part * step
            level = self._levelled(
                own + part * np.clip(step_own, -_LARGEST_STEP, _LARGEST_STEP), new
            )
            likelihood = self._likelihood(level, new)
            if likelihood >= reached - _LOSS_TOLERANCE * max(1.0, abs(reached)):
                return level, new, likelihood
        raise ModelError("no step from the current point raises the likelihood.")

    def _levelled(self, own: np.ndarray, slopes: np.ndarray) -> np.ndarray:
        """Return intercepts nearer to where each unit's expected events are its observed ones.

        A Poisson model is there at once; a logit's correction is exact for people all alike.
        """
        events, size = self.units @ self.events, self.units @ self.size
        for _ in range(_LEVELLING if self.is_binomial else 1):
            with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
                expected = self.units @ self._fitted(own, slopes)[0]
                if self.is_binomial:
                    change = logit(events / size) - logit(expected / size)
                else:
                    change = np.log(events / expected)
            own = own + np.nan_to_num(change, nan=0.0, posinf=_LARGEST_STEP, neginf=-_LARGEST_STEP)
        return own

    def _refuse_dependent(self, within: np.ndarray, total: np.ndarray) -> None:
        constant = np.flatnonzero(np.diag(within) <= RANK_TOLERANCE * total)
        if len(constant):
            raise ModelError(
                f"constant within every unit: {listed([self.names[k] for k in constant])}; that "
                "cannot be told from the units themselves.",
                next_step="leave it out, or put it beside the profile as a trait of the units.",
            )
        dependences = invert_information(within, RANK_TOLERANCE)[1]
        if dependences:
            shown = [
                listed([self.names[k] for k in np.flatnonzero(np.abs(combination) > 1e-4)])
                for combination in dependences[:3]
            ]
            raise ModelError(
                f"{len(dependences)} linear dependence(s) within units among the covariates: "
                + "; ".join(shown),
                next_step="leave one of them out, or merge levels that always go together.",
            )

    def _refuse_separation(self, slopes: np.ndarray, limit: float) -> None:
        if np.abs(slopes).max(initial=0.0) > limit:
            self._raise_separation(np.abs(slopes) > 0.6 * limit)

    def _refuse_absurd(self, slopes: np.ndarray, covariance: np.ndarray) -> None:
        se = np.sqrt(np.diag(covariance))
        absurd = ~((np.abs(slopes) <= LARGEST_COEFFICIENT) & (se <= LARGEST_SE))
        if absurd.any():
            self._raise_separation(absurd)

    def _raise_separation(self, columns: np.ndarray) -> None:
        names = listed([self.names[k] for k in np.flatnonzero(columns)])
        raise ModelError(
            f"no finite slope for {names}: within units it tells all events from all others "
            "(separation).",
            next_step="merge the level with another, or leave the column out.",
        )


def _spread(values: np.ndarray, is_estimated: np.ndarray, everyone: np.ndarray) -> np.ndarray:
    everyone[is_estimated] = values
    return everyone
