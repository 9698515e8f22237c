"""F(kappa, l) = E |G| [|Z| <= l] for two correlated normals: its closed form, its definition, the steps between."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from flint import acb, arb

from memlib.dirksen.scalars import (
    Scalar,
    agree,
    ball,
    erf,
    exp,
    half_square,
    integral,
    over,
    pi_like,
    precisely,
    root,
    shown,
)
from memlib.evidence import Answer, Counterexample, equal


@dataclass(frozen=True)
class Correlated:
    """A correlation kappa and a level l: numbers (l a ball), or sympy expressions."""

    kappa: Any
    l: Any


def F_closed(kappa: Scalar, l: Scalar) -> Scalar:
    """Return E |G| [|Z| <= l] for standard normals with correlation kappa: the closed form."""
    s = root(2 * (1 - kappa * kappa))
    bracket = erf(over(l, s)) - kappa * exp(-half_square(l)) * erf(over(kappa * l, s))
    return root(over(2 + 0 * l, pi_like(l))) * bracket


def F_without_kappa(kappa: Scalar, l: Scalar) -> Scalar:
    """Return the closed form with the factor kappa forgotten; it is wrong."""
    s = root(2 * (1 - kappa * kappa))
    bracket = erf(over(l, s)) - exp(-half_square(l)) * erf(over(kappa * l, s))
    return root(over(2 + 0 * l, pi_like(l))) * bracket


def F_slope(kappa: Scalar, l: Scalar) -> Scalar:
    """Return the derivative of F in kappa: -2 phi(l) erf(kappa l / sqrt(2 (1 - kappa^2)))."""
    s = root(2 * (1 - kappa * kappa))
    return -over(2 * exp(-half_square(l)), root(2 * pi_like(l))) * erf(over(kappa * l, s))


def F_by_definition(kappa: arb, l: arb) -> arb:
    """Enclose F by an integral over Z: given Z = z, G is normal with mean kappa z and variance 1 - kappa^2."""
    s, two = root(1 - kappa * kappa), arb(2)

    def given(z: acb, _: bool) -> acb:
        m = kappa * z
        mean = s * root(over(two, arb.pi())) * exp(-half_square(m * over(arb(1), s)))
        mean += m * erf(m * over(arb(1), s * root(two)))
        return exp(-half_square(z)) * mean

    return 2 * over(integral(given, arb(0), l), root(2 * arb.pi()))


def exponent(g: Any, z: Any, kappa: Any) -> Any:
    """The exponent of the density of two standard normals with correlation kappa, without its sign."""
    return over(g**2 - 2 * kappa * g * z + z**2, 2 * (1 - kappa**2))


def bivariate(g: Any, z: Any, kappa: Any) -> Any:
    """The density of two standard normals with correlation kappa."""
    return over(sympy.exp(-exponent(g, z, kappa)), 2 * sympy.pi * sympy.sqrt(1 - kappa**2))


def F_is(it: Correlated, closed: Callable) -> Answer:
    """Decide that `closed` is F: in letters by the steps of the proof, in numbers against the definition."""
    return _steps_hold(it, closed) if hasattr(it.kappa, "free_symbols") else _values_agree(it, closed)


def _steps_hold(it: Correlated, closed: Callable) -> Answer:
    (g, z, k), l = sympy.symbols("g z k", real=True), it.l
    joint, sigma = bivariate(g, z, k), sympy.Symbol("sigma", positive=True)
    steps = [
        ("Plackett's identity", sympy.diff(joint, k), sympy.diff(joint, g, z)),
        ("the reflection", exponent(g, -l, k), exponent(-g, l, k)),
        (
            "the law of G given Z = l",
            exponent(g, l, k),
            over((g - k * l) ** 2, 2 * (1 - k**2)) + half_square(l),
        ),
        (
            "the mean of a sign",
            sympy.diff(sympy.erf(over(g, sympy.sqrt(2) * sigma)), g),
            over(2 * sympy.exp(-over(g**2, 2 * sigma**2)), sympy.sqrt(2 * sympy.pi) * sigma),
        ),
        ("the derivative", sympy.diff(closed(k, l), k).subs(k, it.kappa), F_slope(it.kappa, l)),
        (
            "the value at kappa = 0",
            closed(sympy.Integer(0), l),
            sympy.sqrt(over(2, sympy.pi)) * sympy.erf(over(l, sympy.sqrt(2))),
        ),
        (
            "the limit at kappa = 1",
            sympy.limit(closed(k, l), k, 1, "-"),
            sympy.sqrt(over(2, sympy.pi)) * (1 - sympy.exp(-half_square(l))),
        ),
    ]
    wrong = [name for name, left, right in steps if not equal(left, right)]
    return not wrong or Counterexample(f"{wrong[0]} does not come out")


@precisely
def _values_agree(it: Correlated, closed: Callable) -> Answer:
    kappa = ball(it.kappa)
    value, truth = closed(kappa, it.l), F_by_definition(kappa, it.l)
    if not agree(value, truth):
        return Counterexample(f"the integral is {shown(truth)}, the closed form {shown(value)}")
    larger = ball(Fraction(it.kappa + 1, 2))
    if not F_by_definition(larger, it.l) < truth:
        return Counterexample(f"F does not decrease from kappa = {it.kappa} on")
    return True
