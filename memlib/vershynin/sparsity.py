"""What a biased Gaussian neuron does to two points: it fires rarely, and on two points almost independently.

g, h are standard normal with correlation rho, b is the bias, psi_0(t) = [t > 0], psi_1(t) = max(t, 0).
Formulas are decided by sympy, numbers by FLINT's balls (`normal`), binomial and sign tails exactly (`counts`).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any

import sympy
from flint import acb, arb, fmpq

from memlib.background.exponential import sign_of_exponentials
from memlib.background.laws import Number
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal
from memlib.vershynin.counts import (
    a_and_mu_are_positive,
    chapter_tails,
    signs_are_fair,
    signs_are_independent,
    tau_is_at_most_one,
)
from memlib.vershynin.normal import TOLERANCE, Q, Scalar, ball, box, density, half, moment, over, shown

# --- vershynin-gauss-tail ---


def t_is_positive(t: Scalar) -> Answer:
    positive = bool(t > 0) if isinstance(t, arb) else bool(t.is_positive)
    return positive or Counterexample(f"t is {shown(t)}")


def mills_differences(t: Scalar) -> dict[str, tuple[Scalar, Scalar]]:
    """List the differences of (a) and (b), larger minus smaller side, and their derivatives over the density."""
    phi, tail = density(t), Q(t)
    return {
        "phi(t)/t - Q(t)": (over(phi, t) - tail, over(-1, t**2)),
        "Q(t) - t phi(t)/(1 + t^2)": (tail - over(t * phi, 1 + t**2), over(-2, (1 + t**2) ** 2)),
        "(t^2 + 2) phi(t)/(t^3 + 3 t) - Q(t)": (
            over((t**2 + 2) * phi, t**3 + 3 * t) - tail,
            over(-6, t**2 * (t**2 + 3) ** 2),
        ),
    }


def mills_in_symbols(t: sympy.Symbol) -> Answer:
    """Decide (a), (b): each difference tends to 0, term by term, and its derivative is negative, so it is positive."""
    for name, (difference, quotient) in mills_differences(t).items():
        if not equal(sympy.diff(difference, t), density(t) * quotient):
            return Counterexample(f"the derivative of {name} is another one")
        limits = [sympy.limit(term, t, sympy.oo) for term in sympy.Add.make_args(difference)]
        if not quotient.is_negative or any(limits):
            return Counterexample(f"{name} does not decrease to 0")
    return True


def monotone_in_symbols(t: sympy.Symbol) -> Answer:
    """Decide (c), (d): the derivatives are -exp(t^2/2) M_(r+1) and exp(t^2/2) (1 + t^2) times a difference of (a)."""
    grow = sympy.exp(half(t**2))
    for r in range(4):
        if not equal(sympy.diff(grow * moment(r, t), t), -grow * moment(r + 1, t)):
            return Counterexample(f"the derivative of exp(t^2/2) M_{r}(t) is not -exp(t^2/2) M_{r + 1}(t)")
    positive = mills_differences(t)["Q(t) - t phi(t)/(1 + t^2)"][0]
    if not equal(sympy.diff(t * grow * Q(t), t), grow * (1 + t**2) * positive):
        return Counterexample("the derivative of t exp(t^2/2) Q(t) is another one")
    return True


def tails_in_balls(t: arb) -> Answer:
    """Decide (a), (b) and the signs of the derivatives in (c), (d) at one number, or on a whole ball."""
    for name, (difference, _) in mills_differences(t).items():
        if not difference > 0:
            return Counterexample(f"{name} is {shown(difference)} at t = {shown(t)}")
    for r in range(5):
        if not moment(r, t) > 0:
            return Counterexample(f"M_{r}(t) is {shown(moment(r, t))} at t = {shown(t)}")
    return True


def gauss_tail_holds(t: Scalar) -> Answer:
    if isinstance(t, arb):
        return tails_in_balls(t)
    found = mills_in_symbols(t)
    return monotone_in_symbols(t) if found is True else found


gauss_tail = Claim("vershynin-gauss-tail", hypotheses={"t > 0": t_is_positive}, conclusion=gauss_tail_holds)


def lower_bound_phi_over_t(t: arb) -> Answer:
    """The wrong version of (a) with phi(t)/t as a lower bound."""
    gap = Q(t) - over(density(t), t)
    return bool(gap > 0) or Counterexample(f"Q(t) - phi(t)/t is {shown(gap)} at t = {shown(t)}")


def faster_weight(t: arb) -> Answer:
    """The wrong version of (c) with exp(t^2): its derivative is exp(t^2) (2 t Q - density)."""
    slope = 2 * t * Q(t) - density(t)
    return bool(slope < 0) or Counterexample(f"exp(t^2) Q(t) increases at t = {shown(t)}")


# --- vershynin-plackett, vershynin-decorrelate, vershynin-near-indep: two points ---


@dataclass(frozen=True)
class Pair:
    """Two standard normals with correlation rho, and a bias b; exact balls or symbols."""

    b: Scalar
    rho: Scalar

    @cached_property
    def by_definition(self) -> tuple[arb, arb]:
        """Enclose P = P(g > b, h > b) and E = E (g - b)_+ (h - b)_+: average over h for given g.

        Given g = x, h is normal with mean rho x and variance s^2 = 1 - rho^2. The integral over x ends at
        c = max(b, 0) + 30. The rest of P is at most Q(c). The rest of E is, by Cauchy and Schwarz, at most the
        root of M_2(b) E (g - b)^2 [g > c], and (g - b)^2 <= 2 g^2 + 2 b^2, E g^2 [g > c] = c density(c) + Q(c).
        """
        b, rho = self.b, self.rho
        s, c = (1 - rho * rho).sqrt(), b.max(arb(0)) + 30

        def given(x: acb, _: bool) -> acb:
            return density(x) * Q(over(b - rho * x, s))

        def given_weighted(x: acb, _: bool) -> acb:
            return density(x) * (x - b) * s * moment(1, over(b - rho * x, s))

        P = acb.integral(given, b, c, **TOLERANCE).real
        E = acb.integral(given_weighted, b, c, **TOLERANCE).real
        tail = Q(c)
        far = (2 * moment(2, b) * (c * density(c) + (1 + b * b) * tail)).sqrt()
        return P.union(P + tail), E.union(E + far)

    @cached_property
    def by_plackett(self) -> tuple[arb, arb]:
        """Enclose P and E by integrating Plackett's identity from 0 to rho, with rho = sin(angle).

        P = Q^2 + J_0 and E = M_1^2 + rho Q^2 + J_1, where J_0, J_1 are the integrals of k and (rho - sin) k,
        k(angle) = exp(-b^2 / (1 + sin(angle))) / (2 pi).
        """
        b, rho, end = self.b, self.rho, self.rho.asin()

        def kernel(z: acb) -> acb:
            return over((-over(b * b, 1 + z.sin())).exp(), 2 * arb.pi())

        J0 = acb.integral(lambda z, _: kernel(z), 0, end, **TOLERANCE).real
        J1 = acb.integral(lambda z, _: (rho - z.sin()) * kernel(z), 0, end, **TOLERANCE).real
        return Q(b) ** 2 + J0, moment(1, b) ** 2 + rho * Q(b) ** 2 + J1


def rho_is_inside(pair: Any) -> Answer:
    rho = pair.rho
    inside = abs(rho) < 1 if isinstance(rho, arb) else sympy.simplify(1 - rho**2).is_positive
    inside = bool(inside)
    return inside or Counterexample(f"rho is {shown(rho)}")


# --- vershynin-plackett ---


@dataclass(frozen=True)
class Density:
    """The density of two centred normals of the same variance with correlation rho, in symbols.

    rho : a formula in a real symbol u with values in (-1, 1), such as u / sqrt(1 + u^2), which takes them all.
    """

    x: Any
    y: Any
    rho: Any
    variance: Any = sympy.S.One

    @property
    def logarithm(self) -> Any:
        """ln f(x, y)."""
        x, y, rho, v = self.x, self.y, self.rho, self.variance
        exponent = over(-(x**2 - 2 * rho * x * y + y**2), 2 * v * (1 - rho**2))
        return exponent - sympy.log(2 * sympy.pi * v) - half(sympy.log(1 - rho**2))


def variances_are_one(instance: Density | Pair) -> Answer:
    if isinstance(instance, Pair):
        return True
    return equal(instance.variance, 1) or Counterexample(f"the variance is {instance.variance}")


def plackett_holds(instance: Density | Pair) -> Answer:
    """In symbols: the differential equation of the density, and its value at (b, b). In balls: P and E.

    The identity is one of rational functions, so the formula for rho, which keeps it inside (-1, 1), may be replaced
    by a letter: sympy is five times as fast without the root.
    """
    if isinstance(instance, Density):
        x, y, rho = instance.x, instance.y, sympy.Symbol("rho", real=True)
        L = replace(instance, rho=rho).logarithm
        mixed = sympy.diff(L, x, y) + sympy.diff(L, x) * sympy.diff(L, y)  # f_xy / f, and f > 0
        if not equal(sympy.diff(L, rho), mixed):
            return Counterexample("the derivative in rho is not the mixed derivative in x and y")
        corner = over(-(x**2), 1 + rho) - sympy.log(2 * sympy.pi) - half(sympy.log(1 - rho**2))
        return equal(L.subs(y, x), corner) or Counterexample("the density at (b, b) is another one")
    names = ("P(g > b, h > b)", "E (g - b)_+ (h - b)_+")
    for name, one, other in zip(names, instance.by_definition, instance.by_plackett, strict=True):
        if not abs(one - other) < fmpq(1, 10**12):
            return Counterexample(f"{name} is {shown(one)}, the integrated identity gives {shown(other)}")
    return True


plackett = Claim(
    "vershynin-plackett",
    hypotheses={"|rho| < 1": rho_is_inside, "the variances are 1": variances_are_one},
    conclusion=plackett_holds,
)


# --- vershynin-decorrelate ---


def b_is_nonnegative(pair: Pair) -> Answer:
    return bool(pair.b >= 0) or Counterexample(f"b is {shown(pair.b)}")


def decorrelation_bounds(pair: Pair) -> tuple[arb, arb]:
    """Return ((1 + rho)/2)^r exp(-b^2/2 (1 - rho)/(1 + rho)) M_(2r)(b) for r = 0, 1."""
    b, rho = pair.b, pair.rho
    decay = (-half(b * b) * over(1 - rho, 1 + rho)).exp()
    return decay * Q(b), half(1 + rho) * decay * moment(2, b)


def is_decorrelated(pair: Pair) -> Answer:
    bounds = decorrelation_bounds(pair)
    for r, (value, bound) in enumerate(zip(pair.by_definition, bounds, strict=True)):
        if not value <= bound:
            return Counterexample(f"for r = {r} the left side is {shown(value)}, the bound {shown(bound)}")
    return True


def shares_at_most(b: Number, delta: Number, share: Number) -> bool:
    """Decide exp(-(b^2 / 2) delta^2 / (4 - delta^2)) <= share: what (a) promises two points at distance delta."""
    b, delta = Fraction(b), Fraction(delta)
    exponent = -b * b * Fraction(1, 2) * delta * delta / Fraction(4 - delta * delta)
    return sign_of_exponentials([(1, exponent), (-Fraction(share), 0)]) <= 0


def decorrelated_without_factor(pair: Pair) -> Answer:
    """A wrong version: the exponent without its 1/2, that is exp(-b^2 (1 - rho)/(1 + rho))."""
    b, rho = pair.b, pair.rho
    bound = (-b * b * over(1 - rho, 1 + rho)).exp() * Q(b)
    value = pair.by_definition[0]
    return bool(value <= bound) or Counterexample(f"P is {shown(value)}, the bound {shown(bound)}")


decorrelate = Claim(
    "vershynin-decorrelate",
    hypotheses={"b >= 0": b_is_nonnegative, "-1 < rho < 1": rho_is_inside},
    conclusion=is_decorrelated,
)


# --- vershynin-near-indep ---


@dataclass(frozen=True)
class Sparse:
    """All biases of [low, high], with rho = product / b^2."""

    low: arb
    high: arb
    product: arb

    @property
    def b(self) -> arb:
        return box(self.low, self.high)

    @property
    def rho(self) -> arb:
        return over(self.product, self.b * self.b)

    @cached_property
    def ratios(self) -> tuple[arb, arb]:
        """Enclose P / Q^2 and E / M_1^2 for all these biases: `by_plackett`, divided before it is evaluated.

        density^2 / Q^2 is pulled out of the integrals, where exp(-b^2/(1 + sin)) = exp(-b^2) exp(b^2 sin/(1 + sin)).
        """
        b, rho, end = self.b, self.rho, self.rho.asin()
        mills = self.between(lambda t: over(density(t), Q(t)))
        slope = self.between(lambda t: over(Q(t), moment(1, t)))

        def kernel(z: acb) -> acb:
            return (b * b * over(z.sin(), 1 + z.sin())).exp()

        J0 = acb.integral(lambda z, _: kernel(z), 0, end, **TOLERANCE).real
        J1 = acb.integral(lambda z, _: (rho - z.sin()) * kernel(z), 0, end, **TOLERANCE).real
        return 1 + mills**2 * J0, 1 + slope**2 * (rho + mills**2 * J1)

    def between(self, increasing: Callable[[arb], arb]) -> arb:
        """Return the range of an increasing function on the interval of biases."""
        return increasing(self.low).union(increasing(self.high))


def b_is_at_least_two(s: Sparse) -> Answer:
    return bool(s.low >= 2) or Counterexample(f"b is {shown(s.low)}")


def product_is_small(s: Sparse) -> Answer:
    return bool(s.product <= fmpq(1, 4)) or Counterexample(f"rho b^2 is {shown(s.product)}")


def nearly_independent_with(s: Sparse, threshold: fmpq, relu: fmpq) -> Answer:
    for name, ratio, most in zip(("P/Q^2", "E/M_1^2"), s.ratios, (threshold, relu), strict=True):
        if not ratio <= most:
            return Counterexample(f"{name} is {shown(ratio)} for b near {shown(s.b.mid())}")
    return True


def is_nearly_independent(s: Sparse) -> Answer:
    return nearly_independent_with(s, fmpq(151, 100), fmpq(185, 100))


near_indep = Claim(
    "vershynin-near-indep",
    hypotheses={
        "b >= 2": b_is_at_least_two,
        "-1 < rho < 1": rho_is_inside,
        "rho b^2 <= 1/4": product_is_small,
    },
    conclusion=is_nearly_independent,
)


def biases(low: int, high: int, parts: int, product: Number) -> list[Sparse]:
    """Cut [low, high] into boxes of length 1/parts, each with rho b^2 = product."""
    edges = [ball(Fraction(low * parts + k, parts)) for k in range((high - low) * parts + 1)]
    return [Sparse(a, c, ball(product)) for a, c in pairwise(edges)]


# --- vershynin-chernoff ---


chernoff = Claim(
    "vershynin-chernoff",
    hypotheses={
        "0 < tau <= 1": tau_is_at_most_one,
        "a > 0 and mu > 0": a_and_mu_are_positive,
        "the signs are fair": signs_are_fair,
        "the signs are independent": signs_are_independent,
    },
    conclusion=chapter_tails,
)
