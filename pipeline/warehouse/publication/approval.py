"""Who let a release out that the gate had held back, when, and against which reasons."""

from __future__ import annotations

import json
import os
import pwd
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

#: The folder beside the registers with what the gate knows of every release.
LEDGER = "ledger"
_ENDING = ".approval.json"


@dataclass(frozen=True)
class Approval:
    """One approval: ``user`` of the system who gave it, when (UTC), and the gate's ``reasons``."""

    user: str
    at: str
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return f"approved {self.at:.16} UTC by {self.user}".replace("T", " ")


def approval_of(reasons: tuple[str, ...]) -> Approval:
    """Return the approval that whoever runs this gives now, although there are ``reasons``."""
    return Approval(_user(), datetime.now(UTC).isoformat(timespec="seconds"), reasons)


def approval_file(release: str) -> str:
    """Return the name of the file with the approval of ``release`` in the ledger."""
    return f"{release}{_ENDING}"


def approval_bytes(approval: Approval) -> bytes:
    """Return what stands in the file of ``approval``."""
    return json.dumps(asdict(approval), indent=2, ensure_ascii=False).encode()


def read_approval(ledger: Path, release: str) -> Approval | None:
    """Return the approval of ``release``; None where it had none, or only its owner may know."""
    try:
        said = json.loads((ledger / approval_file(release)).read_text(encoding="utf-8"))
        return Approval(said["user"], said["at"], tuple(said["reasons"]))
    except (OSError, ValueError, KeyError):
        return None


def _user() -> str:
    """Return the user of this process, and who became that user by sudo."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:  # a container's user need not have a name
        name = f"user {os.getuid()}"
    before = os.environ.get("SUDO_USER")
    return f"{before} as {name}" if before and before != name else name
