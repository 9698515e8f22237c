"""The sign channel: neurons without bias that keep small correlations small and make all norms exactly equal.

The claim is `vershynin-sign-channel` of the page on enrichment; here are its instances and predicates.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import sympy
from flint import arb, fmpq

from memlib.evidence import Answer, Counterexample, Frequency, equal
from memlib.vershynin.enrichment_floats import channel_succeeds
from memlib.vershynin.enrichment_tails import (
    Points,
    at_most_beta,
    ceiling,
    from_integer,
    logarithm,
    lower_tail,
    number_of,
    pairs_of,
    precise,
    to_integer,
    upper_tail,
)
from memlib.vershynin.normal import ball, half, over, shown
from memlib.vershynin.sparsity import Pair


@dataclass(frozen=True)
class Channel:
    """d sign neurons, for K points with correlations of at most eps."""

    points: Points | int
    eps: arb
    beta: Fraction
    d: int
    runs: int = 0
    seed: int = 0

    @property
    @precise
    def t(self) -> arb:
        """sqrt(2 ln(K^2 / beta) / d)."""
        K = number_of(self.points)
        return over(2 * logarithm(Fraction(K * K) / Fraction(self.beta)), ball(self.d)).sqrt()

    @property
    @precise
    def keeps_eps(self) -> bool:
        """d >= 18 eps^-2 ln(K^2 / beta), that is t <= eps / 3."""
        return bool(3 * self.t <= self.eps)


@dataclass(frozen=True)
class Chord:
    """The arcsine and its chord from 0 to 1/2, in a letter x."""

    x: sympy.Symbol


#: A whole channel, one neuron at two points, or the arcsine by which the correlations shrink.
Instance = Channel | Pair | Chord


@precise
def channel(
    points: Points | int, eps: Fraction, beta: Fraction, d: int = 0, runs: int = 0, seed: int = 0
) -> Channel:
    """Return the channel of width d, or of the least width that keeps eps."""
    K = number_of(points)
    wide = ball(Fraction(18) / Fraction(eps * eps)) * logarithm(Fraction(K * K) / Fraction(beta))
    return Channel(points, ball(eps), beta, d or ceiling(wide), runs, seed)


def no_point_is_zero(x: Instance) -> Answer:
    if isinstance(x, Channel) and isinstance(x.points, Points):
        for k, row in enumerate(x.points.gram):
            if row[k] == 0:
                return Counterexample(f"point {k} is 0")
    return True


def correlations_are_small(x: Instance) -> Answer:
    """Decide |u_i.u_k| <= eps |u_i| |u_k|, squared; for a pair rho is itself the correlation."""
    if isinstance(x, Channel) and isinstance(x.points, Points):
        A = x.points.gram
        for i, k in x.points.pairs:
            if not A[i][k] ** 2 <= x.eps**2 * (A[i][i] * A[k][k]):
                rho2 = Fraction(A[i][k] ** 2, A[i][i] * A[k][k])
                return Counterexample(f"the points {i} and {k} have the squared correlation {rho2}")
    return True


def channel_ranges(x: Instance) -> Answer:
    if not isinstance(x, Channel):
        return True
    inside = bool(x.eps > 0) and 0 < x.beta < 1 and x.d >= 1
    return inside or Counterexample(f"eps is {shown(x.eps)}, beta is {x.beta}, d is {x.d}")


def eps_is_at_most_half(x: Instance) -> Answer:
    if not isinstance(x, Channel):
        return True
    return bool(x.eps <= fmpq(1, 2)) or Counterexample(f"eps is {shown(x.eps)}")


@precise
def channel_failure(x: Channel, parts: int = 128) -> arb:
    """Bound the chance that a pair deviates by t or more, for all correlations in [-eps, eps]: a union bound.

    At correlation rho the signs differ with probability u = arccos(rho) / pi; N ~ Bin(d, u) of them do, and the mean
    product is 1 - 2 N / d. It deviates by t if N >= d (u + t/2) or N <= d (u - t/2). The interval of u is cut into
    parts [low, high]; the tails grow if u is replaced by an end of its part. Negative rho exchange N and d - N.
    """
    start = over(x.eps.acos(), arb.pi())
    ends = [start + (fmpq(1, 2) - start) * fmpq(k, parts) for k in range(parts + 1)]
    room, worst = half(x.t), arb(0)
    for low, high in pairwise(ends):
        above = upper_tail(x.d, high, from_integer(x.d * (low + room)))
        below = lower_tail(x.d, low, to_integer(x.d * (high - room)))
        worst = worst.max(above + below)
    return pairs_of(number_of(x.points)) * worst


def mean_of_signs(pair: Pair) -> Answer:
    """Decide (b) to twelve decimals: the mean product of the signs of g and h is 4 P(g > 0, h > 0) - 1."""
    mean, formula = 4 * pair.by_definition[0] - 1, over(2 * pair.rho.asin(), arb.pi())
    close = bool(abs(mean - formula) < fmpq(1, 10**12))
    return close or Counterexample(f"the mean is {shown(mean)}, the formula gives {shown(formula)}")


def arcsine_below_chord(x: sympy.Symbol) -> Answer:
    """Decide that pi x / 3 - arcsin x is 0 at 0 and at 1/2, and that its second derivative is -x (1 - x^2)^(-3/2)."""
    gap = sympy.pi * x * sympy.Rational(1, 3) - sympy.asin(x)
    if not all(equal(gap.subs(x, end), 0) for end in (0, sympy.Rational(1, 2))):
        return Counterexample("the arcsine does not meet its chord at the ends")
    bend = sympy.diff(gap, x, 2)
    return equal(bend, -x * (1 - x**2) ** sympy.Rational(-3, 2)) or Counterexample(f"it bends by {bend}")


def channel_holds(x: Instance) -> Answer | Frequency:
    if isinstance(x, Pair):
        return mean_of_signs(x)
    if isinstance(x, Chord):
        return arcsine_below_chord(x.x)
    return channel_succeeds(x) if isinstance(x.points, Points) else at_most_beta(channel_failure(x), x.beta)


def orthogonal_at_any_width(x: Channel) -> Frequency:
    """The wrong version of (d): the channel keeps eps, however few neurons it has."""
    return channel_succeeds(x, keeps_eps=True)
