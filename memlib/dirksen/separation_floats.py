"""The pictures of the page: the probability on a whole grid of points or ranges, and sampled hyperplanes."""

from functools import cache

import numpy as np
from scipy.special import erf


@cache
def _rule(nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return Gauss-Legendre nodes and weights on [0, 1]."""
    t, weight = np.polynomial.legendre.leggauss(nodes)
    return (t + 1) / 2, weight / 2


def _angle_integral(length: np.ndarray, alpha: np.ndarray, lam: np.ndarray | float, nodes: int) -> np.ndarray:
    """Return the integral of psi(length cos beta) from 0 to alpha; psi(s) = sqrt(pi/2) s erf(lam / (s sqrt 2))."""
    t, weight = _rule(nodes)
    s = length[..., None] * np.cos(alpha[..., None] * t)
    with np.errstate(divide="ignore"):
        psi = np.sqrt(np.pi / 2) * s * erf(np.asarray(lam)[..., None] / (np.sqrt(2) * s))
    return alpha * (psi @ weight)


def probability(x: np.ndarray, y: np.ndarray, lam: np.ndarray | float, nodes: int = 96) -> np.ndarray:
    """Return p(x, y), elementwise over leading axes; the last axis of x and y holds coordinates, and x != y.

    The second formula of the page with Gauss-Legendre quadrature; for pictures, with lam not far below the norms.
    """
    x, y = np.broadcast_arrays(np.asarray(x, dtype=float), np.asarray(y, dtype=float))
    u = (y - x) / np.linalg.norm(y - x, axis=-1, keepdims=True)
    ends = [(z * u).sum(axis=-1) for z in (x, y)]
    foot = np.linalg.norm(x - ends[0][..., None] * u, axis=-1)
    a, b = (
        _angle_integral(np.linalg.norm(z, axis=-1), np.arctan2(t, foot), lam, nodes)
        for z, t in zip((x, y), ends, strict=True)
    )
    return (b - a) / (2 * np.pi * np.asarray(lam))


def hyperplanes(n: int, d: int, lam: float, rng: int | np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Draw n hyperplanes: W with standard normal entries, shape (n, d), and b uniform on [-lam, lam], shape (n,)."""
    rng = np.random.default_rng(rng)
    return rng.standard_normal((n, d)), rng.uniform(-lam, lam, n)


def share(x: np.ndarray, y: np.ndarray, lam: float, n: int, rng: int | np.random.Generator) -> float:
    """Return the share of n drawn hyperplanes with w.x + b <= 0 < w.y + b."""
    W, b = hyperplanes(n, len(x), lam, rng)
    x, y = (np.asarray(z, dtype=float) for z in (x, y))
    return float(np.mean((W @ x + b <= 0) & (W @ y + b > 0)))
