"""Main diagnosis among grants: a multinomial logit on citizen factors, ridge-penalised.

Diagnosis is known only for those granted, so expected grants by diagnosis need
P(diagnosis | grant, x). Grants are few per cell; a ridge on the slopes keeps rare combinations
sane, and unpenalised intercepts keep the predicted number of each diagnosis equal to the observed.
All levels and all diagnoses have their own slope (no reference), so the penalty favours none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from pipeline.errors import ModelError
from pipeline.model.national.protection import agreeing

GRADIENT_TOLERANCE = 1e-9
MAX_CALIBRATION_STEPS = 100
CALIBRATION_TOLERANCE = 1e-13


@dataclass(frozen=True)
class DiagnosisModel:
    """A fitted multinomial logit: D diagnoses, F factors with L levels in all.

    Attributes
    ----------
    sizes
        Number of levels of each factor.
    intercepts, slopes
        (D,) and (L, D) log odds; minus infinity and 0 for diagnoses that no grant has.
    n_events
        (D,) grants by diagnosis.
    """

    sizes: tuple[int, ...]
    intercepts: np.ndarray
    slopes: np.ndarray
    n_events: np.ndarray

    def log_weights(self, codes: np.ndarray) -> np.ndarray:
        """Return (P, D) unnormalised log probabilities at the (P, F) level numbers."""
        return self.intercepts + _indicators(codes, self.sizes) @ self.slopes


def fit_diagnosis(
    codes: np.ndarray, counts: np.ndarray, sizes: tuple[int, ...], ridge: float
) -> DiagnosisModel:
    """Return the penalised maximum-likelihood multinomial logit.

    ``codes`` (G, F) level numbers of distinct patterns of grants, ``counts`` (G, D) grants by
    diagnosis, ``sizes`` the number of levels per factor, ``ridge`` the penalty (positive): half of
    it times the sum of squared slopes. Raises :class:`ModelError` if the maximum is not reached.
    """
    x = _indicators(codes, sizes)
    return _fit(x, counts.sum(axis=1), x.T @ counts, counts.sum(axis=0), sizes, ridge)


def fit_shown_diagnosis(
    codes: np.ndarray,
    expected: np.ndarray,
    shown: Sequence[np.ndarray],
    totals: np.ndarray,
    ridge: float,
) -> DiagnosisModel:
    """Return the multinomial logit of counts that are shown, with noise, by one factor at a time.

    ``codes`` (G, F) level numbers of patterns of persons and ``expected`` (G,) the grants expected
    of them, which stand for the grants of a pattern, as those are not shown. ``shown`` has per
    factor the (L, D) shown grants by level and diagnosis, ``totals`` the (D,) shown grants by
    diagnosis. Both are scaled to the expected grants. Errors as :func:`fit_diagnosis`.
    """
    sizes = tuple(len(table) for table in shown)
    x = _indicators(codes, sizes)
    by_level = x.T @ expected
    by_diagnosis = totals * (expected.sum() / totals.sum())
    ends = np.cumsum(sizes)
    sums = np.vstack(
        [
            agreeing(table, by_level[end - len(table) : end], by_diagnosis)
            for table, end in zip(shown, ends, strict=True)
        ]
    )
    return _fit(x, expected, sums, by_diagnosis, sizes, ridge)


def _fit(
    x: np.ndarray,
    n: np.ndarray,
    sums: np.ndarray,
    totals: np.ndarray,
    sizes: tuple[int, ...],
    ridge: float,
) -> DiagnosisModel:
    """Return the maximum of the penalised likelihood, which needs grants as sums alone.

    ``x`` (G, L) indicators of levels and ``n`` (G,) grants of patterns, ``sums`` (L, D) grants by
    level and diagnosis, ``totals`` (D,) by diagnosis.
    """
    has_grants = totals > 0
    by_level, of_all = sums[:, has_grants], totals[has_grants].astype(float)
    D, L = len(of_all), x.shape[1]

    def unpack(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.append(0.0, theta[: D - 1]), theta[D - 1 :].reshape(L, D)

    def value_and_gradient(theta: np.ndarray) -> tuple[float, np.ndarray]:
        intercepts, slopes = unpack(theta)
        eta = intercepts + x @ slopes
        known = of_all @ intercepts + (by_level * slopes).sum()
        value = n @ logsumexp(eta, axis=1) - known + ridge / 2 * (slopes**2).sum()
        fitted = n[:, None] * softmax(eta, axis=1)
        by_slope = x.T @ fitted - by_level + ridge * slopes
        return float(value), np.concatenate([(fitted.sum(axis=0) - of_all)[1:], by_slope.ravel()])

    def hessian(theta: np.ndarray) -> np.ndarray:
        intercepts, slopes = unpack(theta)
        p = softmax(intercepts + x @ slopes, axis=1)
        z = np.hstack([np.ones((len(x), 1)), x])
        full = np.empty((L + 1, D, L + 1, D))
        for d in range(D):
            for e in range(d + 1):
                weight = n * p[:, d] * ((d == e) - p[:, e])
                full[:, d, :, e] = full[:, e, :, d] = z.T @ (weight[:, None] * z)
        square = full.reshape((L + 1) * D, (L + 1) * D)[1:, 1:]
        return square + np.diag(np.append(np.zeros(D - 1), np.full(L * D, ridge)))

    share = of_all / of_all.sum()
    start = np.append(np.log(share[1:] / share[0]), np.zeros(L * D))
    optimum = minimize(
        value_and_gradient,
        start,
        jac=True,
        hess=hessian,
        method="trust-exact",
        options={"gtol": GRADIENT_TOLERANCE * max(1.0, float(totals.sum())), "maxiter": 200},
    )
    if np.abs(optimum.jac).max() > 1e-6 * max(1.0, float(totals.sum())):
        raise ModelError("main diagnosis among grants: the multinomial logit did not converge")
    intercepts, slopes = np.full(len(totals), -np.inf), np.zeros((L, len(totals)))
    intercepts[has_grants], slopes[:, has_grants] = unpack(optimum.x)
    return DiagnosisModel(sizes, intercepts, slopes, totals)


def diagnosis_shares(model: DiagnosisModel, codes: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Return (P, D) P(diagnosis | grant) at each pattern, each row adding to 1.

    ``codes`` (P, F) level numbers and ``expected`` (P,) the expected grants of each pattern in the
    whole country. The intercepts are moved until the country's expected grants by diagnosis are
    in the proportions of the observed ones; slopes stay.
    """
    eta = model.log_weights(codes)
    has_grants = model.n_events > 0
    target = expected.sum() * model.n_events[has_grants] / model.n_events.sum()
    shift = np.zeros(int(has_grants.sum()))
    for _ in range(MAX_CALIBRATION_STEPS):
        shares = softmax(eta[:, has_grants] + shift, axis=1)
        weighted = expected[:, None] * shares
        gap = target - weighted.sum(axis=0)
        if np.abs(gap).max() <= CALIBRATION_TOLERANCE * target.sum():
            break
        curvature = np.diag(weighted.sum(axis=0)) - shares.T @ weighted
        # The first diagnosis stays: only differences between intercepts matter.
        step = np.linalg.solve(curvature[1:, 1:], gap[1:]) if len(gap) > 1 else np.zeros(0)
        shift[1:] += np.clip(step, -1.0, 1.0)
    result = np.zeros(eta.shape)
    result[:, has_grants] = softmax(eta[:, has_grants] + shift, axis=1)
    return result


def _indicators(codes: np.ndarray, sizes: tuple[int, ...]) -> np.ndarray:
    """Return the (P, L) 0/1 matrix of all levels of all factors."""
    offsets = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    matrix = np.zeros((len(codes), int(sum(sizes))))
    matrix[np.arange(len(codes))[:, None], codes + offsets] = 1.0
    return matrix
