"""Countries with an initiative planted in some of their municipalities, or none."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.model.initiatives.chance import Scaled, assignments, scaled
from pipeline.model.initiatives.group_time import Panel, after_weights
from pipeline.model.initiatives.study import Design, group_time_of
from pipeline.model.initiatives.synthetic import synthetic_effects

N_PERIODS = 20


def country(
    rng: np.random.Generator, n: int = 98, a_year: float = 8.0
) -> tuple[np.ndarray, np.ndarray]:
    """Return persons (n,) and grants per person and half-year (n, T), common ups and downs.

    Municipalities of 500 to 60,000 persons lie at levels of their own.
    """
    persons = np.exp(rng.normal(8.5, 0.8, n)).round()
    period = np.arange(N_PERIODS)
    common = 1 + 0.1 * np.sin(period / 3) + 0.05 * (period % 2)
    return persons, (a_year / 2000 * np.exp(rng.normal(0, 0.2, n)))[:, None] * common


def counted(rng: np.random.Generator, persons: np.ndarray, rate: np.ndarray) -> Panel:
    """Return grants per 1,000 persons and year, as they happened."""
    return Panel(rng.poisson(persons[:, None] * rate) / persons[:, None] * 2000, persons)


def held(panel: Panel, design: Design, *, by_mixture: bool = False) -> Scaled:
    """Return the mean effect after under every assignment, without all else of a study."""
    assigned, _ = assignments(design.adopters, design.starts, len(panel.weights), 1)
    if by_mixture:
        alone = synthetic_effects(panel.outcome, int(design.starts[0]))
        effects = (alone[assigned], [alone])
    else:
        effects = group_time_of(panel, design.starts, assigned, design.base_periods)
    weights = after_weights(design.starts, panel.outcome.shape[1])
    return scaled(*effects, weights, panel, assigned)


def panel_rows(
    persons: dict[str, int], years: range, rng: np.random.Generator, fall: dict[str, float]
) -> pd.DataFrame:
    """Return rows as ``sql/initiative/panel.sql`` gives them, half-years.

    ``fall`` has the share by which a municipality's benefit and pensions fall in the last half of
    the years.
    """
    rows = []
    for code, residents in persons.items():
        for year in years:
            for period in (1, 2):
                is_after = year >= years[len(years) // 2]
                kept = 1 - fall.get(code, 0.0) * is_after
                on_benefit = rng.binomial(residents, 0.1 * kept)
                fp, fj = rng.poisson(residents * 0.006 * kept), rng.poisson(residents * 0.003)
                rows.append(
                    {
                        "municipality_code": code,
                        "year": year,
                        "period": period,
                        "residents": residents,
                        "person_weeks": 26.0 * residents,
                        "benefit_weeks": 20.0 * on_benefit,
                        "n_benefit": on_benefit,
                        "benefit_key": int(rng.integers(0, 62**4)),
                        "support_weeks": 24.0 * (residents - on_benefit),
                        "n_support": residents - on_benefit,
                        "support_key": int(rng.integers(0, 62**4)),
                        "n_fp": fp,
                        "fp_key": int(rng.integers(0, 62**4)),
                        "n_fj": fj,
                        "fj_key": int(rng.integers(0, 62**4)),
                    }
                )
    return pd.DataFrame(rows)
