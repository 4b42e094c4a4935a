"""What the pages of courses say beside their tables, and how far shrunken figures may move."""

from __future__ import annotations

import math
from dataclasses import replace

from reports.content.content import Content
from reports.courses.pathways import pathways
from reports.told.blocks import Section, Table, Text
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
