"""The pinned DuckDB answers right, as the project opens it: joins, groups, windows, reports.

`docs/duckdb_versions.md` has what other versions answer to the same queries, in full.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
import query_shapes
from fabricated_release import RUN, result_frames

from pipeline.warehouse.database.connection import MEMORY, STORAGE_VERSION, connect, read_only
from pipeline.warehouse.database.sqlfiles import read_folder
from pipeline.warehouse.frames.read import read_headline
from pipeline.warehouse.publication.publish import publish_release

#: Reports of which the pinned version is wrong too; `test_no_query_of_ours_has_a_wrong_shape`
#: keeps their shapes out of the project.
STILL_WRONG = {24629}
#: One of so many queries is asked here, all of them in the benchmark.
EVERY = 29
PLACES = ("analysis", "checks", "core", "examples", "mart", "release")


@pytest.fixture
def connection():
    with connect(MEMORY, read_only=False, threads=1) as opened:
        yield opened


@pytest.mark.parametrize("report", query_shapes.REPORTS, ids=lambda report: str(report.number))
def test_a_reported_query_is_answered_right(connection, report) -> None:
    is_right = query_shapes.report_answer(connection, report) == query_shapes.in_order(
        report.answer
    )
    assert is_right != (report.number in STILL_WRONG)


@pytest.mark.parametrize("kind", query_shapes.JOINS)
def test_every_kind_of_join_is_answered_as_plain_python_does(connection, kind) -> None:
    for holding in query_shapes.RIGHT:
        n_asked, wrong = query_shapes.wrong_answers(connection, kind, holding, every=EVERY)
        assert n_asked > 10
        assert wrong == []


@pytest.mark.parametrize("holding", query_shapes.RIGHT)
@pytest.mark.parametrize("query", query_shapes.USING)
def test_a_join_with_using_is_the_join_with_on(connection, query, holding) -> None:
    right = query_shapes.RIGHT[holding]
    query_shapes.fill(connection, right)
    assert query_shapes.answer_of(connection, query) == query_shapes.using_answer(query, right)


def test_a_wrong_answer_is_noticed(connection) -> None:
    _, wrong = query_shapes.wrong_answers(connection, "left", "empty", every=EVERY)
    assert wrong == []
    rows = query_shapes.LEFT
    query_shapes.LEFT[:] = rows[:-1]
    try:
        asked = query_shapes.queries("left", [])
        query, answer, _ = next(asked)
        query_shapes.LEFT.append(rows[0])
        query_shapes.fill(connection, [])
        assert query_shapes.in_order(query_shapes.answer_of(connection, query)) == answer()
    finally:
        query_shapes.LEFT[:] = rows


def of_project() -> list[tuple[str, str]]:
    """Return name and text of the project's SQL files, and of its modules that write SQL."""
    files = [(file.object, file.text) for place in PLACES for file in read_folder(place)]
    folder = Path(__file__).parent.parent / "pipeline"
    return files + [(str(path), path.read_text()) for path in sorted(folder.rglob("*.py"))]


def wrong_windows(text: str) -> list[str]:
    """Return windows in SQL whose answer cannot be trusted in the pinned version.

    Sums over an ordered window (wrong from 1,041,748 partitions), and one expression twice in
    PARTITION BY.
    """
    wrong = re.findall(
        r"(?:sum|avg|count|min|max)\s*\([^()]*\)\s*OVER\s*\([^()]*ORDER BY[^()]*\)", text
    )
    for parts in re.findall(r"PARTITION BY ([\w., ]+?)(?: ORDER BY|\))", text):
        names = [name.strip() for name in parts.split(",")]
        wrong += [parts] if len(set(names)) < len(names) else []
    return wrong


def test_no_query_of_ours_has_a_wrong_shape() -> None:
    assert {name: wrong for name, text in of_project() if (wrong := wrong_windows(text))} == {}
    assert wrong_windows("sum(x) OVER (PARTITION BY a ORDER BY b)")
    assert wrong_windows("row_number() OVER (PARTITION BY a, a ORDER BY b)")
    assert not wrong_windows("sum(x) OVER (PARTITION BY a), row_number() OVER (ORDER BY b)")


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """A release of real extracts: nothing is known of planted practice."""
    home = tmp_path_factory.mktemp("real")
    frames = result_frames()
    frames["recovery"] = frames["recovery"].iloc[:0]
    publish_release(frames, RUN, home, releases_kept=1)
    return home / "benchmark.duckdb"


def test_the_headline_of_real_extracts_has_the_sums_of_the_benchmark(published) -> None:
    headline = read_headline(published).set_index("outcome")
    assert headline["rank_correlation"].isna().all()
    with read_only(published) as connection:
        assert connection.sql("SELECT count(*) FROM result.recovery").fetchall() == [(0,)]
        rows = connection.sql("SELECT * FROM result.benchmark WHERE model = 'within'").df()
    summed = rows.groupby("outcome")[["n_at_risk", "observed"]].sum()
    pd.testing.assert_frame_equal(
        headline[["n_at_risk", "observed"]].sort_index(), summed, check_dtype=False
    )


def test_a_release_is_written_for_clients_of_1_5_and_newer(published) -> None:
    with read_only(published) as connection:
        ((tags,),) = connection.sql(
            "SELECT tags FROM duckdb_databases() WHERE path IS NOT NULL"
        ).fetchall()
    assert tags["storage_version"].startswith(STORAGE_VERSION)
