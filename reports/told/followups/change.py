"""Change since an earlier window: what it is made of, and where it is largest."""

from __future__ import annotations

from collections.abc import Iterator
from math import exp
from typing import Any

from reports.content.followups.figures import Change, ChangePart
from reports.told.blocks import Body, Cell, Column, Row, Section, Table, Text, column
from reports.told.followups.by_year import by_year
from reports.told.telling import Telling

#: Municipalities listed at each end of the ranking of change.
N_LISTED = 8
#: Share of those called changed that may be so by chance.
FALSE_SHARE = 0.05
TOTAL = "total"
#: Columns of the table by year where no grants may be shown: the year and its reforms.
N_WITHOUT_GRANTS = 2


def change(p: Telling) -> tuple[Section, ...]:
    """Return the section of the change of each outcome, none of a question without a baseline.

    A baseline that the data do not reach has a section that says so.
    """
    t = p.t
    title = t("change.title")
    followups = p.content.followups
    outcomes = list(dict.fromkeys(row.outcome for row in followups.changes))
    if not outcomes and not baseline(p):
        return ()
    if not outcomes:
        missing = t("change.missing", before=baseline(p))
        return (Section("change", title, (Text(missing, "notice"),)),)
    blocks: list[Any] = [Text(t("change.lead", before=baseline(p), years=p.years))]
    parts = [row for row in followups.country_parts if row.outcome in outcomes]
    blocks.append(_parts(p, outcomes, parts))
    for outcome in outcomes:
        rows = [row for row in followups.changes if row.outcome == outcome]
        blocks += [Text(_beyond_chance(p, outcome, rows)), _listed(p, outcome, rows)]
    first_year = min(baseline_years(p), default=min(p.content.run.years))
    table = by_year(p, outcomes, first_year)
    lead = "years_lead" if len(table.columns) > N_WITHOUT_GRANTS else "reforms_lead"
    blocks += [Text(t(f"change.{lead}")), table, *p.noise_note()]
    blocks.append(Text(t("change.note"), "notice"))
    return (Section("change", title, tuple(blocks)),)


def baseline_years(p: Telling) -> tuple[int, ...]:
    """Return the years that change is measured against; none of a question without any."""
    said = next((row.value for row in p.content.settings if row.name == "baseline_years"), ())
    return tuple(int(str(year)) for year in (said if isinstance(said, tuple) else (said,)))


def baseline(p: Telling) -> str:
    """Return the years that change is measured against, as text; empty where there are none."""
    years = baseline_years(p)
    return p.n.years(years) if years else ""


def short(p: Telling) -> Iterator[str]:
    """Yield of how many municipalities the main outcome changed beyond chance, if any is told."""
    rows = [row for row in p.content.followups.changes if row.outcome == p.main_outcome]
    if rows:
        kind = "change" if _changed(rows) else "change_none"
        yield p.t(f"lead.{kind}", before=baseline(p), years=p.years, **_counts(p, rows))


def _beyond_chance(p: Telling, outcome: str, rows: list[Change]) -> str:
    """Return how many changed beyond chance."""
    kind = "some" if _changed(rows) else "none"
    return p.t(f"change.{kind}", outcome=p.outcome(outcome), **_counts(p, rows))


def _changed(rows: list[Change]) -> list[Change]:
    """Return those called changed at a false share of one in twenty."""
    return [row for row in rows if row.q_value is not None and row.q_value < FALSE_SHARE]


def _counts(p: Telling, rows: list[Change]) -> dict[str, str]:
    changed = _changed(rows)
    n_up = sum((row.log_ratio_change or 0.0) > 0 for row in changed)
    counts = {"n": len(rows), "up": n_up, "down": len(changed) - n_up}
    return {name: p.n.count(count) for name, count in counts.items()}


def _parts(p: Telling, outcomes: list[str], parts: list[ChangePart]) -> Table:
    """Return the country's change and its parts, in grants per 10,000 a year."""
    t = p.t
    named = {name: t(f"change.part_{name}") for name in ("composition", "national_practice", TOTAL)}
    cells = {(row.outcome, row.component): row for row in parts}
    body = tuple(
        Row(
            Cell(label),
            tuple(_per_10_000(p, cells.get((outcome, name))) for outcome in outcomes),
        )
        for name, label in named.items()
    )
    columns = (
        column(t("change.part"), width=30.0),
        *(Column(p.outcome(outcome), width=20.0) for outcome in outcomes),
    )
    caption = t("change.parts_caption", before=baseline(p), years=p.years)
    return Table(caption, columns, (Body(body),), look="small")


def _listed(p: Telling, outcome: str, rows: list[Change]) -> Table:
    """Return the municipalities whose place fell and rose most, with their place by level."""
    t, n = p.t, p.n
    names = p.names
    ordered = sorted(rows, key=lambda row: (row.rank, row.municipality_code))
    if len(ordered) > 2 * N_LISTED:
        ordered = [*ordered[:N_LISTED], *ordered[-N_LISTED:]]
    own = {
        row.municipality_code: row
        for row in p.content.followups.change_parts
        if (row.outcome, row.component) == (outcome, "composition")
    }
    body = tuple(
        Row(
            Cell(names[code], code=code) if code in names else Cell(code),
            (
                Cell(f"{n.count(row.baseline_observed)} / {n.number(row.baseline_expected, 1)}"),
                Cell(f"{n.count(row.observed)} / {n.number(row.expected, 1)}"),
                _factor(p, row),
                _per_10_000(p, own.get(code)),
                _place(p, row.rank, row.rank_low, row.rank_high),
                _place(p, row.level_rank, row.level_rank_low, row.level_rank_high),
            ),
        )
        for row in ordered
        for code in (row.municipality_code,)
    )
    columns = (
        column(t("ranking.municipality"), width=16.0),
        Column(t("change.before"), width=13.0),
        Column(t("change.now"), width=13.0),
        Column(t("change.factor"), width=18.0),
        Column(t("change.composition_column"), width=14.0),
        Column(t("change.rank"), width=13.0),
        Column(t("change.level_rank"), width=13.0),
    )
    caption = t("change.caption", outcome=p.outcome(outcome), before=baseline(p), years=p.years)
    return Table(caption, columns, (Body(body),), look="small")


def _place(p: Telling, rank: int, low: int, high: int) -> Cell:
    return Cell(f"{p.n.count(rank)} ({p.n.interval(low, high, 0)})")


def _factor(p: Telling, row: Change) -> Cell:
    """Return O/E now over O/E before with limits."""
    said = factor_of(p, row)
    return Cell(p.t("change.unknown") if said is None else f"{said[0]} ({said[1]})")


def factor_of(p: Telling, row: Change) -> tuple[str, str] | None:
    """Return O/E now over O/E before and its limits as text; None where there are no limits."""
    low, high = row.log_ratio_change_low, row.log_ratio_change_high
    if row.log_ratio_change is None or low is None or high is None:
        return None
    return p.n.number(exp(row.log_ratio_change), 2), p.n.interval(exp(low), exp(high))


def _per_10_000(p: Telling, part: ChangePart | None) -> Cell:
    """Return a part with its limits; a part without limits is not known."""
    if part is None or part.low is None or part.high is None:
        return Cell(p.t("change.unknown"))
    value = p.n.number(1e4 * part.change_share, 1)
    return Cell(f"{value} ({p.n.interval(1e4 * part.low, 1e4 * part.high, 1)})")
