"""What protection costs: shares of grants shown, errors and additivity of three methods.

    python -m benchmarks.disclosure_cost [--scale 0.05] [--times 20 2] [--seed 1]

The counts are made without registers (:mod:`benchmarks.disclosure_counts`), as many as in a country
of ``scale`` times each of ``times``, and put through what a night puts them through. Printed per
size: the share of grants that stand in shown cells and what the counts themselves would allow
(cells of 5 and more), for the cell key and with cells withheld; error and additivity of both beside
small counts rounded (:mod:`benchmarks.small_count_rounding`); and what the noise does to intervals.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from benchmarks.disclosure_counts import CROSSED, Atoms, draw_atoms, tables, with_mains
from benchmarks.simulation_population import make_population
from benchmarks.small_count_rounding import rounded
from pipeline.codes import main_levels
from pipeline.disclosure import CellKey, suppress_breakdowns
from pipeline.model.numerics.intervals import poisson_midp_limits
from pipeline.model.tables.practice_frames import FIRST_DIMENSIONS

OUTCOMES = ("ANY", "FP", "FJ")
THRESHOLD = 5
KEY = ["outcome", "municipality_code"]
Frames = dict[str, pd.DataFrame]


def main() -> None:
    options = _arguments()
    for times in options.times:
        population = make_population("default", options.scale, times, ("FP", "FJ"))
        atoms = draw_atoms(population, options.seed)
        counted = long(tables(atoms))
        total = counted[(counted["table"] == "total") & (counted["municipality_code"] == "")]
        grants = dict(zip(total["outcome"], total["observed"], strict=True))
        print(f"\n## {options.scale * times:g} of the country, grants {grants}", flush=True)
        shown: dict[str, pd.Series] = {}
        for name, method in METHODS.items():
            start = time.process_time()
            shown[name] = method(counted, atoms)
            print(f"{name}: {time.process_time() - start:.1f} s of CPU", flush=True)
        print_shares(counted, shown)
        print_errors(counted, shown)
        print_noise(counted, shown["cell key"])
        print_nights(counted, atoms, shown, options.seed)


def long(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return every count of the municipalities and the country: table, outcome, code, name, number.

    The country, code "", is the sum of its municipalities; ``first`` and ``second`` are levels.
    """
    parts = []
    for name, frame in frames.items():
        if name == "breakdown_age":
            continue
        levels = frame[[column for column in frame if column in _LEVELS or column == "level"]]
        of = frame.assign(
            table=frame.get("dimension", name),
            first=levels.iloc[:, 0] if levels.shape[1] else "",
            second=levels.iloc[:, 1] if levels.shape[1] > 1 else "",
        )
        parts.append(of[["table", *KEY, "first", "second", *_SUMMED]])
    rows = pd.concat(parts, ignore_index=True)
    country = rows.groupby(["table", "outcome", "first", "second"], as_index=False)[_SUMMED].sum()
    return pd.concat([rows, country.assign(municipality_code="")], ignore_index=True)


_SUMMED = ["observed", "observed_key", "expected"]
_LEVELS = ("diagnosis_group", "diagnosis_main", "tenure_band", "tenure_main")
#: What tells a count from others.
ROW = ["table", *KEY, "first", "second"]
TABLES = (
    *("diagnosis_main", "tenure_main", "sex", "age_main", "tenure_band", "age_band"),
    *("diagnosis_group", "breakdown_main", "breakdown"),
)


def _as_counted(atoms: Mapping[str, Atoms]) -> Frames:
    """Return the tables that :func:`suppress_breakdowns` takes."""
    frames = {
        name: frame.drop(columns="observed_key").assign(ratio=1.0, ratio_low=0.5, ratio_high=2.0)
        for name, frame in tables(atoms).items()
        if name != "total"
    }
    codes = sorted(set(frames["breakdown"]["municipality_code"]))

    def nation(name: str, *columns: str) -> pd.DataFrame:
        key = ["outcome", "model", *columns]
        sums = frames[name].groupby(key, as_index=False, sort=False)[["observed", "expected"]]
        return sums.sum().assign(ratio=1.0, ratio_low=0.5, ratio_high=2.0)

    return {
        **frames,
        "breakdown_country": nation("breakdown", *CROSSED["breakdown"]),
        "breakdown_age_country": nation("breakdown_age", "age_band"),
        "practice_area": nation("practice_count", "dimension", "level").assign(area="Danmark"),
        "practice_region": pd.DataFrame({"municipality_code": codes, "area": "of none"}),
    }


def by_cell_key(counted: pd.DataFrame, _: Mapping[str, Atoms]) -> pd.Series:
    """Return counts as the default method shows them, missing where they are not."""
    method = CellKey()
    expected = counted["expected"].to_numpy()
    is_first = counted["table"].isin(FIRST_DIMENSIONS).to_numpy()
    is_country = (counted["municipality_code"] == "").to_numpy()
    observed = counted["observed"].to_numpy()
    hidden = method.is_hidden(expected, is_first=is_first)
    hidden &= ~is_country | (observed < method.smallest_shown)
    hidden &= (counted["table"] != "total").to_numpy()
    noisy = method.shown(observed, counted["observed_key"].to_numpy())
    return pd.Series(np.where(hidden, np.nan, noisy), counted.index)


def by_suppression(counted: pd.DataFrame, atoms: Mapping[str, Atoms]) -> pd.Series:
    """Return counts where the exact-numbers method shows them."""
    shown = suppress_breakdowns(_as_counted(atoms), main_levels(), threshold=THRESHOLD)
    parts = []
    for table, frame in shown.items():
        if table in ("breakdown_age", "breakdown_age_country", "practice_region"):
            continue
        rows = frame.assign(table=frame.get("dimension", table))
        rows["table"] = rows["table"].replace("breakdown_country", "breakdown")
        if "municipality_code" not in rows:
            rows = rows.assign(municipality_code="")
        names = [name for name in (*_LEVELS, "level") if name in rows]
        rows["first"] = rows[names[0]]
        rows["second"] = rows[names[1]] if len(names) > 1 else ""
        parts.append(rows[["table", *KEY, "first", "second", "is_suppressed"]])
    hidden = pd.concat(parts).drop_duplicates(ROW).set_index(ROW)["is_suppressed"]
    of = hidden.reindex(pd.MultiIndex.from_frame(counted[ROW])).fillna(False).to_numpy(dtype=bool)
    return counted["observed"].astype(float).mask(of)


def by_rounding(counted: pd.DataFrame, atoms: Mapping[str, Atoms]) -> pd.Series:
    """Return counts as sums of finest cells of which small ones are rounded."""
    made = {}
    for outcome, of in atoms.items():
        levels = with_mains(of.levels)
        members = [np.ones((1, len(levels)))]
        for columns in (*((name,) for name in levels), *CROSSED.values()):
            number = levels.groupby(list(columns), sort=False).ngroup().to_numpy()
            members.append(np.eye(number.max() + 1)[:, number])
        result = rounded(of.observed, np.vstack(members), THRESHOLD)
        made[outcome] = replace(of, observed=result)
    rows = long(tables(made)).set_index(ROW)["observed"]
    of_rows = rows.reindex(pd.MultiIndex.from_frame(counted[ROW]))
    return pd.Series(of_rows.to_numpy(dtype=float), counted.index)


METHODS: dict[str, Callable[[pd.DataFrame, Mapping[str, Atoms]], pd.Series]] = {
    "cell key": by_cell_key,
    "suppress": by_suppression,
    "rounding": by_rounding,
}


def print_shares(counted: pd.DataFrame, shown: Mapping[str, pd.Series]) -> None:
    """Print per table and outcome the share of grants in shown cells, and what counts allow."""
    is_large = counted["observed"] >= THRESHOLD
    ways = {"counts allow": counted["observed"].where(is_large), **shown}
    print("\nshare of grants in shown cells, " + " / ".join(OUTCOMES) + "; cells hidden")
    print("| table | " + " | ".join(ways) + " |")
    print("| --- |" + " --- |" * len(ways))
    for place, tables_of in (("municipalities", TABLES), ("country", TABLES)):
        inside = (counted["municipality_code"] == "") == (place == "country")
        for table in tables_of:
            rows = inside & (counted["table"] == table)
            cells = []
            for way in ways.values():
                numbers, hidden = [], 0
                for outcome in OUTCOMES:
                    of = rows & (counted["outcome"] == outcome)
                    is_shown = way[of].notna()
                    count = counted.loc[of, "observed"]
                    numbers.append(f"{count[is_shown].sum() / count.sum():.3f}")
                    hidden += int((~is_shown & (count > 0)).sum())
                cells.append(f"{' / '.join(numbers)}; {hidden}")
            print(f"| {place} {table} | {' | '.join(cells)} |")
    large = counted["municipality_code"].eq("") & is_large
    for name, way in shown.items():
        print(f"{name}: country cells of {THRESHOLD} and more hidden: {way[large].isna().sum()}")


def print_errors(counted: pd.DataFrame, shown: Mapping[str, pd.Series]) -> None:
    """Print mean and sd of shown less true counts, and how far levels are from their total."""
    print("\nerror of shown counts (mean, sd), by table; sum of levels less total (sd)")
    for name, way in shown.items():
        error = way - counted["observed"]
        held = error[way.notna() & (counted["observed"] > 0)]
        print(f"{name}: mean {held.mean():.3f}, sd {held.std():.2f}, n {len(held)}", end="; ")
        of_table = held.groupby(counted["table"]).std()
        print(", ".join(f"{table} {of_table[table]:.2f}" for table in ("total", *TABLES)))
        for table in ("diagnosis_main", "tenure_band", "breakdown"):
            rows = counted[counted["table"] == table].assign(shown=way)
            whole = rows.groupby(KEY)["shown"].agg(lambda n: n.sum() if n.notna().all() else np.nan)
            total = counted[counted["table"] == "total"].assign(shown=way).set_index(KEY)["shown"]
            gap = (whole - total).dropna()
            if len(gap):
                off = np.mean(gap != 0)
                print(f"  {table}: sums of {len(gap)} places, sd {gap.std():.2f}, off {off:.2f}")


def print_noise(counted: pd.DataFrame, shown: pd.Series) -> None:
    """Print mean and sd of the cell key's noise by true count, and what it does to intervals."""
    method = CellKey()
    error = (shown - counted["observed"])[counted["table"] != "total"]
    print("\nnoise by true count: n, mean (and its error), sd, designed sd")
    for low, high in ((5, 5), (6, 9), (10, 19), (20, 49), (50, 10**6)):
        held = error[counted["observed"].between(low, high) & shown.notna()]
        one = min(low, len(method.table) - 1)
        at = np.arange(method.table.shape[1]) - one
        designed = np.sqrt(method.table[one] @ at**2)
        mean, sd = held.mean(), held.std()
        print(f"{low}-{high}: {len(held)}, {mean:.3f} ({sd / len(held) ** 0.5:.3f})", end=", ")
        print(f"{sd:.3f}, {designed:.3f}")
    print("width of the 95 % interval of O / E, with noise over without, by expected grants")
    for expected in (20, 30, 50, 100):
        print(f"  {expected}: {_width(expected, method):.3f}", end="")
    print()


def _width(expected: float, method: CellKey) -> float:
    low, high = method.transitions.mean_limits([expected], 0.95)
    exact_low, exact_high = poisson_midp_limits([expected], 0.95)
    return float(((high - low) / (exact_high - exact_low))[0])


def print_nights(
    counted: pd.DataFrame, atoms: Mapping[str, Atoms], shown: Mapping[str, pd.Series], seed: int
) -> None:
    """Print what one late decision changes: counts that hold the person, and others."""
    rng = np.random.default_rng(seed)
    first = atoms["FP"]
    at = rng.choice(first.observed.size, p=first.expected.ravel() / first.expected.sum())
    place, atom = np.unravel_index(at, first.observed.shape)
    after = {}
    for outcome, of in atoms.items():
        observed, keys = of.observed.copy(), of.keys.copy()
        if outcome != "FJ":
            observed[place, atom] += 1
            keys[place, atom] += 12_345_678
        after[outcome] = replace(of, observed=observed, keys=keys)
    night = long(tables(after))
    is_own = night["observed"] != counted["observed"]
    print("\none late decision: counts that hold it and change, others that change")
    for name, method in METHODS.items():
        moved = method(night, after).fillna(-1) != shown[name].fillna(-1)
        print(f"{name}: {(moved & is_own).sum()} of {is_own.sum()}, {(moved & ~is_own).sum()}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scale", type=float, default=0.05)
    parser.add_argument("--times", type=int, nargs="+", default=[20, 2])
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
