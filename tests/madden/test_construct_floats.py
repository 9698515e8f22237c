"""The method "madden-epsilon": verified networks, honest refusals, the floats against their definitions."""

import warnings
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib import data
from memlib.approximate import ACTIVATIONS
from memlib.madden import construct_floats as floats
from memlib.madden.construct import M3
from memlib.madden.construct_floats import SMOOTH, Base, epsilon_network
from memlib.points import HypothesisError, input_scale, merge, to_integers
from tests.test_methods import GOOD

G0 = np.random.default_rng(0)
Z, W, Y = data.gaussian(12, 4, rng=3), G0.standard_normal((3, 4)), G0.standard_normal(12)


def memorize(A, labels, rng=0, **options):
    """The door `memlib.memorize` without its table of methods."""
    scale = input_scale(A)
    return epsilon_network(*merge(to_integers(A, scale), labels), scale, rng, **options)


@pytest.mark.parametrize("name", sorted(SMOOTH))
def test_slopes_and_bounds(name: str) -> None:
    psi, (slope, third) = ACTIVATIONS[name], SMOOTH[name]
    t, h = np.linspace(-9, 9, 1001), 1e-5
    assert np.abs((psi(t + h) - psi(t - h)) / (2 * h) - slope(t)).max() < 1e-9
    assert third == float(M3[name])


@pytest.mark.parametrize("name", sorted(SMOOTH))
def test_a_base(name: str) -> None:
    base = Base(name, Z, W)
    assert base.rank == 12
    assert np.abs(base.J.T @ base.B - np.eye(12)).max() < 1e-9
    corners = G0.choice([-1.0, 1.0], (200, 12))
    assert max(np.abs(base.moves @ z).max() for z in corners) <= base.Delta * (1 + 1e-12)
    epsilon = base.epsilon(float(np.abs(Y).max()))
    w, v = base.weights(Y, epsilon)
    assert np.abs(ACTIVATIONS[name](Z @ w.T) @ v - base.G(Y, epsilon)).max() < 1e-6
    *_, (z, error) = base.contraction(Y, epsilon)
    assert np.abs(z).max() <= 2 * np.abs(Y).max() and error < 1e-6


def test_the_contraction_falls_and_stops() -> None:
    base = Base("tanh", Z, W)
    errors = [error for _, error in base.contraction(Y, base.epsilon(np.abs(Y).max()))]
    assert all(new < old for new, old in zip(errors[1:], errors, strict=False))
    assert errors[1] < errors[0] / 2
    assert len(list(base.contraction(Y, 1e6))) <= 5  # far too large


@pytest.mark.parametrize("name", sorted(SMOOTH))
@pytest.mark.parametrize(("n", "d"), [(1, 1), (3, 5), (6, 5), (7, 5), (30, 4), (60, 12)])
def test_networks_reach_their_accuracy(name: str, n: int, d: int) -> None:
    A, y = data.gaussian(n, d, rng=n), np.round(G0.standard_normal(n), 2) + 1
    net = memorize(A, y, activation=name)
    assert net.relative_error(A, y) <= 1e-12
    assert net.hidden_neurons == 2 * ceil(n / min(d + 1, n)) and net.activation == name
    with pytest.raises(ValueError, match="no certificate"):
        net.certificate(A, y)


def test_large_and_real_data() -> None:
    A, y = data.gaussian(300, 50, rng=2), G0.standard_normal(300)
    assert memorize(A, y).hidden_neurons == 12
    A, y = data.wine()
    net = memorize(A, y, accuracy=1e-20, activation="gelu")
    assert net.hidden_neurons == 26 and net.relative_error(A, y) <= 1e-20
    A, y = data.digits()
    assert memorize(A[:100], y[:100], activation="sigmoid").relative_error(A[:100], y[:100]) < 1e-12


#: Here the points differ by less than what a float of the inputs can carry through a network.
BEYOND = {"neighbouring floats"}


@pytest.mark.parametrize("case", [case for case in GOOD if case not in BEYOND])
def test_degenerate_and_extreme_input(case: str) -> None:
    A, zero_one = GOOD[case]
    labels = [3 * int(v) - 7 for v in zero_one]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        net = memorize(A, labels)
    assert net.relative_error(np.array(A, dtype=float), labels) <= 1e-12


@pytest.mark.parametrize("case", sorted(BEYOND))
def test_what_floats_cannot_do_is_refused(case: str) -> None:
    A, labels = GOOD[case]
    with pytest.raises(HypothesisError):
        memorize(A, labels)


def test_refusals() -> None:
    with pytest.raises(ValueError, match="activation 'relu' is not one of"):
        memorize(Z, Y, activation="relu")
    with pytest.raises(ValueError, match="accuracy is 0"):
        memorize(Z, Y, accuracy=0)
    with pytest.raises(ValueError, match="pairs is 0"):
        memorize(Z, Y, pairs=0)
    with pytest.raises(HypothesisError, match="some label is not 0"):
        memorize(Z, 0 * Y)
    with pytest.raises(HypothesisError, match="points 0, 1 are equal"):
        epsilon_network(((1, 2), (1, 2)), (1, -1))
    with pytest.raises(HypothesisError, match=r"float64 is precise enough.*not 1e-40") as refusal:
        memorize(Z, Y, accuracy=1e-40)
    assert "accuracy=" in refusal.value.remedy
    with pytest.raises(HypothesisError, match="no draw of 2 pairs reached rank 12") as refusal:
        memorize(Z, Y, pairs=2)
    assert "pairs=3" in refusal.value.remedy
    with pytest.raises(HypothesisError):  # a line: functions that are nearly dependent
        memorize([[k, 2 * k] for k in range(20)], [1, -1] * 10, activation="softplus")


def test_more_pairs_on_request() -> None:
    assert memorize(Z, Y, pairs=5).hidden_neurons == 10
    A, y = [[k, 2 * k] for k in range(8)], [1, -1] * 4  # a line: rank 2
    assert memorize(A, y).hidden_neurons == 8


@given(st.integers(0, 10**6), st.sampled_from([1e-6, 1.0, 1e6]), st.sampled_from([1e-3, 1.0, 1e3]))
@settings(max_examples=10)
def test_scales_of_points_and_labels(seed: int, size: float, height: float) -> None:
    A, y = data.gaussian(10, 3, rng=seed), np.random.default_rng(seed).uniform(1, 2, 10)
    net = memorize(A * size + size, y * height, rng=seed)
    assert net.relative_error(A * size + size, y * height) <= 1e-12


def test_a_seed_fixes_the_network() -> None:
    one, two, other = (memorize(Z, Y, rng=seed) for seed in (1, 1, 2))
    assert (one.w == two.w).all() and not (one.w == other.w).all()


def test_a_wrong_network_is_not_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    weights = Base.weights

    def one_sided(self, z, epsilon):
        w, v = weights(self, z, epsilon)
        return w, np.abs(v)

    monkeypatch.setattr(Base, "weights", one_sided)
    with pytest.raises(HypothesisError, match="float64 is precise enough"):
        memorize(Z, Y)


def test_a_smaller_epsilon_after_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    """The labels are reached with the theorem's epsilon alone, and after absurd ones."""
    monkeypatch.setattr(floats, "FACTORS", (1.0,))
    assert memorize(Z, Y).relative_error(Z, Y) <= 1e-12
    monkeypatch.setattr(floats, "FACTORS", (1e9, 1e7, 1.0))
    assert memorize(Z, Y).relative_error(Z, Y) <= 1e-12
