"""Years of a benchmark on their own: which are left, what a release keeps of them, refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import cache
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
import yaml
from extracts_fixture import ExtractsFolder
from test_benchmarks import OWN
from test_publish import RUN
from test_several_benchmarks import protected

from pipeline.commands.cli import main
from pipeline.disclosure import ProtectedFrames
from pipeline.errors import ExtractError, StorageError
from pipeline.manifest import BACKFILLED, PUBLISHED, Run
from pipeline.night import backfill, gate, steps
from pipeline.night.carried import with_carried
from pipeline.settings import Settings, read_settings
from pipeline.warehouse.frames.released import released_frames, released_runs
from pipeline.warehouse.publication import publish as publication
from pipeline.warehouse.publication.releases import current_release
from pipeline.warehouse.publication.retention import Retention
from reports.build import asked
from reports.content.run import questions_from


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "benchmarks").mkdir()
    (tmp_path / "benchmarks" / "own.toml").write_text(OWN, encoding="utf-8")
    return tmp_path


@pytest.fixture
def own(home: Path) -> Settings:
    return read_settings(home=home, benchmark="own")


def run_of(settings: Settings, hours: int = 0, **changes: object) -> Run:
    """The run of the one question of ``settings``, finished ``hours`` after the others."""
    question = settings.question
    run = replace(
        RUN,
        run_id=f"{question.name}-{question.years[0]}-{hours}",
        finished_at=RUN.finished_at + timedelta(hours=hours),
        benchmark=question.name,
        years=", ".join(map(str, question.years)),
        settings_hash=settings.settings_hash,
        settings=json.dumps(settings.frozen()),
    )
    return replace(run, **changes)


@cache
def seven() -> ProtectedFrames:
    """The tables of seven grants in every municipality."""
    return protected(7)


def year_of(settings: Settings, year: int) -> Settings:
    left = backfill.plan(settings, (year, year), again=True).settings
    assert left is not None
    (one,) = left.runs()
    return one


def publish(home: Path, runs: list[Run]) -> None:
    made = [(seven(), replace(run, run_order=at)) for at, run in enumerate(runs, 1)]
    (frames, first), *further = made
    publication.publish_release(frames, first, home, further=further, retention=Retention(9))


def test_a_year_is_done_under_the_same_settings_only(home: Path, own: Settings) -> None:
    plan = backfill.plan(own, (2001, 2003))
    assert plan.done == {}
    assert plan.settings is not None
    assert [one.question.years for one in plan.settings.runs()] == [(2003,), (2002,), (2001,)]
    done = run_of(year_of(own, 2002), status=BACKFILLED)
    publish(home, [done, run_of(year_of(own, 2003), settings_hash="of other settings")])
    plan = backfill.plan(own, (2001, 2003))
    assert plan.done == {2002: done.run_id}
    assert plan.settings is not None
    assert plan.settings.question.years == (2001, 2003)
    assert backfill.plan(own, (2002, 2002)).settings is None
    assert backfill.plan(own, (2002, 2002), again=True).done == {}
    other = read_settings(home=home, benchmark="own", age_last=58)
    assert backfill.plan(other, (2002, 2002)).done == {}


def test_what_an_each_year_benchmark_answered_is_done(tmp_path: Path) -> None:
    settings = read_settings(home=tmp_path, benchmark="each_year")
    publish(tmp_path, [run_of(one) for one in settings.runs()])
    assert list(backfill.plan(settings, (2003, 2007)).done) == [2003, 2004, 2005, 2006, 2007]


def test_a_backfill_keeps_the_night_and_nights_keep_the_backfill(home: Path, own: Settings) -> None:
    akf = read_settings(home=home)
    night = run_of(akf, 0)
    publish(home, [night])
    years = [run_of(year_of(own, year), 1, status=BACKFILLED) for year in (2004, 2003)]
    runs = [run for _, run in with_carried([(protected(9), run) for run in years], own)]
    assert [run.run_id for run in runs] == [night.run_id, *(run.run_id for run in years)]
    assert [run.run_order for run in runs] == [1, 2, 3]
    # As it was given to the release, so that the same numbers are known to be the same.
    now = current_release(home)
    assert now is not None
    frames = released_frames(now.path, night.run_id)
    assert frames is not None
    (given_back, _), *_ = with_carried([(protected(9), years[0])], own)
    assert gate.content_of([given_back]) == gate.content_of([seven()])
    assert gate.content_of([given_back]) != gate.content_of([protected(9)])
    publish(home, runs)
    assert [run.status for run in released_runs(current_release(home).path)] == [
        *(PUBLISHED, BACKFILLED, BACKFILLED)
    ]
    tonight = run_of(akf, 2, run_id="tonight")
    kept = [run.run_id for _, run in with_carried([(seven(), tonight)], akf)]
    assert kept == ["tonight", *(run.run_id for run in years)]
    # A night that answers such a year itself takes its place, and another country has none of them.
    itself = run_of(year_of(own, 2004), 2, run_id="itself")
    kept = [run.run_id for _, run in with_carried([(seven(), itself)], akf)]
    assert kept == ["itself", years[1].run_id]
    elsewhere = replace(tonight, input_hash="of another country")
    assert len(with_carried([(seven(), elsewhere)], akf)) == 1
    real = replace(elsewhere, is_synthetic=False)
    assert len(with_carried([(seven(), real)], akf)) == 1


def test_a_year_that_is_asked_for_again_stands_where_it_stood(home: Path, own: Settings) -> None:
    first, second = (run_of(year_of(own, year), status=BACKFILLED) for year in (2004, 2003))
    publish(home, [first, second])
    again = run_of(year_of(own, 2004), 5, status=BACKFILLED, run_id="again")
    kept = [run.run_id for _, run in with_carried([(seven(), again)], own)]
    assert kept == ["again", second.run_id]


def test_pages_are_of_a_backfill_where_they_are_asked_for(home: Path, own: Settings) -> None:
    years = [run_of(year_of(own, year), status=BACKFILLED) for year in (2004, 2003)]
    runs = [replace(run, run_order=at) for at, run in enumerate([RUN, *years], 1)]
    questions = questions_from(pd.DataFrame([vars(run) for run in runs]))
    assert [q.benchmark for q in asked(questions, ())] == [RUN.benchmark]
    assert [q.folder for q in asked(questions, ("own",))] == ["", "own_2003"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--benchmark", "never", "--years", "2003-2004"), "'never' cannot be used"),
        (("--benchmark", "own", "--years", "2005"), "--years 2005 cannot be used"),
        (("--benchmark", "own", "--years", "2005-2003"), "--years 2005-2003 cannot be used"),
        (("--benchmark", "own", "--years", "1003-2003"), "within 1985-2099"),
        (("--benchmark", "own,akf_2006_2007", "--years", "2003-2004"), "one benchmark, not 2"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is_done(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert main(["backfill", "--home", str(home), *arguments]) == 3
    said = capsys.readouterr().err
    assert message in said
    assert "Traceback" not in said
    assert [path.name for path in home.iterdir()] == ["benchmarks"]


def test_years_outside_the_registers_are_refused_by_name(home: Path, own: Settings) -> None:
    with pytest.raises(StorageError, match="--extracts"):
        backfill.extracts_of(own, None)
    people = ExtractsFolder(first_week_year=2000).with_background(n=40)
    folder = people.write(home / "extracts")
    assert backfill.extracts_of(own, None) == folder
    plan = backfill.plan(own, (2006, 2009))
    assert plan.settings is not None
    with pytest.raises(ExtractError) as refused:
        steps.load(plan.settings, folder)
    assert refused.value.exit_code == 10
    assert "no file for 2007, which the year at risk 2008 needs" in refused.value.message
    assert "no file for 2008, which the year at risk 2009 needs" in refused.value.message
    # Registers of a real delivery are not replaced by what lies in the home.
    steps.load(year_of(own, 2006), folder)
    with pytest.raises(StorageError, match="no register files of its own"):
        backfill.extracts_of(own, None)


def test_every_deployment_is_of_a_flow_and_names_its_parameters() -> None:
    root = Path(__file__).parent.parent
    told = yaml.safe_load((root / "prefect.yaml").read_text(encoding="utf-8"))
    made = {}
    for deployment in told["deployments"]:
        file, name = deployment["entrypoint"].split(":")
        flow = getattr(import_module(file.removesuffix(".py").replace("/", ".")), name)
        assert set(deployment["parameters"]) <= set(flow.parameters.properties), name
        made[deployment["name"]] = len(deployment["schedules"])
    assert made == {"nightly": 1, "again": 0, "backfill": 0}
