"""Norms that are only nearly equal: what one sparse layer bears, and why a chain of sparse layers drifts.

A layer of m neurons with bias b sends u to [Gu > b] or to max(Gu - b, 0), with standard normal rows in G. The
instances and predicates of vershynin-norm-drift are in `drift`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from flint import arb, fmpq

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, Frequency
from memlib.vershynin.drift import bias_is_positive, drifts
from memlib.vershynin.enrichment import bias_of, eps_fits_m, largest_eps, second_ranges
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
from memlib.vershynin.normal import Q, ball, half, over, shown
from memlib.vershynin.norms_floats import nearly_second_succeeds

# --- vershynin-norm-drift ---

drift = Claim("vershynin-norm-drift", hypotheses={"b > 0": bias_is_positive}, conclusion=drifts)


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
    fits = x.m > 2 and bool(x.slack >= 0) and bool(x.slack <= largest_slack(x.m))
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
    low = x.seen[0]
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
