"""The settings of the run, as the release tells them, and in words."""

from __future__ import annotations

import json
from dataclasses import fields

import pandas as pd

from pipeline.errors import StorageError
from reports.content import Choices, Setting
from reports.formatting import Numbers
from reports.words import Words


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


def choices_from(settings: tuple[Setting, ...]) -> Choices:
    """Return the choices the report states; nothing is assumed of a release that does not tell.

    Raises :class:`StorageError` naming every setting that is missing.
    """
    told = {setting.name: setting.value for setting in settings}
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


def words_for(choices: Choices, language: str) -> Words:
    """Return the words of ``language`` with every choice at hand under its blank."""
    numbers = Numbers(language)
    return Words(
        language,
        {
            "level": numbers.percent(choices.level, _decimals(100 * choices.level)),
            "last": numbers.count(choices.disclosure_threshold - 1),
            "age_first": numbers.count(choices.age_first),
            "age_last": numbers.count(choices.age_last),
            "tenure_years": numbers.count(choices.tenure_lookback_years),
            "health_years": numbers.count(choices.health_lookback_years),
        },
    )


def shown(setting: Setting, words: Words, numbers: Numbers) -> str:
    """Return the value of ``setting`` as a reader of the language writes it."""
    value = setting.value
    if isinstance(value, bool):
        return words("settings.yes" if value else "settings.no")
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, float):
        return numbers.number(value, _decimals(value))
    return str(value)


def _decimals(value: float) -> int:
    """Return how many decimals, at most six, ``value`` needs."""
    return len(f"{value:.6f}".rstrip("0").partition(".")[2])
