"""Example queries: one real question per file of ``sql/examples``, whose header tests rely on.

::

    -- question: Do the regions grant more or fewer than expected?
    -- database: benchmark
    -- reads: analysis.over_expected
    -- returns: outcome, group_value, observed, expected, ratio
    -- caveat: limits hold for one region at a time
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pipeline.warehouse.database.sqlfiles import SQL_FOLDER, listed, parse_header

FOLDER = SQL_FOLDER / "examples"
HEADER_KEYS = ("question", "database", "reads", "returns", "caveat")
DATABASES = ("benchmark", "registers")


@dataclass(frozen=True)
class Example:
    """One query: its question, the database it is for, columns it returns, its whole text."""

    path: Path
    question: str
    database: str
    reads: tuple[str, ...]
    returns: tuple[str, ...]
    caveat: str
    text: str = field(repr=False)


def read_example(path: Path) -> Example:
    """Return the example ``path``. Raises ``ValueError`` listing every fault of its header."""
    text = path.read_text(encoding="utf-8")
    values, faults = parse_header(text, HEADER_KEYS)
    if values.get("database", DATABASES[0]) not in DATABASES:
        faults.append(f"database is {values['database']!r}, expected one of {DATABASES}")
    if faults:
        raise ValueError(f"{path}: header: " + "; ".join(faults))
    return Example(
        path=path,
        question=values["question"],
        database=values["database"],
        reads=listed(values["reads"]),
        returns=listed(values["returns"]),
        caveat=values["caveat"],
        text=text,
    )


def read_examples() -> list[Example]:
    """Return all examples, of ``benchmark`` first, by file name; errors as above."""
    examples = [read_example(path) for path in sorted(FOLDER.glob("*.sql"))]
    return sorted(examples, key=lambda example: DATABASES.index(example.database))
