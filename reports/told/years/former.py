"""Municipalities merged in 2007: what they follow, whether their parts grow alike, parts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipeline.codes import code_rows
from reports.content.followups.former import WHOLE, Followed, FormerPart, Merged, PartSpread
from reports.content.values import in_order_of
from reports.language.formatting import MISSING
from reports.told.blocks import (
    Body,
    Bullets,
    Cell,
    Column,
    Row,
    Section,
    Table,
    Text,
    column,
    folded,
)
from reports.told.telling import Telling
from reports.told.years.former_sides import RULES, share_cells, sides

#: Probability from which a rule is said to hold.
SURE = 0.9
#: A spread whose limits reach from below to above these is not told from any other.
_LEAST_SPREAD, _MOST_SPREAD = 0.06, 1.0
BEFORE, AFTER = "before", "after"


def former(p: Telling) -> tuple[Section, ...]:
    """Return the section of the country; none of a question far from the reform."""
    merged = p.content.followups.merged
    outcomes = _outcomes(p, merged)
    if not outcomes:
        return ()
    t = p.t
    whole = next(part for part in merged.parts if part.former_code == WHOLE)
    spans = {part.period: _span(p, part) for part in merged.parts}
    n = next(row.n_municipalities for row in merged.rules)
    blocks: list[Any] = [Text(t("former.lead", n=p.n.count(n), **spans))]
    blocks += [Bullets(tuple(_country_sentence(p, outcome) for outcome in outcomes))]
    blocks += sides(p, outcomes)
    for outcome in outcomes:
        table = _rule_table(p, outcome, _span(p, whole))
        blocks += folded(outcome, outcomes[0], p.outcome(outcome), [table])
    blocks += [Text(t("former.spread_lead")), _spread_table(p, outcomes)]
    blocks += [*p.noise_note(), Text(t("former.note"), "notice")]
    return (Section("former", t("former.title"), tuple(blocks)),)


def short(p: Telling) -> Iterator[str]:
    """Yield what most merged municipalities follow in the main outcome, or that it is not told."""
    rows = [row for row in p.content.followups.merged.rules if row.outcome == p.main_outcome]
    if rows:
        first = max(rows, key=lambda row: row.p_commonest)
        kind = "merged" if first.p_commonest >= SURE else "merged_unknown"
        values = {"rule": p.t(f"former.rule_{first.rule}"), "chance": p.n.percent(SURE)}
        yield p.t(f"lead.{kind}", n=p.n.count(first.n_municipalities), **values)


def own_former(p: Telling, code: str) -> tuple[Section, ...]:
    """Return the section of the municipality ``code``; none of one that was not merged."""
    merged = p.content.followups.merged
    followed = [row for row in merged.followed if row.municipality_code == code]
    parts = [part for part in merged.parts if part.municipality_code == code]
    if not followed or not parts:
        return ()
    outcomes = _outcomes(p, merged)
    ordered = in_order_of(followed, outcomes, lambda row: row.outcome)
    said = tuple(sentence(p, row) for row in ordered)
    outcome = outcomes[0]
    blocks = (
        Bullets(said),
        _own_table(p, code, outcome, [part for part in parts if part.outcome == outcome]),
        Text(p.t("former.own_note"), "note"),
        *p.noise_note(),
    )
    return (Section("former", p.t("former.own_title"), blocks),)


def sentence(p: Telling, row: Followed) -> str:
    """Return which of its parts a municipality follows, or that it cannot be told."""
    rules = {"mean": row.p_mean, "largest": row.p_largest, "strictest": row.p_strictest}
    rule, probability = max(rules.items(), key=lambda item: item[1])
    words = {"outcome": p.outcome(row.outcome), "n": p.n.count(row.n_former)}
    if probability < SURE:
        return p.t("former.own_unknown", **words)
    said = p.t(f"former.rule_{rule}")
    return p.t("former.own_follows", **words, rule=said, probability=p.n.percent(probability))


def former_name(p: Telling, code: str, former_code: str) -> str:
    """Return the name of a former municipality, or of the whole of the municipality ``code``."""
    if former_code != WHOLE:
        history = code_rows("municipality_history")
        latest = max(
            (row for row in history if row["municipality_code"] == former_code),
            key=lambda row: row["valid_to"],
        )
        return latest["municipality_name"]
    named = p.names
    return p.t("former.whole", name=named.get(code, code))


def _country_sentence(p: Telling, outcome: str) -> str:
    rows = [row for row in p.content.followups.merged.rules if row.outcome == outcome]
    first = max(rows, key=lambda row: row.p_commonest)
    if first.p_commonest >= SURE:
        said = p.t(
            "former.commonest",
            outcome=p.outcome(outcome),
            rule=p.t(f"former.rule_{first.rule}"),
            share=p.n.percent(first.share),
            limits=p.n.percents(first.share_low, first.share_high),
        )
    else:
        said = p.t("former.unknown", outcome=p.outcome(outcome))
    low, high = first.joint_change_low, first.joint_change_high
    kind = "fewer" if high < 1 else "more" if low > 1 else "same"
    change = p.t(
        f"former.joint_{kind}",
        times=p.n.number(first.joint_change, 2),
        limits=p.n.interval(low, high),
    )
    return f"{said} {change}"


def _rule_table(p: Telling, outcome: str, span: str) -> Table:
    t = p.t
    rows = {row.rule: row for row in p.content.followups.merged.rules if row.outcome == outcome}
    body = tuple(
        Row(Cell(t(f"former.rule_{rule}")), share_cells(p, row))
        for rule in RULES
        if (row := rows.get(rule)) is not None
    )
    columns = (
        column(t("former.rule"), width=34.0),
        Column(t("former.share"), width=20.0),
        Column(t("former.commonest_column"), width=20.0),
    )
    caption = t("former.caption", outcome=p.outcome(outcome))
    return Table(caption, columns, (Body(body),), look="small")


def _spread_table(p: Telling, outcomes: tuple[str, ...]) -> Table:
    t = p.t
    rows = {(row.outcome, row.year): row for row in p.content.followups.merged.spreads}
    body = tuple(
        Row(
            Cell(str(year)),
            tuple(_spread(p, rows.get((outcome, year))) for outcome in outcomes),
        )
        for year in sorted({year for _, year in rows})
    )
    columns = (
        column(t("former.year"), width=16.0),
        *(Column(p.outcome(outcome), width=20.0) for outcome in outcomes),
    )
    return Table(t("former.spread_caption"), columns, (Body(body),), look="small")


def _spread(p: Telling, row: PartSpread | None) -> Cell:
    """Return a spread with its limits; one that the grants say nothing of is not printed."""
    if row is None or (row.spread_low < _LEAST_SPREAD and row.spread_high > _MOST_SPREAD):
        return Cell(MISSING)
    return Cell(p.n.percent(row.spread), lines=(p.n.percents(row.spread_low, row.spread_high),))


def _own_table(p: Telling, code: str, outcome: str, parts: list[FormerPart]) -> Table:
    t = p.t
    by_code: dict[str, dict[str, FormerPart]] = {}
    for part in parts:
        by_code.setdefault(part.former_code, {})[part.period] = part
    spans = {part.period: _span(p, part) for part in parts}
    body = tuple(
        Row(
            Cell(
                former_name(p, code, former_code),
                soft=t("former.largest") if any(of.is_largest for of in periods.values()) else "",
            ),
            (*_figures(p, periods.get(BEFORE)), *_figures(p, periods.get(AFTER))),
        )
        for former_code, periods in sorted(
            by_code.items(), key=lambda item: (item[0] == WHOLE, item[0])
        )
    )
    columns = (
        column(t("former.part"), width=24.0),
        *(
            Column(t(f"former.{name}", years=spans.get(period, "")), width=18.0)
            for period in (BEFORE, AFTER)
            for name in ("counts", "shrunk")
        ),
    )
    names = p.names
    caption = t("former.own_caption", outcome=p.outcome(outcome), name=names.get(code, code))
    return Table(caption, columns, (Body(body),), look="small")


def _figures(p: Telling, part: FormerPart | None) -> tuple[Cell, Cell]:
    """Return counts and O/E corrected for chance of a part in a period."""
    if part is None or part.observed is None:
        return Cell(MISSING), Cell(MISSING)
    counts = Cell(f"{p.n.count(part.observed)} / {p.n.number(part.expected, 1)}")
    limits = p.n.interval(part.shrunk_low, part.shrunk_high)
    return counts, Cell(p.n.number(part.shrunk, 2), lines=(limits,))


def _outcomes(p: Telling, merged: Merged) -> tuple[str, ...]:
    return p.outcomes_among({row.outcome for row in merged.rules})


def _span(p: Telling, part: FormerPart) -> str:
    return p.n.years(tuple(range(part.year_from, part.year_to + 1)))
