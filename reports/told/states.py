"""Names of groups of benefit states, from their code list."""

from __future__ import annotations

from functools import cache

from pipeline.codes import code_rows
from reports.told.telling import Telling


def state_name(p: Telling, group: str) -> str:
    """Return the name of a group of states, or of ``all`` and ``moved``."""
    return _names(p.language).get(group) or p.t.label("state_group", group)


@cache
def _names(language: str) -> dict[str, str]:
    return {row["state_group"]: row[f"name_{language}"] for row in code_rows("state_group")}
