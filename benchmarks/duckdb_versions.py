"""Versions of DuckDB side by side: queries with known answers, and all SQL of the project.

    python -m benchmarks.duckdb_versions --folder /big/disk/versions [--versions 1.5.6 2.0.1]
        [--scale 0.005] [--every 1] [--only shapes|sql] [--disabled OPTIMIZERS]

Each version is installed in the folder and goes before the one of the environment. `shapes` asks
every version the queries of `tests/query_shapes.py`. `sql` loads and fits one generated country
with each, then compares row by row with the first version what the second has in every table and
view, what checks, examples and macros answer, and what it reads in the first one's files.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import duckdb
import pandas as pd

from pipeline.handbook.examples import read_examples
from pipeline.warehouse.database.sqlfiles import read_folder

ROOT = Path(__file__).resolve().parent.parent
DATABASES = ("registers", "benchmark")
#: Moments, and names made of them.
VOLATILE = {"started_at", "finished_at", "loaded_at", "built_at", "seconds", "run_id"}
#: Floats are sums in another order; relative.
TOLERANCE = 1e-9
MEASURED = """
import resource, sys
from pipeline.commands.cli import main
code = main(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_SELF)
with open("/proc/self/status") as status:
    peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
print("MEASURED", used.ru_utime + used.ru_stime, peak)
sys.exit(code)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--versions", nargs="+", default=["1.5.6", "2.0.0", "2.0.1"])
    parser.add_argument("--scale", type=float, default=0.005)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--outcome", default="FP,FJ,ANY", help="of the fit")
    parser.add_argument("--model", default="pooled,within,conditions,no_health", help="of the fit")
    parser.add_argument("--only", choices=["shapes", "sql"])
    parser.add_argument("--disabled", default="", help="optimizers off in the queries of shapes")
    parser.add_argument("--shapes", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--dump", nargs=2, type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.shapes:
        print(json.dumps(shapes(options.every, options.disabled)))
        return
    if options.dump:
        dump(*options.dump)
        return
    options.folder.mkdir(parents=True, exist_ok=True)
    for version in options.versions:
        install(options.folder, version)
    if options.only != "sql":
        for version in options.versions:
            asked_as = ("--every", str(options.every), "--disabled", options.disabled)
            said = python(options, version, "--shapes", *asked_as)
            print(version, said.splitlines()[-1], flush=True)
    if options.only != "shapes":
        side_by_side(options)


def install(folder: Path, version: str) -> None:
    target = folder / version
    if not target.exists():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, "--target", target, f"duckdb=={version}"], check=True)


def environment(options: argparse.Namespace, version: str) -> dict[str, str]:
    """Return the environment in which ``version`` is the one imported; one key for pseudonyms."""
    return {
        **os.environ,
        "PYTHONPATH": f"{options.folder / version}{os.pathsep}{ROOT}",
        "TILDELING_PSEUDONYM_KEY": "0123456789abcdefghijklmnopqrstuv",
    }


def python(options: argparse.Namespace, version: str, *arguments: str) -> str:
    """Return what this script prints under ``version``."""
    command = [sys.executable, "-m", "benchmarks.duckdb_versions", "--folder", str(options.folder)]
    return subprocess.run(
        [*command, *arguments],
        env=environment(options, version),
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def shapes(every: int, disabled: str) -> dict[str, object]:
    """Return which reports and how many queries this version answers wrongly.

    ``disabled`` names the optimizers that are off, with commas between.
    """
    sys.path.insert(0, str(ROOT / "tests"))
    import query_shapes as known

    def opened(**config: int) -> duckdb.DuckDBPyConnection:
        connection = duckdb.connect(config=config)
        connection.execute(f"SET disabled_optimizers = '{disabled}'")
        return connection

    reports = [
        report.number
        for report in known.REPORTS
        if known.report_answer(opened(), report) != known.in_order(report.answer)
    ]
    connection = opened(threads=1)
    n_asked, wrong = 0, {}
    for kind in known.JOINS:
        for holding in known.RIGHT:
            n, faults = known.wrong_answers(connection, kind, holding, every=every)
            n_asked += n
            if faults:
                wrong[f"{kind}, {holding}"] = len(faults)
    using = [
        (query, holding)
        for query in known.USING
        for holding, right in known.RIGHT.items()
        if known.fill(connection, right)
        or known.answer_of(connection, query) != known.using_answer(query, right)
    ]
    return {
        "reports wrong": reports,
        "asked": n_asked,
        "wrong": sum(wrong.values()),
        "of": wrong,
        "using wrong": len(using),
        "processor seconds": round(resource.getrusage(resource.RUSAGE_SELF).ru_utime),
    }


def side_by_side(options: argparse.Namespace) -> None:
    """Load and fit with the first and the last version, then compare all that they answer."""
    extracts = options.folder / f"extracts-{options.scale}"
    first, last = options.versions[0], options.versions[-1]
    if not extracts.exists():
        generate = ["generate", "--out", str(extracts), "--scale", str(options.scale)]
        run(options, first, *generate, "--years", "1998-2007")
    fit = ["fit", "--full", "--outcome", options.outcome, "--model", options.model]
    for database, step in (
        ("registers", ["load", "--extracts", str(extracts), "--full"]),
        ("benchmark", fit),
    ):
        for version in (first, last):
            home = str(options.folder / f"home-{version}")
            said = run(options, version, *step, "--home", home)
            seconds, peak = said.rsplit("MEASURED", 1)[1].split()
            print(
                f"{version} {step[0]}: {float(seconds):.1f} processor seconds,"
                f" {int(peak) / 1e6:.2f} GB",
                flush=True,
            )
        dumps = {}
        for reader, writer in ((first, first), (last, last), (last, first), (first, last)):
            folder = options.folder / database / f"{reader}-of-{writer}"
            folder.mkdir(parents=True, exist_ok=True)
            dumps[reader, writer] = folder
            file = options.folder / f"home-{writer}" / f"{database}.duckdb"
            python(options, reader, "--dump", str(file), str(folder))
        for reader, writer in list(dumps)[1:]:
            about = f"{reader} on {database} of {writer}"
            compare(dumps[first, first], dumps[reader, writer], about)


def run(options: argparse.Namespace, version: str, *arguments: str) -> str:
    """Return what `tildeling` prints under ``version``, then MEASURED, seconds and kilobytes."""
    return subprocess.run(
        [sys.executable, "-c", MEASURED, *arguments],
        env=environment(options, version),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


def asked(database: str) -> dict[str, str]:
    """Return the SQL of checks, examples and the analysts' page for a database, by name."""
    queries = {
        f"examples.{example.path.stem}": example.text
        for example in read_examples()
        if example.database == database
        and not any(name.startswith("earlier.") for name in example.reads)
    }
    page = (ROOT / "docs" / "analysts.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    block = blocks[DATABASES[::-1].index(database)]
    for number, query in enumerate(filter(str.strip, block.split(";"))):
        if "'...'" not in query:
            queries[f"page.{database}_{number}"] = query
    if database == "registers":
        queries |= {file.object: file.text for file in read_folder("checks")}
    return queries


def dump(file: Path, folder: Path) -> None:
    """Write every table, view and answer of the database ``file`` into ``folder``."""
    connection = duckdb.connect(str(file), read_only=True)
    if file.stem == "registers":
        set_variables(connection)
    there = connection.execute(
        "SELECT table_schema || '.' || table_name FROM information_schema.tables"
    ).fetchall()
    queries = {name: f"SELECT * FROM {name}" for (name,) in there} | asked(file.stem)
    for name, query in queries.items():
        frame = connection.execute(query.rstrip().rstrip(";")).df()
        frame.drop(columns=[c for c in frame if c in VOLATILE]).to_pickle(folder / f"{name}.pickle")


def set_variables(connection: duckdb.DuckDBPyConnection) -> None:
    from pipeline.settings import Settings
    from pipeline.warehouse.marts.build import set_variables as of_settings

    of_settings(connection, Settings())


def compare(one: Path, other: Path, about: str) -> None:
    """Print how many answers and rows are the same, and each answer that is not."""
    names = {path.name for folder in (one, other) for path in folder.glob("*.pickle")}
    n_rows, different = 0, []
    for name in sorted(names):
        left, right = (sorted_rows(pd.read_pickle(folder / name)) for folder in (one, other))
        n_rows += len(left)
        try:
            pd.testing.assert_frame_equal(left, right, check_dtype=False, rtol=TOLERANCE, atol=1e-9)
        except AssertionError as error:
            different.append(f"  {name}: {str(error).splitlines()[0]}; {len(left)}, {len(right)}")
    print(f"{about}: {len(names)} answers, {n_rows:,} rows, {len(different)} answers differ")
    print("\n".join(different), flush=True)


def sorted_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows sorted as texts, floats to eight digits, so that equal rows meet."""
    key = pd.DataFrame(
        {
            name: frame[name].round(8).astype(str)
            if pd.api.types.is_float_dtype(frame[name])
            else frame[name].astype(str)
            for name in frame
        }
    )
    return (
        frame.loc[key.sort_values(list(key)).index].reset_index(drop=True)
        if len(key.columns)
        else frame
    )


if __name__ == "__main__":
    main()
