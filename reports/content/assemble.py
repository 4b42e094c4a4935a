"""From result tables to the content object; selection and adding up, no new statistics."""

from __future__ import annotations

import math
from collections.abc import Hashable
from statistics import NormalDist
from typing import Any

import pandas as pd

from pipeline.codes import code_list
from reports.content import breakdown, findings
from reports.content.changes import changes_from
from reports.content.content import (
    COUNTERFACTUAL_METHODS,
    LOWEST_K,
    MAIN_MODEL,
    MAIN_OUTCOME,
    MODEL_ORDER,
    OUTCOME_ORDER,
    Content,
    Counterfactual,
    MunicipalityResult,
    View,
)
from reports.content.courses import courses_from
from reports.content.followups.figures import followups_from
from reports.content.municipalities import places_from
from reports.content.read import EarlierTables, ResultTables
from reports.content.rows import (
    CalibrationRow,
    Coefficient,
    Forecast,
    FunnelLimit,
    Mover,
    Overlap,
    Prior,
    QualityRow,
    RecoveryRow,
    RegisterQuality,
    SecondStage,
    Unobserved,
    Validity,
)
from reports.content.run import Question, choices_from, run_from, settings_from
from reports.content.slices import levels_from, middle_cases, shown_country, slices_from
from reports.content.values import in_order, real, rows_of, stands_out, summed, text, whole
from reports.language.formatting import danish_order

#: Unknown statuses count as remarks, never as in order.
_SEVERITY = {"stop": 0, "warn": 1, "ok": 2}
Row = dict[Hashable, Any]


def content_from(
    tables: ResultTables,
    earlier: EarlierTables | None = None,
    questions: tuple[Question, ...] = (),
) -> Content:
    """Return the content of the report, compared with an ``earlier`` release.

    ``questions`` are all that the release answers, where it answers several.

    Unknown outcomes and models are kept, after ours.
    """
    standards = (findings.lowest_k(str(name)) for name in tables.counterfactual["standard"])
    k = next((size for size in standards if size), LOWEST_K)
    settings = settings_from(tables.setting)
    outcomes = in_order(tables.benchmark["outcome"], OUTCOME_ORDER)
    choices = choices_from(settings, tuple(outcomes))
    run = run_from(tables.run)
    views = _views(tables, k, NormalDist().inv_cdf((1 + choices.level) / 2), run.years)
    main = next((v for v in views if (v.outcome, v.model) == (MAIN_OUTCOME, MAIN_MODEL)), views[0])
    counterfactuals = _counterfactuals(tables.counterfactual, views)
    country = tables.breakdown_country[tables.breakdown_country["model"] == main.model]
    cells, main_cells = tables.breakdown, tables.breakdown_main
    axes, main_axes = breakdown.axes(cells), breakdown.main_axes(main_cells)
    levels = levels_from(tables)
    quality = _quality(tables.data_quality)
    places = places_from(tables, main.rows, choices.level)
    return Content(
        run=run,
        main=main,
        views=views,
        findings=findings.findings_from(main, counterfactuals, tables),
        counterfactuals=counterfactuals,
        national=breakdown.national_tables(country, levels, views, main.model, axes),
        municipal=(
            *breakdown.cell_tables(cells, axes),
            *breakdown.cell_tables(_of_country(tables.breakdown_country), axes),
        ),
        axes=axes,
        municipal_main=breakdown.cell_tables(main_cells, main_axes),
        main_axes=main_axes,
        quality=quality,
        registers=_registers(quality),
        recovery=rows_of(RecoveryRow, tables.recovery),
        coefficients=_coefficients(tables.coefficient),
        choices=choices,
        settings=settings,
        lowest_k=k,
        regions=tuple(sorted({row.region for row in main.rows if row.region}, key=danish_order)),
        places=places,
        years=slices_from(tables.development, "year")
        + slices_from(tables.development_country, "year"),
        ages=slices_from(tables.breakdown_age, "age_band")
        + slices_from(tables.breakdown_age_country, "age_band"),
        shown_country=shown_country(places),
        middle_cases=middle_cases(places),
        changes=changes_from(earlier, run, settings, main),
        second_stage=rows_of(SecondStage, tables.second_stage),
        calibration=rows_of(CalibrationRow, tables.calibration),
        funnel=rows_of(FunnelLimit, tables.funnel),
        unobserved=rows_of(Unobserved, tables.unobserved),
        validity=rows_of(Validity, tables.validity),
        overlaps=rows_of(Overlap, tables.overlap),
        forecasts=rows_of(Forecast, tables.forecast),
        movers=rows_of(Mover, tables.mover),
        priors=rows_of(Prior, tables.prior),
        levels=levels,
        courses=courses_from(tables),
        followups=followups_from(tables),
        questions=questions,
    )


def _of_country(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(municipality_code="")


def _views(tables: ResultTables, k: int, z: float, years: tuple[int, ...]) -> tuple[View, ...]:
    keys = ["outcome", "model", "municipality_code"]
    joined = tables.benchmark.merge(
        tables.ranking.drop(columns="run_id"), on=keys, how="left", validate="one_to_one"
    )
    places = code_list("municipality")
    regions = dict(zip(places["municipality_code"], places["region_name"], strict=True))
    names = sorted(set(joined["municipality_name"]), key=danish_order)
    alphabetical = {name: position for position, name in enumerate(names)}
    views = []
    for outcome in in_order(joined["outcome"], OUTCOME_ORDER):
        for model in in_order(joined["model"], MODEL_ORDER):
            ranking_rows = joined[(joined["outcome"] == outcome) & (joined["model"] == model)]
            if ranking_rows.empty:
                continue
            rows = [
                _municipality(row, regions, alphabetical, z)
                for row in ranking_rows.to_dict("records")
            ]
            rows.sort(key=lambda r: (r.rank is None, r.rank or 0, r.alphabetical))
            views.append(
                View(
                    outcome=outcome,
                    model=model,
                    rows=tuple(rows),
                    n_at_risk=sum(row.n_at_risk for row in rows),
                    own_count=_own_count(tables.development_country, outcome, model, years),
                    expected=math.fsum(row.expected for row in rows),
                    sureness=findings.sureness(tuple(rows), k),
                )
            )
    return tuple(views)


def _own_count(
    country: pd.DataFrame, outcome: str, model: str, years: tuple[int, ...]
) -> tuple[int, float] | None:
    """Return the country's count over the years at risk and its noise; None if a year lacks it."""
    if country.empty:
        return None
    rows = country[(country["outcome"] == outcome) & (country["model"] == model)]
    known = rows[~rows["is_suppressed"].astype(bool)].dropna(subset=["observed"])
    if not years or sorted(known["year"]) != sorted(years):
        return None
    return summed(known)


def _municipality(
    row: Row, regions: dict[str, str], alphabetical: dict[str, int], z: float
) -> MunicipalityResult:
    effect, error = real(row["practice_effect"]), real(row["practice_effect_se"])
    shrunk = real(row["practice_effect_shrunk"])
    known = effect is not None and error is not None
    reach = z * error if error is not None else 0.0
    code, name = str(row["municipality_code"]), str(row["municipality_name"])
    return MunicipalityResult(
        code=code,
        name=name,
        region=regions.get(code),
        alphabetical=alphabetical[name],
        n_at_risk=int(row["n_at_risk"]),
        observed=int(row["observed"]),
        expected=float(row["expected"]),
        difference=float(row["difference"]),
        ratio=float(row["ratio"]),
        ratio_low=real(row["ratio_low"]),
        ratio_high=real(row["ratio_high"]),
        odds=None if effect is None else math.exp(effect),
        odds_low=math.exp(effect - reach) if known and effect is not None else None,
        odds_high=math.exp(effect + reach) if known and effect is not None else None,
        odds_shrunk=None if shrunk is None else math.exp(shrunk),
        reliability=real(row["reliability"]),
        noise_sd=real(row.get("noise_sd")),
        flag_95=text(row["flag_95"]),
        flag_998=text(row["flag_998"]),
        flag_overdispersed=text(row["flag_overdispersed"]),
        coverage=float(row["coverage"]),
        rank=whole(row["rank"]),
        rank_low=whole(row["rank_low"]),
        rank_high=whole(row["rank_high"]),
        rank_low_simultaneous=whole(row["rank_low_simultaneous"]),
        rank_high_simultaneous=whole(row["rank_high_simultaneous"]),
        rank_posterior=_pair(row, "rank_posterior"),
        rank_posterior_half=_pair(row, "rank_posterior_half"),
        grade=whole(row["grade"]),
        p_fifths=_fifths(row),
        stands_out=stands_out(text(row["flag_overdispersed"]), text(row.get("flag_discovery"))),
    )


def _pair(row: Row, name: str) -> tuple[int, int] | None:
    low, high = whole(row[f"{name}_low"]), whole(row[f"{name}_high"])
    return None if low is None or high is None else (low, high)


def _fifths(row: Row) -> tuple[float, ...] | None:
    shares = [real(row.get(f"p_quintile_{fifth}")) for fifth in range(1, 6)]
    known = tuple(share for share in shares if share is not None)
    return known if len(known) == len(shares) else None


def _counterfactuals(frame: pd.DataFrame, views: tuple[View, ...]) -> tuple[Counterfactual, ...]:
    observed = {(view.outcome, view.model): view.observed_of_rows for view in views}
    rows = [
        Counterfactual(
            outcome=str(row["outcome"]),
            model=str(row["model"]),
            method=str(row["method"]),
            standard=str(row["standard"]),
            fewer=float(row["fewer_grants"]),
            low=real(row["fewer_low"]),
            high=real(row["fewer_high"]),
            share=float(row["fewer_share"]),
            observed=observed.get((str(row["outcome"]), str(row["model"])), 0),
        )
        for row in frame.to_dict("records")
        if real(row["fewer_grants"]) is not None
    ]
    place = {name: position for position, name in enumerate(COUNTERFACTUAL_METHODS)}
    return tuple(sorted(rows, key=lambda row: place.get(row.method, len(place))))


def _quality(frame: pd.DataFrame) -> tuple[QualityRow, ...]:
    rows = rows_of(QualityRow, frame)
    return tuple(sorted(rows, key=lambda row: _SEVERITY.get(row.status, 1)))


def _registers(quality: tuple[QualityRow, ...]) -> tuple[RegisterQuality, ...]:
    """Return one row per register; several checks look at the same rows, so the most counts.

    A quarantined row may fail several checks: the largest count stands for the register too.
    """
    return tuple(
        RegisterQuality(
            register=register,
            n_checks=len(rows),
            n_rows=max(row.n_rows for row in rows),
            n_quarantined=max(row.n_quarantined for row in rows),
            status=min((row.status for row in rows), key=lambda name: _SEVERITY.get(name, 1)),
        )
        for register in sorted({row.register for row in quality})
        if (rows := [row for row in quality if row.register == register])
    )


def _coefficients(frame: pd.DataFrame) -> tuple[tuple[str, tuple[Coefficient, ...]], ...]:
    listed = frame[~frame["term"].str.startswith("municipality")]
    factors = code_list("factor")
    places = {
        (str(term), str(level)): position
        for position, (term, level) in enumerate(
            zip(factors["factor"], factors["level"], strict=True)
        )
    }
    tables = []
    for outcome in in_order(listed["outcome"], OUTCOME_ORDER):
        rows = []
        for (term, level), group in listed[listed["outcome"] == outcome].groupby(["term", "level"]):
            estimates = tuple(
                (str(row["model"]), float(row["estimate"]), real(row["se"]))
                for row in group.to_dict("records")
            )
            events = whole(group["n_events"].max())
            rows.append(Coefficient(str(term), str(level), events, estimates))
        rows.sort(key=lambda r: (places.get((r.term, r.level), -1), r.term, r.level))
        tables.append((outcome, tuple(rows)))
    return tuple(tables)
