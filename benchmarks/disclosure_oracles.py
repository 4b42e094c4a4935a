"""Our protection beside engines of others, on one table: municipality by main diagnosis.

    pip install pytauargus cell-key-perturbation
    python -m benchmarks.disclosure_oracles [--scale 0.02] [--times 50 5]

``cell-key-perturbation`` (Office for National Statistics, MIT) tabulates one row per grant with our
perturbation table cut to its 256 cell keys: mean and standard deviation of its noise are to be
those designed. ``pytauargus`` (the Tau-Argus engine, EUPL-1.2) withholds cells of the table alone,
modular and optimal: the share of grants that it shows beside what :mod:`pipeline.disclosure.rule`
shows of the same table alone. Neither is a dependency of the package.
"""

from __future__ import annotations

import argparse
import contextlib
import tempfile
import time

import numpy as np
import pandas as pd

from benchmarks.disclosure_counts import Atoms, draw_atoms, tables
from benchmarks.simulation_population import make_population
from pipeline.disclosure import CellKey
from pipeline.disclosure.families import one_way
from pipeline.disclosure.rule import withheld

THRESHOLD, N_KEYS = 5, 256
DIMENSION = "diagnosis_main"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=0.02)
    parser.add_argument("--times", type=int, nargs="+", default=[50, 5])
    parser.add_argument("--seconds", type=int, default=60, help="for the optimal suppression")
    options = parser.parse_args()
    for times in options.times:
        population = make_population("default", options.scale, times, ("FP", "FJ"))
        atoms = draw_atoms(population, 1)["FP"]
        rows = one_row_per_grant(atoms)
        print(f"\n{options.scale * times:g} of the country, {len(rows)} pensions", flush=True)
        compare_noise(rows)
        # Tau-Argus leaves its logs where it runs.
        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
            compare_suppression(rows, options.seconds)


def one_row_per_grant(atoms: Atoms) -> pd.DataFrame:
    """Return municipality_code and main diagnosis of every grant."""
    counts = tables({"FP": atoms})["practice_count"].query("dimension == @DIMENSION")
    each = counts.loc[counts.index.repeat(counts["observed"])]
    return each[["municipality_code", "level"]].reset_index(drop=True)


def compare_noise(rows: pd.DataFrame) -> None:
    """Print mean and sd of the noise of ``cell-key-perturbation``, and those designed."""
    from cell_key_perturbation.create_perturbed_table import create_perturbed_table

    method, keys = CellKey(), np.arange(N_KEYS)
    upper = np.cumsum(method.table, axis=1)
    upper[:, -1] = 1.0
    counts = np.arange(1, 751)
    row = np.minimum(counts, len(upper) - 1)
    place = np.array([np.searchsorted(upper[r], (keys + 0.5) / N_KEYS, side="right") for r in row])
    grid = pd.MultiIndex.from_product([counts, keys], names=["pcv", "ckey"]).to_frame(index=False)
    ptable = grid.assign(pvalue=(place - row[:, None]).ravel())
    errors = []
    for seed in range(20):
        record = np.random.default_rng(seed).integers(0, N_KEYS, len(rows))
        made = create_perturbed_table(
            data=rows.assign(key=record),
            ptable=ptable,
            geog=["municipality_code"],
            tab_vars=["level"],
            record_key="key",
            use_existing_ons_id=False,
            threshold=0,
        )
        errors.append(made[["pre_sdc_count", "count"]])
    made = pd.concat(errors)
    made = made[made["pre_sdc_count"] > 0]
    print("true count: n, mean and sd of its noise, mean and sd designed")
    for low, high in ((1, 1), (2, 2), (3, 3), (4, 4), (5, 9), (10, 19), (20, 10**6)):
        part = made[made["pre_sdc_count"].between(low, high)]
        noise = part["count"] - part["pre_sdc_count"]
        at = np.arange(method.table.shape[1])
        one = min(low, len(method.table) - 1)
        sd = np.sqrt(method.table[one] @ (at - one) ** 2)
        print(f"{low}-{high}: {len(part)}, {noise.mean():.3f} {noise.std():.2f}, 0 {sd:.2f}")


def compare_suppression(rows: pd.DataFrame, seconds: int) -> None:
    """Print shares of grants shown by Tau-Argus and by the rule, of the same table alone."""
    from pytauargus import protect

    counts = rows.groupby(["municipality_code", "level"]).size().unstack(fill_value=0)
    atoms = counts.to_numpy()[None]
    family = one_way(DIMENSION, list(counts.columns), {})
    start = time.process_time()
    hidden = withheld(family, ("FP",), atoms, THRESHOLD)
    of_levels = hidden[0, :-1, [family.place[DIMENSION, str(name)] for name in counts.columns]].T
    large = atoms[0] >= THRESHOLD
    total = atoms.sum()
    print(f"counts allow {atoms[0][large].sum() / total:.4f}")
    print(
        f"rule: shown {atoms[0][~of_levels].sum() / total:.4f}, withheld {of_levels.sum()} cells,"
        f" {time.process_time() - start:.1f} s"
    )
    for name, spec in (("modular", "MOD(1)"), ("optimal", f"OPT(1,{max(seconds // 60, 1)})")):
        start = time.perf_counter()
        made = protect(
            rows.assign(number=1),
            [["municipality_code", "level"]],
            "number",
            safety_rules="FREQ(5,20)",
            suppress=spec,
        )
        frame = made.tables[0].dataframe()
        inside = frame[(frame["municipality_code"] != "Total") & (frame["level"] != "Total")]
        print(inside["status"].value_counts().to_dict())
        shown = inside.loc[inside["status"].astype(str).isin(["S", "V"]), "number"].sum()
        n = (~inside["status"].astype(str).isin(["S", "V"])).sum()
        seconds_taken = time.perf_counter() - start
        print(f"{name}: shown {shown / total:.4f}, withheld {n} cells, {seconds_taken:.1f} s")


if __name__ == "__main__":
    main()
