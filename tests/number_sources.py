"""Where each number of a page comes from: every number of the release made known by its digits.

A release is changed a little, so that no two of its numbers are alike to the last digit; whoever
writes a number then says by its digits which table, column and row it is of. Writing is listened
to where all numbers are written (``formatting._written``): a page gets, around each number, signs
that lead back to the value it was made of. Nothing of the report's own sums is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pandas as pd

from pipeline.catalogue import catalogue
from reports.content.read import ResultTables
from reports.content.values import records

#: Signs around a number, and the first of those that count up to the value it was made of.
BEGIN, END, FIRST = "\ue000", "\ue001", 0xE100
_BASE = 4096
MARKED = re.compile(f"{BEGIN}([\ue100-\uf0ff]{{2}})(.*?){END}", re.DOTALL)
#: Whole numbers that are places, years or steps: they keep their values, as order rests on them.
_PLACES = re.compile(r"rank|year|quarter|fifth|grade|order|month|seed|scale|_number")
_COUNTS = ("observed", "baseline_observed", "residents")
#: A number of a page is one of the release when they are alike to this, relatively.
TOLERANCE = 1e-12

#: How a printed number may be made of one of the release: name, the value printed, its inverse.
TRANSFORMS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "{}": lambda x: x,
    "100 {}": lambda x: x / 100,
    "-{}": lambda x: -x,
    "exp({})": np.log,
    "100 exp({})": lambda x: np.log(x / 100),
    "1 - {}": lambda x: 1 - x,
    "100 (1 - {})": lambda x: 1 - x / 100,
    "1000 {}": lambda x: x / 1000,
    "10000 {}": lambda x: x / 10000,
    "{} / 1000000": lambda x: x * 1e6,
}


Key = dict[str, Any]

#: What those of them that are used of zeros make of one.
_OF_ZERO = {"{}": 0, "100 {}": 0, "1000 {}": 0, "10000 {}": 0, "exp({})": 1, "100 exp({})": 100}


@dataclass(frozen=True)
class Source:
    """A number of the release: how it is printed, of which column, and the key of its row."""

    name: str
    key: Key


@dataclass
class Known:
    """The numbers of a release: those that are known by their value, and places, years and steps.

    The latter are known in a row by the other numbers of that row only.
    """

    values: np.ndarray = field(default_factory=lambda: np.empty(0))
    _columns: list[str] = field(default_factory=list)
    _keys: list[list[Key]] = field(default_factory=list)
    _parts: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)
    _rows: dict[tuple[str, ...], dict[tuple[Any, ...], dict[str, float]]] = field(
        default_factory=dict
    )

    def add(self, name: str, numbers: Any, keys: list[Key], *, is_unlike: bool = True) -> None:
        """Add a column of numbers with the key of each of its rows."""
        listed = pd.to_numeric(pd.Series(numbers), errors="coerce").to_numpy(float)
        if keys:
            names = tuple(sorted(keys[0]))
            rows = self._rows.setdefault(names, {})
            for at in np.flatnonzero(np.isfinite(listed) & ((listed == 0) | (not is_unlike))):
                row = tuple(keys[at][part] for part in names)
                rows.setdefault(row, {})[name] = float(listed[at])
        if is_unlike:
            shown = np.flatnonzero(np.isfinite(listed) & (listed != 0))
            at = np.column_stack([np.full(len(shown), len(self._columns)), shown])
            self._columns.append(name)
            self._keys.append(keys)
            self._parts.append((listed[shown], at))

    def is_unlike(self, names: set[str]) -> bool:
        """Return whether one of the columns ``names`` has numbers known by their value."""
        return not names.isdisjoint(self._columns)

    def sort(self) -> None:
        """Put all numbers in order, so that they can be looked up."""
        values = np.concatenate([part for part, _ in self._parts])
        at = np.concatenate([part for _, part in self._parts])
        order = np.argsort(values, kind="stable")
        self.values, self._at = values[order], at[order]

    def sources(self, value: float) -> list[Source]:
        """Return every number of the release that ``value`` may be made of."""
        listed = []
        for name, inverse in TRANSFORMS.items():
            with np.errstate(all="ignore"):
                sought = float(inverse(np.float64(value)))
            if not np.isfinite(sought) or sought == 0:
                continue
            # A sum and a logarithm near 0 have lost digits.
            reach = TOLERANCE * max(abs(sought), 0.0 if name in ("{}", "100 {}") else 0.01)
            low, high = np.searchsorted(self.values, [sought - reach, sought + reach])
            for column, row in self._at[low:high]:
                named = name.format(self._columns[column])
                listed.append(Source(named, self._keys[column][row]))
        return listed

    def beside(self, value: float, key: Key) -> list[Source]:
        """Return the places, years, steps and zeros that ``value`` may be, of a row of ``key``."""
        listed = []
        for names, rows in self._rows.items():
            if not set(names) <= set(key):
                continue
            part = {name: key[name] for name in names}
            for column, number in rows.get(tuple(part.values()), {}).items():
                for name, of_zero in _OF_ZERO.items():
                    if value == (of_zero if number == 0 else number) and (
                        name == "{}" or not number
                    ):
                        listed.append(Source(name.format(column), part))
        return listed


def made_known(tables: ResultTables, seed: int = 1) -> tuple[ResultTables, Known]:
    """Return ``tables`` with numbers all unlike, and where each stands.

    Keys, places and years stay. Counts become whole numbers of eight digits, other numbers move
    by two millionths at most: what is said of them, and in which order, hardly changes.
    """
    rng = np.random.default_rng(seed)
    known, frames = Known(), {}
    # No two counts alike, in no order.
    counts = iter(rng.permutation(np.arange(10_000_000, 99_000_000, 97)).tolist())
    for name, frame in tables.frames.items():
        entry, unlike, placed = catalogue()[name], frame.copy(), []
        for column in map(str, frame.columns):
            values = frame[column]
            if column in entry.key or not pd.api.types.is_numeric_dtype(values):
                continue
            if pd.api.types.is_bool_dtype(values) or _PLACES.search(column):
                placed.append(column)
                continue
            numbers = values.to_numpy(float, na_value=np.nan)
            if column in _COUNTS or column.startswith("n_"):
                moved = np.array([next(counts) if number > 0 else number for number in numbers])
            else:
                steps = rng.permutation(np.linspace(1e-7, 2e-6, len(numbers)))
                moved = numbers * (1 + steps)
            unlike[column] = pd.Series(moved, frame.index, dtype=float).astype(values.dtype)
        frames[name] = unlike
        keys = keys_of(unlike, [key for key in entry.key if key != "run_id"])
        for column in map(str, unlike.columns):
            if pd.api.types.is_numeric_dtype(unlike[column]) and column not in entry.key:
                is_unlike = column not in placed
                known.add(f"{name}.{column}", unlike[column], keys, is_unlike=is_unlike)
    return ResultTables(frames), known


def keys_of(frame: pd.DataFrame, names: list[str]) -> list[Key]:
    """Return what the columns ``names`` hold in each row."""
    if frame.empty:
        return []
    return [{str(name): value for name, value in row.items()} for row in records(frame[names])]


@dataclass
class Listener:
    """Writes numbers as the report does, with signs around each that lead back to its value."""

    write: Callable[[float, int, bool], str]
    written: list[tuple[float, int]] = field(default_factory=list)
    _places: dict[tuple[float, int], int] = field(default_factory=dict)

    def __call__(self, value: float, decimals: int, is_danish: bool) -> str:
        """Return the number between its signs."""
        at = self._places.setdefault((value, decimals), len(self.written))
        if at == len(self.written):
            self.written.append((value, decimals))
        signs = chr(FIRST + at // _BASE) + chr(FIRST + at % _BASE)
        return f"{BEGIN}{signs}{self.write(value, decimals, is_danish)}{END}"

    def numbers(self, text: str) -> Iterator[tuple[float, int, str]]:
        """Yield value, decimals and text of every number written in ``text``."""
        for signs, shown in MARKED.findall(text):
            at = (ord(signs[0]) - FIRST) * _BASE + ord(signs[1]) - FIRST
            yield *self.written[at], shown


def without_numbers(text: str) -> str:
    """Return ``text`` with # for each written number."""
    return MARKED.sub("#", text)


def rounded(value: float, decimals: int) -> str:
    """Return ``value`` in Danish, halves away from zero; the rule that pages are held to."""
    number = Decimal(f"{value:.10g}").quantize(Decimal(10) ** -decimals, ROUND_HALF_UP)
    text = f"{abs(number):,}".replace(",", " ").replace(".", ",").replace(" ", ".")
    return ("−" if number < 0 else "") + text


@dataclass
class PageTable:
    """A table of a page: where it stands, its headings, and rows of heading and cells."""

    section: str
    caption: str = ""
    headings: list[str] = field(default_factory=list)
    rows: list[tuple[str, list[str], str]] = field(default_factory=list)


class Tables(HTMLParser):
    """Collects the tables of a page, without what is drawn or said to screen readers only."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[PageTable] = []
        self.sentences: list[tuple[str, str]] = []
        self.heading = ""
        self._section = self._group = ""
        self._into: list[str] | None = None
        self._skipped = 0
        self._row: list[str] = []
        self._is_head = self._is_group = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = dict(attrs)
        if (
            self._skipped
            or tag in ("svg", "script", "style")
            or of.get("class") in ("unseen", "print")
        ):
            self._skipped += tag not in ("br", "img", "input")
            return
        if tag == "section":
            self._section = of.get("id") or ""
        elif tag == "table":
            self.tables.append(PageTable(self._section))
            self._group = ""
        elif tag == "thead":
            self._is_head = True
        elif tag == "tr":
            self._row, self._is_group = [], "group" in (of.get("class") or "")
        elif tag in ("th", "td", "caption", "h1"):
            self._into = []
        elif tag in ("small", "span", "div") and self._into is not None:
            self._into.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        if tag in ("th", "td", "caption", "h1") and self._into is not None:
            text, self._into = " ".join("".join(self._into).split()), None
            if tag == "caption":
                self.tables[-1].caption = text
            elif tag == "h1":
                self.heading = text
            else:
                self._row.append(text)
        elif tag == "thead":
            self._is_head = False
        elif tag == "tr" and self.tables:
            table = self.tables[-1]
            if self._is_head:
                table.headings = self._row
            elif self._is_group:
                self._group = " ".join(self._row)
            elif self._row:
                table.rows.append((self._row[0], self._row[1:], self._group))

    def handle_data(self, data: str) -> None:
        if self._skipped:
            return
        if self._into is not None:
            self._into.append(data)
        elif BEGIN in data:
            self.sentences.append((self._section, data))


def parts_of(page: str) -> tuple[str, list[PageTable], list[tuple[str, str]]]:
    """Return the heading of a page, its tables, and by section the text outside them."""
    parsed = Tables()
    parsed.feed(page)
    return parsed.heading, parsed.tables, parsed.sentences
