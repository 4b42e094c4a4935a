"""Names and values of framework conditions and specifications, as a reader reads them."""

from __future__ import annotations

import re
from functools import cache

from pipeline.codes import NAMES, code_list, code_rows
from reports.language.formatting import Numbers
from reports.language.words import Words


def condition_label(condition: str, words: Words) -> str:
    """Return the name of a framework condition; one that is not in the code list names itself."""
    return _conditions().get(condition, {}).get(f"label_{words.language}", condition)


def condition_value(condition: str, value: float, words: Words, numbers: Numbers) -> str:
    """Return ``value`` in the condition's unit: a share as per cent, else with the unit's name."""
    unit = _conditions().get(condition, {}).get("unit", "")
    if unit == "share":
        return numbers.percent(value, 1)
    text = numbers.number(value, 0 if abs(value) >= 10 else 2)
    return f"{text} {words.label('unit', unit.replace(' ', '_'))}" if unit else text


def diagnosis_label(code: str, words: Words) -> str:
    """Return the name of a diagnosis inside a main group, ``all`` of those of a kind."""
    return words("subgroups.all") if code == "all" else _diagnoses(words.language).get(code, code)


def specification_label(name: str, words: Words) -> str:
    """Return the name of a specification of the sensitivity grid; ``year_<yyyy>`` by its year."""
    kind, _, year = name.rpartition("_")
    if kind == "year" and year.isdigit():
        return words("specification.year", year=year)
    return words.label("specification", name)


def standard_label(code: str, words: Words) -> str:
    """Return the name of a standard: "the 10 lowest"; any other names itself."""
    k_lowest = re.fullmatch(r"lowest_(\d+)", code)
    return words("standard.lowest", k=k_lowest[1]) if k_lowest else code


def second_stage_term(code: str, words: Words) -> str:
    """Return the name of a term of the second stage."""
    label = words.label("second_stage_term", code)
    return condition_label(code, words) if label == code else label


def stage_label(code: str, words: Words) -> str:
    """Return the name of a register, a table made of it, or a stage that was checked.

    A table of ``raw`` is the register as it was delivered.
    """
    schema, _, name = code.rpartition(".")
    if schema == "raw":
        return words("stage.raw", of=words.label("register", name))
    return words.label("register", code)


def crossing_label(code: str, words: Words) -> str:
    """Return the name of one side of a crossing: municipalities, tenths of risk, or a factor."""
    label = words.label("validity_name", code)
    return words.label("factor", code) if label == code else label


@cache
def _diagnoses(language: str) -> dict[str, str]:
    return {
        row["diagnosis_subgroup"]: row[f"description_{language}"]
        for row in code_rows("diagnosis_subgroup")
    }


@cache
def _conditions() -> dict[str, dict[str, str]]:
    if "framework_condition" not in NAMES:
        return {}
    frame = code_list("framework_condition")
    return {
        str(row["condition"]): {str(name): str(value) for name, value in row.items()}
        for row in frame.to_dict("records")
    }
