"""The vocabulary in which a register is declared.

One declaration per register feeds the load's types and checks, the quarantine reasons, the
comments in DuckDB, the generator's file layout and the data dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """One column of a register file, by its register name.

    ``type`` is a DuckDB type: VARCHAR, DATE, INTEGER, DOUBLE. A value that does not parse as
    ``type``, is missing where ``nullable`` is false, falls outside ``minimum``..``maximum``
    (inclusive), is not among ``values``, does not match ``pattern`` (whole value) or is not in
    ``code_list`` puts its row in quarantine. Dates compare as ISO text, ``YYYY-MM-DD``.
    """

    name: str
    type: str
    description: str
    nullable: bool = False
    unit: str | None = None
    minimum: str | float | None = None
    maximum: str | float | None = None
    values: tuple[str, ...] | None = None
    pattern: str | None = None
    code_list: str | None = None


@dataclass(frozen=True)
class WeekColumns:
    """The weekly columns of a wide register: ``y_YYWW``, ISO weeks, YY 90 and up is 19YY.

    Every non-blank value must be in ``code_list``; blank means no benefit that week.
    """

    pattern: str
    code_list: str
    description: str


@dataclass(frozen=True)
class Register:
    """One register as delivered: files, grain, key and columns.

    A file belongs to the register when its name without extension, lower-cased and stripped of
    trailing digits and underscores, equals ``name``: ``bef_2006.parquet``, ``BEF2006.csv``.
    With ``has_file_year`` the digits give a column ``FILE_YEAR`` (four digits: the year; six:
    year and month) and are required. A ``key`` value that occurs again puts the later row in
    quarantine (file name order, then row order); an empty key allows repeats. Extracts without a
    file of a register that ``is_optional`` load: its table is empty, and data quality says so.
    """

    name: str
    title: str
    description: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    source: str
    has_file_year: bool = False
    weeks: WeekColumns | None = None
    is_optional: bool = False

    @property
    def table(self) -> str:
        """The table the register is loaded into, e.g. ``raw.bef``."""
        return f"raw.{self.name}"

    def column(self, name: str) -> Column:
        """Return the declared column ``name``; raises ``KeyError`` when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"register {self.name} declares no column {name}")
