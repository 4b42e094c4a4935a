"""The printed report read back: contents, page numbers, marks, letters, and nothing withheld."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from functools import cache
from pathlib import Path

import duckdb
import page as checker
import pytest
from fabricated_release import HOSTILE, RUN_ID
from pypdf import PdfReader

from pipeline.catalogue import catalogue
from reports.content.assemble import content_from
from reports.content.content import Content
from reports.content.read import read_tables
from reports.language.words import Words
from reports.print.documents import write_municipalities, write_report, write_sheets
from reports.workbook.sheets import SHOWN_WHEN_HIDDEN

POISON = 7654321
NAME = "<b>Å & Ø</b> =1"


@pytest.fixture(scope="module")
def content(main_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Content:
    """Return the content of a release with a hostile name and figures where none may show."""
    path = tmp_path_factory.mktemp("release") / "benchmark.duckdb"
    shutil.copyfile(main_release, path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "UPDATE result.benchmark SET municipality_name = ? WHERE municipality_code = '101'",
            [NAME],
        )
        for table, column in connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE schema_name = 'result'"
            " AND data_type IN ('BIGINT', 'DOUBLE', 'INTEGER') AND table_name IN (SELECT"
            " table_name FROM duckdb_columns() WHERE column_name = 'is_suppressed')"
        ).fetchall():
            if column not in (*SHOWN_WHEN_HIDDEN, *catalogue()[table].key):
                connection.execute(
                    f"UPDATE result.{table} SET {column} = {POISON} WHERE is_suppressed"
                )
    return content_from(read_tables(path))


@pytest.fixture(scope="module")
def report(content: Content, tmp_path_factory: pytest.TempPathFactory) -> PdfReader:
    path = tmp_path_factory.mktemp("pdf") / "report.pdf"
    write_report(path, content, "da")
    return PdfReader(path)


@pytest.fixture(scope="module")
def places(content: Content, tmp_path_factory: pytest.TempPathFactory) -> PdfReader:
    path = tmp_path_factory.mktemp("pdf") / "places.pdf"
    write_municipalities(path, content, "en")
    return PdfReader(path)


@cache
def texts(reader: PdfReader) -> list[str]:
    """Return the text of each page: read once, for it takes longer than to set them."""
    return [page.extract_text().replace("\xa0", " ") for page in reader.pages]


def landing(reader: PdfReader) -> dict[str, int]:
    """Return the page, from 1, of each bookmark of the first level."""
    return {
        str(entry.title): reader.get_destination_page_number(entry) + 1
        for entry in reader.outline
        if not isinstance(entry, list)
    }


def test_every_page_is_a4_marked_numbered_and_names_the_run(
    report: PdfReader, places: PdfReader
) -> None:
    for reader in (report, places):
        pages = texts(reader)
        assert len(pages) > 10
        for number, (page, text) in enumerate(zip(reader.pages, pages, strict=True), start=1):
            assert [round(side) for side in page.mediabox[2:]] == [595, 842]
            assert "SYNTETISKE DATA" in text
            assert RUN_ID in text
            assert f"{number} / {len(pages)}" in text
            assert len(text) > 200, number


def test_the_contents_name_the_pages_where_the_sections_are(report: PdfReader) -> None:
    pages, at = texts(report), landing(report)
    listed = " ".join(pages[0].split())
    words = Words("da")
    for key in ("findings.title", "breakdown.title", "sureness.title", "quality.caption"):
        assert words(key) in at
    assert {words("method.title"), words("glossary.title")} <= set(at)
    for title, page in at.items():
        assert title in " ".join(pages[page - 1].split())
        assert title in listed
    links = [note.get_object() for note in report.pages[0]["/Annots"]]
    assert len(links) >= len(at)


def test_the_file_says_what_it_is(report: PdfReader, places: PdfReader) -> None:
    assert report.metadata is not None
    assert str(report.metadata.title) == "Førtidspension og fleksjob"
    for reader, language in ((report, "da"), (places, "en")):
        root = reader.trailer["/Root"]
        assert root["/Lang"] == language
        assert root["/MarkInfo"]["/Marked"]
        assert root["/ViewerPreferences"]["/DisplayDocTitle"]
        assert "pdfuaid:part>1<" in root["/Metadata"].get_data().decode("utf-8")
    fonts = {
        font.get_object()["/BaseFont"].split("+")[-1]
        for page in report.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert {"DejaVuSans", "DejaVuSans-Bold", "DejaVuSerif"} <= fonts


def tree(reader: PdfReader) -> list[tuple[str, dict[str, object]]]:
    """Return every element of the structure tree: its tag and its dictionary, in reading order."""
    return elements(reader.trailer["/Root"]["/StructTreeRoot"]["/K"])


def elements(inside: object) -> list[tuple[str, dict[str, object]]]:
    """Return every element ``inside`` a part of the structure tree."""
    listed: list[tuple[str, dict[str, object]]] = []

    def walk(node: object) -> None:
        kids = node if isinstance(node, list) else [node]
        for kid in kids:
            one = kid.get_object() if hasattr(kid, "get_object") else kid
            if isinstance(one, list):
                walk(one)
            elif isinstance(one, dict) and "/S" in one:
                listed.append((str(one["/S"]), one))
                walk(one.get("/K", []))

    walk(inside)
    return listed


def test_a_public_checker_finds_the_files_accessible(content: Content, tmp_path: Path) -> None:
    """All rules of PDF/UA-1 that a machine can judge, by a checker that passes veraPDF's corpus."""
    few = replace(content, places=content.places[:3])
    write_report(tmp_path / "report.pdf", few, "da")
    write_sheets(tmp_path, few, "en")
    files = [tmp_path / "report.pdf", *sorted((tmp_path / "kommune").glob("*.pdf"))]
    assert len(files) == 4
    for path in files:
        result = checker.validate_pdf(str(path), profile=checker.ValidationProfile.PDF_UA_1)
        assert result.rules.total > 100
        assert [failure.rule_id for failure in result.failures] == []
        assert result.is_compliant


def test_structure_headers_and_alternative_texts_are_tagged(report: PdfReader) -> None:
    elements = tree(report)
    tags = [tag for tag, _ in elements]
    assert tags.count("/Table") > 10
    assert tags.count("/TH") > 50
    assert tags.count("/H1") > 8
    figures = [element for tag, element in elements if tag == "/Figure" and "/Alt" in element]
    alternatives = " ".join(str(figure["/Alt"]) for figure in figures)
    assert "Praksiseffekt for hver kommune" in alternatives
    assert "Skematisk kort" in alternatives
    untold = [e for tag, e in elements if tag == "/Figure" and "/Alt" not in e]
    assert not untold
    headers = [element for tag, element in elements if tag == "/TH"]
    assert all("/Column" in str(header.get("/A")) for header in headers)


def test_the_ranking_lists_every_municipality_under_a_repeated_heading(
    report: PdfReader, content: Content
) -> None:
    pages, result = texts(report), landing(report)
    start, end = result["De 98 kommuner: faktisk mod forventet"], 0
    end = min(page for page in result.values() if page > start)
    ranking = pages[start - 1 : end - 1]
    assert len(ranking) > 1
    listing = [page for page in ranking if "Hovedstaden" in page]
    assert all("Forventet" in page and "Placering" in page for page in listing)
    together = "\n".join(ranking)
    for row in content.main.rows:
        assert row.name in together
        assert f"{row.rank} ({row.rank_low}–{row.rank_high})" in together
    for name in ("Læsø", "Ærø", "Århus", "Aarhus", "Tårnby"):
        assert name in together or name == "Århus"


def test_findings_method_and_glossary_are_those_of_the_site(
    report: PdfReader, content: Content
) -> None:
    together = " ".join(" ".join(texts(report)).split())
    words = Words("da")
    for said in (
        words("findings.neutral"),
        words("method.akf_note"),
        "Spiegelhalter (2005)",
        "borgersammensætning",
        content.run.input_hash[:40],
    ):
        assert said in together
    assert "{" not in together
    assert not re.search(r"\b(nan|NaN|NaT|<NA>)\b", together)
    for finding in ("findings.grants_title", "findings.spread_title"):
        assert words(finding) in together


def test_each_municipality_has_the_page_the_list_names(places: PdfReader, content: Content) -> None:
    pages, at = texts(places), landing(places)
    first = len(pages) - len(content.places)
    for number, place in enumerate(content.places, start=first + 1):
        text = " ".join(pages[number - 1].split())
        assert place.name in text
        assert "neither good nor bad" in text
        own = next(row for row in content.main.rows if row.code == place.code)
        assert f"{own.rank_low}" in text
        title = place.name if not place.region else f"{place.name} · {place.region}"
        assert at[title] == number
    assert len(at) == len(content.places)


def test_a_sheet_to_take_along_is_one_page(content: Content, tmp_path: Path) -> None:
    write_sheets(tmp_path, replace(content, places=content.places[::10]), "da")
    files = sorted((tmp_path / "kommune").iterdir())
    assert [path.suffix for path in files] == [".pdf"] * 10
    for path in files:
        (page,) = PdfReader(path).pages
        assert "SYNTETISKE DATA" in page.extract_text()


def test_nothing_withheld_and_no_markup_reaches_the_paper(
    report: PdfReader, places: PdfReader
) -> None:
    for reader in (report, places):
        together = " ".join(texts(reader))
        assert str(POISON) not in re.sub(r"[.,\s]", "", together)
        assert NAME in " ".join(together.split())
    assert HOSTILE[:25] in " ".join(texts(report))


def test_the_same_release_gives_the_same_bytes(content: Content, tmp_path: Path) -> None:
    for name in ("first.pdf", "second.pdf"):
        write_report(tmp_path / name, content, "en")
    assert (tmp_path / "first.pdf").read_bytes() == (tmp_path / "second.pdf").read_bytes()


def test_a_bare_release_prints_without_numbers_it_lacks(main_release: Path, tmp_path: Path) -> None:
    path = tmp_path / "bare.duckdb"
    shutil.copyfile(main_release, path)
    with duckdb.connect(str(path)) as connection:
        tables = connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'result'"
        ).fetchall()
        for (name,) in tables:
            if name not in ("run", "benchmark", "ranking", "setting"):
                connection.execute(f"DELETE FROM result.{name}")
        connection.execute("UPDATE result.ranking SET rank_low = NULL, rank_high = NULL")
        connection.execute("UPDATE result.run SET is_synthetic = FALSE")
        connection.execute(
            "UPDATE result.benchmark SET practice_effect = NULL, practice_effect_se = NULL,"
            " reliability = NULL, flag_95 = NULL, flag_998 = NULL, flag_overdispersed = NULL"
        )
        connection.execute(
            "UPDATE result.setting SET value = '\"none\"' WHERE setting = 'disclosure_method'"
        )
    content = content_from(read_tables(path))
    write_report(tmp_path / "bare.pdf", content, "da")
    write_municipalities(tmp_path / "places.pdf", content, "da")
    for name in ("bare.pdf", "places.pdf"):
        pages = [page.extract_text() for page in PdfReader(tmp_path / name).pages[:12]]
        assert all("SYNTETISKE" not in page for page in pages)
        assert all("DISKRETION SLÅET FRA" in page for page in pages)
        assert not re.search(r"\b(nan|None|NaT)\b", " ".join(pages))
