"""What became of the municipality's citizens at high risk, and what stands in place of grants."""

from __future__ import annotations

from reports.content.followups.later import KINDS
from reports.municipality.view import Own
from reports.told.blocks import Section, Text
from reports.told.followups.later import horizons_of, kinds_of, of_kinds, year_of


def instead(p: Own) -> tuple[Section, ...]:
    """Return the section in two sentences, of the last year told; none where there is none.

    Where a kind of state is withheld it says that too few are at high risk to tell.
    """
    horizons = horizons_of(p)
    rows = kinds_of(p, horizons[-1], p.place.code) if horizons else {}
    if len(rows) != len(KINDS):
        return ()
    times = {"first": p.content.run.years[0], "year": year_of(p, horizons[-1])}
    title = p.t("instead.title")
    # Where some are withheld the others say little: all of a handful may support themselves.
    if any(row.share is None for row in rows.values()):
        return (Section("instead", title, (Text(p.t("instead.few", **times), "notice"),)),)
    told = rows["granted"].instead or "unknown"
    n_cohort = p.n.count(rows["granted"].n_cohort)
    said = p.t("instead.sentence", n=n_cohort, **times, **of_kinds(p, rows))
    blocks = (Text(said), Text(p.t(f"instead.{told}")), Text(p.t("instead.note"), "note"))
    return (Section("instead", title, blocks),)
