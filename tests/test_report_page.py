"""The pages: whole, offline, escaped, marked, and put in place together."""

from __future__ import annotations

import re
import unicodedata
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from fabricated_release import HOSTILE, fabricate

from pipeline.errors import SettingsError, StorageError
from reports import build_report

VOID = {"meta", "link", "input", "br", "hr", "img"}


class Outline(HTMLParser):
    """Collects tags, headings, ids and links, and checks that tags close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()}")


def outline(page: str) -> Outline:
    parsed = Outline()
    parsed.feed(page)
    assert not parsed.faults
    assert not parsed.open
    return parsed


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fabricate(tmp_path_factory.mktemp("release") / "benchmark.duckdb")


@pytest.fixture(scope="module")
def pages(release: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("site") / "report"
    built = build_report(release, out)
    assert [path.name for path in built] == ["index.html", "index.en.html"]
    assert sorted(path.name for path in out.iterdir()) == ["index.en.html", "index.html"]
    assert all(path.stat().st_size < 2_000_000 for path in built)
    return {path.name: path.read_text(encoding="utf-8") for path in built}


@pytest.mark.parametrize("name", ["index.html", "index.en.html"])
def test_page_is_whole_and_needs_nothing_from_outside(pages: dict[str, str], name: str) -> None:
    page = pages[name]
    parsed = outline(page)
    for tag, attributes in parsed.tags:
        for key in ("src", "href", "action", "poster", "data"):
            target = attributes.get(key) or ""
            assert not re.match(r"(https?:)?//", target), (tag, target)
        assert tag not in ("link", "iframe", "img", "object", "embed")
        assert not any(key.startswith("on") for key in attributes)
    assert "@import" not in page
    assert "http" not in re.sub(r'http-equiv="', "", page)
    ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    anchors = {a["href"] for t, a in parsed.tags if t == "a" and (a["href"] or "")[0] == "#"}
    assert {a[1:] for a in anchors if a and "=" not in a} <= set(ids)


@pytest.mark.parametrize("name", ["index.html", "index.en.html"])
def test_structure_for_assistive_technology(pages: dict[str, str], name: str) -> None:
    parsed = outline(pages[name])
    tags = [tag for tag, _ in parsed.tags]
    for landmark in ("header", "nav", "main", "footer", "h1", "title"):
        assert tags.count(landmark) == 1, landmark
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert tags.count("table") == tags.count("caption")
    assert all("scope" in attributes for tag, attributes in parsed.tags if tag == "th")
    labelled = {attributes.get("for") for tag, attributes in parsed.tags if tag == "label"}
    named = {a.get("id") for t, a in parsed.tags if t == "select" or a.get("type") == "search"}
    assert named <= labelled


def test_pages_link_to_each_other(pages: dict[str, str]) -> None:
    assert '<html lang="da"' in pages["index.html"]
    assert '<html lang="en"' in pages["index.en.html"]
    assert '<a href="index.en.html" hreflang="en"' in pages["index.html"]
    assert '<a href="index.html" hreflang="da"' in pages["index.en.html"]


def test_hostile_text_is_inert(pages: dict[str, str]) -> None:
    for page in pages.values():
        assert HOSTILE not in page
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert" in page


def test_hostile_municipality_and_run_are_inert(tmp_path: Path) -> None:
    path = fabricate(tmp_path / "benchmark.duckdb", main_only=True)
    with duckdb.connect(str(path)) as connection:
        for table, column in (("benchmark", "municipality_name"), ("run", "code_version")):
            where = "WHERE municipality_code = '101'" if table == "benchmark" else ""
            connection.execute(f"UPDATE result.{table} SET {column} = ? {where}", [HOSTILE])
    (page,) = build_report(path, tmp_path / "report", languages=("da",))
    text = page.read_text(encoding="utf-8")
    outline(text)
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "index.en.html" not in text


def test_nothing_missing_is_printed_as_a_number(pages: dict[str, str], tmp_path: Path) -> None:
    bare = fabricate(tmp_path / "bare.duckdb", bare=True, main_only=True)
    built = [path.read_text(encoding="utf-8") for path in build_report(bare, tmp_path / "report")]
    for page in [*pages.values(), *built]:
        visible = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
        assert not re.search(r"\b(nan|NaN|None(?! recorded)|NaT|inf|<NA>)\b", visible)
        assert not re.search(r"\{\w+\}", visible)


def test_mark_is_in_title_captions_charts_and_print(pages: dict[str, str]) -> None:
    page = pages["index.html"]
    assert re.search(r"<title>SYNTETISKE DATA", page)
    captions = re.findall(r"<caption>(.*?)</caption>", page, flags=re.DOTALL)
    unmarked = [text for text in captions if "SYNTETISKE DATA" not in text]
    assert len(unmarked) == 1
    assert "Ord i rapporten" in unmarked[0]
    charts = re.findall(r"<svg[^>]*class=\"chart\".*?</svg>", page, flags=re.DOTALL)
    assert len(charts) == 12
    assert all(chart.count("SYNTETISKE DATA") == 2 for chart in charts)
    assert '@top-left { content: "SYNTETISKE DATA"' in page


def test_no_mark_on_real_extracts(tmp_path: Path) -> None:
    path = fabricate(tmp_path / "benchmark.duckdb", is_synthetic=False, main_only=True)
    (page,) = build_report(path, tmp_path / "report", languages=("da",))
    text = page.read_text(encoding="utf-8")
    assert "SYNTETISKE" not in text
    assert "ingen kendt sandhed" in text


def test_suppressed_values_never_reach_the_page(tmp_path: Path) -> None:
    path = fabricate(tmp_path / "benchmark.duckdb", main_only=True)
    with duckdb.connect(str(path)) as connection:
        for table in ("breakdown", "breakdown_country"):
            connection.execute(
                f"UPDATE result.{table} SET observed = 7654321, ratio = 7654321, "
                "ratio_low = 7654321, ratio_high = 7654321 WHERE is_suppressed"
            )
    for page in build_report(path, tmp_path / "report"):
        digits = re.sub(r"[.,\s]", "", page.read_text(encoding="utf-8"))
        assert "7654321" not in digits


def test_disclosure_control_off_is_said_everywhere(pages: dict[str, str], tmp_path: Path) -> None:
    off = fabricate(tmp_path / "off.duckdb", main_only=True, disclosure_control=False)
    for page, said in zip(
        build_report(off, tmp_path / "report"),
        ("DISKRETION SLÅET FRA", "DISCLOSURE CONTROL OFF"),
        strict=True,
    ):
        text = page.read_text(encoding="utf-8")
        outline(text)
        body = text[text.index("<body>") :]
        assert re.search(rf"<title>{said}", text)
        assert f'@top-right {{ content: "{said}"' in text
        band = re.search(r'<p class="band alarm" role="note">(.*?)</p>', body)
        assert band
        assert said in band[1]
        assert body.count(said) == 3
        assert all(said not in published for published in pages.values())
    danish = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert "antal fra 1 til 4 vises ikke" not in danish
    assert "antal fra 1 til 4 vises ikke" in pages["index.html"]


def test_the_settings_are_on_the_page(pages: dict[str, str]) -> None:
    page = pages["index.html"]
    for name, value in (
        ("disclosure_threshold", "5"),
        ("disclosure_control", "ja"),
        ("level", "0,95"),
        ("rank_draws", "20000"),
        ("outcomes", "FP, FJ, ANY"),
    ):
        assert re.search(rf"<code>{name}</code></small></th><td class=\"text\">{value}</td>", page)


def test_a_rank_is_never_bare(pages: dict[str, str], tmp_path: Path) -> None:
    cells = re.findall(r"<td data-v=\"\d+\">(<b>\d+</b>.*?)</td>", pages["index.html"])
    assert len(cells) == 6 * 98
    assert all(re.search(r"\(\d+–\d+\)", cell) for cell in cells)
    bare = fabricate(tmp_path / "bare.duckdb", bare=True, main_only=True)
    (page,) = build_report(bare, tmp_path / "report", languages=("da",))
    assert not re.search(r"<td data-v=\"\d+\"><b>\d+</b>", page.read_text(encoding="utf-8"))


def test_a_failure_leaves_the_earlier_report(tmp_path: Path) -> None:
    release = fabricate(tmp_path / "benchmark.duckdb", main_only=True)
    out = tmp_path / "site" / "report"
    (page,) = build_report(release, out, languages=("en",))
    before = page.read_bytes()
    with pytest.raises(StorageError):
        build_report(tmp_path / "none.duckdb", out)
    with pytest.raises(SettingsError, match="sv"):
        build_report(release, out, languages=("sv",))
    assert page.read_bytes() == before
    assert [path.name for path in out.parent.iterdir()] == ["report"]


def test_same_release_same_pages(release: Path, pages: dict[str, str], tmp_path: Path) -> None:
    (page,) = build_report(release, tmp_path / "report", languages=("en",))
    again = page.read_text(encoding="utf-8")
    alone = re.sub(r'<p class="language">.*?</p>\n', "", pages["index.en.html"])
    assert again == alone
    assert unicodedata.is_normalized("NFC", again)
