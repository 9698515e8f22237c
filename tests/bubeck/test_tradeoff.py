"""Duality and polish: laws, oracles by other routes, all controls of the page, mutants; greedy and trained ones."""

import math
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from memlib import checker, data, memorize
from memlib.approximate import FloatNetwork
from memlib.bubeck import tradeoff
from memlib.bubeck import tradeoff_floats as practice
from memlib.bubeck.total_weight import Neuron, lift, neurons_of, reach, total_weight
from memlib.bubeck.tradeoff import Pair, Polish
from memlib.bubeck.weights_floats import lightest
from memlib.claim import ClaimFails, ControlFails
from memlib.points import HypothesisError, to_integers
from tests import strategies as own

LINE, Y = ((-1,), (0,), (1,)), (0, 1, 0)
THREE = (Neuron(1, (0,), 1), Neuron(-1, (1,), 0), Neuron(-1, (-1,), 0))
TWO = (Neuron(1, (1,), 1), Neuron(-2, (1,), 0))
BEST = Pair(LINE, Y, THREE, (-1, 3, -1))
PLACES = tuple((Fraction(p, q),) for p, q in ((-4, 3), (-3, 4), (0, 1), (3, 4), (4, 3)))
F = Fraction
HAND = Polish(((0,), (1,)), (1, 3), (1, 1), ((1, F(9, 10)), (1, 0)), ((0, F(1, 10)), (0, 0)))


# R(r) exactly


@given(st.lists(st.tuples(own.fractions), min_size=1, max_size=6), st.data())
def test_reach_squared_is_the_square_of_the_ball(points: list, draw: st.DataObject) -> None:
    r = draw.draw(st.lists(st.integers(-9, 9), min_size=len(points), max_size=len(points)))
    exact = tradeoff.reach_squared(lift(tuple(points)), r)
    assert math.isclose(float(exact), float(reach(lift(tuple(points)), r)) ** 2, rel_tol=1e-9, abs_tol=1e-12)


@given(st.lists(st.tuples(st.integers(-5, 5)), min_size=1, max_size=5), st.data())
def test_reach_squared_is_the_largest_response_on_a_fine_circle(points: list, draw: st.DataObject) -> None:
    r = draw.draw(st.lists(st.integers(-9, 9), min_size=len(points), max_size=len(points)))
    angle = np.linspace(0, 2 * np.pi, 20_001)
    rows = np.maximum(np.outer([x for (x,) in points], np.cos(angle)) + np.sin(angle), 0)
    seen = np.abs(np.array(r) @ rows).max()
    exact = float(tradeoff.reach_squared(lift(tuple(points)), r)) ** 0.5
    assert seen <= exact * (1 + 1e-9) + 1e-9
    assert exact <= seen + 1e-3 * (1 + sum(map(abs, r)) * 6)


@given(st.fractions(0, 50, max_denominator=30))
def test_exact_root(q: Fraction) -> None:
    assert tradeoff.exact_root(q * q) == q
    root = tradeoff.exact_root(q)
    assert root is None or root * root == q


# bubeck-duality


def test_the_pairs_of_the_page(records: list) -> None:
    tradeoff.duality.check([BEST], over="three points")
    assert records[-1]["strength"] == "exact"
    assert tradeoff.price(BEST) == 3
    turned = replace(BEST, r=(1, -3, 1))  # full responses of the wrong sign
    assert not any(map(turned.touches, THREE)) and all(map(BEST.touches, THREE))


def test_a_linear_program_finds_nothing_lighter() -> None:
    """Oracle: 720 angles of weights_floats, another program. It may only be heavier, and not by much."""
    found = 0
    for y in product((1, -1), repeat=5):
        try:
            pair = tradeoff.lightest_pair(PLACES, y)
        except HypothesisError:
            continue
        tradeoff.duality.check([pair], over="sign vectors")
        exact = float(tradeoff.price(pair))
        estimate = lightest([[float(v) for v in x] for x in lift(PLACES)], y)
        assert exact * (1 - 1e-6) <= estimate <= 1.02 * exact
        assert math.isclose(exact, float(total_weight(pair.neurons)) * float(pair.reach_squared) ** 0.5)
        found += 1
    assert found == 8


@given(st.lists(st.integers(-5, 5), min_size=3, max_size=3), st.integers(1, 4), st.integers(1, 3))
def test_price_and_touching_agree(r: list, p: int, q: int) -> None:
    """Part (c) on pairs that are mostly not optimal: W R = r.y exactly if every neuron touches; never W R < r.y."""
    assume(any(r))
    for neurons in (TWO, THREE, (Neuron(F(p, q), (0,), q), *THREE[1:], Neuron(F(1 - p), (0,), 1))):
        used = tuple(g for g in neurons if g.a)
        y = tuple(sum(g(x) for g in used) for x in LINE)
        pair = Pair(LINE, y, used, tuple(r))
        price = tradeoff.price(pair)
        assert (price == pair.asked) == all(map(pair.touches, used))
        if price is not None:
            assert price >= pair.asked


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        (replace(BEST, neurons=TWO), "irrational"),
        (replace(BEST, r=(-1, 2, -1)), "not r.y = 2"),
        (replace(BEST, r=(1, -3, 1)), "not r.y = -3"),
        (replace(BEST, r=(0, 0, 0)), r"R\(r\) = 0"),
        (replace(BEST, y=(0, 1, 1)), "f is 0 at point 2, not 1"),
        (replace(BEST, neurons=(*THREE[1:], *[Neuron(F(1, 2), (0,), 1)] * 2)), "4 neurons for 3 points"),
    ],
)
def test_mutants_of_a_pair_are_noticed(pair: Pair, says: str) -> None:
    with pytest.raises(ClaimFails, match=says):
        tradeoff.duality.check([pair], over="a mutant")


def test_controls_of_duality(records: list) -> None:
    twins = Pair(((0,), (0,), (1,)), (1, -1, 0), THREE, (1, -1, 0))
    tradeoff.duality.control(twins, without="the points are distinct")
    assert "no weight is enough" in records[-1]["reason"]
    tradeoff.duality.rejects(
        BEST, wrong=tradeoff.labels_close_the_gap, says="the labels are a best test vector"
    )
    fits = Pair(((0,), (0,)), (1, 1), (Neuron(1, (0,), 1),), (1, 1))
    with pytest.raises(ControlFails, match="survives"):  # twins with equal labels are no obstacle
        tradeoff.duality.control(fits, without="the points are distinct")


def test_lightest_pair_refuses() -> None:
    with pytest.raises(HypothesisError, match="rational square"):
        tradeoff.lightest_pair(LINE, Y)
    with pytest.raises(HypothesisError, match="n neurons are used: 3 are"):
        tradeoff.lightest_pair(PLACES, (0, 0, 1, 0, 0))
    with pytest.raises(HypothesisError, match="kinks at points"):
        six = tuple((F(p, q),) for p, q in ((-12, 5), (-3, 4), (0, 1), (5, 12), (4, 3), (15, 8)))
        tradeoff.lightest_pair(six, (1, -1, 1, 1, -1, 1))


# bubeck-polish


def rough(seed: int, n: int = 12, d: int = 3, k: int = 6) -> tuple:
    """Labels near the values of a random network: integers over 2^20, points over 100."""
    rng = np.random.default_rng(seed)
    points = tuple(tuple(int(v) for v in x) for x in rng.integers(-99, 99, (n, d)))
    theta = [[int(v) for v in t] for t in rng.integers(-(2**20), 2**20, (k, d + 1))]
    a = [int(v) for v in rng.choice([1, -1], k)]
    f = [
        sum(
            s * max(sum(t * v for t, v in zip(row, (*x, 100), strict=True)), 0)
            for s, row in zip(a, theta, strict=True)
        )
        for x in points
    ]
    return points, tuple(Fraction(round(F(v, 2**20 * 100) * 4000), 4000) for v in f), a, theta


@settings(max_examples=20)
@given(st.integers(0, 10**6))
def test_polish_makes_random_networks_exact(seed: int) -> None:
    points, y, a, theta = rough(seed)
    denominator = 4000
    try:  # integer labels are asked for: scale them, and the network
        it = tradeoff.polished(
            points, 100, [int(v * denominator) for v in y], a,
            [[v * denominator for v in t] for t in theta], 2**20,
        )  # fmt: skip
    except HypothesisError:
        assume(False)
    assert tradeoff.residuals_removed(it) is True
    assume(tradeoff.nobody_switches(it) is True)
    tradeoff.polish.check([it], over="a random network")
    for x, label in zip(it.points, it.y, strict=True):
        assert sum(g(x) for g in it.neurons) == label
    net = tradeoff.polished_network(it, 100)
    X = np.array(points) / 100
    assert checker.verify(net.certificate(X, it.y).document).points == 12
    assert neurons_of(net)[0](it.points[0]) == it.neurons[0](it.points[0])
    assert math.isclose(float(total_weight(neurons_of(net))), float(total_weight(it.neurons)), rel_tol=1e-9)


def test_controls_of_polish(records: list) -> None:
    tradeoff.polish.check([HAND], over="the example")
    assert records[-1]["strength"] == "exact"
    tradeoff.polish.control(
        replace(HAND, delta=((0, 0), (0, 0))), without="the correction removes the residual"
    )
    tenth = F(1, 10)
    opened = replace(HAND, delta=((-2 * tenth, tenth), (tenth, tenth)))
    tradeoff.polish.control(opened, without="nobody switches")
    assert "moves by 0.1" in records[-1]["reason"]
    assert sum(g((0,)) for g in opened.neurons) == F(11, 10)


def test_the_border_of_a_switch_is_allowed() -> None:
    """|Delta| = |theta| is allowed: a neuron that stands at -1 and moves by 1 stays closed."""
    edge = Polish(((0,), (1,)), (1, 2), (1, 1), ((1, 1), (1, -1)), ((0, 0), (-1, 1)))
    tradeoff.polish.check([edge], over="a neuron that reaches its kink")
    beyond = replace(edge, delta=((0, 0), (-F(101, 100), F(101, 100))))
    assert not tradeoff.nobody_switches(beyond)


@pytest.mark.parametrize("h", [0, 1])
def test_a_mutated_correction_is_noticed(h: int) -> None:
    delta = tuple((e[0], e[1] + F(1, 10**9) * (k == h)) for k, e in enumerate(HAND.delta))
    with pytest.raises(ClaimFails, match="violates the hypothesis"):
        tradeoff.polish.check([replace(HAND, delta=delta)], over="a mutant")


def test_the_conclusion_of_polish_is_decided_by_itself() -> None:
    """Without hypotheses, too: it evaluates the corrected network."""
    assert tradeoff.corrected_memorizes(HAND) is True
    assert "0.9 at point 0" in repr(tradeoff.corrected_memorizes(replace(HAND, delta=((0, 0), (0, 0)))))
    assert not tradeoff.corrected_memorizes(replace(HAND, a=(1, -1)))


def test_too_few_weights_are_refused() -> None:
    points, _, a, theta = rough(0)
    with pytest.raises(ValueError, match="8 weights cannot take 12 labels"):
        tradeoff.polished(points, 100, [0] * 12, a[:2], theta[:2], 2**20)
    closed = [[0, 0, 0, -1]] * 6
    with pytest.raises(HypothesisError, match="dependent"):
        tradeoff.polished(points, 100, [0] * 12, a, closed, 2**20)


# practice


def unit_points(n: int = 60, d: int = 12) -> tuple[np.ndarray, np.ndarray]:
    return data.sphere(n, d, 0), 2 * data.random_labels(n, 1) - 1


def test_greedy_errors_fall_as_boosting_says() -> None:
    X, y = unit_points()
    r, last = y.astype(float), 1.0
    for k, (w, a, error) in enumerate(practice.greedy_neurons(X, y, 0)):
        F_ = np.maximum(X @ w, 0)
        gain = (r @ F_) ** 2 / (F_ @ F_)
        r = r - a * F_
        assert math.isclose(error * (y @ y), r @ r, rel_tol=1e-9)
        assert math.isclose((last - error) * (y @ y), gain, rel_tol=1e-6, abs_tol=1e-9)
        assert error <= last
        last = error
        if k == 40:
            break


def test_greedy_network_reaches_its_accuracy_and_tuning_pays() -> None:
    X, y = unit_points()
    tuned = practice.greedy_network(X, y, 0.1)
    assert tuned.relative_error(X, y) <= 0.1
    untuned = practice.greedy_network(X, y, 0.1, steps=())
    assert untuned.hidden_neurons > 2 * tuned.hidden_neurons
    with pytest.raises(ValueError, match="positive"):
        practice.greedy_network(X, y, 0)
    with pytest.raises(ValueError, match="5 neurons reach"):
        practice.greedy_network(X, y, 0.001, most=5)


def test_a_trained_network_is_scikit_learns_and_newton_finishes_it() -> None:
    X, y = unit_points()
    net = practice.trained_network(X, y, 12)
    assert net.hidden_neurons == 13
    assert net.relative_error(X, y) < 0.1
    a, theta, error = practice.newton(net, X, y)
    assert error < 1e-20
    f = np.maximum(np.column_stack([X, np.ones(len(X))]) @ theta.T, 0) @ a
    assert np.allclose(f, y, atol=1e-8)
    it = tradeoff.polished(
        to_integers(X), 1000, [int(v) for v in y], [int(v) for v in a],
        [[round(float(v) * 2**40) for v in t] for t in theta], 2**40,
    )  # fmt: skip
    tradeoff.polish.check([it], over="a trained network")
    assert float(total_weight(it.neurons)) == pytest.approx(np.linalg.norm(theta, axis=1).sum(), rel=1e-3)
    assert checker.verify(tradeoff.polished_network(it, 1000).certificate(X, y).document).hidden_neurons == 13


def test_measured_agrees_for_exact_and_float_networks() -> None:
    X, y = unit_points(20, 5)
    exact = memorize(X, y, method="bubeck-relu-4")
    k, W, error = practice.measured(exact, X, y)
    rows = [(float(g.a), [float(v) for v in g.w], float(g.b)) for g in neurons_of(exact)]
    copy = FloatNetwork([w for _, w, _ in rows], [b for *_, b in rows], [a for a, *_ in rows], "relu", "copy")
    assert (k, error) == (copy.hidden_neurons, 0.0)
    again = practice.measured(copy, X, y)
    assert math.isclose(W, again[1], rel_tol=1e-9) and again[2] < 1e-6


@given(st.lists(st.integers(-5, 5), min_size=4, max_size=4))
def test_a_response_found_is_at_most_the_reach_and_often_equal(r: list) -> None:
    points = ((-2,), (-1,), (1,), (3,))
    found = practice.response_found(points, r, starts=100)
    exact = float(tradeoff.reach_squared(lift(points), r)) ** 0.5
    assert found <= exact * (1 + 1e-9) + 1e-12
