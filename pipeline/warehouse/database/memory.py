"""DuckDB's share of the memory that the whole process may use."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.setting_values import bytes_of

#: What the process comes to hold beside DuckDB's counted memory: code that is loaded when first
#: used, in bytes, and memory that was freed and not yet given back, in shares (0-1) of the limit's
#: first gigabyte and of what is above it (measured: docs/loading.md).
RESERVED_BYTES = 100 * 10**6
RESERVED_SHARE, RESERVED_SHARE_ABOVE = 0.15, 0.33
_GIGABYTE = 10**9
#: What a process is taken to hold where the system does not say, bytes.
_HELD_BYTES = 200 * 10**6
#: DuckDB gets at least this share of the limit, 0-1: below it, work is refused that could be done.
_SMALLEST_SHARE = 0.25
_STATUS = Path("/proc/self/status")
#: Where the memory that a container may use is told; "max" where it has no limit of its own.
_CONTAINER = Path("/sys/fs/cgroup/memory.max")


def duckdb_bytes(memory_limit: str) -> int:
    """Return how many bytes DuckDB may use so that this process stays within ``memory_limit``.

    The limit less what the process holds now and what is reserved, but no less than a quarter of
    the limit: a process that holds more than that beside DuckDB goes over.
    """
    limit = bytes_of(memory_limit)
    above = max(limit - _GIGABYTE, 0)
    reserved = RESERVED_BYTES + int((limit - above) * RESERVED_SHARE + above * RESERVED_SHARE_ABOVE)
    return max(limit - held_bytes() - reserved, int(limit * _SMALLEST_SHARE))


def held_bytes() -> int:
    """Return the resident memory of this process, bytes; an estimate where /proc is not there."""
    if not _STATUS.exists():
        return _HELD_BYTES
    lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


def memory_bytes() -> int:
    """Return how much memory the programs of this machine, or container, may use together."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    said = _CONTAINER.read_text(encoding="ascii").strip() if _CONTAINER.exists() else "max"
    return min(physical, int(said)) if said.isdigit() else physical
