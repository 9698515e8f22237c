"""The first layer in practice: codes that differ in many bits, integer weights that keep every bit, the best bias.

Points, layers and codes are integers and exact; probabilities are FLINT balls.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import comb
from typing import Any

from flint import arb

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, Frequency
from memlib.exact import dot
from memlib.rajput.hyperplanes import (
    Cloud,
    Draw,
    cloud_in_unit_ball,
    decided,
    failure_is_a_probability,
    hyperplanes_asked,
    pairs_are_separated,
)
from memlib.rajput.hyperplanes_floats import frequency, gaussian_integers, rounds_without_collision
from memlib.rajput.integers_floats import FINE, rounds_without_change
from memlib.rajput.two_points import (
    Number,
    ball,
    factor_is_sharp,
    in_unit_ball,
    over,
    rounded_up,
    shown,
    tau_is_positive,
)

# --- rajput-hamming ---


def promised(draw: Draw) -> arb:
    """Enclose D = m delta / (4 pi)."""
    return over(ball(draw.m * draw.delta), 4 * arb.pi())


def enough_for_distance(n: int, delta: Number, eta: Number) -> int:
    """Return the least integer m >= 1 with m >= (16 pi/delta) ln(n(n-1)/(2 eta))."""
    return max(1, rounded_up(8 * hyperplanes_asked(n, delta, eta)))


def below(m: int, p: arb, least: int) -> arb:
    """Enclose P(Bin(m, p) < least)."""
    return sum((comb(m, k) * p**k * (1 - p) ** (m - k) for k in range(min(least, m + 1))), ball(0))


def eight_times_as_many(draw: Draw) -> Answer:
    asked = 8 * hyperplanes_asked(len(draw.cloud.points), draw.delta, draw.eta)
    return bool(ball(draw.m) >= asked) or Counterexample(f"m is {draw.m}, and the bound {shown(asked, 5)}")


def all_far_apart(draw: Draw) -> Answer | Frequency:
    """All pairs have codes of Hamming distance >= D with probability >= 1 - eta: by binomial tails, or by drawing."""
    least = rounded_up(promised(draw))  # the distance is an integer
    if draw.trials:
        return frequency(rounds_without_collision(draw, least), draw.trials, at_least=1 - draw.eta)
    tails = [below(draw.m, p, least) for p in draw.cloud.chances]
    return decided(tails, draw.eta, f"has a distance below {least}")


hamming = Claim(
    "rajput-hamming",
    hypotheses={
        "the points lie in the unit ball": cloud_in_unit_ball,
        "the pairs are delta-separated": pairs_are_separated,
        "0 < eta < 1": failure_is_a_probability,
        "m >= (16 pi/delta) ln(n(n-1)/(2 eta))": eight_times_as_many,
    },
    conclusion=all_far_apart,
)


# --- rajput-rounding ---


def rounded(row: tuple[int, ...], bits: int) -> tuple[int, ...]:
    """Return round(2^bits g) for numbers g, given as integers 2^FINE g: exactly, ties upwards. bits < FINE."""
    k = FINE - bits
    return tuple((g + 2 ** (k - 1)) >> k for g in row)


@dataclass(frozen=True)
class Nudge:
    """Points X / R and hyperplanes: `rows` holds 2^FINE (g, b) in integers, to be rounded to multiples of 2^-bits."""

    cloud: Cloud
    rows: tuple[tuple[int, ...], ...]
    bits: int

    def at(self, X: tuple[int, ...], row: tuple[int, ...]) -> int:
        """g.X + R b, times the power of two of the row."""
        return dot(row[:-1], X) + row[-1] * self.cloud.radius

    @property
    def changed(self) -> list[tuple[int, int]]:
        """The (point, hyperplane) pairs whose bit changes."""
        coarse = [rounded(row, self.bits) for row in self.rows]
        return [
            (i, k)
            for i, X in enumerate(self.cloud.points)
            for k, (g, G) in enumerate(zip(self.rows, coarse, strict=True))
            if (self.at(X, g) >= 0) != (self.at(X, G) >= 0)
        ]

    def closeness(self, i: int, k: int) -> Fraction:
        """Return |g.x + b| / t with t = 2^(-bits - 1) (|x|_1 + 1), the most by which rounding moves g.x + b."""
        X = self.cloud.points[i]
        reach = 2 ** (FINE - self.bits) * (sum(map(abs, X)) + self.cloud.radius)
        return Fraction(2 * abs(self.at(X, self.rows[k])), reach)


def nudge(cloud: Cloud, m: int, bits: int, rng: Any) -> Nudge:
    """Draw m Gaussian hyperplanes with FINE bits, to be rounded to `bits` bits."""
    return Nudge(cloud, gaussian_integers(m, len(cloud.points[0]) + 1, rng, FINE), bits)


@dataclass(frozen=True)
class Rounding:
    """m Gaussian hyperplanes for a cloud, rounded to multiples of 2^-bits; no bit may change, but with chance eta.

    trials : 0, or how often to draw the hyperplanes from `seed`.
    """

    cloud: Cloud
    m: int
    bits: int
    eta: arb
    trials: int = 0
    seed: int = 0


def power_asked(n: int, m: int, d: int, eta: arb) -> arb:
    """Enclose n m sqrt(d + 1) / (eta sqrt(2 pi)), which 2^bits has to reach."""
    return over(n * m * ball(d + 1).sqrt(), eta * (2 * arb.pi()).sqrt())


def enough_bits(n: int, m: int, d: int, eta: Number) -> int:
    """Return the least number of fractional bits that the lemma allows."""
    asked, bits = power_asked(n, m, d, ball(eta)), 0
    while not ball(2**bits) >= asked:
        bits += 1
    return bits


def many_bits(it: Rounding) -> Answer:
    asked = power_asked(len(it.cloud.points), it.m, len(it.cloud.points[0]), it.eta)
    return bool(ball(2**it.bits) >= asked) or Counterexample(
        f"2^p is {2**it.bits}, and the bound {shown(asked, 6)}"
    )


def chance_of_change(X: tuple[int, ...], radius: int, bits: int) -> arb:
    """Enclose P(|Z| <= t) for Z = g.x + b, of variance |x|^2 + 1, and t = 2^(-bits - 1) (|x|_1 + 1)."""
    t = over(ball(sum(map(abs, X)) + radius), ball(2 ** (bits + 1)))  # times R, as is the deviation
    deviation = ball(dot(X, X) + radius**2).sqrt()
    return over(t, deviation * ball(2).sqrt()).erf()


def every_bit_survives(it: Rounding) -> Answer | Frequency:
    """No bit changes, with probability >= 1 - eta: by the union bound over the data, in balls, or by drawing."""
    if it.trials:
        return frequency(rounds_without_change(it), it.trials, at_least=1 - it.eta)
    total = it.m * sum((chance_of_change(X, it.cloud.radius, it.bits) for X in it.cloud.points), ball(0))
    if total <= it.eta:
        return True
    raise ValueError(
        f"the union bound is {shown(total)}, more than eta, and decides nothing; set `trials` and draw"
    )


rounding = Claim(
    "rajput-rounding",
    hypotheses={
        "2^p >= n m sqrt(d+1) / (eta sqrt(2 pi))": many_bits,
        "0 < eta < 1": failure_is_a_probability,
    },
    conclusion=every_bit_survives,
)


# --- rajput-bias-scale: two points ---

bias_scale = Claim(
    "rajput-bias-scale",
    hypotheses={"the points lie in the unit ball": in_unit_ball, "tau > 0": tau_is_positive},
    conclusion=factor_is_sharp,
)
