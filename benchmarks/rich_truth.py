"""Coverage of practice effects where the truth has all 22 factors of ``ministry``.

    python -m benchmarks.rich_truth [--seeds 50] [--persons 3000] [--own 0.25]

Person-years are drawn without registers: municipalities differ in two latent traits (health and
attachment to work), factors are cut from those traits and from one of their own, the log odds are
additive in the levels of all 22 plus a practice per municipality. With ``--own`` municipalities
also differ in each factor for itself, beyond the traits that all share. Every seed is fitted with
all 22 and with the eleven of the default benchmark that are among them. A practice effect is a
municipality's log odds against the mean of the country's persons. What a specification leaves out
is told as the spread between municipalities of the log odds that its factors do not carry in
passing: the mean residual of the others' log odds on its levels. Nothing here is about anybody.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from scipy.stats import norm, spearmanr

from pipeline.benchmarks.declaration import ORDINARY
from pipeline.codes import code_list
from pipeline.model.logit.factor_logit import fit_factor_logit
from pipeline.model.logit.factor_packing import Factor
from pipeline.model.logit.factor_rows import RowBlock
from pipeline.settings import read_settings

UNIT = "municipality"
EVENT_SHARE = 0.02
#: Standard deviations over municipalities: of practice, and of the mean of each latent trait.
PRACTICE_SD, TRAIT_SD = 0.2, 0.25
_WEIGHT_SEED = 20_061


@dataclass(frozen=True)
class Plan:
    """Factors with their levels, how each leans on the traits, and the weight of its last level."""

    levels: dict[str, tuple[str, ...]]
    loading: np.ndarray
    weight: np.ndarray


def make_plan() -> Plan:
    """Return the 22 factors of ``ministry``; weights and loadings are the same for every seed."""
    levels = read_settings(benchmark="ministry").question.levels()
    rng = np.random.default_rng(_WEIGHT_SEED)
    loading = rng.uniform(0.1, 0.6, (len(levels), 2))
    return Plan(levels, loading, rng.uniform(0.2, 0.9, len(levels)))


def draw(
    plan: Plan, n_persons: int, seed: int, own_sd: float = 0.0
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the rows of ``seed`` by name (events last) and the (M,) practice behind them.

    ``own_sd`` is the spread between municipalities of what is a factor's own, in its own standard
    deviations.
    """
    rng = np.random.default_rng([_WEIGHT_SEED, seed])
    n_units = len(code_list("municipality"))
    size = rng.dirichlet(np.full(n_units, 4.0)) * n_units * n_persons
    unit = np.repeat(np.arange(n_units), np.maximum(size.astype(int), n_persons // 2))
    practice = rng.normal(0, PRACTICE_SD, n_units)
    mean = rng.normal(0, TRAIT_SD, (n_units, 2))
    traits = mean[unit] + rng.normal(size=(unit.size, 2))
    # Drawn whatever their size, so that a seed has the same persons under each.
    own_mean = own_sd * np.random.default_rng([_WEIGHT_SEED, seed, 1]).normal(
        size=(n_units, len(plan.levels))
    )
    rows: dict[str, np.ndarray] = {UNIT: unit}
    log_odds = practice[unit]
    for number, (name, known) in enumerate(plan.levels.items()):
        own = np.sqrt(1 - (plan.loading[number] ** 2).sum())
        of_own = own_mean[unit, number] + rng.normal(size=unit.size)
        trait = traits @ plan.loading[number] + own * of_own
        cuts = np.linspace(-0.3, 1.5, len(known) + 1)[1:-1]
        level = np.searchsorted(cuts, trait)
        log_odds = log_odds + _weight_of(plan, number, level)
        rows[name] = level
    low, high = -20.0, 5.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        low, high = (
            (middle, high) if expit(log_odds + middle).mean() < EVENT_SHARE else (low, middle)
        )
    rows["event"] = (rng.random(unit.size) < expit(log_odds + low)).astype(np.int64)
    return rows, practice


def _weight_of(plan: Plan, number: int, level: np.ndarray) -> np.ndarray:
    """Return (n,) log odds that levels of the factor of this number carry."""
    n_levels = len(list(plan.levels.values())[number])
    return plan.weight[number] * level / (n_levels - 1)


def left_out(plan: Plan, rows: dict[str, np.ndarray], names: tuple[str, ...]) -> float:
    """Return the spread between municipalities of what ``names`` do not carry, log odds."""
    others = np.zeros(rows[UNIT].size)
    for number, name in enumerate(plan.levels):
        if name not in names:
            others = others + _weight_of(plan, number, rows[name])
    dummies = [rows[name] == level for name in names for level in range(1, len(plan.levels[name]))]
    x = np.column_stack([np.ones(others.size), *dummies])
    residual = others - x @ np.linalg.solve(x.T @ x, x.T @ others)
    n = np.bincount(rows[UNIT])
    mean = np.bincount(rows[UNIT], residual) / n
    # Less what chance makes of the persons' own residuals.
    chance = residual.var() * (1 / n).mean()
    return float(np.sqrt(max(0.0, mean.var() - chance)))


def effects(
    plan: Plan, rows: dict[str, np.ndarray], names: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the (M,) practice effects fitted on the factors ``names``, and standard errors.

    Missing where nobody is granted.
    """
    codes = tuple(code_list("municipality")["municipality_code"])
    factors = [Factor(UNIT, codes)]
    factors += [Factor(name, plan.levels[name], plan.levels[name][0]) for name in names]
    block = RowBlock([rows[factor.name] for factor in factors], rows["event"])
    fit = fit_factor_logit([block], factors)
    # A municipality without grants has no effect of its own.
    place = {level: at for at, (term, level) in enumerate(fit.design.columns) if term == UNIT}
    kept = [number for number, code in enumerate(codes) if code in place]
    at = [place[codes[number]] for number in kept]
    share = np.bincount(rows[UNIT], minlength=len(codes))[kept].astype(float)
    contrast = np.eye(len(kept)) - share[None, :] / share.sum()
    covariance = contrast @ fit.covariance[np.ix_(at, at)] @ contrast.T
    estimate = np.full((2, len(codes)), np.nan)
    estimate[0, kept] = contrast @ fit.coefficients[at]
    estimate[1, kept] = np.sqrt(np.diag(covariance))
    return estimate[0], estimate[1]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--seeds", type=int, default=50)
    options.add_argument("--persons", type=int, default=3_000)
    options.add_argument("--own", type=float, default=0.0)
    asked = options.parse_args()
    plan = make_plan()
    # Of sickness benefit `ministry` has the weeks of all years in place of those of the last.
    of_default = tuple(name for name in plan.levels if name in (*ORDINARY, "sickness_history_band"))
    specifications = {
        f"all {len(plan.levels)}": tuple(plan.levels),
        f"the {len(of_default)} of the default": of_default,
        "age and sex": ("age_band", "sex"),
    }
    scores: dict[str, list[tuple[float, ...]]] = {s: [] for s in specifications}
    limit = norm.ppf(0.975)
    for seed in range(asked.seeds):
        rows, practice = draw(plan, asked.persons, seed, asked.own)
        share = np.bincount(rows[UNIT]) / rows[UNIT].size
        truth = practice - share @ practice
        for said, names in specifications.items():
            estimate, se = effects(plan, rows, names)
            is_known = ~np.isnan(se)
            error, se = (estimate - truth)[is_known], se[is_known]
            scores[said].append(
                (
                    float((np.abs(error) <= limit * se).mean()),
                    float(np.sqrt((error**2).mean())),
                    float(np.sqrt((se**2).mean())),
                    float(spearmanr(estimate[is_known], truth[is_known]).statistic),
                    left_out(plan, rows, names),
                )
            )
    n = rows[UNIT].size
    print(f"{asked.seeds} seeds, {n:,} person-years, {int(rows['event'].sum()):,} events")
    print(
        "| factors | coverage of 95 % | error (rmse) | mean standard error | rank correlation |"
        " left out between municipalities (sd) |"
    )
    print("|---|---|---|---|---|---|")
    for said, values in scores.items():
        coverage, rmse, se, rank, out = np.mean(values, axis=0)
        spread = np.std([v[0] for v in values], ddof=1) / np.sqrt(len(values))
        print(
            f"| {said} | {coverage:.1%} (± {1.96 * spread:.1%}) | {rmse:.3f} | {se:.3f} |"
            f" {rank:.2f} | {out:.3f} |"
        )


if __name__ == "__main__":
    main()
