"""The registers of cases: decisions, and applications that are not decided."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from synthetic_data.events.decisions import OUTCOME_LABELS, Decisions
from synthetic_data.files.tables import days, text
from synthetic_data.ground.scenario import OUTCOMES
from synthetic_data.ground.weeks import year_start


def ankestyrelsen(
    decisions: Decisions, numbers: pa.Array, municipality: pa.DictionaryArray
) -> pa.Table:
    """Return the register of decisions for one year; ``municipality`` are codes of that year.

    It holds what was reported only.
    """
    made = pa.table(
        {
            "PNR": text(decisions.person.astype(np.int32), numbers),
            "SAGSART": text(decisions.case, OUTCOMES),
            "AFGOERELSE": text(decisions.outcome, OUTCOME_LABELS),
            "STARTDATO": days(decisions.applied),
            "AFGDATO": days(decisions.decided),
            "GRUNDLAG": pa.array(decisions.basis, mask=decisions.basis == ""),
            "HOVEDDIAG": pa.array(decisions.diagnosis, mask=decisions.diagnosis == ""),
            "KOM": municipality.take(pa.array(decisions.person)),
        }
    )
    return made.filter(pa.array(decisions.is_reported))


def ansoegning(
    decisions: Decisions, year: int, numbers: pa.Array, municipality: pa.DictionaryArray
) -> pa.Table:
    """Return the applications that wait when ``year`` ends; ``decisions`` are of the year after.

    ``municipality`` are codes of ``year``.
    """
    waits = decisions.applied < year_start(year + 1)
    person, case = decisions.person[waits], decisions.case[waits]
    return pa.table(
        {
            "PNR": text(person.astype(np.int32), numbers),
            "SAGSART": text(case, OUTCOMES),
            "STARTDATO": days(decisions.applied[waits]),
            "KOM": municipality.take(pa.array(person)),
        }
    )
