"""Exact numbers: what may not be shown is withheld in all tables together, and does not follow."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from attackers import Count, determined
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.disclosure import suppress_breakdowns, suppress_coefficients

DIAGNOSES = ("mental", "musculoskeletal", "nervous", "other")
TENURES = ("none", "up_to_1", "1_to_2", "over_5")
AGES = ("18-24", "25-29", "60-64")
OUTCOMES = ("FP", "FJ", "ANY")
MAINS = {
    "diagnosis_main": (
        "diagnosis_group",
        {
            "mental": "mental",
            "musculoskeletal": "musculoskeletal",
            "nervous": "other",
            "other": "other",
        },
    ),
    "tenure_main": (
        "tenure_band",
        {"none": "none", "up_to_1": "up_to_2", "1_to_2": "up_to_2", "over_5": "over_2"},
    ),
}
ATOMS = tuple(itertools.product(DIAGNOSES, TENURES))
PLACE = ["outcome", "model", "municipality_code"]


def counted(truth: np.ndarray, outcomes=("FP",)) -> dict[str, pd.DataFrame]:
    """Return all tables as counted, of grants by outcome x municipality x atom, for two models.

    The same grants fall in three ages, round and round.
    """
    cells = pd.DataFrame(
        [
            (outcome, model, f"{101 + m}", *atom, int(truth[o, m, a]))
            for o, outcome in enumerate(outcomes)
            for model in ("pooled", "within")
            for m in range(truth.shape[1])
            for a, atom in enumerate(ATOMS)
        ],
        columns=[*PLACE, "diagnosis_group", "tenure_band", "observed"],
    )
    cells["age_band"] = [AGES[n % len(ATOMS) % len(AGES)] for n in range(len(cells))]
    for main, (fine, parts) in MAINS.items():
        cells[main] = cells[fine].map(parts)

    def added(*columns: str, places: tuple[str, ...] = tuple(PLACE)) -> pd.DataFrame:
        sums = cells.groupby([*places, *columns], sort=False)["observed"].sum().reset_index()
        return sums.assign(expected=3.0, ratio=sums["observed"] / 3, ratio_low=0.1, ratio_high=9.0)

    nation = ("outcome", "model")
    dimensions = ("diagnosis_group", "tenure_band", "age_band", *MAINS)
    levels, areas = (
        pd.concat(
            added(name, places=places).assign(dimension=name).rename(columns={name: "level"})
            for name in dimensions
        )
        for places in (tuple(PLACE), nation)
    )
    return {
        "breakdown": added("diagnosis_group", "tenure_band"),
        "breakdown_country": added("diagnosis_group", "tenure_band", places=nation),
        "breakdown_main": added("diagnosis_main", "tenure_main"),
        "breakdown_age": added("age_band"),
        "breakdown_age_country": added("age_band", places=nation),
        "practice_count": levels,
        "practice_area": areas.assign(area="Danmark"),
        "practice_region": pd.DataFrame(
            {"municipality_code": sorted(set(cells["municipality_code"])), "area": "Region"}
        ),
    }


def shown(truth: np.ndarray, outcomes=("FP",), threshold: int = 5) -> dict[str, pd.DataFrame]:
    return suppress_breakdowns(counted(truth, outcomes), MAINS, threshold=threshold)


def one(frame: pd.DataFrame, **wanted: str) -> pd.Series:
    """Return the one row of the model ``pooled`` with the values ``wanted``."""
    rows = frame[frame["model"] == "pooled"]
    for column, value in wanted.items():
        rows = rows[rows[column] == value]
    (row,) = rows.to_dict("records")
    return pd.Series(row)


def test_small_counts_are_withheld_with_everything_that_gives_them_back():
    truth = np.full((1, 4, 16), 20)
    truth[0, 0, 0] = 3
    breakdown = shown(truth)["breakdown"]
    cell = breakdown[
        (breakdown["municipality_code"] == "101")
        & (breakdown["diagnosis_group"] == "mental")
        & (breakdown["tenure_band"] == "none")
    ]
    assert len(cell) == 2
    assert cell["is_suppressed"].all()
    assert cell[["observed", "ratio", "ratio_low", "ratio_high"]].isna().all(axis=None)
    assert (cell["expected"] == 3.0).all()


def test_a_withheld_cell_takes_cells_with_it_and_no_margin():
    truth = np.full((1, 4, 16), 20)
    truth[0, 0, 0] = 3
    frames = shown(truth)
    cells = frames["breakdown"][frames["breakdown"]["model"] == "pooled"]
    hidden = cells["is_suppressed"].to_numpy().reshape(4, 4, 4)
    assert hidden[0, 0].sum() >= 2
    assert hidden[0, :, 0].sum() >= 2
    assert hidden[:, 0, 0].sum() >= 2
    for table in ("practice_count", "practice_area", "breakdown_country", "breakdown_age"):
        assert not frames[table]["is_suppressed"].any(), table


def test_a_cross_that_is_a_level_s_only_part_is_withheld_like_it():
    """Mental is a main diagnosis with one group: both tables count the same grants."""
    truth = np.full((1, 4, 16), 20)
    truth[0, 2, :4] = (0, 2, 0, 0)
    frames = shown(truth)
    for dimension in ("diagnosis_group", "diagnosis_main"):
        row = one(
            frames["practice_count"], municipality_code="103", dimension=dimension, level="mental"
        )
        assert row["is_suppressed"]
    mental = ATOMS.index(("mental", "up_to_1"))
    assert truth[0, 2, mental] == 2
    row = one(
        frames["breakdown_main"],
        municipality_code="103",
        diagnosis_main="mental",
        tenure_main="up_to_2",
    )
    assert row["is_suppressed"]


def test_no_country_level_is_shown_that_is_small_nor_hidden_that_is_not_needed():
    truth = np.full((1, 4, 16), 20)
    small = ATOMS.index(("nervous", "over_5"))
    truth[0, :, small] = (1, 1, 1, 0)
    frames = shown(truth)
    row = one(frames["breakdown_country"], diagnosis_group="nervous", tenure_band="over_5")
    assert row["is_suppressed"]
    country = frames["breakdown_country"][frames["breakdown_country"]["model"] == "pooled"]
    hidden = country["is_suppressed"].to_numpy().reshape(4, 4)
    assert hidden[2].sum() >= 2
    assert hidden[:, 3].sum() >= 2
    assert not frames["practice_area"]["is_suppressed"].any()


def test_nothing_is_withheld_when_every_count_may_be_shown():
    truth = np.full((1, 3, 16), 5)
    truth[0, 1, 4] = 0
    frames = shown(truth)
    assert not any(frame["is_suppressed"].any() for frame in frames.values())
    assert (
        frames["breakdown"]["observed"].tolist() == counted(truth)["breakdown"]["observed"].tolist()
    )


def test_models_that_disagree_on_counts_are_refused():
    frames = counted(np.full((1, 2, 16), 7))
    frames["breakdown"].loc[0, "observed"] = 8
    with pytest.raises(ValueError, match="models disagree"):
        suppress_breakdowns(frames, MAINS, threshold=5)


def test_a_country_that_is_not_the_sum_is_refused():
    frames = counted(np.full((1, 2, 16), 7))
    frames["breakdown_country"]["observed"] += 1
    with pytest.raises(ValueError, match="not the sum"):
        suppress_breakdowns(frames, MAINS, threshold=5)


def members(name: tuple[str, ...]) -> list[int]:
    """Return the atoms that the count ``name``, dimensions and levels in turn, adds up."""
    result = []
    for number, (group, band) in enumerate(ATOMS):
        level = {"diagnosis_group": group, "tenure_band": band}
        level |= {main: parts[level[fine]] for main, (fine, parts) in MAINS.items()}
        if all(level[of] == value for of, value in zip(name[::2], name[1::2], strict=True)):
            result.append(number)
    return result


def names_of(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    if "level" in frame:
        return list(zip(frame["dimension"], frame["level"], strict=True))
    columns = [name for name in (*MAINS, "diagnosis_group", "tenure_band") if name in frame]
    pairs = [part for name in columns for part in ([name] * len(frame), frame[name])]
    return list(zip(*pairs, strict=True))


def told(frames: dict[str, pd.DataFrame], truth: np.ndarray, outcomes) -> set[tuple]:
    """Return the counts of 1 to 4 that an integer programme tells from everything shown at once.

    Read from the tables as they are published, and what everybody knows: municipalities' totals,
    the country's levels (expected counts add up to them) and FJ <= ANY <= FP + FJ in every cell.
    """
    at = np.arange(truth.size).reshape(truth.shape)
    flat = truth.ravel()
    counts, asked = [], []
    for table in ("breakdown", "breakdown_main", "practice_count"):
        frame = frames[table][frames[table]["model"] == "pooled"]
        for name, outcome, code, n in zip(
            names_of(frame),
            frame["outcome"],
            frame["municipality_code"],
            frame["observed"],
            strict=True,
        ):
            if "age_band" in name:
                continue
            inside = at[outcomes.index(outcome), int(code) - 101, members(name)]
            key = (table, outcome, code, *name)
            is_small = 0 < flat[inside].sum() < 5
            assert not is_small or pd.isna(n), key
            low, high = (0, np.inf) if pd.isna(n) else (n, n)
            counts.append(Count(key, tuple(inside), low, high))
            asked += [key] if is_small else []
    frame = frames["breakdown_country"][frames["breakdown_country"]["model"] == "pooled"]
    for name, outcome, n in zip(names_of(frame), frame["outcome"], frame["observed"], strict=True):
        if pd.notna(n):
            inside = at[outcomes.index(outcome)][:, members(name)].ravel()
            counts.append(Count(("country", outcome, *name), tuple(inside), n, n))
    for o, outcome in enumerate(outcomes):
        for fine, levels in (("diagnosis_group", DIAGNOSES), ("tenure_band", TENURES)):
            for level in levels:
                inside = at[o][:, members((fine, level))].ravel()
                n = flat[inside].sum()
                counts.append(Count(("country", outcome, fine, level), tuple(inside), n, n))
        for m in range(truth.shape[1]):
            n = truth[o, m].sum()
            counts.append(Count(("total", outcome, m), tuple(at[o, m]), n, n))
    if len(outcomes) == 3:
        for fp, fj, either in at.reshape(3, -1).T:
            counts.append(Count(("FJ", either), (either,), 0, np.inf, less=(fj,)))
            counts.append(Count(("both", either), (fp, fj), 0, np.inf, less=(either,)))
    return determined(counts, asked, truth.size, flat)


def all_hidden(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    return {name: frame.assign(observed=pd.NA) for name, frame in frames.items()}


places = st.lists(st.integers(0, 12), min_size=16, max_size=16)


@settings(max_examples=6, deadline=None)
@example(
    [[0] * 16, [0] * 6 + [5] + [0] * 9, [0, 0, 0, 1, 4] + [0] * 11, [1, 0, 0, 4, 1] + [9] * 11]
)
@given(st.lists(places, min_size=3, max_size=5))
def test_no_withheld_small_count_can_be_solved_from_all_tables(table):
    truth = np.array([table])
    frames = shown(truth)
    assert told(frames, truth, ("FP",)) <= told(all_hidden(frames), truth, ("FP",))


@settings(max_examples=3, deadline=None)
@given(st.lists(places, min_size=3, max_size=4), st.integers(0, 2**32 - 1))
def test_no_small_count_of_any_outcome_can_be_solved_from_all_tables(table, seed):
    rng = np.random.default_rng(seed)
    fp = np.array(table)
    fj = rng.permutation(fp.ravel()).reshape(fp.shape) // rng.integers(1, 4)
    either = fp + fj - np.minimum(rng.binomial(fp, 0.2), fp)
    truth = np.stack([fp, fj, either])
    frames = shown(truth, OUTCOMES)
    assert told(frames, truth, OUTCOMES) <= told(all_hidden(frames), truth, OUTCOMES)


def test_the_attack_tells_counts_where_only_small_ones_are_withheld():
    truth = np.full((1, 4, 16), 20)
    truth[0, 0, 0] = 3
    frames = counted(truth)
    for table in ("breakdown", "breakdown_main", "practice_count"):
        observed = frames[table]["observed"].astype("Int64")
        frames[table]["observed"] = observed.mask(observed.between(1, 4))
    told_at = {key[2:] for key in told(frames, truth, ("FP",))}
    assert ("101", "diagnosis_group", "mental", "tenure_band", "none") in told_at


def test_few_grants_at_a_coefficient_level_are_not_shown_nor_left_to_subtraction():
    frame = pd.DataFrame(
        {
            "outcome": "FP",
            "model": "within",
            "term": ["sex"] * 2 + ["age_band"] * 4,
            "level": ["female", "male", "a", "b", "c", "d"],
            "n_events": [40, 24, 0, 4, 20, 40],
        }
    )
    shown_events = suppress_coefficients(frame, threshold=5)["n_events"]
    assert shown_events.isna().tolist() == [False, False, False, True, True, False]
