"""Charts and the tile map: complete, honest limits, text as text, no outside resource."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from pipeline.codes import code_list
from reports.charts import large as charts
from reports.charts import tiles as tile_map
from reports.content.content import Content
from reports.content.near import layout
from reports.language.formatting import Numbers
from reports.told.map import key as map_key
from reports.told.ranking import outside
from reports.told.settings import words_for
from reports.told.telling import Telling


@pytest.fixture(scope="module")
def content(whole_content: Content) -> Content:
    return whole_content


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.7, 0.9, "low"), (0.9, 1.1, "within"), (1.1, 1.3, "high"), (None, None, "within")],
)
def test_direction(low: float | None, high: float | None, said: str) -> None:
    assert charts.direction(low, high) == said


@pytest.mark.parametrize("language", ["da", "en"])
def test_charts_carry_names_and_mark_as_text(content: Content, language: str) -> None:
    words, numbers = words_for(content.choices, language), Numbers(language)
    drawn = charts.caterpillar(content.main, content, words, numbers)
    funnel = charts.funnel(content.main, content, words, numbers)
    assert drawn
    assert funnel
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", drawn)
    assert {row.name for row in content.main.rows if row.odds is not None} <= set(texts)
    for svg in (drawn, funnel):
        assert words("mark.short") in re.findall(r"<text[^>]*>([^<]*)</text>", svg)
        assert 'role="img"' in svg
        assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
        assert set(re.findall(r'href="#([^"]+)"', svg)) <= set(re.findall(r'id="([^"]+)"', svg))
    assert drawn == charts.caterpillar(content.main, content, words, numbers)


def test_every_municipality_has_its_own_tile(content: Content) -> None:
    codes = set(code_list("municipality")["municipality_code"])
    places = {code: place[:2] for code, place in layout().items()}
    assert set(places) == codes
    assert len(set(places.values())) == 98
    at = {row.name: places[row.code] for row in content.main.rows}
    assert at["Hjørring"][1] < at["Aalborg"][1]
    assert at["Esbjerg"][0] < at["Odense"][0] < at["København"][0]
    assert at["Lolland"][1] > at["Helsingør"][1]
    pages = {code: f"{code}.html" for code in codes}
    key = map_key(Telling(content, "da"))
    drawn = tile_map.tile_map(content.main, Numbers("da"), "map", key, pages)
    assert set(re.findall(r'href="(\d+)\.html"', drawn)) == codes
    assert "<a " not in tile_map.tile_map(content.main, Numbers("da"), "map", key, {})
    assert all(f">{said}<" in drawn for said in (key.first, key.last, *key.classes))


def test_a_tile_tells_its_side_without_colour(content: Content) -> None:
    key = map_key(Telling(content, "da"))
    for row in content.main.rows:
        view = replace(content.main, rows=(row,))
        drawn = tile_map.tile_map(view, Numbers("da"), "map", key, {"x": "pages"})
        step = tile_map.tile_step(tile_map.tile_value(row))
        (bar,) = re.findall(r"M([\d.]+) [\d.]+h[\d.]+v4h", drawn) or [None]
        tile = drawn[: drawn.index('class="map-key"')]
        middle = re.search(r'<text x="([\d.]+)"', tile)
        assert middle
        patterns = re.findall(r"url\(#(\w+)-", tile)
        assert patterns == ([] if step == 3 else ["hatch"] if step < 3 else ["dots"])
        assert (bar is None) == (step == 3)
        if bar is not None:
            assert (float(bar) < float(middle[1])) == (step < 3)


def test_all_outside_the_outer_limits_are_named(content: Content) -> None:
    told = " ".join(block.text for block in outside(Telling(content, "da"), content.main))
    flagged = {row.name for row in content.main.rows if row.flag_998 in ("low", "high")}
    assert flagged
    assert all(name in told for name in flagged)


def test_tile_classes_are_symmetric_around_one() -> None:
    edges = tile_map.EDGES
    assert np.log(edges) == pytest.approx(-np.log(edges[::-1]))
