"""The page in a real browser: no error, no request, and every control does its work."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import duckdb
import pytest
from pypdf import PdfReader

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.slow

#: Points of every text that prints.
SMALLEST_PRINT = """() => {
  const seen = (one) => one.textContent.trim() && one.getClientRects().length;
  return Array.from(document.querySelectorAll("main *, header *"), (one) => one)
    .filter((one) => one.children.length === 0 && seen(one) && !one.closest("svg, .unseen"))
    .map((one) => parseFloat(getComputedStyle(one).fontSize) * 0.75);
}"""
#: Frames whose content goes on to the side without a sign.
UNSAID = """Array.from(document.querySelectorAll(".scroll")).filter((one) => one.offsetParent
  && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).overflowX === "auto"
  && !one.classList.contains("wider"))"""


@pytest.fixture(scope="module")
def report(report_site: Path) -> Path:
    return report_site


@pytest.fixture(params=[1280, 390], ids=["desktop", "phone"])
def page(request: pytest.FixtureRequest, browser: playwright.Browser) -> Iterator[playwright.Page]:
    """A page that fails its test on any console message, script error or request but for files."""
    opened = browser.new_page(viewport={"width": request.param, "height": 900})
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text))
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "request",
        lambda sent: faults.append(sent.url) if not sent.url.startswith("file:") else None,
    )
    yield opened
    opened.close()
    assert faults == []


def names(page: playwright.Page) -> list[str]:
    shown = page.locator("table.ranking tbody tr:not([hidden]) th")
    return [text.rstrip("†") for text in shown.all_text_contents()]


def no_wider_than_window(page: playwright.Page) -> bool:
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_front_page_sorts_searches_and_opens_a_municipality(
    page: playwright.Page, report: Path
) -> None:
    page.goto((report / "index.html").as_uri())
    assert no_wider_than_window(page)
    header = page.locator("table.ranking thead button", has_text="Kommune")
    header.focus()
    page.keyboard.press("Enter")
    assert names(page)[:3] == ["Albertslund", "Allerød", "Assens"]
    page.keyboard.press("Enter")
    assert names(page)[:3] == ["Aarhus", "Aalborg", "Aabenraa"]
    assert page.locator("th[aria-sort]").get_attribute("aria-sort") == "descending"
    page.locator("table.ranking thead button", has_text="Faktisk").first.click()
    cells = page.locator("table.ranking tbody td:nth-child(3)").all_text_contents()
    values = [int(text.replace(".", "")) for text in cells]
    assert values == sorted(values)
    search = page.get_by_label("Find kommune")
    for sought in ("ærø", "aeroe", "Aero", "ÆRØ", "492"):
        search.fill(sought)
        hits = page.locator("#find-list a").all_text_contents()
        assert len(hits) == 1, sought
        assert hits[0].startswith("Ærø 492"), sought
    search.fill("xyz")
    assert "Ingen kommune" in (page.locator("#find-status").text_content() or "")
    search.fill("kobenhavn")
    page.keyboard.press("Enter")
    page.wait_for_url("**/kommune/101.html")
    assert page.locator("h1").text_content().startswith("København")
    page.go_back()
    assert page.locator("h1").text_content().startswith("Førtidspension")


def test_the_search_is_few_tab_stops_away(page: playwright.Page, report: Path) -> None:
    page.goto((report / "index.html").as_uri())
    for _ in range(5):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "find":
            break
    assert page.evaluate("document.activeElement.id") == "find"


def test_a_figure_is_saved_with_mark_and_source(page: playwright.Page, report: Path) -> None:
    page.goto((report / "index.html").as_uri())
    for kind in ("svg", "png"):
        with page.expect_download() as started:
            page.locator(f".funnel [data-save={kind}]").click()
        assert started.value.suggested_filename == f"funnel-ANY-within.{kind}"
        content = Path(started.value.path()).read_bytes()
        if kind == "svg":
            assert "Kilde: Tildeling" in content.decode("utf-8")
            assert "SYNTETISKE DATA" in content.decode("utf-8")
        else:
            assert content.startswith(b"\x89PNG")


def test_a_tile_opens_its_municipality_by_keyboard(page: playwright.Page, report: Path) -> None:
    page.goto((report / "index.html").as_uri())
    page.locator(".tile-map a[aria-label^=Odense]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/kommune/461.html")
    assert no_wider_than_window(page)
    page.locator("main details summary >> nth=0").click()
    # Diagnosis, tenure, age, three by three, and every cell, which was folded.
    assert page.locator("table.heat >> visible=true").count() == 5
    page.locator(".onward a", has_text="Næste").click()
    assert page.locator("h1").text_content().startswith("Odsherred")


def test_explore_follows_the_choice_and_the_address_keeps_it(
    page: playwright.Page, browser: playwright.Browser, report: Path
) -> None:
    page.goto((report / "explore.html").as_uri())
    assert no_wider_than_window(page)
    assert len(names(page)) == 98
    before = page.locator("#explore-map").text_content()
    page.get_by_label("Udfald").select_option("FP")
    page.get_by_label("Model").select_option("conditions")
    page.get_by_label("Hoveddiagnose").select_option("mental")
    page.get_by_label("Anciennitet").select_option("none")
    assert page.locator("#explore-map").text_content() != before
    title = "Førtidspension · Sammensætning og rammebetingelser · 2006–2007 · Psykiske lidelser"
    for place in ("#caption-choice", "#map-choice", "#funnel-choice"):
        assert (page.locator(place).text_content() or "").startswith(title), place
    assert page.locator("#explore-table .only-whole").is_hidden()
    page.locator("#explore-table thead button", has_text="Forventet").first.click()
    page.locator("#explore-table thead button", has_text="Forventet").first.click()
    ordered = names(page)
    assert ordered[0] == "København"
    page.get_by_label("Søg kommune eller").fill("aeroe")
    assert names(page) == ["Ærø"]
    # A colleague opens the same address.
    other = browser.new_page()
    other.goto(page.url)
    assert names(other) == ["Ærø"]
    assert other.locator("#caption-choice").text_content().startswith(title)
    other.get_by_label("Søg kommune eller").fill("")
    assert names(other) == ordered
    other.close()
    # To the municipality and back again.
    page.locator("#explore-table tbody a").click()
    assert page.locator("h1").text_content().startswith("Ærø")
    page.go_back()
    assert names(page) == ["Ærø"]
    assert page.get_by_label("Hoveddiagnose").input_value() == "mental"
    # Back once more undoes a choice, not all of them.
    page.go_back()
    assert page.get_by_label("Anciennitet").input_value() == ""
    assert page.get_by_label("Hoveddiagnose").input_value() == "mental"


def test_explore_has_little_to_read_and_draw(browser: playwright.Browser, report: Path) -> None:
    """What the page costs to open (``docs/walks.md`` has the time) follows from these."""
    opened = browser.new_page()
    opened.goto((report / "explore.html").as_uri())
    assert (report / "explore.html").stat().st_size < 2_550_000
    # A row of the table, a tile and a point of the funnel for each municipality.
    assert opened.evaluate("document.querySelectorAll('*').length") < 98 * 36
    assert opened.evaluate("performance.getEntriesByType('resource').length") == 0
    # Parts are unpacked when they are chosen, not before.
    packed = opened.evaluate(
        "Object.values(JSON.parse(document.getElementById('data').textContent).cells)"
        ".map(view => typeof view.o)"
    )
    assert set(packed) == {"string"}
    opened.close()


def test_one_cut_at_a_time(page: playwright.Page, report: Path) -> None:
    page.goto((report / "explore.html").as_uri() + "#alder=18-24&aar=2007&udfald=nonsense")
    assert page.get_by_label("Periode").input_value() == "2007"
    assert page.get_by_label("Alder").input_value() == ""
    assert page.get_by_label("Udfald").input_value() == "ANY"
    page.get_by_label("Alder").select_option("25-29")
    assert page.get_by_label("Periode").input_value() == ""
    assert "taget af" in (page.locator("#reset-note").text_content() or "")
    page.get_by_role("button", name="Nulstil").click()
    assert page.get_by_label("Alder").input_value() == ""
    assert page.locator("#explore-table .only-whole").first.is_visible()


def test_explore_shows_every_place_by_diagnosis_and_the_published_number_of_the_country(
    page: playwright.Page, report: Path, whole_release: Path
) -> None:
    """Practice is there where the count is hidden; what is said of the country is no sum."""
    page.goto((report / "explore.html").as_uri() + "#diagnose=neoplasm")
    assert page.locator("#explore-map a.shown").count() == 98
    n_hidden = page.locator("#explore-table tbody td:nth-child(3):has(.unseen)").count()
    assert 0 < n_hidden < 98
    said = page.locator("#summary").text_content() or ""
    assert said.endswith(f"I {n_hidden} kommuner vises antallet ikke.")
    told = re.search(r"Svulster: ([\d.]+) faktiske mod", said)
    assert told
    with duckdb.connect(str(whole_release), read_only=True) as connection:
        (kept,) = connection.execute(
            "SELECT observed FROM result.practice_profile_area WHERE outcome = 'ANY'"
            " AND model = 'within' AND area = 'Danmark' AND level = 'neoplasm'"
        ).fetchone()
        (n_shown,) = connection.execute(
            "SELECT count(*) FROM result.breakdown_main WHERE outcome = 'ANY'"
            " AND model = 'within' AND diagnosis_main = 'other' AND tenure_main = 'over_2'"
            " AND NOT is_suppressed"
        ).fetchone()
    assert told[1].replace(".", "") == str(kept)
    page.get_by_label("Hoveddiagnose").select_option("main-other")
    page.get_by_label("Anciennitet").select_option("main-over_2")
    assert page.locator("#explore-table th.only-level").is_hidden()
    assert n_shown > 0
    assert page.locator("#explore-map a.shown").count() == n_shown


def test_explore_shows_the_published_numbers(
    page: playwright.Page, browser: playwright.Browser, report: Path
) -> None:
    page.goto((report / "explore.html").as_uri() + "#soeg=Odense")
    row = page.locator("#explore-table tbody tr").inner_text().replace("\n", " ")
    place = browser.new_page()
    place.goto((report / "kommune" / "461.html").as_uri())
    line = place.locator("table.results tbody >> nth=0").locator("tr >> nth=1")
    observed, expected = line.locator("td").all_text_contents()[:2]
    rank = (line.locator("td >> nth=4").text_content() or "").strip()
    place.close()
    assert f"{observed}\t{expected}\t" in row
    assert rank in row
    with page.expect_download() as started:
        page.get_by_role("link", name="Hent tallene").click()
    assert started.value.suggested_filename == "kommuner-SYNTETISKE-DATA.csv"
    lines = Path(started.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].startswith('"kode";"kommune"') or lines[0].startswith("kode;kommune")
    assert lines[1].startswith(f'"461";"Odense";"Syddanmark";{observed};')
    assert lines[1].endswith('"SYNTETISKE DATA"')
    assert len(lines) == 2


def test_a_jump_on_explore_leaves_the_choice(page: playwright.Page, report: Path) -> None:
    page.goto((report / "explore.html").as_uri() + "#diagnose=mental")
    chosen = page.locator("#caption-choice").text_content()
    for link, place in (("Tabel", "table-title"), ("Med andres praksis", "another-title")):
        page.locator(".jump").get_by_role("link", name=link).click()
        assert page.evaluate("document.activeElement.id") == place
        assert page.url.endswith("#diagnose=mental")
        assert page.locator("#caption-choice").text_content() == chosen


def test_explore_answers_another_practice(
    page: playwright.Page, report: Path, whole_release: Path
) -> None:
    """Every area and practice has the published numbers, or a sentence that there are none."""
    page.goto((report / "explore.html").as_uri())
    with duckdb.connect(str(whole_release), read_only=True) as connection:
        published = connection.execute(
            "SELECT area_code, standard, outcome, grants_now, grants_if, grants_change_low,"
            " persons_change, net_kroner_change / 1e6"
            " FROM result.what_if LEFT JOIN result.what_if_cost"
            " USING (run_id, outcome, standard, area_code)"
            " WHERE area_code IN ('000', '461') AND outcome = 'FP'"
        ).fetchall()

    def read(text: str) -> float:
        return float(text.replace(".", "").replace(",", ".").replace("\u2212", "-"))

    assert {row[0] for row in published} == {"000", "461"}
    n_told = 0
    for area, standard, _, now, then, low, persons, millions in published:
        page.get_by_label("Kommune", exact=True).select_option(area)
        page.get_by_label("Praksis", exact=True).select_option(standard)
        row = page.locator("#another-table tbody tr", has_text="Førtidspension").last
        if not page.locator("#another-table tbody tr").count():
            assert page.locator("#another-none").is_visible()
            continue
        n_told += 1
        cells = row.locator("td").all_text_contents()
        first = [read(text.split(" ")[0]) for text in cells[: 3 if persons is None else 5]]
        assert first[:3] == pytest.approx([now, then, then - now], abs=0.051)
        assert read(cells[2].split("(")[1].split(" til ")[0]) == pytest.approx(low, abs=0.051)
        if persons is not None:
            assert first[3] == pytest.approx(persons, abs=0.51)
            assert first[4] == pytest.approx(millions, abs=0.051)
    assert n_told >= 10
    assert no_wider_than_window(page)


@pytest.mark.parametrize("name", ["index.html", "kommune/461.html"])
def test_prints_without_controls(browser: playwright.Browser, report: Path, name: str) -> None:
    opened = browser.new_page()
    opened.goto((report / name).as_uri())
    opened.emulate_media(media="print")
    assert opened.locator(".find >> visible=true").count() == 0
    assert opened.locator(".contents >> visible=true").count() == 0
    assert opened.locator(".band").is_visible()
    assert opened.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    opened.close()


@pytest.mark.parametrize("code", ["101", "461", "825"], ids=["largest", "large", "smallest"])
def test_a_municipality_prints_on_two_pages(
    browser: playwright.Browser, report: Path, code: str
) -> None:
    opened = browser.new_page()
    opened.goto((report / "kommune" / f"{code}.html").as_uri())
    opened.emulate_media(media="print")
    pages = PdfReader(BytesIO(opened.pdf(prefer_css_page_size=True))).pages
    sizes = opened.evaluate(SMALLEST_PRINT)
    opened.close()
    assert len(pages) == 2
    # 595 by 842 points: A4.
    assert [round(side) for side in pages[0].mediabox[2:]] == [595, 842]
    assert "Tre spørgsmål til jobcentret" in pages[0].extract_text()
    assert "Forbehold for netop denne kommune" in pages[1].extract_text()
    assert min(sizes) >= 6


def test_what_goes_on_to_the_side_says_so(page: playwright.Page, report: Path) -> None:
    for name in ("country.html", "kommune/461.html", "method.html"):
        page.goto((report / name).as_uri())
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
        page.wait_for_function(UNSAID + ".length === 0")
        n_wide = page.evaluate("document.querySelectorAll('.scroll.wider').length")
        assert n_wide > 0 or page.viewport_size["width"] > 1000
        said = "getComputedStyle(document.querySelector('.scroll.wider'), '::before').content"
        assert not n_wide or "rul" in page.evaluate(said)


def test_without_javascript_the_numbers_are_there(
    browser: playwright.Browser, report: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto((report / "index.html").as_uri())
    assert opened.locator("table.ranking tbody tr >> visible=true").count() == 98
    assert opened.locator(".find >> visible=true").count() == 0
    opened.goto((report / "explore.html").as_uri())
    assert "kræver JavaScript" in (opened.locator("main").inner_text())
    context.close()


def test_the_front_page_is_soon_ready(browser: playwright.Browser, report: Path) -> None:
    """In seconds of the processor: the clock tells what else the machine does."""
    opened = browser.new_page()
    session = opened.context.new_cdp_session(opened)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    opened.goto((report / "index.html").as_uri())
    listed = session.send("Performance.getMetrics")["metrics"]
    assert 0 < next(one["value"] for one in listed if one["name"] == "TaskDuration") < 2
    assert (report / "index.html").stat().st_size < 2_000_000
    opened.close()
