"""What instead of a grant: where those at high risk are some years later, and who tells apart."""

from __future__ import annotations

from typing import Any

from pipeline.codes import state_kinds
from reports.charts.stacked import Layer, stacked_chart
from reports.content.courses import COUNTRY
from reports.content.followups.figures import FIFTH_AREAS
from reports.content.followups.later import KIND, KINDS, STATE, LaterState
from reports.language.formatting import MISSING, SUPPRESSED
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
)
from reports.told.states import state_name
from reports.told.telling import Telling

_SIDES = (0.0, 0.25, 0.5, 0.75, 1.0)
_FILLS = ("#0b3c49", "#c98b2b", "#b7d9e0", "#efefef")
#: What can be told in place of grants that are few.
TOLD = ("waiting", "self_supporting", "both")


def later(p: Telling) -> Section:
    """Return the section: the cohort, its states, the fifths, and the municipalities told apart."""
    t = p.t
    title = t("later.title")
    horizons = horizons_of(p)
    if not horizons:
        return Section("later", title, (Text(t("later.missing"), "notice"),))
    last = horizons[-1]
    blocks: list[Any] = [
        Text(t("later.lead", year=p.content.run.years[0])),
        *(Text(line) for line in _in_words(p, last)),
        *_drawing(p, last),
        _states(p, horizons),
        _fifths(p, last),
        *p.noise_note(),
        Text(_counted(p, last)),
        *_places(p, last),
        Text(t("later.caveat"), "notice"),
    ]
    return Section("later", title, tuple(blocks))


def horizons_of(p: Telling) -> list[int]:
    """Return the years after the beginning that the release tells of, in order."""
    return sorted({row.horizon_years for row in p.content.followups.later_states})


def kinds_of(p: Telling, horizon: int, area: str) -> dict[str, LaterState]:
    """Return the rows by kind of an area; none where it has none."""
    return {
        row.level: row
        for row in p.content.followups.later_states
        if (row.horizon_years, row.area_code, row.dimension) == (horizon, area, KIND)
    }


def of_kinds(p: Telling, rows: dict[str, LaterState]) -> dict[str, str]:
    """Return the share of each kind, its limits and what is expected, as blanks of a sentence."""
    blanks = {}
    for kind in KINDS:
        row = rows[kind]
        blanks[kind] = SUPPRESSED if row.share is None else p.n.percent(row.share, 1)
        blanks[f"{kind}_expected"] = p.n.percent(row.share_expected, 1)
        low, high = (None if end is None else 100 * end for end in (row.share_low, row.share_high))
        blanks[f"{kind}_limits"] = p.n.interval(low, high, 1)
    return blanks


def year_of(p: Telling, horizon: int) -> int:
    """Return the year at whose end ``horizon`` years have passed."""
    return p.content.run.years[0] + horizon - 1


def _in_words(p: Telling, horizon: int) -> list[str]:
    said = []
    country, lowest, highest = (
        kinds_of(p, horizon, area) for area in (COUNTRY, FIFTH_AREAS[0], FIFTH_AREAS[-1])
    )
    if len(country) == len(KINDS):
        values = of_kinds(p, country)
        said.append(p.t("later.country", year=year_of(p, horizon), **values))
    for key, rows in (("lowest", lowest), ("highest", highest)):
        if len(rows) == len(KINDS):
            said.append(p.t(f"later.{key}", **of_kinds(p, rows)))
    return said


def _drawing(p: Telling, horizon: int) -> list[Any]:
    """Return the kinds in the fifths of municipalities and the country, one column each."""
    t = p.t
    areas = [
        (name, rows)
        for name, area in (
            *((p.n.count(at + 1), area) for at, area in enumerate(FIFTH_AREAS)),
            (t("later.denmark"), COUNTRY),
        )
        if len(rows := kinds_of(p, horizon, area)) == len(KINDS)
    ]
    if len(areas) < 2:
        return []
    layers = [
        Layer(
            t(f"later_kind.{kind}"),
            tuple((rows[kind].share or 0.0) for _, rows in areas),
            _FILLS[at],
        )
        for at, kind in enumerate(KINDS)
    ]
    label = p.labelled(t("later.drawn_label", year=year_of(p, horizon)))
    drawing = stacked_chart(
        [name for name, _ in areas],
        layers,
        [(side, p.n.percent(side)) for side in _SIDES],
        label,
        t("later.axis"),
        p.mark,
    )
    return [Figure(drawing, label, "later-states", "", t("later.drawn_note"), "courses")]


def _states(p: Telling, horizons: list[int]) -> Table:
    """Return the country's states at every horizon, each kind with its states."""
    t = p.t
    own = [row for row in p.content.followups.later_states if row.area_code == COUNTRY]
    of = {(row.dimension, row.level, row.horizon_years): row for row in own}

    def cells(dimension: str, level: str) -> tuple[Cell, ...]:
        return tuple(_share(p, of.get((dimension, level, horizon))) for horizon in horizons)

    # A state that nobody is in, as a benefit of another time, has no row.
    there = {row.level for row in own if row.dimension == STATE and row.share_expected}
    bodies = tuple(
        Body(
            (
                Row(Cell(t(f"later_kind.{kind}")), cells(KIND, kind), look="total"),
                *(
                    Row(Cell(_name(p, state)), cells(STATE, state))
                    for state in state_kinds()[kind]
                    if state in there
                ),
            )
        )
        for kind in KINDS
    )
    return Table(
        t("later.caption", year=p.content.run.years[0]),
        (
            column(t("later.state"), width=40.0),
            *(
                Column(t("later.after", n=horizon), t("later.end_of", year=year_of(p, horizon)))
                for horizon in horizons
            ),
        ),
        bodies,
    )


def _name(p: Telling, state: str) -> str:
    return p.t(f"later.{state}") if state in ("work", "self_support") else state_name(p, state)


def _share(p: Telling, row: LaterState | None) -> Cell:
    if row is None:
        return Cell(MISSING)
    if row.share is None:
        return Cell(SUPPRESSED)
    low, high = (None if end is None else 100 * end for end in (row.share_low, row.share_high))
    return Cell(p.n.percent(row.share, 1), soft=f"({p.n.interval(low, high, 1)})")


def _ratio(p: Telling, row: LaterState) -> Cell:
    if row.ratio is None:
        return Cell(SUPPRESSED)
    limits = p.ratio_limits(row.ratio_low, row.ratio_high)
    return Cell(p.n.number(row.ratio, 2), soft=f"({limits})")


def _fifths(p: Telling, horizon: int) -> Fold:
    """Return share over expected share by fifth of municipalities and kind."""
    t = p.t
    rows = []
    for area in FIFTH_AREAS:
        kinds = kinds_of(p, horizon, area)
        if len(kinds) == len(KINDS):
            rows.append(Row(Cell(t(f"life.{area}")), tuple(_ratio(p, kinds[k]) for k in KINDS)))
    return Fold(
        t("later.fifths_open"),
        (
            _table_of_kinds(
                p,
                t("later.fifths_caption", year=year_of(p, horizon)),
                t("life.fifths"),
                [Body(tuple(rows))],
            ),
        ),
    )


def _table_of_kinds(p: Telling, caption: str, head: str, bodies: list[Body]) -> Table:
    """Return a table with a column for each kind beside ``head``."""
    columns = (
        column(head, width=24.0),
        *(Column(p.t(f"later_kind.{kind}"), width=19.0) for kind in KINDS),
    )
    return Table(caption, columns, tuple(bodies), look="small")


def _judged(p: Telling, horizon: int) -> list[LaterState]:
    """Return the rows of those granted in municipalities, with what is told in their place."""
    return [
        row
        for row in p.content.followups.later_states
        if row.horizon_years == horizon and row.level == "granted" and row.instead is not None
    ]


def _counted(p: Telling, horizon: int) -> str:
    """Return of how many municipalities what is told."""
    judged = _judged(p, horizon)
    if not judged:
        return p.t("later.nobody_judged")
    counts = {told: sum(row.instead == told for row in judged) for told in (*TOLD, "unknown")}
    low = sum(counts.values())
    return p.t(
        "later.judged" if low else "later.judged_none",
        n=p.n.count(len(judged)),
        low=p.n.count(low),
        year=year_of(p, horizon),
        instead=", ".join(
            p.t(f"later.instead_{told}", n=p.n.count(count))
            for told, count in counts.items()
            if count
        ),
    )


def _places(p: Telling, horizon: int) -> list[Any]:
    """Return the municipalities of which something is told, by what it is."""
    t = p.t
    names = p.names
    bodies = []
    for told in TOLD:
        rows = []
        for row in _judged(p, horizon):
            if row.instead == told and row.area_code in names:
                kinds = kinds_of(p, horizon, row.area_code)
                rows.append(
                    Row(
                        Cell(names[row.area_code], code=row.area_code),
                        tuple(_ratio(p, kinds[kind]) for kind in KINDS),
                    )
                )
        if rows:
            bodies.append(Body(tuple(rows), t(f"later.told_{told}")))
    if not bodies:
        return []
    caption = t("later.places_caption", year=year_of(p, horizon))
    return [_table_of_kinds(p, caption, t("ranking.municipality"), bodies)]
