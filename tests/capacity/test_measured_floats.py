"""Rounded evaluation, baselines, and draws of the measured table."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import memlib
from memlib import data
from memlib.capacity import measured_draws_floats as draws
from memlib.capacity import measured_floats as floats
from memlib.capacity.chip_floats import on_numpy
from memlib.capacity.measured_bounds import Given
from memlib.network import Layer, Network
from memlib.points import to_integers


@pytest.mark.parametrize("method", ["baum", "bubeck-relu", "madden-relu", "rajput", "vershynin", "dirksen"])
def test_rounding_agrees_with_the_other_evaluation(method: str) -> None:
    """`Network.in_floats` uses the BLAS and another order; both come close to the labels."""
    X, y = data.gaussian(30, 3, rng=2, decimals=2), data.random_labels(30, 3)
    net = memlib.memorize(X, y, method=method)
    points = to_integers(X, net.input_scale)
    out = [float(v) for v in on_numpy(net, points, "float64")]
    assert np.allclose(out, y, atol=1e-6) and np.allclose(net.in_floats(X), y, atol=1e-6)
    assert floats.survives(net, points, y, 64)


@given(
    st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), min_size=1, max_size=5), st.integers(0, 2000)
)
def test_powers_of_two_round_nothing(points: list, power: int) -> None:
    """A network with small integers times 2**power is evaluated exactly, in float32 as well."""
    first = Layer(
        ((3 << power, -(1 << power)), (-(2 << power), 5 << power)), (1 << power, -(7 << power)), "relu"
    )
    net = Network((first, Layer(((2, -3),), (4 << power,), "identity")), "test", (1, 1), 1 << power)
    exact = net.at_integers(points)
    assert on_numpy(net, tuple(points), "float32") == list(exact)


def test_a_sum_that_float32_cannot_hold() -> None:
    big = 2**30
    first = Layer(((1,), (1,)), (big, big + 1), "relu")
    net = Network((first, Layer(((-1, 1),), (0,), "identity")), "test", (1,))
    assert net.at_integers([(0,)]) == (1,)
    assert floats.survives(net, [(0,)], [1], 64) and not floats.survives(net, [(0,)], [1], 32)
    late = Layer(((big,),), (-big * 3 + 1,), "threshold")  # the border lies between 2 and 3
    net = Network((late, Layer(((1,),), (0,), "identity")), "test", (1,))
    assert on_numpy(net, ((2,), (3,), (4,)), "float32") == [0, 1, 1]


def test_the_sphere_keeps_its_distance() -> None:
    X = floats.separated_sphere(30, 8, 0.7, rng=3)
    assert X.shape == (30, 8) and data.separation(X) >= 0.7
    assert np.allclose(np.linalg.norm(X, axis=1), 1, atol=2e-3)
    assert np.array_equal(X, floats.separated_sphere(30, 8, 0.7, rng=3))


def test_training_counts_right_labels() -> None:
    X = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    parameters, nonzero, found = floats.train(X, [0, 1, 1, 0], width=0)
    assert (parameters, nonzero) == (3, nonzero) and found["right64"] < 4
    parameters, _, found = floats.train(X, [0, 0, 0, 1], width=0)
    assert found["right64"] == found["right32"] == 4
    assert floats.train(X, [0, 1, 2, 0], width=3)[0] == 3 * 3 + 3 * 4


def test_numbers_are_short() -> None:
    words = [floats.significant(Fraction(v)) for v in (Fraction(1, 3), 2, 13.5, 99.7, 1234, 123456)]
    assert words == ["0.33", "2", "13.5", "100", "1234", "123k"]
    assert floats.significant(None) == "-"


# --- draws ---


def test_the_first_success_is_the_first() -> None:
    y = np.array([1, 1, 0])
    bits = np.array([[0, 1, 0, 0], [1, 0, 0, 0], [1, 0, 0, 1]], dtype=bool)
    assert draws._first_success(bits, y, directed=True) == 4  # points 1 and 2 agree up to the last column
    assert draws._first_success(bits[:, :3], y, directed=True) == 4  # not at all: one more than there are
    assert draws._first_success(bits[:, [1, 3]], y, directed=False) == 2


def test_a_curve_rises_and_its_bands_hold_it() -> None:
    X, y = data.two_moons(30, rng=1)
    curve = draws.greedy_layer(Given.of(X, y), bound=400, trials=60, most=400)
    assert list(curve.hits) == sorted(curve.hits) and curve.hits[0] < 60 == curve.hits[-1]
    low, high = curve.band()
    share = np.array(curve.hits) / 60
    assert (low <= share).all() and (share <= high).all() and (high - low).max() < 0.3
    assert curve.at_bound().lower() >= 0.5
    early = draws.Curve("early", curve.neurons, curve.hits, 60, bound=8, promised=0.5)
    assert early.at_bound().upper() < 0.5  # a promise of so few neurons would be refuted


def test_the_draws_are_those_of_the_method() -> None:
    """dirksen-alg-iff: with the same share of successes `fit` finds its network at this width."""
    X, y = data.two_moons(24, rng=4, decimals=1)
    curve = draws.greedy_layer(Given.of(X, y), bound=32, trials=150, most=32)
    hits = 0
    for seed in range(60):
        try:
            memlib.memorize(X, y, method="dirksen", rng=seed, width=32)
        except memlib.HypothesisError:
            continue
        hits += 1
    share = curve.hits[-1] / curve.trials
    assert 0.05 < share < 0.95 and abs(hits / 60 - share) < 0.25


def test_parities_of_one_hyperplane_are_its_bits() -> None:
    curve = draws.parity_codes(Given.of([[0], [1]], [0, 1]), k=1, bound=64, trials=50, most=64)
    assert curve.hits[-1] == 50 and curve.neurons[-1] == 64
