"""One benefit instead of the other: how practice in two outcomes goes together."""

from __future__ import annotations

from typing import Any

from reports.content.followups.figures import Displacement, Opposite
from reports.language.transitions import inside
from reports.told.blocks import Body, Cell, Column, Row, Section, Table, Text, column
from reports.told.followups.queue import of_100
from reports.told.telling import Telling

#: Municipalities are listed where opposite practice is this probable.
_SURE = 0.9
_BEYOND_CHANCE = 0.05


def displacement(p: Telling) -> Section:
    """Return the section of each pair of outcomes, of the main model."""
    t = p.t
    title = t("displacement.title")
    main = p.content.main.model
    pairs = [row for row in p.content.followups.displacements if row.model == main]
    if not pairs:
        return Section("displacement", title, (Text(t("displacement.missing"), "notice"),))
    blocks: list[Any] = [Text(t("displacement.lead"))]
    for pair in pairs:
        blocks += [Text(sentence(p, pair)), *_listed(p, pair)]
    blocks.append(Text(t("displacement.note"), "notice"))
    return Section("displacement", title, tuple(blocks))


def sentence(p: Telling, pair: Displacement) -> str:
    """Return how the two outcomes go together, with the limits of the correlation."""
    names = {"outcome": p.outcome(pair.outcome), "other": inside(p.outcome(pair.other_outcome))}
    if pair.correlation is None or pair.correlation_low is None or pair.p_value is None:
        return p.t("displacement.unknown", **names)
    if pair.p_value >= _BEYOND_CHANCE:
        kind = "chance"
    else:
        kind = "opposite" if pair.correlation < 0 else "together"
    return p.t(
        f"displacement.{kind}",
        **names,
        correlation=p.n.number(pair.correlation, 2),
        limits=p.n.interval(pair.correlation_low, pair.correlation_high),
    )


def _listed(p: Telling, pair: Displacement) -> list[Any]:
    """Return the municipalities with opposite practice, the surest first, or that none has."""
    t = p.t
    key = (pair.outcome, pair.model, pair.other_outcome)
    rows = [
        row
        for row in p.content.followups.opposites
        if (row.outcome, row.model, row.other_outcome) == key and _probability(row) >= _SURE
    ]
    if not rows:
        return [Text(t("displacement.none"))]
    rows.sort(key=lambda row: (-_probability(row), row.municipality_code))
    names = {row.code: row.name for row in p.content.main.rows}
    body = tuple(
        Row(
            Cell(names.get(row.municipality_code, row.municipality_code), code=_code(p, row)),
            (
                of_100(
                    p,
                    row.practice_effect_shrunk,
                    row.practice_effect_shrunk_low,
                    row.practice_effect_shrunk_high,
                ),
                of_100(
                    p,
                    row.other_effect_shrunk,
                    row.other_effect_shrunk_low,
                    row.other_effect_shrunk_high,
                ),
                Cell(p.n.percent(_probability(row), 1)),
            ),
        )
        for row in rows
    )
    columns = (
        column(t("ranking.municipality"), width=18.0),
        Column(p.outcome(pair.outcome), width=15.0),
        Column(p.outcome(pair.other_outcome), width=15.0),
        Column(t("displacement.probability"), width=15.0),
    )
    caption = t("displacement.caption", years=p.years)
    return [Table(caption, columns, (Body(body),), look="small")]


def _probability(row: Opposite) -> float:
    return max(row.p_low_high or 0.0, row.p_high_low or 0.0)


def _code(p: Telling, row: Opposite) -> str:
    known = {listed.code for listed in p.content.main.rows}
    return row.municipality_code if row.municipality_code in known else ""
