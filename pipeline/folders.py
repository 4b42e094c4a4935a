"""Replacing a folder by another in one step, so that nobody meets a mixture of the two."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_EXCHANGE = 2  # RENAME_EXCHANGE of renameat2(2)
_HERE = -100  # AT_FDCWD
_ASIDE = "old"


@contextmanager
def replacing_folder(target: Path) -> Iterator[Path]:
    """Yield a new, empty folder that takes the place of ``target`` if the block succeeds.

    It lies beside ``target`` and has its mode. The two change places in one step; on file systems
    that cannot do so there is no ``target`` for a moment, and after a crash in that moment
    :func:`clean_replaced` brings the old one back.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    new = work / target.name
    try:
        new.mkdir()
        if target.is_dir():
            new.chmod(target.stat().st_mode & 0o7777)
        yield new
        if not target.exists():
            new.rename(target)
        elif not exchange(new, target):
            target.rename(work / _ASIDE)
            new.rename(target)
    finally:
        clean_replaced(target, work)


def clean_replaced(target: Path, *works: Path) -> list[Path]:
    """Return what replacements of ``target`` left beside it (or the given ``works``), removed."""
    leftovers = sorted(works or target.parent.glob(f".{target.name}-*"))
    for work in leftovers:
        if (work / _ASIDE).is_dir() and not target.exists():
            (work / _ASIDE).rename(target)
        shutil.rmtree(work, ignore_errors=True)
    return leftovers


def exchange(one: Path, other: Path) -> bool:
    """Return whether the two paths could change places in one step, which they then have."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    done: int = renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE)
    return done == 0
