"""Two points of the unit ball, lifted by one coordinate: their angle, and the chance that a hyperplane cuts between.

A point is x = X / r, exact or symbolic; its lift is (x, tau). Angles and probabilities are FLINT balls.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

import sympy
from flint import arb, fmpq

from memlib.evidence import Answer, Counterexample, Frequency, equal
from memlib.exact import dot
from memlib.rajput.hyperplanes_floats import frequency, gaussian_integers

Number = int | Fraction
Scalar = Any  # an int, a Fraction or a sympy expression


def ball(x: Number | arb) -> arb:
    """Return the number as a FLINT ball."""
    return x if isinstance(x, arb) else arb(fmpq(Fraction(x).numerator, Fraction(x).denominator))


def over(a: Any, b: arb) -> arb:
    """Return a / b."""
    return a * (fmpq(1) / b)


def shown(x: Number | arb, digits: int = 3) -> str:
    """Write a number with a few digits, for words."""
    return ball(x).str(digits, radius=False)


def rounded_up(x: arb) -> int:
    """Return the least integer >= x. Raises ArithmeticError if the ball does not decide it."""
    value = x.ceil().unique_fmpz()
    if value is None:
        raise ArithmeticError(f"the least integer above {x} is not decided")
    return int(value)


def is_symbolic(*values: Scalar) -> bool:
    return any(hasattr(v, "free_symbols") for v in values)


def same(left: Scalar, right: Scalar) -> bool:
    """Decide whether two polynomials are identical; sympy's polynomials multiply out much faster than expand does."""
    sides = [sympy.poly(e).as_expr() if getattr(e, "free_symbols", None) else e for e in (left, right)]
    return equal(*sides)


# --- two points and their lifts ---


@dataclass(frozen=True)
class Pair:
    """The points x = X/r and y = Y/s, and the coordinate tau that is appended to both; exact or symbolic."""

    X: tuple[Scalar, ...]
    Y: tuple[Scalar, ...]
    r: Scalar = 1
    s: Scalar = 1
    tau: Scalar = 1

    @property
    def lifted(self) -> tuple[tuple[Scalar, ...], tuple[Scalar, ...]]:
        """r (x, tau) and s (y, tau): positive multiples, so with the same angle."""
        return (*self.X, self.r * self.tau), (*self.Y, self.s * self.tau)

    @property
    def inner(self) -> Scalar:
        """rs times the inner product of (x, tau) and (y, tau)."""
        return dot(*self.lifted)

    @property
    def norms(self) -> Scalar:
        """(rs)^2 |(x, tau)|^2 |(y, tau)|^2."""
        u, v = self.lifted
        return dot(u, u) * dot(v, v)

    @property
    def area(self) -> Scalar:
        """`norms` times the squared sine of the angle."""
        return self.norms - self.inner**2

    @property
    def distance(self) -> Scalar:
        """(rs)^2 |x - y|^2."""
        return sum((self.s * a - self.r * b) ** 2 for a, b in zip(self.X, self.Y, strict=True))

    @property
    def slacks(self) -> tuple[Scalar, Scalar]:
        """r^2 (1 - |x|^2) and s^2 (1 - |y|^2): not negative in the unit ball."""
        return self.r**2 - dot(self.X, self.X), self.s**2 - dot(self.Y, self.Y)

    @property
    def angle(self) -> arb:
        """The angle between the lifts, enclosed."""
        return angle(*self.lifted)


def angle(u: Sequence[Scalar], v: Sequence[Scalar]) -> arb:
    """Enclose the angle between two vectors that are not 0: atan2(sqrt(|u|^2 |v|^2 - (u.v)^2), u.v)."""
    inner = dot(u, v)
    return arb.atan2(ball(dot(u, u) * dot(v, v) - inner**2).sqrt(), ball(inner))


def letters(d: int, tau: Scalar = 1) -> Pair:
    """Return two points of the unit ball of R^d in free symbols: x = 2a / (1 + |a|^2) is every point of it.

    For |a| from 0 to 1 the length 2|a| / (1 + |a|^2) takes every value from 0 to 1.
    """
    a, b = (sympy.symbols(f"{name}1:{d + 1}", real=True) for name in "ab")
    return Pair(tuple(2 * c for c in a), tuple(2 * c for c in b), 1 + dot(a, a), 1 + dot(b, b), tau)


def in_unit_ball(pair: Pair) -> Answer:
    for name, slack in zip("xy", pair.slacks, strict=True):
        if is_symbolic(slack):
            if not sympy.factor(slack).is_nonnegative:
                return Counterexample(f"1 - |{name}|^2 is not known to be at least 0")
        elif slack < 0:
            point, scale = (pair.X, pair.r) if name == "x" else (pair.Y, pair.s)
            length = over(ball(dot(point, point)).sqrt(), ball(scale))
            return Counterexample(f"|{name}| = {shown(length)}")
    return True


def tau_is_one(pair: Pair) -> Answer:
    return equal(pair.tau, 1) or Counterexample(f"the appended coordinate is {pair.tau}")


# --- rajput-lift-angle ---


def area_by_lagrange(pair: Pair) -> Scalar:
    """The right side of the identity, times (rs)^2: |x|^2 |y|^2 - (x.y)^2 as a sum of squares, + tau^2 |x - y|^2."""
    X, Y = pair.X, pair.Y
    minors = (X[i] * Y[j] - X[j] * Y[i] for i, j in combinations(range(len(X)), 2))
    return sum(m**2 for m in minors) + pair.tau**2 * pair.distance


def sine_at_least(pair: Pair, c: Number) -> Answer:
    """Decide sin(angle) >= c |x - y| by squares: exact."""
    if (pair.r * pair.s) ** 2 * pair.area >= c * c * pair.distance * pair.norms:
        return True
    distance = over(ball(pair.distance).sqrt(), abs(ball(pair.r * pair.s)))
    sine = over(ball(pair.area), ball(pair.norms)).sqrt()
    return Counterexample(f"|x - y| = {shown(distance)}, and the sine of the angle is {shown(sine)}")


def bounds_by_certificates(pair: Pair) -> Answer:
    """Decide both bounds in symbols: each difference is an expression that is visibly not negative in the ball.

    With p = r^2 - |X|^2 and q = s^2 - |Y|^2, which are >= 0, and the sum L of squares of Lagrange:
    (1 + tau^2)^2 (rs)^2 area - tau^2 distance norms
        = (1 + tau^2)^2 (rs)^2 L + tau^2 distance (p (|Y|^2 + tau^2 s^2) + q r^2 (1 + tau^2)),
    2 rs inner = s^2 p + r^2 q + |sX + rY|^2 + 2 (rs)^2 (tau^2 - 1).
    """
    X, Y, r, s, tau, (p, q) = pair.X, pair.Y, pair.r, pair.s, pair.tau, pair.slacks
    L, whole = area_by_lagrange(pair) - tau**2 * pair.distance, (1 + tau**2) ** 2 * (r * s) ** 2
    room = p * (dot(Y, Y) + (tau * s) ** 2) + q * r**2 * (1 + tau**2)
    excess = whole * pair.area - tau**2 * pair.distance * pair.norms
    if not same(excess, whole * L + tau**2 * pair.distance * room):
        return Counterexample("the lower bound of the sine lacks its certificate")
    middle = sum((s * a + r * b) ** 2 for a, b in zip(X, Y, strict=True))
    rest = 2 * (r * s) ** 2 * (tau**2 - 1)
    if not same(2 * r * s * pair.inner, s**2 * p + r**2 * q + middle + rest):
        return Counterexample("the bound of the inner product lacks its certificate")
    return True


def lift_keeps_apart(pair: Pair) -> Answer:
    """The identity, sin(angle) >= |x - y| / 2 and angle <= pi/2."""
    if not same(pair.area, area_by_lagrange(pair)):
        return Counterexample("the two sides of the identity differ")
    if is_symbolic(*pair.X, *pair.Y):
        return bounds_by_certificates(pair)
    if pair.inner < 0:
        return Counterexample("the angle is more than a right one")
    return sine_at_least(pair, Fraction(1, 2))


# --- rajput-separate-prob ---


def arcs(pair: Pair) -> Iterator[tuple[arb, bool]]:
    """Yield the arcs of the circle of directions in the plane of the lifts: (share of the circle, do bits differ?).

    The circle is cut by the four directions orthogonal to a lift. Inside an arc both bits [w.u >= 0], [w.v >= 0]
    are constant: they are read, exactly, at the sum w of its two ends. If the lifts span no plane, two
    opposite directions remain, a half each.
    """
    u, v = pair.lifted
    uu, vv, uv = dot(u, u), dot(v, v), dot(u, v)
    if uu * vv == uv**2:
        w = u if uu else v
        for direction in (w, tuple(-c for c in w)):
            yield ball(Fraction(1, 2)), (dot(direction, u) >= 0) != (dot(direction, v) >= 0)
        return
    P = tuple(uu * b - uv * a for a, b in zip(u, v, strict=True))  # orthogonal to u
    Q = tuple(vv * a - uv * b for a, b in zip(u, v, strict=True))  # orthogonal to v
    minus_P, minus_Q = (tuple(-c for c in w) for w in (P, Q))
    for left, right in pairwise((minus_P, Q, P, minus_Q, minus_P)):
        w = tuple(a + b for a, b in zip(left, right, strict=True))
        yield over(angle(left, right), 2 * arb.pi()), (dot(w, u) >= 0) != (dot(w, v) >= 0)


@dataclass(frozen=True)
class Cut:
    """Two points and the probability p that a hyperplane in a uniform direction cuts between their lifts."""

    pair: Pair
    p: arb


def cut(pair: Pair) -> Cut:
    """Measure the arcs on which the two bits differ."""
    return Cut(pair, sum((share for share, differ in arcs(pair) if differ), ball(0)))


@dataclass(frozen=True)
class Throws:
    """Two points, and `trials` hyperplanes with Gaussian (g, b) to be thrown at them."""

    pair: Pair
    trials: int
    seed: int


def separated_often_enough(it: Cut | Throws) -> Answer | Frequency:
    """By arcs: p = angle/pi, |x - y| <= 2 pi p and angle <= pi/2. By throws: a frequency of at least |x - y|/2pi."""
    pair = it.pair
    wanted = over(ball(pair.distance).sqrt(), 2 * arb.pi() * ball(pair.r * pair.s))
    if isinstance(it, Throws):
        if not pair.distance:
            return True
        u, v = pair.lifted
        rows = gaussian_integers(it.trials, len(u), it.seed, bits=20)
        hits = sum((dot(g, u) >= 0) != (dot(g, v) >= 0) for g in rows)
        return frequency(hits, it.trials, at_least=wanted)
    share = over(pair.angle, arb.pi())
    if pair.area and not abs(it.p - share) < ball(Fraction(1, 10**12)):
        return Counterexample(f"p is {shown(it.p)}, and angle/pi is {shown(share)}")
    if pair.distance and not it.p >= wanted:
        return Counterexample(f"p is {shown(it.p)}, below {shown(wanted)}")
    return pair.inner >= 0 or Counterexample(f"p is {shown(it.p)}, more than a half")


# --- rajput-bias-scale ---


def best_factor(tau: Scalar) -> Scalar:
    """Return tau / (1 + tau^2): the least sin(angle) / |x - y| over all pairs of the unit ball."""
    return tau * sympy.Pow(1 + tau**2, -1) if is_symbolic(tau) else Fraction(tau) / Fraction(1 + tau**2)


def radial(tau: Scalar, eps: Scalar) -> Pair:
    """Return x = u and y = (1 - eps) u for a unit vector u."""
    return Pair((1,), (1 - eps,), tau=tau)


def right_angle_iff_tau_reaches_one(pair: Pair) -> Answer:
    """The angle is at most pi/2 at this pair if tau >= 1, and more at antipodes if tau < 1."""
    antipodes = Pair((1,), (-1,), tau=pair.tau)
    if pair.tau >= 1 and pair.inner < 0:
        return Counterexample(f"tau is {pair.tau}, and the angle is more than a right one")
    if (antipodes.inner < 0) != (pair.tau < 1):
        return Counterexample(f"tau is {pair.tau}, and the inner product at antipodes is {antipodes.inner}")
    return True


def factor_is_sharp(pair: Pair) -> Answer:
    """In symbols: both bounds, the tangent at radial pairs, its limit, the maximum. In numbers: both bounds."""
    tau = pair.tau
    if not is_symbolic(tau):
        answer = sine_at_least(pair, best_factor(tau))
        return right_angle_iff_tau_reaches_one(pair) if answer else answer
    answer = bounds_by_certificates(pair)
    if not answer:
        return answer
    eps = sympy.Symbol("eps", positive=True)
    near = radial(tau, eps)
    if not (same(near.area, (tau * eps) ** 2) and same(near.inner, 1 + tau**2 - eps)):
        return Counterexample("the tangent at radial pairs is another one")
    if not equal(sympy.limit(tau * sympy.Pow(1 + tau**2 - eps, -1), eps, 0), best_factor(tau)):
        return Counterexample("tan(angle) / eps has another limit")
    if not equal(1 - 2 * best_factor(tau), (1 - tau) ** 2 * sympy.Pow(1 + tau**2, -1)):
        return Counterexample("1 minus the factor is another square")
    antipodes = Pair((1,), (-1,), tau=tau)
    return same(antipodes.inner, tau**2 - 1) or Counterexample(
        "the inner product at antipodes is another one"
    )


def tau_is_positive(pair: Pair) -> Answer:
    positive = pair.tau.is_positive if is_symbolic(pair.tau) else pair.tau > 0
    return bool(positive) or Counterexample(f"tau is {pair.tau}")
