"""Order-averaged decompositions against Das Gupta's worked examples.

Das Gupta, P. (1993). Standardization and Decomposition of Rates: A User's Manual. US Bureau of the
Census, Current Population Reports P23-186; figures with the digits printed there.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from pipeline.model.numerics.decomposition import order_averaged_parts

# fmt: off
# example, first side, second side, printed effects; the rate is the product of its factors
PRODUCTS = [
    ("2.1 earnings, black and white",
     {"earnings": 10930, "earners": 0.717892}, {"earnings": 16591, "earners": 0.825974},
     {"earnings": 4369.913, "earners": 1487.262}, 1e-3),
    ("2.2 births, Austria and Chile",
     {"births": 51.78746, "fertile": 0.45919, "women": 0.52638},
     {"births": 84.90502, "fertile": 0.75756, "women": 0.51065},
     {"births": 10.4340333, "fertile": 10.5608476, "women": -0.6670084}, 1e-6),
    ("2.3 teenage births",
     {"birth": 25.3, "pregnant": 0.214, "active": 0.279, "women": 0.949},
     {"birth": 32.7, "pregnant": 0.290, "active": 0.473, "women": 0.986},
     {"birth": 0.6889411, "pregnant": 0.8125381, "active": 1.3829055, "women": 0.1047547}, 1e-6),
    ("2.4 total fertility",
     {"married": 0.58, "no_method": 0.76, "abortion": 0.84, "lactation": 0.66, "fecund": 16.573},
     {"married": 0.72, "no_method": 0.97, "abortion": 0.97, "lactation": 0.56, "fecund": 16.158},
     {"married": 1.0909785, "no_method": 1.2298438, "abortion": 0.7278399,
      "lactation": -0.8398707, "fecund": -0.1290187}, 1e-6),
]
BIRTHS_1960 = {
    "marital": [393, 407, 369, 274, 184, 90, 16],
    "married": [0.122, 0.622, 0.903, 0.930, 0.916, 0.873, 0.800],
    "women": [0.043, 0.041, 0.036, 0.032, 0.026, 0.020, 0.018],
}
BIRTHS_1970 = {
    "marital": [488, 452, 338, 156, 63, 22, 3],
    "married": [0.082, 0.527, 0.866, 0.941, 0.942, 0.923, 0.876],
    "women": [0.058, 0.038, 0.032, 0.030, 0.026, 0.023, 0.019],
}
SIZE = {
    1970: [12.9, 10.9, 9.5, 8.0, 7.8, 8.4, 8.6, 7.8, 7.0, 5.9, 4.7, 3.6, 4.9],
    1985: [10.1, 11.2, 11.6, 10.9, 9.4, 7.7, 6.3, 6.0, 6.3, 5.9, 5.1, 4.0, 5.5],
}
HEADSHIP = {
    1970: [1.9, 25.8, 45.7, 49.6, 51.2, 51.6, 51.8, 54.9, 58.7, 60.4, 62.8, 66.6, 66.8],
    1985: [2.2, 24.3, 45.8, 52.5, 56.1, 55.6, 56.0, 57.4, 57.2, 61.2, 63.9, 68.6, 72.2],
}
# fmt: on


def product(values):
    """Return the product of the parts."""
    return np.prod(list(values.values()))


@pytest.mark.parametrize(("name", "first", "second", "printed", "digits"), PRODUCTS)
def test_products_of_factors(name, first, second, printed, digits):
    parts = order_averaged_parts(product, first, second)
    for part, value in printed.items():
        assert parts[part] == pytest.approx(value, abs=digits), f"{name}: {part}"


def test_sum_of_products_over_ages():
    """Example 4.3: the crude birth rate fell from 38.77 to 27.20."""

    def rate(values):
        return np.sum(np.prod(list(values.values()), axis=0))

    parts = order_averaged_parts(rate, BIRTHS_1960, BIRTHS_1970)
    printed = {"marital": -7.285632, "married": -2.720633, "women": -1.565181}
    for part, value in printed.items():
        assert parts[part] == pytest.approx(value, abs=1e-5)
    assert rate(BIRTHS_1970) - rate(BIRTHS_1960) == pytest.approx(27.20318 - 38.77463, abs=1e-5)


def test_kitagawa_household_headship():
    """Example 5.1: age structure 1.2269 and rates 1.7403 of the rise of 2.9672."""
    parts = order_averaged_parts(
        lambda side: np.dot(side["size"], side["rate"]) / np.sum(side["size"]),
        {"size": SIZE[1970], "rate": HEADSHIP[1970]},
        {"size": SIZE[1985], "rate": HEADSHIP[1985]},
    )
    assert parts["size"] == pytest.approx(1.2269, abs=1e-4)
    assert parts["rate"] == pytest.approx(1.7403, abs=1e-4)


@given(st.lists(st.floats(-3, 3), min_size=6, max_size=6))
def test_parts_of_a_logit_add_up_exactly(values):
    """Composition, conditions and practice of three municipalities at once."""
    first = dict(zip("abc", values[:3], strict=True))
    second = dict(zip("abc", values[3:], strict=True))
    level = np.array([-4.0, -2.0, 0.0])

    def risk(parts):
        return expit(level + sum(parts.values()))

    result = order_averaged_parts(risk, first, second)
    assert np.allclose(sum(result.values()), risk(second) - risk(first), rtol=0, atol=1e-14)
    back = order_averaged_parts(risk, second, first)
    for part in first:
        assert np.allclose(back[part], -result[part], atol=1e-14)
        if first[part] == second[part]:
            assert np.all(result[part] == 0)


def test_sides_with_different_parts_are_refused():
    with pytest.raises(ValueError, match="same parts"):
        order_averaged_parts(product, {"a": 1}, {"b": 1})
    many = {str(i): 1.0 for i in range(13)}
    with pytest.raises(ValueError, match="at most 12"):
        order_averaged_parts(product, many, many)
