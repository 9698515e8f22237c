"""The coded direction: moments and bounds on drawn, symbolic and extremal points; controls and mutants."""

from dataclasses import replace
from fractions import Fraction
from itertools import product

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Rational, Symbol, sqrt

from memlib.bubeck import coded
from memlib.bubeck.coded import Coded
from memlib.bubeck.codes import exact
from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample

HALF = Rational(1, 2)
STAR = Coded(((1, 0), (-HALF, sqrt(3) * HALF), (-HALF, -sqrt(3) * HALF)), (1, 1, -1), 3)
F = Fraction(1, 2)
TWELVE = (
    *(tuple(int(i == j) for j in range(4)) for i in range(4)),
    *((F, a, b, c) for a, b, c in product((F, -F), repeat=3)),
)
small = st.integers(-4, 4)


@st.composite
def problems(draw) -> Coded:
    """Rational points of a sphere, in the plane or in space; G may be singular."""
    d, n = draw(st.integers(2, 3)), draw(st.integers(1, 3))
    t = [tuple(draw(st.lists(small, min_size=d - 1, max_size=d - 1))) for _ in range(n)]
    labels = draw(st.lists(small, min_size=n, max_size=n))
    field = draw(st.sampled_from(["real", "complex"]))
    return Coded(tuple(map(coded.unit_vector, t)), tuple(labels), draw(st.integers(1, 3)), field)


@given(problems())
@settings(max_examples=20)
def test_moments_of_random_points(problem: Coded) -> None:
    if not problem.solvable:
        assert isinstance(coded.gram_power_is_invertible(problem), Counterexample)
    else:
        coded.moments.check([problem], over="drawn points")


def test_moments_by_hand() -> None:
    assert STAR.alpha == (Rational(136, 135), Rational(136, 135), -Rational(152, 135))
    assert coded.energy(STAR) == Rational(848, 405)
    assert coded.coherence(STAR) == HALF


def test_all_labels_of_the_star_and_all_angles(records: list) -> None:
    y = sympy.symbols("y1:4", real=True)
    coded.moments.check([replace(STAR, labels=y)], over="the star")
    t = Symbol("t", real=True)
    turned = ((1, 0), ((1 - t**2) / (1 + t**2), 2 * t / (1 + t**2)))
    coded.moments.check([Coded(turned, (1, -1), 1)], over="any angle")
    assert [r["strength"] for r in records] == ["symbolic", "symbolic"]


def test_the_general_bound_is_attained_by_twelve_lines() -> None:
    ones = Coded(TWELVE, (1,) * 12, 5)
    coded.moments.check([ones], over="twelve lines")
    R5 = ones.gram.applyfunc(lambda rho: rho**5)
    assert set(coded.reach(ones)) == {Rational(8, 9)} and set(ones.alpha) == {Rational(8, 9)}
    assert coded.norm_at_least(ones.gram) == 3 and coded.norm_at_least(R5) == Rational(9, 8)


@given(st.lists(st.tuples(small, small, small), min_size=1, max_size=4))
def test_the_bound_of_the_norm_is_below(rows: list) -> None:
    A = sympy.Matrix([[sum(a * b for a, b in zip(u, v, strict=True)) for v in rows] for u in rows])
    below = coded.norm_at_least(A)
    assert not (below * sympy.eye(len(rows)) - A).is_positive_definite
    assert below <= A.trace() and (len(rows) > 1 or below == A[0, 0])


def test_controls_of_the_moments(records: list) -> None:
    coded.moments.rejects(STAR, wrong=coded.moments_of_powers, says="z^3")
    long = replace(STAR, points=((2, 0), *STAR.points[1:]))
    coded.moments.control(long, without="the points are unit vectors")
    with pytest.raises(ControlFails, match="the conclusion survives"):  # conjugated powers are homogeneous
        coded.moments.control(replace(long, field="complex"), without="the points are unit vectors")
    coded.moments.control(Coded(((1, 0), (1, 0)), (1, -1), 3), without="G is invertible")
    assert records[-1]["line"].endswith("no alpha solves G alpha = y")
    assert "more than one" in str(coded.moments_are_exact(Coded(((1, 0), (1, 0)), (1, 1), 3)))
    close = Coded(((1, 0), (Fraction(24, 25), Fraction(7, 25))), (1, -1), 1)
    coded.moments.rejects(close, wrong=coded.bounds_for_all_points, says="no incoherence")
    with pytest.raises(ControlFails, match="is not refuted"):
        coded.moments.rejects(STAR, wrong=coded.bounds_for_all_points, says="no incoherence")


def test_mutants_of_the_moments(monkeypatch: pytest.MonkeyPatch) -> None:
    energy, reach, alpha = coded.energy, coded.reach, Coded.alpha.func

    def fails(match: str, problem: Coded = STAR) -> None:
        with pytest.raises(ClaimFails, match=match):
            coded.moments.check([problem], over="mutant")

    monkeypatch.setattr(coded, "energy", lambda c: energy(c) * 2)
    fails("E.V.2 is|not .d/n.")
    monkeypatch.setattr(coded, "energy", energy)
    monkeypatch.setattr(coded, "reach", lambda c: reach(replace(c, k=c.k + 1)))
    fails("E b_0")
    monkeypatch.setattr(coded, "reach", reach)
    monkeypatch.setattr(Coded, "alpha", property(lambda self: tuple(map(exact, self.labels))))
    fails("not .d/n. y.alpha")  # messages without the inverse of G
    monkeypatch.setattr(Coded, "alpha", property(lambda self: alpha(replace(self, k=self.k - 1))))
    fails("not .d/n. y.alpha")  # rho^k in the place of rho^M


def test_mutants_of_the_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    ones, norm = Coded(TWELVE, (1,) * 12, 5), coded.norm_at_least
    monkeypatch.setattr(coded, "norm_at_least", lambda A: norm(A) * Rational(999, 1000))
    with pytest.raises(ClaimFails, match="more than omega"):
        coded.moments.check([ones], over="mutant: the bound is sharp")
    monkeypatch.setattr(coded, "norm_at_least", lambda A: norm(A) * Rational(1, 100))
    assert "more than 6 omega" in str(coded.within_bounds(ones))


def test_degenerate_points() -> None:
    coded.moments.check([Coded(((1,),), (5,), 3), Coded(((1, 0),), (0,), 2, "complex")], over="one point")
    coded.moments.check([Coded(((1, 0), (0, 1)), (0, 0), 1)], over="no label")
    assert coded.coherence(Coded(((1,),), (5,), 3)) == 0
    assert coded.unit_vector((0,)) == (0, -1) and sum(c * c for c in coded.unit_vector((3, -4))) == 1
