"""Two parallel lines: the second layer parks cars. The mean over all orders, and the grid that tends to Renyi's street.

Means are exact fractions; where the grid is fine, and for Renyi's function, they are FLINT balls.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import ceil
from typing import Any

from flint import arb, fmpq

from memlib.claim import Claim
from memlib.dirksen.geometry import ball_covers
from memlib.dirksen.renyi import M
from memlib.dirksen.scalars import Point, ball, precisely, shown
from memlib.evidence import Answer, Counterexample

# --- the mean over all orders, and the recursion ---


@cache
def mean_over_orders(covers: tuple[int, ...], left: int) -> Fraction:
    """Return the mean number of anchors if the next one is always uniform among the uncovered points `left`.

    A uniform order of all points in which covered ones are skipped has this law. covers : bit sets.
    """
    if not left:
        return Fraction(0)
    anchors = [k for k in range(len(covers)) if left >> k & 1]
    total = sum((mean_over_orders(covers, left & ~covers[k]) for k in anchors), Fraction(0))
    return 1 + total * Fraction(1, len(anchors))


def grid_means(N: int, c: int, one: Any = Fraction(1)) -> list:
    """Return E(0), ..., E(N): E(k) = 1 + 2/k (E(0) + ... + E(k - c)), E(0) = 0. one : of the wanted number type."""
    E, sums = [0 * one], [0 * one]  # sums[k] = E(0) + ... + E(k)
    for k in range(1, N + 1):
        E.append(one + (2 * sums[k - c] * fmpq_or_fraction(one, k) if k >= c else 0))
        sums.append(sums[-1] + E[-1])
    return E


def fmpq_or_fraction(one: Any, k: int) -> Any:
    return Fraction(1, k) if isinstance(one, Fraction) else fmpq(1, k)


# --- dirksen-parking ---


@dataclass(frozen=True)
class Street:
    """Two classes of points of the plane and the distance rho of their lines."""

    minus: tuple[Point, ...]
    plus: tuple[Point, ...]
    rho: Fraction


@dataclass(frozen=True)
class Fine:
    """The grid of N points, c to the unit length: what the recursion and Renyi's function say; balls."""

    N: int
    c: int
    mean: arb
    renyi: arb


def street(N: int, rho: Fraction) -> Street:
    """Return the N points (0, 0), (1, 0), ... and the same points at height rho."""
    rho = Fraction(rho)
    return Street(tuple((k, 0) for k in range(N)), tuple((k, rho) for k in range(N)), rho)


@precisely
def fine(N: int, c: int) -> Fine:
    """Return E_c(N) and M(1 + N / c), enclosed."""
    return Fine(N, c, grid_means(N, c, arb(1))[N], M(1 + Fraction(N, c)))


def evenly_spaced(it: Street | Fine) -> Answer:
    if isinstance(it, Fine):
        return True
    for k, x in enumerate(it.minus):
        if tuple(x) != (k, 0):
            return Counterexample(f"point {k} of X^- is ({', '.join(map(str, x))})")
    return True


def everybody_has_an_opposite(it: Street | Fine) -> Answer:
    if isinstance(it, Fine):
        return True
    opposite = {(x[0], it.rho) for x in it.minus}
    if it.rho <= 0:
        return Counterexample(f"rho is {it.rho}")
    if set(it.plus) != opposite:
        return Counterexample("X^+ is not X^- moved up by rho")
    return True


@precisely
def mean_is_parking(it: Street | Fine) -> Answer:
    """The mean over all orders is E_c(N), c = ceil(rho); and 0 <= E_c(N) - M(1 + N/c) <= (N - c)^+ / c^2."""
    if isinstance(it, Street):
        N, c = len(it.minus), ceil(it.rho)
        mean = mean_over_orders(tuple(ball_covers(it.minus, it.plus)), (1 << N) - 1)
        E = grid_means(N, c)[N]
        return mean == E or Counterexample(f"the mean over all orders is {mean}, the recursion gives {E}")
    gap, bound = it.mean - it.renyi, arb(fmpq(max(0, it.N - it.c), it.c**2))
    if gap > bound or gap < 0:
        return Counterexample(f"E - M is {shown(gap)}, the bound is {shown(bound)}")
    large = 2 * it.c < it.N  # else E and M are equal, and the balls say so
    if large and not 0 <= gap <= bound:
        raise ArithmeticError(f"the balls are too wide to tell: {gap}")
    return True


parking = Claim(
    "dirksen-parking",
    hypotheses={
        "X^- is (0, 0), (1, 0), ..., (N - 1, 0)": evenly_spaced,
        "X^+ is X^- moved up by rho": everybody_has_an_opposite,
    },
    conclusion=mean_is_parking,
)


def formula(L: Fraction, C: arb) -> arb:
    """Return C (L + 2) - 1, what Renyi's theorem says about M(L + 1) for large L."""
    return C * ball(L + 2) - 1
