"""Funnel limits, overdispersion and flags against other tools' figures.

FunnelPlotR 0.6.0 (NHS-R community, MIT): its six-unit example; phi 2.948033 is printed by its own
tests, the rest comes from running it. PHE: tests of PHEindicatormethods 2.1.0 (UK Office for
Health Improvement and Disparities). BH: Benjamini & Hochberg (1995), table of 15 p-values.
"""

import numpy as np
import pytest
from published_methods import flag_intervals, poisson_byar_limits, z_scores
from scipy import stats

from pipeline.model.inference.funnel import (
    benjamini_hochberg,
    overdispersion,
    poisson_predictive_limits,
)
from pipeline.model.numerics.intervals import (
    normal_quantile,
    poisson_exact_limits,
    proportion_wilson_limits,
    ratio_limits,
)

OBSERVED = np.array([100, 150, 180, 80, 120, 225])
EXPECTED = np.array([108, 112, 165, 95, 100, 220])

# fmt: off
SHMI = {
    "z": [-0.799802600707036, 3.09168129454357, 1.1176813744217,
          -1.67498911236673, 1.82321556793955, 0.333326319141511],
    "low95": [0.717306749284712, 0.718683303507957, 0.731092634203779,
              0.7121280881406, 0.714261137816791, 0.738021973269072],
    "high95": [1.39410370946208, 1.39143346606066, 1.36781572295429,
               1.40424176023031, 1.40004817153653, 1.35497320705845],
    "low998": [0.592233713321448, 0.594026648977396, 0.610278819125068,
               0.585506382872034, 0.588273912280059, 0.619423622595767],
    "high998": [1.68852258408536, 1.6834261589467, 1.63859529228568,
                1.70792331092069, 1.69988840083721, 1.61440404195336],
}
CQC = {
    "z": [-0.784609690826528, 3.32888693931506, 1.14235057266722,
          -1.60504486961961, 1.90890230020664, 0.335206051617348],
    "winsorised": [-0.784609690826528, 2.61889461976085, 1.14235057266722,
                   -1.19482728022307, 1.90890230020664, 0.335206051617348],
    "high95": [1.14868100064208, 1.14760914275849, 1.13796436593335,
               1.15271829079126, 1.15105436513469, 1.13258607847846],
    "high998": [1.23442205365822, 1.23273207897944, 1.21752537213284,
                1.24078755996971, 1.23816408509488, 1.20904554495319],
}
POISSON_LIMITS = {
    0.95: ([0.820319382488738, 0.8233969065407, 0.853235860674302,
            0.809059716456107, 0.813639912509232, 0.872215736860068],
           [1.20733991009536, 1.20325985082264, 1.16476230673169,
            1.22244814340585, 1.21626793792426, 1.14123748514378]),
    0.998: ([0.728798454305008, 0.733227211137558, 0.776578896573723,
             0.712663825958249, 0.719213974950004, 0.804534756733968],
            [1.33453977065207, 1.32782757712204, 1.264723506473,
             1.35943376858098, 1.34924319061264, 1.22637466796792]),
}
# fmt: on


def test_funnelplotr_shmi_example():
    """z, phi 2.948033, limits widened for overdispersion, and no flag at 95 or 99.8 %."""
    z, se = z_scores(OBSERVED, EXPECTED, "log")
    assert np.allclose(z, SHMI["z"], rtol=0, atol=1e-9)
    dispersion = overdispersion(z, 0.1, se, truncate=True)
    assert dispersion.phi == pytest.approx(2.948033, abs=5e-7)
    assert dispersion.n_units == 6  # truncation of a tenth leaves six units whole
    for level, name in ((0.95, "95"), (0.998, "998")):
        reach = normal_quantile(level) * np.sqrt(se**2 + dispersion.tau2)
        low, high = np.exp(-reach), np.exp(reach)
        # FunnelPlotR rounds its normal quantiles to six decimals.
        assert np.allclose(low, SHMI["low" + name], rtol=1e-7, atol=0)
        assert np.allclose(high, SHMI["high" + name], rtol=1e-7, atol=0)
        assert np.all((low <= OBSERVED / EXPECTED) & (high >= OBSERVED / EXPECTED))


def test_funnelplotr_cqc_example():
    """Winsorised z as printed; its limits are ours before they are turned back to ratios.

    FunnelPlotR prints limits of sqrt(O/E) as limits of O/E and so flags unit d (0.84) and e (1.2)
    at 95 %; squared, the limits of d are 0.72-1.33 and only b lies outside.
    """
    z, se = z_scores(OBSERVED, EXPECTED, "sqrt")
    assert np.allclose(z, CQC["z"], rtol=0, atol=1e-9)
    dispersion = overdispersion(z, 0.1, se)
    assert dispersion.phi == pytest.approx(np.mean(np.square(CQC["winsorised"])), rel=1e-12)
    for level, name in ((0.95, "95"), (0.998, "998")):
        reach = normal_quantile(level) * np.sqrt(se**2 + dispersion.tau2)
        assert np.allclose(1 + reach, CQC["high" + name], rtol=1e-7, atol=0)
    ratio, high = OBSERVED / EXPECTED, np.array(CQC["high95"])
    theirs = np.where(ratio > high, "high", np.where(ratio < 2 - high, "low", "within"))
    assert list(theirs) == ["within", "high", "within", "low", "high", "within"]
    outside = np.abs(z) * se > normal_quantile(0.95) * np.sqrt(se**2 + dispersion.tau2)
    assert list(outside) == [False, True, False, False, False, False]


@pytest.mark.parametrize("level", [0.95, 0.998])
def test_funnelplotr_poisson_limits(level):
    low, high = poisson_exact_limits(EXPECTED, level)
    assert np.allclose(low / EXPECTED, POISSON_LIMITS[level][0], rtol=1e-9, atol=0)
    assert np.allclose(high / EXPECTED, POISSON_LIMITS[level][1], rtol=1e-9, atol=0)


def test_poisson_limits_of_funnelplotr_flag_small_units_low_and_ours_do_not():
    """Exact null tails for E 3-20: theirs about 0.8 % high and 4.0 % low, ours near 2.5 each."""
    expected = np.linspace(3, 20, 500)

    def tails(low, high):
        return (
            np.mean(stats.poisson.cdf(np.ceil(low) - 1, expected)),
            np.mean(stats.poisson.sf(np.floor(high), expected)),
        )

    their_low, their_high = tails(*poisson_exact_limits(expected, 0.95))
    assert their_low == pytest.approx(0.040, abs=0.001)
    assert their_high == pytest.approx(0.008, abs=0.001)
    our_low, our_high = tails(*poisson_predictive_limits(expected, 0.95))
    assert 0.02 < our_low < 0.03
    assert 0.02 < our_high < 0.03


def test_ratio_of_counts_defect_is_not_ours():
    """With both counts random, FunnelPlotR's s = 1 / (2 sqrt n) flags about half of a true null."""
    rng = np.random.default_rng(5)
    mean = np.exp(rng.uniform(np.log(30), np.log(400), 20_000))
    numerator, denominator = rng.poisson(mean), rng.poisson(mean)
    z = np.log(numerator / denominator)
    theirs = np.mean(np.abs(z) > 1.96 / (2 * np.sqrt(denominator)))
    assert 0.45 < theirs < 0.53
    low, high = ratio_limits(numerator, denominator, 1 / np.sqrt(denominator), 0.95)
    ours = np.mean(flag_intervals(low, high) != "within")
    assert 0.04 < ours < 0.06


def test_zero_counts_give_finite_overdispersion():
    """FunnelPlotR's log scale gives phi = infinity with 3 zeros among 10 units."""
    observed = np.array([0, 0, 0, 4, 6, 5, 3, 7, 5, 4])
    z, se = z_scores(observed, 4.0, "sqrt")
    assert np.isfinite(overdispersion(z, 0.1, se).phi)
    z, se = z_scores(observed, 4.0, "log")
    assert overdispersion(z, 0.0, se).n_units == 7


# fmt: off
PHE_RATIO_FLAGS = [
    (85, 67.9184978, "Not significant"), (72, 90.53187476, "Not significant"),
    (46, 61.18648577, "Not significant"), (261, 230.9734513, "Not significant"),
    (275, 226.4679239, "High (0.001)"), (141, 106.7211626, "High (0.001)"),
    (104, 73.9476678, "High (0.001)"), (66, 95.61060409, "Low (0.001)"),
    (84, 117.4004193, "Low (0.001)"), (46, 71.75167681, "Low (0.001)"),
    (355, 318.5570711, "High (0.025)"), (182, 143.6804295, "High (0.025)"),
    (164, 138.9830508, "High (0.025)"), (83, 103.0799801, "Low (0.025)"),
    (77, 107.8582435, "Low (0.025)"), (117, 140.709561, "Low (0.025)"),
    (8, 6.239860227, "Not significant"), (0, 240.6273499, "Low (0.001)"),
    (6, 4.293052052, "Not significant"),
]
PHE_PROPORTION_FLAGS = [
    (26734.0178, 32867, "High (0.001)"), (30111.081, 37037, "High (0.001)"),
    (56140.4742, 70053, "Low (0.001)"), (20619.5552, 25852, "Low (0.001)"),
    (59356.4384, 73352, "Not significant"), (48590.8983, 60459, "Not significant"),
    (28537.4507, 35201, "High (0.025)"), (38045.3716, 46958, "High (0.025)"),
    (30277.5312, 37828, "Low (0.025)"),
]
# observed events, then the expected events whose 95 % (then 99.8 %) limit they are, low and high
PHE_RATIO_LIMITS = [
    (1, 5.571644585, 0.025317898, 9.233410143, 0.001000547),
    (10, 18.39035799, 4.795387629, 24.13397235, 2.960519925),
    (100, 121.6268111, 81.36400699, 134.9243187, 71.92139974),
    (716, 770.4222128, 664.5083011, 802.60414, 636.1521174),
]
# denominator, 95 % low and high, 99.8 % low and high, in percent; baseline 80.642448
# fmt: on


def phe_label(flag95, flag998):
    """Return PHE's words for the two flags."""
    if flag998 != "within":
        return f"{flag998.capitalize()} (0.001)"
    return "Not significant" if flag95 == "within" else f"{flag95.capitalize()} (0.025)"


def test_phe_ratio_flags():
    """Byar's limits from 10 events, exact ones below, against the expected count."""
    for observed, expected, label in PHE_RATIO_FLAGS:
        limits = poisson_exact_limits if observed < 10 else poisson_byar_limits
        flags = [str(flag_intervals(*limits(observed, level), expected)) for level in (0.95, 0.998)]
        assert phe_label(*flags) == label


def test_phe_proportion_flags():
    baseline = 10325813.8504 / 12804440
    for observed, denominator, label in PHE_PROPORTION_FLAGS:
        flags = [
            str(flag_intervals(*proportion_wilson_limits(observed, denominator, level), baseline))
            for level in (0.95, 0.998)
        ]
        assert phe_label(*flags) == label


def test_phe_ratio_funnel_limits():
    table = np.array(PHE_RATIO_LIMITS)
    for level, low_column, high_column in ((0.95, 1, 2), (0.998, 3, 4)):
        low, high = poisson_exact_limits(table[:, 0], level)
        # PHE's own root search is good to about four decimals, relatively.
        assert np.allclose(high, table[:, low_column], rtol=1e-4, atol=0)
        assert np.allclose(low, table[:, high_column], rtol=1e-4, atol=0)


# fmt: off
BH_1995 = [
    (0.0001, 0.0015), (0.0004, 0.003), (0.0019, 0.0095), (0.0095, 0.035625), (0.0201, 0.0603),
    (0.0278, 0.0638571428571429), (0.0298, 0.0638571428571429), (0.0344, 0.0645),
    (0.0459, 0.0765), (0.3240, 0.486), (0.4262, 0.581181818181818), (0.5719, 0.714875),
    (0.6528, 0.753230769230769), (0.7590, 0.813214285714286), (1.0, 1.0),
]
# fmt: on


def test_benjamini_hochberg_1995():
    """The paper's own example: four discoveries at a false discovery rate of 5 %."""
    p, adjusted = np.array(BH_1995).T
    order = np.random.default_rng(1).permutation(len(p))
    assert np.allclose(benjamini_hochberg(p[order]), adjusted[order], rtol=1e-12, atol=0)
    assert np.sum(benjamini_hochberg(p) < 0.05) == 4


# 10 % and 90 % quantiles of twelve scores by R's nine conventions (R 4.2)
TWELVE = [-3.1, -2.2, -1.9, -1.0, -0.4, 0.0, 0.3, 0.6, 1.1, 1.3, 2.8, 5.5]
R_QUANTILES = [
    (-2.2, 2.8), (-2.2, 2.8), (-3.1, 2.8), (-2.92, 2.5), (-2.47, 3.61),
    (-2.83, 4.69), (-2.17, 2.65), (-2.59, 3.97), (-2.56, 3.88),
]  # fmt: skip


@pytest.mark.parametrize("number", range(1, 10))
def test_winsorising_follows_r_quantile_types(number):
    low, high = R_QUANTILES[number - 1]
    dispersion = overdispersion(TWELVE, 0.1, quantile_type=number)
    assert dispersion.phi == pytest.approx(np.mean(np.clip(TWELVE, low, high) ** 2), rel=1e-12)
    if number == 7:
        assert overdispersion(TWELVE, 0.1).phi == dispersion.phi


def test_an_unknown_quantile_type_is_refused():
    with pytest.raises(ValueError, match="1 to 9"):
        overdispersion(TWELVE, quantile_type=10)
