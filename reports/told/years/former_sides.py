"""What merged municipalities follow, apart by whether they granted few or many before."""

from __future__ import annotations

from typing import Any

from reports.content.followups.former import FollowedRule, FollowedSide
from reports.told.blocks import Body, Cell, Column, Row, Table, Text, column
from reports.told.telling import Telling

_SIDES = ("few", "many")
#: What a merged municipality may follow, in order of every table.
RULES = ("mean", "largest", "strictest")


def sides(p: Telling, outcomes: tuple[str, ...]) -> list[Any]:
    """Return the paragraph and a table per outcome; nothing of a release without them."""
    held = p.content.followups.merged.sides
    tables = [
        _table(p, outcome, rows)
        for outcome in outcomes
        if (rows := [row for row in held if row.outcome == outcome])
    ]
    return [Text(p.t("former.side_lead")), *tables] if tables else []


def share_cells(p: Telling, row: FollowedRule) -> tuple[Cell, Cell]:
    """Return the share that follows a rule with limits, and how surely it is the commonest."""
    limits = p.n.percents(row.share_low, row.share_high)
    return Cell(p.n.percent(row.share), lines=(limits,)), Cell(p.n.percent(row.p_commonest))


def _table(p: Telling, outcome: str, rows: list[FollowedSide]) -> Table:
    t, n = p.t, p.n
    of = {(row.side, row.rule): row for row in rows}
    bodies = tuple(
        Body(
            tuple(
                Row(
                    Cell(t(f"former.rule_{rule}")),
                    (
                        *share_cells(p, row),
                        Cell(n.count(row.n_municipalities)),
                        Cell(
                            n.number(row.joint_change, 2),
                            lines=(n.interval(row.joint_change_low, row.joint_change_high),),
                        ),
                    ),
                )
                for rule in RULES
                if (row := of.get((side, rule))) is not None
            ),
            t(f"former.side_{side}"),
        )
        for side in _SIDES
        if any(row.side == side for row in rows)
    )
    columns = (
        column(t("former.rule"), width=28.0),
        Column(t("former.share"), width=16.0),
        Column(t("former.commonest_column"), width=16.0),
        Column(t("attributes.municipalities")),
        Column(t("former.joint"), width=16.0),
    )
    caption = t("former.side_caption", outcome=p.outcome(outcome))
    return Table(caption, columns, bodies, look="small")
