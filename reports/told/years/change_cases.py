"""Municipalities to visit because their grants changed: those proposed, and why others are out."""

from __future__ import annotations

from collections.abc import Iterable
from math import exp
from typing import Any

from reports.content.followups.cases import ChangeCase
from reports.language.formatting import MISSING
from reports.language.transitions import inside
from reports.told.blocks import Body, Cell, Column, Fold, Row, Section, Table, Text, column
from reports.told.followups.change import baseline
from reports.told.telling import Telling

_SIDES = ("rising", "falling", "unchanged")
_CHOSEN = "chosen"


def change_cases(p: Telling) -> tuple[Section, ...]:
    """Return the section of the selection by change; none where no change is told."""
    t, held = p.t, p.content.followups.change_cases
    if not held:
        return ()
    chosen = [row for row in held if row.standing == _CHOSEN]
    said = {"outcome": p.outcome(held[0].outcome), "before": baseline(p), "years": p.years}
    lead = t("change_cases.lead", **{**said, "outcome": inside(said["outcome"])})
    blocks: list[Any] = [Text(lead), Text(in_words(p, chosen))]
    if chosen:
        blocks.append(_listed(p, chosen, t("change_cases.caption", **said), has_why=False))
    everyone = _listed(p, held, t("change_cases.caption_everyone", **said), has_why=True)
    fold = Fold(t("cases.everyone"), (everyone,), is_screen_only=True)
    note = Text(t("change_cases.note"), "notice")
    return (Section("change_cases", t("change_cases.title"), (*blocks, fold, note)),)


def in_words(p: Telling, chosen: list[ChangeCase]) -> str:
    """Return which of the ``chosen`` rose, fell and did not change, by name."""
    names = p.names
    parts = []
    for side in _SIDES:
        own = [row.municipality_code for row in chosen if row.side == side]
        listed = ", ".join(names.get(code, code) for code in own)
        kind = f"change_cases.{side}" if own else f"change_cases.no_{side}"
        parts.append(p.t(kind, list=listed))
    return " ".join(parts)


def why(p: Telling, row: ChangeCase) -> str:
    """Return in words why a municipality is proposed or not, to follow its name."""
    standing = p.t(f"change_case_standing.{row.standing}")
    residents = p.n.count(row.population_2007)
    reasons = [
        p.t(f"change_case_why.{name}", residents=residents)
        for name in (row.failed or "").split(", ")
        if name
    ]
    return f"{standing}: {'; '.join(reasons)}" if reasons else standing


def _listed(p: Telling, rows: Iterable[ChangeCase], caption: str, *, has_why: bool) -> Table:
    """Return a row per municipality, those that rose most first; where it lies, or why it is in."""
    t, names = p.t, p.names
    regions = {row.code: row.region for row in p.content.main.rows}
    ordered = sorted(rows, key=lambda row: (-row.rank, row.municipality_code))
    body = tuple(
        Row(
            Cell(
                names.get(row.municipality_code, row.municipality_code), code=row.municipality_code
            ),
            (
                Cell(t(f"change_case_side.{row.side or 'none'}")),
                Cell(p.n.count(row.rank)),
                _factor(p, row),
                Cell(why(p, row) if has_why else regions.get(code) or MISSING),
            ),
        )
        for row in ordered
        for code in (row.municipality_code,)
    )
    columns = (
        column(t("ranking.municipality"), width=18.0),
        column(t("change_cases.side"), width=14.0),
        Column(t("change.rank"), width=12.0),
        Column(t("change_cases.factor"), width=18.0),
        column(t("cases.why" if has_why else "ranking.region"), width=38.0),
    )
    return Table(caption, columns, (Body(body),), look="small")


def _factor(p: Telling, row: ChangeCase) -> Cell:
    """Return the shrunken change as a factor on the odds, with limits."""
    low, high = exp(row.change_effect_shrunk_low), exp(row.change_effect_shrunk_high)
    return Cell(f"{p.n.number(exp(row.change_effect_shrunk), 2)} ({p.n.interval(low, high)})")
