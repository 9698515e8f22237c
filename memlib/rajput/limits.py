"""What no first layer can avoid: changes of label around a circle, and the number of codes that m units can give.

Points and units are integers; R(m, d) = C(m, 0) + ... + C(m, d). Existence over all of space is decided by circuits.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from flint import arb, fmpq

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample
from memlib.exact import dot, rank
from memlib.rajput.arrangements import Points, few_codes, thresholds_only
from memlib.rajput.line import Line, fewest_units, first_layer_of_thresholds, no_skips
from memlib.rajput.packings import (
    all_pairs,
    delta_at_most_half,
    many_units,
    many_units_on_the_sphere,
    points_of_a_sphere,
)
from memlib.rajput.two_points import ball, over, shown

# --- rajput-lb-circle ---


@dataclass(frozen=True)
class Ring(Line):
    """Points in cyclic order with labels; `wires` as for a line."""

    @property
    def changes(self) -> int:
        """How often the label changes on the way round; an even number."""
        return sum(a != b for a, b in zip(self.labels, (*self.labels[1:], self.labels[0]), strict=True))


def chord(n: int) -> arb:
    """Enclose 2 sin(pi/n), the distance of neighbours among n equidistant points of the unit circle."""
    return {2: arb(2), 6: arb(1)}.get(n) or 2 * over(arb.pi(), arb(n)).sin()  # rational for n = 2, 6 alone


@dataclass(frozen=True)
class Equidistant:
    """n equidistant points of the unit circle, n even; `side` is the distance of neighbours."""

    delta: Fraction
    n: int
    side: arb

    @classmethod
    def of(cls, delta: int | Fraction) -> "Equidistant":
        """Return the largest even number of points with 2 sin(pi/n) >= delta; two points if there is none."""
        low = high = 2
        while chord(high) >= ball(delta):
            low, high = high, 2 * high
        while high - low > 2:
            middle = (low + high) // 4 * 2
            low, high = (middle, high) if chord(middle) >= ball(delta) else (low, middle)
        return cls(Fraction(delta), low, chord(low))


def flat(points: Points) -> Points:
    """Return the points of a plane in two of their coordinates, chosen so that different points stay different."""
    lifted = [(*x, 1) for x in points]
    for i, j in combinations(range(len(points[0])), 2):
        if rank([(x[i], x[j], 1) for x in points]) == rank(lifted):
            return tuple((x[i], x[j]) for x in points)
    raise ValueError("the points do not lie in a plane")


def turns(points: Points) -> set[int]:
    """Return the signs of the orientations of all triples i < j < k of points of the plane."""
    found = set()
    for x, y, z in combinations(points, 3):
        area = (y[0] - x[0]) * (z[1] - x[1]) - (y[1] - x[1]) * (z[0] - x[0])
        found.add((area > 0) - (area < 0))
    return found


def around_a_circle(it: Any) -> Answer:
    """|x|^2 is an affine function of the points of a plane iff they lie on a circle; all triples turn one way."""
    if isinstance(it, Equidistant) or len(it.points) < 3:
        return True
    if rank([(dot(x, x), *x, 1) for x in it.points]) > 3:
        return Counterexample("the points do not lie on a circle")
    return len(turns(flat(it.points)) - {0}) == 1 or Counterexample("they do not go round the circle once")


def of_a_ring(predicate: Any) -> Any:
    return lambda it: isinstance(it, Equidistant) or predicate(it)


def separation_is_possible(it: Any) -> Answer:
    if isinstance(it, Ring) or 0 < it.delta <= 2:
        return True
    return Counterexample(f"delta is {it.delta}")


def half_as_many_as_changes(it: Any) -> Answer:
    """The least first layer has exactly half as many units as there are changes; no network has fewer readers."""
    if isinstance(it, Equidistant):
        return keeps_distance(it)
    if it.wires is None:
        count = fewest_units(it.points, it.labels)
        if 2 * count == it.changes:
            return True
    else:
        wrong = [i for i, x in enumerate(it.points) if it.output(x) != it.labels[i]]
        if wrong:
            raise ValueError(f"the network fails at point {wrong[0]}: it says nothing about memorizing")
        count = len(it.readers)
        if 2 * count >= it.changes:
            return True
    enough = "1 unit is" if count == 1 else f"{count} units are"
    return Counterexample(f"{enough} enough for {it.changes} changes of label")


def keeps_distance(it: Equidistant) -> Answer:
    """n is even and the largest with 2 sin(pi/n) >= delta, and pi/(2 arcsin(delta/2)) - 1 < n/2 <= pi/delta."""
    delta = ball(it.delta)
    if it.n % 2 or not it.side >= delta:
        return Counterexample(f"the side {shown(it.side)} of {it.n} points is less than {it.delta}")
    if not chord(it.n + 2) < delta:
        return Counterexample(f"{it.n + 2} points would fit")
    angle = arb.pi() * fmpq(1, 2) if it.delta == 2 else (delta * fmpq(1, 2)).asin()
    half = it.n // 2
    if not (2 * (half + 1) * angle > arb.pi() and half * delta <= arb.pi()):
        return Counterexample(f"{half} is not between the bounds")
    return True


lb_circle = Claim(
    "rajput-lb-circle",
    hypotheses={
        "the points go round a circle, in order": around_a_circle,
        "no connection skips a layer": of_a_ring(no_skips),
        "the first layer has threshold units": of_a_ring(first_layer_of_thresholds),
        "0 < delta <= 2": separation_is_possible,
    },
    conclusion=half_as_many_as_changes,
)


# --- rajput-lb-cells ---

lb_cells = Claim(
    "rajput-lb-cells", hypotheses={"the units are threshold units": thresholds_only}, conclusion=few_codes
)


# --- rajput-lb-packing, rajput-lb-sphere ---

lb_packing = Claim(
    "rajput-lb-packing",
    hypotheses={"0 < delta <= 1/2": delta_at_most_half, "all pairs are told apart": all_pairs},
    conclusion=many_units,
)

lb_sphere = Claim(
    "rajput-lb-sphere",
    hypotheses={
        "the points lie on a sphere": points_of_a_sphere,
        "0 < delta <= 1/2": delta_at_most_half,
        "all pairs are told apart": all_pairs,
    },
    conclusion=many_units_on_the_sphere,
)
