"""Bands: the levels of a factor that cuts a number at edges, with their names and labels.

The ordinary edges have the levels and labels of the factor's file; other edges are named
from their numbers. Two styles: ``from`` edges are the first value of the next band (40 begins
40-49), ``above`` edges are the last of the band below (5 years belong to 2_to_5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.codes import code_list, code_rows

if TYPE_CHECKING:
    import pandas as pd

AGE = "age_band"
_COLUMNS = ["factor", "level", "position", "is_reference", "description_da", "description_en"]


@dataclass(frozen=True)
class BandFactor:
    """A factor in bands: how edges cut it, its unit in both languages, its ordinary edges."""

    factor: str
    style: str
    edges: tuple[int, ...]
    unit_da: str
    unit_en: str


def band_factors() -> dict[str, BandFactor]:
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


def band_levels(
    band: BandFactor, edges: Sequence[int], first: int = 0, last: int | None = None
) -> pd.DataFrame:
    """Return the levels of ``band`` cut at ``edges``, in order, as rows of the list ``factor``.

    ``first`` and ``last`` bound the number where it is bounded, as ages are; then the outer bands
    say so. The reference is the level that holds where the ordinary reference begins, else the
    first.
    """
    import pandas as pd

    ordinary = code_list("factor").query("factor == @band.factor")
    is_ordinary = tuple(edges) == band.edges
    if is_ordinary and (band.factor != AGE or _ends(ordinary["level"]) == (first, last)):
        return _typed(ordinary)
    if band.style == "above":
        names, labels = _above(edges)
    else:
        names, labels = _from(edges, first, last)
    reference = 0
    if band.factor == AGE:
        held = ordinary.loc[ordinary["is_reference"] == "true", "level"].iloc[0]
        start = int(str(held).split("-")[0])
        reference = sum(edge <= start for edge in edges)
    unit = {"da": band.unit_da, "en": band.unit_en}
    return pd.DataFrame(
        {
            "factor": band.factor,
            "level": names,
            "position": range(1, len(names) + 1),
            "is_reference": [number == reference for number in range(len(names))],
            **{
                f"description_{language}": [
                    _label(ordinary, text, language, unit[language]) for text in labels
                ]
                for language in ("da", "en")
            },
        }
    )[_COLUMNS]


def _ends(levels: pd.Series) -> tuple[int, int]:
    """Return the first and last age of levels such as 18-24, 60-64."""
    return int(str(levels.iloc[0]).split("-")[0]), int(str(levels.iloc[-1]).split("-")[1])


def _typed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(
        position=rows["position"].astype(int), is_reference=rows["is_reference"] == "true"
    )[_COLUMNS].reset_index(drop=True)


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


def _label(ordinary: pd.DataFrame, text: str, language: str, unit: str) -> str:
    if text == "none":
        return str(ordinary[f"description_{language}"].iloc[0])
    if text.startswith(">"):
        return f"Over {text[1:]} {unit}"
    return f"{text} {unit}"
