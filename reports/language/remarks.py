"""What a check found, in the reader's language: names in the place of codes.

The pipeline writes findings in English with codes, the form its log and database keep. Their forms
are listed in ``remarks.toml`` with the Danish of each; a finding of no known form keeps its words.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from itertools import groupby
from pathlib import Path

from pipeline.codes import outcomes
from reports.language.formatting import Numbers
from reports.language.words import Words

_FILE = Path(__file__).parent / "remarks.toml"
#: Findings of the model begin with outcome and model: ``FP pooled: 101, 147``.
_OF_A_FIT = re.compile(r"([A-Z][A-Z_]*) (\w+): (.+)")
_LEFT_OUT = re.compile(r"no grant in the years, left out: (.+)")
#: What stands before a number of rows that is not told (``pipeline/disclosure/quality.py``).
_FEW = "at most "
_LEVELS = re.compile(r"\w+ = [^=,]+(, \w+ = [^=,]+)*")


def remark(detail: str, t: Words, names: Mapping[str, str]) -> str:
    """Return ``detail`` in the language of ``t``; ``names`` are municipalities' by code."""
    parts = detail.split("; ")
    fits = [_OF_A_FIT.fullmatch(part) for part in parts]
    groups = [fit.groups() for fit in fits if fit is not None]
    if groups and len(groups) == len(parts):
        return "; ".join(_of_fits(groups, t, names))
    whole = _told(detail, t, names)
    if whole is not None:
        return whole
    return "; ".join(_told(part, t, names) or part for part in parts)


def _of_fits(groups: list[tuple[str, ...]], t: Words, names: Mapping[str, str]) -> list[str]:
    """Return findings of fits, models of one outcome that found the same told together."""
    listed = []
    for (outcome, said), fits in groupby(
        sorted(groups, key=lambda one: (one[0], one[2])), key=lambda one: (one[0], one[2])
    ):
        models = ", ".join(t.label("model", model) for _, model, _ in fits)
        listed.append(f"{t.label('outcome', outcome)} ({models}): {_told(said, t, names) or said}")
    return listed


def _told(said: str, t: Words, names: Mapping[str, str]) -> str | None:
    """Return one finding in words, None where its form is not known."""
    if all(code in names for code in said.split(", ")):
        return Numbers(t.language).listed([names[code] for code in said.split(", ")])
    if left_out := _LEFT_OUT.fullmatch(said):
        outcomes = ", ".join(t.label("outcome", code) for code in left_out[1].split(", "))
        return t("quality.left_out", outcomes=outcomes)
    if _LEVELS.fullmatch(said):
        pairs = (pair.split(" = ") for pair in said.split(", "))
        return ", ".join(f"{t.label('factor', f)}: {t.level(f, level)}" for f, level in pairs)
    for form, words in _forms():
        if match := form.fullmatch(said):
            if t.language != "da":
                return said
            return words.format(*(_named(part or "", t, names) for part in match.groups()))
    return None


def _named(part: str, t: Words, names: Mapping[str, str]) -> str:
    """Return a part of a finding: municipalities and outcomes by name, numbers in Danish."""
    if part.startswith(_FEW):
        return f"højst {part.removeprefix(_FEW)}"
    places = [(code, year) for code, year in re.findall(r"(\w+) in (\d{4})", part) if code in names]
    if places:
        return Numbers(t.language).listed([f"{names[code]} ({year})" for code, year in places])
    if set(part.split(", ")) <= set(outcomes()):
        return Numbers(t.language).listed([t.label("outcome", one) for one in part.split(", ")])
    if re.fullmatch(r"\d{1,3}(,\d{3})+", part):
        return part.replace(",", ".")
    if re.fullmatch(r"0\.0+e\+00", part):
        return "0"
    return part.replace(".", ",") if re.fullmatch(r"\d+\.\d+(e-\d+)?", part) else part


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    listed = tomllib.loads(_FILE.read_text(encoding="utf-8"))["remark"]
    number, perhaps_few = r"([\d,]+)", rf"((?:{_FEW})?[\d,]+)"
    return tuple(
        (re.compile(one["form"].replace(number, perhaps_few)), one["da"]) for one in listed
    )
