"""Charts and the tile map: complete, honest limits, text as text, no outside resource."""

from __future__ import annotations

import re

import numpy as np
import pytest
from fabricated_release import fabricate
from scipy import stats

from pipeline.codes import code_list
from reports.charts import large as charts
from reports.charts import tiles as tile_map
from reports.content.assemble import content_from
from reports.content.content import Content
from reports.content.read import read_tables
from reports.language.formatting import Numbers
from reports.told.settings import words_for


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Content:
    return content_from(read_tables(fabricate(tmp_path_factory.mktemp("release") / "b.duckdb")))


@pytest.mark.parametrize("expected", [8.0, 40.0, 400.0])
@pytest.mark.parametrize("level", [0.95, 0.998])
def test_funnel_limits_hold_their_level_up_to_one_count(expected: float, level: float) -> None:
    low, high = (end[0] * expected for end in charts.funnel_limits(np.array([expected]), level))
    tail = (1 - level) / 2
    assert abs(low - stats.poisson.ppf(tail, expected)) <= 1
    assert abs(high - stats.poisson.ppf(1 - tail, expected)) <= 1


def test_funnel_limits_narrow_and_never_go_below_zero() -> None:
    low, high = charts.funnel_limits(np.geomspace(0.5, 5000, 40), 0.95)
    assert (np.diff(high - low)[8:] < 0).all()
    assert (low >= 0).all()


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
        assert "http" not in svg
        assert set(re.findall(r'href="#([^"]+)"', svg)) <= set(re.findall(r'id="([^"]+)"', svg))
    assert drawn == charts.caterpillar(content.main, content, words, numbers)


def test_every_municipality_has_its_own_tile(content: Content) -> None:
    tiles = tile_map.tiles(content.main)
    assert {tile.code for tile in tiles} == set(code_list("municipality")["municipality_code"])
    assert len({(tile.column, tile.row) for tile in tiles}) == 98
    names = {tile.name: tile for tile in tiles}
    assert names["Hjørring"].row < names["Aalborg"].row
    assert names["Esbjerg"].column < names["Odense"].column < names["København"].column
    assert names["Lolland"].row > names["Helsingør"].row


def test_tile_classes_are_symmetric_around_one() -> None:
    edges = tile_map.EDGES
    assert np.log(edges) == pytest.approx(-np.log(edges[::-1]))
