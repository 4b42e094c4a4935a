"""A sheet that takes whole columns: the workbook has half a million cells.

xlsxwriter checks and writes a cell at a time, for anything a cell may be. Ours are numbers and
texts with a format each; a column of them is written at once, and read as the same cells.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import _utf16_truncate, xl_col_to_name
from xlsxwriter.worksheet import Worksheet

#: What is told of a text (or yes and no): the text as a cell can hold it, and its format.
Told = Callable[[Any], tuple[str, Format]]


class ColumnSheet(Worksheet):
    """A worksheet of xlsxwriter with :meth:`fill`."""

    _first = 0
    _columns: tuple[list[str], ...] = ()

    def fill(
        self, first: int, columns: Sequence[Sequence[Any]], looks: Sequence[Format], told: Told
    ) -> None:
        """Fill the sheet from line ``first`` on, below all else it has, with ``columns``.

        Of equal length, each of finite numbers, written as its one of ``looks`` says, texts and
        booleans, written as ``told`` says, and None for a cell that is not there.
        """
        self._first = first
        self._columns = tuple(
            self._written(values, look, told) for values, look in zip(columns, looks, strict=True)
        )
        if self._columns and self._columns[0]:
            self._check_dimensions(first, 0)
            self._check_dimensions(first + len(self._columns[0]) - 1, len(columns) - 1)

    def _written(self, values: Sequence[Any], look: Format, told: Told) -> list[str]:
        """Return the cells of a column as XML behind their addresses, empty for one not there."""
        index = self.str_table._get_shared_string_index
        number = f'" s="{look._get_xf_index()}"><v>'
        cells = []
        for line, value in enumerate(values, start=self._first + 1):
            if value is None:
                cells.append("")
            elif type(value) in (str, bool):
                text, own = told(value)
                if len(text) > self.xls_strmax // 2:
                    text = _utf16_truncate(text, self.xls_strmax)
                cells.append(f'{line}" s="{own._get_xf_index()}" t="s"><v>{index(text)}</v></c>')
            elif math.isfinite(value):
                cells.append(f"{line}{number}{value:.16G}</v></c>")
            else:
                raise ValueError(f"{value} in row {line} of sheet {self.name}")
        return cells

    def _write_rows(self) -> None:
        super()._write_rows()
        names = [f'<c r="{xl_col_to_name(at)}' for at in range(len(self._columns))]
        for line, cells in enumerate(zip(*self._columns, strict=True), start=self._first + 1):
            there = "".join([name + cell for name, cell in zip(names, cells, strict=True) if cell])
            self.fh.write(f'<row r="{line}">{there}</row>')
