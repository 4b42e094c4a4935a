"""The steps that make a synthetic country and say how like Denmark it is."""

from __future__ import annotations

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from pipeline.codes.factors import factors
from pipeline.errors import StorageError
from pipeline.night.steps import staged_runs
from pipeline.settings import Settings

if TYPE_CHECKING:
    from synthetic_data.files.partitions import MakePartitions

LOG = logging.getLogger("tildeling")
#: Registers that a country has where they are read, by what of core is made of them.
_FURTHER = {"core.income": "ind", "core.labour_market_status": "akm"}


def generate(
    settings: Settings,
    out: Path,
    *,
    years: tuple[int, int],
    all_csv: bool = False,
    make: MakePartitions | None = None,
    registers: tuple[str, ...] | None = None,
) -> Path:
    """Return the folder ``out`` after writing a synthetic country for ``years`` into it.

    Beside the ordinary registers it has those of ``registers`` (ind, akm), or, where that is None,
    those that factors of the benchmarks of ``settings`` read. With ``all_csv`` every register is
    CSV, else most are Parquet. ``make`` makes the partitions; without it a pool of
    ``settings.workers`` processes does.
    """
    import synthetic_data
    from synthetic_data.files.progress import ProgressBar

    summary = synthetic_data.generate(
        out,
        scale=settings.scale,
        seed=settings.seed,
        first_year=years[0],
        last_year=years[1],
        scenario=settings.scenario,
        workers=settings.workers,
        block_persons=settings.block_persons,
        make=make,
        progress=LOG.info,
        bar=ProgressBar(sys.stderr) if sys.stderr.isatty() else None,
        all_csv=all_csv,
        further=registers_read(settings) if registers is None else registers,
    )
    for line in str(summary).splitlines():
        LOG.info(line)
    return out


def registers_read(settings: Settings) -> tuple[str, ...]:
    """Return which of IND and AKM the factors of the benchmarks of ``settings`` are read from."""
    names = {name for question in settings.questions for name in question.factors.names}
    reads = {table for name in names for table in factors()[name].reads}
    return tuple(register for table, register in _FURTHER.items() if table in reads)


def calibrate(extracts: Path, page: Path | None = None) -> pd.DataFrame:
    """Return a synthetic country's figures beside the sources', one row each.

    They are written to ``truth/calibration.csv`` in ``extracts``, and as a page to ``page``.
    """
    from synthetic_data.measures.calibration import calibrate
    from synthetic_data.measures.calibration_page import calibration_page
    from synthetic_data.measures.generated import Generated

    frame = calibrate(extracts)
    frame.to_csv(extracts / "truth" / "calibration.csv", index=False)
    if page is not None:
        command = f"tildeling calibrate --extracts DIR --page {page}"
        text = calibration_page(frame, Generated(extracts).mark, command)
        page.write_text(text, encoding="utf-8")
    return frame


def record_calibration(settings: Settings, extracts: Path) -> None:
    """Put beside the unpublished results how like Denmark ``extracts`` is.

    A country whose files cannot be read, damaged on purpose say, has figures not measured: its
    benchmark is worth having all the same. The log says why.
    """
    from pipeline.night.results import calibration_table
    from synthetic_data.measures.calibration import calibrate, unmeasured

    folders = staged_runs(settings.home)
    try:
        frame = calibrate(extracts)
    except StorageError as error:
        LOG.warning("the country is not compared with the sources' figures: %s", error.message)
        frame = unmeasured()
    for folder in folders:
        calibration_table(frame).to_parquet(folder / "calibration.parquet", index=False)
