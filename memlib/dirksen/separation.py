"""One random hyperplane: the probability that it separates two points in the right direction.

Points are tuples of Fractions; ranges are FLINT balls, so that what is computed is an enclosure; formulas in letters
are sympy expressions.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from flint import acb, arb, fmpq

from memlib.claim import Claim
from memlib.dirksen.correlated import Correlated, F_closed, F_is, F_without_kappa
from memlib.dirksen.scalars import (
    Number,
    Point,
    Scalar,
    agree,
    ball,
    dot,
    erf,
    exp,
    half_square,
    integral,
    over,
    pi_like,
    precisely,
    root,
    shown,
)
from memlib.evidence import Answer, Counterexample, equal

# --- dirksen-sym-half ---


@dataclass(frozen=True)
class Draw:
    """A law of hyperplanes: w is equally likely one of `weights` (a list), b uniform on the interval `drawn`."""

    weights: tuple[Point, ...]
    x: Point
    y: Point
    lam: Number
    drawn: tuple[Number, Number]

    def sides(self) -> list[tuple[Fraction, Fraction]]:
        """w.x and w.y for every w."""
        return [(dot(w, self.x), dot(w, self.y)) for w in self.weights]


def clip(t: Any, lam: Any) -> Any:
    """min(lam, max(-lam, t))."""
    return least(lam, most(-lam, t))


def part(low: Number, high: Number) -> Fraction:
    """Return the length of the interval from low to high, 0 if it is empty."""
    return Fraction(max(0, high - low))


def in_right_direction(it: Draw, backwards: bool = False) -> Fraction:
    """Return P(w.x + b <= 0 < w.y + b), x and y exchanged if `backwards`, by the lengths of the good b."""
    low, high = it.drawn
    pairs = [(t, s) if backwards else (s, t) for s, t in it.sides()]
    good = [part(max(low, -t), min(high, -s)) for s, t in pairs]
    return sum(good, Fraction(0)) * Fraction(1, len(good)) * Fraction(1, high - low)


def in_any_direction(it: Draw) -> Fraction:
    """Return the probability that exactly one of w.x + b, w.y + b is positive: all b without the equal ones."""
    low, high = it.drawn
    equal_signs = [part(low, min(high, -max(s, t))) + part(max(low, -min(s, t)), high) for s, t in it.sides()]
    mean = sum(equal_signs, Fraction(0)) * Fraction(1, len(equal_signs))
    return 1 - mean * Fraction(1, high - low)


def lam_is_positive(it: Any) -> Answer:
    positive = it.lam.is_positive if hasattr(it.lam, "free_symbols") else it.lam > 0
    return bool(positive) or Counterexample(f"lambda is {shown(it.lam)}")


def law_is_symmetric(it: Draw) -> Answer:
    count = Counter(it.weights)
    for w, k in count.items():
        mirrored = count[tuple(-c for c in w)]
        if mirrored != k:
            return Counterexample(f"w = {w} has the weight {k}, its opposite {mirrored}")
    return True


def bias_is_uniform(it: Draw) -> Answer:
    return it.drawn == (-it.lam, it.lam) or Counterexample(f"b is uniform on [{it.drawn[0]}, {it.drawn[1]}]")


def both_directions_agree(it: Draw) -> Answer:
    if not (it.lam > 0 and it.drawn[0] < it.drawn[1]):
        return Counterexample("there is no interval to draw b from")
    p, q, both = in_right_direction(it), in_right_direction(it, backwards=True), in_any_direction(it)
    if p != q:
        return Counterexample(f"p(x, y) is {p} and p(y, x) is {q}")
    if 2 * p != both:
        return Counterexample(f"p(x, y) is {p}, the probability of separating at all is {both}")
    gaps = [abs(clip(s, it.lam) - clip(t, it.lam)) for s, t in it.sides()]
    mean = Fraction(sum(gaps), len(gaps) * 4) * Fraction(1, it.lam)
    return p == mean or Counterexample(f"p(x, y) is {p}, the mean of the clipped distance gives {mean}")


sym_half = Claim(
    "dirksen-sym-half",
    hypotheses={
        "lambda > 0": lam_is_positive,
        "w and -w have the same law": law_is_symmetric,
        "b is uniform on [-lambda, lambda]": bias_is_uniform,
    },
    conclusion=both_directions_agree,
)


# --- dirksen-clip ---


@dataclass(frozen=True)
class Segment:
    """Two numbers and a range: rational, or sums of nonnegative sympy symbols."""

    s: Any
    t: Any
    lam: Any


def at_most(a: Any, b: Any) -> bool:
    """Decide a <= b, for sympy from the signs of the letters. Raises ArithmeticError where they do not tell."""
    gap = sympy.expand(b - a) if hasattr(b - a, "free_symbols") else b - a
    if not hasattr(gap, "free_symbols"):
        return bool(gap >= 0)
    if gap.is_nonnegative or gap.is_nonpositive:
        return bool(gap.is_nonnegative)
    raise ArithmeticError(f"the sign of {gap} is not known")


def least(a: Any, b: Any) -> Any:
    return a if at_most(a, b) else b


def most(a: Any, b: Any) -> Any:
    return b if at_most(a, b) else a


def inside(it: Segment) -> Any:
    """Return |t - s| times the length of {tau in [0, 1] : |s + tau (t - s)| <= lam}."""
    low, high = least(it.s, it.t), most(it.s, it.t)
    return most(0, least(high, it.lam) - most(low, -it.lam))


def clips_to_the_part_inside(it: Segment) -> Answer:
    low, high = (clip(v, it.lam) for v in (least(it.s, it.t), most(it.s, it.t)))
    length = inside(it)
    if not equal(high, low + length):
        return Counterexample(f"clip moves by {high - low}, the part inside has length {length}")
    if not (at_most(low, high) and at_most(high - low, most(it.s - it.t, it.t - it.s))):
        return Counterexample(f"clip moves by {high - low} between {it.s} and {it.t}")
    return True


def without_the_indicator(it: Segment) -> Answer:
    step, length = abs(clip(it.t, it.lam) - clip(it.s, it.lam)), abs(it.t - it.s)
    return equal(step, length) or Counterexample(f"clip moves by {step}, and |t - s| is {length}")


segment = Claim(
    "dirksen-clip", hypotheses={"lambda > 0": lam_is_positive}, conclusion=clips_to_the_part_inside
)


# --- dirksen-f-closed ---


def correlation_is_proper(it: Correlated) -> Answer:
    if hasattr(it.kappa, "free_symbols"):
        inside = it.kappa.is_nonnegative and sympy.simplify(1 - it.kappa**2).is_positive
    else:
        inside = 0 <= it.kappa < 1
    return bool(inside) or Counterexample(f"kappa is {it.kappa}")


def level_is_positive(it: Correlated) -> Answer:
    positive = it.l.is_positive if hasattr(it.l, "free_symbols") else it.l > 0
    return bool(positive) or Counterexample(f"l is {shown(it.l)}")


def F_is_the_closed_form(it: Correlated) -> Answer:
    return F_is(it, F_closed)


def F_wants_no_kappa(it: Correlated) -> Answer:
    return F_is(it, F_without_kappa)


f_closed = Claim(
    "dirksen-f-closed",
    hypotheses={"0 <= kappa < 1": correlation_is_proper, "l > 0": level_is_positive},
    conclusion=F_is_the_closed_form,
)


# --- dirksen-sep-exact ---


@dataclass(frozen=True)
class Pair:
    """Two points and the range of the biases; `pair` makes one. lam : a ball."""

    x: Point
    y: Point
    lam: arb

    @property
    def D2(self) -> Fraction:
        """The squared distance of x and y."""
        v = tuple(b - a for a, b in zip(self.x, self.y, strict=True))
        return dot(v, v)

    @property
    def h2(self) -> Fraction:
        """The squared distance of 0 from the line through x and y."""
        v = tuple(b - a for a, b in zip(self.x, self.y, strict=True))
        return dot(self.x, self.x) - dot(self.x, v) ** 2 * Fraction(1, self.D2)

    @property
    def ends(self) -> tuple[arb, arb]:
        """Where x and y lie on their line, measured from the foot of the perpendicular from 0."""
        v = tuple(b - a for a, b in zip(self.x, self.y, strict=True))
        D = ball(self.D2).sqrt()
        return over(ball(dot(self.x, v)), D), over(ball(dot(self.y, v)), D)


def pair(x: Sequence[Number], y: Sequence[Number], lam: Number) -> Pair:
    """Return the pair, lambda as a ball."""
    return Pair(tuple(map(Fraction, x)), tuple(map(Fraction, y)), ball(lam))


@dataclass(frozen=True)
class Ray:
    """0 < x < y on the line, in sympy symbols."""

    x: Any
    y: Any
    lam: Any


@precisely
def along_the_segment(it: Pair) -> arb:
    """Enclose p(x, y) by the theorem: D / (4 lam) times the mean of F over the segment.

    With t the place on the line, |z|^2 = h^2 + t^2, kappa = |t| / |z| and lam / |z| / sqrt(1 - kappa^2) = lam / h.
    """
    a, b = it.ends
    if it.h2 == 0:
        total = _on_a_ray(it.lam, b) - _on_a_ray(it.lam, a)
    else:
        h = ball(it.h2).sqrt()
        c = over(it.lam, root(arb(2)) * h)

        def bracket(t: acb, analytic: bool) -> acb:
            r = root(h * h + t * t, analytic)
            kappa = over(t, r)  # its sign does not matter: kappa erf(c kappa) is even
            return c.erf() - kappa * exp(-half_square(over(acb(it.lam), r))) * erf(c * kappa)

        total = integral(bracket, a, b)
    return over(total * root(over(arb(2), arb.pi())), 4 * it.lam)


def _on_a_ray(lam: arb, t: arb) -> arb:
    """Enclose the integral of 1 - exp(-lam^2 / 2 r^2) over r from 0 to t; up to lam / 16 it is 1, nearly."""
    if t == 0:
        return arb(0)
    size = abs(t)
    near = lam * fmpq(1, 16)
    if size < near:
        near = size
    core = near * (1 - (-half_square(over(lam, near))).exp() * arb(0).union(1))
    rest = integral(lambda r, _: 1 - exp(-half_square(over(acb(lam), r))), near, size)
    return (core + rest) * (1 if t > 0 else -1)


@precisely
def around_the_origin(it: Pair) -> arb:
    """Enclose p(x, y) = (A(y) - A(x)) / (2 pi lam), from polar coordinates: the second formula."""
    a, b = (_angle_integral(it, z, t) for z, t in zip((it.x, it.y), it.ends, strict=True))
    return over(b - a, 2 * arb.pi() * it.lam)


def _angle_integral(it: Pair, z: Point, t: arb) -> arb:
    """Enclose A(z), the integral of psi(|z| cos beta) over beta from 0 to alpha, tan alpha = t / h."""
    rho, c = ball(dot(z, z)).sqrt(), root(over(arb.pi(), arb(2)))

    def psi(beta: acb, _: bool) -> acb:
        s = rho * beta.cos()
        return c * s * erf(over(it.lam, root(arb(2)) * s))

    if it.h2 > 0:
        return integral(psi, arb(0), over(t, ball(it.h2).sqrt()).atan())
    if t == 0:
        return arb(0)
    edge = arb.pi() * fmpq(1, 2) - over(it.lam, 16 * (it.lam + rho))
    small = c * rho * (1 - edge.sin())  # the integral of c s from the edge to pi / 2
    rest = small * (1 - over(it.lam, root(arb(2)) * rho * edge.cos()).erfc() * arb(0).union(1))
    return (integral(psi, arb(0), edge) + rest) * (1 if t > 0 else -1)


def half_line_mean(v: Any, lam: Any) -> Any:
    """Return H(v) = E min(lam, v w) over w > 0, w standard normal: v (phi(0) - phi(lam/v)) + lam P(w > lam/v)."""
    l = over(lam, v)
    first = over(v * (1 - exp(-half_square(l))), root(2 * pi_like(l)))
    return first + lam * over(1 - erf(over(l, root(2 + 0 * l))), 2 + 0 * l)


def points_differ(it: Pair | Ray) -> Answer:
    return it.x != it.y or Counterexample("x and y are equal")


@precisely
def formulas_agree(it: Pair | Ray, first: Callable = along_the_segment) -> Answer:
    if isinstance(it, Ray):
        return _ray_agrees(it)
    value, truth = first(it), around_the_origin(it)
    if agree(value, truth):
        return True
    return Counterexample(f"the segment gives {shown(value)}, polar coordinates give {shown(truth)}")


def _ray_agrees(it: Ray) -> Answer:
    """(H(y) - H(x)) / (2 lam) and the integral of F(1, lam / z) / (4 lam): equal slopes in y, both 0 at y = x."""
    slope = sympy.diff(over(half_line_mean(it.y, it.lam), 2 * it.lam), it.y)
    l = over(it.lam, it.y)
    F = sympy.sqrt(over(2, sympy.pi)) * (1 - sympy.exp(-half_square(l)))
    return equal(slope, over(F, 4 * it.lam)) or Counterexample(f"H has another slope: {slope}")


@precisely
def no_indicator(it: Pair) -> arb:
    """D / (2 sqrt(2 pi) lam): the formula with F replaced by sqrt(2 / pi)."""
    return over(ball(it.D2).sqrt(), 2 * root(2 * arb.pi()) * it.lam)


sep_exact = Claim(
    "dirksen-sep-exact",
    hypotheses={"x and y differ": points_differ, "lambda > 0": lam_is_positive},
    conclusion=formulas_agree,
)


# --- dirksen-sep-bounds ---


@dataclass(frozen=True)
class InBall:
    """A pair and a radius R that is to bound both norms."""

    pair: Pair
    R: Number

    @property
    def lam(self) -> arb:
        return self.pair.lam


@precisely
def a_constant(lam: arb, R: Number) -> arb:
    """Return a = (1 - exp(-lam^2 / 2 R^2)) / sqrt(2 pi)."""
    return over(1 - (-half_square(over(lam, ball(R)))).exp(), root(2 * arb.pi()))


def norms_at_most_R(it: InBall) -> Answer:
    for name, z in (("x", it.pair.x), ("y", it.pair.y)):
        if dot(z, z) > Fraction(it.R) ** 2:
            return Counterexample(f"|{name}|^2 is {dot(z, z)}, R^2 is {Fraction(it.R) ** 2}")
    return it.R > 0 or Counterexample(f"R is {it.R}")


@precisely
def between_the_bounds(it: InBall, factor: Fraction = Fraction(1)) -> Answer:
    """Decide factor a D / (2 lam) <= p <= D / (2 sqrt(2 pi) lam), p by polar coordinates."""
    p, D = around_the_origin(it.pair), ball(it.pair.D2).sqrt()
    low, high = over(ball(factor) * a_constant(it.lam, it.R) * D, 2 * it.lam), no_indicator(it.pair)
    if low <= p <= high:
        return True
    if p < low or p > high:
        return Counterexample(f"p is {shown(p)}, the bounds are {shown(low)} and {shown(high)}")
    raise ArithmeticError("the balls are too wide to tell")


def different_points(it: InBall) -> Answer:
    return points_differ(it.pair)


sep_bounds = Claim(
    "dirksen-sep-bounds",
    hypotheses={
        "x and y differ": different_points,
        "lambda > 0": lam_is_positive,
        "|x| and |y| are at most R": norms_at_most_R,
    },
    conclusion=between_the_bounds,
)


# --- dirksen-opt-lambda ---


@dataclass(frozen=True)
class Letter:
    """The ratio t = lam / R as a sympy symbol."""

    t: Any


@dataclass(frozen=True)
class Bracket:
    """Balls that are to enclose the best ratio from below and above, and the best value."""

    low: arb
    high: arb
    value: arb


def gain(t: Scalar) -> Scalar:
    """Return (1 - exp(-t^2 / 2)) / t, which is sqrt(2 pi) R a / lam."""
    return over(1 - exp(-half_square(t)), t)


def turning(t: Scalar) -> Scalar:
    """Return (1 + t^2) exp(-t^2 / 2) - 1, t^2 times the derivative of the gain."""
    return (1 + t * t) * exp(-half_square(t)) - 1


@precisely
def optimum_is_bracketed(it: Letter | Bracket) -> Answer:
    if isinstance(it, Letter):
        t = it.t
        if not equal(t**2 * sympy.diff(gain(t), t), turning(t)):
            return Counterexample("the derivative of the gain is another one")
        falls = t * (1 - t**2) * sympy.exp(-half_square(t))
        return equal(sympy.diff(turning(t), t), falls) or Counterexample(
            "the turning function moves otherwise"
        )
    if not (it.low > 1 and turning(it.low) > 0 > turning(it.high)):
        return Counterexample(f"there is no sign change between {shown(it.low)} and {shown(it.high)}")
    best = gain(it.low.union(it.high))
    return bool(it.value.contains(best)) or Counterexample(f"the best value is {shown(best)}")


def best_at_one(it: Bracket) -> Answer:
    here, there = gain(arb(1)), gain(it.low)
    return bool(here >= there) or Counterexample(
        f"the gain is {shown(here)} at t = 1 and {shown(there)} at t = {shown(it.low)}"
    )


optimum = Claim("dirksen-opt-lambda", conclusion=optimum_is_bracketed)
