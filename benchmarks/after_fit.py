"""Seconds of everything around the national fit: reading, coding, and all that follows from it.

    python -m benchmarks.after_fit [--rows 6800000] [--units 1000] [--keep FOLDER]

On the cells of ``national_cells.py``, one outcome, both models of the first stage; then rank sets
of ``--units`` made-up units (0: none), as ``profile`` needs them. The load of the machine is
printed beside the figures; processor seconds suffer less from it than seconds do.
"""

from __future__ import annotations

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from benchmarks.national_cells import write_registers
from pipeline.model.inference import counterfactual, ranks
from pipeline.model.inference.shrinkage import empirical_bayes
from pipeline.model.national.breakdown import break_down, fit_grants
from pipeline.model.national.cells import CellTable, GrantTable, code_cells, code_grants
from pipeline.model.national.design import Design, build_design
from pipeline.model.national.diagnosis import DiagnosisModel
from pipeline.model.national.diagnostics import check_breakdown, check_fit, check_totals
from pipeline.model.national.expected import expect
from pipeline.model.national.first_stage import FitResult, fit_logit, start_within
from pipeline.model.national.specification import Specification
from pipeline.warehouse.frames import read

OUTCOME = "ANY"
Found = TypeVar("Found")


class Clock:
    """Times what it runs and prints one line of a table for each."""

    def __init__(self) -> None:
        self.seconds = self.cpu_seconds = 0.0
        print("| step | s | CPU s | peak GB |\n|---|---|---|---|")

    def run(self, name: str, call: Callable[[], Found]) -> Found:
        clock, processor = time.perf_counter(), time.process_time()
        result = call()
        seconds, cpu_seconds = time.perf_counter() - clock, time.process_time() - processor
        self.seconds += seconds
        self.cpu_seconds += cpu_seconds
        self._line(name, seconds, cpu_seconds)
        return result

    def total(self, name: str) -> None:
        """Print the sum since the last total."""
        self._line(f"**{name}**", self.seconds, self.cpu_seconds)
        self.seconds = self.cpu_seconds = 0.0

    def _line(self, name: str, seconds: float, cpu_seconds: float) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(f"| {name} | {seconds:.1f} | {cpu_seconds:.1f} | {peak:.2f} |", flush=True)


def after(
    clock: Clock,
    table: CellTable,
    grants: GrantTable,
    diagnosis: DiagnosisModel,
    design: Design,
    fit: FitResult,
    specification: Specification,
) -> np.ndarray:
    """Time all that follows from one fit; return (M,) expected grants."""
    model, level, draws = design.model, specification.level, specification.rank_draws

    def name(step: str) -> str:
        return f"{model}: {step}"

    expected = clock.run(
        name("expected counts, effects and their covariance, exact p-values"),
        lambda: expect(table, design, fit),
    )
    effect, covariance = expected.rank_effect, expected.rank_covariance
    shrunk = clock.run(
        name("shrinkage"), lambda: empirical_bayes(effect, np.sqrt(np.diag(covariance)), level)
    )
    clock.run(
        name(f"rank sets, {draws:,} draws"),
        lambda: ranks.rank_sets(effect, covariance, level, draws),
    )
    clock.run(
        name("posterior ranks"),
        lambda: ranks.posterior_ranks(shrunk.shrunk, shrunk.shrunk_se, draws),
    )
    observed, k = table.observed, specification.lowest_k
    clock.run(
        name("counterfactuals"),
        lambda: (
            counterfactual.naive(observed, expected.expected, k, level),
            counterfactual.empirical_bayes(observed, expected.expected, k, level),
        ),
    )
    cells = clock.run(
        name("breakdown by diagnosis and tenure"),
        lambda: break_down(table, expected.expected_cells, grants, diagnosis, specification),
    )
    findings = clock.run(
        name("checks, statsmodels' among them"),
        lambda: [
            *check_fit(table, design, fit, ""),
            check_totals(table, expected, ""),
            check_breakdown(table, expected, cells, ""),
        ],
    )
    assert all(finding.status != "stop" for finding in findings)
    return expected.expected


def read_cells(clock: Clock, registers: Path, specification: Specification) -> CellTable:
    """Time reading and coding; the frame is gone when it is coded."""
    frame = clock.run(
        "reading the cells", lambda: read.read_model_cells(registers, outcome=OUTCOME)
    )
    codes = list(read.read_municipalities(registers)["municipality_code"])
    return clock.run("coding them", lambda: code_cells(frame, specification, codes))


def measure(registers: Path) -> None:
    """Print the table."""
    specification, clock = Specification(), Clock()
    table = read_cells(clock, registers, specification)
    n_cells, n_patterns = len(table.pattern), len(table.pattern_codes)
    grants = code_grants(
        read.read_grant_cells(registers, outcome=OUTCOME), specification, table.municipality_codes
    )
    diagnosis = clock.run(
        "diagnosis model", lambda: fit_grants(grants, table, table.n_events, specification)
    )
    clock.total("before the fit")
    pooled = clock.run("pooled: design", lambda: build_design(table, "pooled", specification))
    pooled_fit = clock.run("pooled: fit", lambda: fit_logit(pooled))
    clock.total("fit")
    expected = after(clock, table, grants, diagnosis, pooled, pooled_fit, specification)
    clock.total("after the fit")
    within = clock.run("within: design", lambda: build_design(table, "within", specification))
    start = start_within(within, pooled, pooled_fit, table.observed, expected)
    within_fit = clock.run("within: fit", lambda: fit_logit(within, start))
    clock.total("fit")
    after(clock, table, grants, diagnosis, within, within_fit, specification)
    clock.total("after the fit")
    persons, events = int(table.n_persons.sum()), int(table.n_events.sum())
    print(
        f"\n{persons:,} person-years, {events:,} grants, {n_cells:,} cells, {n_patterns:,}", end=""
    )
    print(f" patterns, {len(within.columns)} parameters; load {os.getloadavg()[0]:.1f} at the end")


def rank_many(n_units: int) -> None:
    """Print the seconds of the rank sets of ``n_units`` with a joint covariance."""
    rng = np.random.default_rng(1)
    shared = rng.normal(size=(n_units, 20)) * 0.02
    covariance = shared @ shared.T + np.diag(rng.gamma(2.0, 0.02, n_units))
    effect = rng.normal(size=n_units) * 0.3
    print()
    Clock().run(
        f"rank sets of {n_units:,} units, 20,000 draws", lambda: ranks.rank_sets(effect, covariance)
    )
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=6_800_000)
    parser.add_argument("--units", type=int, default=1_000)
    parser.add_argument("--keep", default="")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tildeling-after-fit-") as temporary:
        folder = Path(options.keep or temporary)
        folder.mkdir(parents=True, exist_ok=True)
        registers = folder / "registers.duckdb"
        if not registers.exists():
            write_registers(registers, options.rows)
        with threadpool_limits(limits=1, user_api="blas"):
            measure(registers)
            if options.units:
                rank_many(options.units)


if __name__ == "__main__":
    main()
