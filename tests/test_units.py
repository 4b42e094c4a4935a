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

from pipeline.benchmarks.library import SHIPPED
from pipeline.codes import units
from pipeline.commands.cli import main
from pipeline.errors import SettingsError

ROOT = Path(__file__).parent.parent
#: The default question with what 24 units bear, at the least cost.
QUESTION = (
    (SHIPPED / "akf_2006_2007.toml")
    .read_text(encoding="utf-8")
    .replace('"akf_2006_2007"', '"districts"')
    .replace('  "area_higher_education_share",\n  "population_density",\n', "")
    .replace('["lowest_10"]', '["lowest_5"]')
    .replace('["FP", "FJ", "ANY"]', '["FP"]')
    .replace('["pooled", "within", "conditions", "no_health"]', '["within", "conditions"]')
    .replace('["decision_municipality", "each_year", "ages", "without_movers"]', '["each_year"]')
)
NIGHT = """
import json, sys
from pathlib import Path
import duckdb
import reports
from pipeline.night import steps, synthetic
from pipeline.settings import read_settings
from reports.site import render
home = Path(sys.argv[1])
settings = read_settings(home=home, scale=0.0015, workers=1, rank_draws=1000, benchmark="districts")
synthetic.generate(settings, home / "extracts", years=(2002, 2007))
steps.load(settings, home / "extracts")
steps.fit(settings)
steps.score(settings, home / "extracts" / "truth")
release = steps.publish(settings)
render_all = render.municipalities
render.municipalities = lambda *a, **k: list(render_all(*a, **k))[:1]
pages = reports.build_report(release.path, home / "report", languages=("da",), documents=False)
with duckdb.connect(str(release.path), read_only=True) as connection:
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
        "settings": one("SELECT setting FROM result.setting"),
    }))
"""


@pytest.mark.slow
def test_24_districts_run_from_files_to_pages(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "benchmarks").mkdir(parents=True)
    (home / "benchmarks" / "districts.toml").write_text(QUESTION, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if "TILDELING" not in name}
    pack = {units.VARIABLE: str(write_districts(tmp_path / "units"))}
    done = subprocess.run(
        [sys.executable, "-c", NIGHT, str(home)],
        cwd=ROOT,
        env={**kept, **pack, "TILDELING_DISCLOSURE_TOTALS": "exact"},
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
    page = (home / "report" / "index.html").read_text(encoding="utf-8")
    assert all(name in page for name in NAMES)
    assert "Aarhus" not in page
    assert not re.search(
        r"\b98\b", re.sub(r"<svg.*?</svg>|<script.*?</script>", "", page, flags=re.S)
    )


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
