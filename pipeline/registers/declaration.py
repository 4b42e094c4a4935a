"""The vocabulary in which a register is declared.

One declaration per register feeds the load's types and checks, the quarantine reasons, the
comments in DuckDB, the generator's file layout and the data dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass

#: The zone in whose civil days registers count: a moment is the day it was in Denmark.
ZONE = "Europe/Copenhagen"
#: How a date may be written as text. Day before month only with ``-`` or ``.`` between and four
#: digits of the year last, as in Danish; ``/`` may mean American order, two digits of a year any
#: century, so neither is read. A file in another order fails in most rows and stops the load. A
#: time of day may follow, and what clock it is on; the date is then the day it was in ``ZONE``.
DATE_FORMS = ("YYYY-MM-DD", "YYYYMMDD", "DD-MM-YYYY", "DD.MM.YYYY", "DDMONYYYY")
#: What a column may identify.
IDENTIFIED = ("person", "family")
#: Which years a register is read for: those of cash-benefit tenure, of health, the year before a
#: year at risk, the end of that year, or the year at risk itself.
LOOKBACKS = ("tenure", "health", "year_before", "year_end_before", "year_at_risk")
#: The form of a person number, as delivered and as a pseudonym.
PERSON_NUMBER = r"[0-9A-Za-z]{6,64}"


@dataclass(frozen=True)
class Column:
    """One column of a register file, by its register name.

    ``type`` is a DuckDB type: VARCHAR, DATE, INTEGER, DOUBLE. A value that does not parse as
    ``type``, is missing where ``nullable`` is false, falls outside ``minimum``..``maximum``
    (inclusive), is not among ``values``, does not match ``pattern`` (whole value) or is not in
    ``code_list`` puts its row in quarantine. Dates compare as ISO text, ``YYYY-MM-DD``.

    As text, dates may be written in the forms of ``DATE_FORMS`` and decimals with a point or a
    comma, never with a mark between thousands. A code of digits alone that is shorter than
    ``digits`` lost its leading zeros where someone took it for a number: it gets them back, in a
    file of any format. A file may use any of ``other_names`` instead of ``name``.

    A file may lack a column that ``is_optional``; its values are then missing.

    ``dated_by`` names the date column, or FILE_YEAR for its 31 December, on which a code of a list
    with periods of validity (municipality) must be valid. A snapshot of 31 December may be in the
    codes of the day after, and rows of any time in today's codes.

    What ``identifies`` one of ``IDENTIFIED`` is replaced by a pseudonym before it is stored
    anywhere. Such a column is text. A file that holds persons as numbers of more than ``digits``
    is refused: nobody can know how many zeros they lost.
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
    dated_by: str | None = None
    digits: int | None = None
    other_names: tuple[str, ...] = ()
    identifies: str | None = None
    is_optional: bool = False


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
    file of a register that ``is_optional`` load: its table is empty, and data quality says so. So
    do extracts where one of the registers ``stand_ins`` has files. Of optional columns in a tuple
    of ``one_of`` a file must have one. Files may also be called by
    ``other_names`` (lower case). ``absence_costs`` says what is not made without the register; its
    absence is then a warning.

    ``lookback`` is one of ``LOOKBACKS``: which years before (or of) a year at risk its records are
    read for; None when nothing published reads it. ``first_year`` and ``last_year`` are the first
    and last year that the register covers whole, None without an end: other years are another
    register's (:mod:`.coverage`).
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
    absence_costs: str | None = None
    stand_ins: tuple[str, ...] = ()
    one_of: tuple[tuple[str, ...], ...] = ()
    other_names: tuple[str, ...] = ()
    lookback: str | None = None
    first_year: int | None = None
    last_year: int | None = None

    @property
    def files_are_independent(self) -> bool:
        """Whether no row of one file can be a repeat of a row of another."""
        return self.weeks is None and (not self.key or "FILE_YEAR" in self.key)

    @property
    def identifiers(self) -> tuple[Column, ...]:
        """The columns that identify a person or a family."""
        return tuple(column for column in self.columns if column.identifies is not None)

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
