"""Processor seconds and memory of all that is fitted of one outcome of `ministry`.

    python -m benchmarks.rich_fit [--rows 1500000]

Person-years drawn with the 22 factors of the benchmark (``national_table.py``; nearly every one is
a cell of its own, which is the worst case), counts with noise as in a night; the models, all that
follows a fit, and the sensitivity grid. Registers, framework conditions and follow-ups are left
out. Numbers are draws and mean nothing.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from threadpoolctl import threadpool_limits

from benchmarks.national_table import OUTCOME, UNIT, TableSize, write_table
from pipeline.codes import code_list, diagnosis_groups
from pipeline.disclosure import CellKey
from pipeline.disclosure.cell_key import MODULUS
from pipeline.model.national.specification import Specification
from pipeline.model.tables.benchmark import run_benchmark
from pipeline.settings import read_settings

YEARS = (2006, 2007)
_SEED = 3
_MOVED_SHARE, _ELSEWHERE_SHARE = 0.04, 0.05


def specification() -> Specification:
    """Return what `ministry` asks, of the outcome ANY alone."""
    question = read_settings(benchmark="ministry").question
    return Specification(
        levels=question.levels(),
        references=question.references(),
        outcomes=("ANY",),
        diagnosis_factors=question.factors.diagnosis,
        tenure_factor=question.factors.tenure,
        health_factors=question.factors.health,
        protection=CellKey(),
    )


def draw(asked: Specification, n_rows: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return cells, grants and cells of movers of ``n_rows`` person-years."""
    rng = np.random.default_rng(_SEED)
    codes = list(code_list(UNIT)["municipality_code"])
    factors = {
        name: (len(known), *rng.uniform(0.1, 0.5, 2), rng.uniform(0.2, 0.9))
        for name, known in asked.levels.items()
    }
    size = TableSize(n_rows, len(codes), 1 + len(factors), {"year": (2, 0.0, 0.0, 0.1), **factors})
    with tempfile.TemporaryDirectory(prefix="tildeling-rich-fit-") as folder:
        write_table(Path(folder) / "person_year.parquet", size)
        drawn = pq.read_table(Path(folder) / "person_year.parquet").to_pandas()

    def text(name: str, known: list[str]) -> pd.Categorical:
        return pd.Categorical.from_codes(drawn[name].astype(np.int8), pd.Index(known, dtype="str"))

    keys = rng.integers(0, MODULUS, len(drawn))
    events = drawn[OUTCOME].to_numpy(np.int64)
    cells = pd.DataFrame(
        {
            "outcome": pd.Categorical(["ANY"] * len(drawn)),
            "year": YEARS[0] + drawn["year"].astype("int64"),
            "municipality_code": text(UNIT, codes),
            **{name: text(name, list(known)) for name, known in asked.levels.items()},
            "n_persons": np.ones(len(drawn), dtype=np.int64),
            "n_events": events,
            "persons_key": keys,
            "events_key": keys * events,
        }
    )
    grants = cells[cells["n_events"] > 0].drop(columns=["n_persons", "persons_key"])
    is_elsewhere = rng.random(len(grants)) < _ELSEWHERE_SHARE
    decided = grants["municipality_code"].astype("str")
    grants["decision_municipality_code"] = decided.where(
        ~is_elsewhere, rng.choice(codes, len(grants))
    )
    grants["diagnosis_group"] = rng.choice(list(diagnosis_groups()), len(grants))
    moved = cells[rng.random(len(cells)) < _MOVED_SHARE].assign(years_since_move=1)
    return cells, grants, moved


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, default=1_500_000)
    n_rows = options.parse_args().rows
    asked = specification()
    cells, grants, movers = draw(asked, n_rows)
    names = code_list(UNIT)[["municipality_code", "municipality_name", "region_name"]]
    held, began = _peak_gb(), time.process_time()
    with threadpool_limits(limits=1, user_api="blas"):
        run_benchmark(cells, grants, names, asked, movers=movers)
    seconds = time.process_time() - began

    print(f"{n_rows:,} person-years, {len(grants):,} grants: {seconds:.1f} processor s")
    print(f"peak {_peak_gb():.2f} GB, of which {held:.2f} before the fits")


def _peak_gb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main()
