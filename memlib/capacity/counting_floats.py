"""Linear programs that propose weights, which exact code verifies, and measured largest margins."""

from typing import Any

import numpy as np
from scipy.optimize import linprog, nnls

#: Proposed weights are rounded to multiples of 2**-PLACES.
PLACES = 30


def proposed(points: Any, signs: Any) -> tuple[int, ...] | None:
    """Propose integers w with y_i w.x_i > 0 for all i, by a linear program: max t, y_i w.x_i >= t |x_i|, |w_j| <= 1."""
    A = np.array(points, dtype=float) * np.array(signs, dtype=float)[:, None]
    A /= np.maximum(np.linalg.norm(A, axis=1, keepdims=True), 1e-300)
    d = A.shape[1]
    rows = np.hstack([-A, np.ones((len(A), 1))])
    found = linprog([0] * d + [-1], A_ub=rows, b_ub=np.zeros(len(A)), bounds=[(-1, 1)] * d + [(None, 1)])
    if found.status != 0 or found.x[-1] <= 0:
        return None
    return tuple(int(v) for v in np.rint(2**PLACES * found.x[:d]))


def separable_share(X: Any, trials: int, rng: Any) -> float:
    """Return the share of `trials` random labellings of the rows of X that a linear program separates."""
    draw = np.random.default_rng(rng)
    hits = 0
    for _ in range(trials):
        hits += proposed(X, draw.choice((-1, 1), len(X))) is not None
    return hits / trials


def largest_margin(X: Any, y: Any) -> float:
    """Return the largest min_i y_i w.x_i / |w|, or 0 if it is not positive.

    It is the distance r of 0 from the hull of the y_i x_i. Non-negative least squares minimises
    |sum u_i y_i x_i|^2 + (sum u_i - 1)^2 over u >= 0; with s = sum u_i the least value is that of s^2 r^2 + (1 - s)^2,
    which is r^2 / (1 + r^2).
    """
    A = np.asarray(X, dtype=float) * np.asarray(y, dtype=float)[:, None]
    E = np.vstack([A.T, np.ones(len(A))])
    _, residual = nnls(E, np.array([0.0] * A.shape[1] + [1.0]), maxiter=50 * len(A))
    return float(residual / np.sqrt(max(1 - residual**2, 1e-12))) if residual > 1e-6 else 0.0


def margins(alpha: float, d: int, draws: int, rng: Any) -> np.ndarray:
    """Return the largest margins of `draws` sets of alpha d standard normal points with random labels."""
    draw = np.random.default_rng(rng)
    n = round(alpha * d)
    return np.array([
        largest_margin(draw.standard_normal((n, d)), draw.choice((-1, 1), n)) for _ in range(draws)
    ])  # fmt: skip


def gardner(kappa: Any) -> Any:
    """Evaluate alpha_c(kappa) = 1 / ((1 + kappa^2) Phi(kappa) + kappa phi(kappa))."""
    from scipy.stats import norm

    kappa = np.asarray(kappa, dtype=float)
    return 1 / ((1 + kappa**2) * norm.cdf(kappa) + kappa * norm.pdf(kappa))
