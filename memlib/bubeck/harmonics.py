"""Harmonic neurons: 2m ReLUs with alternating signs, their spectrum, their kernel, and the selection by phases.

Everything is exact or symbolic; ReLUs are decided sector by sector, Gaussian means monomial by monomial.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import comb, factorial
from typing import Any

import sympy
from sympy import Integer, Poly, Rational, Symbol, cos, exp, pi, sin, sqrt

from memlib.bubeck.codes import at as value_of
from memlib.bubeck.codes import double_factorial, exact, harmonic, power, quotient
from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal

# --- bubeck-harmonic-neuron ---


@dataclass(frozen=True)
class Flower:
    """The harmonic neuron h_m on the unit circle, at the angle theta; j numbers its frequencies m (2j + 1)."""

    m: int
    theta: Any
    j: Any

    @property
    def shift(self) -> int:
        """Where the sectors lie: sector i is centred at (2i + shift) pi / (2m); no ReLU switches inside one."""
        return 1 - self.m % 2

    def active(self, i: int) -> list[tuple[int, Any]]:
        """The pieces (sign, angle) of h_m that are on in sector i."""
        on = []
        for k, piece in enumerate(harmonic(self.m)):
            apart = 2 * i + self.shift - 2 * k  # from the sector's centre, in units of pi / (2m)
            if abs((apart + 2 * self.m) % (4 * self.m) - 2 * self.m) < self.m:  # less than a right angle
                on.append(piece)
        return on


def beta(l: int) -> Any:
    """Return the Fourier coefficient of psi(cos t) at the frequency l >= 0. Sympy."""
    if l == 0:
        return quotient(pi)
    if l == 1:
        return Rational(1, 4)
    return Integer(0) if l % 2 else (-1) ** (l // 2 + 1) * quotient(pi * (l**2 - 1))


def beta_by_integral(l: Any) -> Any:
    """Return (1 / 2 pi) times the integral of cos t cos(l t) over |t| <= pi / 2, for a sympy l > 1."""
    t = Symbol("t", real=True)
    both = (cos((l + 1) * t) + cos((l - 1) * t)) * Rational(1, 2)
    return sympy.integrate(both, (t, -pi * Rational(1, 2), pi * Rational(1, 2))) * quotient(2 * pi)


def lipschitz(m: int) -> Any:
    """Return the length of the gradient of h_m, 1 / (2m cos(pi / 2m)). Sympy."""
    return quotient(2 * m * cos(pi * Rational(1, 2 * m)))


def selected(m: int, l: int) -> int:
    """Return the mean of (-1)^k e^(-i pi k l / m) over k < 2m, in exact roots of unity: 1 or 0.

    The mean of x^(k (m - l)) with x = e^(i pi / m), reduced modulo the cyclotomic polynomial of order 2m.
    """
    x = Symbol("x")
    total = Poly(sum(x ** (k * (m - l) % (2 * m)) for k in range(2 * m)), x)
    remainder = total.rem(Poly(sympy.cyclotomic_poly(2 * m, x), x)).as_expr()
    return int(remainder * Rational(1, 2 * m))


def m_is_even(instance: Any) -> Answer:
    return (instance.m % 2 == 0 and instance.m > 0) or Counterexample(f"m is {instance.m}")


def pure_harmonics(flower: Flower) -> Answer:
    """The frequencies, their coefficients, and the sine arcs between the zeros."""
    m, l = flower.m, flower.m * (2 * flower.j + 1)
    coefficient = sympy.simplify(beta_by_integral(sympy.sympify(l)))
    if coefficient == 0:
        return Counterexample(f"the coefficient at the frequency {l} is 0")
    if not equal(coefficient, (-1) ** (l * Rational(1, 2) + 1) * quotient(pi * (l**2 - 1))):
        return Counterexample(f"the coefficient at the frequency {l} is {coefficient}")
    for frequency in range(2 * m):
        if selected(m, frequency) != int(frequency == m):
            return Counterexample(f"the signs do not cancel the frequency {frequency}")
    for i in range(2 * m):
        middle, half = pi * Rational(2 * i + 1, 2 * m), pi * Rational(1, 2 * m)
        arc = (-1) ** (m // 2 + 1 + i) * sin(middle - flower.theta)
        twice = sum(  # 2 cos(half) cos(t) = cos(t + half) + cos(t - half), so that neighbours cancel
            sign * (cos(flower.theta - angle + half) + cos(flower.theta - angle - half))
            for sign, angle in flower.active(i)
        )
        if not equal(twice, 2 * arc):
            return Counterexample(f"on sector {i} the ReLUs are not {arc} times the Lipschitz constant")
    return True


neuron = Claim("bubeck-harmonic-neuron", hypotheses={"m is even": m_is_even}, conclusion=pure_harmonics)


# --- bubeck-harmonic-kernel ---


@dataclass(frozen=True)
class Kernel:
    """K(rho) = E h_m(g.x) h_m(g.x') up to the power `most`, rho = x.x'; the points' squared lengths."""

    m: int
    rho: Any
    most: int = 12
    square: Any = 1
    other_square: Any = 1


def relu_coefficient(p: int) -> Any:
    """Return the coefficient of r^p in E psi(Z) psi(Z'), Z and Z' standard Gaussians of correlation r. Sympy."""
    if p % 2:
        return Rational(1, 4) if p == 1 else Integer(0)
    return Rational(1 if p == 0 else double_factorial(p - 3) ** 2, factorial(p)) * quotient(2 * pi)


def kernel_coefficient(m: int, p: int) -> Any:
    """Return the coefficient of rho^p in K, by the formula of the proposition. Sympy."""
    if p < m or p % 2:
        return Integer(0)
    chosen = sum(comb(p, (p + l) // 2) for l in range(-p, p + 1) if (l - m) % (2 * m) == 0)
    return Rational(chosen, 2 ** (p + 1)) * relu_coefficient(p)


def chaos_coefficient(m: int, p: int) -> Any:
    """Return the same coefficient from polar coordinates: sum over l = ms, s odd, l + 2q = p, of 2 beta_l^2 A_(l,q)^2.

    A_(l,q) is the coefficient of |z| e^(il theta) on the orthonormal function sqrt(q! / (l+q)!) z^l L_q^(l)(|z|^2),
    which is Gamma((l+3)/2) ((l-1)/2)_q / sqrt(q! (l+q)!) up to sign; the polynomials L_q^(l) are Laguerre's.
    """
    total = Integer(0)
    for l in range(m, p + 1, 2 * m):
        if (p - l) % 2 == 0:
            q = (p - l) // 2
            A = sympy.gamma(Rational(l + 3, 2)) * sympy.rf(Rational(l - 1, 2), q)
            total += 2 * beta(l) ** 2 * A**2 * Rational(1, factorial(q) * factorial(l + q))
    return total


def relu_kernel(r: Any) -> Any:
    """Return E psi(Z) psi(Z') = (sqrt(1 - r^2) + r (pi - arccos r)) / (2 pi)."""
    return (sqrt(1 - r**2) + r * (pi * Rational(1, 2) + sympy.asin(r))) * quotient(2 * pi)


def kernel_from_relus(m: int, rho: Any, square: Any = 1, other_square: Any = 1) -> Any:
    """Return E h_m h_m' from the definition: (2m)^2 pairs of ReLUs, pooled by the difference of their angles.

    Re(e^(-ia) z) has the variance |x|^2 / 2, and the correlation with Re(e^(-ib) z') is cos(a - b) rho / (|x| |x'|).
    """
    lengths = sqrt(exact(square) * exact(other_square))
    terms = (
        sign * relu_kernel(sympy.expand(rho * quotient(lengths) * cos(angle))) for sign, angle in harmonic(m)
    )
    return sum(terms) * lengths * Rational(1, 4 * m)


def points_are_unit_vectors(kernel: Kernel) -> Answer:
    long = [q for q in (kernel.square, kernel.other_square) if q != 1]
    return not long or Counterexample(f"a point has the squared length {long[0]}")


def no_power_below_m(kernel: Kernel) -> Answer:
    """The coefficients by three routes; none is negative, those below m are 0, that of m is not; the value K(1)."""
    m, rho, r = kernel.m, kernel.rho, Symbol("r", real=True)
    found = kernel_from_relus(m, r, kernel.square, kernel.other_square)
    taylor = sympy.series(found, r, 0, kernel.most + 1).removeO()
    series = [sympy.simplify(taylor.coeff(r, p)) for p in range(kernel.most + 1)]
    if series[m] == 0:
        return Counterexample(f"the coefficient of rho^{m} is 0")
    for p, c in enumerate(series):
        if p < m and c != 0:
            return Counterexample(f"the coefficient of rho^{p} is {c}, not 0")
        wanted = kernel_coefficient(m, p)
        if not equal(c * rho**p, wanted * rho**p):
            return Counterexample(f"the coefficient of rho^{p} is {c}, not {wanted}")
    for p in range(40):
        c = kernel_coefficient(m, p)
        if not (equal(c, chaos_coefficient(m, p)) and c >= 0):
            return Counterexample(f"the coefficient of rho^{p} is {c}: negative, or not the Laguerre one")
    square_mean = lipschitz(m) ** 2 * (Rational(1, 2) - m * sin(pi * Rational(1, m)) * quotient(2 * pi))
    at_one = kernel_from_relus(m, Integer(1))
    if not equal(at_one, square_mean):
        return Counterexample(f"K(1) is {at_one}, not {square_mean}")
    if getattr(rho, "free_symbols", None):
        return True
    rho = exact(rho)
    within = bool(abs(kernel_from_relus(m, rho)) <= abs(rho) ** m * at_one)
    return within or Counterexample(f"K({rho}) is above rho^{m} K(1)")


def no_power_below_m_without_signs(kernel: Kernel) -> Answer:
    """The wrong version: 2m ReLUs at the same angles, all with the sign +."""
    r = Symbol("r", real=True)
    terms = [relu_kernel(sympy.expand(r * cos(angle))) for _, angle in harmonic(kernel.m)]
    taylor = sympy.series(sum(terms) * Rational(1, 4 * kernel.m), r, 0, kernel.m).removeO()
    low = [p for p in range(kernel.m) if taylor.coeff(r, p) != 0]
    words = ", ".join(f"{taylor.coeff(r, p)} at rho^{p}" for p in low)
    return not low or Counterexample(f"powers below {kernel.m} are left: {words}")


kernel = Claim(
    "bubeck-harmonic-kernel",
    hypotheses={"m is even": m_is_even, "x and x' are unit vectors": points_are_unit_vectors},
    conclusion=no_power_below_m,
)


# --- bubeck-phase-selection ---


@dataclass(frozen=True)
class Tuned:
    """V(g) = sum_i c_i conj(g.x_i)^k x_i in the plane, and the polynomial h(u) = u^p conj(u)^q at u = z + sigma zeta.

    z = g.x and b = V.x for the point x = points[at]; zeta is one more independent complex Gaussian.
    """

    points: tuple[tuple[int, int], ...]
    c: tuple[int, ...]
    m: int
    k: int
    p: int
    q: int
    at: int = 0
    sigma: int = 0

    def means(self) -> dict[tuple[int, int], Any]:
        """Return E[u^(p-a) conj(u)^(q-c) b^a conj(b)^c] for all a, c: up to binomials, what stands at delta^(a+c)."""
        g, bar = sympy.symbols("g0:3"), sympy.symbols("gbar0:3")

        def form(x: tuple, letters: tuple) -> Poly:
            return Poly(sum(v * s for v, s in zip(x, letters, strict=True)), *g, *bar)

        x = self.points[self.at]
        u, ubar = form((*x, self.sigma), g), form((*x, self.sigma), bar)
        b = bbar = Poly(0, *g, *bar)
        for weight, point in zip(self.c, self.points, strict=True):
            inner = weight * sum(v * w for v, w in zip(x, point, strict=True))
            b += inner * Poly(value_of(power(self.k), form((*point, 0), bar)), *g, *bar)
            bbar += inner * Poly(value_of(power(self.k), form((*point, 0), g)), *g, *bar)
        return {
            (a, c): wick(u ** (self.p - a) * ubar ** (self.q - c) * b**a * bbar**c)
            for a in range(self.p + 1)
            for c in range(self.q + 1)
        }


def wick(P: Poly) -> Any:
    """Return the mean of a polynomial in complex Gaussians (first half of the letters) and their conjugates."""
    d = len(P.gens) // 2
    return sum((c * sympy.prod(map(factorial, e[:d])) for e, c in P.terms() if e[:d] == e[d:]), Integer(0))


@dataclass(frozen=True)
class Turn:
    """The rotation of g by an angle alpha, in letters: m, delta and alpha are free, the code has degree k."""

    m: Any
    k: Any
    delta: Any
    alpha: Any

    def turned(self, factor: Any) -> Any:
        """z + delta b after g -> factor g, |factor| = 1, for two points: b = c_1 conj(z_1)^k + c_2 conj(z_2)^k."""
        z, b1, b2, c1, c2 = sympy.symbols("z conj_z1 conj_z2 c1 c2")
        back = quotient(factor)  # the conjugate of a number of modulus 1
        return factor * z + self.delta * (c1 * (back * b1) ** self.k + c2 * (back * b2) ** self.k)


def code_has_degree_m_minus_1(instance: Tuned | Turn) -> Answer:
    return sympy.sympify(instance.k - instance.m + 1) == 0 or Counterexample(
        f"the code has degree {instance.k}"
    )


def changes_sign_under_the_turn(instance: Tuned | Turn) -> Answer:
    """h(e^(i pi / m) z) = -h(z). For u^p conj(u)^q: p - q is an odd multiple of m. (h_m: for every even m <= 12.)"""
    if isinstance(instance, Tuned):
        frequency = instance.p - instance.q
        odd = frequency % (2 * instance.m) == instance.m
        return odd or Counterexample(f"h has the frequency {frequency}, no odd multiple of {instance.m}")
    for m in range(2, 13, 2):
        pieces = {(sign, (angle * m * quotient(pi)) % (2 * m)) for sign, angle in harmonic(m)}
        if pieces != {(-sign, (step + 1) % (2 * m)) for sign, step in pieces}:
            return Counterexample(f"h_{m} does not change its sign")
    return True


def only_odd_powers(instance: Tuned | Turn) -> Answer:
    """Tuned: the means of all terms, from the definition. Turn: the two steps of the proof, in letters."""
    if isinstance(instance, Turn):
        factor = exp(sympy.I * instance.alpha)
        moved = Turn(instance.m, instance.k, instance.delta * sympy.Pow(factor, -instance.m), 0).turned(
            Integer(1)
        )
        if not equal(sympy.expand(instance.turned(factor)), sympy.expand(factor * moved)):
            return Counterexample("the rotation does not multiply delta by e^(-im alpha)")
        r = Symbol("r", integer=True)
        step = sympy.exp(-sympy.I * instance.m * pi * r * quotient(instance.m))
        if not equal(step.rewrite(cos), (-1) ** r):
            return Counterexample(f"the rotation by r pi/m multiplies delta by {step}")
        return True
    s = Fraction(instance.p - instance.q, instance.m)
    means = instance.means()
    for (a, c), mean in means.items():
        if mean != 0 and (a + c) % 2 == 0:
            return Counterexample(
                f"the mean of b^{a} conj(b)^{c} and its factor, of order {a + c}, is {mean}"
            )
        if mean != 0 and a - c != s:
            return Counterexample(f"a term of frequency {a - c} survives, not only {s}")
    return any(means.values()) or Counterexample("all terms vanish: there is no signal")


selection = Claim(
    "bubeck-phase-selection",
    hypotheses={
        "the code has degree m - 1": code_has_degree_m_minus_1,
        "h changes its sign under the turn": changes_sign_under_the_turn,
    },
    conclusion=only_odd_powers,
)
