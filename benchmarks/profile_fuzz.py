"""Random tables of all modes through ``profile``: every one ends in a sound profile or a refusal.

    python -m benchmarks.profile_fuzz [--tables 20000] [--first 0]

A table is made from its number alone. Sound means: no negative or lost count, no standard error of
0, no limit on the wrong side of what it is a limit of, ranks and p-values in their range. A
refusal is a :class:`~pipeline.errors.TildelingError` that names something; whatever else is raised
counts as a failure and is printed with the table's number.
"""

from __future__ import annotations

import argparse
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from pipeline.errors import TildelingError
from pipeline.model.profile.profile import Profile, profile_units

MODES = ("outcome", "expected", "proportion", "rate")
DRAWS = 200
#: From here on the limits of a shrunken effect hold its mean.
LEAST_LEVEL = 0.8


def random_table(number: int) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return table ``number`` and the arguments that profile it: sound, odd or faulty."""
    rng = np.random.default_rng([20_261_128, number])
    mode = MODES[number % 4]
    n_units = int(rng.choice([1, 2, 2, 3, 3, 4, 6, 10, 25]))
    n_rows = n_units * int(rng.choice([1, 1, 2, 4, 12, 40]))
    unit = rng.integers(0, n_units, n_rows) if n_rows > n_units else np.arange(n_rows)
    effect = rng.normal(0, rng.choice([0.0, 0.3, 1.0, 3.0]), n_units)
    level = rng.choice([-6.0, -3.0, -1.0, 0.0, 2.0, 5.0])
    frame = pd.DataFrame({"unit": rng.permutation(n_units)[unit]})
    arguments: dict[str, Any] = {"unit": "unit"}
    if mode != "expected":
        for name in rng.choice(["a", "b"], rng.integers(0, 3), replace=False):
            frame[name] = rng.integers(0, rng.choice([1, 2, 3, 8]), n_rows)
            arguments.setdefault("factors", []).append(str(name))
        for name in ["x", "y"][: rng.integers(0, 3)]:
            frame[name] = _covariate(rng, n_rows, frame)
            arguments.setdefault("numeric", []).append(name)
    log_odds = level + effect[unit] + 0.3 * frame.get("a", 0)
    size = np.maximum(1, rng.geometric(1 / rng.choice([1.0, 5.0, 100.0, 1e5]), n_rows))
    if rng.random() < 0.03:
        size = size * 10 ** int(rng.integers(6, 11))
    if mode == "outcome":
        frame["y01"] = (rng.random(n_rows) < 1 / (1 + np.exp(-log_odds))).astype(int)
        arguments["outcome"] = "y01"
    elif mode == "proportion":
        frame["n"], frame["o"] = size, rng.binomial(size, 1 / (1 + np.exp(-log_odds)))
        arguments |= {"observed": "o", "denominator": "n"}
    else:
        exposure = size * rng.choice([1.0, 0.5, 1e-3, 1e-7]) * rng.uniform(0.5, 1.5, n_rows)
        mean = np.minimum(exposure * np.exp(effect[unit]) * rng.choice([1.0, 0.1, 30.0]), 1e17)
        frame["e"], frame["o"] = exposure, rng.poisson(mean)
        arguments |= {"observed": "o", "expected" if mode == "expected" else "denominator": "e"}
    if "o" in frame and rng.random() < 0.15:  # all events in one unit
        frame.loc[frame["unit"] != frame["unit"].iloc[0], "o"] = 0
    if rng.random() < 0.1:
        _damage(rng, frame)
    return frame, arguments | {"level": float(rng.choice([0.5, 0.95, 0.95, 0.998]))}


def faults(frame: pd.DataFrame, arguments: dict[str, Any], made: Profile) -> list[str]:
    """Return what is wrong with a profile, in words; empty when it is sound."""
    table = made.table
    wrong = {
        "a negative count": table["observed"] < 0,
        "expected not above 0": ~(table["expected"] > 0),
        "standard error not above 0": ~(table["effect_se"].dropna() > 0),
        "shrunken error not above 0": ~(table["effect_shrunk_se"] > 0),
        "p-value out of range": ~table["p_value"].between(0, 1),
        "reliability out of range": ~table["reliability"].between(0, 1),
        "z not finite": ~np.isfinite(table["z"]),
    }
    for low, middle, high in (
        ("ratio_low", "ratio", "ratio_high"),
        ("effect_shrunk_low", "effect_shrunk", "effect_shrunk_high"),
        ("rank_low", "rank", "rank_high"),
        ("rank_low_simultaneous", "rank_low", "rank"),
        ("rank", "rank_high", "rank_high_simultaneous"),
    ):
        in_order = (table[low] <= table[middle]) & (table[middle] <= table[high])
        if middle == "effect_shrunk" and made.summary["level"] < LEAST_LEVEL:
            # The mean of a skew distribution may lie outside its middle half.
            in_order = table[low] <= table[high]
        wrong[f"{low}, {middle}, {high} not in order"] = ~in_order
    wrong["robust limits not in order"] = ~(
        table["effect_robust_low"] < table["effect_robust_high"]
    )
    told = [what for what, rows in wrong.items() if rows.any()]
    counted = frame[arguments.get("outcome") or arguments["observed"]]
    if pd.api.types.is_numeric_dtype(counted) and table["observed"].sum() != counted.sum():
        told.append("events lost or made")
    if made.summary["mode"] != "expected" and not np.isclose(
        table["expected"].sum(), table["observed"].sum(), rtol=1e-8
    ):
        told.append("expected is not observed in all")
    highest = np.inf if made.summary["tau2_high"] is None else made.summary["tau2_high"]
    if not 0 <= made.summary["tau2_low"] <= made.summary["tau2"] <= highest:
        told.append("tau2 outside its limits")
    return told


def outcome_of(number: int) -> str:
    """Return what became of table ``number``: profiled, the kind of refusal, or what is wrong."""
    frame, arguments = random_table(number)
    try:
        made = profile_units(frame, rank_draws=DRAWS, **arguments)
    except TildelingError as error:
        if not error.message:
            return "WRONG: a refusal without a message"
        return f"refused: {type(error).__name__}"
    except Exception as error:
        return f"WRONG: {type(error).__name__}: {error}"
    told = faults(frame, arguments, made)
    return f"WRONG: {'; '.join(told)}" if told else f"profiled: {made.summary['mode']}"


def _covariate(rng: np.random.Generator, n_rows: int, frame: pd.DataFrame) -> np.ndarray:
    kind = int(rng.integers(0, 6))
    if kind == 0:
        return np.full(n_rows, 7.0)
    if kind == 1:
        return np.asarray(frame["unit"] * 10.0)
    values = rng.normal(size=n_rows) if kind < 4 else rng.integers(0, 3, n_rows).astype(float)
    return (
        values * 10.0 ** rng.integers(-300, 300, 1) if kind == 3 else values + rng.choice([0, 1e9])
    )


def _damage(rng: np.random.Generator, frame: pd.DataFrame) -> None:
    name = str(rng.choice(frame.columns.to_numpy()))
    value: Any = [None, -1, 1e19, 5e-324, "x", "1,5", "1.5", float("inf"), True, "", [1], 1e300][
        int(rng.integers(0, 12))
    ]
    column = frame[name].astype(object)
    column.iloc[int(rng.integers(0, len(frame)))] = value
    frame[name] = column


def main() -> None:
    """Run the tables asked for and print how many came to what."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    tally: Counter[str] = Counter()
    with threadpool_limits(limits=1, user_api="blas"):
        for number in range(options.first, options.first + options.tables):
            result = outcome_of(number)
            tally[result if not result.startswith("WRONG") else "WRONG"] += 1
            if result.startswith("WRONG"):
                print(number, result, flush=True)
    for result, count in sorted(tally.items()):
        print(f"{count:>8,}  {result}")


if __name__ == "__main__":
    main()
