"""Another country's units: a pack of three lists, and 24 invented districts from files to pages."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from districts import CODES, NAMES, REGIONS, write_districts

from pipeline.codes import units
from pipeline.commands.cli import main
from pipeline.errors import SettingsError
from reports.language.files import PLACE_FOLDER

ROOT = Path(__file__).parent.parent
#: A question as its author writes it from docs/declarations.md, of what 24 units bear.
QUESTION = """
name = "working_age"
years = "2003-2005"
outcomes = ["FP"]
models = ["within"]
conditions = ["area_unemployment_share", "area_industry_share"]
standards = ["lowest_5"]
sensitivity = []

[title]
da = "Førtidspension til 30-59-årige"
en = "Disability pension at ages 30-59"

[description]
da = "Skrevet efter dokumentationen alene."
en = "Written from the documentation alone."

[ages]
first = 30
last = 59

[factors]
names = ["age_band", "sex", "education", "family", "labour_status", "tenure_band",
  "unemployment_weeks_band", "support_years_band", "mental_health", "opioids"]

[factors.bands]
age_band = [40, 50]
tenure_band = [0, 3]
"""
#: A night of it, and a backfill of one of its years as the flow does it, without Prefect's server.
NIGHT = """
import json, sys
from pathlib import Path
from types import SimpleNamespace
import duckdb
from flows import backfill as flow, fitting
from pipeline.commands.cli import main
from pipeline.night import backfill, steps, synthetic
from pipeline.settings import read_settings
from pipeline.warehouse.publication.releases import current_release
home = Path(sys.argv[1])
asked = dict(home=home, scale=0.003, workers=1, rank_draws=1000, benchmark="working_age")
settings = read_settings(**asked)
synthetic.generate(settings, home / "extracts", years=(2001, 2005))
steps.load(settings, home / "extracts")
steps.fit(settings)
steps.score(settings, home / "extracts" / "truth")
steps.publish(settings)
assert main(["report", "--home", str(home), "--lang", "da"]) == 0

flow.done = fitting.done = lambda step, *arguments: step.fn(*arguments)
flow.build_report = flow.record_headline = SimpleNamespace(fn=lambda settings: None)
ended = flow.backfill.fn("working_age", 2004, 2004, home=str(home))
assert ended is None, ended
left = backfill.plan(read_settings(home=home, benchmark="working_age"), (2004, 2004))
with duckdb.connect(str(current_release(home).path), read_only=True) as connection:
    def ask(sql):
        return connection.execute(sql).fetchall()
    def one(sql):
        return [value for (value,) in ask(sql)]
    print(json.dumps({
        "codes": one("SELECT DISTINCT municipality_code FROM result.ranking ORDER BY 1"),
        "ranks": ask("SELECT min(rank), max(rank), max(rank_high) FROM result.ranking"),
        "regions": one("SELECT DISTINCT region_name FROM codes.municipality"),
        "grants": ask("SELECT sum(observed), sum(expected) FROM now.benchmark"
                      " WHERE model = 'within'"),
        "levels": one("SELECT DISTINCT tenure_band FROM now.breakdown ORDER BY 1"),
        "settings": one("SELECT setting FROM result.setting"),
        "runs": ask("SELECT years, status FROM result.run ORDER BY run_order"),
        "series": ask("SELECT years, count(*) FROM analysis.series GROUP BY 1 ORDER BY 1"),
        "left": left.settings is None,
    }))
"""


@pytest.mark.slow
def test_24_districts_and_a_question_of_ones_own_run_from_files_to_pages_and_back_in_time(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    (home / "benchmarks").mkdir(parents=True)
    (home / "benchmarks" / "working_age.toml").write_text(QUESTION, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if "TILDELING" not in name}
    pack = {units.VARIABLE: str(write_districts(tmp_path / "units"))}
    done = subprocess.run(
        [sys.executable, "-c", NIGHT, str(home)],
        cwd=ROOT,
        env={
            **kept,
            **pack,
            "TILDELING_DISCLOSURE_TOTALS": "exact",
            "TILDELING_RANK_DRAWS": "1000",
        },
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout.splitlines()[-1])
    assert tuple(shown["codes"]) == CODES
    assert shown["ranks"][0][0] == 1
    assert shown["ranks"][0][1] <= shown["ranks"][0][2] == 24
    assert set(shown["regions"]) == {name for _, name in REGIONS}
    observed, expected = shown["grants"][0]
    assert observed > 10
    assert abs(observed - expected) < 1
    assert "units_content" in shown["settings"]
    assert set(shown["levels"]) == {"none", "up_to_3", "over_3"}
    assert shown["runs"] == [["2003, 2004, 2005", "published"], ["2004", "backfilled"]]
    assert shown["series"] == [["2003, 2004, 2005", 24], ["2004", 24]]
    assert shown["left"]
    sheets = {path.stem for path in (home / "report" / PLACE_FOLDER).glob("*.pdf")}
    assert sheets == set(CODES)
    page = (home / "report" / "index.html").read_text(encoding="utf-8")
    assert all(name in page for name in NAMES)
    assert "Aarhus" not in page
    # As a number of municipalities: 98 grants, 8.98 expected ones or 98 per cent may well be.
    told = re.sub(r"<svg.*?</svg>|<script.*?</script>|<[^>]*>", " ", page, flags=re.S)
    assert not re.search(r"(?<![\d.,])98 (?:af landets )?kommuner", told)
    assert re.search(r"(?<![\d.,])24 (?:af landets )?kommuner", told)


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("municipality", "D02,", "D01,", "municipality.csv: D01 occurs twice"),
        ("municipality", "40000", "0", "D01 has no inhabitants"),
        ("municipality", "D01,", "D 1,", "'D 1' is no code of letters and digits"),
        ("municipality", "region_name", "county", "its columns are"),
        ("municipality_history", ",D05,1.0", ",D99,1.0", "successor D99 of D05 is no unit"),
        ("municipality_history", ",D24,0.5", ",D24,0.2", "the shares of F99 are 0.7 in all"),
        ("municipality_history", ",D05,1.0", ",D06,1.0", "nothing became D05"),
        ("municipality_tile", "D01,5,0", "D01,6,0", "two units are at 6,0"),
        ("municipality_tile", "D01,5,0", "D77,5,0", "D01 has no place"),
    ],
)
def test_a_faulty_pack_is_told_by_file_and_code(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    old: str,
    new: str,
    said: str,
) -> None:
    pack = write_districts(tmp_path / "units")
    path = pack / f"{name}.csv"
    whole = path.read_text(encoding="utf-8")
    assert old in whole
    path.write_text(whole.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setenv(units.VARIABLE, str(pack))
    assert main(["benchmarks", "--home", str(tmp_path)]) == 3
    assert said in capsys.readouterr().err


def test_a_pack_is_of_the_environment_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tildeling.toml").write_text('units_folder = "units"\n', encoding="utf-8")
    assert main(["benchmarks"]) == 3
    assert units.VARIABLE in capsys.readouterr().err
    monkeypatch.setenv(units.VARIABLE, str(tmp_path / "nowhere"))
    with pytest.raises(SettingsError, match="cannot be read"):
        units.refuse_faulty_units()


def test_no_number_of_units_and_no_form_of_codes_is_in_the_code() -> None:
    """But in what docstrings and comments say of Denmark."""
    told = re.compile(r"(?<![\w.])9[78](?![\w.%])|\\d\{3\}|\[0-9\]\{3\}")
    # Where it is of other things: thousands in figures, SOCIO13.
    others = ("profile_values.py", "valuefaults.py", "remarks.py", "labour.py")
    faults = []
    for room in ("pipeline", "flows", "reports", "synthetic_data"):
        for path in sorted((ROOT / room).rglob("*.py")):
            text = re.sub(r'""".*?"""', "", path.read_text(encoding="utf-8"), flags=re.S)
            text = re.sub(r"#.*", "", text)
            if path.name not in others and told.search(text):
                faults.append(str(path))
    assert not faults
