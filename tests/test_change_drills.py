"""The drills of docs/change.md, each done in a copy: how many files it takes, and what is refused.

One copy has a factor, an outcome, a benchmark, a register and a result table more, loads forty
persons and publishes; the files are those in which it then differs from the code. With a fault in
it every message names what is missing.
"""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from test_benchmarks import OWN

ROOT = Path(__file__).parent.parent
FACTOR = """-- object: factor.long_sickness
-- title: Længe syg / Long sick
-- levels: no = Højst 40 uger / Up to 40 weeks; yes = Over 40 uger / Over 40 weeks
-- reference: no
-- lookback: the ISO year before
-- health: no
-- source: STAR, DREAM
-- reads: mart.benefit_history
-- caveat: none

SELECT
    benefit_history.person_id,
    benefit_history.year,
    CASE WHEN benefit_history.sickness_benefit_weeks > 40 THEN 'yes' ELSE 'no' END AS level
FROM mart.benefit_history
"""
EXAMPLES = """# factor.long_sickness

## More than forty weeks in the year before

Given mart.benefit_history:

| person_id   | year | sickness_benefit_weeks |
|-------------|------|------------------------|
| Forty       | 2006 | 40                     |
| OneWeekMore | 2006 | 41                     |

Then:

| person_id   | year | level |
|-------------|------|-------|
| Forty       | 2006 | no    |
| OneWeekMore | 2006 | yes   |
"""
FACTOR_FILE, BENCHMARK_FILE = "sql/factor/long_sickness.sql", "home/benchmarks/drill.toml"
OUTCOME = "REVA,weeks,,rehabilitation,0,,,8,Revalidering,Rehabilitation,Første uge,First week\n"
BENCHMARK = (
    OWN.replace('"own"', '"drill"')
    .replace('"2003-2005"', "[2006]")
    .replace('["FP"]', '["FP", "REVA"]')
    .replace('"somatic_health"]\n', '"somatic_health", "long_sickness"]\n', 1)
)
REGISTER = '''"""Permits, for analysts alone."""

from pipeline.registers.declaration import Column, Register
from pipeline.registers.population import PNR

PERMITS = Register(
    name="permits",
    title="Permits",
    description="Permits by person.",
    grain="one row per person and permit",
    key=("PNR", "KIND"),
    source="an invented authority",
    is_optional=True,
    columns=(PNR, Column("KIND", "VARCHAR", "Kind of permit.", values=("A", "B"))),
)
'''
VIEW = """-- object: core.permit
-- grain: one row per person and permit
-- key: person_id, permit
-- units: none
-- source: an invented authority
-- reads: raw.permits
-- caveat: a view; empty when the register was not delivered

CREATE VIEW core.permit AS
SELECT
    permits.PNR AS person_id,
    permits.KIND AS permit
FROM raw.permits;

COMMENT ON VIEW core.permit IS 'Permits.';
COMMENT ON COLUMN core.permit.person_id IS 'Person, pseudonymised.';
COMMENT ON COLUMN core.permit.permit IS 'Kind of permit.';
"""
LOAD = """
import json, sys
from pathlib import Path
import duckdb
from extracts_fixture import ExtractsFolder
from pipeline.codes import code_list
from pipeline.handbook.factors import factor_lines
from pipeline.settings import read_settings
from pipeline.warehouse.marts.load import load_extracts
from pipeline.warehouse.frames import read
home = Path(sys.argv[1])
people = ExtractsFolder().with_background(n=40)
people.resident("Sickly01", years=(2005, 2006))
people.on_benefit("Sickly01", "890", "0552", 45)
people.resident("Rehab001", years=(2005, 2006))
people.on_benefit("Rehab001", "758", "0610", 4)
folder = people.write(home / "extracts")
(folder / "permits.csv").write_text("PNR;KIND\\nSickly01;A\\nRehab001;B\\n")
settings = read_settings(home=home, threads=1, benchmark="drill")
load_extracts(folder, settings.registers_path, settings=settings)
cells = read.read_model_cells(settings.registers_path, settings)
with duckdb.connect(str(settings.registers_path), read_only=True) as connection:
    permits = connection.execute("SELECT permit FROM core.permit ORDER BY 1").fetchall()
print(json.dumps({
    "levels": cells.groupby("long_sickness", observed=False)["n_persons"].sum().to_dict(),
    "categories": list(cells["long_sickness"].cat.categories),
    "events": cells.groupby("outcome")["n_events"].sum().to_dict(),
    "listed": [row for row in factor_lines() if "long_sickness" in row],
    "labels": code_list("factor").query("factor == 'long_sickness'")["description_da"].tolist(),
    "permits": [permit for (permit,) in permits],
    "rules": rules_hold(),
}))
"""
RULES = """
from pipeline.handbook.rules import SQL_FOLDER, read_rules
from rule_runner import difference, found_and_expected, small_warehouse
def rules_hold():
    rules = read_rules(SQL_FOLDER / "factor" / "long_sickness.md")
    for rule in rules:
        with small_warehouse(rule) as connection:
            columns, found, expected = found_and_expected(connection, rule)
        assert not difference(columns, found, expected)
    return len(rules)
"""


REFUSALS = """
import json, os, sys
from pathlib import Path
import duckdb, numpy, pandas, pyarrow, pydantic, pydantic_settings
folder, asked = Path(sys.argv[1]), sys.argv[2]
told = []
for name, old, new in json.loads(sys.argv[3]):
    path = folder / name
    whole = path.read_text(encoding="utf-8")
    assert old in whole, (name, old)
    path.write_text(whole.replace(old, new), encoding="utf-8")
    read, write = os.pipe()
    # A process of its own for each fault, but libraries are imported once.
    if not (child := os.fork()):
        os.dup2(write, 2)
        sys.argv = ["tildeling", "benchmarks", asked]
        from pipeline.commands.program import main
        os._exit(main())
    os.close(write)
    with os.fdopen(read) as said:
        text = said.read()
    told.append((os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), text))
    path.write_text(whole, encoding="utf-8")
print(json.dumps(told))
"""


class Copy:
    """A copy of the code, in which files are added and changed."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        for part in ("pipeline", "sql", "tests", "docs"):
            ignored = shutil.ignore_patterns("__pycache__", "golden", "published", "*.ipynb")
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)

    def differing(self) -> set[str]:
        """The files that are not as in the code, but for what tests and runs leave."""
        names = set()
        for part in ("pipeline", "sql", "docs", "home/benchmarks"):
            for path in (self.folder / part).rglob("*"):
                name = path.relative_to(self.folder)
                if path.is_file() and "__pycache__" not in name.parts:
                    is_own = (ROOT / name).exists()
                    if not is_own or not filecmp.cmp(path, ROOT / name, shallow=False):
                        names.add(str(name))
        return names

    def change(self, name: str, change: Callable[[str], str]) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(change(text), encoding="utf-8")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if "TILDELING" not in name}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**kept, "PYTHONPATH": f"{self.folder}{os.pathsep}{self.folder / 'tests'}"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def tildeling(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        program = "import sys; from pipeline.commands.program import main; sys.exit(main())"
        return self.run("-c", program, *arguments)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    return Copy(tmp_path_factory.mktemp("copy"))


@pytest.fixture(scope="module")
def touched(copy: Copy) -> dict[str, set[str]]:
    """The drills, done: the files that each added or changed."""

    def registered(text: str) -> str:
        text = text.replace(
            "REGISTERS: tuple", "from pipeline.registers.permits import PERMITS\n\nREGISTERS: tuple"
        )
        return text.replace("    RAMMEVILKAAR,\n", "    RAMMEVILKAAR,\n    PERMITS,\n")

    files, before = {}, copy.differing()
    for drill, changes in {
        "factor": {
            FACTOR_FILE: lambda _: FACTOR,
            "sql/factor/long_sickness.md": lambda _: EXAMPLES,
        },
        "outcome": {"pipeline/codes/outcome.csv": lambda text: text + OUTCOME},
        "benchmark": {BENCHMARK_FILE: lambda _: BENCHMARK},
        "register": {
            "pipeline/registers/permits.py": lambda _: REGISTER,
            "pipeline/registers/__init__.py": registered,
            "sql/core/permit.sql": lambda _: VIEW,
        },
    }.items():
        for name, change in changes.items():
            copy.change(name, change)
        after = copy.differing()
        files[drill], before = after - before, after
    return files


@pytest.fixture(scope="module")
def loaded(copy: Copy, touched: dict[str, list[str]]) -> dict[str, object]:
    done = copy.run("-c", RULES + LOAD, str(copy.home))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_factor_is_two_files(touched, loaded) -> None:
    assert len(touched["factor"]) <= 2, touched["factor"]
    assert loaded["categories"] == ["no", "yes"]
    assert loaded["levels"] == {"no": 41 * 2, "yes": 2}  # of two outcomes
    assert loaded["labels"] == ["Højst 40 uger", "Over 40 uger"]
    assert loaded["listed"]
    assert loaded["rules"] == 1


def test_an_outcome_is_a_row(touched, loaded) -> None:
    assert len(touched["outcome"]) <= 2
    assert loaded["events"] == {"FP": 0, "REVA": 1}


def test_a_benchmark_is_a_file(copy: Copy, touched) -> None:
    assert len(touched["benchmark"]) == 1
    listed = copy.tildeling("benchmarks", "--home", str(copy.home))
    assert listed.returncode == 0, listed.stderr
    assert "drill" in listed.stdout


def test_a_register_for_analysts_is_three_files(touched, loaded) -> None:
    assert len(touched["register"]) <= 4
    assert loaded["permits"] == ["A", "B"]


#: File, text in it, text in its stead, and what is said of it.
FAULTS = (
    (FACTOR_FILE, "-- reference: no\n", "", ("missing key 'reference'", "long_sickness.sql")),
    (FACTOR_FILE, "-- health: no\n", "-- health: maybe\n", ("health is 'maybe'", "yes, no")),
    (FACTOR_FILE, "; yes = Over 40 uger / Over 40 weeks", "", ("levels are to be two or more",)),
    (BENCHMARK_FILE, '"long_sickness"', '"long_sikness"', ("unknown factor long_sikness",)),
    (BENCHMARK_FILE, '"REVA"', '"REWA"', ("unknown outcome REWA", "REVA")),
)


def test_what_is_missing_is_named(copy: Copy, touched) -> None:
    faults = json.dumps([fault[:3] for fault in FAULTS])
    done = copy.run("-c", REFUSALS, str(copy.folder), str(copy.folder / BENCHMARK_FILE), faults)
    assert done.returncode == 0, done.stderr
    for (code, text), (*_, said) in zip(json.loads(done.stdout), FAULTS, strict=True):
        assert code == 3
        assert all(part in text for part in said), text
        assert "Traceback" not in text


def test_a_level_that_nobody_declares_stops_the_load(copy: Copy, touched, loaded) -> None:
    copy.change(FACTOR_FILE, lambda text: text.replace("THEN 'yes'", "THEN 'very'"))
    try:
        stopped = copy.tildeling(
            *("load", "--extracts", str(copy.home / "extracts"), "--home", str(copy.home)),
            *("--benchmark", "drill"),
        )
    finally:
        copy.change(FACTOR_FILE, lambda _: FACTOR)
    assert stopped.returncode == 11, stopped.stderr
    assert "factor_level_known" in stopped.stderr
    assert "long_sickness very" in stopped.stderr


TABLE = """title.da = "Antal"
title.en = "Numbers"
comment = "Numbers of the drill."
grain = "one row per run and outcome"
key = ["run_id", "outcome"]
units = "municipalities"
source = "pipeline.descriptives.drill"
caveat = "none"
protection = "counts"
is_optional = true
fields = ["run_id", "outcome", "n_drilled"]
"""
FIELD = """
[n_drilled]
type = "INTEGER"
unit = "municipalities"
format = "count"
heading.da = "Kommuner"
heading.en = "Municipalities"
meaning.da = "Kommuner i øvelsen."
meaning.en = "Municipalities of the drill."
"""
MODULE = '''"""Numbers of the drill."""

import pandas as pd


def drill_table(benchmark: pd.DataFrame) -> pd.DataFrame:
    """Return one row per outcome: its municipalities."""
    n = benchmark.groupby("outcome")["municipality_code"].nunique()
    return n.rename("n_drilled").astype("int32").reset_index()
'''
PUBLISH = """
import sys
from pathlib import Path
from pipeline.catalogue import ddl
ddl.write()
import duckdb
from test_publish import RUN, publication, result_frames
from pipeline import disclosure
from pipeline.catalogue import columns
from pipeline.errors import PublishError
from pipeline.handbook.dictionary import write_dictionary
from pipeline.night.results import drill_table
from pipeline.warehouse.publication.release_file import DISCLOSURE
from pipeline.warehouse.publication.retention import Retention
write_dictionary(Path("docs"))
made = result_frames()
frames = {n: f.assign(noise_sd=0.0) if "noise_sd" in columns(n) else f for n, f in made.items()}
frames["drill"] = drill_table(frames["benchmark"])
passed = disclosure.protect(frames, DISCLOSURE, smallest_shown=1)
release = publication.publish_release(passed, RUN, Path(sys.argv[1]), retention=Retention(1))
with duckdb.connect(str(release.path), read_only=True) as connection:
    print(connection.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'drill'"
                             ).fetchall(), connection.execute("SELECT outcome, n_drilled "
                             "FROM now.drill").fetchall())
del frames["drill"]
passed = disclosure.protect(frames, DISCLOSURE, smallest_shown=1)
try:
    publication.publish_release(passed, RUN, Path(sys.argv[1]) / "refused", retention=Retention(1))
except PublishError as error:
    print("refused:", error.message)
"""


def test_a_result_table_is_six_files_and_missed_where_no_frame_is_made(copy: Copy, touched) -> None:
    def called(text: str) -> str:
        text = text.replace(
            "from pipeline.descriptives.grant_history",
            "from pipeline.descriptives.drill import drill_table\n"
            "from pipeline.descriptives.grant_history",
        )
        return text.replace(
            '        "grant_history": history,\n',
            '        "grant_history": history,\n'
            '        "drill": drill_table(result.frames["benchmark"]),\n',
        )

    before = copy.differing()
    copy.change("pipeline/catalogue/tables/drill.toml", lambda _: TABLE)
    copy.change("pipeline/catalogue/fields.toml", lambda text: text + FIELD)
    copy.change("pipeline/descriptives/drill.py", lambda _: MODULE)
    copy.change("pipeline/night/results.py", called)
    done = copy.run("-c", PUBLISH, str(copy.folder / "released"))
    assert done.returncode == 0, done.stderr
    published, _, refused = done.stdout.partition("refused:")
    assert "Numbers of the drill." in published
    assert "('FP', 98)" in published
    assert "there is no frame for result.drill" in refused
    files = copy.differing() - before
    assert "sql/result/drill.sql" in files
    assert "docs/dictionary.md" in files
    assert len(files) <= 6, files
