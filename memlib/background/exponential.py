"""Decides the sign of a sum of exponentials, c_1 e^(x_1) + ... + c_k e^(x_k), with rational c and x.

Such sums are what a probability and its exponential bound differ by. Everything is exact.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import count


def exponential_bounds(x: Fraction) -> Iterator[tuple[Fraction, Fraction]]:
    """Yield rational lower and upper bounds of e^x, x >= 0, that tend to it.

    The partial sum with the terms up to x^k / k! is too small by less than x^(k+1)/(k+1)! (1 + q + q^2 + ...),
    q = x / (k + 2), if q < 1.
    """
    term = total = Fraction(1)
    for k in count(1):
        rest = Fraction(k + 1) - x
        if rest > 0:  # term is x^(k-1) / (k-1)!
            yield total, total + term * x * Fraction(k + 1, k) / Fraction(rest)
        term *= x * Fraction(1, k)
        total += term


def sign_of_exponentials(terms: Iterable[tuple[Fraction | int, Fraction | int]]) -> int:
    """Return the sign (-1, 0 or 1) of the sum of c e^x over the pairs (c, x).

    Terminates: with equal exponents merged, the sum is a polynomial, not 0, in a root of e, times a power of
    it; it is not 0, because e is transcendental (Hermite 1873). So the enclosures leave 0 at last.
    """
    merged: dict[Fraction, Fraction] = {}
    for c, x in terms:
        merged[Fraction(x)] = merged.get(Fraction(x), Fraction(0)) + c
    alive = {x: c for x, c in merged.items() if c}
    if not alive:
        return 0
    least = min(alive)  # e^-least times the sum has the same sign, and no negative exponent
    streams = [(c, exponential_bounds(x - least)) for x, c in alive.items()]
    while True:
        low = high = Fraction(0)
        for c, stream in streams:
            below, above = next(stream)
            low += c * (below if c > 0 else above)
            high += c * (above if c > 0 else below)
        if low > 0 or high < 0:
            return 1 if low > 0 else -1


def at_most_exp(p: Fraction | int, x: Fraction | int, factor: Fraction | int = 1) -> bool:
    """Decide p <= factor * e^x."""
    return sign_of_exponentials([(p, 0), (-factor, x)]) <= 0
