"""Generic rank: zero sets of polynomials, unisolvent points, and the witness mod p.

Polynomials have Python ints as coefficients; everything is exact.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod

from flint import fmpz_mat
from sympy import Poly, isprime, symbols, sympify
from sympy.polys.matrices import DomainMatrix
from sympy.polys.rings import ring

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import matrix, rank_mod
from memlib.madden.monomials import exponents as multi_indices

Point = tuple[int, ...]


@dataclass(frozen=True, repr=False)
class Polynomial:
    """An integer polynomial in some letters: pairs (coefficient, exponents), no pair with coefficient 0."""

    letters: tuple[str, ...]
    terms: tuple[tuple[int, Point], ...]

    def __call__(self, x: Sequence[int]) -> int:
        return sum(c * prod(v**e for v, e in zip(x, exponents, strict=True)) for c, exponents in self.terms)

    def __repr__(self) -> str:
        return str(Poly({e: c for c, e in self.terms} or 0, *symbols(self.letters)).as_expr())

    @property
    def degree(self) -> int:
        """The total degree; -1 for the zero polynomial."""
        return max((sum(exponents) for _, exponents in self.terms), default=-1)

    def mod(self, p: int) -> "Polynomial":
        """The polynomial with its coefficients reduced mod p; p = 0 changes nothing."""
        terms = ((c % p if p else c, exponents) for c, exponents in self.terms)
        return Polynomial(self.letters, tuple((c, e) for c, e in terms if c))


def polynomial(text: str, letters: str = "x y") -> Polynomial:
    """Read a polynomial, for instance "x*(x - 2)"; raise ValueError for a coefficient that is not an integer."""
    names = tuple(letters.split())
    terms = Poly(sympify(text), *symbols(names)).terms()
    if not all(c.is_Integer for _, c in terms):
        raise ValueError(f"{text} has a coefficient that is not an integer")
    return Polynomial(names, tuple((int(c), exponents) for exponents, c in terms if c))


def monomials(degree: int, letters: str = "x y") -> tuple[Polynomial, ...]:
    """Return all monomials of at most this degree, by degree."""
    names = tuple(letters.split())
    return tuple(Polynomial(names, ((1, e),)) for e in multi_indices(len(names), range(degree + 1)))


# --- madden-zero-set ---


@dataclass(frozen=True)
class Grid:
    """The zeros of a polynomial in the grid S x ... x S over the integers mod p (p = 0: over the integers)."""

    polynomial: Polynomial
    S: tuple[int, ...]
    p: int

    def zeros(self) -> Iterator[Point]:
        for x in product(self.S, repeat=len(self.polynomial.letters)):
            value = self.polynomial(x)
            if (value % self.p if self.p else value) == 0:
                yield x


def over_a_field(grid: Grid) -> Answer:
    return grid.p == 0 or bool(isprime(grid.p)) or Counterexample(f"{grid.p} is not a prime")


def not_the_zero_polynomial(grid: Grid) -> Answer:
    return bool(grid.polynomial.mod(grid.p).terms) or Counterexample("all coefficients are 0")


def different_elements(grid: Grid) -> Answer:
    S = {s % grid.p if grid.p else s for s in grid.S}
    return len(S) == len(grid.S) or Counterexample(f"S has {len(S)} different elements, not {len(grid.S)}")


def few_zeros(grid: Grid) -> Answer:
    """At most degree |S|^(N-1) points of the grid are zeros: counted one by one."""
    N, degree = len(grid.polynomial.letters), grid.polynomial.mod(grid.p).degree
    zeros, most = sum(1 for _ in grid.zeros()), max(degree, 0) * len(grid.S) ** (N - 1)
    return zeros <= most or Counterexample(f"{zeros} zeros in a grid that may have {most}")


zero_set = Claim(
    "madden-zero-set",
    hypotheses={
        "the values lie in a field": over_a_field,
        "the polynomial is not zero": not_the_zero_polynomial,
        "the elements of S differ": different_elements,
    },
    conclusion=few_zeros,
)


# --- madden-unisolvent ---

Functions = tuple[Polynomial, ...]


def table(functions: Functions, points: Sequence[Point]) -> list[list[int]]:
    """Return the matrix [f_a(x_b)]: a function a row, a point a column."""
    return [[f(x) for x in points] for f in functions]


def determinant(functions: Functions, points: Sequence[Point]) -> int:
    return int(matrix(table(functions, points)).det())


def last_column(functions: Functions, points: Sequence[Point]) -> Polynomial:
    """Expand det [f_a(x_b)] along its last column, as a function of the last point: the sum of +-M_a f_a.

    functions : s of them. points : the first s - 1 points, which fix the cofactors +-M_a.
    """
    rows = table(functions, points)
    total: dict[Point, int] = {}
    for a, f in enumerate(functions):
        others = [row for b, row in enumerate(rows) if b != a]
        cofactor = (-1) ** (len(others) - a) * (int(fmpz_mat(others).det()) if others else 1)
        for c, exponents in f.terms:
            total[exponents] = total.get(exponents, 0) + cofactor * c
    return Polynomial(functions[0].letters, tuple((c, e) for e, c in total.items() if c))


def nonzero_at(f: Polynomial) -> Point:
    """Return the first point of {0, ..., l}^N where f, nonzero and of degree l, is not zero.

    By madden-zero-set at most l (l + 1)^(N-1) of the (l + 1)^N points are zeros, so there is one.
    """
    return next(x for x in product(range(f.degree + 1), repeat=len(f.letters)) if f(x))


def unisolvent_points(functions: Functions) -> tuple[Point, ...]:
    """Return points with det [f_a(x_b)] != 0, one after the other, as in the proof.

    Raises ValueError if a function is a combination of those before it: then every such determinant is 0.
    """
    points: tuple[Point, ...] = ()
    for s in range(1, len(functions) + 1):
        g = last_column(functions[:s], points)
        if not g.terms:
            raise ValueError(
                f"{functions[s - 1]} is a combination of the functions before it, so every determinant is 0"
            )
        points += (nonzero_at(g),)
    return points


def unisolvent_at(functions: Functions, points: Sequence[Point]) -> Answer:
    """Whether these points are unisolvent, one for each function."""
    if determinant(functions, points):
        return True
    rank = int(matrix(table(functions, points)).rank())
    return Counterexample(f"at these {len(points)} points the rank is {rank}")


def independent(functions: Functions) -> Answer:
    """Linear independence, read off the coefficients."""
    exponents = sorted({e for f in functions for _, e in f.terms})
    rows = [[{e: c for c, e in f.terms}.get(e, 0) for e in exponents] for f in functions]
    rank = int(matrix(rows).rank()) if exponents else 0
    return rank == len(functions) or Counterexample(f"{len(functions)} functions span {rank} dimensions")


def has_unisolvent_points(functions: Functions) -> Answer:
    try:
        points = unisolvent_points(functions)
    except ValueError as error:
        return Counterexample(str(error))
    return unisolvent_at(functions, points)


unisolvent = Claim(
    "madden-unisolvent",
    hypotheses={"the functions are independent": independent},
    conclusion=has_unisolvent_points,
    generic=True,
)


# --- madden-witness ---


@dataclass(frozen=True)
class Witness:
    """A matrix of polynomials, an integer point, a prime, and the rank that is claimed there."""

    M: tuple[tuple[Polynomial, ...], ...]
    at: Point
    p: int
    rank: int

    @property
    def rank_mod_p(self) -> int:
        return rank_mod([[f(self.at) for f in row] for row in self.M], self.p)

    @property
    def generic_rank(self) -> int:
        """The rank over the rational functions: sympy eliminates with the letters in the matrix."""
        letters = self.M[0][0].letters
        R = ring(letters, "ZZ")[0]
        rows = [[R.from_dict({e: c for c, e in f.terms}) for f in row] for row in self.M]
        return int(DomainMatrix(rows, (len(rows), len(rows[0])), R.to_domain()).to_field().rank())


def modulus_is_prime(w: Witness) -> Answer:
    return bool(isprime(w.p)) or Counterexample(f"{w.p} is not a prime")


def has_the_rank_mod_p(w: Witness) -> Answer:
    found = w.rank_mod_p
    return found >= w.rank or Counterexample(f"the rank at this point mod {w.p} is {found}, not {w.rank}")


def generic_rank_is_at_least(w: Witness) -> Answer:
    found = w.generic_rank
    return found >= w.rank or Counterexample(f"the generic rank is {found}, below {w.rank}")


def small_rank_proves_something(w: Witness) -> Answer:
    """The wrong converse: the rank at the point mod p is the generic rank."""
    at, generic = w.rank_mod_p, w.generic_rank
    return at == generic or Counterexample(
        f"mod {w.p} the rank at this point is {at}, the generic rank is {generic}"
    )


witness = Claim(
    "madden-witness",
    hypotheses={"p is a prime": modulus_is_prime, "M(u0) mod p has rank r": has_the_rank_mod_p},
    conclusion=generic_rank_is_at_least,
)
