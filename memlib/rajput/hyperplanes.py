"""Random affine hyperplanes tell separated points apart: one pair, all pairs, and what no first layer can avoid.

A point of the data is an integer vector X; it stands for x = X / R in the unit ball. The Gaussian hyperplane of
(g, b) has x on its positive side iff g.X + R b >= 0. Probabilities are FLINT balls.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from math import isqrt
from typing import Any

from flint import arb

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, Frequency
from memlib.exact import dot
from memlib.network import Layer
from memlib.points import HypothesisError
from memlib.rajput.hyperplanes_floats import frequency, gaussian_integers, rounds_without_collision
from memlib.rajput.line import along_a_line, as_many_as_changes, first_layer_of_thresholds, no_skips
from memlib.rajput.two_points import (
    Number,
    Pair,
    ball,
    in_unit_ball,
    lift_keeps_apart,
    over,
    rounded_up,
    separated_often_enough,
    shown,
    tau_is_one,
)

Points = tuple[tuple[int, ...], ...]

# --- rajput-lift-angle, rajput-separate-prob: two points ---

lift_angle = Claim(
    "rajput-lift-angle",
    hypotheses={"the points lie in the unit ball": in_unit_ball, "the appended coordinate is 1": tau_is_one},
    conclusion=lift_keeps_apart,
)

separate_prob = Claim(
    "rajput-separate-prob",
    hypotheses={
        "the points lie in the unit ball": lambda it: in_unit_ball(it.pair),
        "the bias has the law of the weights": lambda it: tau_is_one(it.pair),
    },
    conclusion=separated_often_enough,
)

# --- rajput-first-layer ---


def radius_of(points: Points) -> int:
    """Return the least integer R with |X| <= R for all points, at least 1."""
    largest = max(dot(X, X) for X in points)
    root = isqrt(largest)
    return max(1, root + (root**2 < largest))


@dataclass(frozen=True)
class Cloud:
    """The points X / radius; `labels`: only points of different labels are to be told apart; None: all are."""

    points: Points
    radius: int
    labels: tuple[int, ...] | None = None

    @cached_property
    def pairs(self) -> tuple[tuple[int, int], ...]:
        """The pairs that are to be told apart."""
        pairs, y = combinations(range(len(self.points)), 2), self.labels
        return tuple(p for p in pairs if y is None or y[p[0]] != y[p[1]])

    def pair(self, i: int, j: int) -> Pair:
        return Pair(self.points[i], self.points[j], self.radius, self.radius)

    @cached_property
    def chances(self) -> tuple[arb, ...]:
        """For every pair the probability angle/pi that one Gaussian hyperplane separates it."""
        return tuple(over(self.pair(i, j).angle, arb.pi()) for i, j in self.pairs)

    def separation(self, digits: int = 3) -> Fraction:
        """Return the least distance of a pair, in units of the radius, rounded down to `digits` places."""
        X = self.points
        least = min(sum((a - b) ** 2 for a, b in zip(X[i], X[j], strict=True)) for i, j in self.pairs)
        return Fraction(isqrt(10 ** (2 * digits) * least) // self.radius, 10**digits)


def segment(n: int) -> Cloud:
    """Return n points at equal distances from -1 to 1 on a line, n >= 2: delta = 2 / (n - 1)."""
    return Cloud(tuple((2 * i - n + 1,) for i in range(n)), n - 1)


def hyperplanes_asked(n: int, delta: Number, eta: Number | arb) -> arb:
    """Enclose (2 pi / delta) ln(n (n - 1) / (2 eta)), the number of hyperplanes of the theorem before rounding."""
    return over(2 * arb.pi() * over(n * (n - 1), 2 * ball(eta)).log(), ball(delta))


def enough_hyperplanes(n: int, delta: Fraction, eta: Number) -> int:
    """Return the least integer m >= 1 that the theorem allows."""
    return max(1, rounded_up(hyperplanes_asked(n, delta, eta)))


def first_layer(points: Points, m: int, rng: Any, bits: int = 24, radius: int | None = None) -> Layer:
    """Return m random units [G.X + R B >= 0], integers: (G, B) are standard Gaussians times 2^bits, rounded.

    points : integer points, shape (n, d). radius : R >= |X|, default `radius_of(points)`. rng : seed or Generator.
    A unit has the value that the hyperplane (G, B) has at X / R. How many bits are enough: `rajput-rounding`.
    Implements rajput-first-layer. Source: the idea is Rajput et al. (2021), constants ours.
    """
    R = radius or radius_of(points)
    rows = gaussian_integers(m, len(points[0]) + 1, rng, bits)
    return Layer(tuple(row[:-1] for row in rows), tuple(R * row[-1] for row in rows), "threshold")


def codes(layer: Layer, points: Points) -> tuple[tuple[int, ...], ...]:
    """Return the code of every point: the values of the units, exactly."""
    return tuple(tuple(row) for row in layer(points))


def expected_collisions(cloud: Cloud, m: int) -> arb:
    """Enclose the expected number of pairs that m Gaussian hyperplanes leave together: sum of (1 - angle/pi)^m."""
    return sum(((1 - p) ** m for p in cloud.chances), ball(0))


def fewest_hyperplanes(cloud: Cloud, goal: Number = 1) -> int:
    """Return the least m with fewer than `goal` > 0 expected collisions; `goal` = 1: some choice has none.

    Raises HypothesisError where two points that are to be told apart coincide.
    """
    for i, j in cloud.pairs:
        if not cloud.pair(i, j).distance:
            raise HypothesisError(
                "points that are to be told apart must differ", f"{i} and {j} do not", "Remove one."
            )
    low, high = 0, 1
    while not expected_collisions(cloud, high) < ball(goal):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if expected_collisions(cloud, middle) < ball(goal) else (middle, high)
    return high


@dataclass(frozen=True)
class Draw:
    """m Gaussian hyperplanes for a cloud with separation delta, to be right with probability 1 - eta.

    trials : 0, or how often to draw a layer of that size (rounded to `bits` bits) from `seed`.
    """

    cloud: Cloud
    delta: Fraction
    m: int
    eta: arb
    trials: int = 0
    seed: int = 0
    bits: int = 24

    @classmethod
    def of(cls, cloud: Cloud, eta: Number, m: int | None = None, delta: Fraction | None = None) -> "Draw":
        """Return the draw with the cloud's own separation and the theorem's m, unless they are given."""
        delta = delta or cloud.separation()
        if not delta > 0:
            raise HypothesisError("delta must be positive", f"it is {delta}", "Remove points that coincide.")
        return cls(cloud, delta, m or enough_hyperplanes(len(cloud.points), delta, eta), ball(eta))


def cloud_in_unit_ball(it: Any) -> Answer:
    for i, X in enumerate(it.cloud.points):
        if dot(X, X) > it.cloud.radius**2:
            return Counterexample(
                f"|X| = {shown(ball(dot(X, X)).sqrt())} at point {i}, and R = {it.cloud.radius}"
            )
    return True


def pairs_are_separated(it: Any) -> Answer:
    if it.delta <= 0:
        return Counterexample(f"delta is {it.delta}")
    for i, j in it.cloud.pairs:
        if it.cloud.pair(i, j).distance < it.delta**2 * it.cloud.radius**4:
            return Counterexample(f"points {i} and {j} are closer than {it.delta}")
    return True


def failure_is_a_probability(it: Any) -> Answer:
    return bool(it.eta > 0 and it.eta < 1) or Counterexample(f"eta is {shown(it.eta)}")


def many_hyperplanes(draw: Draw) -> Answer:
    asked = hyperplanes_asked(len(draw.cloud.points), draw.delta, draw.eta)
    return bool(ball(draw.m) >= asked) or Counterexample(f"m is {draw.m}, and the bound {shown(asked, 5)}")


def decided(failures: Sequence[arb], eta: arb, what: str) -> Answer:
    """Decide that no failure happens with probability >= 1 - eta, from the probabilities of the single failures.

    Their sum bounds the probability that one happens from above, the largest of them from below. Raises
    ValueError where neither decides.
    """
    if sum(failures, ball(0)) <= eta:
        return True
    worst = max(failures, key=lambda p: p.mid())
    if worst > eta:
        return Counterexample(f"one pair alone {what} with probability {shown(worst)}")
    raise ValueError("the single failures do not decide; set `trials` and draw")


def all_told_apart(draw: Draw) -> Answer | Frequency:
    """All pairs get different codes with probability >= 1 - eta: by the angles of the data, or by drawing."""
    if draw.trials:
        hits = rounds_without_collision(draw, least=1)
        return frequency(hits, draw.trials, at_least=1 - draw.eta)
    return decided([(1 - p) ** draw.m for p in draw.cloud.chances], draw.eta, "stays together")


first_layer_separates = Claim(
    "rajput-first-layer",
    hypotheses={
        "the points lie in the unit ball": cloud_in_unit_ball,
        "the pairs are delta-separated": pairs_are_separated,
        "0 < eta < 1": failure_is_a_probability,
        "m >= (2 pi/delta) ln(n(n-1)/(2 eta))": many_hyperplanes,
    },
    conclusion=all_told_apart,
)


# --- rajput-lb-line ---

lb_line = Claim(
    "rajput-lb-line",
    hypotheses={
        "the points lie on a line, in order": along_a_line,
        "no connection skips a layer": no_skips,
        "the first layer has threshold units": first_layer_of_thresholds,
    },
    conclusion=as_many_as_changes,
)
