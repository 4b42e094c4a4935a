"""What a section is made of: sentences, tables and figures, before it is set as page or paper.

Everything is text in the reader's language or a drawing; nothing here knows HTML or Typst. A cell
without a number says so itself (``formatting.MISSING`` or ``SUPPRESSED``): a limit that the release
does not hold is told in one way wherever it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import cache
from typing import Any, ClassVar


@dataclass(frozen=True)
class Text:
    """A paragraph; ``look`` is empty, ``first``, ``note``, ``notice`` or ``alarm``."""

    kind: ClassVar[str] = "text"
    text: str
    look: str = ""


@dataclass(frozen=True)
class Heading:
    """A heading inside a section."""

    kind: ClassVar[str] = "heading"
    text: str
    key: str = ""


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    kind: ClassVar[str] = "bullets"
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Terms:
    """Terms with what is said of each."""

    kind: ClassVar[str] = "terms"
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Finding:
    """A finding: a number large, what it counts, and the sentences that explain it."""

    kind: ClassVar[str] = "finding"
    title: str
    headline: str | None
    unit: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    ``soft`` follows the text in grey, ``lines`` stand below it. ``look`` names a shade, ``sign`` a
    mark of direction that ``said`` puts into words. ``sort`` is the value columns are sorted by,
    ``code`` the municipality the text leads to, ``drawing`` SVG without text.
    """

    text: str = ""
    soft: str = ""
    lines: tuple[str, ...] = ()
    look: str = ""
    sign: str = ""
    said: str = ""
    sort: float | None = None
    code: str = ""
    drawing: str = ""


@dataclass(frozen=True)
class Column:
    """A column: heading, a smaller note, ``kind`` (text, number or drawn), and its share of width.

    ``sort`` says how it is sorted where the table can be sorted; ``is_wide_only`` leaves it out on
    a narrow screen.
    """

    heading: str
    note: str = ""
    kind: str = "number"
    width: float = 12.0
    sort: str = ""
    is_wide_only: bool = False


@dataclass(frozen=True)
class Row:
    """A row: the cell that heads it, and the others; ``look`` may be ``total`` or ``naive``.

    ``key`` is its address on a page.
    """

    head: Cell
    cells: tuple[Cell, ...]
    look: str = ""
    key: str = ""


@dataclass(frozen=True)
class Body:
    """Rows that belong together, under a heading of their own or none."""

    rows: tuple[Row, ...]
    heading: str = ""


@dataclass(frozen=True)
class Table:
    """A table; ``over`` heads runs of columns as (text, number of columns), ``look`` is its style.

    ``caption_soft`` follows the caption in grey. ``is_marked`` puts the mark of synthetic data in
    front.
    """

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[Column, ...]
    bodies: tuple[Body, ...]
    over: tuple[tuple[str, int], ...] = ()
    look: str = ""
    caption_soft: str = ""
    sorted_by: int | None = None
    is_marked: bool = True


@dataclass(frozen=True)
class Figure:
    """A drawing with its title, note and alternative text; ``name`` is that of the saved file."""

    kind: ClassVar[str] = "figure"
    drawing: str
    label: str
    name: str
    title: str = ""
    note: str = ""
    look: str = ""


@dataclass(frozen=True)
class Links:
    """A list of addresses with their texts."""

    kind: ClassVar[str] = "links"
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Fold:
    """Blocks that a page folds behind ``summary`` and paper prints under it."""

    kind: ClassVar[str] = "fold"
    summary: str
    blocks: tuple[Any, ...]
    is_screen_only: bool = False


@dataclass(frozen=True)
class Beside:
    """Blocks that stand side by side where there is room."""

    kind: ClassVar[str] = "beside"
    blocks: tuple[Any, ...]


@dataclass(frozen=True)
class Section:
    """A section: its key among headings and addresses, its title, and its blocks."""

    key: str
    title: str
    blocks: tuple[Any, ...]


def column(heading: str, **traits: Any) -> Column:
    """Return a column of text."""
    return Column(heading, kind="text", **traits)


def line(head: str, *cells: str | Cell, look: str = "") -> Row:
    """Return a row of plain texts and cells."""
    return Row(Cell(head), tuple(c if isinstance(c, Cell) else Cell(c) for c in cells), look)


def folded(outcome: str, main: str, summary: str, blocks: Sequence[Any]) -> list[Any]:
    """Return ``blocks`` as they are for the main outcome, folded for any other."""
    return list(blocks) if outcome == main else [Fold(summary, tuple(blocks))]


def told_once(sections: Sequence[Section]) -> tuple[Section, ...]:
    """Return ``sections`` of one page, each note said in the first of them that has it."""
    said: set[str] = set()

    def is_new(block: Any) -> bool:
        if not isinstance(block, Text) or block.look != "note":
            return True
        is_first = block.text not in said
        said.add(block.text)
        return is_first

    return tuple(
        replace(section, blocks=tuple(block for block in section.blocks if is_new(block)))
        for section in sections
    )


def as_plain(value: Any) -> Any:
    """Return blocks as dictionaries and lists of texts and numbers, each block with its kind."""
    names = _fields(value.__class__)
    if names:
        plain = {name: as_plain(getattr(value, name)) for name in names}
        kind = getattr(value, "kind", None)
        # A column has a kind of its own.
        return plain if kind is None or "kind" in plain else {"kind": kind, **plain}
    if isinstance(value, list | tuple):
        return [as_plain(part) for part in value]
    return str(value) if isinstance(value, str) else value


@cache
def _fields(kind: type) -> tuple[str, ...]:
    """Return the names of the fields of a block; none of a text, a number or a list."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else ()
