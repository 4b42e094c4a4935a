"""What a municipality is: reform, neighbours and similar ones, by hand."""

from __future__ import annotations

import pandas as pd

from pipeline.codes import code_list
from pipeline.descriptives.municipality import (
    conditions_wide,
    municipality_table,
    neighbours,
    similar,
)

CODES = list(code_list("municipality")["municipality_code"])


def conditions(**values: tuple[float, ...]) -> pd.DataFrame:
    rows = [(code, f"c{i}", v) for code, of in values.items() for i, v in enumerate(of)]
    return pd.DataFrame(rows, columns=["municipality_code", "condition", "standardised"])


def test_neighbours_touch_on_the_map_and_islands_have_some() -> None:
    assert neighbours("461", ["461", "440", "450", "101"]) == ("450", "440", "101")
    assert neighbours("999", CODES) == ()
    for code in CODES:
        codes = neighbours(code, CODES)
        assert len(codes) >= 3
        assert code not in codes


def test_similar_conditions_are_nearest_by_distance() -> None:
    wide = conditions_wide(conditions(a=(0, 0), b=(3, 4), c=(0, 1), d=(0.0,)))
    assert similar("a", ["a", "b", "c", "d"], wide) == ("c", "b")
    assert similar("d", ["a", "b", "c", "d"], wide) == ()
    assert similar("a", ["a", "b"], wide) == ("b",)


def test_the_table_has_every_municipality_with_its_reform() -> None:
    table = municipality_table(CODES, conditions())
    assert list(table["municipality_code"]) == CODES
    merged = table.set_index("municipality_name")["is_merged"]
    # Bornholm had been merged in 2003.
    assert not merged["Bornholm"]
    assert not merged["København"]
    assert not merged["Odense"]
    assert merged["Faaborg-Midtfyn"]
    former = table.set_index("municipality_name")["former_municipalities"]
    assert former["Nyborg"] == "Nyborg, Ullerslev, Ørbæk"
    assert set(table["similar_municipalities"]) == {""}
