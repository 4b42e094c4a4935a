"""A fabricated release: plausible result tables without the pipeline, for tests of the report."""

from __future__ import annotations

import math
from datetime import datetime
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
from fabricated_later import added, fabricate_later, split
from fabricated_levels import level_frames, published_levels
from scipy.stats import norm
from shared import copy_of, once

from pipeline.benchmarks.declaration import ORDINARY
from pipeline.catalogue import catalogue, columns
from pipeline.codes import (
    code_list,
    diagnosis_groups,
    factor_levels,
    main_levels,
    reference_levels,
)
from pipeline.disclosure import suppress_breakdowns
from pipeline.model.tables.ranking_frames import funnel_frame
from pipeline.settings import Settings
from pipeline.warehouse.database.connection import transaction
from reports.content.read import ResultTables

SQL = Path(__file__).parent.parent / "sql" / "result"
RUN_ID = "20261122T020000-fabricated"
HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)> & \"quote\""
SEED = 7
#: What real extracts have not.
_REAL = (
    "UPDATE result.run SET is_synthetic = false, scale = NULL",
    "DELETE FROM result.recovery",
    "DELETE FROM result.calibration",
)
RATES = {"FP": 0.0061, "FJ": 0.0049, "ANY": 0.0108}


def with_tables(tables: ResultTables, **frames: pd.DataFrame) -> ResultTables:
    """Return ``tables`` with ``frames`` in place of those of their names."""
    return ResultTables({**tables.frames, **frames})


def fabricate(
    path: Path,
    *,
    is_synthetic: bool = True,
    bare: bool = False,
    main_only: bool = False,
    disclosure_control: bool = True,
    later: bool = True,
) -> Path:
    """Write a release to ``path``; ``bare`` leaves every nullable number NULL and tables empty.

    ``main_only`` keeps the outcome ANY under the model within, which is quicker to draw; without
    ``later`` the release has not even the tables of later parts of the method. Each kind is made
    once in a run of the tests and copied.
    """
    name = f"release-{main_only}-{disclosure_control}.duckdb"
    copy_of(name, path, partial(_write, main_only=main_only, is_protected=disclosure_control))
    with duckdb.connect(str(path)) as connection:
        there = connection.sql("SELECT table_name FROM duckdb_tables()").fetchall()
        optional = [table for (table,) in there if catalogue()[table].is_optional]
        changes = [*(() if is_synthetic else _REAL), *(_bare(optional) if bare else ())]
        changes += [] if later else [f"DROP TABLE result.{table}" for table in optional]
        for change in changes:
            connection.execute(change)
    return path


def _write(path: Path, *, main_only: bool, is_protected: bool) -> None:
    rng = np.random.default_rng(SEED)
    benchmark, ranking = _benchmark(rng)
    later_frames = pd.read_pickle(once("later.pickle", partial(_write_later, benchmark)))
    if main_only:
        benchmark = benchmark.query("outcome == 'ANY' and model == 'within'")
    settings = Settings.model_construct(disclosure_method="suppress" if is_protected else "none")
    told = pd.DataFrame(settings.published())
    told.loc[told["setting"] == "baseline_years", "value"] = "[2003, 2004]"
    frames = {
        "run": _run(),
        "benchmark": benchmark,
        "ranking": ranking,
        "counterfactual": _counterfactual(benchmark),
        "coefficient": _coefficient(rng),
        "data_quality": _data_quality(),
        "recovery": _recovery(),
        "setting": told,
        "funnel": funnel_frame(benchmark["expected"].to_numpy(float)),
        **later_frames,
        **_broken_down(benchmark, 5 if is_protected else 1),
    }
    if main_only:
        for name, frame in frames.items():
            if "outcome" in frame and name not in ("coefficient", "recovery"):
                frames[name] = frames[name].query("outcome == 'ANY'")
            if "model" in frame and name not in ("coefficient", "recovery"):
                frames[name] = frames[name].query("model == 'within'")
    with duckdb.connect(str(path)) as connection, transaction(connection):
        connection.execute("CREATE SCHEMA result")
        for name in catalogue():
            declaration = SQL / f"{name}.sql"
            if name not in frames or not declaration.exists():
                continue
            connection.execute(declaration.read_text(encoding="utf-8"))
            frame = frames[name].assign(run_id=RUN_ID)
            connection.register("frame", frame)
            connection.execute(f"INSERT INTO result.{name} BY NAME SELECT * FROM frame")
            connection.unregister("frame")


def _write_later(benchmark: pd.DataFrame, path: Path) -> None:
    pd.to_pickle(fabricate_later(benchmark, np.random.default_rng(SEED + 1)), path)


def _run() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "started_at": [datetime(2026, 11, 22, 1, 0, 3)],
            "finished_at": [datetime(2026, 11, 22, 1, 4, 41)],
            "run_order": [1],
            "benchmark": ["akf_2006_2007"],
            "years": ["2006, 2007"],
            "window": ["akf_2006_2007"],
            "scale": [0.1],
            "seed": [1],
            "is_synthetic": [True],
            "input_hash": ["9f2c" * 16],
            "settings_hash": ["51ab" * 16],
            "code_version": ["0.1.0+d521c83"],
            "status": ["published"],
            "settings": ["{}"],
        }
    )


def _benchmark(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    places = code_list("municipality")
    population = places["population_2007"].astype(int).to_numpy()
    at_risk = np.maximum((population * 0.1 * 0.6 * 2).round(), 60).astype(int)
    burden = np.exp(rng.normal(0, 0.25, len(places)))
    rows, ranks = [], []
    for outcome, rate in RATES.items():
        practice = rng.normal(0, 0.17, len(places))
        raw = at_risk * rate * burden
        drawn = rng.poisson(raw * np.exp(practice))
        if outcome != "ANY":
            drawn[places["municipality_name"] == "Læsø"] = 0
        for model, shift in (("pooled", 0.04), ("within", 0.0), ("conditions", 0.03)):
            expected = raw * np.exp(rng.normal(0, shift, len(places)))
            expected *= drawn.sum() / expected.sum()
            frame, rank = _one(outcome, model, places, at_risk, drawn, expected)
            rows.append(frame)
            ranks.append(rank)
    return pd.concat(rows, ignore_index=True), pd.concat(ranks, ignore_index=True)


def _one(
    outcome: str,
    model: str,
    places: pd.DataFrame,
    at_risk: np.ndarray,
    observed: np.ndarray,
    expected: np.ndarray,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    with np.errstate(divide="ignore"):
        effect = np.where(observed > 0, np.log(observed / expected), np.nan)
    error = np.where(observed > 0, 1 / np.sqrt(expected), np.nan)
    tau2 = 0.17**2
    reliability = tau2 / (tau2 + 1 / expected)
    shrunk, shrunk_error = np.nan_to_num(effect) * reliability, np.sqrt(tau2 * (1 - reliability))
    z = (observed - expected) / np.sqrt(expected)

    def flag(limit: float) -> np.ndarray:
        return np.where(z > limit, "high", np.where(z < -limit, "low", "within"))

    half = np.sqrt(observed + 0.5)
    frame = pd.DataFrame(
        {
            "outcome": outcome,
            "model": model,
            "municipality_code": places["municipality_code"].astype(str),
            "municipality_name": places["municipality_name"].astype(str),
            "n_at_risk": at_risk,
            "observed": observed,
            "expected": expected,
            "difference": observed - expected,
            "observed_share": observed / at_risk,
            "expected_share": expected / at_risk,
            "difference_share": (observed - expected) / at_risk,
            "ratio": observed / expected,
            "ratio_low": np.maximum(observed + 1 - 1.96 * half, 0) / expected,
            "ratio_high": (observed + 2 + 1.96 * half) / expected,
            "practice_effect": effect,
            "practice_effect_se": error,
            "practice_effect_shrunk": shrunk,
            "practice_effect_shrunk_se": shrunk_error,
            "practice_effect_shrunk_low": shrunk - 1.96 * shrunk_error,
            "practice_effect_shrunk_high": shrunk + 1.96 * shrunk_error,
            "tau2": tau2,
            "tau2_low": tau2 / 2,
            "tau2_high": 2 * tau2,
            "direct_rate": RATES[outcome] * np.exp(np.nan_to_num(effect)),
            "reliability": reliability,
            "p_value": [math.erfc(abs(value) / math.sqrt(2)) for value in z],
            "flag_95": flag(1.96),
            "flag_998": flag(3.09),
            "flag_overdispersed": flag(1.96 * 1.35),
            "q_value": [math.erfc(abs(value) / 1.3 / math.sqrt(2)) for value in z],
            "flag_discovery": flag(1.96 * 1.3),
            "coverage": np.where(places["municipality_name"] == "Hillerød", 0.5, 1.0),
        }
    )
    order = np.argsort(np.argsort(np.nan_to_num(effect, nan=-9.0), kind="stable")) + 1
    width = np.clip((60 / np.sqrt(np.maximum(expected, 1)) * 2.2).round(), 4, 50).astype(int)
    rank = frame[["outcome", "model", "municipality_code"]].assign(
        rank=order,
        rank_low=np.maximum(order - width, 1),
        rank_high=np.minimum(order + width, 98),
        rank_low_simultaneous=np.maximum(order - 2 * width - 5, 1),
        rank_high_simultaneous=np.minimum(order + 2 * width + 5, 98),
        rank_posterior_low=np.maximum(order - width, 1),
        rank_posterior_high=np.minimum(order + width, 98),
        rank_posterior_half_low=np.maximum(order - width // 3, 1),
        rank_posterior_half_high=np.minimum(order + width // 3, 98),
        grade=1 + (order > 20) + (order > 80),
        **_fifths(order, width),
    )
    return frame, rank


def _fifths(order: np.ndarray, width: np.ndarray) -> dict[str, np.ndarray]:
    """Return the probability of each fifth: the place in the order, normal with half its width."""
    bounds = np.linspace(0.5, len(order) + 0.5, 6)[1:-1]
    below = norm.cdf((bounds - order[:, None]) / (width[:, None] / 2))
    shares = np.diff(below, axis=1, prepend=0, append=1)
    return {f"p_quintile_{fifth + 1}": shares[:, fifth] for fifth in range(5)}


def _broken_down(benchmark: pd.DataFrame, threshold: int) -> dict[str, pd.DataFrame]:
    """Return the tables of levels and cells as they are shown; nobody attacks them here."""
    cells, country = _breakdown(benchmark, np.random.default_rng(SEED))
    ages = factor_levels()["age_band"]
    by_age = split(benchmark, "age_band", ages, np.random.default_rng(SEED))
    frames = {
        "breakdown": cells,
        "breakdown_country": country,
        "breakdown_age": by_age,
        "breakdown_age_country": added(by_age, "age_band"),
        **level_frames(cells, by_age),
    }
    counted = {
        name: frame.drop(columns="is_suppressed", errors="ignore") for name, frame in frames.items()
    }
    shown = suppress_breakdowns(counted, main_levels(), threshold=threshold, is_attacked=False)
    published = {name: frame for name, frame in shown.items() if not name.startswith("practice")}
    return {**published, **published_levels(shown)}


def _breakdown(
    benchmark: pd.DataFrame, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    groups, tenures = diagnosis_groups(), factor_levels()["tenure_band"]
    by_group = np.array([0.40, 0.22, 0.07, 0.06, 0.05, 0.06, 0.03, 0.03, 0.04, 0.04])
    share = np.outer(by_group, np.array([0.52, 0.14, 0.10, 0.14, 0.10])).ravel()
    share[groups.index("congenital") * len(tenures) :] *= np.tile([1.0, 1, 1, 1, 0.002], 2)
    share /= share.sum()
    first = benchmark.drop_duplicates(["outcome", "municipality_code"])
    pairs = zip(first["outcome"], first["municipality_code"], strict=True)
    drawn = dict(zip(pairs, rng.multinomial(first["observed"], share), strict=True))
    rows = zip(benchmark["outcome"], benchmark["municipality_code"], strict=True)
    of_row = ["outcome", "model", "municipality_code"]
    inside = benchmark.loc[benchmark.index.repeat(len(share)), of_row].assign(
        diagnosis_group=np.tile(np.repeat(groups, len(tenures)), len(benchmark)),
        tenure_band=np.tile(tenures, len(groups) * len(benchmark)),
        observed=np.concatenate([drawn[row] for row in rows]),
        expected=np.outer(benchmark["expected"], share).ravel(),
    )
    inside = inside.reset_index(drop=True)
    keys = ["outcome", "model", "diagnosis_group", "tenure_band"]
    country = inside.groupby(keys, sort=False)[["observed", "expected"]].sum().reset_index()
    return _with_ratio(inside), _with_ratio(country)


def _with_ratio(cells: pd.DataFrame) -> pd.DataFrame:
    reach = 1.96 * np.sqrt(cells["observed"] + 0.5)
    return cells.assign(
        ratio=cells["observed"] / cells["expected"],
        ratio_low=np.maximum(cells["observed"] + 1 - reach, 0) / cells["expected"],
        ratio_high=(cells["observed"] + 2 + reach) / cells["expected"],
    )


def _counterfactual(benchmark: pd.DataFrame) -> pd.DataFrame:
    rows = []
    for (outcome, model), group in benchmark.groupby(["outcome", "model"]):
        total = group["observed"].sum()
        for method, share, reach in (
            ("naive", 0.441, 0.03),
            ("empirical_bayes", 0.243, 0.06),
            ("split_year", 0.262, 0.09),
            ("conditional", 0.251, 0.11),
            ("hybrid", 0.25, 0.1),
        ):
            rows.append(
                {
                    "outcome": outcome,
                    "model": model,
                    "method": method,
                    "standard": "lowest_10",
                    "municipality_codes": ",".join(group["municipality_code"].head(10)),
                    "fewer_grants": share * total,
                    "fewer_low": (share - reach) * total,
                    "fewer_high": (share + reach) * total,
                    "fewer_share": share,
                }
            )
    return pd.DataFrame(rows)


def _coefficient(rng: np.random.Generator) -> pd.DataFrame:
    reference, rows = reference_levels(), []
    for outcome in RATES:
        for model in ("pooled", "within"):
            levels = [("intercept", "")]
            levels += [(term, level) for term in ORDINARY for level in factor_levels()[term]]
            for term, level in levels:
                is_reference = reference.get(term) == level
                estimate = -6.1 if term == "intercept" else rng.normal(0.2, 0.6)
                rows.append(
                    {
                        "outcome": outcome,
                        "model": model,
                        "term": term,
                        "level": level,
                        "estimate": 0.0 if is_reference else estimate,
                        "se": None if is_reference else abs(rng.normal(0.08, 0.02)),
                        "n_events": int(rng.integers(40, 4000)),
                    }
                )
    return pd.DataFrame(rows)


def _data_quality() -> pd.DataFrame:
    rows = [
        ("bef", "loaded", 3_801_244, 0, "ok", ""),
        (
            "udda",
            "loaded",
            3_622_018,
            12,
            "warn",
            "12 failing rows (one row per education code) in 911,204 rows",
        ),
        ("dream", "loaded", 402_331, 0, "ok", ""),
        ("dream", "weeks_without_gap", 522, 0, "ok", "1998-W01 to 2007-W52"),
        ("lpr_adm", "loaded", 911_204, 3, "warn", HOSTILE),
        ("lmdb", "loaded", 5_204_911, 0, "ok", ""),
        ("sssy", "loaded", 8_412_118, 0, "ok", ""),
        (
            "ankestyrelsen",
            "loaded",
            9_118,
            1,
            "warn",
            "1 failing rows (one row per decision) in 9,405 rows",
        ),
        (
            "model",
            "expected_equals_observed",
            6,
            0,
            "ok",
            "ANY within: 7150 observed as shown, relative gap 3.0e-12",
        ),
        (
            "model",
            "breakdown_additive",
            588,
            0,
            "ok",
            "ANY within: observed off by at most 0 grants, expected by 2.0e-09 relative",
        ),
    ]
    columns = ["register", "check", "n_rows", "n_quarantined", "status", "detail"]
    return pd.DataFrame(rows, columns=columns).assign(severity="warn", n_failing=0)


def _recovery() -> pd.DataFrame:
    measures = {
        "rank_correlation": (0.71, 1.0),
        "coverage_95": (0.939, 0.95),
        "rank_set_coverage": (0.969, 0.95),
        "effect_rmse": (0.118, 0.0),
        "counterfactual_error_naive": (0.441, 0.26),
        "counterfactual_error_empirical_bayes": (0.243, 0.26),
    }
    rows = [
        {"outcome": outcome, "model": model, "measure": measure, "value": value, "truth": truth}
        for outcome in RATES
        for model in ("pooled", "within")
        for measure, (value, truth) in measures.items()
    ]
    return pd.DataFrame(rows)


def _bare(optional: list[str]) -> list[str]:
    """Return the statements that leave no nullable number and no row of most tables."""
    nullable = [
        *(["ratio_low", "ratio_high", "practice_effect", "practice_effect_se"]),
        *(["practice_effect_shrunk", "direct_rate", "reliability", "p_value"]),
        *(["flag_95", "flag_998", "flag_overdispersed", "q_value", "flag_discovery"]),
        *(["tau2", "tau2_low", "tau2_high"]),
    ]
    limits = [name for name in columns("ranking") if name.startswith("rank_") or name == "grade"]
    emptied = ("breakdown", "breakdown_country", "counterfactual", "coefficient", "data_quality")
    return [
        f"UPDATE result.benchmark SET {' = NULL, '.join(nullable)} = NULL",
        f"UPDATE result.ranking SET {' = NULL, '.join(limits)} = NULL",
        *(f"DELETE FROM result.{name}" for name in (*emptied, "recovery", *optional)),
    ]
