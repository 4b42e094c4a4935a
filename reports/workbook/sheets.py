"""Sheets of the workbook: result tables with names for codes, in the reader's language. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pipeline.benchmarks.declaration import ORDINARY
from pipeline.catalogue import Table, sheets, table
from pipeline.codes import code_list, diagnosis_groups, factor_levels, main_levels
from reports.content.content import MODEL_ORDER, OUTCOME_ORDER, Content
from reports.content.read import ResultTables
from reports.language.labels import (
    condition_label,
    crossing_label,
    diagnosis_label,
    second_stage_term,
    specification_label,
    stage_label,
    standard_label,
)
from reports.language.remarks import remark
from reports.language.words import Words
from reports.told.settings import words_for
from reports.told.trust.calibration import told
from reports.workbook.values import plain_column

#: Columns that stay where disclosure control hides a row: keys, and what comes from no grant.
SHOWN_WHEN_HIDDEN = frozenset(
    {
        *("run_id", "outcome", "model", "municipality_code", "year", "age_band"),
        *("diagnosis_group", "tenure_band", "specification", "n_at_risk", "residents"),
        *("dimension", "level", "area", "diagnosis_main", "tenure_main"),
        *("expected", "expected_share", "is_reported", "is_suppressed"),
    }
)
#: Formats of the catalogue that are words in a cell.
_IN_WORDS = frozenset({"yes_no", "flag"})
#: Columns that the sheet says otherwise: its order, and the cover the run.
_LEFT_OUT = ("run_id", "figure_order")


@dataclass(frozen=True)
class Column:
    """A column: its heading, how it is written, and its name in the database."""

    name: str
    heading: str
    meaning: str
    kind: str


@dataclass(frozen=True)
class Sheet:
    """A sheet: its table and name, columns, and of each its plain values (None: no figure)."""

    key: str
    name: str
    title: str
    note: str
    columns: tuple[Column, ...]
    cells: Sequence[Sequence[Any]]


def sheets_from(tables: ResultTables, content: Content, language: str) -> list[Sheet]:
    """Return a sheet for each table of the catalogue with a sheet and rows, in its order.

    Numbers stay numbers, so that columns can be summed and drawn: a figure withheld or one the
    release lacks is None, and the column of what is hidden tells them apart.
    """
    words = words_for(content.choices, language)
    benchmark = tables.benchmark
    names = dict(zip(benchmark["municipality_code"], benchmark["municipality_name"], strict=True))
    written = []
    for listed in sheets():
        key, place = listed.name, listed.sheet
        of_main_model = place is not None and place.is_main_model_only
        frame = _ranking(tables) if key == "ranking" else getattr(tables, key)
        if of_main_model and not frame.empty:
            frame = frame[frame["model"] == content.main.model]
        if frame.empty:
            continue
        note = ""
        if of_main_model:
            note = words("workbook.note_main", model=words.label("model", content.main.model))
        shown = _in_order(without_hidden(frame))
        if key == "calibration":
            shown = _in_words(shown, words)
        if key == "data_quality":
            findings = shown["detail"].map(
                lambda said: remark(str(said), words, names), na_action="ignore"
            )
            shown = shown.assign(detail=findings)
        if key == "setting" and words.language != "en":
            # The setting is named in the reader's language; its description is English.
            shown = shown.drop(columns="description")
        if {"dimension", "level"} <= set(shown):
            pairs = zip(shown["dimension"], shown["level"], strict=True)
            shown = shown.assign(level=[words.level(*pair) for pair in pairs])
        if key == "coefficient":
            shown = shown[~shown["term"].str.startswith("municipality")]
        written.append(_sheet(listed, shown, names, words, note))
    return written


def without_hidden(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with nothing in suppressed rows, but for :data:`SHOWN_WHEN_HIDDEN`.

    Whatever the table holds there goes no further.
    """
    if "is_suppressed" not in frame or not frame["is_suppressed"].any():
        return frame
    hidden = frame["is_suppressed"].astype(bool)
    shown = frame.copy()
    for column in frame.columns.difference(list(SHOWN_WHEN_HIDDEN)):
        shown[column] = frame[column].astype(object).where(~hidden, None)
    return shown


def _in_words(frame: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Return the calibration with labels and notes in the reader's language, where we have them."""
    shown = frame.copy()
    for column, family in (("label", "figure"), ("note", "note")):
        pairs = zip(frame["figure"], frame[column], strict=True)
        shown[column] = [told(family, figure, own, words) for figure, own in pairs]
    return shown


def _ranking(tables: ResultTables) -> pd.DataFrame:
    keys = ["outcome", "model", "municipality_code"]
    ranking = tables.ranking.drop(columns="run_id")
    joined = tables.benchmark.merge(ranking, on=keys, how="left", validate="one_to_one")
    first = [*keys, "municipality_name", "n_at_risk", "observed", "expected", "difference"]
    first += ["ratio", "ratio_low", "ratio_high", "rank", "rank_low", "rank_high"]
    rest = [name for name in joined.columns if name not in first]
    # A rank is never bare.
    joined["rank"] = joined["rank"].where(joined["rank_low"].notna())
    return joined[[*first, *rest]].sort_values("rank", kind="stable", na_position="last")


def _in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Return ``frame`` with categories in the report's order, else as it is."""
    orders = {
        "outcome": OUTCOME_ORDER,
        "model": MODEL_ORDER,
        "diagnosis_group": diagnosis_groups(),
        "dimension": _dimensions(),
        **{
            name: tuple(dict.fromkeys(parts.values())) for name, (_, parts) in main_levels().items()
        },
        "component": ("total", "composition", "framework_conditions", "practice"),
        **factor_levels(),
    }
    first = (
        "outcome",
        "model",
        "grouping",
        "measure",
        "area",
        "specification",
        "municipality_code",
        "term",
        "dimension",
    )
    keys = [name for name in first if name in frame]
    keys += [name for name in frame.columns if name in orders and name not in keys]
    if "rank" in frame and "rank_low" in frame:
        keys = [name for name in keys if name != "municipality_code"]
    places = {
        name: {code: at for at, code in enumerate(dict.fromkeys(order))}
        for name, order in orders.items()
    }
    if "level" in frame:
        factors = code_list("factor")
        # Further factors call levels the same as ordinary ones and as routes: theirs stay in order.
        factors = factors[factors["factor"].isin(ORDINARY)]
        names, levels = factors["factor"].tolist(), factors["level"].tolist()
        levels = [*diagnosis_groups(), *code_list("main_level")["main_level"], *levels]
        levels = list(dict.fromkeys(levels)) if "dimension" in frame else levels
        places["term"] = {name: at for at, name in enumerate(dict.fromkeys(["intercept", *names]))}
        places["level"] = {level: at for at, level in enumerate(levels)}
        keys.append("level")

    def placed(column: pd.Series) -> pd.Series:
        known = places.get(str(column.name))
        return column if known is None else column.map(lambda code: known.get(code, len(known)))

    return frame.sort_values(keys, kind="stable", key=placed) if keys else frame


def _dimensions() -> tuple[str, ...]:
    """Return the dimensions of practice by level: main levels, and after them what they are of."""
    mains = main_levels()
    pairs = [(name, factor) for name, (factor, _) in mains.items()]
    return (*(name for pair in pairs for name in pair), *factor_levels())


def _sheet(
    listed: Table, frame: pd.DataFrame, names: dict[str, str], words: Words, note: str
) -> Sheet:
    # The note says which model a sheet of one model is of.
    said = [*_LEFT_OUT, *(["model"] if note else [])]
    frame = frame.drop(columns=[name for name in said if name in frame])
    if "municipality_code" in frame and "municipality_name" not in frame:
        at = list(frame.columns).index("municipality_code") + 1
        frame = frame.copy()
        frame.insert(at, "municipality_name", frame["municipality_code"].map(names))
    # The ranking's sheet has the benchmark's columns too, and every sheet its municipality's name.
    fields = {field.name: field for field in (*table("benchmark").fields, *listed.fields)}
    columns, cells = [], []
    for name in map(str, frame.columns):
        field = fields[name]
        columns.append(
            Column(
                name=name,
                heading=field.heading[words.language],
                meaning=field.meaning[words.language],
                kind="text" if field.format in _IN_WORDS else field.format,
            )
        )
        label = _labels(listed.name, name, words)
        cells.append(plain_column(frame[name], label))
    assert listed.sheet is not None
    return Sheet(
        key=listed.name,
        name=listed.sheet.name[words.language],
        title=listed.title[words.language],
        note=note,
        columns=tuple(columns),
        cells=cells,
    )


#: Family of texts of the codes of a column in every table.
_FAMILIES = {
    **{name: name for name in ("outcome", "model", "component", "status", "measure", "dimension")},
    **{name: name for name in ("group_basis", "attribute", "setting")},
    "unit": "calibration_unit",
    "verdict": "calibration_verdict",
    "source": "calibration_source",
    "side": "case_side",
    "standing": "case_standing",
    "criterion": "case_name",
}
#: And in one table.
_FAMILIES_OF = {
    ("counterfactual", "method"): "method_name",
    ("coefficient", "term"): "factor",
    ("second_stage", "method"): "estimator",
    ("new_decision_maker", "kind"): "decision_maker_kind",
    ("municipal_attribute", "level"): "attribute_level",
    ("attribute_group", "level"): "attribute_level",
    **{
        (table, name): f"initiative_{name}"
        for table in ("initiative", "initiative_event")
        for name in ("measure", "method", "verdict", "period")
    },
}


def _labels(table: str, column: str, words: Words) -> Callable[[str], str] | None:
    """Return what turns a code of ``column`` into words, None for a column of no codes."""
    if table == "validity" and column in ("across", "dimension"):
        return lambda code: crossing_label(code, words)
    family = _FAMILIES_OF.get((table, column)) or _FAMILIES.get(column)
    if family is not None:
        return lambda code: words.label(family, code)
    if column.startswith("flag_"):
        return lambda code: words.label("workbook", f"flag_{code}").removeprefix("flag_")
    if column == "diagnosis_group":
        return words.diagnosis
    if column == "diagnosis_kind":
        return lambda code: words(f"subgroups.kind_{code}")
    if column == "diagnosis_subgroup":
        return lambda code: diagnosis_label(code, words)
    if column in ("tenure_band", "age_band", "diagnosis_main", "tenure_main"):
        return lambda code: words.level(column, code)
    if column == "register":
        return lambda code: stage_label(code, words)
    if column == "check":
        return lambda code: words.check(code) or code
    if column == "condition":
        return lambda code: condition_label(code, words)
    if table == "counterfactual" and column == "standard":
        return lambda code: standard_label(code, words)
    if table == "second_stage" and column == "term":
        return lambda code: second_stage_term(code, words)
    if column in ("failed", "possible_with"):
        return lambda codes: ", ".join(words.label("case_name", code) for code in codes.split(", "))
    if column == "specification":
        return lambda code: specification_label(code, words)
    return None
