"""Many hyperplanes: counting becomes a metric, and the second layer a cover by balls.

Points are tuples of rationals, ranges of biases are FLINT balls, sets are Python ints (bit i for point i).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from flint import arb

from memlib.claim import Claim
from memlib.dirksen.geometry_floats import count_ball_covers, float_below
from memlib.dirksen.scalars import Number, Point, agree, ball, dot, half_square, over, precisely, root, shown
from memlib.dirksen.separation import Pair, around_the_origin, lam_is_positive
from memlib.evidence import Answer, Counterexample, Frequency

Points = tuple[Point, ...]

# --- dirksen-metric ---


@dataclass(frozen=True)
class Triangle:
    """Three points of the line or the plane, the range of the biases, and a bound for the norms."""

    corners: Points
    lam: arb
    R: Number


def points_of(X: Sequence[Sequence[Number]]) -> Points:
    """Return the points as tuples of Fractions."""
    return tuple(tuple(map(Fraction, x)) for x in X)


def triangle(x: Sequence, y: Sequence, z: Sequence, lam: Number, R: Number) -> Triangle:
    return Triangle(points_of((x, y, z)), ball(lam), R)


def squared(x: Point, y: Point) -> Fraction:
    """Return the squared distance."""
    v = tuple(b - a for a, b in zip(x, y, strict=True))
    return dot(v, v)


#: Integrals that were computed before: x, y and the bits of lambda -> p(x, y).
_KNOWN: dict[tuple, arb] = {}


@precisely
def separates(x: Point, y: Point, lam: arb) -> arb:
    """Enclose p(x, y), by the polar formula; 0 if the points are equal."""
    if x == y or not lam.is_exact():
        return arb(0) if x == y else around_the_origin(Pair(x, y, lam))
    key = (x, y, *lam.man_exp())
    if key not in _KNOWN:
        _KNOWN[key] = around_the_origin(Pair(x, y, lam))
    return _KNOWN[key]


@precisely
def rho(x: Point, y: Point, lam: arb) -> arb:
    """Enclose rho_lam(x, y) = 4 lam p(x, y), the mean of |clip(w.x) - clip(w.y)|."""
    return 4 * lam * separates(x, y, lam)


@precisely
def loss(lam: arb, R: Number) -> arb:
    """Return exp(-lam^2 / (2 R^2)): at most this share of a distance is lost by clipping."""
    return (-half_square(over(lam, ball(R)))).exp()


@precisely
def scale() -> arb:
    """Return sqrt(2 / pi), the mean of |g|."""
    return root(over(arb(2), arb.pi()))


def decide(claimed: bool, refuted: bool, words: str) -> Answer:
    """Answer for an inequality of balls: True, or a counterexample, or ArithmeticError where the balls are too wide."""
    if claimed:
        return True
    if refuted:
        return Counterexample(words)
    raise ArithmeticError(f"the balls are too wide to tell: {words}")


def norms_at_most_R(it: Any) -> Answer:
    points = it.corners if isinstance(it, Triangle) else it.minus + it.plus
    longest = max(dot(x, x) for x in points)
    if it.R > 0 and longest <= Fraction(it.R) ** 2:
        return True
    return Counterexample(f"a norm is {shown(ball(longest).sqrt())}, R is {it.R}")


@precisely
def is_a_metric_near_the_distance(it: Triangle, kept: arb | None = None) -> Answer:
    """Symmetry, the triangle inequality, and sqrt(2/pi) (1 - loss) D <= rho <= sqrt(2/pi) D; kept : for 1 - loss."""
    kept = 1 - loss(it.lam, it.R) if kept is None else kept
    for i, j in combinations(range(3), 2):
        x, y = it.corners[i], it.corners[j]
        value, D = rho(x, y, it.lam), ball(squared(x, y)).sqrt()
        if x != y and not agree(value, rho(y, x, it.lam)):
            return Counterexample(f"rho is {shown(value)} one way and {shown(rho(y, x, it.lam))} the other")
        if x != y and not (kept * scale() * D <= value <= scale() * D):
            words = f"rho is {shown(value)} and sqrt(2/pi) D is {shown(scale() * D)}"
            answer = decide(False, bool(value < kept * scale() * D or value > scale() * D), words)
            return answer
    for i, j, k in ((0, 1, 2), (1, 2, 0), (2, 0, 1)):
        way = rho(it.corners[i], it.corners[k], it.lam) + rho(it.corners[k], it.corners[j], it.lam)
        straight = rho(it.corners[i], it.corners[j], it.lam)
        if straight > way:
            return Counterexample(f"rho is {shown(straight)}, the detour {shown(way)}")
    return True


metric = Claim(
    "dirksen-metric",
    hypotheses={"lambda > 0": lam_is_positive, "the norms are at most R": norms_at_most_R},
    conclusion=is_a_metric_near_the_distance,
)


# --- dirksen-cccd-limit ---


@dataclass(frozen=True)
class Limit:
    """Two classes, a range, a bound for the norms, n hyperplanes, and the allowed failure eta.

    runs : 0 to enclose the deterministic half, else how many first layers are drawn, from `seed`.
    """

    minus: Points
    plus: Points
    lam: arb
    R: Number
    n: int
    eta: Fraction
    runs: int = 0
    seed: int = 0


def limit(minus: Sequence, plus: Sequence, lam: Number, **rest: Any) -> Limit:
    """Return the instance with points as tuples of Fractions and lam as a ball."""
    return Limit(points_of(minus), points_of(plus), ball(lam), **rest)


def ball_covers(minus: Sequence[Point], plus: Sequence[Point]) -> list[int]:
    """Return for every x* in X^- the set of x in X^- with |x - x*| < d(x*, X^+), by squared distances: exact."""
    reach = [min(squared(x, y) for y in plus) for x in minus]
    return [
        sum(1 << i for i, x in enumerate(minus) if squared(z, x) < r)
        for z, r in zip(minus, reach, strict=True)
    ]


def in_order(covers: Sequence[int], order: Sequence[int]) -> list[int]:
    """Return the anchors that are accepted if the candidates come in this order and covered ones are skipped."""
    covered, accepted = 0, []
    for k in order:
        if not covered >> k & 1:
            accepted.append(k)
            covered |= covers[k]
    return accepted


@precisely
def least_gap(it: Limit) -> arb:
    """Enclose g, the least | |x - x*| - d(x*, X^+) | over x, x* in X^-."""
    gaps = []
    for z in it.minus:
        reach = ball(min(squared(z, y) for y in it.plus))
        gaps += [abs(ball(squared(z, x)).sqrt() - reach.sqrt()) for x in it.minus]
    return least_of(gaps)


def least_of(balls: Sequence[arb]) -> arb:
    least = balls[0]
    for b in balls[1:]:
        least = least.min(b)
    return least


@precisely
def clear_gap(it: Limit) -> arb:
    """Return g' = g - 2 R exp(-lam^2 / 2 R^2), what clipping leaves of the gap."""
    return least_gap(it) - 2 * ball(it.R) * loss(it.lam, it.R)


@precisely
def enough(it: Limit) -> arb:
    """Return 16 sqrt(2 pi) lam R / g'^2 times ln(N^-^2 N^+ / eta)."""
    count = ball(Fraction(len(it.minus) ** 2 * len(it.plus)) * (1 / Fraction(it.eta)))
    return over(16 * root(2 * arb.pi()) * it.lam * ball(it.R) * count.log(), clear_gap(it) ** 2)


def gap_is_clear(it: Limit) -> Answer:
    lost = 2 * ball(it.R) * loss(it.lam, it.R)
    words = f"2 R exp(-lambda^2 / 2 R^2) is {shown(lost)}, and g is {shown(least_gap(it))}"
    return bool(clear_gap(it) > 0) or Counterexample(words)


def n_is_enough(it: Limit) -> Answer:
    if not 0 < it.eta < 1:
        return Counterexample(f"eta is {it.eta}")
    if not clear_gap(it) > 0:  # that is another hypothesis; without it no number is asked for
        return True
    return bool(it.n >= enough(it)) or Counterexample(
        f"n is {it.n}, the theorem asks for {shown(enough(it))}"
    )


@precisely
def covers_are_balls(it: Limit) -> Answer | Frequency:
    """With runs: how often all covers are balls. Without: p decides as distances do, by g' / (2 sqrt(2 pi) lam)."""
    balls = ball_covers(it.minus, it.plus)
    if it.runs:
        return Frequency(count_ball_covers(it, balls), it.runs, float_below(ball(1 - it.eta)))
    gamma = over(clear_gap(it), 2 * root(2 * arb.pi()) * it.lam)
    for k, z in enumerate(it.minus):
        reach = least_of([separates(z, y, it.lam) for y in it.plus])
        for i, x in enumerate(it.minus):
            p, inside = separates(z, x, it.lam), bool(balls[k] >> i & 1)
            gap = reach - p if inside else p - reach
            if gap < 0:
                where = "inside" if inside else "outside"
                return Counterexample(
                    f"point {i} is {where} the ball of point {k}, but p is {shown(p)}, "
                    f"and the least over X^+ is {shown(reach)}"
                )
            if not gap >= gamma:
                words = f"p({k}, {i}) is {shown(gap)} away from the least over X^+, less than {shown(gamma)}"
                return decide(False, bool(gap < gamma), words)
    return True


ENOUGH = "n >= 16 sqrt(2 pi) lambda R / g'^2 ln(N-^2 N+ / eta)"
cccd_limit = Claim(
    "dirksen-cccd-limit",
    hypotheses={
        "lambda > 0": lam_is_positive,
        "the norms are at most R": norms_at_most_R,
        "2 R exp(-lambda^2 / 2 R^2) < g": gap_is_clear,
        ENOUGH: n_is_enough,
    },
    conclusion=covers_are_balls,
)
