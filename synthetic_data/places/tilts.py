"""Where a municipality's practice differs: by main diagnosis, by tenure, and over time.

Tilts are on the log odds of a grant and are centred, so that at the country's usual mix of grants
they change who is granted and not how many.
"""

from __future__ import annotations

import numpy as np

from pipeline.codes import factor_levels
from synthetic_data.ground.rng import Floats, Stream, logistic
from synthetic_data.ground.scenario import OUTCOMES, Scenario
from synthetic_data.places.conditions import residual, standardise, unrelated
from synthetic_data.places.diagnoses import CONTESTED, GROUPS

#: Consultants are followed from here, so that a year is the same whatever the period.
_FIRST_CONSULTANT = 1970


def diagnosis_tilt(stream: Stream, scenario: Scenario, whole_fp: Floats) -> Floats:
    """Return tilt[m, outcome, group]; that of mental disorders goes with FP practice."""
    sizes = scenario.practice
    tilt = np.empty((whole_fp.size, len(OUTCOMES), len(GROUPS)))
    for o, outcome in enumerate(OUTCOMES):
        for g, group in enumerate(GROUPS):
            noise = stream.normal(f"diagnosis_tilt_{outcome}_{group}")
            spread = sizes.diagnosis_spread
            if group == "mental":
                noise, spread = (
                    _together(noise, whole_fp, sizes.mental_on_practice),
                    (sizes.mental_spread),
                )
            tilt[:, o, g] = spread * noise
        tilt[:, o] -= _mean_effect(tilt[:, o], _shares(scenario, outcome, "diagnosis", GROUPS))
    return tilt


def contested_tilt(stream: Stream, scenario: Scenario, whole: Floats) -> Floats:
    """Return tilt[m, outcome, contested diagnosis] on the log odds against others of its group.

    ``whole`` (M, outcomes) practice, with which the part that all contested diagnoses share goes.
    How many are granted in the group stays as it is; draws are of names of their own, so that
    nothing else moves.
    """
    sizes = scenario.practice
    tilt = np.empty((*whole.shape, len(CONTESTED)))
    for o, outcome in enumerate(OUTCOMES):
        shared = _together(
            stream.normal(f"contested_tilt_{outcome}"), whole[:, o], sizes.contested_on_practice
        )
        for s, subgroup in enumerate(CONTESTED):
            own = stream.normal(f"contested_tilt_{outcome}_{subgroup}")
            tilt[:, o, s] = sizes.contested_spread * shared + sizes.contested_own_spread * own
    return tilt


def tenure_tilt(stream: Stream, scenario: Scenario) -> Floats:
    """Return tilt[m, outcome, tenure band]: some favour long tenure, some short."""
    bands = factor_levels()["tenure_band"]
    first = stream.normal("tenure_tilt_FP")
    tilt = np.empty((first.size, len(OUTCOMES), len(bands)))
    for o, outcome in enumerate(OUTCOMES):
        shares = _shares(scenario, outcome, "tenure", bands)
        steps = np.arange(len(bands)) - shares @ np.arange(len(bands))
        score = steps / np.sqrt(shares @ steps**2)
        leaning = standardise(stream.normal(f"tenure_tilt_{outcome}"))
        tilt[:, o] = scenario.practice.tenure_spread * leaning[:, None] * score
        tilt[:, o] -= _mean_effect(tilt[:, o], shares)
    return tilt


def route_tilt(stream: Stream, scenario: Scenario) -> Floats:
    """Return tilt[m, outcome, labour status]: some grant more of those on sickness benefit, say."""
    routes = factor_levels()["labour_status"]
    n_municipalities = stream.normal("route_tilt_FP").size
    tilt = np.empty((n_municipalities, len(OUTCOMES), len(routes)))
    for o, outcome in enumerate(OUTCOMES):
        for r, route in enumerate(routes):
            noise = stream.normal(f"route_tilt_{outcome}_{route}")
            tilt[:, o, r] = scenario.practice.route_spread * noise
        tilt[:, o] -= _mean_effect(tilt[:, o], _shares(scenario, outcome, "route", routes))
    return tilt


def consultant_effect(stream: Stream, scenario: Scenario, years: tuple[int, ...]) -> Floats:
    """Return effect[m, outcome, year] of the outcome's medical consultant of the year.

    A new consultant, at a new year, brings a level of their own that lasts until the next.
    """
    sizes = scenario.practice
    spreads = {"FP": sizes.consultant_spread_fp, "FJ": sizes.consultant_spread_fj}
    of_outcomes = []
    for outcome, spread in spreads.items():
        name = "consultant" if outcome == "FP" else f"consultant_{outcome}"
        level = stream.normal(name, _FIRST_CONSULTANT)
        by_year = {}
        for year in range(_FIRST_CONSULTANT + 1, max(years, default=0) + 1):
            is_new = stream.uniform(f"{name}_changes", year) < sizes.consultant_change
            level = np.where(is_new, stream.normal(name, year), level)
            by_year[year] = spread * level
        of_years = [by_year[year] for year in years]
        of_outcomes.append(np.stack(of_years, axis=1) if years else np.empty((level.size, 0)))
    return np.stack(of_outcomes, axis=1)


def decentral_competence(stream: Stream, scenario: Scenario) -> Floats:
    """Return 1.0 where caseworkers decide, 0.0 where leaders or councils do, by the wanted share.

    The number of such municipalities is fixed, which they are is chance.
    """
    place = np.argsort(np.argsort(stream.uniform("decentral_competence")))
    return (place < round(scenario.practice.decentral_share * place.size)).astype(np.float64)


def hidden_health(stream: Stream, scenario: Scenario, whole_fp: Floats) -> Floats:
    """Return what the municipality's citizens have in log odds of a grant that no register shows.

    Its correlation with FP practice is the scenario's; the mean over municipalities is 0.
    """
    sizes = scenario.unseen
    health = stream.normal("hidden_health")
    return sizes.health_spread * _together(health, whole_fp, sizes.health_on_practice)


def recorded_share(stream: Stream, scenario: Scenario) -> Floats:
    """Return the share of mental disorders met in psychiatry that each municipality's has recorded.

    The scenario's share is that of a municipality in the middle; 1 everywhere where it is 1.
    """
    sizes = scenario.unseen
    if sizes.recorded_share >= 1:
        return np.ones_like(stream.normal("recorded_share"))
    middle = np.log(sizes.recorded_share / (1 - sizes.recorded_share))
    return logistic(middle + sizes.recorded_spread * stream.normal("recorded_share"))


def _together(noise: Floats, other: Floats, correlation: float) -> Floats:
    """Return a standard vector with the wanted ``correlation`` with ``other``, if that varies."""
    if residual(other).std() < 1e-12:
        return standardise(noise)
    rest = np.sqrt(1 - correlation**2) * unrelated(noise, other)
    return correlation * standardise(other) + rest


def _shares(scenario: Scenario, outcome: str, what: str, names: tuple[str, ...]) -> Floats:
    table = scenario.usual_mix[outcome][what]
    shares = np.array([table[name] for name in names])
    return shares / shares.sum()


def _mean_effect(tilt: Floats, shares: Floats) -> Floats:
    """Return the log of the mean odds ratio over the usual mix, (M, 1)."""
    return np.log1p(np.expm1(tilt) @ shares)[:, None]
