"""Components as blocks: the planar enclosures, the widths, both theorems, and their mutants."""

from dataclasses import replace
from fractions import Fraction
from itertools import permutations

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from memlib.claim import ClaimFails, ControlFails
from memlib.dirksen import components, components_floats, planar, shadows
from memlib.dirksen.components import Component, covering, crumb, disc, experiment, point
from memlib.dirksen.components_floats import greedy, patterns, some_order_needs_more
from memlib.dirksen.planar import arcs, block_probability, cut_probability, hull, mean_sup, perimeter, ring
from memlib.dirksen.scalars import agree, ball, dot
from memlib.dirksen.separation import around_the_origin, pair
from memlib.dirksen.separation_floats import hyperplanes
from memlib.dirksen.shadows import Box, Cloud, blocks, cut
from memlib.dirksen.worst_case import second_layer

HALF, TENTH = Fraction(1, 2), Fraction(1, 10)
BEST, DELTA = Fraction(15852, 10000), Fraction(1414, 1000)
small = st.integers(-4, 4)
points = st.tuples(small, small)
sets = st.lists(points, min_size=1, max_size=6).map(tuple)
quick = settings(max_examples=15, deadline=None)


def four(r_minus, r_plus, m=6):
    return covering(
        [disc((s, 0), Fraction(r_minus), m) for s in (1, -1)],
        [disc((0, s), Fraction(r_plus), m) for s in (1, -1)],
        DELTA,
    )


TASK = experiment(four(Fraction(2, 100), Fraction(4, 100)), 1, BEST, TENTH)


# Planar sets.


@given(sets)
def test_hull_contains_all_points_and_is_convex(T: tuple) -> None:
    vertices = hull(T)
    assert set(vertices) <= set(T)
    turns = [
        planar.cross(planar.step(p, q), planar.step(q, x))
        for p, q in zip(vertices, vertices[1:] + vertices[:1], strict=True)
        for x in T
    ]
    assert all(turn >= 0 for turn in turns)


@given(st.lists(points.filter(any), max_size=6))
def test_arcs_go_once_around_and_no_vector_changes_sign_inside(vectors: list) -> None:
    around = list(arcs(vectors))
    assert [end for _, end, _ in around] == [start for start, _, _ in around[1:] + around[:1]]
    angles = [np.arctan2(*np.array(u)[::-1]) for u, _, _ in around]
    gaps = np.diff([*angles, angles[0]]) % (2 * np.pi)
    assert abs(gaps.sum() - 2 * np.pi) < 1e-9
    for u, v, middle in around:
        assert planar.cross(u, middle) > 0 < planar.cross(middle, v)
        for x in vectors:
            side = dot(middle, x)
            assert side != 0
            assert dot(u, x) * side >= 0 <= dot(v, x) * side


@quick
@given(points, points, st.sampled_from([Fraction(1, 3), 1, 7]))
def test_two_points_are_blocks_with_the_known_probability(x: tuple, y: tuple, lam) -> None:
    if x != y:
        assert agree(block_probability([x], [y], ball(lam)), around_the_origin(pair(x, y, lam)), TIGHT)
        both = 2 * around_the_origin(pair(x, y, lam))
        assert agree(cut_probability([x, y], ball(lam)), both, TIGHT)


TIGHT = planar.fmpq(1, 10**15)


def test_probabilities_agree_with_a_sample() -> None:
    T, U = disc((1, 0), Fraction(3, 10)).points, ((0, 1), (-1, 1), (-1, HALF))
    W, b = hyperplanes(200_000, 2, 1.5, 0)
    t, u = (components_floats.floats(X) @ W.T + b for X in (T, U))
    blocked = np.mean((t <= 0).all(0) & (u > 0).all(0))
    cuts = np.mean((t <= 0).any(0) & (t > 0).any(0))
    assert abs(blocked - float(block_probability(T, U, ball((1.5).as_integer_ratio()[0] * HALF)))) < 4e-3
    assert abs(cuts - float(cut_probability(T, ball(Fraction(3, 2))))) < 4e-3


@quick
@given(sets, sets)
def test_more_points_are_separated_less_and_cut_more(T: tuple, U: tuple) -> None:
    lam = ball(2)
    assert not block_probability(T + T[:1], U, lam) > block_probability(T[:1], U, lam) + TIGHT
    assert not cut_probability(T[:2], lam) > cut_probability(T, lam) + TIGHT


def test_overlapping_hulls_are_never_separated() -> None:
    square = ((0, 0), (2, 0), (0, 2), (2, 2))
    assert block_probability(square, [(1, 1)], ball(1)) == 0
    assert block_probability([(0, 0), (2, 2)], [(0, 2), (2, 0)], ball(1)) == 0


def test_a_wrong_arc_is_noticed(monkeypatch) -> None:
    """The check of the widths compares two routes: turn one of them."""
    monkeypatch.setattr(shadows, "perimeter", lambda T: perimeter(T) * planar.fmpq(99, 100))
    with pytest.raises(ClaimFails, match="not the perimeter"):
        shadows.mean_width.check([Cloud(((0, 0), (1, 0), (0, 1)), (0, 0))], over="a triangle")


def test_ring_lies_on_the_circle() -> None:
    for m in (4, 6, 8, 10, 60):
        found = ring((1, 2), Fraction(1, 3), m)
        assert len(set(found)) == m
        assert {(x - 1) ** 2 + (y - 2) ** 2 for x, y in found} == {Fraction(1, 9)}
        gaps = np.diff(sorted(np.arctan2(float(y - 2), float(x - 1)) for x, y in found))
        assert np.allclose(gaps, 2 * np.pi / m, atol=1e-4)


def test_only_planar_sets_are_enclosed() -> None:
    with pytest.raises(ValueError, match="dimension 1 or 2"):
        hull([(0, 0, 0)])


# Widths.


@quick
@given(sets)
def test_widths_of_all_planar_sets(T: tuple) -> None:
    shadows.mean_width.check([Cloud(T, T[0])], over="a drawn set")


def test_width_of_a_box_is_that_of_its_corners() -> None:
    corners = tuple(Box((1, 3)).corners)
    assert agree(shadows.width(corners), shadows.box_width((1, 3)))
    assert not shadows.width(((0, 0, 0), (1, 3, 2))) < shadows.box_width((1, 3, 2))


def test_shifted_mean_width_needs_a_centre_in_the_set() -> None:
    with pytest.raises(ControlFails, match="still holds"):
        shadows.mean_width.control(Cloud(((1, 0),), (1, 0)), without="c belongs to T")


def test_a_box_that_forgets_a_side_is_noticed() -> None:
    class Flat(Box):
        @property
        def corners(self):
            return [(*x[:-1], 0) for x in super().corners]

    with pytest.raises(ClaimFails, match="in the direction"):
        shadows.mean_width.check([Flat((1, 2))], over="a flattened box")


def test_one_sided_is_half() -> None:
    T = ((0, 0), (3, 1), (1, 2))
    assert agree(2 * mean_sup(T), shadows.width(T), TIGHT)


# Blocks and cuts.


@quick
@given(sets, sets, st.sampled_from([HALF, 1, 4]))
def test_blocks_on_drawn_sets(T: tuple, U: tuple, lam) -> None:
    shadows.block_sep.check([blocks(Component(T[0], T), Component(U[0], U), 6, lam)], over="drawn sets")
    shadows.seldom_cut.check([cut(T, lam)], over="a drawn set")


def test_the_other_direction_has_the_same_probability() -> None:
    T, U = disc((1, 0), TENTH).points, ((0, 1), (-1, 0))
    assert agree(block_probability(T, U, ball(1)), block_probability(U, T, ball(1)), TIGHT)


def test_cut_mutants(monkeypatch) -> None:
    segment = cut(((0, 0), (0, TENTH)), 1)
    shadows.seldom_cut.check([segment], over="a segment")
    monkeypatch.setattr(
        shadows, "width", lambda T: perimeter(T) * planar.fmpq(39, 100)
    )  # 1/sqrt(2 pi) = 0.3989
    with pytest.raises(ClaimFails, match="above"):
        shadows.seldom_cut.check([segment], over="a width that is too small")


def test_block_mutants(monkeypatch) -> None:
    pairs = [blocks(point(Fraction(99, 100), 0), point(1, 0), 1, 1)]
    shadows.block_sep.check(pairs, over="two points")
    monkeypatch.setattr(shadows, "a_constant", lambda lam, R: arb(planar.fmpq(16, 100)))  # a = 0.157
    with pytest.raises(ClaimFails, match="below"):
        shadows.block_sep.check(pairs, over="a larger a")


# Coverings.


def test_covering_with_no_centre_or_a_foreign_point() -> None:
    good = covering([point(0, 0)], [point(1, 0)], 1)
    components.mutual.check([good], over="two points")
    assert not components.is_mutual_covering(replace(good, minus=(Component((1, 1), ((0, 0),)),)))
    assert not components.is_mutual_covering(replace(good, X_minus=((5, 5),)))
    assert not components.is_mutual_covering(replace(good, delta=0))


def test_nearest_is_measured_to_the_other_class() -> None:
    it = covering([point(0, 0), point(0, 1)], [point(3, 0), point(0, 5)], 1)
    assert [components.nearest(it, c) for c in ((0, 0), (0, 1), (3, 0), (0, 5))] == [9, 10, 9, 16]


# Counting, decided on bits.


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 63), min_size=1, max_size=5, unique=True),
    st.lists(st.integers(0, 63), min_size=1, max_size=4, unique=True),
    st.integers(1, 4),
)
def test_some_order_needs_more_is_the_maximum_over_all_orders(Q: list, P: list, most: int) -> None:
    if all(~q & p for q in Q for p in P):
        widths = [len(second_layer(Q, P, order)) for order in permutations(range(len(Q)))]
        assert some_order_needs_more(Q, P, most) == (max(widths) > most)
        assert [greedy(Q, P, order) for order in permutations(range(len(Q)))] == widths
    else:
        assert greedy(Q, P, range(len(Q))) is None or len(second_layer(Q, P, range(len(Q)))) > 0


def test_patterns_are_the_bits(monkeypatch) -> None:
    monkeypatch.setattr(components_floats, "BLOCK", 7)
    rng = np.random.default_rng(0)
    X, W, b = rng.standard_normal((50, 2)), rng.standard_normal((11, 2)), rng.standard_normal(11)
    wanted = {sum(int(v > 0) << i for i, v in enumerate(row)) for row in X @ W.T + b}
    assert patterns(X, W, b) == sorted(wanted)


def test_blocks_imply_success_for_every_order() -> None:
    """The quick way agrees with the complete search on the same runs."""
    it = replace(TASK, n=30, runs=40)
    quickly = components_floats.successes(it, cover=True)
    slow = components_floats.blocks
    try:
        components_floats.blocks = lambda *_: (np.zeros((2, 2), int), np.ones(2, int))
        assert components_floats.successes(it, cover=True) == quickly
    finally:
        components_floats.blocks = slow


# The theorems.


def test_the_theorems_n() -> None:
    a = (1 - np.exp(-0.5)) / np.sqrt(2 * np.pi)
    it = four(TENTH, TENTH)
    assert components.enough(it, 1, 1, TENTH) == int(np.ceil(14 / (a * 1.414) * np.log(80)))
    assert components.enough(it, 1, 1, TENTH, factor=4) == int(np.ceil(4 / (a * 1.414) * np.log(40)))
    assert components.n_is_enough(TASK)
    assert not components.n_is_enough(replace(TASK, n=TASK.n - 1))


def test_printed_factors() -> None:
    for t, most in ((1, 89.2), (1.5852, 77.8)):
        factor = 14 * t * np.sqrt(2 * np.pi) / (1 - np.exp(-t * t / 2))
        assert most - 0.1 < factor < most


def test_exponents_at_the_fence() -> None:
    first, second = components.exponents(Fraction(36, 100))
    assert 0.1594 < first < 0.1595 and 0.1458 < second < 0.1459
    assert all(float(x) > 2 / 13.1 for x in components.exponents(Fraction(3673, 10000)))


def test_cover_holds_and_notices_a_first_layer_that_is_too_small() -> None:
    components.cover.check([TASK], over="hexagons")
    with pytest.raises(ClaimFails, match="violates the hypothesis 'n a delta"):
        components.cover.check([replace(TASK, n=40)], over="40 hyperplanes")
    assert components.failure_at_most(replace(TASK, n=10), cover=True) > ball(TENTH)


def test_failure_bound_is_above_the_frequency_of_failure() -> None:
    it = replace(TASK, n=25, runs=200)
    failures = 200 - components_floats.successes(it, cover=True)
    assert failures <= 200 * float(components.failure_at_most(it, cover=True)) + 30
    missed = 200 - components_floats.successes(replace(it, n=12), cover=False)
    assert missed <= 200 * float(components.failure_at_most(replace(it, n=12), cover=False)) + 30


def test_binomial_tails() -> None:
    law = components.binomial(4, ball(HALF))
    assert [float(p) * 16 for p in law] == [1, 5, 11, 15, 16]


def test_a_run_that_ignores_the_cuts_is_noticed(monkeypatch) -> None:
    """Mutant: first layers without the blocks between the classes."""
    monkeypatch.setattr(
        components_floats, "hyperplanes", lambda n, d, lam, rng: (np.ones((n, d)), np.full(n, 9.0))
    )
    with pytest.raises(ClaimFails, match="0 of 140"):
        components.cover.check([replace(TASK, runs=140)], over="hyperplanes far away")
    with pytest.raises(ClaimFails, match="0 of 140"):
        it = experiment(four(TENTH * HALF, TENTH * HALF), 1, BEST, TENTH, factor=4, runs=140)
        components.interp.check([it], over="hyperplanes far away")


def test_a_wider_plus_side_is_refused_by_a_quarter() -> None:
    r = Fraction(4, 100)
    assert components.plus_narrow(TASK) and components.minus_narrow(TASK)
    assert not components.minus_narrow(experiment(four(r, r), 1, BEST, TENTH))
    assert not components.plus_narrow(experiment(four(r * HALF, r * 2), 1, BEST, TENTH))


def test_crumbs_stay_in_their_box() -> None:
    it = crumb((1, 0, 0), TENTH, 30, seed=3)
    assert it.centre in it.points
    assert all(abs(x - c) <= TENTH * HALF for p in it.points for x, c in zip(p, it.centre, strict=True))
    assert shadows.width(it.points) <= shadows.box_width([TENTH] * 3)


def test_undecided_is_no_success() -> None:
    with pytest.raises(ArithmeticError, match="not decided"):
        components.interpolates_with_few(replace(TASK, n=10))
