"""Exact linear algebra against sympy and brute force; machine integers stay outside."""

import math
from fractions import Fraction
from itertools import count

import flint
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy.polys.matrices import DomainMatrix

from memlib.exact import (
    affine_dependency,
    affine_fit,
    bezout,
    dot,
    in_affine_hull,
    kernel,
    lifted,
    matrix,
    moment_vector,
    primitive,
    rank,
    rank_mod,
    solve,
    values,
)
from tests import strategies as own

one_to_four = st.integers(1, 4)
small_matrices = own.matrices(one_to_four, one_to_four)
square = one_to_four.flatmap(lambda n: own.matrices(st.just(n), st.just(n)))
vectors = st.lists(own.integers, min_size=1, max_size=5)


@given(small_matrices)
def test_rank_and_kernel_against_sympy(rows: list) -> None:
    oracle = sympy.Matrix(rows)
    basis = kernel(rows)
    assert rank(rows) == oracle.rank()
    assert len(basis) == len(oracle.nullspace()) == oracle.cols - oracle.rank()
    assert all(dot(row, v) == 0 for row in rows for v in basis)
    assert not basis or sympy.Matrix(basis).rank() == len(basis)
    assert all(primitive(v) == v and all(type(c) is int for c in v) for v in basis)


@given(own.matrices(one_to_four, one_to_four, own.integers), st.sampled_from([2, 3, 7, 2**61 - 1]))
def test_rank_modulo_a_prime_against_sympy(rows: list, p: int) -> None:
    field = DomainMatrix.from_list([[v % p for v in row] for row in rows], sympy.ZZ).convert_to(sympy.GF(p))
    assert rank_mod(rows, p) == field.rank() <= rank(rows)


def test_rank_modulo_a_prime_can_be_smaller() -> None:
    assert (rank([[1, 2], [3, 4]]), rank_mod([[1, 2], [3, 4]], 2), rank_mod([[1, 2], [3, 4]], 3)) == (2, 1, 2)
    assert rank_mod([[6]], 2) == rank_mod([[6]], 3) == 0 < rank_mod([[6]], 5)


@given(square, st.data())
def test_solve_against_sympy(rows: list, data: st.DataObject) -> None:
    right = data.draw(st.lists(own.integers, min_size=len(rows), max_size=len(rows)))
    if sympy.Matrix(rows).det() == 0:
        with pytest.raises(ZeroDivisionError):
            solve(rows, right)
    else:
        solution = [Fraction(int(v.p), int(v.q)) for v in solve(rows, right)]
        assert solution == [Fraction(v.p, v.q) for v in sympy.Matrix(rows).LUsolve(sympy.Matrix(right))]


@given(vectors)
def test_primitive_vectors_keep_their_direction(v: list) -> None:
    w = primitive(v)
    assert sympy.igcd(*w, 0) in (0, 1)
    factor = next((a // b for a, b in zip(v, w, strict=True) if b), 0)
    assert factor >= 0
    assert [factor * c for c in w] == v


@pytest.mark.parametrize(
    "value", [np.int64(1), np.uint8(1), True, 1.0, Fraction(1), flint.fmpz(1), "1", None]
)
def test_only_python_ints_enter(value: object) -> None:
    """A machine integer would overflow unseen; a bool is a slip of the caller."""
    name = type(value).__name__
    with pytest.raises(TypeError, match=f"row 1 holds a {name}; exact matrices take Python ints"):
        matrix([[1, 2], [3, value]])
    for refuses in (
        rank,
        kernel,
        lambda rows: rank_mod(rows, 3),
        lambda rows: solve([[1, 2], [3, 4]], rows[1]),
    ):
        with pytest.raises(TypeError, match="exact matrices take Python ints"):
            refuses([[1, 2], [3, value]])


def test_rows_must_fit() -> None:
    with pytest.raises(ValueError, match="different lengths"):
        matrix([[1, 2], [3]])
    with pytest.raises(ValueError, match="shorter"):
        dot((1, 2), (1,))


# Points.


@given(own.point_sets())
def test_affine_dependency_against_brute_force(points: tuple) -> None:
    guilty = affine_dependency(points)
    if guilty is None:
        assert own.affinely_independent(points)
    else:
        assert not own.affinely_independent([points[i] for i in guilty])
        relations = sympy.Matrix(lifted(points[i] for i in guilty)).T.nullspace()
        for k in range(len(guilty)):  # every point named takes part in the dependency
            assert any(v[k] for v in relations)


def test_affine_dependency_names_the_points() -> None:
    assert affine_dependency([(0, 0), (5, 1), (1, 1), (2, 2)]) is not None
    assert affine_dependency([(0, 0, 0), (7, 1, 0), (1, 1, 1), (2, 2, 2)]) == (0, 2, 3)
    assert affine_dependency([(3, 4), (1, 1), (3, 4)]) == (0, 2)
    assert affine_dependency([(3, 4)]) is None
    assert affine_dependency([]) is None


@given(own.point_sets(n=own.two_to_nine), st.data())
def test_affine_hull_against_brute_force(points: tuple, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(points)))
    basis, rest = points[:cut], points[cut:]
    with_basis = sympy.Matrix(lifted(basis)).rank()
    expected = [j for j, x in enumerate(rest) if sympy.Matrix(lifted([*basis, x])).rank() == with_basis]
    assert in_affine_hull(basis, rest) == expected
    assert in_affine_hull(basis, basis) == list(range(cut))


def test_the_affine_hull_of_nothing_is_empty() -> None:
    assert in_affine_hull([], [(1, 2)]) == []
    assert in_affine_hull([(1, 2)], []) == []


@given(own.point_sets(entries=own.integers), st.data())
def test_values_against_the_formula(points: tuple, data: st.DataObject) -> None:
    normals = data.draw(st.lists(st.tuples(*[own.integers] * (len(points[0]) + 1)), min_size=1, max_size=3))
    expected = [[sum(c * v for c, v in zip(u, x, strict=True)) - b for *u, b in normals] for x in points]
    assert values(points, normals) == expected


@given(st.integers(1, 4).flatmap(lambda k: st.lists(st.tuples(*[own.small] * k), min_size=1, max_size=8)))
def test_the_moment_vector_is_the_first_that_avoids_all(avoid: list) -> None:
    if not all(any(w) for w in avoid):
        with pytest.raises(ValueError, match="zero vector"):
            moment_vector(avoid)
        return

    def hits(k: int) -> bool:
        return any(sum(c * k**e for e, c in enumerate(w)) == 0 for w in avoid)

    first = next(k for k in count(1) if not hits(k))
    assert moment_vector(avoid) == tuple(first**e for e in range(len(avoid[0])))
    assert first <= 1 + sum(len(w) - 1 for w in avoid)  # each w is a polynomial with at most len(w) - 1 roots


@given(own.general_point_sets(n=own.one_to_six), st.data())
def test_an_affine_fit_takes_the_values_and_has_least_norm(points: tuple, data: st.DataObject) -> None:
    """Against sympy: the least-norm solution is the one that is orthogonal to the kernel."""
    points = points[: len(points[0]) + 1]
    wanted = data.draw(st.lists(own.fractions, min_size=len(points), max_size=len(points)))
    v, c, q = affine_fit(points, wanted)
    assert q >= 1 and math.gcd(*v, c, q) == 1 and all(type(w) is int for w in (*v, c, q))
    for x, y in zip(points, wanted, strict=True):
        assert dot(v, x) - c == q * y
    A = sympy.Matrix(lifted(points))
    right = sympy.Matrix([sympy.Rational(y.numerator, y.denominator) for y in wanted])
    assert list(A.T * (A * A.T).LUsolve(right)) == [sympy.Rational(w, q) for w in (*v, c)]


def test_an_affine_fit_by_hand() -> None:
    assert affine_fit([(0, 0), (4, 2)], [3, -1]) == ((-4, -2), -15, 5)
    assert affine_fit([(5,)], [0]) == ((0,), 0, 1)
    assert affine_fit([(0,), (1,)], [Fraction(1, 2), 10**40]) == ((2 * 10**40 - 1,), -1, 2)


@pytest.mark.parametrize(
    "points",
    [[(0, 0), (1, 1), (2, 2)], [(3, 4), (3, 4)], [(0,), (1,), (5,)], [(0, 0), (1, 0), (0, 1), (7, 9)]],
)
@pytest.mark.parametrize("value", [0, 1])
def test_no_affine_fit_on_dependent_points(points: list, value: int) -> None:
    with pytest.raises(ValueError, match="affinely dependent"):
        affine_fit(points, [value] + [0] * (len(points) - 1))


@pytest.mark.parametrize("value", [0.5, np.int64(1), True, sympy.Integer(1)])
def test_an_affine_fit_takes_exact_values_alone(value: object) -> None:
    with pytest.raises(TypeError, match=r"value 1 is a .*; exact fits take ints and Fractions"):
        affine_fit([(0,), (1,)], [1, value])


def test_an_affine_fit_needs_a_value_a_point() -> None:
    for points, wanted in (([(0,), (1,)], [1]), ([], []), ([], [1])):
        with pytest.raises(ValueError, match=f"{len(points)} points and {len(wanted)} values"):
            affine_fit(points, wanted)


@given(vectors)
def test_bezout_against_the_greatest_common_divisor(v: list) -> None:
    e = bezout(v)
    assert dot(e, v) == math.gcd(*v) and all(type(c) is int for c in e)
