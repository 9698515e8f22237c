"""A machine evaluates a network in floating point; what it computed leaves as rational numbers."""

from collections.abc import Sequence
from decimal import Context, Decimal
from fractions import Fraction
from typing import Any

import numpy as np

#: Binary floating point types by name, with the bits of their significand: the unit roundoff is 2**-bits.
BITS = {"float16": 11, "float32": 24, "float64": 53}


def unit_roundoff(arithmetic: str) -> Fraction:
    """Return 2**-bits for a binary type, and half a unit of the last digit of 1.00... for "k digits" of decimals."""
    if arithmetic in BITS:
        return Fraction(1, 2 ** BITS[arithmetic])
    return Fraction(1, 2 * 10 ** (digits_of(arithmetic) - 1))


def digits_of(arithmetic: str) -> int:
    """Return k for the decimal arithmetic named "k digits". Raises ValueError for any other name."""
    count, _, unit = arithmetic.partition(" ")
    if unit != "digits" or not count.isdecimal() or int(count) < 1:
        raise ValueError(f'{arithmetic!r} is none of {", ".join(BITS)} or "k digits"')
    return int(count)


def rounded(q: Any, arithmetic: str) -> Any:
    """Return the float nearest to a rational number (either one if two are)."""
    dtype = getattr(np, arithmetic)
    near = dtype(float(q))
    if not np.isfinite(near) or Fraction(float(near)) == q:
        return near
    around = (near, np.nextafter(near, dtype(-np.inf)), np.nextafter(near, dtype(np.inf)))
    return min(around, key=lambda f: abs(Fraction(float(f)) - q) if np.isfinite(f) else np.inf)


def machine_values(
    a: Sequence, W: Sequence[Sequence], b: Sequence, points: Sequence[Sequence], arithmetic: str
) -> tuple[tuple[Fraction | None, ...], bool]:
    """Return what a machine makes of sum_h a_h psi(w_h.x + b_h), and whether it met no overflow and no underflow.

    All numbers are rounded, then every product and every sum is, one after the other; no fused operation, no
    library that reorders, so that the result is the same on every machine with IEEE arithmetic. None: no number.
    """
    if arithmetic not in BITS:
        return _in_decimals(a, W, b, points, digits_of(arithmetic)), True
    dtype = getattr(np, arithmetic)
    rows = [list(a), list(b), *map(list, W), *map(list, points)]
    tiny = Fraction(float(np.finfo(dtype).tiny))
    in_range = not any(0 < abs(q) < tiny for row in rows for q in row)
    out, bias, *rest = (np.array([rounded(q, arithmetic) for q in row], dtype=dtype) for row in rows)
    numbers = (out, np.array(rest[: len(W)]), bias, np.array(rest[len(W) :]))
    try:
        with np.errstate(over="raise", under="raise", invalid="raise"):
            values = _one_after_the_other(*numbers)
    except FloatingPointError:
        in_range = False
        with np.errstate(all="ignore"):
            values = _one_after_the_other(*numbers)
    finite = np.isfinite(values)
    in_range = in_range and bool(finite.all())
    return tuple(
        Fraction(float(v)) if ok else None for v, ok in zip(values, finite, strict=True)
    ), in_range  # fmt: skip


def _one_after_the_other(a: np.ndarray, W: np.ndarray, b: np.ndarray, x: np.ndarray) -> np.ndarray:
    h = x[:, :1] * W[:, 0]
    for i in range(1, W.shape[1]):
        h = h + x[:, i : i + 1] * W[:, i]
    h = np.maximum(h + b, 0)
    f = a[0] * h[:, 0]
    for k in range(1, len(a)):
        f = f + a[k] * h[:, k]
    return f


def _in_decimals(
    a: Sequence, W: Sequence, b: Sequence, points: Sequence, digits: int
) -> tuple[Fraction, ...]:
    """The same with decimal numbers of so many digits; exponents have six digits, so that nothing leaves the range."""
    machine = Context(prec=digits)

    def number(q: Any) -> Decimal:
        return machine.divide(Decimal(q.numerator), Decimal(q.denominator))

    def total(terms: list[Decimal]) -> Decimal:
        first, *rest = terms
        for term in rest:
            first = machine.add(first, term)
        return first

    def value(x: list[Decimal]) -> Decimal:
        out = []
        for c, w, bias in zip(a, W, b, strict=True):
            products = [machine.multiply(number(v), t) for v, t in zip(w, x, strict=True)]
            out.append(machine.multiply(number(c), max(total([*products, number(bias)]), Decimal(0))))
        return total(out)

    return tuple(Fraction(value([number(v) for v in x])) for x in points)
