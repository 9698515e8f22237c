"""What the pages of the chapter share: random integer vectors, monomials and their values, the Khatri-Rao product.

Points and weights are tuples of vectors with d entries; entries are Python ints, Fractions, sympy letters or balls.
"""

import random
from collections.abc import Iterable, Sequence
from itertools import combinations
from math import comb, factorial, prod
from operator import mul
from typing import Any

Vectors = tuple[tuple[Any, ...], ...]
Exponents = tuple[int, ...]

#: A prime above every degree and every multinomial factor that occurs: ranks modulo it are ranks from below.
P = 2**61 - 1


def draw(count: int, d: int, seed: int, most: int = 9) -> tuple[tuple[int, ...], ...]:
    """Draw integer vectors in R^d with entries between -most and most."""
    rng = random.Random(seed)
    return tuple(tuple(rng.randint(-most, most) for _ in range(d)) for _ in range(count))


def dot(u: Sequence, x: Sequence) -> Any:
    """Return the sum of the u_a x_a, over any ring."""
    return sum(p * q for p, q in zip(u, x, strict=True))


def exponents(d: int, degrees: Iterable[int]) -> list[Exponents]:
    """List the multi-indices alpha in N^d with |alpha| in degrees: the monomials x^alpha of these degrees."""

    def of_sum(length: int, k: int) -> list[Exponents]:
        if length == 1:
            return [(k,)]
        return [(e, *rest) for e in range(k, -1, -1) for rest in of_sum(length - 1, k - e)]

    return [alpha for k in degrees for alpha in of_sum(d, k)]


def dimension(d: int, degrees: Iterable[int]) -> int:
    """Return the sum of the C(k + d - 1, d - 1): how many monomials have one of the degrees; D_K for degrees K."""
    return sum(comb(k + d - 1, d - 1) for k in degrees)


def multinomial(alpha: Exponents) -> int:
    """Return |alpha|! / alpha!."""
    return factorial(sum(alpha)) // prod(map(factorial, alpha))


def V(X: Sequence[Sequence], degrees: Sequence[int]) -> list[list]:
    """Return V_S(X): a row for each alpha with |alpha| in the degrees S, a column for each point, the entry x^alpha."""
    top = max(degrees, default=0)
    columns = [list(column) for column in zip(*X, strict=True)]
    powers = [[[1] * len(X), column] for column in columns]
    for own in powers:
        while len(own) <= top:
            own.append(list(map(mul, own[-1], own[1])))
    rows = []
    for alpha in exponents(len(columns), degrees):
        row = [1] * len(X)
        for own, e in zip(powers, alpha, strict=True):
            row = list(map(mul, row, own[e])) if e else row
        rows.append(row)
    return rows


def gradients(degrees: Iterable[int], W: Sequence[Sequence]) -> list[list]:
    """Return the matrix of g -> (gradient of g at every w_j): row (j, a), column alpha, d/dx_a of x^alpha at w_j."""
    columns = exponents(len(W[0]), degrees)
    return [
        [
            alpha[a] * prod(c ** (e - (i == a)) for i, (c, e) in enumerate(zip(w, alpha, strict=True)))
            if alpha[a]
            else 0
            for alpha in columns
        ]
        for w in W
        for a in range(len(w))
    ]


def khatri_rao(A: Sequence[Sequence], B: Sequence[Sequence]) -> list[list]:
    """Return the column-wise Khatri-Rao product: row (j, a), column i holds A[j][i] B[a][i]."""
    return [[p * q for p, q in zip(row, other, strict=True)] for row in A for other in B]


def determinant(rows: Sequence[Sequence]) -> Any:
    """Return the determinant over any ring: all minors of the first row, of the first two rows, ...; no division."""
    minors: dict[tuple[int, ...], Any] = {(): 1}
    for j, row in enumerate(rows):
        minors = {
            T: sum((-1) ** (j - i) * row[c] * minors[T[:i] + T[i + 1 :]] for i, c in enumerate(T))
            for T in combinations(range(len(rows)), j + 1)
        }
    return minors[tuple(range(len(rows)))]


def is_symbolic(value: Any) -> bool:
    """Whether a value, or an entry of vectors of values, is a sympy expression with letters."""
    if isinstance(value, (tuple, list)):
        return any(map(is_symbolic, value))
    return bool(getattr(value, "free_symbols", None))
