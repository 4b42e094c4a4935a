"""Disclosure control: the only way out for numbers about people.

A count of one tells something about one person. By default counts have noise that is decided by
who is counted (:mod:`pipeline.disclosure.cell_key`); a release is held against every earlier one
(:mod:`pipeline.disclosure.ledger`); and no frame is published but through
:func:`~pipeline.disclosure.door.protect`.

With exact numbers instead, cells are withheld. Levels and crosses of levels are decided together,
coarse before fine, levels as few grants as can be (:mod:`pipeline.disclosure.margins`), and all is
attacked (:mod:`pipeline.disclosure.rule`); years, decisions and events have their own functions, of
the same kind (:mod:`pipeline.disclosure.lines`): a count from 1 to ``threshold - 1`` is withheld,
in each line of a known total the withheld ones are at least two and add up to ``threshold``, and
what still follows from several totals at once takes others with it.

A municipality's total number of grants in the window is the statistic the benchmark exists to
publish and is then not withheld; its split by diagnosis, tenure, age, year or residence is what
could tell about a person. Persons at risk are not withheld: population by municipality, age and
year is public. Expected counts are model predictions and are always given. Everything that would
give a withheld count back (shares, ratios, their limits and errors) goes with it.
"""

from pipeline.disclosure.bands import suppress_years
from pipeline.disclosure.breakdowns import suppress_bands, suppress_breakdowns
from pipeline.disclosure.cases import (
    suppress_case_processing,
    suppress_coefficients,
    suppress_completeness,
)
from pipeline.disclosure.cell_key import CellKey
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
