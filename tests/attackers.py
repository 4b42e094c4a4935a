"""Attackers of a release: they know every published number and the method, but no record key.

:class:`Guesser` has the chances of every count given all that is shown of a municipality: its
total and each split of it, splits of splits included. :func:`determined` asks an integer programme
which counts can be no others. Both read published counts alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.special import gammaln

from pipeline.disclosure import CellKey

#: Log-odds spread of municipal practice that the guesser takes for granted.
PRACTICE_VARIANCE = 0.1


@dataclass
class Node:
    """A count that is shown (None: hidden), what is expected of it, and splits of it.

    Each of ``splits`` divides the same persons another way. ``is_exact`` where it has no noise.
    """

    name: tuple
    shown: int | None
    expected: float
    splits: list[list[Node]] = field(default_factory=list)
    is_exact: bool = False

    def all(self) -> Iterator[Node]:
        """Yield the node and all below it."""
        yield self
        for split in self.splits:
            for child in split:
                yield from child.all()


class Guesser:
    """Chances of each count of a tree, from everything that is shown in it.

    Before looking, the guesser takes the total to be Poisson about the expected number times a
    practice, and each grant to fall in a level by its share of the expected, splits apart. Persons
    counted in one level alone have the noise of the total: the same persons, the same key.
    """

    def __init__(self, method: CellKey, size: int) -> None:
        self.size = size
        self._likelihood = np.array([method.chances(n, size + 40) for n in range(size)])
        self._log_factorial = gammaln(np.arange(size) + 1.0)

    def chances(self, root: Node) -> dict[tuple, np.ndarray]:
        """Return by name the (size,) chances of each count of ``root`` and below."""
        counts = np.arange(self.size)
        # Negative binomial: a gamma practice of mean 1.
        a = 1.0 / PRACTICE_VARIANCE
        log_prior = (
            gammaln(counts + a)
            - self._log_factorial
            + counts * (np.log(root.expected) - np.log(root.expected + a))
        )
        weight = np.exp(log_prior - log_prior.max()) * self._own(root)
        result: dict[tuple, np.ndarray] = {}
        self._down(root, weight, result)
        return result

    def _log_poisson(self, mean: float) -> np.ndarray:
        return np.asarray(np.arange(self.size) * np.log(mean) - mean - self._log_factorial)

    def _own(self, node: Node) -> np.ndarray:
        if node.shown is None:
            return np.ones(self.size)
        if node.is_exact:
            return (np.arange(self.size) == node.shown).astype(float)
        return self._likelihood[:, node.shown]

    def _up(self, node: Node) -> np.ndarray:
        """Return (size,) the chance of what is shown below ``node``, by its count."""
        result = np.ones(self.size)
        for split in node.splits:
            result *= self._split(node, split)[0]
        return result

    def _split(self, node: Node, split: Sequence[Node]) -> tuple[np.ndarray, list]:
        """Return (size,) the chance of a split's shown counts by the node's, and its parts.

        The parts are, per child, terms of its own and of all others with the sum of both.
        """
        share = np.array([child.expected for child in split])
        share = share / share.sum()
        below = [self._up(child) for child in split]
        own = [self._own(child) for child in split]
        # Poisson of any mean given their sum: a multinomial, without factorials that overflow.
        mean = float(np.clip(node.expected, 0.25 * self.size, self.size))
        log_powers = [self._log_poisson(mean * max(q, 1e-12)) for q in share]
        terms = [np.exp(p) * o * b for p, o, b in zip(log_powers, own, below, strict=True)]
        before, after = [_one(self.size)], [_one(self.size)]
        for term in terms[:-1]:
            before.append(_convolved(before[-1], term))
        for term in terms[:0:-1]:
            after.append(_convolved(after[-1], term))
        after.reverse()
        others = [_convolved(b, a) for b, a in zip(before, after, strict=True)]
        scale = np.exp(-self._log_poisson(mean))
        total = _convolved(others[0], terms[0]) * scale
        parts, alone = [], []
        nobody = [float(o[0] * b[0]) for o, b in zip(own, below, strict=True)]
        for number, child in enumerate(split):
            rest = float(np.prod([x for k, x in enumerate(nobody) if k != number]))
            nowhere = np.exp(-mean * (1 - share[number]))
            all_here = np.exp(log_powers[number]) * nowhere * scale * below[number] * rest
            # All persons in one level: the same key, the same noise.
            agrees = child.shown is None or node.shown is None or child.shown == node.shown
            has_own = node.shown is None or node.is_exact
            right = all_here * (own[number] if has_own else float(agrees))
            wrong = all_here * own[number]
            right[0] = wrong[0] = 0.0
            total = total - wrong + right
            alone.append((wrong, right))
            parts.append((terms[number], others[number]))
        return np.maximum(total, 0.0), [parts, alone, scale]

    def _down(self, node: Node, weight: np.ndarray, result: dict[tuple, np.ndarray]) -> None:
        """Put the chances of ``node`` and below; ``weight`` (size,) is all that is known above."""
        splits = [(split, *self._split(node, split)) for split in node.splits]
        posterior = weight.copy()
        for _, likelihood, _ in splits:
            posterior *= likelihood
        result[node.name] = posterior / posterior.sum()
        for split, likelihood, (parts, alone, scale) in splits:
            with np.errstate(divide="ignore", invalid="ignore"):
                outside = np.where(likelihood > 0, posterior / likelihood, 0.0)
            for child, (term, other), (wrong, right) in zip(split, parts, alone, strict=True):
                # Chance of the child's count j and n - j elsewhere, summed over n.
                reach = np.correlate(outside * scale, other, "full")[self.size - 1 :]
                of_child = term * reach + outside * (right - wrong)
                of_child = np.maximum(of_child, 0.0)
                below = self._up(child)
                with np.errstate(divide="ignore", invalid="ignore"):
                    above = np.where(below > 0, of_child / below, 0.0)
                if above.sum() > 0:
                    self._down(child, above, result)


def _one(size: int) -> np.ndarray:
    return np.eye(1, size)[0]


def _convolved(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.convolve(a, b)[: len(a)]


@dataclass(frozen=True)
class Count:
    """A published count: which unknowns it adds up, and from what to what those may sum.

    ``less`` are unknowns that are taken away.
    """

    name: tuple
    unknowns: tuple[int, ...]
    low: float
    high: float
    less: tuple[int, ...] = ()


def feasible(method: CellKey, shown: int | None, largest: int) -> tuple[int, int]:
    """Return the smallest and largest true count that may be shown as ``shown`` (None: hidden)."""
    if shown is None:
        return 0, largest
    possible = [n for n in range(largest + 1) if method.chances(n, shown + 1)[shown] > 0]
    return min(possible), max(possible)


def determined(
    counts: Sequence[Count], asked: Sequence[tuple], n_unknowns: int, truth: np.ndarray
) -> set[tuple]:
    """Return the names of ``asked`` whose sums are the same in all whole unknowns that fit.

    ``truth`` (n,) fits. An integer programme (HiGHS) looks for others: with random aims for all at
    once, then for each that is left on its own, so that the answer is exact.
    """
    rows = np.zeros((len(counts), n_unknowns))
    for row, count in zip(rows, counts, strict=True):
        row[list(count.unknowns)] = 1.0
        row[list(count.less)] = -1.0
    limits = LinearConstraint(
        rows, [count.low for count in counts], [count.high for count in counts]
    )
    place = {count.name: number for number, count in enumerate(counts)}
    left = {name: round(rows[place[name]] @ truth) for name in asked}
    rng = np.random.default_rng(1)

    def look(aim: np.ndarray) -> None:
        optimum = milp(aim, constraints=limits, integrality=np.ones(n_unknowns), bounds=Bounds(0))
        assert optimum.x is not None, optimum.message
        sums = rows @ np.rint(optimum.x)
        for name in [name for name, known in left.items() if sums[place[name]] != known]:
            del left[name]

    for _ in range(6):
        if left:
            look(rng.normal(size=n_unknowns))
    for name in list(left):
        for sign in (1.0, -1.0):
            if name in left:
                look(sign * rows[place[name]])
    return set(left)


#: What a name of :func:`published_counts` starts with, and its table where that is another.
_CROSSED = {
    "breakdown": ("diagnosis_group", "tenure_band"),
    "breakdown_main": ("diagnosis_main", "tenure_main"),
}
Shown = dict[tuple, tuple[int | None, float]]


def published_counts(
    frames: Mapping[str, pd.DataFrame],
    outcome: str,
    model: str = "within",
    *,
    with_country: bool = False,
) -> dict[str, Shown]:
    """Return per municipality every count shown (None: hidden) and what is expected, by name.

    A name is the dimension and its level, ``total``, ``year`` and it, or the cross table and its
    levels. ``with_country`` adds the country's tables under the code "".
    """
    result: dict[str, Shown] = {}

    def add(table: str, name: Sequence[str], first: str | None = None) -> None:
        rows = frames[table]
        rows = rows[(rows["outcome"] == outcome) & (rows["model"] == model)]
        codes = rows["municipality_code"] if "municipality_code" in rows else [""] * len(rows)
        shown = [None if pd.isna(n) else int(n) for n in rows["observed"]]
        levels = [rows[column] for column in name]
        for code, n, expected, *key in zip(codes, shown, rows["expected"], *levels, strict=True):
            place = key if first is None else (first, *key)
            result.setdefault(str(code), {})[tuple(place)] = n, max(float(expected), 0.005)

    add("benchmark", (), "total")
    add("practice_profile", ("dimension", "level"))
    add("development", ("year",), "year")
    for table, columns in _CROSSED.items():
        add(table, columns, table)
    if with_country:
        add("development_country", ("year",), "year")
        add("breakdown_country", _CROSSED["breakdown"], "breakdown")
    return result


def tree(counts: Shown, mains: Mapping[str, tuple[str, Mapping[str, str]]]) -> Node:
    """Return the published counts of a municipality as the splits of its total.

    ``mains`` is main dimension -> (fine dimension, level -> main level). Main levels are split into
    fine ones; main diagnoses into main tenures too, and diagnoses into tenures.
    """

    def nodes(names: Iterable[tuple]) -> list[Node]:
        return [Node(name, *counts[name]) for name in names]

    def of(dimension: str, first_level: str | None = None) -> list[Node]:
        return nodes(
            name for name in counts if name[0] == dimension and first_level in (None, *name[1:2])
        )

    root = Node(("total",), *counts[("total",)])
    fine = {of_main for of_main, _ in mains.values()}
    for dimension in dict.fromkeys(name[0] for name in counts):
        if dimension not in ("total", *fine, *_CROSSED):
            root.splits.append(of(dimension))
    for top in root.splits:
        dimension = top[0].name[0]
        if dimension not in mains:
            continue
        below, parts = mains[dimension]
        for main in top:
            own = [node for node in of(below) if parts[node.name[1]] == main.name[1]]
            if dimension != "diagnosis_main":
                main.splits = [own] if len(own) > 1 else []
                continue
            main.splits = [of("breakdown_main", main.name[1])]
            for group in own:
                group.splits = [of("breakdown", group.name[1])]
            if len(own) > 1:
                main.splits.append(own)
            else:
                _put_inside(main.splits[0], own[0].splits[0], mains["tenure_main"][1])
    return root


def _put_inside(tops: list[Node], cells: list[Node], parts: Mapping[str, str]) -> None:
    """Split main tenures of one diagnosis into its tenures: the same persons, the same noise."""
    for top in tops:
        own = [cell for cell in cells if parts[cell.name[2]] == top.name[2]]
        top.splits = [own] if len(own) > 1 else []
