"""How often the reporting check finds who did not report, and accuses who did.

Counts as in the default synthetic country: new disability pensions a year and municipality follow
its population, the national level and the planted practice of the seed, spread evenly over the
months; honest municipalities miss a few per cent for reasons of their own. In every seed and year a
few municipalities of any size report a part of their grants only, or nothing for some months.

    python -m benchmarks.completeness_power [--seeds 50]
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

from pipeline.descriptives.completeness import judge_completeness
from synthetic_data.ground.scenario import read_scenario
from synthetic_data.places.country import Country, build_country

YEARS = (2006, 2007)
PENSIONS_A_YEAR = 12_500
SCALES = (1.0, 0.1)
#: What the silent report: a share of their grants, of how many months of the year from its end.
CASES = ((0.0, 12), (0.25, 12), (0.5, 12), (0.75, 12), (0.0, 6), (0.0, 3))
N_SILENT = 5  # municipality-years per seed and year
#: Honest reporting: mean and standard deviation over municipalities and years.
HONEST_MEAN, HONEST_SPREAD = 0.97, 0.02
SIZES = [0, 5, 10, 20, 50, np.inf]


def simulate(
    country: Country, scale: float, share: float, n_months: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Return counts per municipality and month with ``is_silent`` for who reports ``share``.

    They report so in the last ``n_months`` of the year, and honestly before.
    """
    rows = []
    spread = HONEST_MEAN * (1 - HONEST_MEAN) / HONEST_SPREAD**2 - 1
    for year in YEARS:
        rate = PENSIONS_A_YEAR * scale * country.share
        n_dream = rng.poisson(rate * np.exp(country.practice_of("FP", year)))
        honest = rng.beta(HONEST_MEAN * spread, (1 - HONEST_MEAN) * spread, n_dream.size)
        is_silent = np.zeros(n_dream.size, dtype=bool)
        is_silent[rng.choice(n_dream.size, N_SILENT, replace=False)] = True
        in_month = rng.multinomial(n_dream, np.full(12, 1 / 12))
        for month in range(1, 13):
            is_part = is_silent & (month > 12 - n_months)
            of_month = in_month[:, month - 1]
            rows.append(
                pd.DataFrame(
                    {
                        "municipality_code": country.codes,
                        "year": year,
                        "month": month,
                        "n_register": rng.binomial(of_month, np.where(is_part, share, 1) * honest),
                        "n_dream": of_month,
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
            for share, n_months in CASES:
                # A seed of its own per case, so that no case depends on which others are run.
                rng = np.random.default_rng(
                    [seed, round(scale * 1000), round(share * 100), n_months]
                )
                counts = simulate(country, scale, share, n_months, rng)
                is_silent = counts[["municipality_code", "year", "is_silent"]].drop_duplicates()
                judged = judge_completeness(counts).merge(is_silent)
                parts.append(judged.assign(scale=scale, share=share, n_months=n_months))
    every = pd.concat(parts, ignore_index=True)
    every["size"] = pd.cut(every["n_dream"], SIZES, right=False)
    every["is_accused"] = ~every["is_reported"]
    silent = every[every["is_silent"]].groupby(
        ["scale", "share", "n_months", "size"], observed=True
    )
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
