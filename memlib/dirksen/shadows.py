"""The shadows of a set: its widths, and how often a random hyperplane leaves it whole or cuts it.

Points are rational, the range of the biases is a FLINT ball. In the plane and on the line all means and
probabilities are enclosed, for finite sets and for their hulls alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from flint import arb

from memlib.claim import Claim
from memlib.dirksen.planar import block_probability, cut_probability, mean_sup, perimeter
from memlib.dirksen.scalars import Number, Point, agree, ball, dot, over, precisely, root, shown
from memlib.dirksen.separation import a_constant, lam_is_positive
from memlib.evidence import Answer, Counterexample

Points = tuple[Point, ...]
ONE = arb(1)


def moved(T: Points, c: Point) -> Points:
    """Return T - c."""
    return tuple(tuple(a - b for a, b in zip(x, c, strict=True)) for x in T)


def written(x: Point) -> str:
    return f"({', '.join(map(str, x))})"


def squared(x: Point, y: Point) -> Fraction:
    """Return the squared distance of two points."""
    return Fraction(sum((a - b) ** 2 for a, b in zip(x, y, strict=True)))


@dataclass(frozen=True)
class Component:
    """A set of points and its centre."""

    centre: Point
    points: Points


# --- dirksen-mean-width ---


@dataclass(frozen=True)
class Cloud:
    """Points of the plane or the line, a centre, and the standard deviation of g (a ball)."""

    points: Points
    centre: Point
    sigma: arb = ONE


@dataclass(frozen=True)
class Box:
    """A box with these side lengths, one corner at 0."""

    sides: tuple[Number, ...]

    @property
    def corners(self) -> list[Point]:
        return list(product(*((0, side) for side in self.sides)))


@precisely
def width(T: Points) -> arb:
    """Return W(T), or in dimension 3 and more a bound of it: that of the smallest box around T."""
    if len(T[0]) <= 2:
        return over(perimeter(T), root(2 * arb.pi()))
    return box_width([max(column) - min(column) for column in zip(*T, strict=True)])


@precisely
def box_width(sides: Sequence[Number]) -> arb:
    return root(over(arb(2), arb.pi())) * ball(Fraction(sum(sides)))


def below(a: arb, b: arb) -> bool:
    """Decide a <= b; where the balls overlap and are tight, the two are equal up to 25 digits."""
    if a <= b or agree(a, b):
        return True
    if a > b:
        return False
    raise ArithmeticError(f"the balls {a} and {b} are too wide to tell")


def centre_belongs(it: Cloud | Box) -> Answer:
    if isinstance(it, Box) or it.centre in it.points:
        return True
    return Counterexample(f"the centre {written(it.centre)} is not in T")


def negated(T: Points) -> Points:
    return tuple(tuple(-a for a in x) for x in T)


@precisely
def widths_are_ordered(it: Cloud | Box) -> Answer:
    """(a), (b), (c) for a cloud, every mean found arc by arc; (d) for a box, from all its corners."""
    if isinstance(it, Box):
        return _box_adds_its_sides(it)
    T = moved(it.points, it.centre)
    W = it.sigma * mean_sup([p for x in T for p in moved(T, x)])
    one, other, w = (it.sigma * mean_sup(S) for S in (T, negated(T), T + negated(T)))
    for name, value in (("one-sided", one), ("opposite", other)):
        if not agree(2 * value, W):
            return Counterexample(
                f"the {name} mean is {shown(value)}, half of W is {shown(W * ball(Fraction(1, 2)))}"
            )
    if not (below(one, w) and below(w, W)):
        return Counterexample(f"W/2 is {shown(one)}, w is {shown(w)}, W is {shown(W)}")
    if not agree(W, it.sigma * over(perimeter(T), root(2 * arb.pi()))):
        return Counterexample(f"W is {shown(W)}, not the perimeter over sqrt(2 pi)")
    return radius_bounds(T, w, it.sigma) and radius_bounds(it.points, two_sided(it), it.sigma)


def spanned(T: Points) -> int:
    """Return the dimension of the span of points of the plane or the line."""
    pairs = [(x, y) for x in T for y in T]
    if len(T[0]) == 2 and any(x[0] * y[1] != x[1] * y[0] for x, y in pairs):
        return 2
    return int(any(any(x) for x in T))


@precisely
def radius_bounds(T: Points, w: arb, sigma: arb, two: int = 2) -> Answer:
    """sqrt(2/pi) rad <= w <= rad sqrt(k), rad sqrt(2 ln(2 |T|)); `two` replaces the 2 before |T|."""
    rad = sigma * ball(max(dot(x, x) for x in T)).sqrt()
    log = (2 * arb(two * len(set(T))).log()).sqrt()
    for low, high, name in (
        (rad * root(over(arb(2), arb.pi())), w, "w"),
        (w, rad * arb(spanned(T)).sqrt(), "rad sqrt(k)"),
        (w, rad * log, "the bound with the logarithm"),
    ):
        if not below(low, high):
            return Counterexample(f"{name} is {shown(high)}, below {shown(low)}")
    return True


def _box_adds_its_sides(it: Box) -> Answer:
    """max of u.(x - x') over corners is the sum of |u_i| l_i, for all u in {-2, ..., 2}^d."""
    for u in product(range(-2, 3), repeat=len(it.sides)):
        found = [dot(u, x) for x in it.corners]
        if max(found) - min(found) != sum(abs(a) * side for a, side in zip(u, it.sides, strict=True)):
            return Counterexample(f"in the direction {u} the box has the width {max(found) - min(found)}")
    return True


@precisely
def two_sided(it: Cloud) -> arb:
    """Return w(T), T itself and not T - c."""
    return it.sigma * mean_sup(it.points + negated(it.points))


def one_logarithm(it: Cloud) -> Answer:
    """The bound w <= rad sqrt(2 ln |T|)."""
    return radius_bounds(it.points, two_sided(it), it.sigma, two=1)


mean_width = Claim(
    "dirksen-mean-width", hypotheses={"c belongs to T": centre_belongs}, conclusion=widths_are_ordered
)


# --- dirksen-block-sep ---


@dataclass(frozen=True)
class Blocks:
    """Two components, a radius that is to bound the norms of their centres, and the range of the biases."""

    T: Component
    U: Component
    R: Number
    lam: arb


def blocks(T: Component, U: Component, R: Number, lam: Number) -> Blocks:
    return Blocks(T, U, R, ball(lam))


def both_contain_centres(it: Blocks) -> Answer:
    for part in (it.T, it.U):
        if part.centre not in part.points:
            return Counterexample(f"the centre {written(part.centre)} is not in its component")
    return True


def both_centres_in_ball(it: Blocks) -> Answer:
    return in_ball([it.T.centre, it.U.centre], it.R)


def in_ball(centres: Sequence[Point], R: Number) -> Answer:
    for c in centres:
        if dot(c, c) > Fraction(R) ** 2:
            return Counterexample(f"a centre has the norm {shown(ball(dot(c, c)).sqrt())}, R is {R}")
    return R > 0 or Counterexample(f"R is {R}")


@precisely
def block_bound(it: Blocks, share: Fraction = Fraction(1, 2)) -> arb:
    """Return (a D - W(T) / 2 - W(U) / 2) / (2 lam); `share` replaces 1/2."""
    D = ball(squared(it.T.centre, it.U.centre)).sqrt()
    loss = ball(share) * (width(it.T.points) + width(it.U.points))
    return over(a_constant(it.lam, it.R) * D - loss, 2 * it.lam)


@precisely
def separates_blocks(it: Blocks, share: Fraction = Fraction(1, 2)) -> Answer:
    bound, p = block_bound(it, share), block_probability(it.T.points, it.U.points, it.lam)
    return below(bound, p) or Counterexample(f"the probability is {shown(p)}, below {shown(bound)}")


@precisely
def larger_constant(it: Blocks) -> Answer:
    """The bound with 1 / sqrt(2 pi) in place of a."""
    p, a = block_probability(it.T.points, it.U.points, it.lam), a_constant(it.lam, it.R)
    more = over(arb(1), root(2 * arb.pi())) - a
    bound = block_bound(it) + over(more * ball(squared(it.T.centre, it.U.centre)).sqrt(), 2 * it.lam)
    return below(bound, p) or Counterexample(f"the probability is {shown(p)}, below {shown(bound)}")


block_sep = Claim(
    "dirksen-block-sep",
    hypotheses={
        "lambda > 0": lam_is_positive,
        "c is in T and c' in T'": both_contain_centres,
        "|c| and |c'| are at most R": both_centres_in_ball,
    },
    conclusion=separates_blocks,
)


# --- dirksen-cut ---


@dataclass(frozen=True)
class Cut:
    """A set; lam is the promised range of the biases, [-scale lam, scale lam] the one they are drawn from."""

    T: Points
    lam: arb
    scale: Number = 1


def cut(T: Points, lam: Number, scale: Number = 1) -> Cut:
    return Cut(tuple(T), ball(lam), scale)


def fills_the_range(it: Any) -> Answer:
    return it.scale == 1 or Counterexample(f"they are uniform on [-{it.scale} lambda, {it.scale} lambda]")


@precisely
def cuts_seldom(it: Cut, share: int = 1) -> Answer:
    """P(cut) <= W / (2 lam share)."""
    p, bound = cut_probability(it.T, it.lam * ball(it.scale)), over(width(it.T), 2 * it.lam * share)
    return below(p, bound) or Counterexample(f"it is cut with probability {shown(p)}, above {shown(bound)}")


def half_the_width(it: Cut) -> Answer:
    return cuts_seldom(it, share=2)


BIASES = "the biases are uniform on [-lambda, lambda]"
seldom_cut = Claim(
    "dirksen-cut", hypotheses={"lambda > 0": lam_is_positive, BIASES: fills_the_range}, conclusion=cuts_seldom
)
