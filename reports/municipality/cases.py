"""Why the municipality is among those proposed for interviews, or is not."""

from __future__ import annotations

from reports.municipality.view import Own
from reports.told.blocks import Section, Text
from reports.told.followups.cases import why


def cases(p: Own) -> tuple[Section, ...]:
    """Return the section in a sentence; none where the release has no selection."""
    place = next(
        (one for one in p.content.followups.cases.places if one.code == p.place.code), None
    )
    if place is None:
        return ()
    said = p.t("cases.of_place", name=p.place.name, why=why(p, place))
    blocks = (Text(said), Text(p.t("cases.not_better"), "note"))
    return (Section("interviews", p.t("cases.title"), blocks),)
