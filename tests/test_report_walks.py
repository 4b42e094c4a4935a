"""Tasks of a commission's secretary, walked in a real browser and counted.

Each starts on the front page. An interaction is a click, a choice, or a search with Enter; a
scrolled screen is a window's height moved before what is sought can be seen. The counts are those
of the table in ``docs/walks.md``: a page that gets longer, or a way that gets longer, is told here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

HEIGHT = 900
WIDTHS = {"desktop": 1280, "phone": 390}
MOST_INTERACTIONS = 2
TABLE = Path(__file__).parent.parent / "docs" / "walks.md"


class Walk:
    """A walk over the pages of ``site`` that counts interactions and scrolled screens."""

    def __init__(self, page: Any, site: Path) -> None:
        self.page, self.interactions, self.screens = page, 0, 0
        page.goto((site / "index.html").as_uri())

    def see(self, place: Any) -> str:
        """Scroll until the top of ``place`` and 60 pixels of it are in the window; its text."""
        top = place.bounding_box()["y"]
        step = math.ceil(max(top + 60 - HEIGHT, 0) / HEIGHT)
        self.screens += step
        self.page.evaluate(f"scrollBy({{top: {step * HEIGHT}, behavior: 'instant'}})")
        assert place.is_visible()
        return " ".join(place.inner_text().split())

    def click(self, place: Any) -> None:
        """Scroll to ``place`` and click it."""
        self.see(place)
        place.click()
        self.interactions += 1

    def search(self, text: str) -> None:
        """Search for ``text`` in the head of the page and press Enter."""
        sought = self.page.get_by_label("Find kommune")
        self.see(sought)
        sought.fill(text)
        sought.press("Enter")
        self.interactions += 1
        self.page.wait_for_load_state()


def country(walk: Walk) -> None:
    """What does the report find of the country?"""
    assert len(walk.page.locator("#out .key li").all()) == 3
    assert re.search(r"\d", walk.see(walk.page.locator("#out .key li").last))


def verdict(walk: Walk) -> None:
    """Where does my municipality lie, and how sure is it?"""
    walk.search("odense")
    said = walk.see(walk.page.locator("#short .first"))
    assert re.search(r"Kommunen tilkender .*(sandsynlighed|næsten sikkert)", said)


def why(walk: Walk) -> None:
    """Why?"""
    walk.search("odense")
    assert walk.see(walk.page.locator("#why li").first)


def take(walk: Walk) -> None:
    """What can I take along to the meeting?"""
    walk.search("odense")
    link = walk.page.get_by_role("link", name="Tag med")
    walk.see(link)
    assert link.get_attribute("href") == "461.pdf"
    walk.interactions += 1


def slide(walk: Walk) -> None:
    """A chart for a slide."""
    with walk.page.expect_download() as started:
        walk.click(walk.page.locator("#map [data-save=png]"))
    assert started.value.suggested_filename.endswith(".png")


def compare(walk: Walk) -> None:
    """Two municipalities side by side."""
    walk.search("odense, aarhus")
    rows = walk.page.locator("#explore-table tbody th")
    walk.see(walk.page.locator("#explore-table tbody tr").first)
    assert sorted(rows.all_inner_texts()) == ["Aarhus", "Odense"]


def code(walk: Walk) -> None:
    """A municipality by its code."""
    walk.search("461")
    assert walk.see(walk.page.locator("h1")).startswith("Odense")


TASKS: dict[str, Callable[[Walk], None]] = {
    function.__name__: function for function in (country, verdict, why, take, slide, compare, code)
}


@pytest.fixture(scope="module", params=WIDTHS, ids=str)
def window(request: pytest.FixtureRequest, browser: Any) -> Iterator[tuple[str, Any]]:
    opened = browser.new_page(viewport={"width": WIDTHS[request.param], "height": HEIGHT})
    yield request.param, opened
    opened.close()


def listed(width: str) -> dict[str, tuple[int, int]]:
    """Return interactions and screens of each task as the table says."""
    column = 3 + 2 * list(WIDTHS).index(width)
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in TABLE.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `")
    ]
    return {row[0].strip("`"): (int(row[column - 1]), int(row[column])) for row in rows}


@pytest.mark.parametrize("task", TASKS)
def test_a_task_takes_no_more_steps_than_the_table_says(
    window: tuple[str, Any], report_site: Path, task: str
) -> None:
    name, page = window
    walk = Walk(page, report_site)
    TASKS[task](walk)
    interactions, screens = listed(name)[task]
    assert walk.interactions == interactions <= MOST_INTERACTIONS
    assert walk.screens <= screens


def test_the_table_has_every_task() -> None:
    assert set(listed("desktop")) == set(listed("phone")) == set(TASKS)


def test_the_front_page_is_short(browser: Any, report_site: Path) -> None:
    opened = browser.new_page(viewport={"width": 1280, "height": HEIGHT})
    opened.goto((report_site / "index.html").as_uri())
    assert opened.evaluate("document.documentElement.scrollHeight") < 12 * HEIGHT
    opened.close()
    assert (report_site / "index.html").stat().st_size < 350_000
