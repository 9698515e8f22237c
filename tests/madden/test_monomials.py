"""What the pages share: monomials, values, gradients, determinants, Khatri-Rao, each by another route."""

from math import prod

import numpy as np
import pytest
import sympy
from flint import fmpz_poly
from hypothesis import given
from hypothesis import strategies as st

from memlib.madden import monomials
from memlib.madden.monomials import (
    V,
    determinant,
    dimension,
    draw,
    exponents,
    gradients,
    is_symbolic,
    khatri_rao,
)
from tests import strategies as own

degrees = st.lists(st.integers(0, 4), max_size=3, unique=True)


@given(st.integers(1, 4), degrees)
def test_the_monomials_are_all_of_these_degrees(d: int, K: list) -> None:
    found = exponents(d, K)
    listed = [alpha for k in K for alpha in np.ndindex(*(k + 1,) * d) if sum(alpha) == k]
    assert set(found) == set(listed) and len(found) == len(listed) == dimension(d, K)
    assert sum(monomials.multinomial(alpha) for alpha in found) == sum(d**k for k in K)  # put all variables 1


@given(st.integers(1, 3), degrees, st.integers(0, 99))
def test_values_and_gradients_against_sympy(d: int, K: list, seed: int) -> None:
    X, x = draw(3, d, seed, 5), sympy.symbols(f"x1:{d + 1}")
    forms = [
        sympy.Integer(1) * prod(v**e for v, e in zip(x, alpha, strict=True)) for alpha in exponents(d, K)
    ]
    at = [dict(zip(x, point, strict=True)) for point in X]
    assert V(X, K) == [[f.subs(place) for place in at] for f in forms]
    assert gradients(K, X) == [[f.diff(v).subs(place) for f in forms] for place in at for v in x]
    assert V(((*x,),), K) == [[f] for f in forms]  # letters, too


@given(st.integers(1, 4).flatmap(lambda n: own.matrices(st.just(n), st.just(n))))
def test_the_determinant_over_any_ring(rows: list) -> None:
    assert determinant(rows) == sympy.Matrix(rows).det()
    shifted = [[fmpz_poly([v, int(i == j)]) for j, v in enumerate(row)] for i, row in enumerate(rows)]
    t = sympy.Symbol("t")
    expected = sympy.Poly((sympy.Matrix(rows) + t * sympy.eye(len(rows))).det(), t).all_coeffs()[::-1]
    assert [int(c) for c in determinant(shifted).coeffs()] == expected


def test_khatri_rao_is_a_kronecker_product_in_each_column() -> None:
    A, B = np.array(draw(2, 5, 1)), np.array(draw(3, 5, 2))
    found = np.array(khatri_rao(A.tolist(), B.tolist()))
    assert all((found[:, i] == np.kron(A[:, i], B[:, i])).all() for i in range(5))


def test_a_drawing_is_reproducible_and_bounded() -> None:
    X = draw(400, 3, seed=7, most=2)
    assert X == draw(400, 3, 7, 2) != draw(400, 3, 8, 2)
    assert {v for x in X for v in x} == {-2, -1, 0, 1, 2}


@pytest.mark.parametrize(
    ("value", "answer"), [(3, False), (((1, 2),), False), ([[1, sympy.Symbol("x")]], True)]
)
def test_letters_are_seen(value, answer: bool) -> None:
    assert is_symbolic(value) is answer


def test_no_degrees_no_monomials() -> None:
    assert exponents(3, []) == [] and dimension(3, []) == 0 and V(((1, 2), (3, 4)), []) == []
    assert determinant([]) == 1
