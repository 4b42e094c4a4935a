"""Municipal practice as it is planted: what the conditions explain, and the municipality's own.

The own part has nothing in common with the conditions over the municipalities, so that what a
model with framework conditions should find is exactly what was planted; unless the scenario leaves
it free, as life does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.errors import SettingsError
from synthetic_data.ground.rng import Floats, Stream
from synthetic_data.ground.scenario import OUTCOMES, Scenario
from synthetic_data.places.conditions import residual, unrelated
from synthetic_data.places.tilts import consultant_effect, decentral_competence


def draw_practice(
    stream: Stream,
    scenario: Scenario,
    deprivation: Floats,
    share: Floats,
    conditions: Sequence[Floats],
    lasting: Floats,
    years: tuple[int, ...],
) -> tuple[Floats, Floats]:
    """Return the own practice[m, outcome, year], log odds, and the consultants' part of it.

    ``conditions`` are the lasting levels and ``lasting`` (M, 2) what they add to the log odds.
    Spreads and correlations of the whole are exactly the scenario's, whatever the seed, but for the
    yearly wobble and who the medical consultant is: only who is where is chance. Where the own part
    ``is_free`` they are so on average only. Decentral
    competence, see :func:`~synthetic_data.places.tilts.decentral_competence`, raises both on
    average. The population-weighted mean is 0 but for what changes from year to year.
    """
    sizes = scenario.practice
    consultant = consultant_effect(stream, scenario, years)
    spread_fp, spread_fj = (
        np.sqrt(max(spread**2 - consultants**2, 0.0))
        for spread, consultants in (
            (sizes.spread_fp, sizes.consultant_spread_fp),
            (sizes.spread_fj, sizes.consultant_spread_fj),
        )
    )
    decentral = decentral_competence(stream, scenario)
    raised_fp, raised_fj = (
        effect * decentral.std() / spread if spread else 0.0
        for effect, spread in (
            (sizes.decentral_effect_fp, spread_fp),
            (sizes.decentral_effect_fj, spread_fj),
        )
    )
    fp = _own_part(
        scenario,
        "FP",
        spread_fp,
        lasting[:, 0],
        conditions,
        [(deprivation, sizes.correlation_fp_deprivation), (decentral, raised_fp)],
        stream.normal("practice_fp"),
    )
    whole_fp = lasting[:, 0] + fp
    fj = _own_part(
        scenario,
        "FJ",
        spread_fj,
        lasting[:, 1],
        conditions,
        [
            (deprivation, sizes.correlation_fp_deprivation * sizes.correlation_fp_fj),
            (whole_fp, sizes.correlation_fp_fj),
            (decentral, raised_fj),
        ],
        stream.normal("practice_fj"),
    )
    practice = np.empty((share.size, len(OUTCOMES), len(years)))
    for o, (outcome, own) in enumerate(zip(OUTCOMES, (fp, fj), strict=True)):
        own = own - share @ own
        for y, year in enumerate(years):
            wobble = sizes.wobble * stream.normal(f"practice_wobble_{outcome}", year)
            practice[:, o, y] = own + wobble
    return practice + consultant, consultant


def _own_part(
    scenario: Scenario,
    outcome: str,
    spread: float,
    explained: Floats,
    conditions: Sequence[Floats],
    targets: Sequence[tuple[Floats, float]],
    noise: Floats,
) -> Floats:
    """Return the own part, unrelated to ``conditions``, that gives the whole its planned shape.

    ``explained`` plus the result has standard deviation ``spread`` and the wanted correlation
    with each of ``targets``; the rest is ``noise``.
    """
    free = [residual(vector, *conditions) for vector, _ in targets]
    wanted = np.array(
        [
            correlation * spread * vector.std() - np.mean(explained * (vector - vector.mean()))
            for vector, correlation in targets
        ]
    )
    products = np.array([[np.mean(a * b) for b in free] for a in free])
    aimed = np.stack(free, axis=1) @ np.linalg.lstsq(products, wanted, rcond=None)[0]
    rest = spread**2 - explained.var() - aimed.var()
    if rest < -1e-12:
        raise SettingsError(
            f"scenario {scenario.name}: {outcome} practice is to be spread {spread}, but its "
            "conditions and correlations alone spread it more",
            expected="a larger spread, smaller effects of conditions or weaker correlations",
        )
    if rest <= 0:
        return aimed
    if scenario.practice.is_free:
        return aimed + np.sqrt(rest) * noise
    return aimed + np.sqrt(rest) * unrelated(noise, *conditions, *free)
