"""Many separated points in the unit ball and on the unit sphere, and how many units tell all of them apart.

A packing is a set of integer points X with |X|^2 <= norm; it stands for the points x = X / sqrt(norm).
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, product
from math import ceil, comb, isqrt
from typing import Any

from flint import arb

from memlib.evidence import Answer, Counterexample
from memlib.exact import dot
from memlib.rajput.arrangements import Arrangement, E, Points, Row, cells
from memlib.rajput.line import fewest_units
from memlib.rajput.two_points import ball, shown
from memlib.search import FEW


def most_codes(m: int, d: int, sphere: bool = False) -> int:
    """Return the bound on the number of codes: R(m, d), and R(m, d - 1) + C(m, d - 1) for points of a sphere."""
    return cells(m, d - 1) + comb(m, d - 1) if sphere else cells(m, d)


def points_promised(d: int, delta: Fraction, sphere: bool = False) -> int:
    """Return delta^-d, and 2 delta^-(d - 1) on the sphere, rounded up."""
    return ceil(2 * Fraction(1, delta) ** (d - 1) if sphere else Fraction(1, delta) ** d)


def units_needed(n: int, d: int, sphere: bool = False) -> int:
    """Return the least m for which m units may give n codes, by the bound on their number."""
    low, high = -1, 1
    while most_codes(high, d, sphere) < n:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if most_codes(middle, d, sphere) < n else (low, middle)
    return high


def exponent(d: int, sphere: bool) -> int:
    """d for the ball, d - 1 for the sphere: the bound is that many times 1/(e delta)."""
    return d - 1 if sphere else d


@dataclass(frozen=True)
class Counted:
    """A dimension and a separation, for which units are counted: `log` encloses ln(1/delta)."""

    d: int
    delta: Fraction
    log: arb
    sphere: bool = False

    @classmethod
    def of(cls, d: int, delta: Fraction, sphere: bool = False) -> "Counted":
        return cls(d, delta, -ball(delta).log(), sphere)


@dataclass(frozen=True)
class Packing:
    """Integer points X, |X|^2 <= norm (= norm on the sphere), and units that tell them apart.

    rows : the units (w, b), or None for "no matter which": the fewest are then found by exhaustion, for few points.
    labels : only points with different labels are to be told apart; None: all points are.
    """

    points: Points
    norm: int
    delta: Fraction
    rows: tuple[Row, ...] | None = None
    labels: tuple[int, ...] | None = None
    sphere: bool = False

    @property
    def d(self) -> int:
        return len(self.points[0])

    @property
    def wanted(self) -> tuple[int, ...]:
        return tuple(range(len(self.points))) if self.labels is None else self.labels


def grid(d: int, q: int) -> Points:
    """Return all integer points of the ball of radius q: with delta = 1/q they are delta-separated in the unit ball."""
    return tuple(x for x in product(range(-q, q + 1), repeat=d) if dot(x, x) <= q * q)


def between_the_lines(d: int, q: int) -> tuple[Row, ...]:
    """Return the 2 d q units [x_j >= c + 1/2] between the integer points of the ball of radius q, axis by axis."""
    axes = [tuple(2 * int(i == j) for i in range(d)) for j in range(d)]
    return tuple((*axis, -2 * c - 1) for axis in axes for c in range(-q, q))


def on_the_sphere(d: int, norm: int, delta: Fraction) -> Points:
    """Return integer points with |X|^2 = norm, each at distance at least delta sqrt(norm) from those before it."""
    side = isqrt(norm)
    chosen: list[Row] = []
    for x in product(range(-side, side + 1), repeat=d - 1):
        rest = norm - dot(x, x)
        root = isqrt(max(rest, 0))
        for last in sorted({root, -root}) if root * root == rest else ():
            X = (*x, last)
            if all(far(X, Y, norm, delta) for Y in chosen):
                chosen.append(X)
    return tuple(chosen)


def far(X: Row, Y: Row, norm: int, delta: Fraction) -> bool:
    return sum((a - b) ** 2 for a, b in zip(X, Y, strict=True)) >= delta**2 * norm


def told_apart(rows: tuple[Row, ...], points: Points, labels: tuple[int, ...]) -> bool:
    """Whether points with equal codes have equal labels."""
    units = Arrangement(rows)
    label_of: dict[Row, int] = {}
    return all(label_of.setdefault(units.code(x), y) == y for x, y in zip(points, labels, strict=True))


# --- hypotheses ---


def delta_at_most_half(it: Any) -> Answer:
    delta = getattr(it, "delta", None)
    return delta is None or 0 < delta <= Fraction(1, 2) or Counterexample(f"delta is {delta}")


def all_pairs(it: Any) -> Answer:
    return getattr(it, "labels", None) is None or Counterexample("only different labels are told apart")


def points_of_a_sphere(it: Any) -> Answer:
    if not isinstance(it, Arrangement):
        return True
    if it.at is None:
        return Counterexample("the codes are those of all of space")
    return len({dot(x, x) for x in it.at}) == 1 or Counterexample("the points are not on a sphere around 0")


# --- conclusions ---


def enough_points(it: Packing) -> Answer:
    """At least as many points as promised, in the ball or on the sphere, delta-separated."""
    n = points_promised(it.d, it.delta, it.sphere)
    if len(it.points) < n:
        return Counterexample(f"there are {len(it.points)} points, not {n}")
    for i, X in enumerate(it.points):
        if dot(X, X) > it.norm or (it.sphere and dot(X, X) < it.norm):
            return Counterexample(f"point {i} is out of place")
    for i, j in combinations(range(len(it.points)), 2):
        if not far(it.points[i], it.points[j], it.norm, it.delta):
            return Counterexample(f"points {i} and {j} are closer than {it.delta}")
    return True


def at_least(m: int, it: Any) -> Answer:
    """m >= d/(e delta), with d - 1 on the sphere; and m >= ln n/(e delta ln(1/delta)) where the logarithm is given."""
    k = exponent(it.d, it.sphere)
    if E * it.delta * m < k:
        enough = "1 unit is" if m == 1 else f"{m} units are"
        return Counterexample(f"{enough} enough, fewer than the bound {over_e(k, it.delta)}")
    if isinstance(it, Counted) and not it.sphere and it.log >= 1:
        n = points_promised(it.d, it.delta)
        if not m * arb(1).exp() * ball(it.delta) * it.log >= ball(n).log():
            return Counterexample(f"{m} units are enough for {n} points, against the logarithmic bound")
    return True


def over_e(k: int, delta: Fraction) -> str:
    return shown(ball(Fraction(k) / delta) * arb(-1).exp())


def many_units(it: Any) -> Answer:
    """The points exist, and to tell all of them apart takes the units of the bound."""
    if isinstance(it, Counted):
        return at_least(units_needed(points_promised(it.d, it.delta, it.sphere), it.d, it.sphere), it)
    answer = enough_points(it)
    if not answer:
        return answer
    if it.rows is None:
        if len(it.points) > FEW:
            raise ValueError(f"{len(it.points)} points are too many for an exhaustive search; give units")
        return at_least(fewest_units(it.points, it.wanted), it)
    if not told_apart(it.rows, it.points, it.wanted):
        raise ValueError("the units do not tell the points apart: they say nothing about the bound")
    return at_least(len(it.rows), it)


def many_units_on_the_sphere(it: Any) -> Answer:
    """At most R(m, d - 1) + C(m, d - 1) codes at points of a sphere; and the bound that follows."""
    if isinstance(it, Arrangement):
        m, d, found = len(it.rows), it.d, len(it.codes())
        most = most_codes(m, d, sphere=True)
        return found <= most or Counterexample(f"{m} units in R^{d} give {found} codes, more than {most}")
    return many_units(it)
