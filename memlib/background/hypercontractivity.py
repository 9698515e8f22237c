"""Polynomials of independent normals: their moments, exactly, against (q - 1)^(k/2) times the second one."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any

from memlib.claim import Claim
from memlib.evidence import Answer, Counterexample

Exponents = tuple[int, ...]


def gaussian_moment(j: int) -> int:
    """Return E g^j: 0 for odd j, (j - 1)(j - 3)...1 for even j."""
    return 0 if j % 2 else prod(range(1, j, 2))


@dataclass(frozen=True)
class Polynomial:
    """A polynomial f in n independent variables of the same symmetric law, its degree bound k, and an even q.

    terms : pairs (exponents, coefficient). moments : E x^0, E x^2, E x^4, ... of the law, as far as needed.
    """

    terms: tuple[tuple[Exponents, int | Fraction], ...]
    k: int
    q: int
    moments: tuple[int | Fraction, ...]

    def power_mean(self, q: int) -> Fraction:
        """Return E f^q."""
        power: Mapping[Exponents, int | Fraction] = {(0,) * len(self.terms[0][0]): 1}
        for _ in range(q):
            power = times(power, self.terms)
        return Fraction(sum(c * self.moment(e) for e, c in power.items()))

    def moment(self, exponents: Exponents) -> int | Fraction:
        return prod(0 if j % 2 else self.moments[j // 2] for j in exponents)


def times(f: Mapping[Exponents, int | Fraction], terms: tuple) -> dict[Exponents, int | Fraction]:
    """Multiply a polynomial by another one."""
    product: dict[Exponents, int | Fraction] = {}
    for e, c in f.items():
        for d, a in terms:
            key = tuple(i + j for i, j in zip(e, d, strict=True))
            product[key] = product.get(key, 0) + c * a
    return product


def in_normals(terms: Mapping[Any, int | Fraction], k: int, q: int) -> Polynomial:
    """Return the polynomial in standard normals. terms : exponents -> coefficient."""
    degree = max(sum(e) for e in terms)
    moments = tuple(gaussian_moment(2 * j) for j in range(degree * q // 2 + 1))
    return Polynomial(tuple(sorted(terms.items())), k, q, moments)


def hermite(k: int) -> dict[tuple[int], int]:
    """Return He_k in one variable: He_0 = 1, He_1 = x, He_(k+1) = x He_k - k He_(k-1)."""
    low, high = {(0,): 1}, {(1,): 1}
    for j in range(1, k):
        raised = {(e + 1,): c for (e,), c in high.items()}
        low, high = high, {e: raised.get(e, 0) - j * low.get(e, 0) for e in raised | low}
    return low if k == 0 else high


def degree_is_at_most_k(f: Polynomial) -> Answer:
    degree = max((sum(e) for e, c in f.terms if c), default=0)
    return degree <= f.k or Counterexample(f"the degree is {degree}, not {f.k}")


def q_is_even(f: Polynomial) -> Answer:
    return (f.q >= 2 and f.q % 2 == 0) or Counterexample(f"q is {f.q}")


def law_is_normal(f: Polynomial) -> Answer:
    for j, m in enumerate(f.moments):
        if m != gaussian_moment(2 * j):
            return Counterexample(f"E x^{2 * j} is {m}, for a normal it is {gaussian_moment(2 * j)}")
    return True


def norms_with(f: Polynomial, base: int) -> Answer:
    """Decide E f^q <= base^(k q / 2) (E f^2)^(q/2): the q-th power of the inequality."""
    left, right = f.power_mean(f.q), base ** (f.k * f.q // 2) * f.power_mean(2) ** (f.q // 2)
    return left <= right or Counterexample(f"E f^{f.q} is {left}, the bound is {right}")


def norms_compare(f: Polynomial) -> Answer:
    return norms_with(f, f.q - 1)


hypercontractivity = Claim(
    "background-hypercontractivity",
    hypotheses={
        "f has degree at most k": degree_is_at_most_k,
        "q is even": q_is_even,
        "the variables are normal": law_is_normal,
    },
    conclusion=norms_compare,
)
