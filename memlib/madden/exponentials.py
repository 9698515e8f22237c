"""A letter for e^x: the functions of the full Jacobian as rational functions, their ranks mod P, their relations.

x and e^x are algebraically independent, and e is no root of an integer polynomial: so a determinant that is not 0
mod P for independent random values of x, e^x and e is not 0 for almost all x.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm, prod
from typing import Any

import sympy

from memlib.evidence import equal
from memlib.exact import kernel, rank_mod
from memlib.madden.jacobian import Rows
from memlib.madden.monomials import P, dot, draw


@dataclass(frozen=True)
class Functions:
    """The h(d + 2) functions (x)_a psi'(l_j), psi'(l_j), psi(l_j) of x in R^d, where l_j = w_j . x + b_j."""

    psi: str
    W: Rows
    b: tuple[int, ...]

    @property
    def count(self) -> int:
        return len(self.W) * (len(self.W[0]) + 2)

    def label(self, k: int) -> str:
        """The name of function k."""
        j, a = divmod(k, len(self.W[0]) + 2)
        d = len(self.W[0])
        return (
            f"psi(l_{j + 1})"
            if a == d + 1
            else f"psi'(l_{j + 1})"
            if a == d
            else f"x_{a + 1} psi'(l_{j + 1})"
        )


def some_functions(psi: str, d: int, h: int, seed: int = 0) -> Functions:
    """Return h neurons with random small weights that are not 0 and differ up to sign: by their first weights."""
    W = tuple((j + 1, *w[1:]) for j, w in enumerate(draw(h, d, seed)))
    return Functions(psi, W, tuple(b for (b,) in draw(h, 1, seed + 1)))


def value_and_slope(psi: str, S: Any, invert: Callable) -> tuple[Any, Any]:
    """Return psi(a) and psi'(a) for S = e^a (for tanh S = e^2a), over any ring that can `invert` 1 + S."""
    if psi == "exp":
        return S, S
    half = S * invert(1 + S)  # S / (1 + S)
    bell = half * invert(1 + S)
    return {"sigmoid": (half, bell), "tanh": ((S - 1) * invert(1 + S), 4 * bell), "softplus": (None, half)}[
        psi
    ]


def column(
    f: Functions, x: Sequence, z: Sequence, s: Any, invert: Callable, u: Sequence | None = None
) -> list:
    """Return the values of all functions at x, where z_a and s stand for e^(x_a) and e (for tanh their squares).

    For softplus: the values of their derivatives in the direction u. These are rational in S, and where the
    derivatives are independent, so are the functions.
    """
    found: list = []
    for w, b in zip(f.W, f.b, strict=True):
        S = _power(s, b, invert) * prod(_power(c, k, invert) for c, k in zip(z, w, strict=True))
        value, slope = value_and_slope(f.psi, S, invert)
        if f.psi != "softplus":
            found += [*(c * slope for c in x), slope, value]
        else:
            assert u is not None
            rate, bend = dot(w, u), slope * invert(1 + S)  # bend is the derivative of the sigmoid
            found += [
                *(r * slope + c * rate * bend for r, c in zip(u, x, strict=True)),
                rate * bend,
                rate * slope,
            ]
    return found


def _power(c: Any, k: int, invert: Callable) -> Any:
    base = c if k >= 0 else invert(c)
    return base ** abs(k)


def rank_from_below(f: Functions, places: int, seed: int = 0) -> int:
    """Return the rank mod P of the values at this many random places: at most the dimension of the span."""
    rng = random.Random(seed)
    d = len(f.W[0])
    s, *u = (rng.randrange(1, P) for _ in range(d + 1))
    columns = []
    for _ in range(places):
        x, z = ([rng.randrange(1, P) for _ in range(d)] for _ in range(2))
        columns.append([c % P for c in column(f, x, z, s, lambda c: pow(c, -1, P), u)])
    return rank_mod(columns, P)


def relation(f: Functions) -> tuple[int, ...] | None:
    """Return integers c with sum_k c_k f_k = 0, decided by sympy for all x; or None. Not for softplus.

    A kernel over the rationals at many small places proposes c.
    """
    rng, d, rows = random.Random(1), len(f.W[0]), []
    for _ in range(2 * f.count):
        x, z = ([Fraction(rng.randint(2, 9)) for _ in range(d)] for _ in range(2))
        values = column(f, x, z, Fraction(rng.randint(2, 9)), lambda c: Fraction(1) / c)
        q = lcm(*(v.denominator for v in values))
        rows.append([int(v * q) for v in values])
    x, z = (sympy.symbols([f"{k}{a}" for a in range(d)], positive=True) for k in "xz")
    letters = column(f, x, z, sympy.Symbol("s", positive=True), lambda c: c ** sympy.Integer(-1))
    return next((c for c in kernel(rows) if equal(dot(c, letters), 0)), None)
