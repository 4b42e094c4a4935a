"""A municipality whose outcomes go different ways: what its page says of each, and what it asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from fabricated_release import with_tables

from reports.content.assemble import content_from
from reports.content.lookup import Lookup
from reports.content.read import ResultTables, read_tables
from reports.municipality.page import each
from reports.municipality.sheet import sheet
from reports.municipality.short import sentences
from reports.municipality.view import Own
from reports.municipality.why import questions, why
from reports.told.blocks import Text


@pytest.fixture(scope="module")
def tables(whole_release: Path) -> ResultTables:
    return read_tables(whole_release)


def going_apart(tables: ResultTables) -> ResultTables:
    """Return ``tables`` with the first municipality far below in FP and far above in FJ."""
    benchmark, summary = tables.benchmark.copy(), tables.displacement_summary.copy()
    code = str(benchmark["municipality_code"].iloc[0])
    is_own = (benchmark["municipality_code"] == code) & (benchmark["model"] == "within")
    limits = {"ANY": (0.8, 1.3), "FP": (0.13, 0.85), "FJ": (2.13, 5.09)}
    for outcome, ends in limits.items():
        at = is_own & (benchmark["outcome"] == outcome)
        benchmark.loc[at, ["ratio_low", "ratio_high"]] = ends
    both = tables.displacement.copy()
    both.loc[both["municipality_code"] == code, ["p_low_high", "p_high_low"]] = (0.989, 0.0)
    summary[["n_low_high", "n_high_low"]] = (1, 0)
    ranking = tables.ranking.copy()
    fifths = [f"p_quintile_{number}" for number in range(1, 6)]
    ranking.loc[ranking["municipality_code"] == code, fifths] = (0.1, 0.2, 0.4, 0.2, 0.1)
    return with_tables(
        tables,
        benchmark=benchmark,
        displacement=both,
        displacement_summary=summary,
        ranking=ranking,
    )


def test_outcomes_that_go_apart_are_told_though_together_they_are_as_expected(
    tables: ResultTables,
) -> None:
    code = str(tables.benchmark["municipality_code"].iloc[0])
    content = content_from(going_apart(tables))
    own = next(one for one in each(Lookup(content), "da") if one.place.code == code)
    said = sentences(own)
    assert said[0].startswith("For førtidspension eller fleksjob tilkender kommunen samlet som")
    assert said[1].startswith("Førtidspension for sig: ")
    assert "færre, end tilfældig variation" in said[1]
    assert "mellem 0,13 og 0,85" in said[1]
    assert "Det er flere" in said[2]
    opposite = "med 99\u00a0% sandsynlighed under det forventede for førtidspension og samtidig"
    assert opposite in said[3]
    assert why(own).blocks[1].lines[:2] == (
        "For sig ligger under det forventede: førtidspension.",
        "For sig ligger over det forventede: fleksjob.",
    )
    assert questions(own) == own.t.all("why.questions_apart")
    assert sum("træde i stedet for" in line for line in [*said, *sheet_texts(own)]) == 2


def sheet_texts(own: Own) -> list[str]:
    """Return the sentences of the sheet of a municipality."""
    return [block.text for block in sheet(own).blocks if isinstance(block, Text)]


def test_one_other_outcome_beyond_chance_gives_the_questions_their_direction(
    tables: ResultTables,
) -> None:
    """Also of a question without the two together, and of a release without displacement."""
    apart = going_apart(tables)
    gone = {name: tables.frames[name].iloc[:0] for name in ("displacement", "displacement_summary")}
    frames = {
        name: frame[frame["outcome"] != "ANY"]
        for name, frame in apart.frames.items()
        if "outcome" in frame and name not in gone
    }
    content = content_from(with_tables(apart, **frames, **gone))
    assert content.main.outcome == "FP"
    code = str(tables.benchmark["municipality_code"].iloc[0])
    own = next(one for one in each(Lookup(content), "en") if one.place.code == code)
    said = " ".join(sentences(own))
    assert "Flexjob on its own" in said
    assert "Disability pension on its own" not in said
    assert "take the place of" not in said
    assert questions(own) == own.t.all("why.questions_more")
