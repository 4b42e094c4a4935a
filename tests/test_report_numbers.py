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
from reports.content.lookup import Lookup
from reports.content.read import read_tables
from reports.content.slices import DIMENSIONS
from reports.language.formatting import SUPPRESSED
from reports.language.words import Words
from reports.municipality.page import each
from reports.municipality.sheet import sheet
from reports.print.documents import write_report
from reports.print.setting import Document, set_pdf
from reports.site.render import render_site
from reports.workbook.workbook import write_workbook

#: What a cell has that is not read as its number.
UNSEEN = r'<svg.*?</svg>|<span class="unseen">.*?</span>|<[^>]+>'
#: Dimensions that a municipality's page tells.
PAGE_DIMENSIONS = (*DIMENSIONS, *DIMENSIONS.values())
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
        "UPDATE result.practice_profile SET"
        " expected = floor(expected) + 0.25 + 0.1 * (coalesce(observed, 0) % 3),"
        " ratio = floor(100 * ratio) / 100 + 0.005,"
        " ratio_high = floor(100 * ratio_high) / 100 + 0.015",
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
def levels(release: Path) -> dict[tuple[str, str, str], list[str]]:
    """Return what a reader should see, by municipality code, dimension and level."""
    with duckdb.connect(str(release), read_only=True) as connection:
        listed = connection.execute(
            "SELECT municipality_code, dimension, level, observed, expected, ratio, ratio_low,"
            " ratio_high FROM result.practice_profile"
        ).fetchall()
    return {
        (code, dimension, level): [
            SUPPRESSED if observed is None else written(observed, 0),
            written(expected, 1),
            SUPPRESSED
            if observed is None
            else f"{written(ratio, 2)} ({written(low, 2)}–{written(high, 2)})",
        ]
        for code, dimension, level, observed, expected, ratio, low, high in listed
    }


@pytest.fixture(scope="module")
def content(release: Path) -> Content:
    return content_from(read_tables(release))


def written(value: float, decimals: int) -> str:
    """Return ``value`` in Danish."""
    rounded = Decimal(f"{value:.9g}").quantize(Decimal(10) ** -decimals, ROUND_HALF_UP)
    text = f"{abs(rounded):,}".replace(",", " ").replace(".", ",").replace(" ", ".")
    return ("−" if rounded < 0 else "") + text


def html_rows(page: str, look: str = "ranking") -> Iterator[tuple[str, list[str]]]:
    """Yield the name and the cells of each row of the first table of ``look``."""
    table = re.search(rf'<table class="{look}">(.*?)</table>', page, re.DOTALL)
    assert table
    for row in re.findall(r"<tr[^>]*>(.*?)</tr>", table[1].split("<tbody>", 1)[1], re.DOTALL):
        cells = [
            " ".join(re.sub(UNSEEN, "", cell, flags=re.DOTALL).split())
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
    for name, page in islice(render_site(content, "da", ("da",)), 5):
        (tmp_path / name).write_text(page, encoding="utf-8")
    opened = browser.new_page()
    opened.goto((tmp_path / "explore.html").as_uri())
    told = opened.evaluate(
        "Array.from(document.querySelectorAll('#explore-table tbody tr'),"
        " row => Array.from(row.children, cell => cell.textContent.trim()))"
    )
    opened.close()
    assert {cells[0].rstrip("†"): cells[2:7] for cells in told} == rows


def test_the_page_of_a_municipality(
    content: Content, levels: dict[tuple[str, str, str], list[str]]
) -> None:
    """Every number by diagnosis, tenure and age, and the rows of the municipalities beside it."""
    words = Words("da")
    pages = dict(islice(render_site(content, "da", ("da",)), 17))
    names = [name for name in pages if name.startswith("kommune/")]
    assert len(names) >= 5
    n_shown = 0
    for name in names:
        code = Path(name).stem
        shown = {
            (head, *(re.sub("[▾▴]", "", cell) for cell in cells[1:4]))
            for table in re.findall(r'<table class="one-way heat">.*?</table>', pages[name], re.S)
            for head, cells in html_rows(table, "one-way heat")
        }
        wanted = {
            (words.level(dimension, level), *cells)
            for (of, dimension, level), cells in levels.items()
            if of == code and dimension in PAGE_DIMENSIONS
        }
        assert shown <= wanted
        assert {head for head, *_ in shown} == {head for head, *_ in wanted}
        n_shown += len(shown)
    assert n_shown > 80


def test_the_printed_page_of_a_municipality(
    content: Content, rows: dict[str, list[str]], tmp_path: Path
) -> None:
    """The municipality's own row and those of the similar ones."""
    own = next(iter(each(Lookup(content), "da")))
    names = {one.code: one.name for one in content.places}
    beside = [own.place.name, *(names[one.code] for one in own.place.similar)]
    assert len(beside) > 3
    document = Document(own.place.name, (sheet(own),), is_cover=False, is_sheets=True)
    (tmp_path / "sheet.pdf").write_bytes(set_pdf(own, document))
    text = " ".join((PdfReader(tmp_path / "sheet.pdf").pages[0].extract_text() or "").split())
    for name in beside:
        observed, expected, _, ratio, interval = rows[name]
        assert f"{name} {observed} {expected} {ratio} ({interval})" in text


@pytest.mark.slow
def test_explore_by_diagnosis(
    content: Content, levels: dict[tuple[str, str, str], list[str]], tmp_path: Path, browser: Any
) -> None:
    for name, page in islice(render_site(content, "da", ("da",)), 5):
        (tmp_path / name).write_text(page, encoding="utf-8")
    codes = {row.name: row.code for row in content.main.rows}
    opened = browser.new_page()
    for group in ("mental", "neoplasm"):
        opened.goto((tmp_path / "explore.html").as_uri() + f"#diagnose={group}")
        opened.reload()
        told = opened.evaluate(
            "Array.from(document.querySelectorAll('#explore-table tbody tr'),"
            " row => Array.from(row.children, cell => cell.firstChild.textContent.trim()))"
        )
        assert len(told) == 98
        for name, _, observed, expected, _, ratio, interval, *_ in told:
            wanted = levels[codes[name.rstrip("†")], "diagnosis_group", group]
            both = SUPPRESSED if ratio == SUPPRESSED else f"{ratio} ({interval})"
            assert [observed, expected, both] == wanted, name
    opened.close()
