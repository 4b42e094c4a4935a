"""``tildeling profile``: a table in a file to a profile in a folder.

The numbers are made by :mod:`pipeline.model.profile.profile`; here files are read and written.
"""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
from pyarrow import csv, parquet
from threadpoolctl import threadpool_limits

import pipeline
from pipeline.errors import ExtractError, StorageError
from pipeline.model.profile.profile import Profile, profile_units
from pipeline.model.profile.profile_cells import Columns
from pipeline.model.profile.profile_values import MISSING, thousands_fault
from pipeline.settings import Settings
from pipeline.warehouse.delivery.csvfiles import read_layout
from pipeline.warehouse.delivery.encodings import find_encoding

LOG = logging.getLogger("tildeling")

CSV_SUFFIXES = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")
#: The last of them is written last: without it the others are not whole.
FILES = ("profile.parquet", "profile.csv", "summary.json")


def profile_file(file: Path, columns: Columns, settings: Settings, out: Path) -> Profile:
    """Return the profile of a CSV or Parquet file after writing it into the folder ``out``.

    Three files appear at once or, over an older profile, one after the other with
    ``summary.json`` last; other files in ``out`` stay. Raises
    :class:`~pipeline.errors.TildelingError` for whatever a user can mend.
    """
    frame = read_columns(file, columns)
    LOG.info("profile: %s rows of %s", f"{len(frame):,}", file.name)
    # With several BLAS threads the last digits would depend on how many there are.
    with threadpool_limits(limits=1, user_api="blas"):
        profile = profile_units(
            frame,
            unit=columns.unit,
            outcome=columns.outcome,
            observed=columns.observed,
            expected=columns.expected,
            denominator=columns.denominator,
            factors=columns.factors,
            numeric=columns.numeric,
            level=settings.level,
            seed=settings.seed,
            rank_draws=settings.rank_draws,
        )
    summary = {"version": pipeline.__version__, "file": file.name, **profile.summary}
    write_profile(profile.table, summary, out)
    return profile


def headline(profile: Profile) -> str:
    """Return what a terminal shows of a profile: totals, spread, and how many units stand out."""
    summary, table = profile.summary, profile.table
    flagged = {name: int((table[name] != "within").sum()) for name in table if "flag" in str(name)}
    lines = [
        f"{summary['n_units']} units, {summary['n_rows']:,} rows; {summary['model']}",
        f"observed {summary['observed']:,}, expected {summary['expected']:,.1f}; "
        f"phi {summary['phi']:.2f}, tau2 {summary['tau2']:.4f} ({summary['tau2_method']})",
        f"outside 95 %: {flagged['flag_95']} units, with overdispersion "
        f"{flagged['flag_95_overdispersed']}; outside 99.8 %: {flagged['flag_998']} and "
        f"{flagged['flag_998_overdispersed']}",
    ]
    for key, what in (
        ("units_without_events", "without events"),
        ("units_with_events_in_all", "with events in everyone"),
    ):
        if summary[key]:
            lines.append(f"{len(summary[key])} units {what}: no effect of their own")
    return "\n".join(lines)


def read_columns(file: Path, columns: Columns) -> pd.DataFrame:
    """Return the columns of a file, by its name's ending; those it does not have are left out.

    Units and factors of a CSV file stay text as spelled. Raises :class:`StorageError` for no such
    file, :class:`ExtractError` for one that cannot be read.
    """
    if not file.is_file():
        raise StorageError(f"there is no file {file}.")
    if not os.access(file, os.R_OK):
        raise StorageError(f"{file} may not be read.", next_step="ask for leave to read it.")
    suffix = file.suffix.lower()
    if suffix in PARQUET_SUFFIXES:
        return _read_parquet(file, columns)
    if suffix in CSV_SUFFIXES:
        return _read_csv(file, columns)
    raise ExtractError(
        f"{file.name}: the file type is not known.",
        expected=", ".join((*CSV_SUFFIXES, *PARQUET_SUFFIXES)),
        found=suffix or "no ending",
    )


def write_profile(table: pd.DataFrame, summary: dict[str, Any], out: Path) -> None:
    """Write ``FILES`` beside ``out``, then move them into it. Raises :class:`StorageError`."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        try:
            table.to_parquet(beside / FILES[0], index=False)
            table.to_csv(beside / FILES[1], index=False, lineterminator="\n", float_format="%.12g")
            text = json.dumps(summary, indent=2, ensure_ascii=False, allow_nan=False)
            (beside / FILES[2]).write_text(text + "\n", encoding="utf-8")
            if not out.exists():
                beside.chmod(0o755)
                beside.rename(out)
                return
            (out / FILES[2]).unlink(missing_ok=True)
            for name in FILES:
                (beside / name).replace(out / name)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    except OSError as error:
        raise StorageError(
            f"the profile cannot be written to {out}: {error.strerror or error}.",
            next_step="choose a folder that can be written to with --out.",
        ) from None


def _read_parquet(file: Path, columns: Columns) -> pd.DataFrame:
    try:
        with parquet.ParquetFile(file) as opened:
            names = opened.schema_arrow.names
            _refuse_absent(columns, names, file)
            nested = [
                name
                for name in columns.all
                if pa.types.is_nested(opened.schema_arrow.field(name).type)
            ]
            if nested:
                raise ExtractError(
                    f"{file.name}: nested values in {', '.join(nested)}.",
                    expected="one number or text in each row",
                )
            # A column that pandas wrote as the index of its frame is a column like others.
            return opened.read(columns=list(columns.all)).to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError) as error:
        raise ExtractError(f"{file.name} is not a whole Parquet file.") from error


def _read_csv(file: Path, columns: Columns) -> pd.DataFrame:
    text = find_encoding(file)
    if text.fault:
        raise ExtractError(f"{file.name} {text.fault}.")
    layout = read_layout(file, {name.upper() for name in columns.all}, text.encoding)
    _refuse_absent(columns, layout.header, file)
    label = pa.dictionary(pa.int32(), pa.string())
    try:
        table = csv.read_csv(
            file,
            read_options=csv.ReadOptions(
                column_names=list(layout.header),
                skip_rows=1 + layout.lines_above,
                encoding="utf8" if text.is_utf8 else text.encoding,
            ),
            parse_options=csv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True),
            convert_options=csv.ConvertOptions(
                include_columns=list(columns.all),
                # Numbers too: which marks they have is seen before they are read.
                column_types=dict.fromkeys(columns.all, label),
                null_values=list(MISSING),
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowException as error:
        # The message quotes the line, which may be about people.
        row = re.search(r"Row #(\d+)", str(error))
        counts = re.search(r"Expected (\d+) columns, got (\d+)", str(error))
        raise ExtractError(
            f"{file.name} cannot be read" + (f" from line {row[1]}." if row else "."),
            expected=f"{counts[1]} fields in a line" if counts else "a CSV file with a header",
            found=f"{counts[2]} fields" if counts else None,
        ) from None
    frame = table.to_pandas()
    numbers = [name for name in columns.all if name not in (columns.unit, *columns.factors)]
    if layout.delimiter == ",":
        # Where fields end at a comma, one inside a field is no decimal mark.
        faults = [thousands_fault(frame[name], ",") for name in numbers]
        if any(faults):
            raise ExtractError(f"{file.name}: " + "; ".join(filter(None, faults)) + ".")
    return frame


def _refuse_absent(columns: Columns, names: Any, file: Path) -> None:
    absent = [name for name in columns.all if name not in names]
    if absent:
        raise ExtractError(
            f"{file.name} has no column {', '.join(absent)}.",
            found=", ".join(names),
            next_step="column names are as in the file, capitals included.",
        )
    twice = [name for name in columns.all if list(names).count(name) > 1]
    if twice:
        raise ExtractError(
            f"{file.name} has more than one column {', '.join(twice)}.",
            next_step="rename or leave out all but the one that is meant.",
        )
