"""What the claims of the page are decided with: points in integers, and binomial tails in ball arithmetic."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

from flint import arb, ctx, fmpz_mat

from memlib.evidence import Answer, Counterexample
from memlib.vershynin.normal import ball, box, over, shown
from memlib.vershynin.sparsity import Pair

#: Bits of the balls. The logarithm of m! has log2(m ln m) of them before the point, and m reaches 10^18.
BITS = 160


def precise(function: Callable) -> Callable:
    """Let a function compute with BITS bits."""
    return ctx.workprec(BITS)(function)


@dataclass(frozen=True)
class Points:
    """The points row / sqrt(square), one for each row of integers."""

    rows: tuple[tuple[int, ...], ...]
    square: int

    @cached_property
    def gram(self) -> list[list[int]]:
        """The inner products of the rows."""
        X = fmpz_mat([list(row) for row in self.rows])
        return [[int(c) for c in row] for row in (X * X.transpose()).tolist()]

    @property
    def pairs(self) -> list[tuple[int, int]]:
        return [(i, k) for k in range(len(self.rows)) for i in range(k)]


def star(K: int, common: int, *own: int) -> Points:
    """Return K unit vectors with inner products common^2 / (common^2 + |own|^2).

    Each has the coordinate `common` in one common direction, and the coordinates `own` in directions of its own.
    """
    n = len(own)
    rows = [(common, *[0] * (n * k), *own, *[0] * (n * (K - 1 - k))) for k in range(K)]
    return Points(tuple(rows), common**2 + sum(c * c for c in own))


def codewords(K: int, length: int, seed: int) -> Points:
    """Return K random vectors of signs, divided by the root of their length."""
    draw = random.Random(seed)
    return Points(tuple(tuple(draw.choice((1, -1)) for _ in range(length)) for _ in range(K)), length)


def squared_separation(points: Points) -> Fraction:
    """Return delta^2, the least squared distance of two of the points."""
    A = points.gram
    return Fraction(min(A[i][i] + A[k][k] - 2 * A[i][k] for i, k in points.pairs), points.square)


def number_of(points: Points | int) -> int:
    return points if isinstance(points, int) else len(points.rows)


def integer(x: arb) -> int:
    found = x.unique_fmpz()
    if found is None:
        raise ArithmeticError(f"{x} is no integer")
    return int(found)


def ceiling(x: arb) -> int:
    """Return the least integer that is certainly at least x."""
    return integer(x.upper().ceil())


def from_integer(x: arb) -> int:
    """Return an integer a such that every integer N >= x has N >= a."""
    return integer(x.lower().ceil())


def to_integer(x: arb) -> int:
    """Return an integer a such that every integer N <= x has N <= a."""
    return integer(x.upper().floor())


@precise
def upper_tail(m: int, p: arb, a: int) -> arb:
    """Enclose P(X >= a) for X ~ Bin(m, p): its first term, and at most a geometric series from there.

    The quotient of the terms a + 1 and a is (m - a) p / ((a + 1)(1 - p)), and it decreases with a.
    """
    if a <= 0 or a > m:
        return ball(int(a <= 0))
    quotient = over((m - a) * p, (a + 1) * (1 - p))
    if not quotient < 1:
        return box(0, 1)
    whole, part = ball(m), ball(a)
    choices = (whole + 1).lgamma() - (part + 1).lgamma() - (whole - part + 1).lgamma()
    first = (choices + part * p.log() + (whole - part) * (1 - p).log()).exp()
    return first.union(over(first, 1 - quotient))


@precise
def lower_tail(m: int, p: arb, a: int) -> arb:
    """Enclose P(X <= a): m - X is Bin(m, 1 - p), and at least m - a."""
    return upper_tail(m, 1 - p, m - a)


@lru_cache(maxsize=1024)
def firing_together(b: arb, rho: Fraction | arb) -> arb:
    """Enclose P(g > b, h > b) for standard normals with correlation rho, by its definition as an integral."""
    with ctx.workprec(64):  # the integral aims at 40 bits
        return Pair(b, ball(rho)).by_definition[0]


def logarithm(x: Fraction | int) -> arb:
    return ball(x).log()


def pairs_of(K: int) -> arb:
    return ball(K * (K - 1) // 2)


def there_are_two(x: Any) -> Answer:
    """Decide K >= 2 on an instance with points, or with a number of them."""
    K = number_of(x.points) if hasattr(x, "points") else 2
    return K >= 2 or Counterexample(f"K is {K}")


def at_most_beta(failure: arb, beta: Fraction) -> Answer:
    return bool(failure < ball(beta)) or Counterexample(f"the union bound is {shown(failure)}")
