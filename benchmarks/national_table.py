"""A synthetic person-year table of national size: factors that go together, a rare outcome.

Levels are cut from a few shared latent traits, so that factors are correlated as registers are
(93 % of all combinations occur once); the true log odds are additive in the levels plus a practice
per municipality. Nothing here resembles a real person: all columns are draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CHUNK_ROWS = 200_000
#: Grants per person-year.
EVENT_SHARE = 0.00247
OUTCOME = "has_event"
UNIT = "municipality"

#: Factor -> (levels, loading on health, loading on attachment to work, largest log odds).
FACTORS: dict[str, tuple[int, float, float, float]] = {
    "year": (2, 0.0, 0.0, 0.1),
    "age_band": (10, 0.4, -0.1, 0.9),
    "sex": (2, 0.1, 0.1, -0.1),
    "education": (8, -0.2, -0.4, -0.4),
    "origin": (3, 0.0, 0.4, -0.2),
    "family": (4, -0.1, -0.3, -0.3),
    "income": (10, -0.2, -0.6, -0.5),
    "labour_status": (7, 0.4, 0.7, 1.2),
    "tenure_band": (5, 0.3, 0.7, 0.9),
    "sickness_weeks": (3, 0.6, 0.2, 0.5),
    "mental_health": (3, 0.7, 0.2, 1.0),
    "somatic_health": (3, 0.6, 0.0, 0.6),
    "gp_contacts": (4, 0.6, 0.1, 0.3),
    "specialist_contacts": (4, 0.5, 0.0, 0.2),
    "hospital_days": (4, 0.6, 0.0, 0.4),
    "psychiatric_contacts": (4, 0.6, 0.2, 0.6),
    "nervous_system_drugs": (5, 0.6, 0.1, 0.4),
    "pain_drugs": (5, 0.6, 0.1, 0.3),
    "parents_on_pension": (4, 0.2, 0.3, 0.2),
}


@dataclass(frozen=True)
class TableSize:
    """How many rows, municipalities and factors (the first ones of ``factors``)."""

    n_rows: int = 6_800_000
    n_municipalities: int = 98
    n_factors: int = 19
    factors: Mapping[str, tuple[int, float, float, float]] = field(default_factory=lambda: FACTORS)

    @property
    def levels(self) -> dict[str, int]:
        """Column -> number of levels, the municipality first."""
        options = list(self.factors.items())[: self.n_factors]
        return {UNIT: self.n_municipalities, **{name: spec[0] for name, spec in options}}

    @property
    def n_parameters(self) -> int:
        """One per municipality and one per other level but the first of each factor."""
        return sum(self.levels.values()) - self.n_factors


def write_table(path: Path, size: TableSize, seed: int = 1) -> int:
    """Write the table to ``path`` (Parquet, level numbers as bytes); return the events in it."""
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.full(size.n_municipalities, 3.0))
    practice = rng.normal(0.0, 0.25, size.n_municipalities)
    names = [*size.levels, OUTCOME]
    schema = pa.schema([(name, pa.uint8()) for name in names])
    n_events, intercept = 0, 0.0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for first in range(0, size.n_rows, CHUNK_ROWS):
            n = min(CHUNK_ROWS, size.n_rows - first)
            unit = rng.choice(size.n_municipalities, n, p=share).astype(np.uint8)
            health, work = rng.normal(0.3 * practice[unit], 1.0), rng.normal(size=n)
            log_odds = practice[unit]
            columns = [unit]
            for name in list(size.levels)[1:]:
                n_levels, on_health, on_work, largest = size.factors[name]
                own = np.sqrt(max(0.05, 1 - on_health**2 - on_work**2))
                trait = on_health * health + on_work * work + own * rng.normal(size=n)
                # Later levels are rarer, as in banded counts of contacts and weeks.
                cuts = np.linspace(-0.3, 2.0, n_levels + 1)[1:-1] if n_levels > 2 else [0.0]
                level = np.searchsorted(cuts, trait).astype(np.uint8)
                log_odds = log_odds + 1.3 * largest * level / (n_levels - 1)
                columns.append(level)
            if first == 0:
                intercept = _solve_intercept(log_odds)
            risk = 1 / (1 + np.exp(-intercept - log_odds))
            happened = (rng.random(n) < risk).astype(np.uint8)
            n_events += int(happened.sum())
            writer.write_table(pa.table([*columns, happened], schema=schema))
    return n_events


def _solve_intercept(log_odds: np.ndarray) -> float:
    """Return the intercept at which a share ``EVENT_SHARE`` has the event, by bisection."""
    low, high = -40.0, 40.0
    for _ in range(60):
        middle = (low + high) / 2
        if (1 / (1 + np.exp(-middle - log_odds))).mean() > EVENT_SHARE:
            high = middle
        else:
            low = middle
    return low
