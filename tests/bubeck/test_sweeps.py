"""Sweeps: laws on random points, oracles (exhaustion, scipy, Fractions), every control, mutants that turn it red."""

import json
from dataclasses import replace
from fractions import Fraction
from math import ceil, cos, log10, pi, sin

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from memlib import data
from memlib.bubeck import relu, sweep_curves, sweep_limits, sweep_search, sweeps
from memlib.bubeck.sweep_curves import moment_blocks, moment_curve, moment_sweep, polygon_sweep
from memlib.bubeck.sweep_limits import Curve, Nest
from memlib.bubeck.sweep_search import (
    Sweep,
    fewest_blocks,
    fewest_blocks_by_exhaustion,
    front,
    greedy_sweep,
    has_front,
    shortest_sweep,
)
from memlib.bubeck.sweeps import Problem, is_a_sweep, network_of, sweep_network, units_of
from memlib.bubeck.sweeps_floats import corners_ahead, weight_digits
from memlib.bubeck.total_weight import neurons_of, total_weight
from memlib.checker import verify
from memlib.claim import ClaimFails, ControlFails
from memlib.points import HypothesisError, to_integers
from tests import strategies as own

PARTITION, INDEPENDENT, SIGNS = sweeps.PARTS
SQUARE, XOR = ((0, 0), (1, 0), (1, 1), (0, 1)), (1, -1, 1, -1)
UP = Sweep(SQUARE, ((0, 1), (2, 3)), ((0, 1, 0), (0, 1, 1)))
FOUR = ((-10, 0), (10, 0), (0, 9), (0, 1))
BEADS = tuple((k, 2 * k) for k in range(12))
PENTAGON = ((0, 0), (4, 0), (5, 3), (2, 5), (-1, 3))
STAR = ((0, 0), (6, 0), (3, 9), (1, 7), (5, 7), (3, -1))
RATIONAL = st.fractions(-9, 9, max_denominator=6)


def polygon(n: int, size: int = 1000) -> tuple:
    return tuple((round(size * cos(2 * pi * k / n)), round(size * sin(2 * pi * k / n))) for k in range(n))


def dolls(corners: tuple, m: int, core: tuple = ()) -> Nest:
    grown = []
    for k in range(m):
        for i, x in enumerate(corners):
            grown.append(tuple(3 ** (m - k) * c + (i * j + k) % 5 for j, c in enumerate(x)))
    return Nest((*grown, *core), m)


TRIANGLE = ((-70, -50), (80, -40), (10, 90))


def by_definition(sweep: Sweep) -> bool:
    """The definition of a sweep, with plain sums."""
    order = {i: g for g, block in enumerate(sweep.blocks) for i in block}
    if sorted(order) != list(range(len(sweep.points))) or len(order) != sum(map(len, sweep.blocks)):
        return False
    if not all(own.affinely_independent([sweep.points[i] for i in block]) for block in sweep.blocks):
        return False
    for g, (*u, b) in enumerate(sweep.normals):
        for i, x in enumerate(sweep.points):
            h = sum(p * q for p, q in zip(u, x, strict=True)) - b
            if np.sign(float(h)) != np.sign(order[i] - g):
                return False
    return True


def outputs(net, points) -> list[Fraction]:
    return [own.evaluate(net, x) for x in points]


# the definition


def test_the_definition_tells_a_fault_in_words(records: list) -> None:
    sweeps.definition.check([UP], over="the square")
    assert records[-1]["strength"] == "exact"
    sweeps.definition.rejects(replace(UP, blocks=((0, 2), (1, 3))), says="diagonals")
    assert records[-1]["reason"] == "h_1 is 1 at point 2 of its own block"
    with pytest.raises(ControlFails, match="the property holds"):
        sweeps.definition.rejects(UP, says="a sweep")
    faults = {
        replace(UP, blocks=((0,), (2, 3))): "point 1 is in no block",
        replace(UP, blocks=((0, 1, 2), (2, 3))): "point 2 occur twice",
        replace(UP, normals=((0, -1, 0), (0, 1, 1))): "h_1 is -1 at point 2 of a later block",
        replace(UP, normals=((0, 1, 0), (0, -1, -1))): "h_2 is 1 at point 0 of an earlier block",
    }
    for wrong, words in faults.items():
        assert str(is_a_sweep(wrong)) == words and not by_definition(wrong)


@given(own.general_point_sets(), st.data())
def test_the_definition_agrees_with_plain_sums(points: tuple, drawn: st.DataObject) -> None:
    """A found sweep, perhaps with two blocks exchanged or a normal turned round."""
    sweep = shortest_sweep(points)
    g = drawn.draw(st.integers(0, len(sweep.blocks) - 1))
    turned = [tuple(-c for c in v) if k == g else v for k, v in enumerate(sweep.normals)]
    for candidate in (
        sweep,
        replace(sweep, normals=tuple(turned)),
        replace(sweep, blocks=sweep.blocks[::-1]),
    ):
        assert bool(is_a_sweep(candidate)) == by_definition(candidate)


# the theorem


@given(own.general_point_sets(), st.data())
def test_every_sweep_memorizes_every_label(points: tuple, drawn: st.DataObject) -> None:
    labels = tuple(drawn.draw(st.lists(RATIONAL, min_size=len(points), max_size=len(points))))
    problem = Problem(shortest_sweep(points), labels)
    sweeps.theorem.check([problem], over="drawn labels")
    net = network_of(problem)
    assert outputs(net, points) == list(labels)
    assert net.hidden_neurons == len(problem.sweep.blocks) + problem.needs_loader


@given(st.lists(RATIONAL, min_size=9, max_size=9))
def test_labels_of_one_sign_on_the_first_block_need_no_loader(values: list) -> None:
    sweep = polygon_sweep(polygon(9), 2)
    for sign in (1, -1):
        labels = tuple(sign * abs(v) if i in sweep.blocks[0] else v for i, v in enumerate(values))
        assert network_of(Problem(sweep, labels)).hidden_neurons == len(sweep.blocks) == 5
    zero = Problem(sweep, (0,) * 9)
    assert not zero.needs_loader and network_of(zero).at_integers(zero.points) == (0,) * 9


def test_controls_of_the_theorem(records: list) -> None:
    labels = (0, 1) * 6
    one = Problem(Sweep(BEADS, (tuple(range(12)),), ((2, -1, 0),)), labels)
    pairs = Problem(Sweep(BEADS, tuple((k, k + 1) for k in range(0, 12, 2)), ((2, -1, 0),) * 6), labels)
    lost = Problem(Sweep(BEADS, ((0,), (1,)), ((1, 0, 0), (1, 0, 1))), labels)
    for problem, name in ((one, INDEPENDENT), (pairs, SIGNS), (lost, PARTITION)):
        sweeps.theorem.control(problem, without=name)
        assert "the labels need 10 bends" in records[-1]["reason"]
    sweeps.theorem.rejects(
        Problem(UP, XOR), wrong=sweeps.one_unit_a_block_without_loader, says="G are enough"
    )
    assert "no affine function" in records[-1]["reason"]
    with pytest.raises(ValueError, match="not decided"):
        sweeps.one_unit_a_block_without_loader(Problem(UP, (1, 1, -1, -1)))
    unknown = Problem(replace(UP, normals=UP.normals[::-1]), XOR)
    with pytest.raises(ValueError, match="cannot be decided"):
        sweeps.theorem.conclusion(unknown)
    with pytest.raises(ValueError, match="cannot be decided"):  # the line with one label for all
        sweeps.theorem.control(replace(one, labels=(1,) * 12), without=INDEPENDENT)


def test_two_neurons_cannot_do_the_exclusive_or() -> None:
    """By another route: in no pair of activation patterns do the labels with the right signs of a and b occur."""
    cases = 0
    for a, b in ((1, 1), (1, -1), (-1, -1)):
        for on in np.ndindex(*(2,) * 8):
            # parameters (w, b) of two units; the label equations, and the signs of the pre-activations
            equal, less = [], []
            for i, x in enumerate(SQUARE):
                row = np.array([*x, 1.0])
                equal.append(np.concatenate([a * on[i] * row, b * on[4 + i] * row]))
                for unit in (0, 1):
                    own_row = np.zeros(6)
                    own_row[3 * unit : 3 * unit + 3] = row
                    less.append(-own_row if on[4 * unit + i] else own_row)
            if any(not e.any() for e in equal):
                continue  # a label would be 0
            cases += 1
            found = linprog(np.zeros(6), less, np.zeros(8), equal, XOR, bounds=(None, None))
            assert found.status == 2
    assert cases > 100


MUTANTS = {
    "half the slope": ("least_slope", lambda f: lambda *a: f(*a) / 4, "it is"),
    "no alternation": ("block_unit", lambda f: lambda s, g, r, sign: replace(f(s, g, r, sign), sign=1), "alternate"),
    "a bias one off": (
        "block_unit", lambda f: lambda s, g, r, sign: replace(u := f(s, g, r, sign), b=u.b + 1), "it is"
    ),
}  # fmt: skip


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_wrong_network_fails_the_check(mutant: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, change, reason = MUTANTS[mutant]
    problem = Problem(polygon_sweep(polygon(9), 1), (2, -1, 3, -2, 1, -3, 2, 1, -2))
    sweeps.theorem.check([problem], over="before")
    monkeypatch.setattr(sweeps, name, change(getattr(sweeps, name)))
    with pytest.raises((ClaimFails, ValueError), match=reason + "|negative"):
        sweeps.theorem.check([problem], over="mutant")


def test_without_the_loader_the_check_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Problem, "needs_loader", False)
    with pytest.raises(ClaimFails):
        sweeps.theorem.check([Problem(UP, XOR)], over="no loader")


def test_one_neuron_too_many_is_noticed() -> None:
    problem = Problem(UP, (1, 1, -1, -1))
    net = network_of(replace(problem, labels=XOR))
    assert sweeps.fault_of(net, problem) == "the network has 3 ReLUs, not 2"


# curves


@given(st.lists(st.integers(-30, 30), min_size=1, max_size=11, unique=True), st.integers(1, 6), st.data())
def test_moment_curves(times: list, d: int, drawn: st.DataObject) -> None:
    first = drawn.draw(st.integers(1, min(d, len(times))))
    curve = Curve(moment_curve(sorted(times), d), first)
    sweep_limits.curves.check([curve], over="a curve")
    sweep = moment_sweep(tuple(sorted(times)), d, first)
    assert by_definition(sweep) and len(sweep.blocks) == 1 + ceil((len(times) - first) / d)
    assert sorted(i for block in moment_blocks(len(times), d, first) for i in block) == list(
        range(len(times))
    )


@pytest.mark.parametrize("n", [3, 4, 5, 12, 27])
@pytest.mark.parametrize("first", [1, 2])
def test_polygons(n: int, first: int) -> None:
    for corners in (polygon(n), polygon(n)[::-1]):
        sweep = polygon_sweep(corners, first)
        assert by_definition(sweep) and len(sweep.blocks[0]) == first
        assert len(sweep.blocks) == 1 + ceil((n - first) / 2) >= len(shortest_sweep(corners).blocks)


def test_tiny_polygons() -> None:
    assert polygon_sweep(((3, 4),), 1).blocks == ((0,),)
    assert by_definition(polygon_sweep(((0, 0), (1, 1)), 1)) and by_definition(
        polygon_sweep(((0, 0), (1, 1)), 2)
    )


def test_controls_of_curves(records: list) -> None:
    on, fits = sweep_limits.curves.hypotheses
    sweep_limits.curves.control(Curve(FOUR, 2), without=on)
    assert "every sweep that begins with 2 points has 3 blocks or more" in records[-1]["reason"]
    sweep_limits.curves.control(Curve(PENTAGON, 3), without=fits)
    assert "no sweep of these 5 points begins with 3 points" in records[-1]["reason"]
    with pytest.raises(ControlFails, match="survives"):  # a polygon in another order
        sweep_limits.curves.control(Curve((SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]), 2), without=on)


def test_what_is_a_polygon() -> None:
    assert Curve(polygon(7), 1).convex and Curve(polygon(7)[::-1], 1).convex
    for wrong in (
        SQUARE[:1],
        FOUR,
        (*SQUARE, (0, 0)),
        ((0, 0), (1, 0), (2, 0), (1, 1)),
        tuple(polygon(5)[2 * k % 5] for k in range(5)),
    ):
        assert not Curve(wrong, 1).convex
    assert not Curve((SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]), 1).convex
    assert Curve(((1, 1), (2, 4)), 1).on_moment_curve and not Curve(((2, 4), (1, 1)), 1).on_moment_curve


def test_a_wrong_order_on_the_curve_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def from_left_to_right(n: int, d: int, first: int) -> list:
        return [tuple(range(k, min(k + d, n))) for k in range(0, n, d)]

    monkeypatch.setattr(sweep_curves, "moment_blocks", from_left_to_right)
    sweep_limits.curves.check([Curve(moment_curve(range(9), 3), 3)], over="odd d")
    with pytest.raises(ClaimFails, match=r"of (a later|an earlier) block"):
        sweep_limits.curves.check([Curve(moment_curve(range(12), 4), 4)], over="even d")


# nested simplices


@given(st.integers(1, 3), st.integers(1, 2), st.booleans())
def test_nested_simplices(d: int, m: int, core: bool) -> None:
    corners = tuple(tuple(9 * (d + 1) * int(i == k) - 9 for k in range(d)) for i in range(d + 1))
    nest = dolls(corners, m, ((1,) * d,) if core else ())
    assume(len(nest.points) >= d + 2)
    sweep_limits.nested.check([nest], over="dolls")
    assert nest.least == 2 * m + core == fewest_blocks(nest.points)


def test_controls_of_nested(records: list) -> None:
    sweep_limits.nested.control(Nest(STAR, 2), without="nested simplices")
    assert records[-1]["reason"].endswith("so there is a sweep with 3, not 4 blocks")
    sweep_limits.nested.control(Nest(FOUR[:3], 1), without="n >= d + 2")
    outer, inner = dolls(TRIANGLE, 2).simplices
    with pytest.raises(ControlFails, match="survives"):  # nested, but listed from the inside out
        sweep_limits.nested.control(Nest((*inner, *outer), 2), without="nested simplices")


def test_one_block_more_is_too_strong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Nest, "least", 5)
    with pytest.raises(ClaimFails, match="a sweep with 4, not 5"):
        sweep_limits.nested.check([dolls(TRIANGLE, 2)], over="mutant")


def test_faults_of_nests() -> None:
    flat = ((0, 0), (1, 1), (2, 2), (5, 6))
    assert "affinely dependent" in str(sweep_limits.simplices_are_nested(Nest(flat, 1)))
    assert "not enough" in str(sweep_limits.simplices_are_nested(Nest(FOUR, 2)))
    assert sweep_limits.inside((0, 1), FOUR[:3]) and not sweep_limits.inside((0, 0), FOUR[:3])  # on an edge
    assert not sweep_limits.inside((0, 0), flat[:3])


# the searches


@settings(max_examples=40)
@given(own.general_point_sets(n=st.integers(2, 7)))
def test_the_shortest_path_is_the_shortest_of_all(points: tuple) -> None:
    sweep = shortest_sweep(points)
    assert by_definition(sweep)
    assert len(sweep.blocks) == fewest_blocks_by_exhaustion(points) == fewest_blocks(points)


@settings(max_examples=60)
@given(own.point_sets(n=st.integers(1, 6)), st.data())
def test_fronts_exist_iff_a_linear_program_is_feasible(points: tuple, drawn: st.DataObject) -> None:
    side = drawn.draw(st.lists(st.integers(-1, 1), min_size=len(points), max_size=len(points)))
    block = tuple(i for i, s in enumerate(side) if s == 0)
    swept = frozenset(i for i, s in enumerate(side) if s < 0)
    rows = np.array([[*x, -1.0] for x in points])
    off = [i for i, s in enumerate(side) if s]
    less = [-side[i] * rows[i] for i in off] or [np.zeros(rows.shape[1])]
    found = linprog(np.zeros(rows.shape[1]), less, -np.ones(len(less)) if off else [0],
                    rows[list(block)] if block else None, np.zeros(len(block)) if block else None,
                    bounds=(None, None))  # fmt: skip
    assert has_front(points, block, swept) == (found.status == 0)


@given(own.general_point_sets(n=st.integers(4, 8), d=st.integers(2, 3)), st.data())
def test_a_front_is_turned_about_its_block(points: tuple, drawn: st.DataObject) -> None:
    assume(len(points) > len(points[0]) + 1)
    ways = sweep_search.steps(points)
    bits = drawn.draw(st.sampled_from(sorted(ways)))
    swept = frozenset(i for i in range(len(points)) if bits >> i & 1)
    for block, corner in list(ways[bits].items())[:5]:
        normal = front(points, corner, block, swept)
        h = [sum(p * q for p, q in zip(normal, (*x, -1), strict=True)) for x in points]
        assert [np.sign(float(v)) for v in h] == [
            0 if i in block else -1 if i in swept else 1 for i in range(len(points))
        ]


def test_a_hyperplane_with_a_wrong_side_is_refused() -> None:
    assert front(SQUARE, (0, 2), (0, 2), frozenset()) is None
    assert front(SQUARE, (0, 1), (0, 1), frozenset({2})) is None


def test_proposals_lie_on_a_hyperplane_that_sweeps_on() -> None:
    P = to_integers(data.gaussian(30, 3, rng=2))
    start = greedy_sweep(P)
    swept = frozenset(start.blocks[0])
    corners = list(corners_ahead(P, 0, 5)(swept))
    news = [len(set(corner) - swept) for corner in corners]
    assert corners and news == sorted(news, reverse=True) and min(news) >= 1
    assert all(front(P, c, tuple(set(c) - swept), swept) is not None for c in corners)


@pytest.mark.parametrize(("n", "d"), [(1, 3), (3, 3), (4, 3), (5, 3), (20, 1), (41, 4), (60, 12)])
def test_the_greedy_walk_on_random_points(n: int, d: int) -> None:
    P = to_integers(data.gaussian(n, d, rng=n))
    sweep = greedy_sweep(P)
    assert by_definition(sweep)
    assert max(map(len, sweep.blocks)) <= d or len(sweep.blocks) == 1
    assert len(sweep.blocks) <= 1.6 * n / d + 1


def test_greedy_refusals() -> None:
    with pytest.raises(HypothesisError, match="general position"):
        greedy_sweep(BEADS)
    grid = tuple((a, b) for a in range(4) for b in range(4))
    with pytest.raises(HypothesisError, match="general position"):
        greedy_sweep(grid)
    dented = (
        (0, 0),
        (99, 1),
        (50, 80),
        (40, 20),
        (45, 21),
        (50, 22),
        (55, 23),
    )  # four inner points on a line
    try:
        assert by_definition(greedy_sweep(dented))
    except HypothesisError as error:
        assert error.hypothesis == "general position"


# networks for data


@pytest.mark.parametrize("seed", range(3))
def test_certificates(seed: int) -> None:
    X, y = data.gaussian(40, 5, rng=seed), data.random_labels(40, rng=seed + 9) * 3 - 1
    P = to_integers(X, (1000,) * 5)
    net = sweep_network(P, tuple(int(v) for v in y), (1000,) * 5, rng=seed)
    summary = verify(json.loads(json.dumps(net.certificate(X, y).document)))
    assert summary[1:] == (net.hidden_neurons, net.nonzero_weights, net.max_weight_bits)
    assert net.hidden_neurons <= 14 < len(relu.bumps(relu.Problem(P, tuple(int(v) for v in y)))) * 4


@pytest.mark.parametrize("size", [1, 10**40])
@pytest.mark.parametrize("labels", [(0,) * 9, (7,) * 9, (Fraction(-1, 3),) * 9, (10**30, -1, *(0,) * 7)])
def test_degenerate_labels_and_scales(labels: tuple, size: int) -> None:
    points = tuple((size * t, size * t * t + t) for t in range(9))
    net = sweep_network(points, labels)
    assert outputs(net, points) == list(labels)


def test_the_seed_decides() -> None:
    P = to_integers(data.gaussian(30, 4, rng=0))
    labels = tuple(range(30))
    assert sweep_network(P, labels, rng=5) == sweep_network(P, labels, rng=5)
    assert "blocks of 4" in repr(greedy_sweep(P))


def test_digits_of_the_weight() -> None:
    net = network_of(Problem(UP, XOR))
    W = sum(
        abs(float(unit.a)) * np.sqrt(sum(float(c) ** 2 for c in (*unit.w, unit.b)))
        for unit in neurons_of(net)
    )
    assert (
        weight_digits(net)
        == pytest.approx(log10(W))
        == pytest.approx(log10(float(total_weight(neurons_of(net)))))
    )


def test_units_are_the_hidden_neurons() -> None:
    problem = Problem(polygon_sweep(polygon(7), 2), (5, -2, 0, 1, 1, -7, 3))
    for x, label in zip(problem.points, problem.labels, strict=True):
        assert sum(unit(x) for unit in units_of(problem)) == label
