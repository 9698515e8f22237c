"""What no first layer can avoid: laws, oracles by another route, the controls of the page, mutants."""

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, pairwise, product
from math import asin, comb, e, pi, sin

import pytest
import sympy
from flint import arb
from hypothesis import given
from hypothesis import strategies as st

from memlib.claim import ClaimFails, ControlFails
from memlib.rajput import arrangements, limits, packings
from memlib.rajput.arrangements import (
    Arrangement,
    E,
    Recursion,
    cells,
    monic_points,
    monic_units,
    occurs,
    polynomial,
    times,
)
from memlib.rajput.limits import Equidistant, Ring, around_a_circle, chord, flat, turns
from memlib.rajput.line import Unit
from memlib.rajput.packings import (
    Counted,
    Packing,
    between_the_lines,
    far,
    grid,
    most_codes,
    on_the_sphere,
    points_promised,
    told_apart,
    units_needed,
)

EIGHT = ((65, 0), (39, 52), (0, 65), (-39, 52), (-65, 0), (-39, -52), (0, -65), (39, -52))
ALTERNATING = (0, 1) * 4
CIRCLE, SKIP = "the points go round a circle, in order", "no connection skips a layer"
HALF, PAIRS, SPHERE = "0 < delta <= 1/2", "all pairs are told apart", "the points lie on a sphere"
SKIPPING = (
    Unit((-1, 0), (), -39),
    Unit((-1, 0), (-78,), 39),
    Unit((-1, 0), (-65, 0), 0),
    Unit((0, 0), (0, 1, -1), -1),
)
RELU = (
    Unit((-1, 0), (), 65, "relu"),
    *(Unit((0, 0), (1,), -t) for t in (26, 65, 104, 130)),
    Unit((0, 0), (0, 1, -1, 1, -1), -1),
)


def rows(d: int, most: int = 5) -> st.SearchStrategy:
    small = st.integers(-3, 3)
    return st.lists(st.tuples(*[small] * (d + 1)), min_size=1, max_size=most).map(tuple)


# rajput-lb-circle


@given(st.lists(st.integers(0, 1), min_size=2, max_size=7), st.integers(0, 7))
def test_half_as_many_units_as_changes(labels: list[int], turn: int) -> None:
    points = (EIGHT * 2)[turn : turn + len(labels)]
    limits.lb_circle.check([Ring(points, tuple(labels))], over="drawn labels")


@given(st.permutations(range(6)))
def test_the_order_on_a_circle(order: list[int]) -> None:
    start = order.index(0)
    turned = order[start:] + order[:start]
    round_once = turned in ([0, 1, 2, 3, 4, 5], [0, 5, 4, 3, 2, 1])
    assert bool(around_a_circle(Ring(tuple(EIGHT[i] for i in order), (0,) * 6))) == round_once


def test_what_is_no_circle() -> None:
    ellipse = tuple((2 * a, b) for a, b in EIGHT)
    assert "do not lie" in repr(around_a_circle(Ring(ellipse, ALTERNATING)))
    assert "round the circle" in repr(around_a_circle(Ring(tuple((k, k) for k in range(4)), (0,) * 4)))
    assert around_a_circle(Ring(tuple((a, b, a + b) for a, b in EIGHT), ALTERNATING)) is not True
    assert turns(EIGHT) == {1} and turns(EIGHT[::-1]) == {-1}
    assert turns(tuple((k, k) for k in range(3))) == {0}
    with pytest.raises(ValueError, match="plane"):
        flat(((0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)))


def test_controls_of_the_circle(records: list) -> None:
    shuffled = Ring(tuple(EIGHT[i] for i in (0, 4, 1, 5, 2, 6, 3, 7)), ALTERNATING)
    limits.lb_circle.control(shuffled, without=CIRCLE)
    curve = tuple((t, t**2, t**3, t**4) for t in range(8))
    limits.lb_circle.control(Ring(curve, ALTERNATING), without=CIRCLE)
    limits.lb_circle.control(Ring(EIGHT, ALTERNATING, SKIPPING), without=SKIP)
    assert "3 units" in records[-1]["reason"]
    limits.lb_circle.control(Ring(EIGHT, ALTERNATING, RELU), without="the first layer has threshold units")
    limits.lb_circle.control(Equidistant.of(3), without="0 < delta <= 2")
    steps = tuple(Unit((1, 0), (), -t) for t in (52, 20, -20, -52))
    parity = Unit((0, 0), (-1, 1, -1, 1), -1)
    limits.lb_circle.check([Ring(EIGHT, ALTERNATING, (*steps, parity))], over="a network with four readers")
    with pytest.raises(ValueError, match="fails at point 1"):
        limits.lb_circle.control(Ring(EIGHT, ALTERNATING, (SKIPPING[0], *SKIPPING[2:])), without=SKIP)


@pytest.mark.parametrize("changes", [6, 10])
def test_a_wrong_count_of_changes_is_noticed(changes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ring, "changes", property(lambda self: changes))
    with pytest.raises(ClaimFails, match="4 units are enough"):
        limits.lb_circle.check([Ring(EIGHT, ALTERNATING)], over="a mutant")


@given(st.fractions(Fraction(1, 300), 2, max_denominator=300))
def test_the_most_equidistant_points(delta: Fraction) -> None:
    it = Equidistant.of(delta)
    limits.lb_circle.check([it], over="a drawn separation")
    assert 2 * sin(pi / it.n) > float(delta) - 1e-12
    assert it.n / 2 > pi / (2 * asin(float(delta) / 2)) - 1 - 1e-9


def test_sides_of_polygons() -> None:
    assert [Equidistant.of(Fraction(p, q)).n // 2 for p, q in ((2, 1), (1, 1), (1, 2), (1, 10), (1, 100))] == [
        1, 3, 6, 31, 314,
    ]  # fmt: skip
    assert abs(chord(6) - 2 * sin(pi / 6)) < arb("1e-12")
    with pytest.raises(ClaimFails, match="64 points"):
        limits.lb_circle.check(
            [replace(Equidistant.of(Fraction(1, 10)), n=64, side=chord(64))], over="too many"
        )
    with pytest.raises(ClaimFails, match="62 points would fit"):
        limits.lb_circle.check(
            [replace(Equidistant.of(Fraction(1, 10)), n=60, side=chord(60))], over="too few"
        )


# rajput-lb-cells


@given(rows(1))
def test_codes_on_the_line(units: tuple) -> None:
    breaks = sorted({Fraction(-b, w) for w, b in units if w} | {Fraction(0)})
    places = [breaks[0] - 1, breaks[-1] + 1, *breaks]
    places += [(a + b) / 2 for a, b in pairwise(breaks)]
    found = {tuple(int(w * x + b >= 0) for w, b in units) for x in places}
    assert Arrangement(units).codes() == found


@given(st.sampled_from([2, 3]).flatmap(lambda d: rows(d, 4)))
def test_codes_in_space(units: tuple) -> None:
    it = Arrangement(units)
    seen = {it.code(x) for x in product(range(-4, 5), repeat=it.d)}
    assert seen <= it.codes()
    limits.lb_cells.check([it], over="drawn units")


def test_cells_of_special_arrangements() -> None:
    """Parallel, concurrent and general lines: the pieces are counted in every schoolbook."""
    parallel = tuple((1, 0, -k) for k in range(4))
    pencil = ((1, 0, 0), (0, 1, 0), (1, 1, 0), (1, -1, 0))
    assert len(Arrangement(parallel).codes()) == 5
    assert len(Arrangement(pencil).codes()) == 8  # sectors; the origin shares its code with one of them
    assert len(Arrangement(((1, 0, 0), (-1, 0, 0))).codes()) == 3  # the line itself is a place
    assert Arrangement(((0, 0, 5), (0, 0, -5))).codes() == {(1, 0)}


@given(st.integers(0, 7), st.integers(1, 4))
def test_polynomials_give_all_codes(m: int, d: int) -> None:
    points, units = monic_points(m, d), monic_units(m, d)
    assert (
        len({units.code(x) for x in points}) == len(points) == cells(m, d)
        if m
        else points == (polynomial([0] * d),)
    )


def test_polynomial_and_times() -> None:
    T = sympy.Symbol("T")
    assert sympy.Poly([1, *polynomial([2, -3, 5])[::-1]], T) == sympy.Poly((T - 2) * (T + 3) * (T - 5), T)
    assert times(4) == (-3, -1, 1, 3) and times(1) == (0,)


def test_the_recursion(records: list) -> None:
    m = sympy.Symbol("m")
    limits.lb_cells.check([Recursion(m, d) for d in (1, 2, 5)], over="all m")
    assert records[-1]["strength"] == "symbolic"
    assert all(sympy.sympify(cells(m, d)).subs(m, k) == cells(k, d) for d in range(5) for k in range(9))
    assert all(
        cells(k, d) == sum(1 for size in range(d + 1) for _ in combinations(range(k), size))
        for d in range(4)
        for k in range(6)
    )


def test_a_wrong_binomial_sum_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    true = cells
    monkeypatch.setattr(arrangements, "cells", lambda m, d: true(m, d) + m * int(d == 2))
    with pytest.raises(ClaimFails, match="recursion"):
        limits.lb_cells.check([Recursion(sympy.Symbol("m"), 2)], over="a mutant")
    monkeypatch.setattr(arrangements, "cells", lambda m, d: true(m, d) - (d == 2))
    with pytest.raises(ClaimFails, match="11 codes, more than 10"):
        limits.lb_cells.check([monic_units(4, 2)], over="a mutant")
    monkeypatch.setattr(arrangements, "cells", lambda m, d: true(m, d) + (d == 2))
    with pytest.raises(ClaimFails, match="only 11 codes of 12"):
        limits.lb_cells.check([monic_units(4, 2)], over="a mutant")


def test_the_constant_e_matters(monkeypatch: pytest.MonkeyPatch) -> None:
    assert e - 1e-5 < float(E) < e
    monkeypatch.setattr(arrangements, "E", Fraction(19, 10))
    with pytest.raises(ClaimFails, match="exceeds"):
        limits.lb_cells.check([Arrangement(((1, 0, 0), (0, 1, 0)))], over="(1.9 m/d)^d")


def test_discs_give_all_codes() -> None:
    venn = Arrangement(
        ((0, 0, 25), (4, 0, 25), (2, 3, 25)), at=tuple(product(range(-6, 11), range(-6, 10))), kind="disc"
    )
    limits.lb_cells.control(venn, without="the units are threshold units")
    with pytest.raises(ValueError, match="name the points"):
        replace(venn, at=None).codes()


def test_a_circuit_forgotten_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not occurs(((1, 0, 0), (0, 1, 0), (-1, -1, 1)), (0, 0, 0))
    true = arrangements.circuits
    monkeypatch.setattr(arrangements, "circuits", lambda points: true(points)[:-1])
    with pytest.raises(ClaimFails, match="8 codes, more than 7"):
        limits.lb_cells.check([Arrangement(((1, 0, 0), (0, 1, 0), (-1, -1, 1)))], over="a mutant")


# rajput-lb-packing, rajput-lb-sphere


@given(st.integers(1, 30), st.integers(2, 60), st.booleans())
def test_both_bounds(d: int, q: int, sphere: bool) -> None:
    d += sphere
    claim = limits.lb_sphere if sphere else limits.lb_packing
    claim.check([Counted.of(d, Fraction(1, q), sphere)], over="drawn numbers")
    n = points_promised(d, Fraction(1, q), sphere)
    m = units_needed(n, d, sphere)
    assert most_codes(m, d, sphere) >= n > (most_codes(m - 1, d, sphere) if m else 0)


def test_the_bounds_are_not_far_from_the_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """With 2 in place of e the count itself refutes the bound, for ball and sphere."""
    monkeypatch.setattr(packings, "E", Fraction(2))
    with pytest.raises(ClaimFails, match="are enough"):
        limits.lb_packing.check([Counted.of(60, Fraction(1, 60))], over="a mutant")
    with pytest.raises(ClaimFails, match="are enough"):
        limits.lb_sphere.check([Counted.of(60, Fraction(1, 60), True)], over="a mutant")


def test_the_logarithmic_bound_needs_its_e(monkeypatch: pytest.MonkeyPatch) -> None:
    it = replace(Counted.of(30, Fraction(1, 50)), log=3 * Counted.of(30, Fraction(1, 50)).log)
    limits.lb_packing.check([it], over="a smaller bound")
    with pytest.raises(ClaimFails, match="logarithmic"):
        limits.lb_packing.check([replace(it, log=arb("1.5"))], over="a larger bound")


@given(st.sampled_from([(1, 2), (1, 9), (2, 2), (2, 3), (3, 2)]))
def test_grids(size: tuple[int, int]) -> None:
    d, q = size
    points, units = grid(d, q), between_the_lines(d, q)
    assert len(units) == 2 * d * q and told_apart(units, points, tuple(range(len(points))))
    assert not told_apart(units[:-1], points, tuple(range(len(points))))
    it = Packing(points, q * q, Fraction(1, q), units)
    limits.lb_packing.check([it], over="a grid")
    with pytest.raises(ClaimFails, match="closer"):
        limits.lb_packing.check([replace(it, norm=q * q + 1)], over="a larger ball")
    with pytest.raises(ClaimFails, match="out of place"):
        limits.lb_packing.check([replace(it, norm=q * q - 1)], over="a smaller ball")
    with pytest.raises(ClaimFails, match="not "):
        limits.lb_packing.check(
            [replace(it, points=points[: points_promised(d, Fraction(1, q)) - 1])], over="few"
        )
    with pytest.raises(ValueError, match="do not tell"):
        limits.lb_packing.check([replace(it, rows=units[:1])], over="one unit")


def test_all_choices_for_five_points() -> None:
    line = Packing(((-4,), (-2,), (0,), (2,), (4,)), 16, Fraction(1, 2))
    limits.lb_packing.check([line], over="five points")
    with pytest.raises(ValueError, match="exhaustive"):
        limits.lb_packing.check([Packing(grid(2, 3), 9, Fraction(1, 3))], over="too many")


@pytest.mark.parametrize(
    ("d", "norm", "delta"), [(2, 65**2, Fraction(1, 4)), (3, 225, Fraction(1, 2)), (4, 50, Fraction(1, 2))]
)
def test_spheres(d: int, norm: int, delta: Fraction) -> None:
    everything = on_the_sphere(d, norm, Fraction(0))
    r = max(map(max, everything))
    assert len(everything) == sum(
        1 for x in product(range(-r, r + 1), repeat=d) if sum(v * v for v in x) == norm
    )
    chosen = on_the_sphere(d, norm, delta)
    assert all(far(X, Y, norm, delta) for X, Y in combinations(chosen, 2))
    assert all(any(not far(X, Y, norm, delta) for Y in chosen) for X in everything)  # no room is left
    limits.lb_sphere.check(
        [Packing(chosen, norm, delta, between_the_lines(d, r), sphere=True)], over="a sphere"
    )


@given(st.lists(st.tuples(*[st.integers(-9, 9)] * 3), min_size=1, max_size=7), st.integers(-40, 40))
def test_codes_on_a_circle(units: list, shift: int) -> None:
    """At most 2m arcs, which is less than the bound; an oracle from plane geometry."""
    points = on_the_sphere(2, 65**2, Fraction(0))
    it = Arrangement(tuple((a, b, 9 * c + shift) for a, b, c in units), at=points)
    limits.lb_sphere.check([it], over="drawn units")
    assert len(it.codes()) <= max(1, 2 * len(units)) <= most_codes(len(units), 2, sphere=True)


def test_great_circles_are_close_to_the_bound() -> None:
    """m great circles in general position cut the sphere into m^2 - m + 2 pieces; the bound is m^2 + 1."""
    points = on_the_sphere(3, 1001, Fraction(0))
    circles = ((1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (1, 1, 1, 0))
    assert [len(Arrangement(circles[:m], at=points).codes()) for m in range(1, 5)] == [2, 4, 8, 14]
    assert [most_codes(m, 3, sphere=True) for m in range(1, 5)] == [2, 5, 10, 17]


def test_a_bound_too_small_for_spheres_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packings, "most_codes", lambda m, d, sphere: cells(m, d - 1))
    circles = ((5, 1, 2, 0), (-1, 6, 1, 0), (2, -1, 7, 0))
    with pytest.raises(ClaimFails, match="8 codes, more than 7"):
        limits.lb_sphere.check(
            [Arrangement(circles, at=on_the_sphere(3, 1001, Fraction(0)))], over="a mutant"
        )


def test_controls_of_full_sets(records: list) -> None:
    P = grid(2, 4)
    limits.lb_packing.control(
        Packing(P, 16, Fraction(1, 4), ((2, 0, -1),), tuple(int(x[0] >= 1) for x in P)), without=PAIRS
    )
    limits.lb_packing.control(Packing(((0, 0, 0),), 1, Fraction(1), rows=()), without=HALF)
    limits.lb_sphere.control(Arrangement(monic_units(5, 2).rows, at=monic_points(5, 2)), without=SPHERE)
    limits.lb_sphere.control(Packing(((1, 0),), 1, Fraction(2), rows=(), sphere=True), without=HALF)
    with pytest.raises(ControlFails, match="survives"):
        limits.lb_sphere.control(Arrangement(monic_units(2, 2).rows, at=monic_points(2, 2)), without=SPHERE)
    with pytest.raises(ClaimFails, match="all of space"):
        limits.lb_sphere.check([monic_units(2, 2)], over="all of the plane")


def test_promises() -> None:
    assert points_promised(2, Fraction(1, 4)) == 16 and points_promised(2, Fraction(2, 5)) == 7
    assert points_promised(3, Fraction(1, 4), sphere=True) == 32
    assert [units_needed(n, 2) for n in (1, 2, 3, 4, 5, 7, 8, 11, 12)] == [0, 1, 2, 2, 3, 3, 4, 4, 5]
    assert comb(4, 2) == 6 and units_needed(2**20, 20) == 20
