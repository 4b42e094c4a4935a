"""How the report is read: a line read aloud, what the numbers mean, and where to go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reports.content.content import MunicipalityResult
from reports.language.files import downloads
from reports.told.blocks import Bullets, Links, Section, Text
from reports.told.signs import hidden
from reports.told.telling import Telling

#: Sections in order.
_PARTS = ("line", "expected", "interval", "rank", "neutral", "hidden", "cannot", "files", "next")


def guide(p: Telling, pages: Mapping[str, str]) -> tuple[Section, ...]:
    """Return the sections; ``pages`` are the addresses of the site's pages by key."""
    return tuple(
        Section(part, p.t(f"guide.{part}_title"), tuple(_blocks(p, part, pages))) for part in _PARTS
    )


def _blocks(p: Telling, part: str, pages: Mapping[str, str]) -> list[Any]:
    t = p.t
    if part == "line":
        said = example(p)
        return [Text(text, "" if at else "first") for at, text in enumerate(said)]
    if part == "cannot":
        return [Bullets(t.all("sureness.cannot"))]
    if part == "hidden":
        return [Bullets((hidden(p), t("signs.missing"), *t.all(p.protected("guide.hidden"))))]
    if part == "files":
        return [files(p), Text(t("guide.files_note"), "note")]
    if part == "next":
        return [
            Links(tuple((t(f"guide.next_{key}"), pages[key]) for key in ("appendix", "dictionary")))
        ]
    return [Text(paragraph) for paragraph in t.all(f"guide.{part}")]


def files(p: Telling) -> Links:
    """Return the files a reader can take along."""
    return Links(tuple((p.t(f"guide.files_{key}"), file) for key, file in downloads(p.language)))


def example(p: Telling) -> tuple[str, ...]:
    """Return the line of the municipality in the middle of the ranking, in sentences."""
    t, n = p.t, p.n
    row = _middle(p.content.main.rows)
    if row is None:
        return (t("guide.line_missing"),)
    said = t(
        "guide.line",
        name=row.name,
        observed=n.count(row.observed),
        years=p.years,
        expected=n.number(row.expected),
        ratio=n.number(row.ratio, 2),
        low=n.number(row.ratio_low, 2),
        high=n.number(row.ratio_high, 2),
    )
    values = {"rank": row.rank, "rank_low": row.rank_low, "rank_high": row.rank_high}
    counts = {key: n.count(value) for key, value in values.items()}
    return said, t("guide.line_rank", n=n.count(len(p.content.main.rows)), **counts)


def _middle(rows: tuple[MunicipalityResult, ...]) -> MunicipalityResult | None:
    known = [
        row
        for row in rows
        if None not in (row.rank, row.rank_low, row.rank_high, row.ratio_low, row.ratio_high)
    ]
    return known[len(known) // 2] if known else None
