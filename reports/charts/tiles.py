"""The schematic map: one tile per municipality, coloured on a diverging scale around 1.

Purple is fewer, orange more than expected. Colour is never the only bearer: fewer is hatched and
more dotted, each tile prints its number, and a bar at its foot grows to the left for fewer and to
the right for more, so that a grey print tells the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from reports.charts.parts import INK
from reports.charts.patterns import pattern_defs, pattern_id
from reports.content.content import MunicipalityResult, View
from reports.content.near import layout
from reports.language.formatting import Numbers

#: Upper edges of the classes, symmetric on the log scale; above the last edge is the last class.
EDGES = (0.80, 0.90, 0.97, 1 / 0.97, 1 / 0.90, 1 / 0.80)
#: Fill and ink of the classes, fewest first.
FILLS = ("#542788", "#a99dcd", "#dcdeed", "#f6f6f4", "#fde3bd", "#f2ac55", "#a85205")
INKS = ("#ffffff", "#1c2733", "#1c2733", "#1c2733", "#1c2733", "#1c2733", "#ffffff")
SIGNS = {"low": "▾", "high": "▴"}
#: Pattern over the fill of each class, fewest first.
PATTERNS = (*("hatch",) * 3, "", *("dots",) * 3)
_OPACITY = 0.34
_WIDTH, _HEIGHT, _GAP = 50, 46, 2
#: First column east of the Great Belt: a narrow screen shows the two halves below one another.
EAST = 9


@dataclass(frozen=True)
class MapKey:
    """The key of the map: its classes in words, fewest first, between what its two ends mean."""

    first: str
    last: str
    classes: tuple[str, ...]


def tile_value(row: MunicipalityResult) -> float:
    """Return the shrunken odds ratio, where it is missing O/E."""
    return row.ratio if row.odds_shrunk is None else row.odds_shrunk


def tile_step(value: float) -> int:
    """Return the class of ``value``, 0-6 from fewest to most."""
    return sum(value > edge for edge in EDGES)


def is_shrunken(view: View) -> bool:
    """Return whether the map shows shrunken effects (else O/E)."""
    return any(row.odds_shrunk is not None for row in view.rows)


def tile_map(
    view: View, numbers: Numbers, label: str, key: MapKey, pages: Mapping[str, str]
) -> Markup:
    """Return the map of ``view`` as SVG with its ``key``; a tile leads to its page in ``pages``.

    Municipalities without a place on the map are left out.
    """
    halves: dict[str, list[str]] = {"west": [], "east": []}
    for row in sorted(view.rows, key=lambda row: row.alphabetical):
        if row.code not in layout():
            continue
        column, line, short_name = layout()[row.code]
        value = tile_value(row)
        shown = numbers.number(value, 2)
        mark = SIGNS.get(row.stands_out or "", "")
        said = f"{row.name} {shown}{mark}"
        # A link is named by what it shows, and by the whole name where the tile shortens it.
        named = f"{short_name} {shown}{mark}" + ("" if short_name == row.name else f", {row.name}")
        at = (_WIDTH * column, _HEIGHT * line)
        drawn = _tile(label, at, short_name, shown, value, row.stands_out)
        page = pages.get(row.code)
        if page:
            drawn = f'<a href="{escape(page)}" aria-label="{escape(named)}">{drawn}</a>'
        half = halves["east" if column >= EAST else "west"]
        half.append(f"<g><title>{escape(said)}</title>{drawn}</g>")
    sides = {side: "".join(of) for side, of in halves.items()}
    return _framed(label, key, sides, "group" if pages else "img")


def empty_map(label: str, key: MapKey, name: str) -> Markup:
    """Return the map without tiles for a script to draw: its id is ``name``, with its halves'."""
    return _framed(label, key, {}, "group", name)


def tile_fills(label: str) -> list[list[str]]:
    """Return fill, ink and the address of the pattern of each class in the map ``label``."""
    return [
        [fill, ink, f"url(#{pattern_id(label, kind, ink)})" if kind else ""]
        for fill, ink, kind in zip(FILLS, INKS, PATTERNS, strict=True)
    ]


def _framed(label: str, key: MapKey, tiles: Mapping[str, str], role: str, name: str = "") -> Markup:
    columns = 1 + max(column for column, _, _ in layout().values())
    lines = 1 + max(line for _, line, _ in layout().values())
    used = [(kind, ink) for kind, ink in zip(PATTERNS, INKS, strict=True) if kind]
    named = f' id="{name}"' if name else ""

    def half(side: str) -> str:
        own = f' id="{name}-{side}"' if name else ""
        return f'<g class="{side}"{own}>{tiles.get(side, "")}</g>'

    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tile-map"{named} role="{role}"'
        f' viewBox="0 0 {_WIDTH * columns} {_HEIGHT * lines}" aria-label="{escape(label)}">'
        f"{pattern_defs(label, used, _OPACITY)}{half('west')}{half('east')}"
        f'<g class="map-key">{_key(label, key)}</g></svg>'
    )


def _key(label: str, key: MapKey) -> str:
    """Return the classes in a row, in the sea north of Sjælland."""
    left, top, wide, high = _WIDTH * EAST + 26, 34, 52, 22
    right = left + wide * len(key.classes)
    parts = [
        f'<text x="{left}" y="{top - 8}" font-size="10.5" fill="{INKS[1]}">{escape(key.first)}'
        f'</text><text x="{right}" y="{top - 8}" font-size="10.5" text-anchor="end"'
        f' fill="{INKS[1]}">{escape(key.last)}</text>'
    ]
    for step, said in enumerate(key.classes):
        x = left + wide * step
        parts.append(
            f"{_ground(label, f'M{x} {top}h{wide}v{high}h-{wide}z', step)}"
            f'<text x="{x + wide / 2:g}" y="{top + 14.5}" font-size="8.8" text-anchor="middle"'
            f' fill="{INKS[step]}"{_rim(step)}>{escape(said)}</text>'
        )
    return "".join(parts)


def _ground(label: str, box: str, step: int) -> str:
    """Return fill and pattern of a class."""
    kind, ink = PATTERNS[step], INKS[step]
    over = f'<path d="{box}" fill="url(#{pattern_id(label, kind, ink)})"/>' if kind else ""
    return f'<path d="{box}" fill="{FILLS[step]}" stroke="#8c98a5" stroke-width=".5"/>{over}'


def _rim(step: int) -> str:
    """Return what keeps a rim of the fill round a text, so that no mark touches a letter."""
    if not PATTERNS[step]:
        return ""
    return f' stroke="{FILLS[step]}" stroke-width="2.6" paint-order="stroke"'


def _tile(
    label: str, at: tuple[int, int], name: str, shown: str, value: float, flag: str | None
) -> str:
    (x, y), step = at, tile_step(value)
    width, height = _WIDTH - _GAP, _HEIGHT - _GAP
    ink, middle, rim = INKS[step], x + width / 2, _rim(step)
    reach = (step - 3) * width / 6
    left = middle + min(reach, 0)
    size = '8.6"' if len(name) < 9 else '7.2" class="long"'
    foot = y + height - 5
    bar = f'<path d="M{left:.1f} {foot}h{abs(reach):.1f}v4h-{abs(reach):.1f}z" fill="{ink}"/>'
    box = f"M{x} {y}h{width}v{height}h-{width}z"
    return (
        f"{_ground(label, box, step)}{bar if step != 3 else ''}"
        f'<text x="{middle}" y="{y + 15}" font-size="{size} text-anchor="middle" fill="{ink}"{rim}>'
        f"{escape(name)} </text>"
        f'<text x="{middle}" y="{y + 31}" font-size="12" font-weight="bold" text-anchor="middle"'
        f' fill="{ink}"{rim}>{shown}{SIGNS.get(flag or "", "")}</text>'
    )


def small_map(tiles: Iterable[tuple[int, int, str]], label: str) -> Markup:
    """Return the schematic map with tiles as ``(column, row, kind)``.

    ``kind`` is ``own``, ``near`` or empty. Own is filled, near ones are hatched by an inner square.
    """
    squares: dict[str, list[str]] = {"": [], "near": [], "own": []}
    width = height = 0
    for column, row, kind in tiles:
        squares[kind].append(f"M{10 * column} {10 * row}h9v9h-9z")
        width, height = max(width, column + 1), max(height, row + 1)
    parts = [
        f'<path d="{"".join(squares[""])}" fill="#e3e8ec"/>',
        f'<path d="{"".join(squares["near"])}" fill="#fff" stroke="{INK}" stroke-width="1.4"/>',
        f'<path d="{"".join(squares["own"])}" fill="{INK}"/>',
    ]
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="locator"'
        f' viewBox="-1 -1 {10 * width + 1} {10 * height + 1}" role="img"'
        f' aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )
