"""Grants year by year in the country from the earlier window on, beside dated reforms."""

from __future__ import annotations

from pipeline.codes import code_rows
from reports.language.formatting import MISSING
from reports.told.blocks import Body, Cell, Column, Row, Table, column
from reports.told.telling import Telling


def by_year(p: Telling, outcomes: list[str], first_year: int) -> Table | None:
    """Return grants, and per 1,000 residents of the ages asked about, with the reforms by year.

    From ``first_year`` to the last of the years at risk, of the municipalities whose count is shown
    (:func:`reports.content.slices.shown_country`); years without any are left out, and there is no
    table where no year is left.
    """
    years_at_risk = p.content.run.years
    shown = {(row.outcome, row.year): row for row in p.content.shown_country}
    listed = sorted(
        {
            year
            for outcome, year in shown
            if outcome in outcomes and first_year <= year <= max(years_at_risk, default=first_year)
        }
    )
    if not listed:
        return None
    reforms = reforms_by_year(p.language)
    rows = []
    for year in listed:
        cells = []
        for outcome in outcomes:
            row = shown.get((outcome, year))
            is_known = row is not None and row.share is not None
            cells += [
                Cell(p.n.count(row.observed) if row is not None else MISSING),
                Cell(p.n.number(1000 * (row.share or 0.0), 2) if row and is_known else MISSING),
            ]
        rows.append(Row(Cell(str(year)), (*cells, Cell("; ".join(reforms.get(year, []))))))
    columns = [column(p.t("place_development.year"), width=10.0)]
    for outcome in outcomes:
        name = p.outcome(outcome)
        columns += [
            Column(name, width=16.0),
            Column(p.t("change.per_1000", outcome=name), width=16.0),
        ]
    columns.append(column(p.t("change.reforms"), width=58.0))
    return Table(p.t("change.years_caption"), tuple(columns), (Body(tuple(rows)),), look="small")


def reforms_by_year(language: str) -> dict[int, list[str]]:
    """Return the names of the reforms and events by the year from which they hold, in order."""
    named: dict[int, list[str]] = {}
    for row in sorted(code_rows("reform"), key=lambda row: row["since"]):
        named.setdefault(int(row["since"][:4]), []).append(row[f"name_{language}"])
    return named
