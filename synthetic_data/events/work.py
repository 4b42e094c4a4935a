"""A year of work and benefits as IND and AKM tell it: income, and the main attachment.

Both follow from the weeks that DREAM counts, so that the registers agree about everyone; wages
from education, age and a lasting part of one's own. Sizes are invented, in kroner of 2007.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from synthetic_data.events.benefits import codes_of, is_among
from synthetic_data.ground.rng import Floats, Ints, Stream
from synthetic_data.people.population import People

#: Groups of states, each with the SOCIO13 of whose year it fills and its benefit in kr. a week.
#: The first is work, whose code depends on the job; in a tie the earlier one counts.
GROUPS: tuple[tuple[tuple[str, ...], str, int], ...] = (
    (("work", "flexjob"), "", 0),
    (("unemployment", "flexjob_unemployment"), "210", 3_200),
    (
        (
            *("sickness", "flexjob_sickness", "long_sickness", "rehabilitation", "parental"),
            "job_clarification",
        ),
        "220",
        0,
    ),
    (("student",), "310", 1_200),
    (("disability_pension",), "321", 3_300),
    (("old_age_pension",), "322", 2_400),
    (("early_retirement", "flex_allowance"), "323", 3_000),
    (("cash_benefit", "education_benefit", "resource_programme"), "330", 2_400),
)
_SICKNESS_BENEFIT = 3_300
#: Of those who work: self-employed, then employees by education (basic, secondary, vocational,
#: higher, not stated).
_JOBS = ("110", "135", "135", "134", "132", "139")
_SELF_EMPLOYED_SHARE = 0.07
_WAGE_A_WEEK = np.array([4_900, 5_200, 5_800, 7_600, 5_000])
_YEARLY_RISE = 0.035


def weeks_by_group(codes: NDArray[np.int8]) -> Ints:
    """Return the weeks of each of ``GROUPS``, (groups, persons), in ``codes`` (weeks, persons)."""
    return np.stack([is_among(codes, codes_of(*states)).sum(axis=0) for states, _, _ in GROUPS])


def attachments() -> tuple[str, ...]:
    """Return the SOCIO13 codes that :func:`main_attachment` gives the places of, with 410 last."""
    return (*_JOBS, *(code for _, code, _ in GROUPS[1:]), "410")


def main_attachment(
    weeks: Ints, year: int, people: People, stream: Stream, rows: Ints
) -> NDArray[np.int8]:
    """Return the place in :func:`attachments` of the main attachment of ``rows`` in ``year``.

    ``weeks`` are those of :func:`weeks_by_group` of the same rows. Who has no week of any group
    (abroad, or dead) is another.
    """
    group = weeks.argmax(axis=0)
    is_own_boss = stream.uniform("self_employed", rows=rows) < _SELF_EMPLOYED_SHARE
    job = np.where(is_own_boss, 0, 1 + people.education(year)[rows])
    place = np.where(group == 0, job, len(_JOBS) + group - 1)
    return np.where(weeks.sum(axis=0) == 0, len(attachments()) - 1, place).astype(np.int8)


def incomes(
    weeks: Ints, year: int, people: People, stream: Stream, rows: Ints
) -> tuple[Floats, Floats]:
    """Return income in all and wages of ``rows`` in ``year``, kroner of the year."""
    age = year - people.birth_year[rows]
    lasting = np.exp(0.35 * stream.normal("wage", rows=rows))
    grown = np.clip(0.45 + 0.025 * (age - 16), 0.45, 1.0)
    level = (1 + _YEARLY_RISE) ** (year - 2007)
    wage = weeks[0] * _WAGE_A_WEEK[people.education(year)[rows]] * lasting * grown * level
    rates = np.array([rate for _, _, rate in GROUPS])
    rates[2] = _SICKNESS_BENEFIT
    return np.round(wage + level * (rates @ weeks)), np.round(wage)
