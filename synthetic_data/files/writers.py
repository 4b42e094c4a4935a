"""Files of an extract: blocks arrive as parts, in order, and become row groups or CSV lines.

A part is one table of one block in Arrow's own format, written by whichever process made the
block; the merger reads parts block by block, so the files do not depend on who made them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from synthetic_data.files.blocks import FileKey

#: Registers delivered as CSV, semicolon between fields; all others are Parquet.
CSV_REGISTERS = frozenset({"udda", "ankestyrelsen", "ansoegning", "rammevilkaar"})


def is_csv(name: str, all_csv: bool) -> bool:
    """Return whether a register is written as CSV; the truth never is."""
    return name in CSV_REGISTERS or (all_csv and not name.startswith("truth/"))


def file_name(key: FileKey, all_csv: bool = False) -> str:
    """Return the path of a file inside the extracts folder."""
    name, year = key
    suffix = "csv" if is_csv(name, all_csv) else "parquet"
    return f"{name}.{suffix}" if year is None else f"{name}_{year}.{suffix}"


def _part_path(folder: Path, key: FileKey) -> Path:
    return folder / (file_name(key).replace("/", "-") + ".arrow")


def write_parts(
    parts: Iterable[tuple[FileKey, pa.Table]], folder: Path
) -> list[tuple[FileKey, int]]:
    """Write each table to ``folder``; return their keys in order and their rows."""
    folder.mkdir()
    written = []
    for key, table in parts:
        path = str(_part_path(folder, key))
        with pa.OSFile(path, "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        written.append((key, table.num_rows))
    return written


class Merger:
    """Appends the parts of each block to the files of the extract; use as a context manager."""

    def __init__(self, folder: Path, metadata: dict[str, str], all_csv: bool = False) -> None:
        self._folder = folder
        self._all_csv = all_csv
        self._metadata = metadata
        self._parquet: dict[FileKey, pq.ParquetWriter] = {}
        self._csv: dict[FileKey, pa.OSFile] = {}

    def __enter__(self) -> Merger:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for file in (*self._parquet.values(), *self._csv.values()):
            file.close()

    def append(self, keys: Iterable[FileKey], parts: Path) -> None:
        """Append the parts of one block, and delete them."""
        for key in keys:
            path = _part_path(parts, key)
            with pa.memory_map(str(path)) as source:
                self.write(key, pa.ipc.open_file(source).read_all())
            path.unlink()
        parts.rmdir()

    def write(self, key: FileKey, table: pa.Table) -> None:
        """Append one table to its file: a row group, or lines."""
        if is_csv(key[0], self._all_csv):
            self._append_csv(key, table)
        else:
            self._append_parquet(key, table)

    def _append_parquet(self, key: FileKey, table: pa.Table) -> None:
        if key not in self._parquet:
            path = self._folder / file_name(key, self._all_csv)
            path.parent.mkdir(exist_ok=True)
            writer = pq.ParquetWriter(
                path,
                table.schema,
                compression="zstd",
                compression_level=1,
                store_schema=False,
                write_statistics=False,  # every reader reads it all; a third of the time saved
                # What comes as plain text hardly repeats.
                use_dictionary=[f.name for f in table.schema if not pa.types.is_string(f.type)],
                dictionary_pagesize_limit=1 << 23,
            )
            writer.add_key_value_metadata(self._metadata)
            self._parquet[key] = writer
        if table.num_rows:
            self._parquet[key].write_table(table, row_group_size=table.num_rows)

    def _append_csv(self, key: FileKey, table: pa.Table) -> None:
        plain = pa.schema(
            [
                pa.field(
                    field.name, pa.string() if pa.types.is_dictionary(field.type) else field.type
                )
                for field in table.schema
            ]
        )
        if key not in self._csv:
            self._csv[key] = pa.OSFile(str(self._folder / file_name(key, self._all_csv)), "wb")
            self._csv[key].write((";".join(plain.names) + "\n").encode())
        options = pa_csv.WriteOptions(include_header=False, delimiter=";", quoting_style="none")
        pa_csv.write_csv(table.cast(plain), self._csv[key], options)
