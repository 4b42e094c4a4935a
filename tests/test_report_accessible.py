"""axe-core finds nothing on any kind of page, wide or narrow, with everything unfolded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest

pytestmark = pytest.mark.slow

DESKTOP = 1280
AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
#: One of each kind; a municipality with few grants beside a large one.
PAGES = (
    *("index.html", "country.html", "practice.html", "years.html", "courses.html"),
    *(
        "explore.html",
        "guide.html",
        "method.html",
        "quality.html",
        "dictionary.html",
        "kommune/461.html",
        "kommune/825.html",
    ),
)
#: Cells, tiles and entries of a kind are alike: the first stand for all, in a tenth of the time.
#: A row stays whose cells are of a kind, by tags, classes and styles, seen less than twice before.
ALIKE = (
    "const kind = (cell) => [cell, ...cell.querySelectorAll('*')].map((one) => one.tagName"
    " + ' ' + one.getAttribute('class') + ' ' + one.getAttribute('style')).join();"
    "for (const body of document.querySelectorAll('tbody')) {"
    " const seen = {};"
    " for (const row of [...body.rows]) {"
    "  const kinds = [...row.cells].map(kind);"
    "  if (kinds.every((one) => seen[one] > 1)) row.remove();"
    "  else for (const one of kinds) seen[one] = (seen[one] || 0) + 1;"
    " }"
    "}"
    "for (const half of document.querySelectorAll('.tile-map > g:not(.map-key)'))"
    " for (const tile of [...half.children].slice(6)) tile.remove();"
    "for (const list of document.querySelectorAll('.place-list'))"
    " for (const one of [...list.children].slice(3)) one.remove();"
    "for (const table of [...document.querySelectorAll('table.dictionary')].slice(8))"
    " table.closest('.scroll').remove();"
)
#: Whose colours are looked at on a phone too: a narrow page gives table heads their own background,
#: the same on each, and nothing else a colour.
COLOURED_ON_PHONES = ("index.html", "kommune/461.html")
UNFOLDED = "for (const fold of document.querySelectorAll('details')) fold.open = true"


@pytest.fixture(scope="module")
def page(browser: Any) -> Iterator[Any]:
    opened = browser.new_page()
    yield opened
    opened.close()


@pytest.mark.parametrize("width", [DESKTOP, 390], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_fault(page: Any, report_site: Path, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto((report_site / name).as_uri())
    page.evaluate(UNFOLDED)
    page.evaluate(f"() => {{ {ALIKE} }}")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    has_colours = "true" if width == DESKTOP or name in COLOURED_ON_PHONES else "false"
    result = page.evaluate(
        "axe.run(document, {preload: false, resultTypes: ['violations'],"
        f" rules: {{'color-contrast': {{enabled: {has_colours}}}}}}})"
    )
    assert len(result["passes"]) > 20
    faults = [
        f"{rule['id']}: {node['html'][:120]}"
        for rule in result["violations"]
        for node in rule["nodes"][:3]
    ]
    assert faults == []
