"""Where initiatives are: in ``initiatives/`` of a home, or in any file."""

from __future__ import annotations

from pathlib import Path

from pipeline.benchmarks.faults import declared, files_in, read_values, refuse_other_name
from pipeline.initiatives.declaration import Initiative

_NEXT = "mend the file; `tildeling initiative FILE` reads it alone. See docs/initiatives.md."


def read_initiative(path: Path) -> Initiative:
    """Return the initiative declared in ``path``.

    Raises one :class:`SettingsError` that lists every fault: its key, value and what is allowed.
    """
    values = read_values(
        path,
        expected="an initiative as a TOML file",
        otherwise="see docs/initiatives.md for an example.",
        next_step=_NEXT,
    )
    return declared(Initiative, values, str(path), next_step=_NEXT)


#: Of a home.
FOLDER = "initiatives"


def initiatives_of(home: Path) -> tuple[Initiative, ...]:
    """Return the initiatives of ``home``, by the name of the file; none where it has no folder.

    Raises :class:`SettingsError` as above, and where a name is not that of its file.
    """
    read = []
    for path in files_in(home, FOLDER):
        initiative = read_initiative(path)
        refuse_other_name(path, initiative.name, next_step=_NEXT)
        read.append(initiative)
    return tuple(read)
