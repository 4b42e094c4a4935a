"""How often the reporting check finds who did not report, and accuses who did.

Counts as in the default synthetic country: new disability pensions a year and municipality follow
its population, the national level and the planted practice of the seed; honest municipalities miss
a few per cent for reasons of their own. In every seed and year a few municipalities of any size
report a part of their grants only.

    python -m benchmarks.completeness_power [--seeds 50]
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from pipeline.followup.completeness import judge_completeness
from synthetic_data.country import Country, build_country
from synthetic_data.scenario import read_scenario

YEARS = (2006, 2007)
PENSIONS_A_YEAR = 12_500
SCALES = (1.0, 0.1)
REPORTED_SHARES = (0.0, 0.25, 0.5, 0.75)
N_SILENT = 5  # municipality-years per seed and year
#: Honest reporting: mean and standard deviation over municipalities and years.
HONEST_MEAN, HONEST_SPREAD = 0.97, 0.02
SIZES = [0, 5, 10, 20, 50, np.inf]


def simulate(
    country: Country, scale: float, share: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Return counts per municipality and year with ``is_silent`` for who reports ``share``."""
    rows = []
    spread = HONEST_MEAN * (1 - HONEST_MEAN) / HONEST_SPREAD**2 - 1
    for year in YEARS:
        rate = PENSIONS_A_YEAR * scale * country.share
        n_dream = rng.poisson(rate * np.exp(country.practice_of("FP", year)))
        honest = rng.beta(HONEST_MEAN * spread, (1 - HONEST_MEAN) * spread, n_dream.size)
        is_silent = np.zeros(n_dream.size, dtype=bool)
        is_silent[rng.choice(n_dream.size, N_SILENT, replace=False)] = True
        reported = np.where(is_silent, share * honest, honest)
        rows.append(
            pd.DataFrame(
                {
                    "municipality_code": country.codes,
                    "year": year,
                    "n_register": rng.binomial(n_dream, reported),
                    "n_dream": n_dream,
                    "is_silent": is_silent,
                }
            )
        )
    return pd.concat(rows, ignore_index=True)


def measure(n_seeds: int) -> None:
    """Print power by scale, reported share and size, and false alarms by scale and size."""
    scenario, parts = read_scenario("default"), []
    for seed in range(n_seeds):
        country = build_country(scenario, seed, YEARS)
        for scale in SCALES:
            for share in REPORTED_SHARES:
                # A seed of its own per case, so that no case depends on which others are run.
                rng = np.random.default_rng([seed, round(scale * 1000), round(share * 100)])
                counts = simulate(country, scale, share, rng)
                judged = judge_completeness(counts)
                judged["is_silent"] = counts["is_silent"]
                parts.append(judged.assign(scale=scale, share=share))
    every = pd.concat(parts, ignore_index=True)
    every["size"] = pd.cut(every["n_dream"], SIZES, right=False)
    every["is_accused"] = ~every["is_reported"]
    silent = every[every["is_silent"]].groupby(["scale", "share", "size"], observed=True)
    honest = every[~every["is_silent"]].groupby(["scale", "size"], observed=True)
    print(silent["is_accused"].agg(n="size", power="mean").round(3).reset_index().to_string())
    print(honest["is_accused"].agg(n="size", false_alarms="sum").reset_index().to_string())


def main() -> None:
    """Run the study from the command line."""
    parser = argparse.ArgumentParser(description="Power and false alarms of the reporting check.")
    parser.add_argument("--seeds", type=int, default=50)
    measure(parser.parse_args().seeds)


if __name__ == "__main__":
    main()
