"""One engine's fit in a process of its own: prints one line of JSON. Called by ``fit_speed.py``.

    python -m benchmarks.fit_engines ENGINE DATABASE COEFFICIENTS

DATABASE has the tables, and their factors in ``factor``. COEFFICIENTS is an .npz file that gets the
coefficients and the diagonal of the covariance by column. Seconds run from an open database to
coefficients and covariance: reading and preparing count, imports do not.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks.national_table import OUTCOME, UNIT

BATCH_ROWS = 131_072
THREADS = 2
#: Factors of the cells: with all 19 almost every person-year is a cell of its own.
CELL_FACTORS = 5


class Source:
    """The table in DuckDB, ``person_year``; ``cell`` is the same summed over its first factors."""

    def __init__(self, database: str, table: str) -> None:
        import duckdb

        self.connection = duckdb.connect(database, read_only=True)
        rows = self.connection.sql("SELECT name, n_levels FROM factor ORDER BY place").fetchall()
        #: Column -> number of levels, the municipality first.
        self.levels: dict[str, int] = dict(rows[: 1 + CELL_FACTORS] if table == "cell" else rows)
        self.connection.execute(f"SET threads = {THREADS}")
        # The table is read front to back on every pass: keeping it in a cache gains nothing.
        self.connection.execute("SET memory_limit = '128MB'")

    def sql(self, names: list[str], table: str = "person_year") -> str:
        return f"SELECT {', '.join(names)} FROM {table}"

    def frame(self, names: list[str], table: str = "person_year"):
        return self.connection.sql(self.sql(names, table)).df()


Result = tuple[list[tuple[str, str]], np.ndarray, np.ndarray | None]


def ours(source: Source, in_memory: bool, table: str = "person_year") -> Result:
    from pipeline.model.logit.factor_logit import fit_factor_logit
    from pipeline.model.logit.factor_packing import Factor
    from pipeline.model.logit.factor_rows import ArrowBlocks

    factors = [
        Factor(name, tuple(map(str, range(n))), None if name == UNIT else "0")
        for name, n in source.levels.items()
    ]
    is_cells = table == "cell"
    names = [*source.levels, OUTCOME, *(["n_persons"] if is_cells else [])]
    query = source.sql(names, table)
    blocks = ArrowBlocks(
        lambda: source.connection.execute(query).to_arrow_reader(BATCH_ROWS),
        factors,
        OUTCOME,
        trials="n_persons" if is_cells else None,
    )
    fit = fit_factor_logit(blocks, factors, in_memory=in_memory)
    return list(fit.design.columns), fit.coefficients, np.diag(fit.covariance)


def glum(source: Source, with_covariance: bool) -> Result:
    import pandas as pd
    import tabmat
    from glum import GeneralizedLinearRegressor

    levels = source.levels
    frame = source.frame([*levels, OUTCOME])
    y = frame.pop(OUTCOME).to_numpy(float)
    matrices, columns = [], []
    for name, n in levels.items():
        column = pd.Categorical.from_codes(frame.pop(name).to_numpy().astype(np.int32), range(n))
        first = 0 if name == UNIT else 1
        matrices.append(tabmat.CategoricalMatrix(column, drop_first=bool(first)))
        columns += [(name, str(level)) for level in range(first, n)]
    model = GeneralizedLinearRegressor(
        family="binomial",
        alpha=0,
        fit_intercept=False,
        solver="irls-ls",
        gradient_tol=1e-10,
        max_iter=15,
    )
    design = tabmat.SplitMatrix(matrices)
    model.fit(design, y)
    variance = None
    if with_covariance:
        variance = np.diag(model.covariance_matrix(design, y, robust=False, dispersion=1.0))
    return columns, model.coef_, variance


def pyfixest(source: Source, table: str) -> Result:
    from pyfixest.estimation import feglm

    levels = source.levels
    frame = source.frame([*levels, OUTCOME], table)
    for name in levels:
        frame[name] = frame[name].astype("category")
    terms = " + ".join(f"C({name})" for name in levels if name != UNIT)
    fit = feglm(f"{OUTCOME} ~ -1 + C({UNIT}) + {terms}", frame, family="logit")
    result = fit.coef()
    columns = []
    for name in result.index:
        term, level = name.split("[")
        columns.append((term[2:-1], level.strip("T.]")))
    return columns, result.to_numpy(), fit.se().to_numpy() ** 2


def statsmodels(source: Source, table: str) -> Result:
    import statsmodels.api as sm

    levels = source.levels
    is_cells = table == "cell"
    frame = source.frame([*levels, OUTCOME, *(["n_persons"] if is_cells else [])], table)
    columns = [
        (name, str(level))
        for name, n in levels.items()
        for level in range(0 if name == UNIT else 1, n)
    ]
    exog = np.zeros((len(frame), len(columns)))
    for position, (name, level) in enumerate(columns):
        exog[:, position] = frame[name].to_numpy() == int(level)
    events = frame[OUTCOME].to_numpy(float)
    if is_cells:
        counts = np.column_stack([events, frame["n_persons"].to_numpy(float) - events])
        result = sm.GLM(counts, exog, family=sm.families.Binomial()).fit(tol=1e-12)
    else:
        result = sm.Logit(events, exog).fit(method="newton", tol=1e-10, disp=False)
    return columns, result.params, np.diag(result.cov_params())


#: Engine -> (what is fitted, call). "sample" is the event-enriched subsample.
ENGINES: dict[str, tuple[str, Callable[[Source], Result]]] = {
    "ours, in memory": ("person_year", lambda s: ours(s, True)),
    "ours, streamed": ("person_year", lambda s: ours(s, False)),
    "glum": ("person_year", lambda s: glum(s, False)),
    "glum, with covariance": ("person_year", lambda s: glum(s, True)),
    "ours, sample": ("sample", lambda s: ours(s, True, "sample")),
    "pyfixest, sample": ("sample", lambda s: pyfixest(s, "sample")),
    "statsmodels Logit, sample": ("sample", lambda s: statsmodels(s, "sample")),
    "ours, cells": ("cell", lambda s: ours(s, True, "cell")),
    "statsmodels GLM, cells": ("cell", lambda s: statsmodels(s, "cell")),
}


def main() -> None:
    engine, database, target = sys.argv[1:]
    table, call = ENGINES[engine]
    source = Source(database, table)
    _warm_imports(engine)
    clock, processor = time.perf_counter(), time.process_time()
    columns, coefficients, variance = call(source)
    seconds, cpu_seconds = time.perf_counter() - clock, time.process_time() - processor
    order = sorted(range(len(columns)), key=lambda k: columns[k])
    np.savez(
        Path(target),
        names=np.array([" = ".join(columns[k]) for k in order]),
        coefficients=np.asarray(coefficients)[order],
        variance=np.empty(0) if variance is None else np.asarray(variance)[order],
    )
    print(
        json.dumps(
            {
                "engine": engine,
                "table": table,
                "seconds": seconds,
                "cpu_seconds": cpu_seconds,
                "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
                "load": os.getloadavg()[0],
            }
        )
    )


def _warm_imports(engine: str) -> None:
    """Import what the engine needs before the clock starts."""
    if engine.startswith("ours"):
        import pipeline.model.logit.factor_logit  # noqa: F401
    elif engine.startswith("glum"):
        import glum  # noqa: F401
        import tabmat  # noqa: F401
    elif engine.startswith("pyfixest"):
        import pyfixest.estimation  # noqa: F401
    else:
        import statsmodels.api  # noqa: F401


if __name__ == "__main__":
    main()
