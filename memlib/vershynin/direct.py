"""Sparse ReLU features used directly, without a gadget: vershynin-relu-direct. In ball arithmetic, and drawn.

A layer sends u to max(G u - b, 0) with m standard normal rows and a bias b that is exceeded with probability
p = 1 / sqrt(2 m).
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from flint import arb

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, Frequency
from memlib.vershynin.direct_floats import direct_succeeds
from memlib.vershynin.enrichment import (
    bias_of,
    correlations_are_at_most_eps,
    eps_fits_m,
    largest_eps,
    points_have_norm_one,
)
from memlib.vershynin.enrichment_tails import (
    Points,
    at_most_beta,
    ceiling,
    firing_together,
    from_integer,
    integer,
    logarithm,
    lower_tail,
    number_of,
    pairs_of,
    precise,
    there_are_two,
    to_integer,
    upper_tail,
)
from memlib.vershynin.normal import Q, ball, over, shown

#: The width must be at least WIDTH ln^2(2 K / beta).
WIDTH = 2048


@dataclass(frozen=True)
class Direct:
    """m ReLU neurons for K points of norm 1 with correlations of at most eps."""

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
    @precise
    def tau(self) -> arb:
        """sqrt(2 ln(2 m K / beta)), a bound of all |g_j.u_k|."""
        return (2 * logarithm(Fraction(2 * self.m * number_of(self.points)) / Fraction(self.beta))).sqrt()

    @property
    @precise
    def most(self) -> arb:
        """Lambda = max(e^2, ln(K^2 / beta)), a bound of the neurons that are on at two points."""
        K = number_of(self.points)
        return arb(2).exp().max(logarithm(Fraction(K * K) / Fraction(self.beta)))

    @property
    @precise
    def overlap(self) -> arb:
        """A = (tau - b)^2 Lambda."""
        return (self.tau - self.b) ** 2 * self.most

    @property
    @precise
    def norm(self) -> arb:
        """N = m p / (8 b^2)."""
        return over(self.m * self.p, 8 * self.b**2)

    @property
    @precise
    def group(self) -> int:
        """The largest r < N^2 / (8 A^2 ln(2 K)), the size of the groups that perception may have."""
        K = number_of(self.points)
        bound = over(self.norm**2, 8 * self.overlap**2 * logarithm(2 * K))
        return integer(bound.lower().ceil()) - 1


@precise
def direct_width(K: int, beta: Fraction) -> int:
    """Return the least m with m >= 2048 ln^2(2 K / beta)."""
    return ceiling(WIDTH * logarithm(Fraction(2 * K) / Fraction(beta)) ** 2)


def direct_layer(points: Points | int, beta: Fraction, m: int = 0, runs: int = 0, seed: int = 0) -> Direct:
    """Return the layer of width m, or of the least width, with the largest correlations that the statement allows."""
    m = m or direct_width(number_of(points), beta)
    return Direct(points, largest_eps(m), beta, m, runs, seed)


def direct_ranges(x: Direct) -> Answer:
    return 0 < x.beta < Fraction(2, 3) or Counterexample(f"beta is {x.beta}")


def direct_is_wide(x: Direct) -> Answer:
    needed = direct_width(number_of(x.points), x.beta)
    return x.m >= needed or Counterexample(f"m is {x.m}, not {needed}")


@precise
def share_far_above(x: Direct) -> arb:
    """Return Q(b + 1/b) / Q(b): of the neurons that are on, the part that exceeds the bias by 1/b."""
    return over(Q(x.b + over(1, x.b)), x.p)


@precise
def direct_failure(x: Direct) -> arb:
    """Bound the chance of an inner product beyond tau, of Lambda common neurons, or of a small norm: a union bound."""
    K = number_of(x.points)
    beyond = 2 * x.m * K * Q(x.tau)
    together = firing_together(x.b.lower(), x.eps)
    common = pairs_of(K) * upper_tail(x.m, together, from_integer(x.most))
    few = to_integer(x.m * x.p * ball(Fraction(1, 8)))
    return beyond + common + K * lower_tail(x.m, share_far_above(x) * x.p, few)


@precise
def direct_holds(x: Direct) -> Answer | Frequency:
    if isinstance(x.points, Points):
        return direct_succeeds(x)
    if not (x.b > 2 and x.tau > x.b):
        return Counterexample(f"b is {shown(x.b)}, tau is {shown(x.tau)}")
    if not share_far_above(x) >= ball(Fraction(1, 4)):
        return Counterexample(f"only the part {shown(share_far_above(x))} exceeds b + 1/b")
    return at_most_beta(direct_failure(x), x.beta * Fraction(3, 2))


relu_direct = Claim(
    "vershynin-relu-direct",
    hypotheses={
        "K >= 2": there_are_two,
        "the points have norm 1": points_have_norm_one,
        "the inner products are at most eps": correlations_are_at_most_eps,
        "eps <= 1 / (4 ln(m/2))": eps_fits_m,
        "0 < beta < 2/3": direct_ranges,
        "m >= 2048 ln^2(2 K / beta)": direct_is_wide,
    },
    conclusion=direct_holds,
)


def least_for_groups(K: int, beta: Fraction, r: int = 1) -> int:
    """Return the least power of two m at which groups of r points are allowed."""
    m = 2 ** (direct_width(K, beta).bit_length())
    while direct_layer(K, beta, m).group < r:
        m *= 2
    return m
