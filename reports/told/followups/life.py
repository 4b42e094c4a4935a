"""Risk over a life: how many are granted before an age, in the country, regions and fifths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.codes import code_rows
from reports.charts.parts import ticks_up_to
from reports.charts.small import Line, ends, line_chart
from reports.content.courses import COUNTRY
from reports.content.followups.figures import FIFTH_AREAS
from reports.content.followups.life import AGE, BENEFIT, LifeRisk
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


def life(p: Telling) -> Section:
    """Return the section: sentences, a drawing of the country, areas, and bands in folds."""
    t = p.t
    title = t("life.title")
    outcomes = _outcomes(p)
    if not outcomes:
        return Section("life", title, (Text(t("life.missing"), "notice"),))
    blocks: list[Any] = [Text(t("life.lead", years=p.years))]
    said = [line for outcome in outcomes for line in sentences(p, outcome, AGE)]
    said += sentences(p, outcomes[0], BENEFIT)
    blocks.append(Bullets(tuple(said)))
    blocks += [
        *_drawing(p, outcomes),
        _areas(p, outcomes),
        *p.noise_note(),
        *(_fold(p, clock, outcomes) for clock in (AGE, BENEFIT) if _rows(p, clock, COUNTRY)),
        Text(t("life.caveat"), "notice"),
    ]
    return Section("life", title, tuple(blocks))


def sentences(p: Telling, outcome: str, clock: str) -> list[str]:
    """Return what the country's risk is by the end of the clock, and that of the outer fifths."""
    country, lowest, highest = (
        _last(p, outcome, clock, area) for area in (COUNTRY, _LOWEST, _HIGHEST)
    )
    if country is None or country.risk is None:
        return []
    said = [
        p.t(
            f"life.country_{clock}",
            outcome=p.outcome(outcome),
            years=p.n.count(country.year_to + 1),
            risk=p.n.percent(country.risk, 1),
            limits=_limits(p, country),
        )
    ]
    if lowest is not None and highest is not None and None not in (lowest.risk, highest.risk):
        apart = lowest.risk_high is not None and highest.risk_low is not None
        kind = "apart" if apart and (lowest.risk_high or 0) < (highest.risk_low or 0) else "near"
        said.append(
            p.t(
                f"life.fifths_{kind}",
                lowest=p.n.percent(lowest.risk, 1),
                lowest_limits=_limits(p, lowest),
                highest=p.n.percent(highest.risk, 1),
                highest_limits=_limits(p, highest),
            )
        )
    return [" ".join(said)]


def short(p: Telling) -> Iterator[str]:
    """Yield the risk over a life of the first outcome in the outer fifths, if it is known."""
    for outcome in _outcomes(p)[:1]:
        lowest, highest = (_last(p, outcome, AGE, area) for area in (_LOWEST, _HIGHEST))
        if lowest and highest and None not in (lowest.risk, highest.risk):
            yield p.t(
                "lead.life",
                outcome=p.outcome(outcome),
                age=p.n.count(lowest.year_to + 1),
                lowest=p.n.percent(lowest.risk, 1),
                lowest_limits=_limits(p, lowest),
                highest=p.n.percent(highest.risk, 1),
                highest_limits=_limits(p, highest),
            )


def _outcomes(p: Telling) -> list[str]:
    """Return the outcomes with life tables in the report's order, single ones first."""
    there = {row.outcome for row in p.content.followups.life_risks}
    listed = [view.outcome for view in p.content.views if view.outcome in there]
    whole = {row["outcome"] for row in code_rows("outcome") if row["parts"]}
    return sorted(dict.fromkeys(listed), key=lambda outcome: outcome in whole)


def _rows(p: Telling, clock: str, area: str, outcome: str | None = None) -> list[LifeRisk]:
    return [
        row
        for row in p.content.followups.life_risks
        if (row.clock, row.area_code) == (clock, area) and outcome in (None, row.outcome)
    ]


def _last(p: Telling, outcome: str, clock: str, area: str) -> LifeRisk | None:
    rows = _rows(p, clock, area, outcome)
    return max(rows, key=lambda row: row.year_to) if rows else None


def _limits(p: Telling, row: LifeRisk) -> str:
    return p.n.in_percent(row.risk_low, row.risk_high, 1)


def _risk(p: Telling, row: LifeRisk | None) -> Cell:
    if row is None or row.risk is None:
        return Cell(SUPPRESSED)
    return Cell(p.n.percent(row.risk, 1), soft=f"({_limits(p, row)})")


def _drawing(p: Telling, outcomes: list[str]) -> list[Any]:
    """Return the country's risk by age, of the outcomes that are told in the same bands."""
    t = p.t
    listed = {outcome: _rows(p, AGE, COUNTRY, outcome) for outcome in outcomes}
    ages = [row.year_to + 1 for row in listed[outcomes[0]]]
    drawn = [
        outcome
        for outcome, rows in listed.items()
        if [row.year_to + 1 for row in rows] == ages and all(row.risk is not None for row in rows)
    ][:2]
    if len(ages) < 3 or not drawn:
        return []
    lines = [
        Line(
            p.outcome(outcome),
            tuple(row.risk for row in listed[outcome]),
            not at,
            tuple(ends(row.risk_low, row.risk_high) for row in listed[outcome]),
        )
        for at, outcome in enumerate(drawn)
    ]
    highest = max(row.risk_high or row.risk or 0.0 for outcome in drawn for row in listed[outcome])
    label = p.labelled(t("life.drawn_label"))
    drawing = line_chart(
        ages,
        lines,
        [(tick, p.n.percent(tick)) for tick in ticks_up_to(max(highest, 0.05))],
        label,
        t("life.axis"),
        p.mark,
    )
    return [Figure(drawing, label, "life-risk", "", t("life.drawn_note"), "courses")]


def _areas(p: Telling, outcomes: list[str]) -> Table:
    """Return the risk by the last age in the country, fifths of municipalities and regions."""
    t = p.t
    regions = {row["region_code"]: row["region_name"] for row in code_rows("municipality")}
    bodies = []
    for heading, areas in (
        ("", {COUNTRY: t("life.denmark")}),
        (t("life.fifths"), {code: t(f"life.{code}") for code in FIFTH_AREAS}),
        (t("life.regions"), dict(sorted(regions.items()))),
    ):
        rows = []
        for area, name in areas.items():
            last = [_last(p, outcome, AGE, area) for outcome in outcomes]
            if any(row is not None for row in last):
                rows.append(Row(Cell(name), tuple(_risk(p, row) for row in last)))
        if rows:
            bodies.append(Body(tuple(rows), heading))
    ages = [row.year_to + 1 for row in _rows(p, AGE, COUNTRY)]
    return Table(
        t("life.caption", age=p.n.count(max(ages, default=0)), years=p.years),
        (
            column(t("life.area"), width=34.0),
            *(Column(p.outcome(outcome), width=22.0) for outcome in outcomes),
        ),
        tuple(bodies),
    )


def _band(p: Telling, row: LifeRisk) -> str:
    if row.year_from == row.year_to:
        return p.t("life.band_one", first=row.year_from)
    return p.t("life.band", first=row.year_from, last=row.year_to)


def _fold(p: Telling, clock: str, outcomes: list[str]) -> Fold:
    """Return the country's life tables, a body for each outcome since bands may differ."""
    t = p.t
    bodies = tuple(
        Body(
            tuple(
                Row(
                    Cell(_band(p, row)),
                    (
                        Cell(SUPPRESSED if row.n_persons is None else p.n.count(row.n_persons)),
                        Cell(SUPPRESSED if row.n_events is None else p.n.count(row.n_events)),
                        _risk(p, row),
                    ),
                )
                for row in _rows(p, clock, COUNTRY, outcome)
            ),
            p.outcome(outcome),
        )
        for outcome in outcomes
    )
    table = Table(
        t(f"life.caption_{clock}", years=p.years),
        (
            column(t(f"life.{clock}"), width=28.0),
            Column(t("life.persons"), width=22.0),
            Column(t("life.grants"), width=20.0),
            Column(t("life.risk"), t("life.risk_note"), width=30.0),
        ),
        bodies,
    )
    return Fold(t(f"life.open_{clock}"), (table,))
