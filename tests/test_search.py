"""The exhaustive search against Cover's count, linear programs, closed formulas and known minima."""

from fractions import Fraction
from itertools import combinations, pairwise, product
from math import comb

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from memlib.search import circuits, fewest_bends, memorized_by, separable, unit_patterns
from tests import strategies as own

XOR = ((0, 0), (0, 1), (1, 0), (1, 1))


# One unit.


def separable_by_program(points: tuple, pattern: tuple) -> bool:
    """Linear program: is there (u, b) with u.x - b >= 1 where the pattern is 1, <= -1 where it is 0?"""
    signs = np.where(np.array(pattern) == 1, 1, -1)[:, None]
    rows = -signs * np.hstack([np.array(points, dtype=float), -np.ones((len(points), 1))])
    bounds = [(None, None)] * rows.shape[1]
    return linprog(np.zeros(rows.shape[1]), rows, -np.ones(len(points)), bounds=bounds).status == 0


@settings(max_examples=20)
@given(own.point_sets(n=own.one_to_six))
def test_separable_against_a_linear_program(points: tuple) -> None:
    for pattern in product((0, 1), repeat=len(points)):
        assert separable(points, pattern) == separable_by_program(points, pattern)


@given(own.general_point_sets(n=st.integers(1, 7)))
def test_cover_counts_the_dichotomies(points: tuple) -> None:
    """Cover: n points in general position in R^d have 2 sum_(i <= d) C(n - 1, i) dichotomies."""
    n, d = len(points), len(points[0])
    dichotomies = sum(separable(points, pattern) for pattern in product((0, 1), repeat=n))
    assert dichotomies == 2 * sum(comb(n - 1, i) for i in range(d + 1))
    assert 2 * len(unit_patterns(points)) + 2 == dichotomies


@given(st.lists(own.small, min_size=1, max_size=7, unique=True), own.small, own.small)
def test_points_on_a_line_have_2n_dichotomies(times: list, a: int, b: int) -> None:
    assume(a or b)
    points = tuple((a * t, b * t + 1) for t in times)
    assert sum(separable(points, pattern) for pattern in product((0, 1), repeat=len(points))) == 2 * len(
        points
    )


def test_equal_points_cannot_be_told_apart() -> None:
    assert not separable(((1, 2), (1, 2)), (0, 1))
    assert separable(((1, 2), (1, 2)), (1, 1))


@given(own.point_sets())
def test_circuits_are_the_minimal_dependencies(points: tuple) -> None:
    found = {tuple(sorted(circuit)) for circuit in circuits(points)}
    dependent = [
        subset
        for size in range(2, len(points) + 1)
        for subset in combinations(range(len(points)), size)
        if not own.affinely_independent([points[i] for i in subset])
    ]
    minimal = {s for s in dependent if not any(set(t) < set(s) for t in dependent)}
    assert found == minimal
    for circuit in circuits(points):
        assert sum(circuit.values()) == 0
        for column in zip(*points, strict=True):
            assert sum(c * column[i] for i, c in circuit.items()) == 0


# Networks of units.


def least_units(points: tuple, labels: tuple) -> int:
    return next(k for k in range(len(points) + 1) if memorized_by(points, labels, k) is not None)


def test_known_minima() -> None:
    assert least_units(XOR, (0, 1, 1, 0)) == 2
    assert least_units(XOR, (0, 0, 0, 1)) == 1
    assert least_units(XOR, (1, 1, 1, 1)) == 0
    for n in range(3, 7):
        line = tuple((i, 2 * i) for i in range(n))
        assert least_units(line, tuple(i % 2 for i in range(n))) == n - 1
    hexagon = ((2, 0), (1, 2), (-1, 2), (-2, 0), (-1, -2), (1, -2))
    assert least_units(hexagon, (0, 1, 0, 1, 0, 1)) == 3


def test_linear_outputs_take_any_value() -> None:
    line = ((0,), (1,), (2,))
    assert least_units(line, (0, 5, 5)) == 1
    assert least_units(line, (0, Fraction(1, 2), 7)) == 2


def test_a_thresholded_output_serves_only_the_labels_0_and_1() -> None:
    """Two units give four patterns, but a linear output of two units cannot give 0, 2, 3, 7 on the square."""
    assert memorized_by(XOR, (0, 2, 3, 7), 2) is None
    assert memorized_by(XOR, (0, 2, 3, 5), 2) is not None


@given(own.point_sets(n=st.integers(1, 5), d=st.integers(1, 2)), st.data())
def test_more_units_never_hurt_and_n_minus_1_suffice(points: tuple, data: st.DataObject) -> None:
    labels = data.draw(own.labels(len(points)))
    solvable = [memorized_by(points, labels, k) is not None for k in range(len(points))]
    assert solvable == sorted(solvable)
    assert solvable[-1]  # sort along a generic direction: n - 1 units, one between any two neighbours


@given(own.point_sets(n=st.integers(1, 5), d=st.integers(1, 2)), st.data())
def test_the_patterns_found_are_units_that_determine_the_labels(points: tuple, data: st.DataObject) -> None:
    labels = data.draw(own.labels(len(points)))
    for k in range(len(points)):
        found = memorized_by(points, labels, k)
        if found is not None:
            assert len(found) <= k
            assert all(separable_by_program(points, pattern) for pattern in found)
            seen: dict = {}
            assert all(
                seen.setdefault(tuple(p[i] for p in found), label) == label for i, label in enumerate(labels)
            )


@given(own.point_sets(n=st.integers(2, 5), d=st.integers(1, 2)), st.data())
def test_one_unit_suffices_iff_the_labels_are_separable(points: tuple, data: st.DataObject) -> None:
    labels = data.draw(own.labels(len(points)))
    assert (memorized_by(points, labels, 1) is not None) == separable_by_program(points, labels)


# Bends on the line.


def bends_by_programs(t: list, values: list) -> int:
    """Try k + 1 lines in order for k = 0, 1, ...: each takes a block of consecutive points, perhaps none.

    Lines of neighbouring blocks must meet between them: their difference changes sign there, which is one of
    two pairs of linear inequalities. A line without points bends twice within one gap, which joins any two
    lines, so it drops the condition. Every combination is one linear program in the slopes and intercepts.
    """
    n = len(t)
    for k in range(n):
        for cuts in product(range(n + 1), repeat=k):
            edges = [0, *cuts, n]
            blocks = [range(a, b) for a, b in pairwise(edges)]
            if list(edges) == sorted(edges) and blocks[0] and blocks[-1]:
                for signs in product((1, -1), repeat=k):
                    if lines_exist(t, values, blocks, signs):
                        return k
    raise AssertionError("n - 1 bends always suffice")


def lines_exist(t: list, values: list, blocks: list, signs: tuple) -> bool:
    width = 2 * len(blocks)
    equal, right, below = [], [], []
    for j, block in enumerate(blocks):
        for i in block:
            equal.append([(t[i] if c == 2 * j else 1) if c // 2 == j else 0 for c in range(width)])
            right.append(values[i])
    for j, sign in enumerate(signs):
        if blocks[j] and blocks[j + 1]:
            for place, s in ((t[blocks[j][-1]], sign), (t[blocks[j + 1][0]], -sign)):
                row = [0] * width
                row[2 * j : 2 * j + 4] = [s * place, s, -s * place, -s]
                below.append(row)
    answer = linprog(
        np.zeros(width),
        below or None,
        np.zeros(len(below)) if below else None,
        equal,
        right,
        bounds=[(None, None)] * width,
    )
    return answer.status == 0


def bends_by_runs(t: list, values: list) -> int:
    """Closed form: a maximal run of m bends of the polygon to one side costs ceil(m / 2)."""
    slopes = [Fraction(w - v, b - a) for a, b, v, w in zip(t, t[1:], values, values[1:], strict=False)]
    turns = [(b > a) - (b < a) for a, b in pairwise(slopes)]
    total, run, last = 0, 0, 0
    for turn in [*turns, 0]:
        if turn != last:
            total, run = total + (run + 1) // 2 * (last != 0), 0
        run, last = run + 1, turn
    return total


def graphs(most: int) -> st.SearchStrategy:
    return st.lists(
        st.tuples(own.small, st.integers(0, 3)), min_size=1, max_size=most, unique_by=lambda p: p[0]
    )


@settings(max_examples=25)
@given(graphs(most=4))
def test_fewest_bends_against_linear_programs(graph: list) -> None:
    t, values = zip(*sorted(graph), strict=True)
    assert fewest_bends(t, values) == bends_by_programs(list(t), list(values))


@given(graphs(most=9))
def test_fewest_bends_against_the_closed_form(graph: list) -> None:
    t, values = zip(*sorted(graph), strict=True)
    assert fewest_bends(t, values) == bends_by_runs(list(t), list(values)) <= max(len(t) - 2, 0)


@given(graphs(most=7), st.integers(1, 5), own.small, own.small)
def test_fewest_bends_ignores_affine_changes(graph: list, stretch: int, slope: int, shift: int) -> None:
    t, values = zip(*sorted(graph), strict=True)
    moved = [stretch * s + shift for s in t]
    sheared = [3 * v + slope * s + shift for s, v in zip(t, values, strict=True)]
    assert fewest_bends(moved, sheared) == fewest_bends(t, values)


@pytest.mark.parametrize(
    ("values", "bends"),
    [([5], 0), ([0, 1], 0), ([0, 1, 2], 0), ([0, 1, 0], 1), ([0, 0, 1, 2], 1), ([0, 1, 3, 6], 1),
     ([0, 1, 3, 6, 10], 2), ([0, 1, 0, 1], 2), ([0, 1, 0, 1, 0, 1], 4), ([0, 0, 1, 1], 2)],
)  # fmt: skip
def test_bends_by_hand(values: list, bends: int) -> None:
    """Four points of a convex curve need one bend: two lines with two points each; zigzags need n - 2."""
    assert fewest_bends(range(len(values)), values) == bends
