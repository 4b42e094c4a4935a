"""Best guesses of every small count of a release, by who knows all of it and the method.

    python -m benchmarks.attack_release HOME [--outcome FP,FJ,ANY]

Per table and by how many grants a municipality expects: how many counts there are, the largest
chance with which a count of 1 to 4 is guessed from everything shown of its municipality together
(``tests/attackers.py``), and how many are guessed more often than two times in three.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from attackers import Guesser, published_counts, tree

from pipeline.codes import main_levels
from pipeline.disclosure import CellKey

BOUND = 2 / 3
TABLES = ("benchmark", "practice_profile", "development", "breakdown", "breakdown_main")
#: Above this total a municipality's counts are guessed with this much room.
ROOM = 14


def guesses(home: Path, outcomes: list[str]) -> pd.DataFrame:
    """Return outcome, code, table, total, expected, guess and chance of every count."""
    with duckdb.connect(str(home / "benchmark.duckdb"), read_only=True) as connection:
        frames = {
            table: connection.execute(f"SELECT * FROM result.{table} WHERE model = 'within'").df()
            for table in TABLES
        }
    method, mains, rows = CellKey(), main_levels(), []
    guessers: dict[int, Guesser] = {}
    for outcome in outcomes:
        for code, counts in published_counts(frames, outcome).items():
            root = tree(counts, mains)
            size = (root.shown or 0) + ROOM
            guesser = guessers.setdefault(size, Guesser(method, size))
            for name, chances in guesser.chances(root).items():
                guess = 1 + int(np.argmax(chances[1:5]))
                rows.append(
                    (outcome, code, name[0], root.shown, root.expected, guess, chances[guess])
                )
    columns = ["outcome", "code", "table", "total", "expected", "guess", "chance"]
    return pd.DataFrame(rows, columns=columns)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--outcome", default="FP,FJ,ANY")
    arguments = parser.parse_args()
    chances = guesses(arguments.home, arguments.outcome.split(","))
    bands = pd.cut(chances["expected"], [0, 1, 2, 5, 10, 20, 50, np.inf])
    for group in (chances["table"], bands):
        told = chances.groupby(group, observed=True)["chance"].agg(
            counts="size", largest="max", above=lambda chance: int((chance > BOUND).sum())
        )
        print(told.round(3).to_string())
    print(chances.nlargest(8, "chance").to_string())


if __name__ == "__main__":
    main()
