"""Where case-study selections are: the one that ships, or any file."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pipeline.benchmarks.faults import declared
from pipeline.cases.declaration import Selection
from pipeline.errors import SettingsError

#: The selection that a night makes.
DEFAULT = Path(__file__).parent / "akf_2009.toml"
_NEXT = "mend the file; see docs/selection.md for its keys."


def read_selection(path: Path = DEFAULT) -> Selection:
    """Return the case-study selection declared in ``path``.

    Raises one :class:`SettingsError` that lists every fault: its key, value and what is allowed.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be read: {error.strerror or error}",
            expected="a case-study selection as a TOML file",
            next_step="`tildeling select` without a file takes the criteria that ship.",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} is not TOML: {error}", next_step=_NEXT) from None
    return declared(Selection, values, str(path), next_step=_NEXT)
