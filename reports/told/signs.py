"""What the signs in place of a number mean, said where they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from reports.language.formatting import MISSING, SUPPRESSED
from reports.told.blocks import Cell, Table, Text
from reports.told.telling import Telling


def signs(p: Telling, blocks: Iterable[Any]) -> list[Text]:
    """Return what is said of the signs that stand in tables of ``blocks``, folded ones too."""
    used = {part.strip("()") for cell in _cells(blocks) for part in (cell.text, cell.soft)}
    said = []
    if SUPPRESSED in used:
        said.append(hidden(p))
    if MISSING in used:
        said.append(p.t("signs.missing"))
    return [Text(one, "note") for one in said]


def hidden(p: Telling) -> str:
    """Return what the sign of a withheld number means."""
    return p.t(p.protected("signs.hidden"))


def _cells(blocks: Iterable[Any]) -> Iterator[Cell]:
    for block in blocks:
        if isinstance(block, Table):
            for body in block.bodies:
                for row in body.rows:
                    yield from row.cells
        yield from _cells(getattr(block, "blocks", ()))
