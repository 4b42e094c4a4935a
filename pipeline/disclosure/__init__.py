"""Disclosure control: the only way out for numbers about people.

A count of one tells something about one person. Each published table of counts goes through its
function here, which does four things until nothing changes (:mod:`pipeline.disclosure.lines`):

1. *Primary suppression*: a count from 1 to ``threshold - 1`` is withheld.
2. *Across outcomes*: ANY is close to FP + FJ, so where FP or FJ is withheld, ANY is too.
3. *Complementary suppression*: cells add up to published totals. In each such line the withheld
   cells must be at least two and add up to at least ``threshold``; otherwise the smallest
   published cell of the line is withheld as well, a positive one before a zero.
4. *Lines together*: a withheld count that still follows from several totals at once
   (:mod:`pipeline.disclosure.audit`) takes the next cell of its line with it.

A municipality's total number of grants in the window is the statistic the benchmark exists to
publish and is not withheld; its split by diagnosis, tenure, age, year or residence is what could
tell about a person. Where every cell of a line is withheld nothing more can be done: the line's own
published total then is the count. Persons at risk are not withheld: population by municipality,
age and year is public. Expected counts are model predictions and are always given. Everything that
would give a withheld count back (shares, ratios, effects, their limits and errors) goes with it.
"""

from pipeline.disclosure.bands import suppress_years
from pipeline.disclosure.breakdowns import suppress_bands, suppress_breakdowns
from pipeline.disclosure.cases import suppress_case_processing, suppress_completeness
from pipeline.disclosure.cell_key import CellKey
from pipeline.disclosure.coefficients import suppress_coefficients
from pipeline.disclosure.door import ProtectedFrames, protect
from pipeline.disclosure.quality import shown_quality
from pipeline.disclosure.specifications import (
    hide_sensitivity,
    summarise_sensitivity,
    suppress_sensitivity,
)

__all__ = [
    "CellKey",
    "ProtectedFrames",
    "hide_sensitivity",
    "protect",
    "shown_quality",
    "summarise_sensitivity",
    "suppress_bands",
    "suppress_breakdowns",
    "suppress_case_processing",
    "suppress_coefficients",
    "suppress_completeness",
    "suppress_sensitivity",
    "suppress_years",
]
