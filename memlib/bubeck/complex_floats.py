"""Random networks of complex units in floating point."""

from math import pi
from typing import Any

import numpy as np

from memlib.bubeck.codes_floats import direction, gaussians
from memlib.bubeck.recombination_floats import chebyshev


def complex_units(X: Any, alpha: Any, m: int, p: int, delta: float, sigma: float, K: int, rng: Any) -> tuple:
    """Draw K complex units as 2m (p+1) real neurons each; return w, shape (K, 2m (p+1), d), and output weights.

    h_m(w.x) = (1/2m) sum_r (-1)^r psi(Re(exp(-i pi r / m) w).x); g and xi are complex, and the code of a point is
    conj(g.x_i)^(m-1) / sqrt((m-1)!).
    """
    t, weights = chebyshev(p)
    g, xi = gaussians((2, K, X.shape[1]), rng, "complex")
    V = direction(X, alpha, m - 1, g)
    w = (g + sigma * xi)[:, None, :] + delta * t[None, :, None] * V[:, None, :]
    r = np.arange(2 * m)
    turned = (np.exp(-1j * pi * r / m)[None, None, :, None] * w[:, :, None, :]).real
    out = (weights / delta)[:, None] * ((-1.0) ** r / (2 * m))[None, :]
    return turned.reshape(K, -1, X.shape[1]), out.reshape(-1)


def relative_error(X: np.ndarray, y: np.ndarray, values: np.ndarray) -> float:
    """Return |f - y|^2 / |y|^2 for the average f of the rows of `values`."""
    return float(np.sum((values.mean(axis=0) - y) ** 2) / np.sum(y**2))
