"""What single settings may hold: sizes, lists of names and text, from wherever they come.

The environment and the command line know only text, ``tildeling.toml`` and Prefect also lists and
numbers; a value means the same from each. Every function raises ``ValueError`` for what it cannot
read, which :func:`pipeline.settings.read_settings` turns into a message.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ENVIRONMENT_PREFIX = "TILDELING_"
#: Variables of that prefix that are no settings: secrets, which no release or log may hold.
NO_SETTINGS = ("PSEUDONYM_KEY",)

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,15})?) *([KMGT]I?)B", re.IGNORECASE)
_UNITS = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_BINARY_UNITS = {"KI": 2**10, "MI": 2**20, "GI": 2**30, "TI": 2**40}
#: Below this DuckDB is left too little to read the hundreds of columns of DREAM.
SMALLEST_MEMORY = "1GB"
#: More than any machine has; a larger number is a slip of the pen, and too large for DuckDB.
LARGEST_MEMORY = "1000TB"


def bytes_of(size: str) -> int:
    """Return the bytes of a size such as ``4GB`` (10^9) or ``3.5GiB`` (2^30); else ValueError."""
    match = _SIZE.fullmatch(size.strip())
    if match is None:
        raise ValueError(f"{size[:40]!r} is not a size such as 4GB, 800MB or 3.5GiB")
    unit = match.group(2).upper()
    return int(float(match.group(1)) * (_UNITS | _BINARY_UNITS)[unit])


def usable_memory(size: str) -> str:
    """Return ``size`` if a load can work with it: ``SMALLEST_MEMORY`` to ``LARGEST_MEMORY``."""
    if bytes_of(size) < bytes_of(SMALLEST_MEMORY):
        raise ValueError(f"{size} is less than {SMALLEST_MEMORY}, which a load needs")
    if bytes_of(size) > bytes_of(LARGEST_MEMORY):
        raise ValueError(f"{size} is more than {LARGEST_MEMORY}")
    return size


def protected_address(address: str) -> str:
    """Return ``address`` (``tls://host:port``) if only who has a certificate can use it.

    Or who is on this machine: whoever reaches a scheduler can have its workers run anything.
    """
    parts = urlsplit(address)
    is_protected = parts.scheme in ("", "tls", "wss") or parts.hostname == "localhost"
    with suppress(ValueError):
        is_protected = is_protected or ip_address(parts.hostname or "").is_loopback
    if address and not parts.port:
        raise ValueError(f"{address[:80]} names no port")
    if not is_protected:
        raise ValueError(
            f"{address[:80]} is open to whoever reaches it, and what goes there to whoever is on "
            "the way: expected tls://host:port, with certificates (docs/operations.md, On several "
            "machines), or an address of this machine"
        )
    return address


def listed(value: Any) -> Any:
    """Return the names of ``FP,FJ`` or ``["FP", "FJ"]`` as a list; what is no text as it is.

    Spaces around a name and empty places between commas are nothing.
    """
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        try:
            return json.loads(value)
        except (ValueError, RecursionError):
            raise ValueError("is neither names with commas between, nor a list in JSON") from None
    return [name.strip() for name in value.split(",") if name.strip()]


def each_once(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``names`` if none is named twice."""
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"named twice: {', '.join(twice)}")
    return names


def proper_text(value: Any) -> Any:
    """Return ``value`` if every text in it, a path too, can be written as UTF-8 and has no NUL."""
    for text in value if isinstance(value, list | tuple) else [value]:
        if isinstance(text, str | Path) and not is_proper(str(text)):
            raise ValueError(f"{str(text)[:40]!r} is no text: it has a NUL or bytes not UTF-8")
    return value


def is_proper(text: str) -> bool:
    """Return whether ``text`` can be written as UTF-8 and has no NUL."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def unknown_variables(environment: Mapping[str, str], known: tuple[str, ...]) -> list[str]:
    """Return one fault per variable of our prefix that is no setting, with what may be meant."""
    names = [*known, *(name.lower() for name in NO_SETTINGS)]
    faults = []
    for variable in sorted(environment):
        name = variable[len(ENVIRONMENT_PREFIX) :].lower()
        if variable.upper().startswith(ENVIRONMENT_PREFIX) and name not in names:
            near = get_close_matches(name, names, 1)
            meant = f"; is {ENVIRONMENT_PREFIX}{near[0].upper()} meant?" if near else ""
            faults.append(f"{variable!a}: there is no such setting{meant}")
    return faults


def path_fault(path: Path | None) -> str | None:
    """Return why the system cannot even look for ``path``; None where it can, or for no path."""
    try:
        if path is not None:
            (path / "file").stat()
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    except OSError as error:
        return f"{str(path)[:200]} cannot be used: {error.strerror or error}"
    return None


def content_of(folder: Path, pattern: str) -> str:
    """Return the SHA-256 over the files of ``folder`` that match ``pattern``, names and bytes."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob(pattern)):
        digest.update(hashlib.sha256(path.name.encode()).digest())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
