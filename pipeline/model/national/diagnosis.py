"""Main diagnosis among grants: a multinomial logit on citizen factors, ridge-penalised.

Diagnosis is known only for those granted, so expected grants by diagnosis need
P(diagnosis | grant, x). Grants are few per cell; a ridge on the slopes keeps rare combinations
sane, and unpenalised intercepts keep the predicted number of each diagnosis equal to the observed.
All levels and all diagnoses have their own slope (no reference), so the penalty favours none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp, softmax

from pipeline.errors import ModelError

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
    totals = counts.sum(axis=0)
    has_grants = totals > 0
    x, y = _indicators(codes, sizes), counts[:, has_grants]
    n, D, L = y.sum(axis=1), y.shape[1], x.shape[1]

    def unpack(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return np.append(0.0, theta[: D - 1]), theta[D - 1 :].reshape(L, D)

    def value_and_gradient(theta: np.ndarray) -> tuple[float, np.ndarray]:
        intercepts, slopes = unpack(theta)
        eta = intercepts + x @ slopes
        value = n @ logsumexp(eta, axis=1) - (y * eta).sum() + ridge / 2 * (slopes**2).sum()
        residual = n[:, None] * softmax(eta, axis=1) - y
        by_slope = x.T @ residual + ridge * slopes
        return float(value), np.concatenate([residual.sum(axis=0)[1:], by_slope.ravel()])

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

    share = totals[has_grants] / totals.sum()
    start = np.append(np.log(share[1:] / share[0]), np.zeros(L * D))
    found = minimize(
        value_and_gradient,
        start,
        jac=True,
        hess=hessian,
        method="trust-exact",
        options={"gtol": GRADIENT_TOLERANCE * max(1.0, float(totals.sum())), "maxiter": 200},
    )
    if np.abs(found.jac).max() > 1e-6 * max(1.0, float(totals.sum())):
        raise ModelError("main diagnosis among grants: the multinomial logit did not converge")
    intercepts, slopes = np.full(len(totals), -np.inf), np.zeros((L, len(totals)))
    intercepts[has_grants], slopes[:, has_grants] = unpack(found.x)
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
