"""A derivative from a few values: Chebyshev's difference rule, the smoothed ReLU, and the step that both make.

Exact numbers of sympy for p = 1, 3, 5, a cyclotomic field of FLINT for larger p, balls where an inequality is
decided for numbers that are not rational.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any

import sympy
from flint import arb, fmpq, fmpq_mat, fmpq_poly, fmpz_poly

from memlib.bubeck.n_neurons import positive
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal

# --- the rule, in three kinds of numbers ---


@lru_cache(maxsize=32)
def nodes(p: int) -> tuple[Any, ...]:
    """Return t_j = cos(j pi / p), j = 0..p, as exact numbers of sympy."""
    return tuple(sympy.cos(sympy.pi * sympy.Rational(j, p)) for j in range(p + 1))


def weight(p: int, j: int, square: Any) -> Any:
    """Return lambda_j = (-1)^((p-1)/2 + j) / (eps_j p t_j^2), given the square of t_j; eps is 2 at the ends, else 1."""
    ends = 2 if j in (0, p) else 1
    sign = -1 if ((p - 1) // 2 + j) % 2 else 1
    return quotient(sign, ends * p * square)


def quotient(a: Any, b: Any) -> Any:
    """Return a / b in the numbers of b: sympy, FLINT fractions, balls."""
    return sympy.Mul(a, sympy.Pow(b, -1)) if hasattr(b, "free_symbols") else fmpq(a) / b


@lru_cache(maxsize=32)
def rule(p: int) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return the nodes and the weights of the rule as exact numbers of sympy, p odd."""
    t = nodes(p)
    return t, tuple(sympy.expand(sympy.radsimp(weight(p, j, sympy.expand(v**2)))) for j, v in enumerate(t))


@lru_cache(maxsize=64)
def ball_rule(p: int) -> tuple[tuple[arb, ...], tuple[arb, ...]]:
    """Return the nodes and the weights of the rule as balls, p odd."""
    t = tuple(arb.cos_pi_fmpq(fmpq(j, p)) for j in range(p + 1))
    return t, tuple(weight(p, j, v * v) for j, v in enumerate(t))


class Field:
    """The cyclotomic field Q(z), z = exp(i pi / p): polynomials in z modulo the minimal polynomial of z.

    cos(j pi / p) = (z^j + z^-j) / 2 is exact in it, and zero is decided by a remainder.
    """

    def __init__(self, p: int):
        self.p, self.modulus = p, fmpq_poly(fmpz_poly.cyclotomic(2 * p))

    def cosine(self, j: int) -> fmpq_poly:
        z = fmpq_poly([0, 1])
        return (z**j + z ** ((2 * self.p - j) % (2 * self.p))) * fmpq(1, 2) % self.modulus

    def times(self, a: fmpq_poly, b: fmpq_poly) -> fmpq_poly:
        return a * b % self.modulus

    def inverse(self, a: fmpq_poly) -> fmpq_poly:
        _, s, _ = a.xgcd(self.modulus)
        return s % self.modulus

    def rule(self) -> tuple[list[fmpq_poly], list[fmpq_poly], list[fmpq_poly]]:
        """Return the nodes t_j, the weights lambda_j, and |lambda_j| (t_j is real, so its square is positive)."""
        t = [self.cosine(j) for j in range(self.p + 1)]
        inverse_squares = [self.inverse(self.times(v, v)) for v in t]
        size = [s * abs(fmpq(weight_sign(self.p, j))) for j, s in enumerate(inverse_squares)]
        return t, [s * fmpq(weight_sign(self.p, j)) for j, s in enumerate(inverse_squares)], size


def weight_sign(p: int, j: int) -> fmpq:
    """Return lambda_j t_j^2, a rational number."""
    return weight(p, j, fmpq(1))


# --- bubeck-cheb-diff ---


@dataclass(frozen=True)
class Difference:
    """The rule of order p, a polynomial by its coefficients, and p + 1 nodes of a rival rule."""

    p: int
    coefficients: tuple
    rival: tuple[Fraction, ...]

    def rival_weights(self) -> list[Fraction]:
        """The only weights with which the rival's nodes differentiate every polynomial of degree at most p at 0."""
        size = len(self.rival)
        powers = fmpq_mat([[fmpq(t.numerator, t.denominator) ** e for t in self.rival] for e in range(size)])
        right = fmpq_mat([[fmpq(int(e == 1))] for e in range(size)])
        return [Fraction(int(w.p), int(w.q)) for (w,) in powers.solve(right).tolist()]


def order_is_odd(difference: Difference) -> Answer:
    return difference.p % 2 == 1 or Counterexample(f"p is {difference.p}")


def degree_is_small(difference: Difference) -> Answer:
    top = max((e for e, c in enumerate(difference.coefficients) if not equal(c, 0)), default=0)
    return top <= difference.p + 1 or Counterexample(f"the degree is {top}, and p + 1 is {difference.p + 1}")


def rival_within_one(difference: Difference) -> Answer:
    far = [t for t in difference.rival if abs(t) > 1]
    return not far or Counterexample(f"the rival has a node at {far[0]}")


def by_sympy(difference: Difference) -> Answer:
    """Decide the sums in algebraic numbers; the coefficients may be letters."""
    p, c = difference.p, difference.coefficients
    t, weights = rule(p)
    derivative = sum(w * sum(a * v**e for e, a in enumerate(c)) for w, v in zip(weights, t, strict=True))
    if not equal(derivative, c[1]):
        return Counterexample(f"the rule gives {sympy.simplify(derivative)}, and q'(0) is {c[1]}")
    if sympy.simplify(sum(abs(w) for w in weights) - p) != 0:
        return Counterexample(f"the sum of |lambda_j| is not {p}")
    if sympy.simplify(sum(abs(w) * v**2 for w, v in zip(weights, t, strict=True)) - 1) != 0:
        return Counterexample("the sum of |lambda_j| t_j^2 is not 1")
    Q = sum(abs(w * v ** (p + 2)) for w, v in zip(weights, t, strict=True))
    return bool(Q <= 1) or Counterexample(f"Q is {Q}")


def by_cyclotomy(difference: Difference) -> Answer:
    """Decide the sums in the cyclotomic field, all but Q; the coefficients are rational."""
    field = Field(difference.p)
    t, weights, sizes = field.rule()
    if sum(sizes, fmpq_poly([0])) != difference.p:
        return Counterexample(f"the sum of |lambda_j| is not {difference.p}")
    squares = [field.times(s, field.times(v, v)) for s, v in zip(sizes, t, strict=True)]
    if sum(squares, fmpq_poly([0])) != 1:
        return Counterexample("the sum of |lambda_j| t_j^2 is not 1")
    total = fmpq_poly([0])
    for v, w in zip(t, weights, strict=True):
        value = fmpq_poly([0])
        for c in reversed(difference.coefficients):
            value = field.times(value, v) + fmpq_poly([fmpq(Fraction(c).numerator, Fraction(c).denominator)])
        total += field.times(w, value)
    expected = difference.coefficients[1]
    return total == fmpq(Fraction(expected).numerator, Fraction(expected).denominator) or Counterexample(
        f"the rule gives {total}, and q'(0) is {expected}"
    )


def differentiates(difference: Difference) -> Answer:
    """The rule gives q'(0), its weights sum to p in absolute value, and no rival's sum is smaller."""
    if any(j % difference.p * 2 == difference.p for j in range(difference.p)):
        return Counterexample("0 is a node, and its weight would be 1/0")
    answer = (by_sympy if difference.p <= 5 else by_cyclotomy)(difference)
    if not answer:
        return answer
    total = sum(abs(w) for w in difference.rival_weights())
    return total >= difference.p or Counterexample(
        f"the rival's |lambda| sum to {total}, less than {difference.p}"
    )


chebyshev = Claim(
    "bubeck-cheb-diff",
    hypotheses={
        "p is odd": order_is_odd,
        "degree at most p + 1": degree_is_small,
        "the rival's nodes lie in [-1, 1]": rival_within_one,
    },
    conclusion=differentiates,
)


# --- bubeck-smooth-relu ---


@dataclass(frozen=True)
class Smoothed:
    """The smoothed ReLU at t with the noise sigma, and the order r of phi's derivative: letters or numbers."""

    t: Any
    sigma: Any
    r: int


@dataclass(frozen=True)
class Peak:
    """A bound for |phi^(r)| on the whole line."""

    r: int
    bound: arb


def density(u: Any) -> Any:
    """phi(u), in sympy."""
    return sympy.exp(-(u**2) * sympy.Rational(1, 2)) * quotient(1, sympy.sqrt(2 * sympy.pi))


def distribution(u: Any) -> Any:
    """Phi(u), in sympy."""
    return (1 + sympy.erf(u * sympy.sqrt(2) * sympy.Rational(1, 2))) * sympy.Rational(1, 2)


def smoothed_relu(t: Any, sigma: Any) -> Any:
    """t Phi(t / sigma) + sigma phi(t / sigma), in sympy."""
    u = quotient(t, sigma)
    return t * distribution(u) + sigma * density(u)


def mean_of_relu(t: Any, sigma: Any) -> Any:
    """E max(N, 0) for N with the density of N(t, sigma^2): the definition, as an integral."""
    w, spread = sympy.Symbol("w", real=True), sympy.sqrt(sigma**2)
    law = quotient(density(quotient(w - t, spread)), spread)
    return sympy.integrate(w * law, (w, 0, sympy.oo)).rewrite(sympy.erf)


def hermite(k: int, z: Any) -> Any:
    """He_k(z), by the recursion He_(m+1) = z He_m - m He_(m-1), in any ring."""
    before, now = 1, z
    if k == 0:
        return before
    for m in range(1, k):
        before, now = now, z * now - m * before
    return now


def fourier_bound(r: int) -> arb:
    """c_r = 2^((r-1)/2) Gamma((r+1)/2) / pi."""
    return arb(2) ** arb(fmpq(r - 1, 2)) * arb(fmpq(r + 1, 2)).gamma() * quotient(1, arb.pi())


def sigma_is_positive(smoothed: Smoothed | Peak) -> Answer:
    if isinstance(smoothed, Peak):
        return True
    return positive(smoothed.sigma) or Counterexample(f"sigma is {smoothed.sigma}")


def derivatives_of_smoothed(smoothed: Smoothed) -> Answer:
    """The mean is the formula; its derivative is Phi(t/sigma), derivative r + 2 is sigma^(-1-r) phi^(r)(t/sigma)."""
    t, sigma, r = smoothed.t, smoothed.sigma, smoothed.r
    formula = smoothed_relu(t, sigma)
    if not equal(mean_of_relu(t, sigma), formula):
        return Counterexample(f"the mean is not {formula}")
    u = quotient(t, sigma)
    first = sympy.diff(formula, t)
    if not equal(first, distribution(u)):
        return Counterexample("the derivative is not Phi(t / sigma)")
    wanted = quotient((-1) ** r * hermite(r, u) * density(u), sigma ** (r + 1))
    found = sympy.diff(first, t, r + 1)
    return equal(found, wanted) or Counterexample(f"derivative {r + 2} is {found}")


def peak_of_density(peak: Peak) -> Answer:
    """|phi^(r)| = |He_r| phi has its maxima at the roots of He_(r+1), and there it is at most the bound."""
    roots: Any = fmpz_poly(hermite(peak.r + 1, fmpz_poly([0, 1]))).complex_roots()
    if len(roots) != peak.r + 1:
        raise ArithmeticError(f"He_{peak.r + 1} has {len(roots)} isolated roots")
    for root, _ in roots:
        z = root.real
        if not root.imag.contains(0):
            raise ArithmeticError(f"He_{peak.r + 1} has a root off the line")
        height = abs(arb(hermite(peak.r, z))) * (-z * z * arb(fmpq(1, 2))).exp() * (2 * arb.pi()).rsqrt()
        if z.contains(0) and peak.bound.overlaps(
            height
        ):  # r even: the bound is attained at 0, as the text proves
            continue
        if height > peak.bound:
            return Counterexample(f"|phi^({peak.r})| exceeds the bound at {z.str(3, radius=False)}")
        if not height <= peak.bound:
            return Counterexample(f"not decided: |phi^({peak.r})| and the bound lie in balls that overlap")
    return True


def smooth(instance: Smoothed | Peak) -> Answer:
    return (derivatives_of_smoothed if isinstance(instance, Smoothed) else peak_of_density)(instance)  # type: ignore[arg-type]


smooth_relu = Claim("bubeck-smooth-relu", hypotheses={"sigma > 0": sigma_is_positive}, conclusion=smooth)


# --- bubeck-difference-step ---


def sign_of(v: Any) -> int:
    """Return the sign of a number, or of a sum of products of positive letters whose coefficients have one sign."""
    if sympy.expand(v) == 0:
        return 0
    coefficients: dict = {}
    for term in sympy.Add.make_args(sympy.expand(v)):
        number, letters = term.as_independent(*term.free_symbols)
        if letters.is_positive is not True:
            raise ValueError(f"the sign of {letters} is not known")
        coefficients[letters] = coefficients.get(letters, 0) + number
    signs = {int(sympy.sign(sympy.expand(number))) for number in coefficients.values()} - {0}
    if len(signs) > 1:
        raise ValueError(f"the sign of {v} is not known")
    return signs.pop() if signs else 0


@dataclass(frozen=True)
class Pair:
    """The difference of ReLUs F = sum_j lambda_j psi(c + delta t_j b) / delta: numbers, or letters of known sign."""

    p: int
    c: Any
    b: Any
    delta: Any

    @property
    def value(self) -> Any:
        t, weights = rule(self.p)
        inputs = [sympy.expand(self.c + self.delta * v * self.b) for v in t]
        total = sum(w * max(sign_of(h), 0) * h for w, h in zip(weights, inputs, strict=True))
        return quotient(total, sympy.sympify(self.delta))

    @property
    def plateau(self) -> Any:
        """0 if c <= -|delta b|, b if c >= |delta b|, else None."""
        ends = [sign_of(self.c + self.delta * self.b), sign_of(self.c - self.delta * self.b)]
        return self.b if min(ends) >= 0 else 0 if max(ends) <= 0 else None


@dataclass(frozen=True)
class Kinks:
    """The step Phi(u) = sum_j lambda_j psi(u + t_j) of the rule of order p, and how far it may overshoot."""

    p: int
    most: arb

    @property
    def heights(self) -> list[arb]:
        """Phi at its kinks -t_0 < -t_1 < ... ; between them it is affine, left of them 0, right of them constant."""
        t, weights = ball_rule(self.p)
        return [
            sum((w * (v - t[k]) for w, v in zip(weights[:k], t, strict=False)), arb(0))
            for k in range(self.p + 1)
        ]


def overshoot(p: int) -> arb:
    """Return o_p, the least number with -o_p <= Phi <= 1 + o_p."""
    lowest = arb(0)
    for v in Kinks(p, arb(0)).heights:
        lowest = lowest.min(v)
    return -lowest


def delta_is_not_zero(instance: Pair | Kinks) -> Answer:
    return isinstance(instance, Kinks) or not equal(instance.delta, 0) or Counterexample("delta is 0")


def steps(instance: Pair | Kinks) -> Answer:
    """F(c, b) - F(-c, -b) = b, F + b/6 and 7b/6 - F have the sign of b; for p = 1, F and b - F do.

    Where no neuron is on, F = 0, and where all are on, F = b: the plateaus of part 1.
    For `Kinks`: between -most and 1 + most at every kink, so everywhere, and 1 from the last kink on.
    """
    if isinstance(instance, Kinks):
        for height in instance.heights:
            if height < -instance.most or height > 1 + instance.most:
                return Counterexample(f"the step is {height.str(4, radius=False)} at a kink")
            if not (height >= -instance.most and height <= 1 + instance.most):
                return Counterexample(f"not decided: the ball {height} contains a bound")
        last = instance.heights[-1]
        return last.overlaps(arb(1)) or Counterexample(
            f"the step ends at {last.str(4, radius=False)}, not at 1"
        )
    if equal(instance.delta, 0):
        return Counterexample("there is no quotient")
    b, F = instance.b, instance.value
    mirrored = Pair(instance.p, -instance.c, -b, instance.delta).value
    if not equal(F - mirrored, b):
        return Counterexample(f"F is {F}, its mirror image {mirrored}, and their difference is not {b}")
    room = 0 if instance.p == 1 else sympy.Rational(1, 6)
    low, high = sign_of(F + room * b), sign_of((1 + room) * b - F)
    plateau = instance.plateau
    if plateau is not None and not equal(F, plateau):
        return Counterexample(f"F is {F}, and {plateau} is expected where all neurons are on, or none is")
    side = sign_of(b)
    if side * low < 0 or side * high < 0 or (side == 0 and F != 0):
        return Counterexample(f"F is {F}, and b is {b}")
    return True


step = Claim("bubeck-difference-step", hypotheses={"delta is not 0": delta_is_not_zero}, conclusion=steps)


def pieces(p: int) -> list[Pair]:
    """Return letters for all real c, b != 0 and delta > 0: one pair for each piece of the step and each sign of b.

    On the piece from a to a' (neighbouring kinks -t_j) write u = (a + r a') / (1 + r) with r > 0. F is homogeneous,
    so c = s (a + r a'), b = s (1 + r) / delta reach every such u, with s > 0; the kinks themselves have c = s a.
    """
    r, s, delta = (sympy.Symbol(k, positive=True) for k in ("r", "s", "delta"))
    kinks = [-v for v in nodes(p)]
    at = [(s * a, s) for a in kinks]
    between = [(s * (a + r * z), s * (1 + r)) for a, z in pairwise(kinks)]
    outside = [(s * (1 + r), s), (-s * (1 + r), s)]
    return [Pair(p, i * c, i * quotient(b, delta), delta) for c, b in at + between + outside for i in (1, -1)]
