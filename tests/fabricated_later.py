"""Fabricated result tables of the later parts of the method, beside ``fabricated_release``."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from fabricated_activity import fabricate_activity
from fabricated_change import fabricate_change
from fabricated_courses import fabricate_courses
from fabricated_followups import fabricate_cases, fabricate_followups
from fabricated_lives import expected_of, life_cells
from fabricated_subgroups import fabricate_subgroups
from fabricated_years import fabricate_years
from planted_initiatives import panel_rows
from planted_states import planted_states

from pipeline.benchmarks.grid import SENSITIVITY
from pipeline.codes import NAMES, code_list, code_rows, region_codes
from pipeline.codes.attributes import Attribute, merging
from pipeline.codes.prices import SHIPPED, read_prices
from pipeline.descriptives.municipality import municipality_table
from pipeline.disclosure import CellKey
from pipeline.initiatives.declaration import Initiative
from pipeline.model.followups.attributes import attribute_frame
from pipeline.model.followups.choices import specification_frame, with_choices
from pipeline.model.followups.displacement import displacement_frames
from pipeline.model.followups.grant_cost import grant_cost, price_frame, what_if_cost
from pipeline.model.followups.prior import prior_frames
from pipeline.model.followups.what_if import what_if_frame
from pipeline.model.initiatives.frames import initiative_frames
from pipeline.model.lives.later_state import later_state_frame
from pipeline.model.lives.life_risk import life_risk_frame
from pipeline.model.tables.unobserved_frames import unobserved_frame

YEARS = (2006, 2007)
HISTORY = tuple(range(1998, 2008))
THRESHOLD = 5
_WITHHELD = (
    *("observed", "ratio", "ratio_low", "ratio_high"),
    *("observed_share", "observed_share_low", "observed_share_high"),
)
_OF_MUNICIPALITY = ["outcome", "model", "municipality_code"]


def fabricate_later(benchmark: pd.DataFrame, rng: np.random.Generator) -> dict[str, pd.DataFrame]:
    """Return plausible frames, without run_id, that go with the fabricated ``benchmark``.

    Every breakdown adds up to ``benchmark`` before its counts of 1 to 4 are withheld (primary
    suppression only: no figure here is about anybody).
    """
    within = benchmark[benchmark["model"] == "within"]
    by_year = split(benchmark, "year", YEARS, rng)
    sensitivity = _sensitivity(within, rng)
    conditions = _framework_condition(within, rng)
    made = {
        "framework_condition": conditions,
        "municipality": municipality_table(sorted(set(benchmark["municipality_code"])), conditions),
        "second_stage": _second_stage(rng),
        "unobserved": unobserved_frame(benchmark, 0.95),
        "validity": _validity(within),
        "overlap": _overlap(within),
        "forecast": _forecast(within),
        "mover": _mover(within),
        **prior_frames(within.assign(noise_sd=0.0), 0.95, 1, draws=1),
        **displacement_frames(within, ("FP", "FJ"), 0.95),
        **fabricate_change(within, np.random.default_rng(7)),
        "decomposition": _decomposition(within, rng),
        "development": _withheld(by_year),
        "development_country": added(by_year, "year"),
        "grant_history": _grant_history(within, rng),
        "sensitivity": sensitivity,
        "case_processing": _case_processing(within, rng),
        "completeness": _completeness(within, rng),
        "calibration": _calibration(),
        "life_risk": _life_risk(),
        **fabricate_subgroups(within, CellKey()),
        **_initiatives(),
        **fabricate_years(within),
        "later_state": _later_state(within),
        "activity": fabricate_activity(sorted(set(within["municipality_code"]))),
        **fabricate_courses(np.random.default_rng(5)),
        **fabricate_followups(within, np.random.default_rng(len(within))),
    }
    made["what_if"] = what_if_frame(
        benchmark.assign(noise_sd=0.0), made["temporary"], len(YEARS), 0.95, 1, draws=200
    )
    made["municipal_attribute"] = _attributes(within, conditions)
    made["sensitivity"] = with_choices({**made, "benchmark": benchmark}, SENSITIVITY, 0.95)
    made["sensitivity_summary"] = _summary(made["sensitivity"])
    made["sensitivity_specification"] = specification_frame(made["sensitivity"], 98)
    return {**made, **_costs(made), **fabricate_cases(made, benchmark)}


def _attributes(within: pd.DataFrame, conditions: pd.DataFrame) -> pd.DataFrame:
    """Return what a number and groups that an office supplied go with: the first with practice."""
    fp = within[within["outcome"] == "FP"].set_index("municipality_code")["practice_effect"]
    case_load = {
        str(code): 40 - 30 * float(effect) + at % 7 for at, (code, effect) in enumerate(fp.items())
    }
    decides = {code: "board" if at % 3 else "manager" for at, code in enumerate(case_load)}
    supplied = (
        merging(),
        Attribute("case_load", case_load, is_number=True),
        Attribute("decides", decides, is_number=False),
    )
    return attribute_frame(within, conditions, supplied, 0.95)


def _costs(made: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the costs of the fabricated ``what_if`` by the price list that ships."""
    prices = read_prices(SHIPPED)
    costs = grant_cost(made["grant_state"], prices)
    return {
        "benefit_price": price_frame(prices),
        "grant_cost": costs,
        "what_if_cost": what_if_cost(made["what_if"], costs),
    }


def _life_risk() -> pd.DataFrame:
    """Return life tables of invented persons, counts with noise."""
    cells = life_cells(np.random.default_rng(23), 60.0, 0.3)
    regions = region_codes()
    return life_risk_frame(cells, expected_of(cells), regions, (18, 64), CellKey(), 0.95)


def _initiatives() -> dict[str, pd.DataFrame]:
    """Return an initiative of one municipality that cannot tell and one of two with a fall."""
    codes = [row["municipality_code"] for row in code_rows("municipality")]
    rng = np.random.default_rng(31)
    persons = {code: int(np.exp(rng.normal(9, 0.7))) for code in codes}
    persons["101"] = persons["751"] = 40_000
    title = {"da": "Forsøg med tidlig indsats", "en": "Trial of early measures"}
    alone = Initiative(
        name="alone",
        title=title,
        adopters=[{"municipality": "376", "starts": "2006-01-01", "participants": 123}],
        outcomes=("benefit_weeks", "FP"),
    )
    several = Initiative(
        name="several",
        title={"da": "Forsøg i to kommuner", "en": "Trial in two municipalities"},
        adopters=[
            {"municipality": "101", "starts": "2006-01-01"},
            {"municipality": "751", "starts": "2006-07-01"},
        ],
        outcomes=("benefit_weeks", "FJ"),
    )
    rows = panel_rows(persons, range(2001, 2011), rng, {"101": 0.3, "751": 0.3})
    return initiative_frames([(alone, rows), (several, rows)], CellKey(), 0.95, 1)


def _later_state(within: pd.DataFrame) -> pd.DataFrame:
    """Return states after one and two years of a cohort of which a fifth of places grant few."""
    codes = tuple(sorted(set(within["municipality_code"])))
    made = [planted_states(seed, "waiting", 0.5, 2000.0) for seed in (1, 2)]
    counts = {
        years: replace(of, municipality_codes=codes) for years, (of, *_) in enumerate(made, start=1)
    }
    _, granted, expected, _ = made[-1]
    return later_state_frame(counts, granted, expected, CellKey(), 0.95, 1)


def _calibration() -> pd.DataFrame:
    """Return figures of every kind: inside, outside, of other years and not to be compared."""
    rows = [
        ("persons_2007", "persons", 5447084.0, 5400000.0, 5338000.0, 5556000.0, "inside"),
        ("over_64_2007", "share", 0.153, 0.171, 0.146, 0.160, "outside"),
        ("parents_on_fp", "ratio", 1.0, 1.98, 0.8, None, "inside"),
        ("municipality_shares_2007", "share", 0.0, 0.012, -0.028, 0.028, "inside"),
        ("unheard_of", "per 1,000", 30.0, 31.2, 24.0, 36.0, "inside"),
        ("fp_2023", "grants", 21400.0, None, None, None, "other_years"),
        ("guldborgsund_persons", "persons", 123.0, None, None, None, "not_compared"),
        ("fp_2009", "grants", 17000.0, None, None, None, "not_measured"),
    ]
    names = ["figure", "unit", "target", "generated", "allowed_low", "allowed_high", "verdict"]
    frame = pd.DataFrame(rows, columns=names)
    return frame.assign(
        figure_order=range(1, len(frame) + 1),
        label=frame["figure"],
        tolerance=0.02,
        source="Statistics Denmark",
        note=["", "", "A note.", "", "Of no text.", "", "A trial.", ""],
    )


def _conditions() -> list[str]:
    if "framework_condition" not in NAMES:
        return ["area_unemployment_share", "population_density"]
    return list(code_list("framework_condition")["condition"])


def _with_ratio(frame: pd.DataFrame) -> pd.DataFrame:
    half = 1.96 * np.sqrt(frame["observed"] + 0.5)
    return frame.assign(
        ratio=frame["observed"] / frame["expected"],
        ratio_low=np.maximum(frame["observed"] + 1 - half, 0) / frame["expected"],
        ratio_high=(frame["observed"] + 2 + half) / frame["expected"],
        is_suppressed=False,
    )


def _withheld(frame: pd.DataFrame) -> pd.DataFrame:
    hidden = frame["observed"].between(1, THRESHOLD - 1)
    columns = [name for name in _WITHHELD if name in frame]
    shown = frame.assign(is_suppressed=hidden)
    shown[columns] = shown[columns].astype(object).where(~hidden, None)
    return shown


def split(
    benchmark: pd.DataFrame, name: str, levels: tuple[object, ...], rng: np.random.Generator
) -> pd.DataFrame:
    """Return each row of ``benchmark`` split by ``levels`` of ``name``, as counted."""
    share = rng.dirichlet(np.full(len(levels), 20.0))
    first = benchmark.drop_duplicates(["outcome", "municipality_code"])
    counts = rng.multinomial(first["observed"], share)
    keys = zip(first["outcome"], first["municipality_code"], strict=True)
    drawn = dict(zip(keys, counts, strict=True))
    rows = zip(benchmark["outcome"], benchmark["municipality_code"], strict=True)
    frame = benchmark.loc[benchmark.index.repeat(len(levels)), _OF_MUNICIPALITY]
    return _with_ratio(
        frame.assign(
            **{name: np.tile(np.array(levels), len(benchmark))},
            n_at_risk=np.outer(benchmark["n_at_risk"], share).round().astype(int).ravel(),
            observed=np.concatenate([drawn[row] for row in rows]),
            expected=np.outer(benchmark["expected"], share).ravel(),
        ).reset_index(drop=True)
    )


def added(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the country's sums of ``frame`` by ``name``."""
    sums = frame.groupby(["outcome", "model", name], sort=False)[
        ["n_at_risk", "observed", "expected"]
    ].sum()
    return _with_ratio(sums.reset_index())


def _framework_condition(within: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    codes = sorted(set(within["municipality_code"]))
    parts = []
    for condition in _conditions():
        z = rng.normal(size=len(codes))
        is_share = condition.endswith("share")
        centre, spread = (0.09, 0.02) if is_share else (180.0, 60.0)
        parts.append(
            pd.DataFrame(
                {
                    "municipality_code": codes,
                    "condition": condition,
                    "value": np.maximum(centre + spread * z, 0.1 * centre),
                    "country_value": centre,
                    "standardised": z,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def _validity(within: pd.DataFrame) -> pd.DataFrame:
    """Return crossings of which the first two depart."""
    rng = np.random.default_rng(11)
    crossings = [
        *(("municipality", name) for name in ("year", "age_band", "risk_tenth")),
        ("age_band", "sex"),
        ("country", "risk_tenth"),
    ]
    outcomes = list(dict.fromkeys(within["outcome"]))
    frame = pd.DataFrame(
        [(outcome, "within", *crossing) for outcome in outcomes for crossing in crossings],
        columns=["outcome", "model", "across", "dimension"],
    )
    departs = np.tile([True, True, False, True, False], len(outcomes))
    sd = np.where(departs, rng.uniform(0.05, 0.2, len(frame)), 0.0)
    return frame.assign(
        n_cells=rng.integers(10, 400, len(frame)),
        degrees_of_freedom=rng.uniform(8, 300, len(frame)),
        chi2_per_df=np.where(departs, 1.8, 0.97),
        p_value=np.where(departs, 0.0004, 0.61),
        q_value=np.where(departs, 0.002, 0.7),
        sd=sd,
        sd_low=sd * 0.7,
        sd_high=sd * 1.4 + 0.03,
    )


def _overlap(within: pd.DataFrame) -> pd.DataFrame:
    """Return shares of which a few are low."""
    rng = np.random.default_rng(17)
    frame = within[["outcome", "model", "municipality_code"]].reset_index(drop=True)
    share = np.where(rng.random(len(frame)) < 0.05, 0.7, rng.uniform(0.85, 0.99, len(frame)))
    return frame.assign(overlap_share=share, rare_share=rng.uniform(0.02, 0.3, len(frame)))


def _forecast(within: pd.DataFrame) -> pd.DataFrame:
    """Return slopes of which the first says that practice fades, the others that it may last."""
    outcomes = list(dict.fromkeys(within["outcome"]))
    slope = np.array([0.6, 0.95, 1.02])[: len(outcomes)]
    return pd.DataFrame({"outcome": outcomes, "model": "within"}).assign(
        year=YEARS[-1],
        n_municipalities=within["municipality_code"].nunique(),
        slope=slope,
        slope_low=slope - 0.2,
        slope_high=slope + 0.2,
    )


def _mover(within: pd.DataFrame) -> pd.DataFrame:
    """Return slopes of which the first says practice, the second health, the last nothing."""
    outcomes = list(dict.fromkeys(within["outcome"]))
    n = len(outcomes)
    to, came_from = np.array([0.95, 0.7, 0.4])[:n], np.array([0.02, 0.35, 0.5])[:n]
    reach = np.array([0.2, 0.2, 0.9])[:n]
    return pd.DataFrame({"outcome": outcomes, "model": "within"}).assign(
        expected=321.5,
        destination_slope=to,
        destination_slope_low=to - reach,
        destination_slope_high=to + reach,
        origin_slope=came_from,
        origin_slope_low=came_from - reach,
        origin_slope_high=came_from + reach,
    )


def _second_stage(rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for outcome in ("FP", "FJ", "ANY"):
        for method in ("REML", "DL", "PM"):
            for term in ("constant", *_conditions(), "tau2"):
                estimate = 0.03 if term == "tau2" else float(rng.normal(0, 0.05))
                se = None if term == "tau2" else 0.03
                reach = 0.012 if term == "tau2" else 0.06
                rows.append(
                    {
                        **{"outcome": outcome, "method": method, "term": term},
                        **{"estimate": estimate, "se": se},
                        **{"low": estimate - reach, "high": estimate + reach},
                    }
                )
    return pd.DataFrame(rows)


def _decomposition(within: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    sums = within.groupby("outcome")[["observed", "n_at_risk"]].sum()
    for row in within.to_dict("records"):
        country = sums.loc[row["outcome"], "observed"] / sums.loc[row["outcome"], "n_at_risk"]
        total = row["observed"] / row["n_at_risk"] - country
        conditions = float(rng.normal(0, 0.0004))
        composition = row["expected"] / row["n_at_risk"] - country - conditions
        parts = {
            "composition": composition,
            "framework_conditions": conditions,
            "practice": total - composition - conditions,
            "total": total,
        }
        for component, share in parts.items():
            rows.append(
                {
                    **{name: row[name] for name in ("outcome", "municipality_code")},
                    **{"component": component, "difference_share": share},
                    **{"low": share - 0.001, "high": share + 0.001},
                    "difference_grants": share * row["n_at_risk"],
                }
            )
    return pd.DataFrame(rows)


def _grant_history(within: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n = len(HISTORY)
    frame = within.loc[within.index.repeat(n), ["outcome", "municipality_code"]].assign(
        year=np.tile(HISTORY, len(within)),
        residents=np.repeat(within["n_at_risk"].to_numpy() // 2 + 10, n),
        observed=rng.poisson(np.repeat(within["expected"].to_numpy() / 2, n)),
    )
    half = 2 * np.sqrt(frame["observed"] + 1)
    return _withheld(
        frame.assign(
            observed_share=frame["observed"] / frame["residents"],
            observed_share_low=np.maximum(frame["observed"] - half, 0) / frame["residents"],
            observed_share_high=(frame["observed"] + half) / frame["residents"],
        )
    )


def _sensitivity(within: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    specifications = ["base", "pooled", "conditions", "no_health", "decision_municipality"]
    specifications += [*(f"year_{year}" for year in YEARS), "age_18_39", "age_40_64"]
    specifications += ["without_movers"]
    parts = []
    for name in specifications:
        for outcome, group in within.groupby("outcome", sort=False):
            shift = 0 if name == "base" else rng.normal(0, 0.06, len(group))
            effect = group["practice_effect"] + shift
            parts.append(
                pd.DataFrame(
                    {
                        **{"specification": name, "outcome": outcome},
                        "municipality_code": group["municipality_code"],
                        "practice_effect": effect,
                        "practice_effect_se": group["practice_effect_se"],
                        "rank": effect.fillna(-9).rank(method="min").astype(int),
                        "is_suppressed": False,
                    }
                )
            )
    return pd.concat(parts, ignore_index=True)


def _summary(sensitivity: pd.DataFrame) -> pd.DataFrame:
    grouped = sensitivity.assign(
        is_lowest=sensitivity["rank"] <= 19, is_highest=sensitivity["rank"] > 79
    ).groupby(["outcome", "municipality_code"], sort=False)
    return grouped.agg(
        n_specifications=("rank", "size"),
        rank_lowest=("rank", "min"),
        rank_highest=("rank", "max"),
        share_lowest_quintile=("is_lowest", "mean"),
        share_highest_quintile=("is_highest", "mean"),
    ).reset_index()


def _case_processing(within: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for row in within[within["outcome"] != "ANY"].to_dict("records"):
        refusals = int(rng.poisson(row["observed"] * 0.4))
        hidden = bool(row["observed"] < THRESHOLD or 0 < refusals < THRESHOLD)
        days = float(rng.integers(90, 240))
        per = row["observed"] / refusals if refusals else None
        figures = {
            **{"n_decisions": row["observed"] + refusals, "median_days": days},
            **{"median_low": days - 20, "median_high": days + 25},
            **{"n_grants": row["observed"], "n_refusals": refusals},
            "grants_per_refusal": per,
            "grants_per_refusal_low": per * 0.7 if per else None,
            "grants_per_refusal_high": per * 1.4 if per else None,
            **{"mental_share": 0.4, "mental_share_low": 0.3, "mental_share_high": 0.5},
        }
        if hidden:
            figures = dict.fromkeys(figures)
        rows.append(
            {
                **{name: row[name] for name in ("outcome", "municipality_code")},
                **figures,
                "is_suppressed": hidden,
            }
        )
    return pd.DataFrame(rows)


def _completeness(within: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    rows = []
    for row in within[within["outcome"] == "FP"].to_dict("records"):
        for year in YEARS:
            silent = row["municipality_name"] == "Hillerød" and year == 2007
            dream = int(rng.integers(20, 200))
            coverage = 0.0 if silent else float(rng.uniform(0.93, 1.0))
            rows.append(
                {
                    **{"municipality_code": row["municipality_code"], "year": year},
                    **{"n_register": round(coverage * dream), "n_dream": dream},
                    **{"coverage": coverage, "coverage_low": max(coverage - 0.1, 0.0)},
                    **{"coverage_high": min(coverage + 0.05, 1.0), "is_reported": not silent},
                    "is_in_quarantine": False,
                    "first_unreported_month": 1 if silent else None,
                    "last_unreported_month": 12 if silent else None,
                    "is_suppressed": False,
                }
            )
    return pd.DataFrame(rows)
