"""Attacks on a whole release: all its tables together, its real numbers, its successive nights.

The country is invented and small, so that most counts are: what is shown of it is made by the code
that makes a release. Every attack is also run where it must succeed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from attackers import Count, Guesser, determined, feasible, published_counts, tree
from fabricated_cells import (
    LEVELS,
    make_cells,
    make_conditions,
    make_municipalities,
    make_specification,
    spread,
)

from pipeline.disclosure import CellKey, ledger
from pipeline.disclosure.cell_key import MODULUS
from pipeline.model.national.protection import Protection, Unprotected
from pipeline.model.tables.benchmark import run_benchmark
from pipeline.model.tables.practice_frames import practice_frames, shown_counts

#: An attacker's best guess of a count of 1-4 is right no more often than this, for any count, and
#: than the second for all but a few in a thousand (docs/disclosure.md).
BOUND, USUAL_BOUND = 9 / 10, 2 / 3
GROUPS = ("mental", "musculoskeletal", "injury", "other")
MAINS = {
    "diagnosis_main": (
        "diagnosis_group",
        {"mental": "mental", "musculoskeletal": "musculoskeletal", "injury": "rest"}
        | {"other": "rest"},
    ),
    "tenure_main": ("tenure_band", {"none": "none", "short": "some", "long": "some"}),
}
OUTCOMES = ("FP", "FJ", "ANY")
CELL = ["municipality_code", "year", *LEVELS]


@dataclass(frozen=True)
class Country:
    """Cells and grants with record keys, as they come out of the registers."""

    cells: pd.DataFrame
    grants: pd.DataFrame


def make_country(seed: int = 1) -> Country:
    """Return 30 municipalities that grant from 1 to 60; ANY has those of FP and FJ."""
    rng = np.random.default_rng(seed)
    whole = make_cells(spread(30, 0.3), seed=seed, persons=900, base=-5.2)
    size = dict(
        zip(sorted(set(whole["municipality_code"])), np.geomspace(0.03, 1, 30), strict=True)
    )
    whole["n_persons"] = rng.binomial(
        whole["n_persons"], rng.permutation(list(size.values()))[_number(whole)]
    )
    cells, grants = [], []
    for outcome, share in (("FP", 0.025), ("FJ", 0.012)):
        own = whole.assign(outcome=outcome)
        tilt = own["tenure_band"].map({"none": 0.6, "short": 1.2, "long": 2.0}).to_numpy()
        own["n_events"] = rng.binomial(own["n_persons"] // 2, share * tilt)
        split = rng.multinomial(own["n_events"].to_numpy(), [0.45, 0.3, 0.08, 0.17])
        for number, group in enumerate(GROUPS):
            rows = own[split[:, number] > 0].assign(
                diagnosis_group=group, n_events=split[split[:, number] > 0, number]
            )
            keys = [int(rng.integers(0, MODULUS, n).sum()) for n in rows["n_events"]]
            grants.append(rows.assign(events_key=keys))
        cells.append(own)
    of_parts = pd.concat(grants, ignore_index=True).drop(columns="n_persons")
    of_parts = pd.concat([of_parts, of_parts.assign(outcome="ANY")], ignore_index=True)
    keys = ["outcome", *CELL]
    counted = of_parts.groupby(keys)[["n_events", "events_key"]].sum().reset_index()
    frames = [*cells, whole.assign(outcome="ANY")]
    of_all = pd.concat(frames, ignore_index=True).drop(columns="n_events")
    of_all = of_all[of_all["n_persons"] > 0].merge(counted, on=keys, how="left")
    of_all[["n_events", "events_key"]] = of_all[["n_events", "events_key"]].fillna(0).astype(int)
    of_all["persons_key"] = rng.integers(0, MODULUS, len(of_all))
    return Country(of_all, of_parts)


def _number(cells: pd.DataFrame) -> np.ndarray:
    return cells["municipality_code"].astype(int).to_numpy() - 100


def publish(
    country: Country,
    protection: Protection,
    models: tuple[str, ...] = ("within",),
    outcomes: tuple[str, ...] = OUTCOMES,
    *,
    has_practice: bool = False,
) -> dict[str, pd.DataFrame]:
    """Return the tables of a release of ``country``; estimates by level if asked for."""
    specification = make_specification(
        outcomes=outcomes,
        models=models,
        diagnosis_groups=GROUPS,
        main_levels=MAINS,
        protection=protection,
    )
    conditions = make_conditions(country.cells) if "conditions" in models else None
    made = run_benchmark(
        country.cells, country.grants, make_municipalities(country.cells), specification, conditions
    )
    frames = dict(made.frames)
    counts = shown_counts(frames.pop("practice_count"), protection)
    if not has_practice:
        return {**frames, "practice_profile": counts}
    rows = frames["benchmark"].drop_duplicates(["outcome", "model"])
    tau2 = {(o, m): t for o, m, t in rows[["outcome", "model", "tau2"]].to_numpy()}
    practice, _ = practice_frames(counts, tau2, 0.95, protection.transitions)
    return {**frames, **practice}


@pytest.fixture(scope="module")
def country() -> Country:
    return make_country()


class ByKey(CellKey):
    """What is shown is decided by the keys alone: the count itself is never looked at."""

    def shown(self, counts: np.ndarray, keys: np.ndarray) -> np.ndarray:
        shown = np.asarray(keys).astype(np.int64)
        return np.where((shown > 0) & (shown < self.smallest_shown), self.smallest_shown, shown)

    def is_hidden(self, expected, counts=None, *, is_first=False):
        return super().is_hidden(expected, is_first=is_first)


def test_no_published_number_depends_on_a_count_but_through_what_is_shown(country: Country) -> None:
    """Two countries with other counts that are shown alike: every number of the release is equal.

    So expected numbers, coefficients, errors, ranks, ratios and standards, to the last digit and of
    every model, give an attacker nothing that the shown counts do not.
    """
    rng = np.random.default_rng(5)
    one = Country(
        country.cells.assign(
            events_key=country.cells["n_events"], persons_key=country.cells["n_persons"]
        ),
        country.grants.assign(events_key=country.grants["n_events"]),
    )
    more = one.grants[one.grants["outcome"] != "ANY"]
    more = more.assign(n_events=more["n_events"] + rng.integers(0, 2, len(more)))
    grants = pd.concat([more, more.assign(outcome="ANY")], ignore_index=True)
    keys = ["outcome", *CELL]
    counted = grants.groupby(keys)["n_events"].sum().reset_index()
    cells = one.cells.drop(columns="n_events").merge(counted, on=keys, how="left")
    cells["n_events"] = cells["n_events"].fillna(0).astype(int)
    assert (cells["n_events"] > cells["events_key"]).sum() > 100
    kept = cells["n_events"] <= cells["n_persons"]
    assert kept.all()
    other = Country(cells[one.cells.columns], grants[one.grants.columns])
    models = ("pooled", "within", "conditions", "no_health")
    first, second = (
        publish(made, ByKey(), models, ("FP", "ANY"), has_practice=True) for made in (one, other)
    )
    assert set(first) == set(second)
    for table, frame in first.items():
        pd.testing.assert_frame_equal(frame, second[table], check_exact=True, obj=table)


def test_the_same_countries_differ_where_counts_are_not_protected(country: Country) -> None:
    changed = country.cells.copy()
    row = changed.index[(changed["outcome"] == "FP") & (changed["n_events"] == 0)][0]
    changed.loc[row, "n_events"] = 1
    other = Country(changed, country.grants)
    first, second = (publish(made, Unprotected(), outcomes=("FP",)) for made in (country, other))
    assert not first["benchmark"].equals(second["benchmark"])


def guesses(frames: dict[str, pd.DataFrame], method: CellKey, country: Country) -> pd.DataFrame:
    """Return the best guess of every count of a release, its chance, and whether it is right."""
    rows = []
    for outcome in frames["benchmark"]["outcome"].unique():
        counts = published_counts(frames, outcome)
        truth = true_counts(country, outcome)
        for code, of_place in counts.items():
            root = tree(of_place, MAINS)
            root.is_exact = method.has_exact_totals
            guesser = Guesser(method, root.shown + 14)
            for name, chances in guesser.chances(root).items():
                guess = 1 + int(np.argmax(chances[1:5]))
                is_right = truth[code].get(name, 0) == guess
                rows.append((outcome, code, *name[:1], chances[guess], is_right))
    return pd.DataFrame(rows, columns=["outcome", "code", "of", "chance", "is_right"])


def true_counts(country: Country, outcome: str) -> dict[str, dict[tuple, int]]:
    """Return every published count of each municipality as it is, by name; zeros left out."""
    grants = country.grants[country.grants["outcome"] == outcome]
    for main, (fine, parts) in MAINS.items():
        grants = grants.assign(**{main: grants[fine].map(parts)})
    result: dict[str, dict[tuple, int]] = {}
    one_way = ("diagnosis_group", "diagnosis_main", "tenure_band", "tenure_main", "age_band")
    for name, columns in (
        ("total", []),
        *((dimension, [dimension]) for dimension in one_way),
        ("year", ["year"]),
        ("breakdown", ["diagnosis_group", "tenure_band"]),
        ("breakdown_main", ["diagnosis_main", "tenure_main"]),
    ):
        sums = grants.groupby(["municipality_code", *columns])["n_events"].sum()
        for key, n in sums.items():
            code, *levels = key if isinstance(key, tuple) else (key,)
            result.setdefault(code, {})[(name, *levels)] = int(n)
    return {code: result.get(code, {}) for code in sorted(set(country.cells["municipality_code"]))}


@pytest.fixture(scope="module")
def release(country: Country) -> dict[str, pd.DataFrame]:
    return publish(country, CellKey())


def test_no_small_count_is_guessed_more_often_than_the_bound(country, release) -> None:
    chances = guesses(release, CellKey(), country)
    assert len(chances) > 2_000
    assert chances["chance"].max() <= BOUND, chances.nlargest(5, "chance")
    assert (chances["chance"] > USUAL_BOUND).mean() < 0.005


def test_the_guesser_s_chances_are_true(country, release) -> None:
    """What it claims to know it does know: else the bound would say nothing."""
    chances = guesses(release, CellKey(), country)
    for low, high in ((0.1, 0.2), (0.2, 0.3), (0.3, 0.45), (0.45, 0.75)):
        part = chances[chances["chance"].between(low, high)]
        assert len(part) > 20
        assert part["is_right"].mean() == pytest.approx(
            part["chance"].mean(), abs=0.03 + 3 * np.sqrt(0.25 / len(part))
        )


#: Routes and pathways to a grant, which split the same grants again: shares of their levels. Two
#: typings of pathways put nearly everybody in the same type.
FURTHER = {
    "last_benefit": (0.3, 0.25, 0.2, 0.15, 0.06, 0.04),
    "sickness_duration": (0.6, 0.25, 0.15),
    "ever_rehabilitation": (0.8, 0.2),
    "ever_resource_programme": (0.9, 0.1),
    "pathway clusters": (0.35, 0.25, 0.2, 0.12, 0.08),
    "pathway rules": (0.35, 0.25, 0.2, 0.12, 0.08),
}


def with_further(grants: pd.DataFrame) -> pd.DataFrame:
    """Return ``grants`` with a column for each of :data:`FURTHER`; who is in ANY has that of FP."""
    rng = np.random.default_rng(8)
    parts = grants[grants["outcome"] != "ANY"].reset_index(drop=True)
    for name, shares in FURTHER.items():
        parts[name] = rng.choice(len(shares), len(parts), p=shares)
    stays = rng.random(len(parts)) < 0.9
    parts["pathway rules"] = parts["pathway rules"].where(~stays, parts["pathway clusters"])
    return pd.concat([parts, parts.assign(outcome="ANY")], ignore_index=True)


def test_routes_and_pathways_with_all_the_rest_leave_the_bound_as_it_is(country, release) -> None:
    """Six more splits of each municipality's grants, each with noise of its own."""
    method, grants, rows = CellKey(), with_further(country.grants), []
    for outcome in ("FP",):
        own = grants[grants["outcome"] == outcome]
        truth = true_counts(country, outcome)
        for code, counts in published_counts(release, outcome).items():
            here = own[own["municipality_code"] == code]
            for name, shares in FURTHER.items():
                for level, share in enumerate(shares):
                    part = here[here[name] == level]
                    expected = share * counts[("total",)][1]
                    n = int(part["n_events"].sum())
                    shown = int(method.shown(np.array(n), np.array(part["events_key"].sum())))
                    is_hidden = bool(method.is_hidden(np.array(expected)))
                    counts[name, str(level)] = None if is_hidden else shown, expected
                    truth[code][name, str(level)] = n
            root = tree(counts, MAINS)
            for name, chances in Guesser(method, root.shown + 14).chances(root).items():
                guess = 1 + int(np.argmax(chances[1:5]))
                rows.append((name[0], chances[guess], truth[code].get(name, 0) == guess))
    told = pd.DataFrame(rows, columns=["of", "chance", "is_right"])
    assert set(FURTHER) < set(told["of"])
    assert told["chance"].max() <= BOUND, told.nlargest(5, "chance")
    assert (told["chance"] > USUAL_BOUND).mean() < 0.005
    likely = told[told["chance"].between(0.35, 0.75)]
    assert likely["is_right"].mean() == pytest.approx(
        likely["chance"].mean(), abs=3 * np.sqrt(0.25 / len(likely))
    )


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(CellKey(smallest_expected_part=0.02), id="cells where nobody is expected"),
        pytest.param(CellKey(has_exact_totals=True), id="exact totals"),
    ],
)
def test_the_guess_passes_the_bound_in_broken_variants(country, broken) -> None:
    chances = guesses(publish(country, broken, outcomes=("FP",)), broken, country)
    assert chances["chance"].max() > BOUND


def counts_to_solve(
    country: Country, frames: dict[str, pd.DataFrame], method: CellKey | None, code: str
) -> tuple[list[Count], list[tuple], np.ndarray]:
    """Return all published counts of a municipality, the small ones' names, and the unknowns.

    The unknowns are grants by diagnosis, tenure, age and year of FP and of FJ, and those of ANY,
    which has each of FP or FJ at most once. The country's sums, with the other municipalities as
    they are, are among what is published. Without a ``method`` every count is shown as it is.
    """
    cells = [
        (outcome, year, age, band, group)
        for outcome in OUTCOMES
        for year in (2006, 2007)
        for age in LEVELS["age_band"]
        for band in LEVELS["tenure_band"]
        for group in GROUPS
    ]
    number = {cell: n for n, cell in enumerate(cells)}
    own = country.grants[country.grants["municipality_code"] == code]
    truth = np.zeros(len(cells))
    columns = ["outcome", "year", "age_band", "tenure_band", "diagnosis_group", "n_events"]
    for *cell, n in own[columns].to_numpy():
        truth[number[tuple(cell)]] += n
    counts, small = [], []
    for outcome in OUTCOMES:
        whole = true_counts(country, outcome)
        published = published_counts(frames, outcome, with_country=True)
        for place in (code, ""):
            for name, (shown, _) in published[place].items():
                inside = tuple(number[cell] for cell in cells if is_in(cell, outcome, name))
                n = round(truth[list(inside)].sum())
                others = sum(of.get(name, 0) for of in whole.values()) - n if place == "" else 0
                if method is None:
                    low = high = n + others
                elif place == "" and shown is None:
                    low, high = 0, 4
                else:
                    low, high = feasible(method, shown, n + others + 60)
                counts.append(
                    Count((place, outcome, *name), inside, max(low - others, 0), high - others)
                )
                if place == code and 1 <= n <= 4:
                    small.append((place, outcome, *name))
    for cell in cells:
        # FJ <= ANY <= FP + FJ, in every cell.
        if cell[0] == "ANY":
            fp, fj = (number[(part, *cell[1:])] for part in ("FP", "FJ"))
            whole = number[cell]
            counts.append(Count(("a part", *cell), (whole,), 0, np.inf, less=(fj,)))
            counts.append(Count(("the parts", *cell), (fp, fj), 0, np.inf, less=(whole,)))
    return counts, small, truth


def is_in(cell: tuple, outcome: str, name: tuple) -> bool:
    """Return whether the grants of ``cell`` are counted in the published count ``name``."""
    of, year, age, band, group = cell
    main, tenure = MAINS["diagnosis_main"][1][group], MAINS["tenure_main"][1][band]
    levels = {
        "total": (),
        "year": (year,),
        "age_band": (age,),
        "diagnosis_group": (group,),
        "diagnosis_main": (main,),
        "tenure_band": (band,),
        "tenure_main": (tenure,),
        "breakdown": (group, band),
        "breakdown_main": (main, tenure),
    }[name[0]]
    return of == outcome and levels == name[1:]


@pytest.mark.parametrize("code", ["100", "107", "119", "128"])
def test_no_small_count_is_determined_by_all_tables_together(country, release, code) -> None:
    counts, small, truth = counts_to_solve(country, release, CellKey(), code)
    assert small
    assert not determined(counts, small, len(truth), truth)


def test_every_small_count_is_determined_without_protection(country) -> None:
    frames = publish(country, Unprotected())
    counts, small, truth = counts_to_solve(country, frames, None, "119")
    assert determined(counts, small, len(truth), truth) == set(small)


LEVELS_OF_NIGHT = ("diagnosis_group", "tenure_band", "age_band")


def shown_night(grants: pd.DataFrame, method: CellKey) -> dict[tuple, int]:
    """Return every count shown of a night's grants, municipality by each of three levels."""
    shown = {}
    for level in LEVELS_OF_NIGHT:
        sums = grants.groupby(["municipality_code", level])[["n_events", "events_key"]].sum()
        values = method.shown(sums["n_events"].to_numpy(), sums["events_key"].to_numpy())
        shown |= {(level, *key): n for key, n in zip(sums.index, values, strict=True)}
    return shown


def record_told(before: dict[tuple, int], after: dict[tuple, int]) -> tuple[str, ...]:
    """Return the attacker's guess of who was added: the place and levels of what has changed."""
    places = sorted(set(before) | set(after))
    moved = [place for place in places if before.get(place, 0) != after.get(place, 0)]
    if not moved:
        return ("", "", "", "")
    code = moved[0][1]
    levels = {place[0]: place[2] for place in moved if place[1] == code}
    return (code, *(levels.get(level, "") for level in LEVELS_OF_NIGHT))


@pytest.mark.parametrize("has_gate", [True, False])
def test_one_late_decision_a_night_is_told_without_the_gate_alone(country, has_gate) -> None:
    """Five nights, each with a decision more; the attacker says where and with which levels."""
    method, n_right, n_levels_right, n_nights = CellKey(), 0, 0, 0
    columns = ["municipality_code", "year", *LEVELS_OF_NIGHT]
    for seed in range(4):
        rng = np.random.default_rng(seed)
        grants = country.grants.query("outcome == 'FP'")[[*columns, "n_events", "events_key"]]
        published = [grants]
        for _ in range(5):
            late = grants.sample(1, random_state=int(rng.integers(10**6))).assign(
                n_events=1, events_key=int(rng.integers(0, MODULUS))
            )
            night = pd.concat([published[-1], late], ignore_index=True)
            last = published[-1]
            if not (has_gate and is_refused(published, night)):
                published.append(night)
            told = record_told(shown_night(last, method), shown_night(published[-1], method))
            true = tuple(late[["municipality_code", *LEVELS_OF_NIGHT]].iloc[0])
            n_nights += 1
            n_right += told[0] == true[0]
            n_levels_right += sum(a == b for a, b in zip(told[1:], true[1:], strict=True))
    if has_gate:
        assert n_right == 0
        assert n_levels_right == 0
    else:
        assert n_right > 0.8 * n_nights
        assert n_levels_right > 0.4 * 3 * n_nights


def is_refused(published: list[pd.DataFrame], night: pd.DataFrame) -> bool:
    """Return whether the gate holds ``night`` back, as it would single persons out."""

    def entry(grants: pd.DataFrame) -> pd.DataFrame:
        return ledger.entry({"FP grants": (grants, "n_events", "events_key")})

    before = {str(number): entry(grants) for number, grants in enumerate(published)}
    return bool(ledger.refusals(before, entry(night), smallest=5, batch=500, least=2.0))
