"""Bands: the levels of a factor that cuts a number at edges, with their names and labels.

The ordinary edges have the levels and labels of the factor's file; other edges are named
from their numbers. Two styles: ``from`` edges are the first value of the next band (40 begins
40-49), ``above`` edges are the last of the band below (5 years belong to 2_to_5).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from pipeline.codes import code_rows

AGE = "age_band"


@dataclass(frozen=True)
class BandFactor:
    """A factor in bands: how edges cut it, its unit in both languages, its ordinary edges."""

    factor: str
    style: str
    edges: tuple[int, ...]
    unit_da: str
    unit_en: str


@cache
def band_factors() -> Mapping[str, BandFactor]:
    """Return the factors whose levels are bands, by name (``bands`` in their files)."""
    return {
        row["factor"]: BandFactor(
            factor=row["factor"],
            style=row["style"],
            edges=tuple(int(edge) for edge in row["edges"].split()),
            unit_da=row["unit_da"],
            unit_en=row["unit_en"],
        )
        for row in code_rows("factor_band")
    }


def typed(row: Mapping[str, str]) -> dict[str, Any]:
    """Return a row of the list ``factor`` with a number as its position and a truth value."""
    is_reference = row["is_reference"] == "true"
    return {**row, "position": int(row["position"]), "is_reference": is_reference}


def band_levels(
    band: BandFactor, edges: Sequence[int], first: int = 0, last: int | None = None
) -> list[dict[str, Any]]:
    """Return the levels of ``band`` cut at ``edges``, in order, as rows that are :func:`typed`.

    ``first`` and ``last`` bound the number where it is bounded, as ages are; then the outer bands
    say so. The reference is the level that holds where the ordinary reference begins, else the
    first.
    """
    ordinary = [typed(row) for row in code_rows("factor") if row["factor"] == band.factor]
    is_ordinary = tuple(edges) == band.edges
    if is_ordinary and (band.factor != AGE or _ends(ordinary) == (first, last)):
        return ordinary
    if band.style == "above":
        names, labels = _above(edges)
    else:
        names, labels = _from(edges, first, last)
    reference = 0
    if band.factor == AGE:
        held = next(row["level"] for row in ordinary if row["is_reference"])
        start = int(held.split("-")[0])
        reference = sum(edge <= start for edge in edges)
    return [
        {
            "factor": band.factor,
            "level": name,
            "position": number + 1,
            "is_reference": number == reference,
            "description_da": _label(ordinary[0]["description_da"], label, band.unit_da),
            "description_en": _label(ordinary[0]["description_en"], label, band.unit_en),
        }
        for number, (name, label) in enumerate(zip(names, labels, strict=True))
    ]


def _ends(levels: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Return the first and last age of levels such as 18-24, 60-64."""
    return int(levels[0]["level"].split("-")[0]), int(levels[-1]["level"].split("-")[1])


def _above(edges: Sequence[int]) -> tuple[list[str], list[str]]:
    """Return names and labels of 0, up to the first edge, between edges and over the last."""
    above_zero = [edge for edge in edges if edge > 0]
    names = ["none", f"up_to_{above_zero[0]}"]
    labels = ["none", f"0-{above_zero[0]}"]
    for low, high in pairwise(above_zero):
        names.append(f"{low}_to_{high}")
        labels.append(f"{low}-{high}")
    return [*names, f"over_{above_zero[-1]}"], [*labels, f">{above_zero[-1]}"]


def _from(edges: Sequence[int], first: int, last: int | None) -> tuple[list[str], list[str]]:
    starts = [first, *edges]
    ends = [*(edge - 1 for edge in edges), last]
    names = [
        f"{start}+" if end is None else f"{start}-{end}"
        for start, end in zip(starts, ends, strict=True)
    ]
    return names, names


def _label(of_none: str, text: str, unit: str) -> str:
    if text == "none":
        return of_none
    if text.startswith(">"):
        return f"Over {text[1:]} {unit}"
    return f"{text} {unit}"
