"""The settings of the run in words."""

from __future__ import annotations

import math

from reports.content.run import Choices, Setting
from reports.language.formatting import Numbers
from reports.language.words import Words

#: How many standard deviations of the noise stand behind ±: about 95 % of it.
NOISE_DEVIATIONS = 2


def words_for(choices: Choices, language: str) -> Words:
    """Return the words of ``language`` with every choice at hand under its blank."""
    numbers = Numbers(language)
    return Words(
        language,
        {
            "level": numbers.percent(choices.level, _decimals(100 * choices.level)),
            "noise": numbers.count(NOISE_DEVIATIONS * math.sqrt(choices.disclosure_variance)),
            "smallest": numbers.number(choices.disclosure_smallest_expected),
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
