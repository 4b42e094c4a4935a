"""The year so far against the same quarters of the year before, and who is on benefit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from reports.content.courses import GrantQuarter, PensionStock
from reports.language.formatting import MISSING, SUPPRESSED
from reports.language.transitions import inside
from reports.told.blocks import Body, Cell, Column, Row, Section, Table, Text, column
from reports.told.signs import signs
from reports.told.states import state_name
from reports.told.telling import Telling

#: Years told, the last ones known.
_N_YEARS = 8
_YEAR_END = 4
#: Quarters compared of years that are known whole, as VIVE (2024) compares them.
_USUAL = 3
#: The benefit that an outcome leads to.
_BENEFITS = {"FP": "disability_pension", "FJ": "flexjob"}


def to_date(p: Telling) -> Section:
    """Return the section, with a sentence where the release says nothing of quarters."""
    t, rows = p.t, p.content.courses.quarters
    title = t("to_date.title")
    outcomes = p.outcomes_among({row.outcome for row in rows})
    if not outcomes:
        return Section("to_date", title, (Text(t("to_date.missing"), "notice"),))
    year, quarter = _compared(rows)
    cells = {(row.outcome, row.year, row.quarter): row for row in rows}
    blocks: list[Any] = [Text(t("to_date.lead"))]
    for outcome in outcomes:
        blocks.append(Text(_in_words(p, cells[outcome, year, quarter])))
    blocks += [Text(said) for said in _year_ends(p)]
    blocks.append(_by_year(p, outcomes, cells, year, quarter))
    blocks += [*signs(p, blocks), *p.noise_note(), Text(t("to_date.note"), "notice")]
    return Section("to_date", title, tuple(blocks))


def _compared(rows: Iterable[GrantQuarter]) -> tuple[int, int]:
    """Return the last year and the quarter up to which it is compared with the one before."""
    year, quarter = max((row.year, row.quarter) for row in rows)
    return year, _USUAL if quarter == _YEAR_END else quarter


def short(p: Telling) -> Iterator[str]:
    """Yield the grants of the main outcome in the year so far, where they are shown."""
    rows = [row for row in p.content.courses.quarters if row.outcome == p.main_outcome]
    if not rows:
        return
    told = _compared(rows)
    row = next(one for one in rows if (one.year, one.quarter) == told)
    low, high = row.to_date_change_low, row.to_date_change_high
    if row.n_to_date is None or row.to_date_change is None or low is None or high is None:
        return
    yield p.t(
        "lead.to_date",
        outcome=p.outcome(row.outcome),
        quarters=inside(_quarters(p, row.quarter)),
        year=row.year,
        before=row.year - 1,
        count=p.count(row.n_to_date, row.to_date_noise_sd),
        change=_signed(p, row.to_date_change),
        limits=p.n.in_percent(low, high, 1),
    )


def _quarters(p: Telling, quarter: int) -> str:
    return p.t(f"to_date.quarters_{quarter}")


def _in_words(p: Telling, row: GrantQuarter) -> str:
    """Return the grants of the year so far, and whether they changed by more than chance."""
    names = {"outcome": p.outcome(row.outcome), "year": row.year, "before": row.year - 1}
    names["quarters"] = _quarters(p, row.quarter)
    if row.n_to_date is None:
        return p.t("to_date.hidden", **names)
    names["count"] = p.count(row.n_to_date, row.to_date_noise_sd)
    low, high = row.to_date_change_low, row.to_date_change_high
    if row.to_date_change is None or low is None or high is None:
        return p.t("to_date.alone", **names)
    way = "more" if low > 0 else "fewer" if high < 0 else "chance"
    limits = p.n.in_percent(low, high, 1)
    share = p.n.percent(abs(row.to_date_change), 1)
    change = _signed(p, row.to_date_change)
    return p.t(f"to_date.{way}", share=share, change=change, limits=limits, **names)


def _signed(p: Telling, share: float) -> str:
    return p.t("to_date.percent", n=p.n.signed(100 * share, 1))


def _year_ends(p: Telling) -> list[str]:
    """Return who is on each benefit at the end of the last year, and of the first one told."""
    said = []
    for state in _BENEFITS.values():
        known = [one for one in _told_years(p, state) if one.n_persons is not None]
        if known:
            first, last = known[0], known[-1]
            values = {
                "year": last.year,
                "state": state_name(p, state),
                "count": p.count(last.n_persons or 0, last.noise_sd),
                "first": first.year,
                "then": p.count(first.n_persons or 0, first.noise_sd),
            }
            said.append(
                p.t("to_date.stock" if first is not last else "to_date.stock_one", **values)
            )
    return said


def _told_years(p: Telling, state: str) -> list[PensionStock]:
    rows = [one for one in p.content.courses.year_ends if one.state_group == state]
    return sorted(rows, key=lambda one: one.year)[-_N_YEARS:]


def _by_year(
    p: Telling,
    outcomes: tuple[str, ...],
    cells: dict[tuple[str, int, int], GrantQuarter],
    last: int,
    quarter: int,
) -> Table:
    """Return grants of the same quarters, of whole years and who is on benefit at their ends."""
    t = p.t
    stock = {(one.state_group, one.year): one for one in p.content.courses.year_ends}
    bodies = []
    for outcome in outcomes:
        rows = []
        for year in range(last - _N_YEARS + 1, last + 1):
            part = cells.get((outcome, year, quarter))
            if part is None:
                continue
            whole = cells.get((outcome, year, _YEAR_END))
            benefit = _BENEFITS.get(outcome)
            on = None if benefit is None else stock.get((benefit, year))
            rows.append(
                Row(
                    Cell(str(year)),
                    (
                        _counted(p, part),
                        _change(p, part),
                        _counted(p, whole),
                        _change(p, whole),
                        Cell(
                            MISSING
                            if on is None
                            else SUPPRESSED
                            if on.n_persons is None
                            else p.n.count(on.n_persons)
                        ),
                    ),
                )
            )
        bodies.append(Body(tuple(rows), p.outcome(outcome)))
    columns = (
        column(t("place_development.year"), width=12.0),
        Column(_quarters(p, quarter), width=16.0),
        Column(t("to_date.change"), width=24.0),
        Column(t("to_date.whole"), width=14.0),
        Column(t("to_date.change"), width=24.0),
        Column(t("to_date.at_end"), width=18.0),
    )
    return Table(t("to_date.caption"), columns, tuple(bodies), look="small")


def _counted(p: Telling, row: GrantQuarter | None) -> Cell:
    if row is None:
        return Cell(MISSING)
    return Cell(SUPPRESSED if row.n_to_date is None else p.n.count(row.n_to_date))


def _change(p: Telling, row: GrantQuarter | None) -> Cell:
    if row is None or row.to_date_change is None:
        return Cell(MISSING)
    low, high = row.to_date_change_low, row.to_date_change_high
    if low is None or high is None:
        return Cell(_signed(p, row.to_date_change))
    limits = p.n.in_percent(low, high, 1)
    return Cell(_signed(p, row.to_date_change), soft=f"({limits})")
