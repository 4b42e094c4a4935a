"""Numbers, dates and alphabetical order as Danish and English readers write them."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.codes import code_list
from reports.language.formatting import MISSING, Numbers, danish_order

DA, EN = Numbers("da"), Numbers("en")


@pytest.mark.parametrize(
    ("value", "decimals", "danish", "english"),
    [
        (1234.5, 1, "1.234,5", "1,234.5"),
        (33500, 0, "33.500", "33,500"),
        (-0.04, 1, "0,0", "0.0"),
        (-1234.56, 1, "−1.234,6", "−1,234.6"),
        (None, 1, MISSING, MISSING),
        (float("nan"), 1, MISSING, MISSING),
        (float("inf"), 1, MISSING, MISSING),
    ],
)
def test_number(value: float | None, decimals: int, danish: str, english: str) -> None:
    assert DA.number(value, decimals) == danish
    assert EN.number(value, decimals) == english


def test_signs_shares_and_intervals() -> None:
    assert DA.percent(0.441) == "44\u00a0%"
    assert EN.percent(0.441, 1) == "44.1%"
    assert DA.signed(3.25) == "+3,3"
    assert DA.number(0.615, 2) == "0,62"  # 0.61499... as a binary number
    assert DA.number(-0.125, 2) == "−0,13"
    assert DA.signed(-3.0) == "−3,0"
    assert DA.signed(0.001) == "0,0"
    assert DA.interval(0.8, 1.25) == "0,80–1,25"
    assert DA.interval(None, 1.25) == MISSING
    assert DA.interval(-2.0, 3.0, 0) == "−2 – 3"


def test_moment_is_danish_time_in_summer_and_winter() -> None:
    assert DA.moment(datetime(2026, 11, 22, 1, 4)) == "22. november 2026 kl. 02.04"
    assert EN.moment(datetime(2026, 7, 1, 22, 30)) == "2 July 2026 at 00:30"
    assert DA.moment(None) == MISSING


def test_years() -> None:
    assert DA.years((2006, 2007)) == "2006–2007"
    assert DA.years((2006, 2008)) == "2006, 2008"
    assert DA.years((2006,)) == "2006"


@given(st.floats(-1e9, 1e9), st.integers(0, 3))
def test_danish_and_english_differ_in_signs_only(value: float, decimals: int) -> None:
    swapped = EN.number(value, decimals).translate(str.maketrans(",.", ".,"))
    assert DA.number(value, decimals) == swapped


def test_danish_order_puts_the_three_letters_last() -> None:
    names = [
        "Aarhus",
        "Ærø",
        "Øster",
        "Zealand",
        "Aabenraa",
        "Assens",
        "Århus",
        "Hørsholm",
        "Hvide",
    ]
    assert sorted(names, key=danish_order) == [
        *("Assens", "Hvide", "Hørsholm", "Zealand", "Ærø", "Øster"),
        *("Aabenraa", "Aarhus", "Århus"),
    ]


def test_municipalities_in_danish_order() -> None:
    names = sorted(code_list("municipality")["municipality_name"], key=danish_order)
    assert names[0] == "Albertslund"
    assert names[-4:] == ["Ærø", "Aabenraa", "Aalborg", "Aarhus"]
    assert names.index("Faaborg-Midtfyn") > names.index("Furesø")
