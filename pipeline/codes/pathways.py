"""The rules of ``pathway.csv``: by which pathway a person came, from the weeks before a grant.

The one definition, for the generator's figures and for the benchmark.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.codes import code_rows

if TYPE_CHECKING:
    import numpy as np

#: Weeks of the five years before a grant.
WEEKS = 260
#: A return is this many weeks without benefit, after one.
_BACK_WEEKS = 8


def pathway_names() -> tuple[str, ...]:
    """Return the pathways in the order of their rules."""
    return tuple(row["pathway"] for row in code_rows("pathway"))


def pathways_by_rule(states: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """Return (n,) places in :func:`pathway_names` of the courses ``states``.

    ``states`` (n, weeks) holds places in ``names``, benefit states, the last week the latest. The
    first rule that holds counts, and the last rule for all others.
    """
    import numpy as np

    pathway = np.full(len(states), -1, dtype=np.int8)
    for place, row in enumerate(code_rows("pathway")):
        if row["measure"] == "rest":
            holds = np.ones(len(states), dtype=bool)
        else:
            listed = set(row["benefit_states"].split())
            is_in = np.array([name in listed for name in names])[states]
            sizes = is_in.sum(axis=1) if row["measure"] == "weeks" else _returns(is_in)
            holds = sizes >= int(row["at_least"])
        pathway[(pathway < 0) & holds] = place
    return pathway


def _returns(is_in: np.ndarray) -> np.ndarray:
    """Return per row how many runs of eight weeks or more begin after a week outside."""
    import numpy as np

    run = np.zeros(len(is_in), dtype=np.int64)
    was_outside = np.zeros(len(is_in), dtype=bool)
    returns = np.zeros(len(is_in), dtype=np.int64)
    for week in is_in.T:
        was_outside |= ~week
        run = (run + 1) * week
        returns += (run == _BACK_WEEKS) & was_outside
    return returns
