"""The ranking: table, caterpillar and funnel."""

from __future__ import annotations

from collections import Counter
from typing import Any

from reports.charts import large
from reports.content.content import MunicipalityResult, View
from reports.language.formatting import MISSING
from reports.told.blocks import Body, Cell, Column, Figure, Row, Section, Table, Text, column
from reports.told.telling import Telling


def ranking(p: Telling) -> Section:
    """Return the ranking of the main view with its charts."""
    t, n, view = p.t, p.n, p.content.main
    total = n.count(len(view.rows))
    said: list[Any] = [Text(t("ranking.lead", n=total))]
    maybe = view.sureness.n_maybe_lowest
    if maybe is not None:
        k = n.count(p.content.lowest_k)
        first = (
            t("ranking.lead_uncertain_all", k=k)
            if maybe == len(view.rows)
            else t("ranking.lead_uncertain", n_lowest=n.count(maybe), k=k)
        )
        said.append(Text(f"{first} {t('ranking.rank_note')}"))
    return Section("ranking", t("ranking.title", n=total), (*said, *ranking_blocks(p, view)))


def ranking_blocks(p: Telling, view: View) -> list[Any]:
    """Return the table of ``view`` with its notes, and its charts."""
    return [ranking_table(p, view), *_notes(p, view), *p.noise_note(), *charts_of(p, view)]


def ranking_table(p: Telling, view: View) -> Table:
    """Return the municipalities of ``view`` in rank order."""
    t, n = p.t, p.n
    total = n.count(len(view.rows))
    columns = (
        column(t("ranking.municipality"), sort="number", width=20.0),
        column(t("ranking.region"), sort="text", is_wide_only=True, width=16.0),
        Column(t("ranking.observed"), sort="number", width=9.0),
        Column(t("ranking.expected"), sort="number", width=11.0),
        Column(t("ranking.difference"), sort="number", is_wide_only=True, width=10.0),
        Column(t("ranking.ratio"), sort="number", width=10.0),
        Column(t("ranking.ratio_interval"), is_wide_only=True, width=12.0),
        Column(t("ranking.rank"), t("ranking.rank_interval"), sort="number", width=14.0),
        Column(
            t("ranking.rank_drawn"), t("ranking.rank_range", n=total), "drawn", is_wide_only=True
        ),
    )
    return Table(
        caption=t(
            "ranking.caption",
            outcome=p.outcome(view.outcome),
            model=p.model(view.model),
            years=p.years,
        ),
        caption_soft=t(
            p.protected("ranking.caption_total"),
            observed=p.count(view.observed_of_rows, view.noise_sd_of_rows),
        ),
        columns=columns,
        bodies=(Body(tuple(_row(p, row, at) for at, row in enumerate(view.rows, start=1))),),
        look="ranking",
        sorted_by=7,
    )


def _row(p: Telling, row: MunicipalityResult, place: int) -> Row:
    n = p.n
    rank = p.rank(row)
    return Row(
        Cell(
            row.name,
            soft=("†" if row.coverage < 1 else "") + ("‡" if _is_temporary(p, row) else ""),
            sort=row.alphabetical,
            code=row.code,
        ),
        (
            Cell(row.region or MISSING),
            Cell(n.count(row.observed), sort=row.observed),
            Cell(n.number(row.expected), sort=row.expected),
            Cell(n.signed(row.difference), sort=row.difference),
            Cell(n.number(row.ratio, 2), sort=row.ratio),
            Cell("", soft=p.ratio_limits(row.ratio_low, row.ratio_high)),
            Cell(rank.text, soft=rank.soft, sort=place),
            p.rank_drawn(row),
        ),
    )


def _is_temporary(p: Telling, row: MunicipalityResult) -> bool:
    """Whether a queue made part of the municipality's deviation of the main outcome."""
    return row.code in p.content.followups.temporary(p.main_outcome)


def _notes(p: Telling, view: View) -> list[Text]:
    t, n = p.t, p.n
    partly = [
        t("ranking.coverage_one", name=row.name, share=n.percent(row.coverage))
        for row in view.rows
        if row.coverage < 1
    ]
    notes = [t("ranking.legend_drawn", n=n.count(len(view.rows)))]
    by_grade = Counter(row.grade for row in view.rows if row.grade is not None)
    if len(by_grade) > 1:
        listed = [
            t("ranking.grade_one", grade=n.count(grade), n=n.count(by_grade[grade]))
            for grade in sorted(by_grade)
        ]
        notes.append(t("ranking.grades", grades=n.count(len(by_grade)), list=n.listed(listed)))
    if partly:
        notes.append(t("ranking.coverage", list=n.listed(partly)))
    queues = [row.name for row in view.rows if _is_temporary(p, row)]
    if queues:
        notes.append(t("queue.ranking_note", list=n.listed(queues)))
    notes.append(t("signs.missing"))
    return [Text(note, "note") for note in notes]


def charts_of(p: Telling, view: View) -> list[Any]:
    """Return caterpillar and funnel of ``view`` with what stands beside them."""
    t, n = p.t, p.n
    blocks: list[Any] = []
    drawing = large.caterpillar(view, p.content, t, n)
    if drawing is None:
        blocks.append(Text(t("chart.caterpillar_missing"), "notice"))
    else:
        note = t("chart.caterpillar_note")
        without = [row.name for row in view.rows if row.odds is None]
        if without:
            note += " " + t("chart.caterpillar_without", names=n.listed(without))
        blocks.append(
            Figure(
                drawing,
                large.label(view, p.content, t, "caterpillar"),
                f"caterpillar-{view.key}",
                t("chart.caterpillar_title"),
                note,
                "caterpillar",
            )
        )
    drawing = large.funnel(view, p.content, t, n)
    if drawing is not None:
        note, s = t("chart.funnel_note"), view.sureness
        if s.n_outside_95 is not None and s.n_outside_overdispersed is not None:
            note += " " + t(
                "chart.funnel_counts",
                outside=n.count(s.n_outside_95),
                n=n.count(len(view.rows)),
                chance=n.count(s.n_by_chance),
                overdispersed=n.count(s.n_outside_overdispersed),
            )
        blocks.append(
            Figure(
                drawing,
                large.label(view, p.content, t, "funnel"),
                f"funnel-{view.key}",
                t("chart.funnel_title"),
                note,
                "funnel",
            )
        )
        blocks += outside(p, view)
    return blocks


def outside(p: Telling, view: View) -> list[Text]:
    """Return by name who lies outside the 99.8 % limits, below and above."""
    said = []
    for flag, key in (("low", "chart.funnel_below"), ("high", "chart.funnel_above")):
        names = [
            p.t("chart.funnel_one", name=row.name, ratio=p.n.number(row.ratio, 2))
            for row in sorted(view.rows, key=lambda row: row.ratio, reverse=flag == "high")
            if row.flag_998 == flag
        ]
        if names:
            said.append(Text(p.t(key, n=p.n.count(len(names)), names=p.n.listed(names)), "note"))
    return said
