"""Four limits of counting: laws, oracles by another route, the controls of the page, mutants."""

import random
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product
from math import prod

import pytest
from flint import arb, fmpq
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog

from memlib import certificate, checker
from memlib.capacity import alternation, dimension, labellings, zigzag
from memlib.capacity.alternation import (
    Cut,
    Deep,
    Labelled,
    bends,
    changes,
    fences,
    moment_curve,
    tent_network,
    vanishing_at,
)
from memlib.capacity.dimension import (
    Bottleneck,
    Sampled,
    dealt_digits,
    distance,
    grid,
    side_by_side,
    snake,
    steepest,
    walk,
)
from memlib.capacity.labellings import (
    AROUND_E,
    Budget,
    Family,
    Shape,
    Sine,
    all_sine_labels,
    hyperplane_cells,
    powers_of_half,
    sine_labels,
)
from memlib.capacity.zigzag import Zigzag, feasible, reachable, zigzag_network
from memlib.claim import ClaimFails, ControlFails
from memlib.evidence import Counterexample
from memlib.rajput.arrangements import cells
from memlib.rajput.line import fewest_units as another_search
from memlib.search import fewest_bends

LIPSCHITZ, CUBE = "F is Lipschitz with constant L", "the settings lie in the cube"
MET, SMALL, FEWER = "every grid point is met within eps", "2 K eps < 1", "W < M"
CURVE, UNITS = "the points follow the moment curve", "the units are thresholds or ReLUs"
HALF = Fraction(1, 2)
labels_of = st.lists(st.integers(0, 1), min_size=1, max_size=9).map(tuple)


# limits-dim


@given(st.integers(1, 3), st.integers(1, 4))
def test_the_walk_meets_every_grid_point_once(M: int, K: int) -> None:
    points = walk(M, K)
    assert sorted(points) == grid(M, K)
    assert {distance(y, z) for y, z in pairwise(points)} == {Fraction(1, K)}
    assert steepest(snake(M, K)) == Fraction((K + 1) ** M - 1, K)


@given(st.integers(1, 3), st.permutations(range(9)), st.integers(0, 3))
def test_no_curve_through_the_grid_beats_the_bound(N: int, order: list[int], over: int) -> None:
    """Any order of the nine points, at equal times, with its true constant or a larger one."""
    times = tuple((Fraction(2 * N * j, 8) - N,) for j in range(9))
    curve = Sampled(times, tuple(grid(2, 2)[i] for i in order), N, 0, 2)
    dimension.dim.check([replace(curve, L=steepest(curve) + over)], over="an order of nine points")
    assert steepest(curve) >= Fraction(4, 2 * N)


@given(
    st.lists(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), min_size=4, max_size=4), st.integers(3, 20)
)
def test_labels_beside_the_grid(shifts: list, divisor: int) -> None:
    """The corners of a square, each missed by at most eps < 1/2."""
    eps = Fraction(1, divisor)
    near = [tuple(c + eps * s * HALF for c, s in zip(y, shift, strict=True))
            for y, shift in zip(walk(2, 1), shifts, strict=True)]  # fmt: skip
    times = tuple((Fraction(j, 3) - HALF,) for j in range(4))
    curve = Sampled(times, tuple(near), HALF, 0, 1, eps)
    dimension.dim.check([replace(curve, L=steepest(curve))], over="corners with errors")


def test_two_parameters_and_digits(records: list) -> None:
    two = side_by_side(2, 1, 2)
    assert (two.W, two.M, len(set(two.labels)), two.cuts) == (2, 4, 16, 4)
    dimension.dim.check([two, side_by_side(1, 2, 3)], over="snakes side by side")
    assert steepest(dealt_digits(2, 1)) >= 2**2
    dimension.dim.check([dealt_digits(k, 2 * 4**k) for k in (1, 2, 3)], over="digits")
    dimension.dim.check([Bottleneck(3, 1, 1, 2), Bottleneck(7, 2, 2, 3)], over="letters", case="x")
    assert [r["strength"] for r in records] == ["exact", "exact", "symbolic"]


def test_controls_of_the_dimension(records: list) -> None:
    dim = dimension.dim
    dim.control(dealt_digits(3, L=4), without=LIPSCHITZ)
    dim.control(replace(snake(2, 3), N=HALF * HALF), without=CUBE)
    dim.control(Sampled(((0,),), ((0, 0),), HALF, 1, 10), without=MET)
    dim.control(Sampled(((0,),), ((HALF, HALF),), 1, 1, 1, Fraction(3, 5)), without=SMALL)
    dim.control(Bottleneck(2, 1, 2, 2), without=FEWER)
    assert "64 grid points are reached from 57 boxes" in records[0]["reason"]
    with pytest.raises(ControlFails, match="the conclusion survives"):
        dim.control(dealt_digits(2, L=8), without=LIPSCHITZ)  # 16 points from 25 boxes: not slow enough
    with pytest.raises(ControlFails, match="still holds"):
        dim.control(dealt_digits(2, L=100), without=LIPSCHITZ)
    with pytest.raises(ValueError, match="nothing is decided"):
        dim.control(Bottleneck(4, 2, 3, 3), without=FEWER)


def test_mutants_of_the_dimension(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(dimension, "walk", grid)  # the ox flies back to the start of each column
        with pytest.raises(ClaimFails, match="violates the hypothesis 'F is Lipschitz"):
            dimension.dim.check([snake(2, 2)], over="mutant")
    cuts = Sampled.cuts.fget
    for off, words in ((-1, "9 grid points are reached from 8 boxes"), (1, "9 grid points, but 10 boxes")):
        with monkeypatch.context() as patch:
            patch.setattr(Sampled, "cuts", property(lambda x, off=off: cuts(x) + off))
            with pytest.raises(ClaimFails, match=words):
                dimension.dim.check([snake(2, 2)], over="mutant")
    with pytest.raises(ClaimFails, match="no setting comes within 0"):
        dimension.dim.check([replace(snake(2, 2), labels=(*snake(2, 2).labels[:-1], (0, 0)), L=99)], over="x")


def test_a_smaller_minor_does_not_vanish(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two features and the minors of size 2: the equation is refuted."""
    symbol = dimension.sympy.Symbol

    def richer(name: str):
        return symbol(name) if not name.startswith("z") else symbol(name) + symbol(f"{name}x") ** 2

    x = Bottleneck(3, 1, 1, 2)
    assert dimension.minors_vanish(x) is True
    monkeypatch.setattr(dimension.sympy, "Symbol", richer)
    assert dimension.minors_vanish(x) is True  # any feature will do
    monkeypatch.setattr(dimension, "range", lambda k: range(k + 1) if k == x.m else range(k), raising=False)
    assert isinstance(dimension.minors_vanish(x), Counterexample)  # a hidden unit too many


# limits-alternation, part 1


@given(labels_of, st.integers(1, 4))
def test_fences_memorize_any_labels(labels: tuple, d: int) -> None:
    points = moment_curve(len(labels), d)
    net = fences(Labelled(points, labels))
    assert net.at_integers(points) == labels
    assert net.hidden_neurons == -(-changes(labels) // d)
    checker.verify(certificate.certificate(net, points, labels).document)


@given(st.lists(st.integers(0, 1), min_size=1, max_size=6).map(tuple), st.integers(1, 3))
def test_the_two_searches_agree(labels: tuple, d: int) -> None:
    points = moment_curve(len(labels), d)
    found = alternation.fewest_units(Labelled(points, labels))
    assert found == another_search(points, labels) == -(-changes(labels) // d)


@given(st.lists(st.integers(-99, 99), min_size=2, max_size=6).map(tuple), st.integers(1, 15))
def test_a_unit_changes_d_times_at_most(row: tuple, n: int) -> None:
    dimension.alternation.check([Cut(row, n)], over="a unit")


@given(st.sets(st.integers(0, 9), max_size=5))
def test_the_polynomial_of_the_marks(marks: set[int]) -> None:
    c = vanishing_at(sorted(marks))
    for t in range(11):
        assert sum(a * t**e for e, a in enumerate(c)) == prod(2 * t - 2 * g - 1 for g in marks)


def test_controls_of_alternation(records: list) -> None:
    claim, line = dimension.alternation, tuple((t, 2 * t) for t in range(6))
    claim.control(Labelled(line, (0, 1) * 3), without=CURVE)
    assert "5 units are needed for 5 changes in dimension 2, not 3" in records[-1]["reason"]
    curve = moment_curve(6, 2)
    claim.control(Labelled(tuple(curve[t] for t in (0, 2, 4, 1, 3, 5)), (0, 0, 0, 1, 1, 1)), without=CURVE)
    claim.control(Labelled(moment_curve(12, 2), (1, 0) * 6, "sine"), without=UNITS)
    with pytest.raises(ValueError, match="does not give these labels"):
        claim.control(Labelled(moment_curve(4, 2), (1, 0, 0, 1), "sine"), without=UNITS)
    with pytest.raises(ControlFails, match="the conclusion survives"):
        claim.control(Labelled(line, (0,) * 6), without=CURVE)


def test_mutants_of_the_fences(monkeypatch: pytest.MonkeyPatch) -> None:
    long = [Labelled(moment_curve(12, 3), (0, 1) * 6)]
    with monkeypatch.context() as patch:
        patch.setattr(alternation, "vanishing_at", lambda marks: vanishing_at([g + 1 for g in marks]))
        with pytest.raises(ClaimFails, match="wrong labels"):
            dimension.alternation.check(long, over="mutant: a mark too far")
    with monkeypatch.context() as patch:
        patch.setattr(alternation, "vanishing_at", lambda marks: tuple(-c for c in vanishing_at(marks)))
        with pytest.raises(ClaimFails, match="wrong labels"):
            dimension.alternation.check(long, over="mutant: the unit upside down")
    with monkeypatch.context() as patch:
        patch.setattr(alternation, "fewest_units", lambda x: 1)
        with pytest.raises(ClaimFails, match="1 unit is needed for 5 changes"):
            dimension.alternation.check([Labelled(moment_curve(6, 2), (0, 1) * 3)], over="mutant")
    monkeypatch.setattr(Cut, "values", property(lambda x: [t % 2 for t in range(x.n)]))
    with pytest.raises(ClaimFails, match="one unit changes 4 times in dimension 2"):
        dimension.alternation.check([Cut((1, 1, 1), 5)], over="mutant")


# part 2


@st.composite
def deep_networks(draw) -> Deep:
    widths = draw(st.lists(st.integers(1, 3), min_size=1, max_size=3))
    small = st.integers(-5, 5)
    layers = [
        tuple(draw(st.tuples(*[small] * (i + 1))) for _ in range(o))
        for i, o in zip((1, *widths), (*widths, 1), strict=True)
    ]
    return Deep(tuple(layers), tuple(Fraction(j, 7) for j in range(-21, 22)))


@given(deep_networks())
def test_few_pieces_and_between_bends_the_network_is_affine(net: Deep) -> None:
    dimension.alternation.check([net], over="a drawn network")
    found = bends(net)
    cut = [*found] if found else [Fraction(0)]
    for low, high in pairwise([cut[0] - 50, *cut, cut[-1] + 50]):
        third = (high - low) * Fraction(1, 3)
        a, b, c = (net(low + k * third)[0] for k in (0, 1, 2))
        assert b - a == c - b
    for t in found:  # and at a bend it is not: the function is not affine around it
        gap = min((abs(t - s) for s in found if s != t), default=Fraction(1)) * HALF
        assert net(t - gap)[0] + net(t + gap)[0] != 2 * net(t)[0]


def test_tents_alternate() -> None:
    for L in range(1, 6):
        tent = tent_network(L)
        assert tent.labels == [j % 2 for j in range(2**L + 1)] and tent.most == 3**L
    dimension.alternation.check([tent_network(5)], over="a tent")


def test_mutants_of_the_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Deep, "most", property(lambda net: 2 ** (len(net.layers) - 1)))
    with pytest.raises(ClaimFails, match="3 affine pieces, more than 2"):
        dimension.alternation.check([tent_network(1)], over="mutant: k^L")
    monkeypatch.undo()
    monkeypatch.setattr(alternation, "bends", lambda net: [])
    with pytest.raises(ClaimFails, match="8 changes of label on 1 affine pieces"):
        dimension.alternation.check([tent_network(3)], over="mutant: bends lost")


# part 3


@pytest.mark.parametrize("n", range(1, 25))
def test_the_zigzag_network(n: int) -> None:
    net, x = zigzag_network(n), Zigzag(n)
    points = tuple((t,) for t in range(n))
    assert net.at_integers(points) == x.labels and net.hidden_neurons == x.units
    if n >= 2:
        checker.verify(certificate.certificate(net, points, x.labels).document)
        assert fewest_bends(range(n), x.labels) == n - 2


def test_all_networks_with_few_units() -> None:
    assert [reachable(Zigzag(n).labels, n - 2) for n in (2, 3, 4)] == [False] * 3
    assert [reachable(Zigzag(n).labels, n - 1) for n in (1, 2, 3)] == [True] * 3
    assert reachable((0, 1, 5, -2), 2)  # flat, steep, down
    assert not reachable((0, 1, 0, 2), 2) and reachable((0, 0, 1, 3), 2)
    assert reachable((3, 0, 0, 1), 2) and not reachable((3, 0, 0, 1), 1)


rows = st.lists(st.lists(st.integers(-3, 3), min_size=4, max_size=4), max_size=5)


@given(st.lists(st.lists(st.integers(-3, 3), min_size=4, max_size=4), max_size=2), rows)
def test_linear_inequalities_against_scipy(equations: list, inequalities: list) -> None:
    answer = linprog(
        [0, 0, 0],
        A_eq=[r[:3] for r in equations] or None, b_eq=[-r[3] for r in equations] or None,
        A_ub=[[-c for c in r[:3]] for r in inequalities] or None, b_ub=[r[3] for r in inequalities] or None,
        bounds=[(None, None)] * 3,
    )  # fmt: skip
    assert feasible(equations, inequalities) == (answer.status == 0)


def test_mutants_of_the_zigzag(monkeypatch: pytest.MonkeyPatch) -> None:
    build = zigzag_network
    with monkeypatch.context() as patch:
        patch.setattr(Zigzag, "units", property(lambda x: x.n - 1))
        for n in (5, 9):
            with pytest.raises(ClaimFails, match="units or wrong labels"):
                dimension.alternation.check([Zigzag(n)], over="mutant")
    with monkeypatch.context() as patch:
        patch.setattr(zigzag, "reachable", lambda labels, units: True)
        with pytest.raises(ClaimFails, match="2 units are enough for the zigzag of 4 points"):
            dimension.alternation.check([Zigzag(4)], over="mutant")
    monkeypatch.setattr(zigzag, "zigzag_network", lambda n: build(n + 1))
    with pytest.raises(ClaimFails, match="units or wrong labels"):
        dimension.alternation.check([Zigzag(7)], over="mutant")


# limits-sin


@given(st.lists(st.fractions(Fraction(1, 20), 5, max_denominator=20), min_size=1, max_size=4, unique=True),
       st.fractions(0, 40, max_denominator=30))  # fmt: skip
def test_labels_against_the_sine_in_balls(points: list, t: Fraction) -> None:
    for x, label in zip(points, sine_labels(points, t), strict=True):
        z = t * x
        value = arb.sin_pi(arb(fmpq(z.numerator, z.denominator)))
        assert bool(value > 0) == bool(label) or z.denominator == 1
        if z.denominator == 1:
            assert label == 0


@given(st.lists(st.fractions(Fraction(1, 6), 4, max_denominator=6), min_size=1, max_size=3, unique=True),
       st.fractions(-50, 50, max_denominator=97))  # fmt: skip
def test_every_omega_is_in_the_list(points: list, t: Fraction) -> None:
    assert sine_labels(points, t) in all_sine_labels(points)


def test_the_sine_and_its_controls(records: list) -> None:
    dimension.sine.check([powers_of_half(n) for n in range(1, 10)], over="n < 10")
    four = tuple(map(Fraction, (1, 2, 3, 4)))
    dimension.sine.control(Sine(four, tuple(range(1, 32, 2))), without="x_i = 2^-i")
    assert "no omega gives the labels 1101" in records[-1]["reason"]
    even = Sine(powers_of_half(4).points, tuple(range(2, 34, 2)))
    dimension.sine.control(even, without="all multipliers are odd")
    assert all(any((k * x).denominator == 1 for x in even.points) for k in even.multipliers)  # 16 of 16 fail
    with pytest.raises(ControlFails, match="still holds"):
        dimension.sine.control(powers_of_half(3), without="x_i = 2^-i")


def test_mutants_of_the_sine(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ClaimFails, match="the multipliers give 4 labellings of 8"):
        x = powers_of_half(3)
        dimension.sine.check([replace(x, multipliers=x.multipliers[:4])], over="half of them")
    read = labellings.digits
    monkeypatch.setattr(labellings, "digits", lambda k, n: read(k >> 1, n))
    with pytest.raises(ClaimFails, match="are not its digits"):
        dimension.sine.check([powers_of_half(3)], over="mutant: digits shifted")


# limits-bmm


def test_shapes_and_products() -> None:
    shape = Shape.dense(2, 3, 4)
    assert shape == Shape((3, 4, 1), (9, 25, 30)) and shape.parameters == 30
    for n in (1, 2, 5, 9, 40):
        low, high = (arb(fmpq(v.numerator, v.denominator)).log() / arb(2).log()
                     for v in (shape.product(n, e) for e in AROUND_E))  # fmt: skip
        assert low < shape.bits(n) + arb("1e-9") and shape.bits(n) < high + arb("1e-9")
    e = arb(1).exp()
    low, high = (arb(fmpq(v.numerator, v.denominator)) for v in AROUND_E)
    assert low < e < high


@given(st.integers(1, 30), st.lists(st.integers(1, 12), min_size=1, max_size=6))
def test_the_closed_bound_on_any_architecture(d: int, widths: list[int]) -> None:
    shape = Shape.dense(d, *widths)
    dimension.bmm.check([Budget.of(shape)], over="a drawn architecture")
    n = shape.most_points()
    assert arb(n + 1) > shape.bits(n + 1) and n <= shape.closed


@given(st.integers(2, 5), st.integers(0, 10**6))
def test_drawn_networks_stay_below_the_product(n: int, seed: int) -> None:
    """The labels of random networks with one unit are prefixes or suffixes, at most 2n of them."""
    toss = random.Random(seed)
    values = tuple(toss.sample(range(-9, 10), 4))
    family = Family(tuple((t,) for t in range(n)), (1,), values)
    found = family.labellings()
    assert all(changes(y) <= 1 for y in found) and len(found) <= 2 * n
    dimension.bmm.check([family], over="drawn weights")


def test_controls_of_the_layers(records: list) -> None:
    x = powers_of_half(16)
    sine = Family(tuple((p,) for p in x.points), (1,), x.multipliers, "sine")
    dimension.bmm.control(sine, without="the units are ReLUs")
    assert "65536 labellings, and the product is less than 60533" in records[-1]["reason"]
    few = Family(sine.points[:8], (1,), powers_of_half(8).multipliers, "sine")
    with pytest.raises(ControlFails, match="survives"):
        dimension.bmm.control(few, without="the units are ReLUs")
    one = Family(((1, *(0,) * 8),), (1,), (-1, 1))
    dimension.bmm.rejects(one, wrong=labellings.without_the_replacement, says="without")
    plain = Family(((0,), (1,), (2,), (3,)), (1,), (-1, 0, 1))
    with pytest.raises(ControlFails, match="is not refuted"):
        dimension.bmm.rejects(plain, wrong=labellings.without_the_replacement, says="without")


def test_mutants_of_the_layers(monkeypatch: pytest.MonkeyPatch) -> None:
    shape = Shape.dense(3, 10, 10)
    half = Budget(shape, shape.closed / 2)
    with pytest.raises(ClaimFails, match="the product allows all labellings of"):
        dimension.bmm.check([half], over="mutant: half of the closed bound")
    tight = Budget(shape, arb(shape.most_points()) - 1)
    with pytest.raises(ClaimFails, match="the product allows all labellings of"):
        dimension.bmm.check([tight], over="mutant: one below the product")
    family = Family(((0,), (1,), (2,)), (1,), (-1, 0, 1))
    monkeypatch.setattr(Shape, "product", lambda shape, n, e, replace=True: Fraction(5))
    with pytest.raises(ClaimFails, match="6 labellings, and the product is less than 6"):
        dimension.bmm.check([family], over="mutant")


@given(st.integers(0, 9), st.integers(0, 9))
def test_cells_of_generic_hyperplanes(m: int, W: int) -> None:
    assert hyperplane_cells(m, W) == cells(m, W)
    if 1 <= W <= m:
        assert hyperplane_cells(m, W) <= 2 * (2 * AROUND_E[0] * Fraction(m, W)) ** W


# Solutions of the exercises, and predicates that answer in words.


def test_solutions() -> None:
    assert sine_labels(powers_of_half(6).points, 101) == (1, 0, 1, 1, 0, 0)
    missing = set(product((0, 1), repeat=4)) - all_sine_labels(tuple(map(Fraction, (1, 2, 3, 4))))
    assert (1, 1, 0, 1) in missing
    psi = [(3, -2, 1), (1, -2, -2), (-1, 3, 2)]
    assert [-5 + sum(a * max(w * t + b, 0) for w, b, a in psi) for t in range(5)] == [1, 0, 1, 0, 1]


@pytest.mark.parametrize(
    ("predicate", "instance"),
    [
        (dimension.eps_is_small, Sampled(((0,),), ((0,),), 1, 1, 1, HALF)),
        (dimension.few_grid_points_or_null, Sampled(((0,),), ((0,),), 1, 1, 1, Fraction(2, 3))),
        (alternation.follows_the_curve, Labelled(((0, 0), (1, 2)), (0, 1))),
        (labellings.points_are_powers, Sine((Fraction(1, 3),), (1,))),
        (labellings.multipliers_are_odd, Sine((HALF,), (1, 2))),
    ],
)
def test_predicates_answer_in_words(predicate, instance) -> None:
    answer = predicate(instance)
    assert isinstance(answer, Counterexample) and answer.reason
