"""Cover's numbers and dichotomies, Gardner's formula, the VC dimension of tiny networks."""

import random
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product
from math import comb

import pytest
import sympy
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib.capacity import counting, machines, margins
from memlib.capacity.counting import (
    Cloud,
    Edge,
    Guess,
    Mirror,
    Step,
    Table,
    by_restriction,
    chance,
    cover,
    dichotomies,
    recursion,
    share,
)
from memlib.capacity.machines import Load, Machine, largest_shattered
from memlib.capacity.margins import Margin
from memlib.claim import ClaimFails, ControlFails

FLAT = (*((1, k, 0) for k in range(5)), (0, 0, 1))
GENERAL = "the vectors are in linear general position"
SEVEN = tuple((i, i**3 - 3 * i + i % 3) for i in range(7))
small_vectors = st.integers(1, 3).flatmap(
    lambda d: st.lists(st.tuples(*[st.integers(-3, 3)] * d), min_size=1, max_size=6).map(tuple)
)


def moments(n: int, d: int) -> tuple:
    return tuple(tuple(t**j for j in range(d)) for t in range(n))


@pytest.fixture
def records(monkeypatch: pytest.MonkeyPatch) -> list:
    found: list = []
    monkeypatch.setattr("memlib.claim._display", lambda record: found.append(record._entry))
    return found


# limits-cover-rec


def test_the_numbers_by_hand() -> None:
    assert [cover(4, d) for d in range(6)] == [0, 2, 8, 14, 16, 16]
    assert cover(14, 5) == 2186 and cover(1, 7) == 2


@given(st.integers(1, 30), st.integers(0, 30))
def test_cover_is_a_sum_of_words(n: int, d: int) -> None:
    """C(n, d) counts the sign words of length n with at most d - 1 changes, a route without recursion."""
    assert recursion(n, d).rows[n - 1][d] == cover(n, d)
    if n <= 9:
        words = product((1, -1), repeat=n)
        assert sum(sum(a != b for a, b in pairwise(w)) < d for w in words) == cover(n, d)


def test_records_of_the_recursion(records: list) -> None:
    n = sympy.Symbol("n")
    counting.cover_rec.check([Step(n, d) for d in range(2, 6)], over="a letter", case="polynomials")
    assert records[-1]["strength"] == "symbolic"
    counting.cover_rec.check([recursion(1, 0), recursion(1, 5), recursion(9, 9)], over="tables")
    assert records[-1]["strength"] == "exact"


@pytest.mark.parametrize(
    ("wrong", "broken"),
    [
        ({"edge": 1}, "C(n, 0) = 0"),
        ({"first": 3}, "C(1, d) = 2 for d >= 1"),
        ({"add": 2}, "C(n+1, d) = C(n, d) + C(n, d-1)"),
    ],
)
def test_each_condition_is_needed(wrong: dict, broken: str) -> None:
    counting.cover_rec.control(recursion(4, 4, **wrong), without=broken)
    with pytest.raises(ControlFails, match="still holds"):
        counting.cover_rec.control(recursion(4, 4), without=broken)


def test_wrong_sums_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    n = sympy.Symbol("n")
    monkeypatch.setattr(counting, "cover", lambda n, d: cover(n, d + 1))
    with pytest.raises(ClaimFails, match="the sum is"):
        counting.cover_rec.check([recursion(5, 3)], over="one term too many")
    monkeypatch.setattr(counting, "cover", lambda n, d: cover(n, d) * n)
    with pytest.raises(ClaimFails, match="fails for d = 3"):
        counting.cover_rec.check([Step(n, 3)], over="a wrong sum")
    row = Table(((0, 2), (0, 3)))
    with pytest.raises(ClaimFails, match=r"C\(2, 1\) = 3"):
        counting.cover_rec.check([row], over="a wrong table")


# limits-cover


@settings(max_examples=40, deadline=None)
@given(small_vectors)
def test_three_counts_agree(points: tuple) -> None:
    """Restriction, listing, and brute force over the sign vectors of many integer weights, which finds no more."""
    listed = set(dichotomies(points))
    assert by_restriction(points) == len(listed)
    d = len(points[0])
    tried = set()
    for w in product(range(-4, 5), repeat=d):
        values = [sum(a * b for a, b in zip(w, x, strict=True)) for x in points]
        if all(values):
            tried.add(tuple(1 if v > 0 else -1 for v in values))
    assert tried <= listed
    counting.cover_count.check([Cloud(points, general=False)], over="drawn vectors")


@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 4), (5, 1), (4, 4), (3, 5), (8, 3), (12, 4)])
def test_moment_vectors_have_exactly_covers_number(n: int, d: int, records: list) -> None:
    counting.cover_count.check([Cloud(moments(n, d))], over="moments")
    assert records[-1]["strength"] == "exact" and by_restriction(moments(n, d)) == cover(n, d)


def test_degenerate_vectors() -> None:
    assert by_restriction(((0, 0),)) == 0 and dichotomies(((0, 0), (1, 2))) == ()
    assert by_restriction(((1, 2), (2, 4), (-1, -2))) == 2 == len(dichotomies(((1, 2), (2, 4), (-1, -2))))
    assert by_restriction(FLAT) == 20 == len(dichotomies(FLAT))
    counting.cover_count.control(Cloud(FLAT), without=GENERAL)
    counting.cover_count.check([Cloud(FLAT, general=False)], over="at most")
    with pytest.raises(ClaimFails, match="0, 1, 2 are dependent"):
        counting.cover_count.check([Cloud(FLAT)], over="a false hypothesis")
    with pytest.raises(ValueError, match="too many"):
        dichotomies(moments(11, 3))


def test_wrong_counts_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    clouds = [Cloud(moments(5, 3))]
    monkeypatch.setattr(counting, "projected", lambda x, z: x)  # not projected: dimension kept
    with pytest.raises(ClaimFails, match="by restriction"):
        counting.cover_count.check(clouds, over="mutant")
    monkeypatch.undo()
    monkeypatch.setattr(counting, "dichotomies", lambda points: dichotomies(points)[1:])
    with pytest.raises(ClaimFails, match="by listing"):
        counting.cover_count.check(clouds, over="mutant")
    monkeypatch.undo()
    monkeypatch.setattr(counting, "cover", lambda n, d: cover(n - 1, d))
    with pytest.raises(ClaimFails, match="dichotomies"):
        counting.cover_count.check([Cloud(moments(5, 3), general=False)], over="a bound too small")


def test_wrong_weights_are_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    points = ((1, 3, 7), (2, 1, 1), (5, 0, 2))
    monkeypatch.setattr(counting, "proposed", lambda points, y: (1, 1, 1))
    with pytest.raises(ArithmeticError, match="no weights"):
        dichotomies(points)


# limits-half


@pytest.mark.parametrize("d", range(1, 7))
def test_one_half_for_every_d(d: int) -> None:
    counting.half.check([Guess(moments(2 * d, d))], over="moments")


def test_controls_of_one_half() -> None:
    counting.half.control(Guess(moments(9, 5)), without="there are 2d vectors")
    counting.half.control(Guess(moments(3, 2)), without="there are 2d vectors")
    counting.half.control(Guess(FLAT), without=GENERAL)
    counting.half.control(Guess(moments(4, 2), Fraction(3, 4)), without="the signs are fair coins")
    assert chance(Guess(moments(9, 5))) == Fraction(163, 256)
    assert chance(Guess(((1,), (2,)), Fraction(3, 4))) == Fraction(5, 8)
    assert chance(Guess(moments(4, 2), Fraction(1))) == 1


def test_half_notices_mutants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "dichotomies", lambda points: dichotomies(points)[:-1])
    with pytest.raises(ClaimFails, match="the probability is 7/16"):
        counting.half.check([Guess(moments(4, 2))], over="one is missing")
    d, k = sympy.symbols("d k", integer=True, positive=True)
    binomial = sympy.binomial
    monkeypatch.setattr(sympy, "binomial", lambda n, k: binomial(n + 1, k))  # the row 2d, mirrored at 2d - 1
    with pytest.raises(ClaimFails, match="the terms differ"):
        counting.half.check([Mirror(d, k)], over="a wrong row")


# limits-sharp


@given(st.integers(1, 60), st.integers(1, 30), st.fractions(0, 2, max_denominator=9))
def test_all_or_nothing(n: int, d: int, eps: Fraction) -> None:
    edge = Edge(n, d, eps)
    if eps > 0 and abs(n - 2 * d) >= 2 * eps * d:
        counting.sharp.check([edge], over="a drawn edge")
    assert share(n, d) == Fraction(sum(comb(n - 1, k) for k in range(d)), 2 ** (n - 1))


def test_sharp_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    counting.sharp.control(Edge(40, 20, Fraction(1, 2)), without="n differs from 2d by at least 2 eps d")
    counting.sharp.control(Edge(58, 20, Fraction(-1, 2)), without="eps > 0")
    monkeypatch.setattr(counting, "share", lambda n, d: Fraction(1, 2))
    with pytest.raises(ClaimFails, match="wrong side"):
        counting.sharp.check([Edge(10, 20, Fraction(3, 4))], over="mutant")


# limits-gardner-formula


@pytest.fixture(scope="module")
def gap() -> Margin:
    return Margin(sympy.Symbol("kappa", positive=True), sympy.Symbol("t", real=True))


def test_gardner_symbolic(gap: Margin, records: list) -> None:
    counting.formula.check([gap], over="kappa")
    assert records[-1]["strength"] == "symbolic"
    counting.formula.rejects(gap, wrong=margins.other_sign, says="the other sign")
    assert "13.3" in records[-1]["reason"]


def test_gardner_mutants(gap: Margin, monkeypatch: pytest.MonkeyPatch) -> None:
    F, inverse = margins.primitive_function, margins.inverse_capacity
    monkeypatch.setattr(margins, "primitive_function", lambda k, t: F(k, t) + t)
    with pytest.raises(ClaimFails, match="the primitive function is wrong"):
        counting.formula.check([gap], over="mutant")
    monkeypatch.setattr(margins, "primitive_function", F)
    monkeypatch.setattr(margins, "inverse_capacity", lambda k: inverse(k) - 2 * k * margins.density(k))
    with pytest.raises(ClaimFails, match="its values at the ends is wrong"):
        counting.formula.check([gap], over="mutant")


# limits-bh


def test_tiny_networks_as_the_dossier_counts_them() -> None:
    assert [len(Machine(SEVEN[:n], 2).labellings()) for n in (4, 5, 6, 7)] == [16, 32, 62, 114]
    assert [largest_shattered(Machine(SEVEN, k).labellings(), 7) for k in (0, 1, 2)] == [3, 3, 5]


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 2), st.integers(2, 6), st.integers(0, 10**6))
def test_one_unit_is_cover_with_a_bias(d: int, n: int, seed: int) -> None:
    draw = random.Random(seed)
    points = tuple(tuple(draw.randint(-9, 9) for _ in range(d)) for _ in range(n))
    lifted = tuple((*x, 1) for x in points)
    if len(set(points)) == n:
        assert len(Machine(points).labellings()) == by_restriction(lifted)
    counting.bh.check([Machine(points)], over="drawn points")


def test_bh_and_its_control(records: list) -> None:
    counting.bh.check([Machine(SEVEN, 2), Machine(tuple((t,) for t in range(9)))], over="tiny networks")
    counting.bh.check([Load.least(W, U) for U in (1, 2, 50) for W in (U, 100, 300)], over="loads")
    assert [r["strength"] for r in records] == ["exact", "enclosure"]
    sine = Machine(tuple((2**i,) for i in range(1, 13)), kind="sine")
    counting.bh.control(sine, without="the units are threshold units")
    with pytest.raises(ControlFails, match="survives"):
        short = Machine(((2,), (4,)), kind="sine")
        counting.bh.control(short, without="the units are threshold units")


def test_bh_mutants(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClaimFails, match="are not enough"):
        counting.bh.check([Load.least(20, 1, times=2)], over="2 in place of 3")
    load = Load.least(100, 10)
    with pytest.raises(ClaimFails, match="are not enough"):
        counting.bh.check([replace(load, n=load.n - 600)], over="too few points")
    monkeypatch.setattr(machines, "log2_e", lambda U: arb(1) * arb(10) ** -1)
    with pytest.raises(ClaimFails):
        counting.bh.check([Machine(SEVEN, 2)], over="a logarithm too small")


def test_the_graded_exercise() -> None:
    assert 100 * share(46, 31) >= 99 > 100 * share(47, 31)
