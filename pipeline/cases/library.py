"""Where case-study selections are: the one that ships, or any file."""

from __future__ import annotations

from pathlib import Path

from pipeline.benchmarks.faults import declared, read_values
from pipeline.cases.declaration import Selection

#: The selection that a night makes.
DEFAULT = Path(__file__).parent / "akf_2009.toml"
_NEXT = "mend the file; see docs/selection.md for its keys."


def read_selection(path: Path = DEFAULT) -> Selection:
    """Return the case-study selection declared in ``path``.

    Raises one :class:`SettingsError` that lists every fault: its key, value and what is allowed.
    """
    values = read_values(
        path,
        expected="a case-study selection as a TOML file",
        otherwise="`tildeling select` without a file takes the criteria that ship.",
        next_step=_NEXT,
    )
    return declared(Selection, values, str(path), next_step=_NEXT)
