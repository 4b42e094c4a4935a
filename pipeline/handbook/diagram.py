"""How the tables of a release hang together: an entity-relation diagram from the catalogue.

Mermaid, which most viewers of Markdown draw. ``tildeling dictionary`` writes it as ``database.md``.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.catalogue import Table, catalogue

FILE = "database.md"
#: The tables others refer to, by the columns that lead to them; the longest key that fits counts.
_PARENTS = {
    ("outcome", "model", "municipality_code"): "benchmark",
    ("municipality_code",): "municipality",
    ("run_id",): "run",
}
_LEAD = """\
# The tables of a release

Drawn from the catalogue (`pipeline/catalogue`); [dictionary.md](dictionary.md) has every column. A
line leads from a table to the rows that refer to it, by the columns on it and by `run_id`. Boxes
list the key, and the columns that lead to another table.

```mermaid
erDiagram
"""


def diagram() -> str:
    """Return the page: every published table with its key, and what each refers to."""
    tables = catalogue()
    lines = []
    for name, table in tables.items():
        columns = _columns_to_parent(table)
        if columns is not None:
            parent = _PARENTS[columns]
            label = ", ".join(columns)
            many = "o|" if set(table.key) <= {"run_id", *columns} else "o{"
            lines.append(f'    {parent} ||--{many} {name} : "{label}"')
    for name, table in tables.items():
        leads = _columns_to_parent(table) or ()
        lines.append(f"    {name} {{")
        for field in table.fields:
            marks = [
                *(["PK"] if field.name in table.key else []),
                *(["FK"] if field.name in leads or (field.name == "run_id" and leads) else []),
            ]
            if marks:
                lines.append(f"        {field.type} {field.name} {', '.join(marks)}")
        lines.append("    }")
    body = "\n".join(lines)
    rows = "\n".join(
        f"| `{name}` | {table.grain} | {table.comment} |" for name, table in tables.items()
    )
    return f"{_LEAD}{body}\n```\n\n| table | rows | about |\n|---|---|---|\n{rows}\n"


def _columns_to_parent(table: Table) -> tuple[str, ...] | None:
    """Return the columns by which ``table`` refers to another, None for the table of runs."""
    for columns, parent in _PARENTS.items():
        if set(columns) <= set(table.columns) and parent != table.name:
            return columns
    return None


def write_diagram(folder: Path) -> Path:
    """Return the page's path after writing it into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    path.write_text(diagram(), encoding="utf-8", newline="\n")
    return path
