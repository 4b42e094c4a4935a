"""The schematic map: one tile per municipality, coloured on a diverging scale around 1.

Purple is fewer, orange more than expected. Colour is never the only bearer: each tile prints its
number, and a bar at its foot grows to the left for fewer and to the right for more, so that a grey
print tells the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from markupsafe import Markup

from reports.content.content import MunicipalityResult, View
from reports.content.near import layout
from reports.language.formatting import Numbers

#: Upper edges of the classes, symmetric on the log scale; above the last edge is the last class.
EDGES = (0.80, 0.90, 0.97, 1 / 0.97, 1 / 0.90, 1 / 0.80)
#: Fill and ink of the classes, fewest first.
FILLS = ("#542788", "#a99dcd", "#dcdeed", "#f6f6f4", "#fde3bd", "#f2ac55", "#a85205")
INKS = ("#ffffff", "#1c2733", "#1c2733", "#1c2733", "#1c2733", "#1c2733", "#ffffff")
SIGNS = {"low": "▾", "high": "▴"}
_WIDTH, _HEIGHT, _GAP = 50, 46, 2
#: First column east of the Great Belt: a narrow screen shows the two halves below one another.
EAST = 9


def tile_value(row: MunicipalityResult) -> float:
    """Return the shrunken odds ratio, where it is missing O/E."""
    return row.ratio if row.odds_shrunk is None else row.odds_shrunk


def tile_step(value: float) -> int:
    """Return the class of ``value``, 0-6 from fewest to most."""
    return sum(value > edge for edge in EDGES)


def is_shrunken(view: View) -> bool:
    """Return whether the map shows shrunken effects (else O/E)."""
    return any(row.odds_shrunk is not None for row in view.rows)


def tile_map(view: View, numbers: Numbers, label: str, pages: Mapping[str, str]) -> Markup:
    """Return the map of ``view`` as SVG; a tile leads to its page in ``pages``.

    Municipalities without a place on the map are left out.
    """
    halves: dict[str, list[str]] = {"west": [], "east": []}
    columns = lines = 0
    for row in sorted(view.rows, key=lambda row: row.alphabetical):
        if row.code not in layout():
            continue
        column, line, short_name = layout()[row.code]
        columns, lines = max(columns, column + 1), max(lines, line + 1)
        value = tile_value(row)
        shown = numbers.number(value, 2)
        mark = SIGNS.get(row.stands_out or "", "")
        said = f"{row.name} {shown}{mark}"
        # A link is named by what it shows, and by the whole name where the tile shortens it.
        named = f"{short_name} {shown}{mark}" + ("" if short_name == row.name else f", {row.name}")
        drawn = _tile(_WIDTH * column, _HEIGHT * line, short_name, shown, value, row.stands_out)
        page = pages.get(row.code)
        if page:
            drawn = f'<a href="{escape(page)}" aria-label="{escape(named)}">{drawn}</a>'
        half = halves["east" if column >= EAST else "west"]
        half.append(f"<g><title>{escape(said)}</title>{drawn}</g>")
    role = "group" if pages else "img"
    box = f"0 0 {_WIDTH * columns} {_HEIGHT * lines}"
    tiles = "".join(f'<g class="{side}">{"".join(of)}</g>' for side, of in halves.items())
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="tile-map" viewBox="{box}" role="{role}"'
        f' aria-label="{escape(label)}">{tiles}</svg>'
    )


def _tile(x: int, y: int, name: str, shown: str, value: float, flag: str | None) -> str:
    step = tile_step(value)
    width, height = _WIDTH - _GAP, _HEIGHT - _GAP
    fill, ink, middle = FILLS[step], INKS[step], x + width / 2
    reach = (step - 3) * width / 6
    left = middle + min(reach, 0)
    size = '8.6"' if len(name) < 9 else '7.2" class="long"'
    foot = y + height - 5
    bar = f'<path d="M{left:.1f} {foot}h{abs(reach):.1f}v4h-{abs(reach):.1f}z" fill="{ink}"/>'
    return (
        f'<path d="M{x} {y}h{width}v{height}h-{width}z" fill="{fill}" stroke="#8c98a5"'
        f' stroke-width=".5"/>{bar if step != 3 else ""}'
        f'<text x="{middle}" y="{y + 15}" font-size="{size} text-anchor="middle" fill="{ink}">'
        f"{escape(name)} </text>"
        f'<text x="{middle}" y="{y + 31}" font-size="12" font-weight="bold" text-anchor="middle"'
        f' fill="{ink}">{shown}{SIGNS.get(flag or "", "")}</text>'
    )
