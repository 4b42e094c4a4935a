"""The run behind a release and its settings, as the release tells them."""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

import pandas as pd

from pipeline.errors import StorageError
from pipeline.warehouse.database.runs import in_run_order
from reports.content.values import real


@dataclass(frozen=True)
class Run:
    """Where the numbers come from."""

    run_id: str
    started_at: datetime | None
    finished_at: datetime | None
    window: str
    years: tuple[int, ...]
    scale: float | None
    seed: int
    is_synthetic: bool
    input_hash: str
    settings_hash: str
    code_version: str
    status: str


@dataclass(frozen=True)
class Setting:
    """A setting of the run that decides its numbers, and what the pipeline says it means."""

    name: str
    value: bool | int | float | str | tuple[str, ...]
    description: str


@dataclass(frozen=True)
class SettingChange:
    """A setting with another value than before; None where only one release has it."""

    name: str
    before: Setting | None
    now: Setting | None


@dataclass(frozen=True)
class Choices:
    """The settings the report puts into words. Ages and look-backs in years, ``level`` 0-1.

    ``outcomes`` are those of the results, the main one first.
    """

    disclosure_method: str
    disclosure_threshold: int
    disclosure_variance: float
    disclosure_smallest_expected: float
    disclosure_smallest_expected_part: float
    age_first: int
    age_last: int
    tenure_lookback_years: int
    health_lookback_years: int
    level: float
    outcomes: tuple[str, ...]

    @property
    def disclosure_control(self) -> bool:
        """Whether anything protects small counts."""
        return self.disclosure_method != "none"

    @property
    def has_noise(self) -> bool:
        """Whether counts are shown with noise."""
        return self.disclosure_method == "cell_key"


@dataclass(frozen=True)
class Question:
    """A run of the release as others are led to it.

    ``title`` and ``description`` by language; ``folder`` holds its pages, below the first's. Years
    that a backfill made (``is_backfilled``) have pages where they are asked for by name.
    """

    run_id: str
    benchmark: str
    years: tuple[int, ...]
    outcomes: tuple[str, ...]
    title: Mapping[str, str]
    description: Mapping[str, str]
    folder: str
    is_backfilled: bool = False


def questions_from(runs: pd.DataFrame) -> tuple[Question, ...]:
    """Return the questions of ``result.run`` in their order; the first has no folder.

    A question of an older release, which does not tell its declaration, is called by its name.
    """
    listed: list[Question] = []
    for row in in_run_order(runs).to_dict("records"):
        told = json.loads(str(row.get("settings") or "{}")).get("benchmark", {})
        name = str(row.get("benchmark") or row["window"])
        years = _years(row)
        named = {"da": name, "en": name}
        listed.append(
            Question(
                run_id=str(row["run_id"]),
                benchmark=name,
                years=years,
                outcomes=tuple(map(str, told.get("outcomes", ()))),
                title=told.get("title", named),
                description=told.get("description", {"da": "", "en": ""}),
                folder="",
                is_backfilled=row.get("status") == "backfilled",
            )
        )
    names = [question.benchmark for question in listed]
    return tuple(
        replace(question, folder=folder_of(question, names)) if at else question
        for at, question in enumerate(listed)
    )


def folder_of(question: Question, benchmarks: Sequence[str]) -> str:
    """Return the folder of a question: its benchmark, and its year where that has several runs."""
    is_series = benchmarks.count(question.benchmark) > 1 and len(question.years) == 1
    return f"{question.benchmark}_{question.years[0]}" if is_series else question.benchmark


def _years(row: Mapping[Hashable, Any]) -> tuple[int, ...]:
    return tuple(int(year) for year in str(row.get("years", "")).split(", ") if year)


def run_from(frame: pd.DataFrame) -> Run:
    """Return the first run of ``result.run``; one of an older release tells no years."""
    row = in_run_order(frame).iloc[0].to_dict()
    window = str(row["window"])
    moments = {
        name: None if pd.isna(row[name]) else pd.Timestamp(row[name]).to_pydatetime()
        for name in ("started_at", "finished_at")
    }
    return Run(
        run_id=str(row["run_id"]),
        window=window,
        years=_years(row),
        scale=real(row["scale"]),
        seed=int(row["seed"]),
        is_synthetic=bool(row["is_synthetic"]),
        input_hash=str(row["input_hash"]),
        settings_hash=str(row["settings_hash"]),
        code_version=str(row["code_version"]),
        status=str(row["status"]),
        **moments,
    )


def settings_from(frame: pd.DataFrame) -> tuple[Setting, ...]:
    """Return the settings of ``result.setting`` by name.

    Raises :class:`StorageError` for a value that is not JSON text.
    """
    listed = []
    for row in frame.sort_values("setting").to_dict("records"):
        try:
            value = json.loads(str(row["value"]))
        except json.JSONDecodeError as error:
            raise StorageError(
                f"setting {row['setting']} of the release cannot be read.",
                expected="JSON text",
                found=str(row["value"]),
            ) from error
        shown = tuple(str(part) for part in value) if isinstance(value, list) else value
        listed.append(Setting(str(row["setting"]), shown, str(row["description"])))
    return tuple(listed)


def choices_from(settings: tuple[Setting, ...], outcomes: tuple[str, ...]) -> Choices:
    """Return the choices the report states; nothing is assumed of a release that does not tell.

    Raises :class:`StorageError` naming every setting that is missing.
    """
    told = {setting.name: setting.value for setting in settings} | {"outcomes": outcomes}
    names = [field.name for field in fields(Choices)]
    missing = [name for name in names if name not in told]
    if missing:
        raise StorageError(
            "the release does not tell the settings it was made with.",
            expected="a row for each setting in result.setting",
            found=f"no {', '.join(missing)}",
            next_step="run `tildeling nightly` to make a release, then `tildeling report`.",
        )
    return Choices(**{name: told[name] for name in names})  # type: ignore[arg-type]
