"""Floats for the pages on codes and harmonics: Hermite codes, the signal kappa, harmonic neurons, directions."""

from math import factorial, gamma, pi, prod, sqrt
from typing import Any

import numpy as np


def hermite(k: int, z: Any) -> np.ndarray:
    """Return He_k(z), entry by entry, by the recurrence He_{j+1} = z He_j - j He_{j-1}."""
    z = np.asarray(z, dtype=float)
    before, now = np.zeros_like(z), np.ones_like(z)
    for j in range(k):
        before, now = now, z * now - j * before
    return now


def code(k: int, z: Any) -> np.ndarray:
    """Return the normalized code: He_k(z) / sqrt(k!) for real z, conj(z)^k / sqrt(k!) for complex z."""
    z = np.asarray(z)
    return (np.conj(z) ** k if np.iscomplexobj(z) else hermite(k, z)) / sqrt(factorial(k))


def kappa(k: int, sigma: float) -> float:
    """Return E[Phi(Z / sigma) He_k(Z)] / sqrt(k!), k >= 1: 0 for even k."""
    if k % 2 == 0:
        return 0.0
    top = (-1) ** ((k - 1) // 2) * prod(range(k - 2, 0, -2))
    return top / (sqrt(2 * pi * factorial(k)) * (1 + sigma**2) ** (k / 2))


def kappa_complex(m: int, sigma: float) -> float:
    """Return 2 E[d_z h_m(z + sigma zeta) conj(z)^(m-1)] / sqrt((m-1)!): 0 for odd m >= 3."""
    if m % 2:
        return 0.0
    top = (-1) ** (m // 2 + 1) * gamma((m + 1) / 2)
    return top / (pi * (m - 1) * sqrt(factorial(m - 1)) * (1 + sigma**2) ** ((m - 1) / 2))


def harmonic(m: int, z: Any) -> np.ndarray:
    """Return h_m(z) for complex z: the alternating mean of 2m ReLUs psi(Re(e^(-i pi k / m) z))."""
    z = np.asarray(z, dtype=complex)[..., None]
    k = np.arange(2 * m)
    return (np.maximum((np.exp(-1j * pi * k / m) * z).real, 0) * (-1.0) ** k).mean(axis=-1)


def gaussians(shape: tuple[int, ...], rng: Any, field: str = "real") -> np.ndarray:
    """Draw independent standard Gaussians; complex ones have E|g|^2 = 1 and E g^2 = 0."""
    rng = np.random.default_rng(rng)
    if field == "real":
        return rng.standard_normal(shape)
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)) / sqrt(2)


def address_weights(X: np.ndarray, y: np.ndarray, k: int) -> np.ndarray:
    """Return alpha, the solution of G alpha = y with G = R^(k+1), entrywise, R the Gram matrix of the points X."""
    return np.linalg.solve((X @ X.T) ** (k + 1), np.asarray(y, dtype=float))


def direction(X: np.ndarray, alpha: np.ndarray, k: int, g: np.ndarray) -> np.ndarray:
    """Return V(g) = sqrt(d/n) sum_i alpha_i code_k(g.x_i) x_i, shape as g, one row a sample."""
    n, d = X.shape
    return sqrt(d / n) * (code(k, g @ X.T) * alpha) @ X
