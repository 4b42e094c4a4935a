"""Headers of SQL files: the run of comment lines at the top, ``-- name: value``.

A comment line indented by two or more blanks continues the value above it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_FIELD = re.compile(r"-- ([a-z]+): (.*)")
_CONTINUED = re.compile(r"-- {2,}(\S.*)")


def parse_header(
    text: str, required: Sequence[str], optional: Sequence[str] = ()
) -> tuple[dict[str, str], list[str]]:
    """Return the header's values by key, and its faults in words: other keys than asked for too."""
    values: dict[str, str] = {}
    faults: list[str] = []
    current: str | None = None
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        if match := _FIELD.fullmatch(line):
            current = match.group(1)
            if current in values:
                faults.append(f"repeated key {current!r}")
            values[current] = match.group(2).strip()
        elif current and (more := _CONTINUED.fullmatch(line)):
            values[current] += " " + more.group(1).strip()
        else:
            faults.append(f"line {line!r} is neither '-- key: value' nor a continuation")
    faults += [f"missing key {key!r}" for key in required if key not in values]
    faults += [f"unknown key {key!r}" for key in values if key not in (*required, *optional)]
    faults += [f"empty value of {key!r}" for key, value in values.items() if not value]
    return values, faults


def listed(value: str) -> tuple[str, ...]:
    """Return the parts of a value that is a list; ``none`` is the empty one."""
    if value == "none":
        return ()
    return tuple(part.strip().strip('"') for part in value.split(","))
