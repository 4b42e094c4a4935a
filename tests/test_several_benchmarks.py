"""Several benchmarks from one load: a mart each, a run each, one release, a report each."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from extracts_fixture import with_one_grant
from fabricated_release import RUN_ID, fabricate
from test_benchmarks import OWN
from test_publish import RUN, result_frames

from pipeline import disclosure
from pipeline.catalogue import columns
from pipeline.codes.pathways import WEEKS
from pipeline.errors import SettingsError, StorageError
from pipeline.settings import Settings, read_settings
from pipeline.warehouse.frames import courses, followup_frames, read
from pipeline.warehouse.marts.current import refuse_outdated
from pipeline.warehouse.marts.load import load_extracts
from pipeline.warehouse.marts.questions import marts_of
from pipeline.warehouse.publication import publish as publication
from pipeline.warehouse.publication.comparison import compare_releases
from pipeline.warehouse.publication.release_file import DISCLOSURE
from pipeline.warehouse.publication.retention import Retention
from reports.build import asked, build_report
from reports.content.read import read_tables
from reports.content.run import questions_from
from reports.documents import keep_others
from reports.site import render

#: Of the default's years and people, with one factor less: all but cells can be shared.
OTHER = OWN.replace('"own"', '"other"').replace('"2003-2005"', "[2006, 2007]")
OTHER = OTHER.replace("first = 30\nlast = 59", "first = 18\nlast = 64")
OTHER = OTHER.replace("age_band = [40, 50]\n", "")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with_one_grant().write(tmp_path / "extracts")
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "own.toml").write_text(
        OWN.replace('"2003-2005"', "[2006]"), encoding="utf-8"
    )
    (tmp_path / "benchmarks" / "other.toml").write_text(OTHER, encoding="utf-8")
    return tmp_path


def load(home: Path, benchmark: str) -> Settings:
    settings = read_settings(home=home, threads=1, benchmark=benchmark)
    load_extracts(home / "extracts", settings.registers_path, settings=settings)
    return settings


def query(path: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_a_benchmark_asked_for_beside_others_has_what_it_has_alone(home: Path) -> None:
    """And what comes out the same as an earlier one's is a view of it."""
    together = load(home, "akf_2006_2007,own,other")
    refuse_outdated(together.registers_path, together)
    refuse_outdated(together.registers_path, read_settings(home=home, benchmark="own"))
    with pytest.raises(StorageError, match="other settings"):
        refuse_outdated(together.registers_path, read_settings(home=home, benchmark="each_year"))
    kinds = dict(query(together.registers_path, KINDS.format("mart_other")))
    assert kinds["benefit_history"] == kinds["health_history"] == kinds["resident_year"] == "VIEW"
    assert kinds["model_cell"] == "BASE TABLE"
    beside = seen(together.each()[1])
    assert all(len(frame) for frame in (beside[0], beside[1], beside[-1]))
    alone = load(home, "own")
    assert all(one.equals(other) for one, other in zip(beside, seen(alone), strict=True))
    assert query(alone.registers_path, KINDS.format("mart_other")) == []


KINDS = "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = '{}'"


@pytest.mark.parametrize("first", range(5))
def test_benchmarks_may_stand_in_any_order(tmp_path: Path, first: int) -> None:
    """One that is measured from an earlier window is followed by others: it shares what it has."""
    names = ["akf_2006_2007", "reform_2010_2012", "youth_2021_2023", "ministry"]
    names = [*names, "long_cash_benefit"]
    turned = ",".join([*names[first:], *names[:first]])
    marts = marts_of(read_settings(home=tmp_path, benchmark=turned))
    asked = [mart for mart in marts if not mart.schema.endswith(("_baseline", "_short_look_back"))]
    assert [mart.settings.question.name for mart in asked] == turned.split(",")
    made: set[str] = set()
    for mart in marts:
        for file in mart.files:
            assert {read for read in file.reads if read.startswith("mart")} <= made, file.object
            made.add(file.object)


def seen(settings: Settings) -> list[pd.DataFrame]:
    """Return what a fit of the benchmark reads."""
    path = settings.registers_path
    return [
        read.read_model_cells(path, settings),
        read.read_grant_cells(path, settings),
        read.read_framework_conditions(path, settings),
        read.read_data_quality(path, settings),
        followup_frames.read_case_months(path, settings),
        courses.read_tenure_stock(path, settings),
        courses.read_grant_courses(path, settings, WEEKS)[0],
    ]


def test_each_year_is_a_run_of_its_own_with_its_own_conditions(tmp_path: Path) -> None:
    runs = read_settings(home=tmp_path, benchmark="akf_2006_2007,each_year").runs()
    assert [run.question.years for run in runs[1:]] == [(year,) for year in range(2007, 2002, -1)]
    assert {run.question.name for run in runs[1:]} == {"each_year"}
    assert len({run.settings_hash for run in runs}) == len(runs)
    assert read_settings(benchmark="akf_2006_2007,each_year").synthetic_years == (1995, 2007)
    with pytest.raises(SettingsError, match="asked for twice"):
        read_settings(home=tmp_path, benchmark="akf_2006_2007,akf_2006_2007")


def protected(observed: int) -> disclosure.ProtectedFrames:
    frames = {}
    for name, frame in result_frames(observed).items():
        noise = {"noise_sd": 0.0} if "noise_sd" in columns(name) else {}
        lacking = [c for c in columns(name) if c not in frame and c not in noise]
        frames[name] = frame.assign(**noise, **dict.fromkeys(lacking))
    return disclosure.protect(frames, DISCLOSURE, smallest_shown=1)


@pytest.fixture(scope="module")
def two_releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    home = tmp_path_factory.mktemp("home")
    return release_of_two(home, 0, 9), release_of_two(home, 1, 12)


def release_of_two(home: Path, hours: int, second: int) -> Path:
    first = replace(RUN, finished_at=RUN.finished_at + timedelta(hours=hours))
    other = replace(first, run_id="other-1", run_order=2, benchmark="other", window="other")
    further = [(protected(second), other)]
    made = publication.publish_release(
        protected(7), first, home, further=further, retention=Retention(9)
    )
    return made.path


def test_a_release_holds_every_run_and_views_take_the_first(
    two_releases: tuple[Path, Path],
) -> None:
    path, _ = two_releases
    assert query(
        path, "SELECT run_id, sum(observed) FROM result.benchmark GROUP BY 1 ORDER BY 1"
    ) == [
        (RUN.run_id, 7 * 98),
        ("other-1", 9 * 98),
    ]
    assert query(path, "SELECT sum(observed), count(*) FROM now.benchmark") == [(7 * 98, 98)]
    assert query(path, "SELECT sum(observed) FROM analysis.ranking_now") == [(7 * 98,)]
    assert query(
        path, "SELECT benchmark, sum(observed) FROM analysis.series GROUP BY 1 ORDER BY 1"
    ) == [
        ("akf_2006_2007", 7 * 98),
        ("other", 9 * 98),
    ]
    without = "SELECT count(*) FROM duckdb_columns() WHERE schema_name = 'now' AND comment IS NULL"
    assert query(path, without) == [(0,)]


def test_releases_are_compared_question_by_question(two_releases: tuple[Path, Path]) -> None:
    before, after = two_releases
    assert "no difference" in str(compare_releases(before, after)).split("Sums")[1]
    sums = compare_releases(before, after, ("other", RUN.years)).sums
    assert sums.loc["FP within observed"].tolist() == [9 * 98, 12 * 98]
    with duckdb.connect(str(after), read_only=True) as connection:
        connection.execute(f"ATTACH '{before}' AS earlier (READ_ONLY)")
        counted = connection.execute(
            "SELECT benchmark, count(*), count(DISTINCT municipality_code)"
            f" FROM analysis.moved('earlier', '{after.stem}') GROUP BY 1 ORDER BY 1"
        ).fetchall()
    assert counted == [("akf_2006_2007", 98, 98), ("other", 98, 98)]


def two_questions(path: Path) -> Path:
    """A fabricated release with a second run, of the same numbers."""
    fabricate(path, main_only=True)
    text = {"da": "Unge", "en": "The young"}
    told = {"benchmark": {"title": text, "description": text, "outcomes": ["ANY", "RES"]}}
    with duckdb.connect(str(path)) as connection:
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'result'"
        ).fetchall()
        for (table,) in tables:
            connection.execute(
                f"INSERT INTO result.\"{table}\" SELECT * REPLACE ('second' AS run_id)"
                f' FROM result."{table}"'
            )
        connection.execute(
            "UPDATE result.run SET run_order = 2, benchmark = 'young', settings = ?"
            " WHERE run_id = 'second'",
            [json.dumps(told)],
        )
    return path


def test_other_questions_have_pages_of_their_own(tmp_path: Path, monkeypatch) -> None:
    # The municipalities' pages are as of one question, and take most of the time.
    monkeypatch.setattr(render, "municipalities", lambda _: iter(()))
    path = two_questions(tmp_path / "benchmark.duckdb")
    assert RUN_ID != "second"
    out = tmp_path / "report"
    build_report(path, out, documents=False, languages=("da",))
    entry = (out / "benchmarks.html").read_text(encoding="utf-8")
    assert "Unge" in entry
    assert "Ressourceforløb" in entry
    assert 'href="young/index.html"' in entry
    assert 'href="young/index.html"' in (out / "index.html").read_text(encoding="utf-8")
    of_second = (out / "young" / "index.html").read_text(encoding="utf-8")
    assert 'href="../index.html"' in of_second
    assert 'href="../benchmarks.html"' in of_second
    assert "<h1>Unge " in of_second
    # The other way round, and what is no longer told is not kept.
    questions = questions_from(read_tables(path).run)
    assert [q.folder for q in asked(questions, ("young", "akf_2006_2007"))] == ["", "akf_2006_2007"]
    assert keep_others(out, tmp_path / "next") == []
    with pytest.raises(SettingsError, match="does not answer old"):
        asked(questions, ("old",))
