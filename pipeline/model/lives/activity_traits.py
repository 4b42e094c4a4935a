"""What a grant's five years say of measures: who had one, how many, when, and when on benefit.

Everything is told as yes or no of a person, so that disclosure control protects it as it protects
every count of persons: had a measure, had at least two, was in one at a certain moment. How many
measures a person had on average is the sum over k of the share who had at least k; the share of
weeks in a measure that of moments, every thirteenth week, of all at which a person was on a benefit
that has measures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.codes.corrections import MEASURES

#: Weeks before a grant that are looked at, and their parts, by first week and the one after.
N_WEEKS = 260
ALL = "all"
PARTS = {ALL: (0, N_WEEKS), "first": (0, 87), "middle": (87, 173), "last": (173, N_WEEKS)}
#: Years before the grant, the first one farthest away: 52 weeks each.
YEARS = {f"year_{5 - at}": (52 * at, 52 * (at + 1)) for at in range(5)}
#: The moments at which persons are looked at: in the middle of each of twenty times thirteen weeks.
MOMENTS = np.arange(6, N_WEEKS, 13)
#: Measures of one person beyond this number are not counted.
MOST = 20
_NONE, _PLACEMENT = MEASURES.index("none"), MEASURES.index("work_placement")


@dataclass(frozen=True)
class Traits:
    """Of n grants what is true of the person before it, each (n, ...) bool.

    Attributes
    ----------
    had
        (n, 4) had a measure in each of :data:`PARTS`.
    at_least
        (n, 4, :data:`MOST`) began at least 1, 2, ... measures in the part; one under way when the
        five years begin counts as begun then.
    on_benefit, active
        (n, 20) on a benefit that has measures, and in one, at each of :data:`MOMENTS`.
    rehabilitation, placement
        (n,) was on rehabilitation, and in a work placement, in any week.
    """

    had: np.ndarray
    at_least: np.ndarray
    on_benefit: np.ndarray
    active: np.ndarray
    rehabilitation: np.ndarray
    placement: np.ndarray


def traits_of(measures: np.ndarray, rehabilitation: np.ndarray) -> Traits:
    """Return the traits of grants from their weeks.

    ``measures`` (n, :data:`N_WEEKS`) are places in :data:`~pipeline.codes.corrections.MEASURES`, -1
    without a benefit that has any; ``rehabilitation`` (n,) says who was on it. A measure is an
    unbroken run of weeks of one kind: a week without, or another kind, ends it.
    """
    in_measure = measures > _NONE
    before = np.concatenate([np.full((len(measures), 1), -1), measures[:, :-1]], axis=1)
    begins = in_measure & (measures != before)
    spans = PARTS.values()
    begun = np.stack([begins[:, first:after].sum(axis=1) for first, after in spans], axis=1)
    return Traits(
        had=np.stack([in_measure[:, first:after].any(axis=1) for first, after in spans], axis=1),
        at_least=begun[:, :, None] >= np.arange(1, MOST + 1),
        on_benefit=measures[:, MOMENTS] >= _NONE,
        active=in_measure[:, MOMENTS],
        rehabilitation=np.asarray(rehabilitation, dtype=bool),
        placement=(measures == _PLACEMENT).any(axis=1),
    )


def within(span: tuple[int, int]) -> np.ndarray:
    """Return which of :data:`MOMENTS` are in the weeks of ``span``, (20,) bool."""
    return np.asarray((span[0] <= MOMENTS) & (span[1] > MOMENTS))


def clustering(traits: Traits, municipality: np.ndarray, span: tuple[int, int]) -> float:
    """Return how many times as uncertain a share of moments is as if they were drawn one by one.

    Moments of a person are alike: a long measure fills several. The variance of the ratio over
    persons of the same ``municipality`` (n,), of the whole country, by that of as many independent
    moments (Kish, L. 1965. Survey Sampling. Wiley, 5.4); at least 1, one decimal.
    """
    inside = within(span)
    top, bottom = (
        of[:, inside].sum(axis=1).astype(float) for of in (traits.active, traits.on_benefit)
    )
    size = int(municipality.max(initial=-1)) + 1
    n, tops, bottoms = (
        np.bincount(municipality, of, size) for of in (np.ones(len(top)), top, bottom)
    )
    share = np.divide(tops, bottoms, out=np.zeros(size), where=bottoms > 0)
    alone = float(bottoms @ (share * (1 - share)))
    residual = top - share[municipality] * bottom
    free = len(top) - int(np.count_nonzero(n))
    if alone <= 0 or free <= 0:
        return 1.0
    return max(1.0, round(float(residual @ residual) * len(top) / free / alone, 1))
