"""Settings and declarations that travel with what was made under them.

What was in force when a fit began scores, publishes and reports it; what the environment or
``tildeling.toml`` says by then does not matter.
"""

from __future__ import annotations

from typing import Any

from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from pipeline.benchmarks.library import benchmark_of
from pipeline.settings import WITHOUT_EFFECT_ON_NUMBERS, Settings


class _Thawed(Settings):
    """Settings that come from nowhere but what they are made with."""

    model_config = SettingsConfigDict(toml_file=None, extra="forbid", frozen=True)

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], *sources: Any, **named: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return the values given alone."""
        return (sources[0] if sources else named["init_settings"],)


def thawed(frozen: dict[str, Any], now: Settings | None = None) -> Settings:
    """Return the settings that :meth:`Settings.frozen` gave, whatever environment and files say.

    With ``now``, where and how fast is taken from it: folders, memory, releases to keep.
    """
    values = dict(frozen["settings"])
    if now is not None:
        of_now = now.model_dump(mode="json")
        values |= {name: of_now[name] for name in WITHOUT_EFFECT_ON_NUMBERS}
    asked = [frozen["benchmark"], *frozen.get("further_benchmarks", [])]
    return _Thawed(**values).asking(
        *(benchmark_of(declared, "the benchmark of the fit") for declared in asked)
    )
