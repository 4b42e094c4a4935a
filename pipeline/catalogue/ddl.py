"""The SQL of the published tables, written from the catalogue.

``python -m pipeline.catalogue.ddl`` (``make catalogue``) writes ``sql/result`` anew.
"""

from __future__ import annotations

from pathlib import Path

from pipeline.catalogue.tables import Table, catalogue

FOLDER = Path(__file__).parents[2] / "sql" / "result"
_LINE = 100
#: Names that SQL reserves and that stand in quotes.
_RESERVED = frozenset({"check", "window", "order", "group", "table"})


def ddl(table: Table) -> str:
    """Return the text of ``sql/result/<name>.sql``: header, table, comments."""
    name = f"result.{table.name}"
    header = {
        "object": name,
        "grain": table.grain,
        "key": ", ".join(table.key),
        "units": table.units,
        "source": table.source,
        "reads": "none",
        "caveat": table.caveat,
        "disclosure": table.protection,
    }
    lines = [f"-- {key}: {value}" for key, value in header.items()]
    lines += ["", f"CREATE TABLE {name} ("]
    for field in table.fields:
        needed = "" if field.is_nullable else " NOT NULL"
        lines.append(f"    {_quoted(field.name)} {field.type}{needed},")
    lines += [f"    PRIMARY KEY ({', '.join(map(_quoted, table.key))})", ");", ""]
    lines += _comment(f"TABLE {name}", table.comment)
    for field in table.fields:
        lines += _comment(f"COLUMN {name}.{_quoted(field.name)}", field.meaning.en)
    return "\n".join(lines) + "\n"


def _comment(what: str, text: str) -> list[str]:
    literal = "'" + text.replace("'", "''") + "';"
    line = f"COMMENT ON {what} IS {literal}"
    return [line] if len(line) <= _LINE else [f"COMMENT ON {what} IS", literal]


def _quoted(name: str) -> str:
    return f'"{name}"' if name in _RESERVED else name


def write(folder: Path = FOLDER) -> list[Path]:
    """Return the files of ``folder`` after writing one per table and removing those of no table."""
    wanted = {folder / f"{name}.sql": ddl(entry) for name, entry in catalogue().items()}
    for path in folder.glob("*.sql"):
        if path not in wanted:
            path.unlink()
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
    return sorted(wanted)


if __name__ == "__main__":
    for written in write():
        print(written)
