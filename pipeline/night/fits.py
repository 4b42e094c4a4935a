"""Fits of a home, one of each question: made once, and kept until what decides it changes.

A fit is a folder of result tables in ``fits/``, named after its question, its delivery and code,
and the hash of all that decides it: the registers it reads, its settings and benchmark, files of
the home that say more of municipalities, and the code. It comes there whole or not at all, so that
a night, a fit or a backfill that was stopped goes on with what it had not fitted. Its counts are as
they are: only this user can enter the folder.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

import pipeline
from pipeline.codes import attributes, prices
from pipeline.errors import existing
from pipeline.frozen import thawed
from pipeline.initiatives.library import FOLDER
from pipeline.setting_values import content_of
from pipeline.settings import Settings
from pipeline.warehouse.database.private import closed_folder
from pipeline.warehouse.database.sqlfiles import SQL_FOLDER
from pipeline.warehouse.frames import read
from pipeline.warehouse.marts.current import content_read
from pipeline.warehouse.marts.fingerprints import fingerprint
from pipeline.warehouse.publication.leftovers import FITS

LOG = logging.getLogger("tildeling")

#: In the folder of a fit: when it began, under what settings, and the hash of each of its files.
STARTED, _FROZEN, _SEAL = "started_at", "frozen.json", "seal.json"
#: Fits of the same delivery and code that stay, the newest; thirty years take one each.
KEPT = 60
_DIGITS = 12
_CODE_ENDINGS = ("py", "sql", "csv", "toml")
#: Folder and pattern of files in the home that a fit reads beside the registers.
_OWN_FILES = (("", attributes.FILE), ("", prices.FILE), (FOLDER, "*.toml"), (FOLDER, "*.csv"))
_PACKAGES = ("numpy", "scipy", "pandas", "pyarrow", "duckdb", "statsmodels")


def fitted(settings: Settings, *, full: bool = False) -> Path:
    """Return the folder with the results of the one run of ``settings``, fitted if need be.

    What stands there already is returned as it is where everything that decides it is the same,
    unless ``full``. Others may fit other questions of the home meanwhile.
    """
    folder = folder_of(settings)
    if not full and _is_whole(folder):
        folder.touch()
        LOG.info("fit: %s stands; registers, settings and code are the same", named(settings))
        return folder
    beside = folder.with_name(f"{folder.name}.{platform.node()}-{os.getpid()}.next")
    shutil.rmtree(beside, ignore_errors=True)
    fit_run(settings.registers_path, settings, beside)
    (beside / _SEAL).write_text(json.dumps(_digests(beside)), encoding="utf-8")
    try:
        if full or not _is_whole(folder):
            shutil.rmtree(folder, ignore_errors=True)
        beside.rename(folder)
    except OSError:
        # Two made it, on two machines of which one was given up: they are the same.
        if not _is_whole(folder):
            raise
        shutil.rmtree(beside)
    return folder


def fit_run(registers: Path, settings: Settings, folder: Path) -> None:
    """Write the result tables of the one run of ``settings`` into the new ``folder``."""
    from pipeline.night.entries import write_entry
    from pipeline.night.results import make_results

    started_at = datetime.now(UTC)
    question = settings.question
    of_what = f"{', '.join(question.outcomes)}, {', '.join(question.models)}"
    LOG.info("fit: %s: %s", named(settings), of_what)
    # With several BLAS threads the last digits would depend on how many there are.
    with threadpool_limits(limits=1, user_api="blas"):
        frames = make_results(registers, settings)
    folder.mkdir(mode=0o700)
    for table, frame in frames.items():
        frame.to_parquet(folder / f"{table}.parquet", index=False)
    write_entry(registers, settings, folder)
    (folder / STARTED).write_text(started_at.isoformat())
    freeze(settings, folder)


def folder_of(settings: Settings) -> Path:
    """Return where the fit of the one run of ``settings`` stands, or would stand."""
    question = settings.question
    years = "-".join(dict.fromkeys(str(year) for year in (question.years[0], question.years[-1])))
    source = read.read_source(settings.registers_path)
    delivery = fingerprint(source.input_hash, code_fingerprint())
    decided = fingerprint(
        delivery,
        repr(source),
        content_read(settings.registers_path, settings),
        # What was found in the checks is part of the results.
        read.read_data_quality(settings.registers_path, settings).to_json(orient="split"),
        settings.settings_hash,
        *(content_of(settings.home / folder, file) for folder, file in _OWN_FILES),
    )
    name = f"{question.name}-{years}-{delivery[:_DIGITS]}-{decided[:_DIGITS]}"
    return closed_folder(settings.home / FITS) / name


def freeze(settings: Settings, folder: Path) -> None:
    """Write the settings of the fit in ``folder`` beside its tables."""
    frozen = json.dumps(settings.frozen(), sort_keys=True)
    (folder / _FROZEN).write_text(frozen, encoding="utf-8")


def settings_of_fit(folder: Path, now: Settings) -> Settings:
    """Return the settings of the fit that left ``folder``, with places and speed of ``now``."""
    return thawed(frozen_of(folder), now)


def frozen_of(folder: Path) -> dict[str, Any]:
    """Return the settings of the fit that left ``folder`` as they were frozen then."""
    frozen: dict[str, Any] = json.loads(
        existing(folder / _FROZEN, "tildeling fit").read_text(encoding="utf-8")
    )
    return frozen


def clear(home: Path, in_use: Iterable[Path]) -> None:
    """Remove fits of ``home`` of another delivery or code than those ``in_use``, or too many.

    The newest stay, :data:`KEPT` with those in use.
    """
    kept = set(in_use)
    deliveries = {_delivery(path) for path in kept}
    newest_first = sorted(
        (path for path in closed_folder(home / FITS).iterdir() if path not in kept),
        key=lambda path: (_delivery(path) in deliveries, path.stat().st_mtime),
        reverse=True,
    )
    n_of_same = sum(_delivery(path) in deliveries for path in newest_first)
    for path in newest_first[min(max(KEPT - len(kept), 0), n_of_same) :]:
        shutil.rmtree(path, ignore_errors=True)


def _delivery(folder: Path) -> str:
    return folder.name.split("-")[-2]


def named(settings: Settings) -> str:
    """Return the name and years of the one question of ``settings``."""
    return f"{settings.question.name} {', '.join(map(str, settings.question.years))}"


def _is_whole(folder: Path) -> bool:
    """Return whether ``folder`` holds every file of a fit as it was written."""
    try:
        seal = json.loads((folder / _SEAL).read_text(encoding="utf-8"))
        return bool(seal == _digests(folder))
    except (OSError, ValueError):
        return False


def _digests(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file in ``folder`` but the seal, by name."""
    files = sorted(path for path in folder.iterdir() if path.name != _SEAL)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@cache
def code_fingerprint() -> str:
    """Return the fingerprint of the code, SQL, lists and cases of Tildeling and of its packages.

    As they are when it is first asked for: code that is replaced later did not make this program's
    fits.
    """
    folders = (Path(pipeline.__file__).parent, SQL_FOLDER)
    contents = (content_of(folder, f"**/*.{end}") for folder in folders for end in _CODE_ENDINGS)
    return fingerprint(*map(version, _PACKAGES), *contents)
