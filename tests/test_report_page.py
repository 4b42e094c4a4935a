"""The pages: whole, offline, escaped, marked, and put in place together."""

from __future__ import annotations

import re
import shutil
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
from reports.site import render

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
def site(report_site: Path) -> dict[str, str]:
    names = {str(path.relative_to(report_site)) for path in report_site.rglob("*.*")}
    assert len(names) == 2 * (10 + 98)
    assert all((report_site / name).stat().st_size < 3_500_000 for name in names)
    return {name: (report_site / name).read_text(encoding="utf-8") for name in sorted(names)}


def danish_pages(release: Path, folder: Path) -> dict[str, str]:
    """Return the Danish pages of ``release``, written into ``folder``."""
    (front,) = build_report(release, folder, languages=("da",))
    assert front.name == "index.html"
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in folder.rglob("*.html")
    }


@pytest.fixture(scope="module")
def bare_site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pages of a release that lacks every number that may be missing."""
    folder = tmp_path_factory.mktemp("bare")
    bare = fabricate(folder / "benchmark.duckdb", bare=True, main_only=True)
    return danish_pages(bare, folder / "report")


@pytest.fixture(scope="module")
def spoiled_site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Pages of a release with hostile names, numbers behind what is hidden, an unreported year."""
    folder = tmp_path_factory.mktemp("spoiled")
    path = fabricate(folder / "benchmark.duckdb", main_only=True)
    with duckdb.connect(str(path)) as connection:
        for table, column in (("benchmark", "municipality_name"), ("run", "code_version")):
            where = "WHERE municipality_code = '101'" if table == "benchmark" else ""
            connection.execute(f"UPDATE result.{table} SET {column} = ? {where}", [HOSTILE])
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
        connection.execute(
            "CREATE OR REPLACE TABLE result.completeness AS SELECT"
            f" '{RUN_ID}' AS run_id, '219' AS municipality_code, 2007 AS year, 0 AS n_register,"
            " 61 AS n_dream, 0.0 AS coverage, 0.0 AS coverage_low, 0.06 AS coverage_high,"
            " false AS is_reported, false AS is_in_quarantine, false AS is_suppressed,"
            " 1 AS first_unreported_month, 12 AS last_unreported_month"
        )
    return danish_pages(path, folder / "report")


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


def test_hostile_municipality_and_run_are_inert(spoiled_site: dict[str, str]) -> None:
    assert "index.en.html" not in spoiled_site["index.html"]
    for name, text in spoiled_site.items():
        outline(text)
        assert "<script>alert" not in text, name
        assert "<img" not in text, name


def test_nothing_missing_is_printed_as_a_number(
    site: dict[str, str], bare_site: dict[str, str]
) -> None:
    assert 2 * len(bare_site) == len(site)
    for page in [*site.values(), *bare_site.values()]:
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
    built = danish_pages(path, tmp_path / "report")
    assert "intet facit at måle sig med" in built["method.html"]
    for name, page in built.items():
        if name.startswith("dictionary"):
            continue  # It says what the column is_synthetic means.
        assert "SYNTETISKE" not in page, name


def test_suppressed_values_never_reach_a_page(spoiled_site: dict[str, str]) -> None:
    assert len(spoiled_site) == 108
    for name, page in spoiled_site.items():
        assert "7654321" not in re.sub(r"[.,\s]", "", page), name


def test_disclosure_control_off_is_said_everywhere(
    pages: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The pages of municipalities are not looked at, and take most of the time.
    monkeypatch.setattr(render, "municipalities", lambda _: iter(()))
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


def test_a_rank_is_never_bare(pages: dict[str, str], bare_site: dict[str, str]) -> None:
    cells = re.findall(r"<td data-v=\"\d+\">(\d+ <span.*?)</td>", pages["index.html"])
    assert len(cells) == 98
    assert all(re.search(r"\(\d+–\d+\)", cell) for cell in cells)
    assert not re.search(r"<td data-v=\"\d+\">\d+ <span", bare_site["index.html"])


def test_a_failure_leaves_the_earlier_report(
    report_site: Path, main_release: Path, tmp_path: Path
) -> None:
    out = tmp_path / "site" / "report"
    shutil.copytree(report_site, out)
    before = {path: path.read_bytes() for path in out.rglob("*.html")}
    with pytest.raises(StorageError):
        build_report(tmp_path / "none.duckdb", out)
    with pytest.raises(SettingsError, match="sv"):
        build_report(main_release, out, languages=("sv",))
    assert {path: path.read_bytes() for path in out.rglob("*.html")} == before
    assert [path.name for path in out.parent.iterdir()] == ["report"]


def test_a_place_page_says_what_the_tables_say(site: dict[str, str], whole_release: Path) -> None:
    with duckdb.connect(str(whole_release), read_only=True) as connection:
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


def test_an_unreported_year_is_said_where_it_matters(spoiled_site: dict[str, str]) -> None:
    page = spoiled_site["kommune/219.html"]
    assert "januar–december 2007" in page
    assert "0 i registret mod 61 nye førtidspensioner" in page
    assert "nye førtidspensioner" not in spoiled_site["kommune/101.html"]


def test_a_release_without_the_later_tables_says_so(tmp_path: Path) -> None:
    path = fabricate(tmp_path / "benchmark.duckdb", main_only=True, later=False)
    built = danish_pages(path, tmp_path / "report")
    page = built["kommune/461.html"]
    outline(page)
    assert page.count("Findes ikke i denne kørsel.") == 3
    assert "Opdelingen findes ikke i denne kørsel." in page
    assert 'id="choose-diagnosis"' in built["explore.html"]
    assert 'id="choose-year"' not in built["explore.html"]
    assert 'id="choose-age"' not in built["explore.html"]


def test_same_release_same_pages(whole_release: Path, site: dict[str, str], tmp_path: Path) -> None:
    build_report(whole_release, tmp_path / "report", languages=("en",))
    for name in ("index.en.html", "explore.en.html", "kommune/825.en.html"):
        again = (tmp_path / "report" / name).read_text(encoding="utf-8")
        alone = re.sub(r'<p class="language">.*?</p>\n', "", site[name])
        assert again == alone
        assert unicodedata.is_normalized("NFC", again)
