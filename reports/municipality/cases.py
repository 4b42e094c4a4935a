"""Why the municipality is among those proposed for interviews or a visit, or is not."""

from __future__ import annotations

from reports.municipality.view import Own
from reports.told.blocks import Section, Text
from reports.told.followups.cases import why
from reports.told.years import change_cases


def cases(p: Own) -> tuple[Section, ...]:
    """Return the section, a sentence for each selection; none where the release has none."""
    t, code, name = p.t, p.place.code, p.place.name
    held = p.content.followups
    said = [
        t("cases.of_place", name=name, why=why(p, one))
        for one in held.cases.places
        if one.code == code
    ]
    said += [
        t("change_cases.of_place", name=name, why=change_cases.why(p, one))
        for one in held.change_cases
        if one.municipality_code == code
    ]
    if not said:
        return ()
    blocks = (*(Text(one) for one in said), Text(t("cases.not_better"), "note"))
    return (Section("interviews", t("cases.title"), blocks),)
