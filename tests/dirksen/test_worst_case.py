"""Enough hyperplanes and necessary hyperplanes: the algorithm on bits, the bounds, and their mutants."""

from dataclasses import replace
from fractions import Fraction
from itertools import permutations, product
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib.claim import ClaimFails, ControlFails
from memlib.dirksen import worst_case, worst_case_floats
from memlib.dirksen.scalars import ball
from memlib.dirksen.separation import pair
from memlib.dirksen.worst_case import (
    Experiment,
    FarPair,
    Lines,
    ceiling,
    enough,
    experiment,
    failure_bounds,
    first_layer,
    interpolates,
    second_layer,
    too_few,
    unseparated,
)
from memlib.evidence import Counterexample, Frequency

FIFTH = Fraction(1, 5)
BALL, APART = "the points lie in the ball of radius R", "the classes are at distance >= delta > 0"
MANY, BIASES = "n >= 2 lambda / (a delta) log(N- N+ / eta)", "the biases are uniform on [-lambda, lambda]"
CLOSE = "two points of different classes are at distance <= delta"
FEW, THRESHOLD = "n < (2 sqrt(2 pi) lambda / delta - 1) log(1 / eta)", "the neurons are thresholds"
small = st.integers(-3, 3)
points = st.tuples(small, small)
ONE = experiment([(Fraction(98, 100), 0)], [(1, 0)], 1, R=1, delta=Fraction(1, 50), eta=FIFTH, n=1026)
TIGHT = experiment([(Fraction(-1, 10), 0)], [(Fraction(1, 10), 0)], 1, R=1, delta=FIFTH, eta=FIFTH, n=38)


# The algorithm on bits.


@st.composite
def classes(draw) -> tuple:
    both = draw(st.lists(points, min_size=2, max_size=6, unique=True))
    cut = draw(st.integers(1, len(both) - 1))
    return tuple(both[:cut]), tuple(both[cut:])


@given(classes(), st.lists(st.tuples(small, small, small), max_size=7))
def test_success_is_separation_of_all_pairs(data: tuple, planes: list) -> None:
    X_minus, X_plus = data
    W, b = [(u, v) for u, v, _ in planes], [c for *_, c in planes]
    minus, plus = first_layer(W, b, X_minus), first_layer(W, b, X_plus)
    separated = all(
        any(u * x[0] + v * x[1] + c <= 0 < u * y[0] + v * y[1] + c for u, v, c in planes)
        for x in X_minus
        for y in X_plus
    )
    assert (unseparated(minus, plus) is None) == separated
    for order in permutations(range(len(minus))):
        assert interpolates(minus, plus, order) == separated


bits = st.lists(st.integers(0, 63), min_size=1, max_size=3)


@given(bits, bits)
@settings(max_examples=200)
def test_success_is_separation_for_any_bits(minus: list, plus: list) -> None:
    for order in permutations(range(len(minus))):
        assert interpolates(minus, plus, order) == (unseparated(minus, plus) is None)


def test_m_is_the_least_count() -> None:
    assert second_layer([0], [0b1, 0b111], (0,)) == [(0, 1)] and interpolates([0], [0b1, 0b111], (0,))


def test_the_example_by_hand() -> None:
    W, b = ((1,), (-1,)), (-1, 3)
    assert (first_layer(W, b, ((0,), (4,))), first_layer(W, b, ((2,),))) == ([2, 1], [3])
    assert second_layer([2, 1], [3], (0, 1)) == [(0, 1), (1, 1)]
    assert unseparated([0, 1], [1]) == (1, 0)


def test_one_anchor_may_cover_many() -> None:
    planes = tuple((1,) for _ in range(4)), (-1, -2, -3, -4)  # thresholds 1 to 4
    minus, plus = first_layer(*planes, ((0,), (2,))), first_layer(*planes, ((9,),))
    assert len(second_layer(minus, plus, (0, 1))) == 1 and interpolates(minus, plus, (1, 0))


def test_bits_are_packed_alike() -> None:
    rng = np.random.default_rng(0)
    for n in (1, 7, 8, 9, 70):
        signs = rng.random((3, n)) < 0.5
        assert worst_case_floats.packed(signs) == [
            sum(int(v) << i for i, v in enumerate(row)) for row in signs
        ]


def test_relu_covers_what_a_threshold_cannot() -> None:
    W, b, x = np.array([[1.0]]), np.array([0.0]), np.array([[-1.0], [0.5], [2.0]])
    H = np.maximum(x @ W.T + b, 0)
    assert worst_case_floats.relu_interpolates(H[:2], H[2:], (0, 1))
    bits = worst_case_floats.packed(H > 0)
    assert not interpolates(bits[:2], bits[2:], (0, 1))
    assert not worst_case_floats.relu_interpolates(H[1:2], H[2:], (0,))  # alone it is not covered


# dirksen-thm-worst


def test_constants_of_the_theorem() -> None:
    unit = float(enough(1, 1, 1, Fraction(1, 2), 1)) / log(2)
    best = float(enough(Fraction(15852, 10000), 1, 1, Fraction(1, 2), 1)) / log(2)
    assert (round(unit, 2), round(best, 4)) == (12.74, 11.1096) and unit < 12.75 and best < 11.11
    assert ceiling(enough(1, 1, Fraction(1, 50), FIFTH, 1)) == 1026
    at_R, at_best = (float(too_few(lam, 1, Fraction(1, 10**6))) for lam in (1, Fraction(15852, 10000)))
    assert unit / (at_R / log(10**6) + 1) == pytest.approx(2.54, abs=0.01)
    assert best / (at_best / log(10**6) + 1) == pytest.approx(1.40, abs=0.01)


def test_a_constant_three_percent_smaller_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    worst_case.worst.check([ONE], over="the truth")
    monkeypatch.setattr(worst_case, "enough", lambda *a: enough(*a) * ball(Fraction(97, 100)))
    with pytest.raises(ClaimFails, match="it fails with probability at least 0"):
        worst_case.worst.check([replace(ONE, n=995)], over="three percent fewer hyperplanes")


@given(classes(), st.fractions(1, 4, max_denominator=4))
@settings(max_examples=10)
def test_the_theorem_on_drawn_classes(data: tuple, lam: Fraction) -> None:
    X_minus, X_plus = data
    n = ceiling(enough(lam, 5, 1, FIFTH, len(X_minus) * len(X_plus)))
    worst_case.worst.check([experiment(*data, lam, R=5, delta=1, eta=FIFTH, n=n)], over="drawn classes")


def test_controls_of_the_worst_case(records: list) -> None:
    far = replace(ONE, minus=((Fraction(488, 100), 0),), plus=((Fraction(49, 10), 0),))
    worst_case.worst.control(far, without=BALL)
    assert "at least 0.9188" in records[-1]["reason"]
    worst_case.worst.control(replace(far, runs=300), without=BALL)
    worst_case.worst.control(replace(ONE, n=513), without=MANY)
    worst_case.worst.control(replace(ONE, scale=Fraction(1, 4)), without=BIASES)
    worst_case.worst.control(replace(ONE, minus=((Fraction(99, 100), 0),)), without=APART)
    with pytest.raises(ControlFails, match="another hypothesis is broken as well"):
        worst_case.worst.control(replace(far, n=513), without=BALL)
    slack = replace(TIGHT, n=70)  # fewer than the theorem asks for, but the pair is not the worst one
    with pytest.raises(ControlFails, match="survives"):
        worst_case.worst.control(slack, without=MANY)


@pytest.mark.parametrize("relu", [False, True])
def test_runs_agree_with_the_enclosure(relu: bool) -> None:
    answer = worst_case.succeeds(replace(TIGHT, runs=4000, relu=relu))
    assert isinstance(answer, Frequency)
    truth = 1 - float(failure_bounds(TIGHT)[0])
    assert abs(answer.hits / 4000 - truth) < 5 * (truth * (1 - truth) / 4000) ** 0.5


def test_runs_with_an_algorithm_that_covers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    it = replace(TIGHT, n=200, runs=200)
    worst_case.worst.check([it], over="the truth")
    monkeypatch.setattr(worst_case, "second_layer", lambda minus, plus, order: [])
    with pytest.raises(ClaimFails, match="0 of 200 does not confirm"):
        worst_case.worst.check([it], over="an empty second layer")


def test_failure_of_several_pairs_is_enclosed() -> None:
    three = replace(TIGHT, minus=((Fraction(-1, 10), 0), (0, 1), (1, 1)), n=20)
    low, high = failure_bounds(three)
    runs = worst_case.succeeds(replace(three, runs=2000))
    assert low < high and float(low) - 0.05 < 1 - runs.hits / 2000 < float(high) + 0.05
    with pytest.raises(ArithmeticError, match="not decided"):
        worst_case.succeeds(replace(three, eta=Fraction(round(float(low + high) * 500), 1000)))


# dirksen-lower-delta


@given(classes(), st.fractions(1, 4, max_denominator=4), st.sampled_from([FIFTH, Fraction(1, 100)]))
@settings(max_examples=10)
def test_the_lower_bound_on_drawn_classes(data: tuple, lam: Fraction, eta: Fraction) -> None:
    X_minus, X_plus = data
    nearest = min(sum((a - b) ** 2 for a, b in zip(x, y, strict=True)) for x in X_minus for y in X_plus)
    delta = next(d for d in range(1, 9) if d * d >= nearest)
    n = ceiling(too_few(lam, delta, eta)) - 1
    if n >= 0:
        it = experiment(*data, lam, R=9, delta=delta, eta=eta, n=n)
        worst_case.lower.check([it], over="drawn classes")


def test_mutants_of_the_lower_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    worst_case.lower.check([TIGHT], over="the truth")
    right = worst_case.q_bound
    monkeypatch.setattr(worst_case, "q_bound", lambda lam, delta: right(lam, delta) * ball(Fraction(9, 10)))
    with pytest.raises(ClaimFails, match="it fails with probability at most"):
        worst_case.lower.check([TIGHT], over="a smaller q")


def test_controls_of_the_lower_bound(records: list) -> None:
    worst_case.lower.control(replace(TIGHT, delta=Fraction(1, 20), n=100), without=CLOSE)
    worst_case.lower.control(replace(TIGHT, n=135), without=FEW)
    worst_case.lower.control(replace(TIGHT, scale=Fraction(1, 4)), without=BIASES)
    near = experiment([(-1,), (Fraction(39, 20),)], [(2,)], 1, R=2, delta=Fraction(1, 20), eta=FIFTH, n=159)
    worst_case.lower.control(replace(near, relu=True, runs=300), without=THRESHOLD)
    worst_case.lower.check([near, replace(near, runs=2000)], over="with thresholds")
    assert records[-1]["strength"] == "statistical"
    with pytest.raises(ControlFails, match="survives"):
        worst_case.lower.control(replace(TIGHT, n=39), without=FEW)


# dirksen-lambda-zero

ALL_W = tuple(product(range(-3, 4), repeat=2))
RAY = "some x+ is t x-, t >= 0"


@given(points, st.integers(0, 5), st.lists(points, min_size=1, max_size=2))
def test_no_bias_no_separation_on_a_ray(x: tuple, t: int, others: list) -> None:
    it = Lines(ALL_W, (0,) * len(ALL_W), (x, *others), ((t * x[0], t * x[1]),))
    worst_case.lambda_zero.check([it], over="drawn rays")


def test_firing_at_zero_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    it = Lines(ALL_W, (0,) * len(ALL_W), ((1, 1),), ((0, 0),))
    worst_case.lambda_zero.check([it], over="the truth")
    monkeypatch.setattr(
        worst_case, "first_layer",
        lambda W, b, X: [sum((w[0] * x[0] + w[1] * x[1] >= 0) << i for i, w in enumerate(W)) for x in X],
    )  # fmt: skip
    with pytest.raises(ClaimFails, match="the algorithm interpolates"):
        worst_case.lambda_zero.check([it], over="neurons that fire at 0")


def test_controls_without_biases(records: list) -> None:
    worst_case.lambda_zero.control(Lines(((1, 1),), (-3,), ((1, 1),), ((2, 2),)), without="all biases are 0")
    for x, y in (((1, 1), (1, 0)), ((0, 0), (1, 1)), ((1, 1), (-1, -1))):
        worst_case.lambda_zero.control(Lines(ALL_W, (0,) * len(ALL_W), (x,), (y,)), without=RAY)


@given(points, points)
def test_rays(x: tuple, y: tuple) -> None:
    parameters = {Fraction(a, b) for a in range(10) for b in range(1, 4)}
    assert worst_case.on_a_ray(x, y) == any((t * x[0], t * x[1]) == y for t in parameters)


# dirksen-lambda-range


@given(points.filter(any), st.sampled_from([Fraction(1, 2), 2, 5]), st.fractions(Fraction(1, 20), 20))
@settings(max_examples=15)
def test_no_range_helps_far_out(x: tuple, t: Fraction, lam: Fraction) -> None:
    y = tuple(t * v for v in x)
    it = FarPair(pair(x, y, lam), rho=Fraction(1, 2))
    worst_case.lambda_range.check([it], over="drawn rays")


def test_controls_of_the_range(records: list) -> None:
    tenth = Fraction(1, 10)
    worst_case.lambda_range.control(
        FarPair(pair((1, -tenth), (1, tenth), Fraction(1, 100)), 1), without="y = t x with t > 0"
    )
    worst_case.lambda_range.control(
        FarPair(pair((tenth,), (2 * tenth,), tenth), 1), without="|x| and |y| are at least rho"
    )
    sharp = FarPair(pair((1,), (1 + tenth * tenth,), tenth), 1)
    worst_case.lambda_range.rejects(
        sharp, says="half of it", wrong=lambda it: worst_case.small_on_both_sides(it, shrink=2)
    )


# Answers in words, and the graded exercise.


@pytest.mark.parametrize(
    ("claim", "instance", "hypothesis"),
    [
        (worst_case.worst, replace(ONE, eta=Fraction(1)), "0 < eta < 1"),
        (worst_case.worst, replace(ONE, lam=ball(0)), "lambda > 0"),
        (worst_case.lower, replace(TIGHT, n=39), FEW),
        (worst_case.lower, replace(TIGHT, relu=True), THRESHOLD),
    ],
)
def test_hypotheses_answer_in_words(claim, instance: Experiment, hypothesis: str) -> None:
    answer = claim.hypotheses[hypothesis](instance)
    assert isinstance(answer, Counterexample) and answer.reason


def test_the_graded_exercise() -> None:
    case = (1, Fraction(1, 10), Fraction(1, 100), 10**4)
    assert ceiling(enough(Fraction(15852, 10000), *case)) == 1535 and ceiling(enough(1, *case)) == 1761
    assert all(ceiling(enough(Fraction(k, 100), *case)) >= 1535 for k in range(100, 250, 5))
