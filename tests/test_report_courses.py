"""What the pages of courses say beside their tables, and how far shrunken figures may move."""

from __future__ import annotations

import math
from dataclasses import replace

from reports.content.content import Content
from reports.content.lookup import Lookup
from reports.courses.pathways import pathways
from reports.courses.tenure import tenure
from reports.courses.to_date import to_date
from reports.language.formatting import MISSING, SUPPRESSED
from reports.municipality.page import each
from reports.municipality.queue import queue
from reports.municipality.view import Own
from reports.told.blocks import Body, Cell, Fold, Row, Section, Table, Text
from reports.told.signs import signs
from reports.told.telling import Telling
from reports.told.trust.assumptions import assumptions


def texts_of(section: Section) -> list[str]:
    """Return the sentences of ``section`` outside tables and folds."""
    return [block.text for block in section.blocks if isinstance(block, Text)]


def test_the_largest_move_of_a_municipality_is_a_factor(whole_content: Content) -> None:
    """One without grants may move many times: 541 per cent more reads as a share."""
    moved = replace(whole_content.priors[0], effect_moved=0.05, effect_moved_most=math.log(6.41))
    content = replace(whole_content, priors=(moved,))
    [said] = [one for one in texts_of(assumptions(Telling(content, "da"))) if "flytter" in one]
    assert "5,1\u00a0% i gennemsnit og højst med en faktor 6,41." in said


def with_pathways(content: Content, *methods: str) -> Content:
    """Return ``content`` with pathways by ``methods``; the rules give each seven grants more."""
    clusters = [one for one in content.courses.pathways if one.method == "clusters"]
    ruled = [
        replace(one, method="rules", n_grants=None if one.n_grants is None else one.n_grants + 7)
        for one in clusters
    ]
    listed = [one for one in (*clusters, *ruled) if one.method in methods]
    return replace(content, courses=replace(content.courses, pathways=tuple(listed)))


def test_rule_and_cluster_are_counted_apart(whole_content: Content) -> None:
    """The rule printed under a pathway has its own count, and the reader is told of both."""
    p = Telling(with_pathways(whole_content, "clusters", "rules"), "da")
    told = pathways(p)
    [table] = [block for block in told.blocks if isinstance(block, Table)]
    headings = [one.heading for one in table.columns[1:]]
    [row] = [row for row in table.bodies[0].rows if row.head.text.startswith("Pendler")]
    [one] = [
        one
        for one in whole_content.courses.pathways
        if (one.method, one.outcome, one.area_code, one.pathway)
        == ("clusters", "FP", "000", "commuter")
    ]
    assert one.n_grants is not None
    for heading, count in (
        ("Førtidspension", one.n_grants),
        ("Førtidspension efter reglen alene", one.n_grants + 7),
    ):
        assert row.cells[headings.index(heading)].lines == (p.n.count(count),)
    agreement = max(one.agreement or 0.0 for one in whole_content.courses.pathway_qualities)
    [note] = [one for one in texts_of(told) if "tilnærmelse" in one]
    assert p.n.percent(agreement) in note


def test_rules_alone_need_no_second_count(whole_content: Content) -> None:
    """Where too few are granted to be grouped, the rules are what is counted."""
    told = pathways(Telling(with_pathways(whole_content, "rules"), "da"))
    [table] = [block for block in told.blocks if isinstance(block, Table)]
    assert "Førtidspension efter reglen alene" not in [one.heading for one in table.columns]
    assert not any("tilnærmelse" in one for one in texts_of(told))


def test_how_long_a_tenure_can_be_seen(whole_content: Content) -> None:
    """DREAM's first week, of the release, bounds the bands: nobody has ten years in its eighth."""
    [said] = [one for one in texts_of(tenure(Telling(whole_content, "da"))) if "begynder i" in one]
    stock = [one for one in whole_content.courses.stock if one.dimension == "all"]
    first, last = stock[0], stock[-1]
    assert said.startswith("DREAM begynder i 1998 i disse data")
    for one in (first, last):
        # A whole year is one when its last quarter ends.
        most = one.year - 1998 + (one.quarter > 0)
        assert f"{one.quarter}. kvartal {one.year}" in said
        assert f"med mere end {most}" in said
    later = tuple(
        replace(one, detail="2001-W27 to 2007-W52") if one.check == "weeks_without_gap" else one
        for one in whole_content.quality
    )
    p = Telling(replace(whole_content, quality=later), "da")
    [said] = [one for one in texts_of(tenure(p)) if "begynder i" in one]
    assert "DREAM begynder i 2001" in said
    unknown = tuple(one for one in later if one.check != "weeks_without_gap")
    p = Telling(replace(whole_content, quality=unknown), "da")
    assert not any("begynder i" in one for one in texts_of(tenure(p)))


def test_signs_are_explained_where_they_stand_and_only_there(whole_content: Content) -> None:
    """Withheld and missing numbers have a legend, in folds too; other tables have none."""
    p = Telling(whole_content, "da")

    def told(*texts: str) -> list[str]:
        rows = (Row(Cell("head"), tuple(Cell(text) for text in texts)),)
        return [one.text for one in signs(p, [Fold("", (Table("", (), (Body(rows),)),))])]

    assert told("1", "2") == []
    assert told(MISSING) == [p.t("signs.missing")]
    assert told(SUPPRESSED, MISSING) == [p.t(p.protected("signs.hidden")), p.t("signs.missing")]
    for section in (tenure(p), to_date(p), pathways(p)):
        assert [one.text for one in signs(p, section.blocks)] == [
            one for one in texts_of(section) if one.startswith(("..", "…"))
        ]


def test_who_waits_for_a_decision_is_told_with_its_noise(whole_content: Content) -> None:
    """Cases pending at the ends of years are on the municipality's page, where they are known."""
    choices = replace(whole_content.choices, disclosure_method="cell_key", disclosure_variance=4.0)
    places = list(each(Lookup(replace(whole_content, choices=choices)), "da"))
    shown = {row.code for row in whole_content.followups.waiting}
    told, silent = (
        next(p for p in places if (p.place.code in shown) == is_shown) for is_shown in (True, False)
    )

    def said(p: Own) -> list[str]:
        return [one for own in queue(p) for one in texts_of(own) if "ved årets udgang" in one]

    # What is planted: 20, and 12 more each year, and one a month.
    assert said(told) == [
        "Sager om førtidspension eller fleksjob, der ventede på kommunens afgørelse ved årets "
        "udgang: ca. 32 (±4) i 2004, ca. 44 (±4) i 2005, ca. 56 (±4) i 2006 og ca. 68 (±4) i 2007."
    ]
    assert queue(silent)
    assert said(silent) == []
    unseen = tuple(replace(one, is_stock_seen=False) for one in whole_content.followups.queues)
    followups = replace(whole_content.followups, queues=unseen)
    [one] = [
        p
        for p in each(Lookup(replace(whole_content, followups=followups)), "da")
        if p.place.code == told.place.code
    ]
    # Those that still wait are not delivered: the last counts lack them.
    assert said(one) == []
