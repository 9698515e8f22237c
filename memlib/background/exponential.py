"""Decides the sign of a sum of exponentials, c_1 e^(x_1) + ... + c_k e^(x_k), with rational c and x.

Such sums are what a probability and its exponential bound differ by. The numbers are enclosed in FLINT balls, with
more and more digits until the sign is proved.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction

from flint import arb, ctx, fmpq

#: No sign of this book needs more bits; whoever does is refused.
MOST_BITS = 2**18


def ball(x: Fraction | int) -> arb:
    """Enclose a rational number in a FLINT ball of the working precision."""
    return arb(fmpq(Fraction(x).numerator, Fraction(x).denominator))


def sign_by_balls(number: Callable[[], arb]) -> int:
    """Return the sign of a real number that is not 0; `number` encloses it at the working precision.

    The precision is doubled until the ball leaves 0: the time depends on the digits that the sign needs, and
    hardly on the size of the numbers of which it is made. Raises ArithmeticError at MOST_BITS.
    """
    bits = 64
    while bits <= MOST_BITS:
        with ctx.workprec(bits):
            x = number()
        if x > 0 or x < 0:
            return 1 if x > 0 else -1
        bits *= 2
    raise ArithmeticError(f"{MOST_BITS} bits do not decide the sign")


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
    signs = {1 if c > 0 else -1 for c in alive.values()}
    if len(signs) == 1:
        return signs.pop()
    most = max(alive)  # e^-most times the sum has the same sign, and no positive exponent
    return sign_by_balls(lambda: sum((ball(c) * ball(x - most).exp() for x, c in alive.items()), arb(0)))


def at_most_exp(p: Fraction | int, x: Fraction | int, factor: Fraction | int = 1) -> bool:
    """Decide p <= factor * e^x."""
    return sign_of_exponentials([(p, 0), (-factor, x)]) <= 0
