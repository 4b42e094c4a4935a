"""What the municipality's grants came from, against what is expected."""

from __future__ import annotations

from typing import Any

from reports.content.followups.figures import Route
from reports.municipality.view import Own
from reports.told.blocks import Section, Text, folded
from reports.told.followups.routes import route_table


def routes(p: Own) -> tuple[Section, ...]:
    """Return the routes of the municipality; none where the release has no routes."""
    listed = p.lookup.routes.get(p.place.code, [])
    if not listed:
        return ()
    t = p.t
    blocks: list[Any] = [Text(t("routes.lead")), *(Text(line) for line in sentences(p, listed))]
    for outcome in p.outcomes:
        rows = [row for row in listed if row.outcome == outcome]
        if rows:
            caption = t("routes.caption", name=p.place.name, years=p.years)
            table = route_table(p, f"{caption} · {p.outcome(outcome)}", rows)
            blocks += folded(outcome, p.main_outcome, p.outcome(outcome), [table])
    blocks += [Text(t("routes.note"), "note"), *p.noise_note()]
    return (Section("routes", t("routes.title"), tuple(blocks)),)


def sentences(p: Own, listed: list[Route]) -> list[str]:
    """Return a sentence for each last benefit that differs beyond chance, or that none does."""
    said = []
    of_main = [row for row in listed if row.outcome == p.main_outcome]
    for row in of_main:
        low, high = row.ratio_low, row.ratio_high
        if row.dimension != "last_benefit" or row.observed is None or low is None or high is None:
            continue
        if low > 1 or high < 1:
            values = {
                "level": p.t.level(row.dimension, row.level),
                "observed": p.n.count(row.observed),
                "expected": p.n.number(row.expected),
            }
            said.append(p.t(f"routes.{'more' if low > 1 else 'fewer'}", **values))
    return said or [p.t("routes.as_expected")]
