"""Files that nobody but their owner may read: keys, passwords, lists of persons."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import SettingsError

_OTHERS = 0o077


def read_secret_file(
    path: Path, what: str, *, expected: str, next_step: str, if_open: str = ""
) -> bytes:
    """Return the content of ``path``, which messages call ``what``.

    Raises :class:`SettingsError` where it cannot be read, with what was ``expected`` and the
    ``next_step``, and where other users can read it, with what else to do ``if_open``.
    """
    try:
        mode = path.stat().st_mode & 0o777
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"{what} in {path} cannot be read",
            expected=expected,
            found=str(error.strerror),
            next_step=next_step,
        ) from None
    if mode & _OTHERS:
        raise SettingsError(
            f"{what} in {path} is open to other users",
            expected="mode 0600",
            found=f"mode {mode:04o}",
            next_step=f"run: chmod 600 {path}{if_open}",
        )
    return content
