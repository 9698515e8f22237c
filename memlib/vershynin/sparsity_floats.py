"""The pictures of the page: clouds of two correlated normals, and how often both neurons fire."""

import numpy as np
from scipy.integrate import quad
from scipy.special import ndtr


def density(t: np.ndarray | float) -> np.ndarray | float:
    """Return the standard normal density."""
    return np.exp(-np.square(t) / 2) / np.sqrt(2 * np.pi)


def threshold_mean(b: float) -> float:
    """Return Q(b) = P(g > b)."""
    return float(ndtr(-b))


def relu_mean(b: float) -> float:
    """Return M_1(b) = E (g - b)_+."""
    return float(density(b) - b * ndtr(-b))


def cloud(rho: float, size: int, seed: int) -> np.ndarray:
    """Return `size` samples of (g, h), standard normals with correlation rho; shape (size, 2)."""
    g, z = np.random.default_rng(seed).standard_normal((2, size))
    return np.stack([g, rho * g + np.sqrt(1 - rho**2) * z], axis=1)


def together(b: float, rho: float) -> tuple[float, float]:
    """Return P(g > b, h > b) and E (g - b)_+ (h - b)_+ by quadrature over g; given g = x, h is N(rho x, 1 - rho^2)."""
    s = np.sqrt(1 - rho**2)

    def threshold(x: float) -> float:
        return density(x) * ndtr((rho * x - b) / s)

    def relu(x: float) -> float:
        u = (b - rho * x) / s
        return density(x) * (x - b) * s * (density(u) - u * ndtr(-u))

    far = max(b, 0) + 10
    P, E = (float(quad(f, b, far, epsabs=0, epsrel=1e-8)[0]) for f in (threshold, relu))
    return P, E
