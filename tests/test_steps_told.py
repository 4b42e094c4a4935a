"""Steps in practice as the report tells them, of a fabricated release."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fabricated_years import PLANTED

from reports.content.content import Content
from reports.told.telling import Telling
from reports.told.years.steps import own_steps, sentence, steps


@pytest.fixture(scope="module")
def told(main_content: Content) -> Telling:
    return Telling(main_content, "da")


def test_country_lists_who_stepped_and_from_when(told: Telling) -> None:
    (section,) = steps(told)
    said = str(section.blocks)
    first = told.main_outcome
    found = [row for row in told.content.followups.steps if row.is_step and row.outcome == first]
    assert len(found) >= len(PLANTED)
    tables = [block for block in section.blocks if block.kind == "table"]
    assert len(tables[0].bodies[0].rows) == len(found)
    assert [row.cells[0].text for row in tables[0].bodies[0].rows] == sorted(
        str(row.year) for row in found
    )
    assert "ud over det tilfældige" in said
    no_table = Telling(
        replace(told.content, followups=replace(told.content.followups, steps=())), "da"
    )
    assert steps(no_table) == ()


def test_municipality_is_told_its_step_or_that_there_is_none(told: Telling) -> None:
    rows = told.content.followups.steps
    found = next(row for row in rows if row.is_step)
    (section,) = own_steps(told, found.municipality_code)
    kind = "flere" if (found.after or 0) > (found.before or 0) else "færre"
    assert f"fra {found.year} (interval" in str(section.blocks)
    assert f"tilkendes {kind} end før" in sentence(told, found)
    assert "intet skift af niveau" in sentence(told, replace(found, is_step=False))
    assert "for få tilkendelser om året" in sentence(told, replace(found, year=None))
    assert own_steps(told, "999") == ()


def test_both_languages_say_it(told: Telling) -> None:
    row = next(row for row in told.content.followups.steps if row.is_step)
    english = sentence(replace(told, language="en"), row)
    assert "granted than before" in english
    assert "{" not in english + sentence(told, row)


def test_years_without_grants_shown_are_none_or_few_not_a_ratio_of_0(told: Telling) -> None:
    row = next(row for row in told.content.followups.steps if row.is_step)
    down = sentence(told, replace(row, before=0.53, after=0.0))
    assert "vises ingen eller få tilkendelser mod faktisk over forventet 0,53" in down
    up = sentence(told, replace(row, before=0.0, after=1.2))
    assert "hvor der vises ingen eller få: faktisk over forventet 1,20 siden" in up
    assert "0,00" not in down + up
    listed = (replace(row, before=0.53, after=0.0),)
    content = replace(told.content, followups=replace(told.content.followups, steps=listed))
    (section,) = steps(Telling(content, "da"))
    assert "ingen eller få" in str(section.blocks)
