"""Merged municipalities as the report tells them, of a fabricated release."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reports.content.content import Content
from reports.told.telling import Telling
from reports.told.years.former import former, former_name, own_former, sentence


@pytest.fixture(scope="module")
def told(main_content: Content) -> Telling:
    return Telling(main_content, "da")


def with_merged(told: Telling, **parts: object) -> Telling:
    followups = told.content.followups
    merged = replace(followups.merged, **parts)  # type: ignore[arg-type]
    return replace(told, content=replace(told.content, followups=replace(followups, merged=merged)))


def test_country_is_told_what_most_follow_and_how_far_parts_lie_apart(told: Telling) -> None:
    rules = told.content.followups.merged.rules
    sure = tuple(
        replace(row, p_commonest=0.97 if row.rule == "largest" else 0.01, joint_change_high=0.95)
        for row in rules
    )
    (section,) = former(with_merged(told, rules=sure))
    said = str(section.blocks)
    assert "tilkender som den største af sine dele" in said
    assert "fælles opstramning" in said
    unsure = tuple(replace(row, p_commonest=0.5, joint_change_high=1.5) for row in rules)
    (section,) = former(with_merged(told, rules=unsure))
    said = str(section.blocks)
    assert "det kan ikke afgøres, hvad de fleste af de tre følger" in said
    assert "kan ikke afgøres (" in said
    tables = [block for block in section.blocks if block.kind == "table"]
    assert next(row.head.text for row in tables[-1].bodies[0].rows) == "2002"


def test_spread_that_nothing_is_known_of_is_not_printed(told: Telling) -> None:
    spreads = tuple(
        replace(row, spread_low=0.02, spread_high=1.07)
        for row in told.content.followups.merged.spreads
    )
    (section,) = former(with_merged(told, spreads=spreads))
    tables = [block for block in section.blocks if block.kind == "table"]
    cells = [cell.text for row in tables[-1].bodies[0].rows for cell in row.cells]
    assert set(cells) == {"…"}


def test_municipality_is_told_its_parts_by_name(told: Telling) -> None:
    row = told.content.followups.merged.followed[0]
    (section,) = own_former(told, row.municipality_code)
    (table,) = (block for block in section.blocks if block.kind == "table")
    heads = [one.head.text for one in table.bodies[0].rows]
    assert len(heads) == row.n_former + 1
    assert heads[-1].endswith(" under ét")
    assert former_name(told, "190", "207") == "Farum"
    assert "kan ikke afgøres" in sentence(told, replace(row, p_mean=0.4, p_largest=0.4))
    sure = replace(row, p_mean=0.02, p_largest=0.03, p_strictest=0.95)
    assert "den strengeste af sine dele" in sentence(told, sure)
    english = replace(told, language="en")
    assert "the strictest of its parts" in sentence(english, sure)
    assert own_former(told, "101") == ()


def test_question_far_from_the_reform_has_no_section(told: Telling) -> None:
    nothing = with_merged(told, parts=(), followed=(), rules=(), spreads=())
    assert former(nothing) == ()
    assert own_former(nothing, "190") == ()
