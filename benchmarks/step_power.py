"""Steps in practice: power and false alarms on the medical consultants of the generator.

Grants of disability pension of the 98 municipalities are drawn by year from the generator's own
practice (consultants, yearly movement, queues and conditions with it), at a share of the country's
size, and shown as disclosure control shows them; persons are not drawn. Prints per scenario and
scale the share of changes of consultant that are called a step, by their size, the share called
where the consultant is the same, and the share of intervals of those found that hold the year.

    python -m benchmarks.step_power [--seeds 50]
"""

from __future__ import annotations

import argparse
from dataclasses import replace

import numpy as np
import pandas as pd

from pipeline.disclosure import CellKey
from pipeline.model.years.step_frames import SPAN_YEARS, step_frame
from pipeline.model.years.step_recovery import score_steps
from synthetic_data.ground.scenario import Scenario, read_scenario
from synthetic_data.places.country import build_country

LAST = 2007
YEARS = tuple(range(LAST - SPAN_YEARS + 1, LAST + 1))
SCALES = (1.0, 0.1)
#: Spreads of consultants: as shipped, and so large that a change is a step.
SPREADS = (0.1, 0.3)
#: First grants of disability pension a year at full size under national practice.
GRANTS = 14_000
KEY = CellKey()


def drawn(scenario: Scenario, seed: int, scale: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ``practice_step`` of a drawn country, and what its consultants add by year."""
    country = build_country(scenario, seed, YEARS)
    rng = np.random.default_rng(seed)
    expected = GRANTS * scale * country.share
    mean = expected[:, None] * np.exp(country.practice[:, 0])
    counts = rng.poisson(mean)
    shown = KEY.transitions.shown(counts, rng.random(counts.shape)).astype(float)
    hidden = KEY.is_hidden(np.repeat(expected[:, None], len(YEARS), axis=1))
    keys = pd.DataFrame(
        {
            "outcome": "FP",
            "municipality_code": np.repeat(country.codes, len(YEARS)),
            "year": np.tile(YEARS, len(country.codes)),
        }
    )
    residents = np.rint(3_300_000 * scale * country.share)
    history = keys.assign(
        residents=np.repeat(residents, len(YEARS)),
        observed=np.where(hidden, np.nan, shown).ravel(),
        noise_sd=np.where(hidden, np.nan, np.sqrt(KEY.noise_variance(shown))).ravel(),
    )
    window = (LAST - 1, LAST)
    benchmark = pd.DataFrame(
        {
            "outcome": "FP",
            "municipality_code": country.codes,
            "expected": len(window) * expected,
            "n_at_risk": (len(window) * residents).astype(int),
        }
    )
    silent = pd.DataFrame({"municipality_code": [], "year": []})
    steps = step_frame(history, benchmark, silent, window, KEY.transitions, 0.95, seed)
    return steps, keys.assign(consultant_effect=country.consultant_effect[:, 0].ravel())


def scores(scenario: Scenario, scale: float, seeds: range) -> pd.DataFrame:
    """Return ``step_found``, ``step_false`` and ``step_year_held``, a row per seed."""
    rows = []
    for seed in seeds:
        scored = score_steps(*drawn(scenario, seed, scale), "within")
        rows.append(scored.set_index("measure")["value"])
    return pd.DataFrame(rows).reset_index(drop=True)


def with_spread(scenario: Scenario, spread: float) -> Scenario:
    """Return the scenario with consultants that differ by ``spread`` log odds."""
    return replace(scenario, practice=replace(scenario.practice, consultant_spread_fp=spread))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=50)
    arguments = parser.parse_args()
    print("scenario      spread  scale  found  false   held")
    for name in ("default", "backlog"):
        for spread in SPREADS:
            scenario = with_spread(read_scenario(name), spread)
            for scale in SCALES:
                mean = scores(scenario, scale, range(arguments.seeds)).mean()
                told = "  ".join(
                    f"{mean[of]:>5.3f}" for of in ("step_found", "step_false", "step_year_held")
                )
                print(f"{name:<13} {spread:>6}  {scale:>5}  {told}", flush=True)


if __name__ == "__main__":
    main()
