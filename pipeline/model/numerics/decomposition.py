"""What a difference between two figures is made of: each part averaged over all orders.

Changing the parts of a figure one after another from one side's to the other's gives steps that
add up to the difference, but depend on the order. Averaged over every order they still add up, and
no part is favoured: for products this is Das Gupta's decomposition, for two parts Kitagawa's, and
for any function the Shapley value. It is right for a logit, whose parts do not simply add.

Kitagawa, E. M. (1955). Components of a difference between two rates. JASA 50, 1168-1194. Das
Gupta, P. (1993). Standardization and Decomposition of Rates. US Bureau of the Census P23-186.
Fairlie, R. W. (2005). An extension of the Blinder-Oaxaca decomposition technique to logit and
probit models. J. Economic and Social Measurement 30, 305-316.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import combinations
from math import factorial
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def order_averaged_parts(
    figure: Callable[[dict[str, Any]], Any],
    first: Mapping[str, Any],
    second: Mapping[str, Any],
) -> dict[str, Floats]:
    """Return what each part adds to figure(second) - figure(first), averaged over all orders.

    ``figure`` takes one value per part name and returns a number or an array (one per unit);
    ``first`` and ``second`` hold the two sides' values under the same names. The returned arrays
    have the figure's shape and add up to the difference. 2^parts figures are computed. Raises
    :class:`ValueError` for differing names or more than 12 parts.
    """
    names = list(first)
    if not names or set(names) != set(second):
        raise ValueError("both sides need the same parts, at least one")
    if len(names) > 12:
        raise ValueError(f"{len(names)} parts would need {2 ** len(names)} figures; at most 12")
    n = len(names)
    values = {
        taken: np.asarray(
            figure({name: second[name] if name in taken else first[name] for name in names}),
            dtype=np.float64,
        )
        for size in range(n + 1)
        for taken in map(frozenset, combinations(names, size))
    }
    parts = {}
    for name in names:
        total = np.zeros_like(values[frozenset()])
        for taken, value in values.items():
            if name not in taken:
                share = factorial(len(taken)) * factorial(n - len(taken) - 1) / factorial(n)
                total = total + share * (values[taken | {name}] - value)
        parts[name] = total
    return parts
