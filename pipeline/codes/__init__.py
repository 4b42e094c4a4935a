"""Code lists as data files, and how to read them.

Each list is a CSV file in this folder that a user can correct; ``source`` says where a code comes
from, and "from memory" marks codes still to be checked against the owner's list. The lists
``factor`` and ``factor_band`` are what the headers of ``sql/factor`` say (:mod:`.factors`).
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.codes.factors import band_rows, factor_rows
from pipeline.codes.units import list_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

FOLDER = Path(__file__).parent
#: The lists that files of factors make.
OF_FACTORS = {"factor": factor_rows, "factor_band": band_rows}
#: Code lists by name: municipality, benefit_code, diagnosis_group, education_level, factor,
#: framework_condition, main_level, measure_code, outcome, pathway, reform, state_group.
NAMES = tuple(sorted([*(path.stem for path in FOLDER.glob("*.csv")), *OF_FACTORS]))


@cache
def code_rows(name: str) -> tuple[dict[str, str], ...]:
    """Return the rows of the code list ``name``, in file order, without pandas.

    Settings read lists whenever a command begins, and pandas takes long to import.
    """
    if name in OF_FACTORS:
        return OF_FACTORS[name]()
    with list_path(name).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def _read(name: str) -> pd.DataFrame:
    import pandas as pd

    if name in OF_FACTORS:
        return pd.DataFrame(code_rows(name), dtype="string")
    return pd.read_csv(list_path(name), dtype="string", keep_default_na=False)


def code_list(name: str) -> pd.DataFrame:
    """Return the code list ``name`` as a frame of text columns, rows in file order.

    Empty fields are empty strings, never missing. Raises ``KeyError`` for an unknown list.
    """
    if name not in NAMES:
        raise KeyError(f"no code list {name!r}; known: {', '.join(NAMES)}")
    return _read(name).copy()


def factor_levels() -> dict[str, tuple[str, ...]]:
    """Return the model factors in order, each with its levels in order (``sql/factor``)."""
    levels: dict[str, dict[int, str]] = {}
    for row in code_rows("factor"):
        levels.setdefault(row["factor"], {})[int(row["position"])] = row["level"]
    return {factor: tuple(of[place] for place in sorted(of)) for factor, of in levels.items()}


def reference_levels() -> dict[str, str]:
    """Return the reference level of each model factor."""
    return {
        row["factor"]: row["level"] for row in code_rows("factor") if row["is_reference"] == "true"
    }


def exclusive_outcomes(outcomes: Sequence[str]) -> tuple[str, ...]:
    """Return those of ``outcomes`` that are grants by a decision, one instead of the other."""
    decided = {row["outcome"] for row in code_rows("outcome") if row["rule"] == "decision"}
    return tuple(outcome for outcome in outcomes if outcome in decided)


@cache
def main_levels() -> dict[str, tuple[str, dict[str, str]]]:
    """Return dimension -> (factor, level -> main level), in the order of ``main_level.csv``.

    The factor is a model factor or ``diagnosis_group``.
    """
    frame = code_list("main_level")
    return {
        str(dimension): (
            str(rows["factor"].iloc[0]),
            dict(zip(rows["level"], rows["main_level"], strict=True)),
        )
        for dimension, rows in frame.groupby("dimension", sort=False)
    }


def log_conditions() -> tuple[str, ...]:
    """Return the framework conditions that act on a log scale (``transform`` is log)."""
    return tuple(
        row["condition"] for row in code_rows("framework_condition") if row["transform"] == "log"
    )


def diagnosis_groups() -> tuple[str, ...]:
    """Return the main diagnosis groups in reporting order (mental first)."""
    order = (
        "mental",
        "musculoskeletal",
        "circulatory",
        "nervous",
        "neoplasm",
        "injury",
        "respiratory",
        "endocrine",
        "congenital",
        "other",
    )
    listed = {row["diagnosis_group"] for row in code_rows("diagnosis_group")}
    missing = listed.symmetric_difference(order)
    if missing:
        raise ValueError(f"diagnosis_group.csv and the reporting order differ: {sorted(missing)}")
    return order


def outcomes() -> tuple[str, ...]:
    """Return the outcomes in the order of ``outcome.csv``; seeds depend on the order."""
    return tuple(row["outcome"] for row in code_rows("outcome"))


def benefit_states() -> tuple[str, ...]:
    """Return the benefit states, sorted."""
    return tuple(sorted({row["benefit_state"] for row in code_rows("benefit_code")}))


def region_codes() -> dict[str, str]:
    """Return the code of its region by municipality code."""
    return {row["municipality_code"]: row["region_code"] for row in code_rows("municipality")}


def state_groups() -> dict[str, tuple[str, ...]]:
    """Return group of states -> its benefit states, in the order of ``state_group.csv``."""
    return {
        row["state_group"]: tuple(row["benefit_states"].split()) for row in code_rows("state_group")
    }


def state_kinds() -> dict[str, tuple[str, ...]]:
    """Return kind -> its groups of states; ``work``, which no benefit tells, supports itself.

    Kinds are granted, waiting, self_supporting and elsewhere, in this order.
    """
    kinds: dict[str, list[str]] = {
        "granted": [],
        "waiting": [],
        "self_supporting": ["work"],
        "elsewhere": [],
    }
    for row in code_rows("state_group"):
        kinds[row["kind"]].append(row["state_group"])
    return {kind: tuple(groups) for kind, groups in kinds.items()}


def conditions() -> tuple[str, ...]:
    """Return the framework conditions in order."""
    return tuple(row["condition"] for row in code_rows("framework_condition"))


def diagnosis_groupings() -> tuple[str, ...]:
    """Return the names of the groupings of main diagnoses."""
    return tuple(dict.fromkeys(row["grouping"] for row in code_rows("diagnosis_grouping")))


def diagnosis_grouping(name: str) -> dict[str, str]:
    """Return main diagnosis group -> the group it is counted in under grouping ``name``."""
    return {
        row["diagnosis_group"]: row["grouped_as"]
        for row in code_rows("diagnosis_grouping")
        if row["grouping"] == name
    }
