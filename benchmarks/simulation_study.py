"""Bias and coverage of the whole benchmark over many seeds, the classical one beside it.

    python -m benchmarks.simulation_study --seeds 200 --workers 2 --folder FOLDER
        [--scale 0.02] [--times 50 5] [--outcomes FP] [--scenarios NAME ...]
        [--page docs/simulation.md] [--dask tls://HOST:PORT]

Per scenario a synthetic country is made at ``--scale``; every person of it counts ``--times``
times, so that 0.02 and 50 give a country of full size in a fiftieth of the cells. Every seed draws
municipal practice and grants anew and runs the project's own functions on them. The harder truths
are studied at the first of ``--times`` only, model ``within`` alone where the truth is about it.

One JSON file per country and seed is kept in ``--folder``; files that are there are not made again,
so an interrupted run goes on where it stopped. The same arguments give the same numbers. The tables
are printed, and put into ``--page`` between its two marks; ``--only-tables`` makes them from the
seeds that all scenarios have so far. BLAS threads are best set to one. With ``--dask`` the seeds
are made by the workers of that cluster, with this tree on their path (PYTHONPATH); they need not
see ``--folder``.
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path

from benchmarks.simulation_population import (
    Population,
    country_seed,
    draw_grants,
    make_population,
    with_keys,
)
from benchmarks.simulation_scores import score
from benchmarks.simulation_tables import tables
from pipeline.disclosure.cell_key import CellKey
from pipeline.model.national.cells import as_shown
from pipeline.model.national.protection import Protection, Unprotected
from pipeline.model.national.specification import OUTCOMES, Specification
from synthetic_data.ground.scenario import known_scenarios

SCENARIOS = ("default", "no_practice", "strong_practice", "composition_confounded")
#: Truths that the model does not hold, or that no register shows.
HARDER = (
    "free_practice",
    "wobble",
    "interaction",
    "recording",
    "spillover",
    "hidden_health",
    "hidden_health_wide",
    "hidden_health_with_practice",
)
#: Of these the grants are also taken as they are shown, with the noise of protection.
ALSO_SHOWN = ("default", "no_practice")
#: Draws of the rank sets: 20,000 are published, coverage needs fewer.
RANK_DRAWS = 2_000
BEGIN, END = "<!-- table begins -->", "<!-- table ends -->"


@dataclass(frozen=True)
class Study:
    """One scenario at one size."""

    scenario: str
    outcome: str
    scale: float
    times: int
    is_shown: bool = False

    @property
    def name(self) -> str:
        """The folder of its seeds."""
        shown = "-shown" if self.is_shown else ""
        return f"{self.scenario}-{self.outcome}-{self.scale:g}x{self.times}{shown}"

    @property
    def label(self) -> str:
        """What the tables call it."""
        return f"{self.scenario}, as shown" if self.is_shown else self.scenario

    @property
    def is_harder(self) -> bool:
        """Whether the model does not hold in it."""
        return self.scenario in HARDER

    @property
    def models(self) -> tuple[str, ...]:
        """The models that are held against the truth."""
        if self.is_harder and self.scenario != "free_practice":
            return ("within",)
        return ("pooled", "within", "conditions")


def main() -> None:
    options = _arguments()
    studies = [
        Study(scenario, outcome, options.scale, times, is_shown)
        for times, outcome, scenario, is_shown in itertools.product(
            options.times, options.outcomes, options.scenarios, (False, True)
        )
        if (times == options.times[0] or scenario not in HARDER)
        and (scenario in ALSO_SHOWN or not is_shown)
    ]
    seeds = range(1, options.seeds + 1)
    # Seed by seed over all studies: an unfinished run has some seeds of each.
    jobs = [(study, seed) for seed in seeds for study in studies]
    missing = [job for job in jobs if not _path(options.folder, *job).exists()]
    print(f"{len(jobs)} countries, {len(missing)} to do", flush=True)
    if not options.only_tables:
        if options.dask:
            # Prefect takes half a minute to import, and is needed for this alone.
            from benchmarks.simulation_flow import run_on_cluster

            done = run_on_cluster(missing, options.folder, options.dask)
        else:
            done = _run(missing, options.folder, options.workers)
        for number, (study, seed) in enumerate(done, start=1):
            if number % 20 == 0 or number == len(missing):
                print(f"{number} of {len(missing)}: {study.name}, seed {seed}", flush=True)
    result = {
        study: [
            json.loads(_path(options.folder, study, seed).read_text())
            for seed in seeds
            if all(
                _path(options.folder, beside, seed).exists()
                for beside in studies
                if (beside.times, beside.outcome) == (study.times, study.outcome)
            )
        ]
        for study in studies
    }
    text = tables(result)
    print(text)
    if options.page:
        _put_in_page(options.page, text)


def run_one(study: Study, seed: int, folder: Path) -> tuple[Study, int]:
    """Write the scores of one seed, whole or not at all."""
    write_result(study, seed, folder, result_of(study, seed))
    return study, seed


def result_of(study: Study, seed: int) -> dict[str, object]:
    """Return what is kept of one seed: its scores and what it is of."""
    population = _population(
        study.scenario,
        study.scale,
        study.times,
        study.outcome,
        country_seed(study.scenario, seed),
    )
    drawn = draw_grants(population, study.outcome, seed)
    protection: Protection = Unprotected()
    if study.is_shown:
        protection = CellKey()
        drawn = replace(drawn, table=as_shown(with_keys(drawn.table, seed), protection))
    specification = Specification(
        models=study.models, rank_draws=RANK_DRAWS, seed=seed, protection=protection
    )
    result = {**asdict(study), "seed": seed, "grants": int(drawn.table.observed.sum())}
    result["scores"] = score(
        drawn,
        study.outcome,
        population.conditions,
        specification,
        has_rank_sets=not study.is_harder,
    )
    return result


def write_result(study: Study, seed: int, folder: Path, result: dict[str, object]) -> None:
    """Write ``result`` of one seed into ``folder``, whole or not at all."""
    path = _path(folder, study, seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}")
    partial.write_text(json.dumps(result, indent=1) + "\n")
    partial.replace(path)


@lru_cache(maxsize=24)
def _population(scenario: str, scale: float, times: int, outcome: str, seed: int) -> Population:
    return make_population(scenario, scale, times, (outcome,), seed)


def _run(jobs: list[tuple[Study, int]], folder: Path, workers: int) -> Iterator[tuple[Study, int]]:
    if workers == 1:
        yield from (run_one(study, seed, folder) for study, seed in jobs)
        return
    # Fresh processes: forking a process with threads may deadlock.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        for future in as_completed([pool.submit(run_one, *job, folder) for job in jobs]):
            yield future.result()


def _path(folder: Path, study: Study, seed: int) -> Path:
    return folder / study.name / f"seed_{seed:05d}.json"


def _put_in_page(page: Path, text: str) -> None:
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, result, after = rest.partition(END)
    if not result:
        raise SystemExit(f"{page} has no marks {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--scale", type=float, default=0.02)
    parser.add_argument("--times", type=int, nargs="+", default=[50, 5])
    parser.add_argument("--outcomes", nargs="+", default=["FP"], choices=OUTCOMES)
    parser.add_argument(
        "--scenarios", nargs="+", default=(*SCENARIOS, *HARDER), choices=known_scenarios()
    )
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--page", type=Path)
    parser.add_argument("--dask", help="scheduler of the cluster that makes the seeds")
    parser.add_argument("--only-tables", action="store_true", help="of the seeds that are there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
