"""Gardner's integral and its closed form, in sympy: what a margin kappa costs."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from memlib.evidence import Answer, Counterexample, equal


@dataclass(frozen=True)
class Margin:
    """The symbols kappa and t of the integral of (t + kappa)^2 phi(t) from -kappa to infinity."""

    kappa: Any
    t: Any


def density(t: Any) -> Any:
    from sympy import exp, pi, sqrt

    return Fraction(1) / sqrt(2 * pi) * exp(-t * t * Fraction(1, 2))


def distribution(t: Any) -> Any:
    from sympy import erf, sqrt

    return Fraction(1, 2) * (1 + erf(Fraction(1) / sqrt(2) * t))


def primitive_function(k: Any, t: Any, sign: int = 1) -> Any:
    """Return (1 + k^2) Phi(t) - (t + 2 k) phi(t), whose derivative in t is (t + k)^2 phi(t); k -> -k for sign = -1."""
    return (1 + k * k) * distribution(t) - (t + 2 * sign * k) * density(t)


def inverse_capacity(k: Any) -> Any:
    """Return 1 / alpha_c(k) = (1 + k^2) Phi(k) + k phi(k)."""
    return (1 + k * k) * distribution(k) + k * density(k)


def gardner_formula(it: Margin) -> Answer:
    """The integral is 1/alpha_c, which is 1/2 at 0 and has the derivative 2 (kappa Phi + phi)."""
    from sympy import Rational, diff, limit, oo

    k, t = it.kappa, it.t
    F = primitive_function(k, t)
    steps = {
        "the primitive function": (diff(F, t), (t + k) ** 2 * density(t)),
        "its values at the ends": (limit(F, t, oo) - F.subs(t, -k), inverse_capacity(k)),
        "the value at 0": (inverse_capacity(k).subs(k, 0), Rational(1, 2)),
        "the derivative": (diff(inverse_capacity(k), k), 2 * (k * distribution(k) + density(k))),
        "the limit of 1/(kappa^2 alpha_c)": (limit(inverse_capacity(k) * (Fraction(1) / k**2), k, oo), 1),
    }
    bad = [what for what, (left, right) in steps.items() if not equal(left, right)]
    return not bad or Counterexample(f"{bad[0]} is wrong")


def other_sign(it: Margin) -> Answer:
    """The integral of (t - kappa)^2 phi from kappa on, by the same primitive function with -kappa: also 1/alpha_c?"""
    from sympy import limit, oo

    G = primitive_function(it.kappa, it.t, sign=-1)
    integral = limit(G, it.t, oo) - G.subs(it.t, it.kappa)
    half = arb(fmpq(1, 2))
    tail, density_at_one = half * (1 - half.sqrt().erf()), fmpq(1) / (2 * arb.pi()).sqrt() * (-half).exp()
    value = fmpq(1) / (2 * tail - density_at_one)
    return equal(integral, inverse_capacity(it.kappa)) or Counterexample(
        f"at kappa = 1 the formula would be {value.str(3, radius=False)}, above alpha_c(0) = 2"
    )
