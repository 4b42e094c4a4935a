"""Spread between units held to R's lme4 on published counts, and to planted truth.

The figures are those of R 4.2.2 with lme4 1.1-31, ``glmer(o ~ 1 + offset(log(e)) + (1 | unit),
family = poisson, nAGQ = 25)`` or ``glmer(cbind(o, n - o) ~ 1 + (1 | unit), family = binomial,
nAGQ = 25)``, optimiser bobyqa with rhoend 1e-10: variance, intercept, and the modes of the first
four units' effects.

Lip cancer: Clayton, D. & Kaldor, J. (1987). Biometrics 43, 671-681, table 1. Pumps: Gaver, D. P. &
O'Muircheartaigh, I. G. (1987). Technometrics 29, 1-15. Surgery: Spiegelhalter, D. J. et al. (1996).
BUGS examples, volume 1. Seeds: Crowder, M. J. (1978). Applied Statistics 27, 34-37.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pipeline.model.inference.random_effects import fit_random_effects
from pipeline.model.numerics.unit_likelihood import BinomialUnits, PoissonUnits, UnitLikelihood
from pipeline.model.profile.profile import profile_units

LIP_O = """9 39 11 9 15 8 26 7 6 20 13 5 3 8 17 9 2 7 9 7 16 31 11 7 19 15 7 10 16 11 5 3 7 8 11 9
11 8 6 4 10 8 2 6 19 3 2 3 28 6 1 1 1 1 0 0"""
LIP_E = """1.4 8.7 3.0 2.5 4.3 2.4 8.1 2.3 2.0 6.6 4.4 1.8 1.1 3.3 7.8 4.6 1.1 4.2 5.5 4.4 10.5 22.7
8.8 5.6 15.5 12.5 6.0 9.0 14.4 10.2 4.8 2.9 7.0 8.5 12.3 10.1 12.7 9.4 7.2 5.3 18.8 15.8 4.3 14.6
50.7 8.2 5.6 9.3 88.7 19.6 3.4 3.6 5.7 7.0 4.2 1.8"""
PUMPS = "5 1 5 14 3 19 1 1 4 22", "94.3 15.7 62.9 126 5.24 31.4 1.05 1.05 2.1 10.5"
SURGERY = "0 18 8 46 8 13 9 31 14 8 29 24", "47 148 119 810 211 196 148 215 207 97 256 360"
SEEDS = (
    "10 23 23 26 17 5 53 55 32 46 10 8 10 8 23 0 3 22 15 32 3",
    "39 62 81 51 39 6 74 72 51 79 13 16 30 28 45 4 12 41 30 51 7",
)
GLMER = {
    "lip cancer": ((LIP_O, LIP_E), 0.584042663609, 0.0802270425417,
                   (1.45614573, 1.35851644, 1.04207519, 0.99164455)),
    "pumps": (PUMPS, 1.6592346096, -1.17675571522,
              (-1.58540924, -1.07676468, -1.21832963, -0.97918025)),
    "surgery": (SURGERY, 0.12794799021, -2.54395902106,
                (-0.32345715, 0.36978517, -0.04247547, -0.22597688)),
    "seeds": (SEEDS, 0.386308647618, -0.028321669871,
              (-0.78023578, -0.42449560, -0.77743304, 0.05614097)),
}  # fmt: skip


def numbers(text: str) -> np.ndarray:
    return np.array([float(value) for value in text.split()])


@pytest.mark.parametrize("name", GLMER)
def test_maximum_likelihood_equals_glmer(name: str) -> None:
    (events, size), tau2, mean, modes = GLMER[name]
    o, n = numbers(events), numbers(size)
    likelihood: UnitLikelihood = PoissonUnits(o, n)
    if name in ("surgery", "seeds"):
        likelihood = BinomialUnits(o, np.zeros((1, len(o))), n[None])
    made = fit_random_effects(likelihood)
    assert made.tau2_ml == pytest.approx(tau2, rel=1e-6)
    assert made.mean_ml == pytest.approx(mean, abs=1e-6)
    mode, _ = likelihood.mode(np.full(len(o), made.mean_ml), made.tau2_ml)
    assert np.allclose(mode[:4] - made.mean_ml, modes, rtol=0, atol=2e-7)
    # Restricted: above ML by about its share of a degree of freedom, and inside its limits.
    assert made.tau2_ml < made.tau2 < made.tau2_ml * (1 + 3 / len(o))
    assert made.tau2_low < made.tau2_ml < made.tau2_high


@pytest.mark.parametrize("name", ["lip cancer", "surgery"])
def test_profile_uses_that_likelihood(name: str) -> None:
    (events, size), tau2, *_ = GLMER[name]
    frame = pd.DataFrame({"o": numbers(events), "n": numbers(size)}).rename_axis("unit")
    kind = "expected" if name == "lip cancer" else "denominator"
    made = profile_units(
        frame.reset_index(), unit="unit", observed="o", rank_draws=500, **{kind: "n"}
    )
    assert made.summary["tau2_ml"] == pytest.approx(tau2, rel=1e-6)
    assert made.summary["tau2_likelihood"] == ("Poisson" if kind == "expected" else "binomial")


def test_planted_spread_is_found_at_small_counts() -> None:
    """60 units, tau2 .25, 3 events expected in each: half an event for none gave .128."""
    rng = np.random.default_rng(14)
    estimates = []
    for _ in range(6):
        expected = rng.gamma(4, 0.75, 60) + 0.05
        events = rng.poisson(expected * np.exp(rng.normal(0, 0.5, 60)))
        estimates.append(fit_random_effects(PoissonUnits(events.astype(float), expected)).tau2)
    error = float(np.std(estimates) / np.sqrt(6))
    assert np.mean(estimates) == pytest.approx(0.25, abs=3 * error)
    assert error < 0.06
