"""Factors: what the header of each file of ``sql/factor`` declares, and nowhere else.

A factor is one query that yields person_id, year and level. Its header says what the levels are::

    -- object: factor.sex
    -- title: Køn / Sex
    -- levels: male = Mand / Male; female = Kvinde / Female
    -- reference: male
    -- otherwise: male
    -- bands: from 4 12, kontakter / contacts
    -- lookback: none
    -- health: no
    -- source: Statistics Denmark, BEF
    -- reads: mart.resident_year
    -- caveat: none

``otherwise`` is the level of who has no row (the reference unless told), ``bands`` how a number is
cut (:mod:`pipeline.benchmarks.bands`), ``place`` where the factor stands among others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.codes.headers import listed, parse_header
from pipeline.errors import SettingsError

FOLDER = Path(__file__).resolve().parents[2] / "sql" / "factor"
_REQUIRED = ("object", "title", "levels", "reference", "lookback", "health", "source", "reads")
_KEYS = (*_REQUIRED, "caveat")
_OPTIONAL = ("place", "otherwise", "bands")
_LAST = 1000
_LEVEL = re.compile(r"(\S+) = (.+?) / (.+)")
_BANDS = re.compile(r"(from|above) ((?:\d+ )*\d+), (.+?) / (.+)")


@dataclass(frozen=True)
class Factor:
    """A factor as its file declares it; ``levels`` are (level, Danish, English) in order."""

    name: str
    path: Path
    place: int
    title_da: str
    title_en: str
    levels: tuple[tuple[str, str, str], ...]
    reference: str
    otherwise: str
    bands: tuple[str, str, str, str] | None
    lookback: str
    is_health: bool
    source: str
    reads: tuple[str, ...]
    caveat: str
    query: str


@cache
def factors() -> dict[str, Factor]:
    """Return the factors there are by name, by their place and name.

    Raises :class:`SettingsError` that lists what is wrong in which file.
    """
    read = [read_factor(path) for path in sorted(FOLDER.glob("*.sql"))]
    return {factor.name: factor for factor in sorted(read, key=lambda f: (f.place, f.name))}


def read_factor(path: Path) -> Factor:
    """Return the factor of the file ``path``; SettingsError names everything that is wrong."""
    text = path.read_text(encoding="utf-8")
    values, faults = parse_header(text, _KEYS, _OPTIONAL)
    query = "\n".join(line for line in text.splitlines() if not line.startswith("--")).strip()
    if values.get("object") != f"factor.{path.stem}":
        faults.append(f"object is {values.get('object')!r}, expected 'factor.{path.stem}'")
    title = _two(values.get("title", ""))
    if title is None:
        faults.append("title is to be Danish / English")
    levels = [_LEVEL.fullmatch(part.strip()) for part in values.get("levels", "").split(";")]
    if not all(levels) or len(levels) < 2:
        faults.append("levels are to be two or more of level = Danish / English, with ; between")
    named = tuple((m[1], m[2], m[3]) for m in levels if m)
    known = [level for level, _, _ in named]
    reference = values.get("reference", "")
    otherwise = values.get("otherwise", reference)
    faults += [
        f"{key} is {value!r}; allowed: {', '.join(known)}"
        for key, value in (("reference", reference), ("otherwise", otherwise))
        if known and value not in known
    ]
    if len(set(known)) < len(known):
        faults.append("levels has one twice")
    bands = _BANDS.fullmatch(values["bands"]) if "bands" in values else None
    if "bands" in values and bands is None:
        faults.append("bands is to be: from or above, edges, a comma, unit Danish / English")
    if values.get("health") not in ("yes", "no"):
        faults.append(f"health is {values.get('health')!r}; allowed: yes, no")
    if not values.get("place", "0").isdigit():
        faults.append(f"place is {values['place']!r}; allowed: a whole number")
    if not re.search(r"\bAS level\b", query) or not query.upper().startswith(("SELECT", "WITH")):
        faults.append("the query is to be a SELECT of person_id, year and level")
    if faults or title is None:
        listed_faults = "\n".join(f"  - {fault}" for fault in faults)
        raise SettingsError(
            f"the factor {path} cannot be used:\n{listed_faults}",
            next_step="compare with a factor that ships; see docs/change.md.",
        )
    return Factor(
        name=path.stem,
        path=path,
        place=int(values.get("place", _LAST)),
        title_da=title[0],
        title_en=title[1],
        levels=named,
        reference=reference,
        otherwise=otherwise,
        bands=(bands[1], bands[2], bands[3], bands[4]) if bands else None,
        lookback=values["lookback"],
        is_health=values["health"] == "yes",
        source=values["source"],
        reads=listed(values["reads"]),
        caveat=values["caveat"],
        query=query.rstrip(";").strip(),
    )


def _two(text: str) -> tuple[str, str] | None:
    danish, _, english = text.partition(" / ")
    return (danish.strip(), english.strip()) if danish.strip() and english.strip() else None


def factor_rows() -> tuple[dict[str, str], ...]:
    """Return the rows of the code list ``factor``, a row per factor and level."""
    return tuple(
        {
            "factor": factor.name,
            "level": level,
            "position": str(position),
            "is_reference": "true" if level == factor.reference else "false",
            "description_da": danish,
            "description_en": english,
        }
        for factor in factors().values()
        for position, (level, danish, english) in enumerate(factor.levels, 1)
    )


def band_rows() -> tuple[dict[str, str], ...]:
    """Return the rows of the code list ``factor_band``, a row per factor in bands."""
    names = ("style", "edges", "unit_da", "unit_en")
    return tuple(
        {"factor": factor.name, **dict(zip(names, factor.bands, strict=True))}
        for factor in factors().values()
        if factor.bands
    )
