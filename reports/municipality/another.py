"""What the municipality would grant a year at the practice of others."""

from __future__ import annotations

from reports.municipality.view import Own
from reports.told.blocks import Bullets, Section, Text


def another(p: Own) -> tuple[Section, ...]:
    """Return the section in a sentence per outcome; none where the release has no such grants."""
    listed = {
        (row.outcome, row.standard): row
        for row in p.content.followups.other_practices
        if row.area_code == p.place.code
    }
    said = []
    for outcome in p.outcomes:
        country = listed.get((outcome, "country"))
        fewest = listed.get((outcome, "lowest_fifth"))
        most = listed.get((outcome, "highest_fifth"))
        if country is None or fewest is None or most is None:
            continue
        said.append(
            p.t(
                "another.sentence",
                outcome=p.outcome(outcome),
                now=p.n.number(country.grants_now),
                country=p.n.number(country.grants_if),
                low=p.n.signed(country.grants_change_low),
                high=p.n.signed(country.grants_change_high),
                fewest=p.n.number(fewest.grants_if),
                most=p.n.number(most.grants_if),
            )
        )
    if not said:
        return ()
    blocks = (
        Bullets(tuple(said)),
        Text(p.t("another.note"), "note"),
    )
    return (Section("another", p.t("another.title"), blocks),)
