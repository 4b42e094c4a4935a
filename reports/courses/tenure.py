"""Cash and education benefit over time: stock by tenure, inflow and exits, who leaves how fast."""

from __future__ import annotations

from typing import Any

from reports.charts.small import ticks_up_to
from reports.charts.stacked import Layer, flow_chart, stacked_chart
from reports.content.courses import Exit, Flow, Stock
from reports.courses.states import state_name
from reports.told.blocks import (
    Body,
    Cell,
    Column,
    Figure,
    Fold,
    Heading,
    Row,
    Section,
    Table,
    Text,
    column,
)
from reports.told.telling import Telling

BANDS = ("up_to_1", "1_to_2", "2_to_3", "3_to_5", "5_to_10", "over_10")
_LONG = ("5_to_10", "over_10")
Quarter = tuple[int, int]


def tenure(p: Telling) -> Section:
    """Return stock and flow of the country with drawings, and exits by year of tenure."""
    t = p.t
    title = t("tenure.title")
    stock = {(one.year, one.quarter, one.level): one for one in p.content.courses.stock}
    whole = [one for one in p.content.courses.stock if one.dimension == "all"]
    if not whole:
        return Section("tenure", title, (Text(t("tenure.missing"), "notice"),))
    quarters = [(one.year, one.quarter) for one in whole]
    blocks: list[Any] = [
        *(Text(sentence) for sentence in _in_words(p, whole, stock)),
        _stock_figure(p, quarters, stock),
        *_switch(p, quarters),
        *_flows(p),
        *_exits(p),
        *p.noise_note(),
        Text(t("tenure.caveat"), "notice"),
    ]
    return Section("tenure", title, tuple(blocks))


def _named(p: Telling, quarter: Quarter) -> str:
    return p.t("tenure.quarter", year=quarter[0], quarter=quarter[1])


def _in_words(
    p: Telling, whole: list[Stock], stock: dict[tuple[int, int, str], Stock]
) -> list[str]:
    t, n, first, last = p.t, p.n, whole[0], whole[-1]
    change = last.n_persons - first.n_persons
    way = "same" if change == 0 else "more" if change > 0 else "fewer"
    share = abs(change) / first.n_persons if first.n_persons else None
    said = [
        t(
            f"tenure.stock_{way}",
            quarter=_named(p, (last.year, last.quarter)),
            count=p.count(last.n_persons, last.noise_sd),
            change=n.count(abs(change)),
            share=n.percent(share, 1),
            first=_named(p, (first.year, first.quarter)),
        )
    ]
    if last.n_persons:
        shares = [
            sum(stock[last.year, last.quarter, band].n_persons for band in bands) / last.n_persons
            for bands in (("up_to_1",), _LONG)
        ]
        said.append(t("tenure.shares", short=n.percent(shares[0]), long=n.percent(shares[1])))
    moved = {
        band: stock[last.year, last.quarter, band].n_persons
        - stock[first.year, first.quarter, band].n_persons
        for band in BANDS
    }
    most = max(moved, key=lambda band: abs(moved[band]))
    if len(whole) > 1 and moved[most]:
        way = "more" if moved[most] > 0 else "fewer"
        said.append(
            t(
                f"tenure.most_{way}",
                band=t(f"tenure_years.{most}"),
                change=n.count(abs(moved[most])),
            )
        )
    return said


def _stock_figure(
    p: Telling, quarters: list[Quarter], stock: dict[tuple[int, int, str], Stock]
) -> Figure:
    t = p.t
    layers = [
        Layer(
            t(f"tenure_years.{band}"),
            tuple(float(stock[(*quarter, band)].n_persons) for quarter in quarters),
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
    exits = {
        one.level: one.n_persons
        for one in p.content.courses.stock
        if one.dimension == "benefit_age" and (one.year, one.quarter) == last
    }
    young = exits.get("education_benefit_under_30", 0)
    below = young + exits.get("cash_benefit_under_30", 0)
    if not young:
        return []
    said = p.t(
        "tenure.switch",
        share=p.n.percent(young / below),
        older=p.n.count(exits.get("education_benefit_30_and_over", 0)),
    )
    return [Text(said)]


def _flows(p: Telling) -> list[Any]:
    t, n = p.t, p.n
    flow = p.content.courses.flow
    totals = {(f.direction, f.year, f.quarter): f for f in flow if f.state_group == "all"}
    quarters = sorted({(f.year, f.quarter) for f in flow})
    if not quarters:
        return []
    inflow = [_counted(totals.get(("in", *quarter))) for quarter in quarters]
    outflow = [_counted(totals.get(("out", *quarter))) for quarter in quarters]
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
        way: sum(f.n_persons for f in of_year if f.direction == way and f.state_group == "all")
        for way in ("in", "out")
    }
    return [
        Heading(t("tenure.flow_title")),
        Text(t("tenure.flow", year=year, come=n.count(sums["in"]), leave=n.count(sums["out"]))),
        Figure(drawing, label, "tenure-flow", "", t("tenure.flow_note"), "courses"),
        _destinations(p, of_year, year),
    ]


def _counted(flow: Flow | None) -> float:
    return float(flow.n_persons) if flow else 0.0


def _destinations(p: Telling, flow: list[Flow], year: int) -> Table:
    """Return where people came from and went to in a year, the largest exits first."""
    t, n = p.t, p.n
    sums: dict[tuple[str, str], int] = {}
    for one in flow:
        if one.state_group != "all":
            place = (one.state_group, one.direction)
            sums[place] = sums.get(place, 0) + one.n_persons
    states = sorted({state for state, _ in sums}, key=lambda s: (-sums.get((s, "out"), 0), s))
    totals = {way: sum(v for (_, d), v in sums.items() if d == way) or 1 for way in ("in", "out")}
    rows = tuple(
        Row(
            Cell(state_name(p, state)),
            tuple(
                Cell(n.count(count), soft=f"({n.percent(count / totals[way])})")
                for way in ("in", "out")
                for count in (sums.get((state, way), 0),)
            ),
        )
        for state in states
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


def _exits(p: Telling) -> list[Any]:
    t, n = p.t, p.n
    exits = p.content.courses.exits
    if not exits:
        return []
    year = max(one.year for one in exits)
    rows = [one for one in exits if one.year == year]
    first = rows[0]
    fifth = next((one for one in rows if one.tenure_year == 5), rows[-1])
    said = t(
        "tenure.exit",
        first=n.percent(first.exit_share),
        first_limits=n.interval(_hundred(first.exit_share_low), _hundred(first.exit_share_high), 0),
        year=year,
        fifth=n.percent(fifth.exit_share),
        fifth_limits=n.interval(_hundred(fifth.exit_share_low), _hundred(fifth.exit_share_high), 0),
        passed=fifth.tenure_year,
    )
    table = Table(
        t("tenure.exit_caption", year=year),
        (
            column(t("tenure.passed"), width=28.0),
            Column(t("tenure.at_start"), width=24.0),
            Column(t("tenure.left"), width=20.0),
            Column(t("tenure.exit_share"), width=28.0),
        ),
        (Body(tuple(_exit_row(p, one) for one in rows)),),
    )
    return [
        Heading(t("tenure.exit_title")),
        Text(said),
        Fold(t("tenure.exit_open"), (table,)),
    ]


def _hundred(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _exit_row(p: Telling, one: Exit) -> Row:
    n = p.n
    limits = n.interval(_hundred(one.exit_share_low), _hundred(one.exit_share_high), 0)
    years = p.t(
        "tenure.ten_or_more" if one.tenure_year == 10 else "tenure.years",
        n=one.tenure_year,
        next=one.tenure_year + 1,
    )
    return Row(
        Cell(years),
        (
            Cell(n.count(one.n_persons)),
            Cell(n.count(one.n_exits)),
            Cell(n.percent(one.exit_share), soft=f"({limits})"),
        ),
    )
