"""Where case-study selections are: the one that ships, or any file."""

from __future__ import annotations

from pathlib import Path

from pipeline.benchmarks.faults import declared, read_values
from pipeline.cases.declaration import ChangeSelection, Selection

_FOLDER = Path(__file__).parent
#: The selections that a night makes: by level and by change.
DEFAULT, BY_CHANGE = _FOLDER / "akf_2009.toml", _FOLDER / "vive_2024.toml"
_NEXT = "mend the file; see docs/selection.md for its keys."


def read_selection(path: Path = DEFAULT) -> Selection | ChangeSelection:
    """Return the case-study selection declared in ``path``: by change if it has a table of that.

    Raises one :class:`SettingsError` that lists every fault: its key, value and what is allowed.
    """
    values = read_values(
        path,
        expected="a case-study selection as a TOML file",
        otherwise="`tildeling select` without a file takes the criteria that ship.",
        next_step=_NEXT,
    )
    if "change" in values:
        return declared(ChangeSelection, values, str(path), next_step=_NEXT)
    return declared(Selection, values, str(path), next_step=_NEXT)
