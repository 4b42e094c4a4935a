"""The tables of municipalities merged in the reform: parts, what they follow, spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.catalogue import columns, empty_frame
from pipeline.model.national.cells import CellTable
from pipeline.model.national.expected import Expected
from pipeline.model.national.protection import Protection
from pipeline.model.tables.variants import place_rows
from pipeline.model.years.adjusted import adjusted_years
from pipeline.model.years.former_rules import FEWEST, rule_frame, side_frame
from pipeline.model.years.merged import (
    RULES,
    Parts,
    levels_of,
    rules_of,
    spread_limits,
    spread_share,
    targets_of,
)

#: First year of the municipalities of today.
REFORM_YEAR = 2007
#: Years that are looked at: before the reform, and from it on.
YEARS_BEFORE, YEARS_AFTER = 5, 4
#: The municipality of today as a whole among its parts.
WHOLE = "all"
BEFORE, AFTER = "before", "after"
TABLES = (
    *("former_municipality", "former_follow", "former_follow_country", "former_follow_side"),
    "former_spread",
)
_KEYS = ["municipality_code", "former_municipality_code"]
Frames = dict[str, pd.DataFrame]


def former_expected(
    outcome: str, table: CellTable, expected: Expected, cells: pd.DataFrame
) -> pd.DataFrame:
    """Return outcome, year, municipality, former municipality and its ``expected`` grants.

    ``cells`` are rows of ``mart.former_cell`` of the outcome, in any order. Raises
    :class:`ModelError` for persons that ``table`` lacks.
    """
    rows = place_rows(table, cells, table.municipality_codes)
    p = np.zeros(len(table.pattern_codes))
    p[table.pattern] = expected.expected_cells / table.n_persons
    frame = cells[["year", *_KEYS]].assign(expected=rows.counts["n_persons"] * p[rows.pattern])
    # Sums come out alike to the last digit whatever the order of rows.
    frame = frame.assign(pattern=rows.pattern).sort_values(["pattern"], kind="stable")
    keys = [*_KEYS, "year"]
    sums = frame.groupby(keys, sort=True, observed=True)["expected"].sum().reset_index()
    return sums.astype(dict.fromkeys(_KEYS, str)).assign(outcome=outcome)


@dataclass(frozen=True)
class Merged:
    """The parts (P,) of merged municipalities (M,) in years (T,): grants, keys and expectation."""

    codes: list[str]
    municipality: np.ndarray
    former: list[str]
    is_largest: np.ndarray
    years: np.ndarray
    counts: np.ndarray
    keys: np.ndarray
    expected: np.ndarray

    def parts(self, years: np.ndarray, protection: Protection) -> Parts:
        """Return the counts of the years with ``years`` (T,) as shown."""
        counts, keys, expected = (
            values[:, years].sum(axis=1) for values in (self.counts, self.keys, self.expected)
        )
        return Parts(
            self.municipality, _shown(counts, keys, expected, protection), expected, self.is_largest
        )

    def wholes(self, years: np.ndarray, protection: Protection) -> tuple[np.ndarray, np.ndarray]:
        """Return (M,) shown counts and expected grants of the new municipalities."""
        counts, keys, expected = (
            np.bincount(self.municipality, values[:, years].sum(axis=1), len(self.codes))
            for values in (self.counts, self.keys, self.expected)
        )
        return _shown(counts, keys, expected, protection), expected


def former_frames(
    history: pd.DataFrame,
    composition: pd.DataFrame,
    country: pd.DataFrame,
    benchmark: pd.DataFrame,
    window: Sequence[int],
    protection: Protection,
    level: float,
    seed: int,
) -> Frames:
    """Return :data:`TABLES`; without rows where the years do not reach over the reform.

    ``history`` are rows of ``mart.former_history`` of reported years, ``composition`` those of
    :func:`former_expected`, ``country`` rows of ``grant_history`` as shown and ``benchmark`` those
    of one model. What is expected of a part in a year is its expected grants per resident in the
    window, times its residents of the year, at the country's level of the year. Counts are as
    ``protection`` shows them, and whatever is estimated is estimated from those.
    """
    made: dict[str, list[pd.DataFrame]] = {name: [] for name in TABLES}
    for at, (outcome, rows) in enumerate(benchmark.groupby("outcome", sort=False)):
        merged = _merged(str(outcome), history, composition, country, rows, window)
        if merged is None or len(merged.codes) < FEWEST:
            continue
        for name, frame in _of_outcome(merged, protection, level, seed + at).items():
            if len(frame):
                made[name].append(frame.assign(outcome=outcome))
    return {
        name: pd.concat(frames, ignore_index=True)[list(columns(name))]
        if frames
        else empty_frame(name)
        for name, frames in made.items()
    }


def _merged(
    outcome: str,
    history: pd.DataFrame,
    composition: pd.DataFrame,
    country: pd.DataFrame,
    rows: pd.DataFrame,
    window: Sequence[int],
) -> Merged | None:
    """Return the parts of an outcome, None where the years do not reach over the reform."""
    own = history[history["outcome"] == outcome]
    known = country[country["outcome"] == outcome]
    span = range(REFORM_YEAR - YEARS_BEFORE, REFORM_YEAR + YEARS_AFTER)
    covered = sorted(set(own["year"]) & set(known["year"]) & set(span))
    of_window = [year for year in window if year in set(known["year"])]
    basis = composition[composition["outcome"] == outcome]
    if basis.empty or not of_window or not covered:
        return None
    # A year of which no municipality's grants are shown has no level.
    of_year = np.asarray(adjusted_years(known, rows, covered, of_window).of_year, dtype=float)
    is_known = np.isfinite(of_year) & (of_year > 0)
    covered, of_year = list(np.array(covered)[is_known]), of_year[is_known]
    is_before = np.array(covered, dtype=int) < REFORM_YEAR
    if is_before.all() or not is_before.any():
        return None
    table = own.pivot(index=_KEYS, columns="year", values=["residents", "observed", "observed_key"])
    residents, counts, keys = (
        table[[(name, year) for year in covered]].fillna(0).to_numpy(dtype=float)
        for name in ("residents", "observed", "observed_key")
    )
    # Of the year of the composition the residents count, whether its grants are shown or not.
    of_basis = own[own["year"] == int(basis["year"].iloc[0])].set_index(_KEYS)["residents"]
    per_resident = basis.set_index(_KEYS)["expected"].reindex(table.index).to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_resident = per_resident / of_basis.reindex(table.index).to_numpy(dtype=float)
    # A year that did not reach the register has nobody and nothing expected.
    lived = [residents[:, years].sum(axis=1) for years in (is_before, ~is_before)]
    used = np.isfinite(per_resident) & (lived[0] > 0) & (lived[1] > 0)
    names = table.index.to_frame(index=False)[used]
    # One part alone has nothing to be compared with.
    several = names.groupby("municipality_code")["municipality_code"].transform("size") > 1
    used[np.flatnonzero(used)[~several.to_numpy()]] = False
    names = table.index.to_frame(index=False)[used]
    codes = sorted(set(names["municipality_code"]))
    municipality = pd.Index(codes).get_indexer(pd.Index(names["municipality_code"]))
    return Merged(
        codes=codes,
        municipality=np.asarray(municipality),
        former=list(names["former_municipality_code"]),
        is_largest=_largest(np.asarray(municipality), lived[0][used]),
        years=np.array(covered),
        counts=counts[used],
        keys=keys[used],
        expected=residents[used] * per_resident[used, None] * of_year,
    )


def _of_outcome(merged: Merged, protection: Protection, level: float, seed: int) -> Frames:
    """Return the tables of one outcome, without it."""
    transitions = protection.transitions
    periods = {BEFORE: merged.years < REFORM_YEAR, AFTER: merged.years >= REFORM_YEAR}
    frames, targets = [], np.empty(0)
    for period, years in periods.items():
        parts = merged.parts(years, protection)
        levels = levels_of(parts, transitions, seed)
        of_rules = targets_of(parts, levels)
        targets = of_rules if period == BEFORE else targets
        shown, expected = merged.wholes(years, protection)
        frame = pd.concat(
            [
                _rows(merged, parts, levels.draws, merged.former),
                _rows(
                    merged,
                    Parts(np.arange(len(shown)), shown, expected, np.zeros(len(shown), bool)),
                    of_rules[:, 0],
                    [WHOLE] * len(shown),
                ),
            ],
            ignore_index=True,
        )
        frames.append(
            _estimated(frame, level, protection).assign(
                period=period,
                year_from=int(merged.years[years].min()),
                year_to=int(merged.years[years].max()),
            )
        )
    after = merged.wholes(periods[AFTER], protection)
    rules = rules_of(targets, *after, transitions, level)
    n = len(merged.codes)
    follow = pd.DataFrame({"municipality_code": merged.codes})
    follow["n_former"] = np.bincount(merged.municipality, minlength=n)
    for at, rule in enumerate(RULES):
        follow[f"p_{rule}"] = rules.own[:, at]
    return {
        "former_municipality": pd.concat(frames, ignore_index=True),
        "former_follow": follow,
        "former_follow_country": rule_frame(rules, n),
        "former_follow_side": side_frame(targets, *after, transitions, level),
        "former_spread": _spreads(merged, protection, level),
    }


def _rows(merged: Merged, parts: Parts, draws: np.ndarray, former: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "municipality_code": [merged.codes[at] for at in parts.municipality],
            "former_municipality_code": former,
            "is_largest": parts.is_largest,
            "observed": parts.shown,
            "expected": parts.expected,
        }
    )
    return frame.assign(draws=list(draws))


def _estimated(frame: pd.DataFrame, level: float, protection: Protection) -> pd.DataFrame:
    """Return ``frame`` with O/E, its limits, and those of the levels behind, from their draws."""
    shown, expected = frame["observed"].to_numpy(float), frame["expected"].to_numpy(float)
    low, high = protection.transitions.mean_limits(shown, level)
    tail = (1 - level) / 2
    draws = np.array(frame["draws"].tolist())
    shrunk = np.quantile(draws, [0.5, tail, 1 - tail], axis=1)
    return frame.drop(columns="draws").assign(
        observed=pd.array(shown, dtype="Float64").astype("Int64"),
        noise_sd=np.sqrt(protection.noise_variance(shown)),
        ratio=shown / expected,
        ratio_low=low / expected,
        ratio_high=high / expected,
        ratio_shrunk=shrunk[0],
        ratio_shrunk_low=shrunk[1],
        ratio_shrunk_high=shrunk[2],
        is_suppressed=np.isnan(shown),
    )


def _spreads(merged: Merged, protection: Protection, level: float) -> pd.DataFrame:
    """Return by year how far the parts of a merged municipality lie apart."""
    rows = []
    for at, year in enumerate(merged.years):
        parts = merged.parts(np.arange(len(merged.years)) == at, protection)
        share = spread_share(parts, protection.transitions)
        middle, low, high = spread_limits(share, level)
        rows.append(
            {
                "year": int(year),
                "n_municipalities": len(merged.codes),
                "spread": middle,
                "spread_low": low,
                "spread_high": high,
            }
        )
    return pd.DataFrame(rows)


def _shown(
    counts: np.ndarray, keys: np.ndarray, expected: np.ndarray, protection: Protection
) -> np.ndarray:
    """Return counts as shown, nan where too few are expected for one."""
    shown = protection.shown(counts.astype(np.int64), keys.astype(np.int64)).astype(float)
    return np.where(protection.is_hidden(expected), np.nan, shown)


def _largest(municipality: np.ndarray, residents: np.ndarray) -> np.ndarray:
    """Return whether a part is the largest of its municipality; of equal ones the first."""
    order = np.lexsort((np.arange(len(residents)), -residents, municipality))
    first = np.append(True, np.diff(municipality[order]) > 0)
    result = np.zeros(len(residents), dtype=bool)
    result[order[first]] = True
    return result
