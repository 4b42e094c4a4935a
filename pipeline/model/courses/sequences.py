"""Sequences of states: their steps, and how unlike two of them are by optimal matching.

Weeks are taken four at a time, thirteen steps a year. Turning one sequence into another, a state is
replaced for its substitution cost and inserted or deleted for one half: two sequences that differ
in when something happened are nearer than two that differ in what. Abbott & Tsay (2000),
Sociological Methods & Research 29, 3-33; Studer & Ritschard (2016), JRSS A 179, 481-511.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

WEEKS_A_STEP = 4
INDEL = 0.5
#: Sequences worked on at a time: a few arrays that stay in the processor's cache.
_BLOCK = 2_000


def steps_of(weeks: np.ndarray) -> np.ndarray:
    """Return (n, W // 4) int16 the state that most of each four weeks of (n, W) ``weeks`` have.

    Of two states with two weeks each the later counts; W is a multiple of 4.
    """
    n, length = weeks.shape
    four = weeks.reshape(n, length // WEEKS_A_STEP, WEEKS_A_STEP)
    # A state with three weeks or more fills one of the two middle weeks after sorting; so does one
    # with two of four different ones. Two pairs are told by the last week.
    same = (four[..., :, None] == four[..., None, :]).sum(axis=-1)
    best = same.max(axis=-1, keepdims=True)
    last = WEEKS_A_STEP - 1 - np.argmax((same == best)[..., ::-1], axis=-1)
    return np.take_along_axis(four, last[..., None], axis=-1)[..., 0].astype(np.int16)


def distances(sequences: np.ndarray, others: np.ndarray, substitution: np.ndarray) -> np.ndarray:
    """Return (n, m) dissimilarities of (n, T) ``sequences`` from (m, T) ``others``, in steps.

    ``substitution`` (S, S) is the cost of one state in place of another, 0-1, symmetric, 0 on the
    diagonal. Equal sequences are worked on once.
    """
    distinct, place = np.unique(sequences, axis=0, return_inverse=True)
    cost = np.empty((len(distinct), len(others)))
    for begin in range(0, len(distinct), _BLOCK):
        block = distinct[begin : begin + _BLOCK]
        for column, one in enumerate(others):
            cost[begin : begin + len(block), column] = _from_one(block, one, substitution)
    return cost[place.ravel()]


def matrix_of(sequences: np.ndarray, substitution: np.ndarray) -> np.ndarray:
    """Return the symmetric (n, n) dissimilarities of ``sequences`` among themselves.

    Equal sequences are worked on once.
    """
    distinct, place = np.unique(sequences, axis=0, return_inverse=True)
    matrix = np.zeros((len(distinct), len(distinct)))
    for one in range(len(distinct) - 1):
        matrix[one + 1 :, one] = _from_one(distinct[one + 1 :], distinct[one], substitution)
    return (matrix + matrix.T)[np.ix_(place.ravel(), place.ravel())]


def substitution_costs(groups: Sequence[str], families: Sequence[Sequence[str]]) -> np.ndarray:
    """Return (S, S) costs: 0 for a state itself, 1/2 inside a family, else 1."""
    family = {name: number for number, names in enumerate(families) for name in names}
    number = np.array([family.get(name, len(families) + at) for at, name in enumerate(groups)])
    cost = np.where(number[:, None] == number[None, :], 0.5, 1.0)
    np.fill_diagonal(cost, 0.0)
    return cost


def _from_one(sequences: np.ndarray, one: np.ndarray, substitution: np.ndarray) -> np.ndarray:
    """Return (n,) dissimilarities of ``sequences`` from ``one``: a row of the table at a time."""
    # Sequences lie side by side, so that what runs along the table is done for all of them at once.
    inserted = (INDEL * np.arange(len(one) + 1)).astype(np.float32)[:, None]
    of_state = substitution[one].astype(np.float32)
    last = np.repeat(inserted, len(sequences), axis=1)
    line = np.empty_like(last)
    for step, states in enumerate(sequences.T, start=1):
        np.take(of_state, states, axis=1, out=line[1:], mode="clip")
        line[1:] += last[:-1]
        line[0] = INDEL * step
        np.minimum(line[1:], last[1:] + np.float32(INDEL), out=line[1:])
        # Insertions run along the row: the smallest so far, each step a half more.
        line -= inserted
        np.minimum.accumulate(line, axis=0, out=line)
        line += inserted
        last, line = line, last
    return last[-1].astype(np.float64)
