"""The workbook: typed, marked, the same every time, and nothing hidden or live in it."""

from __future__ import annotations

import math
import re
import shutil
import zipfile
from pathlib import Path

import duckdb
import openpyxl
import pytest
import xlsxwriter
from fabricated_release import HOSTILE, RUN_ID
from openpyxl.workbook.workbook import Workbook

from pipeline.catalogue import catalogue, sheets, table
from reports.content.assemble import content_from
from reports.content.content import Content
from reports.content.read import read_tables
from reports.language.words import Words
from reports.workbook.sheets import SHOWN_WHEN_HIDDEN
from reports.workbook.workbook import write_workbook
from reports.workbook.writing import ColumnSheet

#: No part of a fraction of small numbers, as 7654321 is of one by 81.
POISON = 7713391
#: Names that a spreadsheet may run or render, and one that looks like a reference.
NAMES = ("=1+1", "+2", "-3", "@SUM(A1)", "\t=4", "<b>fed</b> & \"'", "=HYPERLINK(1)", "'=5")
CODES = ("101", "147", "151", "153", "155", "157", "159", "161")
HEADING = 4


def write(release: Path, path: Path, language: str = "da") -> Workbook:
    tables = read_tables(release)
    write_workbook(path, tables, content_from(tables), language)
    return openpyxl.load_workbook(path)


def changed(release: Path, path: Path, *statements: str) -> Path:
    """Return a copy of ``release`` after ``statements``; a copy is quicker than a new one."""
    shutil.copyfile(release, path)
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


@pytest.fixture(scope="module")
def hostile(main_release: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Workbook]:
    folder = tmp_path_factory.mktemp("hostile")
    path = changed(main_release, folder / "benchmark.duckdb")
    with duckdb.connect(str(path)) as connection:
        for code, name in zip(CODES, NAMES, strict=True):
            connection.execute(
                "UPDATE result.benchmark SET municipality_name = ? WHERE municipality_code = ?",
                [name, code],
            )
        columns = connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'result'"
            " AND data_type IN ('BIGINT', 'DOUBLE', 'INTEGER') AND table_name IN (SELECT"
            " table_name FROM duckdb_columns() WHERE column_name = 'is_suppressed')"
        ).fetchall()
        for table, column in columns:
            if column not in (*SHOWN_WHEN_HIDDEN, *catalogue()[table].key):
                connection.execute(
                    f"UPDATE result.{table} SET {column} = {POISON} WHERE is_suppressed"
                )
    return folder / "book.xlsx", write(path, folder / "book.xlsx")


@pytest.fixture(scope="module")
def book(main_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Workbook:
    return write(main_release, tmp_path_factory.mktemp("book") / "book.xlsx")


def rows(book: Workbook, key: str) -> list[dict[str, object]]:
    place = table(key).sheet
    assert place is not None
    sheet = book[place.name.da]
    lines = list(sheet.iter_rows(min_row=HEADING, values_only=True))
    return [dict(zip(map(str, lines[0]), line, strict=True)) for line in lines[1:]]


def test_every_table_has_a_sheet_that_is_frozen_filtered_marked_and_fits_a_page(
    book: Workbook, main_release: Path
) -> None:
    words, tables = Words("da"), read_tables(main_release)
    listed = [entry for entry in sheets() if not getattr(tables, entry.name).empty]
    assert len(listed) > 15
    assert book.sheetnames[:3] == [words(f"workbook.{n}") for n in ("cover", "overview", "charts")]
    assert book.sheetnames[3:-1] == [str(entry.sheet and entry.sheet.name.da) for entry in listed]
    assert book.sheetnames[-1] == words("workbook.dictionary")
    for sheet in book.worksheets:
        assert "SYNTETISKE DATA" in str(sheet.oddHeader.left.text)
        assert RUN_ID in str(sheet.oddHeader.right.text)
        assert any(sheet.cell(row=2, column=at).value == "SYNTETISKE DATA" for at in (1, 2))
        assert sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        if sheet.title not in book.sheetnames[:3:2]:
            assert sheet.freeze_panes.endswith(str(HEADING + 1))
            assert sheet.auto_filter.ref == f"A{HEADING}:{sheet.dimensions.split(':')[1]}"
            assert sheet.print_title_rows == f"${HEADING}:${HEADING}"
    assert str(book.properties.title).startswith("SYNTETISKE DATA")
    assert book.properties.category == RUN_ID


def test_the_cover_says_what_the_figures_are(book: Workbook) -> None:
    text = " ".join(
        str(value) for row in book.worksheets[0].iter_rows(values_only=True) for value in row
    )
    for said in (RUN_ID, "SYNTETISKE DATA", "opdigtede", "22. november 2026", "2006–2007"):
        assert said in text
    assert "hverken god eller dårlig" in text
    links = [cell.hyperlink.location for cell in book.worksheets[0]["A"] if cell.hyperlink]
    assert links == [f"'{name}'!A1" for name in book.sheetnames[1:] if name != "Diagrammer"]


def test_cells_are_what_the_release_says(book: Workbook, main_release: Path) -> None:
    tables = read_tables(main_release)
    source = tables.benchmark.set_index("municipality_code")
    ranking = tables.ranking.set_index("municipality_code")
    listed = rows(book, "ranking")
    assert len(listed) == 98
    assert [row["Placering"] for row in listed] == list(range(1, 99))
    for row in listed:
        code = row["Kommunekode"]
        assert isinstance(code, str)
        assert row["Faktisk antal"] == source.loc[code, "observed"]
        assert row["Forventet antal"] == pytest.approx(source.loc[code, "expected"], rel=1e-12)
        assert row["Faktisk andel"] == pytest.approx(source.loc[code, "observed_share"])
        assert row["Placering, øvre"] == ranking.loc[code, "rank_high"]
    hidden = tables.breakdown["is_suppressed"]
    assert hidden.any()
    cells = rows(book, "breakdown")
    assert sum(row["Skjult"] == "ja" for row in cells) == hidden.sum()
    assert all((row["Faktisk antal"] is None) == (row["Skjult"] == "ja") for row in cells)
    shown = [row["Faktisk antal"] for row in cells if row["Faktisk antal"] is not None]
    assert sum(map(int, map(str, shown))) == tables.breakdown.loc[~hidden, "observed"].sum()
    assert all(isinstance(row["Forventet antal"], float | int) for row in cells)


def test_numbers_are_formatted_by_what_they_are(book: Workbook) -> None:
    formats = {"count": "#,##0", "share2": "0.00%", "year": "0", "text": "General"}
    for key, heading, kind in (
        ("ranking", "Faktisk antal", "count"),
        ("ranking", "Faktisk andel", "share2"),
        ("ranking", "Kommunekode", "text"),
        ("development", "År", "year"),
        ("decomposition", "Nedre", "share2"),
    ):
        place = table(key).sheet
        assert place is not None
        sheet = book[place.name.da]
        headings = [cell.value for cell in sheet[HEADING]]
        cell = sheet.cell(row=HEADING + 1, column=headings.index(heading) + 1)
        assert cell.number_format == formats[kind], (key, heading)


def test_nothing_withheld_is_anywhere_in_the_file(hostile: tuple[Path, Workbook]) -> None:
    path, book = hostile
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        text = "\n".join(archive.read(name).decode("utf-8") for name in names)
    poisoned = {
        sheet.title: [sheet.cell(HEADING, cell.column).value, cell.row]
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if str(POISON) in str(cell.value)
    }
    assert not poisoned
    assert str(POISON) not in text
    assert not [name for name in names if "comment" in name or "external" in name]
    assert not [name for name in names if "vba" in name.lower()]
    assert all(sheet.sheet_state == "visible" for sheet in book.worksheets)
    for sheet in book.worksheets:
        assert not [d for d in sheet.column_dimensions.values() if d.hidden]
        assert not [d for d in sheet.row_dimensions.values() if d.hidden]
        assert all(cell.comment is None for row in sheet.iter_rows() for cell in row)
    assert not book.defined_names
    kept = {name for sheet in book.worksheets for name in sheet.defined_names}
    assert kept <= {"_xlnm.Print_Titles", "_xlnm._FilterDatabase", "Print_Titles"}


def test_hostile_text_is_text(hostile: tuple[Path, Workbook]) -> None:
    path, book = hostile
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/"):
                assert b"<f>" not in archive.read(name), name
    cells = [cell for row in book["Rangliste"].iter_rows(min_row=HEADING + 1) for cell in row]
    result = {cell.value: cell for cell in cells if cell.value in NAMES}
    assert set(result) == set(NAMES)
    assert all(cell.data_type == "s" for cell in result.values())
    assert all(cell.quotePrefix for name, cell in result.items() if str(name)[0] in "=+-@\t")
    details = [row["Resultat"] for row in rows(book, "data_quality")]
    assert HOSTILE in details


@pytest.fixture(scope="module")
def bare(main_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a release of benchmark, ranks without intervals and settings only."""
    with duckdb.connect(str(main_release), read_only=True) as connection:
        rows = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'result'"
        ).fetchall()
    emptied = sorted({name for (name,) in rows} - {"run", "benchmark", "ranking", "setting"})
    return changed(
        main_release,
        tmp_path_factory.mktemp("bare") / "benchmark.duckdb",
        *(f"DELETE FROM result.{name}" for name in emptied),
        "UPDATE result.ranking SET rank_low = NULL, rank_high = NULL",
    )


def test_the_same_release_gives_the_same_bytes(bare: Path, tmp_path: Path) -> None:
    for name in ("first.xlsx", "second.xlsx"):
        english = write(bare, tmp_path / name, "en")
    assert (tmp_path / "first.xlsx").read_bytes() == (tmp_path / "second.xlsx").read_bytes()
    assert english.sheetnames == [
        *("Cover", "Overview", "Charts", "Ranking", "Settings", "Dictionary"),
    ]


def test_a_bare_release_has_no_bare_rank_and_no_mark_it_does_not_bear(
    bare: Path, tmp_path: Path
) -> None:
    real = changed(bare, tmp_path / "real.duckdb", "UPDATE result.run SET is_synthetic = FALSE")
    book = write(real, tmp_path / "bare.xlsx")
    assert book.sheetnames == [
        *("Forside", "Overblik", "Diagrammer", "Rangliste", "Indstillinger", "Ordbog"),
    ]
    assert all(row["Placering"] is None for row in rows(book, "ranking"))
    with zipfile.ZipFile(tmp_path / "bare.xlsx") as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist())
    assert "SYNTETISKE" not in text
    assert not re.search(r">(nan|NaN|None|NaT|inf|&lt;NA&gt;)<", text)


def test_disclosure_control_off_is_said_on_every_sheet(bare: Path, tmp_path: Path) -> None:
    off = changed(
        bare,
        tmp_path / "off.duckdb",
        "UPDATE result.setting SET value = '\"none\"' WHERE setting = 'disclosure_method'",
    )
    for sheet in write(off, tmp_path / "off.xlsx").worksheets:
        assert "DISKRETION SLÅET FRA" in str(sheet.oddHeader.left.text)


def test_practice_by_level_has_names_of_dimensions_and_levels(bare: Path, tmp_path: Path) -> None:
    practice = changed(
        bare,
        tmp_path / "practice.duckdb",
        """CREATE OR REPLACE TABLE result.practice_profile AS
        SELECT run_id, outcome, model, municipality_code, dimension, level, 12 AS observed,
            10.0 AS expected, 1.2 AS ratio, 0.7 AS ratio_low, 1.9 AS ratio_high,
            level = 'over_2' AS is_suppressed
        FROM result.benchmark, (VALUES ('tenure_main', 'over_2'), ('tenure_main', 'none'),
            ('sex', 'male'), ('diagnosis_main', 'other'), ('diagnosis_group', 'mental')
        ) AS listed (dimension, level)""",
    )
    answer = rows(write(practice, tmp_path / "practice.xlsx"), "practice_profile")
    first = [row for row in answer if row["Kommunekode"] == answer[0]["Kommunekode"]]
    assert [(row["Opdeling"], row["Niveau"], row["Faktisk antal"]) for row in first[:5]] == [
        ("Diagnose, tre grupper", "Andre diagnoser", 12),
        ("Hoveddiagnose", "Psykiske lidelser", 12),
        ("Anciennitet, tre grupper", "Ingen kontanthjælp", 12),
        ("Anciennitet, tre grupper", "Over 2 år", None),
        ("Køn", "Mand", 12),
    ]


def test_every_table_has_a_sheet_of_its_own_or_is_in_another() -> None:
    without = {name for name, entry in catalogue().items() if entry.sheet is None}
    # The run is on the cover, the benchmark in the ranking, the grid as its summary; cases by month
    # and municipality are for the database, those that wait at the ends of years on its page.
    assert without == {"run", "benchmark", "sensitivity", "backlog"}
    for language in ("da", "en"):
        names = [entry.sheet.name[language] for entry in sheets() if entry.sheet]
        assert len(set(names)) == len(names)


def test_a_column_of_figures_has_no_text(book: Workbook) -> None:
    """A column of two dots and numbers can neither be summed nor drawn."""
    for entry in sheets():
        if entry.sheet is None or entry.sheet.name.da not in book.sheetnames:
            continue
        numeric = {
            field.heading.da
            for field in entry.fields
            if field.format not in ("text", "yes_no", "flag")
        }
        for row in rows(book, entry.name):
            for heading in numeric & set(row):
                assert not isinstance(row[heading], str), (entry.name, heading)


def test_the_overview_has_every_municipality_and_three_charts(
    book: Workbook, main_content: Content
) -> None:
    lines = list(book["Overblik"].iter_rows(min_row=HEADING, values_only=True))
    listed = [dict(zip(map(str, lines[0]), line, strict=True)) for line in lines[1:]]
    main = main_content.main
    assert [row["Kommunekode"] for row in listed] == [row.code for row in main.rows]
    outcome = Words("da").label("outcome", main.outcome)
    for row, expected in zip(listed, main.rows, strict=True):
        assert row[f"{outcome}: Placering, øvre"] == expected.rank_high
        assert row[f"{outcome}: Faktisk antal"] == expected.observed
    charts = book["Diagrammer"]._charts
    assert len(charts) == 2, "of one outcome; the third needs both"
    assert book["Diagrammer"]["A2"].value == "SYNTETISKE DATA"


def test_columns_are_read_as_what_xlsxwriter_writes_cell_by_cell(tmp_path: Path) -> None:
    """Texts of every length, numbers and gaps; the strings that cells share are the same file."""
    texts = ["", "a", "<&>\"'", "_x0041_ \x07", "  b  ", "æ" * 300, "\U0001f600" * 20_000, "a"]
    numbers = [0, -1, 0.1, 1e300, 1.5e-300, 12345678901234567, 2 / 3, 7]
    rows = [
        [value if (at + line) % 3 else None for at, value in enumerate([*texts, *numbers])]
        for line in range(33)
    ]
    rows += [[None] * 16, [None] * 2 + rows[0][2:5] + [None] * 11]
    for name, kind in (("own", ColumnSheet), ("stock", None)):
        with xlsxwriter.Workbook(tmp_path / f"{name}.xlsx") as book:
            look, sheet = book.add_format({"bold": True}), book.add_worksheet("a", kind)
            plain = book.add_format({"italic": True})
            sheet.set_row(3, 48)
            sheet.write_string(2, 1, "before", look)
            if isinstance(sheet, ColumnSheet):
                columns = list(zip(*rows, strict=True))
                sheet.fill(4, columns, [plain] * 16, lambda text, look=look: (text, look))
                continue
            for at, line in ((at, line) for at in range(16) for line in range(len(rows))):
                value = rows[line][at]
                if isinstance(value, str):
                    sheet.write_string(4 + line, at, value, look)
                elif value is not None:
                    sheet.write_number(4 + line, at, value, plain)
    own, stock = (
        [
            [(cell.value, cell.font.b, cell.font.i) for cell in row]
            for row in openpyxl.load_workbook(tmp_path / f"{name}.xlsx")["a"].iter_rows()
        ]
        for name in ("own", "stock")
    )
    assert own == stock
    shared = [
        zipfile.ZipFile(tmp_path / f"{name}.xlsx").read("xl/sharedStrings.xml")
        for name in ("own", "stock")
    ]
    assert shared[0] == shared[1]


def test_a_number_that_is_none_is_refused(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        sheet, look = book.add_worksheet("a", ColumnSheet), book.add_format()
        with pytest.raises(ValueError, match="nan in row 5 of sheet a"):
            sheet.fill(4, [[math.nan]], [look], lambda text: (text, look))
