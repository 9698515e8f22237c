"""How far a solver gets: random labels, all parameters free, in floating point. Measured, not proved."""

from typing import Any

import numpy as np


def fit(X: Any, y: Any, m: int, rng: Any = 0, most: int = 400, goal: float = 1e-9) -> float:
    """Return the largest miss that Levenberg's and Marquardt's method reaches with m tanh neurons, all weights free.

    X : shape (n, d). y : shape (n,). goal : stop below this miss (labels of size about 1).
    """
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, d = X.shape
    rng, lifted = np.random.default_rng(rng), np.hstack([X, np.ones((n, 1))])
    T = np.hstack(
        [rng.normal(size=(m, d)) * 1.5 / np.sqrt(d), rng.normal(size=(m, 1)), rng.normal(size=(m, 1))]
    )

    def hidden(T: np.ndarray) -> np.ndarray:
        return np.tanh(lifted @ T[:, : d + 1].T)

    H, damping, identity = hidden(T), 1e-2, np.eye(n)
    r = y - H @ T[:, d + 1]
    for _ in range(most):
        slopes = (1 - H * H) * T[:, d + 1]
        J = np.concatenate([slopes[:, :, None] * lifted[:, None, :], H[:, :, None]], axis=2).reshape(n, -1)
        gram = J @ J.T
        for _ in range(14):
            move = J.T @ np.linalg.solve(gram + damping * identity, r)
            moved = T + move.reshape(T.shape)
            outputs = hidden(moved)
            q = y - outputs @ moved[:, d + 1]
            if q @ q < r @ r:
                break
            damping *= 4
        else:
            break
        T, H, r, damping = moved, outputs, q, max(damping / 5, 1e-12)
        if np.abs(r).max() < goal:
            break
    return float(np.abs(r).max())


def solved(d: int, m: int, n: int, seed: int, starts: int = 3) -> bool:
    """Whether one of some starts solves random labels at random points."""
    rng = np.random.default_rng([seed, d, m, n])
    X, y = rng.normal(size=(n, d)), rng.normal(size=n)
    return any(fit(X, y, m, rng) < 1e-8 for _ in range(starts))


def reached(d: int, m: int, trials: int = 3) -> int:
    """Return the largest n <= m (d + 2) for which all of some random problems were solved."""
    for n in range(m * (d + 2), 0, -1):
        if all(solved(d, m, n, seed) for seed in range(trials)):
            return n
    return 0
