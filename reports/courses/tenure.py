"""Cash and education benefit over time: stock by tenure, inflow and exits, who leaves how fast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from reports.charts.parts import ticks_up_to
from reports.charts.stacked import Layer, flow_chart, stacked_chart
from reports.content.courses import Flow, Stock
from reports.courses.exits import counted, exits
from reports.courses.reach import Quarter, named, reach_of_dream
from reports.language.formatting import SUPPRESSED
from reports.told.blocks import (
    Body,
    Cell,
    Column,
    Figure,
    Heading,
    Row,
    Section,
    Table,
    Text,
    column,
)
from reports.told.signs import signs
from reports.told.states import state_name
from reports.told.telling import Telling

BANDS = ("up_to_1", "1_to_2", "2_to_3", "3_to_5", "5_to_10", "over_10")
_LONG = ("5_to_10", "over_10")
_WAYS = ("in", "out")


def tenure(p: Telling) -> Section:
    """Return stock and flow of the country with drawings, and exits by year of tenure."""
    t = p.t
    title = t("tenure.title")
    every = p.content.courses.stock
    stock = {(one.year, one.quarter, one.level): one.n_persons for one in every}
    whole = _whole(p)
    if not whole:
        return Section("tenure", title, (Text(t("tenure.missing"), "notice"),))
    quarters = [(one.year, one.quarter) for one in whole]
    blocks: list[Any] = [
        *(Text(sentence) for sentence in _in_words(p, whole, stock)),
        *reach_of_dream(p, quarters[0], quarters[-1]),
        _stock_figure(p, quarters, stock),
        *_switch(p, quarters),
        *_flows(p),
        *exits(p),
    ]
    blocks += [*signs(p, blocks), *p.noise_note(), Text(t("tenure.caveat"), "notice")]
    return Section("tenure", title, tuple(blocks))


def short(p: Telling) -> Iterator[str]:
    """Yield how many are on the benefits at the end, and at the beginning."""
    whole = _whole(p)
    if whole:
        first, last = whole[0], whole[-1]
        yield p.t(
            "lead.tenure",
            count=p.count(last.n_persons or 0, last.noise_sd),
            quarter=named(p, (last.year, last.quarter)),
            then=p.count(first.n_persons or 0, first.noise_sd),
            first=named(p, (first.year, first.quarter)),
        )


def _whole(p: Telling) -> list[Stock]:
    """Return the quarters whose whole stock is shown."""
    every = p.content.courses.stock
    return [one for one in every if one.dimension == "all" and one.n_persons is not None]


def _in_words(
    p: Telling, whole: list[Stock], stock: dict[tuple[int, int, str], int | None]
) -> list[str]:
    t, n, first, last = p.t, p.n, whole[0], whole[-1]
    before, now = first.n_persons or 0, last.n_persons or 0
    change = now - before
    way = "same" if change == 0 else "more" if change > 0 else "fewer"
    share = abs(change) / before if before else None
    said = [
        t(
            f"tenure.stock_{way}",
            quarter=named(p, (last.year, last.quarter)),
            count=p.count(now, last.noise_sd),
            change=n.count(abs(change)),
            share=n.percent(share, 1),
            first=named(p, (first.year, first.quarter)),
        )
    ]
    at_first, at_last = (
        {band: stock[one.year, one.quarter, band] for band in BANDS} for one in (first, last)
    )
    of_bands = [_sum(at_last[band] for band in bands) for bands in (("up_to_1",), _LONG)]
    if now and None not in of_bands:
        short, long = (n.percent((count or 0) / now) for count in of_bands)
        said.append(t("tenure.shares", short=short, long=long))
    moved = {
        band: count - was
        for band, count in at_last.items()
        if count is not None and (was := at_first[band]) is not None
    }
    most = max(moved, key=lambda band: abs(moved[band]), default="")
    if len(whole) > 1 and moved.get(most):
        way = "more" if moved[most] > 0 else "fewer"
        said.append(
            t(
                f"tenure.most_{way}",
                band=t(f"tenure_years.{most}"),
                change=n.count(abs(moved[most])),
            )
        )
    return said


def _sum(counts: Iterable[int | None]) -> int | None:
    """Return the sum of ``counts``, None where one of them is hidden."""
    known = list(counts)
    return None if None in known else sum(count or 0 for count in known)


def _stock_figure(
    p: Telling, quarters: list[Quarter], stock: dict[tuple[int, int, str], int | None]
) -> Figure:
    t = p.t
    layers = [
        Layer(
            t(f"tenure_years.{band}"),
            tuple(float(stock[(*quarter, band)] or 0) for quarter in quarters),
        )
        for band in BANDS
    ]
    highest = max(sum(values) for values in zip(*(layer.values for layer in layers), strict=True))
    label = p.labelled(t("tenure.stock_label"))
    drawing = stacked_chart(
        [_column(quarter) for quarter in quarters],
        layers,
        [(tick, p.n.count(tick)) for tick in ticks_up_to(highest)],
        label,
        t("tenure.stock_axis"),
        p.mark,
    )
    return Figure(
        drawing, label, "tenure-stock", t("tenure.stock_title"), t("tenure.stock_note"), "courses"
    )


def _column(quarter: Quarter) -> str:
    """Return the text under a column: the year under its last quarter."""
    return str(quarter[0]) if quarter[1] == 4 else ""


def _switch(p: Telling, quarters: list[Quarter]) -> list[Any]:
    """Return who is on education benefit, told where anybody is."""
    last = quarters[-1]
    levels = {
        one.level: one.n_persons
        for one in p.content.courses.stock
        if one.dimension == "benefit_age" and (one.year, one.quarter) == last
    }
    young = levels.get("education_benefit_under_30")
    below = _sum((young, levels.get("cash_benefit_under_30", 0)))
    if not young or below is None:
        return []
    said = p.t(
        "tenure.switch",
        share=p.n.percent(young / below),
        older=counted(p, levels.get("education_benefit_30_and_over", 0)),
    )
    return [Text(said)]


def _flows(p: Telling) -> list[Any]:
    t, n = p.t, p.n
    flow = p.content.courses.flow
    totals = {(f.direction, f.year, f.quarter): f for f in flow if f.state_group == "all"}
    quarters = sorted({(f.year, f.quarter) for f in flow})
    if not quarters:
        return []
    inflow, outflow = (
        [float(totals[way, *quarter].n_persons or 0) for quarter in quarters] for way in _WAYS
    )
    label = p.labelled(t("tenure.flow_label"))
    drawing = flow_chart(
        [_column(quarter) for quarter in quarters],
        (t("tenure.in"), inflow),
        (t("tenure.out"), outflow),
        [(tick, n.count(tick)) for tick in ticks_up_to(max(*inflow, *outflow, 1.0))],
        label,
        t("tenure.flow_axis"),
        p.mark,
    )
    year = quarters[-1][0]
    of_year = [f for f in flow if f.year == year]
    sums = {
        way: _sum(f.n_persons for f in of_year if f.direction == way and f.state_group == "all")
        for way in _WAYS
    }
    return [
        Heading(t("tenure.flow_title")),
        Text(
            t(
                "tenure.flow",
                year=year,
                come=counted(p, sums["in"]),
                leave=counted(p, sums["out"]),
            )
        ),
        Figure(drawing, label, "tenure-flow", "", t("tenure.flow_note"), "courses"),
        _destinations(p, of_year, year),
    ]


def _destinations(p: Telling, flow: list[Flow], year: int) -> Table:
    """Return where people came from and went to in a year, the largest exits first."""
    t, n = p.t, p.n
    listed: dict[tuple[str, str], list[int | None]] = {}
    for one in flow:
        listed.setdefault((one.state_group, one.direction), []).append(one.n_persons)
    sums = {place: _sum(counts) for place, counts in listed.items()}
    states = sorted(
        {state for state, _ in sums if state != "all"},
        key=lambda state: (-(sums.get((state, "out")) or 0), state),
    )
    # What is hidden is less than is told apart in a share.
    totals = {way: sum(sums.get((state, way)) or 0 for state in states) or 1 for way in _WAYS}

    def cell(state: str, way: str) -> Cell:
        count = sums.get((state, way), 0)
        if count is None:
            return Cell(SUPPRESSED)
        return Cell(n.count(count), soft=f"({n.percent(count / totals[way])})")

    rows = tuple(
        Row(Cell(state_name(p, state)), tuple(cell(state, way) for way in _WAYS))
        for state in states
        if sums.get((state, "in"), 0) != 0 or sums.get((state, "out"), 0) != 0
    )
    return Table(
        t("tenure.destinations", year=year),
        (
            column(t("tenure.state"), width=40.0),
            Column(t("tenure.came_from"), width=30.0),
            Column(t("tenure.went_to"), width=30.0),
        ),
        (Body(rows),),
    )
