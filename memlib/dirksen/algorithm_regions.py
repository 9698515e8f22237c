"""The region of a neuron: star-shaped about its anchor, convex for ReLU, and small where the classes alternate."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property
from itertools import pairwise
from typing import Any

from memlib.claim import Claim
from memlib.dirksen.algorithm import (
    ADMISSIBLE,
    QUARTERS,
    SIGMA,
    Task,
    Vector,
    every_order_interpolates,
    is_admissible,
    value,
)
from memlib.evidence import Answer, Counterexample, equal
from memlib.exact import dot

# --- dirksen-ray ---


@dataclass(frozen=True)
class Ray:
    """The values h(x) and h(y) of an affine function, and r: numbers, or sympy expressions of known sign."""

    at_x: Any
    at_y: Any
    r: Any

    @property
    def beyond(self) -> Any:
        """h(x + r (y - x))."""
        return self.at_x + self.r * (self.at_y - self.at_x)


def sign_is(t: Any, sign: str) -> bool:
    """Decide whether t is "positive" or "nonnegative": a number, or a sympy expression in symbols of known signs."""
    if not hasattr(t, "free_symbols"):
        return bool(t > 0 if sign == "positive" else t >= 0)
    import sympy

    equal(t, 0)  # enters the record of what was decided
    found = getattr(sympy.expand(t), f"is_{sign}")
    if found is None:
        raise ArithmeticError(f"sympy cannot decide whether {t} is {sign}")
    return bool(found)


def grows_beyond(ray: Ray) -> Answer:
    """h(x + r (y - x)) >= h(y), and it is positive."""
    if not sign_is(ray.beyond - ray.at_y, "nonnegative"):
        return Counterexample(f"h is {ray.at_y} at y and {ray.beyond} beyond y")
    return sign_is(ray.beyond, "positive") or Counterexample(f"h is {ray.beyond} beyond y")


once = Claim(
    "dirksen-ray",
    hypotheses={
        "h(x) <= 0": lambda ray: sign_is(-ray.at_x, "nonnegative") or Counterexample(f"h(x) is {ray.at_x}"),
        "h(y) > 0": lambda ray: sign_is(ray.at_y, "positive") or Counterexample(f"h(y) is {ray.at_y}"),
        "r >= 1": lambda ray: sign_is(ray.r - 1, "nonnegative") or Counterexample(f"r is {ray.r}"),
    },
    conclusion=grows_beyond,
)

# --- dirksen-star ---


@dataclass(frozen=True)
class Segment:
    """The segment from `start` to `end` (points), seen by the neuron of an anchor of X^-."""

    task: Task
    anchor: int
    start: Vector
    end: Vector

    def sum_at(self, s: Fraction) -> Any:
        """u.Phi at the point start + s (end - start)."""
        x = tuple(a + s * (b - a) for a, b in zip(self.start, self.end, strict=True))
        return dot(self.task.neurons[self.anchor].u, self.task.features(x))

    @cached_property
    def sums(self) -> list[tuple[Fraction, Any]]:
        """u.Phi at both ends, at every place where a unit switches, and once between any two of these.

        Between two switches a threshold is constant and a ReLU affine. So these values decide what the sum does on
        the whole segment.
        """
        switches = {Fraction(0), Fraction(1)}
        for row in self.task.layer:
            a, b = value(row, self.start), value(row, self.end)
            if a * b < 0:
                switches.add(Fraction(a) / Fraction(a - b))
        places = sorted(switches)
        middles = [(a + b) * Fraction(1, 2) for a, b in pairwise(places)]
        return [(s, self.sum_at(s)) for s in sorted([*places, *middles])]


@cache
def non_decreasing(sigma: str) -> Answer:
    """sigma(s) <= sigma(t) for s <= t, tried on the quarters from -9 to 9."""
    for s, t in pairwise(QUARTERS):
        if SIGMA[sigma](s) > SIGMA[sigma](t):
            return Counterexample(f"sigma falls from {SIGMA[sigma](s)} at {s} to {SIGMA[sigma](t)} at {t}")
    return True


@cache
def convex(sigma: str) -> Answer:
    """2 sigma(s) <= sigma(s - 1/4) + sigma(s + 1/4), tried on the quarters from -9 to 9."""
    for (r, s), (_, t) in pairwise(pairwise(QUARTERS)):
        if 2 * SIGMA[sigma](s) > SIGMA[sigma](r) + SIGMA[sigma](t):
            return Counterexample(f"sigma is not convex about {s}")
    return True


def does_not_decrease(task: Task) -> Answer:
    return non_decreasing(task.sigma)


NON_DECREASING = "sigma does not decrease"


def ends_are_inside(segment: Segment) -> Answer:
    m = segment.task.neurons[segment.anchor].m
    for name, s in (("start", 0), ("end", 1)):
        if not segment.sum_at(Fraction(s)) < m:
            return Counterexample(f"the sum is {segment.sum_at(Fraction(s))} at the {name}, and m is {m}")
    return True


def starts_at_the_anchor(segment: Segment) -> Answer:
    if tuple(segment.start) == tuple(segment.task.minus[segment.anchor]) or convex(segment.task.sigma):
        return True
    return Counterexample("the segment starts elsewhere, and sigma is not convex")


def stays_inside(segment: Segment) -> Answer:
    """u.Phi < m on the whole segment, and the sum does not fall on the way from the anchor."""
    m, sums = segment.task.neurons[segment.anchor].m, segment.sums
    for s, total in sums:
        if not total < m:
            return Counterexample(f"the sum is {total} at s = {s}, and m is {m}")
    if tuple(segment.start) == tuple(segment.task.minus[segment.anchor]):
        for (s, a), (t, b) in pairwise(sums):
            if a > b:
                return Counterexample(f"the sum falls from {a} at s = {s} to {b} at s = {t}")
    return True


star = Claim(
    "dirksen-star",
    hypotheses={
        ADMISSIBLE: lambda segment: is_admissible(segment.task),
        NON_DECREASING: lambda segment: does_not_decrease(segment.task),
        "both ends are in the region": ends_are_inside,
        "it starts at the anchor, or sigma is convex": starts_at_the_anchor,
    },
    conclusion=stays_inside,
)

# --- dirksen-alternating ---


def difference(x: Vector, y: Vector) -> list:
    """Return y - x."""
    return [q - p for p, q in zip(x, y, strict=True)]


def parallel(a: Vector, b: Vector) -> bool:
    """Whether a and b lie on a line through 0: all 2 x 2 minors vanish."""
    return all(a[i] * b[j] == a[j] * b[i] for i in range(len(a)) for j in range(i))


def between(x: Vector, y: Vector, z: Vector) -> bool:
    """Whether y lies on the open segment from x to z."""
    a, b = difference(x, y), difference(y, z)
    return parallel(a, b) and sum(p * q for p, q in zip(a, b, strict=True)) > 0


def points_alternate(task: Task) -> Answer:
    """The points lie on a line, and no two neighbours are of one class."""
    points = [(x, "-") for x in task.minus] + [(x, "+") for x in task.plus]
    if len({tuple(x) for x, _ in points}) < len(points):
        return Counterexample("two points are equal")
    (first, _), (second, _) = points[0], points[-1]  # one of each class
    if not all(parallel(difference(first, second), difference(first, x)) for x, _ in points):
        return Counterexample("the points are not on a line")
    along = sorted((tuple(x), side) for x, side in points)  # the order along the line
    for (x, side), (y, other) in pairwise(along):
        if side == other:
            return Counterexample(f"the neighbours {x} and {y} are both in X^{side}")
    return True


def one_neuron_a_point(task: Task) -> Answer:
    for k, x in enumerate(task.minus):
        for i in sorted(task.covers[k]):
            if any(between(x, y, task.minus[i]) for y in task.plus):
                return Counterexample(f"the neuron of point {k} covers point {i} behind a point of X^+")
    for order, accepted in task.runs():
        if len(accepted) != len(task.minus):
            return Counterexample(
                f"in the order {order} the number of neurons is {len(accepted)}, that of points {len(task.minus)}"
            )
    return True


alternating = Claim(
    "dirksen-alternating",
    hypotheses={
        "the points alternate on a line": points_alternate,
        "every run succeeds": every_order_interpolates,
        ADMISSIBLE: is_admissible,
        NON_DECREASING: does_not_decrease,
    },
    conclusion=one_neuron_a_point,
)
