"""A synthetic Denmark whose municipal practice is known.

``generate`` writes register files as a data team would have them delivered, and ``truth/`` beside
them: what each municipality's practice adds to the log odds of a grant, and each person's true
probabilities with and without it. All persons, practices and numbers are invented from a seed;
only names, codes, regions and population shares of the 98 municipalities are real.

How it is made
--------------
Persons are generated in blocks, each from the beginning to the end of the period (``blocks``).
Every random number is a function of seed, person, year and variable (``rng``), so neither block
size nor the number of processes changes a row. Families lie within units of some 2,000 persons, and
blocks are whole units (``population``). First comes who lives where and with whom at the end of
each year: couples, births, homes, moves, exits (``lives``, ``couples``, ``births``, ``migration``,
``traits``). Then, within a year: grants are drawn from the state at the end of the year before
(``factors``, ``decisions``), the weeks are written (``timeline``, ``histories``), the health
registers (``health``), and the registers of the year-end (``tables``). The first year has no
decisions: it fills the look-backs. Sizes are in ``scenarios/*.toml``.

The law and the registers have their years (``regimes.toml``, 1984-2024): the reforms of 2003, 2007,
2013 and 2014 and what came after shift grants by age and open benefits; DREAM begins in 1991, the
register of decisions in 1996, SYSI gives way to SSSY in 2005 and LPR2 to LPR3 in March 2019. Before
2007 people live in 275, 271 or 270 municipalities inside the 98 (``areas``).

Blocks are partitions (``partitions``): plain values in, files in a folder of their own out, merged
in the order of persons. ``tildeling generate`` makes them in a pool of processes and starts at
once; the night makes the same ones as Prefect tasks on the task runner of its settings.

What is realistic
-----------------
Population of the 98 municipalities and cohort sizes, everybody from birth to death; composition
that differs by municipality (deprivation and urbanity act on education, origin and health); ageing,
moves, deaths, emigration and immigration; couples and children who live and move together, parents
in BEF, and their health, schooling and FP found again in their children; weekly DREAM histories
with duration dependence, the 52-week sickness limit and cases beyond it, education benefit below
30, resource programmes and job clarification from their reforms on, stocks of pensioners and
flexjobs at the start, efterløn, and old-age pension at the age of each cohort; diagnoses, drugs and
services that are irrelevant to the model beside those that matter, illness without a diagnosis,
referral diagnoses that must not count, blank diagnoses, education not stated; refusals, processing
days and main diagnoses that depend on the person and on practice; queues, silence and merging
practices around 2007. ``docs/calibration.md`` has the sources' figures beside the generated ones.

What is not, yet
----------------
One partner in a life, found within the unit. Nobody comes back from abroad, and immigrants bring no
parents, couples or children. No income register. Only ages 16-67 have education, benefits and
health registers. ICD-8 (before 1994) is not written. Moves are on 31 December. Applications follow
from decisions, not the reverse. The decision falls in the municipality of residence at the year's
start.
"""

from synthetic_data.files.generate import GenerationSummary, generate
from synthetic_data.ground.scenario import known_scenarios

__all__ = ["GenerationSummary", "generate", "known_scenarios"]
