"""A sheet that takes whole rows: the workbook has half a million cells.

xlsxwriter checks and writes a cell at a time, for anything a cell may be. Ours are numbers and
texts with a format each; they are stored and written in one step, and come out as the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell_fast
from xlsxwriter.worksheet import CellNumberTuple, CellStringTuple, Worksheet


class RowSheet(Worksheet):
    """A worksheet of xlsxwriter with :meth:`row`."""

    def row(self, line: int, cells: Mapping[int, tuple[str | float, Format]]) -> None:
        """Store ``cells`` of ``line`` by column: finite numbers, and texts."""
        if not cells:
            return
        self._check_dimensions(line, min(cells))
        self._check_dimensions(line, max(cells))
        stored = self.table[line]
        index = self.str_table._get_shared_string_index
        for column, (value, look) in cells.items():
            if not isinstance(value, str):
                if not math.isfinite(value):
                    raise ValueError(f"{value} in row {line + 1} of sheet {self.name}")
                stored[column] = CellNumberTuple(value, look)
            elif len(value) > self.xls_strmax // 2:
                self.write_string(line, column, value, look)
            else:
                stored[column] = CellStringTuple(index(value), look)

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        kind = type(cell)
        if kind not in (CellNumberTuple, CellStringTuple) or not cell.format:
            super()._write_cell(row, col, cell)
            return
        place = f'<c r="{xl_rowcol_to_cell_fast(row, col)}" s="{cell.format._get_xf_index()}"'
        if kind is CellNumberTuple:
            self.fh.write(f"{place}><v>{cell.number:.16G}</v></c>")
        else:
            self.fh.write(f'{place} t="s"><v>{cell.string}</v></c>')

    def _calculate_spans(self) -> None:
        # The first and last column of every 16 rows.
        spans: dict[int, tuple[int, int]] = {}
        for line, cells in self.table.items():
            if cells:
                low, high = spans.get(line // 16, (min(cells), max(cells)))
                spans[line // 16] = min(low, *cells), max(high, *cells)
        self.row_spans = {at: f"{low + 1}:{high + 1}" for at, (low, high) in spans.items()}
