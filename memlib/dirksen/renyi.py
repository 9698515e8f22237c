"""Renyi's function M(x), the mean number of cars of length 1 that park at random on a street of length x.

M and the constant are enclosed in FLINT balls; formulas are sympy's.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from typing import Any

import sympy
from flint import acb, acb_poly, arb, arb_poly, fmpq

from memlib.claim import Claim
from memlib.dirksen.scalars import ball, integral, over, precisely, shown
from memlib.evidence import Answer, Counterexample, equal

# --- Renyi's function ---

#: Terms of the expansions on a stretch; the ratio of the geometric series is at most 1/3.
TERMS = 100


@precisely
def stretches(last: int) -> list[arb_poly]:
    """Enclose f = M + 1 on [k, k + 1], k = 0, ..., last, as polynomials in v = y - k - 1/2 with balls as coefficients.

    f is 1 on [0, 1), and x f(x + 1) = 2 (integral of f from 0 to x). On [k + 1, k + 2], with c = k + 1/2, x = c + v:
    f = 2 / (c + v) times the integral, and 1 / (c + v) is a geometric series. What is cut off goes into the constant.
    """
    found, area = [arb_poly([1])], arb(0)
    for k in range(last):
        antiderivative = found[k].integral()
        start = antiderivative(arb(fmpq(-1, 2)))
        if k == 0:  # f(x + 1) = 2 on (0, 1], since the integral is x
            found.append(arb_poly([2]))
        else:
            total = antiderivative - start + area
            found.append(_quotient(2 * total, k))
        area += antiderivative(arb(fmpq(1, 2))) - start
    return found


def _quotient(total: arb_poly, k: int) -> arb_poly:
    """Enclose total(v) / (c + v), c = k + 1/2, on |v| <= 1/2."""
    inverse = fmpq(2, 2 * k + 1)
    series = arb_poly([arb((-1) ** j * inverse ** (j + 1)) for j in range(TERMS)])
    ratio = inverse * fmpq(1, 2)
    tail = arb(inverse * ratio**TERMS) * over(arb(1), arb(1 - ratio))
    product = (total * series).coeffs()
    cut = sum((abs(a) * fmpq(1, 2**i) for i, a in enumerate(product) if i >= TERMS), arb(0))
    size = sum((abs(a) * fmpq(1, 2**i) for i, a in enumerate(total.coeffs())), arb(0))
    error = arb(0, (cut + size * tail).upper())
    return arb_poly([product[0] + error, *product[1:TERMS]])


@precisely
def M(x: Fraction) -> arb:
    """Enclose M(x), x >= 0."""
    if x < 1:
        return arb(0)
    k = x.numerator // x.denominator
    return _stretches_up_to(k)[k](ball(x - k - Fraction(1, 2))) - 1


@cache
def _stretches_up_to(last: int) -> list[arb_poly]:
    return stretches(last)


# --- Renyi's constant ---

#: Where the integral is cut, and how many terms are taken on a piece.
END, ORDER = 64, 110


@precisely
def integrand_near_zero() -> arb:
    """Enclose the integral of G(t) = exp(-2 Ein(t)) from 0 to 2, Ein(t) = integral of (1 - e^-u)/u from 0 to t.

    Ein is the entire function t - t^2/(2 2!) + t^3/(3 3!) - ...; the rest after ORDER terms is less than twice the
    first omitted one where |t| <= ORDER / 2.
    """
    terms, factorial = [acb(0)], 1
    for k in range(1, ORDER + 1):
        factorial *= k
        terms.append(acb(fmpq((-1) ** (k + 1), k * factorial)))
    ein, omitted = acb_poly(terms), arb(fmpq(2, factorial * (ORDER + 1) ** 2))

    def G(t: acb, _: bool) -> acb:
        size = abs(t).upper()
        if not size < ORDER // 2:
            return acb("nan")
        rest = arb(0, (omitted * size ** (ORDER + 1)).upper())
        return (-2 * (ein(t) + acb(rest, rest))).exp()

    return integral(G, arb(0), arb(2))


@precisely
def piece(j: int) -> arb:
    """Enclose the integral of G from j to j + 1, j >= 2, by its Taylor series at c = j + 1/2.

    Ein(c) = gamma + ln c + E1(c). With q = (1 - e^-t)/t = q_0 + q_1 v + ..., G' = -2 q G gives the coefficients of G.
    On |v| <= r = c / 2 we have |q| <= 2 / r, so |G| <= e^4 G(c), and by Cauchy |g_k| <= e^4 G(c) / r^k.
    """
    c, inverse = arb(fmpq(2 * j + 1, 2)), fmpq(2, 2 * j + 1)
    at_c = (-2 * (arb.const_euler() + c.log() + c.expint(1))).exp()
    decay, g = (-c).exp(), [at_c]
    q: list[arb] = []
    for k in range(ORDER):
        numerator = (1 - decay) if k == 0 else decay * fmpq((-1) ** (k + 1), _factorial(k))
        q.append((numerator - (q[-1] if q else 0)) * inverse)
        g.append(sum((q[i] * g[k - i] for i in range(k + 1)), arb(0)) * fmpq(-2, k + 1))
    # the integral of v^k over |v| <= 1/2 is 2^-k / (k + 1) for even k, and 0 for odd k
    total = sum((g[k] * fmpq(1, 2**k * (k + 1)) for k in range(0, ORDER + 1, 2)), arb(0))
    # 1 / (2 r) = 1 / c
    rest = at_c * arb(4).exp() * inverse ** (ORDER + 1) * over(arb(1), arb(1 - inverse))
    return total + arb(0, rest.upper())


@cache
def _factorial(k: int) -> int:
    return 1 if k == 0 else k * _factorial(k - 1)


@precisely
def constant() -> arb:
    """Enclose C, the integral of G(t) = exp(-2 Ein(t)) over t > 0.

    Ein(t) = gamma + ln t + E1(t) with 0 < E1(t) < e^-t / t. So the integral beyond T lies between
    e^(-2 gamma) / T times exp(-2 e^-T / T) and e^(-2 gamma) / T.
    """
    body = sum((piece(j) for j in range(2, END)), integrand_near_zero())
    far = (-2 * arb.const_euler()).exp() * fmpq(1, END)
    least = (-2 * arb(-END).exp() * fmpq(1, END)).exp()
    return body + far * least.union(arb(1))


# --- dirksen-renyi ---


@dataclass(frozen=True)
class Stretch:
    """A stretch [k, k + 1], k >= 2, and a ball for the constant."""

    k: int
    C: arb


@dataclass(frozen=True)
class Piece:
    """On start <= x <= start + 1, in a sympy symbol x: formulas for M(x) and for the integral of M from 0 to x - 1.

    before : the formula for M one stretch earlier. base : the integral at the start.
    """

    x: Any
    start: int
    before: Any
    base: Any
    area: Any
    M: Any


@dataclass(frozen=True)
class Transform:
    """A sympy symbol s > 0, for the Laplace transform of M(x + 1)."""

    s: Any


#: Parts of a stretch on which ranges are enclosed.
PARTS = 64


@precisely
def excess(k: int, C: arb) -> arb_poly:
    """Enclose h(y) = M(y) + 1 - C (y + 1) on [k, k + 1], a polynomial in v = y - k - 1/2."""
    return _stretches_up_to(k)[k] - arb_poly([C * (k + fmpq(3, 2)), C])


@precisely
def extremes(k: int, C: arb, divide: bool) -> tuple[arb, arb]:
    """Enclose the least and the largest h (or h / (y + 1)) on [k, k + 1].

    A part gives a ball that contains all its values. The least value is at least the smallest lower end, and at most
    the smallest value at the ends of the parts.
    """
    h = excess(k, C)

    def at(v: arb) -> arb:
        return over(h(v), v + k + fmpq(3, 2)) if divide else h(v)

    cuts = [arb(fmpq(2 * j - PARTS, 2 * PARTS)) for j in range(PARTS + 1)]
    values = [at(v) for v in cuts]
    ranges = [at(u.union(v)) for u, v in pairwise(cuts)]
    low, high = min(r.lower() for r in ranges), max(r.upper() for r in ranges)
    return low.union(min(v.upper() for v in values)), high.union(max(v.lower() for v in values))


@precisely
def constant_is_caught(it: Stretch | Piece | Transform) -> Answer:
    if isinstance(it, Transform):
        return transform_agrees(it)
    if isinstance(it, Piece):
        return _piece_agrees(it)
    low, high = extremes(it.k, it.C, divide=True)  # alpha - C and beta - C
    if low > 0 or high < 0:
        return Counterexample(
            f"on [{it.k}, {it.k + 1}] the least quotient minus C is {shown(low)}, and the largest {shown(high)}"
        )
    if not (low < 0 < high):
        raise ArithmeticError("the balls are too wide to tell")
    for k in range(
        it.k + 2, it.k + 5
    ):  # the next stretch shares an end with this one: there equality may occur
        inner, outer = extremes(k, it.C, divide=True)
        if inner < low or outer > high:
            return Counterexample(f"a quotient on [{k}, {k + 1}] is beyond those on [{it.k}, {it.k + 1}]")
        if not (low < inner and outer < high):
            raise ArithmeticError("the balls are too wide to tell")
    there = max(abs(v).upper() for v in extremes(it.k + 1, it.C, divide=False))
    least = max(abs(v).lower() for v in extremes(it.k, it.C, divide=False))
    if not (it.k - 1) * there <= 2 * least:
        return Counterexample(f"H_{it.k} is {shown(least)}, and H_{it.k + 1} is {shown(there)}")
    return True


def _piece_agrees(it: Piece) -> Answer:
    """The area begins at the base and has the slope M(x - 1); and (x - 1) (M - 1) is twice the area."""
    steps = {
        "the integral begins with": (it.area.subs(it.x, it.start), it.base),
        "the slope of the integral is": (
            sympy.diff(it.area, it.x),
            sympy.sympify(it.before).subs(it.x, it.x - 1),
        ),
        "(x - 1) (M - 1) is": ((it.x - 1) * (it.M - 1), 2 * it.area),
    }
    for words, (left, right) in steps.items():
        if not equal(left, right):
            return Counterexample(f"{words} {sympy.simplify(left)}, not {sympy.simplify(right)}")
    return True


def transform_agrees(it: Transform, gain: int = 2) -> Answer:
    """-Psi' = 1/s^2 + 2 e^-s Psi / s makes (s^2 G Psi)' = -G, for G with G' = -2 (1 - e^-s)/s G."""
    s, Psi, G = it.s, sympy.Function("Psi")(it.s), sympy.Function("G")(it.s)
    slopes = {
        sympy.Derivative(Psi, s): -over(1, s**2) - over(gain * sympy.exp(-s) * Psi, s),
        sympy.Derivative(G, s): -over(2 * (1 - sympy.exp(-s)) * G, s),
    }
    moved = sympy.diff(s**2 * G * Psi, s).subs(slopes)
    return equal(moved, -G) or Counterexample(f"(s^2 G Psi)' is {sympy.simplify(moved)}")


theorem = Claim("dirksen-renyi", conclusion=constant_is_caught)
