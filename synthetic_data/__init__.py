"""A synthetic Denmark whose municipal practice is known.

``generate`` writes register files as a data team would have them delivered, and ``truth/`` beside
them: what each municipality's practice adds to the log odds of a grant, and each person's true
probabilities with and without it. All persons, practices and numbers are invented from a seed;
only names, codes, regions and population shares of the 98 municipalities are real.

How it is made
--------------
Persons are generated in blocks, each from the beginning to the end of the period (``blocks``).
Every random number is a function of seed, person, year and variable (``rng``), so neither block
size nor the number of processes changes a row. Within a year: grants are drawn from the state at
the end of the year before (``factors``, ``decisions``), then people may leave (``migration``), then
the weeks are written (``timeline``, ``histories``), then the health registers (``health``), then
people move and the year-end registers are written (``tables``). The first year has no decisions:
it fills the look-backs. Sizes are in ``scenarios/*.toml``.

What is realistic
-----------------
Population of the 98 municipalities and cohort sizes; composition that differs by municipality
(deprivation and urbanity act on education, origin and health); ageing, moves, deaths, emigration
and immigration; weekly DREAM histories with duration dependence, the 52-week sickness limit,
stocks of pensioners and flexjobs at the start, efterløn, and old-age pension at 65 (67 for those
born before July 1939); diagnoses, drugs and services that are irrelevant to the model beside those
that matter, referral diagnoses that must not count, blank diagnoses, education not stated;
refusals, processing days and main diagnoses that depend on the person and on practice.

What is not, yet
----------------
Only persons aged 16-67 exist; they leave the extract at 68. Families are not linked across
persons. The 98 municipalities are used in every year, also before 2007. No reforms after 2007,
no education benefit, no income register, no parents. No backlog, no municipality that fails to
report, and practice that does not depend on diagnosis or tenure. Applications follow from
decisions, not the reverse. The decision falls in the municipality of residence at the year's
start. Nobody is granted anything and dies or emigrates in the same year.
"""

from synthetic_data.generate import GenerationSummary, generate
from synthetic_data.scenario import known_scenarios

__all__ = ["GenerationSummary", "generate", "known_scenarios"]
