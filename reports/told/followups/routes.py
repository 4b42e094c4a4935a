"""Routes to the grant in tables: actual and expected by what people came from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from reports.content.followups.figures import Route
from reports.language.formatting import SUPPRESSED
from reports.told.blocks import Body, Cell, Column, Row, Section, Table, Text, column, folded
from reports.told.telling import Telling

#: The whole country among the areas of routes.
COUNTRY = "Danmark"


def routes(p: Telling) -> Section:
    """Return the country's grants by route."""
    t = p.t
    listed = [row for row in p.content.followups.area_routes if row.place == COUNTRY]
    if not listed:
        return Section("routes", t("routes.title"), (Text(t("routes.missing"), "notice"),))
    blocks: list[Any] = [Text(t("routes.lead"))]
    for outcome in dict.fromkeys(view.outcome for view in p.content.views):
        rows = [row for row in listed if row.outcome == outcome]
        if rows:
            caption = t("routes.caption", name=t("routes.country"), years=p.years)
            table = route_table(p, f"{caption} · {p.outcome(outcome)}", rows)
            blocks += folded(outcome, p.main_outcome, p.outcome(outcome), [table])
    blocks += [Text(t("routes.note"), "note"), *p.noise_note()]
    return Section("routes", t("routes.title"), tuple(blocks))


def route_table(p: Telling, caption: str, rows: Sequence[Route]) -> Table:
    """Return ``rows`` of one place and outcome as a table, a body per dimension."""
    t, n = p.t, p.n
    bodies = []
    for dimension in dict.fromkeys(row.dimension for row in rows):
        of_dimension = [row for row in rows if row.dimension == dimension]
        bodies.append(
            Body(
                tuple(
                    Row(
                        Cell(t.level(dimension, row.level)),
                        (
                            Cell(SUPPRESSED if row.observed is None else n.count(row.observed)),
                            Cell(n.number(row.expected)),
                            _ratio(p, row),
                        ),
                    )
                    for row in of_dimension
                ),
                t.label("dimension", dimension),
            )
        )
    columns = (
        column(t("routes.route"), width=34.0),
        Column(t("ranking.observed")),
        Column(t("ranking.expected")),
        Column(t("ranking.ratio"), f"({t('ranking.ratio_interval')})", width=20.0),
    )
    return Table(caption, columns, tuple(bodies), look="small")


def _ratio(p: Telling, row: Route) -> Cell:
    if row.ratio is None:
        return Cell(SUPPRESSED)
    return Cell(p.n.number(row.ratio, 2), soft=f"({p.ratio_limits(row.ratio_low, row.ratio_high)})")
