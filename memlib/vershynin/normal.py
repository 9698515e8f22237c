"""The normal law for two kinds of numbers: FLINT's balls, which enclose, and sympy's expressions.

Nothing here rounds without saying so: a ball contains the true value.
"""

from fractions import Fraction
from typing import Any

import sympy
from flint import acb, arb, fmpq

from memlib.background.laws import Number

Scalar = Any  # a ball or a sympy expression
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
    return a * (fmpq(1) / b if isinstance(b, arb | acb) else sympy.Pow(b, -1))


def half(x: Scalar) -> Scalar:
    return x * (fmpq(1, 2) if isinstance(x, arb | acb) else sympy.Rational(1, 2))


def density(t: Scalar) -> Scalar:
    """Return the standard normal density exp(-t^2 / 2) / sqrt(2 pi)."""
    if isinstance(t, arb | acb):
        return over((-half(t * t)).exp(), (2 * arb.pi()).sqrt())
    return over(sympy.exp(-half(t**2)), sympy.sqrt(2 * sympy.pi))


def Q(t: Scalar) -> Scalar:
    """Return P(g > t) = erfc(t / sqrt 2) / 2."""
    if isinstance(t, arb | acb):
        return half(over(t, arb(2).sqrt()).erfc())
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
