"""Ranks of Hadamard powers f(W^T X) of a product: monomials, factorizations, witnesses mod p.

W and X are tuples of vectors with d entries: the columns w_1, ..., w_m and x_1, ..., x_n of the paper's matrices.
Entries are Python ints, Fractions or sympy expressions; nothing here rounds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import comb, factorial, prod
from typing import Any

from flint import arb, arb_mat, ctx, fmpq, fmpz_mat, nmod_mat
from sympy import Matrix, Poly, Symbol, binomial, itermonomials, symbols, sympify
from sympy.polys.rings import sring

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal
from memlib.exact import kernel, matrix, primitive, rank
from memlib.madden import monomials
from memlib.madden.monomials import P, V, Vectors, dimension, dot, exponents, is_symbolic, multinomial
from memlib.madden.pairs import BALLS


def letters(name: str, count: int, d: int) -> Vectors:
    """Return `count` vectors of d symbols: letters("w", 2, 3) is ((w11, w12, w13), (w21, w22, w23))."""
    return tuple(tuple(Symbol(f"{name}{j}{c}") for c in range(1, d + 1)) for j in range(1, count + 1))


def determinant(rows: Sequence[Sequence]) -> Any:
    """Return the determinant of a small square matrix of sympy expressions (or of integers), expanded."""
    if all(type(v) is int for row in rows for v in row):
        return int(matrix(rows).det())
    if not is_symbolic(rows):
        return Matrix(rows).det()
    n = len(rows)
    _, flat = sring([sympify(v) for row in rows for v in row])
    return monomials.determinant([flat[n * j : n * j + n] for j in range(n)]).as_expr()


# --- madden-degree-count ---


def least_degree(n: int, d: int) -> int:
    """Return the least k >= 0 with C(k + d - 1, d - 1) >= n; raise ValueError if d = 1 and n > 1."""
    if d == 1 and n > 1:
        raise ValueError("in one variable there is one monomial of each degree: no k is high enough")
    k = 0
    while comb(k + d - 1, d - 1) < n:
        k += 1
    return k


@dataclass(frozen=True)
class Count:
    """The number of monomials of degree k in d variables: integers, or symbols."""

    k: Any
    d: Any


def counted_by(formula: Callable[[Any, Any], Any], c: Count) -> Answer:
    """In integers: list the monomials with sympy. In symbols: the recursion that determines their number."""
    k, d = c.k, c.d
    if is_symbolic(k) or is_symbolic(d):
        if not (equal(formula(0, d), 1) and equal(formula(k, 1), 1)):
            return Counterexample("it is not 1 for k = 0 or for d = 1")
        recursion = equal(formula(k, d), formula(k - 1, d) + formula(k, d - 1))
        return recursion or Counterexample("the recursion fails")
    listed, value = len(set(itermonomials(symbols(f"x1:{d + 1}"), k, k))), formula(k, d)
    if listed != value:
        return Counterexample(f"sympy lists {listed} monomials of degree {k} in {d} variables, not {value}")
    scaled = factorial(d - 1) * listed
    growth = (k + 1) ** (d - 1) <= scaled <= (k + d - 1) ** (d - 1)
    return growth or Counterexample(f"(d - 1)! times {listed} is outside the bounds")


degree_count = Claim(
    "madden-degree-count", conclusion=lambda c: counted_by(lambda k, d: binomial(k + d - 1, d - 1), c)
)


# --- madden-hadamard-factor ---


@dataclass(frozen=True)
class Entrywise:
    """f(W^T X) for the polynomial f = c_0 + c_1 t + ... ; `power(k, W, X)` is f = t^k."""

    c: tuple
    W: Vectors
    X: Vectors

    @cached_property
    def symbolic(self) -> bool:
        return is_symbolic((self.c, self.W, self.X))

    @cached_property
    def S(self) -> list[int]:
        """The support of f: all k with c_k != 0."""
        return [k for k, value in enumerate(self.c) if not equal(value, 0)]

    @property
    def Delta(self) -> list:
        """The diagonal: c_k times the multinomial coefficient of alpha, for |alpha| = k in S."""
        return [self.c[sum(alpha)] * multinomial(alpha) for alpha in exponents(len(self.X[0]), self.S)]

    @property
    def D(self) -> int:
        """The number D_S of monomials with a degree in S."""
        return dimension(len(self.X[0]), self.S)

    @property
    def generic_rank(self) -> int:
        """What the theorem promises: min(m, n, D_S)."""
        return min(len(self.W), len(self.X), self.D)

    def f(self, t: Any) -> Any:
        return sum((self.c[k] * t**k for k in self.S), 0 * t)

    @cached_property
    def rows(self) -> list[list]:
        """The matrix itself, entry by entry."""
        if self.symbolic:
            return [[self.f(dot(w, x)) for x in self.X] for w in self.W]
        return [list(map(int, row)) for row in self.integers.tolist()]

    @cached_property
    def integers(self) -> fmpz_mat:
        """The matrix in FLINT, where powers are faster than in Python: half a second for 800 x 800, not 1.6."""
        products = (matrix(self.W) * matrix(zip(*self.X, strict=True))).entries()
        if len(self.S) == 1 and self.c[self.S[0]] == 1:
            values = [t ** self.S[0] for t in products]
        else:
            values = [self.f(t) for t in products]
        return fmpz_mat(len(self.W), len(self.X), values)

    def factors(self) -> tuple[list[list], list[list]]:
        """V_S(W) and Delta V_S(X): the product of the first, transposed, and the second is the matrix."""
        right = [[d * v for v in row] for d, row in zip(self.Delta, V(self.X, self.S), strict=True)]
        return V(self.W, self.S), right

    @cached_property
    def _ranks(self) -> dict[int, int]:
        return {}

    def rank_mod(self, p: int) -> int:
        if p not in self._ranks:
            self._ranks[p] = int(nmod_mat(self.integers, p).rank())
        return self._ranks[p]

    def kernel_vector(self) -> tuple[int, ...]:
        """Return integers lambda with sum lambda_i x_i^alpha = 0 for all alpha in S; needs more points than monomials.

        It is in the kernel of f(W^T X) for every W.
        """
        return primitive(kernel(V(self.X, self.S))[0])


def power(k: int, W: Vectors, X: Vectors) -> Entrywise:
    return Entrywise((0,) * k + (1,), W, X)


def is_product_of(factors: Callable[[Entrywise], tuple[list, list]], e: Entrywise) -> Answer:
    left, right = factors(e)
    if e.symbolic:
        for j, row in enumerate(e.rows):
            for i, value in enumerate(row):
                if not equal(value, sum(a[j] * b[i] for a, b in zip(left, right, strict=True))):
                    return Counterexample(f"the entries at ({j + 1}, {i + 1}) differ")
        return True
    return e.integers == fmpz_mat(left).transpose() * fmpz_mat(right) or Counterexample(
        "the product is not the matrix"
    )


def factorizes(e: Entrywise) -> Answer:
    if not e.S:
        return not any(map(any, e.rows)) or Counterexample("f = 0, and the matrix is not 0")
    if len(e.Delta) != e.D:
        return Counterexample(f"the factors meet in {len(e.Delta)} rows, not {e.D}")
    return is_product_of(Entrywise.factors, e)


factor = Claim("madden-hadamard-factor", conclusion=factorizes)


# --- madden-hadamard-plane ---


def bracket(u: Sequence, v: Sequence) -> Any:
    """Return [u, v] = u_1 v_2 - u_2 v_1, which is 0 iff u and v lie on one line through 0."""
    return u[0] * v[1] - u[1] * v[0]


def brackets(vectors: Sequence) -> Any:
    return prod(bracket(u, v) for u, v in combinations(vectors, 2))


def lines(vectors: Sequence) -> list:
    """Return one nonzero vector for each line through 0 that contains one of the vectors."""
    found: list = []
    for v in vectors:
        if not (equal(v[0], 0) and equal(v[1], 0)) and not any(equal(bracket(u, v), 0) for u in found):
            found.append(v)
    return found


@dataclass(frozen=True)
class Plane:
    """The k-th Hadamard power of W^T X for vectors of the plane, d = 2."""

    k: int
    W: Vectors
    X: Vectors


def enough_lines(e: Plane) -> Answer:
    found = len(lines(e.X))
    return found > e.k or Counterexample(f"the x_i lie on {found} lines, fewer than k + 1 = {e.k + 1}")


def explicit_minor(e: Plane) -> Any:
    """The formula: binomials times the brackets of w_1, ..., w_(k+1) times those of x_1, ..., x_(k+1)."""
    binomials = prod(comb(e.k, i) for i in range(e.k + 1))
    return binomials * brackets(e.W[: e.k + 1]) * brackets(e.X[: e.k + 1])


def plane_minors(formula: Callable[[Plane], Any], e: Plane) -> Answer:
    """The first (k+1)-minor is given by the formula; the rank is min(mu, k + 1), mu lines through the w_j."""
    A, size = power(e.k, e.W, e.X).rows, e.k + 1
    if min(len(e.W), len(e.X)) >= size:
        minor = determinant([row[:size] for row in A[:size]])
        if not equal(minor, formula(e)):
            given = formula(e)
            values = "" if is_symbolic(minor) else f": {minor}, not {given}"
            return Counterexample(f"the {size}-minor is not what the formula gives{values}")
    expected = min(len(lines(e.W)), size)
    if not is_symbolic((e.W, e.X)):
        found = rank(A)
        return found == expected or Counterexample(f"the rank is {found}, not {expected}")
    if len(e.W) != len(e.X) or len(e.W) not in (size, size + 1):
        return Counterexample("in symbols the rank is read off for k + 1 or k + 2 vectors each")
    if len(e.W) == size + 1 and not equal(determinant(A), 0):
        return Counterexample(f"the {size + 1}-minor is not identically 0")
    return expected == size or Counterexample(f"the w_j lie on {expected} lines")


plane = Claim(
    "madden-hadamard-plane",
    hypotheses={"the x_i lie on at least k + 1 lines": enough_lines},
    conclusion=lambda e: plane_minors(explicit_minor, e),
)


# --- madden-cauchy-binet ---


@dataclass(frozen=True)
class Product:
    """An s x N matrix A and an N x s matrix B."""

    A: Vectors
    B: Vectors


def sum_over(subsets: Callable[[int, int], Any], e: Product) -> Any:
    """Return the sum of det A_T det B_T over the given s-subsets T of {0, ..., N - 1}."""
    s, N = len(e.A), len(e.B)
    return sum(
        determinant([[row[t] for t in T] for row in e.A]) * determinant([e.B[t] for t in T])
        for T in subsets(N, s)
    )


def all_subsets(N: int, s: int) -> Any:
    return combinations(range(N), s)


def determinant_is(subsets: Callable[[int, int], Any], e: Product) -> Answer:
    AB = [[dot(row, column) for column in zip(*e.B, strict=True)] for row in e.A]
    return equal(determinant(AB), sum_over(subsets, e)) or Counterexample("det(AB) is another polynomial")


cauchy_binet = Claim("madden-cauchy-binet", conclusion=lambda e: determinant_is(all_subsets, e))


# --- madden-hadamard-power, madden-hadamard-poly ---


def rank_is(expected: Callable[[Entrywise], int], e: Entrywise) -> Answer:
    """The generic rank is `expected`: this point and the prime P prove >=, a factorization over the integers <=."""
    s, at = expected(e), e.rank_mod(P)
    if at > s:
        return Counterexample(f"at this point the rank is at least {at}, more than {s}")
    if at < s:
        return Counterexample(f"at this point the rank mod 2^61 - 1 is {at}, not {s}")
    if s == min(len(e.W), len(e.X)):
        return True
    return (s == e.D and factorizes(e)) or Counterexample(f"nothing shows that the rank is never above {s}")


def has_rank(e: Entrywise, claimed: int) -> Answer:
    """Decide over the rationals whether the matrix, at this very point, has this rank."""
    found = int(e.integers.rank())
    return found == claimed or Counterexample(f"the rank is {found}, not {claimed}")


def one_power(e: Entrywise) -> Answer:
    return len(e.S) == 1 or Counterexample(f"f has {len(e.S)} terms, of degrees {e.S}")


def top_degree(e: Entrywise) -> int:
    """min(m, n, D(k, d)) for the degree k of f."""
    return min(len(e.W), len(e.X), dimension(len(e.X[0]), e.S[-1:]))


hadamard_power = Claim(
    "madden-hadamard-power",
    hypotheses={"f is a power of t": one_power},
    conclusion=lambda e: rank_is(top_degree, e),
    generic=True,
)
hadamard_poly = Claim(
    "madden-hadamard-poly", conclusion=lambda e: rank_is(lambda e: e.generic_rank, e), generic=True
)


# --- madden-gen-vandermonde ---


@dataclass(frozen=True)
class Scaled:
    """The matrix [f(s a_j t_g)] with a letter s, for a polynomial f = c_0 + c_1 t + ..."""

    c: tuple
    a: tuple
    t: tuple


def enough_coefficients(e: Scaled) -> Answer:
    found = sum(not equal(v, 0) for v in e.c)
    return found >= len(e.a) or Counterexample(f"f has {found} terms, fewer than {len(e.a)}")


def positive_and_distinct(nodes: tuple) -> Answer:
    for v in nodes:
        if not (v.is_positive if is_symbolic(v) else v > 0):
            return Counterexample(f"{v} is not positive")
    twins = [u for u, v in combinations(nodes, 2) if equal(u, v)]
    return not twins or Counterexample(f"{twins[0]} occurs twice")


def lowest_term(e: Scaled) -> tuple[int, Any]:
    """The proof's lowest term of the determinant: (k_1 + ... + k_q, its coefficient), k_i the first exponents."""
    K = [k for k, v in enumerate(e.c) if not equal(v, 0)][: len(e.a)]
    ranks = [determinant(_integers([[v**k for k in K] for v in nodes])[0]) for nodes in (e.a, e.t)]
    scale = prod(_integers([[v**k for k in K] for v in nodes])[1] for nodes in (e.a, e.t))
    value = prod(e.c[k] for k in K) * ranks[0] * ranks[1]
    return sum(K), value if scale == 1 else value * Fraction(1, scale)


def _integers(rows: list[list]) -> tuple[list[list], int]:
    """Clear the denominators row by row; return the matrix and the factor of its determinant."""
    if is_symbolic(rows):
        return rows, 1
    scales = [prod(Fraction(v).denominator for v in row) for row in rows]
    return [[int(v * s) for v in row] for row, s in zip(rows, scales, strict=True)], prod(scales)


def starts_with(term: Callable[[Scaled], tuple[int, Any]], e: Scaled) -> Answer:
    """The determinant, expanded in s, starts with this term, and its coefficient is not 0."""
    s = Symbol("s")
    entries = [[sum(sympify(c) * (s * a * t) ** k for k, c in enumerate(e.c)) for t in e.t] for a in e.a]
    expanded = Poly(determinant(entries), s)
    if expanded.is_zero:
        return Counterexample("the determinant is 0 for every s")
    (order,), coefficient = expanded.terms()[-1]
    predicted, value = term(e)
    if order != predicted or not equal(sympify(coefficient), sympify(value)):
        return Counterexample(f"the determinant starts with {coefficient} s^{order}")
    return not equal(coefficient, 0) or Counterexample("the coefficient is 0")


gen_vandermonde = Claim(
    "madden-gen-vandermonde",
    hypotheses={
        "f has at least q terms": enough_coefficients,
        "a_1, ..., a_q are positive and distinct": lambda e: positive_and_distinct(e.a),
        "t_1, ..., t_q are positive and distinct": lambda e: positive_and_distinct(e.t),
    },
    conclusion=lambda e: starts_with(lowest_term, e),
)


# --- madden-hadamard-analytic ---

BITS = 600
#: Functions on balls.
SERIES = {name: BALLS[name][0] for name in ("exp", "tanh", "sin", "gelu")}


@dataclass(frozen=True)
class Analytic:
    """f(W^T X) in balls, for a name in SERIES or the coefficients of a polynomial f."""

    f: str | tuple
    W: Vectors
    X: Vectors
    table: arb_mat


def analytic(f: str | tuple, W: Vectors, X: Vectors) -> Analytic:
    """Enclose the entries f(w_j.x_i), for integer or rational vectors, in balls of 600 bits."""
    with ctx.workprec(BITS):
        value = (
            SERIES[f] if isinstance(f, str) else lambda t: sum((c * t**k for k, c in enumerate(f)), arb(0))
        )
        products = [[Fraction(dot(w, x)) for x in X] for w in W]
        balls = [[value(arb(fmpq(t.numerator, t.denominator))) for t in row] for row in products]
        return Analytic(f, W, X, arb_mat(balls))


def no_polynomial(e: Analytic) -> Answer:
    return isinstance(e.f, str) or Counterexample(f"f is a polynomial of degree {len(e.f) - 1}")


def full_rank(e: Analytic) -> Answer:
    """The first s x s minor, s = min(m, n), is not 0: its ball excludes 0."""
    s = min(len(e.W), len(e.X))
    with ctx.workprec(BITS):
        block = arb_mat([[e.table[j, i] for i in range(s)] for j in range(s)])
        excluded = not block.det().contains(0)
    if excluded:
        return True
    if isinstance(e.f, str):
        return Counterexample(f"the ball around the {s}-minor contains 0, which decides nothing")
    found = rank(Entrywise(e.f, e.W, e.X).rows)
    return found == s or Counterexample(f"the rank is {found}, not {s}")


hadamard_analytic = Claim(
    "madden-hadamard-analytic",
    hypotheses={"f is no polynomial": no_polynomial},
    conclusion=full_rank,
    generic=True,
)
