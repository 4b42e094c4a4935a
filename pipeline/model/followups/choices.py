"""Places under choices whose numbers other tables hold: the queue out, shrunken, other outcomes.

These specifications of the sensitivity grid are fitted nowhere: each is a column of a table as it
is shown, ranked. What they say of a municipality is therefore published already, and they are never
withheld.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from pipeline.catalogue import columns, empty_frame
from pipeline.model.inference.ranks import point_ranks
from pipeline.model.numerics.intervals import normal_quantile
from pipeline.model.tables.sensitivity import BASE
from pipeline.model.tables.validity import LOOKED_AT

#: Name in the grid -> specifications that come of it.
WITHOUT_QUEUE, PRIOR, OUTCOME_DEFINITION = "without_queue", "prior", "outcome_definition"
PRIOR_NORMAL, PRIOR_FREE = "prior_normal", "prior_free"
#: The outcome of the grid, the specification, and the outcome whose places it has.
DEFINITIONS = (
    ("ANY", "without_flexjob", "FP"),
    ("FP", "with_flexjob", "ANY"),
    ("FP", "paid", "FP_PAID"),
)
_COLUMNS = ["municipality_code", "practice_effect", "practice_effect_se", "rank"]


def with_choices(
    shown: Mapping[str, pd.DataFrame], grid: Sequence[str], level: float
) -> pd.DataFrame:
    """Return ``sensitivity`` with the specifications of ``grid`` that are ranked columns.

    ``shown`` has the tables of a run as they may be published, ``sensitivity`` without these
    specifications among them. Effects are log odds with their standard errors; the free
    distribution has none. ``without_queue``: practice less its temporary part, which counts as
    none where it is not known, and has no rows where it is known of nobody. ``prior_normal`` and
    ``prior_free``: shrunken practice, where municipalities differ beyond chance.
    ``without_flexjob``, ``with_flexjob`` and ``paid``: the base of another outcome, where the run
    has both. Ranks as in the grid: 1 the lowest, ties share the lowest. The others need model
    ``within``, which is the base of the grid.
    """
    sensitivity = shown["sensitivity"]
    base = sensitivity[sensitivity["specification"] == BASE]
    parts = []
    for name, rows in base.groupby("outcome", sort=False):
        outcome = str(name)
        made = [
            *(_without_queue(shown, outcome, level) if WITHOUT_QUEUE in grid else ()),
            *(_priors(shown, outcome) if PRIOR in grid else ()),
            *(_definitions(base, outcome) if OUTCOME_DEFINITION in grid else ()),
        ]
        known = set(rows["municipality_code"])
        parts += [
            frame.loc[frame["municipality_code"].isin(known), _COLUMNS].assign(
                specification=specification, outcome=outcome, is_suppressed=False
            )
            for specification, frame in made
        ]
    if not parts:
        return sensitivity
    added = pd.concat(parts, ignore_index=True).astype({"rank": "Int64"})
    return pd.concat([sensitivity, added[list(sensitivity.columns)]], ignore_index=True)


_Named = Iterator[tuple[str, pd.DataFrame]]


def _without_queue(shown: Mapping[str, pd.DataFrame], outcome: str, level: float) -> _Named:
    queues = shown["temporary"]
    queues = queues[queues["outcome"] == outcome].reset_index(drop=True)
    known = queues["temporary"].notna()
    usual = _within(shown, outcome).set_index("municipality_code")
    if not known.any() or usual.empty:
        return
    error = queues["municipality_code"].map(usual["practice_effect_se"]).astype(float)
    reach = (queues["lasting_high"] - queues["lasting_low"]) / 2 / normal_quantile(level)
    yield (
        WITHOUT_QUEUE,
        queues.assign(
            practice_effect=queues["lasting"].where(known, queues["practice_effect"]),
            practice_effect_se=reach.where(known, error),
            rank=queues["rank_lasting"],
        ),
    )


def _priors(shown: Mapping[str, pd.DataFrame], outcome: str) -> _Named:
    free = shown["prior_effect"]
    free = free[(free["outcome"] == outcome) & (free["model"] == LOOKED_AT)]
    normal = _within(shown, outcome)
    if free.empty or normal.empty:
        return
    yield (
        PRIOR_NORMAL,
        _ranked(normal, "practice_effect_shrunk", normal["practice_effect_shrunk_se"]),
    )
    yield PRIOR_FREE, _ranked(free, "effect_free", pd.Series(np.nan, index=free.index))


def _definitions(base: pd.DataFrame, outcome: str) -> _Named:
    for own, specification, other in DEFINITIONS:
        rows = base[base["outcome"] == other]
        if own == outcome and len(rows):
            yield specification, rows


def _within(shown: Mapping[str, pd.DataFrame], outcome: str) -> pd.DataFrame:
    benchmark = shown["benchmark"]
    return benchmark[(benchmark["outcome"] == outcome) & (benchmark["model"] == LOOKED_AT)]


def _ranked(rows: pd.DataFrame, column: str, error: pd.Series) -> pd.DataFrame:
    known = rows[rows[column].notna()]
    effect = known[column].astype(float)
    return known[["municipality_code"]].assign(
        practice_effect=effect,
        practice_effect_se=error[known.index].astype(float),
        rank=point_ranks(effect.to_numpy()),
    )


def specification_frame(sensitivity: pd.DataFrame, n_municipalities: int) -> pd.DataFrame:
    """Return ``sensitivity_specification``: how far each specification moves the country's places.

    ``sensitivity`` has ranks as shown. Of the municipalities whose rank is shown under the base and
    the specification: how many, Spearman's correlation of the two ranks (missing below three, or
    where all are alike), the median of places moved, and the share (0-1) that is in the same fifth
    of ``n_municipalities`` under both. The base itself has no row.
    """
    base = sensitivity[sensitivity["specification"] == BASE]
    both = sensitivity[sensitivity["specification"] != BASE].merge(
        base[["outcome", "municipality_code", "rank"]],
        on=["outcome", "municipality_code"],
        suffixes=("", "_base"),
    )
    both = both[both["rank"].notna() & both["rank_base"].notna()]
    rows = []
    for (outcome, name), frame in both.groupby(["outcome", "specification"], sort=False):
        rank, of_base = (frame[c].to_numpy(dtype=float) for c in ("rank", "rank_base"))
        differ = len(set(rank)) > 1 and len(set(of_base)) > 1 and len(rank) > 2
        fifths = [np.ceil(5 * ranks / n_municipalities) for ranks in (rank, of_base)]
        rows.append(
            {
                "outcome": str(outcome),
                "specification": str(name),
                "n_municipalities": len(frame),
                "correlation": float(spearmanr(rank, of_base)[0]) if differ else np.nan,
                "places_moved": float(np.median(np.abs(rank - of_base))),
                "share_same_quintile": float((fifths[0] == fifths[1]).mean()),
            }
        )
    if not rows:
        return empty_frame("sensitivity_specification")
    return pd.DataFrame(rows)[list(columns("sensitivity_specification"))]
