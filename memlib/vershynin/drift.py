"""How a layer with a fixed bias magnifies differences of the norms: the predicates of vershynin-norm-drift."""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import sympy
from flint import arb

from memlib.evidence import Answer, Counterexample, equal
from memlib.vershynin.normal import Q, Scalar, ball, box, density, half, moment, over, shown


def threshold_growth(b: Scalar) -> Scalar:
    """Return the elasticity b density(b) / (2 Q(b)) of Q(b / r) with respect to r^2, at r = 1."""
    return half(over(b * density(b), Q(b)))


def relu_growth(b: Scalar) -> Scalar:
    """Return the elasticity 1 + b M_1(b) / M_2(b) of r^2 M_2(b / r) with respect to r^2, at r = 1."""
    return 1 + over(b * moment(1, b), moment(2, b))


@dataclass(frozen=True)
class Biases:
    """All biases between two numbers."""

    low: arb
    high: arb

    @property
    def b(self) -> arb:
        return box(self.low, self.high)


#: The bias at which the elasticity of a threshold layer is 1, between two decimals.
CRITICAL = (Fraction(119060, 100000), Fraction(119061, 100000))
#: Q there: the critical share of neurons that fire.
CRITICAL_SHARE = (Fraction(116903, 10**6), Fraction(116906, 10**6))


def bias_is_positive(x: Biases | sympy.Symbol) -> Answer:
    positive = bool(x.low > 0) if isinstance(x, Biases) else bool(x.is_positive)
    return positive or Counterexample(f"b is {shown(x.low) if isinstance(x, Biases) else x}")


def growth_in_symbols(b: sympy.Symbol) -> Answer:
    """Decide the two derivatives, and that of b lambda(b), lambda = density / Q: it is lambda (1 + b (lambda - b)).

    In the letter s = ln r^2 the squared norm is exp(s), so that b / r is b exp(-s / 2).
    """
    s = sympy.Symbol("s", real=True)
    seen, mills = b * sympy.exp(-half(s)), over(density(b), Q(b))
    means = {
        "threshold": (sympy.log(Q(seen)), threshold_growth(b)),
        "ReLU": (s + sympy.log(moment(2, seen)), relu_growth(b)),
    }
    for name, (logarithm_of_mean, growth) in means.items():
        if not equal(sympy.diff(logarithm_of_mean, s).subs(s, 0), growth):
            return Counterexample(f"the elasticity of a {name} layer is another one")
    if not equal(sympy.diff(b * mills, b), mills * (1 + b * (mills - b))):
        return Counterexample("the derivative of b lambda(b) is another one")
    return True


def growth_in_balls(x: Biases) -> Answer:
    """Decide that b lambda(b) increases on the whole interval; at its ends the two bounds, the side of 1, and ReLU."""
    b, low, high = x.b, threshold_growth(x.low), threshold_growth(x.high)
    mills = over(density(b), Q(b))
    if not mills * (1 + b * (mills - b)) > 0:
        return Counterexample(f"b lambda(b) does not increase near b = {shown(b.mid())}")
    for end, growth in ((x.low, low), (x.high, high)):
        if not half(end**2) < growth < half(end**2 + 1):
            return Counterexample(f"the elasticity is {shown(growth)} at b = {shown(end)}")
    below, above = (
        not x.high > ball(CRITICAL[0]),
        not x.low < ball(CRITICAL[1]),
    )  # an end may be the number itself
    if (below and not high < 1) or (above and not low > 1):
        return Counterexample(f"the elasticity is on the wrong side of 1 near b = {shown(b.mid())}")
    for end in (x.low, x.high):
        if not relu_growth(end) > 1:
            return Counterexample(
                f"a ReLU layer has the elasticity {shown(relu_growth(end))} at b = {shown(end)}"
            )
    return True


def critical_share_is_right() -> Answer:
    """Decide that Q maps the two decimals around the critical bias into those around the critical share."""
    low, high = (Q(ball(c)) for c in reversed(CRITICAL))
    return bool(ball(CRITICAL_SHARE[0]) < low and high < ball(CRITICAL_SHARE[1])) or Counterexample(
        f"Q is between {low.str(8, radius=False)} and {high.str(8, radius=False)} there"
    )


def drifts(x: Biases | sympy.Symbol) -> Answer:
    if not isinstance(x, Biases):
        return growth_in_symbols(x)
    answer = critical_share_is_right()
    return growth_in_balls(x) if answer is True else answer


def every_threshold_layer_drifts(x: Biases) -> Answer:
    """The wrong version: the elasticity of a threshold layer exceeds 1 for every b > 0."""
    growth = threshold_growth(x.low)
    return bool(growth > 1) or Counterexample(f"at b = {shown(x.low)} it is {shown(growth)}")


def mean_squares(b: arb, square: Fraction, layers: int) -> list[arb]:
    """Return r^2 after 0, 1, ... threshold layers with the fixed bias b: a layer maps it to Q(b / r) / Q(b), its mean.

    Before each layer the scale is chosen so that a point of norm 1 keeps the norm 1.
    """
    found = [ball(square)]
    for _ in range(layers):
        found.append(over(Q(over(b, found[-1].sqrt())), Q(b)))
    return found


def norms_stay_near(x: Biases) -> Answer:
    """The wrong version: with the bias x.low a squared norm of 9/10 stays between 1/2 and 2 for eight layers."""
    for layer, square in enumerate(mean_squares(x.low, Fraction(9, 10), 8)):
        if not (square > half(ball(1)) and square < 2):
            return Counterexample(
                f"at b = {shown(x.low)}, p = {shown(Q(x.low))}, it is {shown(square)} after {layer} layers"
            )
    return True


def intervals(low: Fraction, high: Fraction, parts: int) -> list[Biases]:
    """Cut [low, high] into equal intervals of biases."""
    edges = [ball(Fraction(low) + (Fraction(high) - low) * Fraction(k, parts)) for k in range(parts + 1)]
    return [Biases(a, c) for a, c in pairwise(edges)]
