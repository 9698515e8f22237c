"""Sparse ReLU layers drawn with numpy: successes, and what perception finds in their features."""

from typing import Any

import numpy as np
from scipy.special import ndtri

from memlib.evidence import Frequency
from memlib.vershynin.enrichment_floats import outside, preactivations, unit_vectors


def features(X: np.ndarray, m: int, rng: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the inner products of the threshold and of the ReLU features of a layer with p = 1 / sqrt(2 m)."""
    b = float(-ndtri(1 / np.sqrt(2 * m)))
    bits, values = np.zeros((len(X), len(X))), np.zeros((len(X), len(X)))
    for block in preactivations(X, m, rng):
        on, v = (block > b).astype(float), np.maximum(block - b, 0)
        bits += on.T @ on
        values += v.T @ v
    return bits, values


def direct_succeeds(x: Any) -> Frequency:
    """Count the runs in which no inner product is beyond tau and all overlaps and norms are as promised."""
    rng, hits, X = np.random.default_rng(x.seed), 0, unit_vectors(x.points)
    b, tau, A, N = (float(v) for v in (x.b, x.tau, x.overlap, x.norm))
    for _ in range(x.runs):
        gram, largest = np.zeros((len(X), len(X))), 0.0
        for block in preactivations(X, x.m, rng):
            largest = max(largest, float(np.abs(block).max()))
            v = np.maximum(block - b, 0)
            gram += v.T @ v
        hits += bool(largest <= tau and outside(gram).max() < A and np.diag(gram).min() > N)
    return Frequency(int(hits), x.runs, float(1 - 1.5 * x.beta))
