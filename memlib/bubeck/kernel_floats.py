"""Numerics for the tangent kernel: rational points near random ones, sampled gates, spectra. Floating point.

What exact code takes from here are proposals in Python ints and Fractions, which it verifies itself.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np


def rational_sphere(n: int, d: int, rng: Any, grid: int = 8) -> tuple[tuple[Fraction, ...], ...]:
    """Return n rational points of the unit sphere of R^d, d >= 2, near uniform ones, no two equal or antipodal.

    A uniform point is mapped to R^(d-1) by stereographic projection from a pole of its far side, rounded there to
    multiples p/grid, and mapped back: (2 grid p, |p|^2 - grid^2) / (|p|^2 + grid^2) has length 1 exactly. Points
    that have been drawn before, or their antipodes, are drawn again. Raises ValueError if the grid is too coarse.
    """
    rng = np.random.default_rng(rng)
    points: dict[tuple[Fraction, ...], None] = {}
    for z in rng.standard_normal((100 * n, d)):
        x = z / np.linalg.norm(z)
        side = -1 if x[-1] > 0 else 1
        p = [round(grid * float(c) / (1 - side * float(x[-1]))) for c in x[:-1]]
        square = sum(c * c for c in p)
        common = square + grid * grid
        point = (*(Fraction(2 * grid * c, common) for c in p), side * Fraction(square - grid**2, common))
        if tuple(-c for c in point) not in points:
            points[point] = None
        if len(points) == n:
            return tuple(points)
    raise ValueError(f"a grid of 1/{grid} has too few points of the sphere for {n}")


def extreme_vector(M: Sequence[Sequence[Any]], largest: bool = False) -> tuple[int, ...]:
    """Return integers near a multiple of the eigenvector of the least (or largest) eigenvalue of a symmetric M."""
    _, vectors = np.linalg.eigh(np.array([[float(v) for v in row] for row in M]))
    return tuple(round(float(c) * 2**20) for c in vectors[:, -1 if largest else 0])


def gates_open_together(rho: float, d: int, draws: int, rng: Any) -> float:
    """Return the fraction of Gaussian vectors g of R^d with g.x > 0 and g.x' > 0, for unit vectors with x.x' = rho."""
    g = np.random.default_rng(rng).standard_normal((draws, d))
    x, other = np.zeros(d), np.zeros(d)
    x[0], other[:2] = 1, (rho, np.sqrt(1 - rho * rho))
    return float(((g @ x > 0) & (g @ other > 0)).mean())


def tangent_kernel(X: Any) -> np.ndarray:
    """Return H, shape (n, n): x_i.x_j times the chance that a random gate is open at both. Rows of any length but 0.

    For unit vectors H_ij = rho (pi - arccos rho) / (2 pi) with rho = x_i.x_j.
    """
    X = np.asarray(X, dtype=float)
    R = X @ X.T
    norms = np.sqrt(np.diag(R))
    cosines = np.clip(R / np.outer(norms, norms), -1, 1)
    np.fill_diagonal(cosines, 1)
    return R * (np.pi - np.arccos(cosines)) / (2 * np.pi)


def least_eigenvalue(M: Any) -> float:
    return float(np.linalg.eigvalsh(np.asarray(M, dtype=float))[0])
