"""The coded direction: the labels of all points, each multiplied by its point's address, and how large it is.

Second moments are taken from their definition, monomial by monomial; everything is exact.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from math import factorial, prod
from typing import Any

import sympy
from sympy import Integer, Poly, Rational

from memlib.bubeck.codes import at as value_of
from memlib.bubeck.codes import exact, hermite, normal_moment, power, quotient
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal


@dataclass(frozen=True)
class Coded:
    """Points with labels and a code of degree k = M - 1, real (Hermite) or complex (conjugated powers)."""

    points: tuple[tuple[Any, ...], ...]
    labels: tuple[Any, ...]
    k: int
    field: str = "real"

    @cached_property
    def gram(self) -> sympy.Matrix:
        X = sympy.Matrix([[exact(c) for c in x] for x in self.points])
        return (X * X.T).applyfunc(sympy.cancel)

    @cached_property
    def G(self) -> sympy.Matrix:
        """The entrywise power M = k + 1 of the Gram matrix."""
        return self.gram.applyfunc(lambda rho: rho ** (self.k + 1))

    @cached_property
    def solvable(self) -> bool:
        """Whether G is invertible."""
        return bool(sympy.cancel(self.G.det()))

    @cached_property
    def alpha(self) -> tuple[Any, ...]:
        """The solution of G alpha = y, G invertible."""
        return tuple(map(sympy.cancel, self.G.LUsolve(sympy.Matrix([exact(v) for v in self.labels]))))

    @property
    def scale(self) -> Any:
        """The factor d / (n k!) of all second moments of V."""
        return Rational(len(self.points[0]), len(self.points) * factorial(self.k))

    def second_moments(self, code: Any = hermite) -> tuple[Any, tuple[Any, ...]]:
        """Return E|V|^2 and E|b_j|^2 from the definition: V as a polynomial in g, squared, monomial by monomial."""
        d, n = len(self.points[0]), len(self.points)
        g = sympy.symbols(f"g:{d}")  # complex: stands for the conjugates, in which V is a polynomial
        X = [[exact(c) for c in x] for x in self.points]
        own = code(self.k) if self.field == "real" else power(self.k)
        z = [Poly(sum(c * s for c, s in zip(x, g, strict=True)), *g) for x in X]
        sent = [Poly(value_of(own, z[i]), *g) * a for i, a in enumerate(self.alpha)]
        V = [sum((sent[i] * X[i][e] for i in range(n)), Poly(0, *g)) for e in range(d)]
        b = [sum((V[e] * x[e] for e in range(d)), Poly(0, *g)) for x in X]
        squares = [self.mean_square(P) * self.scale for P in (*V, *b)]
        return sum(squares[:d]), tuple(squares[d:])

    def mean_square(self, P: Poly) -> Any:
        """Return E|P|^2, P a real polynomial in real Gaussians, or in the conjugates of complex ones.

        For these E conj(g)^a g^b = a! if a = b, else 0: different monomials are orthogonal.
        """
        if self.field == "real":
            return sum((c * prod(map(normal_moment, e)) for e, c in (P * P).terms()), Integer(0))
        return sum((c**2 * prod(map(factorial, e)) for e, c in P.terms()), Integer(0))


def unit_vector(t: tuple[int, ...]) -> tuple[Fraction, ...]:
    """Return the rational unit vector (2t, |t|^2 - 1) / (|t|^2 + 1), the stereographic image of an integer vector t."""
    square = sum(c * c for c in t)
    return (*(Fraction(2 * c, square + 1) for c in t), Fraction(square - 1, square + 1))


def points_are_unit_vectors(coded: Coded) -> Answer:
    for i in range(len(coded.points)):
        if coded.gram[i, i] != 1:
            return Counterexample(f"point {i} has the squared length {coded.gram[i, i]}")
    return True


def gram_power_is_invertible(coded: Coded) -> Answer:
    return coded.solvable or Counterexample("G is singular")


def reach(coded: Coded) -> tuple[Any, ...]:
    """Return the formula for B_j^2 at every point: (d/n) sum_il alpha_i alpha_l rho_ij rho_lj rho_il^k."""
    n, R, a = len(coded.points), coded.gram, coded.alpha
    d = len(coded.points[0])
    return tuple(
        Rational(d, n)
        * sum(a[i] * a[l] * R[i, j] * R[l, j] * R[i, l] ** coded.k for i in range(n) for l in range(n))
        for j in range(n)
    )


def energy(coded: Coded) -> Any:
    """Return the formula for E|V|^2: (d/n) y.alpha."""
    dot = sum(exact(v) * a for v, a in zip(coded.labels, coded.alpha, strict=True))
    return Rational(len(coded.points[0]), len(coded.points)) * dot


def norm_at_least(A: sympy.Matrix, steps: int = 40) -> Any:
    """Return a rational lower bound for the operator norm of a positive semidefinite A.

    A Rayleigh quotient, v.Av / v.v <= |A| for every v, after some steps of power iteration, rounded down.
    If the simplest rational nearby, r, is not above the norm either, that is what is returned: |A| >= r iff
    r I - A is not positive definite.
    """
    n = A.rows
    v = sympy.Matrix([n + 1 + i for i in range(n)])
    for _ in range(steps):
        v = A * v
        most = max(abs(c) for c in v) or 1
        v = v.applyfunc(lambda c, most=most: sympy.floor(10**6 * c * quotient(most)))
    if not any(v):
        return Integer(0)
    rayleigh = Fraction(int(sympy.floor((v.T * A * v)[0] * quotient((v.T * v)[0]) * 10**12)), 10**12)
    simple = exact(rayleigh.limit_denominator(1000))
    return simple if not (simple * sympy.eye(n) - A).is_positive_definite else exact(rayleigh)


def moments_are_exact(coded: Coded, code: Any = hermite) -> Answer:
    """Compare the formulas with the moments from the definition."""
    if not coded.solvable:
        more = coded.G.row_join(sympy.Matrix([exact(v) for v in coded.labels])).rank() > coded.G.rank()
        return Counterexample(f"{'no' if more else 'more than one'} alpha solves G alpha = y")
    total, each = coded.second_moments(code)
    if not equal(sympy.cancel(total), sympy.cancel(energy(coded))):
        return Counterexample(f"E|V|^2 is {sympy.cancel(total)}, not (d/n) y.alpha = {energy(coded)}")
    for j, (found, wanted) in enumerate(zip(each, reach(coded), strict=True)):
        if not equal(sympy.cancel(found), sympy.cancel(wanted)):
            return Counterexample(f"E b_{j}^2 is {found}, not {wanted}")
    return True


def coherence(coded: Coded) -> Any:
    n = len(coded.points)
    return max((abs(coded.gram[i, j]) for i in range(n) for j in range(i)), default=Integer(0))


def within_bounds(coded: Coded) -> Answer:
    """Decide |alpha| <= 2Y and B_j^2 <= 6 omega Y^2.

    omega = Lambda d / n is replaced by a rational lower bound of it, so that what passes is proved.
    """
    n, d = len(coded.points), len(coded.points[0])
    Y = max(abs(exact(v)) for v in coded.labels)
    most = max(abs(a) for a in coded.alpha)
    if most > 2 * Y:
        return Counterexample(f"an |alpha_i| is {most}, more than twice {Y}")
    bound = 6 * Rational(d, n) * norm_at_least(coded.gram) * Y**2
    worst = max(reach(coded))
    return bool(worst <= bound) or Counterexample(f"a B_j^2 is {worst}, more than 6 omega Y^2")


def moments_and_bounds(coded: Coded) -> Answer:
    """Both formulas; for numbers also B_j^2 <= omega |R^k| |alpha|^2, and the bounds of the corollary."""
    answer = moments_are_exact(coded)
    if not answer or any(a.free_symbols for a in (*coded.alpha, *coded.gram)):
        return answer
    n, d = len(coded.points), len(coded.points[0])
    largest = max(abs(a) for a in coded.alpha)
    power_norm = norm_at_least(coded.gram.applyfunc(lambda rho: rho**coded.k))
    omega = Rational(d, n) * norm_at_least(coded.gram)  # at most the true one
    if max(reach(coded)) > omega * power_norm * largest**2:
        return Counterexample("a B_j^2 is more than omega |R^k| |alpha|^2")
    coherent = bool(n * coherence(coded) ** coded.k > Rational(1, 2))
    return coherent or within_bounds(coded)


def moments_of_powers(coded: Coded) -> Answer:
    """The wrong version: the powers z^k in the place of He_k."""
    return moments_are_exact(coded, code=power)


def bounds_for_all_points(coded: Coded) -> Answer:
    """The wrong version: the bounds of the corollary without its hypothesis n gamma^k <= 1/2."""
    return within_bounds(coded)


moments = Claim(
    "bubeck-code-moments",
    hypotheses={
        "the points are unit vectors": points_are_unit_vectors,
        "G is invertible": gram_power_is_invertible,
    },
    conclusion=moments_and_bounds,
)
