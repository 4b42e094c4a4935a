"""No copy of a release holds a number, a digit or a row that the release itself does not.

Parquet, workbook and the data that pages carry are held against the tables of the release they were
made from; and against one whose numbers were rounded after they were made, which they must fail.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from copies import numbers, page_numbers, parquet_differences, sheet_numbers, tables, unknown
from test_workbook import changed

from reports.content.assemble import content_from
from reports.content.read import read_tables
from reports.site.render import render_site
from reports.workbook.workbook import write_workbook

#: Edges of the map's classes of ratios, which a page carries for its colours.
EDGES = {1.030928, 1.111111, 1.25}
_COARSE = "UPDATE result.{} SET expected = floor(expected)"


@pytest.fixture(scope="module")
def copies(main_release: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[float]]:
    """Return the numbers of the workbook and of the pages' data."""
    tables_read = read_tables(main_release)
    content = content_from(tables_read)
    workbook = tmp_path_factory.mktemp("copies") / "book.xlsx"
    write_workbook(workbook, tables_read, content, "da")
    data: list[float] = []
    for name, page in render_site(content, "da", ("da",)):
        if "/" in name:
            break
        data += page_numbers(page)
    return {"workbook": list(sheet_numbers(workbook)), "pages": data}


@pytest.fixture(scope="module")
def coarser(main_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the release with whole expected numbers, as if they had left the door so."""
    return changed(
        main_release,
        tmp_path_factory.mktemp("coarser") / "benchmark.duckdb",
        *(_COARSE.format(table) for table in ("benchmark", "practice_profile", "breakdown")),
    )


@pytest.mark.parametrize("copy", ["workbook", "pages"])
def test_a_copy_has_no_number_that_the_release_has_not(copy, copies, main_release) -> None:
    assert len(copies[copy]) > 1_000
    assert set(unknown(copies[copy], numbers(tables(main_release).values()))) <= EDGES


@pytest.mark.parametrize("copy", ["workbook", "pages"])
def test_a_copy_with_more_digits_than_the_release_is_told(copy, copies, coarser) -> None:
    # Thousands of figures of a few digits would make any number one of the release's by chance.
    many = ("what_if", "what_if_cost", "later_state", "life_risk", "change", "change_split")
    known = [frame for name, frame in tables(coarser).items() if name not in many]
    assert len(unknown(copies[copy], numbers(known))) > 50


def test_a_parquet_copy_with_other_rows_or_digits_is_told(main_release, tmp_path) -> None:
    with duckdb.connect(str(main_release), read_only=True) as connection:
        for table in ("benchmark", "ranking", "breakdown"):
            connection.execute(
                f"COPY result.{table} TO '{tmp_path / table}.parquet' (FORMAT parquet)"
            )
        assert parquet_differences(main_release, tmp_path) == []
        for table, query in (
            ("benchmark", "SELECT * REPLACE (expected + 1e-9 AS expected) FROM result.benchmark"),
            ("ranking", "SELECT * FROM result.ranking WHERE rank > 1"),
            (
                "breakdown",
                "SELECT * REPLACE (coalesce(observed, 3) AS observed) FROM result.breakdown",
            ),
        ):
            connection.execute(f"COPY ({query}) TO '{tmp_path / table}.parquet' (FORMAT parquet)")
    assert parquet_differences(main_release, tmp_path) == ["benchmark", "breakdown", "ranking"]
