"""Chains of random layers in floating point: how the norms of points move apart; successes of one layer."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from memlib.evidence import Frequency
from memlib.vershynin.enrichment_floats import counts, outside, signs, unit_vectors


def nearly_second_succeeds(x: Any) -> Frequency:
    """Count the runs in which all overlaps are below Lambda and all squared norms above .92 sqrt(m / 8)."""
    rng, hits, X, b = np.random.default_rng(x.seed), 0, unit_vectors(x.points), float(x.b)
    for _ in range(x.runs):
        A = counts(X, b, x.m, rng)
        hits += outside(A).max() < float(x.most) and np.diag(A).min() > float(x.norm)
    return Frequency(int(hits), x.runs, float(1 - x.beta))


def bias(p: float) -> float:
    """Return b with Q(b) = p."""
    return float(-ndtri(p))


def next_square(b: float, square: Any) -> np.ndarray:
    """Return Q(b / r) / Q(b), r^2 = square."""
    return ndtr(-b / np.sqrt(np.maximum(square, 1e-300))) / ndtr(-b)


def sparse_chain(X: np.ndarray, d: int, p: float, depth: int, seed: int) -> Iterator[np.ndarray]:
    """Yield the squared norms over their mean before and after each of `depth` layers of d neurons with bias Q^-1(p).

    Before each layer all points are divided by one number, the root of the mean squared norm.
    """
    rng, b = np.random.default_rng(seed), bias(p)
    for _ in range(depth + 1):
        square = (X**2).sum(axis=1)
        yield square / square.mean()
        X = X / np.sqrt(square.mean())
        X = (X @ rng.standard_normal((X.shape[1], d)) > b).astype(float)


def sign_chain(X: np.ndarray, d: int, depth: int, seed: int) -> Iterator[np.ndarray]:
    """Yield the same for sign layers."""
    rng = np.random.default_rng(seed)
    for _ in range(depth + 1):
        square = (X**2).sum(axis=1)
        yield square / square.mean()
        X = signs(X, d, rng)


def spread(square: np.ndarray) -> float:
    """Return the largest relative deviation of a squared norm from the mean."""
    return float(np.abs(square - 1).max())


def random_points(K: int, n: int, seed: int) -> np.ndarray:
    """Return K random unit vectors of R^n."""
    X = np.random.default_rng(seed).standard_normal((K, n))
    return X / np.linalg.norm(X, axis=1, keepdims=True)
