"""The drills of docs/change.md, each done in a copy: how many files it takes, and what is refused.

One copy has a factor, an outcome, a benchmark and a register more, and loads forty persons; in it
and in copies with a fault every message names what is missing.
"""

from __future__ import annotations

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


class Copy:
    """A copy of the code, and the files that were added or changed in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        for part in ("pipeline", "sql", "tests"):
            ignored = shutil.ignore_patterns("__pycache__", "golden", "published")
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return name

    def change(self, name: str, change: Callable[[str], str]) -> str:
        return self.write(name, change((self.folder / name).read_text(encoding="utf-8")))

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
def touched(copy: Copy) -> dict[str, list[str]]:
    """The drills, done: which files each added or changed."""

    def registered(text: str) -> str:
        text = text.replace(
            "REGISTERS: tuple", "from pipeline.registers.permits import PERMITS\n\nREGISTERS: tuple"
        )
        return text.replace("    RAMMEVILKAAR,\n", "    RAMMEVILKAAR,\n    PERMITS,\n")

    return {
        "factor": [
            copy.write("sql/factor/long_sickness.sql", FACTOR),
            copy.write("sql/factor/long_sickness.md", EXAMPLES),
        ],
        "outcome": [copy.change("pipeline/codes/outcome.csv", lambda text: text + OUTCOME)],
        "benchmark": [copy.write("home/benchmarks/drill.toml", BENCHMARK)],
        "register": [
            copy.write("pipeline/registers/permits.py", REGISTER),
            copy.change("pipeline/registers/__init__.py", registered),
            copy.write("sql/core/permit.sql", VIEW),
        ],
    }


@pytest.fixture(scope="module")
def loaded(copy: Copy, touched: dict[str, list[str]]) -> dict[str, object]:
    done = copy.run("-c", RULES + LOAD, str(copy.home))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_a_factor_is_two_files(copy: Copy, touched, loaded) -> None:
    assert len(touched["factor"]) <= 2
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


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("factor", "-- reference: no\n", "", ("missing key 'reference'", "long_sickness.sql")),
        ("factor", "-- health: no\n", "-- health: maybe\n", ("health is 'maybe'", "yes, no")),
        ("factor", "; yes = Over 40 uger / Over 40 weeks", "", ("levels are to be two or more",)),
        ("benchmark", '"long_sickness"', '"long_sikness"', ("unknown factor long_sikness",)),
        ("benchmark", '"REVA"', '"REWA"', ("unknown outcome REWA", "REVA")),
    ],
)
def test_what_is_missing_is_named(
    copy: Copy, touched, loaded, name: str, old: str, new: str, said: tuple[str, ...]
) -> None:
    path = copy.folder / touched[name][0]
    whole = path.read_text(encoding="utf-8")
    assert old in whole
    path.write_text(whole.replace(old, new), encoding="utf-8")
    try:
        refused = copy.tildeling("benchmarks", str(copy.home / "benchmarks" / "drill.toml"))
    finally:
        path.write_text(whole, encoding="utf-8")
    assert refused.returncode == 3
    assert all(part in refused.stderr for part in said), refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_level_that_nobody_declares_stops_the_load(copy: Copy, touched, loaded) -> None:
    path = copy.folder / touched["factor"][0]
    path.write_text(FACTOR.replace("THEN 'yes'", "THEN 'very'"), encoding="utf-8")
    try:
        stopped = copy.run("-c", RULES + LOAD, str(copy.home))
    finally:
        path.write_text(FACTOR, encoding="utf-8")
    assert stopped.returncode != 0
    assert "factor_level_known" in stopped.stderr
    assert "long_sickness very" in stopped.stderr


TABLE = """title.da = "Antal"
title.en = "Numbers"
comment = "Numbers of the drill."
grain = "one row per run and outcome"
key = ["run_id", "outcome"]
units = "municipalities"
source = "pipeline.model"
caveat = "none"
protection = "public"
is_optional = true
fields = ["run_id", "outcome"]
"""
PUBLISH = """
import sys
from pipeline.catalogue import ddl
ddl.write()
from pathlib import Path
import duckdb
from test_publish import RUN, publication, result_frames
from pipeline import disclosure
from pipeline.catalogue import columns
from pipeline.warehouse.publication.release_file import DISCLOSURE
from pipeline.errors import PublishError
frames = {n: f.assign(noise_sd=0.0) if "noise_sd" in columns(n) else f
          for n, f in result_frames().items()}
passed = disclosure.protect(frames, DISCLOSURE, smallest_shown=1)
release = publication.publish_release(passed, RUN, Path(sys.argv[1]), releases_kept=1)
with duckdb.connect(str(release.path), read_only=True) as connection:
    print(connection.execute("SELECT comment FROM duckdb_tables() WHERE table_name = 'drill'"
                             ).fetchall(), connection.execute("SELECT count(*) FROM now.drill"
                             ).fetchall())
del frames["drill"]
passed = disclosure.protect(frames, DISCLOSURE, smallest_shown=1)
try:
    publication.publish_release(passed, RUN, Path(sys.argv[1]) / "refused", releases_kept=1)
except PublishError as error:
    print("refused:", error.message)
"""


def test_a_result_table_is_declared_once_and_missed_where_no_frame_is_made(copy: Copy) -> None:
    declared = [copy.write("pipeline/catalogue/tables/drill.toml", TABLE)]
    # Beside these the frame's module, its call in night/results.py and the dictionary.
    assert len([*declared, "sql/result/drill.sql"]) + 3 <= 6
    done = copy.run("-c", PUBLISH, str(copy.folder / "released"))
    assert done.returncode == 0, done.stderr
    published, _, refused = done.stdout.partition("refused:")
    assert "Numbers of the drill." in published
    assert "there is no frame for result.drill" in refused
