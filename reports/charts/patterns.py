"""Hatch and dots over a fill, so that grey print keeps what two colours tell apart."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

#: Marks of one repeat of 6 by 6 units, drawn in the ink of the fill beneath.
_MARKS = {
    "hatch": '<path d="M-1 1L1 -1M0 6L6 0M5 7L7 5" stroke="{ink}" stroke-width=".9"/>',
    "dots": '<circle cx="3" cy="3" r="1.05" fill="{ink}"/>',
    "lines": '<path d="M0 3H6" stroke="{ink}" stroke-width=".9"/>',
}


def pattern_id(label: str, kind: str, ink: str) -> str:
    """Return the id of a pattern, its own for each figure: several share a page."""
    return f"{kind}-{zlib.crc32(label.encode('utf-8')):x}-{ink.removeprefix('#')}"


def pattern_defs(label: str, used: Iterable[tuple[str, str]], opacity: float) -> str:
    """Return the definitions of the patterns ``used`` as (kind, ink) in the figure ``label``."""
    drawn = "".join(
        f'<pattern id="{pattern_id(label, kind, ink)}" width="6" height="6"'
        f' patternUnits="userSpaceOnUse"><g opacity="{opacity:g}">'
        f"{_MARKS[kind].format(ink=ink)}</g></pattern>"
        for kind, ink in sorted(set(used))
    )
    return f"<defs>{drawn}</defs>" if drawn else ""
