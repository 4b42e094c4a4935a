"""Fewer grants if every municipality granted as the lowest: and the ways to work it out."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from reports.charts.bars import interval_bar
from reports.content.content import COUNTERFACTUAL_METHODS, Counterfactual
from reports.language.formatting import MISSING
from reports.language.labels import standard_label
from reports.told.blocks import (
    Body,
    Cell,
    Column,
    Heading,
    Row,
    Section,
    Table,
    Terms,
    Text,
    column,
)
from reports.told.telling import Telling


def what_if(p: Telling) -> Section:
    """Return the section, with a sentence instead of the table where the release has none."""
    t, n, content = p.t, p.n, p.content
    title = t("what_if.title", k=n.count(content.lowest_k))
    own_rows = [row for row in content.counterfactuals if row.model == content.main.model]
    if not own_rows:
        return Section("what_if", title, (Text(t("what_if.missing"), "notice"),))
    order = [view.outcome for view in content.views]
    own_rows.sort(key=lambda row: order.index(row.outcome) if row.outcome in order else len(order))
    ends = _ends(own_rows)
    table = Table(
        caption=t("what_if.caption", years=p.years, model=p.model()),
        columns=(
            column(t("what_if.method"), width=22.0),
            column(t("what_if.standard"), width=18.0, is_wide_only=True),
            Column(t("what_if.fewer")),
            Column(t("what_if.interval")),
            Column(t("what_if.share")),
            Column(t("what_if.drawn"), kind="drawn", width=16.0, is_wide_only=True),
        ),
        bodies=tuple(
            Body(tuple(_row(p, row, ends) for row in rows), p.outcome(outcome))
            for outcome, rows in groupby(own_rows, key=lambda row: row.outcome)
        ),
        look="what-if",
    )
    findings = content.findings
    lead = t(
        "what_if.lead",
        akf_year=findings.akf_year,
        akf_fewer=n.count(findings.akf_fewer),
        akf_share=n.percent(findings.akf_share),
    )
    blocks: list[Any] = [Text(lead), table]
    if any(_is_boundless(row) for row in own_rows):
        blocks.append(Text(t("what_if.boundless"), "note"))
    blocks += [*why(p), Text(t("what_if.note"), "notice")]
    return Section("what_if", title, tuple(blocks))


def why(p: Telling) -> list[Any]:
    """Return the release's methods in words, and why the naive one promises too much."""
    there = {row.method for row in p.content.counterfactuals}
    terms = tuple(
        (p.t(f"method_name.{name}"), p.t(f"method_note.{name}"))
        for name in COUNTERFACTUAL_METHODS
        if name in there or not there
    )
    return [Terms(terms), Heading(p.t("what_if.why_title")), Text(p.t("what_if.why"))]


def _row(p: Telling, row: Counterfactual, ends: tuple[float, float]) -> Row:
    t, n = p.t, p.n
    low, high = (
        None if end is None or not row.observed else end / row.observed
        for end in (row.low, row.high)
    )
    told = (
        Cell(n.count(row.fewer)),
        p.limits(row.low, row.high, 0),
        Cell(n.percent(row.share, 1)),
        Cell(drawing=interval_bar(row.share, low, high, ends, line=0.0)),
    )
    if _is_boundless(row):
        told = (Cell(MISSING), Cell(MISSING), Cell(MISSING), Cell())
    return Row(
        Cell(t.label("method_name", row.method)),
        (Cell(standard_label(row.standard, t)), *told),
        look="naive" if row.method == "naive" else "",
    )


def _is_boundless(row: Counterfactual) -> bool:
    """Return whether the figure given the selection has no limit to either side: any would do."""
    return row.method == "conditional" and row.low is None and row.high is None


def _ends(rows: list[Counterfactual]) -> tuple[float, float]:
    """Return the scale of the drawings: shares of the grants, 0 included; no limit is no end."""
    shares = [
        end / row.observed
        for row in rows
        if not _is_boundless(row)
        for end in (row.low, row.high, row.fewer)
        if end is not None and row.observed
    ]
    return min([0.0, *shares]), max([0.01, *shares])
