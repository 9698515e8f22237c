"""Float networks: what they compute, what they weigh, what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from memlib.approximate import ACTIVATIONS, FloatNetwork
from memlib.points import HypothesisError

reals = st.floats(-9, 9)


def drawn(seed: int, k: int = 5, d: int = 3, activation: str = "relu") -> FloatNetwork:
    rng = np.random.default_rng(seed)
    return FloatNetwork(
        rng.normal(size=(k, d)), rng.normal(size=k), rng.normal(size=k), activation, "a-theorem"
    )


@given(st.integers(0, 99), st.sampled_from(sorted(ACTIVATIONS)))
def test_is_the_sum_of_its_neurons(seed, activation):
    net, X = drawn(seed, activation=activation), np.random.default_rng(seed + 1).normal(size=(4, 3))
    psi = ACTIVATIONS[activation]
    by_hand = [
        sum(a * psi(w @ x + b) for w, b, a in zip(net.w, net.b, net.a, strict=True)) for x in X
    ]  # fmt: skip
    assert net(X) == pytest.approx(by_hand, abs=1e-12)


@given(reals)
def test_activations_against_their_formulas(t):
    import math

    formulas = {
        "relu": max(t, 0.0),
        "tanh": math.tanh(t),
        "sigmoid": 1 / (1 + math.exp(-t)),
        "softplus": math.log1p(math.exp(t)),
        "gelu": t * (1 + math.erf(t / math.sqrt(2))) / 2,
    }
    assert formulas.keys() == ACTIVATIONS.keys()
    for name, value in formulas.items():
        assert float(ACTIVATIONS[name](np.array(t))) == pytest.approx(value, abs=1e-14)


@given(st.integers(0, 99), st.floats(0.1, 9))
def test_total_weight_ignores_the_scale_of_a_neuron(seed, c):
    net = drawn(seed)
    scaled = FloatNetwork(c * net.w, c * net.b, net.a / c, "relu", "a-theorem")
    assert scaled.total_weight == pytest.approx(net.total_weight)
    assert scaled(np.eye(3)) == pytest.approx(net(np.eye(3)))


def test_total_weight_and_sizes_by_hand():
    net = FloatNetwork([[3, 0], [0, 0]], [4, -2], [-2, 0.5], "relu", "a-theorem")
    assert (net.total_weight, net.hidden_neurons, net.nonzero_weights) == (11, 2, 3)
    assert net.relative_error([[0, 0], [-4, 0]], [-8, 6]) == 0.36


def test_refusals():
    net = drawn(0)
    with pytest.raises(ValueError, match="weights of this relu network are floats"):
        net.certificate(np.eye(3), [0, 1, 2])
    with pytest.raises(HypothesisError, match="some label is not 0"):
        net.relative_error(np.eye(3), [0, 0, 0])
    with pytest.raises(ValueError, match="shapes"):
        FloatNetwork([[1, 2]], [1, 2], [1], "relu", "a-theorem")
    with pytest.raises(ValueError, match="not finite"):
        FloatNetwork([[1, np.nan]], [1], [1], "relu", "a-theorem")
    with pytest.raises(ValueError, match="not one of"):
        FloatNetwork([[1, 2]], [1], [1], "threshold", "a-theorem")
    with pytest.raises(ValueError, match="read-only"):
        net.w[0, 0] = 1
