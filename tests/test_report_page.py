"""The pages: whole, offline, escaped, marked, and put in place together."""

from __future__ import annotations

import re
import unicodedata
from functools import partial
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest
from fabricated_release import HOSTILE, RUN_ID, fabricate

from pipeline.errors import SettingsError, StorageError
from reports import build_report as build_all

#: The pages; the documents beside them have tests of their own.
build_report = partial(build_all, documents=False)

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
def site(release: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    out = tmp_path_factory.mktemp("site") / "report"
    built = build_report(release, out)
    assert [path.name for path in built] == ["index.html", "index.en.html"]
    names = {str(path.relative_to(out)) for path in out.rglob("*") if path.is_file()}
    assert len(names) == 2 * (10 + 98)
    assert all((out / name).stat().st_size < 3_500_000 for name in names)
    return {name: (out / name).read_text(encoding="utf-8") for name in sorted(names)}


@pytest.fixture(scope="module")
def pages(site: dict[str, str]) -> dict[str, str]:
    """The front pages."""
    return {name: site[name] for name in ("index.html", "index.en.html")}


ONE_OF_EACH = [
    *("index.html", "index.en.html", "explore.html", "explore.en.html"),
    *("guide.html", "method.en.html", "dictionary.html", "country.html", "quality.en.html"),
    *("practice.html", "years.html", "years.en.html"),
    *("kommune/461.html", "kommune/461.en.html", "kommune/492.html", "kommune/825.html"),
]


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_page_is_whole_and_needs_nothing_from_outside(site: dict[str, str], name: str) -> None:
    page = site[name]
    parsed = outline(page)
    for tag, attributes in parsed.tags:
        for key in ("src", "href", "action", "poster", "data"):
            target = attributes.get(key) or ""
            assert not re.match(r"(https?:)?//", target), (tag, target)
        assert tag not in ("link", "iframe", "img", "object", "embed")
        assert not any(key.startswith("on") for key in attributes)
    assert "@import" not in page
    outside = page.replace("http://www.w3.org/2000/svg", "")
    assert "http" not in re.sub(r'http-equiv="', "", outside)
    ids = [attributes["id"] for _, attributes in parsed.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    anchors = {a["href"] for t, a in parsed.tags if t == "a" and (a["href"] or "")[0] == "#"}
    assert {a[1:] for a in anchors if a and "=" not in a and a != "#"} <= set(ids)


def test_every_link_between_pages_leads_to_one(site: dict[str, str]) -> None:
    for name, page in site.items():
        folder = "kommune/" if name.startswith("kommune/") else ""
        for target in set(re.findall(r'href="([^"#]+\.html)', page)):
            path = target.removeprefix("../") if target.startswith("../") else folder + target
            assert path in site, (name, target)


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_structure_for_assistive_technology(site: dict[str, str], name: str) -> None:
    parsed = outline(site[name])
    tags = [tag for tag, _ in parsed.tags]
    for landmark in ("header", "main", "footer", "h1"):
        assert tags.count(landmark) == 1, landmark
    # Tiles of a map have titles of their own.
    assert len(re.findall(r"<head>.*?</head>", site[name], re.DOTALL)) == 1
    assert site[name].partition("</head>")[0].count("<title>") == 1
    levels = [int(tag[1]) for tag in tags if re.fullmatch(r"h[1-6]", tag)]
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert tags.count("table") == tags.count("caption")
    assert all("scope" in attributes for tag, attributes in parsed.tags if tag == "th")
    labelled = {attributes.get("for") for tag, attributes in parsed.tags if tag == "label"}
    named = {a.get("id") for t, a in parsed.tags if t == "select" or a.get("type") == "search"}
    assert "find" in named
    assert named <= labelled
    assert all("aria-label" in a or "aria-labelledby" in a for t, a in parsed.tags if t == "nav")


def test_pages_link_to_each_other(pages: dict[str, str]) -> None:
    assert '<html lang="da"' in pages["index.html"]
    assert '<html lang="en"' in pages["index.en.html"]
    assert '<a href="index.en.html" hreflang="en"' in pages["index.html"]
    assert '<a href="index.html" hreflang="da"' in pages["index.en.html"]


def test_hostile_text_is_inert(site: dict[str, str]) -> None:
    for page in site.values():
        assert HOSTILE not in page
        assert "<script>alert" not in page
    for name in ("quality.html", "quality.en.html"):
        assert "&lt;script&gt;alert" in site[name]


def test_hostile_municipality_and_run_are_inert(tmp_path: Path) -> None:
    path = fabricate(tmp_path / "benchmark.duckdb", main_only=True)
    with duckdb.connect(str(path)) as connection:
        for table, column in (("benchmark", "municipality_name"), ("run", "code_version")):
            where = "WHERE municipality_code = '101'" if table == "benchmark" else ""
            connection.execute(f"UPDATE result.{table} SET {column} = ? {where}", [HOSTILE])
    (page,) = build_report(path, tmp_path / "report", languages=("da",))
    text = page.read_text(encoding="utf-8")
    outline(text)
    assert "index.en.html" not in text
    for built in (tmp_path / "report").rglob("*.html"):
        text = built.read_text(encoding="utf-8")
        outline(text)
        assert "<script>alert" not in text, built.name
        assert "<img" not in text, built.name


def test_nothing_missing_is_printed_as_a_number(site: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "report"
    bare = fabricate(tmp_path / "bare.duckdb", bare=True, main_only=True)
    build_report(bare, folder, languages=("da",))
    built = [path.read_text(encoding="utf-8") for path in folder.rglob("*.html")]
    assert 2 * len(built) == len(site)
    for page in [*site.values(), *built]:
        visible = re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)
        assert not re.search(r"\b(nan|NaN|None(?! recorded)|NaT|inf|<NA>)\b", visible)
        assert not re.search(r"\{[a-z_]+\}", visible)


def test_mark_is_in_title_captions_charts_and_print(site: dict[str, str]) -> None:
    for name, page in site.items():
        assert re.search(r"<title>SYNTETISKE DATA", page), name
        assert '@top-left { content: "SYNTETISKE DATA' in page
        captions = re.findall(r"<caption>(.*?)</caption>", page, flags=re.DOTALL)
        unmarked = [text for text in captions if "SYNTETISKE DATA" not in text]
        if not name.startswith(("guide", "dictionary")):
            assert not unmarked, name
    charts = re.findall(r"<svg[^>]*class=\"chart\".*?</svg>", site["index.html"], flags=re.DOTALL)
    assert len(charts) == 2
    small = re.findall(
        r"<svg xmlns=[^>]* class=\"small-chart\".*?</svg>",
        site["kommune/461.html"],
        flags=re.DOTALL,
    )
    assert len(small) == 9
    assert all(chart.count("SYNTETISKE DATA") == 2 for chart in [*charts, *small])


def test_no_mark_on_real_extracts(tmp_path: Path) -> None:
    path = fabricate(tmp_path / "benchmark.duckdb", is_synthetic=False, main_only=True)
    (page,) = build_report(path, tmp_path / "report", languages=("da",))
    method = page.with_name("method.html").read_text(encoding="utf-8")
    assert "intet facit at måle sig med" in method
    for built in (tmp_path / "report").rglob("*.html"):
        if built.name.startswith("dictionary"):
            continue  # It says what the column is_synthetic means.
        assert "SYNTETISKE" not in built.read_text(encoding="utf-8"), built.name


def test_suppressed_values_never_reach_a_page(tmp_path: Path) -> None:
    path = fabricate(tmp_path / "benchmark.duckdb", main_only=True)
    with duckdb.connect(str(path)) as connection:
        for table in ("breakdown", "breakdown_country", "development", "breakdown_age"):
            connection.execute(
                f"UPDATE result.{table} SET observed = 7654321, ratio = 7654321, "
                "ratio_low = 7654321, ratio_high = 7654321 WHERE is_suppressed"
            )
        connection.execute(
            "UPDATE result.grant_history SET observed = 7654321, observed_share = 7654321 "
            "WHERE is_suppressed"
        )
        connection.execute(
            "UPDATE result.case_processing SET n_decisions = 7654321, median_days = 7654321, "
            "n_grants = 7654321, mental_share = 7654321 WHERE is_suppressed"
        )
    build_report(path, tmp_path / "report", languages=("da",))
    built = list((tmp_path / "report").rglob("*.html"))
    assert len(built) == 108
    for page in built:
        digits = re.sub(r"[.,\s]", "", page.read_text(encoding="utf-8"))
        assert "7654321" not in digits, page.name


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
        assert body.count(said) >= 2
        assert all(said not in published for published in pages.values())
    danish = (tmp_path / "report" / "country.html").read_text(encoding="utf-8")
    assert "antal fra 1 til 4 vises ikke" not in danish


def test_the_settings_are_in_the_appendix(site: dict[str, str]) -> None:
    page = site["method.html"]
    for name, value in (
        ("disclosure_threshold", "5"),
        ("disclosure_method", "skjulte felter"),
        ("level", "0,95"),
        ("rank_draws", "20000"),
        ("outcomes", "Førtidspension, Fleksjob, Førtidspension eller fleksjob"),
    ):
        assert re.search(rf"<small>{name}</small></th><td class=\"text\">{value}</td>", page)


def test_a_rank_is_never_bare(pages: dict[str, str], tmp_path: Path) -> None:
    cells = re.findall(r"<td data-v=\"\d+\">(\d+ <span.*?)</td>", pages["index.html"])
    assert len(cells) == 98
    assert all(re.search(r"\(\d+–\d+\)", cell) for cell in cells)
    bare = fabricate(tmp_path / "bare.duckdb", bare=True, main_only=True)
    (page,) = build_report(bare, tmp_path / "report", languages=("da",))
    assert not re.search(r"<td data-v=\"\d+\">\d+ <span", page.read_text(encoding="utf-8"))


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


def test_a_place_page_says_what_the_tables_say(site: dict[str, str], release: Path) -> None:
    with duckdb.connect(str(release), read_only=True) as connection:
        observed, expected, low, high = connection.execute(
            "SELECT observed, expected, ratio_low, ratio_high FROM result.benchmark"
            " WHERE municipality_code = '461' AND outcome = 'ANY' AND model = 'within'"
        ).fetchone()
        rank = connection.execute(
            "SELECT rank, rank_posterior_low, rank_posterior_high, rank_posterior_half_low,"
            " rank_posterior_half_high, grade FROM result.ranking"
            " WHERE municipality_code = '461' AND outcome = 'ANY' AND model = 'within'"
        ).fetchone()
    page = site["kommune/461.html"]
    short = page[page.index('<section id="short"') : page.index('<section id="why"')]
    said = re.sub(r"<svg.*?</svg>|<[^>]+>", " ", short, flags=re.DOTALL)
    danish = f"{expected:,.1f}".translate(str.maketrans(",.", ".,"))
    written = set(re.findall(r"\d[\d.,]*\d|\d", said))
    written -= set(re.findall(r"(\d+)\s%", said))
    shown = {f"{value:.2f}".replace(".", ",") for value in (low, high)}
    difference = f"{abs(observed - expected):.0f}"
    # Grades: how many, and that 1 grants fewest.
    known = {"2006", "2007", "98", "1", "3", *map(str, rank), *shown, danish, difference}
    assert written <= {*known, str(observed)}
    assert {str(observed), danish, *shown, *map(str, rank)} <= written


def test_an_unreported_year_is_said_where_it_matters(tmp_path: Path) -> None:
    path = fabricate(tmp_path / "benchmark.duckdb", main_only=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "CREATE OR REPLACE TABLE result.completeness AS SELECT"
            f" '{RUN_ID}' AS run_id, '219' AS municipality_code, 2007 AS year, 0 AS n_register,"
            " 61 AS n_dream, 0.0 AS coverage, 0.0 AS coverage_low, 0.06 AS coverage_high,"
            " false AS is_reported, false AS is_in_quarantine, false AS is_suppressed,"
            " 1 AS first_unreported_month, 12 AS last_unreported_month"
        )
    build_report(path, tmp_path / "report", languages=("da",))
    page = (tmp_path / "report" / "kommune" / "219.html").read_text(encoding="utf-8")
    assert "januar–december 2007" in page
    assert "0 i registret mod 61 nye førtidspensioner" in page
    other = (tmp_path / "report" / "kommune" / "101.html").read_text(encoding="utf-8")
    assert "nye førtidspensioner" not in other


def test_a_release_without_the_later_tables_says_so(tmp_path: Path) -> None:
    path = fabricate(tmp_path / "benchmark.duckdb", main_only=True, later=False)
    build_report(path, tmp_path / "report", languages=("da",))
    page = (tmp_path / "report" / "kommune" / "461.html").read_text(encoding="utf-8")
    outline(page)
    assert page.count("Findes ikke i denne kørsel.") == 3
    assert "Opdelingen findes ikke i denne kørsel." in page
    explore = (tmp_path / "report" / "explore.html").read_text(encoding="utf-8")
    assert 'id="choose-diagnosis"' in explore
    assert 'id="choose-year"' not in explore
    assert 'id="choose-age"' not in explore


def test_same_release_same_pages(release: Path, site: dict[str, str], tmp_path: Path) -> None:
    build_report(release, tmp_path / "report", languages=("en",))
    for name in ("index.en.html", "explore.en.html", "kommune/825.en.html"):
        again = (tmp_path / "report" / name).read_text(encoding="utf-8")
        alone = re.sub(r'<p class="language">.*?</p>\n', "", site[name])
        assert again == alone
        assert unicodedata.is_normalized("NFC", again)
