"""What has changed in the municipality since the earlier window, in a sentence per outcome."""

from __future__ import annotations

from reports.content.followups.figures import Change, ChangePart
from reports.told.blocks import Bullets, Section, Text
from reports.told.followups.change import baseline, factor_of
from reports.told.telling import Telling

_PARTS = ("composition", "national_practice", "own_practice", "total")


def own_change(p: Telling, code: str) -> tuple[Section, ...]:
    """Return the section of the municipality ``code``, none where the release holds no change.

    A change whose limits are not known, for lack of grants then or now, is not printed.
    """
    followups = p.content.followups
    rows = [row for row in followups.changes if row.municipality_code == code]
    parts = {
        (row.outcome, row.component): row
        for row in followups.change_parts
        if row.municipality_code == code
    }
    said = tuple(
        sentence(p, row, [parts.get((row.outcome, name)) for name in _PARTS]) for row in rows
    )
    if not said:
        return ()
    blocks = (Bullets(said), Text(p.t("change.own_note"), "note"))
    return (Section("change", p.t("change.own_title", before=baseline(p)), blocks),)


def sentence(p: Telling, row: Change, parts: list[ChangePart | None]) -> str:
    """Return grants then and now, the change with limits, its parts where they have any."""
    counts = {
        "outcome": p.outcome(row.outcome),
        "before": p.n.count(row.baseline_observed),
        "expected_before": p.n.number(row.baseline_expected, 1),
        "now": p.n.count(row.observed),
        "expected": p.n.number(row.expected, 1),
    }
    factor = factor_of(p, row)
    if factor is None:
        return p.t("change.own_unknown", **counts)
    said = p.t("change.own_sentence", **counts, factor=factor[0], limits=factor[1])
    known = [part for part in parts if part is not None and part.low is not None]
    if len(known) < len(_PARTS):
        return said
    composition, national, own, total = (p.n.signed(1e4 * part.change_share, 1) for part in known)
    split = p.t(
        "change.own_parts", total=total, composition=composition, national=national, own=own
    )
    return f"{said} {split}"
