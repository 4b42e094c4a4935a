"""One benefit instead of the other: how practice in two outcomes goes together."""

from __future__ import annotations

from typing import Any

from reports.content.followups.displacement import Displacement, Opposite
from reports.language.transitions import inside
from reports.told.blocks import Body, Cell, Column, Row, Section, Table, Text, column
from reports.told.followups.goes_with import BEYOND_CHANCE
from reports.told.telling import Telling


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
    return p.t(
        f"displacement.{_kind(pair)}",
        **_names(p, pair),
        correlation=p.n.number(pair.correlation, 2),
        limits=p.n.interval(pair.correlation_low, pair.correlation_high),
    )


def short(p: Telling, pair: Displacement) -> str:
    """Return how the two outcomes go together, in a line."""
    return p.t(f"lead.displacement_{_kind(pair)}", **_names(p, pair))


def _kind(pair: Displacement) -> str:
    if pair.correlation is None or pair.correlation_low is None or pair.p_value is None:
        return "unknown"
    if pair.p_value >= BEYOND_CHANCE:
        return "chance"
    return "opposite" if pair.correlation < 0 else "together"


def _names(p: Telling, pair: Displacement) -> dict[str, str]:
    return {"outcome": p.outcome(pair.outcome), "other": inside(p.outcome(pair.other_outcome))}


def _listed(p: Telling, pair: Displacement) -> list[Any]:
    """Return the municipalities with opposite practice, the surest first, or that none has."""
    t = p.t
    rows = sure(p, pair)
    if not rows:
        return [Text(t("displacement.none"))]
    names = p.names
    body = tuple(
        Row(
            _name(names, row.municipality_code),
            (
                p.effect(
                    row.practice_effect_shrunk,
                    row.practice_effect_shrunk_low,
                    row.practice_effect_shrunk_high,
                ),
                p.effect(
                    row.other_effect_shrunk,
                    row.other_effect_shrunk_low,
                    row.other_effect_shrunk_high,
                ),
                Cell(p.n.percent(probability(row), 1)),
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


def sure(p: Telling, pair: Displacement) -> list[Opposite]:
    """Return the municipalities whose practice is surely opposite in ``pair``, the surest first.

    As many as the release counts: it says from which probability on.
    """
    key = (pair.outcome, pair.model, pair.other_outcome)
    rows = [
        row
        for row in p.content.followups.opposites
        if (row.outcome, row.model, row.other_outcome) == key
    ]
    rows.sort(key=lambda row: (-probability(row), row.municipality_code))
    return rows[: pair.n_low_high + pair.n_high_low]


def probability(row: Opposite) -> float:
    """Return how likely practice is opposite in the two outcomes, the likelier way."""
    return max(row.p_low_high or 0.0, row.p_high_low or 0.0)


def _name(names: dict[str, str], code: str) -> Cell:
    """Return a municipality's name as a link to its page; its code where it has no page."""
    return Cell(names[code], code=code) if code in names else Cell(code)
