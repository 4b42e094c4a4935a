"""Risk over a life: how many are granted a pension or a flexjob before an age, or while on benefit.

Life tables (:mod:`pipeline.model.lives.life_table`) of the benchmark's years: of the country,
of regions, and of fifths of municipalities by practice, formed on one half of the citizens and
measured on the other (:mod:`pipeline.model.followups.rank_groups`). One clock is age; the other
years on cash or education benefit, for who stays on it. All is computed from counts as shown, in
the narrowest bands in which enough are expected everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.catalogue import columns, empty_frame
from pipeline.model.courses.areas import COUNTRY
from pipeline.model.followups.rank_groups import FIFTH_AREAS, fifths_of_halves
from pipeline.model.lives.life_table import life_table
from pipeline.model.national.protection import Protection

AGE, BENEFIT = "age", "benefit"
_COLUMN = {AGE: "age_years", BENEFIT: "benefit_years"}
#: Years in a band, the narrowest first; if none will do, all years are one.
_WIDTHS = {AGE: (5, 10), BENEFIT: (1, 2, 5)}
#: Years on benefit that are told; ten is ten or more, and has no end.
LAST_BENEFIT_YEAR = 9
_COUNTS = ("n_persons", "n_events", "n_ended")
_KEYS = ("persons_key", "events_key", "ended_key")


@dataclass(frozen=True)
class _Shown:
    """Counts as shown of A areas in B bands, each (A, B), and the edges (B + 1,) of the bands."""

    edges: np.ndarray
    persons: np.ndarray
    events: np.ndarray
    ended: np.ndarray
    hidden: np.ndarray


def life_risk_frame(
    cells: pd.DataFrame,
    benchmark: pd.DataFrame,
    regions: Mapping[str, str],
    ages: tuple[int, int],
    protection: Protection,
    level: float,
) -> pd.DataFrame:
    """Return ``life_risk``: by outcome, clock, area and band the risk until its end.

    Parameters
    ----------
    cells
        Rows of ``mart.life_cell`` of the years that were reported.
    benchmark
        Rows of one model: outcome, municipality_code and expected. Their outcomes are told.
    regions
        municipality_code -> code of the region.
    ages
        First and last age at risk, full years when the year begins.

    Bands are the narrowest of each kind of area in which no count is expected to be too small to be
    shown; an area with less in all ages together is missing, ``is_suppressed``.
    """
    made = []
    for name, rows in benchmark.groupby("outcome", sort=False):
        own = cells[cells["outcome"] == name]
        if own.empty:
            continue
        codes = own["municipality_code"].astype(str)
        kinds = (
            pd.Series(COUNTRY, own.index),
            codes.map(regions),
            _fifths(rows, own.assign(municipality_code=codes)),
        )
        for clock, (first, last) in ((AGE, ages), (BENEFIT, (0, LAST_BENEFIT_YEAR))):
            counted = own[own[_COLUMN[clock]].between(first, last)]
            for kind in kinds:
                area = kind.loc[counted.index].dropna()
                if len(area):
                    areas, of = _shown(counted, area, clock, (first, last), protection)
                    made.append(_frame(str(name), clock, areas, of, protection, level))
    return pd.concat(made, ignore_index=True) if made else empty_frame("life_risk")


def band_edges(first: int, last: int, width: int) -> np.ndarray:
    """Return (B + 1,) the first year of each band from ``first`` to ``last``, and the one after.

    Bands begin at multiples of ``width``; the first and the last are longer where a band of less
    than half of it would be left.
    """
    inner = np.arange(-(-first // width) * width, last + 1, width)
    inner = inner[(inner - first >= width / 2) & (last + 1 - inner >= width / 2)]
    return np.array([first, *inner, last + 1])


def _fifths(benchmark: pd.DataFrame, cells: pd.DataFrame) -> pd.Series:
    """Return the fifth of municipalities that each row of ``cells`` is counted in, None for none.

    By the grants of the other half of the persons against half of those expected.
    """
    codes = benchmark["municipality_code"].astype(str).tolist()
    place = pd.Index(codes).get_indexer(pd.Index(cells["municipality_code"]))
    half = cells["half"].to_numpy(dtype=np.int64)
    known = place >= 0
    granted = np.zeros((len(codes), 2))
    np.add.at(granted, (place[known], half[known]), cells["n_events"].to_numpy(float)[known])
    member = fifths_of_halves(granted, benchmark["expected"].to_numpy(dtype=float))
    fifth = np.where(known, member[place, half], -1)
    names = np.array([*FIFTH_AREAS, None], dtype=object)
    return pd.Series(names[fifth], index=cells.index)


def _shown(
    counted: pd.DataFrame,
    area: pd.Series,
    clock: str,
    span: tuple[int, int],
    protection: Protection,
) -> tuple[list[str], _Shown]:
    """Return the areas and their counts as shown, in the narrowest bands that hide none.

    ``counted`` are the cells of all areas; ``area`` is that of those rows that are in one.
    """
    number, levels = pd.factorize(area, sort=True)
    areas = list(levels)
    is_country = areas == [COUNTRY]
    for width in (*_WIDTHS[clock], span[1] + 1):
        edges = band_edges(*span, width)
        band = np.searchsorted(edges, counted[_COLUMN[clock]].to_numpy(float), "right") - 1
        place = pd.Series(band, counted.index)
        country = _counts(counted, np.zeros(len(band), np.int64), band, 1, edges, protection)
        own = _counts(
            counted.loc[area.index],
            number,
            place.loc[area.index].to_numpy(),
            len(areas),
            edges,
            protection,
        )
        hidden = np.zeros(own[0].shape, dtype=bool)
        for counts in country[1:]:
            # What is shown of a band is no expectation of itself.
            of_country, at_risk = (
                values.sum(keepdims=True) if is_country else values
                for values in (counts, country[0])
            )
            if of_country.any():
                hidden |= protection.is_hidden(own[0] * of_country / np.maximum(at_risk, 1))
        if not hidden.any():
            break
    return areas, _Shown(edges, *own, hidden)


def _counts(
    cells: pd.DataFrame,
    area: np.ndarray,
    band: np.ndarray,
    n_areas: int,
    edges: np.ndarray,
    protection: Protection,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return persons, events and others that left, each (A, B) as shown."""
    shape = (n_areas, len(edges) - 1)
    place = area * shape[1] + band
    sums = [
        np.bincount(place, cells[name].to_numpy(np.int64), shape[0] * shape[1]).astype(np.int64)
        for name in (*_COUNTS, *_KEYS)
    ]
    persons, events, ended = (
        np.asarray(protection.shown(count, key)).reshape(shape)
        for count, key in zip(sums[:3], sums[3:], strict=True)
    )
    return persons, events, ended


def _frame(
    outcome: str,
    clock: str,
    areas: list[str],
    of: _Shown,
    protection: Protection,
    level: float,
) -> pd.DataFrame:
    """Return the rows of ``life_risk`` of one kind of area."""
    n_bands = len(of.edges) - 1
    noise = [protection.noise_variance(counts.astype(float)) for counts in (of.events, of.ended)]
    tables = [
        life_table(
            np.where(of.hidden[at], np.nan, of.persons[at]),
            of.events[at].astype(float),
            of.ended[at].astype(float),
            np.diff(of.edges),
            level,
            (noise[0][at], noise[1][at]),
            protection.transitions,
        )
        for at in range(len(areas))
    ]
    hidden = of.hidden.ravel()
    counts = {
        name: pd.array(np.where(hidden, np.nan, values.ravel()), dtype="Float64").astype("Int64")
        for name, values in zip(_COUNTS, (of.persons, of.events, of.ended), strict=True)
    }
    frame = pd.DataFrame(
        {
            "outcome": outcome,
            "clock": clock,
            "area_code": np.repeat(areas, n_bands),
            "year_from": np.tile(of.edges[:-1], len(areas)),
            "year_to": np.tile(of.edges[1:] - 1, len(areas)),
            **counts,
            "noise_sd": np.where(hidden, np.nan, np.sqrt(noise[0]).ravel()),
            "risk": np.concatenate([table.risk for table in tables]),
            "risk_low": np.concatenate([table.low for table in tables]),
            "risk_high": np.concatenate([table.high for table in tables]),
            "is_suppressed": hidden,
        }
    )
    return frame[list(columns("life_risk"))]
