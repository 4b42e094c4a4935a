"""The settings of the run in words."""

from __future__ import annotations

import math

from reports.content.run import Choices, Setting
from reports.language.formatting import Numbers
from reports.language.labels import condition_label, standard_label
from reports.language.transitions import are_grants, inside, meaning, subjects
from reports.language.words import Words

#: How many standard deviations of the noise stand behind ±: about 95 % of it.
NOISE_DEVIATIONS = 2

#: Where the values of a setting have their names; others have them among ``setting_value``.
_FAMILIES = {
    **dict.fromkeys(("outcomes", "excluded_outcomes"), "outcome"),
    "models": "model",
    **dict.fromkeys(("factors", "health_factors", "diagnosis_factors", "tenure_factor"), "factor"),
}


def words_for(choices: Choices, language: str) -> Words:
    """Return the words of ``language`` with every choice at hand under its blank."""
    numbers = Numbers(language)
    subject = numbers.listed(subjects(choices.outcomes, language))
    main = choices.outcomes[0]
    return Words(
        language,
        {
            "subject": subject,
            "heading": subject[:1].upper() + subject[1:],
            "main_outcome": inside(Words(language).label("outcome", main)),
            "main_meaning": meaning(main, language),
            "level": numbers.percent(choices.level, _decimals(100 * choices.level)),
            "noise": numbers.count(NOISE_DEVIATIONS * math.sqrt(choices.disclosure_variance)),
            "smallest": numbers.number(
                choices.disclosure_smallest_expected_part,
                _decimals(choices.disclosure_smallest_expected_part),
            ),
            "smallest_main": numbers.number(
                choices.disclosure_smallest_expected,
                _decimals(choices.disclosure_smallest_expected),
            ),
            "last": numbers.count(choices.disclosure_threshold - 1),
            "age_first": numbers.count(choices.age_first),
            "age_last": numbers.count(choices.age_last),
            "tenure_years": numbers.count(choices.tenure_lookback_years),
            "health_years": numbers.count(choices.health_lookback_years),
        },
        are_grants(choices.outcomes),
    )


def shown(setting: Setting, words: Words, numbers: Numbers) -> str:
    """Return the value of ``setting`` as a reader of the language writes it."""
    value = setting.value
    if isinstance(value, bool):
        return words("settings.yes" if value else "settings.no")
    if isinstance(value, tuple):
        return ", ".join(_named(setting.name, part, words) for part in value)
    if isinstance(value, float):
        return numbers.number(value, _decimals(value))
    return _named(setting.name, str(value), words)


def _named(setting: str, code: str, words: Words) -> str:
    """Return one value of ``setting`` by its name; a value without one stays as it is."""
    if setting == "conditions":
        return condition_label(code, words)
    if setting == "standards":
        return standard_label(code, words)
    if setting == "band_edges":
        factor, _, edges = code.partition(": ")
        return f"{words.label('factor', factor)}: {edges}"
    return words.label(_FAMILIES.get(setting, "setting_value"), code)


def _decimals(value: float) -> int:
    """Return how many decimals, at most six, ``value`` needs."""
    return len(f"{value:.6f}".rstrip("0").partition(".")[2])
