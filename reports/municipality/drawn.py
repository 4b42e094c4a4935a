"""What of a municipality is drawn: its difference split, its years, its levels, where it lies."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from reports.charts import small
from reports.charts.parts import ticks_up_to
from reports.charts.tiles import small_map
from reports.content.municipality import HistoryYear
from reports.content.near import layout
from reports.content.slices import DIMENSIONS
from reports.language.formatting import MISSING, SUPPRESSED
from reports.municipality.tables import window
from reports.municipality.view import Own
from reports.municipality.why import level_name
from reports.told.blocks import (
    Body,
    Cell,
    Column,
    Figure,
    Fold,
    Row,
    Section,
    Table,
    Text,
    column,
    folded,
    line,
)

#: How far the axis of years may reach beyond the largest share, times.
_MOST_REACH = 1.6


def split(p: Own) -> Section:
    """Return the difference from the country in three parts, per 1,000 persons at risk."""
    t = p.t
    blocks: list[Any] = []
    for outcome in p.outcomes:
        listed = split_of(p, outcome)
        if listed:
            blocks += folded(outcome, p.main_outcome, p.outcome(outcome), listed)
    if blocks:
        blocks.append(Text(f"{t('place_split.averaged')} {t('place_split.note')}", "note"))
    else:
        blocks.append(Text(t("place_split.lead_missing"), "notice"))
    return Section("split", t("place_split.title"), tuple(blocks))


def split_of(p: Own, outcome: str) -> list[Any]:
    """Return lead, chart and table of one outcome; nothing where the release has no split."""
    t, n = p.t, p.n
    parts = [part for part in p.place.components if part.outcome == outcome]
    row = p.row(outcome)
    total = next((part for part in parts if part.component == "total"), None)
    if row is None or total is None or not row.n_at_risk:
        return []
    own = row.observed / row.n_at_risk
    lead = t(
        "place_split.lead",
        own=n.number(1000 * own, 2),
        country=n.number(1000 * (own - total.share), 2),
        total=n.signed(1000 * total.share, 2),
        grants=n.signed(total.grants, 0),
        difference=n.signed(row.difference, 0),
    )
    bars = [
        small.Bar(
            label=t.label("component", part.component),
            value=1000 * part.share,
            low=None if part.low is None else 1000 * part.low,
            high=None if part.high is None else 1000 * part.high,
            text=n.signed(1000 * part.share, 2),
            is_total=part.component == "total",
        )
        for part in parts
    ]
    label = p.labelled(t("place_split.chart"))
    drawing = small.bar_chart(bars, label, t("place_split.axis"), p.mark)
    rows = tuple(
        Row(
            Cell(t.label("component", part.component)),
            (
                Cell(n.signed(1000 * part.share, 2)),
                p.limits(
                    None if part.low is None else 1000 * part.low,
                    None if part.high is None else 1000 * part.high,
                ),
                Cell(n.signed(part.grants)),
            ),
            "total" if part.component == "total" else "",
        )
        for part in parts
    )
    columns = (
        column(t("place_split.part"), width=34.0),
        Column(t("place_split.share")),
        Column(t("place_split.interval")),
        Column(t("place_split.grants")),
    )
    caption = t("place_split.caption", name=p.place.name, outcome=p.outcome(outcome), years=p.years)
    return [
        Text(lead),
        Figure(drawing, label, f"{p.place.code}-split-{outcome}"),
        Table(caption, columns, (Body(rows),), look="small"),
    ]


def development(p: Own) -> Section:
    """Return the unadjusted shares year by year, and the window's years one by one."""
    t, n = p.t, p.n
    blocks: list[Any] = []
    for outcome in p.outcomes:
        years = [year for year in p.place.history if year.outcome == outcome]
        if not years:
            continue
        others = [p.lookup.country.get((outcome, year.year)) for year in years]
        if any(year.share is not None for year in years):
            listed: list[Any] = [_history(p, outcome, years, others)]
        else:
            listed = [Text(t("place_development.no_numbers"), "notice")]
        rows = tuple(
            line(
                str(year.year),
                n.count(year.residents),
                SUPPRESSED if year.observed is None else n.count(year.observed),
                _share(p, year),
                MISSING if other is None else n.number(1000 * other, 2),
            )
            for year, other in zip(years, others, strict=True)
        )
        names = ("residents", "grants", "share", "country")
        columns = (
            column(t("place_development.year"), width=20.0),
            *(Column(t(f"place_development.{name}")) for name in names),
        )
        caption = t("place_development.caption", name=p.place.name, outcome=p.outcome(outcome))
        table = Table(caption, columns, (Body(rows),), look="small")
        listed.append(Fold(t("place.numbers"), (table,)))
        blocks += folded(outcome, p.main_outcome, p.outcome(outcome), listed)
    if blocks:
        blocks = [Text(t("place_development.lead")), *blocks]
        blocks += [Text(t("place_development.country_note"), "note"), *p.noise_note()]
    else:
        blocks = [Text(t("place.missing"), "notice")]
    return Section("development", t("place_development.title"), (*blocks, *window(p)))


def _share(p: Own, year: HistoryYear) -> str:
    if year.share is None:
        return SUPPRESSED
    limits, said = _share_limits(year), p.n.number(1000 * year.share, 2)
    return said if limits is None else f"{said} ({p.n.interval(*limits)})"


def _share_limits(year: HistoryYear) -> tuple[float, float] | None:
    """Return the limits of a year's grants per 1,000; None where none are known."""
    limits = small.ends(year.share_low, year.share_high)
    return None if limits is None else (1000 * limits[0], 1000 * limits[1])


def _history(p: Own, outcome: str, years: list[HistoryYear], others: list[float | None]) -> Figure:
    t, n = p.t, p.n
    own = tuple(None if year.share is None else 1000 * year.share for year in years)
    country = tuple(None if share is None else 1000 * share for share in others)
    limits = tuple(_share_limits(year) for year in years)
    most = max(v for v in (*own, *country) if v is not None)
    # Wide limits of few grants may not press the lines to the ground.
    reach = max((one[1] for one in limits if one is not None), default=most)
    ticks = ticks_up_to(max(most, min(reach, _MOST_REACH * most)))
    decimals = 0 if ticks[1] == round(ticks[1]) else 1 if 10 * ticks[1] % 1 == 0 else 2
    lines = [small.Line(t("place_development.own"), own, True, limits)]
    if any(share is not None for share in country):
        lines.append(small.Line(t("place_development.others"), country, False))
    label = p.labelled(t("place_development.chart", outcome=p.outcome(outcome)))
    drawing = small.line_chart(
        [year.year for year in years],
        lines,
        [(tick, n.number(tick, decimals)) for tick in ticks],
        label,
        t("place_development.axis"),
        p.mark,
    )
    return Figure(drawing, label, f"{p.place.code}-development-{outcome}")


def charts_of(p: Own) -> tuple[Figure, ...]:
    """Return the chart of every dimension that has levels with a number."""
    return tuple(chart for name in DIMENSIONS if (chart := _chart(p, name)))


def _chart(p: Own, dimension: str) -> Figure | None:
    """Return practice by level with intervals, None where the release has no levels.

    Actual over expected in a release that has no practice by level.
    """
    levels_here = [one for one, _ in p.judged(dimension) if one.expected > 0]
    is_shrunken = any(one.odds is not None for one in levels_here)
    rows = [
        small.Interval(level_name(p, one), one.odds, one.odds_low, one.odds_high)
        if is_shrunken
        else small.Interval(level_name(p, one), one.ratio, one.ratio_low, one.ratio_high)
        for one in levels_here
    ]
    if not any(row.value for row in rows):
        return None
    title = p.t(f"sheet.{dimension}")
    key = "sheet.levels_shrunken" if is_shrunken else "sheet.levels"
    label = p.labelled(p.t(key, name=p.place.name, title=title))
    drawing = small.interval_chart(
        rows, label, title, lambda value: p.n.number(value, 2 if value < 0.5 else 1), p.mark
    )
    return Figure(drawing, label, f"{p.place.code}-{dimension}")


def locator(p: Own) -> Markup | None:
    """Return the small map with the municipality and its neighbours, None where it has no tile."""
    places = layout()
    if p.place.code not in places:
        return None
    near = {one.code for one in p.place.neighbours}

    def kind(code: str) -> str:
        return "own" if code == p.place.code else "near" if code in near else ""

    names = p.n.listed([one.name for one in p.place.neighbours])
    label = f"{p.place.name}. {p.t('place_near.neighbours')}: {names}"
    tiles = ((column, row, kind(code)) for code, (column, row, _) in places.items())
    return small_map(tiles, label)
