"""The picture of the page: norms and tails of Hermite polynomials of a normal variable."""

import numpy as np
from numpy.polynomial.hermite_e import hermeval


def tail(k: int, t: np.ndarray) -> np.ndarray:
    """Return P(|He_k(g)| >= t |He_k|_2) by summing the normal density over a fine grid."""
    x = np.linspace(-12, 12, 240_001)
    weight = np.exp(-(x**2) / 2)
    size = np.abs(hermeval(x, [0] * k + [1]))
    order = np.argsort(size)
    below = np.cumsum(weight[order]) / weight.sum()
    norm = np.sqrt(np.sum(weight * size**2) / weight.sum())
    return 1 - below[np.searchsorted(size[order], t * norm).clip(0, len(x) - 1)]
