"""Parallel lines and Renyi's street: other routes to the same numbers, every control, and mutants."""

from dataclasses import replace
from fractions import Fraction
from itertools import permutations
from math import exp, factorial, log

import pytest
import sympy
from flint import arb, ctx, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from memlib.claim import ClaimFails, ControlFails
from memlib.dirksen import parking, renyi
from memlib.dirksen.geometry import ball_covers, in_order
from memlib.dirksen.parking import Street, fine, grid_means, mean_over_orders, street
from memlib.dirksen.renyi import M, Piece, Stretch, Transform
from memlib.dirksen.scalars import ball

C = renyi.constant()
SIX = street(6, Fraction(3, 2))
UP = "X^+ is X^- moved up by rho"
DIGITS = Fraction(7475979202534114351787309438301781730247862, 10**43)  # A050996
x, s = sympy.Symbol("x", positive=True), sympy.Symbol("s", positive=True)


# dirksen-parking


@given(st.integers(1, 6), st.fractions(Fraction(1, 4), 5, max_denominator=4))
def test_the_mean_is_that_of_all_orders(N: int, rho: Fraction) -> None:
    it = street(N, rho)
    covers = ball_covers(it.minus, it.plus)
    runs = [len(in_order(covers, order)) for order in permutations(range(N))]
    mean = Fraction(sum(runs), factorial(N))
    assert mean == mean_over_orders(tuple(covers), (1 << N) - 1) == grid_means(N, -(-rho // 1))[N]
    parking.parking.check([it], over="a drawn street")


def test_the_values_of_the_page() -> None:
    assert grid_means(7, 2) == [
        0,
        1,
        1,
        Fraction(5, 3),
        2,
        Fraction(37, 15),
        Fraction(26, 9),
        Fraction(349, 105),
    ]
    assert grid_means(9, 1) == list(range(10)) and grid_means(4, 9) == [0, 1, 1, 1, 1]
    assert abs(float(grid_means(2000, 2, arb(1))[2000]) / 2000 - (1 - exp(-2)) / 2) < 1e-3


@given(st.integers(1, 60), st.integers(1, 400))
@settings(max_examples=30)
def test_the_grid_is_near_the_street(c: int, N: int) -> None:
    parking.parking.check([fine(min(N, 8 * c), c)], over="a drawn grid")


def test_controls_of_the_street(records: list) -> None:
    parking.parking.control(replace(SIX, plus=SIX.plus[2:]), without=UP)
    assert "25/9, the recursion gives 26/9" in records[-1]["reason"]
    moved = (*SIX.minus[:-1], (7, 0))
    bent = Street(moved, tuple((a, SIX.rho) for a, _ in moved), SIX.rho)
    parking.parking.control(bent, without="X^- is (0, 0), (1, 0), ..., (N - 1, 0)")
    with pytest.raises(ControlFails, match="survives"):
        parking.parking.control(replace(SIX, plus=SIX.plus[1:]), without=UP)  # too small a change
    assert not parking.everybody_has_an_opposite(street(2, Fraction(-1)))


def test_wrong_recursions_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in (
        lambda N, c, one=Fraction(1): grid_means(N, c + 1, one),
        lambda N, c, one=Fraction(1): [1 + v for v in grid_means(N, c, one)],
    ):
        with monkeypatch.context() as m:
            m.setattr(parking, "grid_means", wrong)
            with pytest.raises(ClaimFails, match="the recursion gives"):
                parking.parking.check([SIX], over="a wrong recursion")
    right = fine(2000, 100)
    for shift in (Fraction(-1, 20), Fraction(1, 5)):
        with pytest.raises(ClaimFails, match="E - M is"):
            parking.parking.check([replace(right, mean=right.mean + ball(shift))], over="shifted")
    with pytest.raises(ClaimFails, match="E - M is"):  # N / c in place of 1 + N / c
        parking.parking.check([replace(right, renyi=M(Fraction(20)))], over="another place")


# Renyi's function


def by_formula(y: float) -> float:
    if y < 1:
        return 0.0
    if y <= 2:
        return 1.0
    return 3 - 2 / (y - 1) if y <= 3 else 7 - (10 + 4 * log(y - 2)) / (y - 1)


@given(st.fractions(0, 4, max_denominator=50))
def test_the_first_stretches(y: Fraction) -> None:
    assert float(M(y)) == pytest.approx(by_formula(float(y)), abs=1e-14)


@pytest.mark.parametrize("y", [Fraction(9, 2), Fraction(27, 4), Fraction(12)])
def test_the_recursion_by_quadrature(y: Fraction) -> None:
    total = sum(
        quad(lambda v: float(M(Fraction(v))), k, min(k + 1, float(y) - 1))[0] for k in range(int(y - 1) + 1)
        if k < y - 1
    )  # fmt: skip
    assert float(M(y)) == pytest.approx(1 + 2 * total / float(y - 1), rel=1e-10)


def test_neighbouring_stretches_meet() -> None:
    found = renyi.stretches(15)
    for k in range(1, 14):
        with ctx.workprec(160):
            left, right = found[k](arb(fmpq(1, 2))), found[k + 1](arb(fmpq(-1, 2)))
        assert left.overlaps(right) and left.rad() < 1e-25


def test_the_constant() -> None:
    assert abs(C - ball(DIGITS)) < ball(Fraction(1, 10**29)) and C.rad() < 1e-29
    ein = lambda t: quad(lambda u: (1 - exp(-u)) / u if u else 1.0, 0, t)[0]  # noqa: E731
    body = quad(lambda t: exp(-2 * ein(t)), 0, 30)[0]
    assert float(C) == pytest.approx(body + exp(-2 * 0.5772156649015329) / 30, abs=1e-8)


def test_the_pieces_of_the_integral() -> None:
    ein = lambda t: quad(lambda u: (1 - exp(-u)) / u if u else 1.0, 0, t)[0]  # noqa: E731
    assert float(renyi.integrand_near_zero()) == pytest.approx(
        quad(lambda t: exp(-2 * ein(t)), 0, 2)[0], rel=1e-9
    )
    for j in (2, 7, 40):
        assert float(renyi.piece(j)) == pytest.approx(quad(lambda t: exp(-2 * ein(t)), j, j + 1)[0], rel=1e-7)


# dirksen-renyi


def test_the_theorem_in_all_its_parts(records: list) -> None:
    renyi.theorem.check([Stretch(k, C) for k in (2, 5, 9)], over="three stretches")
    assert records[-1]["strength"] == "enclosure"
    renyi.theorem.check([Transform(s)], over="letters", case="part 3")
    M2 = 3 - 2 / (x - 1)
    area = 1 + 3 * (x - 3) - 2 * sympy.log(x - 2)
    M3 = 7 - (10 + 4 * sympy.log(x - 2)) / (x - 1)
    renyi.theorem.check(
        [Piece(x, 2, 1, 0, x - 2, M2), Piece(x, 3, M2, 1, area, M3)], over="formulas", case="two"
    )
    assert records[-1]["strength"] == "symbolic"
    for broken in (
        Piece(x, 3, M2, 1, area, M3 + 1),
        Piece(x, 3, M2, 0, area, M3),
        Piece(x, 3, 3 - 2 / x, 1, area, M3),
    ):
        with pytest.raises(ClaimFails, match="not"):
            renyi.theorem.check([broken], over="a wrong formula")


def test_wrong_constants_and_transforms_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    for shift in (Fraction(1, 10**6), Fraction(-1, 10**6)):
        with pytest.raises(ClaimFails, match="least quotient minus C"):
            renyi.theorem.check([Stretch(9, C + ball(shift))], over="a wrong constant")
    assert "Psi" in renyi.transform_agrees(Transform(s), gain=1).reason
    right = renyi.excess
    monkeypatch.setattr(
        renyi, "excess", lambda k, c: right(k, c) * (20 if k == 5 else 1)
    )  # an error that grows
    with pytest.raises(ClaimFails, match="H_4 is"):
        renyi.theorem.check([Stretch(4, C)], over="a slow decay")


def test_the_line_of_the_page() -> None:
    assert float(parking.formula(Fraction(20), C)) == pytest.approx(15.44715, abs=1e-5)
    assert float(M(Fraction(21))) == pytest.approx(float(parking.formula(Fraction(20), C)), abs=1e-12)
    quotient = [(float(M(3 + Fraction(k, 200))) + 1) / (4 + k / 200) for k in range(201)]
    assert 0.74 < min(quotient) < float(C) < max(quotient) == 0.75  # the exercise
