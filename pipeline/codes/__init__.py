"""Code lists as data files, and how to read them.

Each list is a CSV file in this folder that a user can correct; ``source`` says where a code comes
from, and "from memory" marks codes still to be checked against the owner's list.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd

FOLDER = Path(__file__).parent
#: Code lists by name: municipality, benefit_code, diagnosis_group, education_level, factor,
#: framework_condition.
NAMES = tuple(sorted(path.stem for path in FOLDER.glob("*.csv")))


@cache
def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / f"{name}.csv", dtype="string", keep_default_na=False)


def code_list(name: str) -> pd.DataFrame:
    """Return the code list ``name`` as a frame of text columns, rows in file order.

    Empty fields are empty strings, never missing. Raises ``KeyError`` for an unknown list.
    """
    if name not in NAMES:
        raise KeyError(f"no code list {name!r}; known: {', '.join(NAMES)}")
    return _read(name).copy()


def factor_levels() -> dict[str, tuple[str, ...]]:
    """Return the model factors in order, each with its levels in order (``factor.csv``)."""
    frame = code_list("factor")
    return {
        str(factor): tuple(rows.sort_values("position", key=lambda p: p.astype(int))["level"])
        for factor, rows in frame.groupby("factor", sort=False)
    }


def reference_levels() -> dict[str, str]:
    """Return the reference level of each model factor."""
    frame = code_list("factor")
    chosen = frame[frame["is_reference"] == "true"]
    return dict(zip(chosen["factor"], chosen["level"], strict=True))


def log_conditions() -> tuple[str, ...]:
    """Return the framework conditions that act on a log scale (``transform`` is log)."""
    frame = code_list("framework_condition")
    return tuple(frame.loc[frame["transform"] == "log", "condition"])


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
    listed = set(code_list("diagnosis_group")["diagnosis_group"])
    missing = listed.symmetric_difference(order)
    if missing:
        raise ValueError(f"diagnosis_group.csv and the reporting order differ: {sorted(missing)}")
    return order


def outcomes() -> tuple[str, ...]:
    """Return the outcomes in the order of ``outcome.csv``; seeds depend on the order."""
    return tuple(code_list("outcome")["outcome"])


def benefit_states() -> tuple[str, ...]:
    """Return the benefit states, sorted."""
    return tuple(sorted(set(code_list("benefit_code")["benefit_state"])))


def conditions() -> tuple[str, ...]:
    """Return the framework conditions in order."""
    return tuple(code_list("framework_condition")["condition"])


def diagnosis_groupings() -> tuple[str, ...]:
    """Return the names of the groupings of main diagnoses."""
    return tuple(dict.fromkeys(code_list("diagnosis_grouping")["grouping"]))


def diagnosis_grouping(name: str) -> dict[str, str]:
    """Return main diagnosis group -> the group it is counted in under grouping ``name``."""
    frame = code_list("diagnosis_grouping")
    rows = frame[frame["grouping"] == name]
    return dict(zip(rows["diagnosis_group"], rows["grouped_as"], strict=True))
