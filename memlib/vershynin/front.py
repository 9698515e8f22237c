"""The sign front: neurons without bias pull close points apart, at a cost that is polynomial in 1/delta.

A layer sends x to the signs of g_j.x, j = 1..m, with independent standard normal rows g_j. Points in integers are
drawn through layers; for a bare number K of points the chance of failure is enclosed for all sets of K points.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

import sympy
from flint import arb

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, Frequency, equal
from memlib.vershynin.enrichment_tails import (
    Points,
    at_most_beta,
    ceiling,
    logarithm,
    lower_tail,
    number_of,
    pairs_of,
    precise,
    squared_separation,
    to_integer,
)
from memlib.vershynin.front_floats import distances_between, layer_succeeds
from memlib.vershynin.normal import ball, half, over, shown

#: The two promises of one layer, and the factors in their widths.
FACTORS = {"distinct": 1, "distant": 8}
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class SignLayer:
    """m sign neurons for K points at angles of at least theta; promise (a) "distinct" or (b) "distant"."""

    points: Points | int
    theta: arb
    beta: Fraction
    m: int
    promise: str
    runs: int = 0
    seed: int = 0

    @property
    @precise
    def share(self) -> arb:
        """theta / pi: the chance that a random hyperplane separates two points at the angle theta."""
        return over(self.theta, arb.pi())


@precise
def least_width(K: int, theta: arb, beta: Fraction, promise: str) -> int:
    """Return the least m with m >= (pi / theta) ln(K^2 / (2 beta)), or eight times that."""
    return ceiling(FACTORS[promise] * over(arb.pi(), theta) * logarithm(Fraction(K * K) / Fraction(2 * beta)))


def sign_layer(
    points: Points | int, theta: Fraction, beta: Fraction, promise: str, runs: int = 0, seed: int = 0
) -> SignLayer:
    """Return the layer with the least width that the statement allows."""
    angle = ball(theta)
    m = least_width(number_of(points), angle, beta, promise)
    return SignLayer(points, angle, beta, m, promise, runs, seed)


# --- part (c): layer after layer ---


@dataclass(frozen=True)
class Chain:
    """Sign layers of the given widths, for K points of norm 1 at distances of at least delta.

    With points the layers are drawn in integers; with a number K the chance of failure of each layer is enclosed.
    """

    points: Points | int
    delta: Fraction | arb
    widths: tuple[int, ...]
    seed: int = 0

    @cached_property
    @precise
    def promised(self) -> list[arb]:
        """delta_0, ..., delta_J: delta_j = sqrt(2 delta_(j-1) / pi)."""
        return ladder(ball(self.delta), len(self.widths))


@precise
def ladder(delta: arb, J: int) -> list[arb]:
    found = [delta]
    for _ in range(J):
        found.append(over(2 * found[-1], arb.pi()).sqrt())
    return found


@precise
def number_of_layers(delta: arb) -> int:
    """Return J = ceil(log2 ln(1 / delta)), the least J >= 0 with 2^J >= ln(1 / delta)."""
    J = 0
    while not -delta.log() <= 2**J:
        J += 1
    return J


@precise
def least_widths(K: int, delta: arb, J: int) -> tuple[int, ...]:
    """Return m_j = ceil((8 pi / delta_(j-1)) ln K^2) for j = 1, ..., J."""
    return tuple(least_width(K, d, HALF, "distant") for d in ladder(delta, J)[:-1])


def chain(points: Points | int, delta: Fraction | arb, seed: int = 0) -> Chain:
    """Return the chain with the least number of layers and the least widths."""
    d = ball(delta)
    return Chain(points, delta, least_widths(number_of(points), d, number_of_layers(d)), seed)


@dataclass(frozen=True)
class Rung:
    """The closed form (2/pi)^(1-s) delta^s of delta_j, s = 2^-j, in letters."""

    delta: sympy.Symbol
    s: sympy.Symbol


#: One layer, a chain of layers, or the formula for its distances.
Instance = SignLayer | Chain | Rung


# --- hypotheses ---


def no_point_is_zero(x: Instance) -> Answer:
    if not isinstance(x, Rung) and isinstance(x.points, Points):
        for k, row in enumerate(x.points.gram):
            if row[k] == 0:
                return Counterexample(f"point {k} is 0")
    return True


@precise
def angles_are_large(x: Instance) -> Answer:
    """Decide arccos(rho_ik) >= theta; a point 0 has no angle, and is excluded elsewhere."""
    if isinstance(x, SignLayer) and isinstance(x.points, Points):
        A = x.points.gram
        for i, k in x.points.pairs:
            if A[i][i] and A[k][k]:
                angle = over(ball(A[i][k]), ball(A[i][i] * A[k][k]).sqrt()).acos()
                if not angle >= x.theta:
                    return Counterexample(f"points {i} and {k} are at the angle {shown(angle)}")
    return True


def distances_are_large(x: Instance) -> Answer:
    """Decide that all norms are 1, and all distances at least delta."""
    if isinstance(x, Chain) and isinstance(x.points, Points):
        for k, row in enumerate(x.points.gram):
            if row[k] != x.points.square:
                return Counterexample(f"point {k} has the squared norm {Fraction(row[k], x.points.square)}")
        found, delta = squared_separation(x.points), x.delta
        large = found >= delta**2 if isinstance(delta, Fraction) else ball(found) >= delta**2
        return bool(large) or Counterexample(f"two points have the squared distance {found}")
    return True


@precise
def ranges(x: Instance) -> Answer:
    if isinstance(x, Chain):
        inside = bool(ball(x.delta) > 0) and bool(ball(x.delta) < (-arb(1)).exp())
        return inside or Counterexample(f"delta is {shown(ball(x.delta))}")
    if isinstance(x, SignLayer):
        inside = bool(x.theta > 0) and bool(x.theta <= arb.pi()) and 0 < x.beta < 1
        return inside or Counterexample(f"theta is {shown(x.theta)}, beta is {x.beta}")
    return True


def layers_are_wide(x: Instance) -> Answer:
    if isinstance(x, SignLayer):
        needed = least_width(number_of(x.points), x.theta, x.beta, x.promise)
        return x.m >= needed or Counterexample(f"m is {x.m}, not {needed}")
    if isinstance(x, Chain):
        needs = least_widths(number_of(x.points), ball(x.delta), len(x.widths))
        for j, (m, need) in enumerate(zip(x.widths, needs, strict=True), start=1):
            if m < need:
                return Counterexample(f"layer {j} has {m} neurons, not {need}")
    return True


def enough_layers(x: Instance) -> Answer:
    """Decide 2^J >= ln(1 / delta)."""
    if isinstance(x, Chain):
        needed = number_of_layers(ball(x.delta))
        return len(x.widths) >= needed or Counterexample(f"there are {len(x.widths)} layers, not {needed}")
    return True


# --- conclusions ---


@precise
def layer_failure(x: SignLayer) -> arb:
    """Bound the chance of failure for all K points at angles of at least theta: a union bound with true tails.

    A pair is separated by a number of hyperplanes that is binomial; its tails shrink as the angle grows.
    """
    if x.promise == "distinct":
        return pairs_of(number_of(x.points)) * (1 - x.share) ** x.m
    few = to_integer(half(x.m * x.share))
    return pairs_of(number_of(x.points)) * lower_tail(x.m, x.share, few)


@precise
def climbs(x: Chain) -> Answer:
    """Decide delta <= delta_j <= 2 / pi for j >= 1, and delta_J >= 2 / (pi e)."""
    top = over(2, arb.pi())
    for j, d in enumerate(x.promised[1:], start=1):
        if not (d >= ball(x.delta) and d <= top):
            return Counterexample(f"delta_{j} is {shown(d)}")
    last = x.promised[-1]
    return bool(last >= top * (-arb(1)).exp()) or Counterexample(f"the last distance is {shown(last)}")


@precise
def chain_keeps_its_promise(x: Chain) -> Answer:
    """Decide the climb, and each layer: by its union bound, or on the drawn points with their Hamming distances."""
    answer = climbs(x)
    if not answer:
        return answer
    if isinstance(x.points, int):
        for m, (before, after) in zip(x.widths, pairwise(x.promised), strict=True):
            few = to_integer(
                m * after**2 * ball(Fraction(1, 4))
            )  # the distance is below `after` iff 4 H / m is
            failure = pairs_of(x.points) * lower_tail(
                m, over(before, arb.pi()), few
            )  # the angle is >= `before`
            if not at_most_beta(failure, HALF):
                return Counterexample(
                    f"from {shown(before)} to {shown(after)}: {at_most_beta(failure, HALF)}"
                )
        return True
    found = distances_between(x.points.rows, x.widths, x.seed)
    for j, (H, m, d) in enumerate(zip(found, x.widths, x.promised[1:], strict=True), start=1):
        if not ball(Fraction(4 * H, m)) >= d * d:
            return Counterexample(f"after layer {j} two points differ in {H} of {m} signs")
    return True


def closed_form(x: Rung) -> Answer:
    """Decide sqrt(2 d(s) / pi) = d(s / 2) and d(1) = delta for d(s) = (2 / pi)^(1 - s) delta^s."""
    start = sympy.Integer(2) * sympy.Pow(sympy.pi, -1)

    def d(s: sympy.Expr) -> sympy.Expr:
        return start ** (1 - s) * x.delta**s

    rises = equal(sympy.log(start * d(x.s)) * sympy.Rational(1, 2), sympy.log(d(x.s * sympy.Rational(1, 2))))
    return (rises and equal(d(sympy.Integer(1)), x.delta)) or Counterexample(
        "the formula breaks the recursion"
    )


def front_holds(x: Instance) -> Answer | Frequency:
    if isinstance(x, Rung):
        return closed_form(x)
    if isinstance(x, Chain):
        return chain_keeps_its_promise(x)
    return layer_succeeds(x) if isinstance(x.points, Points) else at_most_beta(layer_failure(x), x.beta)


sign_front = Claim(
    "vershynin-sign-front",
    hypotheses={
        "no point is 0": no_point_is_zero,
        "the angles are at least theta": angles_are_large,
        "norm 1, distances at least delta": distances_are_large,
        "0 < theta <= pi, 0 < beta < 1, 0 < delta < 1/e": ranges,
        "the layers are wide enough": layers_are_wide,
        "2^J >= ln(1/delta)": enough_layers,
    },
    conclusion=front_holds,
)


def reaches_the_mean(x: SignLayer) -> Frequency:
    """The wrong version of (b): every pair is separated by the mean number of hyperplanes, m theta / pi."""
    return layer_succeeds(x, part=1)
