"""What can go wrong for a user, with one exit code per kind.

A ``TildelingError`` is something the user can act on: it prints as plain text, without a
traceback, and ends the command with its own exit code. Anything else is a defect of ours and
keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

#: Exit code of what Ctrl-C or a signal ended.
INTERRUPTED = 130


class TildelingError(Exception):
    """A fault a user can act on.

    ``problem`` says what and where, ``expected`` and ``found`` the two sides, ``next_step`` what
    to do. Only ``problem`` is required.
    """

    exit_code = 1

    def __init__(
        self,
        problem: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        next_step: str | None = None,
    ) -> None:
        self.problem = problem
        self.expected = expected
        self.found = found
        self.next_step = next_step
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The text a user sees, one part per line."""
        lines = [self.problem]
        if self.expected:
            lines.append(f"  Expected: {self.expected}")
        if self.found:
            lines.append(f"  Found: {self.found}")
        if self.next_step:
            lines.append(f"  Next: {self.next_step}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple:
        # Errors cross process and Prefect boundaries; the default would lose the keywords.
        return (_rebuild, (type(self), self.problem, self.expected, self.found, self.next_step))


def _rebuild(
    kind: type[TildelingError],
    problem: str,
    expected: str | None,
    found: str | None,
    next_step: str | None,
) -> TildelingError:
    error = kind.__new__(kind)
    TildelingError.__init__(error, problem, expected=expected, found=found, next_step=next_step)
    return error


class SettingsError(TildelingError):
    """A setting is unknown, out of range or contradicts another."""

    exit_code = 3


class ExtractError(TildelingError):
    """The extracts have structural faults (a missing column, a broken file, no file at all).

    Raised once, listing every fault found, before anything is replaced.
    """

    exit_code = 10

    @classmethod
    def from_faults(cls, folder: str, faults: Sequence[str]) -> ExtractError:
        """Return one error that lists all structural ``faults`` found in ``folder``."""
        listed = "\n".join(f"  - {fault}" for fault in faults)
        noun = "fault" if len(faults) == 1 else "faults"
        return cls(
            f"{len(faults)} structural {noun} in the extracts in {folder}; nothing was loaded:\n"
            f"{listed}",
            next_step="mend or redeliver the named files, then run the command again.",
        )


class CheckError(TildelingError):
    """A data check with severity ``stop`` failed; nothing was published."""

    exit_code = 11


class ModelError(TildelingError):
    """A model cannot be fitted as asked (separation, collinearity, no convergence)."""

    exit_code = 12


class PublishError(TildelingError):
    """A release failed its checks or could not be put in place; the old release stands."""

    exit_code = 13


class StorageError(TildelingError):
    """A database or folder cannot be opened, is locked by another process, or is missing."""

    exit_code = 14


def existing(path: Path, made_by: str) -> Path:
    """Return ``path``; :class:`StorageError` that names the command ``made_by`` without it."""
    if not path.exists():
        raise StorageError(f"{path} does not exist.", next_step=f"run `{made_by}` first.")
    return path
