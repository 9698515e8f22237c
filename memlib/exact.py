"""Exact linear algebra over the integers, thin over FLINT.

Points and rows are tuples of Python ints. Nothing here rounds.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import count
from math import gcd, lcm
from operator import mul

from flint import fmpq_mat, fmpz_mat, nmod_mat

Row = Sequence[int]


def dot(u: Row, x: Row) -> int:
    """Return the sum of u_i x_i."""
    if len(u) != len(x):
        raise ValueError(f"one row is shorter than the other: {len(u)} and {len(x)} entries")
    return sum(map(mul, u, x))


def matrix(rows: Iterable[Row]) -> fmpz_mat:
    """Return the FLINT matrix with these integer rows; refuse anything but Python ints."""
    rows = [list(row) for row in rows]
    for k, row in enumerate(rows):
        for kind in dict.fromkeys(map(type, row)):
            if kind is not int:
                raise TypeError(f"row {k} holds a {kind.__name__}; exact matrices take Python ints")
    return fmpz_mat(rows)


def primitive(v: Row) -> tuple[int, ...]:
    """Divide an integer vector by the greatest common divisor of its entries."""
    g = gcd(*v) or 1
    return tuple(c // g for c in v)


def kernel(rows: Iterable[Row]) -> list[tuple[int, ...]]:
    """Return a basis of {v : rows v = 0} in short primitive integer vectors (reduced by LLL)."""
    null, dimension = matrix(rows).nullspace()
    basis = fmpz_mat(null.transpose().tolist()[: int(dimension)]) if dimension else None
    return [primitive([int(c) for c in v]) for v in basis.lll().tolist()] if basis is not None else []


def rank(rows: Iterable[Row]) -> int:
    """Return the rank over the rationals."""
    return int(matrix(rows).rank())


def rank_mod(rows: Iterable[Row], p: int) -> int:
    """Return the rank over the field with p elements (p prime), a lower bound for the rank over the rationals."""
    return int(nmod_mat(matrix(rows), p).rank())


def lifted(points: Iterable[Row]) -> list[tuple[int, ...]]:
    """Append the coordinate -1 to every point, so that hyperplanes u.x = b become kernels of (x, -1)."""
    return [(*x, -1) for x in points]


def affine_dependency(points: Sequence[Row]) -> tuple[int, ...] | None:
    """Return the indices of affinely dependent points, or None if all the points are affinely independent.

    x_1, ..., x_k are affinely independent iff the rows (x_i, -1) are linearly independent. The indices are
    the support of one linear relation among these rows.
    """
    relations = kernel(zip(*lifted(points), strict=True)) if points else []
    return tuple(i for i, c in enumerate(relations[0]) if c) if relations else None


def in_affine_hull(basis: Sequence[Row], points: Sequence[Row]) -> list[int]:
    """Return the indices of those `points` that lie in the affine hull of the points `basis`.

    (x, -1) is a combination of the rows (x_i, -1) of the basis iff every v with v.(x_i, -1) = 0 has
    v.(x, -1) = 0: row space and kernel are each other's orthogonal complement.
    """
    if not basis or not points:
        return []
    normals = kernel(lifted(basis))
    if not normals:
        return list(range(len(points)))
    rows = tuple(tuple(x) for x in points)
    return [j for j, row in enumerate(values(rows, normals)) if not any(row)]


#: The last lifted matrices by the identity of the points, which hashing would read through each time.
_LIFTED: dict[int, tuple[tuple[tuple[int, ...], ...], fmpz_mat]] = {}


def _lifted_matrix(points: tuple[tuple[int, ...], ...]) -> fmpz_mat:
    found = _LIFTED.get(id(points))  # a kept tuple keeps its id
    if found is not None:
        return found[1]
    lift = matrix(lifted(points))
    if type(points) is tuple and set(map(type, points)) <= {tuple}:  # else somebody may change them
        while len(_LIFTED) >= 8:
            del _LIFTED[next(iter(_LIFTED))]
        _LIFTED[id(points)] = points, lift
    return lift


def values(points: tuple[tuple[int, ...], ...], normals: Sequence[Row]) -> list[list[int]]:
    """Return for every point x the numbers v.(x, -1), one for each v = (u, b) in `normals`: u.x - b.

    Zero on the hyperplane u.x = b; the sign tells the side.
    """
    product = _lifted_matrix(points) * matrix(zip(*normals, strict=True))
    flat, width = list(map(int, product.entries())), product.ncols()
    return [flat[k : k + width] for k in range(0, len(flat), width)]


def moment_vector(avoid: Sequence[Row]) -> tuple[int, ...]:
    """Return v = (1, k, k^2, ...) with the least k >= 1 such that v.w is not 0 for every w in `avoid`.

    Terminates if no w is zero: v.w is then a nonzero polynomial in k, and has finitely many roots.
    Raises ValueError if some w is zero.
    """
    if not all(any(w) for w in avoid):
        raise ValueError("the zero vector is orthogonal to every vector")
    length = len(avoid[0])
    if length == 1:
        return (1,)
    for k in count(1):
        v = tuple(k**e for e in range(length))
        if all(dot(v, w) for w in avoid):
            return v
    raise AssertionError("unreachable")


def solve(rows: Iterable[Row], right: Row) -> list:
    """Return the solution of a square integer system over the rationals, in FLINT fractions.

    Raises ZeroDivisionError if the matrix is singular.
    """
    solution = matrix(rows).solve(matrix([b] for b in right))
    return [row[0] for row in solution.tolist()]


def affine_fit(points: Sequence[Row], values: Sequence[int | Fraction]) -> tuple[tuple[int, ...], int, int]:
    """Return (v, c, q), q >= 1, with v.x_i - c = q * values_i: the affine function (v.x - c) / q of least norm.

    The least |v|^2 + c^2 among all fits is reached in the row space of A, the matrix of the rows (x_i, -1):
    (v, c) / q = A^T (A A^T)^-1 values. points : affinely independent, Python ints. values : ints or Fractions.
    Raises ValueError if the points are affinely dependent; A A^T is invertible iff they are not.
    """
    for k, value in enumerate(values):
        if type(value) not in (int, Fraction):
            raise TypeError(f"value {k} is a {type(value).__name__}; exact fits take ints and Fractions")
    if len(points) != len(values) or not points:
        raise ValueError(f"{len(points)} points and {len(values)} values")
    A, D = fmpq_mat(matrix(lifted(points))), lcm(*(value.denominator for value in values))
    try:
        z = (A * A.transpose()).solve(fmpq_mat(matrix([int(value * D)] for value in values)))
    except ZeroDivisionError:
        raise ValueError("the points are affinely dependent: no affine function takes all values") from None
    numerators, denominator = (A.transpose() * z).numer_denom()
    q = int(denominator) * D
    *v, c = (int(row[0]) for row in numerators.tolist())
    g = gcd(*v, c, q)
    return tuple(w // g for w in v), c // g, q // g


def bezout(v: Row) -> tuple[int, ...]:
    """Return integers e with e.v = gcd of the entries of v, by Euclid's algorithm entry by entry."""
    e, g = [0] * len(v), 0
    for k, entry in enumerate(v):
        a, b, x, y, s, t = g, entry, 1, 0, 0, 1  # a = x g + y entry and b = s g + t entry all the time
        while b:
            f = a // b
            a, b, x, y, s, t = b, a - f * b, s, t, x - f * s, y - f * t
        if a < 0:
            a, x, y = -a, -x, -y
        if a != g:  # else the entry is a multiple of the gcd so far
            e, g = [x * w for w in e], a
            e[k] = y
    return tuple(e)
