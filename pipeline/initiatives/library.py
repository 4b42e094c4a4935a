"""Where initiatives are: in ``initiatives/`` of a home, or in any file."""

from __future__ import annotations

from pathlib import Path

from pipeline.benchmarks.faults import declared, read_values
from pipeline.errors import SettingsError
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


def initiatives_of(home: Path) -> tuple[Initiative, ...]:
    """Return the initiatives of ``home``, by the name of the file; none where it has no folder.

    Raises :class:`SettingsError` as above, and where a name is not that of its file.
    """
    try:
        paths = sorted((home / "initiatives").glob("*.toml"))
    except OSError as error:
        raise SettingsError(
            f"home: {str(home)[:200]} cannot be used: {error.strerror or error}",
            next_step="name another folder with --home or TILDELING_HOME.",
        ) from None
    read = [(path, read_initiative(path)) for path in paths]
    for path, initiative in read:
        if initiative.name != path.stem:
            raise SettingsError(
                f"{path} cannot be used: name: {initiative.name!r}",
                expected=f"the name of the file, {path.stem}",
                next_step=_NEXT,
            )
    return tuple(initiative for _, initiative in read)
