"""The tangent kernel: how often a random gate is open at two points, and why n points become independent in it.

Points are tuples of Fractions, unit vectors as a rule. Correlations rho = x_i.x_j are exact; what involves pi and
arccos is enclosed in FLINT balls.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from itertools import combinations, combinations_with_replacement
from math import comb, factorial, lcm, prod
from typing import Any

import sympy
from flint import arb, ctx, fmpq, fmpq_mat

from memlib.bubeck.kernel_floats import extreme_vector
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal
from memlib.exact import kernel, rank_mod

Vector = tuple[int | Fraction, ...]
#: Bits with which balls are computed.
PRECISION = 192


def inner(x: Sequence, z: Sequence) -> Any:
    """Return the sum of x_i z_i."""
    return sum(a * b for a, b in zip(x, z, strict=True))


def gram(points: Sequence[Vector]) -> list[list[Any]]:
    """Return R, the matrix of the inner products x_i.x_j."""
    return [[inner(x, z) for z in points] for x in points]


def coherence(points: Sequence[Vector]) -> int | Fraction:
    """Return gamma, the largest |x_i.x_j| of two different points; 0 for a single point."""
    return max((abs(inner(x, z)) for x, z in combinations(points, 2)), default=0)


def all_unit(points: Sequence[Vector]) -> Answer:
    for i, x in enumerate(points):
        if inner(x, x) != 1:
            return Counterexample(f"point {i} has the squared length {inner(x, x)}")
    return True


def c(q: Any) -> Any:
    """Return the coefficient c_q = binom(2q, q) 4^-q / (2q + 1) of the arcsine series; q an int or a symbol."""
    if isinstance(q, int):
        return Fraction(comb(2 * q, q), 4**q * (2 * q + 1))
    return sympy.binomial(2 * q, q) * sympy.Pow(4**q * (2 * q + 1), -1)


def ball(v: int | Fraction) -> arb:
    """Return a ball around a rational number."""
    with ctx.workprec(PRECISION):
        return arb(fmpq(v.numerator, v.denominator))


def pi_ball() -> arb:
    with ctx.workprec(PRECISION):
        return arb.pi()


# --- bubeck-ntk-kernel ---


@dataclass(frozen=True)
class Pair:
    """Two vectors of the plane: their directions in turns (1 is the full circle) and their lengths."""

    first: Fraction
    second: Fraction
    lengths: tuple = (1, 1)

    @property
    def rho(self) -> Any:
        """The inner product, as a sympy number."""
        angle = sympy.Rational(self.first - self.second) * 2 * sympy.pi
        return self.lengths[0] * self.lengths[1] * sympy.cos(angle)


@dataclass(frozen=True)
class Term:
    """A coefficient of the arcsine series: its number q, and the variable of the series."""

    q: Any
    rho: Any


@dataclass(frozen=True)
class Partial:
    """The kernel at a correlation rho, a ball, against the first terms of its series."""

    rho: arb
    terms: int


def share_open_together(pair: Pair) -> Fraction:
    """Return the share of the circle where both gates are open, by cutting the circle where one of them switches.

    A gate g with direction t (in turns) is open at x iff t is less than a quarter turn away from x.
    """

    def is_open(t: Fraction, x: Fraction) -> bool:
        away = (t - x) % 1
        return min(away, 1 - away) < Fraction(1, 4)

    quarter = Fraction(1, 4)
    cuts = sorted({(x + s) % 1 for x in (pair.first, pair.second) for s in (quarter, -quarter)})
    arcs = zip(cuts, [*cuts[1:], cuts[0] + 1], strict=True)
    return sum(
        (end - start for start, end in arcs
         if all(is_open(start + Fraction(end - start, 2), x) for x in (pair.first, pair.second))),
        Fraction(0),
    )  # fmt: skip


def of_unit_vectors(instance: Pair | Term | Partial) -> Answer:
    if isinstance(instance, Pair):
        return instance.lengths == (1, 1) or Counterexample(
            f"the lengths are {' and '.join(map(str, instance.lengths))}"
        )
    if isinstance(instance, Partial):
        return bool(abs(instance.rho) < 1) or Counterexample(f"rho is {instance.rho}")
    return True  # a formal series: no vectors


def partial_sum(rho: arb, terms: int, pi: arb) -> arb:
    """Return rho/4 + (1/2pi) sum_{q < terms} c_q rho^(2q+2)."""
    tail = sum((ball(c(q)) * rho ** (2 * q + 2) for q in range(terms)), arb(0))
    return rho * fmpq(1, 4) + tail * (fmpq(1, 2) / pi)


def kernel_at(rho: arb, pi: arb) -> arb:
    """Return rho (pi - arccos rho) / (2 pi)."""
    return rho * (pi - rho.acos()) * (fmpq(1, 2) / pi)


def is_the_kernel(instance: Pair | Term | Partial) -> Answer:
    """For a pair: the share of the circle. For a term: the recurrence of the series. For a partial sum: its error."""
    if isinstance(instance, Pair):
        share, formula = (
            share_open_together(instance),
            (sympy.pi - sympy.acos(instance.rho)) * sympy.Pow(2 * sympy.pi, -1),
        )
        return equal(sympy.Rational(share), formula) or Counterexample(
            f"both gates are open on {share} of the circle, and the formula gives {sympy.N(formula, 3)}"
        )
    if isinstance(instance, Term):
        q, rho = instance.q, instance.rho
        arcsine = sympy.asin(rho)
        if not equal((1 - rho**2) * arcsine.diff(rho, 2), rho * arcsine.diff(rho)):
            return Counterexample("the arcsine does not solve (1 - t^2) f'' = t f'")
        if not equal((2 * q + 2) * (2 * q + 3) * c(q + 1), (2 * q + 1) ** 2 * c(q)):
            return Counterexample("the coefficients do not solve the recurrence of (1 - t^2) f'' = t f'")
        return equal(c(0), 1) or Counterexample("the first coefficient is not 1")
    with ctx.workprec(PRECISION):
        rho, Q, pi = instance.rho, instance.terms, arb.pi()
        rest = kernel_at(rho, pi) - partial_sum(rho, Q, pi)
        most = ball(c(Q)) * rho ** (2 * Q + 2) * (fmpq(1, 2) / (pi * (1 - rho * rho)))
        if rest > 0 and rest < most:
            return True
        if rest < 0 or rest > most:
            return Counterexample(f"the rest of the series is {rest.str(3)}, not between 0 and {most.str(3)}")
    raise ValueError(f"the balls around rho = {instance.rho} are too wide to decide")


together = Claim("bubeck-ntk-kernel", hypotheses={"unit vectors": of_unit_vectors}, conclusion=is_the_kernel)


# --- bubeck-hadamard-power ---


@dataclass(frozen=True)
class Powers:
    """Points, an exponent m >= 1 and a number `top` that is to bound the norm of R."""

    points: tuple[Vector, ...]
    m: int
    top: Any = None

    @cached_property
    def matrix(self) -> list[list]:
        """R^(o m), the entrywise power of the Gram matrix."""
        return [[v**self.m for v in row] for row in gram(self.points)]


@dataclass(frozen=True)
class Letters:
    """Two vectors of letters, and an exponent."""

    x: tuple
    z: tuple
    m: int


def monomials(x: Sequence, m: int) -> list[tuple[int, Any]]:
    """Return (m! / alpha!, x^alpha) for all exponents alpha with |alpha| = m."""
    found = []
    for chosen in combinations_with_replacement(range(len(x)), m):
        alpha = [chosen.count(k) for k in range(len(x))]
        found.append((factorial(m) // prod(map(factorial, alpha)), prod(x[k] for k in chosen)))
    return found


def positive_semidefinite(M: Sequence[Sequence]) -> bool:
    """Decide whether a symmetric rational matrix is positive semidefinite, by elimination without rounding.

    A pivot 0 is harmless only if its row is 0: otherwise some 2 x 2 minor is negative.
    """
    A = [[fmpq(v.numerator, v.denominator) for v in row] for row in M]
    n = len(A)
    for k in range(n):
        pivot = A[k][k]
        if pivot < 0 or (pivot == 0 and any(A[k][j] != 0 for j in range(k, n))):
            return False
        for i in range(k + 1, n) if pivot != 0 else ():
            factor = A[i][k] / fmpq(pivot)
            for j in range(k + 1, n):
                A[i][j] -= factor * A[k][j]
    return True


def shifted(M: Sequence[Sequence], t: Any, sign: int = 1) -> list[list]:
    """Return sign * M + t I."""
    return [[sign * v + (t if i == j else 0) for j, v in enumerate(row)] for i, row in enumerate(M)]


def rational_rank(M: Sequence[Sequence]) -> int:
    return int(fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row] for row in M]).rank())


def largest_response(M: Sequence[Sequence]) -> Fraction:
    """Return the largest entry that M^-1 z can have for |z_i| <= 1: the largest row sum of |M^-1|."""
    inverse = fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row] for row in M]).inv().tolist()
    return max(sum((abs(Fraction(int(v.p), int(v.q))) for v in row), Fraction(0)) for row in inverse)


def points_are_unit(instance: Powers | Letters) -> Answer:
    return True if isinstance(instance, Letters) else all_unit(instance.points)


def top_bounds_the_norm(instance: Powers | Letters) -> Answer:
    if isinstance(instance, Letters):
        return True
    bounded = positive_semidefinite(shifted(gram(instance.points), instance.top, sign=-1))
    return bounded or Counterexample(f"R has an eigenvalue above {instance.top}")


def tame(instance: Powers | Letters) -> Answer:
    """The five parts of the lemma, in their order; for letters the identity behind the first and the last."""
    m = instance.m
    if isinstance(instance, Letters):
        terms = monomials(instance.x, m)
        sum_of_products = sum(
            k * a * b for (k, a), (_, b) in zip(terms, monomials(instance.z, m), strict=True)
        )
        if len(terms) != comb(len(instance.x) + m - 1, m):
            return Counterexample(f"there are {len(terms)} monomials")
        return equal(inner(instance.x, instance.z) ** m, sum_of_products) or Counterexample(
            "the power is not the inner product of the monomials"
        )
    M, n, d = instance.matrix, len(instance.points), len(instance.points[0])
    s = (n - 1) * coherence(instance.points) ** m
    if not positive_semidefinite(M):
        return Counterexample("(a) fails: the power is not positive semidefinite")
    if not positive_semidefinite(shifted(M, s - 1)):
        return Counterexample(f"(b) fails: an eigenvalue is below {1 - s}")
    if not positive_semidefinite(shifted(M, 1 + s, sign=-1)):
        return Counterexample(f"(b) fails: an eigenvalue is above {1 + s}")
    if not positive_semidefinite(shifted(M, instance.top, sign=-1)):
        return Counterexample(f"(c) fails: the power has an eigenvalue above {instance.top}")
    if s < 1 and largest_response(M) * (1 - s) > 1:
        return Counterexample(f"(d) fails: some |z_i| <= 1 give an entry {largest_response(M)}")
    most = comb(d + m - 1, m)
    rank = rational_rank(M)
    return rank <= most or Counterexample(f"(e) fails: the rank is {rank}, more than {most}")


powers = Claim(
    "bubeck-hadamard-power",
    hypotheses={"unit vectors": points_are_unit, "t bounds the norm of R": top_bounds_the_norm},
    conclusion=tame,
)


def rank_stays(instance: Powers) -> Answer:
    """The wrong version of (e): a power has no more rank than R can have."""
    rank, d = rational_rank(instance.matrix), len(instance.points[0])
    return rank <= d or Counterexample(f"{len(instance.points)} points of R^{d} have a power of rank {rank}")


# --- bubeck-hadamard-rank ---

#: A prime; a rank modulo it is a lower bound for the rank over the rationals.
P = 2**61 - 1


def integer_points(n: int, d: int, most: int = 99) -> tuple[tuple[int, ...], ...]:
    """Return n points of Z^d with coordinates between -most and most, drawn with the seed n."""
    draw = random.Random(n)
    return tuple(tuple(draw.randint(-most, most) for _ in range(d)) for _ in range(n))


def no_more_points_than_monomials(instance: Powers) -> Answer:
    n, d, m = len(instance.points), len(instance.points[0]), instance.m
    most = comb(d + m - 1, m)
    return n <= most or Counterexample(f"{n} points, and {d} variables have {most} monomials of degree {m}")


def power_is_invertible(instance: Powers) -> Answer:
    """The power of an integer Gram matrix is invertible: decided modulo P, and, if that fails, over the rationals."""
    n = len(instance.points)
    if rank_mod(instance.matrix, P) == n:
        return True
    found = rational_rank(instance.matrix)
    return found == n or Counterexample(f"the power has the rank {found} for {n} points")


full_rank = Claim(
    "bubeck-hadamard-rank",
    hypotheses={"n <= (d+m-1 choose m)": no_more_points_than_monomials},
    conclusion=power_is_invertible,
    generic=True,
)


# --- bubeck-ntk-eigen ---


@dataclass(frozen=True)
class Cloud:
    """Points, and the ball for pi with which their kernel is enclosed."""

    points: tuple[Vector, ...]
    pi: arb = field(default_factory=pi_ball)

    @cached_property
    def coherence(self) -> int | Fraction:
        return coherence(self.points)

    @cached_property
    def kernel(self) -> list[list[arb]]:
        """H, in balls: x_i.x_j times the chance that a random gate is open at both; vectors of any length."""
        R = gram(self.points)
        with ctx.workprec(PRECISION):
            return [[self._entry(v, R[i][i] * R[j][j]) for j, v in enumerate(row)] for i, row in enumerate(R)]

    def _entry(self, v: int | Fraction, lengths: int | Fraction) -> arb:
        """Return v (pi - arccos rho) / (2 pi) with rho = v / sqrt(lengths), lengths = |x|^2 |x'|^2."""
        if v * v == lengths:  # parallel: rho is 1 or -1, and a ball around it would leave [-1, 1]
            size, rho = ball(max(v, -v)), arb(1 if v > 0 else -1)
        else:
            size = ball(lengths).sqrt()
            rho = ball(v) * (fmpq(1) / size)
        return kernel_at(rho, self.pi) * size


@dataclass(frozen=True)
class Step:
    """A step of the bound c_q >= 1 / (6 q^(3/2)): a number q, or a letter for the induction."""

    q: Any


def spread(n: int, gamma: int | Fraction) -> arb:
    """Return L = max(2, ln(2n) / ln(1/gamma)); 2 if gamma = 0. Needs gamma < 1."""
    if gamma == 0:
        return arb(2)
    return arb(2).max(arb(2 * n).log() * (fmpq(1) / -ball(gamma).log()))


def eigenvalue_bound(cloud: Cloud) -> arb:
    """Return sqrt(2 / L) / (12 pi), the bound of the proposition; 0 if gamma >= 1."""
    if cloud.coherence >= 1:
        return arb(0)
    with ctx.workprec(PRECISION):
        return (2 * (fmpq(1) / spread(len(cloud.points), cloud.coherence))).sqrt() * (fmpq(1, 12) / cloud.pi)


def sharper_bound(n: int, gamma: int | Fraction, terms: int = 200) -> arb:
    """Return a ball below (1/2pi) sum_q c_q max(0, 1 - (n - 1) gamma^(2q+2)): what the proof has before it rounds.

    From q = `terms` on the factor is taken at `terms`; the sum of these c_q is pi/2 minus that of the others.
    """

    def weight(q: int) -> arb:
        return arb(0).max(1 - (n - 1) * ball(gamma) ** (2 * q + 2))

    with ctx.workprec(PRECISION):
        pi = arb.pi()
        first = [ball(c(q)) for q in range(terms)]
        total = sum((a * weight(q) for q, a in enumerate(first)), arb(0))
        rest = pi * fmpq(1, 2) - sum(first, arb(0))
        return (total + rest * weight(terms)) * (fmpq(1, 2) / pi)


def surely_positive_definite(M: Sequence[Sequence[arb]]) -> bool:
    """Return True if elimination in balls finds every pivot above 0; False if it cannot tell."""
    A = [list(row) for row in M]
    n = len(A)
    for k in range(n):
        if not A[k][k] > 0:
            return False
        inverse = fmpq(1) / A[k][k]
        for i in range(k + 1, n):
            factor = A[i][k] * inverse
            for j in range(i, n):
                A[i][j] -= factor * A[k][j]
                A[j][i] = A[i][j]
    return True


def quotient_of_forms(M: Sequence[Sequence[Any]], r: Sequence[int]) -> arb:
    """Return r.Mr / r.r, a number between the least and the largest eigenvalue of a symmetric M."""
    return sum((inner(r, row) * a for row, a in zip(M, r, strict=True)), arb(0)) * fmpq(1, inner(r, r))


def antipodal_dependency(points: Sequence[Vector]) -> dict[tuple[int, int], int] | None:
    """Return {(i, j): c} with x_j = -x_i and sum c x_i = 0, not all c = 0; None if there is none.

    The kernel is rho/4 plus an even function of rho. So r = c at x_i and -c at -x_i has r.Hr = |sum 2 c x_i|^2 / 4 = 0.
    """
    at = {tuple(x): i for i, x in enumerate(points)}
    opposite = {i: at.get(tuple(-v for v in x)) for i, x in enumerate(points)}
    pairs = [(i, j) for i, j in opposite.items() if j is not None and i < j]
    common = lcm(*(v.denominator for x in points for v in x))
    rows = [[int(v * common) for v in points[i]] for i, _ in pairs]
    relations = kernel(zip(*rows, strict=True)) if rows else []
    return dict(zip(pairs, relations[0], strict=True)) if relations else None


def cloud_is_unit(instance: Cloud | Step) -> Answer:
    return True if isinstance(instance, Step) else all_unit(instance.points)


def coherence_below_one(instance: Cloud | Step) -> Answer:
    if isinstance(instance, Step) or instance.coherence < 1:
        return True
    i, j = next(
        (i, j) for i, j in combinations(range(len(instance.points)), 2)
        if abs(inner(instance.points[i], instance.points[j])) >= 1
    )  # fmt: skip
    return Counterexample(
        f"points {i} and {j} have the inner product {inner(*(instance.points[k] for k in (i, j)))}"
    )


def least_eigenvalue_bounded(instance: Cloud | Step) -> Answer:
    """H - bound I is positive definite in balls, and the bound is above 0; for a step: the bound of c_q."""
    if isinstance(instance, Step):
        return coefficient_bounded(instance.q)
    points = instance.points
    for i, j in combinations(range(len(points)), 2):
        if points[i] == points[j]:
            return Counterexample(f"rows {i} and {j} of H are equal, so H is singular")
    if (relation := antipodal_dependency(points)) is not None:
        return Counterexample(
            f"r.Hr = 0 for the r that is {', '.join(map(str, relation.values()))} at points "
            f"{', '.join(str(i) for i, _ in relation)} and the negative at their antipodes"
        )
    with ctx.workprec(PRECISION):
        bound, H = eigenvalue_bound(instance), instance.kernel
        if bound > 0 and surely_positive_definite(shifted(H, -bound)):
            return True
        r = extreme_vector(H)
        value = quotient_of_forms(H, r)
        if value < bound:
            return Counterexample(
                f"an eigenvalue of H is at most {value.str(2, radius=False)}, "
                f"below {bound.str(2, radius=False)}"
            )
    raise ValueError("the balls are too wide to decide")


def coefficient_bounded(q: Any) -> Answer:
    """c_q >= 1 / (6 q^(3/2)), squared; for a letter the induction step of binom(2q, q) 4^-q >= 1 / (2 sqrt q)."""
    if isinstance(q, int):
        lower = c(q) ** 2 * 36 * q**3
        return lower >= 1 or Counterexample(f"c_{q} is too small: 36 q^3 c_q^2 = {lower}")
    ratio = sympy.Pow((2 * q + 1) * sympy.Pow(2 * q + 2, -1), 2)
    excess = sympy.Pow(4 * (q + 1) ** 2, -1)
    if not equal(ratio, q * sympy.Pow(q + 1, -1) + excess):
        return Counterexample("the squared ratio is not q / (q + 1) + 1 / (4 (q + 1)^2)")
    return True


eigen = Claim(
    "bubeck-ntk-eigen",
    hypotheses={"unit vectors": cloud_is_unit, "gamma < 1": coherence_below_one},
    conclusion=least_eigenvalue_bounded,
)
