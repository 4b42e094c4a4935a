"""Courses of five planted types: weekly states of five years, with noise of their own."""

from __future__ import annotations

import numpy as np

#: Names of the states that courses are made of.
STATES = (
    *("none", "cash_benefit", "sickness_benefit", "unemployment", "flexjob"),
    *("flexjob_unemployment", "rehabilitation"),
)
WEEKS = 260
SHARES = (0.34, 0.28, 0.22, 0.10, 0.06)


def planted_courses(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return (n, 260) places in :data:`STATES` and (n,) types 0-4.

    The employee who became ill, long cash benefit, the commuter, short cash benefit and flexjob;
    lengths and order of spells are drawn, and a tenth of all have a spell that is not their type's.
    """
    random = np.random.default_rng(seed)
    kind = random.choice(5, n, p=SHARES)
    made = np.zeros((n, WEEKS), dtype=np.int8)
    for row, of in enumerate(kind):
        made[row] = _course(int(of), random)
        if random.uniform() < 0.1:
            begin, weeks = random.integers(0, 240), random.integers(4, 14)
            made[row, begin : begin + weeks] = random.integers(0, 4)
    return made, kind


def _course(kind: int, random: np.random.Generator) -> np.ndarray:
    none, cash, sick, dole, flexjob, between, rehabilitation = range(7)
    if kind == 0:
        ill = random.integers(30, 75)
        return _runs([(none, WEEKS - ill), (sick, ill)])
    if kind == 1:
        before = random.integers(0, 60)
        other = random.integers(0, 20)
        return (
            _runs([(none, before), (cash, WEEKS)])
            if other < 10
            else _runs([(cash, random.integers(60, 150)), (sick, other), (cash, WEEKS)])
        )
    if kind == 2:
        spells = []
        while sum(weeks for _, weeks in spells) < WEEKS:
            spells.append((none, int(random.integers(16, 45))))
            spells.append((int(random.choice([dole, sick])), int(random.integers(8, 26))))
        return _runs(spells)
    if kind == 3:
        ill = random.integers(20, 50)
        on_cash = random.integers(40, 90)
        return _runs([(none, WEEKS - ill - on_cash), (sick, ill), (cash, on_cash)])
    wait = random.integers(10, 40)
    return _runs([(rehabilitation, random.integers(20, 60)), (between, wait), (flexjob, WEEKS)])


def _runs(spells: list[tuple[int, int]]) -> np.ndarray:
    weeks = np.concatenate([np.full(max(int(n), 0), state) for state, n in spells])
    return (
        weeks[:WEEKS]
        if len(weeks) >= WEEKS
        else np.append(weeks, np.full(WEEKS - len(weeks), weeks[-1]))
    )
