"""Enrichment: random layers that turn separated points into almost orthogonal ones.

A layer sends x to the bits [g_j.x > b], j = 1..m, with independent standard normal rows g_j. Three layers: sparse
ones for separated points (I), signs without bias (the channel), sparse ones for almost orthogonal points (II).

A claim about a layer takes two kinds of instances. Given points in integers, the layer is drawn, and its successes
are counted. Given the number K of points alone, the chance of failure is enclosed for all sets of K points that
satisfy the hypotheses: true binomial tails in ball arithmetic, without the inequalities of Chernoff or Hoeffding.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from flint import arb, fmpq

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, Frequency
from memlib.vershynin.channel import (
    channel_holds,
    channel_ranges,
    correlations_are_small,
    eps_is_at_most_half,
    no_point_is_zero,
)
from memlib.vershynin.enrichment_floats import first_succeeds, second_succeeds
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
    squared_separation,
    there_are_two,
    to_integer,
    upper_tail,
)
from memlib.vershynin.normal import Q, ball, density, half, over, shown


def points_have_norm_one(x: Any) -> Answer:
    if isinstance(x.points, Points):
        for k, row in enumerate(x.points.gram):
            if row[k] != x.points.square:
                return Counterexample(f"point {k} has the squared norm {Fraction(row[k], x.points.square)}")
    return True


# --- vershynin-enrich1 ---


@dataclass(frozen=True)
class First:
    """Enrichment I: m neurons with bias b, for K points at distances of at least delta."""

    points: Points | int
    delta2: Fraction
    eps: Fraction
    beta: Fraction
    b: arb
    m: int
    runs: int = 0
    seed: int = 0


@precise
def least_bias(delta2: Fraction, eps: Fraction) -> arb:
    """Return sqrt(2 (4 - delta^2) ln(4 / eps)) / delta, rounded up."""
    ratio = Fraction(2 * (4 - delta2)) / Fraction(delta2)
    return (ball(ratio) * logarithm(Fraction(4) / Fraction(eps))).sqrt().upper()


@precise
def least_width(K: int, eps: Fraction, beta: Fraction, b: arb) -> int:
    """Return the least m with m Q(b) >= (12 / eps^2) ln(2 K^2 / beta)."""
    ones = ball(Fraction(12) / Fraction(eps * eps)) * logarithm(Fraction(2 * K * K) / Fraction(beta))
    return ceiling(over(ones, Q(b)))


def first_layer(
    points: Points | int, delta2: Fraction, eps: Fraction, beta: Fraction, runs: int = 0, seed: int = 0
) -> First:
    """Return the layer with the least bias and the least width that the statement allows."""
    b = least_bias(delta2, eps)
    return First(points, delta2, eps, beta, b, least_width(number_of(points), eps, beta, b), runs, seed)


def points_keep_distance(x: First) -> Answer:
    found = x.delta2 if isinstance(x.points, int) else squared_separation(x.points)
    return found >= x.delta2 or Counterexample(f"the least squared distance is {found}, not {x.delta2}")


def first_ranges(x: First) -> Answer:
    inside = 0 < x.delta2 < 4 and 0 < x.eps <= 1 and 0 < x.beta < 1
    return inside or Counterexample(f"delta^2 is {x.delta2}, eps is {x.eps}, beta is {x.beta}")


@precise
def bias_is_high(x: First) -> Answer:
    needed = least_bias(x.delta2, x.eps)
    return bool(x.b >= needed) or Counterexample(f"b is {shown(x.b)}, not {shown(needed)}")


def first_is_wide(x: First) -> Answer:
    needed = least_width(number_of(x.points), x.eps, x.beta, x.b)
    return x.m >= needed or Counterexample(f"m is {x.m}, not {needed}")


@precise
def first_failure(x: First) -> arb:
    """Bound the chance that a norm or an overlap is outside, for all K points at distance delta: a union bound.

    The overlap of a pair grows with its correlation, which is at most 1 - delta^2 / 2.
    """
    p, K = Q(x.b), number_of(x.points)
    q = firing_together(x.b, 1 - x.delta2 * Fraction(1, 2))
    mean, room = x.m * p, half(ball(x.eps)) * x.m * p
    norm = upper_tail(x.m, p, from_integer(mean + room)) + lower_tail(x.m, p, to_integer(mean - room))
    return K * norm + pairs_of(K) * upper_tail(x.m, q, from_integer(room))


def first_holds(x: First) -> Answer | Frequency:
    return first_succeeds(x) if isinstance(x.points, Points) else at_most_beta(first_failure(x), x.beta)


enrich1 = Claim(
    "vershynin-enrich1",
    hypotheses={
        "K >= 2": there_are_two,
        "the points have norm 1": points_have_norm_one,
        "the distances are at least delta": points_keep_distance,
        "0 < delta < 2, 0 < eps <= 1, 0 < beta < 1": first_ranges,
        "b is high enough": bias_is_high,
        "m is large enough": first_is_wide,
    },
    conclusion=first_holds,
)


# --- vershynin-sign-channel ---

sign_channel = Claim(
    "vershynin-sign-channel",
    hypotheses={
        "K >= 2": there_are_two,
        "no point is 0": no_point_is_zero,
        "the correlations are at most eps": correlations_are_small,
        "eps <= 1/2": eps_is_at_most_half,
        "eps > 0, 0 < beta < 1, d >= 1": channel_ranges,
    },
    conclusion=channel_holds,
)


# --- vershynin-enrich2 ---


@dataclass(frozen=True)
class Second:
    """Enrichment II: m neurons that fire with probability p = 1 / sqrt(2 m), for K points with small correlations."""

    points: Points | int
    eps: arb
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
    def together(self) -> arb:
        """P(g > b, h > b) at correlation eps: an upper bound for all pairs, since it grows with the correlation."""
        return firing_together(self.b.lower(), self.eps)

    @property
    @precise
    def most(self) -> arb:
        """Lambda = max(e^2, ln(K^2 / beta)), the bound of the overlaps."""
        K = number_of(self.points)
        return arb(2).exp().max(logarithm(Fraction(K * K) / Fraction(self.beta)))

    @property
    @precise
    def norm(self) -> arb:
        """N = sqrt(m / 8), the bound of the squared norms."""
        return ball(Fraction(self.m, 8)).sqrt()


@precise
def second_width(K: int, beta: Fraction) -> int:
    """Return the least m >= 967 with m >= 128 ln^2(2 K / beta)."""
    return max(967, ceiling(128 * logarithm(Fraction(2 * K) / Fraction(beta)) ** 2))


@precise
def largest_eps(m: int) -> arb:
    """Return 1 / (4 ln(m / 2)), rounded down; m > 2."""
    return over(1, 4 * logarithm(Fraction(m, 2))).lower()


def second_layer(points: Points | int, beta: Fraction, m: int = 0, runs: int = 0, seed: int = 0) -> Second:
    """Return the layer of width m, or of the least width, with the largest correlations that the statement allows."""
    m = m or second_width(number_of(points), beta)
    return Second(points, largest_eps(m), beta, m, runs, seed)


@precise
def bias_of(p: arb) -> arb:
    """Enclose b = Q^-1(p), 0 < p < 1/2: Newton's steps for ln Q, and then a proof that Q crosses p there."""
    b = (-2 * (2 * p).log()).sqrt().mid()
    for _ in range(12):
        b = (b + over(Q(b) * over(Q(b), p).log(), density(b))).mid()
    low, high = (b - fmpq(1, 2**100)), (b + fmpq(1, 2**100))
    if not (Q(low) > p and Q(high) < p):
        raise ArithmeticError(f"Newton's method has not found the bias for p = {shown(p)}")
    return low.union(high)


def correlations_are_at_most_eps(x: Second) -> Answer:
    if isinstance(x.points, Points):
        for i, k in x.points.pairs:
            rho = Fraction(x.points.gram[i][k], x.points.square)
            if not ball(rho) <= x.eps:
                return Counterexample(f"the points {i} and {k} have the inner product {rho}")
    return True


def second_ranges(x: Second) -> Answer:
    return (0 < x.beta < 1 and bool(x.eps < 1)) or Counterexample(f"beta is {x.beta}, eps is {shown(x.eps)}")


def eps_fits_m(x: Second) -> Answer:
    fits = x.m > 2 and bool(x.eps <= largest_eps(x.m))
    return fits or Counterexample(f"eps is {shown(x.eps)} and m is {x.m}")


def m_is_at_least_967(x: Second) -> Answer:
    return x.m >= 967 or Counterexample(f"m is {x.m}")


@precise
def second_is_wide(x: Second) -> Answer:
    needed = ceiling(128 * logarithm(Fraction(2 * number_of(x.points)) / Fraction(x.beta)) ** 2)
    return x.m >= needed or Counterexample(f"m is {x.m}, not {needed}")


@precise
def second_failure(x: Second) -> arb:
    """Bound the chance of an overlap >= Lambda or a squared norm <= sqrt(m / 8): a union bound."""
    K = number_of(x.points)
    overlap = upper_tail(x.m, x.together, from_integer(x.most))
    return pairs_of(K) * overlap + K * lower_tail(x.m, x.p, to_integer(x.norm))


@precise
def second_holds(x: Second) -> Answer | Frequency:
    if not x.b > 2:
        return Counterexample(f"b is {x.b.str(7, radius=False)}")
    if isinstance(x.points, Points):
        return second_succeeds(x)
    if not x.together * x.m <= 1:
        return Counterexample(f"two points fire together with probability {shown(x.together * x.m)} / m")
    return at_most_beta(second_failure(x), x.beta)


enrich2 = Claim(
    "vershynin-enrich2",
    hypotheses={
        "K >= 2": there_are_two,
        "the points have norm 1": points_have_norm_one,
        "the inner products are at most eps": correlations_are_at_most_eps,
        "0 < beta < 1, eps < 1": second_ranges,
        "eps <= 1 / (4 ln(m/2))": eps_fits_m,
        "m >= 967": m_is_at_least_967,
        "m >= 128 ln^2(2 K / beta)": second_is_wide,
    },
    conclusion=second_holds,
)
