"""Grants year by year in the country from the earlier window on, beside dated reforms."""

from __future__ import annotations

from pipeline.codes import code_rows
from reports.language.formatting import MISSING
from reports.told.blocks import Body, Cell, Column, Row, Table, column
from reports.told.telling import Telling


def by_year(p: Telling, outcomes: list[str], first_year: int) -> Table:
    """Return grants, and per 1,000 residents of the ages asked about, with the reforms by year.

    From ``first_year`` to the last of the years at risk, of the municipalities whose count is shown
    (:func:`reports.content.slices.shown_country`); an outcome that no year shows has no columns.
    """
    shown = {(row.outcome, row.year): row for row in p.content.shown_country}
    years = range(first_year, max(p.content.run.years, default=first_year) + 1)
    told = [name for name in outcomes if any((name, year) in shown for year in years)]
    reforms = reforms_by_year(p.language)
    rows = []
    for year in years:
        cells = []
        for outcome in told:
            row = shown.get((outcome, year))
            share = None if row is None or row.share is None else 1000 * row.share
            cells += [Cell(p.n.count(row.observed) if row else MISSING), Cell(p.n.number(share, 2))]
        rows.append(Row(Cell(str(year)), (*cells, Cell("; ".join(reforms.get(year, []))))))
    columns = [column(p.t("place_development.year"), width=10.0)]
    for outcome in told:
        name = p.outcome(outcome)
        per_1000 = p.t("change.per_1000", outcome=name)
        columns += [Column(name, width=16.0), Column(per_1000, width=16.0)]
    columns.append(column(p.t("change.reforms"), width=58.0))
    return Table(p.t("change.years_caption"), tuple(columns), (Body(tuple(rows)),), look="small")


def reforms_by_year(language: str) -> dict[int, list[str]]:
    """Return the names of the reforms and events by the year from which they hold, in order."""
    named: dict[int, list[str]] = {}
    for row in sorted(code_rows("reform"), key=lambda row: row["since"]):
        named.setdefault(int(row["since"][:4]), []).append(row[f"name_{language}"])
    return named
