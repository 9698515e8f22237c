"""Least widths from both sides: counts against definitions, controls, mutants; and the methods on tables."""

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, arb_mat
from hypothesis import given, settings
from hypothesis import strategies as st

import memlib
import memlib.checker
from memlib import data
from memlib.claim import ClaimFails, ControlFails
from memlib.madden import real_data
from memlib.madden.activations import activation
from memlib.madden.charts import Candidate, Chart, decimals, enclosed_zero, slack, standardized, with_labels
from memlib.madden.real_data import (
    affine_dimension,
    at_least,
    dimension_of_differences,
    exact_width,
    least_found,
    least_width,
    one_neuron_less_is_too_few,
    relu_width,
    sharper_width,
    theorem_width,
    zero_certificate,
)

COUNT, K, ZERO = "(m - 1)(delta + 2) < n", "(K) holds", "the labels are 0"
CLOUD = decimals(data.gaussian(10, 5, rng=0))  # 2 neurons: 10 <= 2 * 6, and one neuron has 7 parameters
TWO = zero_certificate(CLOUD, 2)


# --- counts ---


@given(st.lists(st.tuples(*[st.integers(-4, 4)] * 3), min_size=1, max_size=8), st.integers(1, 5))
def test_affine_dimension_by_two_routes(rows: list, q: int) -> None:
    points = tuple(tuple(Fraction(e, q) for e in x) for x in rows)
    moved = np.array(rows, dtype=float) - rows[0]
    assert affine_dimension(points) == dimension_of_differences(points) == np.linalg.matrix_rank(moved)


@given(st.integers(1, 300), st.integers(1, 40))
def test_widths_are_the_least_that_their_theorems_allow(n: int, d: int) -> None:
    m = theorem_width(n, d)
    assert m % 2 == 0 and n * 2 <= m * d and (m == 2 or n * 2 > (m - 2) * d)
    m = sharper_width(n, d)
    assert m // 2 * (d + 2) + m % 2 >= n > (m - 1) // 2 * (d + 2) + (m - 1) % 2
    assert relu_width(n, d) * (d + 1) >= 2 * n > (relu_width(n, d) - 2) * (d + 1)
    assert -(-n // (d + 2)) <= min(theorem_width(n, d), sharper_width(n, d))


def test_constant_columns_do_not_count() -> None:
    """8 points of R^5: one neuron has 7 parameters, also in 6 columns, where d would allow 8."""
    eight = CLOUD[:8]
    flat = tuple((*x, 7) for x in eight)
    twin = tuple((*x, x[0] - 2 * x[1]) for x in eight)
    assert at_least(flat) == at_least(twin) == at_least(eight) == 2
    assert at_least(((1, 2),)) == 1 and affine_dimension(((1, 2), (1, 2))) == 0


# --- madden-exact-width ---


def test_ten_points_need_exactly_two_neurons() -> None:
    exact_width.check([TWO], over="ten points of R^5")


def test_one_neuron_more_is_not_the_least() -> None:
    three = zero_certificate(CLOUD, 3)
    assert "2 neurons take all labels" in str(least_width(three))
    exact_width.control(three, without=COUNT)
    with pytest.raises(ClaimFails):
        exact_width.check([three], over="three neurons")


def test_idle_neurons_are_not_enough() -> None:
    points = decimals(data.gaussian(15, 5, rng=1))  # 2 neurons have 14 parameters
    idle = Chart(activation("tanh"), points, ((0,) * 6,) * 2, (1, 1), arb_mat(12, 15))
    exact_width.control(Candidate(idle, (0,) * 15, arb(0, 1)), without=K)


def test_a_proof_for_other_labels_is_not_enough() -> None:
    B = arb_mat([[arb(-4), arb(4)], [arb(4), arb(0)]])
    one = Chart(activation("sigmoid"), ((0,), (1,)), ((0, 0),), (1,), B)
    half = Candidate(one, (Fraction(1, 2),) * 2, arb(0, 1 / 16))
    exact_width.control(half, without=ZERO)


def test_a_hypothesis_that_holds_is_no_control() -> None:
    with pytest.raises(ControlFails):
        exact_width.control(TWO, without=COUNT)


@pytest.mark.parametrize("off", [-1, 1])
def test_a_wrong_count_is_found(monkeypatch: pytest.MonkeyPatch, off: int) -> None:
    """(m - 1)(delta + 2 + off) < n: too strict refuses an instance; too weak admits one that is not the least."""
    seven = decimals(data.gaussian(7, 5, rng=2))
    two = zero_certificate(seven, 2)  # 7 = 1 * (5 + 2): the count does not exclude one neuron
    assert not one_neuron_less_is_too_few(two)
    eight = zero_certificate(decimals(data.gaussian(8, 5, rng=2)), 2)
    assert one_neuron_less_is_too_few(eight)
    true_dimension = affine_dimension
    monkeypatch.setattr(real_data, "affine_dimension", lambda points: true_dimension(points) + off)
    assert bool(one_neuron_less_is_too_few(eight)) == (off < 0)
    assert bool(one_neuron_less_is_too_few(two)) == (off < 0)


def test_undecided_is_said() -> None:
    """7 points of R^5: one tanh neuron has 7 parameters, and no zero certificate (7 > 6)."""
    two = zero_certificate(decimals(data.gaussian(7, 5, rng=2)), 2)
    with pytest.raises(ValueError, match="not decided"):
        least_width(two)


def test_least_found_takes_the_first_width() -> None:
    found = least_found(CLOUD, [1, 2, 3])
    assert found is not None and len(found.chart.W) == 2 and slack(found) > 0
    assert least_found(CLOUD, [1]) is None
    with pytest.raises(ValueError):
        zero_certificate(CLOUD, 1)


def test_the_certificate_gives_any_labels() -> None:
    """The exact weights, rounded, have the outputs: the definition of the network, in floats."""
    y = [3, -1, 0, 2, 5, -4, 1, 1, 0, 7]
    labelled = with_labels(TWO, y)
    z = enclosed_zero(labelled)
    assert z is not None
    W = np.array([[float(e) for e in row] for row in labelled.chart.weights(z)])
    X = np.array([[float(e) for e in x] for x in CLOUD])
    out = np.tanh(X @ W[:, :-1].T + W[:, -1]) @ [float(v) for v in labelled.chart.v]
    np.testing.assert_allclose(out, y, atol=1e-3)  # large output weights enlarge the rounding of the weights


def test_a_moved_neuron_is_refused() -> None:
    W = ((TWO.chart.W[0][0] + 1, *TWO.chart.W[0][1:]), *TWO.chart.W[1:])
    with pytest.raises(ClaimFails, match="holds"):
        exact_width.check([replace(TWO, chart=replace(TWO.chart, W=W))], over="a moved neuron")


# --- the methods on a table ---


TABLE = [[75.5, 3], [120, 4], [41.5, 2], [88, 3], [63, 2], [150, 5], [97.5, 4], [55, 1]]
PRICES = [310, 455.5, 199, 340, 262.5, 610, 399, 250]


def test_from_a_table_to_a_verdict(tmp_path) -> None:  # type: ignore[no-untyped-def]
    net = memlib.memorize(TABLE, PRICES, "madden-relu")
    assert net.hidden_neurons <= relu_width(8, 2)
    path = net.certificate(TABLE, PRICES).save(str(tmp_path / "prices.json"))
    command = [sys.executable, "-I", "-S", memlib.checker.__file__, str(path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0 and run.stdout.startswith("ACCEPT")


@settings(max_examples=5, deadline=None)
@given(st.lists(st.integers(-900, 900), min_size=8, max_size=8))
def test_newton_proves_any_prices(prices: list[int]) -> None:
    net = memlib.memorize(TABLE, prices, "madden-newton")
    assert net.hidden_neurons == theorem_width(8, 2) and net.proves(TABLE, prices)
    other = [prices[0] + 1, *prices[1:]]
    assert not net.proves(TABLE, other)


def test_refusals_name_their_hypothesis() -> None:
    for method in ("madden-relu", "madden-newton"):
        with pytest.raises(memlib.HypothesisError, match="points 0 and 2 are equal"):
            memlib.memorize([[1, 2], [3, 4], [1, 2]], [0, 1, 1], method)
    with pytest.raises(ValueError, match="pairs is 1"):
        memlib.memorize(TABLE, PRICES, "madden-newton", pairs=1)
    images, digit = data.digits()
    with pytest.raises(memlib.HypothesisError, match="general position"):
        memlib.memorize(images[:60], digit[:60], "madden-relu")
    with pytest.raises(memlib.HypothesisError, match="rank n"):  # one pair: rank 52 at most, 60 labels
        memlib.memorize(images[:60], digit[:60], "madden-newton")
    assert affine_dimension(standardized(images[:60])) + 1 == 52
