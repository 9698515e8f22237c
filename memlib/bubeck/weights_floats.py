"""Label vectors, half-plane sums and the lightest network: sampling and numerics for the page on weights."""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

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
