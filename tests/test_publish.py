"""Publication: built beside, checked, swapped in one step, never a mixture."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import textwrap
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import duckdb
import jsonschema
import pandas as pd
import pyarrow.parquet as pq
import pytest
from scipy.stats import chi2, t
from shared import copy_of

from pipeline import disclosure
from pipeline.catalogue import columns
from pipeline.codes import code_list
from pipeline.commands.cli import main
from pipeline.descriptives.municipality import municipality_table
from pipeline.errors import PublishError, StorageError
from pipeline.manifest import Run
from pipeline.night import steps
from pipeline.settings import Settings
from pipeline.warehouse.database.private import link_restricted
from pipeline.warehouse.database.sqlfiles import read_folder, run_sql_files
from pipeline.warehouse.publication import publish as publication
from pipeline.warehouse.publication.comparison import compare_releases
from pipeline.warehouse.publication.lock import hold_home
from pipeline.warehouse.publication.publish import (
    RESULT_TABLES,
    Release,
    check_release,
    clean_unfinished,
)
from pipeline.warehouse.publication.release_file import DISCLOSURE
from pipeline.warehouse.publication.releases import (
    MOMENT,
    current_release,
    find_release,
    list_releases,
    parquet_folder,
    roll_back,
)
from pipeline.warehouse.publication.retention import Retention, prune
from pipeline.warehouse.publication.retraction import retract

#: The Data Package profile as Frictionless publishes it.
PROFILE = Path(__file__).parent / "published" / "data_package_profile.json"
RUN = Run(
    run_id="akf_2006_2007-0123456789ab",
    started_at=datetime(2026, 1, 2, 1, tzinfo=UTC),
    finished_at=datetime(2026, 1, 2, 2, tzinfo=UTC),
    run_order=1,
    benchmark="akf_2006_2007",
    years="2006, 2007",
    window="akf_2006_2007",
    scale=0.1,
    seed=1,
    is_synthetic=True,
    input_hash="a",
    settings_hash="b",
    code_version="c",
    status="published",
    settings="{}",
)


def publish_release(frames, run, home, **options):
    """Publish ``frames``, which have no noise, through the door, small counts allowed."""
    noisy = {name for name in frames if name in RESULT_TABLES and "noise_sd" in columns(name)}
    frames = {
        name: frame.assign(noise_sd=0.0) if name in noisy else frame
        for name, frame in frames.items()
    }
    passed = disclosure.protect(frames, DISCLOSURE, smallest_shown=1)
    return publication.publish_release(passed, run, home, **options)


@cache
def empty_frames() -> dict[str, pd.DataFrame]:
    """Every result table but ``run``, without rows."""
    frames = {}
    with duckdb.connect() as connection:
        run_sql_files(connection, read_folder("result"))
        for table in RESULT_TABLES:
            frame = connection.execute(f"SELECT * FROM result.{table}").df()
            frames[table] = frame.drop(columns="run_id")
    frames.pop("run")
    return frames


def result_frames(observed: int = 7) -> dict[str, pd.DataFrame]:
    """The smallest frames that pass every release check: one outcome, one model, one cell."""
    places = code_list("municipality")[["municipality_code", "municipality_name"]]
    key = places[["municipality_code"]].assign(outcome="FP", model="within")
    expected = float(observed)
    benchmark = key.assign(
        municipality_name=places["municipality_name"],
        n_at_risk=1000,
        observed=observed,
        expected=expected,
        difference=0.0,
        observed_share=observed / 1000,
        expected_share=expected / 1000,
        difference_share=0.0,
        ratio=1.0,
        ratio_low=0.5,
        ratio_high=2.0,
        practice_effect=0.0,
        practice_effect_se=0.1,
        practice_effect_superpopulation_se=0.12,
        practice_effect_shrunk=0.0,
        practice_effect_shrunk_se=0.09,
        practice_effect_shrunk_low=-0.18,
        practice_effect_shrunk_high=0.18,
        tau2=0.1,
        tau2_low=0.05,
        tau2_high=0.2,
        direct_rate=0.007,
        reliability=0.5,
        p_value=1.0,
        flag_95="within",
        flag_998="within",
        flag_overdispersed="within",
        q_value=1.0,
        flag_discovery="within",
        coverage=1.0,
    )
    ranking = key.assign(
        rank=range(1, 99),
        rank_low=1,
        rank_high=98,
        rank_low_simultaneous=1,
        rank_high_simultaneous=98,
        rank_posterior_low=1,
        rank_posterior_high=98,
        rank_posterior_half_low=25,
        rank_posterior_half_high=74,
        grade=1,
        expected_rank=49.5,
        p_lowest_10=0.1,
        **{f"p_quintile_{q}": 0.2 for q in range(1, 6)},
    )
    cell = {
        "diagnosis_group": "mental",
        "tenure_band": "none",
        "ratio": 1.0,
        "ratio_low": 0.5,
        "ratio_high": 2.0,
        "is_suppressed": False,
    }
    breakdown = key.assign(observed=observed, expected=expected, **cell)
    country = pd.DataFrame(
        [{"outcome": "FP", "model": "within", "observed": 98 * observed, **cell}]
    ).assign(expected=98 * expected)
    counterfactual = pd.DataFrame(
        [
            {
                "outcome": "FP",
                "model": "within",
                "method": "naive",
                "standard": "lowest_10",
                "municipality_codes": "101,147",
                "fewer_grants": 1.0,
                "fewer_low": 0.0,
                "fewer_high": 2.0,
                "fewer_share": 0.1,
            }
        ]
    )
    coefficient = pd.DataFrame(
        [
            {
                "outcome": "FP",
                "model": "within",
                "term": "sex",
                "level": "female",
                "estimate": 0.1,
                "se": 0.1,
                "n_events": 20,
            }
        ]
    )
    quality = pd.DataFrame(
        [
            {
                "register": "bef",
                "check": "unique_key",
                "severity": "stop",
                "n_rows": 10,
                "n_failing": 0,
                "sample_keys": None,
                "n_quarantined": 0,
                "status": "ok",
                "detail": "",
            }
        ]
    )
    recovery = pd.DataFrame(
        [
            {
                "outcome": "FP",
                "model": "within",
                "measure": "coverage_95",
                "value": 0.94,
                "truth": 0.95,
            }
        ]
    )
    return {
        **empty_frames(),
        "benchmark": benchmark,
        "ranking": ranking,
        "breakdown": breakdown,
        "breakdown_country": country,
        "municipality": municipality_table(sorted(key["municipality_code"]), pd.DataFrame()),
        "counterfactual": counterfactual,
        "coefficient": coefficient,
        "data_quality": quality,
        "recovery": recovery,
        "setting": pd.DataFrame(Settings().published()),
    }


def silent_everywhere(code: str, is_reported: bool) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "municipality_code": [code],
            "year": [2007],
            "n_register": [0],
            "n_dream": [40],
            "coverage": [0.0],
            "coverage_low": [0.0],
            "coverage_high": [0.1],
            "is_reported": [is_reported],
            "is_in_quarantine": [False],
            "first_unreported_month": [None if is_reported else 1],
            "last_unreported_month": [None if is_reported else 12],
            "is_suppressed": [False],
        }
    )


@pytest.mark.parametrize("is_reported", [False, True])
def test_only_a_municipality_that_never_reported_may_be_missing(tmp_path, is_reported):
    frames = result_frames()
    for table in ("benchmark", "ranking", "breakdown"):
        rows = frames[table]
        frames[table] = rows[rows["municipality_code"] != "851"].reset_index(drop=True)
    frames["ranking"]["rank"] = range(1, 98)
    frames["ranking"]["rank_high"] = 97
    frames["breakdown_country"] = frames["breakdown_country"].assign(observed=679, expected=679.0)
    frames["completeness"] = silent_everywhere("851", is_reported)
    of_year = {"outcome": "FP", "model": "within", "year": 2007, "is_suppressed": False}
    frames["development_country"] = pd.DataFrame(
        [{**of_year, "n_at_risk": 97_000, "observed": 679, "expected": 679.0}]
    )
    for name in ("ratio", "ratio_low", "ratio_high"):
        frames["development_country"][name] = 1.0
    if is_reported:
        with pytest.raises(PublishError, match="97 municipalities"):
            publish_release(frames, RUN, tmp_path, retention=Retention(1))
    else:
        assert publish_release(frames, RUN, tmp_path, retention=Retention(1)).path.exists()


def publish(home: Path, *, hours: int = 0, observed: int = 7, kept: int = 5):
    run = replace(RUN, finished_at=RUN.finished_at + timedelta(hours=hours))
    return publish_release(result_frames(observed), run, home, retention=Retention(kept))


def published(home: Path, *observed: int, kept: int = 5) -> list[Release]:
    """Return the releases, oldest first, of a home that published ``observed`` an hour apart.

    Such a home is made once in a run and copied.
    """

    def make(folder: Path) -> None:
        folder.mkdir()
        if observed[:-1]:
            published(folder, *observed[:-1], kept=kept)
        publish(folder, hours=len(observed) - 1, observed=observed[-1], kept=kept)

    copy_of(f"home-{kept}-{'-'.join(map(str, observed))}", home, make)
    return list_releases(home)[::-1]


def observed_total(path: Path) -> int:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("SELECT SUM(observed) FROM result.benchmark").fetchone()[0]


def test_the_link_opens_the_release_with_every_table_and_comment(tmp_path):
    (release,) = published(tmp_path, 7)
    link = tmp_path / "benchmark.duckdb"
    assert link.is_symlink()
    assert link.resolve() == release.path.resolve()
    with duckdb.connect(str(link), read_only=True) as connection:
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'result'"
        ).fetchall()
        uncommented = connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns()"
            " WHERE NOT internal AND comment IS NULL"
            " UNION ALL SELECT view_name, '' FROM duckdb_views()"
            " WHERE NOT internal AND comment IS NULL"
            " UNION ALL SELECT function_name, '' FROM duckdb_functions()"
            " WHERE schema_name = 'analysis' AND comment IS NULL"
        ).fetchall()
    assert {name for (name,) in tables} == set(RESULT_TABLES)
    assert uncommented == []
    assert not list(tmp_path.rglob("*.next*"))
    assert not list(tmp_path.rglob("*.wal"))


def test_a_second_release_replaces_the_link_and_keeps_the_first(tmp_path):
    first, second = published(tmp_path, 7, 9)
    assert observed_total(tmp_path / "benchmark.duckdb") == 98 * 9
    assert observed_total(first.path) == 98 * 7
    assert first.sha256 != second.sha256


def test_an_open_reader_keeps_its_release(tmp_path):
    published(tmp_path, 7)
    with duckdb.connect(str(tmp_path / "benchmark.duckdb"), read_only=True) as reader:
        publish(tmp_path, hours=24, observed=9)
        kept = reader.execute("SELECT SUM(observed) FROM result.benchmark").fetchone()[0]
        assert kept == 98 * 7
        assert observed_total(tmp_path / "benchmark.duckdb") == 98 * 9


def test_only_the_newest_releases_are_kept(tmp_path):
    published(tmp_path, 7, 8, 9, 10, kept=2)
    files = sorted(path.suffix for path in (tmp_path / "releases").glob("benchmark-*"))
    assert files == [ending for ending in (".duckdb", ".json", ".links", ".parquet") for _ in "12"]
    assert observed_total(tmp_path / "benchmark.duckdb") == 98 * 10


def test_a_release_that_fails_a_check_leaves_the_old_one_and_costs_no_copies(tmp_path, monkeypatch):
    published(tmp_path, 7)
    before = (tmp_path / "benchmark.duckdb").resolve()
    monkeypatch.setattr(publication, "write_copies", lambda *_: pytest.fail("copies were written"))
    later = replace(RUN, finished_at=RUN.finished_at + timedelta(hours=1))
    frames = result_frames()
    frames["benchmark"].loc[0, "expected"] = 9.5
    frames["data_quality"]["status"] = "stop"
    with pytest.raises(PublishError, match=r"(?s)expected grants sum to.*unique_key stopped"):
        publish_release(frames, later, tmp_path, retention=Retention(5))
    assert (tmp_path / "benchmark.duckdb").resolve() == before
    assert observed_total(tmp_path / "benchmark.duckdb") == 98 * 7
    assert not list(tmp_path.rglob("*.next*"))


@pytest.mark.parametrize(
    ("table", "change", "message"),
    [
        ("benchmark", "expected = 9.5", "expected grants sum to"),
        ("ranking", "rank_low = 3", "outside its interval"),
        ("breakdown", "expected = 8.0", "breakdown does not add up"),
        ("breakdown", "observed = 8", "breakdown does not add up"),
        ("breakdown_country", "observed = 1", "breakdown_country does not add up"),
        ("breakdown", "is_suppressed = true", "a suppressed cell shows a count"),
        ("data_quality", "status = 'stop'", "check unique_key stopped"),
        ("benchmark", None, "97 municipalities"),
        ("ranking", None, "no row in result.ranking"),
    ],
)
def test_a_wrong_row_or_none_is_a_fault_of_a_release(tmp_path, table, change, message):
    """In the first row of a table, or without it; whole, the release has none."""
    (release,) = published(tmp_path, 7)
    assert check_release(release.path) == []
    what = (
        f"DELETE FROM result.{table}" if change is None else f"UPDATE result.{table} SET {change}"
    )
    with duckdb.connect(str(release.path)) as connection:
        connection.execute(f"{what} WHERE rowid = (SELECT min(rowid) FROM result.{table})")
    assert any(re.search(message, fault) for fault in check_release(release.path))


def test_a_frame_with_an_unknown_column_is_refused(tmp_path):
    frames = result_frames()
    frames["ranking"] = frames["ranking"].assign(invented=1)
    with pytest.raises(PublishError, match="unknown \\['invented'\\]"):
        publish_release(frames, RUN, tmp_path, retention=Retention(5))


def test_leftovers_of_a_crash_are_cleaned(tmp_path):
    published(tmp_path, 7)
    leftover = tmp_path / "releases" / "benchmark-x.duckdb.next"
    leftover.write_bytes(b"half")
    (tmp_path / "benchmark.duckdb.next").symlink_to("releases/gone")
    assert len(clean_unfinished(tmp_path)) == 2
    assert not leftover.exists()
    assert observed_total(tmp_path / "benchmark.duckdb") == 98 * 7


def test_a_plain_file_in_the_place_of_the_link_is_not_overwritten(tmp_path):
    (tmp_path / "benchmark.duckdb").write_bytes(b"somebody's file")
    with pytest.raises(PublishError, match="is a file"):
        publish(tmp_path)
    assert (tmp_path / "benchmark.duckdb").read_bytes() == b"somebody's file"
    assert not list((tmp_path / "releases").iterdir())


def test_a_second_writer_is_told_who_holds_the_home(tmp_path):
    script = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from pipeline.errors import StorageError
        from pipeline.warehouse.publication.lock import hold_home
        try:
            with hold_home(Path(sys.argv[1])):
                print("held")
        except StorageError as error:
            print(error.message)
        """
    )

    def other() -> str:
        return subprocess.run(
            [sys.executable, "-c", script, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    with hold_home(tmp_path):
        told = other()
    assert re.search(r"being written by another run \(process \d+ on \S+ since 2", told)
    assert other().strip() == "held"


def test_the_home_is_free_again_after_an_error(tmp_path):
    with pytest.raises(StorageError), hold_home(tmp_path):
        raise StorageError("stop")
    with hold_home(tmp_path):
        pass


def test_a_second_run_waits_for_the_first(tmp_path):
    script = textwrap.dedent(
        """
        import sys, time
        from pathlib import Path
        from pipeline.warehouse.publication.lock import hold_home
        with hold_home(Path(sys.argv[1])):
            print("held", flush=True)
            time.sleep(0.5)
        """
    )
    told: list[str] = []
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with hold_home(tmp_path, wait_seconds=60, progress=told.append):
            assert other.wait(timeout=60) == 0
    assert len(told) == 1
    assert f"process {other.pid} on " in told[0]


def test_every_table_has_a_parquet_copy_that_follows_the_release(tmp_path):
    published(tmp_path, 7, 9)
    copies = tmp_path / "parquet"
    assert {path.stem for path in copies.glob("*.parquet")} == set(RESULT_TABLES)
    total = "SELECT sum(observed) FROM read_parquet(?)"
    file = [str(copies / "benchmark.parquet")]
    assert duckdb.execute(total, file).fetchone() == (98 * 9,)
    mark = duckdb.execute(
        "SELECT decode(value) FROM parquet_kv_metadata(?) WHERE decode(key) = 'mark'", file
    ).fetchone()
    assert mark == ("SYNTETISKE DATA",)
    roll_back(tmp_path)
    assert duckdb.execute(total, file).fetchone() == (98 * 7,)


def test_the_copies_are_a_data_package_that_says_what_they_hold(tmp_path):
    published(tmp_path, 7)
    copies = tmp_path / "parquet"
    package = json.loads((copies / "datapackage.json").read_text(encoding="utf-8"))
    assert package["keywords"] == ["SYNTETISKE DATA"]
    profile = jsonschema.Draft4Validator(json.loads(PROFILE.read_text(encoding="utf-8")))
    assert [error.message for error in profile.iter_errors(package)] == []
    without_paths = [{**one, "path": None} for one in package["resources"]]
    assert not profile.is_valid({**package, "resources": without_paths})
    resources = {one["name"]: one for one in package["resources"]}
    assert len(resources) == len(package["resources"])
    assert {one["path"] for one in resources.values()} == {
        str(path.relative_to(copies)) for path in copies.rglob("*.parquet")
    }
    kinds = {"integer": "int", "number": "double", "string": "string", "boolean": "bool"}
    for one in resources.values():
        assert re.fullmatch(r"[a-z0-9-]+", one["name"])
        file = copies / one["path"]
        assert one["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
        read = pq.read_schema(file)
        assert [field["name"] for field in one["schema"]["fields"]] == read.names
        assert set(one["schema"].get("primaryKey", [])) <= set(read.names)
        for field in one["schema"]["fields"]:
            assert str(read.field(field["name"]).type).startswith(kinds.get(field["type"], ""))
            assert field["description"] or one["path"].startswith("views/")
    listed = (copies / "csv" / "rangliste-SYNTETISKE-DATA.csv").read_text(encoding="utf-8-sig")
    lines = listed.splitlines()
    assert lines[0].startswith("Udfald;Kode;Kommune;Region;Faktisk;Forventet;")
    assert lines[1].startswith("Førtidspension;101;København;")
    assert ";7;7,0;1,0;0,5;2,0;" in lines[1]


def test_without_disclosure_control_every_output_is_marked(tmp_path, monkeypatch):
    """Database, Parquet, CSV, data package and Prefect artifacts; pages, PDF and workbook:

    ``test_report_page``, ``test_pdf`` and ``test_workbook``.
    """
    from flows import nightly

    mark = "DISKRETION SLÅET FRA"
    made = {}
    for name in ("create_markdown_artifact", "create_table_artifact"):
        monkeypatch.setattr(nightly, name, lambda **said: made.update({said["key"]: str(said)}))
    for method in ("none", "cell_key"):
        settings = Settings(home=tmp_path / method, disclosure_method=method)
        run = replace(RUN, settings=json.dumps(settings.frozen()))
        (tmp_path / method).mkdir()
        publish_release(result_frames(), run, tmp_path / method, retention=Retention(2))
        with duckdb.connect(str(settings.benchmark_path), read_only=True) as connection:
            comments = connection.execute(
                "SELECT comment FROM duckdb_tables() WHERE schema_name = 'result'"
                " UNION ALL SELECT comment FROM duckdb_views() WHERE schema_name = 'now'"
            ).fetchall()
        copies = settings.home / "parquet"
        of_files = duckdb.execute(
            "SELECT decode(value) FROM parquet_kv_metadata(?) WHERE decode(key) = 'mark'",
            [str(copies / "**" / "*.parquet")],
        ).fetchall()
        package = json.loads((copies / "datapackage.json").read_text(encoding="utf-8"))
        nightly.record_headline.fn(settings.frozen())
        said = {
            "database": [mark in comment for (comment,) in comments],
            "Parquet": [mark in text for (text,) in of_files],
            "CSV": ["DISKRETION-SLAAET-FRA" in path.name for path in copies.glob("csv/*.csv")],
            "package": [mark in package["keywords"], "is off" in package["description"]],
            "artifacts": [mark in text for text in made.values()],
        }
        assert set(made) == {"run-headline", "benchmark-headline"}
        for output, marked in said.items():
            assert len(marked) >= 2, output
            assert all(marked) if method == "none" else not any(marked), (method, output)


def test_rolling_back_puts_the_release_before_in_place_and_the_next_one_goes_on(tmp_path):
    first, second = published(tmp_path, 7, 9)
    assert roll_back(tmp_path).name == first.name
    assert observed_total(tmp_path / "benchmark.duckdb") == 98 * 7
    assert [release.name for release in list_releases(tmp_path)] == [second.name, first.name]
    with pytest.raises(StorageError, match="no release before"):
        roll_back(tmp_path)
    assert roll_back(tmp_path, second.name).name == second.name
    roll_back(tmp_path)
    third = publish(tmp_path, hours=2, observed=10)
    assert current_release(tmp_path) == third


def test_a_release_taken_back_is_gone_and_the_whole_one_before_it_in_place(tmp_path):
    first, second, third = published(tmp_path, 7, 8, 9)
    second.path.write_bytes(b"damaged")
    gone, now = retract(tmp_path)
    assert (gone.name, now) == (third.name, first)
    assert observed_total(tmp_path / "benchmark.duckdb") == 98 * 7
    assert not list((tmp_path / "releases").glob(f"{third.name}*"))
    gone, now = retract(tmp_path, second.name)
    assert (gone.name, now) == (second.name, first)
    gone, now = retract(tmp_path)
    assert (gone.name, now) == (first.name, None)
    assert not (tmp_path / "benchmark.duckdb").is_symlink()
    assert list_releases(tmp_path) == []
    with pytest.raises(StorageError, match="no release is in place"):
        retract(tmp_path)
    assert current_release(tmp_path) is None
    assert publish(tmp_path, hours=3) == current_release(tmp_path)


@pytest.mark.parametrize("command", ["rollback", "retract"])
def test_the_report_is_that_of_the_release_in_place(tmp_path, monkeypatch, command):
    """Nobody reads on in the report of a release that was taken back."""
    first, second = published(tmp_path, 7, 9)
    drawn = []
    monkeypatch.setattr(steps, "report", lambda settings: drawn.append(current_release(tmp_path)))
    assert main([command, "--home", str(tmp_path)]) == 0
    assert drawn == [first]
    if command == "retract":
        (tmp_path / "report").mkdir()
        assert main([command, "--home", str(tmp_path)]) == 0
        assert not (tmp_path / "report").exists()
        assert drawn == [first]
    else:
        assert second in list_releases(tmp_path)


def test_a_release_that_was_changed_is_not_put_in_place(tmp_path):
    first, _ = published(tmp_path, 7, 9)
    with first.path.open("r+b") as file:
        file.seek(5000)
        file.write(b"changed")
    with pytest.raises(PublishError, match="not as it was published"):
        roll_back(tmp_path)
    assert observed_total(tmp_path / "benchmark.duckdb") == 98 * 9


def test_the_release_in_place_is_never_pruned(tmp_path):
    first, *_ = published(tmp_path, 7, 8, 9)
    roll_back(tmp_path, first.name)
    assert len(prune(tmp_path, Retention(1))) == 1
    assert len(list_releases(tmp_path)) == 2
    assert current_release(tmp_path) == first
    assert observed_total(tmp_path / "benchmark.duckdb") == 98 * 7


def test_a_young_release_is_kept_however_many_are_newer(tmp_path):
    first, second, third = published(tmp_path, 7, 8, 9)
    assert first.name.startswith(f"benchmark-{RUN.finished_at:{MOMENT}}")
    two_days_on = RUN.finished_at + timedelta(days=2, minutes=30)
    assert prune(tmp_path, Retention(1, days=3), two_days_on) == []
    assert prune(tmp_path, Retention(1, days=2), two_days_on) == [first]
    assert prune(tmp_path, Retention(1), two_days_on) == [second]
    assert list_releases(tmp_path) == [third]


def test_a_name_that_fits_several_releases_is_refused(tmp_path):
    published(tmp_path, 7, 9)
    with pytest.raises(StorageError, match="names 2 releases"):
        find_release(tmp_path, "benchmark")
    with pytest.raises(StorageError, match="names 0 releases"):
        find_release(tmp_path, "1984")


def shrunk(share: float) -> dict[str, pd.DataFrame]:
    frames = result_frames()
    benchmark = frames["benchmark"].copy()
    benchmark["n_at_risk"] = (benchmark["n_at_risk"] * (1 - share)).astype(int)
    return {**frames, "benchmark": benchmark}


def test_a_release_that_shrinks_is_refused_unless_allowed(tmp_path):
    published(tmp_path, 7)
    later = replace(RUN, finished_at=RUN.finished_at + timedelta(hours=1))
    with pytest.raises(PublishError, match=r"FP within n_at_risk: 98,000 .* \(-15\.0%\)") as caught:
        publish_release(shrunk(0.15), later, tmp_path, retention=Retention(5))
    assert "Next: look for missing files" in str(caught.value)
    assert len(list_releases(tmp_path)) == 1
    assert not list(tmp_path.rglob("*.next*"))
    publish_release(shrunk(0.05), later, tmp_path, retention=Retention(5))
    again = replace(RUN, finished_at=RUN.finished_at + timedelta(hours=2))
    publish_release(shrunk(0.9), again, tmp_path, retention=Retention(5), max_shrink_share=1)
    other = replace(RUN, finished_at=RUN.finished_at + timedelta(hours=3), settings_hash="other")
    publish_release(shrunk(0.99), other, tmp_path, retention=Retention(5))


def test_a_lost_table_is_named(tmp_path):
    published(tmp_path, 7)
    frames = result_frames()
    frames["recovery"] = frames["recovery"].iloc[:0]
    later = replace(RUN, finished_at=RUN.finished_at + timedelta(hours=1))
    with pytest.raises(PublishError, match="recovery: 1 before, 0 now") as caught:
        publish_release(frames, later, tmp_path, retention=Retention(5))
    assert "Next: score the results before they are published" in str(caught.value)
    assert "`tildeling fit --truth" in str(caught.value)


def test_two_releases_are_compared_in_words(tmp_path):
    (first,) = published(tmp_path, 7)
    frames = result_frames(9)
    ranking = frames["ranking"].copy()
    ranking.loc[[0, 97], "rank"] = [98, 1]
    later = replace(RUN, finished_at=RUN.finished_at + timedelta(hours=1), input_hash="new")
    second = publish_release(
        {**frames, "ranking": ranking}, later, tmp_path, retention=Retention(5)
    )
    compared = compare_releases(first.path, second.path)
    assert compared.is_same_question
    assert compared.moves[["rank_before", "rank_after"]].to_numpy().tolist() == [[1, 98], [98, 1]]
    text = str(compared)
    assert "input_hash: a -> new" in text
    assert "FP within observed: 686 -> 882" in text
    assert "Rows: no difference" in text
    assert "rank 1 -> 98" in text


def test_what_a_crash_leaves_at_any_point_is_cleaned(tmp_path):
    """Every state between two steps of a publication: the old release stands, or the new one."""
    (old,) = published(tmp_path, 7)
    releases = tmp_path / "releases"
    new = releases / "benchmark-20270101T000000000000Z-x.duckdb"
    new.write_bytes(b"whole but without manifest")
    parquet_folder(new).mkdir()
    (releases / (new.stem + ".json.next")).write_text("{")
    (tmp_path / "parquet").unlink()
    removed = clean_unfinished(tmp_path)
    assert len(removed) == 3
    assert current_release(tmp_path) == old
    assert (tmp_path / "parquet").resolve() == parquet_folder(old.path).resolve()
    assert [release.name for release in list_releases(tmp_path)] == [old.name]


def test_an_analyst_s_limits_are_byar_s_and_near_the_exact_ones(tmp_path):
    published(tmp_path, 7)
    with duckdb.connect(str(tmp_path / "benchmark.duckdb"), read_only=True) as connection:
        for observed in (0, 1, 5, 40):
            low, high = connection.execute(
                "SELECT analysis.ratio_low(?, 1.0), analysis.ratio_high(?, 1.0)",
                [observed, observed],
            ).fetchone()
            exact_low = chi2.ppf(0.025, 2 * observed) / 2 if observed else 0.0
            assert low == pytest.approx(exact_low, abs=0.02 * observed)
            assert high == pytest.approx(chi2.ppf(0.975, 2 * observed + 2) / 2, rel=0.02)
        assert connection.execute("SELECT analysis.ratio_low(3, 0)").fetchone() == (None,)
        regions = connection.execute(
            "SELECT outcome, group_value, observed FROM analysis.over_expected('region')"
        ).fetchall()
        assert {outcome for outcome, _, _ in regions} == {"FP"}
        assert (len(regions), sum(total for _, _, total in regions)) == (5, 98 * 7)
        assert connection.execute("SELECT * FROM analysis.municipality('Aarhus')").fetchall()
        fifths = connection.execute(
            "FROM analysis.by_fifth('population_2007', of_outcome := 'FP')"
        ).df()
        people = code_list("municipality")["population_2007"].astype(float)[:20]
        reach = t.ppf(0.975, 19) * people.std() / 20**0.5
        first = fifths.iloc[0]
        assert first["n_municipalities"] == 20
        assert first["mean"] == pytest.approx(people.mean())
        assert first["mean_high"] - first["mean"] == pytest.approx(reach, rel=1e-3)
        listed = connection.execute("FROM analysis.neighbours('Odense')").df()
        assert list(listed["kind"])[:2] == ["own", "neighbour"]
        name = connection.execute("SELECT current_database()").fetchone()[0]
        moved = connection.execute(f"FROM analysis.moved('{name}', '{name}')").df()
        assert len(moved) == 98
        assert not moved["is_beyond_chance"].any()
        for (view,) in connection.execute(
            "SELECT view_name FROM duckdb_views() WHERE schema_name = 'analysis'"
        ).fetchall():
            connection.execute(f"SELECT * FROM analysis.{view}").fetchall()


def test_microdata_move_into_a_folder_only_the_owner_can_enter(tmp_path):
    path = tmp_path / "registers.duckdb"
    path.write_bytes(b"from before")
    (tmp_path / "restricted").mkdir(mode=0o755)
    assert link_restricted(path) == link_restricted(path) == path.resolve()
    assert path.read_bytes() == b"from before"
    assert (tmp_path / "restricted").stat().st_mode & 0o777 == 0o700
