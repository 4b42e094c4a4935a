"""What the published tables are, said once: fields, tables, and the SQL that makes them.

``fields.toml`` declares every column by name; ``tables/<name>.toml`` lists a table's fields, key,
protection and sheet. ``sql/result`` is written from them (``make catalogue``) and kept in the
repository, because analysts read plain SQL; a test holds it to the catalogue. Readers, workbook,
dictionary and the model's frames take columns, keys, headings and formats from here.

Imports nothing of ours.
"""

from pipeline.catalogue.fields import FORMATS, Field, Text
from pipeline.catalogue.tables import (
    PROTECTIONS,
    Sheet,
    Table,
    catalogue,
    columns,
    empty_frame,
    sheets,
    table,
)

__all__ = [
    "FORMATS",
    "PROTECTIONS",
    "Field",
    "Sheet",
    "Table",
    "Text",
    "catalogue",
    "columns",
    "empty_frame",
    "sheets",
    "table",
]
