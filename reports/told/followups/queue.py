"""Queue or practice: whose deviation is temporary, and where they stand without it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from reports.content.followups.figures import Queue
from reports.language.formatting import MISSING
from reports.told.blocks import Body, Cell, Column, Row, Section, Table, Text, column
from reports.told.telling import Telling


def queue(p: Telling) -> Section:
    """Return the municipalities whose deviation is partly a queue, of the main outcome."""
    t = p.t
    title = t("queue.title")
    known = _known(p)
    if not known:
        return Section("queue", title, (Text(t("queue.missing"), "notice"),))
    flagged = sorted(
        (row for row in known if row.is_temporary), key=lambda row: row.temporary or 0.0
    )
    counts = {"flagged": p.n.count(len(flagged)), "known": p.n.count(len(known))}
    said = t("queue.flagged" if flagged else "queue.none", **counts)
    how = t("queue.seen" if known[0].is_stock_seen else "queue.implied")
    blocks: list[Any] = [Text(f"{t('queue.lead')} {how}"), Text(said)]
    if flagged:
        names = p.names
        rows = tuple(
            Row(
                Cell(names.get(row.code, row.code), code=row.code),
                (
                    p.effect(row.practice),
                    p.effect(row.temporary, row.temporary_low, row.temporary_high),
                    p.effect(row.lasting, row.lasting_low, row.lasting_high),
                    p.effect(row.earlier, row.earlier_low, row.earlier_high),
                    Cell(_rank(p, row.rank)),
                    Cell(_rank(p, row.rank_lasting)),
                ),
            )
            for row in flagged
        )
        caption = t("queue.caption", outcome=p.outcome(p.main_outcome), years=p.years)
        columns = (column(t("ranking.municipality"), width=18.0), *part_columns(p))
        ranks = (Column(t("queue.rank")), Column(t("queue.rank_lasting")))
        blocks.append(Table(caption, (*columns, *ranks), (Body(rows),), look="small"))
        blocks.append(Text(t("queue.note"), "note"))
    blocks.append(Text(t("queue.slower"), "notice"))
    return Section("queue", title, tuple(blocks))


def short(p: Telling) -> Iterator[str]:
    """Yield in how many municipalities a queue explains part of the deviation, if any is known."""
    known = _known(p)
    if known:
        n_flagged = sum(row.is_temporary for row in known)
        counts = {"flagged": p.n.count(n_flagged), "known": p.n.count(len(known))}
        yield p.t("lead.queue" if n_flagged else "lead.queue_none", **counts)


def _known(p: Telling) -> list[Queue]:
    """Return the municipalities of which it is known in the main outcome."""
    listed = [row for row in p.content.followups.queues if row.outcome == p.main_outcome]
    return [row for row in listed if row.temporary is not None]


def part_columns(p: Telling) -> tuple[Column, ...]:
    """Return the columns of the deviation and its parts."""
    names = ("practice", "temporary", "lasting", "earlier")
    return tuple(Column(p.t(f"queue.{name}"), width=15.0) for name in names)


def sentence(p: Telling, row: Queue) -> str:
    """Return what the queue made of a municipality's grants in the window."""
    if row.temporary is None:
        return p.t("queue.unknown")
    if not row.is_temporary:
        return p.t("queue.no_queue_seen" if row.is_stock_seen else "queue.no_queue")
    share = p.n.percent(abs(math.expm1(row.temporary)))
    ranks = {"rank": _rank(p, row.rank), "rank_lasting": _rank(p, row.rank_lasting)}
    return p.t("queue.built" if row.temporary < 0 else "queue.cleared", share=share, **ranks)


def _rank(p: Telling, rank: int | None) -> str:
    return MISSING if rank is None else p.n.count(rank)
