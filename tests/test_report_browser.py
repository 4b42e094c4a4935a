"""The page in a real browser: no error, no request, and every control does its work."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fabricated_release import fabricate

from reports import build_report

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
AXE = Path(__file__).parent.parent / ".venv" / "axe" / "axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    return build_report(fabricate(folder / "benchmark.duckdb"), folder / "report")[0]


@pytest.fixture(scope="module")
def browser() -> Iterator[playwright.Browser]:
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield running
        running.close()


@pytest.fixture(params=[1280, 390], ids=["desktop", "phone"])
def page(
    request: pytest.FixtureRequest, browser: playwright.Browser, report: Path
) -> Iterator[playwright.Page]:
    opened = browser.new_page(viewport={"width": request.param, "height": 900})
    faults: list[str] = []
    opened.on("console", lambda message: faults.append(message.text))
    opened.on("pageerror", lambda error: faults.append(str(error)))
    opened.on(
        "request",
        lambda sent: faults.append(sent.url) if not sent.url.startswith("file:") else None,
    )
    opened.goto(report.as_uri())
    yield opened
    opened.close()
    assert faults == []


def first_names(page: playwright.Page, count: int = 3) -> list[str]:
    names = page.locator(".view:not([hidden]) table.ranking tbody tr:not([hidden]) th")
    return [text.rstrip("†") for text in names.all_text_contents()[:count]]


def test_nothing_is_wider_than_the_window(page: playwright.Page) -> None:
    wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert wide <= window


def test_sort_by_keyboard(page: playwright.Page) -> None:
    header = page.locator(".view:not([hidden]) table.ranking thead button", has_text="Kommune")
    header.focus()
    page.keyboard.press("Enter")
    assert first_names(page) == ["Albertslund", "Allerød", "Assens"]
    page.keyboard.press("Enter")
    assert first_names(page) == ["Aarhus", "Aalborg", "Aabenraa"]
    sorted_by = page.locator(".view:not([hidden]) th[aria-sort]")
    assert sorted_by.count() == 1
    assert sorted_by.get_attribute("aria-sort") == "descending"


def test_sort_by_number_is_numeric(page: playwright.Page) -> None:
    page.locator(".view:not([hidden]) table.ranking thead button", has_text="Faktisk").first.click()
    cells = page.locator(".view:not([hidden]) table.ranking tbody td:nth-child(3)")
    values = [int(text.replace(".", "")) for text in cells.all_text_contents()]
    assert values == sorted(values)


def test_search_finds_danish_letters(page: playwright.Page) -> None:
    page.get_by_label("Søg kommune").fill("ærø")
    assert first_names(page) == ["Ærø"]
    assert page.locator("#search-found").text_content() == "1 af 98 kommuner vist"
    page.get_by_label("Søg kommune").fill("xyz")
    assert "Ingen kommune" in (page.locator("#search-found").text_content() or "")


def test_choice_of_outcome_changes_every_view_and_the_address(page: playwright.Page) -> None:
    page.get_by_role("radio", name="Fleksjob", exact=True).check(force=True)
    shown = page.locator("[data-view]:not([hidden])")
    assert {view.get_attribute("data-view") for view in shown.all()} == {"FJ-within"}
    assert "udfald=FJ" in page.url
    page.reload()
    assert page.get_by_role("radio", name="Fleksjob", exact=True).is_checked()


def test_choose_a_municipality(page: playwright.Page) -> None:
    page.get_by_label("Vælg kommune").select_option(label="Ærø")
    assert "Ærø" in (page.locator("#municipality-table caption").text_content() or "")
    assert page.locator("#municipality-table tbody tr").count() == 11
    hidden = page.locator("#municipality-table td.hidden-count b")
    assert hidden.count() > 0
    assert set(hidden.all_text_contents()) == {".."}
    assert "kommune=492" in page.url


def test_a_tile_opens_its_municipality_and_back_returns(page: playwright.Page) -> None:
    tile = page.locator(".view:not([hidden]) .map a", has_text="Odense")
    tile.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#municipality-choice').value === '461'")
    assert "Odense" in (page.locator("#municipality-summary").text_content() or "")
    page.go_back()
    assert "kommune" not in page.url


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed; .ci/run installs it")
def test_axe_finds_no_fault(page: playwright.Page) -> None:
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document)")
    assert len(found["passes"]) > 30
    faults = [
        f"{rule['id']}: {node['html'][:120]}"
        for rule in found["violations"]
        for node in rule["nodes"][:3]
    ]
    assert faults == []


def test_prints_one_view_and_its_mark(browser: playwright.Browser, report: Path) -> None:
    opened = browser.new_page()
    opened.goto(report.as_uri())
    opened.emulate_media(media="print")
    assert opened.locator(".choices").first.is_hidden()
    assert opened.locator("table.ranking >> visible=true").count() == 1
    assert opened.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    opened.close()


def test_without_javascript_everything_is_there(browser: playwright.Browser, report: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    opened = context.new_page()
    opened.goto(report.as_uri())
    assert opened.locator("table.ranking >> visible=true").count() == 6
    assert opened.locator(".choices >> visible=true").count() == 0
    context.close()
