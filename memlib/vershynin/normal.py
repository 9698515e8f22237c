"""The normal law for two kinds of numbers: FLINT's balls, which enclose, and sympy's expressions.

Nothing here rounds without saying so: a ball contains the true value.
"""

from fractions import Fraction
from functools import lru_cache
from typing import Any

import sympy
from flint import acb, arb, ctx, fmpq

from memlib.background.laws import Number

Scalar = Any  # a ball or a sympy expression
BALLS = (arb, acb)
HALF, MINUS_HALF = fmpq(1, 2), fmpq(-1, 2)
#: When an integral may stop to refine its ball; the ball is right whatever this says.
TOLERANCE: dict[str, Any] = {"rel_tol": arb(fmpq(1, 2**40)), "abs_tol": arb(fmpq(1, 10**200))}


def ball(x: Number | arb) -> arb:
    """Return the number as a ball."""
    return x if isinstance(x, arb) else arb(fmpq(Fraction(x).numerator, Fraction(x).denominator))


def box(low: Number | arb, high: Number | arb) -> arb:
    """Return a ball that contains the interval [low, high]."""
    return ball(low).union(ball(high))


def over(a: Scalar, b: Scalar) -> Scalar:
    """Return a / b for balls or sympy expressions."""
    return a * (fmpq(1) / b if isinstance(b, BALLS) else sympy.Pow(b, -1))


def half(x: Scalar) -> Scalar:
    return x * (HALF if isinstance(x, BALLS) else sympy.Rational(1, 2))


@lru_cache
def _roots(bits: int) -> tuple[arb, arb]:
    """Return 1 / sqrt 2 and 1 / sqrt(2 pi) as balls, for the precision that FLINT works with."""
    return arb(2).rsqrt(), (2 * arb.pi()).rsqrt()


def density(t: Scalar) -> Scalar:
    """Return the standard normal density exp(-t^2 / 2) / sqrt(2 pi)."""
    if isinstance(t, BALLS):
        return (t * t * MINUS_HALF).exp() * _roots(ctx.prec)[1]
    return over(sympy.exp(-half(t**2)), sympy.sqrt(2 * sympy.pi))


def Q(t: Scalar) -> Scalar:
    """Return P(g > t) = erfc(t / sqrt 2) / 2."""
    if isinstance(t, BALLS):
        return (t * _roots(ctx.prec)[0]).erfc() * HALF
    return half(sympy.erfc(over(t, sympy.sqrt(2))))


def moment(r: int, t: Scalar) -> Scalar:
    """Return M_r(t) = E max(g - t, 0)^r, where the power 0 counts [g > t]: integrate by parts.

    M_0 = Q, M_1 = density - t Q, and M_r = (r - 1) M_(r-2) - t M_(r-1).
    """
    low, high = Q(t), density(t) - t * Q(t)
    for k in range(2, r + 1):
        low, high = high, (k - 1) * low - t * high
    return low if r == 0 else high


def shown(x: Scalar) -> str:
    """Write a ball with four digits, a formula as it is."""
    return x.str(4, radius=False) if isinstance(x, arb) else str(x)
