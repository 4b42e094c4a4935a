"""The settings there are: each with its type, unit, bounds, default and description."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from pipeline.benchmarks.library import DEFAULT
from pipeline.setting_values import (
    ENVIRONMENT_PREFIX,
    each_once,
    listed,
    protected_address,
    usable_memory,
)

LANGUAGES = ("da", "en")
#: Several names: text with commas between, from anywhere, or a list.
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(listed), AfterValidator(each_once)]
DASK_ADDRESS = r"^(|(tcp|tls|ws|wss)://[^\s/]+:[0-9]{1,5})$"


class SettingFields(BaseSettings):
    """What may be set; :class:`pipeline.settings.Settings` says what follows from it."""

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
    benchmark: str = Field(DEFAULT, description="Benchmarks to answer, by name or file.")
    outcomes: Names | None = Field(
        None, description="Outcomes to benchmark, in place of those a benchmark declares."
    )
    models: Names | None = Field(
        None, description="Models to fit, in place of those a benchmark declares."
    )
    municipality_of: Literal["residence", "decision"] | None = Field(
        None,
        description="Municipality a grant counts in: of residence, or that decided.",
    )
    age_first: int | None = Field(
        None, ge=0, le=110, description="Youngest age at risk on 31 December, years."
    )
    age_last: int | None = Field(
        None, ge=0, le=110, description="Oldest age at risk on 31 December, years."
    )
    tenure_lookback_years: int | None = Field(
        None, ge=1, le=60, description="Years of cash and education benefit that count as tenure."
    )
    health_lookback_years: int | None = Field(
        None,
        ge=1,
        le=60,
        description="Years of prescriptions and hospital diagnoses looked back on.",
    )
    level: float = Field(0.95, gt=0.5, lt=1, description="Level of intervals, 0-1.")
    rank_draws: int = Field(
        20_000, ge=1_000, le=1_000_000, description="Draws behind rank confidence sets."
    )
    lowest_k: int | None = Field(
        None, ge=1, description="Municipalities in the lowest standard, which comes first."
    )
    standards: Names | None = Field(
        None,
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
        0.41,
        ge=0,
        le=100,
        description="Main diagnoses and tenures: below this expected a count is not shown.",
    )
    disclosure_smallest_expected_part: float = Field(
        2.0,
        ge=0,
        le=100,
        description="Any other part of a municipality: below this expected a count is not shown.",
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
    min_size_share: float = Field(
        0.9,
        ge=0,
        le=1,
        description="Rows of a register's year against the smaller of the years beside it, below "
        "which a load stops, 0-1.",
    )
    max_drift_share: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Share by which a year's matched rows of a register, or persons with a level "
        "of a factor, may differ from an earlier load before a load stops, 0-1.",
    )
    releases_kept: int = Field(5, ge=1, le=10_000, description="Published releases to keep.")
    days_kept: int = Field(
        0,
        ge=0,
        le=36_500,
        description="Days for which a release is kept, however many are newer.",
    )
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
    dask_address: Annotated[str, AfterValidator(protected_address)] = Field(
        "",
        pattern=DASK_ADDRESS,
        description="Scheduler of a Dask cluster that does parallel work, tls://host:port; "
        "unencrypted on this machine only.",
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
    delivery_contract: Literal["optional", "required"] = Field(
        "optional",
        description="Whether delivery.json, the list of what is delivered, must be there.",
    )
    codes_folder: Path | None = Field(
        None,
        description="Folder with code lists of one's own in place of those that ship "
        "(docs/code_lists.md).",
    )
    units_folder: Path | None = Field(
        None,
        description="Folder with the units of another country in place of Denmark's, in the "
        "environment only (docs/units.md).",
    )
    languages: Names = Field(LANGUAGES, description="Languages of the report.")
