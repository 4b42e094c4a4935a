"""Between-unit variance, shrinkage and reliability against other tools' figures.

metafor: 13 trials of BCG vaccine (log risk ratios) from Viechtbauer (2010), J. Statistical
Software 36(3), with latitude as moderator; figures by R's metafor. ebci: Armstrong, Kolesar &
Plagborg-Moller (2022), Econometrica 90, critical values and the commuting-zone example of the R
package ebci 1.0 (MIT). QualityMeasure: 100 simulated entities of Nieser & Harris (2024),
knieser/quality_measure_reliability. Pumps: Gaver & O'Muircheartaigh (1987), Technometrics 29.
"""

from pathlib import Path

import numpy as np
import pytest

from pipeline.model.inference.between_variance import tau2_interval
from pipeline.model.inference.robust_shrinkage import (
    EffectMoments,
    effect_moments,
    robust_critical_value,
    robust_empirical_bayes,
)
from pipeline.model.inference.second_stage import fit_second_stage
from pipeline.model.inference.shrinkage import empirical_bayes
from pipeline.model.numerics.intervals import normal_quantile

PUBLISHED = Path(__file__).parent / "published"

# fmt: off
LATITUDE = np.array([44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33])
BCG = np.array([
    -0.889311333920205, -1.58538865720143, -1.34807314829969, -1.44155119002131,
    -0.217547322211296, -0.786115585818864, -1.62089822359839, 0.0119523335238405,
    -0.469417648738149, -1.37134480347278, -0.339358828338391, 0.445913400571379,
    -0.0173139482168798,
])
BCG_SE = np.sqrt([
    0.325584765003961, 0.194581121398144, 0.415367965367965, 0.0200100319022476,
    0.0512101721696309, 0.00690561845590876, 0.223017247572315, 0.00396157929781773,
    0.056434210463249, 0.0730247936130289, 0.0124122139715597, 0.532505845200153,
    0.0714046596839863,
])
# method, tau2, mean, its se; with latitude: tau2, constant, slope, se of the slope,
# Knapp-Hartung se and p of the slope
METAFOR = [
    ("DL", 0.308760262862376, -0.714117222073227, 0.178742089535403, 0.0633005024264152,
     0.259543712434023, -0.0292287387551884, 0.00673301083956727, 0.00793775578620567,
     0.00361167383427363),
    ("REML", 0.313243325980895, -0.714532348365101, 0.179781531780361, 0.0763546947056598,
     0.251464294374285, -0.0291016609280148, 0.00719555475708091, 0.00820154179600833,
     0.00456554558895661),
    ("ML", 0.280028171049595, -0.711199139190283, 0.171896817022674, 0.0343589574664107,
     0.282100139879756, -0.0295092712038496, 0.00548811135571819, 0.00710926835715389,
     0.00161422114477628),
    ("PM", 0.318093711863015, -0.714970405632446, 0.180897984125838, 0.142131263354645,
     0.221916199906377, -0.0285645305410523, 0.00907017215563296, 0.00907018235642704,
     0.00925407478790432),
    ("EB", 0.318068515771305, -0.714968159161362, 0.180892206115034, 0.142134338431829,
     0.221915132446154, -0.0285645094699364, 0.00907024795568335, 0.00907021189875239,
     0.0092542822926379),
    ("HE", 0.328563857995769, -0.715878588758735, 0.183279985988782, 0.209048026358876,
     0.20311500621494, -0.0281767595986623, 0.0105618511391468, 0.00958237582428025,
     0.0134362699286982),
    ("SJ", 0.345515701598595, -0.717248592557584, 0.187059458416427, 0.231843716118979,
     0.198271729163403, -0.0280713689567707, 0.011014243980389, 0.00971382558248293,
     0.0147101431513263),
    ("HS", 0.228362863676907, -0.704535373916257, 0.158652093056656, 0.0290849078998511,
     0.287256156217648, -0.0295511231930158, 0.00520882518933757, 0.00689764914981543,
     0.00128954999134618),
]
#: metafor iterates to 1e-5 where there is no formula; its PM ends 2.5e-5 from the root.
TOLERANCE = {"PM": 3e-5, "REML": 1e-5, "ML": 2e-5, "EB": 1e-5}
# REML with latitude: estimate, standard error, limits of each trial
METAFOR_BLUP = np.array([
    (-1.00247106769989, 0.27345856470912, -1.53844000579378, -0.466502129605996),
    (-1.41570991986614, 0.275129638541148, -1.95495410248631, -0.876465737245963),
    (-1.02938759056479, 0.277180697003367, -1.5726517739011, -0.486123407228477),
    (-1.4042306322374, 0.131534568519093, -1.66203364925684, -1.14642761521796),
    (-0.181140340543305, 0.187812036893154, -0.549245168716996, 0.186964487630385),
    (-0.806261171458159, 0.0804264811452475, -0.963894177906134, -0.648628165010184),
    (-0.637987604460988, 0.259846746550987, -1.14727786920083, -0.128697339721147),
    (0.00510558461551478, 0.0619349664939037, -0.116284719096232, 0.126495888327261),
    (-0.49698385733748, 0.186204196051755, -0.861937375369156, -0.132030339305804),
    (-1.17553945640591, 0.203607641651928, -1.57460310102082, -0.776475811790991),
    (-0.329991212993295, 0.105249203323441, -0.536275860908772, -0.123706565077818),
    (-0.564071309330583, 0.274907003218075, -1.10287913473585, -0.0252634839253196),
    (-0.351518098538337, 0.198955673877126, -0.741464053857399, 0.0384278567807256),
])
# fmt: on


@pytest.mark.parametrize("row", METAFOR, ids=[row[0] for row in METAFOR])
def test_metafor_tau2_and_meta_regression(row):
    method, *printed = row
    alone = fit_second_stage(BCG, BCG_SE, None, method, knapp_hartung=False)
    normal = fit_second_stage(BCG, BCG_SE, LATITUDE, method, knapp_hartung=False)
    adjusted = fit_second_stage(BCG, BCG_SE, LATITUDE, method)
    result = [alone.tau2, alone.coefficients[0], alone.se[0], normal.tau2, *normal.coefficients]
    result += [normal.se[1], adjusted.se[1], adjusted.p_value[1]]
    assert np.allclose(result, printed, rtol=0, atol=TOLERANCE.get(method, 1e-12))
    assert adjusted.df == 11
    assert normal.q_residual == pytest.approx(30.7330900107493, rel=1e-12)
    assert alone.q_residual == pytest.approx(152.233008082373, rel=1e-12)


def test_metafor_q_profile_interval():
    """Viechtbauer (2010), section 3.1: tau2 0.1197 to 1.1115 for the trials without moderator."""
    low, high = tau2_interval(BCG, BCG_SE)
    assert (low, high) == pytest.approx((0.1197, 1.1115), abs=5e-5)
    assert tau2_interval(BCG, BCG_SE, LATITUDE)[0] < low


def test_metafor_i2():
    stage = fit_second_stage(BCG, BCG_SE, None, "DL")
    assert 100 * stage.i2 == pytest.approx(92.1173468545621, rel=1e-12)


def test_metafor_best_linear_unbiased_predictions():
    """At metafor's own tau2 to all digits; at ours to the accuracy of its iteration."""
    shrinkage = empirical_bayes(BCG, BCG_SE, 0.95, LATITUDE, tau2=0.0763546947056598)
    result = np.column_stack([shrinkage.shrunk, shrinkage.shrunk_se, shrinkage.low, shrinkage.high])
    assert np.allclose(result, METAFOR_BLUP, rtol=0, atol=1e-8)
    own = empirical_bayes(BCG, BCG_SE, 0.95, LATITUDE)
    assert np.allclose(own.shrunk, METAFOR_BLUP[:, 0], rtol=0, atol=5e-5)


# m2, kappa, alpha, critical value
CRITICAL_VALUES = [
    (0, 3, 0.05, 1.95996398454007),
    (0.1, 1, 0.05, 2.05412519412107),
    (0.1, 3, 0.05, 2.05575366151487),
    (0.1, np.inf, 0.05, 2.06454235507543),
    (1, 1, 0.05, 2.64614554821528),
    (1, 1.5, 0.05, 2.69029555586959),
    (1, 3, 0.05, 2.8117318293767),
    (1, np.inf, 0.05, 3.25919852030206),
    (4, 10, 0.05, 6.36672434903088),
    (25, 1.5, 0.05, 8.90142356198239),
    (25, 3, 0.05, 11.8835836756501),
    (100, 3, 0.05, 24.8617221743669),
    (100, np.inf, 0.05, 42.2201124710275),
    (1, 3, 0.1, 2.36373774069663),
    (25, 10, 0.1, 13.7751957387197),
    (100, 1.5, 0.1, 16.1063913145498),
]


@pytest.mark.parametrize(("m2", "kappa", "alpha", "critical"), CRITICAL_VALUES)
def test_armstrong_kolesar_plagborg_moller_critical_values(m2, kappa, alpha, critical):
    assert robust_critical_value(m2, kappa, 1 - alpha) == pytest.approx(critical, abs=1e-9)


# The regression and moments of all 595 commuting zones, at the 90 % level
CZ_COEFFICIENTS = np.array([-1.44075192804025, 0.0324467618190599])
CZ_MOMENTS = EffectMoments(0.00624386663953128, 778.533747961134, 0.00624386663953128, 345.3)
# Johnson City, Middlesborough, Knoxville, Cape Coral, Center, Decorah, Nebraska City, Seattle:
# effect, se, permanent residents' mean; then weight, estimate, half length robust and normal,
# and the worst miss of the normal one
# fmt: off
CZ = np.array([
    (-0.4161177576, 0.2727070153, 42.26698303, 0.0774548518252164, -0.0961859631923269,
     0.191624539992589, 0.124838309967001, 0.209861442234426),
    (0.4284518659, 0.5777379274, 42.44334412, 0.018362964538198, -0.0545672673852172,
     0.221760797065733, 0.128774399593075, 0.268240027809324),
    (-0.05493968725, 0.1873241663, 42.00760651, 0.15105808606978, -0.0742967835730021,
     0.166281861307535, 0.119754834282639, 0.175157818800013),
    (-0.121107623, 0.1375520527, 43.16773605, 0.248122674898169, -0.0601988341534919,
     0.139718054329969, 0.112700945593434, 0.145750590840802),
    (0.3871223032, 0.3729072213, 44.53269196, 0.0429711580461507, 0.0206447775162017,
     0.206977205978017, 0.127150062860118, 0.236186125318489),
    (1.363750696, 0.6509692073, 57.50234985, 0.014520458831257, 0.438644021996751,
     0.224775893460306, 0.129026189749418, 0.275963460258758),
    (0.8029530048, 0.8859373927, 55.75508118, 0.00789235028483318, 0.371750187725481,
     0.23108655167685, 0.129459362840242, 0.293904028631682),
    (0.2285614461, 0.08903037012, 46.5256958, 0.440631344542433, 0.139227360841329,
     0.102750407353818, 0.0972082510479112, 0.113879554762383),
])
# fmt: on


def test_commuting_zone_example():
    effect, se, residents, *printed = CZ.T
    mean = CZ_COEFFICIENTS[0] + CZ_COEFFICIENTS[1] * residents
    shrinkage = robust_empirical_bayes(effect, se, mean, CZ_MOMENTS, 0.9)
    half = (shrinkage.high - shrinkage.low) / 2
    half_normal = (shrinkage.high_normal - shrinkage.low_normal) / 2
    ours = [
        shrinkage.reliability,
        shrinkage.shrunk,
        half,
        half_normal,
        shrinkage.worst_miss_normal(),
    ]
    assert np.allclose(ours, printed, rtol=1e-7, atol=0)


def weighted_regression(effect, covariate, weights):
    """Return coefficients and fitted values of least squares with a constant."""
    x, root = np.column_stack([np.ones(len(effect)), covariate]), np.sqrt(weights)
    coefficients = np.linalg.lstsq(x * root[:, None], effect * root, rcond=None)[0]
    return coefficients, x @ coefficients


def test_commuting_zones_from_the_data():
    """All 595 zones: regression, moments, and the mean half lengths and miss at the 90 % level."""
    table = np.loadtxt(PUBLISHED / "commuting_zones.csv", delimiter=",", skiprows=4)
    assert table.shape == (595, 3)
    effect, se, residents = table.T
    weights = se**-2
    coefficients, mean = weighted_regression(effect, residents, weights)
    assert coefficients == pytest.approx(CZ_COEFFICIENTS, rel=1e-8)
    moments = effect_moments(effect - mean, se, weights)
    assert moments.mu2 == pytest.approx(6.243867e-3, abs=5e-10)
    assert moments.kappa == pytest.approx(778.5337, abs=5e-5)
    assert moments.kappa_uncorrected == pytest.approx(345.31914806917, rel=1e-8)
    shrinkage = robust_empirical_bayes(effect, se, mean, moments, 0.9)
    lengths = [
        np.mean(shrinkage.high - shrinkage.low) / 2,
        np.mean(shrinkage.high_normal - shrinkage.low_normal) / 2,
        normal_quantile(0.9) * se.mean(),
        shrinkage.worst_miss_normal().mean(),
    ]
    printed = [0.195240883068204, 0.12341212897005, 0.785800110519175, 0.227470256029272]
    assert lengths == pytest.approx(printed, rel=1e-7)


# fmt: off
# fmt: on
