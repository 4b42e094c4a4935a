"""Does practice measured in some years tell the next one? A test that needs no known truth.

The shrunken effects of all years but the last say how many grants the last one should have. Where
shrinkage is right and practice lasts, a municipality forecast to grant a tenth more does grant a
tenth more on average: the slope of the logarithm of the last year's O/E on that of the forecast is
1. Below 1, part of what was measured does not last, or too little was shrunken; chance in the
first years does not lower it, because shrinkage has taken it out. The device is that of forecasts
of teachers' effects: Chetty, R., Friedman, J. N. & Rockoff, J. E. (2014). Measuring the impacts of
teachers I: evaluating bias in teacher value-added estimates. American Economic Review 104,
2593-2632.

Both years are held against the composition as the whole window's fit weighs it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.catalogue import empty_frame
from pipeline.model.inference.cell_part import CellPart, ratio_slopes
from pipeline.model.national.cells import YEAR, CellTable
from pipeline.model.national.fitted import FittedModel
from pipeline.model.national.specification import Specification
from pipeline.model.numerics.intervals import normal_quantile
from pipeline.model.tables.frames import make_frame
from pipeline.model.tables.validity import LOOKED_AT

#: Municipalities that a slope needs.
FEWEST = 10
#: Grants a municipality expects in the first years where several counts with noise are added:
#: below, those shown as 0 make it anything but normal. One year's has its exact likelihood.
LEAST_EXPECTED_WITH_NOISE = 10.0


def forecast_frame(
    outcome: str, fitted: FittedModel, table: CellTable, specification: Specification
) -> pd.DataFrame:
    """Return ``forecast`` of one fit: one row, none where there is nothing to forecast.

    Of municipalities that expect grants in both parts of the years, in several first years with
    noise at least :data:`LEAST_EXPECTED_WITH_NOISE`. Empty for models other than
    :data:`LOOKED_AT`, for one year, below :data:`FEWEST` municipalities and where the first years'
    practice does not differ beyond chance.
    """
    years = table.levels[YEAR]
    if fitted.model != LOOKED_AT or len(years) < 2:
        return empty_frame("forecast")
    observed = table.observed_by_year.astype(float)
    is_late = table.codes(YEAR) == len(years) - 1
    log_odds = fitted.expected.log_odds[table.pattern]
    early, late = (
        CellPart(table.municipality[kept], table.n_persons[kept], log_odds[kept], granted)
        for kept, granted in (
            (~is_late, observed[:, :-1].sum(axis=1)),
            (is_late, observed[:, -1]),
        )
    )
    protection = specification.protection
    is_exact = len(years) == 2 or not specification.is_protected
    least = 0.0 if is_exact else LEAST_EXPECTED_WITH_NOISE
    used = (early.expected > 0) & (late.expected > 0) & (early.expected >= least)
    if used.sum() < FEWEST or not early.observed[used].any() or not late.observed[used].any():
        return empty_frame("forecast")
    noise = protection.noise_variance
    noise_of_years = np.nansum([noise(values) for values in observed[:, :-1].T], axis=0)
    has_likelihood = specification.is_protected and is_exact
    practice = early.practice(
        noise_of_years, used, protection.transitions if has_likelihood else None
    )
    if practice is None:
        return empty_frame("forecast")
    regressor = np.log(late.at(np.nan_to_num(practice))[used] / late.expected[used])
    slopes, errors, dispersion = ratio_slopes(
        late.observed[used], late.expected[used], regressor[:, None], noise(late.observed[used])
    )
    slope = float(slopes[0])
    # What practice does from one year to the next is in the dispersion.
    reach = normal_quantile(specification.level) * float(errors[0]) * np.sqrt(dispersion)
    return make_frame(
        "forecast",
        outcome,
        fitted.model,
        year=[int(years[-1])],
        n_municipalities=[int(used.sum())],
        slope=[slope],
        slope_low=[slope - reach],
        slope_high=[slope + reach],
    )
