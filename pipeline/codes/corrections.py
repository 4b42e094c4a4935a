"""Code lists of a user's own: a folder of files that stand in place of the lists that ship.

A file has the name and the columns of the list it replaces, which it replaces whole. Only lists
that say what register codes mean can be replaced; levels, names and conditions belong to the model,
and diagnosis groups to every release.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pandas as pd

from pipeline.codes import FOLDER, code_list, factor_levels
from pipeline.errors import SettingsError

#: The lists that may be replaced, each with the columns of the first and the last code of a row.
RANGES = {
    "benefit_code": ("code_first", "code_last"),
    "measure_code": ("code_first", "code_last"),
    "education_level": ("hfaudd_first", "hfaudd_last"),
    "education_programme": ("hffsp_first", "hffsp_last"),
    "socio_status": ("socio_first", "socio_last"),
}
#: States a benefit code may stand for: the words that the rules in sql/ know, and others that are
#: of no benefit that they ask for.
BENEFIT_STATES = (
    *("unemployment", "cash_benefit", "education_benefit", "student_grant", "early_retirement"),
    *("flexjob_unemployment", "rehabilitation", "flexjob", "disability_pension"),
    *("resource_programme", "job_clarification", "parental_leave", "sickness_benefit"),
    *("emigrated", "old_age_pension", "dead", "leave", "adult_education", "other"),
)
#: What a benefit code may tell beside the benefit.
MEASURES = ("none", "guidance", "work_placement", "wage_subsidy")
_BLANK_ALLOWED = frozenset(
    {"first_year", "last_year", "source", "description_da", "description_en"}
)


def lists_in(folder: Path | None) -> dict[str, pd.DataFrame]:
    """Return the code lists of ``folder`` by name, every one checked; none without a folder.

    Raises :class:`SettingsError` that names every fault: a file of no list, another column, a
    word that no rule knows, ranges that overlap.
    """
    if folder is None:
        return {}
    if not folder.is_dir():
        raise SettingsError(
            f"codes_folder is {folder}, which is no folder.",
            next_step="name a folder with code lists (docs/code_lists.md), or leave it out.",
        )
    lists: dict[str, pd.DataFrame] = {}
    faults: list[str] = []
    for path in sorted(folder.glob("*.csv")):
        if path.stem not in RANGES:
            faults.append(f"{path.name}: no list of that name; known: {', '.join(RANGES)}")
            continue
        try:
            frame = pd.read_csv(path, dtype="string", keep_default_na=False, encoding="utf-8")
        except (ValueError, OSError, pd.errors.ParserError) as error:
            faults.append(f"{path.name}: cannot be read as CSV in UTF-8: {error}")
            continue
        faults += [f"{path.name}: {fault}" for fault in list_faults(path.stem, frame)]
        lists[path.stem] = frame
    if not lists and not faults:
        faults.append(f"no file of a code list; known: {', '.join(RANGES)}")
    if faults:
        listed = "\n".join(f"  - {fault}" for fault in faults)
        raise SettingsError(
            f"the code lists in {folder} cannot be used:\n{listed}",
            next_step=f"compare with the lists that ship, in {FOLDER} (docs/code_lists.md).",
        )
    return lists


def list_faults(name: str, frame: pd.DataFrame) -> list[str]:
    """Return what is wrong with ``frame`` as the code list ``name``, by lines of its file."""
    expected = list(code_list(name).columns)
    if list(frame.columns) != expected:
        return [f"its columns are {', '.join(frame.columns)}; expected {', '.join(expected)}"]
    if frame.empty:
        return ["it has no rows"]
    faults = []
    for column in [column for column in expected if column not in _BLANK_ALLOWED]:
        blank = frame.index[frame[column].str.strip() == ""]
        if len(blank):
            faults.append(f"line {blank[0] + 2}: {column} is blank")
    for column, known in _known_words(name).items():
        for at in frame.index[~frame[column].isin(known)][:5]:
            faults.append(
                f"line {at + 2}: {column} is {frame[column][at]!r}; known: {', '.join(known)}"
            )
    for column in {"first_year", "last_year"} & set(expected):
        for at in frame.index[~frame[column].str.fullmatch(r"\d{0,4}").astype(bool)][:5]:
            faults.append(f"line {at + 2}: {column} is {frame[column][at]!r}; expected a number")
    first, last = (frame[column] for column in RANGES[name])
    for at in frame.index[(first > last) | (first.str.len() != last.str.len())]:
        faults.append(f"line {at + 2}: {first[at]} to {last[at]} is no range")
    if not faults:
        order = frame.sort_values(list(RANGES[name])).index
        for before, after in pairwise(order):
            if first[after] <= last[before] and len(first[after]) == len(last[before]):
                faults.append(
                    f"lines {before + 2} and {after + 2}: both have the code {first[after]}"
                )
    return faults


def _known_words(name: str) -> dict[str, tuple[str, ...]]:
    """Return, by column, the words that the rules know."""
    statuses = tuple(dict.fromkeys(code_list("socio_status")["labour_market_status"]))
    words: dict[str, dict[str, tuple[str, ...]]] = {
        "benefit_code": {"benefit_state": BENEFIT_STATES},
        "measure_code": {"measure": MEASURES},
        "education_level": {"education": factor_levels()["education"]},
        "education_programme": {"education": factor_levels()["education"]},
        "socio_status": {"labour_market_status": statuses},
    }
    return words[name]
