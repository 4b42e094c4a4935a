"""What published tables say of municipalities that might be interviewed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from pipeline.cases.declaration import ChangeSelection, Municipalities, Selection
from pipeline.errors import ModelError

#: Sides of the ranking.
FEW, MANY = -1, 1
SIDES = {FEW: "few", MANY: "many"}
#: Criteria of single municipalities, in the order they are told.
OF_MUNICIPALITIES = ("ranks", "specifications", "shown", "residents", "reported", "lasting")
_FIRST_OUTCOMES, _FIRST_MODEL = ("ANY",), "within"


@dataclass(frozen=True)
class Places:
    """M municipalities in the order of their codes, as a release shows them.

    ``rank`` (M,) 1 the fewest granted, nan where not shown; ``ranks`` (S, M) the same by
    specification. ``residents``, ``n_former`` (municipalities of 2006 that went into it) and
    ``region`` (-1 unknown) (M,); ``distance`` (M, M) the largest difference of two labour markets
    in any condition, standard deviations, inf where one is unknown.
    """

    outcome: str
    model: str
    codes: tuple[str, ...]
    rank: np.ndarray
    ranks: np.ndarray
    residents: np.ndarray
    n_former: np.ndarray
    region: np.ndarray
    distance: np.ndarray
    is_reported: np.ndarray
    is_temporary: np.ndarray

    def side(self, share_of_ranks: float) -> np.ndarray:
        """Return (M,) on which side of the ranking each is, 0 between them."""
        return _side(self.rank, share_of_ranks)

    def share(self, share_of_ranks: float) -> np.ndarray:
        """Return (M,) in which share of the specifications shown each is on its side.

        0 where it is on none, or none is shown.
        """
        own = self.side(share_of_ranks)
        sides = np.array([_side(row, share_of_ranks) for row in self.ranks]).reshape(-1, len(own))
        same = ((sides == own) & (own != 0)).sum(axis=0)
        return same / np.maximum(self.n_specifications, 1)

    @property
    def n_specifications(self) -> np.ndarray:
        """(M,) specifications in which a rank is shown."""
        return np.asarray(np.isfinite(self.ranks).sum(axis=0))

    def failed(self, asked: Municipalities) -> dict[str, np.ndarray]:
        """Return by criterion of :data:`OF_MUNICIPALITIES` which (M,) municipalities fail it."""
        share = self.share(asked.share_of_ranks)
        return {
            "ranks": self.side(asked.share_of_ranks) == 0,
            "specifications": share < asked.least_share_of_specifications,
            "shown": self.n_specifications < asked.least_specifications,
            "residents": self.residents < asked.least_residents,
            "reported": ~self.is_reported & asked.is_reported,
            "lasting": self.is_temporary & asked.is_lasting,
        }


def _side(rank: np.ndarray, share_of_ranks: float) -> np.ndarray:
    """Return -1 for the ``share_of_ranks`` of all that grant fewest, 1 for the most, 0 between."""
    # A rounding error must not move a whole rank over the limit.
    low, high = share_of_ranks * len(rank) + 1e-9, (1 - share_of_ranks) * len(rank) + 1e-9
    with np.errstate(invalid="ignore"):
        return np.where(rank <= low, FEW, np.where(rank > high, MANY, 0))


def places_from(tables: Mapping[str, pd.DataFrame], asked: Selection, outcome: str) -> Places:
    """Return what ``tables`` of one run, as published, say of the municipalities on ``outcome``.

    Of the model that the report begins with. A municipality reported if every year of it did, and
    is not temporary where nothing is known of its queue. A table that an earlier release lacks says
    nothing: no region, no specification, nobody reported.
    """
    benchmark = tables["benchmark"]
    models = list(dict.fromkeys(benchmark["model"]))
    model = _FIRST_MODEL if _FIRST_MODEL in models else models[0]
    codes = sorted(set(benchmark["municipality_code"]))
    ranking = _of(tables["ranking"], outcome=outcome, model=model)
    facts = tables["municipality"].set_index("municipality_code").reindex(codes)
    names = facts["former_municipalities"].fillna("").map(lambda said: len(said.split(", ")))
    regions = {name: at for at, name in enumerate(sorted(set(facts["region_name"].dropna())))}
    queues = _of(tables["temporary"], outcome=outcome)
    temporary = set(queues.loc[queues["is_temporary"].astype(bool), "municipality_code"])
    return Places(
        outcome,
        model,
        tuple(codes),
        _numbers(ranking.set_index("municipality_code")["rank"].reindex(codes)),
        _ranks(_of(tables["sensitivity"], outcome=outcome), codes),
        np.nan_to_num(_numbers(facts["population_2007"])),
        names.to_numpy(),
        facts["region_name"].map(regions).fillna(-1).to_numpy().astype(int),
        _distance(tables["framework_condition"], codes, asked.clusters.labour_market),
        has_reported(tables["completeness"], codes),
        np.array([code in temporary for code in codes]),
    )


def outcome_of(benchmark: pd.DataFrame, asked: Selection | ChangeSelection) -> str:
    """Return the outcome that is ``asked`` for, else that which the report begins with.

    Empty where ``benchmark`` is. Raises :class:`ModelError` where it does not answer the outcome.
    """
    outcomes = list(dict.fromkeys(benchmark["outcome"]))
    if asked.outcome is None:
        first = [name for name in _FIRST_OUTCOMES if name in outcomes]
        return next(iter([*first, *outcomes]), "")
    if asked.outcome not in outcomes:
        raise ModelError(
            f"selection {asked.name} asks for outcome {asked.outcome}.",
            expected=f"one of {', '.join(sorted(outcomes))}",
            next_step="name another outcome in the file, or leave it out.",
        )
    return asked.outcome


def has_reported(completeness: pd.DataFrame, codes: list[str]) -> np.ndarray:
    """Return (M,) which of the municipalities ``codes`` reported every year of theirs."""
    reported = completeness.groupby("municipality_code")["is_reported"].all()
    return np.asarray(reported.reindex(codes).fillna(False).to_numpy().astype(bool))


def _of(frame: pd.DataFrame, **keys: str) -> pd.DataFrame:
    for name, value in keys.items():
        frame = frame[frame[name] == value]
    return frame


def _numbers(values: pd.Series) -> np.ndarray:
    return pd.to_numeric(values).astype("Float64").to_numpy(dtype=float, na_value=np.nan)


def _ranks(sensitivity: pd.DataFrame, codes: list[str]) -> np.ndarray:
    names = list(dict.fromkeys(sensitivity["specification"]))
    ranks = np.full((len(names), len(codes)), np.nan)
    for at, name in enumerate(names):
        own = _of(sensitivity, specification=name).set_index("municipality_code")["rank"]
        ranks[at] = _numbers(own.reindex(codes))
    return ranks


def _distance(conditions: pd.DataFrame, codes: list[str], names: tuple[str, ...]) -> np.ndarray:
    wide = conditions[conditions["condition"].isin(names)].pivot(
        index="municipality_code", columns="condition", values="standardised"
    )
    values = wide.reindex(index=codes, columns=list(names)).to_numpy(dtype=float)
    apart = np.abs(values[:, None, :] - values[None, :, :]).max(axis=2)
    return np.where(np.isnan(apart), np.inf, apart)
