"""The pinned DuckDB answers right, as the project opens it: joins, groups, windows, reports.

`docs/duckdb_versions.md` has what other versions answer to the same queries, in full.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
import query_shapes
from fabricated_release import fabricate

from pipeline.warehouse.database.connection import (
    MEMORY,
    STORAGE_VERSION,
    connect,
    create,
    read_only,
)
from pipeline.warehouse.frames.published import read_headline

#: Reports of which the pinned version is wrong too; `test_no_query_of_ours_has_a_wrong_shape`
#: keeps their shapes out of the project.
STILL_WRONG = {24629}
#: One of so many queries is asked here, all of them in the benchmark.
EVERY = 53


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
        assert n_asked > 5
        assert wrong == []


@pytest.mark.parametrize("holding", query_shapes.RIGHT)
@pytest.mark.parametrize("query", query_shapes.USING)
def test_a_join_with_using_is_the_join_with_on(connection, query, holding) -> None:
    right = query_shapes.RIGHT[holding]
    query_shapes.fill(connection, right)
    assert query_shapes.answer_of(connection, query) == query_shapes.using_answer(query, right)


def test_a_wrong_answer_is_noticed(connection, monkeypatch) -> None:
    right = query_shapes.answer_of
    monkeypatch.setattr(query_shapes, "answer_of", lambda *asked: right(*asked)[1:])
    n_asked, wrong = query_shapes.wrong_answers(connection, "left", "empty", every=EVERY)
    assert len(wrong) == n_asked


def of_project() -> list[tuple[str, str]]:
    """Return name and text of the project's SQL files, and of its modules that write SQL."""
    root = Path(__file__).parent.parent
    paths = [*(root / "sql").rglob("*.sql"), *(root / "pipeline").rglob("*.py")]
    return [(str(path.relative_to(root)), path.read_text(encoding="utf-8")) for path in paths]


def wrong_windows(text: str) -> list[str]:
    """Return windows in SQL whose answer cannot be trusted in the pinned version.

    Sums over an ordered window (wrong from 1,041,748 partitions), and one expression twice in
    PARTITION BY.
    """
    wrong = re.findall(
        r"\b(?:sum|avg|count|min|max)\s*\((?:[^()]|\([^()]*\))*\)"
        r"\s*OVER\s*\([^()]*ORDER BY[^()]*\)",
        text,
    )
    for parts in re.findall(r"PARTITION BY ([\w., ]+?)(?: ORDER BY|\))", text):
        names = [name.strip() for name in parts.split(",")]
        wrong += [parts] if len(set(names)) < len(names) else []
    return wrong


def test_no_query_of_ours_has_a_wrong_shape() -> None:
    assert {name: wrong for name, text in of_project() if (wrong := wrong_windows(text))} == {}
    assert wrong_windows("sum(x) OVER (PARTITION BY a ORDER BY b)")
    assert wrong_windows("sum(coalesce(x, 0)) OVER (PARTITION BY a ORDER BY b)")
    assert wrong_windows("row_number() OVER (PARTITION BY a, a ORDER BY b)")
    assert not wrong_windows("sum(x) OVER (PARTITION BY a), row_number() OVER (ORDER BY b)")


def test_the_headline_of_real_extracts_has_the_sums_of_the_benchmark(tmp_path) -> None:
    published = tmp_path / "benchmark.duckdb"
    fabricate(published, is_synthetic=False, later=False)
    with read_only(published) as connection:
        assert connection.sql("SELECT count(*) FROM result.recovery").fetchall() == [(0,)]
        rows = connection.sql("SELECT * FROM result.benchmark WHERE model = 'within'").df()
    headline = read_headline(published).set_index("outcome")
    assert headline["rank_correlation"].isna().all()
    summed = rows.groupby("outcome")[["n_at_risk", "observed"]].sum()
    pd.testing.assert_frame_equal(
        headline[["n_at_risk", "observed"]].sort_index(),
        summed,
        check_dtype=False,
        check_index_type=False,
    )


def test_a_database_is_written_for_clients_of_1_5_and_newer(tmp_path) -> None:
    with create(tmp_path / "new.duckdb") as connection:
        connection.execute("CREATE TABLE t AS SELECT 1 AS one")
        ((tags,),) = connection.sql(
            "SELECT tags FROM duckdb_databases() WHERE path IS NOT NULL"
        ).fetchall()
    assert tags["storage_version"].startswith(STORAGE_VERSION)
