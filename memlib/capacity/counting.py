"""Cover's count of linear dichotomies, the capacity 2 of a neuron, Gardner's formula, threshold networks.

A dichotomy of x_1, ..., x_n is a tuple of signs y_i with y_i w.x_i > 0 for some w. Points are tuples of integers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, pairwise, product
from math import comb, factorial, prod
from typing import Any

from memlib.background.exponential import at_most_exp
from memlib.capacity.counting_floats import proposed
from memlib.capacity.machines import few_bits_a_weight, threshold_units
from memlib.capacity.margins import gardner_formula
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal
from memlib.exact import Row, dot, kernel, primitive, rank
from memlib.search import few

Points = tuple[Row, ...]
Signs = tuple[int, ...]

# --- limits-cover-rec ---


def cover(n: Any, d: int) -> Any:
    """Return C(n, d) = 2 (C(n-1, 0) + ... + C(n-1, d-1)); for a sympy symbol n a polynomial of degree d - 1."""
    if type(n) is int:
        return 2 * sum(comb(n - 1, k) for k in range(d))
    return 2 * sum(Fraction(1, factorial(k)) * prod(n - 1 - j for j in range(k)) for k in range(d))


@dataclass(frozen=True)
class Table:
    """A table of numbers: rows[n - 1][d], n = 1, 2, ..., d = 0, 1, ..."""

    rows: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class Step:
    """The step from n to n + 1 in the sum formula, for one d >= 1; n may be a symbol."""

    n: Any
    d: int


def recursion(n: int, d: int, first: int = 2, edge: int = 0, add: int = 1) -> Table:
    """Fill a table up to n and d by C(n+1, d) = C(n, d) + add C(n, d-1) from C(1, d) = first and C(n, 0) = edge."""
    rows = [(edge,) + (first,) * d]
    while len(rows) < n:
        last = rows[-1]
        rows.append((edge, *(last[k] + add * last[k - 1] for k in range(1, d + 1))))
    return Table(tuple(rows))


def nothing_in_dimension_zero(it: Any) -> Answer:
    rows = getattr(it, "rows", ())
    bad = next((n for n, row in enumerate(rows, 1) if row[0]), None)
    return bad is None or Counterexample(f"C({bad}, 0) = {rows[bad - 1][0]}")


def two_signs_for_one_point(it: Any) -> Answer:
    row = getattr(it, "rows", ((0,),))[0]
    bad = next((d for d, v in enumerate(row) if d and v != 2), None)
    return bad is None or Counterexample(f"C(1, {bad}) = {row[bad]}")


def obeys_the_recursion(it: Any) -> Answer:
    rows = getattr(it, "rows", ())
    for n, (row, after) in enumerate(pairwise(rows), 1):
        for d in range(1, len(row)):
            if after[d] != row[d] + row[d - 1]:
                return Counterexample(f"C({n + 1}, {d}) = {after[d]}, not {row[d]} + {row[d - 1]}")
    return True


def is_the_sum(it: Any) -> Answer:
    """C(n, d) = 2 sum_(k<d) C(n-1, k), and this is 2^n iff n <= d; for a Step: the sum obeys the recursion."""
    if isinstance(it, Step):
        right = cover(it.n, it.d) + cover(it.n, it.d - 1)
        return equal(cover(it.n + 1, it.d), right) or Counterexample(f"the sum fails for d = {it.d}")
    for n, row in enumerate(it.rows, 1):
        for d, value in enumerate(row):
            if value != cover(n, d):
                return Counterexample(f"C({n}, {d}) = {value}, and the sum is {cover(n, d)}")
            if (value == 2**n) != (d >= n):
                return Counterexample(f"C({n}, {d}) = {value} against 2^{n}")
    return True


cover_rec = Claim(
    "limits-cover-rec",
    hypotheses={
        "C(n, 0) = 0": nothing_in_dimension_zero,
        "C(1, d) = 2 for d >= 1": two_signs_for_one_point,
        "C(n+1, d) = C(n, d) + C(n, d-1)": obeys_the_recursion,
    },
    conclusion=is_the_sum,
)

# --- limits-cover ---


def projected(x: Row, z: Row) -> Row:
    """Return (z.z) x - (z.x) z, the projection to the complement of z but for a positive factor; shortened."""
    a, b = dot(z, z), dot(z, x)
    return primitive([a * u - b * v for u, v in zip(x, z, strict=True)])


def by_restriction(points: Points) -> int:
    """Count the dichotomies as the proof does: those without the last point, plus those by w orthogonal to it."""
    if not points:
        return 1
    *before, last = points
    if not any(last):
        return 0  # w.0 > 0 never holds
    return by_restriction(tuple(before)) + by_restriction(tuple(projected(x, last) for x in before))


@lru_cache(maxsize=64)
def relations(points: Points) -> tuple[dict[int, int], ...]:
    """Return the minimal linear relations sum c_i x_i = 0, each as {index: coefficient}."""
    found = []
    for size in range(1, min(len(points), len(points[0]) + 1) + 1):
        for subset in combinations(range(len(points)), size):
            basis = kernel(zip(*(points[i] for i in subset), strict=True))
            if len(basis) == 1 and all(basis[0]):
                found.append(dict(zip(subset, basis[0], strict=True)))
    return tuple(found)


def impossible(points: Points, y: Signs) -> bool:
    """Decide by Gordan: no w iff some relation has c_i y_i >= 0 for all i or <= 0 for all i; a minimal one will do."""
    return any(
        all(c * y[i] > 0 for i, c in r.items()) or all(c * y[i] < 0 for i, c in r.items())
        for r in relations(points)
    )


def realises(w: Row, points: Points, y: Signs) -> bool:
    return all(sign * dot(w, x) > 0 for x, sign in zip(points, y, strict=True))


@lru_cache(maxsize=256)
def dichotomies(points: Points) -> tuple[Signs, ...]:
    """List the dichotomies: each has weights, verified in integers, and each other sign vector a relation against it.

    Raises ArithmeticError if no weights are proposed although there are some.
    """
    found = []
    for rest in product((1, -1), repeat=len(few(points)) - 1):
        y = (1, *rest)
        if impossible(points, y):
            continue
        w = proposed(points, y)
        if w is None or not realises(w, points, y):
            raise ArithmeticError(f"no weights were found for the signs {y}, and no relation against them")
        found += [y, tuple(-s for s in y)]
    return tuple(found)


@dataclass(frozen=True)
class Cloud:
    """Vectors of R^d; `general`: they are claimed to have exactly C(n, d) dichotomies, not only at most."""

    points: Points
    general: bool = True


def independent(points: Points) -> Answer:
    """Linear general position: every at most d of the vectors are linearly independent."""
    size = min(len(points), len(points[0]))
    for subset in combinations(range(len(points)), size):
        if rank(points[i] for i in subset) < size:
            return Counterexample(f"the vectors {', '.join(map(str, subset))} are dependent")
    return True


def in_linear_general_position(it: Any) -> Answer:
    return independent(it.points) if getattr(it, "general", True) else True


def counted(points: Points) -> Iterator[tuple[str, int]]:
    """Count by restriction, and for few points by listing."""
    yield "by restriction", by_restriction(points)
    if len(points) <= 8:
        yield "by listing", len(dichotomies(points))


def as_many_as_cover_says(it: Cloud) -> Answer:
    n, d = len(it.points), len(it.points[0])
    for how, found in counted(it.points):
        if found > cover(n, d) or (it.general and found != cover(n, d)):
            return Counterexample(f"{n} vectors of R^{d} have {found} dichotomies, {how}, not {cover(n, d)}")
    return True


cover_count = Claim(
    "limits-cover",
    hypotheses={"the vectors are in linear general position": in_linear_general_position},
    conclusion=as_many_as_cover_says,
)

# --- limits-half ---


@dataclass(frozen=True)
class Guess:
    """Vectors with random independent signs, each + with probability p."""

    points: Points
    p: Fraction = Fraction(1, 2)


@dataclass(frozen=True)
class Mirror:
    """The terms k and 2d - 1 - k of the sum of all C(2d - 1, k); d and k may be symbols."""

    d: Any
    k: Any


def chance(it: Guess) -> Fraction:
    """Return the probability that the signs are a dichotomy, by adding up the probabilities of all dichotomies."""
    n = len(it.points)
    if 2 * it.p == 1 and n > 8:
        return Fraction(by_restriction(it.points), 2**n)
    plus = [sum(s > 0 for s in y) for y in dichotomies(it.points)]
    return sum((it.p**k * (1 - it.p) ** (n - k) for k in plus), Fraction(0))


def two_for_each_weight(it: Any) -> Answer:
    if isinstance(it, Mirror):
        return True
    n, d = len(it.points), len(it.points[0])
    return n == 2 * d or Counterexample(f"{n} vectors of R^{d}, not {2 * d}")


def general_vectors(it: Any) -> Answer:
    return isinstance(it, Mirror) or independent(it.points)


def fair(it: Any) -> Answer:
    p = getattr(it, "p", Fraction(1, 2))
    return 2 * p == 1 or Counterexample(f"a sign is + with probability {p}")


def one_half(it: Any) -> Answer:
    if isinstance(it, Mirror):
        from sympy import binomial

        top = 2 * it.d - 1
        left, right = binomial(top, it.k), binomial(top, top - it.k)
        return equal(left, right) or Counterexample("the terms differ")
    found = chance(it)
    return 2 * found == 1 or Counterexample(f"the probability is {found}")


half = Claim(
    "limits-half",
    hypotheses={
        "there are 2d vectors": two_for_each_weight,
        "the vectors are in linear general position": general_vectors,
        "the signs are fair coins": fair,
    },
    conclusion=one_half,
)

# --- limits-sharp ---


@dataclass(frozen=True)
class Edge:
    """n vectors of R^d in linear general position, n <= 2 (1 - eps) d or n >= 2 (1 + eps) d."""

    n: int
    d: int
    eps: Fraction


def share(n: int, d: int) -> Fraction:
    """Return C(n, d) / 2^n, the probability that random signs are a dichotomy."""
    return Fraction(cover(n, d), 2**n)


def eps_is_positive(it: Edge) -> Answer:
    return it.eps > 0 or Counterexample(f"eps = {it.eps}")


def off_the_edge(it: Edge) -> Answer:
    clear = abs(it.n - 2 * it.d) >= 2 * it.eps * it.d
    return clear or Counterexample(f"n = {it.n} is closer to {2 * it.d} than {2 * it.eps * it.d}")


def all_or_nothing(it: Edge) -> Answer:
    """Below 2d the probability is at least 1 - exp(-eps^2 d), above it at most exp(-eps^2 d / (1 + eps))."""
    p, square = share(it.n, it.d), it.eps * it.eps * it.d
    below = it.n < 2 * it.d
    bounded = at_most_exp(1 - p, -square) if below else at_most_exp(p, -square * Fraction(1, 1 + it.eps))
    return bounded or Counterexample(f"C({it.n}, {it.d})/2^{it.n} is on the wrong side of the bound")


sharp = Claim(
    "limits-sharp",
    hypotheses={"eps > 0": eps_is_positive, "n differs from 2d by at least 2 eps d": off_the_edge},
    conclusion=all_or_nothing,
)

# --- limits-gardner-formula, limits-bh: what they say is decided in `margins` and `machines` ---

formula = Claim("limits-gardner-formula", conclusion=gardner_formula)

bh = Claim(
    "limits-bh", hypotheses={"the units are threshold units": threshold_units}, conclusion=few_bits_a_weight
)
