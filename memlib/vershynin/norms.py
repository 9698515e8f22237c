"""Norms that are only nearly equal: what one sparse layer bears, and why a chain of sparse layers drifts.

A layer of m neurons with bias b sends u to [Gu > b] or to max(Gu - b, 0), with standard normal rows in G.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any

import sympy
from flint import arb, fmpq

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, Frequency, equal
from memlib.vershynin.enrichment import (
    bias_of,
    eps_fits_m,
    largest_eps,
    second_ranges,
)
from memlib.vershynin.enrichment_tails import (
    Points,
    at_most_beta,
    ceiling,
    firing_together,
    from_integer,
    logarithm,
    lower_tail,
    number_of,
    pairs_of,
    precise,
    there_are_two,
    to_integer,
    upper_tail,
)
from memlib.vershynin.norms_floats import nearly_second_succeeds
from memlib.vershynin.normal import Q, Scalar, ball, box, density, half, moment, over, shown

# --- vershynin-norm-drift ---


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
    """Decide the two derivatives, and that of b lambda(b), where lambda = density / Q: it is lambda (1 + b (lambda - b)).

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
    if (x.high <= ball(CRITICAL[0]) and not high < 1) or (x.low >= ball(CRITICAL[1]) and not low > 1):
        return Counterexample(f"the elasticity is on the wrong side of 1 near b = {shown(b.mid())}")
    for end in (x.low, x.high):
        if not relu_growth(end) > 1:
            return Counterexample(f"a ReLU layer has the elasticity {shown(relu_growth(end))} at b = {shown(end)}")
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


drift = Claim("vershynin-norm-drift", hypotheses={"b > 0": bias_is_positive}, conclusion=drifts)


def every_threshold_layer_drifts(x: Biases) -> Answer:
    """The wrong version: the elasticity of a threshold layer exceeds 1 for every b > 0."""
    growth = threshold_growth(x.low)
    return bool(growth > 1) or Counterexample(f"at b = {shown(x.low)} it is {shown(growth)}")


def intervals(low: Fraction, high: Fraction, parts: int) -> list[Biases]:
    """Cut [low, high] into equal intervals of biases."""
    edges = [ball(Fraction(low) + (Fraction(high) - low) * Fraction(k, parts)) for k in range(parts + 1)]
    return [Biases(a, c) for a, c in zip(edges, edges[1:], strict=False)]


def next_square(b: arb, square: arb) -> arb:
    """Return Q(b / r) / Q(b), r^2 = square: the expected squared norm after a layer, in units of that of a unit vector."""
    return over(Q(over(b, square.sqrt())), Q(b))


# --- vershynin-enrich2-norms ---

#: The least m for which every point sees a bias above 2, and the two constants of the statement.
LEAST, WIDTH, SHARE = 1062, 152, Fraction(92, 100)


@dataclass(frozen=True)
class Nearly:
    """Enrichment II for K points whose squared norms are in [1 - slack, 1 + slack]."""

    points: Points | int
    eps: arb
    slack: arb
    beta: Fraction
    m: int
    runs: int = 0
    seed: int = 0

    @property
    @precise
    def p(self) -> arb:
        return over(1, ball(2 * self.m).sqrt())

    @cached_property
    def b(self) -> arb:
        return bias_of(self.p)

    @property
    @precise
    def seen(self) -> tuple[arb, arb]:
        """b_+ and b_-: the least and the largest bias in units of a norm."""
        return tuple(over(self.b, (1 + sign * self.slack).sqrt()) for sign in (1, -1))

    @property
    @precise
    def ratios(self) -> tuple[arb, arb]:
        """Q(b_+) / p and Q(b_-) / p: the expected squared norms of the longest and the shortest point, over m p."""
        return tuple(over(Q(b), self.p) for b in self.seen)

    @property
    def together(self) -> arb:
        """P(g > b_+, h > b_+) at correlation eps: an upper bound for all pairs."""
        return firing_together(self.seen[0].lower(), self.eps)

    @property
    @precise
    def most(self) -> arb:
        """Lambda = max(e^2, ln(K^2 / beta)), the bound of the overlaps."""
        K = number_of(self.points)
        return arb(2).exp().max(logarithm(Fraction(K * K) / Fraction(self.beta)))

    @property
    @precise
    def norm(self) -> arb:
        """.92 sqrt(m / 8), the bound of the squared norms."""
        return ball(SHARE) * ball(Fraction(self.m, 8)).sqrt()


@precise
def needed_width(K: int, beta: Fraction) -> arb:
    """Return 152 ln^2(2 K / beta)."""
    return WIDTH * logarithm(Fraction(2 * K) / Fraction(beta)) ** 2


@precise
def largest_slack(m: int) -> arb:
    """Return 1 / (8 ln(m / 2)), rounded down; m > 2."""
    return half(largest_eps(m)).lower()


def nearly(points: Points | int, beta: Fraction, m: int = 0, runs: int = 0, seed: int = 0) -> Nearly:
    """Return the layer of width m, or of the least width, with all that the statement allows."""
    m = m or max(LEAST, ceiling(needed_width(number_of(points), beta)))
    return Nearly(points, largest_eps(m), largest_slack(m), beta, m, runs, seed)


def norms_are_nearly_one(x: Nearly) -> Answer:
    if isinstance(x.points, Points):
        for k, row in enumerate(x.points.gram):
            square = Fraction(row[k], x.points.square)
            if not abs(ball(square - 1)) <= x.slack:
                return Counterexample(f"point {k} has the squared norm {square}")
    return True


def correlations_stay_below_eps(x: Nearly) -> Answer:
    """Decide u_i.u_k <= eps |u_i| |u_k|, squared."""
    if isinstance(x.points, Points):
        A = x.points.gram
        for i, k in x.points.pairs:
            if A[i][k] > 0 and not A[i][k] ** 2 <= x.eps**2 * (A[i][i] * A[k][k]):
                rho2 = Fraction(A[i][k] ** 2, A[i][i] * A[k][k])
                return Counterexample(f"the points {i} and {k} have the squared correlation {rho2}")
    return True


def slack_fits_m(x: Nearly) -> Answer:
    fits = x.m > 2 and bool(0 <= x.slack) and bool(x.slack <= largest_slack(x.m))
    return fits or Counterexample(f"eps' is {shown(x.slack)} and m is {x.m}")


def m_is_large(x: Nearly) -> Answer:
    return x.m >= LEAST or Counterexample(f"m is {x.m}")


def layer_is_wide(x: Nearly) -> Answer:
    needed = ceiling(needed_width(number_of(x.points), x.beta))
    return x.m >= needed or Counterexample(f"m is {x.m}, not {needed}")


@precise
def nearly_failure(x: Nearly) -> arb:
    """Bound the chance of an overlap >= Lambda or a squared norm <= .92 sqrt(m / 8), with all norms at their worst."""
    K = number_of(x.points)
    overlap = upper_tail(x.m, x.together, from_integer(x.most))
    return pairs_of(K) * overlap + K * lower_tail(x.m, Q(x.seen[1]), to_integer(x.norm))


@precise
def nearly_holds(x: Nearly) -> Answer | Frequency:
    if isinstance(x.points, Points):
        return nearly_second_succeeds(x)
    low, high = x.seen
    if not (low > 2 and x.slack < 1):
        return Counterexample(f"the longest point sees the bias {low.str(7, radius=False)}")
    above, below = x.ratios
    if not (above <= fmpq(109, 100) and below >= ball(SHARE)):
        return Counterexample(f"a point fires with {shown(below)} to {shown(above)} times the probability p")
    if not x.together * x.m <= 1:
        return Counterexample(f"two points fire together with probability {shown(x.together * x.m)} / m")
    return at_most_beta(nearly_failure(x), x.beta)


enrich2_norms = Claim(
    "vershynin-enrich2-norms",
    hypotheses={
        "K >= 2": there_are_two,
        "the squared norms are in 1 +- eps'": norms_are_nearly_one,
        "the correlations are at most eps": correlations_stay_below_eps,
        "0 < beta < 1, eps < 1": second_ranges,
        "eps <= 1 / (4 ln(m/2))": eps_fits_m,
        "eps' <= 1 / (8 ln(m/2))": slack_fits_m,
        "m >= 1062": m_is_large,
        "m >= 152 ln^2(2 K / beta)": layer_is_wide,
    },
    conclusion=nearly_holds,
)


def uneven(points: Points, factors: Callable[[int], int], unit: int) -> Points:
    """Return the points with point k times factors(k) / unit."""
    rows = tuple(tuple(factors(k) * c for c in row) for k, row in enumerate(points.rows))
    return Points(rows, points.square * unit**2)


@lru_cache(maxsize=64)
def longest_sees(m: int) -> arb:
    """Return b_+ for the layer of width m with the largest slack: it increases with m, and exceeds 2 from 1062 on."""
    return nearly(2, Fraction(1, 2), m).seen[0]


__all__: list[Any] = ["drift", "enrich2_norms"]
