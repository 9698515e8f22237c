"""What the quadratic network costs on data, by its closed forms, in floating point."""

from dataclasses import dataclass
from functools import lru_cache
from math import pi, sqrt
from typing import Any

import numpy as np

from memlib.bubeck.codes_floats import address_weights


@dataclass(frozen=True)
class Costs:
    """The costs of f = (c A / K) sum of K pairs with the step delta, relative to |y|^2, n and d being given.

    bias : |E f - y|^2 / |y|^2. noise : K times the mean of |f - E f|^2 / |y|^2. weight : the bound of E W(f) / sqrt(n).
    """

    delta: float
    c: float
    bias: float
    noise: float
    weight: float

    def relus(self, epsilon: float) -> float:
        """Return 2 K for the mean relative squared error epsilon; infinite if the bias alone is as large."""
        return 2 * self.noise / (epsilon - self.bias) if epsilon > self.bias else np.inf


def form_through(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, float]:
    """Return S, d x d, with x_i.S x_i = sqrt(d/n) y_i, and y.G^-1 y / n, for the rows of X, unit vectors."""
    X, y = np.ascontiguousarray(X, dtype=float), np.ascontiguousarray(y, dtype=float)
    return _form_through(X.tobytes(), y.tobytes(), X.shape)


@lru_cache(maxsize=4)
def _form_through(X_bytes: bytes, y_bytes: bytes, shape: tuple[int, int]) -> tuple[np.ndarray, float]:
    X, y, (n, d) = np.frombuffer(X_bytes).reshape(shape), np.frombuffer(y_bytes), shape
    alpha = address_weights(X, y, 1)
    S = sqrt(d / n) * (X.T * alpha) @ X
    S.flags.writeable = False
    return S, float(y @ alpha) / n


def lengths(X: np.ndarray, S: np.ndarray, delta: float) -> tuple[np.ndarray, np.ndarray]:
    """Return R+ and R-, the lengths of (I +- delta S) x_i."""
    return tuple(np.linalg.norm(X + sign * delta * X @ S, axis=1) for sign in (1, -1))


def shrinks(X: np.ndarray, S: np.ndarray, delta: float) -> np.ndarray:
    """Return s_i = 2 / (R+ + R-): E f(x_i) = c s_i y_i (claim bubeck-quadratic-network)."""
    plus, minus = lengths(X, S, delta)
    return 2 / (plus + minus)


def second_moments(X: np.ndarray, S: np.ndarray, delta: float) -> np.ndarray:
    """Return E F(x_i)^2 for one pair, by the arc-cosine formula for E psi(N) psi(N')."""
    plus, minus = lengths(X, S, delta)
    covariance = 1 - delta**2 * np.sum((X @ S) ** 2, axis=1)
    angle = np.arccos(np.clip(covariance / (plus * minus), -1, 1))
    product = (plus * minus * np.sin(angle) + (pi - angle) * covariance) / (2 * pi)
    return ((plus**2 + minus**2) / 2 - 2 * product) / (4 * delta**2)


def costs(X: Any, y: Any, delta: float, c: float | None = None) -> Costs:
    """Return the costs for the step delta; the factor c is the one of least bias unless it is given."""
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    n, d = X.shape
    S, e = form_through(X, y)
    mean = shrinks(X, S, delta) * y
    c = float(mean @ y / (mean @ mean)) if c is None else c
    squares = 2 * pi * n / d * second_moments(X, S, delta)
    norm = float(y @ y)
    return Costs(
        delta, c, float(np.sum((c * mean - y) ** 2)) / norm,
        c**2 * float(np.sum(squares - mean**2)) / norm,
        c * sqrt(2 * pi * (1 / delta**2 + e)),
    )  # fmt: skip
