"""Grants of a country by municipality, diagnosis, tenure, age and sex, without its registers.

The generator makes the persons of a small country; every one of them counts many times, so that the
grants are as many as in a large one. Practice, its tilts, grants and diagnoses are drawn by the
generator's own rules. What is expected is what it expects at national practice. So the counts are
those that a night would have, but for the noise of the fit in what is expected, and but for small
municipalities, whose few kinds of person stand in lumps.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from benchmarks.drawn_grants import draw_grants
from benchmarks.simulation_population import Population
from pipeline.codes import main_levels
from pipeline.disclosure.cell_key import MODULUS
from synthetic_data.ground.scenario import OUTCOMES
from synthetic_data.places.diagnoses import GROUPS

SPLITS = ("tenure_band", "age_band", "sex")
#: Tables of crosses, and what they cross.
CROSSED = {
    "breakdown": ("diagnosis_group", "tenure_band"),
    "breakdown_main": ("diagnosis_main", "tenure_main"),
}
#: Who is in a flexjob can be granted a pension, which is then no first grant of either.
_IN_FLEXJOB = ("labour_status", "flexjob")
_WHOLE = "ANY"


@dataclass(frozen=True)
class Atoms:
    """Grants and expected grants, (M, A); a column of ``levels`` (A rows) per dimension.

    ``keys`` are the sums of the record keys of those granted.
    """

    codes: tuple[str, ...]
    levels: pd.DataFrame
    observed: np.ndarray
    keys: np.ndarray
    expected: np.ndarray

    def by(self, columns: tuple[str, ...]) -> pd.DataFrame:
        """Return municipality_code, ``columns``, observed, observed_key and expected."""
        of = self.levels.groupby(list(columns), sort=False).ngroup().to_numpy()
        first = self.levels[list(columns)].iloc[np.unique(of, return_index=True)[1]]
        member = np.eye(len(first), dtype=np.int64)[of]
        frame = first.loc[np.tile(first.index, len(self.codes))].reset_index(drop=True)
        return frame.assign(
            municipality_code=np.repeat(self.codes, len(first)),
            observed=(self.observed @ member).ravel(),
            observed_key=(self.keys @ member).ravel(),
            expected=(self.expected @ member).ravel(),
        )


def draw_atoms(population: Population, seed: int) -> dict[str, Atoms]:
    """Return the grants of FP, FJ and ANY of one ``seed``."""
    rng = np.random.default_rng(seed)
    parts = {outcome: _drawn(population, outcome, seed, rng) for outcome in OUTCOMES}
    codes, levels = parts["FP"][0], parts["FP"][1]
    result = {}
    for outcome, (_, _, observed, expected, _) in parts.items():
        keys = np.vectorize(lambda n: rng.integers(0, MODULUS) if n else 0)(observed)
        result[outcome] = Atoms(codes, levels, observed, keys, expected)
    # A first grant of either: pensions of those in no flexjob, flexjobs, less who has both.
    first, of_flexjob = result["FP"], result["FJ"]
    is_outside = parts["FP"][4]
    outside = rng.binomial(first.observed, is_outside)
    outside_key = np.where(
        outside == first.observed,
        first.keys,
        rng.integers(0, MODULUS, outside.shape) * (outside > 0),
    )
    risk = of_flexjob.observed.sum() / population.cells["FJ"].table.n_persons.sum()
    both = np.minimum(rng.binomial(outside, risk), of_flexjob.observed)
    both_key = rng.integers(0, MODULUS, both.shape) * (both > 0)
    result[_WHOLE] = Atoms(
        codes,
        levels,
        outside + of_flexjob.observed - both,
        outside_key + of_flexjob.keys - both_key,
        first.expected * is_outside + of_flexjob.expected,
    )
    return result


def with_mains(levels: pd.DataFrame) -> pd.DataFrame:
    """Return ``levels`` with a column of main levels for each dimension that has them."""
    mains = {
        main: levels[fine].map(parts)
        for main, (fine, parts) in main_levels().items()
        if fine in levels
    }
    return levels.assign(**mains)


def tables(atoms: Mapping[str, Atoms]) -> dict[str, pd.DataFrame]:
    """Return every split of the grants as counted, by table: the total, levels and crosses.

    Columns outcome, model, municipality_code, dimension or dimensions, observed, observed_key and
    expected; ``practice_count`` has the levels of all dimensions, main levels too.
    """
    result: dict[str, list[pd.DataFrame]] = {}
    for outcome, of in atoms.items():
        of = replace(of, levels=with_mains(of.levels))
        wanted = {
            **CROSSED,
            "breakdown_age": ("age_band",),
            **{f"practice_count {name}": (name,) for name in of.levels},
        }
        for name, columns in wanted.items():
            frame = of.by(columns).assign(outcome=outcome, model="within")
            if name.startswith("practice_count"):
                frame = frame.rename(columns={columns[0]: "level"}).assign(dimension=columns[0])
            result.setdefault(name.split()[0], []).append(frame)
        total = of.by(("diagnosis_main",)).groupby("municipality_code", as_index=False)[
            ["observed", "observed_key", "expected"]
        ]
        result.setdefault("total", []).append(total.sum().assign(outcome=outcome, model="within"))
    return {name: pd.concat(frames, ignore_index=True) for name, frames in result.items()}


def _drawn(
    population: Population, outcome: str, seed: int, rng: np.random.Generator
) -> tuple[tuple[str, ...], pd.DataFrame, np.ndarray, np.ndarray, np.ndarray]:
    """Return codes, levels, (M, A) grants, expected grants and the share of those in no flexjob."""
    table = population.cells[outcome].table
    drawn = draw_grants(population, outcome, seed, rng)
    expected = drawn.expected[:, None] * drawn.national_share
    levels = {name: table.codes(name) for name in (*SPLITS, _IN_FLEXJOB[0])}
    factor, status = _IN_FLEXJOB
    outside = (levels[factor] != table.levels[factor].index(status))[:, None]
    sizes = [len(table.levels[name]) for name in SPLITS]
    split = np.ravel_multi_index([levels[name] for name in SPLITS], sizes)
    n_splits = int(np.prod(sizes))
    at = table.municipality * n_splits + split

    def summed(values: np.ndarray) -> np.ndarray:
        n = len(table.municipality_codes) * n_splits
        sums = np.stack([np.bincount(at, column, n) for column in values.T], axis=1)
        return sums.reshape(len(table.municipality_codes), -1)

    index = pd.MultiIndex.from_product([*(table.levels[name] for name in SPLITS), GROUPS])
    frame = index.to_frame(index=False, name=[*SPLITS, "diagnosis_group"])
    observed = np.rint(summed(drawn.diagnoses.astype(float))).astype(np.int64)
    of_all, of_outside = summed(expected), summed(expected * outside)
    ratio = np.divide(of_outside, of_all, out=np.ones(of_all.shape), where=of_all > 0)
    return tuple(table.municipality_codes), frame, observed, of_all, ratio
