"""What grants come to: how long they last, persons on the benefit, kroner at other practices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from reports.content.courses import COUNTRY
from reports.content.followups.cost import GrantCost, GrantState
from reports.language.formatting import MISSING
from reports.told.blocks import Body, Cell, Column, Fold, Row, Section, Table, Text, column, line
from reports.told.states import state_name
from reports.told.telling import Telling

#: Years since the grant and years of a practice that are shown, beside the last that is known.
_YEARS = (0, 1, 2, 3, 5, 7, 10)
_MILLION = 1e6
#: Practices that the country is given, in order.
_STANDARDS = ("lowest_fifth", "quantile_25", "quantile_75", "highest_fifth")


def cost(p: Telling) -> Section:
    """Return the section, with a sentence where the release says nothing of costs."""
    t, held = p.t, p.content.followups.costs
    title = t("cost.title")
    if not held.grants:
        return Section("cost", title, (Text(t("cost.missing"), "notice"),))
    outcomes = p.outcomes_among({row.outcome for row in held.grants})
    blocks: list[Any] = [Text(t("cost.lead")), *(Text(sentence(p, one)) for one in outcomes)]
    blocks += [_per_grant(p, outcomes), _practices(p, outcomes)]
    blocks.append(Text(t("cost.note"), "note"))
    states = tuple(_states(p, outcome) for outcome in outcomes)
    blocks.append(Fold(t("cost.states"), states))
    blocks.append(Fold(t("cost.prices"), (_prices(p), Text(t("cost.prices_note"), "note"))))
    blocks.append(Text(t("cost.notice"), "notice"))
    return Section("cost", title, tuple(blocks))


def sentence(p: Telling, outcome: str, key: str = "cost.sentence") -> str:
    """Return under ``key`` what one grant more a year comes to after the last year known."""
    last = _of_grant(p, outcome)[-1]
    return p.t(
        key,
        outcome=p.outcome(outcome),
        years=p.n.count(last.years_of_practice),
        persons=p.n.number(last.persons_per_grant),
        kroner=millions(p, last.kroner_per_grant),
        net=millions(p, last.net_kroner_per_grant),
        municipal=millions(p, last.net_municipal_kroner_per_grant),
    )


def short(p: Telling) -> Iterator[str]:
    """Yield what a grant more of the main outcome comes to, where the release says."""
    if _of_grant(p, p.main_outcome):
        yield sentence(p, p.main_outcome, "lead.cost")


def millions(p: Telling, kroner: float, *, is_signed: bool = False) -> str:
    """Return kroner as millions with two decimals below ten, else one."""
    value = kroner / _MILLION
    decimals = 2 if abs(value) < 10 else 1
    return p.n.signed(value, decimals) if is_signed else p.n.number(value, decimals)


def _of_grant(p: Telling, outcome: str) -> list[GrantCost]:
    """Return what a grant of ``outcome`` comes to, by years of a practice."""
    return [row for row in p.content.followups.costs.grants if row.outcome == outcome]


def _shown(known: set[int]) -> list[int]:
    """Return the years of ``known`` that a table has lines or columns of."""
    return sorted(year for year in known if year in _YEARS or year == max(known))


def _per_grant(p: Telling, outcomes: Sequence[str]) -> Table:
    t = p.t
    bodies = tuple(
        Body(
            tuple(
                line(
                    p.n.count(row.years_of_practice),
                    p.n.number(row.persons_per_grant, 2),
                    millions(p, row.kroner_per_grant),
                    millions(p, row.net_kroner_per_grant, is_signed=True),
                    millions(p, row.net_municipal_kroner_per_grant, is_signed=True),
                    millions(p, row.net_kroner_total_per_grant, is_signed=True),
                )
                for row in rows
                if row.years_of_practice in _shown({row.years_of_practice for row in rows})
            ),
            p.outcome(outcome),
        )
        for outcome in outcomes
        if (rows := _of_grant(p, outcome))
    )
    columns = (
        column(t("cost.years"), width=12.0),
        Column(t("cost.persons")),
        Column(t("cost.kroner")),
        Column(t("cost.net")),
        Column(t("cost.municipal")),
        Column(t("cost.total")),
    )
    return Table(t("cost.caption_grant"), columns, bodies, look="small")


def _practices(p: Telling, outcomes: Sequence[str]) -> Table:
    t = p.t
    of = p.content.followups.costs.of_area(COUNTRY)
    bodies = tuple(
        Body(
            tuple(
                Row(
                    Cell(t(f"cost_practice.{standard}")),
                    (
                        Cell(p.n.signed(row.persons_change, 0)),
                        p.limits(row.persons_change_low, row.persons_change_high, 0),
                        Cell(millions(p, row.net_kroner_change, is_signed=True)),
                        Cell(
                            f"{millions(p, row.net_kroner_change_low, is_signed=True)}"
                            f" – {millions(p, row.net_kroner_change_high, is_signed=True)}"
                        ),
                        Cell(millions(p, row.net_municipal_kroner_change, is_signed=True)),
                    ),
                )
                for standard in _STANDARDS
                if (row := of.get((outcome, standard))) is not None
            ),
            p.outcome(outcome),
        )
        for outcome in outcomes
    )
    years = max(row.years_of_practice for row in of.values()) if of else 0
    columns = (
        column(t("cost.standard"), width=22.0),
        Column(t("cost.persons_change")),
        Column(t("cost.limits")),
        Column(t("cost.net")),
        Column(t("cost.limits")),
        Column(t("cost.municipal")),
    )
    return Table(t("cost.caption_practice", years=p.n.count(years)), columns, bodies, look="small")


def _states(p: Telling, outcome: str) -> Table:
    """Return on what those granted were and are, in shares: groups that somebody is seen in."""
    rows = [row for row in p.content.followups.costs.states if row.outcome == outcome]
    years = _shown({row.years_since_grant for row in rows})
    by_group: dict[str, dict[int, GrantState]] = {}
    for row in rows:
        by_group.setdefault(row.state_group, {})[row.years_since_grant] = row
    body = tuple(
        line(
            state_name(p, group),
            *(
                MISSING if (share := of[year].share) is None else p.n.percent(share, 1)
                for year in years
            ),
        )
        for group, of in by_group.items()
        if any(of[year].share for year in years)
    )
    heads = [p.t("cost.before") if year == 0 else p.n.count(year) for year in years]
    columns = (column(p.t("cost.state"), width=22.0), *(Column(head) for head in heads))
    caption = p.t("cost.caption_states", outcome=p.outcome(outcome))
    return Table(caption, columns, (Body(body),), look="small")


def _prices(p: Telling) -> Table:
    t = p.t
    body = tuple(
        line(
            state_name(p, price.state_group),
            p.n.count(price.kroner_a_month),
            p.n.percent(price.municipal_share),
        )
        for price in p.content.followups.costs.prices
    )
    columns = (
        column(t("cost.state"), width=22.0),
        Column(t("cost.month")),
        Column(t("cost.share")),
    )
    return Table(t("cost.caption_prices"), columns, (Body(body),), look="small")
