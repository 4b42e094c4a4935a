"""What crashed runs left in a home, removed at the start of the next."""

from __future__ import annotations

from pathlib import Path

from pipeline.folders import clean_replaced
from pipeline.warehouse.database.replacement import clean_beside
from pipeline.warehouse.publication.archive import settle
from pipeline.warehouse.publication.releases import clean_unfinished, remove

#: Folder of results on their way from a fit to their publication, in a home. It comes there whole,
#: and stays until it is published or the next fit replaces it.
UNPUBLISHED = "unpublished"
#: Folder of fits in a home, each in a folder of its own, kept until what decides them changes.
FITS = "fits"
_UNFINISHED = (
    "registers.duckdb.next",
    "restricted/*.next",
    "quarantine/*.next",
    f"{UNPUBLISHED}.*",
    f"{FITS}/*.next",
)


def clean_home(home: Path) -> list[Path]:
    """Return what was left in ``home``, after removing it; nobody else may be writing there.

    Results that were fitted and not published stay: they are staged for ``tildeling publish``.
    """
    registers = home / "registers.duckdb"
    removed = [path for pattern in _UNFINISHED for path in sorted(home.glob(pattern))]
    for path in removed:
        remove(path)
    return [
        *removed,
        *clean_beside(registers),
        *clean_beside(registers.resolve()),
        *clean_beside(home / "benchmark.duckdb"),
        *clean_unfinished(home),
        *settle(home),
        *clean_replaced(home / "report"),
    ]
