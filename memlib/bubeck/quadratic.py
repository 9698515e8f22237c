"""The quadratic case M = 2 of recombination: what a pair of neurons is on average, decided with letters by sympy."""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from math import comb
from typing import Any

import sympy

from memlib.bubeck.codes import normal_mean, quotient
from memlib.bubeck.differences import rule
from memlib.bubeck.relu import P
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal
from memlib.exact import dot, rank, rank_mod

# --- bubeck-quadratic-case ---


@dataclass(frozen=True)
class Form:
    """A matrix S by its rows, a point x, the step delta, the noise sigma, the order p: numbers or sympy expressions."""

    S: tuple[tuple[Any, ...], ...]
    x: tuple[Any, ...]
    delta: Any
    sigma: Any
    p: int = 1

    @property
    def image(self) -> tuple[Any, ...]:
        """S x."""
        return tuple(inner(row, self.x) for row in self.S)

    @property
    def q(self) -> Any:
        """x.S x."""
        return inner(self.x, self.image)

    @property
    def v(self) -> Any:
        """|S x|^2."""
        return inner(self.image, self.image)

    @property
    def a(self) -> Any:
        """(1 + sigma^2) |x|^2."""
        return (1 + self.sigma**2) * inner(self.x, self.x)

    def square(self, t: Any) -> Any:
        """R(t)^2 = |x + delta t S x|^2 + sigma^2 |x|^2, the variance that the closed form has for the node t."""
        moved = [c + self.delta * t * s for c, s in zip(self.x, self.image, strict=True)]
        return sympy.expand(inner(moved, moved) + self.sigma**2 * inner(self.x, self.x))

    def variance(self, t: Any) -> Any:
        """E (w.x)^2 for w = g + delta t S g + sigma xi, from the definition, monomial by monomial."""
        d = len(self.x)
        g, xi = sympy.symbols(f"g:{d}", real=True), sympy.symbols(f"xi:{d}", real=True)
        w = [g[e] + self.delta * t * inner(self.S[e], g) + self.sigma * xi[e] for e in range(d)]
        return sympy.expand(normal_mean(sympy.expand(inner(w, self.x) ** 2), *g, *xi))


def inner(u: Any, x: Any) -> Any:
    return sum((number(a) * number(b) for a, b in zip(u, x, strict=True)), sympy.Integer(0))


def number(c: Any) -> Any:
    """Return an int or Fraction as a sympy number, a sympy expression as it is."""
    return sympy.Rational(c.numerator, c.denominator) if isinstance(c, (int, Fraction)) else c


def letters(form: Form) -> bool:
    """Whether a symbol occurs in the form."""
    parts = (*form.x, *(c for row in form.S for c in row), form.delta, form.sigma)
    return any(getattr(part, "free_symbols", None) for part in parts)


@lru_cache
def mean_of_relu(s: Any) -> Any:
    """E psi(N) for N ~ N(0, s^2), s > 0, by sympy's integral over the half line."""
    t = sympy.Symbol("t", positive=True)
    density = sympy.exp(-(t**2) * quotient(2 * s**2)) * quotient(s * sympy.sqrt(2 * sympy.pi))
    return sympy.integrate(t * density, (t, 0, sympy.oo))


def symmetric(form: Form) -> Answer:
    for i, j in combinations(range(len(form.x)), 2):
        if not equal(number(form.S[i][j]), number(form.S[j][i])):
            return Counterexample(
                f"S_{i + 1}{j + 1} is {form.S[i][j]} and S_{j + 1}{i + 1} is {form.S[j][i]}"
            )
    return True


def p_is_odd(form: Form) -> Answer:
    return form.p % 2 == 1 or Counterexample(f"p is {form.p}")


def delta_is_not_zero(form: Form) -> Answer:
    return not equal(number(form.delta), 0) or Counterexample("delta is 0")


def neurons_see_the_closed_form(form: Form) -> Answer:
    """Part (a): every neuron sees a Gaussian of the variance R(t_j)^2, and E psi(N(0, s^2)) = s / sqrt(2 pi)."""
    s = sympy.Symbol("s", positive=True) if letters(form) else sympy.Integer(3)
    if not equal(mean_of_relu(s), s * quotient(sympy.sqrt(2 * sympy.pi))):
        return Counterexample("the mean of a ReLU is not s / sqrt(2 pi)")
    for t in rule(form.p)[0]:
        seen, formula = form.variance(t), form.square(t)
        if not equal(seen, formula):
            return Counterexample(f"at the node {t} a neuron sees the variance {seen}, not {formula}")
    return True


def pair_is_a_shrunken_form(form: Form) -> Answer:
    """Parts (b), (c): R+^2 - R-^2 = 4 delta q; (R+ R-)^2 is (a + delta^2 v)^2 less 4 delta^2 q^2, and it is
    (a - delta^2 v)^2 plus 4 delta^2 times a sum of squares, by Lagrange's identity.
    """
    plus, minus, step = form.square(1), form.square(-1), number(form.delta) ** 2
    a, q, v = form.a, form.q, form.v
    if not equal(plus - minus, 4 * number(form.delta) * q):
        return Counterexample(f"R+^2 - R-^2 is {sympy.expand(plus - minus)}, not 4 delta q")
    product = sympy.expand(plus * minus)
    if not equal(product, sympy.expand((a + step * v) ** 2 - 4 * step * q**2)):
        return Counterexample("(R+ R-)^2 is not (a + delta^2 v)^2 - 4 delta^2 q^2")
    pairs = combinations(zip(map(number, form.x), form.image, strict=True), 2)
    squares = sum(((x * s - z * r) ** 2 for (x, r), (z, s) in pairs), sympy.Integer(0))
    rest = squares + number(form.sigma) ** 2 * inner(form.x, form.x) * v
    if not equal(product, sympy.expand((a - step * v) ** 2 + 4 * step * rest)):
        return Counterexample("(R+ R-)^2 is not (a - delta^2 v)^2 plus squares")
    return True


def error_starts_late(form: Form) -> Answer:
    """Part (d): the powers delta^1, ..., delta^p, and all odd ones, are missing in the mean; for p = 1 the next term.

    The mean is the sum over k of c_k m_k delta^(k-1) / sqrt(2 pi), m_k = sum_j lambda_j t_j^k, where c_k are the
    Taylor coefficients of sqrt(a + 2 q u + v u^2) in u.
    """
    p = form.p
    nodes, weights = rule(p)
    for k in range(p + 5):
        m = sympy.simplify(sum(w * t**k for w, t in zip(weights, nodes, strict=True)))
        if m != (k == 1) and (k <= p + 1 or k % 2 == 0):
            return Counterexample(f"sum lambda_j t_j^{k} is {m}")
    u, a, q, v = sympy.Symbol("u", real=True), form.a, form.q, form.v
    if letters(form):
        a, (q, v) = sympy.Symbol("a", positive=True), sympy.symbols("q v", real=True)
    R = sympy.sqrt(a + 2 * q * u + v * u**2)
    first, third = (sympy.diff(R, u, k).subs(u, 0) * sympy.Rational(1, 6 if k == 3 else 1) for k in (1, 3))
    if not equal(first, q * quotient(sympy.sqrt(a))):
        return Counterexample(f"the leading term is {first}")
    wanted = -q * (a * v - q**2) * quotient(2 * sympy.sqrt(a) ** 5)
    return equal(third, wanted) or Counterexample(f"the next term is {third}, not {wanted}")


def mean_in_closed_form(form: Form) -> Answer:
    if form.p % 2 == 0:
        return Counterexample("0 is a node of the rule, and its weight would be 1/0")
    if equal(number(form.delta), 0):
        return Counterexample("F is a quotient by 0")
    return neurons_see_the_closed_form(form) and pair_is_a_shrunken_form(form) and error_starts_late(form)


case = Claim(
    "bubeck-quadratic-case",
    hypotheses={"S is symmetric": symmetric, "p is odd": p_is_odd, "delta is not 0": delta_is_not_zero},
    conclusion=mean_in_closed_form,
)


def no_bias_at_all(form: Form) -> Answer:
    """The wrong version: for p = 1 the mean is x.S x / sqrt(2 pi a), whatever delta is."""
    plus, minus = (sympy.sqrt(form.square(t)) for t in (1, -1))
    mean = (plus - minus) * quotient(2 * number(form.delta))
    wanted = form.q * quotient(sympy.sqrt(form.a))
    return equal(mean, wanted) or Counterexample(
        f"sqrt(2 pi) times the mean is {sympy.simplify(mean)}, not {sympy.simplify(wanted)}"
    )


# --- bubeck-quadratic-rank ---


def squares_of_products(points: tuple[tuple[int, ...], ...]) -> list[tuple[int, ...]]:
    """Return G, the matrix of the (x_i.x_j)^2."""
    return [tuple(dot(x, z) ** 2 for z in points) for x in points]


def axes_and_diagonals(d: int) -> tuple[tuple[int, ...], ...]:
    """Return the d(d+1)/2 points e_i and e_i + e_j, i < j, whose matrices x x^T are a basis."""
    axes = [tuple(int(i == k) for k in range(d)) for i in range(d)]
    sums = [tuple(a + b for a, b in zip(x, z, strict=True)) for x, z in combinations(axes, 2)]
    return (*axes, *sums)


def no_more_points_than_coefficients(points: tuple) -> Answer:
    n, most = len(points), comb(len(points[0]) + 1, 2)
    return n <= most or Counterexample(f"{n} points, and a quadratic form has {most} coefficients")


def squares_are_independent(points: tuple) -> Answer:
    """G is invertible: decided modulo a prime, and, if that fails, over the rationals."""
    G = squares_of_products(points)
    if rank_mod(G, P) == len(points):
        return True
    found = rank(G)
    return found == len(points) or Counterexample(f"G has the rank {found} for {len(points)} points")


forms = Claim(
    "bubeck-quadratic-rank",
    hypotheses={"n <= d (d + 1) / 2": no_more_points_than_coefficients},
    conclusion=squares_are_independent,
    generic=True,
)
