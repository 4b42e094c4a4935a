"""Measures before the grant: how many, how much of the time and when, by rank group and place."""

from __future__ import annotations

from typing import Any

from reports.charts.parts import ticks_up_to
from reports.charts.small import Line, ends, line_chart
from reports.content.courses import COUNTRY
from reports.content.followups.activity import (
    ALL,
    ANY,
    MEASURES,
    PLACEMENT,
    REHABILITATION,
    THIRDS,
    WEEKS,
    YEARS,
    Activity,
)
from reports.content.followups.figures import FIFTH_AREAS
from reports.language.formatting import SUPPRESSED
from reports.told.blocks import (
    Body,
    Bullets,
    Cell,
    Column,
    Figure,
    Fold,
    Row,
    Section,
    Table,
    Text,
    column,
)
from reports.told.telling import Telling

_LOWEST, _HIGHEST = FIFTH_AREAS[0], FIFTH_AREAS[-1]
#: Columns of the table of how much: figures of all five years.
HOW_MUCH = (ANY, MEASURES, WEEKS, REHABILITATION, PLACEMENT)


def activity(p: Telling) -> Section:
    """Return the section: sentences, a drawing, areas by how much and when, municipalities."""
    t = p.t
    title = t("activity.title")
    outcomes = outcomes_of(p)
    if not outcomes:
        return Section("activity", title, (Text(t("activity.missing"), "notice"),))
    first, *others = outcomes
    blocks: list[Any] = [
        Text(t("activity.lead", years=p.years)),
        Bullets(tuple(_sentences(p, first))),
        Text(t("activity.finding")),
        *_drawing(p, first),
        *_tables(p, first),
        *p.noise_note(),
        *(
            Fold(p.outcome(one), (Bullets(tuple(_sentences(p, one))), *_tables(p, one)))
            for one in others
        ),
        *_places(p, first),
        Text(t("activity.caveat"), "notice"),
    ]
    return Section("activity", title, tuple(blocks))


def outcomes_of(p: Telling) -> tuple[str, ...]:
    """Return the outcomes with figures, in the report's order."""
    return p.outcomes_among({row.outcome for row in p.content.followups.activities})


def figures_of(p: Telling, outcome: str, area: str) -> dict[tuple[str, str], Activity]:
    """Return the rows of an area by figure and part; none where it has none."""
    return {
        (row.figure, row.part): row
        for row in p.content.followups.activities
        if (row.outcome, row.area_code) == (outcome, area)
    }


def written(p: Telling, row: Activity) -> str:
    """Return a figure as text: a share as percent, a number of measures with one decimal."""
    return p.n.number(row.value, 1) if row.figure == MEASURES else p.n.percent(row.value)


def limits(p: Telling, row: Activity) -> str:
    """Return the interval of a figure, in percent for a share."""
    if row.figure == MEASURES:
        return p.n.interval(row.low, row.high, 1)
    low, high = (None if end is None else 100 * end for end in (row.low, row.high))
    return p.n.interval(low, high, 0)


def cell(p: Telling, row: Activity | None) -> Cell:
    """Return a figure with its interval as a cell."""
    if row is None or row.value is None:
        return Cell(SUPPRESSED)
    return Cell(written(p, row), soft=f"({limits(p, row)})", sort=row.value)


def said_of(p: Telling, rows: dict[tuple[str, str], Activity]) -> dict[str, str] | None:
    """Return figures and intervals as blanks of a sentence; None where one is not shown."""
    blanks = {}
    for figure in (ANY, MEASURES, WEEKS):
        row = rows.get((figure, ALL))
        if row is None or row.value is None:
            return None
        blanks[figure] = written(p, row)
        blanks[f"{figure}_limits"] = limits(p, row)
    return blanks


def table_of(
    p: Telling, caption: str, head: str, parts: tuple[tuple[str, str], ...], bodies: list[Body]
) -> Table:
    """Return a table with a column for each of ``parts``, (figure, part) each."""
    columns = (
        column(head, width=24.0),
        *(
            Column(
                p.t(f"activity.{figure if part == ALL else part}"),
                p.t("activity.unit_measures" if figure == MEASURES else "activity.unit_share"),
                width=17.0,
            )
            for figure, part in parts
        ),
    )
    return Table(caption, columns, tuple(bodies), look="small")


def _sentences(p: Telling, outcome: str) -> list[str]:
    """Return the country's figures and those of the outer fifths, and who is most active."""
    country = said_of(p, figures_of(p, outcome, COUNTRY))
    if country is None:
        return []
    said = [p.t("activity.country", outcome=p.outcome(outcome), **country)]
    lowest, highest = (figures_of(p, outcome, area) for area in (_LOWEST, _HIGHEST))
    few, many = said_of(p, lowest), said_of(p, highest)
    if few is not None and many is not None:
        blanks = {
            **{f"few_{name}": value for name, value in few.items()},
            **{f"many_{name}": value for name, value in many.items()},
        }
        judged = [
            p.t(f"activity.{_judged(lowest[figure, ALL], highest[figure, ALL])}")
            for figure in (ANY, MEASURES)
        ]
        said.append(
            p.t(
                "activity.fifths",
                outcome=p.outcome(outcome),
                any_judged=judged[0],
                measures_judged=judged[1],
                **blanks,
            )
        )
    return [*said, *_most(p, outcome)]


def _judged(few: Activity, many: Activity) -> str:
    """Return whether two intervals are apart, and which is the higher."""
    if None in (few.low, few.high, many.low, many.high):
        return "near"
    if (few.high or 0.0) < (many.low or 0.0):
        return "many_higher"
    return "few_higher" if (many.high or 0.0) < (few.low or 0.0) else "near"


def _most(p: Telling, outcome: str) -> list[str]:
    """Return which municipality is surest to reach most persons, and which to use most measures.

    By the lower limit, so that a small one does not lead by chance.
    """
    names = p.names
    said = []
    for figure in (ANY, MEASURES):
        rows = [
            row
            for row in p.content.followups.activities
            if (row.outcome, row.figure, row.part) == (outcome, figure, ALL)
            and row.area_code in names
            and row.low is not None
        ]
        if not rows:
            return []
        most = max(rows, key=lambda row: (row.low or 0.0, row.area_code))
        whole = figures_of(p, outcome, most.area_code).get((WEEKS, ALL))
        timing = (whole.timing if whole else None) or "untold"
        said.append(
            p.t(
                f"activity.most_{figure}",
                outcome=p.outcome(outcome),
                name=names[most.area_code],
                value=written(p, most),
                limits=limits(p, most),
                timing=p.t(f"activity.timing_{timing}"),
            )
        )
    return [" ".join(said)]


def _drawing(p: Telling, outcome: str) -> list[Any]:
    """Return the share of weeks in a measure by year before, of the outer fifths."""
    t = p.t
    lines, highest = [], 0.0
    for area in (_LOWEST, _HIGHEST):
        rows = figures_of(p, outcome, area)
        told = [rows.get((WEEKS, year)) for year in YEARS]
        known = [row for row in told if row is not None and row.value is not None]
        if len(known) < len(YEARS):
            return []
        limits_of = tuple(ends(row.low, row.high) for row in known)
        values = tuple(row.value for row in known)
        lines.append(Line(t(f"activity.drawn_{area}"), values, area == _LOWEST, limits_of))
        highest = max([highest, *(row.high or row.value or 0.0 for row in known)])
    label = p.labelled(t("activity.drawn_label", outcome=p.outcome(outcome)))
    drawing = line_chart(
        [int(year.removeprefix("year_")) for year in YEARS],
        lines,
        [(tick, p.n.percent(tick)) for tick in ticks_up_to(max(highest, 0.05))],
        label,
        t("activity.axis"),
        p.mark,
    )
    return [Figure(drawing, label, "activity", "", t("activity.drawn_note"), "courses")]


def _tables(p: Telling, outcome: str) -> list[Table]:
    """Return the areas by how much, and by when."""
    parts = {
        "how_much": tuple((figure, ALL) for figure in HOW_MUCH),
        "when": tuple((WEEKS, part) for part in THIRDS),
    }
    made = []
    for name, columns in parts.items():
        bodies = []
        for heading, areas in (
            ("", {COUNTRY: p.t("life.denmark")}),
            (p.t("life.fifths"), {code: p.t(f"life.{code}") for code in FIFTH_AREAS}),
        ):
            rows = []
            for area, label in areas.items():
                own = figures_of(p, outcome, area)
                if own:
                    rows.append(Row(Cell(label), tuple(cell(p, own.get(key)) for key in columns)))
            if rows:
                bodies.append(Body(tuple(rows), heading))
        caption = p.t(f"activity.caption_{name}", outcome=p.outcome(outcome), years=p.years)
        made.append(table_of(p, caption, p.t("life.area"), columns, bodies))
    return made


def _places(p: Telling, outcome: str) -> list[Any]:
    """Return the municipalities of which figures are shown, in a fold."""
    columns = ((ANY, ALL), (MEASURES, ALL), *((WEEKS, part) for part in (ALL, *THIRDS)))
    rows = []
    for place in p.content.main.rows:
        own = figures_of(p, outcome, place.code)
        if any(row.value is not None for row in own.values()):
            cells = tuple(cell(p, own.get(key)) for key in columns)
            rows.append(Row(Cell(place.name, code=place.code), cells))
    if not rows:
        return []
    caption = p.t("activity.caption_places", outcome=p.outcome(outcome), years=p.years)
    table = table_of(p, caption, p.t("ranking.municipality"), columns, [Body(tuple(rows))])
    return [Fold(p.t("activity.open_places"), (table,))]
