"""FP and FJ as one multinomial first stage, beside the two logits that the benchmark fits.

Whoever is at risk of both ends a year with FP, with a flexjob or with neither. The two logits each
set one grant against everything else; a multinomial logit says all three at once. With grants as
rare as they are the two say the same: Begg, C. B. & Gray, R. (1984). Calculation of polychotomous
logistic regression parameters using individualized regressions. Biometrika 71, 11-18. The
multinomial fit is statsmodels' (MNLogit), on one row per person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from fabricated_cells import LEVELS, SLOPES, make_cells, make_specification

from pipeline.model.followups.displacement import _error_correlation
from pipeline.model.national.cells import code_cells
from pipeline.model.national.fitted import FittedModel, fit_within

N_UNITS, PERSONS = 8, 6_000
#: Log odds of FP and FJ at the reference levels: as common as they are.
BASE = {"FP": -6.3, "FJ": -6.8}


@dataclass(frozen=True)
class Both:
    """Two logits' effects and errors, and those of the one multinomial fit."""

    fits: dict[str, FittedModel]
    effects: np.ndarray
    covariance: np.ndarray
    at_risk: np.ndarray
    expected: np.ndarray


@pytest.fixture(scope="module")
def both() -> Both:
    rng = np.random.default_rng(4)
    own = rng.normal(0, 0.4, (N_UNITS, 2))
    cells = make_cells(np.zeros(N_UNITS), seed=3, persons=PERSONS)
    cells = cells[cells["n_persons"] > 0].reset_index(drop=True)
    unit = cells["municipality_code"].astype(int).to_numpy() - 100
    score = sum(
        cells[name].map(dict(zip(levels, SLOPES[name], strict=True)))
        for name, levels in LEVELS.items()
    ).to_numpy(float)
    odds = np.exp(np.column_stack([base + score for base in BASE.values()]) + own[unit])
    risk = odds / (1 + odds.sum(axis=1, keepdims=True))
    shares = np.column_stack([risk, 1 - risk.sum(axis=1)])
    events = rng.multinomial(cells["n_persons"].to_numpy(), shares)
    specification = make_specification()
    fits, at_risk, expected = {}, np.zeros(N_UNITS), []
    for place, outcome in enumerate(BASE):
        frame = cells.assign(outcome=outcome, n_events=events[:, place])
        table = code_cells(frame, specification, sorted(set(cells["municipality_code"])))
        fits[outcome] = fit_within(table, specification)
        at_risk = table.n_at_risk
        expected.append(fits[outcome].expected.expected)
    dummies = pd.get_dummies(
        cells[["municipality_code", "year", *LEVELS]].astype(str), drop_first=False, dtype=float
    )
    dropped = ["year_2006", *(f"{name}_{levels[0]}" for name, levels in LEVELS.items())]
    columns = dummies.drop(columns=dropped)
    ended = np.concatenate([events[:, [2]], events[:, :2]], axis=1)
    rows = np.repeat(np.repeat(np.arange(len(cells)), 3), ended.ravel())
    end = np.repeat(np.tile(np.arange(3), len(cells)), ended.ravel())
    fit = sm.MNLogit(end, columns.to_numpy()[rows]).fit(method="newton", disp=0, maxiter=50)
    intercepts = [i for i, name in enumerate(columns) if name.startswith("municipality")]
    size = columns.shape[1]
    where = np.concatenate([intercepts, [size + i for i in intercepts]])
    return Both(
        fits,
        np.asarray(fit.params)[intercepts],
        np.asarray(fit.cov_params())[np.ix_(where, where)],
        at_risk,
        np.column_stack(expected),
    )


def test_the_two_logits_say_what_the_multinomial_logit_says(both: Both) -> None:
    """Practice, and its errors, against all who were not granted this."""
    centre = np.eye(N_UNITS) - 1 / N_UNITS
    effects, covariance = _against_the_rest(both)
    for place, fitted in enumerate(both.fits.values()):
        block = slice(place * N_UNITS, (place + 1) * N_UNITS)
        se = np.sqrt(np.diag(centre @ covariance[block, block] @ centre))
        apart = centre @ (fitted.expected.practice_effect - effects[:, place])
        assert np.abs(apart / se).max() < 0.1
        separate = centre @ fitted.expected.effect_covariance @ centre
        np.testing.assert_allclose(np.sqrt(np.diag(separate)), se, rtol=0.02)


def test_errors_of_the_two_outcomes_go_together_as_displacement_says(both: Both) -> None:
    """-E1 E2 / N of a municipality's counts, which is next to nothing where grants are rare."""
    # At the municipality's own practice: with the numbers it granted.
    frames = [
        pd.DataFrame({"n_at_risk": both.at_risk, "expected": fitted.expected.table.observed})
        for fitted in both.fits.values()
    ]
    assumed = _error_correlation(*frames)
    _, covariance = _against_the_rest(both)
    se = np.sqrt(np.diag(covariance))
    units = np.arange(N_UNITS)
    correlation = covariance[units, N_UNITS + units] / (se[units] * se[N_UNITS + units])
    assert ((assumed < -0.003) & (assumed > -0.03)).all()
    np.testing.assert_allclose(correlation, assumed, atol=0.006)


def _against_the_rest(both: Both) -> tuple[np.ndarray, np.ndarray]:
    """Return the multinomial effects as log odds of one grant against all else, and covariance.

    A multinomial logit sets each grant against neither; log p1 / (1 - p1) is that less the
    logarithm of 1 + p2 / p0, whose slope in the other effect is p2 / (1 - p1).
    """
    share = both.expected / both.at_risk[:, None]
    share = share * np.exp(
        np.column_stack([fit.expected.practice_effect for fit in both.fits.values()])
    )
    other = share[:, ::-1] / (1 - share)
    effects = both.effects - np.log1p(share[:, ::-1] / (1 - share.sum(axis=1, keepdims=True)))
    jacobian = np.block(
        [
            [np.eye(N_UNITS), -np.diag(other[:, 0])],
            [-np.diag(other[:, 1]), np.eye(N_UNITS)],
        ]
    )
    return effects, jacobian @ both.covariance @ jacobian.T
