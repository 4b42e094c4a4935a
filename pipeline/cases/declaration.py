"""The declaration of a case-study selection: which municipalities may be compared in interviews.

The criteria of one by level are those of AKF's companion study of 2009: few-granting and
many-granting municipalities of one region and with comparable labour markets, much the same degree
of merging in 2007, enough inhabitants, high or low in several sensitivity analyses. That a
municipality reported its grants, and that its deviation is not a queue's, are required as well.
One by change is in the manner of VIVE's study of 2024: so many of those that rose most against an
earlier window, that fell most, and that did not change.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from pipeline.benchmarks.declaration import Conditions, Declaration, Label, OneOrMore, Text

Share = Annotated[float, Field(ge=0, le=1)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
#: Rooms for declared numbers: no larger request can be met by 98 municipalities.
_MOST_CLUSTERS, _MOST_A_SIDE, _MOST_SETS, _MOST_AMONG = 10, 4, 10, 50


class Municipalities(Declaration):
    """What every municipality must be.

    Among ``share_of_ranks`` of the country that grant fewest, or most, in the ranking and in at
    least ``least_share_of_specifications`` of the specifications of the sensitivity grid, of which
    at least ``least_specifications`` must be shown.
    """

    least_residents: Annotated[int, Field(ge=0)] = 40_000
    share_of_ranks: Annotated[float, Field(gt=0, le=0.5)] = 0.2
    least_share_of_specifications: Share = 0.5
    least_specifications: Annotated[int, Field(ge=1)] = 5
    is_reported: bool = True
    is_lasting: bool = True


class Clusters(Declaration):
    """How many clusters there must be and what their municipalities must have in common.

    ``labour_market`` names framework conditions in which no two municipalities of a cluster may lie
    further apart than ``most_labour_distance`` standard deviations.
    """

    number: Annotated[int, Field(ge=1, le=_MOST_CLUSTERS)] = 3
    few_granting: Annotated[int, Field(ge=1, le=_MOST_A_SIDE)] = 2
    many_granting: Annotated[int, Field(ge=1, le=_MOST_A_SIDE)] = 1
    most_regions: Annotated[int, Field(ge=1)] = 1
    is_region_used_once: bool = False
    most_merging_difference: Annotated[int, Field(ge=0)] = 2
    labour_market: Annotated[Conditions, OneOrMore]
    most_labour_distance: Annotated[float, Field(ge=0)] = 2.0


class Preference(Declaration):
    """Which sets are better: what a standard deviation of labour-market distance takes away."""

    labour_distance_weight: Annotated[float, Field(ge=0)] = 0.25
    sets: Annotated[int, Field(ge=1, le=_MOST_SETS)] = 3


class Selection(Declaration):
    """A case-study selection; ``outcome`` and ``model`` are those of the report unless told."""

    name: Name
    title: Text
    outcome: Label | None = None
    municipalities: Municipalities = Municipalities()
    clusters: Clusters
    preference: Preference = Preference()


class Change(Declaration):
    """How many municipalities of each kind of change, and what every one of them must be.

    Among the ``among`` municipalities whose O/E rose most, fell most and is surest to be unchanged,
    of those that have ``least_residents``, are expected to grant ``least_expected`` in each window
    and, with ``is_reported``, reported every year of theirs.
    """

    among: Annotated[int, Field(ge=1, le=_MOST_AMONG)] = 10
    rising: Annotated[int, Field(ge=0, le=_MOST_AMONG)] = 4
    falling: Annotated[int, Field(ge=0, le=_MOST_AMONG)] = 2
    unchanged: Annotated[int, Field(ge=0, le=_MOST_AMONG)] = 1
    least_residents: Annotated[int, Field(ge=0)] = 0
    least_expected: Annotated[float, Field(ge=0)] = 0.0
    is_reported: bool = True

    @model_validator(mode="after")
    def _has_enough(self) -> Self:
        """Refuse a request for more municipalities of a kind than it may choose among."""
        if max(self.rising, self.falling, self.unchanged) > self.among:
            raise ValueError("rising, falling and unchanged are at most among")
        return self


class ChangeSelection(Declaration):
    """A case-study selection by change; ``outcome`` is that of the report unless told."""

    name: Name
    title: Text
    outcome: Label | None = None
    change: Change
