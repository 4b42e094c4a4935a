"""Random damage to register files: names, types, values, encodings, marks, bytes and folders.

``damage`` makes a damaged delivery of one register from a seed, ``outcome`` loads it and says how
it ended. Every run ends in structural faults that name the file, or loads with rows read = loaded +
quarantined; ``python benchmarks/load_fuzz.py`` runs many.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from extracts_fixture import REGISTER
from sas_writer import write_sas

from pipeline.errors import ExtractError
from pipeline.warehouse.delivery.extracts import scan_extracts
from pipeline.warehouse.raw.registerload import load_register

FILES = {
    "lmdb": "lmdb_2005.parquet",
    "sssy": "sssy_2005.parquet",
    "lpr_adm": "lpr_adm_2005.parquet",
    "lpr_diag": "lpr_diag_2005.parquet",
    "bef": "bef_2005.parquet",
    "dream": "dream.parquet",
    "udda": "udda_2005.csv",
    "ankestyrelsen": "ankestyrelsen_2006.csv",
}
ODD_VALUES = (
    *("", " ", ".", "NULL", "NA", "nan", "inf", "-", "0", "00", "-1", "1e308", "1e-320", "9" * 40),
    *("1.234", "1,234", "1.234,5", "1,234.5", "1 234", "12,5", "12.5", "0,500", "1.234.567"),
    *("2005-02-30", "2005-02-02 13:45", "2005-02-01T23:00:00Z", "2005-02-01 23:00", "02/03/2005"),
    *("02FEB2005", "02FEB2005:25:00:00", "20050202", "38385", "9999-12-31", "-0001-01-01"),
    *("æøå", "\u00a0", "\u202e", "a;b", "a,b", 'say "so"', "two\nlines", "\t", "\\", "'", "\u0000"),
    *("0512", "512", "DF329", "F32", "101", "0101", "999", "010170-1234", "=1+1", "#N/A", "🙂"),
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "cp865")
TYPES: tuple[Callable[[pd.Series], object], ...] = (
    lambda s: pd.to_numeric(s, errors="coerce"),
    lambda s: pd.to_numeric(s, errors="coerce").astype("float32"),
    lambda s: pd.to_datetime(s, errors="coerce", format="mixed"),
    lambda s: pd.to_datetime(s, errors="coerce", format="mixed", utc=True),
    lambda s: s.astype("str").astype("category"),
    lambda s: [[value] for value in s],
    lambda s: [str(value).encode() for value in s],
    lambda s: [value is not None for value in s],
    lambda s: [None] * len(s),
)


@dataclass(frozen=True)
class Delivery:
    """A damaged folder of one register; ``n_rows`` that it holds, None when bytes were changed."""

    register: str
    damages: tuple[str, ...]
    n_rows: int | None


def damage(sound: Path, folder: Path, seed: int) -> Delivery:
    """Return what was delivered in ``folder`` after random damage to a register of ``sound``."""
    rng = random.Random(seed)
    register = rng.choice(list(FILES))
    for path in sound.glob(f"{register}_*"):
        shutil.copy(path, folder)
    if register == "dream":
        shutil.copy(sound / "dream.parquet", folder)
    path = folder / FILES[register]
    others = sum(_n_rows(other) for other in folder.iterdir() if other != path)
    if path.suffix == ".csv":
        sep = ";" if register == "ankestyrelsen" else ","
        frame = pd.read_csv(path, dtype="str", sep=sep, keep_default_na=False).astype(object)
    else:
        frame = pq.read_table(path).to_pandas().astype(object)
    path.unlink()
    damages: list[str] = []
    for _ in range(rng.randint(0, 3)):
        frame = rng.choice((_odd_cells, _renamed, _retyped, _rows_changed))(frame, rng, damages)
    path = _written(frame, path, rng, damages)
    n_rows: int | None = others + len(frame)
    if path.is_file() and rng.random() < 0.3:
        _bytes_changed(path, rng, damages)
        n_rows = None
    if rng.random() < 0.2:
        n_rows = n_rows if _folder_changed(folder, path, rng, damages) else None
    return Delivery(register, tuple(damages), n_rows)


def _n_rows(path: Path) -> int:
    return pq.read_metadata(path).num_rows if path.suffix == ".parquet" else len(pd.read_csv(path))


def _odd_cells(frame: pd.DataFrame, rng: random.Random, damages: list[str]) -> pd.DataFrame:
    name = rng.choice(list(frame.columns[:12]))
    values = list(frame[name])
    for _ in range(rng.choice((1, 1, len(frame) // 2, len(frame)))):
        if values:
            values[rng.randrange(len(values))] = rng.choice(ODD_VALUES)
    damages.append(f"odd values in {name}")
    return frame.assign(**{str(name): pd.Series(values, dtype=object, index=frame.index)})


def _renamed(frame: pd.DataFrame, rng: random.Random, damages: list[str]) -> pd.DataFrame:
    name = str(rng.choice(list(frame.columns[:12])))
    other = rng.choice((name.lower(), name + "_", "", name[:-1], f"{name}.1", f" {name}", "æ"))
    damages.append(f"{name} is called {other!r}")
    return frame.rename(columns={name: other})


def _retyped(frame: pd.DataFrame, rng: random.Random, damages: list[str]) -> pd.DataFrame:
    name, number = str(rng.choice(list(frame.columns[:12]))), rng.randrange(len(TYPES))
    try:
        changed = TYPES[number](frame[name])
    except (ValueError, TypeError, OverflowError):
        return frame
    damages.append(f"{name} has another type ({number})")
    return frame.assign(**{name: changed})


def _rows_changed(frame: pd.DataFrame, rng: random.Random, damages: list[str]) -> pd.DataFrame:
    kind = rng.choice(("none", "repeated", "shuffled", "columns"))
    damages.append(f"rows: {kind}")
    if kind == "none":
        return frame.head(0)
    if kind == "repeated":
        return pd.concat([frame, frame.head(rng.randint(1, 5))], ignore_index=True)
    if kind == "columns":
        return frame[rng.sample(list(frame.columns), len(frame.columns))]
    return frame.sample(frac=1, random_state=rng.randrange(10**6)).reset_index(drop=True)


def _written(frame: pd.DataFrame, path: Path, rng: random.Random, damages: list[str]) -> Path:
    """Return the path of the file written, in a form that can hold the frame."""
    form = rng.choice(("parquet", "csv", "csv", "sas", "parts"))
    if form in ("parquet", "parts"):
        try:
            table = pa.Table.from_pandas(frame, preserve_index=False)
        except (pa.ArrowInvalid, pa.ArrowTypeError, ValueError):
            text = frame.astype("str").astype(object).mask(frame.isna(), None)
            columns = [pa.array(list(text.iloc[:, n]), pa.string()) for n in range(text.shape[1])]
            table = pa.Table.from_arrays(columns, names=[str(name) for name in text.columns])
        target = path.with_suffix(".parquet")
        if form == "parquet":
            pq.write_table(table, target)
        else:
            target.mkdir()
            size = max(len(frame) // 3, 1)
            for number in range(max(-(-len(frame) // size), 1)):
                pq.write_table(table.slice(number * size, size), target / f"part-{number}.parquet")
        damages.append(form)
        return target
    text = frame.astype("str").astype(object).mask(frame.isna(), None)
    if form == "sas":
        names = [str(name) for name in frame.columns]
        if len(set(names)) == len(names) < 100 and all(names):
            damages.append("sas")
            target = path.with_suffix(".sas7bdat")
            try:
                write_sas(target, text if rng.random() < 0.7 else frame.infer_objects())
            except (ValueError, TypeError):
                write_sas(target, text)
            return target
    sep, encoding = rng.choice(";,\t|:"), rng.choice(ENCODINGS)
    content = text.to_csv(
        index=False, sep=sep, quoting=rng.choice((0, 1)), lineterminator=rng.choice(("\n", "\r\n"))
    )
    target = path.with_suffix(rng.choice((".csv", ".txt", ".CSV")))
    target.write_bytes(content.encode(encoding, "replace"))
    damages.append(f"csv {sep!r} {encoding}")
    return target


def _bytes_changed(path: Path, rng: random.Random, damages: list[str]) -> None:
    content = bytearray(path.read_bytes())
    kind = rng.choice(("cut", "flip", "insert", "remove", "append"))
    for _ in range(rng.choice((1, 1, 5, 50))):
        at = rng.randrange(len(content) + 1)
        piece = bytes(rng.choice((0, 10, 13, 34, 59, 255, rng.randrange(256))) for _ in range(3))
        if kind == "cut":
            del content[at:]
        elif kind == "flip" and at < len(content):
            content[at] = rng.randrange(256)
        elif kind == "insert":
            content[at:at] = piece
        elif kind == "remove":
            del content[at : at + rng.randrange(1, 100)]
        elif kind == "append":
            content += piece
    path.write_bytes(bytes(content))
    damages.append(f"bytes: {kind}")


def _folder_changed(folder: Path, path: Path, rng: random.Random, damages: list[str]) -> bool:
    """Return whether the rows of the delivery are still known, after a change of its folder."""
    kind = rng.choice(("link", "empty folder", "stray", "packed", "renamed", "copied"))
    damages.append(f"folder: {kind}")
    other = path.with_name(f"{path.stem}_1{path.suffix}")
    if kind == "link":
        other.symlink_to("away")
    elif kind == "empty folder":
        other.mkdir()
    elif kind == "stray":
        (folder / "notes.docx").write_text("x")
    elif kind == "packed":
        path.with_name(path.name + ".gz").write_text("x")
    elif kind == "renamed":
        path.rename(path.with_name(rng.choice(("x", "bef", "2005_", "Æ")) + path.name))
    elif path.is_file():
        shutil.copy(path, other)
    return kind in ("stray", "packed")


def outcome(
    warehouse: duckdb.DuckDBPyConnection, folder: Path, workspace: Path, delivery: Delivery
) -> str:
    """Return ``refused`` or ``loaded``; raises ``AssertionError`` when a promise is broken."""
    declared = REGISTER[delivery.register]
    refusal = ""
    try:
        result = scan_extracts(folder, registers=(declared,), workspace=workspace)
        files = load_register(warehouse, declared, result.files[declared.name])
    except ExtractError as error:
        refusal = str(error)
    if refusal:
        assert re.findall(r"^  - (.+?): (.+)$", refusal, re.MULTILINE), refusal
        return "refused"
    for file in files:
        assert file.n_read == file.n_loaded + file.n_quarantined
    n_read = sum(file.n_read for file in files)
    assert delivery.n_rows is None or n_read == delivery.n_rows, (n_read, delivery.n_rows)
    kept_out = warehouse.execute(
        "SELECT count(*), count(*) FILTER (reason <> '' AND \"check\" <> '') FROM meta.quarantine"
        " WHERE register = ?",
        [declared.name],
    ).fetchone()
    assert kept_out == (sum(file.n_quarantined for file in files),) * 2
    in_table = warehouse.execute(f"SELECT count(*) FROM {declared.table}").fetchone()
    assert in_table == (sum(file.n_loaded for file in files),)
    return "loaded"
