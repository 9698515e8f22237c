"""The method madden-newton: enclosures decided again, failures reported, degenerate data, the bench."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib import data
from memlib.approximate import FloatNetwork
from memlib.madden.activations import NAMES
from memlib.madden.charts import enclosed_zero
from memlib.madden.enclosures import has_the_labels, one_exact_network
from memlib.madden.newton import EnclosedNetwork, newton_network
from memlib.madden.newton_floats import (
    SIZES,
    best_zero,
    find_zero,
    functions,
    jacobian,
    paired_newton,
    residuals,
    right_inverse,
)
from memlib.points import HypothesisError, input_scale, merge, to_integers
from tests import strategies as own


def fit(X, y, **options) -> EnclosedNetwork:
    """What memlib.memorize does with the data before it calls a method."""
    scale = input_scale(X)
    points, labels = merge(to_integers(X, scale), y)
    return newton_network(points, labels, scale, 0, **options)


@pytest.mark.parametrize("activation", NAMES)
def test_the_network_is_proved(activation: str) -> None:
    X, y = data.gaussian(30, 4, rng=5), data.gaussian(30, 1, rng=6)[:, 0]
    net = fit(X, y, activation=activation)
    assert isinstance(net, FloatNetwork) and net.hidden_neurons == 2 * 8 and net.theorem == "madden-krawczyk"
    assert net.proves(X, y) is True and one_exact_network(net.enclosure) is True
    assert net.relative_error(X, y) < 1e-16 and net.distance < 1e-6
    z = enclosed_zero(net.enclosure)
    assert z is not None and has_the_labels(net.enclosure, z) is True
    W = np.array([[float(e) for e in row] for row in net.enclosure.chart.weights(z)])
    assert np.abs(W[:, :4] - net.w).max() <= float(net.distance)
    with pytest.raises(ValueError, match=r"no certificate.*proves"):
        net.certificate(X, y)


def test_proves_is_about_these_data_and_this_network() -> None:
    X, y = data.gaussian(12, 3, rng=1), np.arange(12)
    net = fit(X, y)
    assert net.proves(X, y) and net.proves(X[:5], y[:5])
    assert not net.proves(X, y + 1)
    assert not net.proves(X + 1, y)
    other = FloatNetwork(net.w + 1, net.b, net.a, "tanh", "x")
    assert (
        "other weights"
        in EnclosedNetwork(other.w, net.b, net.a, "tanh", "x", net.enclosure).proves(X, y).reason
    )
    small = replace(net.enclosure, cube=arb(0, 1e-300))
    assert not EnclosedNetwork(net.w, net.b, net.a, "tanh", "x", small).proves(X, y)


@pytest.mark.parametrize(
    ("X", "y"),
    [
        ([[3]], [7]),
        ([[3, 4, 5]], [0]),
        ([[0.5, 1], [0.25, 2]], [0, 0]),
        ([[1, 2, 3], [1, 2, 3.5]], [1, 1]),
        ([[0], [1], [2], [3], [4]], [1, -1, 1, -1, 1]),
        ([[1, 1], [2, 2], [3, 3], [4, 4], [5, 5], [6, 6], [7, 7]], [1, 2, 3, 5, 0, 0, 1]),
        ([[10**6, 1], [10**6 + 1, 1], [10**6, 2], [10**6 + 3, 7]], [1, 2, 3, 4]),
        ([[1, 7, 0], [2, 7, 0], [3, 7, 1]], [0, 1, 0]),
        ([[1], [2], [3]], [10**9, -(10**9), 5]),
        ([[1], [2], [3]], [1e-9, -1e-9, 0]),
        ([[1.0], [1.0], [2.0]], [3, 3, Fraction(1, 3)]),
    ],
)
def test_degenerate_data(X, y) -> None:
    net = fit(X, y)
    assert net.proves(X, y) is True
    np.testing.assert_allclose(
        net(X), np.array([float(v) for v in y]), atol=1e-7 * max(1, *(abs(v) for v in y))
    )


@given(own.point_sets(own.one_to_six, own.one_to_three), st.lists(st.integers(-3, 3), min_size=6, max_size=6))
@settings(max_examples=15)
def test_small_integer_data_are_proved_or_refused(points: tuple, y: list) -> None:
    """Never a network without proof. Collinear points and points in few planes occur."""
    labels = y[: len(points)]
    try:
        net = newton_network(points, tuple(labels))
    except HypothesisError as error:
        assert "tries" in error.witness
    else:
        assert net.proves(points, labels) is True


def test_saturated_neurons_are_not_returned() -> None:
    """Two labels 1 with output weights +-1/2: tanh reaches them only at infinity; floats reach them at 19."""
    U, y = np.array([[0.0, 0, -1], [0, 0, 0]]), np.ones(2)
    found = paired_newton(U, y, 1, "tanh", 0, biases=True)
    assert np.abs(found.v).sum() > np.abs(y).max() and np.abs(found.b).max() < 10


def test_failures_are_reported() -> None:
    with pytest.raises(
        HypothesisError, match="4 tries with 6 tanh neurons: Newton's method stops at residual"
    ):
        newton_network(((0,), (1,), (10**9,)), (1, 2, 3))
    with pytest.raises(HypothesisError, match="Raise pairs="):
        newton_network(((0,), (1,), (10**9,)), (1, 2, 3), tries=1)
    with pytest.raises(HypothesisError, match="relative squared error"):
        newton_network(((0,), (1,), (2,)), (1, 2, 3), accuracy=Fraction(1, 10**60))


def test_an_enclosure_that_fails_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    import memlib.madden.newton as module

    monkeypatch.setattr(module, "right_inverse", lambda *a: 2 * right_inverse(*a))
    with pytest.raises(HypothesisError, match="the enclosure fails"):
        newton_network(((0,), (1,), (2,)), (1, 2, 3))


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"activation": "relu"}, "activation 'relu' is not one of"),
        ({"activation": "x^2"}, "is not one of"),
        ({"accuracy": 0}, "between 0 and 1"),
        ({"accuracy": 1}, "between 0 and 1"),
        ({"pairs": 1}, "at least 2"),
        ({"pairs": 2.0}, "at least 2"),
    ],
)
def test_wrong_options(options: dict, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        newton_network(((0,), (1,), (2,)), (1, 2, 3), **options)


def test_fewer_pairs_with_biases() -> None:
    X, y = data.gaussian(20, 4, rng=5), data.gaussian(20, 1, rng=6)[:, 0]
    net = fit(X, y, pairs=4)
    assert net.hidden_neurons == 8 and net.proves(X, y)


@pytest.mark.parametrize("name", [*NAMES, "x^5"])
def test_the_float_jacobian_is_a_derivative(name: str) -> None:
    rng, h = np.random.default_rng(0), 1e-6
    X, W, b, v = rng.normal(size=(5, 2)), rng.normal(size=(3, 2)), rng.normal(size=3), rng.normal(size=3)
    psi = functions(name)[0]
    J = jacobian(name, X, W, b, v)
    for j in range(3):
        for c in range(3):
            moves = []
            for sign in (1, -1):
                W2, b2 = W.copy(), b.copy()
                if c < 2:
                    W2[j, c] += sign * h
                else:
                    b2[j] += sign * h
                moves.append(v @ psi(W2 @ X.T + b2[:, None]))
            # error h^2 times a third derivative, plus rounding 1e-16 / h
            np.testing.assert_allclose(
                (moves[0] - moves[1]) / (2 * h), J[j, c], atol=1e-6 * max(1, np.abs(J).max())
            )


@pytest.mark.parametrize("name", [*NAMES, "x^5"])
def test_bench_residuals(name: str) -> None:
    """n = floor(md / 2); the bench runs all SIZES, up to n = 600."""
    assert SIZES[-1] == (20, 60) and all(m % 2 == 0 for _, m in SIZES)
    for got in residuals(((4, 8), (6, 12)), name):
        assert got.n == got.m * got.d // 2 and got.residual < 1e-10
    with pytest.raises(ValueError, match="even"):
        next(residuals(((3, 3),)))


def test_too_many_points_are_not_solved() -> None:
    """n = 20 labels, 2 neurons with 8 numbers: the residual stays."""
    X, y = data.gaussian(20, 2, rng=0), data.gaussian(20, 1, rng=1)[:, 0]
    assert paired_newton(X, y, 1).residual > 0.1


def test_find_zero_and_its_sigma() -> None:
    X = data.gaussian(14, 3, rng=1)
    found, least = find_zero(X, 5, rng=0)
    J = jacobian("tanh", X, found.W, found.b, found.v).reshape(-1, 14)
    assert least == pytest.approx(np.linalg.svd(J, compute_uv=False)[13])
    assert best_zero(X, 5).residual < 1e-10 and np.abs(best_zero(X, 5).v).min() >= 0.5
    with pytest.raises(ValueError, match="no seed"):
        best_zero(X, 5, seeds=())
