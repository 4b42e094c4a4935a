"""The municipalities of old inside those of 2007: which code a person's register rows carry.

People live in one of the 98 municipalities at all times, and before 2007 in one of its areas. An
*area* is what one of the 98 has of one former municipality: all of it, or a part where it was
divided. Where people live within a municipality is invented: an area weighs its share of the former
municipality, twice that where the municipality of 2007 kept its code.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from pipeline.codes import code_list
from synthetic_data.ground.rng import Floats
from synthetic_data.places.country import Country

REFORM_YEAR = 2007


@dataclass(frozen=True)
class Areas:
    """Areas in the order of municipality and code.

    ``first[m]`` is the first area of municipality m and ``cumulative[m]`` the cumulative weights of
    its areas, padded with 2; ``names`` the codes of any time, and ``code[y]`` for each area the
    position in ``names`` of the code valid on the last day of ``years[y]``.
    """

    municipality: NDArray[np.int16]
    first: NDArray[np.int64]
    cumulative: NDArray[np.float64]
    names: tuple[str, ...]
    years: tuple[int, ...]
    code: NDArray[np.int16]

    def draw(self, municipality: NDArray[np.int16], uniform: Floats) -> NDArray[np.int16]:
        """Return an area in each municipality, by where its people live."""
        nth = (self.cumulative[municipality] <= uniform[:, None]).sum(axis=1)
        return (self.first[municipality] + nth).astype(np.int16)

    def codes_on_31_december(self, area: NDArray[np.int16], year: int) -> NDArray[np.int16]:
        """Return the position in ``names`` of each person's municipality code."""
        return self.code[np.clip(year - self.years[0], 0, len(self.years) - 1)][area]


@cache
def _periods() -> list[tuple[str, str, str, str, float]]:
    frame = code_list("municipality_history")
    names = ["municipality_code", "valid_from", "valid_to", "successor_code", "successor_share"]
    rows = frame[names].itertuples(index=False, name=None)
    return [(code, first, last, new, float(share)) for code, first, last, new, share in rows]


def areas_of(country: Country) -> Areas:
    """Return the areas of ``country``: its municipalities' former codes and when they held.

    An area is named by the codes that followed each other on one territory; the earliest tells
    territories apart (a merger before 2007 gives several earlier codes one later code).
    """
    years = tuple(range(1970, REFORM_YEAR + 1))
    names = tuple(sorted({code for code, *_ in _periods()} | set(country.codes)))
    areas: list[tuple[int, float, list[int]]] = []
    for number, current in enumerate(country.codes):
        former = [period for period in _periods() if period[3] == current]
        for code, since, last, _, share in sorted(former):
            if since <= f"{years[0]}-12-31":
                codes = [_code_in(year, code, last, former, current) for year in years]
                weight = share * (2 if code == current else 1)
                areas.append((number, weight, [names.index(code) for code in codes]))
    municipality = np.array([area[0] for area in areas])
    n_areas = np.bincount(municipality, minlength=len(country.codes))
    cumulative = np.full((len(country.codes), int(n_areas.max())), 2.0)
    for number in range(len(country.codes)):
        weights = np.array([area[1] for area in areas if area[0] == number])
        cumulative[number, : weights.size - 1] = (np.cumsum(weights) / weights.sum())[:-1]
    return Areas(
        municipality=municipality.astype(np.int16),
        first=np.cumsum(n_areas) - n_areas,
        cumulative=cumulative,
        names=names,
        years=years,
        code=np.array([area[2] for area in areas], dtype=np.int16).T,
    )


def _code_in(
    year: int,
    code: str,
    last: str,
    former: list[tuple[str, str, str, str, float]],
    current: str,
) -> str:
    """Return the code of the territory of ``code`` on 31 December of ``year``."""
    day = date(year, 12, 31).isoformat()
    if year >= REFORM_YEAR:
        return current
    if day <= last:
        return code
    return next(period[0] for period in former if period[1] <= day <= period[2])
