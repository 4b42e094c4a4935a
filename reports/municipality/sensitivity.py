"""The ranks of a municipality under other choices: in words, drawn, and why some are hidden."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reports.charts import small
from reports.content.municipality import RankRange, SpecificationResult
from reports.language.formatting import SUPPRESSED
from reports.language.labels import specification_label
from reports.municipality.view import Own
from reports.told.blocks import (
    Body,
    Cell,
    Column,
    Figure,
    Fold,
    Section,
    Table,
    Text,
    column,
    folded,
    line,
)


def sensitivity(p: Own) -> Section:
    """Return the ranks under other specifications, in words and as a strip."""
    t = p.t
    blocks: list[Any] = []
    for span in p.place.ranges:
        listed = _sensitivity(p, span)
        blocks += folded(span.outcome, p.main_outcome, p.outcome(span.outcome), listed)
    if blocks:
        blocks.append(Text(t("place_sensitivity.note"), "note"))
    else:
        blocks.append(Text(t("place.missing"), "notice"))
    return Section("sensitivity", t("place_sensitivity.title"), tuple(blocks))


def sensitivity_sentence(p: Own, span: RankRange) -> str:
    """Return how far the rank moves over the specifications, and where that tells nothing."""
    is_same = span.lowest == span.highest
    values = {
        "n": span.n_specifications,
        "low": span.lowest,
        "total": len(p.content.main.rows),
    }
    if not is_same:
        values["high"] = span.highest
    key = "place_sensitivity.lead_same" if is_same else "place_sensitivity.lead"
    said = p.t(key, **{name: p.n.count(value) for name, value in values.items()})
    row = p.row(span.outcome)
    if row is None or not p.may_be_anywhere(row):
        return said
    return f"{said} {p.t('place_sensitivity.anywhere', total=p.n.count(values['total']))}"


def _times(p: Own, number: float) -> str:
    """Return in how many of the specifications, in words for none."""
    key = "times" if round(number) else "times_none"
    return p.t(f"place_sensitivity.{key}", n=p.n.count(round(number)))


def _sensitivity(p: Own, span: RankRange) -> list[Any]:
    t, n = p.t, p.n
    total = len(p.content.main.rows)
    every = [
        (specification_label(one.specification, t), one)
        for one in p.place.specifications
        if one.outcome == span.outcome
    ]
    shown = p.lookup.specifications
    named = [(name, one) for name, one in every if (one.outcome, one.specification) in shown]
    quintiles = t(
        "place_sensitivity.quintiles",
        lowest=_times(p, span.share_lowest_quintile * span.n_specifications),
        highest=_times(p, span.share_highest_quintile * span.n_specifications),
    )
    dots = [
        small.Dot(
            name,
            one.rank,
            SUPPRESSED if one.rank is None else n.count(one.rank),
            one.specification == "base",
        )
        for name, one in named
    ]
    outcome = p.outcome(span.outcome)
    label = p.labelled(t("place_sensitivity.chart", n=total, outcome=outcome))
    drawing = small.strip_chart(
        dots, 1, total, (span.lowest, span.highest), label, t("place_sensitivity.axis"), p.mark
    )
    lines = tuple(
        line(name, SUPPRESSED, SUPPRESSED, SUPPRESSED)
        if one.rank is None
        else line(
            name,
            p.of_100(one.odds),
            _limits(p, one.odds_low, one.odds_high),
            n.count(one.rank),
        )
        for name, one in named
    )
    names = ("odds", "interval", "rank")
    columns = (
        column(t("place_sensitivity.specification"), width=40.0),
        *(Column(t(f"place_sensitivity.{name}")) for name in names),
    )
    caption = t("place_sensitivity.caption", name=p.place.name, outcome=outcome)
    table = Table(caption, columns, (Body(lines),), look="small")
    return [
        Text(f"{sensitivity_sentence(p, span)} {quintiles}"),
        Figure(drawing, label, f"{p.place.code}-sensitivity-{span.outcome}"),
        *_withheld(p, named, [name for name, one in every if (name, one) not in named]),
        Fold(t("place.numbers"), (table,)),
    ]


def _withheld(
    p: Own, shown: list[tuple[str, SpecificationResult]], nowhere: list[str]
) -> Iterator[Text]:
    """Yield why ranks are withheld: some of the municipality, and those of ``nowhere`` of all."""
    if any(one.rank is None for _, one in shown):
        yield Text(p.t("place_sensitivity.withheld"), "note")
    if nowhere:
        names = p.n.listed([p.t("place_sensitivity.named", name=name) for name in nowhere])
        yield Text(p.t("place_sensitivity.withheld_of_all", names=names), "note")


def _limits(p: Own, low: float | None, high: float | None) -> Cell:
    """Return the interval of odds as grants where the country would give 100."""
    if p.is_void(low, high):
        return Cell("", soft=p.t("ranking.no_interval"))
    ends = [None if end is None else 100 * end for end in (low, high)]
    return Cell("", soft=p.n.interval(ends[0], ends[1], 0))
