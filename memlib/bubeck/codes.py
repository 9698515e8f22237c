"""Codes: a random address for every point, which only that point hears; Gaussian means by computer algebra.

All means are taken from their definition, monomial by monomial (Wick, Isserlis) or by sympy's integrals.
Points have ints, Fractions or sympy numbers as coordinates; everything is exact.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import factorial, prod
from typing import Any

import sympy
from sympy import I, Integer, Poly, Rational, Symbol, exp, oo, pi, sqrt

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample, equal

# --- Hermite polynomials, Gaussian means, the pieces of h_m ---


def hermite(k: int) -> tuple[int, ...]:
    """Return the coefficients of He_k, constant term first: He_0 = 1, He_1 = z, He_{k+1} = z He_k - k He_{k-1}."""
    before: tuple[int, ...] = (0,)
    now: tuple[int, ...] = (1,)
    for j in range(k):
        lower = (*(-j * c for c in before), *(0,) * (len(now) + 1 - len(before)))
        before, now = now, tuple(a + b for a, b in zip((0, *now), lower, strict=True))
    return now


def power(k: int) -> tuple[int, ...]:
    """Return the coefficients of z^k: the code that everybody overhears."""
    return (*(0,) * k, 1)


def at(coefficients: tuple[int, ...], z: Any) -> Any:
    """Return the value of the polynomial at z, a number or a sympy expression."""
    return sum((c * z**e for e, c in enumerate(coefficients)), Integer(0))


def double_factorial(k: int) -> int:
    """Return k!! = k (k - 2) (k - 4) ..., for odd k >= -1; (-1)!! = 1."""
    return prod(range(k, 0, -2))


def normal_moment(e: int) -> int:
    """Return E Z^e for a standard Gaussian Z: 0 for odd e, (e - 1)!! for even e."""
    return 0 if e % 2 else double_factorial(e - 1)


def normal_mean(expression: Any, *normals: Symbol) -> Any:
    """Return the mean of a polynomial in independent standard Gaussians `normals`; other symbols stay."""
    terms = Poly(expression, *normals).terms()
    return sum((c * prod(normal_moment(e) for e in powers) for powers, c in terms), Integer(0))


def harmonic(m: int) -> tuple[tuple[int, Any], ...]:
    """Return the pieces (sign, angle) of h_m: h_m(z) = sum of sign psi(Re(e^(-i angle) z)) / (2m), 2m ReLUs."""
    return tuple(((-1) ** k, pi * Rational(k, m)) for k in range(2 * m))


def exact(value: Any) -> Any:
    """Return an int, Fraction or sympy number as a sympy number."""
    if isinstance(value, Fraction):
        return Rational(value.numerator, value.denominator)
    return sympy.sympify(value)


# --- bubeck-code-orthogonality ---


@dataclass(frozen=True)
class Pair:
    """Two points by their inner product rho and squared lengths; a code of degree k, all degrees at once if None."""

    k: int | None
    rho: Any
    field: str = "real"
    square: Any = 1
    other_square: Any = 1

    @property
    def slope(self) -> Any:
        """z' = slope z + a Gaussian that is independent of z, for z = g.x and z' = g.x'."""
        return self.rho * quotient(self.square)

    @property
    def rest(self) -> Any:
        """The variance of that Gaussian, |x'|^2 - rho^2 / |x|^2."""
        return self.other_square - self.rho * self.slope


def quotient(q: Any) -> Any:
    """Return 1 / q as a sympy number."""
    return sympy.Pow(sympy.sympify(q), -1)


def conditional_mean(pair: Pair, code: tuple[int, ...], z: Symbol) -> Any:
    """Return E[code(z') | z], a polynomial in z (real), in conj(z) (complex; z stands for it, code for conj(z')^k).

    The complex Gaussian is (u + i v) / sqrt 2 with real u and v: nothing is taken from the complex theory.
    """
    u, v = sympy.symbols("u v", real=True)
    if pair.field == "real":
        return normal_mean(sympy.expand(at(code, pair.slope * z + sqrt(pair.rest) * u)), u)
    noise = (u - I * v) * sqrt(pair.rest) * sqrt(Rational(1, 2))
    return normal_mean(sympy.expand(at(code, pair.slope * z + noise)), u, v)


def unit_vectors(pair: Pair) -> Answer:
    long = [q for q in (pair.square, pair.other_square) if q != 1]
    return not long or Counterexample(f"a point has the squared length {long[0]}")


def generating_function(pair: Pair) -> Answer:
    """E[e^(t z' - t^2/2) | z] = e^(t rho z - t^2 rho^2/2): in powers of t, the statement for every k."""
    t, z, u = sympy.symbols("t z u", real=True)
    s = Symbol("s", nonnegative=True)  # the standard deviation of the rest
    integrand = exp(t * (pair.slope * z + s * u) - Rational(1, 2) * (t**2 + u**2))
    mean = sympy.integrate(integrand, (u, -oo, oo)) * sqrt(quotient(2 * pi))
    mean = sympy.powsimp(sympy.expand(mean.subs(s, sqrt(pair.rest))))
    wanted = exp(t * pair.rho * z - t**2 * pair.rho**2 * Rational(1, 2))
    return equal(mean, wanted) or Counterexample(f"the mean is {mean}, not {wanted}")


def one_power_of_rho(pair: Pair, code: Any = hermite) -> Answer:
    """Decide the conditional mean, and the second moment by averaging over z as well."""
    if pair.k is None:
        return generating_function(pair)
    z, k = Symbol("z", real=True), pair.k
    own = code(k) if pair.field == "real" else power(k)
    heard = conditional_mean(pair, own, z)
    echo = pair.rho**k * at(own, z)
    left = sympy.expand(heard - echo)
    if not (equal(heard, echo) if getattr(pair.rho, "free_symbols", None) else left == 0):
        return Counterexample(f"the mean of the code, given z, exceeds rho^{k} times the code by {left}")
    if pair.field == "real":
        second = normal_mean(sympy.expand(heard * at(own, z)), z)
    else:  # E |z|^(2k) = k! times the coefficient of conj(z)^k
        second = Poly(heard, z).coeff_monomial(z**k) * factorial(k)
    wanted = factorial(k) * pair.rho**k
    return equal(second, wanted) or Counterexample(f"the second moment is {second}, not {wanted}")


def one_power_of_rho_for_powers(pair: Pair) -> Answer:
    """The wrong version: the power z^k in the place of He_k."""
    return one_power_of_rho(pair, code=power)


orthogonality = Claim(
    "bubeck-code-orthogonality",
    hypotheses={"x and x' are unit vectors": unit_vectors},
    conclusion=one_power_of_rho,
)


# --- bubeck-kappa ---


@dataclass(frozen=True)
class Signal:
    """A code of degree k with smoothing sigma; complex: the code conj(z)^(m - 1) and h_m, with k = m - 1."""

    k: int | None
    sigma: Any
    field: str = "real"


def kappa(k: int, sigma: Any) -> Any:
    """Return the closed form of E[Phi(Z / sigma) He_k(Z)] / sqrt(k!), k >= 1; 0 for even k. Sympy."""
    if k % 2 == 0:
        return Integer(0)
    top = (-1) ** ((k - 1) // 2) * double_factorial(k - 2)
    return top * quotient(sqrt(2 * pi * factorial(k)) * sqrt(1 + sympy.sympify(sigma) ** 2) ** k)


def kappa_complex(m: int, sigma: Any) -> Any:
    """Return the closed form of 2 E[d_z h_m(z + sigma zeta) conj(z)^(m-1)] / sqrt((m-1)!); 0 for odd m >= 3. Sympy."""
    if m % 2:
        return Integer(0)
    top = (-1) ** (m // 2 + 1) * sympy.gamma(Rational(m + 1, 2))
    smooth = sqrt(1 + sympy.sympify(sigma) ** 2) ** (m - 1)
    return top * quotient(pi * (m - 1) * sqrt(factorial(m - 1)) * smooth)


@lru_cache
def erf_moment(e: int, sigma: Any) -> Any:
    """Return E[erf(Z / (sigma sqrt 2)) Z^e] for odd e, by sympy's integral."""
    z = Symbol("z", real=True)
    density = exp(-Rational(1, 2) * z**2) * quotient(sqrt(2 * pi))
    return sympy.integrate(sympy.erf(z * quotient(sigma * sqrt(2))) * z**e * density, (z, -oo, oo))


def signal_from_definition(k: int, sigma: Any) -> Any:
    """Return E[Phi(Z / sigma) He_k(Z)] / sqrt(k!), term by term: Phi(t) = 1/2 + erf(t / sqrt 2) / 2.

    The constant 1/2 meets even powers only, the odd function erf odd powers only.
    """
    terms = [c * (erf_moment(e, sigma) if e % 2 else normal_moment(e)) for e, c in enumerate(hermite(k)) if c]
    return sum(terms) * Rational(1, 2) * quotient(sqrt(factorial(k)))


def complex_signal_from_definition(m: int, sigma: Any) -> Any:
    """Return 2 E[d_z h_m(u) conj(z)^(m-1)] / sqrt((m-1)!), u = z + sigma zeta, ReLU by ReLU, in polar coordinates.

    d_z psi(Re(e^(-i angle) u)) = e^(-i angle) / 2 on the half-plane where the ReLU is on, and 0 on the other;
    E[conj(z)^(m-1) | u] = (conj(u) / v)^(m-1) for v = 1 + sigma^2 = E|u|^2, by code-orthogonality.
    """
    r, turn = Symbol("r", positive=True), Symbol("theta", real=True)
    v = 1 + sympy.sympify(sigma) ** 2
    half_plane = sympy.integrate(exp(-I * (m - 1) * turn), (turn, -pi * Rational(1, 2), pi * Rational(1, 2)))
    radial = sympy.integrate(r**m * 2 * quotient(v) * exp(-(r**2) * quotient(v)), (r, 0, oo))
    signs = sum(
        sign * exp(-I * m * angle) for sign, angle in harmonic(m)
    )  # the half-plane is turned by the angle
    mean = Rational(1, 2 * m) * Rational(1, 2) * signs * half_plane * quotient(2 * pi) * radial
    return 2 * mean * quotient(v ** (m - 1) * sqrt(factorial(m - 1)))


def degree_is_odd(signal: Signal) -> Answer:
    return signal.k is None or signal.k % 2 == 1 or Counterexample(f"the degree {signal.k} is even")


def sigma_is_positive(signal: Signal) -> Answer:
    return bool(sympy.sympify(signal.sigma).is_positive) or Counterexample(f"sigma is {signal.sigma}")


def generates_all_signals(signal: Signal) -> Answer:
    """S(t) = E[Phi(Z / sigma) e^(tZ - t^2/2)] has S'(t) = the sum over j of kappa_(2j+1) sqrt((2j+1)!) t^(2j) / (2j)!.

    Since e^(tz - t^2/2) phi(z) = phi(z - t), S'(t) is an integral of a product of two Gaussian densities.
    """
    t, z = sympy.symbols("t z", real=True)
    j = Symbol("j", integer=True, nonnegative=True)
    half, variance = Rational(1, 2), sympy.sympify(signal.sigma) ** 2
    if not equal(t * z - half * (t**2 + z**2), -half * (z - t) ** 2):
        return Counterexample("the exponential does not shift the density")
    product = exp(-half * (z**2 * quotient(variance) + (z - t) ** 2)) * quotient(2 * pi * signal.sigma)
    slope = sympy.integrate(product, (z, -oo, oo))
    tau = quotient(sqrt(1 + variance))
    term = (-1) ** j * tau ** (2 * j + 1) * t ** (2 * j) * quotient(sqrt(2 * pi) * 2**j * sympy.factorial(j))
    for i in range(12):  # (2i - 1)!! / (2i)! = 1 / (2^i i!), so `term` is the signal of degree 2i + 1
        own = kappa(2 * i + 1, signal.sigma) * sqrt(factorial(2 * i + 1)) * Rational(1, factorial(2 * i))
        if not equal(term.subs(j, i), own * t ** (2 * i)):
            return Counterexample(f"the series has another term of degree {2 * i}")
    series = sympy.summation(term, (j, 0, oo))
    return equal(sympy.simplify(slope * quotient(series)), 1) or Counterexample(
        f"S' is {slope}, not {series}"
    )


def signal_is_kappa(signal: Signal) -> Answer:
    """The mean in the definition equals the closed form, and is not 0."""
    if signal.k is None:
        return generates_all_signals(signal)
    if signal.field == "real":
        found, wanted = signal_from_definition(signal.k, signal.sigma), kappa(signal.k, signal.sigma)
    else:
        found = complex_signal_from_definition(signal.k + 1, signal.sigma)
        wanted = kappa_complex(signal.k + 1, signal.sigma)
    if equal(found, 0):
        return Counterexample("the mean is 0: the neuron sends nothing to this address")
    return equal(found, wanted) or Counterexample(f"the mean is {sympy.simplify(found)}, not {wanted}")


signal = Claim(
    "bubeck-kappa",
    hypotheses={"the degree is odd": degree_is_odd, "sigma > 0": sigma_is_positive},
    conclusion=signal_is_kappa,
)
