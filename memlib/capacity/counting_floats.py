"""Largest margins by non-negative least squares: they are measured, and propose weights, which exact code verifies."""

from typing import Any

import numpy as np
from scipy.optimize import nnls
from scipy.special import ndtr

#: Proposed weights are rounded to multiples of 2**-PLACES.
PLACES = 30
#: Residuals up to this are taken for 0.
RESIDUAL = 1e-6


def proposed(points: Any, signs: Any) -> tuple[int, ...] | None:
    """Propose integers w with y_i w.x_i > 0 for all i: the direction of the largest margin, rounded."""
    A = np.array(points, dtype=float) * np.array(signs, dtype=float)[:, None]
    A /= np.maximum(np.linalg.norm(A, axis=1, keepdims=True), 1e-300)
    w, residual = hull(A)
    if residual <= RESIDUAL or not (A @ w > 0).all():
        return None
    return tuple(int(v) for v in np.rint(2**PLACES * w / np.abs(w).max()))


def hull(A: np.ndarray) -> tuple[np.ndarray, float]:
    """Return the point of the hull of the rows next to 0, up to a factor, and r / sqrt(1 + r^2), r its distance.

    Non-negative least squares minimises |sum u_i a_i|^2 + (sum u_i - 1)^2 over u >= 0; with s = sum u_i the least value
    is that of s^2 r^2 + (1 - s)^2, which is r^2 / (1 + r^2).
    """
    E = np.vstack([A.T, np.ones(len(A))])
    u, residual = nnls(E, np.array([0.0] * A.shape[1] + [1.0]), maxiter=50 * len(A))
    return A.T @ u, float(residual)


def separable_share(X: Any, trials: int, rng: Any) -> float:
    """Return the share of `trials` random labellings of the rows of X that are separated."""
    draw = np.random.default_rng(rng)
    hits = 0
    for _ in range(trials):
        hits += proposed(X, draw.choice((-1, 1), len(X))) is not None
    return hits / trials


def largest_margin(X: Any, y: Any) -> float:
    """Return the largest min_i y_i w.x_i / |w|, the distance of 0 from the hull of the y_i x_i, or 0."""
    _, residual = hull(np.asarray(X, dtype=float) * np.asarray(y, dtype=float)[:, None])
    return float(residual / np.sqrt(max(1 - residual**2, 1e-12))) if residual > RESIDUAL else 0.0


def margins(alpha: float, d: int, draws: int, rng: Any) -> np.ndarray:
    """Return the largest margins of `draws` sets of alpha d standard normal points with random labels."""
    draw = np.random.default_rng(rng)
    n = round(alpha * d)
    return np.array([
        largest_margin(draw.standard_normal((n, d)), draw.choice((-1, 1), n)) for _ in range(draws)
    ])  # fmt: skip


def gardner(kappa: Any) -> Any:
    """Evaluate alpha_c(kappa) = 1 / ((1 + kappa^2) Phi(kappa) + kappa phi(kappa))."""
    kappa = np.asarray(kappa, dtype=float)
    return 1 / ((1 + kappa**2) * ndtr(kappa) + kappa * np.exp(-(kappa**2) / 2) / np.sqrt(2 * np.pi))
