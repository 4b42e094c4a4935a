"""How large a difference that no register sees would undo what is said of a municipality.

Practice effects are what is left when residents' observed background is taken out; residents may
differ in ways that nobody observes, and no check can tell. What can be said is how large such a
difference would have to be, and how large one that *is* observed is: by how much effects move when
the factors of health are left out (model ``no_health``).

After Cinelli, C. & Hazlett, C. (2020). Making sense of sensitivity: extending omitted variable
bias. JRSS B 82, 39-67: the strength of what is unobserved is told against what is observed.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.catalogue import empty_frame
from pipeline.model.numerics.intervals import normal_quantile
from pipeline.model.tables.frames import make_frame

#: Model whose effects are judged, and the one that leaves the factors of health out.
JUDGED, WITHOUT = "within", "no_health"


def unobserved_frame(benchmark: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return ``unobserved`` from rows of ``benchmark``: a row per outcome and municipality.

    ``undone_by`` is how many log odds of unobserved difference bring the interval of the effect at
    ``level`` to 0, missing where it holds 0 or there is no effect. ``health_shift`` is the effect
    of :data:`JUDGED` less that of :data:`WITHOUT`, and ``health_shift_typical`` its root mean
    square over municipalities, both missing where the latter was not fitted. Without rows of
    :data:`JUDGED` the frame is empty.
    """
    frames = []
    for outcome, rows in benchmark[benchmark["model"] == JUDGED].groupby("outcome", sort=False):
        effect = rows["practice_effect"].to_numpy(float)
        reach = normal_quantile(level) * rows["practice_effect_se"].to_numpy(float)
        beyond = np.abs(effect) - reach
        is_other = (benchmark["model"] == WITHOUT) & (benchmark["outcome"] == outcome)
        other = benchmark[is_other].set_index("municipality_code")["practice_effect"]
        shift = effect - other.reindex(rows["municipality_code"]).to_numpy(float)
        known = shift[np.isfinite(shift)]
        typical = float(np.sqrt(np.mean(known**2))) if len(known) else np.nan
        frames.append(
            make_frame(
                "unobserved",
                str(outcome),
                JUDGED,
                municipality_code=rows["municipality_code"].to_numpy(),
                undone_by=np.where(beyond > 0, beyond, np.nan),
                health_shift=shift,
                health_shift_typical=np.full(len(rows), typical),
            )
        )
    return pd.concat(frames, ignore_index=True) if frames else empty_frame("unobserved")
