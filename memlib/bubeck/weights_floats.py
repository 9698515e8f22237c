"""Sampling and floating point for the page on weights; what enters a claim leaves as an exact number."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np

#: Binary floating point types by name, with the bits of their significand: the unit roundoff is 2**-bits.
BITS = {"float16": 11, "float32": 24, "float64": 53}


# --- bubeck-weight-lower-bound: label vectors and half-plane sums ---


def every_sign_vector(n: int) -> np.ndarray:
    """Return all 2**n vectors of signs, shape (2**n, n)."""
    return np.array(list(product((1, -1), repeat=n)))


def random_signs(n: int, trials: int, rng: int) -> np.ndarray:
    """Return independent fair signs, shape (trials, n)."""
    return 2 * np.random.default_rng(rng).integers(0, 2, (trials, n)) - 1


def half_planes(vectors: Sequence[Sequence[int]]) -> np.ndarray:
    """Return the sets {i : u.x_i > 0} of vectors of the plane, for every u on no boundary u.x_i = 0: rows of 0, 1.

    Turn u counterclockwise. A set changes only where u.x_i = 0 for some x_i != 0, at u = (-q, p) or (q, -p) for
    x_i = (p, q). Just after such a u, the vector x_j is inside iff u.x_j > 0, or u.x_j = 0 and u is turning
    towards it. Integers, so the signs are exact.
    """
    X = np.array(vectors, dtype=np.int64)
    edges = [(s * -q, s * p) for p, q in vectors for s in (1, -1) if p or q]
    if not edges:
        return np.zeros((0, len(vectors)), dtype=np.int64)
    U = np.array(edges, dtype=np.int64)
    side = U @ X.T
    ahead = np.stack([-U[:, 1], U[:, 0]], axis=1) @ X.T
    return ((side > 0) | ((side == 0) & (ahead > 0))).astype(np.int64)


def longest_squared(vectors: Sequence[Sequence[int]], labels: Any) -> np.ndarray:
    """Return max |sum_{i in H} y_i x_i|^2 over the half planes H, one integer for each row y of `labels`.

    vectors : integers, with |x_i| * n < 2**26. The sums are then integers below 2**26 and their squares below
    2**53, so that float64 holds them exactly, in whatever order they are added.
    """
    X, labels = np.array(vectors, dtype=float), np.asarray(labels)
    if np.abs(X).sum() >= 2**26:
        raise ValueError("the vectors are too long for exact sums in float64")
    H = half_planes(vectors).astype(float)
    longest = np.zeros(len(labels))
    for y in range(0, len(labels), 512):  # in pieces, for the memory
        Y = labels[y : y + 512].astype(float)
        squares = (Y @ (H * X[:, 0]).T) ** 2 + (Y @ (H * X[:, 1]).T) ** 2
        longest[y : y + 512] = squares.max(axis=1, initial=0)
    return longest.astype(np.int64)


def lightest(vectors: Any, y: Any, directions: int = 720) -> float:
    """Return the least W(f) with f(x_i) = y_i among networks whose neurons (w, b) point in so many directions.

    A linear program over vectors of the plane, in floats; an estimate from above of the least W of all networks.
    """
    from scipy.optimize import linprog

    angles = 2 * np.pi * np.arange(directions) / directions
    A = np.maximum(np.asarray(vectors, dtype=float) @ np.stack([np.cos(angles), np.sin(angles)]), 0)
    result = linprog(np.ones(2 * directions), A_eq=np.hstack([A, -A]), b_eq=np.asarray(y, dtype=float))
    return float(result.fun) if result.success else float("inf")


def rounded_up(probability: Any) -> float:
    """Return a float that is at least a ball of FLINT's; at most 1."""
    return min(1.0, float(np.nextafter(float(probability.upper()), np.inf)))


# --- bubeck-weight-is-conditioning: a machine evaluates a network ---


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
