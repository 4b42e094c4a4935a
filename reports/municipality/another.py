"""What the municipality would grant a year at the practice of others."""

from __future__ import annotations

from reports.content.followups.figures import OtherPractice
from reports.courses.cost import practice_sentence
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
        for standard in ("conditions", "without_queue"):
            own = listed.get((outcome, standard))
            if own is not None and _is_told(own):
                said.append(
                    p.t(
                        f"another.{standard}",
                        outcome=p.outcome(outcome),
                        then=p.n.number(own.grants_if),
                        low=p.n.signed(own.grants_change_low),
                        high=p.n.signed(own.grants_change_high),
                    )
                )
    if not said:
        return ()
    costs = p.content.followups.costs.of_area(p.place.code)
    worth = [
        practice_sentence(p, costs[outcome, "country"])
        for outcome in p.outcomes
        if (outcome, "country") in costs
    ]
    notes = [Text(p.t("another.note"), "note")]
    if worth:
        notes.append(Text(p.t("cost.note_place"), "note"))
    blocks = (Bullets((*said, *worth)), *notes)
    return (Section("another", p.t("another.title"), blocks),)


def _is_told(row: OtherPractice) -> bool:
    """Return whether a municipality's own answer is said: a queue only beyond chance."""
    if row.standard == "without_queue":
        return row.grants_change_low > 0 or row.grants_change_high < 0
    return True
