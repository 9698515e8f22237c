"""Hyperplanes that tell points apart: laws, oracles by another route, the controls of the page, mutants."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product
from math import comb, pi

import numpy as np
import pytest
import sympy
from flint import arb
from hypothesis import assume, given
from hypothesis import strategies as st

from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample
from memlib.points import HypothesisError
from memlib.rajput import hyperplanes, integers, line, two_points
from memlib.rajput.hyperplanes import Cloud, Draw, codes, enough_hyperplanes, first_layer, radius_of, segment
from memlib.rajput.hyperplanes_floats import (
    angle_ratio,
    bits_of,
    frequency,
    gaussian_integers,
    scaled_gaussians,
    successes_by_size,
)
from memlib.rajput.line import Line, Unit, fewest_units
from memlib.rajput.two_points import Pair, Throws, angle, ball, best_factor, cut, letters, radial
from tests.strategies import point_sets, small

HALF = Fraction(1, 2)
BALL = "the points lie in the unit ball"
MANY = "m >= (2 pi/delta) ln(n(n-1)/(2 eta))"
TAU = sympy.Symbol("tau", positive=True)
FAR = Pair((3,), (2,))


ONE = st.just(1)


@st.composite
def pairs(draw, tau=ONE) -> Pair:
    """Two points of the unit ball: integers over a common radius, often on the boundary or on a common ray."""
    d = draw(st.integers(1, 3))
    X, Y = (draw(st.tuples(*[small] * d)) for _ in "xy")
    return Pair(X, Y, (R := radius_of((X, Y))), R, draw(tau))


def in_floats(pair: Pair) -> float:
    """The angle from arccos, in floats."""
    u, v = (np.array([float(c) for c in w]) for w in pair.lifted)
    return float(np.arccos(np.clip(u @ v / np.linalg.norm(u) / np.linalg.norm(v), -1, 1)))


# two points


@given(pairs())
def test_angle_against_floats_and_the_definition(pair: Pair) -> None:
    assert float(pair.angle.mid()) == pytest.approx(in_floats(pair), abs=1e-6)
    x, y = (sympy.Matrix(z) / r for z, r in ((pair.X, pair.r), (pair.Y, pair.s)))
    rs = (pair.r * pair.s) ** 2
    assert Fraction(pair.distance) == rs * Fraction(str((x - y).dot(x - y)))
    assert pair.norms == rs * Fraction(str((x.dot(x) + 1) * (y.dot(y) + 1)))


@given(pairs())
def test_lift_and_cut_hold_in_the_ball(pair: Pair) -> None:
    hyperplanes.lift_angle.check([pair], over="a drawn pair")
    hyperplanes.separate_prob.check([cut(pair)], over="a drawn pair")
    assert float(cut(pair).p.mid()) == pytest.approx(in_floats(pair) / pi, abs=1e-6)


@given(pairs(tau=st.fractions(Fraction(1, 9), 9, max_denominator=9)))
def test_bias_scale_holds(pair: Pair) -> None:
    integers.bias_scale.check([pair], over="a drawn pair")


@given(pairs(tau=st.integers(0, 2)))
def test_arcs_are_the_whole_circle(pair: Pair) -> None:
    whole = sum((share for share, _ in two_points.arcs(pair)), ball(0))
    assert abs(whole - 1) < ball(Fraction(1, 10**9))


@pytest.mark.parametrize(
    ("pair", "p"),
    [
        (Pair((0,), (1,)), Fraction(1, 4)),
        (Pair((-1,), (1,)), HALF),
        (Pair((1, 0), (0, 1)), Fraction(1, 3)),
        (Pair((2,), (2,), 3, 3), Fraction(0)),
        (Pair((1,), (-1,), tau=0), Fraction(1)),
        (Pair((1,), (2,), 2, 2, tau=0), Fraction(0)),
        (Pair((0,), (1,), tau=0), HALF),  # one unit is constant, the other fair
    ],
)
def test_cuts_known_by_hand(pair: Pair, p: Fraction) -> None:
    assert abs(cut(pair).p - ball(p)) < ball(Fraction(1, 10**12))


def test_symbolic_checks(records: list) -> None:
    hyperplanes.lift_angle.check([letters(1), letters(2)], over="all")
    integers.bias_scale.check([letters(1, TAU), letters(2, TAU)], over="all")
    assert [r["strength"] for r in records] == ["symbolic", "symbolic"]
    free = Pair(sympy.symbols("x1:3", real=True), sympy.symbols("y1:3", real=True))
    with pytest.raises(ClaimFails, match="violates the hypothesis 'the points lie in the unit ball'"):
        hyperplanes.lift_angle.check([free], over="all of the plane")


def test_statistical_and_enclosure_strengths(records: list) -> None:
    hyperplanes.separate_prob.check([Throws(Pair((0, 0), (1, 0), 1, 2), 2000, 0)], over="throws")
    hyperplanes.separate_prob.check([Throws(Pair((1,), (1,)), 10, 0)], over="a point against itself")
    hyperplanes.separate_prob.check([cut(Pair((0,), (1,)))], over="one")
    assert [r["strength"] for r in records] == ["statistical", "exact", "enclosure"]


def test_controls_of_two_points(records: list) -> None:
    ray = Pair((1, 0), (1, 0), 1, 2, tau=0)
    hyperplanes.lift_angle.control(FAR, without=BALL)
    hyperplanes.lift_angle.control(ray, without="the appended coordinate is 1")
    hyperplanes.separate_prob.control(cut(FAR), without=BALL)
    hyperplanes.separate_prob.control(cut(ray), without="the bias has the law of the weights")
    hyperplanes.separate_prob.control(
        Throws(ray, 500, 0), without="the bias has the law of the weights"
    )  # 0 of 500
    integers.bias_scale.control(FAR, without=BALL)
    assert len(records) == 6
    for pair in (Pair((1,), (-1,)), Pair((0, 0), (1, 1), 2, 2)):
        with pytest.raises(ControlFails):
            hyperplanes.lift_angle.control(pair, without=BALL)


@given(st.fractions(Fraction(1, 5), 5, max_denominator=20))
def test_no_larger_factor(tau: Fraction) -> None:
    near = radial(tau, Fraction(1, 10**6))
    assert two_points.sine_at_least(near, best_factor(tau))
    assert not two_points.sine_at_least(near, best_factor(tau) * Fraction(1001, 1000))


MUTANTS = {
    "identity without the distance": ("area_by_lagrange", lambda p: p.area - p.distance),
    "angle doubled": ("angle", lambda u, v: 2 * angle(u, v)),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_mutants_of_two_points(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    attribute, wrong = MUTANTS[name]
    honest = cut(Pair((0,), (1,)))
    monkeypatch.setattr(two_points, attribute, wrong)
    with pytest.raises(ClaimFails):
        hyperplanes.lift_angle.check([Pair((0,), (1,))], over="mutant")
        hyperplanes.separate_prob.check([honest], over="mutant")


@pytest.mark.parametrize("c", [Fraction(51, 100), Fraction(1)])
def test_a_larger_constant_fails(c: Fraction) -> None:
    assert not two_points.sine_at_least(Pair((100,), (99,), 100, 100), c)


def test_a_wrong_probability_fails() -> None:
    for p in (ball(Fraction(1, 5)), ball(HALF)):
        with pytest.raises(ClaimFails):
            hyperplanes.separate_prob.check([two_points.Cut(Pair((0,), (1,)), p)], over="mutant")


@pytest.mark.parametrize("mutant", [lambda t: t, lambda t: sympy.Rational(1, 2)])
def test_a_wrong_factor_fails_in_symbols(mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_points, "best_factor", mutant)
    with pytest.raises(ClaimFails):
        integers.bias_scale.check([letters(1, TAU)], over="mutant")


# rajput-first-layer


def distinct_on_a_segment(n: int, m: int) -> Fraction | float:
    """P(all n codes differ) on a segment: every gap is cut by one of m points; inclusion-exclusion over the gaps."""
    gaps = [
        float(p.mid()) for (i, j), p in zip(segment(n).pairs, segment(n).chances, strict=True) if j == i + 1
    ]
    return sum((-1) ** k * (1 - sum(missed)) ** m for k in range(n) for missed in combinations(gaps, k))


@pytest.mark.parametrize(("n", "m"), [(3, 4), (4, 9), (6, 25)])
def test_draws_against_inclusion_and_exclusion(n: int, m: int) -> None:
    draw = Draw(segment(n), Fraction(2, n - 1), m, ball(HALF), trials=4000, seed=n)
    hits = hyperplanes.rounds_without_collision(draw, least=1)
    p = distinct_on_a_segment(n, m)
    assert abs(hits / 4000 - p) < 5 * (p * (1 - p) / 4000) ** 0.5 + 1e-9
    assert 1 - float(hyperplanes.expected_collisions(segment(n), m).mid()) <= p


@given(
    st.integers(2, 500), st.fractions(Fraction(1, 50), 2), st.fractions(Fraction(1, 100), Fraction(99, 100))
)
def test_enough_hyperplanes_is_the_least(n: int, delta: Fraction, eta: Fraction) -> None:
    m = enough_hyperplanes(n, delta, eta)
    pairs = comb(n, 2)
    assert pairs * np.exp(-m * float(delta) / (2 * pi)) <= float(eta) * (1 + 1e-9)
    assert m == 1 or pairs * np.exp(-(m - 1) * float(delta) / (2 * pi)) > float(eta) * (1 - 1e-9)


@given(point_sets(n=st.integers(2, 6)))
def test_first_layer_theorem_on_drawn_points(points: tuple) -> None:
    cloud = Cloud(points, radius_of(points))
    hyperplanes.first_layer_separates.check([Draw.of(cloud, Fraction(1, 10))], over="drawn points")
    assert cloud.separation() ** 2 * cloud.radius**4 <= min(cloud.pair(i, j).distance for i, j in cloud.pairs)


@given(point_sets(), st.integers(0, 99), st.integers(0, 40))
def test_integer_layer_against_numpy_and_the_definition(points: tuple, seed: int, bits: int) -> None:
    R = radius_of(points)
    assert (R - 1) ** 2 < max(1, max(sum(c * c for c in X) for X in points)) <= R * R
    layer, d = first_layer(points, 5, seed, bits), len(points[0])
    rows = np.rint(np.ldexp(np.random.default_rng(seed).standard_normal((5, d + 1)), bits))
    expected = [
        [int(sum(int(g) * c for g, c in zip(row, (*X, R), strict=True)) >= 0) for row in rows] for X in points
    ]
    assert [list(code) for code in codes(layer, points)] == expected
    assert bits_of(np.array(points), rows.astype(np.int64), R).astype(int).tolist() == expected


def test_bits_refuse_to_overflow() -> None:
    with pytest.raises(OverflowError):
        bits_of(np.array([[10**9]]), np.array([[2**40, 1]]), 10**9)
    with pytest.raises(ValueError, match="53 bits"):
        scaled_gaussians(1, 1, np.random.default_rng(0), 53)


def test_gaussians_have_unit_variance_after_scaling() -> None:
    g = np.array(gaussian_integers(200, 50, 0, bits=20), dtype=float) / 2**20
    assert abs(g.mean()) < 0.05
    assert abs(g.std() - 1) < 0.05


def test_checks_and_controls_of_first_layer(records: list) -> None:
    seg = Draw.of(segment(21), HALF)
    assert (seg.m, seg.delta) == (380, Fraction(1, 10))
    claim = hyperplanes.first_layer_separates
    claim.check([seg], over="segment")
    claim.check([replace(seg, trials=60)], over="drawn")
    assert [r["strength"] for r in records] == ["enclosure", "statistical"]
    claim.control(replace(seg, m=20), without=MANY)
    claim.control(replace(seg, m=60, trials=60), without=MANY)
    twice = Cloud(((1, 0), (0, 1), (1, 0)), 1, labels=(0, 0, 1))
    claim.control(Draw.of(twice, HALF, delta=Fraction(1)), without="the pairs are delta-separated")
    claim.control(Draw.of(Cloud(((10,), (9,)), 1), HALF, delta=Fraction(1)), without=BALL)
    with pytest.raises(ControlFails, match="still holds"):
        claim.control(seg, without=MANY)
    with pytest.raises(ValueError, match="do not decide"):
        claim.control(replace(seg, m=100), without=MANY)


@pytest.mark.parametrize(
    "change", [{"m": 379}, {"delta": Fraction(101, 1000), "m": 400}, {"delta": Fraction(0)}, {"eta": ball(1)}]
)
def test_hypotheses_are_sharp(change: dict) -> None:
    with pytest.raises(ClaimFails, match="violates the hypothesis"):
        hyperplanes.first_layer_separates.check(
            [replace(Draw.of(segment(21), HALF), **change)], over="outside"
        )


def test_labels_choose_the_pairs() -> None:
    points = ((0, 0), (3, 4), (0, 5))
    assert Cloud(points, 5, (0, 1, 0)).pairs == ((0, 1), (1, 2))
    alike = Cloud(((1, 0), (1, 0), (0, 1)), 1, (0, 0, 1))  # a repeated point with one label does no harm
    hyperplanes.first_layer_separates.check([Draw.of(alike, HALF)], over="equal labels")
    nobody = Cloud(points, 5, (1, 1, 1))
    hyperplanes.first_layer_separates.check([Draw(nobody, Fraction(2), 9, ball(HALF))], over="one label")
    assert hyperplanes.rounds_without_collision(Draw(nobody, Fraction(2), 9, ball(HALF), trials=3), 1) == 3


@pytest.mark.parametrize("goal", [Fraction(1), HALF])
def test_fewest_hyperplanes_is_the_least(goal: Fraction) -> None:
    c = segment(8)
    m = hyperplanes.fewest_hyperplanes(c, goal)
    assert hyperplanes.expected_collisions(c, m) < ball(goal)
    assert hyperplanes.expected_collisions(c, m - 1) >= ball(goal)


def test_coincident_points_are_refused() -> None:
    twice = Cloud(((1, 0), (0, 1), (1, 0)), 1)
    with pytest.raises(HypothesisError, match="0 and 2 do not"):
        hyperplanes.fewest_hyperplanes(twice)
    with pytest.raises(HypothesisError, match="delta must be positive"):
        Draw.of(twice, HALF)
    assert hyperplanes.fewest_hyperplanes(replace(twice, labels=(0, 1, 0))) == 2  # 2 (2/3)^2 < 1 < 2 (2/3)


def test_a_theorem_with_a_smaller_constant_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    true = hyperplanes.hyperplanes_asked
    monkeypatch.setattr(
        hyperplanes, "hyperplanes_asked", lambda n, delta, eta: true(n, delta, eta) * ball(HALF)
    )
    two = Cloud(((1000,), (999,)), 1000)  # one extremal pair: the constant 2 pi is sharp
    with pytest.raises(ClaimFails, match="stays together"):
        hyperplanes.first_layer_separates.check([Draw.of(two, HALF)], over="mutant")
    monkeypatch.undo()
    hyperplanes.first_layer_separates.check([Draw.of(two, HALF)], over="honest")


def test_success_curve_agrees_with_single_sizes() -> None:
    c = segment(5)
    curve = successes_by_size(c, [1, 6, 30], trials=2000, seed=3)
    wanted = [distinct_on_a_segment(5, m) for m in (1, 6, 30)]
    assert np.abs(curve - wanted).max() < 0.06


def test_frequency_rounds_up() -> None:
    assert frequency(1, 2, arb(1) * ball(Fraction(1, 3))).at_least > 1 / 3


def test_angle_ratio_against_balls() -> None:
    for x, y in (((1, 0), (0, 1)), ((1, 0), (-1, 0)), ((0, 0), (1, 0))):
        pair = Pair(x, y)
        ratio = float(pair.angle.mid()) / (float(pair.distance) ** 0.5 / 2)
        assert float(angle_ratio(np.array(x, float), np.array(y, float))) == pytest.approx(ratio)


# rajput-lb-line

RULER = tuple((k,) for k in range(8))
SKIP = (Unit((1,), (), -2), Unit((1,), (-2,), -1))
RELU = (Unit((1,), (), 0, "relu"), Unit((0,), (1,), -2), Unit((0,), (1, -2), -1))


@given(st.lists(st.integers(0, 2), min_size=1, max_size=7), st.integers(1, 3), st.integers(-3, 3))
def test_line_bound_holds(labels: list, a: int, b: int) -> None:
    points = tuple((a * k * k + k, b * (a * k * k + k)) for k in range(len(labels)))
    hyperplanes.lb_line.check([Line(points, tuple(labels))], over="drawn labels")


def brute_force(values: tuple, labels: tuple) -> int:
    """The least number of cuts of the line so that every two neighbours of different labels are cut."""
    n = len(values)
    for k in range(n):
        for cuts in combinations(range(1, n), k):
            code = [tuple(i >= c for c in cuts) for i in range(n)]
            if all(labels[i] == labels[j] for i, j in combinations(range(n), 2) if code[i] == code[j]):
                return k
    raise AssertionError


@pytest.mark.parametrize("n", [1, 2, 5])
def test_fewest_units_against_cuts(n: int) -> None:
    for labels in product((0, 1), repeat=n):
        assert fewest_units(RULER[:n], labels) == brute_force(RULER[:n], labels)


def test_controls_of_lb_line(records: list) -> None:
    claim, four = hyperplanes.lb_line, (0, 1, 0, 1)
    parabola = tuple((k, k * k) for k in range(6))
    claim.control(Line(parabola, (0, 1) * 3), without="the points lie on a line, in order")
    claim.control(Line(RULER[:4], four, SKIP), without="no connection skips a layer")
    claim.control(Line(RULER[:4], four, RELU), without="the first layer has threshold units")
    honest = (*(Unit((1,), (), -k) for k in (1, 2, 3)), Unit((0,), (1, -1, 1), -1))
    claim.check([Line(RULER[:4], four, honest)], over="one network")
    assert len(records) == 4
    with pytest.raises(ValueError, match="fails at point"):
        claim.check([Line(RULER[:4], (1, 1, 0, 1), honest)], over="a network that does not memorize")
    with pytest.raises(ValueError, match="different labels"):
        fewest_units(((0,), (0,)), (0, 1))
    disorder = Line(((0,), (2,), (1,)), (0, 1, 0))
    assert not line.along_a_line(disorder)


@pytest.mark.parametrize("shift", [1, -1])
def test_a_miscounted_change_fails(shift: int, monkeypatch: pytest.MonkeyPatch) -> None:
    count = Line.changes.fget
    monkeypatch.setattr(Line, "changes", property(lambda self: count(self) + shift))
    with pytest.raises(ClaimFails):
        hyperplanes.lb_line.check([Line(RULER[:4], (0, 1, 0, 1))], over="mutant")


@given(pairs())
def test_predicates_are_total(pair: Pair) -> None:
    for tau in (0, -1, HALF):
        other = replace(pair, tau=tau)
        for answer in (
            two_points.lift_keeps_apart(other),
            two_points.separated_often_enough(cut(other)),
            two_points.factor_is_sharp(other),
        ):
            assert answer is True or isinstance(answer, Counterexample)
    assume(pair.distance)
    assert two_points.sine_at_least(replace(pair, X=tuple(9 * c for c in pair.X)), Fraction(1, 9)) is not None
