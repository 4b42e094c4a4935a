"""How Prefect is set up for a run that has no server of its own.

Prefect reads these when it is imported, so they are set first. What the user has set stays: with
``PREFECT_API_URL`` the run reports to that server and none is started.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

#: A cold start on two idle cores takes over 30 s; Prefect's default of 20 s fails now and then.
_STARTS_WITHIN_SECONDS = 120
#: How many times that it may be on a machine that has more to do than it can.
_MOST_TIMES = 8


def prepare(home: Path) -> None:
    """Set Prefect's environment for a run in ``home``, where the user has not."""
    history = home.resolve() / "prefect"
    history.mkdir(parents=True, exist_ok=True)
    # It keeps what failed runs said, values of a delivery among it.
    if history.stat().st_uid == os.getuid():
        history.chmod(0o700)
    defaults = {
        # Flow history of this home, apart from any other Prefect on the machine.
        "PREFECT_HOME": str(history),
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": str(_starts_within_seconds()),
        # No network at run time. DO_NOT_TRACK alone does not stop the server's telemetry.
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # Steps speak for themselves; Prefect's own lines are for its server and its user interface.
        "PREFECT_LOGGING_LEVEL": "CRITICAL",
        "PREFECT_LOGGING_SERVER_LEVEL": "CRITICAL",
        "PREFECT_SHOW_STARTUP_BANNER": "false",
    }
    if "PREFECT_API_URL" not in os.environ:
        # The server of this run listens on a port of this machine: whoever knows no password of
        # this one run can neither read from it nor have it run anything.
        password = f"tildeling:{secrets.token_urlsafe(32)}"
        defaults["PREFECT_SERVER_API_AUTH_STRING"] = password
        defaults["PREFECT_API_AUTH_STRING"] = os.environ.get(
            "PREFECT_SERVER_API_AUTH_STRING", password
        )
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


def _starts_within_seconds() -> int:
    """Return how long the run's own server may take to start: longer where work is waiting."""
    waiting = os.getloadavg()[0] / (os.cpu_count() or 1)
    return round(_STARTS_WITHIN_SECONDS * min(max(waiting, 1), _MOST_TIMES))
