"""Settings: every number a user may choose, with its unit and default.

What is asked is a benchmark's declaration (:mod:`pipeline.benchmarks`); a setting of the same name
here takes the place of what it declares. A setting comes, in order of precedence, from the command
line, the environment (``TILDELING_<NAME>``), ``tildeling.toml`` in the working directory, or the
default here. What can change a published number is part of ``settings_hash``; where files lie and
how much memory is used is not.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import (
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    TomlConfigSettingsSource,
)

from pipeline.benchmarks.declaration import Benchmark
from pipeline.benchmarks.library import find_benchmarks
from pipeline.benchmarks.overrides import OF_QUESTION, OVERRIDES, benchmark_with, question_values
from pipeline.codes.units import VARIABLE, refuse_faulty_units, units_folder
from pipeline.errors import SettingsError
from pipeline.setting_fields import LANGUAGES, SettingFields
from pipeline.setting_values import (
    content_of,
    path_fault,
    proper_text,
    unknown_variables,
)

#: Years a synthetic country covers: those at risk and as many before as look-backs need most.
SYNTHETIC_YEARS_BEFORE = 8
DEFAULT_YEARS = (1984, 2007)
#: Settings that say where and how fast, never what; and what a synthetic country is to be like,
#: which the hash of its files knows better.
WITHOUT_EFFECT_ON_NUMBERS = frozenset(
    {
        *("home", "memory_limit", "threads", "languages", "scale", "scenario"),
        *("workers", "dask_address", "block_persons", "disclosure_batch"),
        *("releases_kept", "days_kept", "lock_wait_seconds", "pseudonym_key_file"),
        *("max_shrink_share", "max_drift_share"),
        # What their lists say is in the hash, under codes_content and units_content.
        *("codes_folder", "units_folder"),
    }
)

_DESCRIPTIONS = {
    "codes_content": "SHA-256 over the code lists in codes_folder.",
    "units_content": "SHA-256 over the lists of units in units_folder.",
}


class Settings(SettingFields):
    """All settings of a run. Raises :class:`SettingsError` through :func:`read_settings`."""

    _questions: tuple[Benchmark, ...] = PrivateAttr(default=())

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the sources in order of precedence; secrets and .env files are not read."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @field_validator("*", mode="before")
    @classmethod
    def _proper_text(cls, value: Any) -> Any:
        return proper_text(value)

    @model_validator(mode="before")
    @classmethod
    def _older_name(cls, values: Any) -> Any:
        """Take ``window``, the older name of ``benchmark``, from the file or the environment."""
        window = values.pop("window", None) or os.environ.get("TILDELING_WINDOW")
        if window and "benchmark" not in values:
            values["benchmark"] = window
        return values

    @model_validator(mode="after")
    def _known_names(self) -> Settings:
        unknown = [value for value in self.languages if value not in LANGUAGES]
        if unknown or not self.languages:
            raise ValueError(f"languages: {unknown or 'nothing'} chosen, known are {LANGUAGES}")
        for name in ("home", "codes_folder"):
            if (fault := path_fault(getattr(self, name))) is not None:
                raise ValueError(f"{name}: {fault}")
        if self.units_folder != units_folder():
            raise ValueError(f"units_folder: is to be told by {VARIABLE} in the environment")
        # DuckDB takes what follows a question mark in a path for something else than the path.
        if "?" in str(self.home.absolute()):
            raise ValueError(f"home: {self.home.absolute()} has a question mark in its path")
        if self.disclosure_reach < self.disclosure_threshold:
            raise ValueError("disclosure_reach is below disclosure_threshold")
        return self

    @property
    def questions(self) -> tuple[Benchmark, ...]:
        """The benchmarks asked for, with what settings put in place of their declarations.

        Raises :class:`SettingsError` for one that cannot be used.
        """
        if not self._questions:
            overrides = {name: getattr(self, name) for name in OVERRIDES}
            self._questions = tuple(
                benchmark_with(benchmark, **overrides)
                for benchmark in find_benchmarks(self.benchmark, self.home)
            )
        return self._questions

    @property
    def question(self) -> Benchmark:
        """The benchmark asked for; of several the first. Errors as of :attr:`questions`."""
        return self.questions[0]

    @property
    def years(self) -> tuple[int, ...]:
        """The years at risk of all benchmarks."""
        return tuple(sorted({year for question in self.questions for year in question.years}))

    def each(self) -> tuple[Settings, ...]:
        """Return these settings for each benchmark alone, in order."""
        return tuple(self.asking(question) for question in self.questions)

    def baseline(self) -> Settings | None:
        """Return these settings for the years that change is measured against, if any."""
        question = self.question.baseline()
        return self.asking(question) if question else None

    def short_look_back(self) -> Settings | None:
        """Return these settings with half the look-backs, where the grid asks for them."""
        question = self.question.short_look_back()
        return self.asking(question) if question else None

    def runs(self) -> tuple[Settings, ...]:
        """Return these settings for each run of a fit: a benchmark, or one of its years alone."""
        return tuple(self.asking(run) for question in self.questions for run in question.runs())

    @property
    def synthetic_years(self) -> tuple[int, int]:
        """First and last year of a synthetic country made for the benchmark."""
        return min(self.years) - SYNTHETIC_YEARS_BEFORE, max(self.years)

    def asking(self, *questions: Benchmark) -> Settings:
        """Return these settings with ``questions`` in place of what is asked."""
        named = ",".join(question.name for question in questions)
        copy = self.model_copy(update={"benchmark": named})
        copy._questions = questions
        return copy

    def frozen(self) -> dict[str, Any]:
        """Return settings and declaration as JSON values, for :mod:`pipeline.frozen`."""
        first, *others = (question.model_dump(mode="json") for question in self.questions)
        further = {"further_benchmarks": others} if others else {}
        return {"settings": self.model_dump(mode="json"), "benchmark": first, **further}

    @property
    def registers_path(self) -> Path:
        """The database with microdata."""
        return self.home / "registers.duckdb"

    @property
    def benchmark_path(self) -> Path:
        """The published database: a symlink to the current release."""
        return self.home / "benchmark.duckdb"

    def published(self) -> list[dict[str, str]]:
        """Return setting, value (JSON text) and description of what decides published numbers.

        The settings behind :attr:`settings_hash`, by name; never where files lie.
        """
        described = {name: str(f.description) for name, f in type(self).model_fields.items()}
        described |= OF_QUESTION | _DESCRIPTIONS
        return [
            {"setting": name, "value": json.dumps(value), "description": described[name]}
            for name, value in sorted(self._deciding_numbers().items())
        ]

    def _deciding_numbers(self) -> dict[str, Any]:
        values = self.model_dump(mode="json", exclude=set(WITHOUT_EFFECT_ON_NUMBERS))
        if self.codes_folder is not None:
            values["codes_content"] = content_of(self.codes_folder, "*.csv")
        if self.units_folder is not None:
            values["units_content"] = content_of(self.units_folder, "municipality*.csv")
        return {**values, "benchmark": self.question.name, **question_values(self.question)}

    @property
    def settings_hash(self) -> str:
        """SHA-256 over the settings that can change a published number."""
        values = self._deciding_numbers()
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def read_settings(**options: Any) -> Settings:
    """Return the settings, with ``options`` (values not None) before environment and file.

    Raises :class:`SettingsError` naming each unknown or impossible setting.
    """
    next_step = "see `tildeling --help`, the TILDELING_* environment and tildeling.toml."
    faults = unknown_variables(os.environ, (*Settings.model_fields, "window"))
    values = {name: value for name, value in options.items() if value is not None}
    window = values.pop("window", None)
    if window is not None:
        values.setdefault("benchmark", window)
    try:
        settings = Settings(**values)
    except ValidationError as error:
        faults += [
            f"{'.'.join(str(part) for part in fault['loc']) or 'settings'}: "
            + fault["msg"].removeprefix("Value error, ")
            for fault in error.errors()
        ]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, OSError) as error:
        raise SettingsError(
            f"tildeling.toml in {Path.cwd()} cannot be read: {error}", next_step=next_step
        ) from None
    if faults:
        listed_faults = "\n".join(f"  - {fault}" for fault in faults)
        raise SettingsError(f"the settings cannot be used:\n{listed_faults}", next_step=next_step)
    refuse_faulty_units()
    # Read here, so that a wrong declaration is known before anything is done.
    _ = settings.questions
    return settings
