"""The activations of the certificates, enclosed: tanh, sigmoid, softplus, gelu, x^k and their derivatives on balls.

A plain formula overestimates on a wide ball: FLINT's tanh of [-1, 1] is a ball of radius 5. Between two points at
which its derivative changes sign a function is monotone, so its range on an interval is the hull of its values at
the ends and at those of these points that lie inside.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from memlib.madden.pairs import BITS, Activation, Analytic, Polynomial, ball

NAMES = ("tanh", "sigmoid", "softplus", "gelu")
#: Balls with more correct bits than that are read at once.
TINY = 64
#: Open intervals that contain all values; None is infinity.
RANGES: dict[str, tuple[int | None, int | None]] = {"tanh": (-1, 1), "sigmoid": (0, 1), "softplus": (0, None)}


def hull(f: Callable[[arb], arb], t: arb, breaks: Sequence[arb]) -> arb:
    """Return a ball that contains f on the ball t; f is monotone between two neighbours of `breaks` (balls)."""
    if t.rel_accuracy_bits() > TINY:
        return f(t)  # f on a ball this small is a ball that is hardly wider than the hull
    low, high = t.lower(), t.upper()
    if low == high:
        return f(t)
    found = f(low).union(f(high))
    for b in breaks:
        if not (b < low or b > high):
            found = found.union(f(b))
    return found


@dataclass(frozen=True)
class Enclosed:
    """An activation that is evaluated on balls by its monotone pieces.

    turns : where psi' changes sign. bends : where psi'' does. Both as balls that contain these points.
    """

    psi: Activation
    turns: tuple[arb, ...]
    bends: tuple[arb, ...]

    def value(self, t: arb) -> arb:
        return hull(self.psi.value, t, self.turns)

    def slope(self, t: arb) -> arb:
        return hull(self.psi.slope, t, self.bends)

    @property
    def one_sign(self) -> bool:
        """Whether psi >= 0 everywhere."""
        return self.psi.one_sign

    @property
    def range(self) -> tuple[int | None, int | None]:
        """An open interval that contains all values."""
        return RANGES.get(getattr(self.psi, "name", ""), (None, None))


def activation(name: str) -> Enclosed:
    """Return the activation with this name: one of `NAMES`, or "x^k" for an integer k >= 1.

    tanh'' = -2 tanh tanh' and sigmoid'' = sigmoid' (1 - 2 sigmoid) change sign at 0, softplus'' = sigmoid' nowhere;
    gelu'' = (2 - t^2) times the normal density at +-sqrt 2, and gelu' at the one point that `_gelu_turn` encloses;
    the derivatives of x^k at 0 or nowhere. Raises ValueError for any other name.
    """
    with ctx.workprec(BITS):
        zero, root = arb(0), arb(2).sqrt()
        if name in ("tanh", "sigmoid"):
            return Enclosed(Analytic(name), (), (zero,))
        if name == "softplus":
            return Enclosed(Analytic(name), (), ())
        if name == "gelu":
            return Enclosed(Analytic(name), (_gelu_turn(),), (-root, root))
    power = re.fullmatch(r"x\^([1-9][0-9]*)", name)
    if power is None:
        raise ValueError(f"activation {name!r} is not one of {list(NAMES)} or 'x^k'")
    return Enclosed(Polynomial((0,) * int(power[1]) + (1,)), (zero,), (zero,))


def _gelu_turn() -> arb:
    """Return a ball that contains the only zero of gelu', by bisection on [-1, 0].

    gelu' rises on [-sqrt 2, sqrt 2] from a negative value to a positive one; it falls to the left of that, from its
    limit 0 on, and to the right towards its limit 1.
    """
    low, high, slope = Fraction(-1), Fraction(0), Analytic("gelu").slope
    for _ in range(40):
        middle = Fraction(low + high) / 2
        low, high = (low, middle) if slope(ball(middle)) > 0 else (middle, high)
    return ball(low).union(ball(high))


def reachable(psi: Enclosed, v: Sequence) -> tuple[Any, Any]:
    """Return an open interval (low, high) with v_1 psi(t_1) + ... + v_m psi(t_m) in it for all t; None is infinity.

    Needs some v_j that is not 0.
    """
    low, high = psi.range
    ends: list[Any] = [Fraction(0), Fraction(0)]
    for a in v:
        both = (low, high) if a > 0 else (high, low)
        if a:
            ends = [None if e is None or b is None else e + a * b for e, b in zip(ends, both, strict=True)]
    return ends[0], ends[1]
