"""Numbers of two kinds for the pages on random hyperplanes: FLINT's balls, which enclose, and sympy's expressions."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy
from flint import acb, arb, ctx, fmpq

Number = int | Fraction
Point = tuple[Number, ...]
Scalar = Any  # a ball or a sympy expression
#: When an integral may stop to refine its ball; the ball is right whatever this says.
TOLERANCE: dict[str, Any] = {"rel_tol": arb(fmpq(1, 2**110)), "abs_tol": arb(fmpq(1, 2**300))}
TIGHT = fmpq(1, 10**25)
BITS = 160


def precisely(function: Callable) -> Callable:
    """Make a function compute its balls with BITS binary digits."""
    return ctx.workprec(BITS)(function)


@precisely
def ball(x: Number | arb) -> arb:
    """Return the number as a ball."""
    return x if isinstance(x, arb) else arb(fmpq(Fraction(x).numerator, Fraction(x).denominator))


def over(a: Scalar, b: Scalar) -> Scalar:
    """Return a / b for balls or sympy expressions."""
    return a * (fmpq(1) / b if isinstance(b, arb | acb) else sympy.Pow(b, -1))


def dot(x: Point, y: Point) -> Fraction:
    return Fraction(sum(a * b for a, b in zip(x, y, strict=True)))


def shown(x: Scalar) -> str:
    """Write a ball with four digits, a formula as it is."""
    return x.str(4, radius=False) if isinstance(x, arb) else str(x)


@precisely
def integral(f: Callable, a: arb, b: arb) -> arb:
    """Enclose the integral of f from a to b; f(z, analytic) takes complex balls."""
    return acb.integral(f, a, b, **TOLERANCE).real


def exp(x: Scalar) -> Scalar:
    return x.exp() if isinstance(x, arb | acb) else sympy.exp(x)


def erf(x: Scalar) -> Scalar:
    return x.erf() if isinstance(x, arb | acb) else sympy.erf(x)


def root(x: Scalar, analytic: bool = False) -> Scalar:
    if isinstance(x, acb):
        return x.sqrt(analytic=analytic)
    return x.sqrt() if isinstance(x, arb) else sympy.sqrt(x)


def pi_like(x: Scalar) -> Scalar:
    return arb.pi() if isinstance(x, arb | acb) else sympy.pi


def half_square(x: Scalar) -> Scalar:
    return over(x * x, arb(2) if isinstance(x, arb | acb) else sympy.Integer(2))


@precisely
def agree(a: arb, b: arb, width: fmpq = TIGHT) -> bool:
    """Two enclosures overlap, and both are tight: so the numbers differ by less than 3 |b| width."""
    tight = all(x.rad() <= abs(x.mid()) * width for x in (a, b))
    return bool(tight and a.overlaps(b))
