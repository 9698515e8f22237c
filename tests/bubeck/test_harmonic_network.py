"""The method bubeck-harmonic: reaches the accuracy, agrees with complex units, refuses by name."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib import data
from memlib.approximate import FloatNetwork
from memlib.bubeck import harmonic_network_floats as module
from memlib.bubeck.codes_floats import address_weights, harmonic, kappa_complex
from memlib.bubeck.complex_floats import complex_units
from memlib.bubeck.harmonic_network_floats import harmonic_network
from memlib.bubeck.reached_floats import ReachedNetwork
from memlib.bubeck.recombination_floats import values
from memlib.points import HypothesisError, input_scale, to_integers


def problem(n: int, d: int, seed: int = 0, decimals: int = 3) -> tuple:
    X = data.sphere(n, d, rng=seed, decimals=decimals)
    return X, 2 * data.random_labels(n, rng=seed + 1) - 1


def built(X: np.ndarray, y: np.ndarray, **options) -> ReachedNetwork:
    return harmonic_network(to_integers(X), tuple(y), input_scale(X), **options)


@settings(max_examples=60)
@given(
    st.integers(1, 40), st.integers(12, 20), st.integers(0, 99),
    st.sampled_from([0.5, 0.1, 0.03]), st.floats(0.1, 50),
)  # fmt: skip
def test_the_accuracy_is_reached_and_stated(n: int, d: int, seed: int, accuracy: float, size: float) -> None:
    X, y = problem(n, d, seed)
    y = size * y * np.linspace(1, 2, n)
    net = built(X, y, rng=seed, accuracy=accuracy)
    assert net.reached <= accuracy
    f = np.maximum(X @ net.w.T, 0) @ net.a  # no biases
    assert net.reached == pytest.approx(np.sum((f - y) ** 2) / np.sum(y**2), rel=1e-6)
    assert net.reached == pytest.approx(net.relative_error(X, y), rel=1e-6) and not net.b.any()


def test_five_hundred_points_in_fifty_dimensions() -> None:
    X, y = problem(500, 50)
    W = {}
    for accuracy, most in ((0.5, 300), (0.1, 1500), (0.02, 8000)):
        net = built(X, y, accuracy=accuracy)
        assert net.hidden_neurons <= most and net.hidden_neurons % 8 == 0
        W[accuracy] = net.total_weight / sqrt(500)
    assert max(W.values()) - min(W.values()) < 0.3 and 5 < W[0.1] < 7


@pytest.mark.parametrize(("m", "p"), [(2, 3), (4, 1), (6, 1)])
def test_other_orders(m: int, p: int) -> None:
    X, y = problem(12, 8)
    net = built(X, y, m=m, p=p, accuracy=0.6, most=10**6)
    assert net.reached <= 0.6 and net.hidden_neurons % (2 * m * (p + 1)) == 0
    # the 2 m (p + 1) ReLUs of a unit are harmonic neurons: at w.x their alternating sums are h_m
    first, out = net.w[: 2 * m], net.a[: 2 * m]
    w = first[0] + 1j * first[m // 2]
    assert np.allclose(first, [(np.exp(-1j * np.pi * r / m) * w).real for r in range(2 * m)])
    heights = np.maximum(X @ first.T, 0) @ np.sign(out) / (2 * m)
    assert np.allclose(np.abs(heights), np.abs(harmonic(m, X @ w)))


def test_the_mean_of_the_closed_form() -> None:
    X, y = problem(30, 12, decimals=9)
    alpha = address_weights(X, y, 1)
    for delta, sigma in ((0.7, 0.0), (0.5, 1.0)):
        w, out = complex_units(X, alpha, 2, 1, delta, sigma, 40_000, 0)
        F = sqrt(30 / 12) / kappa_complex(2, sigma) * values(X, w, out)
        mean = module.mean_of_pairs(X, alpha, delta, sigma)
        assert np.abs(F.mean(axis=0) - mean).max() < 6 * F.std() / 200
        reach = module.reach(X, alpha, 2)
        size = (sqrt(30 / 12) * module.lipschitz(2) / kappa_complex(2, sigma)) ** 2
        assert (np.mean(F**2, axis=0) <= size * reach).all()


def test_the_closed_form_design_is_light_and_accurate() -> None:
    X, y = problem(100, 20, decimals=9)
    alpha, ones = address_weights(X, y, 1), np.ones(100)
    for accuracy in (0.5, 0.05):
        chosen = module.closed_form_design(X, y, ones, alpha, accuracy * 100, 0.0)
        assert chosen.bias <= accuracy * 25
        mean = chosen.c * module.mean_of_pairs(X, alpha, chosen.delta, 0.0)
        assert np.sum((mean - y) ** 2) == pytest.approx(chosen.bias)
        net = built(X, y, accuracy=accuracy)
        assert net.total_weight <= 1.1 * chosen.weight


def test_the_bias_of_the_theorem_is_kept() -> None:
    """For m = 2 with noise and the theorem's step, the bias by the closed form is below a quarter of the goal."""
    X, y = problem(40, 15, decimals=9)
    alpha, ones = address_weights(X, y, 1), np.ones(40)
    chosen = module.theorem_design(X, y, ones, alpha, 0.1 * 40, 2, 1, 1.0)
    mean = module.mean_of_pairs(X, alpha, chosen.delta, 1.0)
    assert np.sum((mean - y) ** 2) <= 0.1 * 40 / 4


def test_the_result_is_a_float_network_with_its_error() -> None:
    X, y = problem(20, 12)
    net = built(X, y, rng=3)
    assert isinstance(net, FloatNetwork) and net.theorem == "bubeck-complex-coded"
    assert f"relative squared error {net.reached:.2g}" in repr(net)
    assert (net.w == built(X, y, rng=3).w).all() and not np.array_equal(net.w[:8], built(X, y, rng=4).w[:8])
    with pytest.raises(ValueError, match="no certificate"):
        net.certificate(X, y)


def test_refusals() -> None:
    X, y = problem(20, 12)
    cases = {
        "unit vectors": (X * 2, y, {}),
        "some label is not 0": (X, 0 * y, {}),
        "at most 100 neurons": (X, y, {"accuracy": 0.01, "most": 100}),
        "is invertible": (np.vstack([X, -X[:1]]), np.append(y, 1), {}),
    }
    for hypothesis, (points, labels, options) in cases.items():
        with pytest.raises(HypothesisError, match=hypothesis):
            built(points, labels, **options)
    crowd = problem(12, 4)
    with pytest.raises(HypothesisError, match="rank 10"):
        built(*crowd)
    for options in ({"accuracy": 0}, {"m": 3}, {"p": 2}, {"sigma": -1}, {"m": 4, "sigma": 0}):
        with pytest.raises(ValueError, match=r"must be positive"):
            built(X, y, **options)


def test_a_wrong_signal_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The network is verified: with a wrong kappa no draw reaches the accuracy."""
    monkeypatch.setattr(module, "kappa_complex", lambda m, sigma: 3 * kappa_complex(m, sigma))
    monkeypatch.setattr(module, "DRAWS", 2)
    with pytest.raises(HypothesisError, match="2 draws reached"):
        built(*problem(20, 12), accuracy=0.1)
