"""Whole nights as a user runs them: the command, a real Prefect server, an empty home, no network.

Slow on purpose: everything else tests parts; this is the promise of the README.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import httpx
import pandas as pd
import pytest
from automation_checks import Server, wait, webhook
from copies import numbers, page_numbers, parquet_differences, sheet_numbers, tables, unknown
from example_checks import ROUNDED, check_example
from mail_server import mail_server
from notebook_runner import run_notebook
from prefect_server import prefect_server
from result_digest import digest
from test_release_copies import EDGES
from test_report_language import english

from pipeline.benchmarks.declaration import MODELS
from pipeline.commands.cli import main
from pipeline.handbook.examples import read_examples
from pipeline.journal import last_night
from pipeline.night.results import make_results, protect
from pipeline.settings import Settings, read_settings
from pipeline.warehouse.frames.published import read_headline
from reports.language.files import PLACES, REPORTS, WORKBOOKS
from reports.language.remarks import remark
from reports.language.words import Words

pytestmark = pytest.mark.slow

TILDELING = Path(sys.executable).with_name("tildeling")
SCALE, SEED = "0.01", "1"
#: Of the night's pseudonyms, and so of the noise of its counts.
KEY = "of-the-tests-and-of-nothing-else-0123456789"
NUMBERS = Path(__file__).parent / "golden" / "result_tables.txt"


def environment(folder: Path) -> dict[str, str]:
    """An environment with an empty home and a proxy that refuses every connection out."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    kept = {name: value for name, value in kept.items() if not name.startswith("TILDELING_")}
    home = folder / "user"
    home.mkdir(exist_ok=True)
    nowhere = "http://127.0.0.1:9"
    return {
        **kept,
        "HOME": str(home),
        "HTTP_PROXY": nowhere,
        "HTTPS_PROXY": nowhere,
        "NO_PROXY": "127.0.0.1,localhost",
        "TILDELING_RANK_DRAWS": "4000",  # a fifth of the default
        "TILDELING_PSEUDONYM_KEY": KEY,
        # In a hundredth of the country a municipality's total with noise says next to nothing.
        "TILDELING_DISCLOSURE_TOTALS": "exact",
    }


def run(folder: Path, *arguments: object, **variables: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(TILDELING), *map(str, arguments)],
        cwd=folder,
        env=environment(folder) | variables,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def query(path: Path, sql: str) -> pd.DataFrame:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).df()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("night")


@pytest.fixture(scope="module")
def night(folder) -> subprocess.CompletedProcess:
    """Run from a folder that holds what somebody else may have put there."""
    for name in ("copy", "multiprocessing"):
        (folder / f"{name}.py").write_text("open('was_run', 'w').close()\n1 / 0\n")
    return run(folder, "nightly", "--home", "home", "--scale", SCALE, "--seed", SEED)


@pytest.fixture(scope="module")
def home(folder, night) -> Path:
    assert night.returncode == 0, night.stderr
    return folder / "home"


@pytest.fixture(scope="module")
def server(folder, home) -> Iterator[dict[str, str]]:
    """The server that every night but the first reports to, as the variables that name it.

    It goes on with the history of the first, whose tables take it longer to make than all else.
    """
    (folder / "server").mkdir(mode=0o700)
    for file in (home / "prefect").glob("prefect.db*"):
        shutil.copy(file, folder / "server")
    with prefect_server(folder / "server", environment(folder)) as variables:
        yield variables


def test_the_night_ends_by_saying_where_everything_is(home, night):
    for path in (
        home / "report" / "index.html",
        home / "report" / "data_quality.csv",
        home / "benchmark.duckdb",
    ):
        assert path.exists()
        assert str(path.absolute()) in night.stdout
    assert "SYNTETISKE DATA" in night.stdout
    assert "Traceback" not in night.stderr
    assert "CancelledError" not in night.stderr


def test_nothing_is_imported_from_the_folder_one_stands_in(folder, night):
    assert night.returncode == 0
    assert not (folder / "was_run").exists()


def test_published_numbers_are_as_kept(home):
    """Nothing published has moved unless somebody meant it to; `make golden` keeps what is new."""
    now, kept = digest(home / "benchmark.duckdb"), NUMBERS.read_text(encoding="utf-8")
    moved = difflib.unified_diff(kept.splitlines(), now.splitlines(), "kept", "now", "", "", 0, "")
    assert now == kept, "\n".join(moved)


def test_the_report_has_what_a_reader_takes_along(home):
    for name in (*WORKBOOKS.values(), *REPORTS.values(), *PLACES.values()):
        assert (home / "report" / name).stat().st_size > 50_000, name


def test_every_finding_of_a_night_is_told_in_danish(home):
    quality = query(home / "benchmark.duckdb", "SELECT DISTINCT detail FROM result.data_quality")
    said = [remark(detail, Words("da"), {}) for detail in quality["detail"].dropna()]
    assert len(said) > 20
    # Code lists are named as they are called.
    assert [one for one in said if english(re.sub(r"kodelisten \w+", "", one))] == []


def test_the_benchmark_is_whole_and_adds_up(home):
    totals = query(
        home / "benchmark.duckdb",
        "SELECT outcome, model, count(*) AS n, sum(observed) AS observed,"
        " sum(expected) AS expected FROM result.benchmark GROUP BY ALL ORDER BY ALL",
    )
    assert len(totals) == 3 * len(MODELS)
    assert (totals["n"] == 98).all()
    assert (abs(totals["expected"] - totals["observed"]) <= 98 * ROUNDED / 2).all()
    assert (totals["observed"] > 0).all()


def test_the_breakdown_added_up_before_disclosure_control(home):
    quality = query(
        home / "benchmark.duckdb",
        "SELECT status FROM result.data_quality WHERE \"check\" = 'breakdown_additive'",
    )
    assert quality["status"].tolist() == ["ok"]
    cells = query(
        home / "benchmark.duckdb",
        "SELECT count(*) AS n, max(abs(cell.expected - benchmark.expected)) AS gap FROM ("
        " SELECT outcome, model, municipality_code, sum(expected) AS expected"
        " FROM result.breakdown GROUP BY ALL) AS cell"
        " INNER JOIN result.benchmark USING (outcome, model, municipality_code)",
    ).iloc[0]
    assert cells["n"] == 98 * 3 * len(MODELS)
    assert cells["gap"] <= 51 * ROUNDED / 2


@pytest.fixture(scope="module")
def exact(home) -> tuple[Settings, dict[str, pd.DataFrame]]:
    """Settings of exact counts where they were decided, and the tables of one outcome's fit."""
    settings = read_settings(
        home=home,
        municipality_of="decision",
        disclosure_method="suppress",
        outcomes=("FP",),
        models=("within",),
        rank_draws=1_000,
    )
    return settings, make_results(settings.registers_path, settings)


def test_grants_may_count_where_they_were_decided(exact):
    settings, frames = exact
    made = frames["benchmark"]
    decided = query(
        settings.registers_path,
        "SELECT decision_municipality_code AS code, sum(n_events) AS n FROM mart.grant_cell"
        " WHERE outcome = 'FP' GROUP BY ALL",
    ).set_index("code")["n"]
    observed = made.set_index("municipality_code")["observed"]
    assert (decided.reindex(observed.index).fillna(0) == observed).all()
    assert abs(made["expected"].sum() / observed.sum() - 1) < 1e-9


def test_with_exact_numbers_no_small_count_is_published(exact):
    """The publishing stage of an office whose rules ask for counts as they are."""
    settings, made = exact
    counted = made["breakdown_country"].set_index(["diagnosis_group", "tenure_band"])["observed"]
    shown = protect(made, settings)
    for table in (
        *("practice_profile", "practice_profile_area", "breakdown", "breakdown_main"),
        *("breakdown_country", "breakdown_age", "development", "grant_history"),
    ):
        observed = shown[table]["observed"].dropna()
        assert not observed.between(1, 4).any(), table
        # A municipality has some three grants here.
        assert (observed >= 5).any() or table.startswith("breakdown"), table
        assert shown[table].loc[shown[table]["is_suppressed"], "observed"].isna().all(), table
    country = shown["breakdown_country"].set_index(["diagnosis_group", "tenure_band"])["observed"]
    known = country[country.notna()]
    assert (known == counted[known.index]).all()
    assert len(known) > 0
    (row,) = shown["data_quality"].query("check == 'disclosure_control'").to_dict("records")
    assert "cells suppressed" in row["detail"]


def test_small_counts_are_not_in_the_release(home):
    shown = query(
        home / "benchmark.duckdb",
        "SELECT min(observed) FILTER (WHERE observed > 0) AS smallest,"
        " count(*) FILTER (WHERE is_suppressed AND observed IS NOT NULL) AS leaks"
        " FROM result.breakdown",
    ).iloc[0]
    assert shown["leaks"] == 0
    assert pd.isna(shown["smallest"]) or shown["smallest"] >= 5


def test_the_run_scored_itself(home):
    recovery = query(home / "benchmark.duckdb", "SELECT * FROM result.recovery")
    assert {"rank_correlation", "coverage_95", "rank_set_coverage"} <= set(recovery["measure"])
    covered = recovery[recovery["measure"] == "coverage_95"]["value"]
    assert len(covered) == 3 * len(MODELS)
    assert covered.between(0.85, 1).all()


@pytest.mark.parametrize("example", read_examples(), ids=lambda example: example.path.stem)
def test_an_example_query_answers_its_question(home, example):
    check_example(home, example)


def test_tenure_on_a_day_is_that_of_the_risk_set(home):
    """An analyst's macro and the mart count the same weeks of 1996-2005 in two ways."""
    ((n, n_equal),) = query(
        home / "registers.duckdb",
        "SELECT count(*), count(*) FILTER ("
        " WHERE history.cash_benefit_weeks = tenure.cash_benefit_weeks)"
        " FROM mart.benefit_history AS history"
        " INNER JOIN analysis.tenure_on(DATE '2006-01-01') AS tenure USING (person_id)"
        " WHERE history.year = 2006",
    ).to_numpy()
    assert n == n_equal > 1000


def test_the_notebook_draws_the_ranking_and_answers(home):
    names = run_notebook(home)
    names["connection"].close()
    assert "SYNTETISKE DATA" in names["mark"]
    assert len(names["ranking"]) == 98
    (axes,) = names["ranking_figure"].axes
    assert len(axes.get_yticklabels()) == 98
    assert "SYNTETISKE DATA" in axes.get_title()
    drawn = sum(len(line.get_xdata()) for line in names["funnel_figure"].axes[0].lines[4:7])
    assert drawn == 98
    assert len(names["regions"]) == 5
    assert len(names["lowest"]) >= 10
    parts = names["why"][["by_composition", "by_conditions", "by_practice"]].sum(axis=1)
    assert abs(parts - names["why"]["difference"]).max() <= 4 * ROUNDED


def test_microdata_are_for_the_owner_only(home):
    assert (home / "registers.duckdb").stat().st_mode & 0o077 == 0
    assert (home / "quarantine").stat().st_mode & 0o077 == 0
    assert not (home / "unpublished").exists()


def test_nothing_half_done_is_left(home):
    assert not list(home.glob("*next*"))
    assert not list((home / "releases").glob("*next*"))
    assert not list(home.rglob("*.wal"))


def test_the_run_left_its_headline_as_artifacts(home):
    """In the database of Prefect's server, which shows them on its pages."""
    with closing(sqlite3.connect(home / "prefect" / "prefect.db")) as server:
        result = {key for (key,) in server.execute("SELECT key FROM artifact")}
        states = {name for (name,) in server.execute("SELECT state_name FROM flow_run")}
    assert {"benchmark-headline", "run-headline"} <= result
    assert states == {"Completed"}


def test_no_copy_of_the_release_says_more_than_it(home):
    """Parquet, workbook, pages' data and artifacts: no other row, number or digit."""
    release = home / "benchmark.duckdb"
    known = numbers(tables(release).values())
    assert parquet_differences(release, (home / "parquet").resolve()) == []
    assert unknown(sheet_numbers(home / "report" / WORKBOOKS["da"]), known) == []
    page = (home / "report" / "explore.html").read_text(encoding="utf-8")
    assert set(unknown(page_numbers(page), known)) <= EDGES
    headline = read_headline(release).astype(str).to_dict("records")
    with closing(sqlite3.connect(home / "prefect" / "prefect.db")) as server:
        (text,) = server.execute(
            "SELECT data FROM artifact WHERE key = 'benchmark-headline'"
        ).fetchone()
    assert json.loads(json.loads(text)) == headline


def test_the_night_says_what_each_step_took(home):
    noted = last_night(home)
    assert noted is not None
    assert [step.name for step in noted.steps] == [
        "generate", "load", "fit", "score", "publish", "report",
    ]  # fmt: skip
    assert all(step.state == "done" and step.seconds > 0 for step in noted.steps)
    assert noted.exit_code == 0
    assert noted.release == (home / "benchmark.duckdb").resolve().stem


def test_the_same_seed_gives_identical_numbers_step_by_step(home, folder, monkeypatch, capsys):
    """The single commands, in another home with the same key, give what the flow gave.

    Record keys, and with them the noise of counts, come from the key. One process runs them all.
    """
    for name in set(os.environ) - set(variables := environment(folder)):
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    # As the program sets it: this process uses its parts.
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    monkeypatch.chdir(folder)
    again = folder / "again"
    years = ("--years", "1998-2007")  # those a night makes
    # One outcome and model of the night's, which know nothing of the others.
    only = ("--outcome", "FP", "--model", "within")
    for arguments in (
        ("generate", "--out", "country", "--scale", SCALE, "--seed", SEED, *years),
        ("load", "--extracts", "country", "--home", again),
        ("fit", "--home", again, "--seed", SEED, "--truth", "country/truth", *only),
    ):
        assert main([str(one) for one in arguments]) == 0, capsys.readouterr().err
    for table in ("benchmark", "ranking", "breakdown", "counterfactual", "recovery"):
        sql = (
            f"SELECT * EXCLUDE (run_id) FROM result.{table}"
            " WHERE outcome = 'FP' AND model = 'within' ORDER BY ALL"
        )
        first, second = (query(path / "benchmark.duckdb", sql) for path in (home, again))
        assert len(first) > 0
        pd.testing.assert_frame_equal(first, second, check_exact=True)
    capsys.readouterr()
    assert main(["score", "--home", str(again), "--truth", "country/truth"]) == 0
    assert "rank_correlation" in capsys.readouterr().out


def test_a_stranger_on_the_machine_is_refused_by_the_server(server):
    """Who may talk to it can have flows run as its user."""
    filtered = f"{server['PREFECT_API_URL']}/flow_runs/filter"
    user, _, password = server["PREFECT_API_AUTH_STRING"].partition(":")
    with httpx.Client(trust_env=False) as client:
        assert client.post(filtered, json={}).status_code == 401
        assert client.post(filtered, json={}, auth=(user, "guessed")).status_code == 401
        assert client.post(filtered, json={}, auth=(user, password)).status_code == 200


def test_who_is_to_know_is_told_and_a_dead_night_is_run_again(folder, server):
    """On a real server: runs that fail, die or fall silent, as it sees them."""
    office = Server(server)
    nightly = office.deploy("nightly", "nightly")
    missing = run(folder, "automations", **server)
    assert missing.returncode == 3
    assert "no deployment nightly/again" in missing.stderr
    again, _ = office.deploy("nightly", "again"), office.deploy("backfill", "backfill")
    with webhook() as (address, said):
        for _ in range(2):  # written anew, not twice
            written = run(folder, "automations", "--webhook", address, **server)
            assert written.returncode == 0, written.stderr
        assert len(written.stdout.splitlines()) == 6
        office.run(nightly)  # which no worker takes
        office.end(office.run(nightly), "FAILED", "udda_2003.csv has no column HFAUDD")
        wait(lambda: any("HFAUDD" in text for text in said), "told of the failure")
        wait(lambda: any("a run is late" in text for text in said), "told of the late run")
        assert office.runs(again) == []
        dead = office.run(nightly)
        office.end(dead, "RUNNING", "")
        office.end(dead, "CRASHED", "killed")
        wait(lambda: any("Crashed" in text for text in said), "told of the death")
        wait(lambda: len(office.runs(again)) == 1, "run again")
        office.end(office.runs(again)[0]["id"], "CRASHED", "killed again")
        wait(lambda: sum("Crashed" in text for text in said) == 2, "told of the second death")
        assert len(office.runs(again)) == 1
    removed = run(folder, "automations", "--remove", **server)
    assert sorted(removed.stdout.splitlines()) == sorted(written.stdout.splitlines())


def test_who_is_to_know_is_mailed_by_the_server_once_a_trial_mail_has_gone(folder, server):
    """The server's own process knows the block, which Prefect does not bring."""
    office = Server(server)
    nightly, _ = office.deploy("nightly", "nightly"), office.deploy("nightly", "again")
    office.deploy("backfill", "backfill")
    missing = "udda_2003.csv har ingen kolonne HFAUDD på række 3"
    with mail_server() as (port, taken):
        mail = ("--mail-to", "vagt@office.example", "--smtp", f"localhost:{port}")
        written = run(folder, "automations", *mail, **server)
        assert written.returncode == 0, written.stderr
        assert ["This message is a trial." in one.text for one in taken] == [True]
        office.end(office.run(nightly), "FAILED", missing)
        wait(lambda: any(missing in one.text for one in taken), "mailed of the failure")
    (told,) = (one.text for one in taken if missing in one.text)
    assert told.startswith("Tildeling: a run failed\n")
    assert f"of nightly: {missing}\n" in told
    assert "docs/operations.md" in told
    # The mail server is gone: that is found now, not by the first night that fails.
    away = run(folder, "automations", *mail, **server)
    assert away.returncode == 3
    assert f"its trial message did not go: localhost:{port}: ConnectionRefused" in away.stderr
    removed = run(folder, "automations", "--remove", **server)
    assert sorted(removed.stdout.splitlines()) == sorted(written.stdout.splitlines())


def test_a_run_without_a_sign_of_life_is_ended_also_one_that_never_began(folder, server):
    office = Server(server)
    nightly, again = office.deploy("nightly", "nightly"), office.deploy("nightly", "again")
    office.deploy("backfill", "backfill")
    n_again = len(office.runs(again))
    program = "from flows.automations import write_automations as w; w(None, 10)"
    made = subprocess.run(
        [sys.executable, "-c", program], env=environment(folder) | server, check=False
    )
    assert made.returncode == 0
    ghost, alive, taken, untaken = (office.run(nightly) for _ in range(4))
    for one in (ghost, alive, taken):
        office.end(one, "PENDING", "")
    for one in (ghost, alive):
        office.end(one, "RUNNING", "")
        office.beat(one, nightly)

    def has_ended() -> bool:
        office.beat(alive, nightly)
        return {office.state(one) for one in (ghost, taken)} == {"Silent"}

    wait(has_ended, "ghosts ended")
    wait(lambda: len(office.runs(again)) >= n_again + 2, "run again")
    assert office.state(alive) == "Running"
    assert office.state(untaken) in {"Scheduled", "Late"}
    assert len(office.runs(again)) == n_again + 2
    run(folder, "automations", "--remove", **server)


def test_the_history_of_a_night_is_for_its_owner_only(home):
    assert (home / "prefect").stat().st_mode & 0o077 == 0


def test_a_structural_fault_ends_the_night_and_leaves_the_release(home, folder, server):
    damaged = folder / "damaged"
    shutil.copytree(home / "extracts", damaged)
    cut = damaged / "bef_2006.parquet"
    cut.write_bytes(cut.read_bytes()[:1000])
    gone = damaged / "udda_2003.csv"
    frame = pd.read_csv(gone, sep=None, engine="python", dtype=str)
    frame.drop(columns="HFAUDD").to_csv(gone, index=False)
    before = (home / "benchmark.duckdb").resolve()
    registers = (home / "registers.duckdb").stat().st_mtime_ns
    stopped = run(folder, "nightly", "--home", "home", "--extracts", "damaged", **server)
    assert stopped.returncode == 10, stopped.stderr
    assert "bef_2006.parquet" in stopped.stderr
    assert "HFAUDD" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert stopped.stderr.rstrip().endswith("run the command again.")
    assert (home / "benchmark.duckdb").resolve() == before
    assert (home / "registers.duckdb").stat().st_mtime_ns == registers
    assert list((home / "logs").glob("*.log"))
    noted = last_night(home)
    assert noted is not None
    assert (noted.exit_code, noted.steps[-1].name, noted.steps[-1].state) == (10, "load", "failed")


def test_killed_half_way_the_old_release_stands_and_the_next_night_ends_well(home, folder, server):
    before = (home / "benchmark.duckdb").resolve()
    damaged = damage_rows(home / "extracts", folder / "damaged_rows")
    with subprocess.Popen(
        [str(TILDELING), "nightly", "--home", "home", "--extracts", str(damaged)],
        cwd=folder,
        env=environment(folder) | server,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as killed:
        assert killed.stderr is not None
        for line in killed.stderr:
            if "building mart" in line or "fit:" in line:
                time.sleep(0.5)
                os.killpg(killed.pid, signal.SIGKILL)
                break
    assert killed.returncode == -signal.SIGKILL
    told = run(folder, "status", "--home", "home").stdout
    assert "was killed in: " in told
    assert before.stem in told
    assert (home / "benchmark.duckdb").resolve() == before
    assert len(query(home / "benchmark.duckdb", "SELECT * FROM result.benchmark")) == 98 * 3 * len(
        MODELS
    )
    # The whole of the statistics and pages was the first night's; here few of them will do.
    fewer = {
        "TILDELING_OUTCOMES": '["FP"]',
        "TILDELING_MODELS": '["within"]',
        "TILDELING_LANGUAGES": '["da"]',
    }
    again = run(folder, "nightly", "--home", "home", "--extracts", damaged, **fewer, **server)
    # Two persons less than in the release that is out: staged, until somebody has weighed it.
    assert again.returncode == 13, again.stderr
    assert "would single persons out" in again.stderr
    assert (home / "benchmark.duckdb").resolve() == before
    published = run(folder, "publish", "--home", "home", "--approve", **fewer)
    assert published.returncode == 0, published.stderr
    assert (home / "benchmark.duckdb").resolve() != before
    assert "approved 20" in run(folder, "status", "--home", "home").stdout
    # The report is that of the release: of the outcome that was asked for alone.
    shown = Path(published.stdout.strip()).stem
    assert shown.split("-")[-1] in (home / "report" / "index.html").read_text(encoding="utf-8")
    assert before.exists()
    assert not list(home.glob("*next*"))
    kept = query(
        home / "registers.duckdb",
        "SELECT register, column_name, reason FROM meta.quarantine ORDER BY ALL",
    )
    assert kept["register"].tolist() == ["ankestyrelsen", "bef", "bef"]
    assert kept["column_name"].tolist()[0] == "AFGDATO"
    assert kept["column_name"].tolist()[1] == "KOM" or kept["column_name"].tolist()[2] == "KOM"
    files = query(home / "registers.duckdb", "SELECT * FROM meta.load_file")
    assert (files["n_read"] == files["n_loaded"] + files["n_quarantined"]).all()


def damage_rows(country: Path, damaged: Path) -> Path:
    """A copy of the country with text in a date, an unknown municipality and a repeated key."""
    shutil.copytree(country, damaged)
    decisions = damaged / "ankestyrelsen_2006.csv"
    lines = decisions.read_text(encoding="utf-8").splitlines()
    header, first = lines[0].split(";"), lines[1].split(";")
    first[header.index("AFGDATO")] = "i morgen"
    decisions.write_text("\n".join([lines[0], ";".join(first), *lines[2:]]) + "\n")
    persons = pd.read_parquet(damaged / "bef_2006.parquet")
    persons.loc[0, "KOM"] = "999"
    repeated = pd.concat([persons, persons.iloc[[5]]], ignore_index=True)
    repeated.to_parquet(damaged / "bef_2006.parquet", index=False)
    return damaged
