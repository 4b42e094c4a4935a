"""A simulated cohort whose states some years later are planted, municipality by municipality."""

from __future__ import annotations

import numpy as np

from pipeline.model.lives.later_counts import KINDS, STATES, LaterCounts

N_UNITS, N_STRATA, N_LOW = 98, 12, 20
#: What is expected of the cohort in the middle stratum.
_MIDDLE = {
    **{"disability_pension": 0.08, "flexjob": 0.035, "flexjob_unemployment": 0.015},
    **{"cash_benefit": 0.25, "sickness": 0.08, "resource_programme": 0.05, "rehabilitation": 0.04},
    **{"work": 0.13, "self_support": 0.10},
    **{"unemployment": 0.09, "education": 0.02, "retirement": 0.06, "emigrated": 0.01},
    **{"dead": 0.03, "other": 0.01},
}


def planted_states(
    seed: int,
    goes_to: str = "",
    fall: float = 0.4,
    persons: float = 3200.0,
    spread: float = 0.1,
) -> tuple[LaterCounts, np.ndarray, np.ndarray, np.ndarray]:
    """Return counts, grants by half, expected grants, and which municipalities grant few (M,).

    Of the first :data:`N_LOW` municipalities ``fall`` of the granted are in the kind ``goes_to``
    instead; all others differ by ``spread`` in how many are granted, out of all other states alike.
    Sizes are those of municipalities, of ``persons`` on average.
    """
    rng = np.random.default_rng([seed, 41])
    middle = np.array([_MIDDLE[state] for state in STATES])
    share = middle * np.exp(rng.normal(0, 0.4, (N_STRATA, len(STATES))))
    share /= share.sum(axis=1, keepdims=True)
    is_granted = np.isin(STATES, KINDS["granted"])
    to = ~is_granted if not goes_to else np.isin(STATES, KINDS[goes_to])
    is_low = np.arange(N_UNITS) < (N_LOW if goes_to else 0)
    size = rng.lognormal(0, 0.7, N_UNITS)
    size *= persons / size.mean()
    mix = rng.dirichlet(np.full(N_STRATA, 15.0), N_UNITS)
    counts = np.zeros((N_UNITS, 2, N_STRATA, len(STATES)), dtype=np.int64)
    for unit in range(N_UNITS):
        taken = fall if is_low[unit] else rng.normal(0, spread)
        into = to if is_low[unit] else ~is_granted
        own = np.where(is_granted, share * (1 - taken), share)
        lost = taken * share[:, is_granted].sum(axis=1, keepdims=True)
        own = own + np.where(into, share * lost / share[:, into].sum(axis=1, keepdims=True), 0.0)
        for half in (0, 1):
            n = rng.poisson(size[unit] / 2 * mix[unit])
            counts[unit, half] = [rng.multinomial(m, p) for m, p in zip(n, own, strict=True)]
    keys = rng.integers(0, 62**4, counts.shape) * (counts > 0)
    of = LaterCounts(
        municipality_codes=tuple(f"{101 + unit}" for unit in range(N_UNITS)),
        persons=counts.sum(axis=2),
        keys=keys.sum(axis=2),
        codes=np.arange(N_STRATA)[:, None],
        place=np.repeat(np.arange(2 * N_UNITS), N_STRATA),
        pattern=np.tile(np.arange(N_STRATA), 2 * N_UNITS),
        cohort=counts.sum(axis=3).ravel(),
        by_level=(counts.sum(axis=(0, 1)),),
        by_level_keys=(keys.sum(axis=(0, 1)),),
    )
    granted = of.persons[:, :, is_granted].sum(axis=2).astype(float)
    expected = counts.sum(axis=(1, 3)) @ share[:, is_granted].sum(axis=1)
    return of, granted, expected, is_low
