"""Limits of counts, proportions and ratios against figures printed or computed by others.

PHE: the unit tests of PHEindicatormethods 2.1.0 (UK Office for Health Improvement and
Disparities), figures for Byar's and Wilson's methods and for the indirectly standardised ratio.
R: qchisq of R 4.2 (the exact limits of ``epitools::pois.daly``). statsmodels' ``confint_poisson``
is the second source for the mid-p limits.
"""

import numpy as np
import pytest
from published_methods import poisson_byar_limits
from statsmodels.stats.rates import confint_poisson

from pipeline.model.numerics.intervals import (
    poisson_exact_limits,
    poisson_midp_limits,
    proportion_wilson_limits,
    ratio_limits,
)

# count, level, low, high
PHE_BYAR = [
    (65, 0.95, 50.163187710459454, 82.84913854593984),
    (1045, 0.95, 982.5932018073325, 1110.33121298565),
    (1, 0.95, 0.01307213290150435, 5.5637555824752605),
    (65, 0.998, 42.8802614714802, 94.00029084431802),
    (1045, 0.998, 947.9407035610374, 1148.806160988033),
    (10, 0.998, 2.916318374695686, 24.193724927880535),
]

# count, denominator, level, low, high
PHE_WILSON = [
    (65, 100, 0.95, 0.5525444329688797, 0.7363575175690247),
    (1045, 5000, 0.95, 0.19795549880013297, 0.22049130373189027),
    (0.445, 1, 0.95, 0.04381744772058822, 0.9334621276979156),
    (1, 100, 0.95, 0.0017674320641406511, 0.054486196178705294),
    (1, 100, 0.998, 0.000873065697299977, 0.1045544528370582),
    (9856, 12345, 0.998, 0.7869924108419063, 0.8093061412589626),
    (7776456, 7564336677, 0.95, 0.0010273201001641094, 0.0010287644578977231),
]

# count, 95 % low and high, 99.8 % low and high
R_EXACT = [
    (0, 0.0, 3.68887945411394, 0.0, 6.90775527898214),
    (1, 0.0253178079842899, 5.5716433909389, 0.00100050033358353, 9.23341347645158),
    (2, 0.242209278543965, 7.22468766772396, 0.0454020177694896, 11.2288722424127),
    (5, 1.62348639011842, 11.6683320793227, 0.739371731917832, 16.4547452036801),
    (10, 4.79538869613243, 18.3903560420178, 2.96052037274376, 24.1339711454176),
    (50, 37.1109637374619, 65.9187666643368, 30.9589696034683, 75.9418919921004),
    (100, 81.3639912509231, 121.626793792426, 71.9213974950004, 134.924319061264),
    (1000, 938.973018407695, 1063.9521360163, 905.120790934977, 1101.62694387903),
]


@pytest.mark.parametrize(("count", "level", "low", "high"), PHE_BYAR)
def test_byar_limits_equal_phe(count, level, low, high):
    assert np.allclose(poisson_byar_limits(count, level), (low, high), rtol=1e-12, atol=0)


@pytest.mark.parametrize(("count", "denominator", "level", "low", "high"), PHE_WILSON)
def test_wilson_limits_equal_phe(count, denominator, level, low, high):
    limits = proportion_wilson_limits(count, denominator, level)
    assert np.allclose(limits, (low, high), rtol=1e-12, atol=0)


def test_exact_limits_equal_r():
    count, low95, high95, low998, high998 = np.array(R_EXACT).T
    for level, low, high in ((0.95, low95, high95), (0.998, low998, high998)):
        limits = poisson_exact_limits(count, level)
        assert np.allclose(limits, (low, high), rtol=1e-11, atol=0)


def test_indirect_ratio_equals_phe():
    """895 observed, 835.88356 expected: Byar's limits of the ratio; 9: the exact ones."""
    expected = 835.8835612311743
    limits = [*poisson_byar_limits(895, 0.95), *poisson_byar_limits(895, 0.998)]
    printed = [1.0017147712553987, 1.143233287249895, 0.9635155619614437, 1.1860070415876287]
    assert np.allclose(np.array(limits) / expected, printed, rtol=1e-12, atol=0)
    reference_rate = 9349.88309221102
    rate = np.array(poisson_exact_limits(9, 0.95)) / expected * reference_rate
    assert np.allclose(rate, [46.03303513307893, 191.10426659054028], rtol=1e-12, atol=0)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.998])
def test_midp_limits_equal_statsmodels(level):
    count = np.array([1, 2, 3, 5, 9, 17, 40, 137, 900])
    low, high = poisson_midp_limits(count, level)
    for i, number in enumerate(count):
        second = confint_poisson(number, 1, method="midp-c", alpha=1 - level)
        assert (low[i], high[i]) == pytest.approx(second, rel=5e-6)  # its root search stops there


def test_midp_limit_of_no_event_is_known():
    """With no event half of P(0) is alpha / 2: the limit is -log(alpha), 2.9957 at 95 %."""
    low, high = poisson_midp_limits(0, 0.95)
    assert low == 0
    assert high == pytest.approx(2.99573227355399, rel=1e-12)


def test_ratio_limits_with_known_expected_count_are_the_midp_limits():
    count = np.array([0, 1, 9, 91, 895])
    low, high = ratio_limits(count, 835.88, 0.0, 0.95)
    assert np.allclose(np.array(poisson_midp_limits(count, 0.95)) / 835.88, (low, high))


# fmt: off
# count, persons, 95 % low and high, 99.8 % low and high, per 100
PHE_RATES = [
    (1, 100, 0.025317807984289897, 5.571643390938898, 0.0010005003335835344, 9.233413476451585),
    (5, 100, 1.62348639011842, 11.668332079322669, 0.739371731917839, 16.454745203680105),
    (20, 100, 12.211428834875937, 30.889880369197066, 8.922802365144193, 38.08503562504191),
    (9856, 12345, 78.26949058976757, 81.4300165427214, 77.37590543271052, 82.3544727709543),
    (222, 3215, 6.026574877652675, 7.87572937087185, 5.560737695259854, 8.46104668173341),
    (999, 3456, 27.14130493609052, 30.755833237378415, 26.162147596445767, 31.845604819822654),
]
# fmt: on


def test_rates_equal_phe():
    """Exact limits below 10 events, Byar's from there."""
    for count, persons, *printed in PHE_RATES:
        limits = poisson_exact_limits if count < 10 else poisson_byar_limits
        result = [limit / persons for level in (0.95, 0.998) for limit in limits(count, level)]
        assert np.allclose(100 * np.array(result), printed, rtol=1e-11, atol=0)
