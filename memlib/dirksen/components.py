"""Two classes in components: how many random hyperplanes separate all components, with one neuron for each.

Points are rational, the range of the biases is a FLINT ball. In the plane and on the line the probability of failure
is bounded by enclosures, for the points and for the hulls of the components alike; in every dimension runs of the
algorithm can be counted.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from flint import arb

from memlib.claim import Claim
from memlib.dirksen.components_floats import frequency
from memlib.dirksen.planar import block_probability, cut_probability, ring
from memlib.dirksen.scalars import Number, Point, ball, over, precisely, shown
from memlib.dirksen.separation import a_constant, lam_is_positive
from memlib.dirksen.shadows import (
    BIASES,
    Component,
    Points,
    below,
    fills_the_range,
    in_ball,
    squared,
    width,
    written,
)
from memlib.dirksen.worst_case import ceiling
from memlib.evidence import Answer, Counterexample, Frequency

# --- dirksen-def-covering ---


@dataclass(frozen=True)
class Covering:
    """Two classes, components of each, and the promised distance of centres of different classes."""

    X_minus: Points
    X_plus: Points
    minus: tuple[Component, ...]
    plus: tuple[Component, ...]
    delta: Number


def covering(minus: Sequence, plus: Sequence, delta: Number, extra: Points = ()) -> Covering:
    """Return the covering of the union of its components; `extra` are further points of X^-, in no component."""
    union = [tuple(dict.fromkeys(x for part in parts for x in part.points)) for parts in (minus, plus)]
    return Covering(union[0] + tuple(extra), union[1], tuple(minus), tuple(plus), delta)


def components_contain_centres(it: Covering) -> Answer:
    for part in it.minus + it.plus:
        if part.centre not in part.points:
            return Counterexample(f"the component of the centre {written(part.centre)} does not contain it")
    return True


def components_cover(it: Covering) -> Answer:
    for name, X, parts in (("X^-", it.X_minus, it.minus), ("X^+", it.X_plus, it.plus)):
        union = {x for part in parts for x in part.points}
        if union - set(X):
            return Counterexample(
                f"a component contains {written(min(union - set(X)))}, which is not in {name}"
            )
        if set(X) - union:
            return Counterexample(f"no component contains {written(min(set(X) - union))} of {name}")
    return True


def nearest(it: Covering, centre: Point) -> Fraction:
    """Return the squared distance of a centre to the nearest centre of the other class."""
    others = it.plus if any(part.centre == centre for part in it.minus) else it.minus
    return min(squared(centre, part.centre) for part in others)


def centres_are_apart(it: Covering) -> Answer:
    least = min(nearest(it, part.centre) for part in it.minus)
    if least < Fraction(it.delta) ** 2:
        return Counterexample(f"two centres are {shown(ball(least).sqrt())} apart, delta is {it.delta}")
    return it.delta > 0 or Counterexample(f"delta is {it.delta}")


def is_mutual_covering(it: Covering) -> Answer:
    for predicate in (components_contain_centres, components_cover, centres_are_apart):
        answer = predicate(it)
        if not answer:
            return answer
    return True


mutual = Claim("dirksen-def-covering", conclusion=is_mutual_covering)


# --- dirksen-thm-interp and dirksen-thm-cover ---


@dataclass(frozen=True)
class Experiment:
    """A covering, its promised R, and a random first layer of n hyperplanes.

    runs : 0 to bound the probability of success by enclosures (plane and line), else how many runs of the
    algorithm are counted. scale : biases are drawn from [-scale lam, scale lam].
    """

    covering: Covering
    R: Number
    lam: arb
    eta: Fraction
    n: int
    runs: int = 0
    seed: int = 0
    scale: Number = 1


@precisely
def enough(it: Covering, R: Number, lam: Number | arb, eta: Number, factor: int = 14) -> int:
    """Return the least n >= factor lam / (a delta) ln(c M- M+ / eta), c = 2; for factor 4 (no width) c = 1."""
    pairs = len(it.minus) * len(it.plus) * (1 if factor == 4 else 2)
    lam, log = ball(lam), ball(Fraction(pairs) / Fraction(eta)).log()
    return ceiling(over(factor * lam * log, a_constant(lam, R) * ball(it.delta)))


def experiment(it: Covering, R: Number, lam: Number, eta: Number, factor: int = 14, **rest) -> Experiment:
    """Return the experiment with the theorem's n, unless another one is given."""
    n = rest.pop("n", None)
    return Experiment(it, R, ball(lam), Fraction(eta), n or enough(it, R, lam, eta, factor), **rest)


def all_contain_centres(it: Experiment) -> Answer:
    return components_contain_centres(it.covering)


def classes_are_covered(it: Experiment) -> Answer:
    return components_cover(it.covering)


def all_centres_apart(it: Experiment) -> Answer:
    return centres_are_apart(it.covering)


def centres_in_ball(it: Experiment) -> Answer:
    return in_ball([part.centre for part in it.covering.minus + it.covering.plus], it.R)


def eta_is_proper(it: Experiment) -> Answer:
    return 0 < it.eta < 1 or Counterexample(f"eta is {it.eta}")


@precisely
def narrow(it: Experiment, parts: Sequence[Component], share: Fraction, name: str) -> Answer:
    """W <= share a d for all these components."""
    a = a_constant(it.lam, it.R)
    for k, part in enumerate(parts):
        W, most = width(part.points), ball(share) * a * ball(nearest(it.covering, part.centre)).sqrt()
        if not below(W, most):
            return Counterexample(
                f"component {k} of {name} may have the width {shown(W)}, more than {shown(most)}"
            )
    return True


def half_narrow(it: Experiment) -> Answer:
    """W <= a d / 2 for all components of both classes."""
    parts = (it.covering.minus, "X^-"), (it.covering.plus, "X^+")
    answers = [narrow(it, some, Fraction(1, 2), name) for some, name in parts]
    return next((answer for answer in answers if not answer), True)


def minus_narrow(it: Experiment) -> Answer:
    return narrow(it, it.covering.minus, Fraction(1, 8), "X^-")


def plus_narrow(it: Experiment) -> Answer:
    return narrow(it, it.covering.plus, Fraction(1, 4), "X^+")


@precisely
def n_is_enough(it: Experiment, factor: int = 14) -> Answer:
    """n a delta >= factor lam ln(...); written so that lam = 0 makes sense."""
    pairs = len(it.covering.minus) * len(it.covering.plus) * (1 if factor == 4 else 2)
    need = factor * it.lam * ball(Fraction(pairs) / it.eta).log()
    have = it.n * a_constant(it.lam, it.R) * ball(it.covering.delta)
    return below(need, have) or Counterexample(
        f"n is {it.n}, the theorem asks for {shown(over(need * it.n, have))}"
    )


def four_is_enough(it: Experiment) -> Answer:
    return n_is_enough(it, factor=4)


@precisely
def probabilities(it: Experiment) -> tuple[list[list[arb]], list[arb]]:
    """Enclose P(a hyperplane separates component l from j as blocks), and P(it cuts component l of X^-)."""
    lam, (minus, plus) = it.lam * ball(it.scale), (it.covering.minus, it.covering.plus)
    apart = [[block_probability(T.points, U.points, lam) for U in plus] for T in minus]
    return apart, [cut_probability(T.points, lam) for T in minus]


@precisely
def binomial(n: int, p: arb) -> list[arb]:
    """Enclose P(X <= t) for t = 0, ..., n, X the number of hits in n trials of probability p."""
    terms = [comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]
    sums = [terms[0]]
    for term in terms[1:]:
        sums.append(sums[-1] + term)
    return sums


@precisely
def failure_at_most(it: Experiment, cover: bool, found: tuple | None = None) -> arb:
    """Bound P(not all blocks separated), or with `cover` P(not N_lj > K_l for all l and j), from above.

    N_lj > K_l if N_lj > t >= K_l for some t; every l takes its best t.
    """
    apart, cuts = found or probabilities(it)
    if not cover:
        return sum(((1 - p) ** it.n for row in apart for p in row), arb(0))
    total = arb(0)
    for row, q in zip(apart, cuts, strict=True):
        N, K = [binomial(it.n, p) for p in row], binomial(it.n, q)
        bounds = [sum((law[t] for law in N), 1 - K[t]) for t in range(it.n)]
        total += min(bounds, key=lambda bound: bound.mid())
    return total


def decided(it: Experiment, cover: bool) -> Answer | Frequency:
    """P(success) >= 1 - eta: by enclosures of block and cut probabilities, or by counting runs."""
    if it.runs:
        return frequency(it, cover, at_least=1 - it.eta)
    bound = failure_at_most(it, cover)
    if below(bound, ball(it.eta)):
        return True
    raise ArithmeticError(f"the argument bounds the failure by {shown(bound)} only: not decided")


def interpolates(it: Experiment) -> Answer | Frequency:
    return decided(it, cover=False)


def interpolates_with_few(it: Experiment) -> Answer | Frequency:
    return decided(it, cover=True)


CENTRES = "every component contains its centre"
COVER = "the components cover the classes"
APART = "centres of different classes are at distance >= delta > 0"
BALL = "the centres lie in the ball of radius R"
common = {
    "0 < eta < 1": eta_is_proper,
    CENTRES: all_contain_centres,
    COVER: classes_are_covered,
    APART: all_centres_apart,
    BALL: centres_in_ball,
    BIASES: fills_the_range,
}
interp = Claim(
    "dirksen-thm-interp",
    hypotheses={
        "lambda > 0": lam_is_positive,
        **common,
        "W <= a d / 2 for every component": half_narrow,
        "n a delta >= 4 lambda ln(M- M+ / eta)": four_is_enough,
    },
    conclusion=interpolates,
)
MINUS, PLUS = "W <= a d / 8 on X^-", "W <= a d / 4 on X^+"
MANY = "n a delta >= 14 lambda ln(2 M- M+ / eta)"
cover = Claim(
    "dirksen-thm-cover",
    hypotheses={
        "lambda > 0": lam_is_positive,
        **common,
        MINUS: minus_narrow,
        PLUS: plus_narrow,
        MANY: n_is_enough,
    },
    conclusion=interpolates_with_few,
)


@precisely
def exponents(nu: Number) -> tuple[arb, arb]:
    """Enclose the two exponents of the proof: m - nu + nu ln(nu / m) for m = 13/16 and m = 1/8."""
    means = Fraction(13, 16), Fraction(1, 8)
    return tuple(ball(m - Fraction(nu)) + ball(nu) * ball(Fraction(nu) / m).log() for m in means)


# --- instances ---


def point(*x: Number) -> Component:
    """Return the component of a single point."""
    return Component(x, (x,))


def disc(centre: Point, radius: Number, m: int = 8) -> Component:
    """Return a polygon of m vertices on the circle, and its centre."""
    return Component(centre, (centre, *ring(centre, Fraction(radius), m)))


def crumb(centre: Point, side: Number, count: int, seed: int) -> Component:
    """Return the centre and random points of the box with this side length around it."""
    draw, half = random.Random(seed), Fraction(side) * Fraction(1, 2)
    others = [
        tuple(c + half * Fraction(draw.randint(-999, 999), 1000) for c in centre) for _ in range(count - 1)
    ]
    return Component(centre, (centre, *others))
