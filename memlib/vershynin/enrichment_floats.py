"""Random layers drawn with numpy: the successes of the three lemmas, and the pictures of the page."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.special import ndtr

from memlib.evidence import Frequency

#: Rows of a random layer that are in memory at once.
CHUNK = 2**15


def unit_vectors(points: Any) -> np.ndarray:
    """Return the points row / sqrt(square) as floats, shape (K, n)."""
    return np.array(points.rows, dtype=float) / np.sqrt(points.square)


def preactivations(X: np.ndarray, m: int, rng: Any) -> Iterator[np.ndarray]:
    """Yield g_j.x_k for m standard normal rows g_j, in blocks of shape (at most CHUNK, K)."""
    for start in range(0, m, CHUNK):
        yield rng.standard_normal((min(CHUNK, m - start), X.shape[1])) @ X.T


def counts(X: np.ndarray, b: float, m: int, rng: Any) -> np.ndarray:
    """Return <u_i, u_k> for u_k = [G x_k > b], shape (K, K); the squared norms are on the diagonal."""
    total = np.zeros((len(X), len(X)))
    for block in preactivations(X, m, rng):
        bits = (block > b).astype(np.float32)  # counts stay below 2^24: exact
        total += bits.T @ bits
    return total


def outside(A: np.ndarray) -> np.ndarray:
    """Return the entries of a square matrix above its diagonal."""
    return A[np.triu_indices(len(A), 1)]


def correlations(A: np.ndarray) -> np.ndarray:
    """Return the cosines of all pairs from the matrix of inner products; 0 with the vector 0."""
    norms = np.sqrt(np.diag(A))
    return outside(A / np.maximum(np.outer(norms, norms), 1e-300))


def first_succeeds(x: Any) -> Frequency:
    """Count the runs in which all norms, overlaps and correlations are as Enrichment I says."""
    rng, hits, X = np.random.default_rng(x.seed), 0, unit_vectors(x.points)
    eps, mean = float(x.eps), x.m * float(ndtr(-float(x.b)))
    for _ in range(x.runs):
        A = counts(X, float(x.b), x.m, rng)
        norms = np.abs(np.diag(A) - mean).max() <= eps / 2 * mean
        hits += norms and outside(A).max() <= eps / 2 * mean and correlations(A).max() <= eps
    return Frequency(int(hits), x.runs, float(1 - x.beta))


def signs(X: np.ndarray, d: int, rng: Any) -> np.ndarray:
    """Return sigma_k, shape (K, d): 1 where g_j.x_k > 0, else -1."""
    return np.concatenate([np.where(block > 0, 1.0, -1.0).T for block in preactivations(X, d, rng)], axis=1)


def channel_succeeds(x: Any, keeps_eps: bool | None = None) -> Frequency:
    """Count the runs in which (c) holds and, if the width is that of (d) or `keeps_eps`, all is below eps again."""
    rng, hits, X = np.random.default_rng(x.seed), 0, np.array(x.points.rows, dtype=float)
    t, eps = float(x.t), float(x.eps)
    before = np.clip(correlations(X @ X.T), -1, 1)
    most = min(2 / 3 * eps + t, eps if x.keeps_eps or keeps_eps else 2)
    for _ in range(x.runs):
        S = signs(X, x.d, rng)
        after = outside(S @ S.T) / x.d
        close = np.abs(after - 2 / np.pi * np.arcsin(before)).max() < t
        hits += close and np.abs(after).max() <= most
    return Frequency(int(hits), x.runs, float(1 - x.beta))


def second_succeeds(x: Any) -> Frequency:
    """Count the runs in which all overlaps are below Lambda and all squared norms above sqrt(m / 8)."""
    rng, hits, X, b = np.random.default_rng(x.seed), 0, unit_vectors(x.points), float(x.b)
    for _ in range(x.runs):
        A = counts(X, b, x.m, rng)
        hits += outside(A).max() < float(x.most) and np.diag(A).min() > float(x.norm)
    return Frequency(int(hits), x.runs, float(1 - x.beta))


# --- pictures ---


def separated_points(K: int, n: int, delta: float, seed: int) -> np.ndarray:
    """Return K random unit vectors of R^n with distances of at least delta, one after the other."""
    rng, X = np.random.default_rng(seed), np.zeros((0, n))
    while len(X) < K:
        x = rng.standard_normal(n)
        x /= np.linalg.norm(x)
        if not len(X) or np.linalg.norm(X - x, axis=1).min() >= delta:
            X = np.vstack([X, x])
    return X


def homogenised(X: np.ndarray) -> np.ndarray:
    """Centre the data, append the root mean square norm as a coordinate, and normalise: then all cosines are > -1."""
    X = X - X.mean(axis=0)
    size = np.sqrt((X**2).sum(axis=1).mean())
    X = np.hstack([X, np.full((len(X), 1), size)])
    return X / np.linalg.norm(X, axis=1, keepdims=True)


def sign_layers(X: np.ndarray, d: int, depth: int, seed: int) -> Iterator[np.ndarray]:
    """Yield the cosines of all pairs before and after each of `depth` sign layers of width d."""
    rng = np.random.default_rng(seed)
    yield correlations(X @ X.T)
    for _ in range(depth):
        X = signs(X, d, rng).astype(np.float32)
        yield correlations(X @ X.T)
        X = X / np.sqrt(np.float32(d))
