"""One random hyperplane: laws of the probability, oracles by other routes, mutants of every claim."""

from fractions import Fraction
from itertools import pairwise
from math import erf, exp, pi, sqrt

import numpy as np
import pytest
import sympy
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import dblquad

from memlib.claim import ClaimFails, ControlFails
from memlib.dirksen import correlated, separation
from memlib.dirksen.scalars import agree, ball, dot
from memlib.dirksen.separation import (
    Bracket,
    Correlated,
    Draw,
    InBall,
    Letter,
    Pair,
    Ray,
    Segment,
    along_the_segment,
    around_the_origin,
    pair,
)
from memlib.dirksen.separation_floats import hyperplanes, probability, share
from memlib.evidence import Counterexample

rationals = st.fractions(-3, 3, max_denominator=4)
positive = st.fractions(Fraction(1, 2), 4, max_denominator=4)
one_to_three, two = st.integers(1, 3), st.just(2)
NEAR = fmpq(1, 10**10)  # balls that are combined in a test have 53 bits
integer_points = st.tuples(st.integers(-3, 3), st.integers(-3, 3))


@st.composite
def pairs(draw, d=one_to_three) -> Pair:
    d = draw(d)
    x, y = (draw(st.tuples(*[rationals] * d)) for _ in range(2))
    return pair(x, y if x != y else (*y[:-1], y[-1] + 1), draw(positive))


# dirksen-sym-half


@given(st.lists(integer_points, min_size=1, max_size=4), integer_points, integer_points, st.integers(1, 6))
def test_half_the_hyperplanes_go_the_right_way(half: list, x: tuple, y: tuple, lam: int) -> None:
    law = tuple(half) + tuple((-a, -b) for a, b in half)
    it = Draw(law, x, y, lam, (-lam, lam))
    separation.sym_half.check([it], over="a symmetric law")
    # All ends are integers, so b may as well be one of the midpoints of the 2 lam unit intervals, with equal chance.
    middles = [Fraction(2 * k + 1, 2) for k in range(-lam, lam)]
    hits = sum(dot(w, x) + b <= 0 < dot(w, y) + b for w in law for b in middles)
    assert separation.in_right_direction(it) == Fraction(hits, len(law) * len(middles))
    assert separation.in_right_direction(it, backwards=True) == separation.in_right_direction(it)


def test_controls_of_the_symmetry(records: list) -> None:
    separation.sym_half.control(Draw(((1,),), (1,), (2,), 5, (-5, 5)), without="w and -w have the same law")
    assert "p(x, y) is 1/10 and p(y, x) is 0" in records[-1]["reason"]
    half = (Fraction(1, 2),)
    upward = Draw((half, (-half[0],)), (1,), (2,), 1, (0, 1))
    separation.sym_half.control(upward, without="b is uniform on [-lambda, lambda]")
    assert "p(x, y) is 0 and p(y, x) is 1/4" in records[-1]["reason"]
    with pytest.raises(ControlFails, match="still holds"):
        separation.sym_half.control(Draw((half,), (1,), (2,), 1, (0, 1)), without="lambda > 0")


def test_a_wrong_clip_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    it = Draw(((3, 1), (-3, -1)), (1, 2), (2, 2), 6, (-6, 6))
    separation.sym_half.check([it], over="the truth")
    monkeypatch.setattr(separation, "clip", lambda t, lam: min(lam, t))
    with pytest.raises(ClaimFails, match="clipped distance gives"):
        separation.sym_half.check([it], over="clipped on one side only")


# dirksen-clip

p, q, r = sympy.symbols("p q r", positive=True)


@given(rationals, rationals, positive)
def test_clip_moves_by_the_part_inside(s: Fraction, t: Fraction, lam: Fraction) -> None:
    separation.segment.check([Segment(s, t, lam)], over="drawn numbers")
    assert separation.clip(s, lam) == sorted((-lam, s, lam))[1]
    cuts = sorted({s, t, *(e for e in (-lam, lam) if min(s, t) < e < max(s, t))})
    inside = sum(b - a for a, b in pairwise(cuts) if abs(a + b) <= 2 * lam)
    assert separation.inside(Segment(s, t, lam)) == inside


@pytest.mark.parametrize("swap", [False, True])
def test_mutants_of_the_segment(swap: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    across, outside = (-r - p, r + q, r), (r + p, r + p + q, r)
    both = [Segment(t, s, lam) if swap else Segment(s, t, lam) for s, t, lam in (across, outside)]
    separation.segment.check(both, over="the truth")
    monkeypatch.setattr(separation, "inside", lambda it: separation.least(it.s, it.t) * 0 + it.lam)
    with pytest.raises(ClaimFails, match="clip moves by 2"):
        separation.segment.check(both[:1], over="half of the range")
    monkeypatch.setattr(separation, "inside", lambda it: abs(it.t - it.s))
    with pytest.raises(ClaimFails, match="clip moves by 0"):
        separation.segment.check(both[1:], over="no indicator")


def test_unknown_signs_are_not_guessed() -> None:
    with pytest.raises(ArithmeticError, match="sign of"):
        separation.at_most(p, q)
    assert separation.at_most(p, p + q) and not separation.at_most(p + q, p)


def test_control_of_the_segment(records: list) -> None:
    it = Segment(Fraction(1, 2), 3, 1)
    separation.segment.rejects(it, says="no bracket", wrong=separation.without_the_indicator)
    assert records[-1]["reason"] == "clip moves by 1/2, and |t - s| is 5/2"


# dirksen-f-closed

c, l = sympy.symbols("c l", positive=True)
LETTERS = Correlated(c / sympy.sqrt(1 + c**2), l)


@pytest.mark.parametrize(("kappa", "level"), [(0, 1), (0.6, 0.5), (0.9, 2)])
def test_F_against_a_double_integral(kappa: float, level: float) -> None:
    def weighted(g: float, z: float) -> float:
        rest = 1 - kappa**2
        return abs(g) * exp(-(g * g - 2 * kappa * g * z + z * z) / (2 * rest)) / (2 * pi * sqrt(rest))

    halves = [dblquad(weighted, -level, level, low, high)[0] for low, high in ((-12, 0), (0, 12))]
    value = correlated.F_closed(ball(Fraction(kappa)), ball(Fraction(level)))
    assert float(value) == pytest.approx(sum(halves), rel=1e-6)  # what dblquad promises


@given(st.fractions(0, Fraction(19, 20), max_denominator=20), positive)
def test_F_in_balls(kappa: Fraction, level: Fraction) -> None:
    separation.f_closed.check([Correlated(kappa, ball(level))], over="drawn numbers")


def minus_turned_plus(kappa, l):
    return 2 * correlated.F_closed(0 * kappa, l) - correlated.F_closed(kappa, l)


def too_large(kappa, l):
    return correlated.F_closed(kappa, l) * 2


@pytest.mark.parametrize("wrong", [correlated.F_without_kappa, minus_turned_plus, too_large])
def test_wrong_closed_forms(wrong) -> None:
    it = Correlated(Fraction(1, 2), ball(1))
    assert isinstance(correlated.F_is(it, wrong), Counterexample)
    assert correlated.F_is(it, correlated.F_closed) is True


def test_a_step_of_the_proof_that_fails_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    right = correlated.bivariate
    monkeypatch.setattr(correlated, "bivariate", lambda g, z, k: right(g, z, k) * (1 + k))
    with pytest.raises(ClaimFails, match="Plackett's identity does not come out"):
        separation.f_closed.check([LETTERS], over="a wrong density")
    monkeypatch.setattr(correlated, "bivariate", right)
    slope = correlated.F_slope
    monkeypatch.setattr(correlated, "F_slope", lambda k, l: -slope(k, l))
    with pytest.raises(ClaimFails, match="the derivative does not come out"):
        separation.f_closed.check([LETTERS], over="a wrong sign")


def test_controls_of_F(records: list) -> None:
    separation.f_closed.check([LETTERS], over="all")
    assert records[-1]["strength"] == "symbolic"
    separation.f_closed.control(Correlated(Fraction(-1, 2), ball(1)), without="0 <= kappa < 1")
    it = Correlated(Fraction(3, 10), ball(1))
    separation.f_closed.rejects(it, says="no kappa", wrong=separation.F_wants_no_kappa)
    with pytest.raises(ControlFails, match="still holds"):
        separation.f_closed.control(it, without="0 <= kappa < 1")
    assert not separation.f_closed.hypotheses["l > 0"](Correlated(Fraction(1, 2), ball(0)))


# dirksen-sep-exact


@given(pairs())
@settings(max_examples=12)
def test_the_two_formulas_agree(it: Pair) -> None:
    separation.sep_exact.check([it], over="drawn pairs")
    exact = around_the_origin(it)
    assert agree(exact, around_the_origin(Pair(it.y, it.x, it.lam)))
    negated = Pair(tuple(-v for v in it.x), tuple(-v for v in it.y), it.lam)
    assert agree(exact, along_the_segment(negated))
    x, y = (np.array([float(v) for v in z]) for z in (it.x, it.y))
    assert probability(x, y, float(it.lam)) == pytest.approx(float(exact), rel=1e-3)  # 96 nodes, thin layers


@given(pairs(d=two), st.sampled_from([Fraction(1, 1000), 7, 10**6]))
@settings(max_examples=5)
def test_rotation_and_scale(it: Pair, s) -> None:
    def turned(z: tuple) -> tuple:
        return tuple(s * v for v in ((3 * z[0] - 4 * z[1]) / 5, (4 * z[0] + 3 * z[1]) / 5, Fraction(0)))

    moved = Pair(turned(it.x), turned(it.y), it.lam * ball(s))
    assert agree(around_the_origin(it), along_the_segment(moved), NEAR)


def test_probability_adds_up_along_a_ray() -> None:
    a, b, c = ((v, 2 * v) for v in (Fraction(1, 3), 1, 5))
    values = [around_the_origin(pair(x, y, 1)) for x, y in ((a, b), (b, c), (a, c))]
    assert agree(values[0] + values[1], values[2], NEAR)


@pytest.mark.parametrize(("x", "y", "lam"), [(1, 2, 1), (Fraction(1, 2), 3, 2), (2, 1, Fraction(1, 3))])
def test_the_line_against_the_example_by_hand(x, y, lam) -> None:
    H = [separation.half_line_mean(ball(v), ball(lam)) for v in (x, y)]
    assert agree(abs(H[1] - H[0]) / (2 * ball(lam)), around_the_origin(pair((x,), (y,), lam)), NEAR)
    by_hand = [
        float(v) / sqrt(2 * pi) * (1 - exp(-(float(lam / v) ** 2) / 2))
        + float(lam) * (1 - erf(float(lam / v) / sqrt(2))) / 2
        for v in map(Fraction, (x, y))
    ]
    assert float(H[1] - H[0]) == pytest.approx(by_hand[1] - by_hand[0], rel=1e-12)


@pytest.mark.parametrize(
    ("x", "y", "lam"),
    [((1, 2), (3, -1), 1), ((0, 0, 0), (1, 1, 0), 2), ((-1,), (2,), 0.5), ((0.1, 1, 0, 2, 1), (1,) * 5, 3)],
)
def test_against_sampled_hyperplanes(x, y, lam) -> None:
    n = 200_000
    exact = float(around_the_origin(pair(map(Fraction, x), map(Fraction, y), Fraction(lam))))
    error = sqrt(exact * (1 - exact) / n)
    assert abs(share(x, y, lam, n, rng=5) - exact) < 5 * error


def test_limits() -> None:
    x, y = (1, 1), (-1, 1)  # seen under a right angle, at distance 2
    tiny, huge = (float(around_the_origin(pair(x, y, r))) for r in (Fraction(1, 10**4), 10**4))
    assert tiny == pytest.approx(1 / 4, rel=1e-6)
    assert huge * 10**4 == pytest.approx(2 / (2 * sqrt(2 * pi)), rel=1e-6)


def test_mutants_of_the_exact_probability(monkeypatch: pytest.MonkeyPatch) -> None:
    generic, on_a_ray = pair((1, 2), (3, -1), 1), pair((1,), (2,), 1)
    on_ray = separation._on_a_ray
    separation.sep_exact.check([generic, on_a_ray], over="the truth")
    monkeypatch.setattr(separation, "_on_a_ray", lambda lam, t: on_ray(2 * lam, t))
    with pytest.raises(ClaimFails, match=r"polar coordinates give 0\.04333"):
        separation.sep_exact.check([on_a_ray], over="twice the range")
    angle = separation._angle_integral
    monkeypatch.setattr(separation, "_angle_integral", lambda it, z, t: abs(angle(it, z, t)))
    with pytest.raises(ClaimFails, match="polar coordinates give"):
        separation.sep_exact.check([generic], over="angles without sign")


def test_ray_in_letters(records: list, monkeypatch: pytest.MonkeyPatch) -> None:
    x, y, lam = sympy.symbols("x y lam", positive=True)
    separation.sep_exact.check([Ray(x, y, lam)], over="rays", case="a ray")
    assert records[-1]["strength"] == "symbolic"
    H = separation.half_line_mean
    monkeypatch.setattr(separation, "half_line_mean", lambda v, lam: H(v, lam) + v)
    with pytest.raises(ClaimFails, match="H has another slope"):
        separation.sep_exact.check([Ray(x, y, lam)], over="rays", case="a ray")


def test_without_the_indicator(records: list) -> None:
    separation.sep_exact.rejects(
        pair((1, 0), (2, 0), 1),
        says="no indicator",
        wrong=lambda it: separation.formulas_agree(it, separation.no_indicator),
    )
    assert "gives 0.1995, polar coordinates give 0.04333" in records[-1]["reason"]
    assert not separation.points_differ(pair((1, 2), (1, 2), 1))
    assert not separation.lam_is_positive(pair((1, 2), (1, 3), 0))


def test_wide_balls_do_not_agree() -> None:
    wide = arb(1, 0.1)
    assert not agree(wide, wide) and not agree(ball(1), ball(Fraction(10**9 + 1, 10**9)))
    assert agree(ball(1), ball(1))


# dirksen-sep-bounds


@given(pairs())
def test_bounds(it: Pair) -> None:
    R = Fraction(6)  # above every norm drawn
    separation.sep_bounds.check([InBall(it, R)], over="drawn pairs")


def test_the_lower_bound_is_sharp(records: list) -> None:
    for k in range(4, 14):
        it = InBall(pair((1 - Fraction(1, 2**k),), (1,), 1), R=1)
        low = separation.a_constant(it.lam, 1) * ball(Fraction(1, 2**k)) / 2
        assert 1 < float(around_the_origin(it.pair) / low) < 1 + 2 / 2**k
    separation.sep_bounds.rejects(
        it, says="1 percent", wrong=lambda x: separation.between_the_bounds(x, Fraction(101, 100))
    )
    with pytest.raises(ControlFails, match="not refuted"):
        separation.sep_bounds.rejects(
            it, says="the truth", wrong=lambda x: separation.between_the_bounds(x, Fraction(99, 100))
        )


def test_the_upper_bound_is_sharp_and_notices_less(monkeypatch: pytest.MonkeyPatch) -> None:
    far = InBall(pair((1, 2), (2, 1), 15), R=3)
    separation.sep_bounds.check([far], over="a large range")
    right = separation.no_indicator
    monkeypatch.setattr(separation, "no_indicator", lambda it: right(it) * ball(Fraction(99, 100)))
    with pytest.raises(ClaimFails, match="p is"):
        separation.sep_bounds.check([far], over="a bound one percent smaller")


@pytest.mark.parametrize("rho", [3, 10, 30])
def test_outside_of_the_ball(rho: int, records: list) -> None:
    it = InBall(pair((rho - Fraction(1, 100), 0), (rho, 0), 1), R=1)
    separation.sep_bounds.control(it, without="|x| and |y| are at most R")
    with pytest.raises(ControlFails, match="survives"):
        tangential = InBall(pair((Fraction(6, 5), 0), (Fraction(6, 5), Fraction(1, 100)), 1), R=1)
        separation.sep_bounds.control(tangential, without="|x| and |y| are at most R")


# dirksen-opt-lambda


def bracket(low, high, value, half=Fraction(1, 2 * 10**6)) -> Bracket:
    ends = ball(Fraction(value) - half).union(ball(Fraction(value) + half))
    return Bracket(ball(Fraction(low)), ball(Fraction(high)), ends)


def test_the_best_range(records: list) -> None:
    it = bracket("1.5852010", "1.5852011", "0.451256")
    separation.optimum.check([it], over="the root")
    assert records[-1]["strength"] == "enclosure"
    separation.optimum.rejects(it, says="lambda = R", wrong=separation.best_at_one)
    t = np.linspace(0.01, 10, 100_000)
    assert t[np.argmax((1 - np.exp(-(t**2) / 2)) / t)] == pytest.approx(1.5852, abs=1e-3)


@pytest.mark.parametrize(
    "it",
    [
        bracket("1.5852011", "1.5852012", "0.451256"),
        bracket("1.5852010", "1.5852011", "0.451257"),
        bracket("0.5", "3", "0.451256"),
        bracket("1.5852011", "1.5852010", "0.451256"),
    ],
)
def test_wrong_brackets(it: Bracket) -> None:
    assert isinstance(separation.optimum.conclusion(it), Counterexample)


def test_wrong_derivatives(monkeypatch: pytest.MonkeyPatch) -> None:
    t = sympy.Symbol("t", positive=True)
    separation.optimum.check([Letter(t)], over="t")
    right = separation.turning
    monkeypatch.setattr(separation, "turning", lambda t: right(t) - t)
    with pytest.raises(ClaimFails, match="derivative of the gain"):
        separation.optimum.check([Letter(t)], over="a wrong derivative")


# The pictures, and the exercises.


def test_hyperplanes_are_drawn_from_the_range() -> None:
    W, b = hyperplanes(20_000, 3, 2, rng=0)
    assert abs(W.std() - 1) < 0.02 and -2 <= b.min() < -1.99 < 1.99 < b.max() <= 2


def test_probability_on_a_grid_is_elementwise() -> None:
    Y = np.array([[[1.0, 0.5], [0.2, -3.0]], [[-1.0, 0.0], [0.7, 0.1]]])
    P = probability(np.array([0.7, 0.0]), Y, 1.0)
    for i in range(2):
        for j in range(2):
            exact = around_the_origin(pair((Fraction(7, 10), 0), map(Fraction, Y[i, j]), 1))
            assert P[i, j] == pytest.approx(float(exact), rel=1e-5)


def test_solutions_of_the_exercises() -> None:
    across = around_the_origin(pair((-1,), (1,), 1))
    assert abs(across - ball(Fraction("0.3156"))) <= ball(Fraction(1, 20000))
    n, rng = 400_000, np.random.default_rng(0)  # normal biases: the angle between (x, s) and (y, s) over 2 pi
    w, b = rng.standard_normal((n, 2)), rng.standard_normal(n)
    found = np.mean((w @ [0.5, 1] + b <= 0) & (w @ [2, -1] + b > 0))
    u, v = np.array([0.5, 1, 1]), np.array([2, -1, 1])
    angle = np.arccos(u @ v / np.linalg.norm(u) / np.linalg.norm(v))
    assert found == pytest.approx(angle / (2 * pi), abs=0.004)
