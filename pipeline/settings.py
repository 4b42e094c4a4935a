"""Settings: every number a user may choose, with its unit and default.

A setting comes, in order of precedence, from the command line, the environment
(``TILDELING_<NAME>``), ``tildeling.toml`` in the working directory, or the default here. What can
change a published number is part of ``settings_hash``; where files lie and how much memory is used
is not.
"""

from __future__ import annotations

import hashlib
import json
import os
import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from pipeline.errors import SettingsError
from pipeline.setting_values import (
    ENVIRONMENT_PREFIX,
    content_of,
    each_once,
    listed,
    proper_text,
    unknown_variables,
    usable_memory,
)

#: Years of the named windows; every predictor is measured before the year at risk.
WINDOWS: dict[str, tuple[int, ...]] = {
    "akf_2006_2007": (2006, 2007),
    "reform_2010_2012": (2010, 2011, 2012),
    "youth_2021_2023": (2021, 2022, 2023),
}
#: Years a synthetic country covers: the window's and as many before it as look-backs need most.
SYNTHETIC_YEARS_BEFORE = 8
DEFAULT_YEARS = (1984, 2007)
OUTCOMES = ("FP", "FJ", "ANY")
MODELS = ("pooled", "within", "conditions", "no_health")
LANGUAGES = ("da", "en")
#: What a standard of the counterfactual may be called.
STANDARD = r"^(lowest_[1-9]\d?|quantile_[1-9]\d?|municipality_\d{3})$"

#: Several names: text with commas between, from anywhere, or a list.
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed), AfterValidator(each_once)]
Standards = Annotated[
    tuple[Annotated[str, StringConstraints(pattern=STANDARD)], ...],
    NoDecode,
    BeforeValidator(listed),
    AfterValidator(each_once),
]
DASK_ADDRESS = r"^(|(tcp|tls|ws|wss)://[^\s/]+:[0-9]{1,5})$"

#: Settings that say where and how fast, never what; and what a synthetic country is to be like,
#: which the hash of its files knows better.
_WITHOUT_EFFECT_ON_NUMBERS = frozenset(
    {
        *("home", "memory_limit", "threads", "languages", "scale", "scenario"),
        *("workers", "dask_address", "block_persons", "disclosure_batch"),
        *("releases_kept", "max_shrink_share", "lock_wait_seconds", "pseudonym_key_file"),
        # What its lists say is in the hash, under codes_content.
        "codes_folder",
    }
)

_DESCRIPTIONS = {"codes_content": "SHA-256 over the code lists in codes_folder."}


class Settings(BaseSettings):
    """All settings of a run. Raises :class:`SettingsError` through :func:`read_settings`."""

    model_config = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX,
        # A variable that is set to nothing is not set, as in a container's file of variables.
        env_ignore_empty=True,
        toml_file="tildeling.toml",
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
    )

    home: Path = Field(Path("data"), description="Folder with databases, releases and reports.")
    scale: float = Field(0.1, gt=0, le=1, description="Share of the country to generate, 0-1.")
    scenario: str = Field("default", description="Scenario of the country to generate.")
    seed: int = Field(1, ge=0, lt=2**63, description="Seed of every random draw.")
    window: str = Field("akf_2006_2007", description="Named window of years at risk.")
    outcomes: Names = Field(OUTCOMES, description="Outcomes to benchmark.")
    models: Names = Field(MODELS, description="Models to fit.")
    municipality_of: Literal["residence", "decision"] = Field(
        "residence",
        description="Municipality a grant counts in: of residence, or that decided.",
    )
    age_first: int = Field(
        18, ge=0, le=110, description="Youngest age at risk on 31 December, years."
    )
    age_last: int = Field(64, ge=0, le=110, description="Oldest age at risk on 31 December, years.")
    tenure_lookback_years: int = Field(
        10, ge=1, le=60, description="Years of cash and education benefit that count as tenure."
    )
    health_lookback_years: int = Field(
        5, ge=1, le=60, description="Years of prescriptions and hospital diagnoses looked back on."
    )
    level: float = Field(0.95, gt=0.5, lt=1, description="Level of intervals, 0-1.")
    rank_draws: int = Field(
        20_000, ge=1_000, le=1_000_000, description="Draws behind rank confidence sets."
    )
    lowest_k: int = Field(10, ge=1, le=97, description="Municipalities in the lowest standard.")
    standards: Standards = Field(
        (),
        description="Standards of the counterfactual beside the lowest: lowest_<k>, "
        "quantile_<percent> or municipality_<code>.",
    )
    completeness_level: float = Field(
        0.998, gt=0.5, lt=1, description="Level of the limits of a year's reporting coverage, 0-1."
    )
    smallest_coverage: float = Field(
        0.8,
        ge=0,
        le=1,
        description="Share of the country's reporting coverage below which a municipality's year "
        "is taken for not reported, 0-1; 0 leaves nothing out.",
    )
    disclosure_method: Literal["cell_key", "suppress", "none"] = Field(
        "cell_key", description="What protects small counts: noise, withheld cells or nothing."
    )
    disclosure_threshold: int = Field(
        5, ge=2, le=20, description="Counts from 1 to below this are not shown, persons or grants."
    )
    disclosure_variance: float = Field(4.0, ge=1, le=100, description="Variance of the noise.")
    disclosure_reach: int = Field(10, ge=5, le=50, description="Largest noise, either way.")
    disclosure_smallest_expected: float = Field(
        0.5, ge=0, le=100, description="Below this expected a count is not shown (cell_key)."
    )
    disclosure_totals: Literal["noise", "exact"] = Field(
        "noise", description="Municipalities' totals of grants: with noise, or exact (cell_key)."
    )
    disclosure_batch: int = Field(
        500,
        ge=1,
        description="Changes in the country among which few in a municipality may go out.",
    )
    max_quarantine_share: float = Field(
        0.1, ge=0, le=1, description="Share of a register's rows that may be quarantined, 0-1."
    )
    max_unknown_week_share: float = Field(
        0.01,
        ge=0,
        le=1,
        description="Share of a year's weeks on a benefit in DREAM that may have a code of no "
        "list, 0-1.",
    )
    low_match_share: float = Field(
        0.95,
        ge=0,
        le=1,
        description="Share of a register's rows of a year about residents below which a load "
        "warns, 0-1.",
    )
    min_match_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Share of a register's rows of a year about residents below which a load "
        "stops, 0-1.",
    )
    releases_kept: int = Field(5, ge=1, le=10_000, description="Published releases to keep.")
    max_shrink_share: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Share of a table or sum that a release may lose against the last, 0-1.",
    )
    lock_wait_seconds: float = Field(
        0,
        ge=0,
        le=7 * 86_400,
        description="How long to wait for another run in the same home, seconds.",
    )
    memory_limit: Annotated[str, AfterValidator(usable_memory)] = Field(
        "4GB",
        description="Memory a load may use, the whole process, with unit (MB, GB, MiB, GiB); "
        "DuckDB gets what is left beside the program.",
    )
    threads: int = Field(2, ge=1, le=256, description="Threads DuckDB may use.")
    workers: int = Field(
        2, ge=1, le=256, description="Tasks of parallel work at once, on this machine."
    )
    dask_address: str = Field(
        "",
        pattern=DASK_ADDRESS,
        description="Scheduler of a Dask cluster that runs parallel tasks, tcp://host:port.",
    )
    block_persons: int = Field(
        50_000,
        ge=1,
        le=10_000_000,
        description="Persons a synthetic country is generated by at a time.",
    )
    pseudonym_key_file: Path | None = Field(
        None, description="File with the key of the pseudonyms; without it one is made and kept."
    )
    codes_folder: Path | None = Field(
        None,
        description="Folder with code lists of one's own in place of those that ship "
        "(docs/code_lists.md).",
    )
    languages: Names = Field(LANGUAGES, description="Languages of the report.")

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

    @model_validator(mode="after")
    def _known_names(self) -> Settings:
        for name, chosen, known in (
            ("window", (self.window,), tuple(WINDOWS)),
            ("outcomes", self.outcomes, OUTCOMES),
            ("models", self.models, MODELS),
            ("languages", self.languages, LANGUAGES),
        ):
            unknown = [value for value in chosen if value not in known]
            if unknown or not chosen:
                raise ValueError(f"{name}: {unknown or 'nothing'} chosen, known are {known}")
        if self.disclosure_reach < self.disclosure_threshold:
            raise ValueError("disclosure_reach is below disclosure_threshold")
        if self.age_first > self.age_last:
            raise ValueError("age_first is above age_last")
        return self

    @property
    def years(self) -> tuple[int, ...]:
        """The years at risk of the chosen window."""
        return WINDOWS[self.window]

    @property
    def synthetic_years(self) -> tuple[int, int]:
        """First and last year of a synthetic country made for the chosen window."""
        return min(self.years) - SYNTHETIC_YEARS_BEFORE, max(self.years)

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
        return [
            {
                "setting": name,
                "value": json.dumps(value),
                "description": _DESCRIPTIONS.get(name)
                or str(type(self).model_fields[name].description),
            }
            for name, value in sorted(self._deciding_numbers().items())
        ]

    def _deciding_numbers(self) -> dict[str, Any]:
        values = self.model_dump(mode="json", exclude=set(_WITHOUT_EFFECT_ON_NUMBERS))
        if self.codes_folder is not None:
            values["codes_content"] = content_of(self.codes_folder, "*.csv")
        return values

    @property
    def settings_hash(self) -> str:
        """SHA-256 over the settings that can change a published number."""
        values = self._deciding_numbers()
        return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()


def read_settings(**chosen: Any) -> Settings:
    """Return the settings, with ``chosen`` (values not None) before environment and file.

    Raises :class:`SettingsError` naming each unknown or impossible setting.
    """
    next_step = "see `tildeling --help`, the TILDELING_* environment and tildeling.toml."
    faults = unknown_variables(os.environ, tuple(Settings.model_fields))
    try:
        settings = Settings(**{name: value for name, value in chosen.items() if value is not None})
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
    return settings
