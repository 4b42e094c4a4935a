"""One rounding: each municipality's numbers on page, in the browser, on paper and in the workbook.

Each is held against the value in the database, written by the rule of this file: halves of the
decimal number go away from zero. The release is one whose ratios and expected counts are halves,
where two roundings, or a rounding of the binary number, would show.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from pypdf import PdfReader
from test_workbook import HEADING, changed

from reports.content.assemble import content_from
from reports.content.content import Content
from reports.content.read import read_tables
from reports.print.documents import write_report
from reports.site.render import render_site
from reports.workbook.workbook import write_workbook

QUERY = (
    "SELECT municipality_name, observed, expected, difference, ratio, ratio_low, ratio_high"
    " FROM result.benchmark ORDER BY municipality_name"
)


@pytest.fixture(scope="module")
def release(main_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return changed(
        main_release,
        tmp_path_factory.mktemp("halves") / "benchmark.duckdb",
        "UPDATE result.benchmark SET expected = floor(expected) + 0.25 + 0.1 * (observed % 3),"
        " ratio = floor(100 * ratio) / 100 + 0.005,"
        " ratio_low = floor(100 * ratio_low) / 100 + 0.005",
        "UPDATE result.benchmark SET difference = observed - expected",
    )


@pytest.fixture(scope="module")
def rows(release: Path) -> dict[str, list[str]]:
    """What a reader should see of each municipality: counts, ratio and interval in Danish."""
    with duckdb.connect(str(release), read_only=True) as connection:
        listed = connection.execute(QUERY).fetchall()
    return {
        name: [
            written(observed, 0),
            written(expected, 1),
            ("+" if difference >= 0.05 else "") + written(difference, 1),
            written(ratio, 2),
            f"{written(low, 2)}–{written(high, 2)}",
        ]
        for name, observed, expected, difference, ratio, low, high in listed
    }


@pytest.fixture(scope="module")
def content(release: Path) -> Content:
    return content_from(read_tables(release))


def written(value: float, decimals: int) -> str:
    """Return ``value`` in Danish."""
    rounded = Decimal(f"{value:.9g}").quantize(Decimal(10) ** -decimals, ROUND_HALF_UP)
    text = f"{abs(rounded):,}".replace(",", " ").replace(".", ",").replace(" ", ".")
    return ("−" if rounded < 0 else "") + text


def html_rows(page: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the cells of each row of the ranking."""
    table = re.search(r'<table class="ranking">(.*?)</table>', page, re.DOTALL)
    assert table
    for row in re.findall(r"<tr>(.*?)</tr>", table[1].split("<tbody>", 1)[1], re.DOTALL):
        cells = [
            " ".join(re.sub(r"<svg.*?</svg>|<[^>]+>", "", cell, flags=re.DOTALL).split())
            for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        yield cells[0].rstrip("†‡ ").strip(), cells[1:]


def test_the_front_page(content: Content, rows: dict[str, list[str]]) -> None:
    page = next(iter(render_site(content, "da", ("da",))))[1]
    answer = {name: cells[1:6] for name, cells in html_rows(page)}
    assert answer == rows


def test_the_printed_report(content: Content, rows: dict[str, list[str]], tmp_path: Path) -> None:
    write_report(tmp_path / "report.pdf", content, "da")
    pages = PdfReader(tmp_path / "report.pdf").pages
    text = " ".join(" ".join((page.extract_text() or "") for page in pages).split())
    missing = [name for name, cells in rows.items() if " ".join(cells) not in text]
    assert not missing


def test_the_workbook_has_the_numbers_themselves(
    release: Path, content: Content, tmp_path: Path
) -> None:
    write_workbook(tmp_path / "book.xlsx", read_tables(release), content, "da")
    sheet = openpyxl.load_workbook(tmp_path / "book.xlsx")["Rangliste"]
    headings = [str(cell.value) for cell in sheet[HEADING]]
    at = {heading: place for place, heading in enumerate(headings)}
    named = ("Kommune", "Faktisk antal", "Forventet antal", "Forskel", "Faktisk / forventet")
    limits = ("Faktisk / forventet, nedre", "Faktisk / forventet, øvre")
    columns = [at[heading] for heading in (*named, *limits)]
    values = list(sheet.iter_rows(min_row=HEADING + 1, values_only=True))
    result = sorted(tuple(row[column] for column in columns) for row in values)
    with duckdb.connect(str(release), read_only=True) as connection:
        kept = sorted(connection.execute(QUERY).fetchall())
    assert len(result) == len(kept) == 98
    for shown, published in zip(result, kept, strict=True):
        assert shown[0] == published[0]
        assert shown[1:] == pytest.approx(published[1:], rel=1e-12, abs=1e-12)


@pytest.mark.slow
def test_explore_in_a_browser(
    content: Content, rows: dict[str, list[str]], tmp_path: Path, browser: Any
) -> None:
    for name, page in islice(render_site(content, "da", ("da",)), 3):
        (tmp_path / name).write_text(page, encoding="utf-8")
    opened = browser.new_page()
    opened.goto((tmp_path / "explore.html").as_uri())
    told = opened.evaluate(
        "Array.from(document.querySelectorAll('#explore-table tbody tr'),"
        " row => Array.from(row.children, cell => cell.textContent.trim()))"
    )
    opened.close()
    assert {cells[0].rstrip("†"): cells[2:7] for cells in told} == rows
